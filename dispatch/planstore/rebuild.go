package planstore

import (
	"context"
	_ "embed"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/swmaas/swmaas/dispatch"
)

//go:embed scripts/rebuild.lua
var rebuildSource string

// Fault is one thing in which the parts of a day disagree. It names ids only.
type Fault struct {
	Key    string // the index, route, ride or stream that is wrong
	Reason string
	// Rebuildable says that Rebuild puts it right: the key is an index, and what it is an index of is there.
	Rebuildable bool
}

// Check compares all parts of a day: the indexes with the routes and rides, and the rides with the events about them. It reads every
// key of the day and is for administration. It fails with dispatch.ErrStale where the day changes quicker than it is read.
func (s *Store) Check(ctx context.Context, area dispatch.AreaID, day dispatch.Day) ([]Fault, error) {
	inv, err := s.inventory(ctx, area, day)
	if err != nil {
		return nil, err
	}
	want, err := inv.wanted()
	if err != nil {
		return nil, err
	}
	return append(inv.indexFaults(want), inv.eventFaults()...), nil
}

// Rebuild makes the indexes of a day anew from its routes and rides and returns what was wrong with it before, faults that it
// cannot put right included. It writes nothing where no index is wrong. Errors as in Check.
func (s *Store) Rebuild(ctx context.Context, area dispatch.AreaID, day dispatch.Day) ([]Fault, error) {
	for range readTries {
		inv, err := s.inventory(ctx, area, day)
		if err != nil {
			return nil, err
		}
		want, err := inv.wanted()
		if err != nil {
			return nil, err
		}
		faults := inv.indexFaults(want)
		if len(faults) == 0 {
			return inv.eventFaults(), nil
		}
		keys, args := inv.rebuildArguments(want)
		written, err := s.rebuild.Run(ctx, s.client, keys, args...).Int()
		if err != nil {
			return nil, fmt.Errorf("planstore: rebuild %s %s: %w", area, day, err)
		}
		if written == 1 {
			return append(faults, inv.eventFaults()...), nil
		}
	}
	return nil, fmt.Errorf("planstore: rebuild %s %s: %w", area, day, dispatch.ErrStale)
}

// rebuildArguments builds KEYS and ARGV of rebuild.lua.
func (inv *inventory) rebuildArguments(want map[string]members) (keys []string, args []any) {
	k := keysOf(inv.state.Area, inv.state.Day)
	keys = []string{k.rev(), k.routes(), k.rides()}
	place := map[string]int{} // of a cell's key in KEYS, counted from 1
	for _, index := range []map[string]members{inv.indexes, want} {
		for _, name := range slices.Sorted(maps.Keys(index)) {
			if name != k.routes() && name != k.rides() && place[name] == 0 {
				keys = append(keys, name)
				place[name] = len(keys)
			}
		}
	}
	var entries []any
	n := 0
	for _, name := range keys[3:] {
		for member, score := range want[name] {
			entries = append(entries, place[name], score, member)
			n++
		}
	}
	args = []any{strconv.FormatInt(inv.revision, 10), len(want[k.routes()]), len(want[k.rides()]), n}
	for _, set := range []string{k.routes(), k.rides()} {
		for id := range want[set] {
			args = append(args, id)
		}
	}
	return keys, append(args, entries...)
}

// indexFaults lists where the indexes are not as they should be, in the order of their keys.
func (inv *inventory) indexFaults(want map[string]members) []Fault {
	var faults []Fault
	names := maps.Clone(inv.indexes)
	maps.Copy(names, want)
	for _, name := range slices.Sorted(maps.Keys(names)) {
		is, should := inv.indexes[name], want[name]
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

// eventFaults lists where the log and the rides disagree: an event beyond the revision, and a ride that is in another
// state than its last event says. What no event says anything about is not compared.
func (inv *inventory) eventFaults() []Fault {
	k := keysOf(inv.state.Area, inv.state.Day)
	var faults []Fault
	states := map[string]bool{}
	for s := dispatch.Draft; s <= dispatch.Unmet; s++ {
		states[s.String()] = true
	}
	last := map[dispatch.RideID]string{}
	for i := range inv.events {
		e := &inv.events[i]
		if eventRevision(e.ID) > inv.revision {
			faults = append(faults, Fault{k.events(), fmt.Sprintf("event %s is beyond revision %d", e.ID, inv.revision), false})
		}
		if e.Ride != "" && states[e.After] {
			last[e.Ride] = e.After
		}
	}
	for _, id := range slices.Sorted(maps.Keys(last)) {
		r, there := inv.state.Rides[id]
		switch {
		case !there:
			faults = append(faults, Fault{k.ride(id), "the log has it as " + last[id] + " and it is not there", false})
		case r.State.String() != last[id]:
			faults = append(faults, Fault{k.ride(id), fmt.Sprintf("is %s and the log has it as %s", r.State, last[id]), false})
		}
	}
	return faults
}
