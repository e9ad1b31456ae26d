package routing

import (
	"errors"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/swmaas/swmaas/routing/geo"
)

// twoBridges is a river with a bridge in the west and one 3 km farther east, and a bank road on either side, all 36 km/h:
//
//	3 ────── 4 ────── 5     north bank, way 2
//	│                 │
//	w1                w4    bridges, ways 1 and 4
//	│                 │
//	0 ────── 1 ────── 2     south bank, way 3
func twoBridges(t testing.TB) *Graph {
	t.Helper()
	b := NewBuilder()
	for _, p := range []geo.LatLng{at(0, 0), at(1500, 0), at(3000, 0), at(0, 500), at(1500, 500), at(3000, 500)} {
		b.AddNode(p)
	}
	b.AddRoad(Road{Nodes: []int32{0, 3}, Name: "west bridge", Class: Secondary, SpeedKmh: 36, Bridge: true})
	b.AddRoad(Road{Nodes: []int32{3, 4, 5}, Name: "north bank", Class: Tertiary, SpeedKmh: 36})
	b.AddRoad(Road{Nodes: []int32{0, 1, 2}, Name: "south bank", Class: Residential, SpeedKmh: 36, WidthM: 3})
	b.AddRoad(Road{Nodes: []int32{2, 5}, Name: "east bridge", Class: Unclassified, SpeedKmh: 36, Seasonal: true})
	g, err := b.Build()
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func TestConditionsChangeTrips(t *testing.T) {
	g := twoBridges(t)
	r := NewRouter(g, RouterConfig{})
	south, north := snap(t, g, at(500, 0)), snap(t, g, at(500, 500)) // 1500 m over the west bridge, 5500 m over the east one
	dawn := time.Date(2026, 1, 10, 6, 0, 0, 0, time.UTC)
	west := Area{at(-50, 200), at(50, 200), at(50, 300), at(-50, 300)}
	for name, c := range map[string]struct {
		conditions Conditions
		seconds    int32
	}{
		"a dry day":                         {Conditions{}, 150},
		"way closed":                        {Conditions{Closures: []Closure{{Ways: []int64{1}}}}, 550},
		"area closed":                       {Conditions{Closures: []Closure{{Area: west}}}, 550},
		"closed later":                      {Conditions{Closures: []Closure{{Ways: []int64{1}, When: Interval{From: dawn.Add(time.Hour)}}}}, 150},
		"closed until now":                  {Conditions{Closures: []Closure{{Ways: []int64{1}, When: Interval{Until: dawn}}}}, 150},
		"closed from now":                   {Conditions{Closures: []Closure{{Ways: []int64{1}, When: Interval{From: dawn}}}}, 550},
		"both bridges closed":               {Conditions{Closures: []Closure{{Ways: []int64{1, 4}}}}, Unreachable},
		"closed, and winter closes the way": {Conditions{Closures: []Closure{{Ways: []int64{1}}}, Winter: true}, Unreachable},
		"bridge slow":                       {Conditions{SlowDowns: []SlowDown{{Factor: 3, Ways: []int64{1}}}}, 250},
		"bridge too slow":                   {Conditions{SlowDowns: []SlowDown{{Factor: 30, Ways: []int64{1}}}}, 550},
		"class slow":                        {Conditions{SlowDowns: []SlowDown{{Factor: 2, Classes: []RoadClass{Residential}}}}, 200},
		"all slow":                          {Conditions{SlowDowns: []SlowDown{{Factor: 2}}}, 300},
		"class in an area":                  {Conditions{SlowDowns: []SlowDown{{Factor: 2, Classes: []RoadClass{Tertiary}, Area: west}}}, 150},
		"heavy snow":                        {Conditions{Weather: HeavySnow}, 125 + 90 + 95}, // residential 2.5, secondary 1.8, tertiary 1.9
		"wide vehicle on the narrow bank":   {Conditions{Vehicle: Vehicle{WidthM: 2.8}}, Unreachable},
		"vehicle that fits":                 {Conditions{Vehicle: Vehicle{WidthM: 2.5, HeightM: 3, WeightT: 5}}, 150},
	} {
		t.Run(name, func(t *testing.T) {
			v, err := r.View(c.conditions, dawn)
			if err != nil {
				t.Fatal(err)
			}
			got, err := v.Duration(south, north)
			if err != nil || got != c.seconds && got != c.seconds+1 {
				t.Errorf("%d s, want %d s: %v", got, c.seconds, err)
			}
		})
	}
}

func TestAClosureIsSeenByTheNextQueryAndNoOther(t *testing.T) {
	g := twoBridges(t)
	r := NewRouter(g, RouterConfig{})
	before := r.Now()
	points := randomPoints(rand.New(rand.NewPCG(5, 5)), g, 30)
	n := len(points) * len(points)
	open, shut, again := make([]int32, n), make([]int32, n), make([]int32, n)
	fill := func(v *View, out []int32) {
		if err := v.Matrix(t.Context(), points, points, out, nil); err != nil {
			t.Fatal(err)
		}
	}
	fill(r.Now(), open)
	closedView, err := r.View(Conditions{Closures: []Closure{{Ways: []int64{1}}}}, time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	r.Use(closedView)
	if r.Generation() <= before.Generation() || r.Now().Closed() != 2 {
		t.Errorf("generation %d after %d, %d arcs closed", r.Generation(), before.Generation(), r.Now().Closed())
	}
	fill(r.Now(), shut)
	if slices.Equal(open, shut) {
		t.Error("the closure changed nothing")
	}
	fill(before, again)
	if !slices.Equal(open, again) {
		t.Error("the view before the closure changed")
	}
	reopened, err := r.View(Conditions{}, time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	r.Use(reopened)
	fill(r.Now(), again)
	if !slices.Equal(open, again) {
		t.Error("reopening does not restore the times")
	}
}

func TestWrongConditionsAreErrors(t *testing.T) {
	g := twoBridges(t)
	r := NewRouter(g, RouterConfig{})
	for name, c := range map[string]struct {
		conditions Conditions
		want       error
	}{
		"unknown way":      {Conditions{Closures: []Closure{{Ways: []int64{77}}}}, ErrUnknownRoad},
		"unknown arc":      {Conditions{Closures: []Closure{{Arcs: []ArcID{ArcID(g.NumArcs())}}}}, ErrUnknownRoad},
		"unknown slow way": {Conditions{SlowDowns: []SlowDown{{Factor: 2, Ways: []int64{77}}}}, ErrUnknownRoad},
		"nothing closed":   {Conditions{Closures: []Closure{{}}}, ErrInvalidConditions},
		"two corners":      {Conditions{Closures: []Closure{{Area: Area{at(0, 0), at(1, 1)}}}}, ErrInvalidConditions},
		"corner off earth": {Conditions{Closures: []Closure{{Area: Area{at(0, 0), at(1, 1), {Lat: math.NaN()}}}}}, ErrInvalidConditions},
		"factor":           {Conditions{SlowDowns: []SlowDown{{Factor: math.Inf(1)}}}, ErrInvalidConditions},
		"no factor":        {Conditions{SlowDowns: []SlowDown{{}}}, ErrInvalidConditions},
		"weather":          {Conditions{Weather: 99}, ErrInvalidConditions},
		"vehicle":          {Conditions{Vehicle: Vehicle{WidthM: -1}}, ErrInvalidConditions},
		"reversed": {
			Conditions{Closures: []Closure{{Ways: []int64{1}, When: Interval{From: time.Unix(9, 0), Until: time.Unix(8, 0)}}}},
			ErrInvalidConditions,
		},
	} {
		if _, err := r.View(c.conditions, time.Time{}); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestRandomConditionsEqualDijkstra(t *testing.T) {
	for seed := range uint64(30) {
		rng := rand.New(rand.NewPCG(seed, 3))
		g := randomGraph(t, seed, 100)
		r := NewRouter(g, RouterConfig{})
		points := randomPoints(rng, g, 10)
		for range 3 {
			c := randomConditions(rng, g)
			v, err := r.View(c, time.Time{})
			if err != nil {
				t.Fatal(err)
			}
			checkView(t, v, points)
			r.Use(v) // the next view is made out of this one
		}
	}
}

func randomConditions(rng *rand.Rand, g *Graph) Conditions {
	c := Conditions{Weather: Weather(rng.IntN(int(numWeathers))), Winter: rng.IntN(2) == 0}
	if rng.IntN(2) == 0 {
		c = Conditions{}
	}
	corner := func() geo.LatLng { return at(5000*rng.Float64(), 5000*rng.Float64()) }
	for range rng.IntN(4) {
		x := Closure{Arcs: []ArcID{ArcID(rng.IntN(g.NumArcs()))}}
		if rng.IntN(2) == 0 {
			x = Closure{Ways: []int64{g.segWay[rng.IntN(g.numSegments())]}}
		} else if rng.IntN(3) == 0 {
			p := corner()
			x = Closure{Area: Area{p, {Lat: p.Lat + .003, Lng: p.Lng}, {Lat: p.Lat, Lng: p.Lng + .003}}}
		}
		c.Closures = append(c.Closures, x)
	}
	for range rng.IntN(3) {
		c.SlowDowns = append(c.SlowDowns, SlowDown{
			Factor: 0.5 + 3*rng.Float64(), Classes: []RoadClass{RoadClass(rng.IntN(numClasses))}, Area: Area{corner(), corner(), corner()},
			Gradients: []Gradient{Gradient(rng.IntN(4)), Gradient(rng.IntN(4))},
		})
	}
	if rng.IntN(3) == 0 {
		c.Vehicle.HeightM = 2.5
	}
	return c
}

func TestViewsAreSwappedUnderRunningQueries(t *testing.T) {
	g := randomGraph(t, 8, 150)
	r := NewRouter(g, RouterConfig{})
	points := randomPoints(rand.New(rand.NewPCG(8, 8)), g, 15)
	views := []*View{r.Now()}
	for i := range 5 {
		v, err := r.View(randomConditions(rand.New(rand.NewPCG(uint64(i), 9)), g), time.Time{})
		if err != nil {
			t.Fatal(err)
		}
		views = append(views, v)
	}
	want := map[uint64][]int32{}
	n := len(points) * len(points)
	for _, v := range views {
		cells := make([]int32, n)
		if err := v.Matrix(t.Context(), points, points, cells, nil); err != nil {
			t.Fatal(err)
		}
		want[v.Generation()] = cells
	}
	var wg sync.WaitGroup
	stop := make(chan struct{})
	for range 4 {
		wg.Go(func() {
			cells := make([]int32, n)
			for i := 0; i < 50; i++ {
				v := r.Now()
				if err := v.Matrix(t.Context(), points, points, cells, nil); err != nil || !slices.Equal(cells, want[v.Generation()]) {
					t.Errorf("generation %d gives another matrix: %v", v.Generation(), err)
					return
				}
			}
		})
	}
	var swap sync.WaitGroup
	swap.Go(func() {
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			default:
				r.Use(views[i%len(views)])
			}
		}
	})
	wg.Wait()
	close(stop)
	swap.Wait()
}

func TestConditionsFile(t *testing.T) {
	text := `{
  "closures": [{"ways": [1], "note": "flood", "from": "2026-01-10T18:00:00+09:00", "until": "2026-01-11T06:00:00+09:00"},
               {"area": [[36.8, 137.4], [36.9, 137.4], [36.9, 137.5]]}],
  "slow_downs": [{"factor": 1.5, "classes": ["residential", "track"], "surfaces": ["unpaved"]}],
  "weather": "light snow", "winter": true, "vehicle": {"height_m": 2.3}
}`
	path := filepath.Join(t.TempDir(), "tonight.json")
	write := func(text string) {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(text)
	c, err := ReadConditions(path)
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Closures) != 2 || c.Closures[0].When.From.UTC().Hour() != 9 || len(c.Closures[1].Area) != 3 || c.Weather != LightSnow ||
		!c.Winter || c.Vehicle.HeightM != 2.3 || !slices.Equal(c.SlowDowns[0].Classes, []RoadClass{Residential, Track}) {
		t.Errorf("%+v", c)
	}
	for wrong, says := range map[string]string{
		"{\n\"closure\": []}": "line 2",
		"{}\n{}":              "follows",
		`{"weather": "hail"}`: "hail",
		`{"slow_downs": [{"factor": 2, "classes": ["alley"]}]}`: "alley",
		`{"slow_downs": [{"factor": 2, "surfaces": ["ice"]}]}`:  "ice",
		`{"slow_downs": [{"factor": 0}]}`:                       "factor",
		`{"closures": [{"area": [[1,2]]}]}`:                     "corners",
		"":                                                      "line 1",
	} {
		write(wrong)
		if _, err := ReadConditions(path); !errors.Is(err, ErrInvalidConditions) || !strings.Contains(err.Error(), says) ||
			!strings.Contains(err.Error(), "tonight.json") {
			t.Errorf("%s: %v", wrong, err)
		}
	}
}

// FuzzConditions feeds the conditions reader arbitrary text: what it accepts must make a view or a clear error.
func FuzzConditions(f *testing.F) {
	f.Add([]byte(`{"closures":[{"ways":[1]}],"weather":"heavy snow"}`))
	f.Add([]byte(`{"slow_downs":[{"factor":1.5,"area":[[36.8,137.4],[36.9,137.4],[36.9,137.5]]}],"vehicle":{"width_m":2}}`))
	g := twoBridges(f)
	r := NewRouter(g, RouterConfig{})
	f.Fuzz(func(t *testing.T, content []byte) {
		c, err := parseConditions(content)
		if err != nil {
			return
		}
		v, err := r.View(c, time.Unix(0, 0))
		if err != nil {
			if !errors.Is(err, ErrUnknownRoad) {
				t.Fatal(err)
			}
			return
		}
		if _, err := v.Duration(Point{seg: 1}, Point{seg: 2}); err != nil {
			t.Fatal(err)
		}
	})
}
