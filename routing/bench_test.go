package routing

import (
	"math/rand/v2"
	"testing"
)

// BenchmarkOneToOne asks for trips between random places of Delaware. To compare two versions on a machine with other
// work to do, hold the figures of paths against those of distances, which the same search finds.
func BenchmarkOneToOne(b *testing.B) {
	g := importExtract(b, delaware(b))
	rng := rand.New(rand.NewPCG(2, 2))
	points := make([]Point, 1000)
	for i := range points {
		for points[i] == (Point{}) || g.segFlags[points[i].seg-1]&segMain != segMain {
			points[i] = Point{seg: 1 + int32(rng.IntN(g.numSegments())), frac: uint32(rng.IntN(fractionOne + 1))}
		}
	}
	var p Path
	kinds := []struct {
		name string
		ask  func(v *View, from, to Point) error
	}{
		{"distance", func(v *View, from, to Point) error { _, err := v.Duration(from, to); return err }},
		{"path", func(v *View, from, to Point) error { _, err := v.Route(b.Context(), from, to); return err }},
		{"path into a used one", func(v *View, from, to Point) error { return v.RouteInto(b.Context(), &p, from, to) }},
	}
	plain := NewRouter(g, RouterConfig{}).Now()
	views := []struct {
		name string
		v    *View
	}{{"plain", plain}, {"perfect", plain.Perfect()}}
	for _, kind := range kinds {
		for _, view := range views {
			b.Run(kind.name+"/view="+view.name, func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					if err := kind.ask(view.v, points[rng.IntN(len(points))], points[rng.IntN(len(points))]); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
