package dispatch

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/swmaas/swmaas/routing/geo"
	"github.com/swmaas/swmaas/vehicles"
)

// FacilitySheet is what one facility needs of a day: its own users' rides, and when its vehicles are out. Of riders who are
// not its users, aboard its own vehicles too, it says nothing.
type FacilitySheet struct {
	Facility vehicles.Facility
	To       []FacilityRide // bring users to the facility (迎え), by arrival
	From     []FacilityRide // take users home from it (送り), by pickup
	Other    []FacilityRide // its users' rides elsewhere, as its users, by pickup
	Lent     []LentVehicle  // by vehicle and time
}

// FacilityRide is one ride of a facility's user. Times are planned, or reported once they have happened, and 0 where no
// vehicle is chosen.
type FacilityRide struct {
	Ride           *Ride
	Rider          *Rider // as the facility may see them
	From, To       PaperPlace
	Vehicle        *vehicles.Vehicle // nil where none is chosen
	Driver         vehicles.DriverID
	Pickup, Arrive int32
	Wants          Wants
}

// LentVehicle is one shift of a facility's vehicle.
type LentVehicle struct {
	Shift   vehicles.Shift
	Vehicle *vehicles.Vehicle
	Out     int32 // leaves for its first pickup; 0 where nothing is planned
	Last    int32 // last dropoff; 0 likewise
	Halts   int
}

// nearFacility is how far in metres from a facility's place a stop may be that is at the facility.
const nearFacility = 80

// FacilitySheet is the sheet of one facility for somebody of the office or of that facility. Errors: ErrNotYours for anybody
// else, ErrNotFound for a facility that is not in the fleet.
func (p *Paper) FacilitySheet(id vehicles.FacilityID, v Viewer) (*FacilitySheet, error) {
	if v.Kind != OperatorViewer && (v.Kind != FacilityViewer || v.Facility != id) {
		return nil, fmt.Errorf("%w: the sheet of %s", ErrNotYours, id)
	}
	i := slices.IndexFunc(p.Fleet.Facilities, func(f vehicles.Facility) bool { return f.ID == id })
	if i < 0 {
		return nil, fmt.Errorf("%w: facility %s", ErrNotFound, id)
	}
	f := &FacilitySheet{Facility: p.Fleet.Facilities[i]}
	viewer := Viewer{Kind: FacilityViewer, Facility: id} // the sheet hangs on a wall there, whoever prints it
	at := func(place geo.LatLng) bool { return geo.Distance(place, f.Facility.At) <= nearFacility }
	for _, r := range p.State.Rides {
		rider := p.view(r.Rider, viewer)
		to, from := at(r.Dropoff.At), at(r.Pickup.At)
		if rider == nil || !p.drivenOrOpen(r) || r.Terms.Facility != id && !to && !from {
			continue
		}
		row := p.facilityRide(r, rider)
		switch {
		case to:
			f.To = append(f.To, row)
		case from:
			f.From = append(f.From, row)
		default:
			f.Other = append(f.Other, row)
		}
	}
	slices.SortFunc(f.To, func(a, b FacilityRide) int { return cmp.Or(cmp.Compare(a.Arrive, b.Arrive), a.compare(&b)) })
	slices.SortFunc(f.From, func(a, b FacilityRide) int { return a.compare(&b) })
	slices.SortFunc(f.Other, func(a, b FacilityRide) int { return a.compare(&b) })
	f.Lent = p.lent(id)
	return f, nil
}

// drivenOrOpen reports whether a ride takes place on the day, or did.
func (p *Paper) drivenOrOpen(r *Ride) bool {
	return r.Open() || r.State == Completed || r.State == NoShow
}

func (r *FacilityRide) compare(o *FacilityRide) int {
	return cmp.Or(cmp.Compare(r.Pickup, o.Pickup), cmp.Compare(r.Ride.ID, o.Ride.ID))
}

// facilityRide finds the vehicle of a ride and when it comes. A will-call that nobody has called for has none yet.
func (p *Paper) facilityRide(r *Ride, rider *Rider) FacilityRide {
	row := FacilityRide{Ride: r, Rider: rider, From: p.place(r.Pickup, rider), To: p.place(r.Dropoff, rider), Wants: wants(r, rider)}
	if r.Latent() {
		return row
	}
	for i := range p.shifts {
		for k := range p.shifts[i].parts {
			route := p.State.Routes[p.shifts[i].parts[k].ID]
			if route == nil {
				continue
			}
			for _, s := range route.Stops {
				switch {
				case s.Ride != r.ID:
				case s.Kind == PickupStop:
					row.Vehicle, row.Driver, row.Pickup = p.vehicle(p.shifts[i].shift.Vehicle), p.shifts[i].shift.Driver, s.Begin
				default:
					row.Arrive = s.Arrive
				}
			}
		}
	}
	return row
}

// lent lists the shifts of a facility's vehicles.
func (p *Paper) lent(id vehicles.FacilityID) []LentVehicle {
	var list []LentVehicle
	for i := range p.shifts {
		s := &p.shifts[i]
		v := p.vehicle(s.shift.Vehicle)
		if v.Owner != id {
			continue
		}
		l := LentVehicle{Shift: s.shift, Vehicle: v}
		for k := range s.parts {
			route := p.State.Routes[s.parts[k].ID]
			if route == nil {
				continue
			}
			for _, stop := range route.Stops {
				if !p.shown(stop) {
					continue
				}
				if l.Halts == 0 {
					l.Out = stop.LeaveBy
				}
				l.Halts, l.Last = l.Halts+1, max(l.Last, stop.Depart)
			}
		}
		list = append(list, l)
	}
	return list
}
