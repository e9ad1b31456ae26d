package dispatch

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/swmaas/swmaas/routing/geo"
	"github.com/swmaas/swmaas/vehicles"
)

// Storm is a note of a day on which snow or a storm does not let everything go its way: in an area and for a time only what cannot
// wait is driven.
type Storm struct {
	Window Window       // in which rides may begin, in the day's seconds
	Shape  []geo.LatLng // polygon of the area that rides begin or end in; empty is everywhere
	// Keep are the purposes that are driven all the same. Whoever is out already is brought home, whatever the purpose.
	Keep     []string
	Snow     SnowDepth // of the roads there meanwhile; empty for ordinary roads
	Document string    // number of the notice that it comes from, may be empty
	By       string    // subject of who set it last
	At       time.Time
	Lifted   bool
}

func (*Storm) note() {}

// roads is what the storm does to the roads, or nil.
func (b *Storm) roads() *Condition {
	if b.Lifted || b.Snow == "" {
		return nil
	}
	return &Condition{Kind: RoadSnow, Shape: b.Shape, Snow: b.Snow, Window: b.Window}
}

// keeps reports whether rides of a purpose are driven.
func (b *Storm) keeps(purpose string) bool { return slices.Contains(b.Keep, purpose) }

// stops reports whether the storm keeps a ride under a promise from being driven. What is known of its trip is not looked at.
func (b *Storm) stops(ride *Ride, p *Promise) bool {
	if b.Lifted || b.keeps(ride.Purpose) || p.Pickup.Latest < b.Window.Earliest || p.Pickup.Earliest >= b.Window.Latest {
		return false
	}
	return len(b.Shape) == 0 || inside(b.Shape, ride.Pickup.At) || inside(b.Shape, ride.Dropoff.At)
}

// inside reports whether a position lies in a polygon, by the even-odd rule.
func inside(polygon []geo.LatLng, p geo.LatLng) bool {
	in := false
	for i, j := 0, len(polygon)-1; i < len(polygon); j, i = i, i+1 {
		a, b := polygon[i], polygon[j]
		if (a.Lat > p.Lat) != (b.Lat > p.Lat) && p.Lng < (b.Lng-a.Lng)*(p.Lat-a.Lat)/(b.Lat-a.Lat)+a.Lng {
			in = !in
		}
	}
	return in
}

// validate reports the first field that cannot be used.
func (b *Storm) validate() error {
	switch {
	case b.Window.Earliest < 0 || b.Window.Latest <= b.Window.Earliest || b.Window.Latest > vehicles.MaxDaySecond:
		return fmt.Errorf("%w: storm: times: from second %d to %d of the day", ErrInvalid, b.Window.Earliest, b.Window.Latest)
	case b.Snow != "" && b.Snow != LightSnow && b.Snow != HeavySnow:
		return fmt.Errorf("%w: storm: snow: %q is neither LIGHT nor HEAVY", ErrInvalid, b.Snow)
	case len(b.Shape) > 0 && len(b.Shape) < 3 || len(b.Shape) > mostCorners:
		return fmt.Errorf("%w: storm: area: %d corners; it has 3 to %d", ErrInvalid, len(b.Shape), mostCorners)
	case len(b.Keep) > mostKept:
		return fmt.Errorf("%w: storm: keep: more than %d purposes", ErrInvalid, mostKept)
	}
	return nil
}

// mostKept is how many purposes may be named.
const mostKept = 50

// storms lists those that hold, by note.
func (s *State) storms() (list []*Storm) {
	type row struct {
		id NoteID
		b  *Storm
	}
	var rows []row
	notesOf(s, func(n *Note, b *Storm) {
		if !b.Lifted {
			rows = append(rows, row{n.ID, b})
		}
	})
	slices.SortFunc(rows, func(x, y row) int { return cmp.Compare(x.id, y.id) })
	for _, r := range rows {
		list = append(list, r.b)
	}
	return list
}

// calm leaves out the promises that a storm does not let the ride have. Who is out already, or will be in spite of the storm, is
// brought home. The list that is returned may share memory with the one given.
func (s *State) calm(ride *Ride, candidates []candidate) []candidate {
	storms := s.storms()
	if len(storms) == 0 || s.out(ride) {
		return candidates
	}
	return slices.DeleteFunc(candidates, func(c candidate) bool {
		return slices.ContainsFunc(storms, func(b *Storm) bool { return b.stops(ride, &c.promise) })
	})
}

// out reports whether the rider of a ride is away from home when it begins: the ride before it is, or will be, driven.
func (s *State) out(ride *Ride) bool {
	before := s.Rides[ride.Linked]
	return before != nil && (before.State == UnderWay || before.State == Completed || before.awaits())
}

// postpone takes the rides out of the plan that the storms of the day do not let be driven, with the legs of their trips after them.
func (m *mending) postpone() {
	s := m.a.state
	storms := s.storms()
	if len(storms) == 0 {
		return
	}
	var ids []RideID
	for id, ride := range s.Rides {
		if ride.awaits() || ride.State == Offered {
			ids = append(ids, id)
		}
	}
	slices.SortFunc(ids, func(x, y RideID) int { // legs after those before them
		bx, _ := s.Trip(x)
		by, _ := s.Trip(y)
		return cmp.Or(cmp.Compare(len(bx), len(by)), cmp.Compare(x, y))
	})
	for _, id := range ids {
		ride := s.Rides[id]
		if stop := s.stop(StopID{id, PickupStop}); stop != nil && stop.State != Pending {
			continue
		}
		first := s.Rides[ride.Linked]
		home := first != nil && m.out[first.ID] // the way there is not driven either
		stopped := slices.ContainsFunc(storms, func(b *Storm) bool { return b.stops(ride, &ride.Promise) })
		if !home && (!stopped || s.out(ride)) {
			continue
		}
		m.out[id] = true
		m.put = append(m.put, m.waitlisted(ride))
	}
}

// waitlisted is a ride that waits for better weather, or one whose offer ends.
func (m *mending) waitlisted(ride *Ride) *Ride {
	if ride.State == Offered {
		after, _ := lapse(ride)
		return after
	}
	after := ride.next(Draft)
	after.Reason, after.Promise, after.Locks, after.Held = ReasonPostponed, Promise{}, Locks{}, time.Time{}
	after.Call = Call{} // who waits for better weather calls for nothing meanwhile, and is offered a time
	return after
}

// putOff takes a ride out for as long as the storm lasts.
func (m *mending) putOff(after *Ride) {
	kind := RidePostponed
	if before := m.a.state.Rides[after.ID]; before.State == Offered {
		_, kind = lapse(before)
	} else {
		m.done.Postponed = append(m.done.Postponed, after.ID)
	}
	m.s.end(after)
	m.s.note(m.by, kind, after, m.code)
}
