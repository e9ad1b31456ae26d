package dispatch

import (
	"slices"
	"strconv"
	"time"
)

// Who must be told is worked out here and nowhere else, from what a commit changes: every commit passes tellLocked, so that
// no promise moves, and no ride is dropped, without an entry.
//
// A ride has at most one open Tell of a reason. While it is open it follows the plan: its After is what is promised now, its
// Before what the rider was told last. Once somebody has told it, the next change opens another.

// telling is what whoever makes a commit says about a ride, for the sake of who must be told of it.
type telling struct {
	asked  bool
	reason TellReason
	code   string
}

// asked says that the callers of the rides asked for what the commit does, and hear in the same call what came of it.
func (c *Commit) asked(rides ...RideID) {
	for _, id := range rides {
		t := c.say[id]
		t.asked = true
		c.telling(id, t)
	}
}

// because gives the reason and the cause under which the rider is told what the commit does to the ride, such as a closure.
// An empty reason leaves the one that follows from the change.
func (c *Commit) because(ride RideID, reason TellReason, code string) {
	t := c.say[ride]
	t.reason, t.code = reason, code
	c.telling(ride, t)
}

func (c *Commit) telling(ride RideID, t telling) {
	if c.say == nil {
		c.say = map[RideID]telling{}
	}
	c.say[ride] = t
}

// ChannelOutdated is the Channel of a Tell that was closed because there was nothing to tell any more.
const ChannelOutdated = "outdated"

// tellID names the nth Tell about a ride for a reason, counted from 1.
func tellID(ride RideID, reason TellReason, n int) NoteID {
	return NoteID("tell." + string(ride) + "." + string(reason) + "." + strconv.Itoa(n))
}

// teller adds to a commit the Tells that it makes necessary.
type teller struct {
	a   *areaDay
	c   *Commit
	now int32
}

// tellLocked adds to the commit, which is about to be written, the Tells that it makes necessary, and closes those that it
// leaves without anything to tell. a.mu is held.
func (a *areaDay) tellLocked(c *Commit) {
	t := teller{a, c, a.second()}
	for i := range c.Rides {
		t.change(&c.Rides[i])
	}
	for _, route := range c.Routes {
		t.late(route)
	}
}

// note is a note as the commit leaves it, or nil.
func (t *teller) note(id NoteID) *Note {
	for _, n := range t.c.Notes {
		if n.ID == id {
			return n
		}
	}
	return t.a.state.Notes[id]
}

// last is the newest Tell about a ride for a reason, or nil, and how many there are.
func (t *teller) last(ride RideID, reason TellReason) (last *Note, n int) {
	for {
		next := t.note(tellID(ride, reason, n+1))
		if next == nil {
			return last, n
		}
		last, n = next, n+1
	}
}

// open is the open Tell about a ride for a reason, or nil.
func (t *teller) open(ride RideID, reason TellReason) (*Note, *Tell) {
	last, _ := t.last(ride, reason)
	if last == nil {
		return nil, nil
	}
	if body, ok := last.Body.(*Tell); ok && body.Told == nil {
		return last, body
	}
	return nil, nil
}

// ride is a ride as the commit leaves it.
func (t *teller) ride(id RideID) *Ride {
	for i := range t.c.Rides {
		if t.c.Rides[i].After.ID == id {
			return t.c.Rides[i].After
		}
	}
	return t.a.state.Rides[id]
}

// put takes a Tell into the commit with an event that says so.
func (t *teller) put(n *Note, kind EventKind) {
	tell := n.Body.(*Tell)
	t.c.Events = append(t.c.Events, Event{Actor: Engine.Subject, Kind: kind, Ride: tell.Ride, Detail: string(tell.Reason)})
	for i, have := range t.c.Notes {
		if have.ID == n.ID {
			n.Version = have.Version // one commit raises a version once
			t.c.Notes[i] = n
			return
		}
	}
	t.c.Notes = append(t.c.Notes, n)
}

// need opens a Tell, or brings the open one up to date.
func (t *teller) need(want Tell) {
	if _, open := t.open(want.Ride, want.Reason); open != nil {
		want.Before = open.Before
	}
	say := t.c.say[want.Ride]
	if say.code != "" {
		want.Code = say.code
	}
	last, n := t.last(want.Ride, want.Reason)
	if last != nil {
		body := last.Body.(*Tell)
		switch {
		case body.Told == nil && body.After == want.After && body.Code == want.Code:
			return
		case body.Told == nil:
			next := *body
			next.After, next.Code, next.Deadline = want.After, want.Code, want.Deadline
			t.put(last.changed(&next), MustTell)
			return
		}
	}
	want.Opened = t.a.desk.now()
	t.put(&Note{ID: tellID(want.Ride, want.Reason, n+1), Version: 1, About: want.Rider, Body: &want}, MustTell)
}

// close ends an open Tell about which there is nothing to tell any more.
func (t *teller) close(ride RideID, reasons ...TellReason) {
	for _, reason := range reasons {
		if n, body := t.open(ride, reason); n != nil {
			next := *body
			next.Told = &Told{By: Engine.Subject, Channel: ChannelOutdated, At: t.a.desk.now()}
			t.put(n.changed(&next), TellOutdated)
		}
	}
}

// change works out who must be told of one changed ride.
func (t *teller) change(ch *RideChange) {
	before, after := ch.Before, ch.After
	if before == nil {
		if after.State == Unmet && after.Order != "" && after.Linked == "" { // a standing order is settled with nobody on the telephone
			t.need(t.about(after, TellRefused, after.Reason, t.deadline(after.wished())))
		}
		return
	}
	t.settle(before, after)
	say := t.c.say[after.ID]
	switch {
	case say.asked:
	case t.dropped(before, after):
		t.drop(before, after)
	case before.waits() && after.State == Unmet:
		t.need(t.about(after, TellRefused, after.Reason, t.deadline(after.wished())))
	case before.State == Draft && after.State == Offered:
		tell := t.about(after, TellCallBack, FreedPlace, int32(after.Held.Sub(t.a.midnight)/time.Second))
		tell.After = after.Promise
		t.need(tell)
	case before.awaits() && after.awaits():
		t.move(before, after)
	case before.State == UnderWay && say.code != "": // the vehicle cannot go on
		t.strand(before, after)
	}
	t.noShow(before, after)
}

// awaits reports whether the rider was promised a vehicle and waits for it.
func (r *Ride) awaits() bool { return r.State == Booked || r.State == Published }

// wished is when the rider wanted to set off, as near as the wish says.
func (r *Ride) wished() int32 {
	if r.Wish.Kind == ArriveBy {
		return r.Wish.Window.Latest - r.Direct
	}
	return r.Wish.Window.Earliest
}

// about is a Tell for the rider of a ride.
func (t *teller) about(r *Ride, reason TellReason, code string, deadline int32) Tell {
	return Tell{Rider: r.Rider, Ride: r.ID, Reason: reason, Code: code, Deadline: deadline}
}

// deadline is when somebody must know who sets off at a second: some time before, but nobody can be told at once.
func (t *teller) deadline(sets int32) int32 {
	rules := &t.a.desk.cfg.Rules
	return max(sets-rules.TellLead, t.now+rules.TellSoon)
}

// settle closes the Tells that a change of their ride leaves without anything to tell.
func (t *teller) settle(before, after *Ride) {
	if after.State == UnderWay || after.State.Ended() {
		t.close(after.ID, TellPromiseMoved, TellLate, TellCondition, TellEvening, TellReturnOpen)
	}
	if t.c.say[after.ID].asked {
		t.close(after.ID, promiseReasons()...)
	}
	if after.State != Offered {
		t.close(after.ID, TellCallBack)
	}
	if after.Open() {
		t.close(after.ID, TellDropped, TellPostponed, TellRefused, TellWatchOver)
	}
	if before.gone() && !after.gone() {
		for _, leg := range t.laterLegs(after) {
			t.close(leg.ID, TellReturnOpen)
		}
	}
}

// gone reports whether nobody was at the door when the vehicle was.
func (r *Ride) gone() bool { return r.State == NoShow || r.State == Missed }

// dropped reports whether a ride that was promised is not driven, and not because its rider said so.
func (t *teller) dropped(before, after *Ride) bool {
	if !before.awaits() || t.a.desk.cfg.Rules.callOver(before, t.now) {
		return false
	}
	return after.State == Missed || after.State == Unmet || after.State == Draft && after.Reason == ReasonPostponed ||
		after.State == Cancelled && (after.Cancel == CancelProvider || after.Cancel == CancelSite)
}

func (t *teller) drop(before, after *Ride) {
	reason := TellDropped
	if say := t.c.say[after.ID]; say.reason != "" {
		reason = say.reason
	}
	tell := t.about(after, reason, after.Reason, t.deadline(before.Promise.Pickup.Earliest))
	tell.Before = t.confirmed(before)
	t.need(tell)
}

// strand is about somebody who was aboard a vehicle that cannot go on: who fetches them and when, or that nobody does.
func (t *teller) strand(before, after *Ride) {
	reason := TellCondition
	if !after.awaits() {
		reason = TellDropped
	}
	tell := t.about(after, reason, "", t.now+t.a.desk.cfg.Rules.TellSoon)
	tell.Before, tell.After = before.Promise, after.Promise
	t.need(tell)
}

// confirmed is what the rider was told last, before the commit.
func (t *teller) confirmed(before *Ride) Promise {
	return t.a.state.Confirmed(before.ID, t.a.midnight)
}

// move is about a ride whose promise is another one.
func (t *teller) move(before, after *Ride) {
	if !before.Promise.moved(after.Promise) {
		return
	}
	reason := TellPromiseMoved
	if say := t.c.say[after.ID]; say.reason != "" {
		reason = say.reason
	}
	told := t.confirmed(before)
	back := !told.moved(after.Promise) // it is again what the rider knows
	for _, other := range promiseReasons() {
		if back || other != reason {
			t.close(after.ID, other)
		}
	}
	if back {
		return
	}
	sets := min(told.Pickup.Earliest, after.Promise.Pickup.Earliest)
	if told == (Promise{}) {
		sets = after.Promise.Pickup.Earliest
	}
	tell := t.about(after, reason, "", t.deadline(sets))
	tell.Before, tell.After = told, after.Promise
	t.need(tell)
}

// promiseReasons are the reasons of Tells about a promise that is another one, which is their After.
func promiseReasons() []TellReason {
	return []TellReason{TellPromiseMoved, TellPostponed, TellCondition}
}

// moved reports whether a promise differs in when the vehicle comes or when it arrives.
func (p Promise) moved(to Promise) bool { return p.Pickup != to.Pickup || p.arrives() != to.arrives() }

// noShow is about a ride at whose door nobody answered: those responsible must look after the person, and somebody must ask
// whether the way home is still wanted. It is never cancelled by itself.
func (t *teller) noShow(before, after *Ride) {
	if before.gone() || !after.gone() || before.State.Ended() || before.State == UnderWay {
		return
	}
	if !foundOut(after.Reason) {
		t.need(t.about(after, TellWatchOver, after.Reason, t.now+t.a.desk.cfg.Rules.TellSoon))
	}
	for _, leg := range t.laterLegs(after) {
		if leg.cancellable() {
			tell := t.about(leg, TellReturnOpen, after.Reason, t.deadline(leg.Promise.Pickup.Earliest))
			tell.Before = leg.Promise
			t.need(tell)
		}
	}
}

// laterLegs are the legs of a ride's trip after it, as the commit leaves them.
func (t *teller) laterLegs(r *Ride) []*Ride {
	_, after := t.a.state.Trip(r.ID)
	legs := slices.Clone(after)
	for i := range legs {
		legs[i] = t.ride(legs[i].ID)
	}
	return legs
}

// late is about the rides of a route that the vehicle is expected at later than promised.
func (t *teller) late(route *Route) {
	for i := range route.Stops {
		s := &route.Stops[i]
		if s.Kind != PickupStop || s.State >= Arrived {
			continue
		}
		ride := t.ride(s.Ride)
		if ride == nil || !ride.awaits() || ride.Latent() {
			continue
		}
		expected := Promise{Pickup: Window{s.Arrive, max(s.Arrive, ride.Promise.Pickup.Earliest)}}
		for k := i + 1; k < len(route.Stops); k++ {
			if route.Stops[k].StopID == (StopID{s.Ride, DropoffStop}) {
				expected.ArriveBy = route.Stops[k].Arrive
			}
		}
		if expected.late(ride.Promise) > 0 || t.a.desk.cfg.Live == nil {
			t.expect(ride, expected) // that it is on time again is seen better by who knows where the vehicle is: Tend
		}
	}
}

// expect opens, renews or closes the Tell about a late vehicle by when it is expected.
func (t *teller) expect(ride *Ride, expected Promise) {
	late, tolerance := expected.late(ride.Promise), t.a.desk.cfg.Rules.LateTolerance
	if late <= 0 {
		t.close(ride.ID, TellLate)
		return
	}
	if late <= tolerance {
		return
	}
	if last, _ := t.last(ride.ID, TellLate); last != nil {
		if said := last.Body.(*Tell); (said.Told == nil || said.Told.Channel != ChannelOutdated) && !said.After.far(expected, tolerance) {
			return
		}
	}
	tell := t.about(ride, TellLate, "", t.now+t.a.desk.cfg.Rules.TellSoon)
	tell.Before, tell.After = ride.Promise, expected
	t.need(tell)
}

// late is by how many seconds an expectation is later than what was promised: the pickup, or the arrival where that is expected at all.
func (p Promise) late(promised Promise) int32 {
	late := p.Pickup.Latest - promised.Pickup.Latest
	if p.ArriveBy > 0 {
		late = max(late, p.ArriveBy-promised.arrives())
	}
	return late
}

// far reports whether an expectation differs from what was said by more than a tolerance.
func (p Promise) far(expected Promise, tolerance int32) bool {
	pickup, arrival := p.Pickup.Latest-expected.Pickup.Latest, p.ArriveBy-expected.ArriveBy
	return max(pickup, -pickup, arrival, -arrival) > tolerance
}

// Confirmed is the promise that counts for a ride: the last one that its rider was told, in the call that booked or changed it
// or by a Tell that was marked told before the vehicle came. midnight is that of the state's day. It is the zero value for
// a ride that is not there.
func (s *State) Confirmed(id RideID, midnight time.Time) Promise {
	ride := s.Rides[id]
	if ride == nil {
		return Promise{}
	}
	var told []*Tell
	for _, reason := range promiseReasons() {
		for n := 1; s.Notes[tellID(id, reason, n)] != nil; n++ {
			if body, ok := s.Notes[tellID(id, reason, n)].Body.(*Tell); ok && body.After != (Promise{}) {
				told = append(told, body)
			}
		}
	}
	slices.Reverse(told)
	slices.SortStableFunc(told, func(x, y *Tell) int { return y.Opened.Compare(x.Opened) })
	promise := ride.Promise
	came := midnight.Add(time.Duration(ride.Actual.PickupArrive) * time.Second)
	for _, m := range told { // the newest first
		if m.Told != nil && (ride.Actual.PickupArrive == 0 || m.Told.At.Before(came)) {
			break
		}
		promise = m.Before
	}
	return promise
}
