package dispatch

import (
	"cmp"
	"context"
	"slices"
)

// alternativesLocked offers the nearest later and the nearest earlier time where a wish cannot be met, by the relaxations of its
// refusals. The request keeps its wish: what is promised instead stays apart from what was asked for. a.mu is held.
func (a *areaDay) alternativesLocked(ctx context.Context, m *model, req *Request, refused []Refusal, direct int32) ([]Offer, error) {
	var out []Offer
	for _, by := range moves(refused) {
		if later := by > 0; req.Party.Limits.MaxWait > 0 && later != (req.Wish.Kind == ArriveBy) {
			continue // the rider would wait longer than they can
		}
		moved := *req
		moved.Wish = req.Wish.moved(by)
		permit, err := a.permitLocked(ctx, &moved, "", a.askedLocked(&moved, direct))
		if err != nil {
			return nil, err
		}
		if len(permit.options) == 0 {
			continue
		}
		choices, _, err := a.chooseLocked(m, &moved, permit, direct)
		if err != nil {
			return nil, err
		}
		for _, c := range pick(choices, 1, a.desk.cfg.Rules.Window) {
			offer, err := a.offer(req, c, direct)
			if err != nil {
				return nil, err
			}
			out = append(out, offer)
		}
	}
	return out, nil
}

// moves lists the smallest shift of the wish to later and to earlier times, in seconds, that a refusal proposes, the smaller
// first.
func moves(refused []Refusal) []int32 {
	var later, earlier int32
	for i := range refused {
		for _, x := range refused[i].Relaxations {
			switch by := int32(x.Amount); x.Change {
			case RelaxLater:
				if later == 0 || by < later {
					later = by
				}
			case RelaxEarlier:
				if earlier == 0 || by < earlier {
					earlier = by
				}
			}
		}
	}
	out := slices.DeleteFunc([]int32{later, -earlier}, func(by int32) bool { return by == 0 })
	slices.SortStableFunc(out, func(x, y int32) int { return cmp.Compare(max(x, -x), max(y, -y)) })
	return out
}
