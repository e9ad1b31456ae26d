package planstore

import (
	"cmp"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/redis/go-redis/v9"

	"github.com/swmaas/swmaas/dispatch"
)

var _ dispatch.OrderStore = (*Store)(nil)

//go:embed scripts/order.lua
var orderSource string

// A stored standing order is
//
//	byte 0      layout version, 1 to orderVersion
//	bytes 1-8   version of the order, big-endian; in every layout, because order.lua compares it
//	bytes 9-    rider, sealed order
//
// with text as in codec.go. Where somebody lives and goes, and when, is in all parts of an order, so all of it is sealed with
// the rider's key: JSON of dispatch.StandingOrder, whose fields are added and never renamed.
const orderVersion = 1

// orderField ties a sealed order to its record, so that it opens nowhere else.
func orderField(id dispatch.OrderID) string { return "order:" + string(id) }

// SaveOrder implements dispatch.OrderStore. Errors besides those of the interface: dispatch.ErrInvalid, dispatch.ErrNotFound
// for the order of an erased person, and those of Redis and of the sealer.
func (s *Store) SaveOrder(ctx context.Context, o *dispatch.StandingOrder) error {
	if err := checkArea(o.Area); err != nil {
		return err
	}
	if o.ID == "" || o.Version < 1 {
		return fmt.Errorf("planstore: standing order %q at version %d: %w", o.ID, o.Version, dispatch.ErrInvalid)
	}
	plain, err := json.Marshal(o)
	if err != nil {
		return fmt.Errorf("planstore: standing order %s: %w", o.ID, err)
	}
	sealed, err := s.vault.sealer.Seal(string(o.Area), string(o.Rider), orderField(o.ID), plain)
	if erased(err) {
		return fmt.Errorf("planstore: standing order %s of an erased person: %w", o.ID, dispatch.ErrNotFound)
	}
	if err != nil {
		return fmt.Errorf("planstore: seal standing order %s: %w", o.ID, err)
	}
	w := newWriter(o.Version, 16+len(o.Rider)+len(sealed))
	w.buf[0] = orderVersion
	w.text(string(o.Rider))
	w.text(string(sealed))
	written, err := s.order.Run(ctx, s.client, []string{ordersKey(o.Area)}, string(o.ID), versionBytes(o.Version-1), w.buf).Int()
	if err != nil {
		return fmt.Errorf("planstore: standing order %s: %w", o.ID, err)
	}
	if written == 0 {
		return fmt.Errorf("planstore: standing order %s is not at version %d: %w", o.ID, o.Version-1, dispatch.ErrStale)
	}
	return nil
}

// RemoveOrder implements dispatch.OrderStore. Errors besides those of the interface: dispatch.ErrInvalid, and those of Redis.
func (s *Store) RemoveOrder(ctx context.Context, area dispatch.AreaID, id dispatch.OrderID, version int64) error {
	if err := checkArea(area); err != nil {
		return err
	}
	removed, err := s.order.Run(ctx, s.client, []string{ordersKey(area)}, string(id), versionBytes(version), "").Int()
	if err != nil {
		return fmt.Errorf("planstore: remove standing order %s: %w", id, err)
	}
	if removed == 0 {
		return fmt.Errorf("planstore: standing order %s is not at version %d: %w", id, version, dispatch.ErrStale)
	}
	return nil
}

// Order implements dispatch.OrderStore. Errors besides those of the interface: dispatch.ErrInvalid, *DamagedError, *VersionError,
// and those of Redis and of the sealer. The order of an erased person is not found.
func (s *Store) Order(ctx context.Context, area dispatch.AreaID, id dispatch.OrderID) (*dispatch.StandingOrder, error) {
	if err := checkArea(area); err != nil {
		return nil, err
	}
	raw, err := s.client.HGet(ctx, ordersKey(area), string(id)).Bytes()
	if err != nil && !errors.Is(err, redis.Nil) {
		return nil, fmt.Errorf("planstore: standing order %s: %w", id, err)
	}
	var o *dispatch.StandingOrder
	if err == nil {
		if o, err = s.openOrder(area, id, raw); err != nil {
			return nil, err
		}
	}
	if o == nil {
		return nil, fmt.Errorf("planstore: standing order %s: %w", id, dispatch.ErrNotFound)
	}
	return o, nil
}

// Orders implements dispatch.OrderStore. Errors as Order.
func (s *Store) Orders(ctx context.Context, area dispatch.AreaID) ([]*dispatch.StandingOrder, error) {
	if err := checkArea(area); err != nil {
		return nil, err
	}
	all, err := s.client.HGetAll(ctx, ordersKey(area)).Result()
	if err != nil {
		return nil, fmt.Errorf("planstore: standing orders of %s: %w", area, err)
	}
	var list []*dispatch.StandingOrder
	for id, raw := range all {
		o, err := s.openOrder(area, dispatch.OrderID(id), []byte(raw))
		if err != nil {
			return nil, err
		}
		if o != nil {
			list = append(list, o)
		}
	}
	slices.SortFunc(list, func(x, y *dispatch.StandingOrder) int { return cmp.Compare(x.ID, y.ID) })
	return list, nil
}

// openOrder decodes and opens a stored order; it is nil where the person was erased.
func (s *Store) openOrder(area dispatch.AreaID, id dispatch.OrderID, raw []byte) (*dispatch.StandingOrder, error) {
	if len(raw) > 0 && (raw[0] < 1 || raw[0] > orderVersion) {
		return nil, &VersionError{"standing order", int(raw[0])}
	}
	if len(raw) < headerBytes {
		return nil, &DamagedError{"standing order", fmt.Sprintf("%d bytes", len(raw))}
	}
	d := reader{what: "standing order", buf: raw[headerBytes:]}
	rider, sealed := d.text(), []byte(d.text())
	if err := d.end(); err != nil {
		return nil, err
	}
	plain, err := s.vault.sealer.Open(string(area), rider, orderField(id), sealed)
	if erased(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("planstore: open standing order %s: %w", id, err)
	}
	o := new(dispatch.StandingOrder)
	if err := json.Unmarshal(plain, o); err != nil {
		return nil, &DamagedError{"standing order", "not readable after opening"}
	}
	return o, nil
}

// OrderAreas lists the areas that have standing orders.
func (s *Store) OrderAreas(ctx context.Context) ([]dispatch.AreaID, error) {
	areas, err := s.areasLike(ctx, ordersKey("*"))
	if err != nil {
		return nil, fmt.Errorf("planstore: list areas with standing orders: %w", err)
	}
	return areas, nil
}
