package cells

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	h3 "github.com/uber/h3-go/v4"

	"github.com/swmaas/swmaas/routing/geo"
	"github.com/swmaas/swmaas/vehicles"
)

var kurobe = geo.LatLng{Lat: 36.87, Lng: 137.45}

func TestCellOfRefusesWhatIsNoPosition(t *testing.T) {
	for name, p := range map[string]geo.LatLng{
		"latitude 95":       {Lat: 95, Lng: 137},
		"latitude -90.1":    {Lat: -90.1, Lng: 0},
		"longitude 181":     {Lat: 36, Lng: 181},
		"latitude NaN":      {Lat: math.NaN(), Lng: 137},
		"longitude NaN":     {Lat: 36, Lng: math.NaN()},
		"latitude infinite": {Lat: math.Inf(1), Lng: 137},
		"longitude -Inf":    {Lat: 36, Lng: math.Inf(-1)},
	} {
		t.Run(name, func(t *testing.T) {
			if c, err := CellOf(p); !errors.Is(err, ErrPosition) || c != 0 {
				t.Errorf("CellOf(%v) = %x, %v; want ErrPosition", p, uint64(c), err)
			}
			if _, err := Within(p, 100); !errors.Is(err, ErrPosition) {
				t.Errorf("Within(%v): %v; want ErrPosition", p, err)
			}
		})
	}
}

func TestCellOfTakesTheEdgesOfTheGlobe(t *testing.T) {
	for _, p := range []geo.LatLng{{Lat: 90}, {Lat: -90}, {Lng: 180}, {Lng: -180}, {}, kurobe} {
		c, err := CellOf(p)
		if err != nil {
			t.Fatalf("CellOf(%v): %v", p, err)
		}
		if err := Check(c); err != nil {
			t.Errorf("CellOf(%v) = %x: %v", p, uint64(c), err)
		}
		// 1.11 mean edges is the farthest corner from a centre anywhere.
		if m, err := Centre(c); err != nil || geo.Distance(m, p) > 1.11*edgeMeters {
			t.Errorf("centre of the cell of %v is %v, %v", p, m, err)
		}
	}
}

func TestOnlyCellsOfTheResolutionAreCells(t *testing.T) {
	coarse, err := h3.LatLngToCell(h3.LatLng(kurobe), Resolution-1)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]vehicles.CellID{"0": 0, "1": 1, "all bits": math.MaxUint64, "coarser": vehicles.CellID(coarse)} {
		t.Run(name, func(t *testing.T) {
			if _, err := Disk(c, 1); !errors.Is(err, ErrCell) {
				t.Errorf("Disk: %v; want ErrCell", err)
			}
			if _, err := Centre(c); !errors.Is(err, ErrCell) {
				t.Errorf("Centre: %v; want ErrCell", err)
			}
		})
	}
}

func TestRadiusOutOfRangeIsRefused(t *testing.T) {
	for _, r := range []float64{-1, math.NaN(), math.Inf(1), Reach(MaxRings) + 1} {
		if _, err := Within(kurobe, r); !errors.Is(err, ErrRadius) {
			t.Errorf("radius %v: %v; want ErrRadius", r, err)
		}
	}
	c, err := CellOf(kurobe)
	if err != nil {
		t.Fatal(err)
	}
	for _, rings := range []int{-1, MaxRings + 1} {
		if _, err := Disk(c, rings); !errors.Is(err, ErrRadius) {
			t.Errorf("%d rings: %v; want ErrRadius", rings, err)
		}
	}
}

func TestRingsIsTheLeastThatReaches(t *testing.T) {
	for r := 0.5; r < Reach(MaxRings); r *= 1.1 {
		k, err := Rings(r)
		if err != nil || Reach(k) < r || (k > 1 && Reach(k-1) >= r) {
			t.Fatalf("Rings(%v) = %d, %v: reach %v, one less %v", r, k, err, Reach(k), Reach(k-1))
		}
	}
	// The reach of a number of rings needs just that number.
	for k := 1; k <= MaxRings; k++ {
		if got, err := Rings(Reach(k)); err != nil || got != k {
			t.Errorf("Rings(Reach(%d)) = %d, %v", k, got, err)
		}
	}
}

func TestDiskHoldsCountCellsAwayFromPentagons(t *testing.T) {
	c, err := CellOf(kurobe)
	if err != nil {
		t.Fatal(err)
	}
	for rings := range 12 {
		disk, err := Disk(c, rings)
		if err != nil || len(disk) != Count(rings) {
			t.Fatalf("disk of %d rings: %d cells, %v; want %d", rings, len(disk), err, Count(rings))
		}
	}
}

// places are where cells are oddest: anywhere, around the twelve pentagons, at the poles and on the date line.
func places(t *testing.T) map[string]func(*rand.Rand) geo.LatLng {
	t.Helper()
	pentagons, err := h3.Pentagons(Resolution)
	if err != nil {
		t.Fatal(err)
	}
	return map[string]func(*rand.Rand) geo.LatLng{
		"anywhere": func(rng *rand.Rand) geo.LatLng {
			return geo.LatLng{Lat: math.Asin(2*rng.Float64()-1) * 180 / math.Pi, Lng: 360*rng.Float64() - 180}
		},
		"pentagons": func(rng *rand.Rand) geo.LatLng {
			p, err := pentagons[rng.IntN(len(pentagons))].LatLng()
			if err != nil {
				t.Fatal(err)
			}
			return away(geo.LatLng(p), 360*rng.Float64(), 8000*rng.Float64())
		},
		"poles": func(rng *rand.Rand) geo.LatLng {
			return geo.LatLng{Lat: math.Copysign(90-0.1*rng.Float64(), rng.Float64()-0.5), Lng: 360*rng.Float64() - 180}
		},
		"date line": func(rng *rand.Rand) geo.LatLng {
			return geo.LatLng{Lat: 160*rng.Float64() - 80, Lng: math.Copysign(180-0.02*rng.Float64(), rng.Float64()-0.5)}
		},
		"kurobe": func(rng *rand.Rand) geo.LatLng {
			return geo.LatLng{Lat: 36.6 + 0.4*rng.Float64(), Lng: 137.3 + 0.5*rng.Float64()}
		},
	}
}

// away is the point at that bearing in degrees and distance in metres on the sphere.
func away(p geo.LatLng, bearing, meters float64) geo.LatLng {
	lat, lng, b, d := p.Lat*math.Pi/180, p.Lng*math.Pi/180, bearing*math.Pi/180, meters/geo.EarthRadius
	sin := math.Sin(lat)*math.Cos(d) + math.Cos(lat)*math.Sin(d)*math.Cos(b)
	to := math.Asin(max(-1, min(1, sin)))
	east := lng + math.Atan2(math.Sin(b)*math.Sin(d)*math.Cos(lat), math.Cos(d)-math.Sin(lat)*sin)
	return geo.LatLng{Lat: to * 180 / math.Pi, Lng: math.Remainder(east*180/math.Pi, 360)}
}

func TestWithinHoldsEveryPointOfTheRadius(t *testing.T) {
	for name, place := range places(t) {
		t.Run(name, func(t *testing.T) {
			rng := rand.New(rand.NewPCG(7, 8))
			for range 1500 {
				p := place(rng)
				if rng.IntN(2) == 0 {
					p = corner(t, rng, p)
				}
				radius := math.Exp(rng.Float64() * math.Log(12000)) // 1 m to 12 km
				set, err := Within(p, radius)
				if err != nil {
					t.Fatalf("Within(%v, %v): %v", p, radius, err)
				}
				requireAround(t, rng, p, radius, set)
			}
		})
	}
}

// corner is a corner of the cell of p: the point from which the way out of a disk is shortest.
func corner(t *testing.T, rng *rand.Rand, p geo.LatLng) geo.LatLng {
	t.Helper()
	c, err := CellOf(p)
	if err != nil {
		t.Fatal(err)
	}
	b, err := h3.Cell(c).Boundary()
	if err != nil {
		t.Fatal(err)
	}
	return geo.LatLng(b[rng.IntN(len(b))])
}

// requireAround checks points at up to the radius from p, most of them on its rim, against the set.
func requireAround(t *testing.T, rng *rand.Rand, p geo.LatLng, radius float64, set []vehicles.CellID) {
	t.Helper()
	in := make(map[vehicles.CellID]bool, len(set))
	for _, c := range set {
		in[c] = true
	}
	for i := range 72 {
		d := radius
		if i%4 == 0 {
			d *= rng.Float64()
		}
		q := away(p, 5*float64(i)+5*rng.Float64(), d)
		c, err := CellOf(q)
		if err != nil {
			t.Fatal(err)
		}
		if !in[c] {
			t.Fatalf("%v is %.1f m from %v and not in its disk of %v m", q, geo.Distance(p, q), p, radius)
		}
	}
}

// The way out of a disk, from the nearest edge of its middle cell to the nearest edge of a cell outside, is no shorter than
// Reach says, measured on the outlines of the cells.
func TestNoWayOutOfADiskIsShorterThanItsReach(t *testing.T) {
	for name, place := range places(t) {
		if name == "poles" { // where longitudes run together the plane of the measurement does not hold; Within is tested there
			continue
		}
		t.Run(name, func(t *testing.T) {
			rng := rand.New(rand.NewPCG(3, 5))
			for range 40 {
				p := place(rng)
				c, err := h3.LatLngToCell(h3.LatLng(p), Resolution)
				if err != nil {
					t.Fatal(err)
				}
				rings := 1 + rng.IntN(12)
				around, err := c.GridDiskDistances(rings + 1)
				if err != nil {
					t.Fatal(err)
				}
				middle, least := outline(t, c), math.Inf(1)
				for _, outside := range around[rings+1] {
					least = min(least, between(middle, outline(t, outside)))
				}
				if least < Reach(rings) {
					t.Fatalf("%d rings around %v: %.1f m to the outside, reach %.1f m", rings, p, least, Reach(rings))
				}
			}
		})
	}
}

func outline(t *testing.T, c h3.Cell) []geo.LatLng {
	t.Helper()
	b, err := c.Boundary()
	if err != nil {
		t.Fatal(err)
	}
	corners := make([]geo.LatLng, len(b))
	for i, p := range b {
		corners[i] = geo.LatLng(p)
	}
	return corners
}

// between is the distance in metres between two outlines that do not cross: it is reached at a corner of one of them.
func between(a, b []geo.LatLng) float64 {
	least := math.Inf(1)
	for range 2 {
		for _, p := range a {
			for i := range b {
				from, to := beside(p, b[i]), beside(p, b[(i+1)%len(b)])
				q, _ := geo.Project(p, from, to)
				least = min(least, geo.Distance(p, q))
			}
		}
		a, b = b, a
	}
	return least
}

// beside is q with its longitude counted on from that of p, past 180° where need be.
func beside(p, q geo.LatLng) geo.LatLng {
	return geo.LatLng{Lat: q.Lat, Lng: p.Lng + math.Remainder(q.Lng-p.Lng, 360)}
}

func FuzzWithin(f *testing.F) {
	f.Add(36.87, 137.45, 90.0, 1500.0)
	f.Add(64.7, 10.536, 12.0, 2300.0) // a pentagon
	f.Add(90.0, 0.0, 0.0, 300.0)
	f.Add(-10.0, 180.0, 270.0, 700.0)
	f.Fuzz(func(t *testing.T, lat, lng, bearing, meters float64) {
		p := geo.LatLng{Lat: lat, Lng: lng}
		meters = math.Abs(meters)
		set, err := Within(p, meters)
		if err != nil {
			if p.Valid() && meters < Reach(MaxRings) {
				t.Fatalf("Within(%v, %v): %v", p, meters, err)
			}
			return
		}
		if math.IsNaN(bearing) || math.IsInf(bearing, 0) {
			return
		}
		q := away(p, math.Mod(bearing, 360), meters*(1-1e-9))
		c, err := CellOf(q)
		if err != nil {
			t.Fatal(err)
		}
		for _, have := range set {
			if have == c {
				return
			}
		}
		t.Fatalf("%v at %v m from %v is missing", q, meters, p)
	})
}

func BenchmarkWithin(b *testing.B) {
	for _, radius := range []float64{500, 1300, 5000} {
		b.Run(fmt.Sprintf("meters=%v", radius), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Within(kurobe, radius); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
