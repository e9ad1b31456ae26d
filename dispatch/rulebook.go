package dispatch

import (
	"context"
	"math"
	"slices"
	"time"

	"github.com/swmaas/swmaas/dispatch/solver"
	"github.com/swmaas/swmaas/vehicles"
)

// rulebook is what the policy of an area says about one day, worked out once for all its rides: who may be aboard together,
// as the solver's groups, and which shifts may carry whom. Its area-day's lock guards it.
type rulebook struct {
	set    *PolicySet // nil where the desk decides without policies
	policy *Policy    // in force that day; nil for none
	day    Day
	groups *CoRideGroups // nil without a policy
	banned banned
	kinds  []Passenger // that the groups were made of
	shifts []Candidate // by number
	on     map[carriage]*carriers
}

// carriage is what the shifts that may carry a ride depend on: its mode, and whose user the rider is.
type carriage struct {
	mode     LegalMode
	facility vehicles.FacilityID
}

// carriers is the shifts that may carry the rides of a carriage.
type carriers struct {
	shifts   []int             // ascending
	refusals []PolicyRefusal   // of the others, each once with the number of shifts
	why      [][]PolicyRefusal // by shift; empty where it may
}

// newRulebook opens the policy of the day for the shifts, numbered as given.
func newRulebook(set *PolicySet, key AreaDay, shifts []Candidate) *rulebook {
	b := &rulebook{set: set, day: key.Day, shifts: shifts, on: map[carriage]*carriers{}}
	if set == nil {
		return b
	}
	if b.policy = set.At(key.Area, key.Day); b.policy == nil {
		return b
	}
	// Kinds of facilities' users are learnt as they come: a town has more facilities than there are groups. The empty kind
	// stands for rides of a mode that is not open, who share with nobody.
	b.learn(append(b.policy.Kinds(key.Day, nil), Passenger{})...)
	return b
}

// learn makes sure that the groups know these kinds, and reports whether they were made anew, so that their numbers may
// differ from those before.
func (b *rulebook) learn(kinds ...Passenger) bool {
	if b.policy == nil {
		return false
	}
	fresh := false
	for _, k := range kinds {
		if b.groups != nil {
			if _, known := b.groups.Of(k); known {
				continue
			}
		}
		b.kinds, fresh = append(b.kinds, k), true
	}
	if !fresh {
		return false
	}
	b.groups, b.banned = b.policy.CoRideGroups(b.day, b.kinds), banned{}
	for _, pair := range b.groups.Separate {
		b.banned.add(pair)
	}
	return true
}

// learnLocked is learn for the area-day: a model of other groups is dropped. a.mu is held.
func (a *areaDay) learnLocked(kinds ...Passenger) {
	if a.legal.learn(kinds...) {
		a.model = nil
	}
}

// separate tells the builder which groups may not be aboard together.
func (b *rulebook) separate(builder *solver.Builder) {
	if b.groups == nil {
		return
	}
	for _, pair := range b.groups.Separate {
		builder.Separate(pair[0], pair[1])
	}
}

// group is the legal group of a ride, and whether it says all that there is to say about who may be aboard with it.
func (b *rulebook) group(ride *Ride) (group int32, complete bool) {
	if b.groups == nil {
		return 0, true
	}
	return b.groups.covers(ride.Passenger())
}

// apart reports whether the policy keeps two rides out of one vehicle.
func (b *rulebook) apart(x, y *Ride) bool {
	return b.policy != nil && b.policy.Together(x.Passenger(), y.Passenger(), b.day) != nil
}

// carriers works out which shifts may carry a ride. A mode that is not open binds no shift: the ride was promised before.
func (b *rulebook) carriers(mode LegalMode, facility vehicles.FacilityID) *carriers {
	key := carriage{mode, facility}
	if known := b.on[key]; known != nil {
		return known
	}
	var rule *ModeRule
	if b.policy != nil {
		rule = b.policy.Rule(mode, b.day)
	}
	c := &carriers{why: make([][]PolicyRefusal, len(b.shifts))}
	q := Question{Area: "", Day: b.day, Mode: mode, Rider: RiderFacts{Facility: facility}}
	for i := range b.shifts {
		q.Shift = &b.shifts[i]
		if rule != nil {
			c.why[i] = b.policy.shiftRefusals(rule, &q)
		}
		if len(c.why[i]) == 0 {
			c.shifts = append(c.shifts, i)
		}
		c.refusals = tally(c.refusals, c.why[i])
	}
	b.on[key] = c
	return c
}

// options lists the modes in which the ride of the question may happen with the shifts that may carry it, as
// PolicySet.Options does, or the reasons why there is none.
func (b *rulebook) options(q Question) ([]Option, []PolicyRefusal) {
	if b.set == nil {
		return []Option{{}}, nil
	}
	var options []Option
	var refusals []PolicyRefusal
	eligible := false
	if b.policy != nil {
		for _, m := range b.policy.open(&q) {
			asked := q
			asked.Mode = m.Mode
			d := b.set.Decide(asked)
			if !d.Permitted() {
				continue
			}
			eligible = true
			on := b.carriers(m.Mode, q.Rider.Facility)
			if len(on.shifts) > 0 {
				options = append(options, Option{d, on.shifts})
			}
			refusals = append(refusals, on.refusals...)
		}
	}
	switch {
	case len(options) > 0:
		return options, nil
	case eligible:
		return nil, refusals
	}
	d := b.set.Decide(q)
	return nil, d.Refusals
}

// Passenger is the ride's party as somebody aboard.
func (r *Ride) Passenger() Passenger {
	return passenger(r.Terms.Mode, r.Terms.Standing, r.Terms.Facility, r.Purpose)
}

// covers is the group of a passenger, and whether the groups say all about whom it may ride with.
func (g *CoRideGroups) covers(x Passenger) (group int32, complete bool) {
	group, known := g.group[g.class(x)]
	return max(group, 0), known && group != loose
}

// under is the rules with a policy's limits in the place of their own.
func (r Rules) under(l RideLimits) Rules {
	if l.Ratio > 0 {
		r.RideRatio, r.RideExtra = l.Ratio, l.Extra
	}
	if l.MaxWait > 0 {
		r.MaxWait = l.MaxWait
	}
	r.LongestRide = l.MaxRide
	return r
}

// permission is what the policy grants a request.
type permission struct {
	facts    RiderFacts
	options  []Option // in the order of the policy; of a desk without policies one without a mode
	refusals []PolicyRefusal
}

// permitLocked asks the policy for the request as of now, for a ride that begins within at, and in the given mode alone where
// it is not empty. What the register knows of the party is added to the request. a.mu is held.
func (a *areaDay) permitLocked(ctx context.Context, req *Request, mode LegalMode, at Window) (*permission, error) {
	profile, err := a.desk.profile(ctx, req.Area, req.Rider)
	if err != nil {
		return nil, err
	}
	req.Party = profile.party(req.Party)
	req.MaxWait = req.Party.Limits.wait(req.MaxWait)
	p := &permission{facts: profile.as(req.Facility, req.Day)}
	p.facts.Attendants = req.Party.Attendants
	direct, meters := a.directLocked(req)
	q := Question{
		Area: req.Area, Day: req.Day, Mode: mode, Rider: p.facts, Pickup: req.Pickup.At, Dropoff: req.Dropoff.At,
		Purpose: req.Purpose, At: at, Return: req.Linked != "", Requested: a.desk.now(), Direct: direct, Meters: meters,
	}
	if q.Past, err = a.pastLocked(ctx, req); err != nil {
		return nil, err
	}
	p.options, p.refusals = a.legal.options(q)
	for i := range p.options {
		t := p.terms(&p.options[i])
		a.learnLocked(passenger(t.Mode, t.Standing, t.Facility, req.Purpose))
	}
	return p, nil
}

// terms are what the ride is booked under in an option.
func (p *permission) terms(o *Option) Terms {
	if o.Mode == "" {
		return Terms{}
	}
	return Terms{
		Mode: o.Mode, Standing: standingOf(p.facts.Standing), Facility: p.facts.Facility,
		Yen: o.Price.Yen, FareKnown: o.Price.Known, Policy: o.Policy,
	}
}

// within keeps of the promises those that let the ride begin in the window, the last ones cut to its end.
func within(candidates []candidate, begin Window) []candidate {
	var out []candidate
	for _, c := range candidates {
		w := &c.promise.Pickup
		cut := w.Latest > begin.Latest
		w.Latest = min(w.Latest, begin.Latest)
		if w.Earliest >= begin.Earliest && (!cut || w.Latest-w.Earliest >= minWindow) {
			out = append(out, c)
		}
	}
	return out
}

// party is the party of a ride with what the register knows of the rider.
func (p *RiderProfile) party(party Party) Party {
	party.Needs |= p.Needs
	if party.Board == 0 {
		party.Board = p.Board
	}
	if party.Alight == 0 {
		party.Alight = p.Alight
	}
	party.Care = union(party.Care, p.Care)
	party.Apart = union(party.Apart, p.Apart)
	party.NotDrivers = union(party.NotDrivers, p.NotDrivers)
	if len(party.OnlyDrivers) == 0 {
		party.OnlyDrivers = p.OnlyDrivers
	}
	party.Limits = party.Limits.with(&p.Limits)
	return party
}

// union is a with those of b that it lacks; neither is changed.
func union[T comparable](a, b []T) []T {
	out := a[:len(a):len(a)]
	for _, x := range b {
		if !slices.Contains(out, x) {
			out = append(out, x)
		}
	}
	return out
}

// openRules takes up the policy of the day for the shifts, with the papers and credentials of the calendar.
func (a *areaDay) openRules(calendar *vehicles.Calendar) {
	candidates := make([]Candidate, len(a.shifts))
	for i, s := range a.shifts {
		candidates[i] = CandidateOf(calendar, s)
	}
	a.legal = newRulebook(a.policies, a.key, candidates)
	if !a.desk.cfg.AllShifts && a.desk.reach != nil {
		a.filter = a.desk.reach()
	}
	a.rules = a.desk.cfg.Rules
	if a.legal.policy != nil {
		a.rules = a.rules.under(a.legal.policy.Limits)
	}
}

// begin is the window in which a ride of the mode may begin that is asked for now, by the hours of service and the notice.
func (b *rulebook) begin(mode LegalMode, back bool, now time.Time) Window {
	open := Window{0, math.MaxInt32}
	if b.policy == nil {
		return open
	}
	rule := b.policy.Rule(mode, b.day)
	if rule == nil {
		return open
	}
	return b.policy.begin(rule, &Question{Day: b.day, Return: back, Requested: now}, b.set.zone)
}
