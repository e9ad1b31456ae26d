package town

import (
	"fmt"
	"math/rand/v2"

	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/routing"
	"github.com/swmaas/swmaas/routing/geo"
	"github.com/swmaas/swmaas/testdata/kurobe"
	"github.com/swmaas/swmaas/vehicles"
)

// Name is the town's name, and Area the id of its area.
const (
	Name = "kurobe"
	Area = dispatch.AreaID("kurobe")
)

// Town is a generated day. It is not changed after Generate and safe for concurrent reading.
type Town struct {
	Seed    uint64
	Times   int          // how many times the fleet, the riders and the calls of Kurobe
	Day     dispatch.Day // a winter weekday
	Graph   *routing.Graph
	Fleet   vehicles.Fleet
	Shifts  []vehicles.Shift // by vehicle; a volunteer's vehicle may have a short one
	Clinics []Clinic
	Shops   []dispatch.Place
	Riders  []Rider
	Calls   []Call // in the order in which the telephone rings
}

// Clinic is a place of one department that sees patients.
type Clinic struct {
	Place      dispatch.Place
	Department string // such as "内科"
	Dialysis   bool
}

// Rider is a resident who is registered with the service, named by number.
type Rider struct {
	ID       dispatch.RiderID
	Home     dispatch.Place
	District string
	Age      int // years
	Party    dispatch.Party
	Profile  dispatch.RiderProfile // what the register has of the rider
}

// Call is one telephone call for one ride and what becomes of the caller later. Times are service-day seconds; before the
// day they are negative.
type Call struct {
	At      int32 // when the telephone rings
	Rider   dispatch.RiderID
	Party   dispatch.Party
	Pickup  dispatch.Place
	Dropoff dispatch.Place
	Wish    dispatch.Wish
	Purpose string // a TDS purpose code
	// Appointment is set where a clinic waits at Wish.Window.Latest.
	Appointment bool
	// Patience is how many seconds beyond the wish the caller still takes an offer.
	Patience int32
	// Outbound is the index in Town.Calls of the way there, for a way back; -1 for none.
	Outbound int
	// Group is the index of the call that began the booking that this one joins; -1 for a booking of its own.
	Group int
	// CancelAt is when the caller calls the ride off; 0 for never.
	CancelAt int32
	// NoShow means that nobody comes to the vehicle.
	NoShow bool
	// Board and Alight are what the party really needs, in seconds, against what Party says; the vehicle's dwell comes on top.
	Board, Alight int32
}

// Narrow is the longest wish window, in seconds, that counts as narrow.
const Narrow = 20 * 60

// Width is the length of the window that the caller wishes for, in seconds.
func (c *Call) Width() int32 { return c.Wish.Window.Latest - c.Wish.Window.Earliest }

// Generate makes the day of a seed. Any seed gives a complete day: at least 180 calls, of which at least 15 % by
// wheelchair users, half with windows of at most Narrow, 30 % with an appointment to be met, 3 called off and 2 no-shows.
// An error is a fault of the package (ErrShortOfTown or damaged facts).
func Generate(seed uint64) (*Town, error) { return GenerateTimes(seed, 1) }

// GenerateTimes makes the day of a town with the given multiple (1 to MaxTimes) of facilities, vehicles, riders and calls on
// the same roads and around the same towns, each drawn for itself: further facilities stand where residents live. It is
// the same as Generate for 1. Since the area stays as it is, more vehicles are near every caller than in a wider town.
func GenerateTimes(seed uint64, times int) (*Town, error) {
	if times < 1 || times > MaxTimes {
		return nil, fmt.Errorf("town: %d times Kurobe is not within 1 to %d: %w", times, MaxTimes, ErrShortOfTown)
	}
	facts, err := kurobe.Load()
	if err != nil {
		return nil, err
	}
	graph, err := roads(facts)
	if err != nil {
		return nil, err
	}
	return generate(seed, times, facts, graph)
}

// MaxTimes is the largest multiple of Kurobe that can be generated.
const MaxTimes = 20

func generate(seed uint64, times int, facts *kurobe.Facts, graph *routing.Graph) (*Town, error) {
	g := &generator{facts: facts, rng: rand.New(rand.NewPCG(seed, stream)), town: &Town{Seed: seed, Times: times, Graph: graph}}
	for _, step := range []func() error{g.day, g.amenities, g.fleet, g.riders, g.calls, g.register, g.check} {
		if err := step(); err != nil {
			return nil, fmt.Errorf("town: seed %d: %w", seed, err)
		}
	}
	return g.town, nil
}

// stream keeps the draws of this package apart from those of others who start from the same seed.
const stream = 0x6b75726f6265

// generator is a day being made. Its steps draw from one source in a fixed order.
type generator struct {
	facts *kurobe.Facts
	rng   *rand.Rand
	town  *Town
	extra int   // vans beyond those that every day has
	queue []int // riders who have no trip yet, in the order in which they get one
	trips []*trip
}

// day picks a working day between the new year and the end of February.
func (g *generator) day() error {
	days := []dispatch.Day{
		"2027-01-12", "2027-01-13", "2027-01-14", "2027-01-19", "2027-01-20", "2027-01-21", "2027-01-26", "2027-01-27",
		"2027-02-02", "2027-02-03", "2027-02-04", "2027-02-09", "2027-02-16", "2027-02-17", "2027-02-18", "2027-02-24",
	}
	g.town.Day = days[g.rng.IntN(len(days))]
	return nil
}

// between draws from lo to hi, both included.
func (g *generator) between(lo, hi int) int { return lo + g.rng.IntN(hi-lo+1) }

// chance is true in percent of 100 draws.
func (g *generator) chance(percent int) bool { return g.rng.IntN(100) < percent }

// pick draws an index by weight.
func (g *generator) pick(n int, weight func(int) int) int {
	total := 0
	for i := range n {
		total += weight(i)
	}
	at := g.rng.IntN(total)
	for i := range n {
		if at -= weight(i); at < 0 {
			return i
		}
	}
	return n - 1
}

// place puts a label on the road within reach metres of p, so that vehicles halt where people are.
func (g *generator) place(label string, p geo.LatLng, reach int) (dispatch.Place, error) {
	off := metres{float64(g.between(-reach, reach)), float64(g.between(-reach, reach))}
	near, err := g.town.Graph.Snap(onPlane(p).plus(off).latLng(), routing.SnapOptions{})
	if err != nil {
		return dispatch.Place{}, fmt.Errorf("place %q: %w", label, err)
	}
	return dispatch.Place{Label: label, At: near.Road}, nil
}

// townNamed is the position of a town of the facts.
func (g *generator) townNamed(name string) (geo.LatLng, error) {
	for _, t := range g.facts.Towns {
		if t.Name == name {
			return position(t.At), nil
		}
	}
	return geo.LatLng{}, fmt.Errorf("no town %q: %w", name, ErrShortOfTown)
}
