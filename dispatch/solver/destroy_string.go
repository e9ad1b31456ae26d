package solver

// destroyStrings takes strings of visits out of several routes near one request: adjacent-string removal after Christiaens &
// Vanden Berghe (2020, doi 10.1287/trsc.2019.0914), for routes of pickups and deliveries. A string is a run of requests in the
// order of their pickups that contains the neighbour; about quota requests go.
func (w *worker) destroyStrings(quota int) {
	seed := w.anyRequest()
	if seed == None {
		return
	}
	longest := 1 + w.rnd.IntN(min(10, quota))
	w.takeString(seed, longest)
	for _, o := range w.near.of(seed) {
		if len(w.taken) >= quota {
			return
		}
		if w.movable(o) && w.st.on[o] != None && !w.isTaken(o) && w.ruined[w.st.on[o]] != w.stamp {
			w.takeString(o, min(longest, quota-len(w.taken)))
		}
	}
}

// takeString marks a run of up to length requests around r in its route.
func (w *worker) takeString(r Request, length int) {
	v := w.st.on[r]
	w.ruined[v] = w.stamp
	nodes := w.st.a.at(w.st.route[v]).node
	run, at := w.run[:0], 0
	for _, n := range nodes {
		if q := w.p.RequestOf(n); q != None && w.movable(q) && (w.p.IsPickup(n) || w.p.aboard.at(q)) {
			if q == r {
				at = len(run)
			}
			run = append(run, q)
		}
	}
	w.run = run
	length = min(length, len(run))
	if length <= 0 {
		return
	}
	low := max(0, at-length+1)
	high := min(at, len(run)-length)
	from := low + w.rnd.IntN(high-low+1)
	skipFrom, skip := 0, 0
	if extra := len(run) - length; extra > 0 && length > 1 && w.rnd.IntN(2) == 0 {
		// A split string: a run that is longer by `skip` and keeps as many in its middle.
		skip = 1
		for skip < extra && w.rnd.IntN(4) == 0 {
			skip++
		}
		low, high = max(0, at-length-skip+1), min(at, len(run)-length-skip)
		from = low + w.rnd.IntN(high-low+1)
		skipFrom = from + 1 + w.rnd.IntN(length-1)
	}
	for i := from; i < from+length+skip; i++ {
		if skip > 0 && i >= skipFrom && i < skipFrom+skip {
			continue
		}
		w.take(run[i])
	}
}
