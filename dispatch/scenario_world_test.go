package dispatch_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
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
	"github.com/swmaas/swmaas/vehicles"
	"github.com/swmaas/swmaas/vehicles/fleetstore"
)

const (
	storyArea = dispatch.AreaID("kurobe")
	storyDay  = dispatch.Day("2026-01-20") // a Tuesday
)

// scenarioRows are the rows of the feature table that scenarios have to tell of.
func scenarioRows() []string {
	return []string{"1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "16", "19", "20", "21", "22", "23", "24", "25", "26", "27", "29", "30", "33", "34", "36", "37", "38", "39", "40", "41", "43", "44", "45", "46", "57"}
}

// world is the town of a scenario: a grid of 12 × 12 crossings, 500 m and 50 s apart, with a desk on a real Redis. Every
// case has its own.
type world struct {
	t        *testing.T
	ctx      context.Context
	now      time.Time
	day      dispatch.Day       // on which the story is
	checked  bool               // nobody leaves without a check
	tells    []dispatch.TellRow // of the last list
	alarms   []dispatch.Alarm   // likewise
	days     []dispatch.Day
	fleet    vehicles.Fleet    // as it was saved last
	calendar vehicles.Calendar // likewise
	people   map[string]*person
	rules    *dispatch.PolicySet // nil for none
	text     map[string]any      // of the town's own policy file
	redis    *redis.Client
	travel   dispatch.TravelTimes
	ring     *seal.Ring
	fleets   *fleetstore.Store
	riders   *dispatch.Register
	at       string                    // the desk of the command
	desks    map[string]*dispatch.Desk // by name; "" is the first
	names    map[dispatch.RideID]string
	rides    map[string]dispatch.RideID
	offers   []dispatch.Offer            // of the last answer
	told     map[string][]dispatch.Offer // and of the last one to each person
	trips    []dispatch.TripOffer        // of the last answer about a trip or group
	waits    []int32                     // promised waits of its rides, 0 for those with a time
	asked    dispatch.Request
	ways     []dispatch.Proposal // of the last answer about moving a ride
	key      int
	desking  dispatch.Rules // of the desk; the zero value is the usual

	condition, storm dispatch.NoteID // set last
}

// person is a rider of the story.
type person struct {
	entry *dispatch.Rider // in the register, as saved last; nil for somebody who is not in it
	seen  *dispatch.Rider // and the one before
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

// crossings is how many crossings lie between two corners of the town; a road leads straight along every one.
func crossings(a, b geo.LatLng) int {
	x, y := math.Round((a.Lng-b.Lng)/0.0056), math.Round((a.Lat-b.Lat)/0.0045)
	return int(math.Abs(x) + math.Abs(y))
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
		b.AddRoad(routing.Road{Name: fmt.Sprintf("row %d", i), Nodes: row, Class: routing.Tertiary, SpeedKmh: 36})
		b.AddRoad(routing.Road{Name: fmt.Sprintf("column %d", i), Nodes: column, Class: routing.Tertiary, SpeedKmh: 36})
	}
	g, err := b.Build()
	if err != nil {
		t.Fatal(err)
	}
	return dispatch.Roads{Router: routing.NewRouter(g, routing.RouterConfig{Workers: 1})}
}

// newWorld is an empty town on the Redis of that socket, which it empties.
func newWorld(t *testing.T, socket string) *world {
	t.Helper()
	client := redis.NewClient(&redis.Options{Network: "unix", Addr: socket})
	t.Cleanup(func() { _ = client.Close() })
	if err := client.FlushAll(t.Context()).Err(); err != nil {
		t.Fatal(err)
	}
	ring, err := seal.New(t.TempDir(), planstore.NewDataKeys(client), seal.Config{})
	if err != nil {
		t.Fatal(err)
	}
	fleets, err := fleetstore.New(client, client, fleetstore.Config{Sealer: ring})
	if err != nil {
		t.Fatal(err)
	}
	entries, err := planstore.NewRegister(client, ring)
	if err != nil {
		t.Fatal(err)
	}
	w := &world{
		t: t, ctx: t.Context(), people: map[string]*person{}, redis: client, travel: storyRoads(t), ring: ring, fleets: fleets,
		desks: map[string]*dispatch.Desk{}, names: map[dispatch.RideID]string{}, rides: map[string]dispatch.RideID{},
		told: map[string][]dispatch.Offer{},
	}
	w.riders = dispatch.NewRegister(entries, func() time.Time { return w.now })
	w.fleet.Facilities = []vehicles.Facility{{ID: "F-council", Name: "council", At: corner(5, 5)}}
	w.date(storyDay)
	w.clock("08:00")
	return w
}

// date makes a day the day of the story.
func (w *world) date(day dispatch.Day) {
	w.day = day
	if !slices.Contains(w.days, day) {
		w.days = append(w.days, day)
	}
}

// saved puts the fleet and its calendar into the store. Desks are opened anew, as after a restart of the engine: what the
// story changes in the morning holds from then on.
func (w *world) saved() error {
	clear(w.desks)
	if err := w.fleets.SaveFleet(w.ctx, string(storyArea), w.fleet); err != nil {
		return err
	}
	return w.fleets.SaveCalendar(w.ctx, string(storyArea), &w.calendar)
}

// desk is the desk of that name, or where it is empty the one of the command; each is a process of its own on the same Redis.
func (w *world) desk(who string) *dispatch.Desk {
	who = cmp.Or(who, w.at)
	if d := w.desks[who]; d != nil {
		return d
	}
	store, err := planstore.New(w.redis, w.ring, planstore.Config{})
	if err != nil {
		w.t.Fatal(err)
	}
	cfg := dispatch.Config{
		OfferKey: [32]byte{1}, Unchecked: !w.checked, Live: w.fleets, Policies: w.rules, Calendars: w.fleets, Riders: w.riders, Rules: w.desking,
	}
	d, err := dispatch.NewDesk(cfg, store, w.fleets, w.travel, func() time.Time { return w.now })
	if err != nil {
		w.t.Fatal(err)
	}
	w.desks[who] = d
	return d
}

// fresh is the desk of the command after it has read what other desks did, as it does soon by itself when it is told.
func (w *world) fresh() *dispatch.Desk {
	d := w.desk("")
	if err := d.Refresh(w.ctx, dispatch.AreaDay{Area: storyArea, Day: w.day}, math.MaxInt64); err != nil {
		w.t.Fatal(err)
	}
	return d
}

// clock sets the time of the story's day, "HH:MM" or "D-1 HH:MM" for days before.
func (w *world) clock(at string) {
	midnight, err := time.ParseInLocation(time.DateOnly, string(w.day), time.FixedZone("JST", 9*3600))
	if err != nil {
		w.t.Fatal(err)
	}
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
	text, w.at, _ = strings.Cut(text, " at desk ")
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
		dispatch.ErrStale, dispatch.ErrErased, dispatch.ErrNotYours, dispatch.ErrScope, dispatch.ErrChanged, dispatch.ErrHoldExpired,
		dispatch.ErrTooSoon, dispatch.ErrUnchecked, dispatch.ErrUnqualified,
	} {
		if errors.Is(err, known) {
			if known == dispatch.ErrKeyReused || known == dispatch.ErrErased { // the rest says where in the store
				err = known
			}
			return []string{"error: " + strings.TrimPrefix(err.Error(), "dispatch: ")}, true
		}
	}
	if refused, ok := errors.AsType[*dispatch.RefusedError](err); ok {
		return w.quoted(&dispatch.Quote{Refusals: refused.Refusals}), true
	}
	if fault, ok := errors.AsType[*dispatch.PolicyError](err); ok {
		return []string{"not taken: " + fault.Reason}, true
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
	return w.fresh().Ride(w.ctx, storyArea, id)
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
	for _, day := range w.days {
		faults, err := store.Check(w.ctx, storyArea, day)
		if err != nil || len(faults) > 0 {
			w.t.Errorf("%s: after the story the store disagrees with itself: %v, %v", day, faults, err)
		}
		clear(w.desks)
		if wrong, err := w.desk("").Verified(w.ctx, storyArea, day); err != nil || len(wrong) > 0 {
			w.t.Errorf("%s: after the story the plan breaks a rule: %q, %v", day, wrong, err)
		}
	}
}
