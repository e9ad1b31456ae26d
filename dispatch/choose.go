package dispatch

import (
	"cmp"
	"slices"
)

// askedLocked is the window in which the ride of a request could begin, whatever the mode: that of all its possible promises,
// or of the wish where there is none any more. a.mu is held.
func (a *areaDay) askedLocked(req *Request, direct int32) Window {
	list := a.candidates(req, "", direct)
	if len(list) == 0 {
		return req.Wish.Window
	}
	w := list[0].promise.Pickup
	for _, c := range list {
		w.Earliest, w.Latest = min(w.Earliest, c.promise.Pickup.Earliest), max(w.Latest, c.promise.Pickup.Latest)
	}
	return w
}

// chooseLocked finds the places in the plan for the request in the first permitted mode that has one, or the refusals of all
// of them, the first mode's first. a.mu is held.
func (a *areaDay) chooseLocked(m *model, req *Request, permit *permission, direct int32) ([]choice, []Refusal, error) {
	var refused []Refusal
	var tried []int
	for i := range permit.options {
		o := &permit.options[i]
		if slices.ContainsFunc(tried, func(k int) bool { return a.noBetter(m, req, permit, i, k) }) {
			continue
		}
		candidates := a.candidates(req, o.Mode, direct)
		if len(candidates) == 0 {
			continue
		}
		ride := a.draft(req, candidates[0].promise, direct)
		ride.Terms = permit.terms(o)
		choices, causes, err := a.insertLocked(m, ride, candidates)
		if err != nil || len(choices) > 0 {
			for k := range choices {
				choices[k].eligible = o.EligibleTo
			}
			return choices, nil, err
		}
		tried = append(tried, i)
		for _, r := range causes.list() {
			if !slices.ContainsFunc(refused, func(x Refusal) bool { return x.Cause == r.Cause }) {
				refused = append(refused, r)
			}
		}
	}
	if len(refused) == 0 {
		refused = []Refusal{a.untimely(req, direct)}
	}
	return nil, refused, nil
}

// untimely says why no promise could answer the request at all: another leg of its trip is in the way, or nothing of what it
// asks for lies ahead. a.mu is held.
func (a *areaDay) untimely(req *Request, direct int32) Refusal {
	apart := *req
	if apart.until = 0; req.until > 0 && len(a.candidates(&apart, "", direct)) > 0 {
		return Refusal{Code: CodeOutsideService, Cause: CauseNext}
	}
	apart.Linked, apart.from = "", 0
	if (req.Linked != "" || req.from > 0) && len(a.candidates(&apart, "", direct)) > 0 {
		return Refusal{Code: CodeOutsideService, Cause: CauseOutbound}
	}
	if req.MaxWait > 0 && a.second() <= req.Wish.Window.Latest {
		return Refusal{Code: CodeOutsideService, Cause: CauseShiftEnd}
	}
	return Refusal{Code: CodeOutsideService, Cause: CausePast}
}

// noBetter reports whether option i cannot succeed where option k failed: it has no shift more, no time more, and shares
// with nobody in the plan with whom k does not.
func (a *areaDay) noBetter(m *model, req *Request, permit *permission, i, k int) bool {
	x, y := &permit.options[i], &permit.options[k]
	if x.Begin.Earliest < y.Begin.Earliest || x.Begin.Latest > y.Begin.Latest || len(m.company.loose) > 0 {
		return false
	}
	for _, shift := range x.Shifts {
		if _, has := slices.BinarySearch(y.Shifts, shift); !has {
			return false
		}
	}
	g, whole := a.legal.group(&Ride{Terms: permit.terms(x), Purpose: req.Purpose})
	h, known := a.legal.group(&Ride{Terms: permit.terms(y), Purpose: req.Purpose})
	return whole && known && a.legal.banned[h]&m.company.groups&^a.legal.banned[g] == 0
}

// refusalsOf gives the reasons of a policy the form of a quote's answer: first those that hold in every mode, then the modes in
// the order of how little is missing.
func refusalsOf(list []PolicyRefusal) []Refusal {
	missing := map[LegalMode]int{}
	out := make([]Refusal, len(list))
	for i := range list {
		out[i] = list[i].Refusal()
		if list[i].Mode != "" {
			missing[list[i].Mode]++
		}
	}
	slices.SortStableFunc(out, func(x, y Refusal) int { return cmp.Compare(missing[x.Mode], missing[y.Mode]) })
	return out
}

// banned are for each legal group the groups that may not be aboard with it, a bit each.
type banned [MostGroups + 1]uint64

func (b *banned) add(pair [2]int32) {
	b[pair[0]] |= 1 << pair[1]
	b[pair[1]] |= 1 << pair[0]
}
