package planstore

import (
	"context"
	_ "embed"
	"encoding/binary"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/swmaas/swmaas/dispatch"
)

//go:embed scripts/rebuild.lua
var rebuildSource string

// Fault is one thing in which the parts of a day disagree. It names ids only.
type Fault struct {
	Key    string // the index, route, ride, note, revision or stream that is wrong
	Reason string
	// Rebuildable says that Rebuild puts it right.
	Rebuildable bool
}

// Check makes the routes, the rides, the notes, the revision and the indexes of a day anew from its log of events, in memory, and lists
// where what is stored differs. It reads every key of the day and is for administration. It fails with dispatch.ErrStale
// where the day changes quicker than it is read, and with the faults of Redis and of the sealer.
//
// The log is the truth as far as it goes. Where it does not go back to the first commit, because events were dropped or a
// release wrote the day that did not log values, what it does not name is taken as stored.
func (s *Store) Check(ctx context.Context, area dispatch.AreaID, day dispatch.Day) ([]Fault, error) {
	inv, err := s.inventory(ctx, area, day)
	if err != nil {
		return nil, err
	}
	want, err := s.wanted(inv)
	if err != nil {
		return nil, err
	}
	return inv.faults(want), nil
}

// Rebuild stores what Check finds to be different as the log says and returns everything that was wrong before, faults that
// it cannot put right included. It writes nothing where nothing is wrong. Errors as in Check.
func (s *Store) Rebuild(ctx context.Context, area dispatch.AreaID, day dispatch.Day) ([]Fault, error) {
	for range readTries {
		inv, err := s.inventory(ctx, area, day)
		if err != nil {
			return nil, err
		}
		want, err := s.wanted(inv)
		if err != nil {
			return nil, err
		}
		faults := inv.faults(want)
		if !slices.ContainsFunc(faults, func(f Fault) bool { return f.Rebuildable }) {
			return faults, nil
		}
		keys, args := inv.rebuildArguments(want)
		written, err := s.rebuild.Run(ctx, s.client, keys, args...).Int()
		if err != nil {
			return nil, fmt.Errorf("planstore: rebuild %s %s: %w", area, day, err)
		}
		if written == 1 {
			return faults, nil
		}
	}
	return nil, fmt.Errorf("planstore: rebuild %s %s: %w", area, day, dispatch.ErrStale)
}

// projection is what a day should be stored as.
type projection struct {
	revision int64
	values   map[string]string  // routes, rides and notes by key
	indexes  map[string]members // by key
	rides    map[dispatch.RideID]*dispatch.Ride
	faults   []Fault // stored values that can neither be read nor made anew
}

// wanted computes the projection from the log and, where the log does not go back to the start, from what is stored.
func (s *Store) wanted(inv *inventory) (*projection, error) {
	k := inv.keys
	want := &projection{
		revision: max(inv.log.last, inv.number()), values: inv.wantedValues(),
		indexes: map[string]members{k.routes(): {}, k.rides(): {}, k.notes(): {}}, rides: map[dispatch.RideID]*dispatch.Ride{},
	}
	if inv.log.whole {
		want.revision = inv.log.last
	}
	for key, raw := range inv.values {
		if _, named := want.values[key]; raw == nil && !named && !inv.log.whole { // only a whole log says that it is wrong
			want.faults = append(want.faults, Fault{key, "is no text and the log does not name it", false})
		}
	}
	var rides []any
	for _, key := range slices.Sorted(maps.Keys(want.values)) {
		if id, found := strings.CutPrefix(key, k.routePrefix()); found {
			if _, err := decodeRoute([]byte(want.values[key])); err != nil {
				want.drop(key, err)
				continue
			}
			want.indexes[k.routes()][id] = 0
			continue
		}
		if id, found := strings.CutPrefix(key, k.notePrefix()); found {
			if _, _, err := decodeNote([]byte(want.values[key])); err != nil {
				want.drop(key, err)
				continue
			}
			want.indexes[k.notes()][id] = 0
			continue
		}
		r, _, err := decodeRide([]byte(want.values[key]))
		if err != nil || k.ride(r.ID) != key {
			want.drop(key, err)
			continue
		}
		want.indexes[k.rides()][string(r.ID)] = 0
		rides = append(rides, want.values[key])
	}
	if claims := inv.wantedClaims(); len(claims) > 0 {
		want.indexes[k.claims()] = claims
	}
	opened, err := s.decodeRides(inv.area, inv.day, rides)
	if err != nil {
		return nil, err
	}
	for _, r := range opened {
		if err := want.place(k, r); err != nil {
			return nil, err
		}
	}
	return want, nil
}

// drop leaves a stored value as it is that can neither be read nor made anew.
func (p *projection) drop(key string, err error) {
	reason := "is not what it is stored as"
	if err != nil {
		reason = err.Error()
	}
	p.faults = append(p.faults, Fault{key, reason, false})
	delete(p.values, key)
}

// place adds a ride to the cells that it belongs to.
func (p *projection) place(k dayKeys, r *dispatch.Ride) error {
	p.rides[r.ID] = r
	entries, err := cellEntries(r)
	if err != nil {
		return err
	}
	for _, e := range entries {
		name := k.cells(e.cell)
		if p.indexes[name] == nil {
			p.indexes[name] = members{}
		}
		p.indexes[name][e.member] = e.start
	}
	return nil
}

// wantedValues takes each route, ride and note from the log where the log has it at the version that is stored or a later one, and
// else as stored, unless the log is whole.
func (inv *inventory) wantedValues() map[string]string {
	values := maps.Clone(map[string]string(inv.log.values))
	if inv.log.whole {
		return values
	}
	for key, raw := range inv.values {
		if raw == nil {
			continue
		}
		logged, named := values[key]
		if !named || storedVersion(*raw) > storedVersion(logged) {
			values[key] = *raw
		}
	}
	return values
}

// wantedClaims takes the claims from the log and, where that is not whole, those that are stored and that the log knows less of.
func (inv *inventory) wantedClaims() members {
	claims := maps.Clone(inv.log.claims)
	if !inv.log.whole {
		for member, revision := range inv.indexes[inv.keys.claims()] {
			claims[member] = max(claims[member], revision)
		}
	}
	return claims
}

// storedVersion is the version of a stored route, ride or note, 0 where it has none.
func storedVersion(raw string) uint64 {
	if len(raw) < headerBytes {
		return 0
	}
	return binary.BigEndian.Uint64([]byte(raw[1:headerBytes]))
}

// rebuildArguments builds KEYS and ARGV of rebuild.lua.
func (inv *inventory) rebuildArguments(want *projection) (keys []string, args []any) {
	k := inv.keys
	keys = append([]string{k.rev()}, k.sets()...)
	var values, entries []any
	for _, key := range inv.wrongValues(want) {
		keys = append(keys, key)
		values = append(values, want.values[key])
	}
	place := map[string]int{} // of a cell's key in KEYS, counted from 1
	for _, index := range []map[string]members{inv.indexes, want.indexes} {
		for _, name := range slices.Sorted(maps.Keys(index)) {
			if !slices.Contains(k.sets(), name) && place[name] == 0 {
				keys = append(keys, name)
				place[name] = len(keys)
			}
		}
	}
	n := 0
	for _, name := range keys[4+len(values):] {
		for member, score := range want.indexes[name] {
			entries = append(entries, place[name], score, member)
			n++
		}
	}
	args = []any{
		inv.revision, strconv.FormatInt(want.revision, 10), len(values),
		len(want.indexes[k.routes()]), len(want.indexes[k.rides()]), len(want.indexes[k.notes()]), n,
	}
	args = append(args, values...)
	for _, set := range k.sets() {
		for id := range want.indexes[set] {
			args = append(args, id)
		}
	}
	return keys, append(args, entries...)
}

// wrongValues lists the keys of routes, rides and notes that are not stored as they should be. One that can neither be read nor made
// anew is left alone.
func (inv *inventory) wrongValues(want *projection) []string {
	var wrong []string
	for key, raw := range inv.values {
		left := slices.ContainsFunc(want.faults, func(f Fault) bool { return f.Key == key })
		if should, wanted := want.values[key]; !left && (!wanted || raw == nil || *raw != should) {
			wrong = append(wrong, key)
		}
	}
	for key := range want.values {
		if _, there := inv.values[key]; !there {
			wrong = append(wrong, key)
		}
	}
	slices.Sort(wrong)
	return wrong
}
