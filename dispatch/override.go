package dispatch

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/swmaas/swmaas/vehicles"
)

// ReassignMode says what may move when a dispatcher gives a ride to another vehicle. The values are stored.
type ReassignMode string

// The modes of the reassign menu.
const (
	ReassignBest     ReassignMode = "best"     // every promise stays
	ReassignFlexible ReassignMode = "flexible" // this ride's own promise may move as well
	ReassignPriority ReassignMode = "priority" // this ride's promise stays, those of others may move
	ReassignDrag     ReassignMode = "drag"     // to a shift and position that the dispatcher chose; any promise on it may move
)

// What is logged of rides that are given to another vehicle by hand.
const (
	RideMoved      EventKind = "ride_moved"      // to another vehicle or promise; Detail says in which mode
	PlanOverridden EventKind = "plan_overridden" // Detail is the note that says what was done, and why
	OverrideUndone EventKind = "override_undone" // likewise
)

// Override asks for a ride to be given to another vehicle, or to another place in its route, by hand.
type Override struct {
	Ride RideID
	Mode ReassignMode
	// Shift is the only one to try; empty for any. A drag needs it.
	Shift vehicles.ShiftID
	// Pickup and Dropoff are, of a drag, the indexes that the ride's stops have among the unfinished stops of the route that
	// results.
	Pickup, Dropoff int
	Lock            bool // the ride is locked to the vehicle that it gets
	Limit           int  // of a list of proposals; 0 means 5
}

const (
	proposals     = 5       // how many a list has where nothing else is asked for
	mostProposals = 20      // and at the most
	flexibleMost  = 60 * 60 // by how much an override moves the promise of the ride itself at the most, in seconds
	proposalLife  = 10 * time.Minute
)

// What an override may break that a plan otherwise keeps: soft rules. The values are stored and part of the contract.
const (
	BreaksPromise   = "PROMISE_MOVED" // somebody has to be told another time
	BreaksComfort   = "LONGER_RIDE"   // somebody sits longer in the vehicle than was promised, or than is easy for them
	BreaksStability = "NEAR_PICKUP"   // the vehicle changes so shortly before the pickup that the plan would not do it by itself
	BreaksLock      = "LOCKED"        // what another dispatcher has locked
	BreaksPublished = "PUBLISHED"     // a driver has been given the ride
	BreaksLiking    = "LESS_LIKED"    // somebody rides in another vehicle, or with another driver, than they would rather
)

// Effect is what an override does to one ride. Times are service-day seconds, 0 where there is none.
type Effect struct {
	Ride                        RideID
	From, To                    vehicles.ShiftID
	PickupBefore, PickupAfter   int32
	ArrivalBefore, ArrivalAfter int32
	AboardBefore, AboardAfter   int32 // planned ride times in seconds
	Before, After               Promise
}

// Moves reports whether the ride's promise moves.
func (e *Effect) Moves() bool { return e.Before != e.After }

// Proposal is one way to do what an override asks for, with all that it would do. Nothing is changed by it; Override takes its
// token, as long as nothing that it touches has changed.
type Proposal struct {
	Token    string
	Mode     ReassignMode
	From, To vehicles.ShiftID
	Effects  []Effect // the ride itself first, then the others whose vehicle, promise or times change, by id
	Meters   int64    // of driving more; negative for less
	Seconds  int64    // likewise
	Breaks   []string // soft rules, see BreaksPromise; a reason is needed where there is any
	Why      Sentences
	Expires  time.Time
}

// sealedProposal is the content of a token.
type sealedProposal struct {
	Area    AreaID
	Day     Day
	Ride    RideID
	Mode    ReassignMode
	Lock    bool
	Plan    arrangement
	Breaks  []string
	Routes  map[vehicles.ShiftID]int64 // versions that it was made from
	Rides   map[RideID]int64
	Expires time.Time
}

func (o *Override) validate() error {
	switch {
	case !slices.Contains([]ReassignMode{ReassignBest, ReassignFlexible, ReassignPriority, ReassignDrag}, o.Mode):
		return fmt.Errorf("%w: mode: %q is none", ErrInvalid, o.Mode)
	case o.Mode == ReassignDrag && (o.Shift == "" || o.Pickup < 0 || o.Dropoff <= o.Pickup):
		return fmt.Errorf("%w: a drag needs a shift, and a dropoff behind the pickup", ErrInvalid)
	case o.Limit < 0 || o.Limit > mostProposals:
		return fmt.Errorf("%w: limit: must be from 0 to %d", ErrInvalid, mostProposals)
	}
	return nil
}

// Reassign lists ways to do what an override asks for, best first: those that move fewest promises, then the least driving.
// Errors: ErrInvalid, ErrNotFound, ErrWrongState where the vehicle is under way to the ride already, *RefusedError (ErrRefused)
// where a hard rule leaves no way, or the store's.
func (d *Desk) Reassign(ctx context.Context, by Actor, area AreaID, o Override) ([]Proposal, error) {
	if err := o.validate(); err != nil {
		return nil, err
	}
	a, err := d.openRide(ctx, area, o.Ride)
	if err != nil {
		return nil, err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if err := a.wholeLocked(ctx); err != nil {
		return nil, err
	}
	return a.reassign(by, &o)
}

// reassign is Reassign on the plan as it is. a.mu is held.
func (a *areaDay) reassign(by Actor, o *Override) ([]Proposal, error) {
	ride, err := a.changeable(o.Ride, 0)
	if err != nil {
		return nil, err
	}
	if ride.Latent() {
		return nil, fmt.Errorf("%w: nobody has called for ride %s yet", ErrWrongState, o.Ride)
	}
	if _, known := a.byShift[o.Shift]; !known && o.Shift != "" {
		return nil, fmt.Errorf("%w: shift %s", ErrNotFound, o.Shift)
	}
	f := &finder{a: a, o: o, ride: ride, from: a.state.RouteOf(ride.ID)}
	if err := f.gather(); err != nil {
		return nil, err
	}
	ways, err := f.find()
	if err != nil {
		return nil, err
	}
	if len(ways) == 0 {
		return nil, &RefusedError{f.refusals()}
	}
	var out []Proposal
	var last error
	for i := range ways {
		p, err := a.propose(by, o, ride, &ways[i])
		if err != nil {
			last = err
			continue
		}
		out = append(out, *p)
	}
	if len(out) == 0 {
		return nil, last
	}
	slices.SortStableFunc(out, func(x, y Proposal) int {
		return cmp.Or(cmp.Compare(x.moved(), y.moved()), cmp.Compare(len(x.Breaks), len(y.Breaks)), cmp.Compare(x.Seconds, y.Seconds), cmp.Compare(x.To, y.To))
	})
	return out[:min(len(out), cmp.Or(o.Limit, proposals))], nil
}

// moved is by how many seconds the proposal moves promises, all together.
func (p *Proposal) moved() (sum int64) {
	for i := range p.Effects {
		e := &p.Effects[i]
		for _, off := range []int32{
			e.After.Pickup.Earliest - e.Before.Pickup.Earliest, e.After.ArriveBy - e.Before.ArriveBy, e.After.MaxRide - e.Before.MaxRide,
		} {
			sum += int64(max(off, -off))
		}
	}
	return sum
}

// propose works out what an arrangement would do, and seals it. a.mu is held.
func (a *areaDay) propose(by Actor, o *Override, ride *Ride, plan *arrangement) (*Proposal, error) {
	c, err := a.arrange(plan, by, o.Lock)
	if err != nil {
		return nil, err
	}
	p := &Proposal{Mode: o.Mode, To: plan.To, Expires: a.desk.now().Add(proposalLife)}
	if route := a.state.RouteOf(ride.ID); route != nil {
		p.From = route.Shift
	}
	p.Effects = a.effects(c, ride.ID)
	p.Meters, p.Seconds = a.added(c)
	p.Breaks = a.breaks(by, p, ride)
	p.Why = a.whyProposed(p)
	sealed := sealedProposal{
		Area: a.key.Area, Day: a.key.Day, Ride: ride.ID, Mode: o.Mode, Lock: o.Lock, Plan: *plan, Breaks: p.Breaks, Expires: p.Expires,
		Routes: map[vehicles.ShiftID]int64{}, Rides: map[RideID]int64{},
	}
	for _, r := range c.Routes {
		sealed.Routes[r.Shift] = r.Version - 1
	}
	for _, r := range c.Rides {
		sealed.Rides[r.After.ID] = r.Before.Version
	}
	p.Token, err = a.desk.seal.sealAs("override", &sealed)
	return p, err
}

// breaks lists the soft rules that a proposal breaks. a.mu is held.
func (a *areaDay) breaks(by Actor, p *Proposal, ride *Ride) []string {
	broken := map[string]bool{}
	soon := a.second() + a.desk.cfg.Rules.SteadyBefore
	for i := range p.Effects {
		e := &p.Effects[i]
		r := a.state.Rides[e.Ride]
		if e.Before.Pickup != e.After.Pickup || e.Before.ArriveBy != e.After.ArriveBy {
			broken[BreaksPromise] = true
		}
		easy := r.Party.Limits.EasyRide
		if e.Before.MaxRide != e.After.MaxRide || easy > 0 && e.AboardAfter > max(easy, e.AboardBefore) {
			broken[BreaksComfort] = true
		}
		if e.From == e.To || e.From == "" {
			continue
		}
		broken[BreaksStability] = broken[BreaksStability] || e.PickupBefore > 0 && e.PickupBefore <= soon
		broken[BreaksLock] = broken[BreaksLock] || r.Locks.hold(e.From) && r.Locks.By != by.Subject
		broken[BreaksPublished] = broken[BreaksPublished] || r.State == Published
		broken[BreaksLiking] = broken[BreaksLiking] || a.liked(r, e.From) && !a.liked(r, e.To)
	}
	if l := &ride.Locks; l.At > 0 && l.By != by.Subject && p.Effects[0].PickupAfter != l.At {
		broken[BreaksLock] = true
	}
	var out []string
	for _, rule := range []string{BreaksPromise, BreaksComfort, BreaksLock, BreaksStability, BreaksPublished, BreaksLiking} {
		if broken[rule] {
			out = append(out, rule)
		}
	}
	return out
}

// liked reports whether the party of a ride would rather ride on the shift than on others.
func (a *areaDay) liked(r *Ride, shift vehicles.ShiftID) bool {
	i, runs := a.byShift[shift]
	return runs && r.Party.Limits.likes(&a.shifts[i])
}

// whyProposed says in one sentence what a proposal comes to.
func (a *areaDay) whyProposed(p *Proposal) Sentences {
	v, moved := a.shifts[a.byShift[p.To]].Vehicle, 0
	for i := range p.Effects {
		if p.Effects[i].Moves() {
			moved++
		}
	}
	drive := Sentences{"走行が" + spanJapanese(p.Seconds) + "増えます", "adds " + spanEnglish(p.Seconds) + " of driving"}
	if p.Seconds <= 0 {
		drive = Sentences{"走行は増えません", "adds no driving"}
		if p.Seconds < -30 {
			drive = Sentences{"走行が" + spanJapanese(-p.Seconds) + "減ります", "saves " + spanEnglish(-p.Seconds) + " of driving"}
		}
	}
	if moved == 0 {
		return Sentences{
			fmt.Sprintf("車両 %s なら、すべてのお約束を守ったまま、%s。", v, drive.Ja),
			fmt.Sprintf("Vehicle %s keeps every promise and %s.", v, drive.En),
		}
	}
	return Sentences{
		fmt.Sprintf("車両 %s なら、%d 件のお約束が変わり、%s。", v, moved, drive.Ja),
		fmt.Sprintf("Vehicle %s moves %s and %s.", v, count(int64(moved), "promise"), drive.En),
	}
}

// Intervention is an override that was carried out: a note of the area-day, whose text is the dispatcher's reason. It holds what
// is needed to take it back.
type Intervention struct {
	Ride     RideID
	Mode     ReassignMode
	From, To vehicles.ShiftID
	By       string
	At       time.Time
	Breaks   []string     // soft rules
	Before   []ShiftOrder // of the routes that it changed
	Moved    []MovedRide
	Undone   time.Time // zero while it stands
	UndoneBy string
}

func (*Intervention) note() {}

// ShiftOrder is the unfinished stops of a shift in their order.
type ShiftOrder struct {
	Shift vehicles.ShiftID
	Stops []StopID
}

// MovedRide is a ride whose vehicle or promise an intervention has changed.
type MovedRide struct {
	Ride          RideID
	From, To      vehicles.ShiftID
	Before, After Promise
	Locks         Locks // before
}

// Override carries out a proposal. reason is the dispatcher's own words, needed where a soft rule is broken; it is kept with the
// change. What it changes must be as it was when the proposal was made. It returns the id of the Intervention, which Undo takes.
// Errors: ErrBadOffer, ErrInvalid, ErrChanged where anything that it touches has changed or it has expired, *RefusedError
// (ErrRefused), ErrKeyReused, or the store's.
func (d *Desk) Override(ctx context.Context, by Actor, area AreaID, token, reason, key string) (NoteID, int64, error) {
	sealed := new(sealedProposal)
	if err := d.seal.openAs("override", token, sealed); err != nil {
		return "", 0, err
	}
	if sealed.Area != area {
		return "", 0, fmt.Errorf("%w: it belongs to another area", ErrBadOffer)
	}
	if len(reason) > maxReason {
		return "", 0, fmt.Errorf("%w: reason: %d bytes are more than %d", ErrInvalid, len(reason), maxReason)
	}
	if strings.TrimSpace(reason) == "" && len(sealed.Breaks) > 0 {
		return "", 0, fmt.Errorf("%w: reason: needed, because the change breaks %s", ErrInvalid, strings.Join(sealed.Breaks, ", "))
	}
	a, err := d.open(ctx, area, sealed.Day)
	if err != nil {
		return "", 0, err
	}
	idem := IdempotencyKey{key, hashRequest("override", token, reason)}
	reply, err := a.free(ctx, idem, func() (*Commit, error) {
		if err := a.wholeLocked(ctx); err != nil {
			return nil, err
		}
		return a.override(by, sealed, reason)
	})
	return NoteID(reply), a.current().Revision, err
}

const maxReason = 2000

// override is the commit that a proposal makes. a.mu is held.
func (a *areaDay) override(by Actor, p *sealedProposal, reason string) (*Commit, error) {
	if a.desk.now().After(p.Expires) {
		return nil, fmt.Errorf("%w: the proposal has expired", ErrChanged)
	}
	for shift, version := range p.Routes {
		if a.routeLocked(shift).Version != version {
			return nil, fmt.Errorf("%w: shift %s", ErrChanged, shift)
		}
	}
	for id, version := range p.Rides {
		if r := a.state.Rides[id]; r == nil || r.Version != version {
			return nil, fmt.Errorf("%w: ride %s", ErrChanged, id)
		}
	}
	c, err := a.arrange(&p.Plan, by, p.Lock)
	if err != nil {
		return nil, err
	}
	done := &Intervention{Ride: p.Ride, Mode: p.Mode, To: p.Plan.To, By: by.Subject, At: a.desk.now().UTC(), Breaks: p.Breaks}
	if route := a.state.RouteOf(p.Ride); route != nil {
		done.From = route.Shift
	}
	a.remember(done, c)
	note := &Note{ID: a.interventionID(), Version: 1, Body: done, Text: strings.TrimSpace(reason), About: a.state.Rides[p.Ride].Rider}
	c.Notes = append(c.Notes, note)
	c.Events = append(a.moveEvents(c, by, RideMoved, string(p.Mode)), Event{
		Actor: by.Subject, Kind: PlanOverridden, Shift: done.To, Detail: string(note.ID),
	})
	c.Reply = []byte(note.ID)
	return c, nil
}

// interventionID is the id of the next intervention of the day.
func (a *areaDay) interventionID() NoteID {
	for n := 1; ; n++ {
		if id := NoteID(fmt.Sprintf("override.%d", n)); a.state.Notes[id] == nil {
			return id
		}
	}
}

// remember keeps in an intervention what the commit changes.
func (a *areaDay) remember(done *Intervention, c *Commit) {
	for _, r := range c.Routes {
		old := a.routeLocked(r.Shift)
		done.Before = append(done.Before, ShiftOrder{r.Shift, stopIDs(old.Stops[old.Executed():])})
	}
	for _, ch := range c.Rides {
		m := MovedRide{Ride: ch.After.ID, Before: ch.Before.Promise, After: ch.After.Promise, Locks: ch.Before.Locks, To: shiftIn(c, ch.After.ID)}
		if route := a.state.RouteOf(ch.After.ID); route != nil {
			m.From = route.Shift
			m.To = cmp.Or(m.To, m.From)
		}
		done.Moved = append(done.Moved, m)
	}
}

// shiftIn is the shift on which the commit has the ride, or empty where none of its routes does.
func shiftIn(c *Commit, id RideID) vehicles.ShiftID {
	for _, r := range c.Routes {
		for i := range r.Stops {
			if r.Stops[i].Ride == id {
				return r.Shift
			}
		}
	}
	return ""
}

func stopIDs(stops []Stop) (ids []StopID) {
	for i := range stops {
		ids = append(ids, stops[i].StopID)
	}
	return ids
}

// moveEvents are the events of the rides that a commit gives to another vehicle or another promise. a.mu is held.
func (a *areaDay) moveEvents(c *Commit, by Actor, kind EventKind, detail string) (events []Event) {
	for _, ch := range c.Rides {
		state := ch.After.State.String()
		events = append(events, Event{
			Actor: by.Subject, Kind: kind, Ride: ch.After.ID, Shift: shiftIn(c, ch.After.ID), Before: state, After: state, Detail: detail,
		})
	}
	return events
}

// Interventions lists the overrides of a day, the latest first, with their notes for the reasons.
func (d *Desk) Interventions(ctx context.Context, area AreaID, day Day) ([]*Note, error) {
	state, err := d.State(ctx, area, day)
	if err != nil {
		return nil, err
	}
	var out []*Note
	notesOf(state, func(n *Note, _ *Intervention) { out = append(out, n) })
	slices.SortFunc(out, func(x, y *Note) int {
		p, q := x.Body.(*Intervention), y.Body.(*Intervention)
		return cmp.Or(q.At.Compare(p.At), cmp.Compare(y.ID, x.ID))
	})
	return out, nil
}
