package routing_test

import (
	"math/rand/v2"
	"testing"

	"github.com/swmaas/swmaas/routing"
	"github.com/swmaas/swmaas/routing/geo"
)

func TestNoTripBeatsTheStraightLineAtTheFastestSpeed(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 8))
	b := routing.NewBuilder()
	const n = 9
	for i := range n * n {
		b.AddNode(geo.LatLng{Lat: 36.8 + float64(i/n)*0.004 + rng.Float64()*0.002, Lng: 137.4 + float64(i%n)*0.005 + rng.Float64()*0.002})
	}
	for i := range int32(n) {
		row, column := make([]int32, n), make([]int32, n)
		for k := range int32(n) {
			row[k], column[k] = i*n+k, k*n+i
		}
		b.AddRoad(routing.Road{Nodes: row, Class: routing.Tertiary, SpeedKmh: 20 + rng.Float64()*80})
		b.AddRoad(routing.Road{Nodes: column, Class: routing.Tertiary, SpeedKmh: 20 + rng.Float64()*80})
	}
	g, err := b.Build()
	if err != nil {
		t.Fatal(err)
	}
	fastest, router := g.Fastest(), routing.NewRouter(g, routing.RouterConfig{Workers: 1})
	if fastest <= 0 || fastest > 105/3.6 {
		t.Errorf("the fastest speed is %g m/s", fastest)
	}
	place := func() geo.LatLng {
		return geo.LatLng{Lat: 36.8 + rng.Float64()*0.036, Lng: 137.4 + rng.Float64()*0.045}
	}
	for range 400 {
		from, err := g.Snap(place(), routing.SnapOptions{})
		if err != nil {
			t.Fatal(err)
		}
		to, err := g.Snap(place(), routing.SnapOptions{})
		if err != nil {
			t.Fatal(err)
		}
		way, err := router.Route(t.Context(), from.Point, to.Point)
		if err != nil {
			t.Fatal(err)
		}
		if straight := geo.Distance(from.Road, to.Road) / fastest; float64(way.Seconds) < straight-0.01 {
			t.Fatalf("%d s from %v to %v, %g s in a straight line", way.Seconds, from.Road, to.Road, straight)
		}
	}
}
