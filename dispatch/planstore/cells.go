package planstore

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/redis/go-redis/v9"

	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/routing/geo"
	"github.com/swmaas/swmaas/vehicles"
	"github.com/swmaas/swmaas/vehicles/cells"
)

// Ends of a cell member's name, after the ride's id.
const (
	pickupEnd  = ":p"
	dropoffEnd = ":d"
)

// cellEntry is one member of a cell's sorted set.
type cellEntry struct {
	cell   vehicles.CellID
	member string
	start  int32 // score: start of the window, service-day seconds
}

// cellEntries lists where an open ride is indexed: its pickup until it is aboard, its dropoff until it has ended. The
// dropoff's window starts when the ride can be there at the earliest. A ride without a position (of an erased person) is
// not indexed.
func cellEntries(r *dispatch.Ride) ([]cellEntry, error) {
	if r == nil || !r.Open() {
		return nil, nil
	}
	entries := make([]cellEntry, 0, 2)
	add := func(p geo.LatLng, end string, start int32) error {
		if p == (geo.LatLng{}) {
			return nil
		}
		cell, err := cells.CellOf(p)
		if err != nil {
			return fmt.Errorf("planstore: ride %s: %w: %w", r.ID, err, dispatch.ErrInvalid)
		}
		entries = append(entries, cellEntry{cell, string(r.ID) + end, start})
		return nil
	}
	from := r.Promise.Pickup.Earliest
	if r.Actual.Board == 0 {
		if err := add(r.Pickup.At, pickupEnd, from); err != nil {
			return nil, err
		}
	}
	if err := add(r.Dropoff.At, dropoffEnd, from+r.Direct); err != nil {
		return nil, err
	}
	return entries, nil
}

// cellChange is one write that commit.lua makes to the index.
type cellChange struct {
	cellEntry
	remove bool
}

// cellChanges lists what leads from the index entries of before to those of after.
func cellChanges(before, after *dispatch.Ride) ([]cellChange, error) {
	was, err := cellEntries(before)
	if err != nil {
		return nil, err
	}
	is, err := cellEntries(after)
	if err != nil {
		return nil, err
	}
	var changes []cellChange
	for _, e := range was {
		if !hasMember(is, e) {
			changes = append(changes, cellChange{e, true})
		}
	}
	for _, e := range is {
		if !slices.Contains(was, e) {
			changes = append(changes, cellChange{e, false})
		}
	}
	return changes, nil
}

// hasMember reports whether the entry's member is in the same cell in the list, at whatever time.
func hasMember(list []cellEntry, e cellEntry) bool {
	for _, o := range list {
		if o.cell == e.cell && o.member == e.member {
			return true
		}
	}
	return false
}

// StopsIn returns the open pickups and planned dropoffs in any of the cells whose window starts within [from, to], both ends
// included, in service-day seconds, in the order of the cells and of time within a cell. It is a filter: the state says
// what they are. The cells are read one after the other and not at one moment.
func (s *Store) StopsIn(ctx context.Context, area dispatch.AreaID, day dispatch.Day, in []vehicles.CellID, from, to int32) ([]dispatch.StopID, error) {
	if err := checkNames(area, day); err != nil {
		return nil, err
	}
	k := keysOf(area, day)
	span := &redis.ZRangeBy{Min: strconv.Itoa(int(from)), Max: strconv.Itoa(int(to))}
	got := make([]*redis.StringSliceCmd, len(in))
	_, err := s.client.Pipelined(ctx, func(p redis.Pipeliner) error {
		for i, c := range in {
			got[i] = p.ZRangeByScore(ctx, k.cells(c), span)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("planstore: stops of %d cells of %s %s: %w", len(in), area, day, err)
	}
	var stops []dispatch.StopID
	for _, cmd := range got {
		for _, member := range cmd.Val() {
			stop, err := stopOfMember(member)
			if err != nil {
				return nil, err
			}
			stops = append(stops, stop)
		}
	}
	return stops, nil
}

func stopOfMember(member string) (dispatch.StopID, error) {
	if id, ok := strings.CutSuffix(member, pickupEnd); ok {
		return dispatch.StopID{Ride: dispatch.RideID(id), Kind: dispatch.PickupStop}, nil
	}
	if id, ok := strings.CutSuffix(member, dropoffEnd); ok {
		return dispatch.StopID{Ride: dispatch.RideID(id), Kind: dispatch.DropoffStop}, nil
	}
	return dispatch.StopID{}, &DamagedError{"index", fmt.Sprintf("cell member %q", member)}
}
