package dispatch

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/swmaas/swmaas/vehicles"
)

// ReasonOrder is the reason of rides that a standing order took back itself, because it was changed, suspended or ended.
const ReasonOrder = "STANDING_ORDER_CHANGED"

// Orders turns standing orders into rides. What a day of an order comes to depends on the order and on the rides of that day
// alone, so that generating it again, or by two processes at once, changes nothing. Safe for concurrent use.
type Orders struct {
	desk     *Desk
	store    OrderStore
	holidays func() map[Day]bool
}

// NewOrders returns the standing orders of a store, whose rides the desk books.
func NewOrders(desk *Desk, store OrderStore) *Orders {
	return &Orders{desk: desk, store: store, holidays: sync.OnceValue(nationalHolidays)}
}

// OrderOutcome tells what became of a day of a standing order.
type OrderOutcome uint8

// The outcomes.
const (
	OrderKept    OrderOutcome = iota + 1 // as it was
	OrderBooked                          // rides were booked
	OrderUnmet                           // nothing could be booked; the day is recorded as unmet demand, with the reason
	OrderChanged                         // its rides were replaced
	OrderRefused                         // its rides should change, but there is no place for that: the old ones stay
	OrderEnded                           // its rides were cancelled
	OrderEarly                           // the day cannot be booked yet
)

// OrderDay is what became of one day of one order.
type OrderDay struct {
	Order    OrderID
	Day      Day
	Outcome  OrderOutcome
	Refusals []Refusal // of OrderUnmet and OrderRefused
}

// Put stores a new standing order (Version 0) or a changed one (the Version that the caller has seen), and brings the days
// that were generated before, from tomorrow on, in line with it. It returns the order as it is stored and what became of
// those days. Errors: ErrInvalid, ErrChanged where somebody changed it meanwhile, or the stores'.
func (s *Orders) Put(ctx context.Context, by Actor, o StandingOrder) (*StandingOrder, []OrderDay, error) {
	if err := o.validate(); err != nil {
		return nil, nil, err
	}
	o.Version++
	if o.Version == 1 {
		o.Created, o.By, o.Through = s.desk.now(), by.Subject, ""
	} else {
		old, err := s.store.Order(ctx, o.Area, o.ID)
		if err != nil {
			return nil, nil, err
		}
		if old.Rider != o.Rider {
			return nil, nil, fmt.Errorf("%w: standing order %s is of another rider", ErrInvalid, o.ID)
		}
		o.Created, o.By, o.Through = old.Created, old.By, old.Through
	}
	err := s.store.SaveOrder(ctx, &o)
	if errors.Is(err, ErrStale) {
		return nil, nil, fmt.Errorf("%w: standing order %s is not at version %d", ErrChanged, o.ID, o.Version-1)
	}
	if err != nil {
		return nil, nil, err
	}
	return s.settle(ctx, by, &o, s.tomorrow(), o.Through)
}

// Suspend adds a time in which nothing is generated and takes back what was. Errors as Put.
func (s *Orders) Suspend(ctx context.Context, by Actor, area AreaID, id OrderID, version int64, pause Suspension) (*StandingOrder, []OrderDay, error) {
	return s.edit(ctx, by, area, id, version, func(o *StandingOrder) {
		o.Suspended = append(slices.Clip(o.Suspended), pause)
	})
}

// Except sets what is to happen on a single day, in place of an exception that the day had. Errors as Put.
func (s *Orders) Except(ctx context.Context, by Actor, area AreaID, id OrderID, version int64, e Exception) (*StandingOrder, []OrderDay, error) {
	return s.edit(ctx, by, area, id, version, func(o *StandingOrder) {
		o.Exceptions = slices.DeleteFunc(slices.Clone(o.Exceptions), func(x Exception) bool { return x.Day == e.Day })
		o.Exceptions = append(o.Exceptions, e)
	})
}

// Delete takes an order out for good, after taking back what was generated from tomorrow on. Errors as Put.
func (s *Orders) Delete(ctx context.Context, by Actor, area AreaID, id OrderID, version int64) ([]OrderDay, error) {
	from := s.tomorrow()
	o, days, err := s.edit(ctx, by, area, id, version, func(o *StandingOrder) {
		o.Exceptions = nil
		o.Suspended = append(slices.Clip(o.Suspended), Suspension{Dates: vehicles.Dates{From: vehicles.Date(from)}, Reason: ReasonOrder})
	})
	for err == nil {
		err = s.store.RemoveOrder(ctx, area, id, o.Version)
		if !errors.Is(err, ErrStale) {
			return days, err
		}
		// Another process noted meanwhile how far it has generated, or somebody wants the order after all.
		if o, err = s.store.Order(ctx, area, id); err == nil && !o.suspended(from) {
			err = fmt.Errorf("%w: standing order %s is at version %d", ErrChanged, id, o.Version)
		}
	}
	return days, err
}

// edit changes an order as it is at a version; 0 is any.
func (s *Orders) edit(ctx context.Context, by Actor, area AreaID, id OrderID, version int64, change func(*StandingOrder)) (*StandingOrder, []OrderDay, error) {
	old, err := s.store.Order(ctx, area, id)
	if err != nil {
		return nil, nil, err
	}
	if version != 0 && version != old.Version {
		return nil, nil, fmt.Errorf("%w: standing order %s is at version %d, not %d", ErrChanged, id, old.Version, version)
	}
	o := *old
	change(&o)
	return s.Put(ctx, by, o)
}

// Order returns one standing order, or ErrNotFound.
func (s *Orders) Order(ctx context.Context, area AreaID, id OrderID) (*StandingOrder, error) {
	return s.store.Order(ctx, area, id)
}

// List returns the standing orders of an area by id.
func (s *Orders) List(ctx context.Context, area AreaID) ([]*StandingOrder, error) {
	return s.store.Orders(ctx, area)
}

// Generate books what the area's standing orders ask for from tomorrow up to and including a day. Days that were generated
// before are brought in line where the order was changed and are left alone otherwise, also where somebody cancelled or
// changed a ride by hand. It returns what became of each day of each order. Errors: ErrInvalid, or the stores'.
func (s *Orders) Generate(ctx context.Context, area AreaID, through Day) ([]OrderDay, error) {
	if !vehicles.Date(through).Valid() {
		return nil, fmt.Errorf("%w: day %q is not a date such as 2026-01-20", ErrInvalid, through)
	}
	orders, err := s.store.Orders(ctx, area)
	if err != nil {
		return nil, err
	}
	var all []OrderDay
	for _, o := range orders {
		_, days, err := s.settle(ctx, Engine, o, s.tomorrow(), through)
		all = append(all, days...)
		if err != nil {
			return all, err
		}
	}
	return all, nil
}

func (s *Orders) tomorrow() Day {
	return Day(vehicles.Date(civil(s.desk.now().In(s.desk.cfg.Zone))).Add(1))
}

// settle makes the days of an order what it says, notes how far it got, and does it again where the order was changed
// meanwhile. It returns the order as it is stored then.
func (s *Orders) settle(ctx context.Context, by Actor, o *StandingOrder, from, through Day) (*StandingOrder, []OrderDay, error) {
	for {
		days, err := s.settleDays(ctx, by, o, from, through)
		if err != nil || through <= o.Through {
			return o, days, err
		}
		done := *o
		done.Version++
		done.Through = through
		if err = s.store.SaveOrder(ctx, &done); err == nil {
			return &done, days, nil
		}
		if !errors.Is(err, ErrStale) {
			return o, days, err
		}
		if o, err = s.store.Order(ctx, o.Area, o.ID); err != nil {
			return nil, days, err
		}
	}
}

func (s *Orders) settleDays(ctx context.Context, by Actor, o *StandingOrder, from, through Day) ([]OrderDay, error) {
	c, err := s.calendar(ctx, o.Area)
	if err != nil {
		return nil, err
	}
	var days []OrderDay
	for day := from; day <= through; day = Day(vehicles.Date(day).Add(1)) {
		legs := o.legsOn(day, c)
		if legs == nil && day > o.Through {
			continue // nothing was ever generated for it
		}
		one, err := s.desk.settleOrder(ctx, by, o, day, legs)
		if err != nil {
			return days, fmt.Errorf("dispatch: standing order %s on %s: %w", o.ID, day, err)
		}
		if one.Outcome != 0 {
			days = append(days, *one)
		}
	}
	return days, nil
}

// calendar is the days of an area: its policy's, or the national holidays where it has none.
func (s *Orders) calendar(ctx context.Context, area AreaID) (*calendar, error) {
	set, err := s.desk.policies(ctx, area)
	if err != nil {
		return nil, err
	}
	return &calendar{
		holiday: func(day Day) bool { return s.holidays()[day] },
		serves: func(day Day) bool {
			if set == nil {
				return true
			}
			p := set.At(area, day)
			return p == nil || p.Serves(day)
		},
	}, nil
}

// settleOrder makes the rides of an order on a day what its legs say; nil is none.
func (d *Desk) settleOrder(ctx context.Context, by Actor, o *StandingOrder, day Day, legs []TripLeg) (*OrderDay, error) {
	a, err := d.open(ctx, o.Area, day)
	if err != nil {
		return nil, err
	}
	result := new(OrderDay)
	_, err = a.free(ctx, IdempotencyKey{}, func() (*Commit, error) {
		*result = OrderDay{Order: o.ID, Day: day}
		return a.settleOrder(ctx, by, o, legs, result)
	})
	return result, err
}

// settleOrder is the commit that it takes, or nil. a.mu is held.
func (a *areaDay) settleOrder(ctx context.Context, by Actor, o *StandingOrder, legs []TripLeg, result *OrderDay) (*Commit, error) {
	rides := a.state.ofOrder(o.ID)
	booked := slices.DeleteFunc(slices.Clone(rides), func(r *Ride) bool { return !r.cancellable() })
	unmet := slices.DeleteFunc(slices.Clone(rides), func(r *Ride) bool { return r.State != Unmet })
	switch {
	case legs == nil && len(booked) == 0:
		return nil, nil
	case legs == nil:
		result.Outcome = OrderEnded
		return a.cancelling(by, booked, Cancellation{Ride: booked[0].ID, Reason: ReasonOrder}), nil
	case len(rides) > 0 && (agree(rides, legs) || len(booked)+len(unmet) < len(rides)):
		result.Outcome = OrderKept // or a person has had a hand in it
		return nil, nil
	}
	ids := make([]RideID, len(booked))
	for i, r := range booked {
		ids[i] = r.ID
	}
	s, err := a.sketchLocked(ids...)
	if err != nil {
		return nil, err
	}
	b := o.bundle(a.key.Day, legs)
	if err := b.validate(); err != nil {
		return nil, err
	}
	found, err := s.search(ctx, b)
	if err != nil {
		return nil, err
	}
	key := IdempotencyKey{Key: "standing order " + string(o.ID)}
	if len(found.offers) == 0 {
		if result.Refusals = found.refused; len(booked) > 0 {
			result.Outcome = OrderRefused
			return nil, nil
		}
		return a.orderUnmet(by, b, key, unmet, result), nil
	}
	b.Parts = found.first
	if ok, err := s.keepBundle(ctx, by, b, key); err != nil {
		return nil, err
	} else if !ok {
		return nil, fmt.Errorf("%w: what was found for it is gone", ErrStale)
	}
	result.Outcome = OrderBooked
	if len(booked) > 0 {
		result.Outcome = OrderChanged
	}
	c := s.commit()
	a.supersede(by, c, rides)
	return c, nil
}

// supersede adds to a commit that the rides of an order are taken back for others that it has. a.mu is held.
func (a *areaDay) supersede(by Actor, c *Commit, rides []*Ride) {
	back := a.cancelling(by, rides, Cancellation{Reason: ReasonOrder})
	c.Rides, c.Events = append(c.Rides, back.Rides...), append(c.Events, back.Events...)
}

// orderUnmet is the commit that records a day that nothing could be found for, in place of what was recorded of it before;
// nil where it cannot be booked yet. a.mu is held.
func (a *areaDay) orderUnmet(by Actor, b *bundle, key IdempotencyKey, before []*Ride, result *OrderDay) *Commit {
	reason := CodeNoVehicle
	if len(result.Refusals) > 0 {
		reason = result.Refusals[0].Code
	}
	if reason == CodeTooEarly {
		result.Outcome = OrderEarly
		return nil
	}
	result.Outcome = OrderUnmet
	c := &Commit{}
	given := map[RideID]*Ride{}
	var former *Ride
	for i := range b.Parts {
		req := b.Parts[i].Request
		ride := a.draft(&req, Promise{}, 0)
		ride.ID, ride.Version, ride.State, ride.Reason = a.newRideID(key, i, given), 1, Unmet, reason
		ride.Created, ride.By, ride.Order, ride.Terms.Facility = a.desk.now(), by.Subject, b.Order, req.Facility
		ride.Booking = BookingID(ride.ID)
		if former != nil {
			ride.Booking, ride.Linked = former.Booking, former.ID
		}
		former, given[ride.ID] = ride, ride
		c.Rides = append(c.Rides, RideChange{After: ride})
		c.Events = append(c.Events, Event{Actor: by.Subject, Kind: RideUnmet, Ride: ride.ID, After: ride.State.String(), Detail: reason})
	}
	a.supersede(by, c, before)
	return c
}

// ofOrder lists the rides of a standing order in the order of their legs, without those that it took back itself.
func (s *State) ofOrder(id OrderID) []*Ride {
	var rides []*Ride
	for _, r := range s.Rides {
		if r.Order == id && !(r.State == Cancelled && r.Reason == ReasonOrder) {
			rides = append(rides, r)
		}
	}
	slices.SortFunc(rides, func(x, y *Ride) int {
		bx, _ := s.Trip(x.ID)
		by, _ := s.Trip(y.ID)
		return cmp.Or(cmp.Compare(len(bx), len(by)), cmp.Compare(x.ID, y.ID))
	})
	return rides
}

// agree reports whether the rides are what the legs ask for.
func agree(rides []*Ride, legs []TripLeg) bool {
	return slices.EqualFunc(rides, legs, func(r *Ride, leg TripLeg) bool {
		return r.Pickup == leg.Pickup && r.Dropoff == leg.Dropoff && r.Purpose == leg.Purpose && r.Call.MaxWait == leg.MaxWait &&
			(leg.Wish == Wish{} || r.Wish == leg.Wish)
	})
}
