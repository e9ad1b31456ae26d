package dispatch

import (
	"cmp"
	"slices"

	"github.com/swmaas/swmaas/vehicles"
)

// OfficeSheet is everything of a day, for those who run it without a computer.
type OfficeSheet struct {
	Duties    []Duty // every shift with all that its driver does, by vehicle and time
	Idle      []*vehicles.Vehicle
	Rides     []OfficeRide // every ride that takes place, by pickup
	Unplanned []OfficeRide // booked, and no vehicle has them
	WillCalls []OfficeRide // nobody has called yet, by the beginning of the time in which they may
	Waiting   []OfficeRide // on the waitlist, or with a place held for them, by the beginning of the wish
	Stray     []*Route     // routes of a shift that the calendar no longer has
	People    []*Rider     // the riders of all of these, by kana
}

// OfficeRide is one ride as the office sees it: with everything.
type OfficeRide = FacilityRide

// OfficeSheet is the sheet of the office. Riders are seen as those see them who keep the register.
func (p *Paper) OfficeSheet() *OfficeSheet {
	see := func(r *Ride, _ StopKind) *Rider { return p.view(r.Rider, Viewer{Kind: OperatorViewer}) }
	o := &OfficeSheet{}
	on := map[vehicles.VehicleID]bool{}
	parts := map[vehicles.ShiftID]bool{}
	for i := range p.shifts {
		s := &p.shifts[i]
		o.Duties = append(o.Duties, p.duty(s, see))
		on[s.shift.Vehicle] = true
		for k := range s.parts {
			parts[s.parts[k].ID] = true
		}
	}
	for i := range p.Fleet.Vehicles {
		if v := &p.Fleet.Vehicles[i]; !on[v.ID] {
			o.Idle = append(o.Idle, v)
		}
	}
	for id, route := range p.State.Routes {
		if !parts[id] && slices.ContainsFunc(route.Stops, p.shown) {
			o.Stray = append(o.Stray, route)
		}
	}
	slices.SortFunc(o.Stray, func(a, b *Route) int { return cmp.Compare(a.Shift, b.Shift) })
	people := map[RiderID]*Rider{}
	for _, r := range p.State.Rides {
		if rider := see(r, PickupStop); o.take(p, r, rider) && rider != nil {
			people[r.Rider] = rider
		}
	}
	o.sort(people)
	return o
}

// take puts a ride where it belongs and reports whether it stands on the sheet.
func (o *OfficeSheet) take(p *Paper, r *Ride, rider *Rider) bool {
	row := p.facilityRide(r, rider)
	switch {
	case r.State == Offered || r.waits():
		o.Waiting = append(o.Waiting, row)
	case !p.drivenOrOpen(r):
		return false
	case r.Latent():
		o.WillCalls = append(o.WillCalls, row)
	case row.Vehicle == nil:
		o.Unplanned = append(o.Unplanned, row)
	default:
		o.Rides = append(o.Rides, row)
	}
	return true
}

func (o *OfficeSheet) sort(people map[RiderID]*Rider) {
	wished := func(a, b OfficeRide) int {
		return cmp.Or(cmp.Compare(a.Ride.Wish.Window.Earliest, b.Ride.Wish.Window.Earliest), cmp.Compare(a.Ride.ID, b.Ride.ID))
	}
	slices.SortFunc(o.Rides, func(a, b OfficeRide) int { return a.compare(&b) })
	slices.SortFunc(o.Unplanned, func(a, b OfficeRide) int {
		return cmp.Or(cmp.Compare(a.Ride.Promise.Pickup.Earliest, b.Ride.Promise.Pickup.Earliest), a.compare(&b))
	})
	slices.SortFunc(o.WillCalls, wished)
	slices.SortFunc(o.Waiting, wished)
	for _, r := range people {
		o.People = append(o.People, r)
	}
	slices.SortFunc(o.People, func(a, b *Rider) int { return cmp.Or(cmp.Compare(a.Kana, b.Kana), cmp.Compare(a.ID, b.ID)) })
}
