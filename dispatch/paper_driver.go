package dispatch

import (
	"cmp"
	"slices"

	"github.com/swmaas/swmaas/routing/geo"
	"github.com/swmaas/swmaas/vehicles"
)

// Duty is one shift of a driver as a sheet shows it: everything that is to be done, in order.
type Duty struct {
	Shift    vehicles.Shift // own rounds and breaks in it; Span.End is when the vehicle must be back
	Vehicle  *vehicles.Vehicle
	From, To PaperPlace
	Version  int64 // rises whenever the list changes
	Entries  []DutyEntry
	Changes  []DutyChange // since the driver was given the manifest, in the order of the route, stops taken out last
}

// DutyChange is how one stop differs from what its driver was given.
type DutyChange struct {
	StopChange
	Ride  *Ride
	Rider *Rider // as the reader may see them
}

// DutyEntry is a halt, or a time that is not the plan's: an own round of the owner, or a break.
type DutyEntry struct {
	Kind    DutyKind
	Span    vehicles.Span // of a halt from the arrival to the departure, planned or reported
	LeaveBy int32         // when to leave the place before; of a halt, 0 where the vehicle waits there already
	Place   PaperPlace    // of a halt
	Calls   []DutyCall    // who boards or alights at a halt
	Changed bool          // since the driver was given the manifest
}

// DutyKind tells what an entry of a duty is.
type DutyKind uint8

// The kinds of entries.
const (
	DutyHalt  DutyKind = iota + 1
	DutyOwn            // the owner's own round: the vehicle is not the plan's
	DutyBreak          // a rest of the driver
)

// DutyCall is one ride's boarding or alighting.
type DutyCall struct {
	Stop  Stop
	Ride  *Ride
	Rider *Rider // as the reader may see them, nil where nothing is known
	Wants Wants
}

// Wants are the needs and special requests of a ride in one list: what was booked, and what the register says by now.
type Wants struct {
	Party Party  // as booked
	Care  []Care // of the booking and of the register, as a driver is told them
	Note  string // words for the driver
	// Escorted says that the rider must not ride alone, and the booking names no attendant.
	Unescorted bool
	// New and NewLoad are what the register has and the booking lacks: the vehicle was not chosen for it, so that somebody has
	// to look.
	New     vehicles.Equipment
	NewLoad vehicles.Load
}

// Alarm reports whether somebody has to look at the ride before it is driven.
func (w *Wants) Alarm() bool { return w.New != 0 || !w.NewLoad.IsZero() || w.Unescorted }

// wants puts together what is asked for a ride. rider may be nil.
func wants(r *Ride, rider *Rider) Wants {
	w := Wants{Party: r.Party, Care: r.Party.Care}
	if rider == nil {
		return w
	}
	w.Care = careForDriver(append(slices.Clone(r.Party.Care), rider.Care...))
	w.Note, w.Unescorted = rider.DriverNote, rider.Escorted && r.Party.Attendants == 0
	w.New = rider.Equipment &^ r.Party.Needs
	w.NewLoad = vehicles.Load{
		Wheelchairs: max(0, rider.Load.Wheelchairs-r.Party.Load.Wheelchairs),
		Stretchers:  max(0, rider.Load.Stretchers-r.Party.Load.Stretchers),
	}
	return w
}

// Drivers lists who has a shift on the day, by id.
func (p *Paper) Drivers() []vehicles.DriverID {
	var ids []vehicles.DriverID
	for i := range p.shifts {
		ids = append(ids, p.shifts[i].shift.Driver)
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// reader shows the rider of a stop to the reader of a sheet, as far as they may see them; nil where they may not.
type reader func(r *Ride, kind StopKind) *Rider

// DriverSheet is everything that a driver does on the day, a shift after the other, with the riders as a driver sees them. It is
// empty for somebody without a shift.
func (p *Paper) DriverSheet(driver vehicles.DriverID) []Duty {
	trips := map[RiderID][]geo.LatLng{}
	for i := range p.shifts {
		if s := &p.shifts[i]; s.shift.Driver == driver {
			p.driven(s, trips)
		}
	}
	return p.duties(func(s *vehicles.Shift) bool { return s.Driver == driver }, func(r *Ride, kind StopKind) *Rider {
		v := Viewer{Kind: DriverViewer, Stops: trips[r.Rider]}
		if kind == PickupStop {
			v.Fetches = []geo.LatLng{r.Pickup.At}
		}
		return p.view(r.Rider, v)
	})
}

// driven adds where the driver of a shift takes every rider.
func (p *Paper) driven(s *paperShift, trips map[RiderID][]geo.LatLng) {
	for i := range s.parts {
		route := p.State.Routes[s.parts[i].ID]
		if route == nil {
			continue
		}
		for _, stop := range route.Stops {
			if p.shown(stop) {
				ride := p.State.Rides[stop.Ride]
				trips[ride.Rider] = append(trips[ride.Rider], place(ride, stop.Kind))
			}
		}
	}
}

// duties lists the duties of some shifts in order of time.
func (p *Paper) duties(of func(*vehicles.Shift) bool, see reader) []Duty {
	var list []Duty
	for i := range p.shifts {
		if of(&p.shifts[i].shift) {
			list = append(list, p.duty(&p.shifts[i], see))
		}
	}
	slices.SortStableFunc(list, func(a, b Duty) int { return cmp.Compare(a.Shift.Span.Start, b.Shift.Span.Start) })
	return list
}

// duty is one shift: its parts with their halts, and the own rounds and breaks between them.
func (p *Paper) duty(s *paperShift, see reader) Duty {
	d := Duty{Shift: s.shift, Vehicle: p.vehicle(s.shift.Vehicle), From: p.base(s.shift.Start), To: p.base(s.shift.End)}
	type block struct {
		start   int32
		entries []DutyEntry
	}
	var blocks []block
	for _, r := range s.shift.OwnRounds {
		blocks = append(blocks, block{r.Start, []DutyEntry{{Kind: DutyOwn, Span: r}}})
	}
	for _, b := range s.shift.Breaks {
		span := vehicles.Span{Start: b.Window.Start, End: b.Window.Start + b.Seconds}
		blocks = append(blocks, block{span.Start, []DutyEntry{{Kind: DutyBreak, Span: span}}})
	}
	for i := range s.parts {
		if route := p.State.Routes[s.parts[i].ID]; route != nil {
			d.Version += route.Version
			halts := p.halts(route, see)
			d.Changes = append(d.Changes, p.changed(halts, p.changes[route.Shift], see)...)
			blocks = append(blocks, block{s.parts[i].Span.Start, halts})
		}
	}
	slices.SortStableFunc(blocks, func(a, b block) int { return cmp.Compare(a.start, b.start) })
	for _, b := range blocks {
		d.Entries = append(d.Entries, b.entries...)
	}
	return d
}

// changed marks the halts at which something has changed, and lists the changes.
func (p *Paper) changed(halts []DutyEntry, changes []StopChange, see reader) (list []DutyChange) {
	for _, c := range changes {
		for i := range halts {
			halts[i].Changed = halts[i].Changed || slices.ContainsFunc(halts[i].Calls, func(call DutyCall) bool { return call.Stop.StopID == c.StopID })
		}
		if ride := p.State.Rides[c.Ride]; ride != nil {
			list = append(list, DutyChange{c, ride, see(ride, c.StopID.Kind)})
		}
	}
	return list
}

// oneHalt is the longest wait in seconds between two stops at one place that are one halt.
const oneHalt = 5 * 60

// halts lists the halts of a route: stops at one place are one halt where there is hardly a wait between them.
func (p *Paper) halts(route *Route, see reader) []DutyEntry {
	var list []DutyEntry
	var last geo.LatLng
	for _, s := range route.Stops {
		if !p.shown(s) {
			continue
		}
		ride := p.State.Rides[s.Ride]
		rider := see(ride, s.Kind)
		named := ride.Pickup
		if s.Kind == DropoffStop {
			named = ride.Dropoff
		}
		at := p.place(named, rider)
		there := len(list) > 0 && named.At == last
		if !there || s.Begin-list[len(list)-1].Span.End > oneHalt {
			h := DutyEntry{Kind: DutyHalt, LeaveBy: s.LeaveBy, Span: vehicles.Span{Start: s.Arrive}, Place: at}
			if there { // the vehicle has waited where it stands
				h.LeaveBy, h.Span.Start = 0, s.Begin
			}
			list, last = append(list, h), named.At
		}
		h := &list[len(list)-1]
		h.Span.End, h.Place.Notes = s.Depart, cmp.Or(h.Place.Notes, at.Notes) // a couple's door may be described once
		h.Calls = append(h.Calls, DutyCall{s, ride, rider, wants(ride, rider)})
	}
	return list
}
