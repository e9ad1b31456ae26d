package routing

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/swmaas/swmaas/routing/geo"
	"github.com/swmaas/swmaas/routing/osm"
)

// Surface is what a road is covered with, as far as it matters for speed.
type Surface = osm.Surface

// Gradient is how steep a road is.
type Gradient = osm.Gradient

// Conditions say in what the roads differ from an ordinary dry day for an ordinary car. The zero value is such a day.
type Conditions struct {
	Closures  []Closure
	SlowDowns []SlowDown
	Weather   Weather
	// Winter closes the roads that tags close for a part of the year. Snow does so too.
	Winter bool
	// Vehicle closes what is too low, narrow or weak for it.
	Vehicle Vehicle
	// Learned replaces driving times by observed ones where there are enough observations; nil for none.
	Learned *Speeds
}

// Interval is a stretch of time, From included and Until not. A zero bound is open.
type Interval struct{ From, Until time.Time }

// holds reports whether the interval holds t.
func (i Interval) holds(t time.Time) bool {
	return (i.From.IsZero() || !t.Before(i.From)) && (i.Until.IsZero() || t.Before(i.Until))
}

// Area is a polygon without holes; the last corner joins the first. An empty Area is everywhere.
type Area []geo.LatLng

// Closure closes roads to all traffic: everything that Ways, Arcs or Area name.
type Closure struct {
	Ways []int64 // OpenStreetMap way ids, or road numbers of a Builder; both directions
	Arcs []ArcID // single directions of single pieces of road
	Area Area    // every road that touches it; empty for none
	When Interval
}

// SlowDown multiplies driving times. Every restriction that is given must fit: a SlowDown with Classes and Area slows the
// roads of these classes in that area.
type SlowDown struct {
	Factor    float64 // of the driving time: 1.5 takes half as long again; from 0.1 to 100
	Ways      []int64
	Classes   []RoadClass
	Surfaces  []Surface
	Gradients []Gradient
	Area      Area
	When      Interval
}

// Vehicle is the size of a vehicle; zero fields are not checked. A road is closed to it where a limit is tagged that it
// exceeds, or where the carriageway leaves less than widthMargin beside it.
type Vehicle struct {
	HeightM, WidthM float64
	WeightT         float64 // loaded, tonnes
}

// widthMargin is the room that a vehicle needs beside it on a road of known width: about a mirror on either side.
const widthMargin = 0.3

// Errors of Validate and of making a View.
var (
	ErrInvalidConditions = errors.New("invalid conditions")
	ErrUnknownRoad       = errors.New("no such road in this graph")
)

// Validate reports everything wrong with the conditions, each error wrapping ErrInvalidConditions.
func (c Conditions) Validate() error {
	var errs []error
	wrong := func(format string, args ...any) {
		errs = append(errs, fmt.Errorf("routing: %w: %s", ErrInvalidConditions, fmt.Sprintf(format, args...)))
	}
	for i, x := range c.Closures {
		if problem := x.Area.problem(); problem != "" {
			wrong("closure %d: %s", i, problem)
		}
		if len(x.Ways) == 0 && len(x.Arcs) == 0 && len(x.Area) == 0 {
			wrong("closure %d names no road and no area", i)
		}
		if x.When.reversed() {
			wrong("closure %d ends before it begins", i)
		}
	}
	for i, x := range c.SlowDowns {
		if problem := x.Area.problem(); problem != "" {
			wrong("slow-down %d: %s", i, problem)
		}
		if !(x.Factor >= 0.1 && x.Factor <= 100) {
			wrong("slow-down %d: factor %v is not between 0.1 and 100", i, x.Factor)
		}
		if x.When.reversed() {
			wrong("slow-down %d ends before it begins", i)
		}
	}
	if c.Weather >= numWeathers {
		wrong("weather %d", c.Weather)
	}
	for _, v := range [...]float64{c.Vehicle.HeightM, c.Vehicle.WidthM, c.Vehicle.WeightT} {
		if !(v >= 0) || math.IsInf(v, 0) {
			wrong("vehicle size %v", v)
		}
	}
	return errors.Join(errs...)
}

func (i Interval) reversed() bool {
	return !i.From.IsZero() && !i.Until.IsZero() && i.Until.Before(i.From)
}

func (a Area) problem() string {
	if len(a) == 1 || len(a) == 2 {
		return fmt.Sprintf("an area of %d corners", len(a))
	}
	for _, p := range a {
		if !p.Valid() {
			return fmt.Sprintf("corner %v is out of range", p)
		}
	}
	return ""
}

// View makes a view of the roads under conditions as they are at a moment, beside the current one. Making one that closes a few
// roads more or fewer than the current view takes a fraction of a millisecond on a town, any other as long as a
// customization. Errors wrap ErrInvalidConditions or ErrUnknownRoad; no view is made then.
func (r *Router) View(c Conditions, at time.Time) (*View, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	w := slices.Clone(r.g.arcMs)
	if c.Learned != nil {
		c.Learned.apply(w)
	}
	r.g.applyGeneral(w, c)
	for _, s := range c.SlowDowns {
		if s.When.holds(at) {
			if err := r.g.slowDown(w, s); err != nil {
				return nil, err
			}
		}
	}
	for _, x := range c.Closures {
		if x.When.holds(at) {
			if err := r.g.close(w, x); err != nil {
				return nil, err
			}
		}
	}
	return r.newView(w, r.Now())
}

// Closed returns how many directed pieces of road cannot be driven in this view.
func (v *View) Closed() int {
	n := 0
	for _, w := range v.weights {
		if w == closed {
			n++
		}
	}
	return n
}

// slower multiplies a driving time, within the limits of an arc.
func slower(ms uint32, factor float64) uint32 {
	if ms == closed {
		return ms
	}
	return uint32(max(1, min(math.Round(float64(ms)*factor), maxArc)))
}

// applyGeneral applies what depends on the attributes of roads alone: weather, winter and the vehicle.
func (g *Graph) applyGeneral(w []uint32, c Conditions) {
	snow := &weathers[c.Weather]
	if c.Weather == Clear && !c.Winter && c.Vehicle == (Vehicle{}) {
		return
	}
	for a := range w {
		s := g.arcSeg[a] >> 1
		f := snow.factor[g.segClass[s]]
		switch {
		case f == 0, g.segFlags[s]&segSeasonal != 0 && (c.Winter || snow.closesSeasonal), !g.fits(s, c.Vehicle):
			w[a] = closed
		case f != 1:
			w[a] = slower(w[a], f)
		}
	}
}

// fits reports whether a vehicle may pass a segment.
func (g *Graph) fits(s int32, v Vehicle) bool {
	within := func(limit uint16, size float64) bool { return limit == 0 || size <= float64(limit)/100 }
	return within(g.segMaxHeight[s], v.HeightM) && within(g.segMaxWidth[s], v.WidthM) && within(g.segMaxWeight[s], v.WeightT) &&
		(v.WidthM == 0 || within(g.segWidth[s], v.WidthM+widthMargin))
}

// slowDown multiplies the times of the arcs that s speaks of.
func (g *Graph) slowDown(w []uint32, s SlowDown) error {
	apply := func(seg int32) {
		if len(s.Classes) > 0 && !slices.Contains(s.Classes, RoadClass(g.segClass[seg])) ||
			len(s.Surfaces) > 0 && !slices.Contains(s.Surfaces, Surface(g.segSurface[seg])) ||
			len(s.Gradients) > 0 && !slices.Contains(s.Gradients, Gradient(g.segGradient[seg])) {
			return
		}
		for _, a := range g.segArcs[2*seg : 2*seg+2] {
			if a >= 0 {
				w[a] = slower(w[a], s.Factor)
			}
		}
	}
	if len(s.Ways) == 0 && len(s.Area) == 0 {
		for seg := range int32(g.numSegments()) {
			apply(seg)
		}
		return nil
	}
	if len(s.Ways) == 0 {
		g.inArea(s.Area, apply)
		return nil
	}
	ways, err := g.segmentsOf(s.Ways)
	if err != nil {
		return err
	}
	inside := map[int32]bool{}
	if len(s.Area) > 0 {
		g.inArea(s.Area, func(seg int32) { inside[seg] = true })
	}
	for _, seg := range ways {
		if len(s.Area) == 0 || inside[seg] {
			apply(seg)
		}
	}
	return nil
}

// close closes the arcs that x speaks of.
func (g *Graph) close(w []uint32, x Closure) error {
	shut := func(seg int32) {
		for _, a := range g.segArcs[2*seg : 2*seg+2] {
			if a >= 0 {
				w[a] = closed
			}
		}
	}
	segs, err := g.segmentsOf(x.Ways)
	if err != nil {
		return err
	}
	for _, seg := range segs {
		shut(seg)
	}
	for _, a := range x.Arcs {
		if a < 0 || int(a) >= len(w) {
			return fmt.Errorf("routing: close arc %d: %w", a, ErrUnknownRoad)
		}
		w[a] = closed
	}
	if len(x.Area) > 0 {
		g.inArea(x.Area, shut)
	}
	return nil
}

// segmentsOf returns the segments of ways.
func (g *Graph) segmentsOf(ways []int64) ([]int32, error) {
	g.wayOnce.Do(func() {
		g.wayOrder = make([]int32, g.numSegments())
		for s := range g.wayOrder {
			g.wayOrder[s] = int32(s)
		}
		slices.SortStableFunc(g.wayOrder, func(a, b int32) int {
			switch {
			case g.segWay[a] < g.segWay[b]:
				return -1
			case g.segWay[a] > g.segWay[b]:
				return 1
			}
			return 0
		})
	})
	var out []int32
	for _, way := range ways {
		first, ok := slices.BinarySearchFunc(g.wayOrder, way, func(s int32, way int64) int {
			switch {
			case g.segWay[s] < way:
				return -1
			case g.segWay[s] > way:
				return 1
			}
			return 0
		})
		if !ok {
			return nil, fmt.Errorf("routing: way %d: %w", way, ErrUnknownRoad)
		}
		for ; first < len(g.wayOrder) && g.segWay[g.wayOrder[first]] == way; first++ {
			out = append(out, g.wayOrder[first])
		}
	}
	return out, nil
}

// WaysNamed returns the ids of the ways that carry a name, ascending: what a dispatcher who closes "the old bridge" means.
func (g *Graph) WaysNamed(name string) []int64 {
	var out []int64
	for s, n := range g.segName {
		if g.names[n] == name {
			out = append(out, g.segWay[s])
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
