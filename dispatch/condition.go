package dispatch

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/swmaas/swmaas/routing"
	"github.com/swmaas/swmaas/routing/geo"
	"github.com/swmaas/swmaas/vehicles"
)

// ConditionKind tells what is the matter with roads. The values are stored and part of the contract.
type ConditionKind string

// The kinds of conditions.
const (
	RoadClosed ConditionKind = "CLOSURE" // nobody passes
	RoadSlow   ConditionKind = "SLOW"    // driving takes longer
	RoadSnow   ConditionKind = "SNOW"    // slower by class of road; unploughed tracks are given up
)

// SnowDepth is how much snow lies. The values are stored and part of the contract.
type SnowDepth string

// The depths that the road profiles know.
const (
	LightSnow SnowDepth = "LIGHT"
	HeavySnow SnowDepth = "HEAVY"
)

// Condition is a note of a day: roads that differ from an ordinary day's during a part of it. A condition of several days is
// a note of each.
type Condition struct {
	Kind ConditionKind
	// Where: the roads of a name, single ways, what a line crosses or what touches a polygon; of those that are given, each
	// adds to the others. Snow and slow-downs without any are everywhere.
	Road  string
	Ways  []int64 // those that Road stood for among them
	Shape []geo.LatLng
	Line  bool // Shape is a line, of two corners or more; otherwise a polygon of three or more

	Percent int32     // of SLOW: driving time in percent of the ordinary one, from 101 to 1000
	Snow    SnowDepth // of SNOW
	Window  Window    // of the day's seconds; it holds for who sets out in it

	From, Until time.Time // of all the days that it holds on

	Reason   string // a code: FLOOD, ACCIDENT, WORKS, EVENT, SNOW, OTHER
	Document string // number of the notice that it comes from, may be empty
	By       string // subject of who set it last
	At       time.Time
	Lifted   bool
}

func (*Condition) note() {}

// corners is the shape as an area of roads: a line is there and back.
func (c *Condition) corners() routing.Area {
	if !c.Line {
		return routing.Area(c.Shape)
	}
	area := slices.Clone(c.Shape)
	for i := len(c.Shape) - 2; i >= 0; i-- {
		area = append(area, c.Shape[i])
	}
	return area
}

// addTo adds what the condition does to roads.
func (c *Condition) addTo(roads *routing.Conditions) {
	area := c.corners()
	switch c.Kind {
	case RoadClosed:
		roads.Closures = append(roads.Closures, routing.Closure{Ways: c.Ways, Area: area})
	case RoadSlow:
		factor := float64(c.Percent) / 100
		if len(c.Ways) > 0 {
			roads.SlowDowns = append(roads.SlowDowns, routing.SlowDown{Factor: factor, Ways: c.Ways})
		}
		if len(area) > 0 || len(c.Ways) == 0 {
			roads.SlowDowns = append(roads.SlowDowns, routing.SlowDown{Factor: factor, Area: area})
		}
	case RoadSnow:
		weather := routing.LightSnow
		if c.Snow == HeavySnow {
			weather = routing.HeavySnow
		}
		if len(area) > 0 {
			roads.SlowDowns = append(roads.SlowDowns, weather.SlowDowns(area)...)
		} else {
			roads.Weather = max(roads.Weather, weather)
		}
	}
}

// validate reports the first field that cannot be used.
func (c *Condition) validate() error {
	wrong := func(field, format string, args ...any) error {
		return fmt.Errorf("%w: condition: %s: %s", ErrInvalid, field, fmt.Sprintf(format, args...))
	}
	least := 3
	if c.Line {
		least = 2
	}
	nowhere := c.Road == "" && len(c.Ways) == 0 && len(c.Shape) == 0
	switch {
	case c.Kind != RoadClosed && c.Kind != RoadSlow && c.Kind != RoadSnow:
		return wrong("kind", "%q is none of CLOSURE, SLOW, SNOW", c.Kind)
	case c.Kind == RoadClosed && nowhere:
		return wrong("where", "a closure names a road, a way, a line or an area")
	case c.Kind == RoadSlow && (c.Percent <= 100 || c.Percent > 1000):
		return wrong("percent", "%d is not from 101 to 1000 percent of the ordinary driving time", c.Percent)
	case c.Kind == RoadSnow && c.Snow != LightSnow && c.Snow != HeavySnow:
		return wrong("snow", "%q is neither LIGHT nor HEAVY", c.Snow)
	case c.Kind == RoadSnow && (c.Road != "" || len(c.Ways) > 0):
		return wrong("where", "snow lies in an area or everywhere, not on a road")
	case len(c.Shape) > 0 && len(c.Shape) < least || len(c.Shape) > mostCorners:
		return wrong("shape", "%d corners; a line has 2 or more, an area 3 or more, neither more than %d", len(c.Shape), mostCorners)
	case c.Window.Earliest < 0 || c.Window.Latest <= c.Window.Earliest || c.Window.Latest > vehicles.MaxDaySecond:
		return wrong("times", "from second %d to %d of the day", c.Window.Earliest, c.Window.Latest)
	case c.Reason == "":
		return wrong("reason", "is empty")
	}
	for _, p := range c.Shape {
		if !p.Valid() {
			return wrong("shape", "a corner is not a position")
		}
	}
	return nil
}

// mostCorners is how many corners a drawn line or area may have.
const mostCorners = 200

// dayCondition is a condition that holds on the day, with the note that says so.
type dayCondition struct {
	id string
	*Condition
}

// conditions lists what holds on the day, by note.
func (s *State) conditions() (list []dayCondition) {
	notesOf(s, func(n *Note, c *Condition) {
		if !c.Lifted {
			list = append(list, dayCondition{fmt.Sprintf("%s@%d", n.ID, n.Version), c})
		}
	})
	notesOf(s, func(n *Note, b *Storm) {
		if c := b.roads(); c != nil {
			list = append(list, dayCondition{fmt.Sprintf("%s@%d", n.ID, n.Version), c})
		}
	})
	slices.SortFunc(list, func(x, y dayCondition) int { return cmp.Compare(x.id, y.id) })
	return list
}

// roadBook keeps the places of an area-day and their times under the conditions that the day has, or is tried with. It is safe for
// concurrent use.
type roadBook struct {
	travel TravelTimes // immutable, as rules
	rules  Rules

	mu     sync.Mutex // guards what follows, and is held while times are worked out
	plain  *placeTable
	tables map[string]*timeTable
	made   []string // names of the tables, oldest first
}

// mostTables is how many sets of conditions are kept: the present one and a few that were tried.
const mostTables = 6

func newRoadBook(travel TravelTimes, rules Rules) *roadBook {
	return &roadBook{travel: travel, rules: rules, plain: newPlaceTable(travel, rules), tables: map[string]*timeTable{}}
}

// under is the table for the conditions. Errors: ErrInvalid where the travel times cannot be had under them.
func (b *roadBook) under(ctx context.Context, list []dayCondition) (*timeTable, error) {
	if len(list) == 0 {
		return b.plain.timeTable, nil
	}
	ids := make([]string, len(list))
	for i := range list {
		ids[i] = list[i].id
	}
	name := strings.Join(ids, " ")
	b.mu.Lock()
	defer b.mu.Unlock()
	if t := b.tables[name]; t != nil {
		return t, t.add(ctx) // pins that others have added meanwhile
	}
	periods, travels, err := b.periods(list)
	if err != nil {
		return nil, err
	}
	t, err := b.plain.newTimes(ctx, periods, travels)
	if err != nil {
		return nil, err
	}
	if len(b.made) == mostTables {
		delete(b.tables, b.made[0])
		b.made = b.made[1:]
	}
	b.tables[name], b.made = t, append(b.made, name)
	return t, nil
}

// periods cuts the day where a condition begins or ends. Periods in which the same conditions hold share a metric.
func (b *roadBook) periods(list []dayCondition) ([]period, []TravelTimes, error) {
	roads, ok := b.travel.(Conditional)
	if !ok {
		return nil, nil, fmt.Errorf("%w: these roads know no conditions", ErrInvalid)
	}
	cuts := []int32{math.MinInt32}
	for _, c := range list {
		cuts = append(cuts, c.Window.Earliest, c.Window.Latest)
	}
	slices.Sort(cuts)
	metrics, travels := map[string]int{"": 0}, []TravelTimes{nil}
	var periods []period
	for _, from := range slices.Compact(cuts) {
		var holds []string
		var sum routing.Conditions
		for _, c := range list {
			if c.Window.Earliest <= from && from < c.Window.Latest {
				holds = append(holds, c.id)
				c.addTo(&sum)
			}
		}
		name := strings.Join(holds, " ")
		k, known := metrics[name]
		if !known {
			travel, err := roads.Under(sum)
			if err != nil {
				return nil, nil, fmt.Errorf("%w: condition: %w", ErrInvalid, err)
			}
			if k = len(travels); k == mostMetrics {
				return nil, nil, fmt.Errorf("%w: condition: more than %d different sets of conditions on one day", ErrInvalid, mostMetrics)
			}
			metrics[name], travels = k, append(travels, travel)
		}
		periods = append(periods, period{from, k})
	}
	return periods, travels, nil
}

// travelsIn is the window in which a ride of the request could be under way.
func (a *areaDay) travelsIn(req *Request) Window {
	w := req.Wish.Window
	if req.Wish.Kind == ArriveBy {
		return Window{max(w.Latest-a.rules.EarlyArrival-a.rules.Window-earlyDirect, 0), w.Latest}
	}
	return Window{w.Earliest, w.Latest + a.rules.Window + req.MaxWait}
}

// earlyDirect is how long before an appointment at the most somebody is driven there without sharing, in seconds.
const earlyDirect = 60 * 60

// directLocked is the road time in seconds that a ride of the request takes alone, at its time of the day, and its length in
// metres. The places were added before. a.mu is held.
func (a *areaDay) directLocked(req *Request) (seconds, meters int32) {
	return a.places.unshared(req.Pickup.At, req.Dropoff.At, a.travelsIn(req))
}
