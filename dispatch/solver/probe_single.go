package solver

// fitsLayoutRun reports whether one layout holds from one empty vehicle to the next with the request aboard from the gap before i
// to that before j, where the vehicle's layout may not change meanwhile.
func (pr *probe) fitsLayoutRun(i, j int32) bool {
	rt, p := pr.rt, pr.p
	if !p.vehicleSpec[rt.v].FixedLayout {
		return true
	}
	run, who := ^uint64(0), p.loadOf(pr.r)
	for k := i - 1; k < j; k++ {
		run &= p.layoutMask(rt.v, rt.load[k*p.dims:(k+1)*p.dims], who)
	}
	for k := i - 1; k >= 0 && rt.riders[k] > 0; k-- {
		run &= rt.mask[k]
	}
	for k := j - 1; k < rt.n && rt.riders[k] > 0; k++ {
		run &= rt.mask[k]
	}
	return run != 0
}

// fitsLastIn reports whether the last-in rule holds with the pickup in the gap before i (0 for none) and the delivery before j.
func (pr *probe) fitsLastIn(i, j int32) bool {
	rt, p := pr.rt, pr.p
	s := &p.vehicleSpec[rt.v]
	if s.Freeze == 0 {
		return true
	}
	// The new pickup against the riders who sit in the vehicle already and get out after it.
	if i > 0 && !pr.fitsLastInOthers(i, j, s.Freeze) {
		return false
	}
	// The pickups on the way against the new rider's own arrival.
	for q := j - 1; q >= max(i, int32(s.Fixed)+1); q-- {
		chain := pr.inD[j-1] + rt.chain[j-1] - rt.chain[q]
		if fitsFreeze(s.Freeze, chain) {
			break
		}
		if p.IsPickup(rt.node[q]) && !p.freezeExempt(rt.at[q], pr.r) {
			return false
		}
	}
	return true
}

// fitsLastInOthers checks the pickup before i against everybody aboard there.
func (pr *probe) fitsLastInOthers(i, j, freeze int32) bool {
	rt, p := pr.rt, pr.p
	for d := i; d < rt.n; d++ {
		chain := pr.outP[i] + rt.chain[d] - rt.chain[i]
		if j == i {
			chain = pr.svcP + pr.direct + pr.outD[i] + rt.chain[d] - rt.chain[i]
		} else if j <= d {
			chain = pr.outP[i] + rt.chain[j-1] - rt.chain[i] + pr.inD[j-1] + pr.outD[j] + rt.chain[d] - rt.chain[j]
		}
		if fitsFreeze(freeze, chain) {
			return true
		}
		if n := rt.node[d]; p.IsDelivery(n) && rt.pick[d] < i && !p.freezeExempt(pr.from, p.RequestOf(n)) {
			return false
		}
	}
	return true
}

// splice writes the route of rt, depots left out, with the request at the gaps i and j (i = 0: delivery only) to buf.
func (pr *probe) splice(rt *route, i, j int32, buf []Node) []Node {
	buf = buf[:0]
	for k := int32(1); k < rt.n; k++ {
		if k == i {
			buf = append(buf, pr.pickup)
		}
		if k == j {
			buf = append(buf, pr.delivery)
		}
		if k < rt.n-1 {
			buf = append(buf, rt.node[k])
		}
	}
	return buf
}

// timeDelta is the change of the soft-time term.
func (pr *probe) timeDelta(i, j int32) int64 {
	if !pr.softly(pr.rt) {
		return 0
	}
	pr.trial = pr.splice(pr.rt, i, j, pr.trial)
	stops, ok := pr.sched.Schedule(pr.p, pr.rt.v, pr.trial, pr.sched.stops[:0])
	if !ok {
		return noDelta / 2
	}
	return pr.p.stopsTimeCost(stops) - pr.rt.timeCost
}
