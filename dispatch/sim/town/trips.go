package town

import (
	"fmt"
	"slices"

	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/routing/geo"
)

const (
	minute = int32(60)
	hour   = 60 * minute
)

// trip is a call being made, with its links as pointers until the order of calls is known.
type trip struct {
	Call
	rider    int // index of the rider
	outbound *trip
	group    *trip
	ready    int32 // when the rider means to be done at the destination of this way, for the way back
}

// share of narrow windows and of days-ahead calls, per cent.
const (
	narrowShare = 66
	aheadShare  = 66
)

// add makes a trip of a rider; at is when it is about, which decides whether it is rung up the day before.
func (g *generator) add(t *trip, about int32) *trip {
	r := &g.town.Riders[t.rider]
	t.Call.Rider, t.Party = r.ID, r.Party
	t.Board = r.Party.Board * int32(g.between(75, 140)) / 100
	t.Alight = r.Party.Alight * int32(g.between(75, 140)) / 100
	if t.At == 0 {
		t.At = g.rings(about)
	}
	g.trips = append(g.trips, t)
	return t
}

// rings draws when the caller of a trip at about rings up: in office hours of the day before, or on the day with at least
// 80 minutes of notice.
func (g *generator) rings(about int32) int32 {
	if from := clock(7, 0); !g.chance(aheadShare) && about-80*minute > from {
		return int32(g.between(int(max(from, about-4*hour)), int(about-80*minute)))
	}
	return int32(g.between(9*3600, 17*3600)) - 24*hour
}

// width draws the length of a wish window in seconds.
func (g *generator) width() int32 {
	if g.chance(narrowShare) {
		return Narrow - int32(g.between(0, 1))*5*minute
	}
	return int32(g.between(6, 9)) * 5 * minute
}

// take removes the first rider of the queue that fits and returns its index; where none fits, the first one.
func (g *generator) take(fits func(*Rider) bool) int {
	i := slices.IndexFunc(g.queue, func(r int) bool { return fits(&g.town.Riders[r]) })
	i = max(i, 0)
	r := g.queue[i]
	g.queue = slices.Delete(g.queue, i, i+1)
	return r
}

// chair and walker tell riders in wheelchairs from the others; anybody fits both.
func chair(r *Rider) bool   { return r.Party.Load.Wheelchairs > 0 }
func walker(r *Rider) bool  { return r.Party.Load.Wheelchairs == 0 }
func anybody(r *Rider) bool { return true }

// mostly picks riders in wheelchairs in percent of cases and walkers otherwise.
func (g *generator) mostly(percent int) func(*Rider) bool {
	if g.chance(percent) {
		return chair
	}
	return walker
}

// dialysis is the regular trips to the dialysis wards: two waves in the morning and one at noon, each of four hours.
func (g *generator) dialysis() {
	var wards []int
	for i, c := range g.town.Clinics {
		if c.Dialysis {
			wards = append(wards, i)
		}
	}
	waves := []int32{clock(8, 50), clock(9, 30), clock(11, 40)}
	for i := range g.between(13, 15) {
		r := g.take(g.mostly(40))
		by := waves[min(i/6, len(waves)-1)] + int32(g.between(0, 2)*5)*minute
		ward := g.town.Clinics[wards[g.nearer(r, wards)]].Place
		out := g.appointment(r, ward, by, "dialysis")
		out.At = int32(9*3600+i*60) - 24*hour
		out.ready = by + 4*hour + int32(g.between(0, 3)*5)*minute
		g.back(out)
	}
}

// nearer draws one of two clinics, mostly the nearer one.
func (g *generator) nearer(rider int, clinics []int) int {
	home := g.town.Riders[rider].Home.At
	return g.pick(len(clinics), func(i int) int {
		km := int(geo.Distance(home, g.town.Clinics[clinics[i]].Place.At)) / 1000
		return 1 + 200/((km+1)*(km+1))
	})
}

// appointment is a way to a clinic where somebody waits at by.
func (g *generator) appointment(rider int, to dispatch.Place, by int32, purpose string) *trip {
	w := g.width()
	return g.add(&trip{rider: rider, Call: Call{
		Pickup: g.town.Riders[rider].Home, Dropoff: to, Purpose: purpose, Appointment: true, Patience: 30 * minute,
		Wish: dispatch.Wish{Kind: dispatch.ArriveBy, Window: dispatch.Window{Earliest: by - w, Latest: by}},
	}}, by-40*minute)
}

// visits is the appointments with doctors: most of them in the morning.
func (g *generator) visits() {
	var doctors []int
	for i, c := range g.town.Clinics {
		if !c.Dialysis && c.Department != "リハビリ" {
			doctors = append(doctors, i)
		}
	}
	for range g.between(66, 72) {
		r := g.take(g.mostly(25))
		by := clock(9, 0) + int32(g.between(0, 16)*10)*minute
		if g.chance(22) {
			by = clock(13, 40) + int32(g.between(0, 8)*10)*minute
		}
		out := g.appointment(r, g.town.Clinics[doctors[g.nearer(r, doctors)]].Place, by, "medical")
		out.ready = by + int32(g.between(9, 18)*5)*minute
		if g.chance(85) {
			g.back(out)
		}
	}
}

// back is the way home of a trip, from the moment that the rider means to be done. One in seven rings up only then.
func (g *generator) back(out *trip) *trip {
	ready := min(out.ready, clock(16, 10))
	ready -= ready % (5 * minute)
	t := &trip{rider: out.rider, outbound: out, Call: Call{
		At: out.At + 45, Pickup: out.Dropoff, Dropoff: out.Pickup, Purpose: out.Purpose, Patience: 40 * minute,
	}}
	w := g.width()
	if out.Purpose == "medical" && g.chance(14) {
		t.At, w = ready, 45*minute
		ready += 15 * minute
	}
	t.Wish = dispatch.Wish{Kind: dispatch.DepartAfter, Window: dispatch.Window{Earliest: ready, Latest: ready + w}}
	return g.add(t, ready)
}

// shopping is neighbours who go to a shop together: one booking out and one back.
func (g *generator) shopping() {
	for i := range 6 {
		lead := g.take(walker)
		district := g.town.Riders[lead].District
		shop := g.town.Shops[g.between(0, 4)]
		start := []int32{clock(10, 0), clock(13, 15)}[i%2] + int32(g.between(0, 6)*5)*minute
		var out, home *trip
		for k := range g.between(2, 3) {
			r := lead
			if k > 0 {
				r = g.take(func(n *Rider) bool { return walker(n) && n.District == district })
			}
			there := g.errand(r, shop, start, "grocery", out)
			back := g.homeward(there, start+100*minute, home)
			if k == 0 {
				out, home = there, back
				continue
			}
			there.Wish, back.Wish = out.Wish, home.Wish
			there.At, back.At = out.At+int32(k)*50, home.At+int32(k)*50
		}
	}
}

// errand is a way out within a pickup window.
func (g *generator) errand(rider int, to dispatch.Place, start int32, purpose string, group *trip) *trip {
	return g.add(&trip{rider: rider, group: group, Call: Call{
		Pickup: g.town.Riders[rider].Home, Dropoff: to, Purpose: purpose, Patience: 30 * minute,
		Wish: dispatch.Wish{Kind: dispatch.PickupWithin, Window: dispatch.Window{Earliest: start, Latest: start + g.width()}},
	}}, start)
}

// homeward is a way back within a pickup window.
func (g *generator) homeward(out *trip, start int32, group *trip) *trip {
	return g.add(&trip{rider: out.rider, outbound: out, group: group, Call: Call{
		At: out.At + 20, Pickup: out.Dropoff, Dropoff: out.Pickup, Purpose: out.Purpose, Patience: 40 * minute,
		Wish: dispatch.Wish{Kind: dispatch.PickupWithin, Window: dispatch.Window{Earliest: start, Latest: start + g.width()}},
	}}, start)
}

// errands is single trips to shops, banks and the bath, to rehabilitation and to a public place.
func (g *generator) errands() error {
	for range g.between(10, 12) {
		shop := g.town.Shops[g.rng.IntN(len(g.town.Shops))]
		out := g.errand(g.take(g.mostly(15)), shop, g.start(), "personal", nil)
		g.homeward(out, out.Wish.Window.Latest+int32(g.between(10, 16)*5)*minute, nil)
	}
	rehab := g.town.Clinics[len(g.town.Clinics)-1].Place
	for range g.between(6, 8) {
		out := g.errand(g.take(g.mostly(40)), rehab, g.start(), "health", nil)
		g.homeward(out, out.Wish.Window.Latest+int32(g.between(12, 18)*5)*minute, nil)
	}
	for range g.between(4, 6) {
		p := g.facts.Places[g.rng.IntN(len(g.facts.Places))]
		to, err := g.place(p.Name, position(p.At), 40)
		if err != nil {
			return fmt.Errorf("visit: %w", err)
		}
		g.errand(g.take(anybody), to, g.start(), "recreation", nil)
	}
	return nil
}

// start draws when an errand begins: between the owners' rounds.
func (g *generator) start() int32 {
	if g.chance(35) {
		return clock(13, 0) + int32(g.between(0, 10)*5)*minute
	}
	return clock(9, 30) + int32(g.between(0, 20)*5)*minute
}
