package solver

// The times of a fixed route are a system of difference constraints over the starts of service and an origin at 0:
//
//	start(k+1) >= start(k) + svc(k) + time(k,k+1)        chain
//	start(k)   >= open(k),  start(k) <= shut(k)          windows, breaks, shift
//	start(d)   <= start(p) + svc(p) + L                  ride time
//	start(n-1) <= start(0) + T                           duration
//
// Its closure holds the longest path between any two nodes, origin included. Adding a node with a handful of edges keeps the system
// feasible exactly if no cycle through the new edges is positive, and the closure answers that in constant time; two nodes
// are two such steps. This gives what the amortised constant-time test of Gschwind & Drexl (2019, doi
// 10.1287/trsc.2018.0837) gives, for any set of difference constraints and without preparing a pickup position, at the
// price of n*n numbers a route. The closure itself is built by adding the nodes one by one, at most n*n/2 steps each.

// closeTimes fills early, late and apart, and reports whether the route has a feasible schedule.
func (rt *route) closeTimes(p *Problem) bool {
	rt.early[0], rt.late[0] = p.open.at(rt.node[0]), p.shut.at(rt.node[0])
	rt.apart[0] = 0
	rt.from = resize(rt.from, int(rt.n))
	rt.from[0] = 0
	if rt.early[0] > rt.late[0] {
		return false
	}
	for k := int32(1); k < rt.n; k++ {
		back, least := rt.backEdge(p, k)
		if !rt.append(p, k, back, least) {
			return false
		}
	}
	rt.closed = true
	return true
}

// backEdge is the earlier position that bounds node k from above and the bound: start(k) <= start(back) + least.
func (rt *route) backEdge(p *Problem, k int32) (back, least int32) {
	if k == rt.n-1 {
		return 0, p.durationLimit(rt.v)
	}
	i := rt.pick[k]
	if i == None {
		return 0, NoLimit
	}
	limit := p.ride.at(p.RequestOf(rt.node[k]))
	if limit < NoLimit {
		limit += rt.svc[i]
	}
	return i, limit
}

// append adds node k, which comes after k-1 and starts at most `within` after node back, to the closure of the first k nodes.
func (rt *route) append(p *Problem, k, back, within int32) bool {
	n := rt.n
	step := rt.chain[k] - rt.chain[k-1]
	node := rt.node[k]
	early := max(rt.early[k-1]+step, p.open.at(node))
	shut := p.shut.at(node)
	late := min(shut, rt.late[back]+within)
	if early > late {
		return false
	}
	open := p.open.at(node)
	shutter, ride := false, early-within > rt.early[back] // of the origin
	from, lates, at := rt.from[:k], rt.late[:k], k
	for x, w := range from {
		l := lates[x]
		w = max(w+step, open-l)
		from[x] = w
		rt.apart[at] = w
		shutter = shutter || shut-w < l
		ride = ride || w-within > rt.apart[at-k+back]
		at += n
	}
	rt.from[k] = 0
	if rt.apart[back*n+k] > within {
		return false
	}
	rt.apart[k*n+k] = 0
	rt.early[k], rt.late[k] = early, late
	backRow := rt.apart[back*n : back*n+k]
	row := rt.apart[k*n : k*n+k]
	for y := range row {
		row[y] = max(rt.early[y]-shut, backRow[y]-within)
	}
	if shutter || ride {
		rt.propagate(k, back, within, shut)
	}
	return true
}

// propagate carries the upper bounds of the new node k to the pairs of earlier nodes. A path from x through k and on by the bound
// `shut` is longer than the one that was there only if shut is below what late[x] implies, and one on by the ride limit only if
// that brings back nearer to x; the closure makes these two tests enough for all y at once.
func (rt *route) propagate(k, back, within, shut int32) {
	n := rt.n
	early, late := rt.early[k], rt.late[k]
	row := rt.apart[k*n : k*n+k]
	for x := range k {
		w := rt.apart[x*n+k]
		if shut-w >= rt.late[x] && w-within <= rt.apart[x*n+back] {
			continue
		}
		to := rt.apart[x*n : x*n+k]
		for y, b := range row {
			if s := w + b; s > to[y] {
				to[y] = s
			}
		}
		rt.late[x] = min(rt.late[x], late-w)
	}
	for y, b := range row {
		rt.early[y] = max(rt.early[y], early+b)
	}
}
