package solver

// destroyCluster takes one of the two groups of requests into which a route falls apart most clearly, then the same from routes near
// by, until quota requests are gone (cluster removal of Ropke & Pisinger 2006b, doi 10.1016/j.ejor.2004.09.004). The groups are
// what is left of a minimum spanning tree over the route's requests when only two trees remain.
func (w *worker) destroyCluster(quota int) {
	seed := w.anyRequest()
	if seed == None {
		return
	}
	w.takeCluster(seed, quota)
	for _, o := range w.near.of(seed) {
		if len(w.taken) >= quota {
			return
		}
		if w.movable(o) && w.st.on[o] != None && !w.isTaken(o) && w.ruined[w.st.on[o]] != w.stamp {
			w.takeCluster(o, quota)
		}
	}
}

// clusterMost is the number of requests of a route up to which it is clustered: the tree takes quadratic time.
const clusterMost = 40

// takeCluster marks the group of r in its route, or r alone where the group is more than may still go.
func (w *worker) takeCluster(r Request, quota int) {
	v := w.st.on[r]
	w.ruined[v] = w.stamp
	run := w.run[:0]
	for _, n := range w.a.at(w.st.route[v]).node {
		if q := w.p.RequestOf(n); q != None && w.movable(q) && w.p.IsDelivery(n) {
			run = append(run, q)
		}
	}
	w.run = run
	group := w.split(run, r)
	if len(group) > max(1, quota-len(w.taken)) {
		w.take(r)
		return
	}
	for _, q := range group {
		w.take(q)
	}
}

// split returns the requests of run on r's side when the longest link of a minimum spanning tree of run (Prim 1957) is cut.
func (w *worker) split(run []Request, r Request) []Request {
	n := len(run)
	if n < 3 || n > clusterMost {
		return append(w.members[:0], r)
	}
	var parent [clusterMost]int
	var far [clusterMost]int64
	var order [clusterMost]int // in the order of joining; order[0] is the root
	for i := 1; i < n; i++ {
		far[i] = w.apart(run[0], run[i])
		order[i] = i
	}
	cut, longest := 1, int64(-1)
	for k := 1; k < n; k++ {
		at := k
		for i := k + 1; i < n; i++ {
			if far[order[i]] < far[order[at]] {
				at = i
			}
		}
		order[k], order[at] = order[at], order[k]
		new := order[k]
		if far[new] > longest {
			cut, longest = new, far[new]
		}
		for _, i := range order[k+1 : n] {
			if d := w.apart(run[new], run[i]); d < far[i] {
				far[i], parent[i] = d, new
			}
		}
	}
	var below [clusterMost]bool
	below[cut] = true
	side := cut != 0 && run[cut] == r
	for _, i := range order[1:n] {
		below[i] = below[i] || i != cut && below[parent[i]]
		side = side || below[i] && run[i] == r
	}
	group := w.members[:0]
	for i, q := range run {
		if below[i] == side {
			group = append(group, q)
		}
	}
	w.members = group
	return group
}

// apart is how far two requests lie from each other: between their pickups and between their deliveries, in cost.
func (w *worker) apart(a, b Request) int64 {
	p := w.p
	pickups := p.row(0, p.place.at(p.PickupOf(a))).cost[p.place.at(p.PickupOf(b))]
	deliveries := p.row(0, p.place.at(p.DeliveryOf(a))).cost[p.place.at(p.DeliveryOf(b))]
	return int64(pickups) + int64(deliveries)
}
