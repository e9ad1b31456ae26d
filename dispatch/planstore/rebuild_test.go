package planstore_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/dispatch/planstore"
)

const (
	dayPrefix = "dsp:{kurobe}:2026-01-20:"
	stream    = dayPrefix + "events"
)

// busyDay makes random commits with real sealing, erases one of the persons and returns the store.
func busyDay(t *testing.T, client redis.UniversalClient) *planstore.Store {
	t.Helper()
	s, ring := sealedStore(t, client, t.TempDir())
	random := rand.New(rand.NewPCG(7, 8))
	state := dispatch.NewState(area, day)
	for n := range 60 {
		c := randomChange(random, state, n)
		state = state.With(c, mustCommit(t, s, c))
	}
	if err := ring.Erase(string(area), "P-0000"); err != nil {
		t.Fatal(err)
	}
	// The erased person's ride was open, so their cells go with the first rebuild.
	if _, err := s.Rebuild(t.Context(), area, day); err != nil {
		t.Fatal(err)
	}
	return s
}

// projections lists the day's keys but the stream.
func projections(t *testing.T, client redis.UniversalClient) []string {
	t.Helper()
	keys := slices.DeleteFunc(keysLike(t, client, dayPrefix+"*"), func(k string) bool { return k == stream })
	slices.Sort(keys)
	return keys
}

// contents reads every projection of the day in a form that can be compared.
func contents(t *testing.T, client redis.UniversalClient) map[string]any {
	t.Helper()
	all := map[string]any{}
	for _, k := range projections(t, client) {
		switch kind := client.Type(t.Context(), k).Val(); kind {
		case "string":
			all[k] = client.Get(t.Context(), k).Val()
		case "set":
			ids := client.SMembers(t.Context(), k).Val()
			slices.Sort(ids)
			all[k] = ids
		case "zset":
			all[k] = client.ZRangeWithScores(t.Context(), k, 0, -1).Val()
		default:
			all[k] = kind
		}
	}
	return all
}

// mustBeWhole holds the stored day against what it was.
func mustBeWhole(t *testing.T, s *planstore.Store, client redis.UniversalClient, want map[string]any, state *dispatch.State) {
	t.Helper()
	got := contents(t, client)
	for k := range want {
		if !reflect.DeepEqual(got[k], want[k]) {
			t.Fatalf("%s is %q, want %q", k, got[k], want[k])
		}
	}
	if len(got) != len(want) {
		t.Fatalf("%d keys, want %d", len(got), len(want))
	}
	if loaded := mustLoad(t, s); !reflect.DeepEqual(loaded, state) {
		t.Fatalf("loaded %+v, want %+v", loaded, state)
	}
	if faults, err := s.Check(t.Context(), area, day); err != nil || slices.ContainsFunc(faults, func(f planstore.Fault) bool { return f.Rebuildable }) {
		t.Fatalf("after the rebuild: %+v, %v", faults, err)
	}
}

func testDayIsMadeAnewFromItsEventsAlone(t *testing.T, client redis.UniversalClient) {
	s := busyDay(t, client)
	want, state := contents(t, client), mustLoad(t, s)
	for _, r := range state.Rides {
		if r.Rider == "P-0000" && (r.Pickup != (dispatch.Place{}) || r.Purpose != "") {
			t.Fatalf("the erased person is readable: %+v", r)
		}
	}
	for _, k := range projections(t, client) {
		if err := client.Del(t.Context(), k).Err(); err != nil {
			t.Fatal(err)
		}
	}
	if got := mustLoad(t, s); got.Revision != 0 || len(got.Rides) != 0 {
		t.Fatalf("still there: %+v", got)
	}
	if _, err := s.Rebuild(t.Context(), area, day); err != nil {
		t.Fatal(err)
	}
	mustBeWhole(t, s, client, want, state)
}

// testAnyDamageIsPutRightFromTheEvents damages a few random keys in random ways, over and over.
func testAnyDamageIsPutRightFromTheEvents(t *testing.T, client redis.UniversalClient) {
	s := busyDay(t, client)
	want, state := contents(t, client), mustLoad(t, s)
	random := rand.New(rand.NewPCG(9, 10))
	for round := range 40 {
		var done []string
		for range 1 + random.IntN(4) {
			keys := projections(t, client)
			if len(keys) == 0 {
				break
			}
			key := keys[random.IntN(len(keys))]
			done = append(done, damage(t, client, random, key))
		}
		faults, err := s.Rebuild(t.Context(), area, day)
		if err != nil {
			t.Fatalf("round %d, %q: %v", round, done, err)
		}
		if changed := !reflect.DeepEqual(contents(t, client), want); changed {
			t.Fatalf("round %d: not put right after %q; found %+v", round, done, faults)
		}
		mustBeWhole(t, s, client, want, state)
	}
}

// damage does something bad to a key and says what.
func damage(t *testing.T, client redis.UniversalClient, random *rand.Rand, key string) string {
	t.Helper()
	ctx := t.Context()
	kind := client.Type(ctx, key).Val()
	var err error
	what := ""
	switch n := random.IntN(6); {
	case n == 0:
		what, err = "delete", client.Del(ctx, key).Err()
	case n == 1:
		what, err = "nonsense", client.Set(ctx, key, "\x02nonsense", 0).Err()
	case n == 2:
		what = "another type"
		if err = client.Del(ctx, key).Err(); err == nil {
			err = client.HSet(ctx, key, "a", "b").Err()
		}
	case n == 3:
		what = "somebody who is not there"
		err = client.Copy(ctx, anyRide(t, client), dayPrefix+"ride:R-"+fmt.Sprint(9000+random.IntN(10)), 0, true).Err()
	case kind == "string":
		raw := []byte(client.Get(ctx, key).Val())
		if len(raw) == 0 {
			return "nothing"
		}
		at := random.IntN(len(raw))
		raw[at] ^= 1 << random.IntN(8)
		what, err = fmt.Sprint("flip at ", at), client.Set(ctx, key, raw, 0).Err()
	case kind == "set":
		what, err = "a stranger", client.SAdd(ctx, key, "X-1").Err()
	case kind == "zset":
		what, err = "a stranger", client.ZAdd(ctx, key, redis.Z{Score: 5, Member: "R-9999:p"}).Err()
	}
	if err != nil {
		t.Fatal(err)
	}
	return what + " " + strings.TrimPrefix(key, dayPrefix)
}

// anyRide returns the key of a ride that is stored as text.
func anyRide(t *testing.T, client redis.UniversalClient) string {
	t.Helper()
	for _, k := range keysLike(t, client, dayPrefix+"ride:*") {
		if client.Type(t.Context(), k).Val() == "string" {
			return k
		}
	}
	return dayPrefix + "ride:none"
}

// testDayBegunByTheLastReleaseKeepsWhatItsEventsDoNotName takes the values out of the first events, as the last release wrote
// them: what later events do not name stays as it is stored.
func testDayBegunByTheLastReleaseKeepsWhatItsEventsDoNotName(t *testing.T, client redis.UniversalClient) {
	s := newStore(t, client)
	a, b := booked(1), booked(2)
	mustCommit(t, s, booking(a, route("S-1", 1, a)))
	mustCommit(t, s, booking(b, route("S-2", 1, b)))
	ctx := t.Context()
	withoutState(t, client)
	mustCommit(t, s, change(b, changed(b, dispatch.Published)))
	state, want := mustLoad(t, s), contents(t, client)
	if faults, err := s.Check(ctx, area, day); err != nil || len(faults) != 0 {
		t.Fatalf("check: %+v, %v", faults, err)
	}
	client.Del(ctx, dayPrefix+"ride:R-0002", dayPrefix+"rides") // the log has the one, and the other follows from what is there
	client.Set(ctx, dayPrefix+"rev", "2", 0)
	if faults, err := s.Rebuild(ctx, area, day); err != nil || len(faults) != 4 {
		t.Fatalf("rebuild: %+v, %v, want 4 faults", faults, err)
	}
	mustBeWhole(t, s, client, want, state)
	client.Del(ctx, dayPrefix+"ride:R-0001")
	faults, err := s.Rebuild(ctx, area, day)
	if err != nil || !slices.ContainsFunc(faults, func(f planstore.Fault) bool { return !f.Rebuildable && f.Key == dayPrefix+"ride:R-0001" }) {
		t.Errorf("a ride that nothing tells of any more: %+v, %v", faults, err)
	}
}

// withoutState writes the stream again without what commits stored.
func withoutState(t *testing.T, client redis.UniversalClient) {
	t.Helper()
	entries, err := client.XRange(t.Context(), stream, "-", "+").Result()
	if err != nil {
		t.Fatal(err)
	}
	if err := client.Del(t.Context(), stream).Err(); err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		delete(e.Values, "state")
		e.Values["v"] = "1"
		if err := client.XAdd(context.WithoutCancel(t.Context()), &redis.XAddArgs{Stream: stream, ID: e.ID, Values: e.Values}).Err(); err != nil {
			t.Fatal(err)
		}
	}
}
