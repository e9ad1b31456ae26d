package fleetstore

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/redis/go-redis/v9"

	"github.com/swmaas/swmaas/vehicles"
)

// SaveFleet makes f the fleet of the area, in one step: what is not in f is gone. It fails with what Fleet.Validate
// reports, ErrName, or the fault of the server; then nothing is changed.
func (s *Store) SaveFleet(ctx context.Context, area string, f vehicles.Fleet) error {
	k, err := keysOf(area)
	if err != nil {
		return err
	}
	return s.saveFleet(ctx, s.durable, area, k, f)
}

// transactor is who writes several keys in one step.
type transactor interface {
	TxPipelined(ctx context.Context, fn func(redis.Pipeliner) error) ([]redis.Cmder, error)
}

func (s *Store) saveFleet(ctx context.Context, tx transactor, area string, k areaKeys, f vehicles.Fleet) error {
	if err := f.Validate(); err != nil {
		return fmt.Errorf("fleetstore: fleet of %s: %w", area, err)
	}
	facilities, cars, drivers := make([]any, 0, 2*len(f.Facilities)), make([]any, 0, 2*len(f.Vehicles)), make([]any, 0, 2*len(f.Drivers))
	for _, x := range f.Facilities {
		facilities = append(facilities, string(x.ID), encodeFacility(x))
	}
	for _, x := range f.Vehicles {
		if err := checkID(x.ID); err != nil {
			return err
		}
		cars = append(cars, string(x.ID), encodeVehicle(x))
	}
	for _, x := range f.Drivers {
		phone, err := s.sealPhone(area, x)
		if err != nil {
			return err
		}
		drivers = append(drivers, string(x.ID), encodeDriver(x, phone))
	}
	_, err := tx.TxPipelined(ctx, func(p redis.Pipeliner) error {
		replace(ctx, p, k.facilities(), facilities)
		replace(ctx, p, k.vehicles(), cars)
		replace(ctx, p, k.drivers(), drivers)
		return nil
	})
	if err != nil {
		return fmt.Errorf("fleetstore: save fleet of %s: %w", area, err)
	}
	return nil
}

// replace queues what makes a hash hold just the given fields and values.
func replace(ctx context.Context, p redis.Pipeliner, key string, fields []any) {
	p.Del(ctx, key)
	if len(fields) > 0 {
		p.HSet(ctx, key, fields...)
	}
}

// Fleet reads the fleet of the area, each list in the order of the ids; an area that nothing was saved for has an empty
// one. The caller owns the result. It fails with ErrName, a *DamagedError, or the fault of the server.
func (s *Store) Fleet(ctx context.Context, area string) (vehicles.Fleet, error) {
	k, err := keysOf(area)
	if err != nil {
		return vehicles.Fleet{}, err
	}
	var facilities, cars, drivers *redis.StringSliceCmd
	_, err = s.durable.TxPipelined(ctx, func(p redis.Pipeliner) error {
		facilities, cars, drivers = p.HVals(ctx, k.facilities()), p.HVals(ctx, k.vehicles()), p.HVals(ctx, k.drivers())
		return nil
	})
	if err != nil {
		return vehicles.Fleet{}, fmt.Errorf("fleetstore: read fleet of %s: %w", area, err)
	}
	var f vehicles.Fleet
	if f.Facilities, err = decodeAll(facilities.Val(), decodeFacility); err != nil {
		return vehicles.Fleet{}, err
	}
	if f.Vehicles, err = decodeAll(cars.Val(), decodeVehicle); err != nil {
		return vehicles.Fleet{}, err
	}
	open := func(raw string) (vehicles.Driver, error) { return s.openDriver(area, raw) }
	if f.Drivers, err = decodeAll(drivers.Val(), open); err != nil {
		return vehicles.Fleet{}, err
	}
	slices.SortFunc(f.Facilities, func(a, b vehicles.Facility) int { return cmp.Compare(a.ID, b.ID) })
	slices.SortFunc(f.Vehicles, func(a, b vehicles.Vehicle) int { return cmp.Compare(a.ID, b.ID) })
	slices.SortFunc(f.Drivers, func(a, b vehicles.Driver) int { return cmp.Compare(a.ID, b.ID) })
	return f, nil
}

func decodeAll[T any](raw []string, decode func(string) (T, error)) ([]T, error) {
	all := make([]T, 0, len(raw))
	for _, r := range raw {
		v, err := decode(r)
		if err != nil {
			return nil, err
		}
		all = append(all, v)
	}
	return all, nil
}

// SaveShifts makes the shifts those of the area's service day ("2026-01-20"), own rounds and breaks as given, in one step:
// what is not among them is gone. It fails with what Shift.Validate reports, ErrName (for a repeated id as well), or the
// fault of the server; then nothing is changed.
func (s *Store) SaveShifts(ctx context.Context, area, day string, shifts []vehicles.Shift) error {
	key, err := shiftsKey(area, day)
	if err != nil {
		return err
	}
	seen := make(map[vehicles.ShiftID]bool, len(shifts))
	fields := make([]any, 0, 2*len(shifts))
	for _, x := range shifts {
		if err := x.Validate(); err != nil {
			return fmt.Errorf("fleetstore: shifts of %s %s: %w", area, day, err)
		}
		if seen[x.ID] {
			return fmt.Errorf("%w: shift %q is there twice", ErrName, x.ID)
		}
		seen[x.ID] = true
		fields = append(fields, string(x.ID), encodeShift(x))
	}
	_, err = s.durable.TxPipelined(ctx, func(p redis.Pipeliner) error {
		replace(ctx, p, key, fields)
		return nil
	})
	if err != nil {
		return fmt.Errorf("fleetstore: save shifts of %s %s: %w", area, day, err)
	}
	return nil
}

// Shifts reads the shifts of the area's service day in the order of their ids; a day that none were saved for has none. The
// caller owns the result. It fails with ErrName, a *DamagedError, or the fault of the server.
func (s *Store) Shifts(ctx context.Context, area, day string) ([]vehicles.Shift, error) {
	key, err := shiftsKey(area, day)
	if err != nil {
		return nil, err
	}
	raw, err := s.durable.HVals(ctx, key).Result()
	if err != nil {
		return nil, fmt.Errorf("fleetstore: read shifts of %s %s: %w", area, day, err)
	}
	shifts, err := decodeAll(raw, decodeShift)
	if err != nil {
		return nil, err
	}
	slices.SortFunc(shifts, func(a, b vehicles.Shift) int { return cmp.Compare(a.ID, b.ID) })
	return shifts, nil
}

func shiftsKey(area, day string) (string, error) {
	k, err := keysOf(area)
	if err != nil {
		return "", err
	}
	return k.shifts(day)
}
