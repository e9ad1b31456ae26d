package planstore

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/redis/go-redis/v9"

	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/routing/geo"
)

var _ dispatch.AreaStore = (*Store)(nil)

// A stored area is
//
//	byte 0      layout version, 1 to areaVersion
//	bytes 1-8   version of the entry, big-endian; order.lua compares it
//	bytes 9-    name, municipality, corners, office and its phone number, when and by whom it was changed
//
// with the fields as in codec.go. Nothing in it is about a person.
const areaVersion = 1

// areaField is the one field of an area's hash.
const areaField = "entry"

// SaveArea implements dispatch.AreaStore. Errors besides dispatch.ErrStale: dispatch.ErrInvalid and those of Redis.
func (s *Store) SaveArea(ctx context.Context, a *dispatch.Area) error {
	if err := checkArea(a.ID); err != nil {
		return err
	}
	if a.Version < 1 {
		return fmt.Errorf("planstore: area %s at version %d: %w", a.ID, a.Version, dispatch.ErrInvalid)
	}
	w := newWriter(a.Version, 160)
	w.buf[0] = areaVersion
	w.text(a.Name)
	w.text(a.Municipality)
	for _, p := range [...]geo.LatLng{a.SouthWest, a.NorthEast, a.Office} {
		w.float(p.Lat)
		w.float(p.Lng)
	}
	w.text(a.OfficePhone)
	w.time(a.At)
	w.text(a.By)
	written, err := s.order.Run(ctx, s.client, []string{areaKey(a.ID)}, areaField, versionBytes(a.Version-1), w.buf).Int()
	if err != nil {
		return fmt.Errorf("planstore: area %s: %w", a.ID, err)
	}
	if written == 0 {
		return fmt.Errorf("planstore: area %s is not at version %d: %w", a.ID, a.Version-1, dispatch.ErrStale)
	}
	return nil
}

// Area implements dispatch.AreaStore. Errors besides dispatch.ErrNotFound: dispatch.ErrInvalid, *DamagedError, *VersionError, and those of Redis.
func (s *Store) Area(ctx context.Context, id dispatch.AreaID) (*dispatch.Area, error) {
	if err := checkArea(id); err != nil {
		return nil, err
	}
	raw, err := s.client.HGet(ctx, areaKey(id), areaField).Bytes()
	if errors.Is(err, redis.Nil) {
		return nil, fmt.Errorf("planstore: area %s: %w", id, dispatch.ErrNotFound)
	}
	if err != nil {
		return nil, fmt.Errorf("planstore: area %s: %w", id, err)
	}
	if len(raw) > 0 && (raw[0] < 1 || raw[0] > areaVersion) {
		return nil, &VersionError{"area", int(raw[0])}
	}
	if len(raw) < headerBytes {
		return nil, &DamagedError{"area", fmt.Sprintf("%d bytes", len(raw))}
	}
	d := reader{what: "area", buf: raw[headerBytes:]}
	place := func() geo.LatLng { return geo.LatLng{Lat: d.float(), Lng: d.float()} }
	a := &dispatch.Area{
		ID: id, Version: int64(binary.BigEndian.Uint64(raw[1:])), Name: d.text(), Municipality: d.text(),
		SouthWest: place(), NorthEast: place(), Office: place(), OfficePhone: d.text(), At: d.time(), By: d.text(),
	}
	return a, d.end()
}

// AreaEntries implements dispatch.AreaStore. Errors as Area.
func (s *Store) AreaEntries(ctx context.Context) ([]dispatch.Area, error) {
	ids, err := s.areasLike(ctx, areaKey("*"))
	if err != nil {
		return nil, fmt.Errorf("planstore: list areas: %w", err)
	}
	list := make([]dispatch.Area, 0, len(ids))
	for _, id := range ids {
		a, err := s.Area(ctx, id)
		if err != nil {
			return nil, err
		}
		list = append(list, *a)
	}
	return list, nil
}
