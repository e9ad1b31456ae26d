package dispatch_test

import (
	"errors"
	"fmt"

	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/vehicles"
)

// planningRandom are the random commands of dispatchers who plan by hand.
func planningRandom() []randomCommand {
	return []randomCommand{
		{"lock", 6, (*randomCaller).lock},
		{"override", 10, (*randomCaller).override},
		{"take back", 4, (*randomCaller).takeBack},
		{"publish", 3, (*randomCaller).publish},
		{"acknowledge", 4, (*randomCaller).acknowledge},
		{"leave without", 3, (*randomCaller).leaveWithout},
		{"write", 4, (*randomCaller).write},
		{"read", 3, (*randomCaller).readMessages},
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

// locked holds a route against what dispatchers have locked: rides are on their shift. That stops which nobody has driven yet begin when they
// are to is among what missed lists.
func (p *planCheck) locked(r *dispatch.Route) {
	for _, s := range r.Stops {
		if l := p.state.Rides[s.Ride].Locks; l.Shift != "" && l.Shift != r.Shift {
			p.fault("ride %s is locked to %s and on %s", s.Ride, l.Shift, r.Shift)
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

// leaveWithout has the office let a driver leave a door, at which mostly no vehicle stands.
func (c *randomCaller) leaveWithout() error {
	day, ride, found := c.seenRide()
	if !found {
		return nil
	}
	why := dispatch.LeaveReasons()[c.random.IntN(len(dispatch.LeaveReasons()))]
	return c.make("leave without", day, func(desk *dispatch.Desk, by dispatch.Actor, key string) (bool, error) {
		_, _, err := desk.LeaveWithout(c.ctx, by, day.Area, ride, why, key)
		return err == nil, err
	})
}

// write writes to a driver, or to the office.
func (c *randomCaller) write() error {
	day := c.today()
	m := dispatch.MessageDraft{
		Area: day.Area, Day: day.Day, Vehicle: c.shifts[c.random.IntN(len(c.shifts))].Vehicle, Office: c.random.IntN(2) == 0,
		Text: "random", Urgent: c.random.IntN(3) == 0,
	}
	if c.random.IntN(2) == 0 {
		m.Canned = "UNDERSTOOD"
	}
	if _, ride, found := c.seenRide(); found && c.random.IntN(2) == 0 {
		m.Ride = ride // perhaps of another day, and then not found
	}
	return c.make("write", day, func(desk *dispatch.Desk, by dispatch.Actor, key string) (bool, error) {
		_, _, err := desk.SendMessage(c.ctx, by, m, key)
		return err == nil, err
	})
}

// readMessages reads some of the messages of a vehicle.
func (c *randomCaller) readMessages() error {
	day, van := c.today(), c.shifts[c.random.IntN(len(c.shifts))].Vehicle
	c.count++
	_, err := c.desk().ReadMessages(
		c.ctx, dispatch.Actor{Subject: "reader"}, day.Area, day.Day, van, c.random.IntN(2) == 0, 1+c.random.Int64N(4), fmt.Sprintf("%s-%d", c.name, c.count),
	)
	return c.expected(err)
}

// override gives a ride to another vehicle in one of the four ways, perhaps after a while, when the plan is another one.
func (c *randomCaller) override() error {
	day, ride, found := c.seenRide()
	if !found {
		return nil
	}
	modes := []dispatch.ReassignMode{dispatch.ReassignBest, dispatch.ReassignFlexible, dispatch.ReassignPriority, dispatch.ReassignDrag}
	o := dispatch.Override{Ride: ride, Mode: modes[c.random.IntN(len(modes))], Lock: c.random.IntN(4) == 0}
	if o.Mode == dispatch.ReassignDrag {
		parts := c.Parts()
		o.Shift, o.Pickup = parts[c.random.IntN(len(parts))].ID, c.random.IntN(4)
		o.Dropoff = o.Pickup + 1 + c.random.IntN(3)
	}
	ways, err := c.desk().Reassign(c.ctx, dispatch.Actor{Subject: c.name}, day.Area, o)
	if isExpected(err) || errors.Is(err, dispatch.ErrInvalid) { // a drag behind the end of the route
		return nil
	}
	if err != nil {
		return err
	}
	token := ways[c.random.IntN(len(ways))].Token
	return c.make("override", day, func(desk *dispatch.Desk, by dispatch.Actor, key string) (bool, error) {
		_, _, err := desk.Override(c.ctx, by, day.Area, token, "random", key)
		return err == nil, err
	})
}

// takeBack undoes one of the overrides of the day.
func (c *randomCaller) takeBack() error {
	day := c.today()
	list, err := c.desk().Interventions(c.ctx, day.Area, day.Day)
	if err != nil || len(list) == 0 {
		return err
	}
	id := list[c.random.IntN(len(list))].ID
	return c.make("take back", day, func(desk *dispatch.Desk, by dispatch.Actor, key string) (bool, error) {
		_, err := desk.Undo(c.ctx, by, day.Area, day.Day, id, key)
		return err == nil, err
	})
}
