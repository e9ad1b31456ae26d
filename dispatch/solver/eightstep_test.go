package solver

// eightStep is the schedule of Cordeau & Laporte (2003, section 4.2), an oracle for tests: it reports whether the route of v is
// feasible in time, with forward slacks and departures as late as they allow. It may refuse what is feasible, never the reverse.
func eightStep(p *Problem, v Vehicle, nodes []Node) bool {
	n := len(nodes)
	begin, wait := make([]int64, n), make([]int64, n)
	step := func(k int) int64 {
		t, _ := p.Leg(v, nodes[k-1], nodes[k])
		return int64(p.ServiceTime(v, nodes[k-1])) + int64(t)
	}
	forward := func(from int) {
		for k := from; k < n; k++ {
			at := begin[k-1] + step(k)
			begin[k] = max(at, int64(p.open.at(nodes[k])))
			wait[k] = begin[k] - at
		}
	}
	pickup := func(k int) int {
		for i := k - 1; i > 0; i-- {
			if p.IsDelivery(nodes[k]) && nodes[i] == nodes[k]-1 {
				return i
			}
		}
		return -1
	}
	over := func(k int) int64 { // ride time beyond the limit
		i := pickup(k)
		if i < 0 || p.ride.at(p.RequestOf(nodes[k])) >= NoLimit {
			return -int64(MaxTick)
		}
		return begin[k] - begin[i] - int64(p.ServiceTime(v, nodes[i])) - int64(p.ride.at(p.RequestOf(nodes[k])))
	}
	slack := func(i int) int64 {
		best, waits := int64(1)<<40, int64(0)
		for j := i; j < n; j++ {
			if j > i {
				waits += wait[j]
			}
			room := int64(p.shut.at(nodes[j])) - begin[j]
			if k := pickup(j); k >= 0 && k < i {
				room = min(room, -over(j))
			}
			best = min(best, waits+max(0, room))
		}
		return best
	}
	after := func(i int) int64 {
		sum := int64(0)
		for j := i + 1; j < n-1; j++ {
			sum += wait[j]
		}
		return sum
	}
	begin[0] = int64(p.open.at(nodes[0]))
	forward(1)
	begin[0] += min(slack(0), after(0))
	forward(1)
	for j := 1; j < n-1; j++ {
		if p.IsPickup(nodes[j]) {
			begin[j] += min(slack(j), after(j))
			forward(j + 1)
		}
	}
	for k := range n {
		if begin[k] > int64(p.shut.at(nodes[k])) || over(k) > 0 {
			return false
		}
	}
	limit := int64(p.durationLimit(v))
	return begin[n-1]-begin[0] <= limit
}
