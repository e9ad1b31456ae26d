package dispatch

import (
	"context"
	"fmt"
	"math"
	"slices"
	"sync"

	"github.com/swmaas/swmaas/dispatch/solver"
	"github.com/swmaas/swmaas/routing"
	"github.com/swmaas/swmaas/routing/geo"
	"github.com/swmaas/swmaas/vehicles"
)

// How long a leg takes under conditions depends on when it is begun. There is one answer to that, for the solver, the timer and the
// check alike: who is ready to leave at a second is at a pin when timeTable.soonest says. It reckons with the roads as they are in the
// period in which the vehicle sets out, and a vehicle for which the road is closed or slow waits for that to end where it is
// there sooner so. Who is ready later is therefore never there sooner, so that a vehicle that is early may wait at the end of a leg.
//
// The solver's legs have one time each. It is given the longest one of a window in which the vehicle is ready: a place of the solver is
// a pin together with such a window. On a day without conditions places are pins.

// period begins at a second of the day and ends where the next one begins.
type period struct {
	from   int32
	metric int // 0 is an ordinary day, on which every leg is as short as ever
}

// metric is the driving times under one set of conditions.
type metric struct {
	travel TravelTimes
	times  *solver.Matrix // planned seconds as time and road seconds as cost; replaced by a larger one, never written to
}

// mostMetrics is how many sets of conditions a day may have at different times, the ordinary one included.
const mostMetrics = 64

// blockedDelay is what a leg takes besides its ordinary time while there is no way: more than any promise, so that nothing is planned
// over it before the road is open again.
const blockedDelay = 24 * 3600

// spot is a place of the solver: a pin that somebody is ready to leave at a second or later, up to the end of a period.
type spot struct {
	pin  solver.Place
	from int32
	last int // number of the period
}

// timeTable is the places of an area-day for the solver under the conditions of the day. It only grows. It is safe for
// concurrent use; tables of other conditions share its pins.
type timeTable struct {
	*pinTable
	periods []period // immutable

	under   sync.RWMutex // guards what follows; taken before pinTable.mu and after pinTable.growing
	metrics []metric     // by number; 0 stands for an ordinary day and is empty
	spots   []spot       // by place; empty where there is one metric
	spotOf  map[spot]solver.Place
	rows    [][]int32 // by place: longest planned seconds to every place that there was when it was made or last extended
}

// placeTable is a timeTable for plans that are made from a second of the day on, of the vehicles of a fleet.
type placeTable struct {
	*timeTable
	since int32  // nobody leaves before it any more
	halts *halts // nil for those of any vehicle
}

// halts are the shortest and the longest dwell that a vehicle of a fleet adds to a stop, in seconds, by how many wheelchairs there are.
type halts struct{ least, most [maxWheelchairs + 1]int32 }

// longestDwell is the longest that any vehicle adds to a stop, in seconds.
const longestDwell = 15 * 60

func haltsOf(fleet []vehicles.Vehicle) *halts {
	h := &halts{}
	for i := range fleet {
		for w, d := range dwell(fleet[i].Dwell) {
			if i == 0 {
				h.least[w] = d
			}
			h.least[w], h.most[w] = min(h.least[w], d), max(h.most[w], d)
		}
	}
	return h
}

// added is the shortest and the longest dwell that a vehicle adds to a stop of a ride.
func (t *placeTable) added(ride *Ride) (least, most int32) {
	if t.halts == nil {
		return 0, longestDwell
	}
	w := min(ride.Party.Load.Wheelchairs, maxWheelchairs)
	return t.halts.least[w], t.halts.most[w]
}

func newPlaceTable(travel TravelTimes, rules Rules) *placeTable {
	return &placeTable{&timeTable{pinTable: newPinTable(travel, rules), periods: []period{{from: math.MinInt32}}}, math.MinInt32, nil}
}

// newTimes is the table of the pins in other periods; travels are by metric, the one of an ordinary day nil.
func (t *pinTable) newTimes(ctx context.Context, periods []period, travels []TravelTimes) (*timeTable, error) {
	n := &timeTable{pinTable: t, periods: periods, spotOf: map[spot]solver.Place{}}
	for _, travel := range travels {
		n.metrics = append(n.metrics, metric{travel, solver.NewMatrix(firstPlaces)})
	}
	t.growing.Lock()
	defer t.growing.Unlock()
	return n, n.follow(ctx)
}

// plain reports whether the day is an ordinary one.
func (t *timeTable) plain() bool { return len(t.periods) == 1 && t.periods[0].metric == 0 }

// add makes sure that every pin has a number and its times. It fails, and changes nothing, where a pin is far from every road.
func (t *timeTable) add(ctx context.Context, pins ...geo.LatLng) error {
	if t.plain() {
		return t.pinTable.add(ctx, pins...)
	}
	if t.has(pins) && t.complete() {
		return nil
	}
	if err := t.pinTable.add(ctx, pins...); err != nil {
		return err
	}
	t.growing.Lock()
	defer t.growing.Unlock()
	return t.follow(ctx)
}

// complete reports whether every metric has the times of every pin.
func (t *timeTable) complete() bool {
	planned, _ := t.ordinary()
	t.under.RLock()
	defer t.under.RUnlock()
	return t.metrics[1].times.Len() == planned.Len()
}

// follow works out the times of the pins that the metrics do not know yet. The caller holds growing.
func (t *timeTable) follow(ctx context.Context) error {
	planned, _ := t.ordinary()
	larger := slices.Clone(t.metrics)
	for k := range larger {
		if k == 0 || larger[k].times.Len() == planned.Len() {
			continue
		}
		m, err := larger[k].grown(ctx, &t.rules, t.points, planned)
		if err != nil {
			return fmt.Errorf("dispatch: travel times under conditions: %w", err)
		}
		larger[k].times = m
	}
	t.under.Lock()
	defer t.under.Unlock()
	t.metrics = larger
	return nil
}

// grown is the times with those from and to the points that are new.
func (m *metric) grown(ctx context.Context, rules *Rules, points []routing.Point, planned *solver.Matrix) (*solver.Matrix, error) {
	old := m.times.Len()
	fresh, k := points[old:], len(points)-old
	out, in := make([]int32, k*len(points)), make([]int32, old*k)
	if err := m.travel.Matrix(ctx, fresh, points, out, nil); err != nil {
		return nil, err
	}
	if old > 0 {
		if err := m.travel.Matrix(ctx, points[:old], fresh, in, nil); err != nil {
			return nil, err
		}
	}
	// The larger matrix may share memory with the present one, whose readers never look beyond their own places.
	times := *m.times
	times.Grow(k)
	set := func(from, to, seconds int32) {
		if from == to {
			return
		}
		ordinary, _ := planned.Row(0, solver.Place(from))
		reckoned := ordinary[to]
		switch {
		case seconds < routing.Unreachable:
			reckoned = rules.planned(seconds)
		case reckoned < routing.Unreachable:
			reckoned += blockedDelay
		}
		times.Set(solver.Place(from), solver.Place(to), reckoned, seconds)
	}
	for i := range int32(k) {
		for j := range int32(len(points)) {
			set(int32(old)+i, j, out[int(i)*len(points)+int(j)])
		}
		for j := range int32(old) {
			set(j, int32(old)+i, in[int(j)*k+int(i)])
		}
	}
	return &times, nil
}

// metricsOf are the metrics that somebody may find who leaves in a window, a bit each.
func (t *placeTable) metricsOf(w Window) (bits uint64) {
	w.Earliest = max(w.Earliest, t.since)
	w.Latest = max(w.Latest, w.Earliest)
	for i, p := range t.periods {
		if p.from > w.Latest {
			break
		}
		if i+1 == len(t.periods) || t.periods[i+1].from > w.Earliest {
			bits |= 1 << p.metric
		}
	}
	return bits
}

// periodOf is the number of the period in which a second lies.
func (t *timeTable) periodOf(second int32) int {
	k := 0
	for i, p := range t.periods {
		if p.from <= second {
			k = i
		}
	}
	return k
}

// end is the last second of a period.
func (t *timeTable) end(k int) int32 {
	if k+1 == len(t.periods) {
		return math.MaxInt32
	}
	return t.periods[k+1].from - 1
}

// early is a second of the same period that stands for a second in the solver's places, so that there are few of them: never a later one,
// and the same one where waiting is of no use.
func (t *timeTable) early(second int32) int32 {
	k := t.periodOf(second)
	begin := t.periods[k].from
	if t.periods[k].metric == 0 || k+1 == len(t.periods) {
		return begin
	}
	next, grid := t.periods[k+1].from, int32(5*60)
	switch wait := next - second; {
	case wait > 4*3600:
		return begin
	case wait > 3600:
		grid = 30 * 60
	}
	return max(begin, next-(next-second+grid-1)/grid*grid)
}

// of is the place of a pin, added before, that is left in a window; the zero window for one that nobody leaves.
func (t *placeTable) of(p geo.LatLng, leaves Window) solver.Place {
	n := t.number(p)
	switch {
	case t.plain():
		return n
	case leaves == Window{}:
		return t.place(spot{n, t.periods[0].from, 0})
	}
	from, last := t.span(leaves)
	return t.place(spot{n, from, last})
}

// span is the window as a place has it.
func (t *placeTable) span(leaves Window) (from int32, last int) {
	from = t.early(max(leaves.Earliest, t.since))
	return from, t.periodOf(max(leaves.Latest, from))
}

// left is the place of a pin that was left, or will be left at once, at a second.
func (t *placeTable) left(p geo.LatLng, second int32) solver.Place {
	n := t.number(p)
	if t.plain() {
		return n
	}
	return t.place(spot{n, t.early(second), t.periodOf(second)})
}

func (t *timeTable) place(s spot) solver.Place {
	t.under.RLock()
	n, known := t.spotOf[s]
	t.under.RUnlock()
	if known {
		return n
	}
	t.under.Lock()
	defer t.under.Unlock()
	if n, known = t.spotOf[s]; known {
		return n
	}
	n = solver.Place(len(t.spots))
	t.spotOf[s], t.spots, t.rows = n, append(t.spots, s), append(t.rows, nil)
	return n
}

// seconds is the planned time of a leg in a metric. under is held.
func (t *timeTable) seconds(ordinary *solver.Matrix, k int, from, to solver.Place) int32 {
	m := ordinary
	if k > 0 {
		m = t.metrics[k].times
	}
	times, _ := m.Row(0, from)
	return times[to]
}

// soonest is when a vehicle that is ready to leave a pin at a second leaves it for another and is there, as soon as can be. Both were
// added before.
func (t *timeTable) soonest(from, to geo.LatLng, ready int32) (leaves, arrives int32) {
	t.under.RLock()
	defer t.under.RUnlock()
	ordinary, _ := t.ordinary()
	return t.soonestOf(ordinary, t.number(from), t.number(to), ready)
}

// soonestOf is soonest by the numbers of the pins. under is held.
func (t *timeTable) soonestOf(ordinary *solver.Matrix, from, to solver.Place, ready int32) (leaves, arrives int32) {
	k := t.periodOf(ready)
	leaves, arrives = ready, ready+t.seconds(ordinary, t.periods[k].metric, from, to)
	for _, p := range t.periods[k+1:] {
		if p.from >= arrives {
			break
		}
		if at := p.from + t.seconds(ordinary, p.metric, from, to); at < arrives {
			leaves, arrives = p.from, at
		}
	}
	return leaves, arrives
}

// latest is the last second from ready on at which a vehicle leaves a pin that is to be at another by a second, and when it is there
// then; as soon as can be where it cannot be there in time.
func (t *timeTable) latest(from, to geo.LatLng, ready, by int32) (leaves, arrives int32) {
	t.under.RLock()
	defer t.under.RUnlock()
	ordinary, _ := t.ordinary()
	a, b := t.number(from), t.number(to)
	for i := len(t.periods) - 1; i >= 0 && t.end(i) >= ready; i-- {
		seconds := t.seconds(ordinary, t.periods[i].metric, a, b)
		if at := min(by-seconds, t.end(i)); at >= max(ready, t.periods[i].from) {
			return at, at + seconds
		}
	}
	return t.soonestOf(ordinary, a, b, ready)
}

// longest is the longest time that a leg takes for who is ready to leave at a second or later, up to the end of a period. Within a
// period the wait for the next only becomes shorter.
func (t *timeTable) longest(from, to geo.LatLng, ready int32, last int) (seconds int32) {
	t.under.RLock()
	defer t.under.RUnlock()
	ordinary, _ := t.ordinary()
	a, b := t.number(from), t.number(to)
	for k := t.periodOf(ready); k <= last; k++ {
		at := max(ready, t.periods[k].from)
		_, arrives := t.soonestOf(ordinary, a, b, at)
		seconds = max(seconds, arrives-at)
	}
	return seconds
}

// planned is the longest planned driving time between two pins that were added before, for who is ready to leave in a window.
func (t *placeTable) planned(from, to geo.LatLng, leaves Window) int32 {
	first, last := t.span(leaves)
	return t.longest(from, to, first, last)
}

// plannedAt is the same for who is ready to leave, or left, at a second.
func (t *timeTable) plannedAt(from, to geo.LatLng, second int32) int32 {
	_, arrives := t.soonest(from, to, second)
	return arrives - second
}

// unshared is the longest road time in seconds of the metrics that somebody may find who leaves in a window, and the ordinary length in
// metres, between two pins that were added before. Nobody waits for a road.
func (t *placeTable) unshared(from, to geo.LatLng, leaves Window) (seconds, meters int32) {
	a, b := t.number(from), t.number(to)
	_, direct := t.ordinary()
	roads, lengths := direct.Row(0, a)
	if t.plain() {
		return roads[b], lengths[b]
	}
	met := t.metricsOf(leaves)
	t.under.RLock()
	defer t.under.RUnlock()
	for k := range t.metrics {
		if met>>k&1 == 0 {
			continue
		}
		under := roads
		if k > 0 {
			_, under = t.metrics[k].times.Row(0, a)
		}
		seconds = max(seconds, under[b])
	}
	return seconds, lengths[b]
}

// Len and Row make the table the Travel of the solver's problems. A problem knows the places that were there when it was made
// or last extended, and rows never change for those, so one may be used while the table grows.
func (t *timeTable) Len() int {
	if t.plain() {
		planned, _ := t.ordinary()
		return planned.Len()
	}
	t.under.RLock()
	defer t.under.RUnlock()
	return len(t.spots)
}

// Row is planned seconds as time and as cost.
func (t *timeTable) Row(class int32, from solver.Place) (time, cost []int32) {
	if t.plain() {
		ordinary, _ := t.ordinary()
		return ordinary.Row(class, from)
	}
	t.under.RLock()
	row, n := t.rows[from], len(t.spots)
	t.under.RUnlock()
	if len(row) < n {
		row = t.extendRow(from)
	}
	return row, row
}

// extendRow works out the legs of a place to those that its row does not have yet. Whoever reads the row as it was looks at no others.
func (t *timeTable) extendRow(from solver.Place) []int32 {
	t.under.Lock()
	defer t.under.Unlock()
	ordinary, _ := t.ordinary()
	s, row := t.spots[from], t.rows[from]
	first := t.periodOf(s.from)
	times := make([][]int32, len(t.periods)-first)
	for i := range times {
		m := ordinary
		if k := t.periods[first+i].metric; k > 0 {
			m = t.metrics[k].times
		}
		times[i], _ = m.Row(0, s.pin)
	}
	for _, to := range t.spots[len(row):] {
		row = append(row, t.longestFrom(&s, first, times, to.pin))
	}
	t.rows[from] = row
	return row
}

// longestFrom is the longest leg of a place to a pin, by the times of the periods from the first one on.
func (t *timeTable) longestFrom(s *spot, first int, times [][]int32, to solver.Place) (seconds int32) {
	sooner := int64(math.MaxInt64) // arrival of who waits for a later period
	for i := len(times) - 1; i >= 0; i-- {
		begin, leg := int64(t.periods[first+i].from), int64(times[i][to])
		if first+i <= s.last {
			seconds = max(seconds, int32(min(leg, sooner-max(begin, int64(s.from)))))
		}
		sooner = min(sooner, begin+leg)
	}
	return seconds
}
