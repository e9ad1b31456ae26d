package dispatch

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/swmaas/swmaas/routing/geo"
	"github.com/swmaas/swmaas/vehicles"
)

// Paper is a day at one revision, from which every sheet of it is printed: one of each driver, one of each facility, one of
// the office. Sheets of one Paper agree with each other. It needs no roads, so that it can be made when little else works.
//
// What it knows of riders leaves it only as a View, that of the sheet's reader. It is not changed by any method and safe
// for concurrent use.
type Paper struct {
	State *State    // at the revision that the sheets name
	Read  time.Time // when it was read
	Fleet vehicles.Fleet
	// Problems are what the calendar found in the way of the day's shifts.
	Problems []vehicles.Problem

	second  int32                             // of the day, when it was read
	changes map[vehicles.ShiftID][]StopChange // since what the driver knows; none where nothing was published
	shifts  []paperShift                      // by vehicle and time
	riders  map[RiderID]*Rider                // those of the day's rides, as far as they are registered
	places  map[geo.LatLng]*KnownPlace
}

// paperShift is a shift as its owner sees it with the gap-free parts that the plan works with.
type paperShift struct {
	shift vehicles.Shift
	parts []vehicles.Shift
}

// PaperBooks are where the names on sheets come from.
type PaperBooks struct {
	Riders *Register    // nil: riders go by their numbers
	Places []KnownPlace // the area's gazetteer; nil: places go by the names that rides have for them
}

// Paper reads a day as it is stored now. Errors: ErrInvalid for a day that is none, or the stores'.
func (d *Desk) Paper(ctx context.Context, area AreaID, day Day, books PaperBooks) (*Paper, error) {
	now := d.now()
	second, err := d.Second(day, now)
	if err != nil {
		return nil, err
	}
	fail := func(err error) (*Paper, error) {
		return nil, fmt.Errorf("dispatch: sheets of %s %s: %w", area, day, err)
	}
	calendar, shifts, problems, err := d.roster(ctx, AreaDay{area, day})
	if err != nil {
		return fail(err)
	}
	state, err := d.plans.Load(ctx, area, day)
	if err != nil {
		return fail(err)
	}
	p := newPaper(state, calendar.Fleet, shifts, d.cfg.Rules.MinShift)
	p.Read, p.second, p.Problems = now.In(d.cfg.Zone), second, problems
	p.changes = (&areaDay{desk: d, state: state}).unknown()
	for i := range books.Places {
		p.places[books.Places[i].Place().At], p.places[books.Places[i].Entrance] = &books.Places[i], &books.Places[i]
	}
	if books.Riders != nil {
		if p.riders, err = books.Riders.Several(ctx, area, p.whoRides()); err != nil {
			return fail(err)
		}
	}
	return p, nil
}

// Paper is the planned day for printing. Riders go by the numbers of their requests.
func (p *BatchPlan) Paper(b *Batch) *Paper {
	return newPaper(p.State, b.Fleet, b.Shifts, Config{Rules: b.Rules}.withDefaults().Rules.MinShift)
}

func newPaper(state *State, fleet vehicles.Fleet, shifts []vehicles.Shift, minShift int32) *Paper {
	p := &Paper{State: state, Fleet: fleet, places: map[geo.LatLng]*KnownPlace{}}
	for _, s := range slices.SortedFunc(slices.Values(shifts), shiftOrder) {
		p.shifts = append(p.shifts, paperShift{s, s.Split(minShift)})
	}
	return p
}

// unknown is how the plan differs from what drivers know, by the shifts of routes: from the manifest that they acknowledged last, or, where
// they have acknowledged none, from the one that they were given. A sheet on paper stays what it is when a newer manifest is published,
// so that what matters is what its driver has said to have seen.
func (a *areaDay) unknown() map[vehicles.ShiftID][]StopChange {
	changes := map[vehicles.ShiftID][]StopChange{}
	for id, route := range a.state.Routes {
		if _, had := a.state.receipt(id); had != nil {
			changes[id] = a.compare(route, had.Stops, a.snapshotOf(route, nil), nil)
		} else if _, was := a.state.published(id); was != nil {
			changes[id] = a.changesSince(route, was, nil)
		}
	}
	return changes
}

// whoRides lists the riders of the day's rides and of what has to be told, each once, by id.
func (p *Paper) whoRides() []RiderID {
	var ids []RiderID
	for _, r := range p.State.Rides {
		if r.Rider != "" && (p.drivenOrOpen(r) || r.State == Offered || r.waits()) {
			ids = append(ids, r.Rider)
		}
	}
	notesOf(p.State, func(_ *Note, t *Tell) { ids = append(ids, t.Rider) })
	slices.Sort(ids)
	return slices.Compact(ids)
}

// view is a rider as the reader of a sheet may see them; nil for somebody who is not registered or none of the reader's
// business.
func (p *Paper) view(id RiderID, v Viewer) *Rider {
	r := p.riders[id]
	if r == nil {
		return nil
	}
	v.Day = vehicles.Date(p.State.Day)
	seen, may := r.View(v)
	if !may {
		return nil
	}
	return seen
}

// PaperPlace is a place as a sheet names it.
type PaperPlace struct {
	Label    string
	Kana     string // reading of the label, empty where it is not known
	Address  string
	Notes    string     // of the way to the door
	Entrance geo.LatLng // the door; the zero place where it is not known
}

// place describes the end of a ride for a reader who sees so much of the rider.
func (p *Paper) place(at Place, rider *Rider) PaperPlace {
	out := PaperPlace{Label: at.Label, Entrance: at.At}
	if known := p.places[at.At]; known != nil {
		out.fill(&known.SavedPlace)
		out.Kana = known.Kana
	}
	if rider != nil {
		for _, own := range append([]SavedPlace{rider.Home}, rider.Places...) {
			if own.Label != "" && (own.Place().At == at.At || own.Entrance == at.At) {
				out.fill(&own)
				break
			}
		}
	}
	if known := p.places[at.At]; known != nil && out.Label != known.Label {
		out.Kana = ""
	}
	return out
}

// fill takes over what is recorded of the place and was not known yet, and where its door is.
func (p *PaperPlace) fill(saved *SavedPlace) {
	p.Label, p.Address = cmp.Or(p.Label, saved.Label), cmp.Or(p.Address, saved.Address)
	if saved.Notes != "" {
		p.Notes = saved.Notes
	}
	p.Entrance = saved.Entrance
}

// base is where a shift begins or ends: a facility by its name, or a place of the gazetteer.
func (p *Paper) base(at geo.LatLng) PaperPlace {
	for i := range p.Fleet.Facilities {
		if f := &p.Fleet.Facilities[i]; f.At == at {
			return PaperPlace{Label: f.Name, Entrance: at}
		}
	}
	return p.place(Place{At: at}, nil)
}

// Riders lists whose data are on the sheets: those of the day's rides and of what has to be told, as far as they are
// registered, by id.
func (p *Paper) Riders() []RiderID { return slices.Sorted(maps.Keys(p.riders)) }

// vehicle is a vehicle of the fleet; one that is not in it any more has only its id.
func (p *Paper) vehicle(id vehicles.VehicleID) *vehicles.Vehicle {
	for i := range p.Fleet.Vehicles {
		if p.Fleet.Vehicles[i].ID == id {
			return &p.Fleet.Vehicles[i]
		}
	}
	return &vehicles.Vehicle{ID: id}
}

// shown reports whether a stop stands on sheets: not one that is kept for somebody who has not said yes, or not called yet.
func (p *Paper) shown(s Stop) bool {
	r := p.State.Rides[s.Ride]
	return r != nil && r.shown()
}
