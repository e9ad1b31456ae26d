package planstore

import (
	"context"
	"fmt"
	"strings"

	"github.com/redis/go-redis/v9"

	"github.com/swmaas/swmaas/dispatch"
)

// ForgetPlaces takes the open rides of somebody erased out of the cells of every day: where they were to be fetched and brought is
// told by the cell alone. It is for after EraseRider, and may be repeated; a ride whose places can still be read keeps its
// entries. Errors: dispatch.ErrInvalid, those of Redis and of the sealer.
func (s *Store) ForgetPlaces(ctx context.Context, area dispatch.AreaID, rider dispatch.RiderID) error {
	if err := checkArea(area); err != nil {
		return err
	}
	days, err := s.Days(ctx)
	if err != nil {
		return err
	}
	for _, day := range days {
		if day.Area != area {
			continue
		}
		if err := s.forgetPlaces(ctx, day, rider); err != nil {
			return fmt.Errorf("planstore: forget the places of %s on %s %s: %w", rider, day.Area, day.Day, err)
		}
	}
	return nil
}

// forgetPlaces is ForgetPlaces for one day.
func (s *Store) forgetPlaces(ctx context.Context, day dispatch.AreaDay, rider dispatch.RiderID) error {
	state, err := s.Load(ctx, day.Area, day.Day)
	if err != nil {
		return err
	}
	var members []any
	for id, r := range state.Rides {
		if r.Rider == rider && r.Pickup == (dispatch.Place{}) && r.Dropoff == (dispatch.Place{}) {
			members = append(members, string(id)+pickupEnd, string(id)+dropoffEnd)
		}
	}
	if len(members) == 0 {
		return nil
	}
	k := keysOf(day.Area, day.Day)
	names, err := s.scan(ctx, k)
	if err != nil {
		return err
	}
	_, err = s.client.Pipelined(ctx, func(p redis.Pipeliner) error {
		for _, name := range names {
			if strings.HasPrefix(name, k.cellPrefix()) {
				p.ZRem(ctx, name, members...)
			}
		}
		return nil
	})
	return err
}
