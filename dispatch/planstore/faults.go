package planstore

import (
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/swmaas/swmaas/dispatch"
)

// faults lists where the day is not as it should be.
func (inv *inventory) faults(want *projection) []Fault {
	faults := slices.Concat(inv.valueFaults(want), inv.indexFaults(want.indexes), inv.log.faults, want.faults)
	if stored := strconv.FormatInt(want.revision, 10); inv.revision != stored && !(want.revision == 0 && inv.revision == "") {
		reason := fmt.Sprintf("is %q and the log says %s", inv.revision, stored)
		faults = append([]Fault{{inv.keys.rev(), reason, true}}, faults...)
	}
	return append(faults, inv.eventFaults(want)...)
}

// valueFaults lists the routes, rides and notes that are not stored as they should be, in the order of their keys.
func (inv *inventory) valueFaults(want *projection) []Fault {
	var faults []Fault
	for _, key := range inv.wrongValues(want) {
		raw, there := inv.values[key]
		should, wanted := want.values[key]
		reason := ""
		switch {
		case !there:
			reason = "is missing"
		case !wanted:
			reason = "should not be there: the log does not name it"
		case raw == nil:
			reason = "is no text"
		case storedVersion(*raw) != storedVersion(should):
			reason = fmt.Sprintf("is at version %d and the log has it at %d", storedVersion(*raw), storedVersion(should))
		default:
			reason = fmt.Sprintf("is not what the log has as version %d", storedVersion(should))
		}
		faults = append(faults, Fault{key, reason, true})
	}
	return faults
}

// indexFaults lists where the indexes are not as they should be, in the order of their keys.
func (inv *inventory) indexFaults(want map[string]members) []Fault {
	var faults []Fault
	names := maps.Clone(inv.indexes)
	maps.Copy(names, want)
	for _, name := range slices.Sorted(maps.Keys(names)) {
		is, should := inv.indexes[name], want[name]
		if _, there := inv.indexes[name]; there && is == nil {
			faults = append(faults, Fault{name, "is of another type than an index", true})
			continue
		}
		for _, member := range slices.Sorted(maps.Keys(should)) {
			if score, there := is[member]; !there {
				faults = append(faults, Fault{name, member + " is missing", true})
			} else if score != should[member] {
				faults = append(faults, Fault{name, fmt.Sprintf("%s is at %d instead of %d", member, score, should[member]), true})
			}
		}
		for _, member := range slices.Sorted(maps.Keys(is)) {
			if _, wanted := should[member]; !wanted {
				faults = append(faults, Fault{name, member + " should not be there", true})
			}
		}
	}
	return faults
}

// eventFaults lists where the events and the rides disagree: an event beyond the revision, and a ride that is in another
// state than its last event says. What no event says anything about is not compared.
func (inv *inventory) eventFaults(want *projection) []Fault {
	var faults []Fault
	states := map[string]bool{}
	for s := dispatch.Draft; s <= dispatch.Unmet; s++ {
		states[s.String()] = true
	}
	last := map[dispatch.RideID]string{}
	for i := range inv.log.events {
		e := &inv.log.events[i]
		if e.Ride != "" && states[e.After] {
			last[e.Ride] = e.After
		}
	}
	for _, id := range slices.Sorted(maps.Keys(last)) {
		r, there := want.rides[id]
		switch {
		case !there:
			faults = append(faults, Fault{inv.keys.ride(id), "the log has it as " + last[id] + " and it is not there", false})
		case r.State.String() != last[id]:
			faults = append(faults, Fault{inv.keys.ride(id), fmt.Sprintf("is %s and the log has it as %s", r.State, last[id]), false})
		}
	}
	return faults
}
