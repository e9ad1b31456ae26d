package dispatch_test

import (
	"fmt"
	"slices"

	"github.com/swmaas/swmaas/dispatch"
)

// untold lists the promises that are others than the last time although nobody asked for that and nobody has to be told.
func (f *fold) untold(day dispatch.AreaDay, state *dispatch.State) (wrong []string) {
	entries := map[dispatch.RideID][]*dispatch.Tell{}
	for _, n := range state.Notes {
		if t, ok := n.Body.(*dispatch.Tell); ok && t.After != (dispatch.Promise{}) {
			entries[t.Ride] = append(entries[t.Ride], t)
		}
	}
	for id, r := range state.Rides {
		key := rideKey{day, id}
		if r.State != dispatch.Booked && r.State != dispatch.Published {
			delete(f.promises, key)
			continue
		}
		before, known := f.promises[key]
		if !known || f.asked[key] {
			f.agreed[key] = r.Promise
			for _, t := range entries[id] { // and moved before anybody looked
				if t.Told == nil && alike(t.After, r.Promise) {
					f.agreed[key] = t.Before
				}
			}
		}
		entry := func(t *dispatch.Tell) bool { return alike(t.After, r.Promise) }
		if known && !alike(before, r.Promise) && !f.asked[key] && !f.heard(key, entries[id], r.Promise) && !slices.ContainsFunc(entries[id], entry) {
			wrong = append(wrong, fmt.Sprintf("ride %s was promised %+v and is promised %+v, and nobody has to be told, after %q", id, before, r.Promise, f.story[key]))
		}
		f.promises[key] = r.Promise
	}
	clear(f.asked)
	return wrong
}

// heard reports whether a promise is what the rider heard last: what was agreed, or what somebody has told them since.
func (f *fold) heard(key rideKey, entries []*dispatch.Tell, p dispatch.Promise) bool {
	var last *dispatch.Tell
	same := alike(f.agreed[key], p)
	for _, t := range entries {
		if t.Told == nil || t.Told.Channel == dispatch.ChannelOutdated || t.Told.At.Before(f.askedAt[key]) {
			continue
		}
		if t.Told.At.After(f.askedAt[key]) {
			if last == nil || !t.Told.At.Before(last.Told.At) {
				last = t
			}
			continue
		}
		same = same || alike(t.After, p) // at the very moment: nobody knows which was first
	}
	return last == nil && same || last != nil && alike(last.After, p)
}

// alike reports whether two promises are the same to who is told of them.
func alike(p, q dispatch.Promise) bool {
	return p.Pickup == q.Pickup && arrivesBy(p) == arrivesBy(q)
}

// arrivesBy is the second by which somebody is there whose promise is kept.
func arrivesBy(p dispatch.Promise) int32 {
	if p.ArriveBy > 0 {
		return p.ArriveBy
	}
	return p.Pickup.Latest + p.MaxRide
}
