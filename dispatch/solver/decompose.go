package solver

import (
	"math/rand/v2"
	"sync"
)

// Large problems are cut into parts: groups of vehicles whose requests are near one another in place and time, each improved as a
// small problem of its own, several at once. After every round the routes go back into the plan and other groups are formed,
// so that over a few rounds every pair of near vehicles meets. Cost grows linearly with the requests.

const (
	// decomposeFrom is the number of requests above which a problem is cut.
	decomposeFrom = 500
	// partRequests is about how many requests a part has.
	partRequests = 120
	// partRounds is the number of search rounds of a part.
	partRounds = 4000
)

// improveLarge constructs a plan, then improves parts until the iterations or the time are over. An iteration is one of all parts'
// rounds of one thread.
func improveLarge(p *Problem, s *Solution, o *Options) *Solution {
	best := insertAll(p, s, o)
	near := newNeighbours(p)
	rnd := rand.New(rand.NewPCG(o.Seed, 77))
	cutters := make([]*cutter, o.Threads)
	for i := range cutters {
		cutters[i] = newCutter(p)
	}
	for done := 0; (o.Iterations == 0 || done < o.Iterations) && (o.Stop == nil || !o.Stop()); {
		parts := divide(p, best, o, near, rnd)
		if len(parts) == 0 {
			break
		}
		results := make([]*partResult, len(parts))
		seed := rnd.Uint64()
		var wg sync.WaitGroup
		for t := range o.Threads {
			wg.Go(func() {
				for i := t; i < len(parts); i += o.Threads {
					results[i] = improvePart(best, cutters[t], parts[i], o, seed+uint64(i))
				}
			})
		}
		wg.Wait()
		for _, res := range results {
			best = res.accept(p, best)
		}
		done += partRounds * ((len(parts) + o.Threads - 1) / o.Threads)
	}
	return best
}

// part is a group of vehicles and the requests that go with it.
type part struct {
	vehicles []Vehicle
	requests []Request
}

// divide forms the groups of one round: from a random vehicle on, the one with the most near requests joins until the group is
// full. Idle vehicles and unassigned requests are dealt out, the latter to the group with the most near requests.
func divide(p *Problem, s *Solution, o *Options, near *neighbours, rnd *rand.Rand) []part {
	var used, idle []Vehicle
	size := make([]int, p.vehicles)
	for v := range Vehicle(p.vehicles) {
		if !allowed(o.Vehicles, v) {
			continue
		}
		for _, n := range s.Route(v) {
			if p.IsDelivery(n) {
				size[v]++
			}
		}
		if size[v] > 0 {
			used = append(used, v)
		} else {
			idle = append(idle, v)
		}
	}
	rnd.Shuffle(len(used), func(i, j int) { used[i], used[j] = used[j], used[i] })
	rnd.Shuffle(len(idle), func(i, j int) { idle[i], idle[j] = idle[j], idle[i] })
	d := divider{p: p, s: s, near: near, group: make([]int32, p.vehicles), links: make([]int32, p.vehicles)}
	clearTo(d.group, None)
	for _, v := range used {
		d.group[v] = unplaced
	}
	var parts []part
	for _, v := range used {
		if d.group[v] == unplaced {
			parts = append(parts, d.grow(int32(len(parts)), v, size))
		}
	}
	for i, v := range idle {
		if len(parts) > 0 {
			k := i % len(parts)
			parts[k].vehicles = append(parts[k].vehicles, v)
		}
	}
	d.deal(parts, s.Unassigned(nil))
	return parts
}

// unplaced marks a vehicle that no group has yet.
const unplaced = -2

// divider is the scratch of divide.
type divider struct {
	p     *Problem
	s     *Solution
	near  *neighbours
	group []int32 // [v] None for idle or closed, unplaced, or the group
	links []int32 // [v] near pairs between it and the growing group
}

// nearest is how many near requests of each request count.
const nearest = 16

func (d *divider) grow(id int32, first Vehicle, size []int) part {
	clear(d.links)
	var one part
	count := 0
	for v := first; v != None && count < partRequests; {
		d.group[v] = id
		one.vehicles = append(one.vehicles, v)
		count += size[v]
		for _, n := range d.s.Route(v) {
			if !d.p.IsDelivery(n) {
				continue
			}
			r := d.p.RequestOf(n)
			one.requests = append(one.requests, r)
			list := d.near.of(r)
			for _, o := range list[:min(nearest, len(list))] {
				if w := d.s.VehicleOf(o); w != None && d.group[w] == unplaced {
					d.links[w]++
				}
			}
		}
		v = d.next()
	}
	return one
}

// next is the vehicle without a group that has most links, or None where there is no link at all.
func (d *divider) next() Vehicle {
	best, most := Vehicle(None), int32(0)
	for v, k := range d.links {
		if k > most && d.group[v] == unplaced {
			best, most = Vehicle(v), k
		}
	}
	return best
}

// deal gives each unassigned request to the group with the most of its near requests.
func (d *divider) deal(parts []part, out []Request) {
	votes := make([]int, len(parts))
	for _, r := range out {
		if len(parts) == 0 {
			return
		}
		clear(votes)
		for _, o := range d.near.of(r) {
			if v := d.s.VehicleOf(o); v != None && d.group[v] >= 0 {
				votes[d.group[v]]++
			}
		}
		best := 0
		for k := range votes {
			if votes[k] > votes[best] {
				best = k
			}
		}
		parts[best].requests = append(parts[best].requests, r)
	}
}

// partResult is an improved part.
type partResult struct {
	sub *subproblem
	s   *Solution
}

func improvePart(s *Solution, c *cutter, one part, o *Options, seed uint64) *partResult {
	requests := one.requests[:0:0]
	for _, r := range one.requests {
		if s.VehicleOf(r) != None || c.servable(r, one.vehicles) {
			requests = append(requests, r)
		}
	}
	sub, from := c.cut(s, one.vehicles, requests)
	if sub == nil {
		return nil
	}
	done := 0.0
	if o.Elapsed != nil {
		done = o.Elapsed()
	}
	w := newWorker(sub.p, from, &Options{Iterations: partRounds, Seed: seed, Threads: 1, Stop: o.Stop, Progress: o.Progress},
		newNeighbours(sub.p), newGrids(sub.p), 0)
	w.start = 0.3 + 0.5*done
	w.begin()
	w.segment(partRounds)
	if w.bestCost >= sub.p.Cost(from) {
		return nil
	}
	return &partResult{sub, w.result(from)}
}

// accept is the plan with the part's routes. The fairness term counts over the whole problem: a part that is better by itself may
// make it worse, and then the plan stays.
func (res *partResult) accept(p *Problem, s *Solution) *Solution {
	if p.fairness.Weight == 0 || res == nil {
		res.apply(p, s)
		return s
	}
	with := s.Clone()
	res.apply(p, with)
	if p.Cost(with) > p.Cost(s) {
		return s
	}
	return with
}

// apply puts the routes of the part into the plan.
func (res *partResult) apply(p *Problem, s *Solution) {
	if res == nil {
		return
	}
	for i := range res.sub.vehicles {
		s.put(res.sub.vehicles[i], nil)
	}
	for i, v := range res.sub.vehicles {
		if route := res.s.Route(Vehicle(i)); len(route) > 0 {
			s.put(v, res.sub.whole(p, Vehicle(i), route))
		}
	}
}
