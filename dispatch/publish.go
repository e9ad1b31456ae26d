package dispatch

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/swmaas/swmaas/vehicles"
)

// A manifest is published when its driver is given it. Where Rules.Drafts is off, manifests follow the plan at once: who was
// given one is given every change of it with the commit that makes it. With Drafts, changes stay drafts until a dispatcher or the
// evening's planning publishes them, or until they are so near (Rules.PublishLead) that the driver has to know.

// Why a manifest was published. The values are stored and are the detail of RoutePublished events.
const (
	PublishedByHand = "BY_HAND"
	PublishedByRule = "BY_RULE" // at once, by the rules
	PublishedBefore = "EVENING_BEFORE"
)

// Publication is the manifest of a shift as its driver was given it last: a note of the area-day.
type Publication struct {
	Shift  vehicles.ShiftID
	Number int64 // 1 for the first one of the shift
	At     time.Time
	By     string // subject of who published it, or the engine's
	Why    string
	Stops  []PublishedStop
	Acked  Acknowledgement // of the driver, of this or an earlier number
}

func (*Publication) note() {}

// PublishedStop is a stop as it was published. Times are service-day seconds; see ManifestStop.
type PublishedStop struct {
	StopID
	LeaveBy, Arrive, NotBefore, Latest int32
	Seen                               int64 // version of the ride
}

// publicationID names the note of a shift's publication.
func publicationID(shift vehicles.ShiftID) NoteID { return NoteID("published/" + string(shift)) }

// published is what was published of a shift, with its note; nil where nothing was.
func (s *State) published(shift vehicles.ShiftID) (*Note, *Publication) {
	n := s.Notes[publicationID(shift)]
	if n == nil {
		return nil, nil
	}
	p, _ := n.Body.(*Publication)
	return n, p
}

// handed reports whether the driver of a shift has been given a ride in the manifest. a.mu is held.
func (a *areaDay) handed(shift vehicles.ShiftID, ride RideID) bool {
	_, p := a.state.published(shift)
	return p != nil && slices.ContainsFunc(p.Stops, func(s PublishedStop) bool { return s.StopID == StopID{ride, PickupStop} })
}

// shown reports whether a driver is to see the ride at all: it is not kept for somebody who has not said yes, or not called yet.
func (r *Ride) shown() bool { return r.State != Offered && !r.Latent() }

// snapshot is a route as it would be published. The given rides stand in for what the state has. a.mu is held.
func (a *areaDay) snapshotOf(route *Route, changed map[RideID]*Ride) []PublishedStop {
	var stops []PublishedStop
	for _, s := range route.Stops {
		ride := changed[s.Ride]
		if ride == nil {
			ride = a.state.Rides[s.Ride]
		}
		if !ride.shown() {
			continue
		}
		m := manifestStop(route.Shift, s, ride)
		stops = append(stops, PublishedStop{s.StopID, m.LeaveBy, m.Arrive, m.NotBefore, m.Latest, ride.Version})
	}
	return stops
}

// publishing is what a commit publishes, gathered before it is written.
type publishing struct {
	a       *areaDay
	c       *Commit
	changed map[RideID]*Ride // rides as the commit leaves them
}

func (a *areaDay) publishing(c *Commit) *publishing {
	p := &publishing{a: a, c: c, changed: map[RideID]*Ride{}}
	for _, r := range c.Rides {
		p.changed[r.After.ID] = r.After
	}
	return p
}

// publishLocked adds to a commit what the rules publish with it at once. a.mu is held.
func (a *areaDay) publishLocked(c *Commit) {
	p := a.publishing(c)
	var fresh []*Route
	due := !a.desk.cfg.Rules.Drafts
	for _, route := range c.Routes {
		_, was := a.state.published(route.Shift)
		if p.has(route.Shift) || was == nil && !a.desk.cfg.Rules.Drafts {
			continue
		}
		changes := p.changes(route, was)
		due = due || a.due(changes)
		if len(changes) > 0 {
			fresh = append(fresh, route)
		}
	}
	if !due { // the routes of one change go to their drivers together, so that nobody is fetched by two or by none
		return
	}
	for _, route := range fresh {
		p.publish(route, Engine, PublishedByRule)
	}
}

// has reports whether the commit publishes the shift already.
func (p *publishing) has(shift vehicles.ShiftID) bool {
	return slices.ContainsFunc(p.c.Notes, func(n *Note) bool { return n.ID == publicationID(shift) })
}

// changes compares a route with what was published of it.
func (p *publishing) changes(route *Route, was *Publication) []StopChange {
	return p.a.changesSince(route, was, p.changed)
}

// due reports whether one of the changes is so near that its driver has to know. a.mu is held.
func (a *areaDay) due(changes []StopChange) bool {
	by := a.second() + a.desk.cfg.Rules.PublishLead
	return slices.ContainsFunc(changes, func(c StopChange) bool { return c.leaveBy <= by })
}

// publish adds the publication of a route to the commit: the note, an event, and the state of the rides that a driver has now.
func (p *publishing) publish(route *Route, by Actor, why string) {
	a := p.a
	note, was := a.state.published(route.Shift)
	now := &Publication{Shift: route.Shift, Number: 1, At: a.desk.now().UTC(), By: by.Subject, Why: why}
	e := Event{Actor: by.Subject, Kind: RoutePublished, Shift: route.Shift, Detail: why}
	if was != nil {
		now.Number, now.Acked = was.Number+1, was.Acked
		e.Before = strconv.FormatInt(was.Number, 10)
		note = note.changed(now)
	} else {
		note = &Note{ID: publicationID(route.Shift), Version: 1, Body: now}
	}
	e.After = strconv.FormatInt(now.Number, 10)
	p.c.Events = append(p.c.Events, e)
	for _, s := range route.Stops {
		if s.Kind == PickupStop {
			p.given(s.Ride, route.Shift, by)
		}
	}
	now.Stops = a.snapshotOf(route, p.changed)
	p.c.Notes = append(p.c.Notes, note)
}

// given notes that a driver has the ride, where it was only booked before.
func (p *publishing) given(id RideID, shift vehicles.ShiftID, by Actor) {
	before := p.a.state.Rides[id]
	ride := before
	i := slices.IndexFunc(p.c.Rides, func(r RideChange) bool { return r.After.ID == id })
	if i >= 0 {
		ride = p.c.Rides[i].After
	}
	if ride.State != Booked || !ride.shown() {
		return
	}
	p.c.Events = append(p.c.Events, Event{
		Actor: by.Subject, Kind: RidePublished, Ride: id, Shift: shift, Before: Booked.String(), After: Published.String(),
	})
	after := *ride
	after.State = Published
	if i >= 0 {
		p.c.Rides[i].After = &after
	} else {
		after.Version++
		p.c.Rides = append(p.c.Rides, RideChange{Before: before, After: &after})
	}
	p.changed[id] = &after
}

// settle writes a published route as it is, so that another process which changes it without knowing of the publication loses
// the race.
func (p *publishing) settle(route *Route) {
	if route.Version > 0 {
		p.c.Routes = append(p.c.Routes, &Route{Shift: route.Shift, Version: route.Version + 1, Stops: route.Stops})
	}
}

// Publish gives the drivers of the vehicles, or of all where none is named, their manifests as the plan has them now. why is one of
// the Published constants. A manifest that has not changed since is left as it is. It returns how many were published. Errors:
// ErrInvalid, ErrNotFound where a vehicle has no shift that day, ErrKeyReused, or the store's.
func (d *Desk) Publish(ctx context.Context, by Actor, area AreaID, day Day, list []vehicles.VehicleID, why, key string) (int, int64, error) {
	a, err := d.open(ctx, area, day)
	if err != nil {
		return 0, 0, err
	}
	if why != PublishedByHand && why != PublishedBefore {
		return 0, 0, fmt.Errorf("%w: why: %q", ErrInvalid, why)
	}
	hash := hashRequest("publish", append([]string{string(day), why}, plainTexts(list)...)...)
	reply, err := a.change(ctx, IdempotencyKey{key, hash}, func() (*Commit, error) {
		if err := a.wholeLocked(ctx); err != nil {
			return nil, err
		}
		c, err := a.publishAll(by, list, why)
		if err != nil {
			return nil, err
		}
		if len(c.Notes) == 0 {
			return nil, nil
		}
		c.Reply = strconv.AppendInt(nil, int64(len(c.Notes)), 10)
		return c, nil
	})
	if err != nil {
		return 0, 0, err
	}
	n, _ := strconv.Atoi(string(reply))
	return n, a.current().Revision, nil
}

// publishAll is the commit that publishes what has changed on the shifts of the vehicles. a.mu is held.
func (a *areaDay) publishAll(by Actor, list []vehicles.VehicleID, why string) (*Commit, error) {
	for _, v := range list {
		if !slices.ContainsFunc(a.shifts, func(s vehicles.Shift) bool { return s.Vehicle == v }) {
			return nil, fmt.Errorf("%w: vehicle %s has no shift that day", ErrNotFound, v)
		}
	}
	c := &Commit{}
	p := a.publishing(c)
	for i := range a.shifts {
		if s := &a.shifts[i]; len(list) == 0 || slices.Contains(list, s.Vehicle) {
			route := a.routeLocked(s.ID)
			_, was := a.state.published(s.ID)
			if len(p.changes(route, was)) > 0 || was == nil && len(route.Stops) > 0 {
				p.publish(route, by, why)
				p.settle(route)
			}
		}
	}
	return c, nil
}

// PublishDue publishes what has become so near by now that its driver has to know, by Rules.PublishLead. It is for the engine's
// loop and returns how many manifests were published.
func (d *Desk) PublishDue(ctx context.Context, area AreaID, day Day) (int, error) {
	a, err := d.open(ctx, area, day)
	if err != nil || !d.cfg.Rules.Drafts {
		return 0, err
	}
	n := 0
	_, err = a.change(ctx, IdempotencyKey{}, func() (*Commit, error) {
		if err := a.wholeLocked(ctx); err != nil {
			return nil, err
		}
		c := &Commit{}
		p := a.publishing(c)
		var drafts []*Route
		due := false
		for i := range a.shifts {
			route := a.routeLocked(a.shifts[i].ID)
			_, was := a.state.published(route.Shift)
			if changes := p.changes(route, was); len(changes) > 0 {
				due, drafts = due || a.due(changes), append(drafts, route)
			}
		}
		if !due {
			return nil, nil
		}
		for _, route := range a.linkedTo(drafts) {
			p.publish(route, Engine, PublishedByRule)
			p.settle(route)
		}
		n = len(c.Notes)
		return c, nil
	})
	return n, err
}

// linkedTo keeps of the drafts those that are due, and those between which and a due one a ride has moved since the manifests
// were published. a.mu is held.
func (a *areaDay) linkedTo(drafts []*Route) []*Route {
	now := map[RideID]vehicles.ShiftID{}
	for _, r := range drafts {
		for _, s := range r.Stops {
			now[s.Ride] = r.Shift
		}
	}
	take := map[vehicles.ShiftID]bool{}
	for _, r := range drafts {
		_, was := a.state.published(r.Shift)
		take[r.Shift] = a.due(a.changesSince(r, was, nil))
	}
	for again := true; again; {
		again = false
		for _, r := range drafts {
			_, was := a.state.published(r.Shift)
			if was == nil {
				continue
			}
			for _, s := range was.Stops {
				if to, moved := now[s.Ride]; moved && to != r.Shift && take[to] != take[r.Shift] {
					take[to], take[r.Shift], again = true, true, true
				}
			}
		}
	}
	return slices.DeleteFunc(slices.Clone(drafts), func(r *Route) bool { return !take[r.Shift] })
}

// publishedStops is what the driver of a shift sees: the stops that have begun as they are, then the others as they were
// published. a.mu is held.
func (a *areaDay) publishedStops(route *Route, was *Publication) (stops []ManifestStop) {
	begun := map[StopID]bool{}
	for _, s := range route.Stops {
		if begun[s.StopID] = s.State != Pending; begun[s.StopID] {
			stops = append(stops, manifestStop(route.Shift, s, a.state.Rides[s.Ride]))
		}
	}
	if was == nil {
		return stops
	}
	for _, p := range was.Stops {
		ride := a.state.Rides[p.Ride]
		if begun[p.StopID] || ride == nil || ride.State.Ended() && ride.State != Cancelled {
			continue
		}
		if ride.State == UnderWay && !slices.ContainsFunc(route.Stops, func(s Stop) bool { return s.StopID == p.StopID }) {
			continue // another driver has them
		}
		m := manifestStop(route.Shift, Stop{StopID: p.StopID}, ride)
		m.LeaveBy, m.Arrive, m.NotBefore, m.Latest = p.LeaveBy, p.Arrive, p.NotBefore, p.Latest
		stops = append(stops, m)
	}
	return stops
}
