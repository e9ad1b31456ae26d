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
)

// A period is a stretch of the day in which the roads are as one metric has them. How long a leg takes depends on when it is
// begun; the solver's legs have one time. So the solver is given the worst time over the periods that a departure can meet: a
// place of the solver is a pin together with the metrics that somebody who leaves it may find. On a day without conditions
// there is one metric, and places are pins.

// period begins at a second of the day and ends where the next one begins.
type period struct {
	from   int32
	metric int // 0 is an ordinary day
}

// metric is the driving times under one set of conditions.
type metric struct {
	travel TravelTimes
	times  *solver.Matrix // planned seconds as time and road seconds as cost; replaced by a larger one, never written to
}

// mostMetrics is how many sets of conditions a day may have at different times, the ordinary one included.
const mostMetrics = 64

// blockedDelay is what is added in a plan to the ordinary time of a leg that is closed: more than any promise, so that nothing is
// planned over it, and a time all the same, for who is on the way already and will have to find another.
const blockedDelay = 24 * 3600

// spot is a place of the solver: a pin, and a bit for each metric that a departure from it may meet.
type spot struct {
	pin     solver.Place
	metrics uint64
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
	rows    [][]int32 // by place: worst planned seconds to every place that there was when it was made
}

// placeTable is a timeTable for plans that are made from a second of the day on.
type placeTable struct {
	*timeTable
	since int32 // nobody leaves before it any more
}

func newPlaceTable(travel TravelTimes, rules Rules) *placeTable {
	return &placeTable{&timeTable{pinTable: newPinTable(travel, rules), periods: []period{{from: math.MinInt32}}}, math.MinInt32}
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

// metricAt is the metric of a departure at a second that may be past.
func (t *timeTable) metricAt(second int32) int {
	k := 0
	for i, p := range t.periods {
		if p.from <= second {
			k = i
		}
	}
	return t.periods[k].metric
}

// of is the place of a pin, added before, that is left in a window; the zero window for one that nobody leaves.
func (t *placeTable) of(p geo.LatLng, leaves Window) solver.Place {
	n := t.number(p)
	if t.plain() {
		return n
	}
	return t.place(spot{n, t.metricsOf(leaves)})
}

// left is the place of a pin that was left, or will be left at once, at a second.
func (t *placeTable) left(p geo.LatLng, second int32) solver.Place {
	n := t.number(p)
	if t.plain() {
		return n
	}
	return t.place(spot{n, 1 << t.metricAt(second)})
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

// worst is the longest planned time, and road time, of a leg in the metrics.
func (t *timeTable) worst(from, to solver.Place, metrics uint64) (planned, road int32) {
	ordinary, direct := t.ordinary()
	if t.plain() {
		times, _ := ordinary.Row(0, from)
		roads, _ := direct.Row(0, from)
		return times[to], roads[to]
	}
	t.under.RLock()
	defer t.under.RUnlock()
	for k := range t.metrics {
		if metrics>>k&1 == 0 {
			continue
		}
		var times, roads []int32
		if k == 0 {
			times, _ = ordinary.Row(0, from)
			roads, _ = direct.Row(0, from)
		} else {
			times, roads = t.metrics[k].times.Row(0, from)
		}
		planned, road = max(planned, times[to]), max(road, roads[to])
	}
	return planned, road
}

// planned is the planned driving time between two pins that were added before, for who leaves in a window.
func (t *placeTable) planned(from, to geo.LatLng, leaves Window) int32 {
	seconds, _ := t.worst(t.number(from), t.number(to), t.metricsOf(leaves))
	return seconds
}

// plannedAt is the same for who leaves, or left, at a second.
func (t *timeTable) plannedAt(from, to geo.LatLng, second int32) int32 {
	seconds, _ := t.worst(t.number(from), t.number(to), 1<<t.metricAt(second))
	return seconds
}

// unshared is the road time in seconds, for who leaves in a window, and the ordinary length in metres between two pins that were
// added before.
func (t *placeTable) unshared(from, to geo.LatLng, leaves Window) (seconds, meters int32) {
	a, b := t.number(from), t.number(to)
	_, direct := t.ordinary()
	_, lengths := direct.Row(0, a)
	_, seconds = t.worst(a, b, t.metricsOf(leaves))
	return seconds, lengths[b]
}

// leaveFor is the latest second from ready on at which a vehicle leaves that is to be at a pin by a second; ready where it
// cannot be there in time.
func (t *timeTable) leaveFor(from, to geo.LatLng, ready, by int32) int32 {
	for i := len(t.periods) - 1; i >= 0; i-- {
		last := int32(math.MaxInt32)
		if i+1 < len(t.periods) {
			last = t.periods[i+1].from - 1
		}
		at := min(by-t.plannedAt(from, to, max(t.periods[i].from, min(last, by))), last)
		if at >= max(ready, t.periods[i].from) {
			return at
		}
	}
	return ready
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
		row = t.makeRow(from)
	}
	return row, row
}

func (t *timeTable) makeRow(from solver.Place) []int32 {
	t.under.Lock()
	defer t.under.Unlock()
	ordinary, _ := t.ordinary()
	row, s := make([]int32, len(t.spots)), t.spots[from]
	for k := range t.metrics {
		if s.metrics>>k&1 == 0 {
			continue
		}
		var times []int32
		if k == 0 {
			times, _ = ordinary.Row(0, s.pin)
		} else {
			times, _ = t.metrics[k].times.Row(0, s.pin)
		}
		for i, to := range t.spots {
			row[i] = max(row[i], times[to.pin])
		}
	}
	t.rows[from] = row
	return row
}
