package main

import (
	"context"
	"log/slog"
	"math"
	"time"

	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/vehicles"
)

// serveOrders is how far ahead the service books what standing orders ask for.
type serveOrders struct {
	OrdersAhead int `default:"14" placeholder:"N" help:"Book the rides of standing orders N days ahead, 1 to 90."`
}

func (c *serveOrders) validate() error {
	if c.OrdersAhead < 1 || c.OrdersAhead > 90 {
		return usageError("serve: --orders-ahead: %d is not 1 to 90", c.OrdersAhead)
	}
	return nil
}

// standingOrders is the standing orders of a running engine. Each call works on a desk of its own, which reads what the store
// has and is forgotten with the call: the many days that an order reaches neither stay in memory nor are searched by the
// improvement, and nobody who follows a day on the engine's desk is disturbed.
type standingOrders struct {
	newDesk func() (*dispatch.Desk, error)
	store   dispatch.OrderStore
	desk    *dispatch.Desk // of the engine: its open days are read again after a change
	changed chan<- dispatch.AreaID
}

func (s *standingOrders) open() (*dispatch.Orders, error) {
	desk, err := s.newDesk()
	if err != nil {
		return nil, err
	}
	return dispatch.NewOrders(desk, s.store), nil
}

// Order returns a standing order, or dispatch.ErrNotFound.
func (s *standingOrders) Order(ctx context.Context, area dispatch.AreaID, id dispatch.OrderID) (*dispatch.StandingOrder, error) {
	return s.store.Order(ctx, area, id)
}

// List returns the standing orders of an area by id.
func (s *standingOrders) List(ctx context.Context, area dispatch.AreaID) ([]*dispatch.StandingOrder, error) {
	return s.store.Orders(ctx, area)
}

// Put stores a standing order as dispatch.Orders.Put does, and has the days ahead generated soon after.
func (s *standingOrders) Put(ctx context.Context, by dispatch.Actor, o dispatch.StandingOrder) (*dispatch.StandingOrder, []dispatch.OrderDay, error) {
	return s.change(ctx, o.Area, func(orders *dispatch.Orders) (*dispatch.StandingOrder, []dispatch.OrderDay, error) {
		return orders.Put(ctx, by, o)
	})
}

// Suspend is dispatch.Orders.Suspend.
func (s *standingOrders) Suspend(ctx context.Context, by dispatch.Actor, area dispatch.AreaID, id dispatch.OrderID, version int64, pause dispatch.Suspension) (*dispatch.StandingOrder, []dispatch.OrderDay, error) {
	return s.change(ctx, area, func(orders *dispatch.Orders) (*dispatch.StandingOrder, []dispatch.OrderDay, error) {
		return orders.Suspend(ctx, by, area, id, version, pause)
	})
}

// Except is dispatch.Orders.Except.
func (s *standingOrders) Except(ctx context.Context, by dispatch.Actor, area dispatch.AreaID, id dispatch.OrderID, version int64, e dispatch.Exception) (*dispatch.StandingOrder, []dispatch.OrderDay, error) {
	return s.change(ctx, area, func(orders *dispatch.Orders) (*dispatch.StandingOrder, []dispatch.OrderDay, error) {
		return orders.Except(ctx, by, area, id, version, e)
	})
}

// Delete is dispatch.Orders.Delete.
func (s *standingOrders) Delete(ctx context.Context, by dispatch.Actor, area dispatch.AreaID, id dispatch.OrderID, version int64) ([]dispatch.OrderDay, error) {
	orders, err := s.open()
	if err != nil {
		return nil, err
	}
	days, err := orders.Delete(ctx, by, area, id, version)
	s.reread(ctx, days, area)
	return days, err
}

func (s *standingOrders) change(ctx context.Context, area dispatch.AreaID, do func(*dispatch.Orders) (*dispatch.StandingOrder, []dispatch.OrderDay, error)) (*dispatch.StandingOrder, []dispatch.OrderDay, error) {
	orders, err := s.open()
	if err != nil {
		return nil, nil, err
	}
	o, days, err := do(orders)
	if o != nil {
		select {
		case s.changed <- area:
		default: // the loop has much to do: the next round takes all areas
		}
		s.reread(ctx, days, area)
	}
	return o, days, err
}

// reread brings the days that were changed up to date on the engine's desk, for whoever asks about them next. Where that fails,
// the wake-up of the commit does the same a little later.
func (s *standingOrders) reread(ctx context.Context, days []dispatch.OrderDay, area dispatch.AreaID) {
	for _, d := range days {
		_ = s.desk.Refresh(ctx, dispatch.AreaDay{Area: area, Day: d.Day}, math.MaxInt64)
	}
}

// generateEvery is how often the loop of standing orders looks whether a new day has begun.
const generateEvery = time.Minute

// generate books what standing orders ask for so many days ahead: of every area at once and at the first tick after each
// midnight, and of an area whose orders were changed, until ctx ends. It is a loop of its own, because many days take longer
// than a plan may wait for its improvement. Any number of processes may run it.
func (e *engine) generate(ctx context.Context, ahead int, now func() time.Time, tick <-chan time.Time, log *slog.Logger) {
	done := dispatch.Day("")
	for {
		if today := e.today(now); today != done && e.generateAll(ctx, through(today, ahead), log) {
			done = today
		}
		select {
		case <-ctx.Done():
			return
		case <-tick:
		case area := <-e.orderChanges:
			if !e.generateArea(ctx, area, through(e.today(now), ahead), log) {
				done = "" // try again with all at the next tick
			}
		}
	}
}

func (e *engine) today(now func() time.Time) dispatch.Day {
	return dispatch.Day(now().In(e.desk.Zone()).Format(time.DateOnly))
}

// through is the last day that is generated on a day.
func through(today dispatch.Day, ahead int) dispatch.Day {
	return dispatch.Day(vehicles.Date(today).Add(ahead))
}

// generateAll generates for every area that has standing orders and reports whether all went well.
func (e *engine) generateAll(ctx context.Context, through dispatch.Day, log *slog.Logger) bool {
	areas, err := e.plans.OrderAreas(ctx)
	if err != nil {
		if ctx.Err() == nil {
			log.Error("standing orders not listed", "err", err)
		}
		return false
	}
	well := true
	for _, area := range areas {
		well = e.generateArea(ctx, area, through, log) && well
	}
	return well
}

// generateArea generates for one area and reports whether that went well.
func (e *engine) generateArea(ctx context.Context, area dispatch.AreaID, through dispatch.Day, log *slog.Logger) bool {
	orders, err := e.orders.open()
	var days []dispatch.OrderDay
	if err == nil {
		days, err = orders.Generate(ctx, area, through)
	}
	counts := map[dispatch.OrderOutcome]int{}
	for _, d := range days {
		counts[d.Outcome]++
	}
	if changed := len(days) - counts[dispatch.OrderKept] - counts[dispatch.OrderEarly]; changed > 0 {
		log.Info("standing orders generated", "area", area, "through", through, "booked", counts[dispatch.OrderBooked],
			"unmet", counts[dispatch.OrderUnmet], "changed", counts[dispatch.OrderChanged]+counts[dispatch.OrderEnded], "refused", counts[dispatch.OrderRefused])
	}
	e.orders.reread(ctx, days, area)
	if err != nil && ctx.Err() == nil {
		log.Error("standing orders not generated", "area", area, "err", err)
	}
	return err == nil
}
