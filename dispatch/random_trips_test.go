package dispatch_test

import (
	"fmt"
	"slices"
	"strings"

	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/vehicles"
)

// change moves a booked ride to another time, or to another place.
func (c *randomCaller) change() error {
	day, ride, err := c.rideLike(func(r *dispatch.Ride) bool {
		return r.State == dispatch.Booked && r.Call.MaxWait == 0
	})
	if err != nil || ride == "" {
		return err
	}
	desk := c.desk()
	old, err := desk.Ride(c.ctx, day.Area, ride)
	if err != nil {
		return c.expected(err)
	}
	req := c.request(c.random, day.Area)
	req.Rider, req.Party, req.Facility, req.MaxWait, req.Day = old.Rider, old.Party, "", 0, day.Day
	if c.random.IntN(2) == 0 && old.Pickup.At != old.Dropoff.At { // they may wait where a vehicle broke down at their door
		req.Pickup, req.Dropoff, req.Purpose = old.Pickup, old.Dropoff, old.Purpose
	}
	quote, err := desk.QuoteChange(c.ctx, dispatch.Actor{Subject: c.name}, ride, old.Version, req)
	if err != nil || len(quote.Offers) == 0 {
		return c.expected(err)
	}
	return c.make("change", day, func(desk *dispatch.Desk, by dispatch.Actor, key string) (bool, error) {
		result, err := desk.Book(c.ctx, by, day.Area, quote.Offers[0].Token, key)
		return err == nil && result.Ride != nil, err
	})
}

// expected is nil for what may be answered to a random command, and the error otherwise.
func (c *randomCaller) expected(err error) error {
	if isExpected(err) {
		return nil
	}
	return err
}

// trip books somebody's way there, perhaps on to another place, and back.
func (c *randomCaller) trip() error {
	req := c.request(c.random, c.area())
	legs := []dispatch.TripLeg{{Pickup: req.Pickup, Dropoff: req.Dropoff, Purpose: req.Purpose, Wish: req.Wish}}
	if c.random.IntN(3) == 0 {
		shop := dispatch.Place{Label: "shop", At: corner(c.random.IntN(12), 11)}
		legs = append(legs, dispatch.TripLeg{Pickup: req.Dropoff, Dropoff: shop, Purpose: "grocery", Stay: 1200})
	}
	last := dispatch.TripLeg{Pickup: legs[len(legs)-1].Dropoff, Dropoff: req.Pickup, Purpose: req.Purpose, Stay: 1800}
	if c.random.IntN(3) == 0 {
		last.MaxWait = 1800
	}
	legs = append(legs, last)
	for _, leg := range legs {
		if leg.Pickup.At == leg.Dropoff.At {
			return nil
		}
	}
	quote, err := c.desk().QuoteTrip(c.ctx, dispatch.Actor{Subject: c.name},
		dispatch.TripRequest{Area: req.Area, Day: req.Day, Rider: req.Rider, Party: req.Party, Legs: legs})
	if err != nil || len(quote.Offers) == 0 {
		return err
	}
	return c.bookTrip("trip", dispatch.AreaDay{Area: req.Area, Day: req.Day}, quote.Offers[0].Token)
}

// group books neighbours who ride in one vehicle.
func (c *randomCaller) group() error {
	req := c.request(c.random, c.area())
	req.MaxWait, req.Facility, req.Party = 0, "", dispatch.Party{Load: vehicles.Load{Seats: 1}}
	members := []dispatch.Request{req}
	for range 1 + c.random.IntN(2) {
		next := req
		next.Rider = riderID(c.random.IntN(randomHomes))
		if !slices.ContainsFunc(members, func(m dispatch.Request) bool { return m.Rider == next.Rider }) {
			members = append(members, next)
		}
	}
	quote, err := c.desk().QuoteGroup(c.ctx, dispatch.Actor{Subject: c.name}, members)
	if err != nil || len(quote.Offers) == 0 {
		return err
	}
	return c.bookTrip("group", dispatch.AreaDay{Area: req.Area, Day: req.Day}, quote.Offers[0].Token)
}

func (c *randomCaller) bookTrip(name string, day dispatch.AreaDay, token string) error {
	return c.make(name, day, func(desk *dispatch.Desk, by dispatch.Actor, key string) (bool, error) {
		result, err := desk.BookTrip(c.ctx, by, day.Area, token, key)
		if err != nil || len(result.Rides) == 0 {
			return false, err
		}
		for _, r := range result.Rides {
			c.ledger.saw(day, r.ID, by)
		}
		return true, nil
	})
}

// strandedLabel is what the desk calls the place where a vehicle stands that cannot go on.
const strandedLabel = "車両の停止場所"

// together holds the rides of bookings against each other: who has to ride in one vehicle does, and nobody is promised to be
// fetched on the way back before the way there has arrived.
func (p *planCheck) together(served map[dispatch.StopID]vehicles.ShiftID) {
	type party struct {
		booking  dispatch.BookingID
		stranded bool // fetched where a vehicle stands that cannot go on, while others of the group had been brought before
	}
	on := map[party]vehicles.ShiftID{}
	for id, r := range p.state.Rides {
		// Who was brought, or did not come, counts as well: the driver can take that back.
		if shift := served[dispatch.StopID{Ride: id, Kind: dispatch.PickupStop}]; r.Together && shift != "" && p.takesPlace(shift) {
			who := party{r.Booking, r.Pickup.Label == strandedLabel}
			if other, known := on[who]; known && other != shift {
				p.fault("booking %s is to ride together and is on %s and %s", r.Booking, other, shift)
			}
			on[who] = shift
		}
		if !r.Open() {
			continue
		}
		out := p.state.Rides[r.Linked]
		if out == nil || !out.Open() || r.Call.MaxWait > 0 || out.Call.MaxWait > 0 || r.Pickup.Label == strandedLabel {
			continue // who is fetched where a vehicle stands is fetched at once, whatever a driver took before its turn
		}
		if p.driverComes(id) {
			continue // before its turn, and nobody calls the driver back
		}
		arrives := arrivesBy(out.Promise)
		if r.Promise.Pickup.Earliest < arrives {
			p.fault("ride %s is promised from %d, and %s before it arrives by %d; stops: %s and %s", id, r.Promise.Pickup.Earliest, out.ID, arrives,
				p.stopOf(dispatch.StopID{Ride: id, Kind: dispatch.PickupStop}), p.stopOf(dispatch.StopID{Ride: out.ID, Kind: dispatch.PickupStop}))
		}
	}
}

// riders holds the promises of each rider against each other: nobody is promised two rides for the same time. A will-call is at no
// time before somebody calls, and then at the one when they call; and a driver may take back what made a rider free. That remains
// so when their vehicle breaks down and another fetches them, on which they are no will-call any more.
func (p *planCheck) riders(served map[dispatch.StopID]vehicles.ShiftID) {
	of := map[dispatch.RiderID][]*dispatch.Ride{}
	for id, r := range p.state.Rides {
		_, planned := served[dispatch.StopID{Ride: id, Kind: dispatch.PickupStop}]
		placed := r.Open() || r.State == dispatch.Offered && p.moment.Before(r.Held)
		if planned && placed && r.Call.MaxWait == 0 {
			of[r.Rider] = append(of[r.Rider], r)
		}
	}
	for rider, rides := range of {
		for i, x := range rides {
			for _, y := range rides[:i] {
				meet := x.Promise.Pickup.Earliest < arrivesBy(y.Promise) && y.Promise.Pickup.Earliest < arrivesBy(x.Promise)
				if meet && !p.excused()[x.ID] && !p.excused()[y.ID] {
					p.fault("rider %s is promised rides %s (%s, %+v) and %s (%s, %+v) for the same time", rider, x.ID, x.State, x.Promise, y.ID, y.State, y.Promise)
				}
			}
		}
	}
}

// inTurns looks for groups of which somebody is set down before another is fetched, unless a driver may have begun with that.
func (p *planCheck) inTurns(r *dispatch.Route) {
	if p.ledger.isSuspect(p.day(), p.shifts[r.Shift].Vehicle) {
		return
	}
	down := map[dispatch.BookingID]dispatch.RideID{}
	for i, s := range r.Stops {
		ride := p.state.Rides[s.Ride]
		if ride == nil || !ride.Together {
			continue
		}
		if other, turns := down[ride.Booking]; turns && s.Kind == dispatch.PickupStop && !p.begunAndFull(r, other, i) {
			p.fault("shift %s fetches %s after it has set down %s, and they are to be aboard together", r.Shift, s.Ride, other)
		}
		if s.Kind == dispatch.DropoffStop {
			down[ride.Booking] = s.Ride
		}
	}
}

// begunAndFull reports whether the driver has begun with a ride, and there is somebody among those who board before stop i for whom
// there is no room, or no permission, were the ride still aboard then: so it is where nobody came at the door, others were given the
// place, and the driver then takes that back.
func (p *planCheck) begunAndFull(r *dispatch.Route, id dispatch.RideID, i int) bool {
	van, stays := p.van(p.shifts[r.Shift].Vehicle), p.state.Rides[id]
	begun, aboard := false, map[dispatch.RideID]vehicles.Load{}
	for _, s := range r.Stops[:i+1] {
		o := p.state.Rides[s.Ride]
		switch {
		case s.Kind == dispatch.DropoffStop && s.Ride != id:
			delete(aboard, s.Ride)
		case s.Kind == dispatch.PickupStop && s.State != dispatch.Skipped:
			begun = begun || s.Ride == id && s.State != dispatch.Pending
			aboard[s.Ride] = o.Party.Load
		}
		if s.Kind == dispatch.DropoffStop || !begun {
			continue
		}
		var load vehicles.Load
		for _, l := range aboard {
			load = load.Add(l)
		}
		apart := slices.Contains(o.Party.Apart, stays.Rider) || slices.Contains(stays.Party.Apart, o.Rider)
		if apart || !van.Cabin.Holds(load) || o != stays && p.policy.Together(passengerOf(stays), passengerOf(o), p.state.Day) != nil {
			return true
		}
	}
	return false
}

// takesPlace reports whether the calendar has a shift. Rides of one that it has no more are about to be given to others, with their group.
func (p *planCheck) takesPlace(part vehicles.ShiftID) bool {
	whole, _, _ := strings.Cut(string(part), "/")
	return slices.ContainsFunc(p.calendar.of(p.state.Area, p.randomWorld.shifts), func(s vehicles.Shift) bool { return string(s.ID) == whole })
}

// driverComes reports whether a driver is on the way to fetch a ride, there, or has fetched it.
func (p *planCheck) driverComes(id dispatch.RideID) bool {
	for _, route := range p.state.Routes {
		for _, s := range route.Stops {
			if s.Ride == id && s.Kind == dispatch.PickupStop && s.State != dispatch.Pending {
				return true
			}
		}
	}
	return false
}

// stopOf says where a stop stands in the plan, for the message of a failure.
func (p *planCheck) stopOf(id dispatch.StopID) string {
	for _, route := range p.state.Routes {
		for k, s := range route.Stops {
			if s.StopID == id {
				return fmt.Sprintf("%s, number %d, %s", route.Shift, k, s.State)
			}
		}
	}
	return "nowhere"
}
