package routing_test

import (
	"slices"
	"testing"
	"time"

	"github.com/swmaas/swmaas/dispatch/sim/town"
	"github.com/swmaas/swmaas/routing"
	"github.com/swmaas/swmaas/routing/geo"
)

func TestClosingARiverBridgeInKurobe(t *testing.T) {
	g, err := town.Roads()
	if err != nil {
		t.Fatal(err)
	}
	r := routing.NewRouter(g, routing.RouterConfig{})
	var points []routing.Point
	in := g.Info()
	for i := range 120 { // a raster over the town
		at := geo.LatLng{Lat: in.South + (in.North-in.South)*float64(i%12)/11, Lng: in.West + (in.East-in.West)*float64(i/12)/9}
		if s, err := g.Snap(at, routing.SnapOptions{MaxMeters: 3000}); err == nil {
			points = append(points, s.Point)
		}
	}
	matrix := func(v *routing.View) []int32 {
		t.Helper()
		out := make([]int32, len(points)*len(points))
		if err := v.Matrix(t.Context(), points, points, out, nil); err != nil {
			t.Fatal(err)
		}
		return out
	}
	before, open := r.Now(), matrix(r.Now())
	for _, name := range []string{"黒部川一号橋（愛本）", "布施川一号橋（山田）", "布施川二号橋（東布施）"} {
		ways := g.WaysNamed(name)
		if len(ways) == 0 {
			t.Fatalf("no way is called %q", name)
		}
		shut, err := r.View(routing.Conditions{Closures: []routing.Closure{{Ways: ways}}}, time.Time{})
		if err != nil {
			t.Fatal(err)
		}
		r.Use(shut)
		longer := 0
		for i, s := range matrix(r.Now()) {
			if s < open[i] {
				t.Fatalf("%s closed: a trip became shorter", name)
			}
			if s > open[i] {
				longer++
				p, err := r.Route(t.Context(), points[i/len(points)], points[i%len(points)])
				if s != routing.Unreachable && (err != nil || slices.ContainsFunc(p.Ways, func(w int64) bool { return slices.Contains(ways, w) })) {
					t.Fatalf("%s closed: the way round is %v: %v", name, p.Ways, err)
				}
			}
			if longer > 20 {
				break
			}
		}
		if longer == 0 {
			t.Errorf("%s closed: no trip changes", name)
		}
		if !slices.Equal(matrix(before), open) {
			t.Fatalf("%s closed: the view before it changed", name)
		}
		again, err := r.View(routing.Conditions{}, time.Time{})
		if err != nil {
			t.Fatal(err)
		}
		r.Use(again)
		if !slices.Equal(matrix(r.Now()), open) {
			t.Fatalf("%s reopened: not every time is restored", name)
		}
	}
}
