package dispatch

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/swmaas/swmaas/vehicles"
)

// StopChange is how a stop differs from what its driver was given.
type StopChange struct {
	StopID
	Kind          string // ChangeAdded and the like
	Before, After int32  // planned arrival, 0 where there is none
	leaveBy       int32  // the earlier of when the vehicle leaves for it, as published and as planned
}

// How a stop can differ from what was published.
const (
	ChangeAdded   = "added"
	ChangeRemoved = "removed" // cancelled, or on another vehicle
	ChangeMoved   = "moved"   // another place in the order
	ChangeRetimed = "retimed" // by more than Rules.RetimeTolerance, or promised for another time
	ChangeNeeds   = "needs"   // another party, place or purpose
)

// ManifestState is how the manifest of a shift stands: what was published of it, and what has changed since.
type ManifestState struct {
	Shift   vehicles.ShiftID
	Vehicle vehicles.VehicleID
	Number  int64 // 0: nothing was published
	At      time.Time
	By, Why string
	Acked   Acknowledgement
	Changes []StopChange
}

// Manifests lists how the manifests of a day stand, by vehicle and time; shifts without stops of which nothing was published
// are left out.
func (d *Desk) Manifests(ctx context.Context, area AreaID, day Day) ([]ManifestState, error) {
	a, err := d.open(ctx, area, day)
	if err != nil {
		return nil, err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	var out []ManifestState
	for i := range a.shifts {
		route := a.routeLocked(a.shifts[i].ID)
		_, was := a.state.published(route.Shift)
		if was == nil && len(route.Stops) == 0 {
			continue
		}
		m := ManifestState{Shift: route.Shift, Vehicle: a.shifts[i].Vehicle, Changes: a.changesSince(route, was, nil)}
		if was != nil {
			m.Number, m.At, m.By, m.Why, m.Acked = was.Number, was.At, was.By, was.Why, was.Acked
		}
		out = append(out, m)
	}
	return out, nil
}

// changesSince compares the unfinished part of a route with what was published of it. changed are rides in the place of the state's.
// a.mu is held.
func (a *areaDay) changesSince(route *Route, was *Publication, changed map[RideID]*Ride) []StopChange {
	var before []PublishedStop
	if was != nil {
		before = was.Stops
	}
	return a.compare(route, before, a.snapshotOf(route, changed), changed)
}

// compare lists how one manifest of a route differs from an earlier one in what is not finished, in the order of the later one, removed
// stops last. changed are rides in the place of the state's. a.mu is held.
func (a *areaDay) compare(route *Route, before, after []PublishedStop, changed map[RideID]*Ride) (changes []StopChange) {
	finished := map[StopID]bool{}
	for _, s := range route.Stops {
		finished[s.StopID] = s.State.Finished()
	}
	over := func(s PublishedStop) bool { return finished[s.StopID] }
	after = slices.DeleteFunc(slices.Clone(after), over)
	before = slices.DeleteFunc(slices.Clone(before), over)
	kept := commonOrder(before, after)
	for _, s := range after {
		k := slices.IndexFunc(before, func(b PublishedStop) bool { return b.StopID == s.StopID })
		if k < 0 {
			changes = append(changes, StopChange{s.StopID, ChangeAdded, 0, s.Arrive, s.LeaveBy})
			continue
		}
		b := before[k]
		ride := cmp.Or(changed[s.Ride], a.state.Rides[s.Ride])
		add := func(kind string) {
			changes = append(changes, StopChange{s.StopID, kind, b.Arrive, s.Arrive, min(b.LeaveBy, s.LeaveBy)})
		}
		if !kept[s.StopID] {
			add(ChangeMoved)
		}
		if off := s.Arrive - b.Arrive; max(off, -off) > a.desk.cfg.Rules.RetimeTolerance || s.NotBefore != b.NotBefore || s.Latest != b.Latest {
			add(ChangeRetimed)
		}
		if ride != nil && ride.Amended > b.Seen {
			add(ChangeNeeds)
		}
	}
	for _, b := range before {
		if !slices.ContainsFunc(after, func(s PublishedStop) bool { return s.StopID == b.StopID }) {
			changes = append(changes, StopChange{b.StopID, ChangeRemoved, b.Arrive, 0, b.LeaveBy})
		}
	}
	return changes
}

// commonOrder are the stops of a longest common subsequence of the two: those whose order has not changed.
func commonOrder(before, after []PublishedStop) map[StopID]bool {
	n, m := len(before), len(after)
	length := make([]int, (n+1)*(m+1)) // [i*(m+1)+j] of the parts from i and from j on
	for i := n - 1; i >= 0; i-- {
		for j := m - 1; j >= 0; j-- {
			if before[i].StopID == after[j].StopID {
				length[i*(m+1)+j] = length[(i+1)*(m+1)+j+1] + 1
			} else {
				length[i*(m+1)+j] = max(length[(i+1)*(m+1)+j], length[i*(m+1)+j+1])
			}
		}
	}
	kept := map[StopID]bool{}
	for i, j := 0, 0; i < n && j < m; {
		switch {
		case before[i].StopID == after[j].StopID:
			kept[before[i].StopID] = true
			i, j = i+1, j+1
		case length[(i+1)*(m+1)+j] >= length[i*(m+1)+j+1]:
			i++
		default:
			j++
		}
	}
	return kept
}

// String says a change in a few words, for logs and tests.
func (c StopChange) String() string {
	word := "pickup"
	if c.StopID.Kind == DropoffStop {
		word = "dropoff"
	}
	return strings.Join([]string{c.Kind, string(c.Ride), word}, " ")
}
