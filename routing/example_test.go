package routing_test

import (
	"context"
	"fmt"
	"time"

	"github.com/swmaas/swmaas/routing"
	"github.com/swmaas/swmaas/routing/geo"
)

// A small town: a road on either bank of a river and two bridges, the second one 2.2 km up the valley.
func riverTown() *routing.Graph {
	b := routing.NewBuilder()
	southWest, southEast := b.AddNode(geo.LatLng{Lat: 36.860, Lng: 137.450}), b.AddNode(geo.LatLng{Lat: 36.860, Lng: 137.475})
	northWest, northEast := b.AddNode(geo.LatLng{Lat: 36.865, Lng: 137.450}), b.AddNode(geo.LatLng{Lat: 36.865, Lng: 137.475})
	b.AddRoad(routing.Road{Nodes: []int32{southWest, southEast}, Name: "south bank", Class: routing.Tertiary, SpeedKmh: 40})
	b.AddRoad(routing.Road{Nodes: []int32{northWest, northEast}, Name: "north bank", Class: routing.Tertiary, SpeedKmh: 40})
	b.AddRoad(routing.Road{Nodes: []int32{southWest, northWest}, Name: "old bridge", Class: routing.Tertiary, SpeedKmh: 30, Bridge: true})
	b.AddRoad(routing.Road{Nodes: []int32{southEast, northEast}, Name: "new bridge", Class: routing.Tertiary, SpeedKmh: 40, Bridge: true})
	g, err := b.Build()
	if err != nil {
		panic(err)
	}
	return g
}

func Example() {
	g := riverTown() // or routing.ReadFile("toyama.graph")
	home, err := g.Snap(geo.LatLng{Lat: 36.8598, Lng: 137.455}, routing.SnapOptions{Kerb: routing.KerbLeft})
	if err != nil {
		fmt.Println(err)
		return
	}
	clinic, err := g.Snap(geo.LatLng{Lat: 36.8652, Lng: 137.455}, routing.SnapOptions{})
	if err != nil {
		fmt.Println(err)
		return
	}
	r := routing.NewRouter(g, routing.RouterConfig{})
	path, err := r.Route(context.Background(), home.Point, clinic.Point)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%.0f m from the door to the road; %d s, %d m\n", home.Meters, path.Seconds, path.Meters)
	for _, s := range path.Steps {
		fmt.Printf("%-8s %5d m  %s\n", s.Turn, s.Meters, s.Name)
	}
	// Output:
	// 22 m from the door to the road; 147 s, 1446 m
	// start      445 m  south bank
	// right      556 m  old bridge
	// right      445 m  north bank
}

func ExampleRouter_View() {
	g := riverTown()
	r := routing.NewRouter(g, routing.RouterConfig{})
	from, _ := g.Snap(geo.LatLng{Lat: 36.860, Lng: 137.455}, routing.SnapOptions{})
	to, _ := g.Snap(geo.LatLng{Lat: 36.865, Lng: 137.455}, routing.SnapOptions{})

	flood := routing.Conditions{Closures: []routing.Closure{{Ways: g.WaysNamed("old bridge")}}}
	closedView, err := r.View(flood, time.Now())
	if err != nil {
		fmt.Println(err)
		return
	}
	before := r.Now()
	r.Use(closedView) // every query from here on goes round
	for _, v := range []*routing.View{before, r.Now()} {
		seconds, err := v.Duration(from.Point, to.Point)
		fmt.Println(seconds, err)
	}
	// Output:
	// 147 <nil>
	// 371 <nil>
}
