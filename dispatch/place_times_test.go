package dispatch

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/swmaas/swmaas/dispatch/solver"
	"github.com/swmaas/swmaas/routing/geo"
)

// disturbedTable is the places of some pins of the grid under random conditions.
func disturbedTable(t *testing.T, random *rand.Rand) (*placeTable, []geo.LatLng) {
	t.Helper()
	var list []dayCondition
	for n := range 1 + random.IntN(3) {
		from, x, y, size := int32(8*3600+random.IntN(3*3600)), random.IntN(9), random.IntN(9), 1+random.IntN(3)
		c := &Condition{Kind: RoadClosed, Window: Window{from, from + int32(600+random.IntN(7200))}, Shape: []geo.LatLng{
			corner(x, y), corner(x+size, y), corner(x+size, y+size), corner(x, y+size),
		}}
		if random.IntN(2) == 0 {
			c.Kind, c.Percent = RoadSlow, int32(120+random.IntN(400))
		}
		list = append(list, dayCondition{fmt.Sprint(n), c})
	}
	var pins []geo.LatLng
	for range 12 {
		pins = append(pins, corner(random.IntN(12), random.IntN(12)))
	}
	book := newRoadBook(grid(t), Rules{}.withDefaults())
	if err := book.plain.add(t.Context(), pins...); err != nil {
		t.Fatal(err)
	}
	table, err := book.under(t.Context(), list)
	if err != nil {
		t.Fatal(err)
	}
	return &placeTable{table, 0, nil}, pins
}

func TestWhoIsReadyIsThereAsSoonAsAnyDepartureGetsThem(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 7))
	waited := 0
	for range 20 {
		table, pins := disturbedTable(t, random)
		for range 60 {
			from, to := pins[random.IntN(len(pins))], pins[random.IntN(len(pins))]
			ready := int32(7*3600 + 1800 + random.IntN(5*3600))
			leaves, arrives := table.soonest(from, to, ready)
			if got := leaves + table.setOutAt(from, to, leaves); leaves < ready || got != arrives {
				t.Fatalf("ready at %d, leaves at %d and is there at %d; the roads of then say %d", ready, leaves, arrives, got)
			}
			if leaves > ready {
				waited++
			}
			by, last := arrives+int32(random.IntN(1800)), int32(-1)
			for at := ready; at <= ready+3*3600; at += 7 {
				there := at + table.setOutAt(from, to, at)
				if there < arrives {
					t.Fatalf("ready at %d, and there at %d; who leaves at %d is there at %d", ready, arrives, at, there)
				}
				if there <= by {
					last = at
				}
				if _, later := table.soonest(from, to, at); later < arrives {
					t.Fatalf("who is ready at %d is there at %d, and who is ready at %d at %d", ready, arrives, at, later)
				}
			}
			if at, there := table.latest(from, to, ready, by); at < last || there > by || there != at+table.setOutAt(from, to, at) {
				t.Fatalf("to be there by %d, leaves at %d and is there at %d; who leaves at %d is as well", by, at, there, last)
			}
		}
	}
	if waited == 0 {
		t.Error("nobody ever waited for a road: the test shows nothing")
	}
}

func TestALegOfTheSolverIsTheLongestOfItsWindow(t *testing.T) {
	random := rand.New(rand.NewPCG(8, 8))
	for range 20 {
		table, pins := disturbedTable(t, random)
		type leg struct {
			place solver.Place
			pin   geo.LatLng
			w     Window
		}
		var legs []leg
		for _, pin := range pins {
			first := int32(8*3600 + random.IntN(3*3600))
			w := Window{first, first + int32(random.IntN(3600))}
			legs = append(legs, leg{table.of(pin, w), pin, w})
			if random.IntN(2) == 0 { // rows grow when they have been read
				_, _ = table.Row(0, legs[0].place)
			}
		}
		for _, x := range legs {
			row, _ := table.Row(0, x.place)
			for _, y := range legs {
				longest := int32(0)
				for at := x.w.Earliest; at <= x.w.Latest; at++ {
					_, arrives := table.soonest(x.pin, y.pin, at)
					longest = max(longest, arrives-at)
				}
				// A place may stand for a window that begins some minutes earlier.
				from, last := table.span(x.w)
				if got := row[y.place]; got < longest || got != table.longest(x.pin, y.pin, from, last) {
					t.Fatalf("the leg takes %d s; in %+v up to %d", got, x.w, longest)
				}
			}
		}
	}
}
