package town

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/swmaas/swmaas/routing"
	"github.com/swmaas/swmaas/routing/geo"
	"github.com/swmaas/swmaas/testdata/kurobe"
)

func TestEverySettlementHasARoadNearby(t *testing.T) {
	facts, err := kurobe.Load()
	if err != nil {
		t.Fatal(err)
	}
	g, err := Roads()
	if err != nil {
		t.Fatal(err)
	}
	if n := g.NumNodes(); n < 2000 || n > 8000 {
		t.Errorf("%d nodes, want a few thousand", n)
	}
	for _, s := range settlements(facts) {
		near, err := g.Snap(s.latLng(), routing.SnapOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if near.Meters > 200 {
			t.Errorf("%v is %.0f m from its road", s.latLng(), near.Meters)
		}
	}
}

func TestTheValleyIsAsFarAsItLooks(t *testing.T) {
	g, err := Roads()
	if err != nil {
		t.Fatal(err)
	}
	r := routing.NewRouter(g, routing.RouterConfig{})
	for name, c := range map[string]struct {
		from, to         geo.LatLng
		minutes, detours [2]float64
	}{
		"三日市 to 宇奈月温泉":               {geo.LatLng{Lat: 36.8720, Lng: 137.4499}, geo.LatLng{Lat: 36.8161, Lng: 137.5828}, [2]float64{20, 32}, [2]float64{1.0, 1.6}},
		"三日市 to 生地":                  {geo.LatLng{Lat: 36.8720, Lng: 137.4499}, geo.LatLng{Lat: 36.8919, Lng: 137.4191}, [2]float64{4, 10}, [2]float64{1.0, 1.5}},
		"下立 to 中ノ口 needs the bridge": {geo.LatLng{Lat: 36.8587, Lng: 137.5395}, geo.LatLng{Lat: 36.8663, Lng: 137.5503}, [2]float64{2, 9}, [2]float64{1.0, 3}},
	} {
		t.Run(name, func(t *testing.T) {
			p, err := r.Route(context.Background(), snap(t, g, c.from), snap(t, g, c.to))
			if err != nil {
				t.Fatal(err)
			}
			minutes, detour := float64(p.Seconds)/60, float64(p.Meters)/geo.Distance(c.from, c.to)
			if minutes < c.minutes[0] || minutes > c.minutes[1] || detour < c.detours[0] || detour > c.detours[1] {
				t.Errorf("%.1f min, %.2f times the straight line; want %v and %v", minutes, detour, c.minutes, c.detours)
			}
		})
	}
}

func TestEveryBridgeIsUsedByTheShortWayAcross(t *testing.T) {
	g, err := Roads()
	if err != nil {
		t.Fatal(err)
	}
	r := routing.NewRouter(g, routing.RouterConfig{})
	for name, banks := range map[string][2]geo.LatLng{
		"黒部川一号橋（愛本）":  {{Lat: 36.8588, Lng: 137.5395}, {Lat: 36.8663, Lng: 137.5503}},
		"黒部川二号橋（音沢）":  {{Lat: 36.8323, Lng: 137.5567}, {Lat: 36.8385, Lng: 137.5650}},
		"布施川一号橋（山田）":  {{Lat: 36.8538, Lng: 137.4382}, {Lat: 36.8467, Lng: 137.4415}},
		"布施川二号橋（東布施）": {{Lat: 36.8355, Lng: 137.4839}, {Lat: 36.8318, Lng: 137.4873}},
		"布施川三号橋（田籾）":  {{Lat: 36.8265, Lng: 137.5146}, {Lat: 36.8240, Lng: 137.5081}},
	} {
		p, err := r.Route(context.Background(), snap(t, g, banks[0]), snap(t, g, banks[1]))
		if err != nil {
			t.Fatal(err)
		}
		if !slices.ContainsFunc(p.Steps, func(s routing.Step) bool { return s.Name == name }) {
			t.Errorf("the way over %s (%d m) does not use it", name, p.Meters)
		}
	}
}

func TestRoadsAreTheSameOnEveryCall(t *testing.T) {
	var files [2][]byte
	for i := range files {
		g, err := Roads()
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(t.TempDir(), "g")
		if err := g.WriteFile(path); err != nil {
			t.Fatal(err)
		}
		if files[i], err = os.ReadFile(path); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(files[0], files[1]) {
		t.Error("two graphs differ")
	}
}

func snap(t *testing.T, g *routing.Graph, p geo.LatLng) routing.Point {
	t.Helper()
	s, err := g.Snap(p, routing.SnapOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return s.Point
}
