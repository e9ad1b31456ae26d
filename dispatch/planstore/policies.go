package planstore

import (
	"cmp"
	"context"
	_ "embed"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/redis/go-redis/v9"

	"github.com/swmaas/swmaas/dispatch"
)

var _ dispatch.PolicyStore = (*Store)(nil)

//go:embed scripts/policy.lua
var policySource string

// A stored policy is
//
//	byte 0      layout version, 1 to policyVersion
//	bytes 1-8   version of the policy, big-endian
//	bytes 9-    when and by whom it was put, whether it ends the one before it, its text
//
// with the fields as in codec.go. Nothing in it is about a person. An entry of the log has a layout version, the kind of the change, the
// id, and the policy so encoded, as it became or as it was when it was withdrawn.
const policyVersion = 1

// Fields and kinds of the log's entries.
const (
	policyID        = "id"
	policyValue     = "policy"
	policyPut       = "put"
	policyWithdrawn = "withdrawn"
)

// policyKeys are the keys of an area's policies, in the order in which policy.lua wants them.
func policyKeys(area dispatch.AreaID) []string {
	return []string{policiesKey(area), policiesRevKey(area), policiesLogKey(area)}
}

func encodePolicy(p *dispatch.PutPolicy) []byte {
	w := newWriter(p.Version, 32+len(p.By)+len(p.Text))
	w.buf[0] = policyVersion
	w.time(p.At)
	w.text(p.By)
	w.num(asNum(p.EndsPrevious))
	w.text(p.Text)
	return w.buf
}

func decodePolicy(area dispatch.AreaID, id string, raw []byte) (p dispatch.PutPolicy, err error) {
	if len(raw) > 0 && (raw[0] < 1 || raw[0] > policyVersion) {
		return p, &VersionError{"policy", int(raw[0])}
	}
	if len(raw) < headerBytes {
		return p, &DamagedError{"policy", fmt.Sprintf("%d bytes", len(raw))}
	}
	d := reader{what: "policy", buf: raw[headerBytes:]}
	p = dispatch.PutPolicy{ID: id, Area: area, Version: int64(binary.BigEndian.Uint64(raw[1:])), At: d.time(), By: d.text(), EndsPrevious: d.flag(), Text: d.text()}
	return p, d.end()
}

// PolicyRevision implements dispatch.PolicyStore. Errors: dispatch.ErrInvalid and those of Redis.
func (s *Store) PolicyRevision(ctx context.Context, area dispatch.AreaID) (int64, error) {
	if err := checkArea(area); err != nil {
		return 0, err
	}
	revision, err := s.client.Get(ctx, policiesRevKey(area)).Int64()
	if err != nil && !errors.Is(err, redis.Nil) {
		return 0, fmt.Errorf("planstore: revision of the policies of %s: %w", area, err)
	}
	return revision, nil
}

// PutPolicies implements dispatch.PolicyStore. Errors besides those of PolicyRevision: *DamagedError and *VersionError.
func (s *Store) PutPolicies(ctx context.Context, area dispatch.AreaID) ([]dispatch.PutPolicy, int64, error) {
	if err := checkArea(area); err != nil {
		return nil, 0, err
	}
	var rev *redis.StringCmd
	var all *redis.MapStringStringCmd
	_, err := s.client.TxPipelined(ctx, func(p redis.Pipeliner) error {
		rev, all = p.Get(ctx, policiesRevKey(area)), p.HGetAll(ctx, policiesKey(area))
		return nil
	})
	if err != nil && !errors.Is(err, redis.Nil) {
		return nil, 0, fmt.Errorf("planstore: policies of %s: %w", area, err)
	}
	revision, err := rev.Int64()
	if err != nil && !errors.Is(err, redis.Nil) {
		return nil, 0, fmt.Errorf("planstore: policies of %s: %w", area, err)
	}
	list := make([]dispatch.PutPolicy, 0, len(all.Val()))
	for id, raw := range all.Val() {
		p, err := decodePolicy(area, id, []byte(raw))
		if err != nil {
			return nil, 0, fmt.Errorf("planstore: policy %s of %s: %w", id, area, err)
		}
		list = append(list, p)
	}
	slices.SortFunc(list, func(x, y dispatch.PutPolicy) int { return cmp.Compare(x.ID, y.ID) })
	return list, revision, nil
}

// CommitPolicy implements dispatch.PolicyStore. Errors besides dispatch.ErrStale: dispatch.ErrInvalid and those of Redis.
func (s *Store) CommitPolicy(ctx context.Context, c *dispatch.PolicyChange, seen int64) error {
	p := &c.Policy
	if err := checkArea(p.Area); err != nil {
		return err
	}
	if p.ID == "" || p.Version < 1 {
		return fmt.Errorf("planstore: policy %q at version %d: %w", p.ID, p.Version, dispatch.ErrInvalid)
	}
	kind, value := policyPut, encodePolicy(p)
	stored := value
	if c.Withdrawn {
		kind, stored = policyWithdrawn, nil
	}
	revision, err := s.policy.Run(ctx, s.client, policyKeys(p.Area), seen, p.ID, stored, wakeChannel(p.Area),
		fieldVersion, policyVersion, fieldKind, kind, policyID, p.ID, policyValue, value).Int64()
	if err != nil {
		return fmt.Errorf("planstore: policy %s of %s: %w", p.ID, p.Area, err)
	}
	if revision == 0 {
		return fmt.Errorf("planstore: policies of %s are not at revision %d: %w", p.Area, seen, dispatch.ErrStale)
	}
	return nil
}

// PolicyChanges implements dispatch.PolicyStore. Errors: dispatch.ErrInvalid, *DamagedError, *VersionError, and those of Redis.
func (s *Store) PolicyChanges(ctx context.Context, area dispatch.AreaID, before dispatch.EventID, limit int) ([]dispatch.PolicyChange, error) {
	if err := checkArea(area); err != nil {
		return nil, err
	}
	top := "+"
	if before != "" {
		if !validEventID(before) {
			return nil, fmt.Errorf("planstore: changes of policies before %q: not an event id: %w", before, dispatch.ErrInvalid)
		}
		top = "(" + string(before)
	}
	got, err := s.client.XRevRangeN(ctx, policiesLogKey(area), top, "-", int64(limit)).Result()
	if err != nil {
		return nil, fmt.Errorf("planstore: changes of the policies of %s: %w", area, err)
	}
	list := make([]dispatch.PolicyChange, len(got))
	for i := range got {
		if list[i], err = decodePolicyChange(area, &got[i]); err != nil {
			return nil, fmt.Errorf("planstore: changes of the policies of %s: %w", area, err)
		}
	}
	return list, nil
}

func decodePolicyChange(area dispatch.AreaID, m *redis.XMessage) (c dispatch.PolicyChange, err error) {
	text := func(field string) string { s, _ := m.Values[field].(string); return s }
	version, err := strconv.Atoi(text(fieldVersion))
	if err != nil {
		return c, &DamagedError{"event", m.ID + " has no layout version"}
	}
	if version < 1 || version > policyVersion {
		return c, &VersionError{"event", version}
	}
	c = dispatch.PolicyChange{ID: dispatch.EventID(m.ID), Withdrawn: text(fieldKind) == policyWithdrawn}
	c.Policy, err = decodePolicy(area, text(policyID), []byte(text(policyValue)))
	return c, err
}

// PolicyAreas lists the areas of which policies were put while a service ran.
func (s *Store) PolicyAreas(ctx context.Context) ([]dispatch.AreaID, error) {
	areas, err := s.areasLike(ctx, policiesKey("*"))
	if err != nil {
		return nil, fmt.Errorf("planstore: list areas with policies: %w", err)
	}
	return areas, nil
}

// areasLike lists the areas that have a key of the pattern.
func (s *Store) areasLike(ctx context.Context, pattern string) ([]dispatch.AreaID, error) {
	names, err := s.keysLike(ctx, pattern)
	if err != nil {
		return nil, err
	}
	var areas []dispatch.AreaID
	for _, name := range names {
		area, _, _ := strings.Cut(strings.TrimPrefix(name, "dsp:{"), "}")
		if checkArea(dispatch.AreaID(area)) == nil {
			areas = append(areas, dispatch.AreaID(area))
		}
	}
	slices.Sort(areas)
	return slices.Compact(areas), nil
}
