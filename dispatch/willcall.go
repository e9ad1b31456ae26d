package dispatch

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/swmaas/swmaas/dispatch/solver"
	"github.com/swmaas/swmaas/vehicles"
)

// A will-call is booked without a time: its wish says from when to when somebody may call, its promise how long they then
// wait at the most. Until the call its stops keep capacity in the plan: some vehicle has the time for it, and improvement
// moves it like any other ride. Its planned pickup is never sooner than Rules.CallLead from now, since nobody leaves for it
// before the call; drivers do not see it.

// CallVia tells how a will-call was called for. Values are part of events.
type CallVia string

// The ways to call.
const (
	ViaPhone  CallVia = "PHONE"
	ViaDriver CallVia = "DRIVER"
	ViaApp    CallVia = "APP"
)

// Codes of the events about will-calls, RideExceeded and RouteImproved.
const (
	CallLate     = "MAX_WAIT_EXCEEDED" // fetched, but later than promised
	CallUnplaced = "NO_VEHICLE"        // no vehicle can fetch the rider any more that day
	CallMoved    = "WILL_CALL_MOVED"   // its capacity was moved on, as time went by
	CallUnkept   = "WILL_CALL_UNKEPT"  // no vehicle has capacity left for it, though somebody may still call
	CallOver     = "WILL_CALL_OVER"    // nobody called until the end of its window
)

// Activation calls for a will-call.
type Activation struct {
	Ride RideID
	At   time.Time // when it was asked for: the wait counts from then; the zero time is now
	Via  CallVia
}

// Called is the answer to a call.
type Called struct {
	Ride     *Ride // with the promise that the caller is told
	Pickup   int32 // planned, service-day second; 0 where Placed is false
	Late     int32 // seconds by which the promised wait is exceeded, 0 where it is kept
	Placed   bool  // a vehicle comes; without it somebody has to find a way
	Revision int64
}

// Activate calls for a will-call: it is placed again exactly, to be fetched within its promised wait, if need be by moving
// another ride within what that one was promised. Where that cannot be done it is fetched as early as is possible, and
// where not even that, it is called and unplaced; both are recorded as an exception (RideExceeded) that somebody has to
// look at. The same key gives the same answer again. Errors: ErrNotFound, ErrWrongState where it is no will-call or was
// called for already, ErrInvalid for a time that lies ahead or on another day, ErrKeyReused, or the store's.
func (d *Desk) Activate(ctx context.Context, by Actor, area AreaID, act Activation, key string) (*Called, error) {
	idem := IdempotencyKey{key, hashRequest("activate", string(act.Ride), act.At.UTC().Format(time.RFC3339Nano), string(act.Via))}
	ride, revision, err := d.onRide(ctx, area, act.Ride, idem, func(a *areaDay, ride *Ride) (*Commit, error) {
		return a.activate(by, ride, act)
	})
	if err != nil {
		return nil, err
	}
	state, err := d.State(ctx, area, ride.Day)
	if err != nil {
		return nil, err
	}
	c := &Called{Ride: ride, Revision: revision}
	if s := state.stop(StopID{ride.ID, PickupStop}); s != nil {
		c.Placed, c.Pickup = true, s.Begin
		c.Late = max(0, s.Begin-ride.Call.At-ride.Call.MaxWait)
	}
	return c, nil
}

// activate is the commit that a call makes. a.mu is held.
func (a *areaDay) activate(by Actor, ride *Ride, act Activation) (*Commit, error) {
	if !ride.Latent() || ride.State != Booked && ride.State != Published {
		return nil, fmt.Errorf("%w: ride %s is not a will-call that waits for a call", ErrWrongState, ride.ID)
	}
	now := a.second()
	at := now
	if !act.At.IsZero() {
		at = int32(act.At.Sub(a.midnight) / time.Second)
	}
	if at < 0 || at > now {
		return nil, fmt.Errorf("%w: called at second %d of the day, and it is %d now", ErrInvalid, at, now)
	}
	after := ride.next(ride.State)
	after.Call.Called, after.Call.At = true, at
	after.Promise.Pickup = Window{now, max(now, at+ride.Call.MaxWait)}
	s, err := a.sketchLocked(ride.ID)
	if err != nil {
		return nil, err
	}
	placed, err := s.fetchSoon(after)
	if err != nil {
		return nil, err
	}
	s.note(by, RideCalled, after, string(act.Via))
	if !placed {
		s.end(after)
		s.note(by, RideExceeded, after, CallUnplaced)
	} else if after.Promise.Pickup.Latest > at+ride.Call.MaxWait {
		s.note(by, RideExceeded, after, CallLate)
	}
	c := s.commit()
	c.asked(ride.ID)
	c.Reply = []byte(ride.ID)
	return c, nil
}

// fetchStep is by how many seconds a wait is lengthened at a time, where the promised one cannot be kept.
const fetchStep = 5 * 60

// fetchSoon places a ride that was called for and reports whether there is a place: within the promise and its margin, then
// without the margin, in both cases also by moving one other ride, and then as early as possible. In the last case the
// promise becomes what is possible.
func (s *sketch) fetchSoon(ride *Ride) (bool, error) {
	a, last := s.a, ride.Promise.Pickup.Latest
	for _, limit := range []int32{a.desk.cfg.Rules.latestPickup(ride.Promise.Pickup), last} {
		if _, ok, err := s.fetchBy(ride, limit, true); ok || err != nil {
			return ok, err
		}
	}
	end := last
	for i := range a.shifts {
		end = max(end, a.shifts[i].Span.End)
	}
	for limit := last + fetchStep; limit < end+fetchStep; limit += fetchStep {
		at, ok, err := s.fetchBy(ride, limit, false)
		if ok {
			ride.Promise.Pickup.Latest = (at+59)/60*60 + a.desk.cfg.Rules.PickupMargin
		}
		if ok || err != nil {
			return ok, err
		}
	}
	return false, nil
}

// fetchBy places a ride so that it is fetched from the beginning of its promise to a second at the latest, and says when; with
// eject also by moving one other ride within what that one was promised.
func (s *sketch) fetchBy(ride *Ride, latest int32, eject bool) (at int32, ok bool, err error) {
	spec := s.a.spec(s.m, ride)
	spec.PickupWindow.Latest = latest
	if soonest := spec.PickupWindow.Earliest; latest < soonest || spec.DeliveryWindow.Latest < soonest {
		return 0, false, nil // it is too late for that already
	}
	r, err := s.m.problem.Extend(spec)
	if err != nil {
		return 0, false, fmt.Errorf("dispatch: call for ride %s: %w", ride.ID, err)
	}
	if found, _ := s.a.affordable(s.m, solver.Query{Request: r}, ride, nil); len(found) > 0 {
		s.m.inserter.Apply(s.m.solution, found[0])
		s.added(ride)
		return found[0].PickupAt, true, nil
	}
	if eject {
		if moved, ok := s.m.inserter.Eject(s.m.solution, solver.Query{Request: r}, nil); ok {
			before := s.m.solution.Clone()
			s.m.inserter.ApplyEjection(s.m.solution, moved)
			if !s.dear(r, ride, moved.In.Vehicle, moved.Moved.Vehicle) {
				s.added(ride)
				return moved.In.PickupAt, true, nil
			}
			s.m.solution = before
		}
	}
	s.m.problem.Withdraw()
	return 0, false, nil
}

// dear reports whether a route of the sketch has a run of fares over its cap. ride is request r.
func (s *sketch) dear(r solver.Request, ride *Ride, on ...solver.Vehicle) bool {
	return slices.ContainsFunc(on, func(v solver.Vehicle) bool {
		return s.a.overFares(s.m, v, s.m.solution.Route(v), r, ride) != nil
	})
}

// willCall is the one promise of a will-call: any time of its window, and the wait after the last call, but nothing after the
// second at which a vehicle could fetch anybody last.
func (r Rules) willCall(req *Request, direct, from, last int32) []candidate {
	w := req.Wish.Window
	from = max(from, w.Earliest)
	latest := min(w.Latest+req.MaxWait, last)
	if from > w.Latest || from+req.MaxWait > latest {
		return nil
	}
	return []candidate{{promise: Promise{Pickup: Window{from, latest}, MaxRide: r.maxRide(direct)}}}
}

// lastFetch is the last second at which a vehicle of the day that can carry the party could fetch it, drive it alone and be back
// in time; the end of the day where none can carry it at all. a.mu is held.
func (a *areaDay) lastFetch(req *Request) int32 {
	last := int32(-1)
	travel := a.places.planned(req.Pickup.At, req.Dropoff.At, a.travelsIn(req)) + req.Party.Board + req.Party.Alight
	for i := range a.shifts {
		s := &a.shifts[i]
		if v := a.vehicles[s.Vehicle]; v.Equipment&req.Party.Needs == req.Party.Needs && v.Cabin.Holds(req.Party.Load) {
			last = max(last, s.Span.End-a.rules.ReturnMargin-a.places.planned(req.Dropoff.At, s.End, a.travelsIn(req))-travel)
		}
	}
	if last < 0 {
		return vehicles.MaxDaySecond
	}
	return last
}

// CallBy is the last second at which somebody may call for the will-call so that its promise can still be kept.
func (r *Ride) CallBy() int32 {
	return min(r.Wish.Window.Latest, r.Promise.Pickup.Latest-r.Call.MaxWait)
}

// lifted is the ride as a plan made at a second has it: a will-call that waits for its call is not fetched before
// Rules.CallLead from then. Any other ride is itself.
func (r *Rules) lifted(ride *Ride, now int32) *Ride {
	if ride == nil || !ride.Latent() {
		return ride
	}
	later := *ride
	p := &later.Promise.Pickup
	p.Earliest = max(p.Earliest, min(now+r.CallLead, p.Latest))
	return &later
}

// callOver reports whether no call can come in time for the ride any more.
func (r *Rules) callOver(ride *Ride, now int32) bool {
	return ride.Latent() && now+r.CallLead > ride.Promise.Pickup.Latest
}

// WillCall is a row of the queue of will-calls. Times are service-day seconds.
type WillCall struct {
	Ride    *Ride
	Since   int32 // called at; for one that waits for its call, from when on it may come
	Latest  int32 // promised latest pickup, or the last call of one that waits for it
	Planned int32 // pickup in the plan, 0 where no vehicle has it
	Late    int32 // seconds by which the plan exceeds the promised wait
	Overdue bool  // nobody called until the end of the window: a person decides whether it is unmet or cancelled
}

// WillCalls is the queue of the day's will-calls that nobody has fetched yet: those called for, longest wait first, then those
// that wait for their call, by the beginning of their window.
func (d *Desk) WillCalls(ctx context.Context, area AreaID, day Day) ([]WillCall, error) {
	a, err := d.open(ctx, area, day)
	if err != nil {
		return nil, err
	}
	state, now := a.current(), a.second()
	var queue []WillCall
	for _, r := range state.Rides {
		if r.Call.MaxWait == 0 || r.State != Booked && r.State != Published {
			continue
		}
		row := WillCall{Ride: r, Since: r.Wish.Window.Earliest, Latest: r.Wish.Window.Latest}
		if s := state.stop(StopID{r.ID, PickupStop}); s != nil {
			row.Planned = s.Begin
		}
		if r.Latent() {
			row.Latest = r.CallBy()
			row.Overdue = now > row.Latest
			if row.Planned > 0 { // the plan is older than now
				row.Planned = max(row.Planned, a.desk.cfg.Rules.lifted(r, now).Promise.Pickup.Earliest)
			}
		}
		if r.Call.Called {
			row.Since, row.Latest = r.Call.At, r.Promise.Pickup.Latest
			if row.Planned > 0 {
				row.Late = max(0, row.Planned-r.Call.At-r.Call.MaxWait)
			}
		}
		queue = append(queue, row)
	}
	slices.SortFunc(queue, func(x, y WillCall) int { return x.compare(&y) })
	return queue, nil
}
