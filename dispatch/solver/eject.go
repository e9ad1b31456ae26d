package solver

// Ejection is a way to serve a request by moving one other first: Out leaves its place and goes to Moved, which then makes room for In.
type Ejection struct {
	Out   Request
	In    Insertion
	Moved Insertion
	Cost  int64 // change of the objective, the unserved cost of the request that is served aside
}

// Eject finds the cheapest way to serve an unassigned request by moving one of the requests that may move, within their windows and
// promises, to another place in the plan. It looks at every request for which may is true (nil: all that are neither pinned nor
// aboard) and that rides in a vehicle that the query allows. ok is false where there is none. Complexity: two exact insertions for
// every request looked at.
func (in *Inserter) Eject(s *Solution, q Query, may func(Request) bool) (best Ejection, ok bool) {
	p := in.p
	for r := range Request(p.requests) {
		v := s.VehicleOf(r)
		if v == None || p.pinned.at(r) || p.aboard.at(r) || may != nil && !may(r) || !p.compatible(v, q.Request) {
			continue
		}
		trial := s.Clone()
		trial.Remove(r)
		saved := p.RouteCost(v, s.Route(v)) - p.RouteCost(v, trial.Route(v)) + p.preferenceCost(v, r)
		one := q
		one.Vehicles, one.Alternatives = []Vehicle{v}, 1
		first := in.Best(trial, one, nil)
		if len(first) == 0 {
			continue
		}
		in.Apply(trial, first[0])
		then := in.Best(trial, Query{Request: r, Vehicles: q.Vehicles}, nil)
		if len(then) == 0 {
			continue
		}
		if cost := first[0].Cost + then[0].Cost - saved; !ok || cost < best.Cost {
			best, ok = Ejection{r, first[0], then[0], cost}, true
		}
	}
	return best, ok
}

// ApplyEjection makes the three changes of an ejection in the plan that it was found for.
func (in *Inserter) ApplyEjection(s *Solution, e Ejection) {
	s.Remove(e.Out)
	in.Apply(s, e.In)
	in.Apply(s, e.Moved)
}
