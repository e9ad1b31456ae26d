package planstore_test

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"fmt"
	"math"
	"strings"
	"sync"
	"testing"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"
	"go.uber.org/goleak"

	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/dispatch/planstore"
	"github.com/swmaas/swmaas/routing/geo"
	"github.com/swmaas/swmaas/testdata/redistest"
	"github.com/swmaas/swmaas/vehicles"
)

const (
	area = dispatch.AreaID("kurobe")
	day  = dispatch.Day("2026-01-20")
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// lock is a sealer for tests that need no real one: reversible without a key, unreadable to grep, and strict about where a
// box is opened.
type lock struct{ gone map[string]bool }

type goneError struct{}

func (goneError) Error() string { return "gone" }
func (goneError) Erased() bool  { return true }

func (l lock) mac(area, person, field string, plain []byte) []byte {
	h := hmac.New(sha256.New, []byte("test"))
	fmt.Fprintf(h, "%q %q %q ", area, person, field)
	h.Write(plain)
	return h.Sum(nil)[:8]
}

func flip(b []byte) []byte {
	out := bytes.Clone(b)
	for i := range out {
		out[i] ^= 0xA5
	}
	return out
}

func (l lock) Seal(area, person, field string, plain []byte) ([]byte, error) {
	if l.gone[person] {
		return nil, goneError{}
	}
	return append(l.mac(area, person, field, plain), flip(plain)...), nil
}

func (l lock) Open(area, person, field string, sealed []byte) ([]byte, error) {
	if l.gone[person] {
		return nil, goneError{}
	}
	if len(sealed) < 8 {
		return nil, errors.New("short box")
	}
	plain := flip(sealed[8:])
	if !hmac.Equal(sealed[:8], l.mac(area, person, field, plain)) {
		return nil, errors.New("box of another record")
	}
	return plain, nil
}

// newStore returns a store of the default settings on the client.
func newStore(t testing.TB, client redis.UniversalClient) *planstore.Store {
	t.Helper()
	s, err := planstore.New(client, lock{}, planstore.Config{})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// connect returns a client that is closed when the test ends.
func connect(t testing.TB, options *redis.UniversalOptions) redis.UniversalClient {
	t.Helper()
	client := redis.NewUniversalClient(options)
	t.Cleanup(func() { _ = client.Close() })
	return client
}

func startRedis(t testing.TB) redis.UniversalClient {
	t.Helper()
	return onSocket(t, redistest.Start(t))
}

// onSocket connects to a server on a Unix socket.
func onSocket(t testing.TB, socket string) redis.UniversalClient {
	t.Helper()
	client := redis.NewClient(&redis.Options{Network: "unix", Addr: socket, PoolSize: 40})
	t.Cleanup(func() { _ = client.Close() })
	return client
}

func startCluster(t testing.TB) redis.UniversalClient {
	t.Helper()
	return connect(t, &redis.UniversalOptions{Addrs: redistest.StartCluster(t), IsClusterMode: true})
}

func startMini(t testing.TB) redis.UniversalClient {
	t.Helper()
	server := miniredis.NewMiniRedis()
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	return connect(t, &redis.UniversalOptions{Addrs: []string{server.Addr()}})
}

// contract is what must hold on a real server, on a cluster and on the in-process server alike.
func contract(t *testing.T, client redis.UniversalClient) {
	for _, c := range []struct {
		name string
		test func(t *testing.T, client redis.UniversalClient)
	}{
		{"day never written is empty", testDayNeverWrittenIsEmpty},
		{"load gives what was committed", testLoadGivesWhatWasCommitted},
		{"thousands of rides load", testThousandsOfRidesLoad},
		{"notes are kept like rides", testNotesAreKeptLikeRides},
		{"lost commit names what was stale and writes nothing", testLostCommitNamesWhatWasStaleAndWritesNothing},
		{"idempotency key gives the first reply again", testIdempotencyKeyGivesTheFirstReplyAgain},
		{"events come in order and page by page", testEventsComeInOrderAndPageByPage},
		{"open ride is found at both ends until it is served", testOpenRideIsFoundAtBothEndsUntilItIsServed},
		{"rebuild makes damaged indexes anew", testRebuildMakesDamagedIndexesAnew},
		{"day is made anew from its events alone", testDayIsMadeAnewFromItsEventsAlone},
		{"any damage is put right from the events", testAnyDamageIsPutRightFromTheEvents},
		{"day begun by the last release keeps what its events do not name", testDayBegunByTheLastReleaseKeepsWhatItsEventsDoNotName},
		{"what a ride claims is taken once", testWhatARideClaimsIsTakenOnce},
		{"racing claims are taken once", testRacingClaimsAreTakenOnce},
		{"racing writers lose no update", testRacingWritersLoseNoUpdate},
		{"repeated request that races itself is done once", testRepeatedRequestThatRacesItselfIsDoneOnce},
		{"load sees whole commits only", testLoadSeesWholeCommitsOnly},
		{"history is the sum of the acknowledged commits", testHistoryIsTheSumOfTheAcknowledgedCommits},
		{"areas and days do not mix", testAreasAndDaysDoNotMix},
		{"watcher hears of commits of its area", testWatcherHearsOfCommitsOfItsArea},
		{"erased person leaves their ride without personal fields", testErasedPersonLeavesTheirRideWithoutPersonalFields},
		{"standing orders are kept by version and sealed", testStandingOrdersAreKeptByVersionAndSealed},
		{"policies are kept by revision and logged", testPoliciesAreKeptByRevisionAndLogged},
		{"entries of areas are kept by version", testEntriesOfAreasAreKeptByVersion},
		{"days past their time are dropped", testDaysPastTheirTimeAreDropped},
		{"change is noted under its key once", testChangeIsNotedUnderItsKeyOnce},
		{"looks at a person are found newest first", testLooksAtAPersonAreFoundNewestFirst},
		{"every look recorded at once is written once", testEveryLookRecordedAtOnceIsWrittenOnce},
		{"looks at once share entries", testLooksAtOnceShareEntries},
		{"looks past their time are dropped", testLooksPastTheirTimeAreDropped},
		{"data key is kept once and destroyed for good", testDataKeyIsKeptOnceAndDestroyedForGood},
	} {
		t.Run(c.name, func(t *testing.T) {
			flush(t, client)
			c.test(t, client)
		})
	}
}

func TestContractOnRedis(t *testing.T)           { contract(t, startRedis(t)) }
func TestContractOnCluster(t *testing.T)         { contract(t, startCluster(t)) }
func TestContractOnInProcessServer(t *testing.T) { contract(t, startMini(t)) }

// masters lists a client for every server behind the client.
func masters(t testing.TB, client redis.UniversalClient) []*redis.Client {
	t.Helper()
	cluster, ok := client.(*redis.ClusterClient)
	if !ok {
		return []*redis.Client{client.(*redis.Client)}
	}
	var mu sync.Mutex // ForEachMaster calls from several goroutines
	var all []*redis.Client
	err := cluster.ForEachMaster(t.Context(), func(_ context.Context, c *redis.Client) error {
		mu.Lock()
		defer mu.Unlock()
		all = append(all, c)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// flush empties every server behind the client.
func flush(t testing.TB, client redis.UniversalClient) {
	t.Helper()
	for _, c := range masters(t, client) {
		if err := c.FlushAll(t.Context()).Err(); err != nil {
			t.Fatal(err)
		}
	}
}

// booked returns version 1 of a booked ride from a home to a clinic; n makes it distinct.
func booked(n int) *dispatch.Ride {
	return &dispatch.Ride{
		ID: dispatch.RideID(fmt.Sprintf("R-%04d", n)), Booking: dispatch.BookingID(fmt.Sprintf("B-%04d", n)), Version: 1,
		Area: area, Day: day, Rider: dispatch.RiderID(fmt.Sprintf("P-%04d", n)),
		Party:   dispatch.Party{Load: vehicles.Load{Seats: 1, Wheelchairs: 1}, Needs: vehicles.Lift | vehicles.OxygenHolder, Board: 60, Alight: 45},
		Pickup:  dispatch.Place{Label: fmt.Sprintf("三日市 %d-2", n), At: geo.LatLng{Lat: 36.86 + float64(n%10)/100, Lng: 137.44}},
		Dropoff: dispatch.Place{Label: "市民病院", At: geo.LatLng{Lat: 36.87, Lng: 137.45 + float64(n%7)/100}},
		Purpose: "dialysis",
		Wish:    dispatch.Wish{Kind: dispatch.ArriveBy, Window: dispatch.Window{Earliest: 34000, Latest: 36000}},
		Promise: dispatch.Promise{Pickup: dispatch.Window{Earliest: 33000, Latest: 34200}, ArriveBy: 36000, MaxRide: 1800},
		Direct:  600, State: dispatch.Booked,
	}
}

// changed returns the next version of a ride in another state.
func changed(r *dispatch.Ride, state dispatch.RideState) *dispatch.Ride {
	next := *r
	next.Version++
	next.State = state
	return &next
}

// route returns a route of the shift that serves the rides one after the other.
func route(shift vehicles.ShiftID, version int64, rides ...*dispatch.Ride) *dispatch.Route {
	r := &dispatch.Route{Shift: shift, Version: version}
	at := int32(33000)
	for _, ride := range rides {
		for _, kind := range []dispatch.StopKind{dispatch.PickupStop, dispatch.DropoffStop} {
			r.Stops = append(r.Stops, dispatch.Stop{
				StopID: dispatch.StopID{Ride: ride.ID, Kind: kind}, Arrive: at, Begin: at, Depart: at + 90, LeaveBy: at - 300,
			})
			at += 600
		}
	}
	return r
}

// booking is the commit that books a new ride on a route.
func booking(r *dispatch.Ride, routes ...*dispatch.Route) *dispatch.Commit {
	return &dispatch.Commit{
		Area: r.Area, Day: r.Day, Routes: routes, Rides: []dispatch.RideChange{{After: r}},
		Events: []dispatch.Event{{Actor: "S-1", Kind: dispatch.RideBooked, Ride: r.ID, After: "booked"}},
	}
}

// change is the commit that takes a ride from one version to the next.
func change(before, after *dispatch.Ride) *dispatch.Commit {
	return &dispatch.Commit{
		Area: after.Area, Day: after.Day, Rides: []dispatch.RideChange{{Before: before, After: after}},
		Events: []dispatch.Event{{Actor: "S-1", Kind: "ride_changed", Ride: after.ID, After: after.State.String()}},
	}
}

// mustCommit commits and returns the revision. A commit that does not say what it was made from is made from all there is.
func mustCommit(t testing.TB, s *planstore.Store, c *dispatch.Commit) int64 {
	t.Helper()
	if c.Seen == 0 {
		c.Seen = math.MaxInt64
	}
	rev, err := s.Commit(t.Context(), c)
	if err != nil {
		t.Fatalf("commit: %v", err)
	}
	return rev
}

// mustLoad loads the test's day.
func mustLoad(t testing.TB, s *planstore.Store) *dispatch.State {
	t.Helper()
	state, err := s.Load(t.Context(), area, day)
	if err != nil {
		t.Fatalf("load: %v", err)
	}
	return state
}

// allEvents reads the test day's events in pages of three, so that paging is used wherever they are read.
func allEvents(t testing.TB, s *planstore.Store) []dispatch.Event {
	t.Helper()
	var all []dispatch.Event
	after := dispatch.EventID("")
	for {
		page, err := s.Events(t.Context(), area, day, after, 3)
		if err != nil {
			t.Fatalf("events after %q: %v", after, err)
		}
		if len(page) == 0 {
			return all
		}
		all = append(all, page...)
		after = page[len(page)-1].ID
	}
}

// keysLike lists the keys of every server that match the pattern.
func keysLike(t testing.TB, client redis.UniversalClient, pattern string) []string {
	t.Helper()
	var all []string
	for _, c := range masters(t, client) {
		keys, err := c.Keys(t.Context(), pattern).Result()
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, keys...)
	}
	return all
}

// dump returns every key and value there is, for tests that search it.
func dump(t testing.TB, client redis.UniversalClient) string {
	t.Helper()
	var out strings.Builder
	for _, k := range keysLike(t, client, "*") {
		kind := client.Type(t.Context(), k).Val()
		var v any
		switch kind {
		case "string":
			v = client.Get(t.Context(), k).Val()
		case "set":
			v = client.SMembers(t.Context(), k).Val()
		case "zset":
			v = client.ZRangeWithScores(t.Context(), k, 0, -1).Val()
		case "hash":
			v = client.HGetAll(t.Context(), k).Val()
		case "stream":
			v = client.XRange(t.Context(), k, "-", "+").Val()
		default:
			t.Fatalf("key %s is a %s", k, kind)
		}
		fmt.Fprintf(&out, "%s %v\n", k, v)
	}
	return out.String()
}
