package solver

import "slices"

// neighbourLimit is how many nearest requests each request remembers.
const neighbourLimit = 64

// neighbours lists for every request the ones that are most alike in place and time, nearest first: [r*width : (r+1)*width].
type neighbours struct {
	width int
	list  []Request
}

// of is the list of r.
func (nb *neighbours) of(r Request) []Request {
	return nb.list[int(r)*nb.width : (int(r)+1)*nb.width]
}

// newNeighbours measures requests on class 0. Every request looks only at those whose windows lie near its own and at a
// sample, so that time and memory stay near linear in the requests.
func newNeighbours(p *Problem) *neighbours {
	n := int(p.requests)
	nb := &neighbours{width: max(0, min(neighbourLimit, n-1))}
	nb.list = make([]Request, 0, n*nb.width)
	byTime := make([]Request, n)
	for r := range byTime {
		byTime[r] = Request(r)
	}
	slices.SortStableFunc(byTime, func(a, b Request) int { return int(p.middle(a) - p.middle(b)) })
	type pair struct {
		far int64
		r   Request
	}
	var near []pair
	const span = 300 // candidates by time on either side
	rank := make([]int, n)
	for i, r := range byTime {
		rank[r] = i
	}
	for r := range Request(n) {
		near = near[:0]
		for i := max(0, rank[r]-span); i < min(n, rank[r]+span); i++ {
			if o := byTime[i]; o != r {
				near = append(near, pair{p.unlike(r, o), o})
			}
		}
		slices.SortFunc(near, func(a, b pair) int {
			if a.far != b.far {
				if a.far < b.far {
					return -1
				}
				return 1
			}
			return int(a.r - b.r)
		})
		for _, q := range near[:min(nb.width, len(near))] {
			nb.list = append(nb.list, q.r)
		}
	}
	return nb
}

// middle is the middle of the time in which r can ride, in ticks.
func (p *Problem) middle(r Request) int32 {
	return (p.open.at(p.PickupOf(r)) + p.shut.at(p.DeliveryOf(r))) / 2
}

// unlike says how little two requests have in common: the least cost between a node of one and a node of the other, and the
// wait that their windows force on a vehicle that goes from one to the other.
func (p *Problem) unlike(r, o Request) int64 {
	best := int64(noDelta)
	for _, a := range [2]Node{p.PickupOf(r), p.DeliveryOf(r)} {
		for _, b := range [2]Node{p.PickupOf(o), p.DeliveryOf(o)} {
			best = min(best, p.stepCost(a, b), p.stepCost(b, a))
		}
	}
	return best
}

// stepCost is the cost of going from a to b in time, with the forced wait added as if it were driven; far more where b has
// closed by then.
func (p *Problem) stepCost(a, b Node) int64 {
	row := p.row(0, p.place.at(a))
	to := p.place.at(b)
	t, c := row.time[to], int64(row.cost[to])
	if t >= Unreachable {
		return noDelta / 4
	}
	early := p.open.at(a) + p.service.at(a) + t
	late := p.shut.at(a) + p.service.at(a) + t
	if early > p.shut.at(b) {
		return c + int64(Unreachable) + int64(early-p.shut.at(b))
	}
	return c + int64(max(0, p.open.at(b)-late))
}
