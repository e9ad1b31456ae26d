package dispatch

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/swmaas/swmaas/vehicles"
)

// naiveOrders is the plainest OrderStore; dispatch/planstore tests the real one.
type naiveOrders struct {
	mu     sync.Mutex
	orders map[OrderID]*StandingOrder
}

func (s *naiveOrders) Orders(context.Context, AreaID) ([]*StandingOrder, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []*StandingOrder
	for _, id := range slices.Sorted(maps.Keys(s.orders)) {
		list = append(list, s.orders[id])
	}
	return list, nil
}

func (s *naiveOrders) Order(_ context.Context, _ AreaID, id OrderID) (*StandingOrder, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if o := s.orders[id]; o != nil {
		return o, nil
	}
	return nil, ErrNotFound
}

func (s *naiveOrders) RemoveOrder(_ context.Context, _ AreaID, id OrderID, version int64) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if old := s.orders[id]; old == nil || old.Version != version {
		return ErrStale
	}
	delete(s.orders, id)
	return nil
}

func (s *naiveOrders) SaveOrder(_ context.Context, o *StandingOrder) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	was := int64(0)
	if old := s.orders[o.ID]; old != nil {
		was = old.Version
	}
	if o.Version != was+1 {
		return ErrStale
	}
	kept := *o
	s.orders[o.ID] = &kept
	return nil
}

// manyDays is a naiveStore for each day.
type manyDays struct {
	mu   sync.Mutex
	days map[Day]*naiveStore
}

func (s *manyDays) of(day Day) *naiveStore {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.days[day] == nil {
		s.days[day] = newNaiveStore()
		s.days[day].state = NewState("kurobe", day)
	}
	return s.days[day]
}

func (s *manyDays) Replay(ctx context.Context, a AreaID, key IdempotencyKey) ([]byte, bool, error) {
	return nil, false, nil
}

func (s *manyDays) Load(ctx context.Context, a AreaID, day Day) (*State, error) {
	return s.of(day).Load(ctx, a, day)
}

func (s *manyDays) Commit(ctx context.Context, c *Commit) (int64, error) {
	return s.of(c.Day).Commit(ctx, c)
}

func (s *manyDays) Events(ctx context.Context, a AreaID, day Day, after EventID, n int) ([]Event, error) {
	return s.of(day).Events(ctx, a, day, after, n)
}

// dialysis is out by nine and back at one, on Mondays, Wednesdays and Fridays from Monday, 4 May 2026: a holiday, as is
// Wednesday the 6th.
func dialysis() StandingOrder {
	home, clinic := at("home", 1, 1), at("clinic", 9, 9)
	return StandingOrder{
		ID: "O-1", Area: "kurobe", Rider: "R-1", Party: Party{Load: vehicles.Load{Seats: 1}, Board: 60, Alight: 40},
		Weekdays: 1<<time.Monday | 1<<time.Wednesday | 1<<time.Friday, Dates: vehicles.Dates{From: "2026-05-04"},
		Legs: []TripLeg{
			{Pickup: home, Dropoff: clinic, Purpose: "dialysis", Wish: Wish{ArriveBy, Window{0, 9 * 3600}}},
			{Pickup: clinic, Dropoff: home, Purpose: "dialysis", Wish: Wish{DepartAfter, Window{13 * 3600, 14 * 3600}}},
		},
	}
}

func everyDay() *calendar {
	off := nationalHolidays()
	return &calendar{holiday: func(d Day) bool { return off[d] }, serves: func(Day) bool { return true }}
}

// daysOf lists the days of May on which an order is served, as "4 6 8".
func daysOf(o *StandingOrder) string {
	var out []string
	for d := vehicles.Date("2026-05-01"); d < "2026-06-01"; d = d.Add(1) {
		if o.legsOn(Day(d), everyDay()) != nil {
			out = append(out, strings.TrimPrefix(string(d)[8:], "0"))
		}
	}
	return strings.Join(out, " ")
}

func TestDaysOfAStandingOrder(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*StandingOrder)
		want   string
	}{
		{"holidays skipped", func(*StandingOrder) {}, "8 11 13 15 18 20 22 25 27 29"},
		{"holidays served", func(o *StandingOrder) { o.Holidays = HolidayServed }, "4 6 8 11 13 15 18 20 22 25 27 29"},
		// 4 May moves back past the 3rd, a holiday, to Saturday the 2nd; the 6th would have to go past the 5th to the 4th and on to
		// the 2nd as well.
		{"holidays moved before", func(o *StandingOrder) { o.Holidays = HolidayMovedBefore }, "2 8 11 13 15 18 20 22 25 27 29"},
		{"holidays moved after", func(o *StandingOrder) { o.Holidays = HolidayMovedAfter }, "7 8 11 13 15 18 20 22 25 27 29"},
		{"every second week", func(o *StandingOrder) { o.EveryWeeks = 2 }, "8 18 20 22"},
		{"until the 15th", func(o *StandingOrder) { o.Dates.To = "2026-05-15" }, "8 11 13 15"},
		{"in hospital", func(o *StandingOrder) {
			o.Suspended = []Suspension{{Dates: vehicles.Dates{From: "2026-05-12", To: "2026-05-25"}, Reason: "HOSPITAL"}}
		}, "8 11 27 29"},
		{"one day left out, one more", func(o *StandingOrder) {
			o.Exceptions = []Exception{{Day: "2026-05-13", Skip: true}, {Day: "2026-05-14", Legs: o.Legs[:1]}}
		}, "8 11 14 15 18 20 22 25 27 29"},
		{"served on a holiday for once", func(o *StandingOrder) {
			o.Exceptions = []Exception{{Day: "2026-05-06", Legs: o.Legs}}
		}, "6 8 11 13 15 18 20 22 25 27 29"},
		{"every day", func(o *StandingOrder) { o.Weekdays, o.Dates.To = 0, "2026-05-12" }, "7 8 9 10 11 12"},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := dialysis()
			c.change(&o)
			if err := o.validate(); err != nil {
				t.Fatal(err)
			}
			if got := daysOf(&o); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

// ordered is a desk on many days with standing orders, on Sunday, 10 May 2026.
func ordered(t *testing.T, days *manyDays, store *naiveOrders, vans int) (*bench, *Orders) {
	t.Helper()
	b := newBench(t, vans)
	b.plans = days
	b.now = time.Date(2026, 5, 10, 12, 0, 0, 0, b.cfg.Zone)
	return b, NewOrders(b.Desk, store)
}

func outcomes(days []OrderDay) string {
	var out []string
	for _, d := range days {
		out = append(out, fmt.Sprintf("%s:%d", d.Day[8:], d.Outcome))
	}
	return strings.Join(out, " ")
}

func TestGeneratingTwiceBooksOnce(t *testing.T) {
	days := &manyDays{days: map[Day]*naiveStore{}}
	store := &naiveOrders{orders: map[OrderID]*StandingOrder{}}
	_, one := ordered(t, days, store, 2)
	_, two := ordered(t, days, store, 2)
	o, settled, err := one.Put(t.Context(), caller, dialysis())
	if err != nil || o.Version != 1 || len(settled) != 0 {
		t.Fatal(o, settled, err)
	}
	var work sync.WaitGroup
	for _, orders := range []*Orders{one, two, one, two} {
		work.Go(func() {
			if _, err := orders.Generate(t.Context(), "kurobe", "2026-05-24"); err != nil {
				t.Error(err)
			}
		})
	}
	work.Wait()
	again, err := one.Generate(t.Context(), "kurobe", "2026-05-24")
	if err != nil || outcomes(again) != "11:1 13:1 15:1 18:1 20:1 22:1" {
		t.Errorf("again: %s, %v", outcomes(again), err)
	}
	total := 0
	for day, s := range days.days {
		rides := s.state.ofOrder("O-1")
		total += len(rides)
		if len(rides) != 0 && (len(rides) != 2 || rides[1].Linked != rides[0].ID || rides[0].State != Booked || rides[1].State != Booked) {
			t.Errorf("%s has %d rides", day, len(rides))
		}
	}
	if total != 12 {
		t.Errorf("%d rides in two weeks, want 12", total)
	}
	if o, err = store.Order(t.Context(), "kurobe", "O-1"); err != nil || o.Through != "2026-05-24" {
		t.Errorf("generated through %s, %v", o.Through, err)
	}
}

func TestAStandingOrderIsChangedSuspendedAndExcepted(t *testing.T) {
	days := &manyDays{days: map[Day]*naiveStore{}}
	store := &naiveOrders{orders: map[OrderID]*StandingOrder{}}
	b, orders := ordered(t, days, store, 2)
	must := func(o *StandingOrder, d []OrderDay, err error) (*StandingOrder, string) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return o, outcomes(d)
	}
	must(orders.Put(t.Context(), caller, dialysis()))
	if _, err := orders.Generate(t.Context(), "kurobe", "2026-05-24"); err != nil {
		t.Fatal(err)
	}
	later := dialysis().Legs
	later[0].Wish.Window.Latest = 10 * 3600
	if _, got := must(orders.Except(t.Context(), caller, "kurobe", "O-1", 0, Exception{Day: "2026-05-13", Legs: later})); got != "11:1 13:4 15:1 18:1 20:1 22:1" {
		t.Errorf("another time for once: %s", got)
	}
	if r := days.of("2026-05-13").state.ofOrder("O-1"); len(r) != 2 || r[0].Promise.ArriveBy != 10*3600 {
		t.Errorf("rides of the 13th: %+v", r)
	}
	if _, got := must(orders.Except(t.Context(), caller, "kurobe", "O-1", 0, Exception{Day: "2026-05-15", Skip: true})); got != "11:1 13:1 15:6 18:1 20:1 22:1" {
		t.Errorf("left out for once: %s", got)
	}
	cancelled := days.of("2026-05-18").state.ofOrder("O-1")
	if _, _, err := b.CancelRide(t.Context(), caller, "kurobe", Cancellation{Ride: cancelled[0].ID, Scope: CancelAll, Reason: "X"}, "c1"); err != nil {
		t.Fatal(err)
	}
	pause := Suspension{Dates: vehicles.Dates{From: "2026-05-20", To: "2026-05-21"}, Reason: "HOSPITAL"}
	o, got := must(orders.Suspend(t.Context(), caller, "kurobe", "O-1", 0, pause))
	if got != "11:1 13:1 18:1 20:6 22:1" {
		t.Errorf("in hospital: %s", got)
	}
	if _, _, err := orders.Suspend(t.Context(), caller, "kurobe", "O-1", o.Version-1, pause); !errors.Is(err, ErrChanged) {
		t.Errorf("from an old version: %v", err)
	}
	well := *o
	well.Suspended = nil
	if o, got = must(orders.Put(t.Context(), caller, well)); got != "11:1 13:1 18:1 20:2 22:1" {
		t.Errorf("back from hospital: %s", got)
	}
	short := *o
	short.Dates.To = "2026-05-12"
	if _, got = must(orders.Put(t.Context(), caller, short)); got != "11:1 13:1 20:6 22:6" {
		t.Errorf("ended: %s; the 13th is an exception that stays", got)
	}
	for day, s := range days.days {
		b.store = s
		b.sound(t)
		_ = day
	}
}

func TestADayThatCannotBeServedIsRecordedAsUnmet(t *testing.T) {
	days := &manyDays{days: map[Day]*naiveStore{}}
	store := &naiveOrders{orders: map[OrderID]*StandingOrder{}}
	b, orders := ordered(t, days, store, 1)
	o := dialysis()
	o.Party.Load = vehicles.Load{Stretchers: 1}
	if _, _, err := orders.Put(t.Context(), caller, o); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"11:3 13:3", "11:1 13:1"} {
		got, err := orders.Generate(t.Context(), "kurobe", "2026-05-14")
		if err != nil || outcomes(got) != want {
			t.Errorf("got %s, %v; want %s", outcomes(got), err, want)
		}
	}
	demand, err := b.Demand(t.Context(), "kurobe", "2026-05-11")
	if err != nil || demand.Outcomes[Unmet] != 2 || demand.Standing != 2 || len(demand.Reasons[Unmet]) != 1 {
		t.Errorf("demand %+v, %v", demand, err)
	}
	now, err := store.Order(t.Context(), "kurobe", "O-1")
	if err != nil {
		t.Fatal(err)
	}
	seated := *now
	seated.Party.Load = vehicles.Load{Seats: 1}
	seated.Legs = slices.Clone(o.Legs)
	seated.Legs[0].Wish.Window.Latest = 9*3600 + 900
	_, settled, err := orders.Put(t.Context(), caller, seated)
	if err != nil || outcomes(settled) != "11:2 13:2" {
		t.Errorf("now that it can be served: %s, %v", outcomes(settled), err)
	}
	_, settled, err = orders.Put(t.Context(), caller, func() StandingOrder { o, _ := store.Order(t.Context(), "kurobe", "O-1"); return *o }())
	if err != nil || outcomes(settled) != "11:1 13:1" {
		t.Errorf("once more: %s, %v", outcomes(settled), err)
	}
}

// A change of the series that a full day has no place for leaves that day's rides as they were.
func TestAnOldPromiseStaysWhereTheNewOneCannotBeMade(t *testing.T) {
	days := &manyDays{days: map[Day]*naiveStore{}}
	store := &naiveOrders{orders: map[OrderID]*StandingOrder{}}
	_, orders := ordered(t, days, store, 1)
	if _, _, err := orders.Put(t.Context(), caller, dialysis()); err != nil {
		t.Fatal(err)
	}
	if _, err := orders.Generate(t.Context(), "kurobe", "2026-05-12"); err != nil {
		t.Fatal(err)
	}
	before := days.of("2026-05-11").state
	o, _ := store.Order(t.Context(), "kurobe", "O-1")
	night := *o
	night.Legs = slices.Clone(o.Legs)
	night.Legs[1].Wish = Wish{DepartAfter, Window{22 * 3600, 23 * 3600}}
	_, settled, err := orders.Put(t.Context(), caller, night)
	if err != nil || outcomes(settled) != "11:5" || len(settled[0].Refusals) == 0 {
		t.Errorf("got %s, %v", outcomes(settled), err)
	}
	if after := days.of("2026-05-11").state; after != before {
		t.Error("the day was changed")
	}
}

func TestAStandingOrderWithoutSenseIsRefused(t *testing.T) {
	_, orders := ordered(t, &manyDays{days: map[Day]*naiveStore{}}, &naiveOrders{orders: map[OrderID]*StandingOrder{}}, 1)
	for name, change := range map[string]func(*StandingOrder){
		"no beginning":         func(o *StandingOrder) { o.Dates.From = "" },
		"ends before it began": func(o *StandingOrder) { o.Dates.To = "2026-05-01" },
		"no legs":              func(o *StandingOrder) { o.Legs = nil },
		"two exceptions a day": func(o *StandingOrder) {
			o.Exceptions = []Exception{{Day: "2026-05-06", Skip: true}, {Day: "2026-05-06", Skip: true}}
		},
		"an exception without legs": func(o *StandingOrder) { o.Exceptions = []Exception{{Day: "2026-05-06"}} },
		"a suspension of no day":    func(o *StandingOrder) { o.Suspended = []Suspension{{}} },
		"a rule that is none":       func(o *StandingOrder) { o.Holidays = 9 },
	} {
		o := dialysis()
		change(&o)
		if _, _, err := orders.Put(t.Context(), caller, o); !errors.Is(err, ErrInvalid) {
			t.Errorf("%s: %v, want ErrInvalid", name, err)
		}
	}
	if _, err := orders.Generate(t.Context(), "kurobe", "soon"); !errors.Is(err, ErrInvalid) {
		t.Errorf("got %v", err)
	}
}
