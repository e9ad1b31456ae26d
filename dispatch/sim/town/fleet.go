package town

import (
	"fmt"

	"github.com/swmaas/swmaas/vehicles"
)

// model is what vehicles of a kind have in common.
type model struct {
	name      string
	cabin     vehicles.Cabin
	equipment vehicles.Equipment
	dwell     vehicles.Dwell
	widthCM   int
	welfare   bool
}

func keiVan() model {
	return model{
		"軽福祉車",
		vehicles.Cabin{{Seats: 3}, {Seats: 1, Wheelchairs: 1}},
		vehicles.Ramp,
		vehicles.Dwell{PerStop: 20, PerWheelchair: 90},
		148, true,
	}
}

func tenSeater() model {
	return model{
		"リフト付きワゴン",
		vehicles.Cabin{{Seats: 9}, {Seats: 6, Wheelchairs: 1}, {Seats: 4, Wheelchairs: 2}},
		vehicles.Lift | vehicles.Step | vehicles.OxygenHolder,
		vehicles.Dwell{PerStop: 30, PerWheelchair: 120},
		188, true,
	}
}

func stretcherVan() model {
	return model{
		"寝台車兼用ワゴン",
		vehicles.Cabin{{Seats: 6}, {Seats: 3, Wheelchairs: 2}, {Seats: 2, Stretchers: 1}},
		vehicles.Lift | vehicles.OxygenHolder,
		vehicles.Dwell{PerStop: 30, PerWheelchair: 120},
		188, true,
	}
}

func minivan() model {
	return model{"ミニバン", vehicles.Cabin{{Seats: 6}}, vehicles.Step, vehicles.Dwell{PerStop: 20}, 170, false}
}

func sedan() model {
	return model{"セダン", vehicles.Cabin{{Seats: 4}}, 0, vehicles.Dwell{PerStop: 20}, 175, false}
}

func volunteerCar() model {
	return model{"ボランティア車", vehicles.Cabin{{Seats: 3}}, 0, vehicles.Dwell{PerStop: 20}, 168, false}
}

// owner is a kind of facility and what it lends.
type owner struct {
	name  string
	kind  ownerKind
	towns []string  // one facility near each
	lends [][]model // of the facility at the same place of towns
	// dispatches says that the town is dispatched from there.
	dispatches bool
}

type ownerKind uint8

const (
	dayService ownerKind = iota // its vans fetch and bring home its guests in the morning and the afternoon
	council                     // lends all day
	hospital                    // lends all day; one van has a stretcher
	volunteers                  // residents who drive for a part of the day
)

func owners() []owner {
	kei, ten := keiVan(), tenSeater()
	return []owner{
		{
			name: "デイサービスセンター", kind: dayService,
			towns: []string{"生地", "石田", "金屋", "三日市", "前沢", "荻生", "宇奈月町浦山", "阿弥陀堂"},
			lends: [][]model{{ten, kei}, {ten, kei}, {ten, ten, kei}, {ten, kei}, {ten, kei}, {ten, kei}, {ten, kei}, {kei}},
		},
		{name: "特別養護老人ホーム", kind: dayService, towns: []string{"田家新", "若栗", "宇奈月町下立"}, lends: [][]model{{ten, sedan()}, {ten}, {kei}}},
		{name: "社会福祉協議会", kind: council, towns: []string{"三日市"}, lends: [][]model{{ten, kei, kei, minivan()}}, dispatches: true},
		{name: "病院車両部", kind: hospital, towns: []string{"三日市"}, lends: [][]model{{stretcherVan(), kei}}},
		{name: "福祉輸送事業所", kind: council, towns: []string{"堀切", "宇奈月町浦山"}, lends: [][]model{{kei, kei, sedan()}, {kei, sedan()}}},
		{name: "住民ボランティア", kind: volunteers, towns: []string{"生地吉田", "田家新"}, lends: [][]model{{volunteerCar(), volunteerCar(), minivan()}, {volunteerCar(), volunteerCar(), minivan()}}},
	}
}

// mostExtra bounds the vans that a seed adds to the 37 vehicles that every day has.
const mostExtra = 3

// fleet makes facilities, vehicles, drivers and the shifts of the day.
func (g *generator) fleet() error {
	for again := range g.town.Times {
		if err := g.facilities(again); err != nil {
			return err
		}
	}
	return nil
}

// facilities makes those of the town, or as many again where residents live.
func (g *generator) facilities(again int) error {
	for _, o := range owners() {
		for i, town := range o.towns {
			name := fmt.Sprintf("%s%d号", o.name, again*len(o.towns)+i+1)
			if len(o.towns) == 1 && again == 0 {
				name = o.name
			}
			if again > 0 {
				town = g.residential()
			}
			p, err := g.near(name, town, 300)
			if err != nil {
				return err
			}
			f := vehicles.Facility{ID: vehicles.FacilityID(fmt.Sprintf("F-%02d", len(g.town.Fleet.Facilities)+1)), Name: name, At: p.At}
			f.Phone = fmt.Sprintf("+81900001%04d", len(g.town.Fleet.Facilities)+1) // as with riders, numbers that nobody has
			f.Office = o.dispatches && again == 0
			g.town.Fleet.Facilities = append(g.town.Fleet.Facilities, f)
			g.lend(f, o.kind, o.lends[i])
		}
	}
	return nil
}

// residential draws a town by the residents of its district.
func (g *generator) residential() string {
	for {
		d := g.pick(len(g.facts.Districts), func(k int) int { return g.facts.Districts[k].Residents })
		var names []string
		for _, t := range g.facts.Towns {
			if t.Name != gorge && g.district(position(t.At)) == d {
				names = append(names, t.Name)
			}
		}
		if len(names) > 0 {
			return names[g.rng.IntN(len(names))]
		}
	}
}

// lend adds the vehicles of a facility, each with a driver and a shift. Some seeds bring a further van.
func (g *generator) lend(f vehicles.Facility, kind ownerKind, models []model) {
	if kind == dayService && g.extra < mostExtra*g.town.Times && g.chance(12) {
		g.extra++
		models = append(models[:len(models):len(models)], keiVan())
	}
	for i, m := range models {
		n := len(g.town.Fleet.Vehicles) + 1
		v := vehicles.Vehicle{
			ID: vehicles.VehicleID(fmt.Sprintf("V-%02d", n)), Name: fmt.Sprintf("%s %s %d号車", f.Name, m.name, i+1), Owner: f.ID, Home: f.At,
			Cabin: m.cabin, Equipment: m.equipment, Dwell: m.dwell, WidthCM: m.widthCM, Welfare: m.welfare,
		}
		d := vehicles.Driver{
			ID: vehicles.DriverID(fmt.Sprintf("D-%02d", n)), Facility: f.ID, Class: vehicles.Employee, Licence: vehicles.FirstClass, Phone: fmt.Sprintf("+81900002%04d", n),
		}
		if m.welfare {
			d.Courses = []string{"FUKUSHI_YUSHO"}
		}
		if kind == volunteers {
			d.Class, d.Courses = vehicles.Volunteer, []string{"SEDAN"}
		}
		g.town.Fleet.Vehicles = append(g.town.Fleet.Vehicles, v)
		g.town.Fleet.Drivers = append(g.town.Fleet.Drivers, d)
		g.town.Shifts = append(g.town.Shifts, g.shift(v, d, kind, i))
	}
}

// shift draws the working day of a vehicle: spans and rounds begin on multiples of five minutes.
func (g *generator) shift(v vehicles.Vehicle, d vehicles.Driver, kind ownerKind, i int) vehicles.Shift {
	s := vehicles.Shift{
		ID: vehicles.ShiftID("S-" + string(v.ID)), Vehicle: v.ID, Driver: d.ID, Start: v.Home, End: v.Home,
		Span: vehicles.Span{Start: clock(8, 0), End: clock(17, 30)},
	}
	five := func(from, to int) int32 { return int32(g.between(from/5, to/5) * 5 * 60) }
	switch kind {
	case dayService:
		s.Span = vehicles.Span{Start: clock(8, 0), End: clock(17, 45)}
		if i < 2 || g.chance(50) {
			s.OwnRounds = []vehicles.Span{
				{Start: clock(8, 0), End: clock(9, 20) + five(0, 25)},
				{Start: clock(15, 20) + five(0, 25), End: clock(16, 45) + five(0, 25)},
			}
		}
	case council, hospital:
		s.Span.Start = clock(7, 30) + five(0, 30)
	case volunteers:
		switch i {
		case 0:
			s.Span = vehicles.Span{Start: clock(8, 0) + five(0, 30), End: clock(13, 0) + five(0, 30)}
		case 1:
			s.Span = vehicles.Span{Start: clock(11, 30) + five(0, 30), End: clock(17, 30)}
		}
	}
	if s.Span.Seconds() > 6*3600 {
		s.Breaks = []vehicles.Break{g.lunch()}
	}
	return s
}

// lunch is three quarters of an hour at a time drawn between 11:15 and 13:30, so that not all vehicles rest at once.
func (g *generator) lunch() vehicles.Break {
	start := clock(11, 15) + int32(g.between(0, 18)*5*60)
	return vehicles.Break{Window: vehicles.Span{Start: start, End: start}, Seconds: 45 * 60}
}

// clock is a time of day in service-day seconds.
func clock(hour, minute int) int32 { return int32(hour*3600 + minute*60) }
