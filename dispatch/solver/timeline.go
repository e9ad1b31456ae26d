package solver

// stage is what bounds the start of service at one position of a sequence:
//
//	start(k) >= start(k-1) + step,  open <= start(k) <= shut,  start(k) <= start(back) + within
type stage struct{ step, open, shut, back, within int32 }

// stage fills the stages of the route.
func (rt *route) stage(p *Problem) {
	for k, n := range rt.node {
		s := stage{open: p.open.at(n), shut: p.shut.at(n), within: NoLimit}
		if k > 0 {
			s.step = rt.chain[k] - rt.chain[k-1]
			s.back, s.within = rt.backEdge(p, int32(k))
		}
		rt.stop[k] = s
	}
}

// timeline decides whether one sequence can be timed, by the least starts that all its bounds allow: they are raised, forward along the
// chain and backward along the limits, until nothing changes or a start is past its latest. That takes a few sweeps of n steps
// each, where the closure takes n*n once and then answers for any insertion.
type timeline struct {
	stop  []stage
	start []int32
}

// timelineSweeps is how many sweeps are made at most: bounds that contradict each other by little may take as many as the horizon has ticks.
const timelineSweeps = 24

// fits reports whether the sequence can be timed; known is false where that would take too long to say.
func (tl *timeline) fits() (ok, known bool) {
	n := len(tl.stop)
	tl.start = resize(tl.start, n)
	stop, start := tl.stop, tl.start[:len(tl.stop)]
	t := int32(0)
	for k := range stop {
		s := &stop[k]
		if t = max(t+s.step, s.open); t > s.shut {
			return false, true
		}
		start[k] = t
	}
	for range timelineSweeps {
		first := n
		for k := n - 1; k > 0; k-- {
			s := &stop[k]
			least := start[k] - s.within
			if least <= start[s.back] {
				continue
			}
			if least > stop[s.back].shut {
				return false, true
			}
			start[s.back] = least
			first = min(first, int(s.back))
		}
		if first == n {
			return true, true
		}
		t := start[first]
		for k := first + 1; k < n; k++ {
			if t = max(t+stop[k].step, start[k]); t > stop[k].shut {
				return false, true
			}
			start[k] = t
		}
	}
	return false, false
}

// sound reports whether a route that is filled can be timed.
func (tl *timeline) sound(p *Problem, rt *route) bool {
	tl.stop = append(tl.stop[:0], rt.stop...)
	ok, known := tl.fits()
	return ok || !known && rt.closeTimes(p)
}

// with makes the timeline of the route of pr with the request in the gaps before i and j.
func (tl *timeline) with(pr *probe, i, j int32) {
	rt := pr.rt
	stop := append(tl.stop[:0], rt.stop[:i]...)
	stop = append(stop, stage{step: pr.inP[i-1], open: pr.open, shut: pr.shut, within: NoLimit})
	stop = append(stop, rt.stop[i:j]...)
	stop = append(stop, stage{step: pr.inD[j-1], open: pr.openD, shut: pr.shutD, back: i, within: pr.within})
	stop = append(stop, rt.stop[j:]...)
	if i == j {
		stop[j+1].step = pr.svcP + pr.direct
	} else {
		stop[i+1].step = pr.outP[i]
	}
	stop[j+2].step = pr.outD[j]
	for k := i + 1; k <= j; k++ {
		if stop[k].back >= i {
			stop[k].back++
		}
	}
	for k := j + 2; k < int32(len(stop)); k++ {
		switch b := stop[k].back; {
		case b >= j:
			stop[k].back = b + 2
		case b >= i:
			stop[k].back = b + 1
		}
	}
	tl.stop = stop
}
