package dispatch_test

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/dispatch/planstore"
	"github.com/swmaas/swmaas/vehicles"
)

// orderCommands are the sentences about standing orders.
func orderCommands() []command {
	c := func(form string, run func(w *world, m []string) ([]string, error)) command {
		return command{regexp.MustCompile("^" + form + "$"), run}
	}
	return []command{
		c(`standing order (O-\d+) of (P-\d+), (every .+?) from (\S+?)(?: to (\S+?))?(?:, holidays (served|moved before|moved after))?: (.+)`, (*world).orders),
		c(`standing order (O-\d+)( as first seen)? becomes: (.+)`, (*world).reorders),
		c(`standing order (O-\d+) is suspended from (\S+?)(?: to (\S+?))?(?: because (\S+))?`, (*world).suspends),
		c(`standing order (O-\d+) is left out on (\S+?)(?: because (\S+))?`, (*world).leavesOut),
		c(`standing order (O-\d+) on (\S+) is: (.+)`, (*world).onceAs),
		c(`standing orders are booked through (\S+)`, (*world).generates),
		c(`rides`, (*world).dayRides),
	}
}

// standing is the standing orders at a desk of the story.
func (w *world) standing() (*dispatch.Orders, *planstore.Store) {
	store, err := planstore.New(w.redis, w.ring, planstore.Config{})
	if err != nil {
		w.t.Fatal(err)
	}
	return dispatch.NewOrders(w.desk(""), store), store
}

var everyWeekday = regexp.MustCompile(`^every (?:(\d) weeks on )?(.+)$`)

// pattern reads "every Monday and Friday" or "every 2 weeks on Tuesday".
func pattern(text string, o *dispatch.StandingOrder) error {
	m := everyWeekday.FindStringSubmatch(text)
	if m == nil {
		return fmt.Errorf("%q is no pattern of a week", text)
	}
	_, _ = fmt.Sscan(m[1], &o.EveryWeeks)
	for name := range strings.SplitSeq(strings.ReplaceAll(m[2], " and ", ", "), ", ") {
		day := time.Sunday
		for day <= time.Saturday && day.String() != name {
			day++
		}
		switch {
		case name == "day":
			return nil
		case day > time.Saturday:
			return fmt.Errorf("%q is no day of the week", name)
		}
		o.Weekdays |= vehicles.On(day)
	}
	return nil
}

func (w *world) orders(m []string) ([]string, error) {
	p, err := w.known(m[2])
	if err != nil {
		return nil, err
	}
	o := dispatch.StandingOrder{
		ID: dispatch.OrderID(m[1]), Area: storyArea, Rider: dispatch.RiderID(m[2]), Party: p.party,
		Dates: vehicles.Dates{From: vehicles.Date(m[4]), To: vehicles.Date(m[5])},
		Holidays: map[string]dispatch.HolidayRule{
			"served": dispatch.HolidayServed, "moved before": dispatch.HolidayMovedBefore, "moved after": dispatch.HolidayMovedAfter,
		}[m[6]],
	}
	if err := pattern(m[3], &o); err != nil {
		return nil, err
	}
	if o.Legs, err = w.legs(m[7]); err != nil {
		return nil, err
	}
	orders, _ := w.standing()
	return w.settled(orders.Put(w.ctx, staff(), o))
}

// reorders changes the rides of a series; "as first seen" speaks of version 1 of it.
func (w *world) reorders(m []string) ([]string, error) {
	orders, store := w.standing()
	old, err := store.Order(w.ctx, storyArea, dispatch.OrderID(m[1]))
	if err != nil {
		return nil, err
	}
	o := *old
	if m[2] != "" {
		o.Version = 1
	}
	if o.Legs, err = w.legs(m[3]); err != nil {
		return nil, err
	}
	return w.settled(orders.Put(w.ctx, staff(), o))
}

func (w *world) suspends(m []string) ([]string, error) {
	orders, _ := w.standing()
	pause := dispatch.Suspension{Dates: vehicles.Dates{From: vehicles.Date(m[2]), To: vehicles.Date(m[3])}, Reason: m[4]}
	return w.settled(orders.Suspend(w.ctx, staff(), storyArea, dispatch.OrderID(m[1]), 0, pause))
}

func (w *world) leavesOut(m []string) ([]string, error) {
	return w.excepts(m[1], dispatch.Exception{Day: dispatch.Day(m[2]), Skip: true, Reason: m[3]})
}

func (w *world) onceAs(m []string) ([]string, error) {
	legs, err := w.legs(m[3])
	if err != nil {
		return nil, err
	}
	return w.excepts(m[1], dispatch.Exception{Day: dispatch.Day(m[2]), Legs: legs})
}

func (w *world) excepts(id string, e dispatch.Exception) ([]string, error) {
	orders, _ := w.standing()
	return w.settled(orders.Except(w.ctx, staff(), storyArea, dispatch.OrderID(id), 0, e))
}

func (w *world) generates(m []string) ([]string, error) {
	orders, _ := w.standing()
	days, err := orders.Generate(w.ctx, storyArea, dispatch.Day(m[1]))
	return w.settled(nil, days, err)
}

// settled writes what became of each day, and has the days checked when the story is over.
func (w *world) settled(_ *dispatch.StandingOrder, days []dispatch.OrderDay, err error) ([]string, error) {
	if err != nil {
		return nil, err
	}
	words := map[dispatch.OrderOutcome]string{
		dispatch.OrderKept: "stays as it is", dispatch.OrderBooked: "booked", dispatch.OrderUnmet: "unmet", dispatch.OrderChanged: "changed",
		dispatch.OrderRefused: "cannot be changed and stays as it was", dispatch.OrderEnded: "taken back", dispatch.OrderEarly: "too early to book",
	}
	var out []string
	for _, d := range days {
		if !slices.Contains(w.days, d.Day) {
			w.days = append(w.days, d.Day)
		}
		at, err := time.Parse(time.DateOnly, string(d.Day))
		if err != nil {
			return nil, err
		}
		out = append(out, fmt.Sprintf("%s, %s %s: %s", d.Order, at.Weekday().String()[:3], d.Day, words[d.Outcome]))
		for i := range d.Refusals {
			out = append(out, fmt.Sprintf("  %s: %s", d.Refusals[i].Code, d.Refusals[i].Sentence("ja")))
		}
	}
	return out, nil
}

// dayRides lists the rides of the day, and gives those of standing orders names: "O-1/1" is the order's first.
func (w *world) dayRides([]string) ([]string, error) {
	state, err := w.fresh().State(w.ctx, storyArea, w.day)
	if err != nil {
		return nil, err
	}
	var rides []*dispatch.Ride
	for _, r := range state.Rides {
		rides = append(rides, r)
	}
	slices.SortFunc(rides, func(x, y *dispatch.Ride) int {
		bx, _ := state.Trip(x.ID)
		by, _ := state.Trip(y.ID)
		return cmp.Or(cmp.Compare(x.Order, y.Order), x.Created.Compare(y.Created), cmp.Compare(len(bx), len(by)),
			cmp.Compare(x.State, y.State), cmp.Compare(x.ID, y.ID))
	})
	var out []string
	for _, r := range rides {
		if before, _ := state.Trip(r.ID); r.Order != "" && r.State == dispatch.Booked {
			w.name(r.ID, fmt.Sprintf("%s/%d", r.Order, len(before)+1))
		} else if r.Order != "" && w.names[r.ID] == "" {
			w.names[r.ID] = fmt.Sprintf("%s/%d", r.Order, len(before)+1)
		}
		out = append(out, w.line(r)...)
	}
	return orNothing(out, "no rides"), nil
}
