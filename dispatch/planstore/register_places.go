package planstore

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"slices"

	"github.com/redis/go-redis/v9"

	"github.com/swmaas/swmaas/dispatch"
)

//go:embed scripts/places.lua
var placesSource string

// placeVersion begins an encoded place; another layout would begin with another byte.
const placeVersion = 1

// SavePlaces replaces the public places of an area in one step. Nothing personal may be among them: they are readable in
// Redis. It fails with dispatch.ErrInvalid where an id is empty or comes twice.
func (s *Register) SavePlaces(ctx context.Context, area dispatch.AreaID, places []dispatch.KnownPlace) error {
	if err := checkArea(area); err != nil {
		return err
	}
	k := registerKeysOf(area)
	args, seen := make([]any, 0, 2*len(places)), make(map[string]bool, len(places))
	for i := range places {
		p := &places[i]
		if p.ID == "" || seen[p.ID] {
			return fmt.Errorf("planstore: places of %s: id %q is empty or comes twice: %w", area, p.ID, dispatch.ErrInvalid)
		}
		seen[p.ID] = true
		args = append(args, p.ID, encodePlace(p))
	}
	if err := s.store.Run(ctx, s.client, []string{k.places(), k.placesRev()}, args...).Err(); err != nil {
		return fmt.Errorf("planstore: save places of %s: %w", area, err)
	}
	return nil
}

// Places returns the public places of an area by id, and their revision. Where the revision is still the known one they are
// not read: the list is nil then. An area that has none is at revision 0.
func (s *Register) Places(ctx context.Context, area dispatch.AreaID, known int64) ([]dispatch.KnownPlace, int64, error) {
	if err := checkArea(area); err != nil {
		return nil, 0, err
	}
	k := registerKeysOf(area)
	revision, err := s.client.Get(ctx, k.placesRev()).Int64()
	if errors.Is(err, redis.Nil) {
		return nil, 0, nil
	}
	if err != nil {
		return nil, 0, fmt.Errorf("planstore: places of %s: %w", area, err)
	}
	if revision == known {
		return nil, revision, nil
	}
	got, err := s.client.HGetAll(ctx, k.places()).Result()
	if err != nil {
		return nil, 0, fmt.Errorf("planstore: places of %s: %w", area, err)
	}
	places := make([]dispatch.KnownPlace, 0, len(got))
	for id, raw := range got {
		p, err := decodePlace(id, []byte(raw))
		if err != nil {
			return nil, 0, fmt.Errorf("planstore: places of %s: %w", area, err)
		}
		places = append(places, p)
	}
	slices.SortFunc(places, func(a, b dispatch.KnownPlace) int {
		if a.ID < b.ID {
			return -1
		}
		return 1
	})
	return places, revision, nil
}

func encodePlace(p *dispatch.KnownPlace) []byte {
	w := writer{append(make([]byte, 0, 128), placeVersion)}
	w.text(string(p.Kind))
	w.text(p.Kana)
	w.num(int64(p.Popularity))
	writeSaved(&w, &p.SavedPlace)
	return w.buf
}

func decodePlace(id string, raw []byte) (dispatch.KnownPlace, error) {
	if len(raw) == 0 {
		return dispatch.KnownPlace{}, &DamagedError{"place", "no bytes"}
	}
	if raw[0] != placeVersion {
		return dispatch.KnownPlace{}, &VersionError{"place", int(raw[0])}
	}
	d := &reader{what: "place", buf: raw[1:]}
	p := dispatch.KnownPlace{ID: id, Kind: dispatch.PlaceKind(d.text()), Kana: d.text(), Popularity: d.int32()}
	p.SavedPlace = readSaved(d)
	return p, d.end()
}

// maxEdits bounds how often an edit is made again after another one came between.
const maxEdits = 16

// EditPlace implements dispatch.PlaceStore. Errors besides those of change: dispatch.ErrInvalid, dispatch.ErrStale where others
// edit all the time, and those of Redis.
func (s *Register) EditPlace(ctx context.Context, area dispatch.AreaID, id string, change func(*dispatch.KnownPlace) (*dispatch.KnownPlace, error)) error {
	if err := checkArea(area); err != nil {
		return err
	}
	k := registerKeysOf(area)
	for range maxEdits {
		err := s.client.Watch(ctx, func(tx *redis.Tx) error {
			var there *dispatch.KnownPlace
			raw, err := tx.HGet(ctx, k.places(), id).Bytes()
			if err != nil && !errors.Is(err, redis.Nil) {
				return err
			}
			if err == nil {
				p, err := decodePlace(id, raw)
				if err != nil {
					return err
				}
				there = &p
			}
			after, err := change(there)
			if err != nil || after == nil && there == nil {
				return err
			}
			_, err = tx.TxPipelined(ctx, func(p redis.Pipeliner) error {
				if after == nil {
					p.HDel(ctx, k.places(), id)
				} else {
					p.HSet(ctx, k.places(), id, encodePlace(after))
				}
				p.Incr(ctx, k.placesRev())
				return nil
			})
			return err
		}, k.placesRev())
		if !errors.Is(err, redis.TxFailedErr) {
			if err != nil {
				return fmt.Errorf("planstore: place %s of %s: %w", id, area, err)
			}
			return nil
		}
	}
	return fmt.Errorf("planstore: place %s of %s: %w", id, area, dispatch.ErrStale)
}
