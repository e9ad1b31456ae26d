package fleetstore

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/swmaas/swmaas/vehicles"
	"github.com/swmaas/swmaas/vehicles/cells"
)

// batch is how many reports one run of a script takes: others wait for about 2 ms then.
const batch = 500

// Received is what became of a batch of reports. Stored, Older and the refused ones add up to the batch.
type Received struct {
	Stored  int
	Older   int // ignored: one as new or newer was there
	Refused []Refusal
}

// Refusal is a report that was not looked at further.
type Refusal struct {
	Index int   // in the batch
	Err   error // wraps ErrName, ErrPosition, ErrMoment or ErrAhead
}

// Report takes position reports of any vehicles of the area, in any order: for each vehicle the newest by Seen stays, with
// its cell, and what is not newer than the last known is ignored. A report that cannot be used is refused by itself; a
// speed or heading that makes no sense (negative, not a number, above 500 km/h or 360°) is kept as 0, unknown, because the
// position counts. Times are kept to the microsecond, speed and heading to a hundredth.
//
// It fails with ErrName for the area, or the fault of the server, and then some of the reports may have been stored;
// sending the batch again is harmless.
func (s *Store) Report(ctx context.Context, area string, reports []vehicles.Position) (Received, error) {
	k, err := keysOf(area)
	if err != nil {
		return Received{}, err
	}
	var got Received
	args := make([]any, 0, 2+min(len(reports), batch))
	args = append(args, k.cellPrefix(), int64(s.cfg.KeepFor/time.Second))
	send := func() error {
		if len(args) == 2 {
			return nil
		}
		stored, err := s.report.Run(ctx, s.live, []string{k.positions()}, args...).Int()
		if err != nil {
			return fmt.Errorf("fleetstore: report %d positions in %s: %w", len(args)-2, area, err)
		}
		got.Stored += stored
		got.Older += len(args) - 2 - stored
		args = args[:2]
		return nil
	}
	for i, p := range reports {
		record, err := s.record(p)
		if err != nil {
			got.Refused = append(got.Refused, Refusal{i, err})
			continue
		}
		if args = append(args, record); len(args) == 2+batch {
			if err := send(); err != nil {
				return got, err
			}
		}
	}
	return got, send()
}

// record encodes a usable report.
func (s *Store) record(p vehicles.Position) ([]byte, error) {
	if err := checkID(p.Vehicle); err != nil {
		return nil, err
	}
	cell, err := cells.CellOf(p.At)
	if errors.Is(err, cells.ErrPosition) {
		return nil, fmt.Errorf("%w: vehicle %s", ErrPosition, p.Vehicle)
	}
	if err != nil {
		return nil, fmt.Errorf("fleetstore: vehicle %s: %w", p.Vehicle, err)
	}
	if err := s.checkMoment(p.Vehicle, p.Seen); err != nil {
		return nil, err
	}
	// Written so that NaN fails as well.
	if !(p.SpeedKmh >= 0 && p.SpeedKmh <= maxSpeedKmh) {
		p.SpeedKmh = 0
	}
	if !(p.Heading >= 0 && p.Heading <= 360) {
		p.Heading = 0
	}
	return encodePosition(p, cell), nil
}

// checkMoment fails with ErrMoment or ErrAhead.
func (s *Store) checkMoment(id vehicles.VehicleID, seen time.Time) error {
	if !storable(seen) {
		return fmt.Errorf("%w: vehicle %s", ErrMoment, id)
	}
	if ahead := seen.Sub(s.cfg.Now()); ahead > s.cfg.MaxAhead {
		return fmt.Errorf("%w: vehicle %s by %v", ErrAhead, id, ahead)
	}
	return nil
}

// Position reads where the vehicle was last seen, however long ago. It fails with ErrNoPosition where it is not known,
// ErrName, a *DamagedError, or the fault of the server.
func (s *Store) Position(ctx context.Context, area string, id vehicles.VehicleID) (vehicles.Position, error) {
	k, err := keysOf(area)
	if err != nil {
		return vehicles.Position{}, err
	}
	raw, err := s.live.HGet(ctx, k.positions(), string(id)).Result()
	if errors.Is(err, redis.Nil) {
		return vehicles.Position{}, fmt.Errorf("%w: vehicle %s in %s", ErrNoPosition, id, area)
	}
	if err != nil {
		return vehicles.Position{}, fmt.Errorf("fleetstore: read position of %s in %s: %w", id, area, err)
	}
	return decodePosition(raw)
}

// Positions reads where every vehicle of the area was last seen, however long ago, in no particular order. The caller owns
// the slice. It fails with ErrName, a *DamagedError, or the fault of the server.
func (s *Store) Positions(ctx context.Context, area string) ([]vehicles.Position, error) {
	raw, err := s.records(ctx, area)
	if err != nil {
		return nil, err
	}
	return decodeAll(raw, decodePosition)
}

// records reads all stored positions of the area.
func (s *Store) records(ctx context.Context, area string) ([]string, error) {
	k, err := keysOf(area)
	if err != nil {
		return nil, err
	}
	raw, err := s.live.HVals(ctx, k.positions()).Result()
	if err != nil {
		return nil, fmt.Errorf("fleetstore: read positions of %s: %w", area, err)
	}
	return raw, nil
}

// Forget removes the positions seen before the moment and returns how many. A vehicle that reports meanwhile stays. It
// fails with ErrName, a *DamagedError, or the fault of the server.
func (s *Store) Forget(ctx context.Context, area string, before time.Time) (removed int, err error) {
	raw, err := s.records(ctx, area)
	if err != nil {
		return 0, err
	}
	k, err := keysOf(area)
	if err != nil {
		return 0, err
	}
	args := []any{k.cellPrefix()}
	send := func() error {
		if len(args) == 1 {
			return nil
		}
		n, err := s.forget.Run(ctx, s.live, []string{k.positions()}, args...).Int()
		if err != nil {
			return fmt.Errorf("fleetstore: forget positions of %s: %w", area, err)
		}
		removed += n
		args = args[:1]
		return nil
	}
	for _, record := range raw {
		p, err := decodePosition(record)
		if err != nil {
			return removed, err
		}
		if !p.Seen.Before(before) {
			continue
		}
		if args = append(args, record); len(args) == 1+batch {
			if err := send(); err != nil {
				return removed, err
			}
		}
	}
	return removed, send()
}
