package dispatch_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/redis/go-redis/v9"

	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/testdata/redistest"
)

const (
	randomWorkers  = 8
	commandsARound = 3 // of each worker
)

// randomTime is how long the random commands run: SWMAAS_MODEL_TIME, as time.ParseDuration reads it.
func randomTime(t *testing.T) time.Duration {
	t.Helper()
	text := os.Getenv("SWMAAS_MODEL_TIME")
	if text == "" {
		return 4 * time.Second
	}
	d, err := time.ParseDuration(text)
	if err != nil {
		t.Fatalf("SWMAAS_MODEL_TIME: %v", err)
	}
	return d
}

func TestRandomCommandsOnOneRedis(t *testing.T) {
	t.Parallel()
	randomCommandsOn(t, oneRedis(t))
}

func TestRandomCommandsOnACluster(t *testing.T) {
	t.Parallel()
	addrs := redistest.StartCluster(t)
	randomCommandsOn(t, func() redis.UniversalClient {
		client := redis.NewClusterClient(&redis.ClusterOptions{Addrs: addrs})
		t.Cleanup(func() { _ = client.Close() })
		return client
	})
}

// randomCommandsOn lets workers make random commands at several desks on one store. After each command the day is read and
// its plan checked; after each round, when nothing is under way, plan, indexes, events, desks and the model must agree.
func randomCommandsOn(t *testing.T, connect func() redis.UniversalClient) {
	w := newRandomWorld(t, connect)
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed) // the interleaving is the scheduler's, but the commands come back
	random := rand.New(rand.NewPCG(seed, 0))
	ledger := &ledger{disturbed: map[dispatch.AreaDay]bool{}, rides: map[dispatch.AreaDay][]rideSeen{}, driven: map[drivenVan]bool{}, suspects: map[drivenVan]int{}, ran: map[string]int{}}
	history := newFold()
	callers := make([]*randomCaller, randomWorkers)
	for i := range callers {
		callers[i] = &randomCaller{
			randomWorld: w, ctx: t.Context(), random: rand.New(rand.NewPCG(seed, uint64(i)+1)), ledger: ledger, name: fmt.Sprint("caller-", i),
		}
	}
	rounds := 0
	length := randomTime(t) // and longer where a busy machine made few of them
	for begin := time.Now(); !t.Failed() && (time.Since(begin) < length || len(ledger.missing()) > 0 && time.Since(begin) < max(10*length, 3*time.Minute)); rounds++ {
		var wg sync.WaitGroup
		for _, c := range callers {
			wg.Go(func() {
				for range commandsARound {
					if err := c.step(); err != nil {
						t.Error(err)
						return
					}
				}
			})
		}
		wg.Wait()
		w.settled(t, ledger, history)
		if w.pass(random) {
			ledger.forget(w.day)
		}
		w.noteLate(t, ledger)
	}
	t.Logf("%d rounds until %s: %v, %d events", rounds, w.now().Format(time.DateTime), ledger.ran, history.count)
	if names := ledger.missing(); len(names) > 0 && !t.Failed() {
		t.Errorf("no %s was ever acknowledged: the test shows little", strings.Join(names, ", "))
	}
}

// missing lists the commands that have to be acknowledged at least once and were not yet.
func (l *ledger) missing() (names []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, name := range []string{"book", "hold", "accept", "decline", "wait", "call", "cancel", "step", "undo", "close", "take out", "calendar"} {
		if l.ran[name] == 0 {
			names = append(names, name)
		}
	}
	return names
}

// step makes one random command and looks at the whole day behind it.
func (c *randomCaller) step() error {
	total := 0
	for _, cmd := range randomCommands() {
		total += cmd.weight
	}
	n := c.random.IntN(total)
	for _, cmd := range randomCommands() {
		if n -= cmd.weight; n < 0 {
			if err := cmd.run(c); err != nil {
				return fmt.Errorf("%s: %w", cmd.name, err)
			}
			break
		}
	}
	day := c.today()
	state, err := c.store.Load(c.ctx, day.Area, day.Day)
	if err != nil {
		return err
	}
	excused := func() map[dispatch.RideID]bool { return c.excused(day) }
	if wrong := c.planFaults(state, c.ledger, excused); len(wrong) > 0 {
		return fmt.Errorf("%s %s at revision %d: %q, after\n%s", day.Area, day.Day, state.Revision, wrong, c.latest(c.ctx, day, state.Revision))
	}
	return nil
}

// excused are the rides of a day that may be for the same time as another of the rider: those whose driver took a step back, which may
// have made the rider free, those that were called for, which were at no time before, and those that a driver has set out for, who is not
// called back when a repair moves another.
func (c *randomCaller) excused(day dispatch.AreaDay) map[dispatch.RideID]bool {
	ids := map[dispatch.RideID]bool{}
	var last dispatch.EventID
	for {
		events, err := c.store.Events(c.ctx, day.Area, day.Day, last, 1000)
		if err != nil || len(events) == 0 { // what cannot be read excuses nothing
			return ids
		}
		for i := range events {
			switch e := &events[i]; {
			case e.Kind == dispatch.StepUndone, e.Kind == dispatch.RideCalled, e.Kind == dispatch.VehicleLeft && e.Before != dispatch.UnderWay.String():
				ids[e.Ride] = true
			}
		}
		last = events[len(events)-1].ID
	}
}

// latest is what the log has of the last commits up to a revision, for the message of a failure.
func (w *randomWorld) latest(ctx context.Context, day dispatch.AreaDay, revision int64) string {
	events, err := w.store.Events(ctx, day.Area, day.Day, dispatch.EventID(fmt.Sprintf("%d-0", max(0, revision-8))), 200)
	if err != nil {
		return err.Error()
	}
	var out strings.Builder
	for i := range events {
		e := &events[i]
		fmt.Fprintf(&out, "  %s %s %s ride %s shift %s %s>%s %s\n", e.ID, e.Actor, e.Kind, e.Ride, e.Shift, e.Before, e.After, e.Detail)
	}
	return out.String()
}

// settled checks everything while nothing is under way.
func (w *randomWorld) settled(t *testing.T, ledger *ledger, history *fold) {
	t.Helper()
	ctx := t.Context()
	for _, area := range randomAreas() {
		day := dispatch.AreaDay{Area: area, Day: w.day}
		w.loops(t, day)
		faults, err := w.store.Check(ctx, day.Area, day.Day)
		if err != nil || len(faults) > 0 {
			t.Fatalf("%v: plan, indexes and events disagree: %+v, %v", day, faults, err)
		}
		state, err := w.store.Load(ctx, day.Area, day.Day)
		if err != nil {
			t.Fatal(err)
		}
		for i, desk := range w.desks {
			if err := desk.Refresh(ctx, day, state.Revision); err != nil {
				t.Fatal(err)
			}
			got, err := desk.State(ctx, day.Area, day.Day)
			if err != nil {
				t.Fatal(err)
			}
			if differs := difference(got, state); differs != "" {
				t.Fatalf("%v: desk %d at revision %d and the store at %d: %s", day, i, got.Revision, state.Revision, differs)
			}
		}
		wrong, err := w.newDesk(t).Verified(ctx, day.Area, day.Day)
		if err != nil || len(wrong) > 0 {
			t.Fatalf("%v at %d, revision %d: verify: %q, %v, after\n%s", day, w.second(), state.Revision, wrong, err, w.latest(ctx, day, state.Revision))
		}
		if wrong := history.read(ctx, w, day, state); len(wrong) > 0 {
			t.Fatalf("%v: %q", day, wrong)
		}
		if wrong := w.unlisted(state, ledger, history); len(wrong) > 0 {
			t.Fatalf("%v at %d, revision %d: %q", day, w.second(), state.Revision, wrong)
		}
	}
	if wrong := ledger.against(history); len(wrong) > 0 {
		t.Fatalf("%s: %q", w.day, wrong)
	}
}

// noteLate notes the vehicles that should have left by now: what they promised may not be kept any more.
func (w *randomWorld) noteLate(t *testing.T, ledger *ledger) {
	t.Helper()
	for _, area := range randomAreas() {
		day := dispatch.AreaDay{Area: area, Day: w.day}
		state, err := w.store.Load(t.Context(), day.Area, day.Day)
		if err != nil {
			t.Fatal(err)
		}
		for _, shift := range w.Parts() {
			r := state.Routes[shift.ID]
			if r != nil && len(r.Stops) > 0 && r.Stops[0].LeaveBy <= w.second() {
				ledger.drive(day, shift.Vehicle)
			}
		}
	}
}

// loops does what the engine's loops do.
func (w *randomWorld) loops(t *testing.T, day dispatch.AreaDay) {
	t.Helper()
	desk := w.desks[0]
	if _, err := desk.Sweep(t.Context(), day.Area, day.Day); err != nil {
		t.Fatal(err)
	}
	if _, err := desk.Roll(t.Context(), day.Area, day.Day); err != nil {
		t.Fatal(err)
	}
	if _, err := desk.FreedOffers(t.Context(), day.Area, day.Day); err != nil {
		t.Fatal(err)
	}
	if _, err := desk.Mend(t.Context(), day.Area, day.Day); err != nil {
		t.Fatal(err)
	}
}

// difference says where two states differ, or nothing. The zone of a moment is not kept by the store and does not count.
func difference(a, b *dispatch.State) string {
	if diff := cmp.Diff(a.Notes, b.Notes); diff != "" {
		return "notes: " + diff
	}
	if a.Revision != b.Revision || len(a.Rides) != len(b.Rides) || len(a.Routes) != len(b.Routes) {
		return fmt.Sprintf("%d and %d rides, %d and %d routes", len(a.Rides), len(b.Rides), len(a.Routes), len(b.Routes))
	}
	for id, x := range a.Rides {
		if b.Rides[id] == nil {
			return fmt.Sprintf("ride %s is in one only", id)
		}
		x, y := *x, *b.Rides[id]
		x.Created, x.Held, y.Created, y.Held = x.Created.UTC(), x.Held.UTC(), y.Created.UTC(), y.Held.UTC()
		if !reflect.DeepEqual(x, y) {
			return fmt.Sprintf("ride %s is %+v and %+v", id, x, y)
		}
	}
	for id, x := range a.Routes {
		y := b.Routes[id]
		if y == nil || x.Shift != y.Shift || x.Version != y.Version || !slices.Equal(x.Stops, y.Stops) {
			return fmt.Sprintf("route %s is %+v and %+v", id, x, y)
		}
	}
	return ""
}

// forget drops what was noted of days before, whose requests are not repeated any more.
func (l *ledger) forget(today dispatch.Day) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.requests = slices.DeleteFunc(l.requests, func(r *randomRequest) bool { return r.day.Day != today })
	l.offers = nil
	clear(l.rides)
	clear(l.driven)
	clear(l.suspects)
	clear(l.disturbed)
}

// against lists where what callers were told is not what the log has: what was acknowledged happened in one commit, and
// what was refused in none.
func (l *ledger) against(history *fold) []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	var wrong []string
	for _, r := range l.requests {
		r.mu.Lock()
		want := 0
		if r.done {
			want = 1
		}
		if got := len(history.commits[r.actor]); got != want {
			wrong = append(wrong, fmt.Sprintf("%s of %s: acknowledged is %v and it made %d commits", r.name, r.actor, r.done, got))
		}
		r.mu.Unlock()
	}
	for day, rides := range l.rides {
		for _, ride := range rides {
			if !slices.Contains(history.bookedBy[rideKey{day, ride.id}], ride.actor) {
				wrong = append(wrong, fmt.Sprintf("%v: %s was told of ride %s and the log has it of %q alone", day, ride.actor, ride.id, history.bookedBy[rideKey{day, ride.id}]))
			}
		}
	}
	return wrong
}

type rideKey struct {
	day dispatch.AreaDay
	id  dispatch.RideID
}

// fold replays the log of events on the simplest model of a ride: the name of its state.
type fold struct {
	after    map[dispatch.AreaDay]dispatch.EventID
	states   map[rideKey]string
	bookedBy map[rideKey][]string         // more than one where it was put off and booked again
	commits  map[string]map[string]bool   // by actor: revisions that are theirs
	agreed   map[rideKey]dispatch.Promise // what riders asked for last
	promises map[rideKey]dispatch.Promise // of rides that somebody waits for, as of the last time
	taken    map[rideKey]string           // rides that were taken from their riders since then, and how
	numbers  map[shiftKey]int64           // of the manifests that were published last
	late     map[rideKey]bool             // rides that a repair has said of that they are late, and nothing can be done
	story    map[rideKey][]string         // what happened, for the message of a failure
	askedAt  map[rideKey]time.Time        // when that was the last time
	asked    map[rideKey]bool             // rides that were changed or called for since then by who asked for it
	count    int
}

func newFold() *fold {
	return &fold{
		after: map[dispatch.AreaDay]dispatch.EventID{}, states: map[rideKey]string{}, bookedBy: map[rideKey][]string{}, commits: map[string]map[string]bool{},
		agreed: map[rideKey]dispatch.Promise{}, promises: map[rideKey]dispatch.Promise{}, asked: map[rideKey]bool{},
		story: map[rideKey][]string{}, askedAt: map[rideKey]time.Time{},
		taken: map[rideKey]string{}, numbers: map[shiftKey]int64{}, late: map[rideKey]bool{},
	}
}

// legalEvents says what each event may do to the state of a ride: "before>after", and "=" for one that changes no state.
func legalEvents() map[dispatch.EventKind][]string {
	return map[dispatch.EventKind][]string{
		dispatch.RideBooked:        {">booked", "offered>booked"},
		dispatch.RideHeld:          {">offered"},
		dispatch.RideOffered:       {"draft>offered"},
		dispatch.RideWaitlisted:    {">draft", "offered>draft"},
		dispatch.RideTurnedDown:    {"offered>turned_down", "draft>turned_down"},
		dispatch.RideUnmet:         {"draft>unmet", "booked>unmet"},
		dispatch.RideCalled:        {"="},
		dispatch.RideExceeded:      {"="},
		dispatch.RideChanged:       {"="},
		dispatch.RideCancelled:     {"draft>cancelled", "offered>cancelled", "booked>cancelled", "published>cancelled"},
		dispatch.RideBoarded:       {"booked>under_way", "published>under_way"},
		dispatch.RideCompleted:     {"under_way>completed"},
		dispatch.RideNoShow:        {"booked>no_show", "published>no_show"},
		dispatch.VehicleLeft:       {"="},
		dispatch.VehicleArrived:    {"="},
		dispatch.StepUndone:        {"=", "under_way>booked", "completed>under_way", "no_show>booked", "missed>booked", "under_way>published", "no_show>published", "missed>published"},
		dispatch.RouteImproved:     {"="},
		dispatch.RideLocked:        {"="},
		dispatch.RideUnlocked:      {"="},
		dispatch.RideMissed:        {"booked>missed", "published>missed", "under_way>missed"},
		dispatch.DoorTried:         {"="},
		dispatch.StepHeld:          {"="},
		dispatch.StepRefused:       {"="},
		dispatch.DriverOn:          {"="},
		dispatch.DriverOff:         {"="},
		dispatch.CheckPassed:       {"="},
		dispatch.CheckFailed:       {"="},
		dispatch.DriverStood:       {"="},
		dispatch.IncidentOpen:      {"="},
		dispatch.IncidentOver:      {"="},
		dispatch.ExceptionSeen:     {"="},
		dispatch.MustTell:          {"="},
		dispatch.TellOutdated:      {"="},
		dispatch.TellTried:         {"="},
		dispatch.TellDone:          {"="},
		dispatch.RidePublished:     {"booked>published"},
		dispatch.RoutePublished:    {"="},
		dispatch.RouteAcked:        {"="},
		dispatch.ConditionsChanged: {"="},
		dispatch.RouteMended:       {"="},
		dispatch.RidePostponed:     {"booked>draft", "published>draft"},
		dispatch.RideStranded:      {"under_way>booked"},
		dispatch.RideMoved:         {"="},
		dispatch.PlanOverridden:    {"="},
		dispatch.OverrideUndone:    {"="},
		dispatch.MessageSent:       {"="},
		dispatch.MessageRead:       {"="},
	}
}

// read takes in the events since the last time and lists what is wrong with them, and where they do not lead to the state.
func (f *fold) read(ctx context.Context, w *randomWorld, day dispatch.AreaDay, state *dispatch.State) (wrong []string) {
	for {
		events, err := w.store.Events(ctx, day.Area, day.Day, f.after[day], 100)
		if err != nil {
			return append(wrong, err.Error())
		}
		for i := range events {
			if fault := f.add(day, &events[i]); fault != "" {
				wrong = append(wrong, fault)
			}
			f.after[day] = events[i].ID
		}
		if len(events) < 100 {
			break
		}
	}
	for key, s := range f.states {
		if key.day == day && (state.Rides[key.id] == nil || state.Rides[key.id].State.String() != s) {
			wrong = append(wrong, fmt.Sprintf("ride %s is %s by the events and otherwise in the plan", key.id, s))
		}
	}
	wrong = append(wrong, f.untold(day, state)...)
	wrong = append(wrong, f.unkept(day, state)...)
	wrong = append(wrong, f.manifests(day, state)...)
	for id := range state.Rides {
		if _, told := f.states[rideKey{day, id}]; !told {
			wrong = append(wrong, fmt.Sprintf("ride %s is in the plan and no event tells of it", id))
		}
	}
	return wrong
}

// add takes one event in and says what is wrong with it.
func (f *fold) add(day dispatch.AreaDay, e *dispatch.Event) string {
	f.count++
	revision, _, _ := strings.Cut(string(e.ID), "-")
	if f.commits[e.Actor] == nil {
		f.commits[e.Actor] = map[string]bool{}
	}
	f.commits[e.Actor][string(day.Area)+" "+string(day.Day)+" "+revision] = true
	legal, known := legalEvents()[e.Kind]
	if !known {
		return fmt.Sprintf("event %s is a %q, which the model does not know: add it to legalEvents", e.ID, e.Kind)
	}
	if e.Kind == dispatch.RoutePublished {
		return f.manifest(day, e)
	}
	if key := (rideKey{day, e.Ride}); e.Ride != "" {
		f.story[key] = append(f.story[key], fmt.Sprint(e.ID, " ", e.Actor, " ", e.Kind, " ", e.Detail))
	}
	if e.Kind == dispatch.RouteMended || e.Kind == dispatch.RideChanged {
		f.late[rideKey{day, e.Ride}] = e.Kind == dispatch.RouteMended
	}
	if e.Ride == "" || e.Before+e.After == "" && slices.Contains(legal, "=") { // a route that changed, perhaps for the sake of a ride
		return ""
	}
	key := rideKey{day, e.Ride}
	was, there := f.states[key]
	change := e.Before + ">" + e.After
	if e.Before == e.After {
		change = "="
	}
	if e.Before != was || !slices.Contains(legal, change) || !there && e.Before != "" {
		return fmt.Sprintf("event %s: %s takes ride %s from %q to %q, and it was %q", e.ID, e.Kind, e.Ride, e.Before, e.After, was)
	}
	f.states[key] = e.After
	f.take(key, e)
	if e.Actor != "engine" && !slices.Contains(mendCodes(), e.Detail) && slices.Contains([]dispatch.EventKind{dispatch.RideBooked, dispatch.RideChanged, dispatch.RideCalled}, e.Kind) {
		f.asked[key], f.askedAt[key] = true, e.At
	}
	if e.Kind == dispatch.RideBooked {
		f.bookedBy[key] = append(f.bookedBy[key], e.Actor)
	}
	return ""
}
