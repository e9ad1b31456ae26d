package dispatch_test

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/dispatch/planstore"
	"github.com/swmaas/swmaas/dispatch/seal"
	"github.com/swmaas/swmaas/routing"
	"github.com/swmaas/swmaas/routing/geo"
	"github.com/swmaas/swmaas/testdata/redistest"
	"github.com/swmaas/swmaas/vehicles"
)

const (
	storyArea = dispatch.AreaID("kurobe")
	storyDay  = dispatch.Day("2026-01-20") // a Tuesday
)

// scenarioRows are the rows of the feature table that scenarios have to tell of.
func scenarioRows() []string {
	return nil
}

// world is the town of a scenario: a grid of 12 × 12 crossings, 500 m and 50 s apart, with a desk on a real Redis. Every
// case has its own.
type world struct {
	t      *testing.T
	ctx    context.Context
	now    time.Time
	fleet  vehicles.Fleet
	shifts []vehicles.Shift
	people map[string]*person
	redis  *redis.Client
	travel dispatch.TravelTimes
	ring   *seal.Ring
	desks  map[string]*dispatch.Desk // by the name of who sits there; "" is the first
	names  map[dispatch.RideID]string
	rides  map[string]dispatch.RideID
	offers []dispatch.Offer
	asked  dispatch.Request
	key    int
}

// person is a rider of the story.
type person struct {
	home  string
	party dispatch.Party
}

// storyPlaces are the named crossings of the town, as column and row.
func storyPlaces() map[string][2]int {
	return map[string][2]int{
		"hospital": {10, 8}, "pharmacy": {9, 7}, "shop": {8, 3}, "station": {6, 6}, "council": {5, 5}, "daycare": {2, 9}, "dialysis": {11, 1},
		"home-1": {1, 1}, "home-2": {1, 2}, "home-3": {3, 1}, "home-4": {2, 4}, "home-5": {4, 2}, "home-6": {0, 7}, "home-7": {7, 10}, "home-8": {11, 11},
	}
}

func corner(x, y int) geo.LatLng {
	return geo.LatLng{Lat: 36.85 + float64(y)*0.0045, Lng: 137.43 + float64(x)*0.0056}
}

// place is a named place of the town, or the pin "x/y" of a crossing, or "sea", where no road is.
func (w *world) place(name string) (dispatch.Place, error) {
	if name == "sea" {
		return dispatch.Place{Label: name, At: geo.LatLng{Lat: 37.2, Lng: 137.3}}, nil
	}
	if at, ok := storyPlaces()[name]; ok {
		return dispatch.Place{Label: name, At: corner(at[0], at[1])}, nil
	}
	return dispatch.Place{}, fmt.Errorf("no place is called %q", name)
}

func storyRoads(t *testing.T) dispatch.TravelTimes {
	t.Helper()
	b := routing.NewBuilder()
	const n = 12
	for i := range n * n {
		b.AddNode(corner(i%n, i/n))
	}
	for i := range int32(n) {
		row, column := make([]int32, n), make([]int32, n)
		for k := range int32(n) {
			row[k], column[k] = i*n+k, k*n+i
		}
		b.AddRoad(routing.Road{Nodes: row, Class: routing.Tertiary, SpeedKmh: 36})
		b.AddRoad(routing.Road{Nodes: column, Class: routing.Tertiary, SpeedKmh: 36})
	}
	g, err := b.Build()
	if err != nil {
		t.Fatal(err)
	}
	return dispatch.Roads{Router: routing.NewRouter(g, routing.RouterConfig{Workers: 1})}
}

func newWorld(t *testing.T) *world {
	t.Helper()
	client := redis.NewClient(&redis.Options{Network: "unix", Addr: redistest.Start(t)})
	t.Cleanup(func() { _ = client.Close() })
	ring, err := seal.New(t.TempDir(), planstore.NewDataKeys(client), seal.Config{})
	if err != nil {
		t.Fatal(err)
	}
	w := &world{
		t: t, ctx: t.Context(), people: map[string]*person{}, redis: client, travel: storyRoads(t), ring: ring,
		desks: map[string]*dispatch.Desk{}, names: map[dispatch.RideID]string{}, rides: map[string]dispatch.RideID{},
	}
	w.fleet.Facilities = []vehicles.Facility{{ID: "F-council", Name: "council", At: corner(5, 5)}}
	w.clock("08:00")
	return w
}

// Fleet and Shifts make the world the fleet store of its desks.
func (w *world) Fleet(context.Context, string) (vehicles.Fleet, error) { return w.fleet, nil }

func (w *world) Shifts(_ context.Context, _, day string) ([]vehicles.Shift, error) {
	return w.shifts, nil
}

// desk is the desk at which somebody sits; each is a process of its own on the same Redis.
func (w *world) desk(who string) *dispatch.Desk {
	if d := w.desks[who]; d != nil {
		return d
	}
	store, err := planstore.New(w.redis, w.ring, planstore.Config{})
	if err != nil {
		w.t.Fatal(err)
	}
	d, err := dispatch.NewDesk(dispatch.Config{OfferKey: [32]byte{1}}, store, w, w.travel, func() time.Time { return w.now })
	if err != nil {
		w.t.Fatal(err)
	}
	w.desks[who] = d
	return d
}

// clock sets the time of the story's day, "HH:MM" or "D-1 HH:MM" for days before.
func (w *world) clock(at string) {
	midnight := time.Date(2026, 1, 20, 0, 0, 0, 0, time.FixedZone("JST", 9*3600))
	var days, hours, minutes int
	if _, err := fmt.Sscanf(at, "D-%d %d:%d", &days, &hours, &minutes); err != nil {
		if _, err := fmt.Sscanf(at, "%d:%d", &hours, &minutes); err != nil {
			w.t.Fatalf("%q is no time", at)
		}
	}
	w.now = midnight.AddDate(0, 0, -days).Add(time.Duration(hours)*time.Hour + time.Duration(minutes)*time.Minute)
}

// second reads "HH:MM" as a second of the day.
func second(at string) int32 {
	var hours, minutes int32
	if _, err := fmt.Sscanf(at, "%d:%d", &hours, &minutes); err != nil {
		return -1
	}
	return hours*3600 + minutes*60
}

// hm writes a second of the day as the clock shows it.
func hm(second int32) string { return fmt.Sprintf("%02d:%02d", second/3600, second/60%60) }

// command is one sentence that a scenario may use.
type command struct {
	form *regexp.Regexp
	run  func(w *world, m []string) ([]string, error)
}

// run does what a command says and returns the lines of its answer, in which rides have the names of the story.
func (w *world) run(text string) ([]string, error) {
	for _, c := range commands() {
		if m := c.form.FindStringSubmatch(text); m != nil {
			lines, err := c.run(w, m)
			if said, ok := w.said(err); ok {
				lines, err = said, nil
			}
			return w.named(lines), err
		}
	}
	return nil, errors.New("no such command; see testdata/scenarios/README.md")
}

// said turns an error that a user would see into an answer; any other fails the test.
func (w *world) said(err error) ([]string, bool) {
	for _, known := range []error{
		dispatch.ErrKeyReused, dispatch.ErrBadOffer, dispatch.ErrNotFound, dispatch.ErrInvalid, dispatch.ErrWrongState,
	} {
		if errors.Is(err, known) {
			return []string{"error: " + strings.TrimPrefix(err.Error(), "dispatch: ")}, true
		}
	}
	return nil, false
}

// named puts the story's names in the place of ride ids.
func (w *world) named(lines []string) []string {
	out := slices.Clone(lines)
	for i := range out {
		for id, name := range w.names {
			out[i] = strings.ReplaceAll(out[i], string(id), name)
		}
	}
	return out
}

// name gives a ride the name by which the story speaks of it.
func (w *world) name(id dispatch.RideID, name string) {
	w.names[id], w.rides[name] = name, id
}

// ride is the ride of that name as it is now.
func (w *world) ride(name string) (*dispatch.Ride, error) {
	id, ok := w.rides[name]
	if !ok {
		return nil, fmt.Errorf("the story has no ride called %q", name)
	}
	return w.desk("").Ride(w.ctx, storyArea, id)
}

// nextKey is a fresh idempotency key.
func (w *world) nextKey() string { w.key++; return fmt.Sprintf("story-%d", w.key) }

// check holds what is true after every story: index, events and plan agree.
func (w *world) check() {
	w.t.Helper()
	store, err := planstore.New(w.redis, w.ring, planstore.Config{})
	if err != nil {
		w.t.Fatal(err)
	}
	faults, err := store.Check(w.ctx, storyArea, storyDay)
	if err != nil || len(faults) > 0 {
		w.t.Errorf("after the story the store disagrees with itself: %v, %v", faults, err)
	}
}
