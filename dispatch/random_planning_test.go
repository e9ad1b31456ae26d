package dispatch_test

import (
	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/vehicles"
)

// planningRandom are the random commands of dispatchers who plan by hand.
func planningRandom() []randomCommand {
	return []randomCommand{
		{"lock", 6, (*randomCaller).lock},
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
