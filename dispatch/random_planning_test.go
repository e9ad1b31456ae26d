package dispatch_test

import (
	"fmt"

	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/vehicles"
)

// planningRandom are the random commands of dispatchers who plan by hand.
func planningRandom() []randomCommand {
	return []randomCommand{
		{"lock", 6, (*randomCaller).lock},
		{"publish", 3, (*randomCaller).publish},
		{"acknowledge", 4, (*randomCaller).acknowledge},
	}
}

// lock sets or releases one of the three locks of a ride.
func (c *randomCaller) lock() error {
	day, ride, found := c.seenRide()
	if !found {
		return nil
	}
	change := dispatch.LockChange{
		Kind: dispatch.LockKind(1 + c.random.IntN(3)), Release: c.random.IntN(3) == 0, Rides: []dispatch.RideID{ride},
	}
	return c.make("lock", day, func(desk *dispatch.Desk, by dispatch.Actor, key string) (bool, error) {
		_, _, err := desk.Lock(c.ctx, by, day.Area, day.Day, change, key)
		return err == nil, err
	})
}

// locked holds a route against what dispatchers have locked: rides are on their shift, and stops that nobody has driven yet begin
// when they are to. A driver may be late, and may take stops in another order.
func (p *planCheck) locked(r *dispatch.Route, shift *vehicles.Shift) {
	driven := p.ledger.wasDriven(p.day(), shift.Vehicle) || len(r.Stops) > 0 && r.Stops[0].LeaveBy <= p.now
	for _, s := range r.Stops {
		l := p.state.Rides[s.Ride].Locks
		if l.Shift != "" && l.Shift != r.Shift {
			p.fault("ride %s is locked to %s and on %s", s.Ride, l.Shift, r.Shift)
		}
		if l.At > 0 && s.Kind == dispatch.PickupStop && s.Begin != l.At && !driven {
			p.fault("ride %s is locked in time to %d and fetched at %d", s.Ride, l.At, s.Begin)
		}
	}
}

// publish gives one driver, or all, their manifests.
func (c *randomCaller) publish() error {
	day := c.today()
	var list []vehicles.VehicleID
	if c.random.IntN(3) > 0 {
		list = append(list, c.shifts[c.random.IntN(len(c.shifts))].Vehicle)
	}
	return c.make("publish", day, func(desk *dispatch.Desk, by dispatch.Actor, key string) (bool, error) {
		n, _, err := desk.Publish(c.ctx, by, day.Area, day.Day, list, dispatch.PublishedByHand, key)
		return n > 0, err
	})
}

// acknowledge says that a driver has seen the manifest, perhaps when there is a newer one already.
func (c *randomCaller) acknowledge() error {
	day, van := c.today(), c.shifts[c.random.IntN(len(c.shifts))].Vehicle
	m, err := c.desk().Manifest(c.ctx, day.Area, day.Day, van)
	if err != nil || m.Number == 0 || m.Acked {
		return err
	}
	c.count++
	_, err = c.desk().Acknowledge(c.ctx, dispatch.Actor{Subject: "driver"}, day.Area, day.Day, van, m.Number, fmt.Sprintf("%s-%d", c.name, c.count))
	if isExpected(err) {
		return nil
	}
	return err
}
