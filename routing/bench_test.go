package routing

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// BenchmarkOneToOne asks for trips between random places of Delaware. To compare two versions on a machine with other
// work to do, hold the path figures against those of the distance, which does the same search.
func BenchmarkOneToOne(b *testing.B) {
	g := importExtract(b, delaware(b))
	rng := rand.New(rand.NewPCG(2, 2))
	points := make([]Point, 1000)
	for i := range points {
		for points[i] == (Point{}) || g.segFlags[points[i].seg-1]&segMain != segMain {
			points[i] = Point{seg: 1 + int32(rng.IntN(g.numSegments())), frac: uint32(rng.IntN(fractionOne + 1))}
		}
	}
	plain := NewRouter(g, RouterConfig{}).Now()
	for name, v := range map[string]*View{"plain": plain, "perfect": plain.Perfect()} {
		b.Run(fmt.Sprintf("distance/view=%s", name), func(b *testing.B) {
			for i := 0; b.Loop(); i++ {
				if _, err := v.Duration(points[i%1000], points[(i*7+5)%1000]); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(fmt.Sprintf("path/view=%s", name), func(b *testing.B) {
			b.ReportAllocs()
			arcs := 0
			for i := 0; b.Loop(); i++ {
				p, err := v.Route(b.Context(), points[i%1000], points[(i*7+5)%1000])
				if err != nil {
					b.Fatal(err)
				}
				arcs += len(p.Arcs)
			}
			b.ReportMetric(float64(arcs)/float64(b.N), "arcs")
		})
		b.Run(fmt.Sprintf("arcs/view=%s", name), func(b *testing.B) {
			b.ReportAllocs()
			ws := v.r.free.Get().(*workspace)
			var arcs []int32
			for i := 0; b.Loop(); i++ {
				var err error
				if arcs, _, err = v.findPath(ws, points[i%1000], points[(i*7+5)%1000], arcs[:0]); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
