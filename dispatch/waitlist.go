package dispatch

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"
)

// Reasons about the waitlist.
const (
	ReasonWaitlisted = "WAITLISTED"     // of a ride that is on it, as Draft or, while a freed place is held for it, as Offered
	ReasonPostponed  = "BAD_WEATHER"    // the same, of one that was booked and put off because of snow or a storm
	ReasonNoPlace    = "NO_PLACE_FREED" // of one that ended as unmet: until its time nothing suitable became free
	FreedPlace       = "FREED_PLACE"    // detail of the events
)

// waits reports whether the ride is on the waitlist.
func (r *Ride) waits() bool {
	return (r.Reason == ReasonWaitlisted || r.Reason == ReasonPostponed) && (r.State == Draft || r.State == Offered)
}

// JoinWaitlist puts a caller for whom there was no place, or none that suited, on the waitlist: a ride in state Draft, with
// a wish and without a promise. It is offered what becomes free before anybody else (see FreedOffers), and ends as unmet
// where nothing did until its time. Errors: ErrInvalid, also where no vehicle can ever reach the place, *RefusedError where none can while roads are as they are, ErrKeyReused, or the
// store's.
func (d *Desk) JoinWaitlist(ctx context.Context, by Actor, req Request, key string) (*Ride, int64, error) {
	return d.record(ctx, by, req, key, "waitlist", func(a *areaDay, ride *Ride) (EventKind, error) {
		refusal, err := a.locateLocked(ctx, &req)
		if err != nil {
			return "", err
		}
		if refusal != nil {
			if !a.places.plain() { // a road that is closed today is nobody's mistake
				return "", &RefusedError{[]Refusal{*refusal}}
			}
			return "", fmt.Errorf("%w: %s", ErrInvalid, refusal.Cause)
		}
		ride.Direct, _ = a.directLocked(&req)
		ride.State, ride.Reason, ride.Terms.Facility = Draft, ReasonWaitlisted, req.Facility
		return RideWaitlisted, nil
	})
}

// Waitlist lists the rides on the waitlist, in the order in which they are offered what becomes free: those that nothing
// was offered yet first, then by when they were put on it.
func (d *Desk) Waitlist(ctx context.Context, area AreaID, day Day) ([]*Ride, error) {
	state, err := d.State(ctx, area, day)
	if err != nil {
		return nil, err
	}
	return state.waitlist(), nil
}

func (s *State) waitlist() (list []*Ride) {
	for _, r := range s.Rides {
		if r.waits() {
			list = append(list, r)
		}
	}
	slices.SortFunc(list, func(x, y *Ride) int {
		return cmp.Or(x.Held.Compare(y.Held), x.Created.Compare(y.Created), cmp.Compare(x.ID, y.ID))
	})
	return list
}

// FreedOffers gives capacity that has become free to those who wait for it, before anybody else can ask: will-calls that
// were called for and have no vehicle get one, will-calls that nobody keeps capacity for get it, and of the waitlist each
// that fits is offered a place, held for Config.FreedLife; an event (RideOffered) says that it has to be told. Cancelling,
// changing, declining and no-shows do this by themselves; it is also for whoever adds capacity. It returns all rides of
// the waitlist that a place is held for now. Accept and Decline are their answers.
func (d *Desk) FreedOffers(ctx context.Context, area AreaID, day Day) ([]*Ride, error) {
	a, err := d.open(ctx, area, day)
	if err != nil {
		return nil, err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if err := a.giveFreedLocked(ctx, true); err != nil {
		return nil, err
	}
	now := a.desk.now()
	return slices.DeleteFunc(a.state.waitlist(), func(r *Ride) bool { return !r.keeps(now) }), nil
}

// free is change for what may free capacity; those who wait get it before the area-day is let go. Where that fails, the
// change itself stands, and they get it with the next one.
func (a *areaDay) free(ctx context.Context, key IdempotencyKey, decide func() (*Commit, error)) ([]byte, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	reply, err := a.changeLocked(ctx, key, decide)
	if err == nil {
		_ = a.giveFreedLocked(ctx, true)
	}
	return reply, err
}

// giveFreedLocked commits what FreedOffers gives. Without again, rides that let an offer lapse are passed over. a.mu is held.
func (a *areaDay) giveFreedLocked(ctx context.Context, again bool) error {
	if len(a.state.wanting(again)) == 0 {
		return nil
	}
	if _, err := a.changeLocked(ctx, IdempotencyKey{}, func() (*Commit, error) { return a.sweep(ctx) }); err != nil {
		return err
	}
	_, err := a.changeLocked(ctx, IdempotencyKey{}, func() (*Commit, error) { return a.giveFreed(ctx, a.fairly(a.state.wanting(again))) })
	return err
}

// wanting lists the rides that freed capacity is for, in the order in which they get it: will-calls that were called for, longest
// wait first, those that wait for their call, then the waitlist.
func (s *State) wanting(again bool) []*Ride {
	var calls []*Ride
	for id, r := range s.Rides {
		if r.Call.MaxWait > 0 && (r.State == Booked || r.State == Published) && s.RouteOf(id) == nil {
			calls = append(calls, r)
		}
	}
	slices.SortFunc(calls, func(x, y *Ride) int {
		if x.Call.Called != y.Call.Called {
			if x.Call.Called {
				return -1
			}
			return 1
		}
		return cmp.Or(cmp.Compare(x.Call.At, y.Call.At), cmp.Compare(x.ID, y.ID))
	})
	for _, r := range s.waitlist() {
		if r.State == Draft && (again || r.Held.IsZero()) {
			calls = append(calls, r)
		}
	}
	return calls
}

// giveFreed is the commit that gives each ride what there is for it, or nil where there is nothing. a.mu is held.
func (a *areaDay) giveFreed(ctx context.Context, list []*Ride) (*Commit, error) {
	s, err := a.sketchLocked()
	if err != nil {
		return nil, err
	}
	for _, ride := range list {
		give := s.giveOffer
		switch {
		case ride.Latent():
			give = s.giveLatent
		case ride.Call.Called:
			give = s.giveCalled
		}
		if err := give(ctx, ride); err != nil {
			return nil, err
		}
	}
	if len(s.rides) == 0 {
		return nil, nil
	}
	return s.commit(), nil
}

// giveCalled has a will-call fetched that was called for and that no vehicle could fetch.
func (s *sketch) giveCalled(_ context.Context, ride *Ride) error {
	after := s.a.unlocked(ride)
	now := s.a.second()
	after.Promise.Pickup = Window{now, max(now, ride.Call.At+ride.Call.MaxWait)}
	if placed, err := s.fetchSoon(after); !placed || err != nil {
		return err
	}
	s.note(Engine, RideChanged, after, FreedPlace)
	return nil
}

// giveLatent keeps capacity for a will-call again.
func (s *sketch) giveLatent(_ context.Context, ride *Ride) error {
	rules, now := &s.a.desk.cfg.Rules, s.a.second()
	if rules.callOver(ride, now) {
		return nil
	}
	after := s.a.unlocked(ride)
	later := rules.lifted(after, now)
	found, _, err := s.choices(later, []candidate{{promise: later.Promise}})
	if len(found) == 0 || err != nil {
		return err
	}
	promise := after.Promise
	if err := s.put(after, found[0]); err != nil {
		return err
	}
	after.Promise = promise
	s.note(Engine, RideChanged, after, FreedPlace)
	return nil
}

// giveOffer holds the best place for somebody on the waitlist. A place that begins before they could answer is none.
func (s *sketch) giveOffer(ctx context.Context, ride *Ride) error {
	req := ride.request()
	found, _, direct, err := s.choose(ctx, req)
	if err != nil {
		return err
	}
	soonest := s.a.second() + int32(s.a.desk.cfg.HoldLife/time.Second)
	found = slices.DeleteFunc(found, func(c choice) bool { return c.promise.Pickup.Earliest < soonest || !s.inTurn(ride, &c.promise) })
	if len(found) == 0 {
		return nil
	}
	after := ride.next(Offered)
	after.Direct, after.Party = direct, req.Party
	if err := s.put(after, pick(found, 1, s.a.desk.cfg.Rules.Window)[0]); err != nil {
		return err
	}
	after.Held = s.a.desk.now().Add(s.a.desk.cfg.FreedLife)
	if last := s.a.midnight.Add(time.Duration(after.Promise.Pickup.Earliest) * time.Second); last.Before(after.Held) {
		after.Held = last
	}
	s.note(Engine, RideOffered, after, FreedPlace)
	return nil
}

// inTurn reports whether a promise of a leg lies between those of the legs of its trip before and after it, as far as these have any.
func (s *sketch) inTurn(ride *Ride, p *Promise) bool {
	before, after := s.a.state.Trip(ride.ID)
	promised := func(leg *Ride) *Ride {
		for _, r := range s.rides {
			if r.ID == leg.ID {
				leg = r
			}
		}
		if leg.Call.MaxWait > 0 || leg.State != Offered && !leg.Open() {
			return nil
		}
		return leg
	}
	return !slices.ContainsFunc(before, func(leg *Ride) bool {
		leg = promised(leg)
		return leg != nil && p.Pickup.Earliest < leg.Promise.arrives()
	}) && !slices.ContainsFunc(after, func(leg *Ride) bool {
		leg = promised(leg)
		return leg != nil && leg.Promise.Pickup.Earliest < p.arrives()
	})
}

// request is what the ride's caller asked for.
func (r *Ride) request() *Request {
	return &Request{
		Area: r.Area, Day: r.Day, Rider: r.Rider, Booking: r.Booking, Party: r.Party, Pickup: r.Pickup, Dropoff: r.Dropoff,
		Purpose: r.Purpose, Wish: r.Wish, Linked: r.Linked, Facility: r.Terms.Facility, Together: r.Together, MaxWait: r.Call.MaxWait,
	}
}
