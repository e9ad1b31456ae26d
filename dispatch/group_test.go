package dispatch

import (
	"fmt"
	"strings"
	"testing"

	"github.com/swmaas/swmaas/vehicles"
)

// bookGroup books riders who have to ride in one vehicle, from the given corners to a clinic by ten.
func (b *bench) bookGroup(t *testing.T, homes ...[2]int) []*Ride {
	t.Helper()
	var members []Request
	for i, home := range homes {
		members = append(members, trip(fmt.Sprint("R-", i), home[0], home[1], 8, 8, 10*3600))
	}
	quote, err := b.QuoteGroup(t.Context(), caller, members)
	if err != nil || len(quote.Offers) == 0 {
		t.Fatal(quote, err)
	}
	result, err := b.BookTrip(t.Context(), caller, "kurobe", quote.Offers[0].Token, "group")
	if err != nil || len(result.Rides) != len(homes) {
		t.Fatal(result, err)
	}
	return result.Rides
}

// report is one step of the driver of a ride's vehicle, now.
func (b *bench) report(t *testing.T, kind StepKind, stop StopID) {
	t.Helper()
	van := vehicles.VehicleID(string(b.store.state.RouteOf(stop.Ride).Shift)[2:6])
	step := Step{Area: "kurobe", Day: testDay, Vehicle: van, Kind: kind, Stop: stop, Device: b.now}
	if _, err := b.Step(t.Context(), Actor{"driver"}, step); err != nil {
		t.Fatal(err)
	}
}

// giveUp knocks at a door where the vehicle stands, waits for as long as it must, and leaves.
func (b *bench) giveUp(t *testing.T, stop StopID) {
	t.Helper()
	b.report(t, StepKnocked, stop)
	b.at(b.cfg.Rules.giveUpAt(b.store.state.Rides[stop.Ride]))
	b.report(t, StepNoShow, stop)
}

// leaveWithout gives somebody up at once, as the office has decided.
func (b *bench) leaveWithout(t *testing.T, stop StopID) {
	t.Helper()
	van := vehicles.VehicleID(string(b.store.state.RouteOf(stop.Ride).Shift)[2:6])
	step := Step{Area: "kurobe", Day: testDay, Vehicle: van, Kind: StepNoShow, Stop: stop, Device: b.now, Override: true}
	if _, err := b.Step(t.Context(), Actor{"office"}, step); err != nil {
		t.Fatal(err)
	}
}

// toFirstDoor drives until the vehicle is at the first door of two, and returns that ride and the other.
func (b *bench) toFirstDoor(t *testing.T, group []*Ride) (first, other *Ride) {
	t.Helper()
	s := b.store.state.RouteOf(group[0].ID).Stops[0]
	b.drive(t, s.Depart-1)
	b.at(s.Depart)
	if s.Ride == group[0].ID {
		return group[0], group[1]
	}
	return group[1], group[0]
}

// A member was brought before its turn, or nobody came for it: the vehicle stays that of the group, since the driver can take
// either back.
func TestAGroupStaysOnTheVehicleThatHasFetchedSomebodyOfIt(t *testing.T) {
	for name, end := range map[string]func(b *bench, t *testing.T, first *Ride){
		"one was brought before the turn": func(b *bench, t *testing.T, first *Ride) {
			b.report(t, StepBoard, StopID{first.ID, PickupStop})
			b.report(t, StepArrive, StopID{first.ID, DropoffStop})
			b.report(t, StepAlight, StopID{first.ID, DropoffStop})
		},
		"nobody came": func(b *bench, t *testing.T, first *Ride) {
			b.leaveWithout(t, StopID{first.ID, PickupStop})
		},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, 4)
			group := b.bookGroup(t, [2]int{1, 6}, [2]int{3, 4})
			home := b.store.state.RouteOf(group[0].ID).Shift
			first, other := b.toFirstDoor(t, group)
			end(b, t, first)
			for i := range 3 { // work of the other vehicles, next to where the other one is fetched
				b.mustBook(t, trip(fmt.Sprint("S-", i), 3, 3+i, 8, 8, 10*3600), fmt.Sprint("s", i))
			}
			for seed := range uint64(6) {
				if _, err := b.Improve(t.Context(), "kurobe", testDay, ImproveOptions{Iterations: 300, Seed: seed, MinGain: 1}); err != nil {
					t.Fatal(err)
				}
				if at := b.store.state.RouteOf(other.ID).Shift; at != home {
					t.Fatalf("improvement moved %s to %s, its group was fetched by %s", other.ID, at, home)
				}
			}
			b.change(t, other, trip(string(other.Rider), 3, 4, 8, 8, 11*3600))
			van := vehicles.VehicleID(string(home)[2:6])
			if _, err := b.Step(t.Context(), Actor{"driver"}, Step{Area: "kurobe", Day: testDay, Vehicle: van, Kind: StepUndo, Device: b.now}); err != nil {
				t.Fatal(err)
			}
			for _, r := range group {
				if at := b.store.state.RouteOf(r.ID).Shift; at != home {
					t.Errorf("ride %s is on %s, its group was fetched by %s", r.ID, at, home)
				}
			}
			b.sound(t)
		})
	}
}

// change takes the first offer for a change of a ride, where there is one.
func (b *bench) change(t *testing.T, ride *Ride, req Request) {
	t.Helper()
	quote, err := b.QuoteChange(t.Context(), caller, ride.ID, 0, req)
	if err != nil || len(quote.Offers) == 0 {
		t.Fatalf("no offer: %+v, %v", quote, err)
	}
	if got, err := b.Book(t.Context(), caller, "kurobe", quote.Offers[0].Token, "change "+string(ride.ID)); err != nil || got.Ride == nil {
		t.Fatalf("not changed: %+v, %v", got, err)
	}
}

// One lives on the way to where the other gets out: in turns would be shorter than together.
func TestImprovementDoesNotDriveAGroupInTurns(t *testing.T) {
	b := newBench(t, 2)
	var members []Request
	for i, x := range [][2]int{{1, 5}, {6, 10}} {
		m := trip(fmt.Sprint("R-", i), x[0], 1, x[1], 1, 0)
		m.Wish = Wish{PickupWithin, Window{9 * 3600, 9*3600 + 3600}}
		members = append(members, m)
	}
	quote, err := b.QuoteGroup(t.Context(), caller, members)
	if err != nil || len(quote.Offers) == 0 {
		t.Fatal(quote, err)
	}
	result, err := b.BookTrip(t.Context(), caller, "kurobe", quote.Offers[0].Token, "group")
	if err != nil || len(result.Rides) != 2 {
		t.Fatal(result, err)
	}
	aboardAtOnce := func() {
		t.Helper()
		down := false
		for _, s := range b.store.state.RouteOf(result.Rides[0].ID).Stops {
			if down && s.Kind == PickupStop {
				t.Fatalf("ride %s is fetched after the other was set down", s.Ride)
			}
			down = down || s.Kind == DropoffStop
		}
	}
	aboardAtOnce()
	for seed := range uint64(4) {
		if _, err := b.Improve(t.Context(), "kurobe", testDay, ImproveOptions{Iterations: 300, Seed: seed, MinGain: 1}); err != nil {
			t.Fatal(err)
		}
		aboardAtOnce()
	}
	b.change(t, result.Rides[1], members[1])
	aboardAtOnce()
	// The driver sets the first down early: from then on it is in turns, and the plan goes on from there.
	first := b.store.state.RouteOf(result.Rides[0].ID).Stops[0]
	b.drive(t, first.Depart-1)
	b.at(first.Depart)
	b.report(t, StepBoard, first.StopID)
	b.report(t, StepDepart, StopID{first.Ride, DropoffStop})
	if _, err := b.Improve(t.Context(), "kurobe", testDay, ImproveOptions{Iterations: 300, MinGain: 1}); err != nil {
		t.Fatal(err)
	}
	b.mustBook(t, trip("R-9", 2, 2, 9, 2, 11*3600), "another")
	b.sound(t)
}

func TestNobodyOfAGroupIsMovedAloneWhileItsShiftDoesNotTakePlace(t *testing.T) {
	b := newBench(t, 2)
	b.at(7 * 3600)
	group := b.bookGroup(t, [2]int{1, 1}, [2]int{2, 1})
	shift := b.store.state.RouteOf(group[0].ID).Shift
	whole, _, _ := strings.Cut(string(shift), "/")
	b.vanish(t, vehicles.ShiftID(whole))
	later := trip("R-0", 1, 1, 8, 8, 11*3600)
	quote, err := b.QuoteChange(t.Context(), caller, group[0].ID, 0, later)
	if err != nil {
		t.Fatal(err)
	}
	if len(quote.Offers) > 0 {
		t.Errorf("one of the group is offered a place without the other: %+v", quote.Offers[0])
	}
	if _, err := b.Mend(t.Context(), "kurobe", testDay); err != nil {
		t.Fatal(err)
	}
	one, two := b.store.state.RouteOf(group[0].ID), b.store.state.RouteOf(group[1].ID)
	if one == nil || two == nil || one.Shift != two.Shift || one.Shift == shift {
		t.Errorf("after the engine has mended, the group is on %v and %v", one, two)
	}
}
