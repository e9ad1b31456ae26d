package vehicles

import (
	"errors"
	"fmt"
	"strings"

	"github.com/swmaas/swmaas/routing/geo"
)

// Ids are opaque, stable within an area and never personal: a driver is "D-012", not a name.
type (
	FacilityID string
	VehicleID  string
	DriverID   string
	ShiftID    string
	// CellID is an H3 cell index. Only vehicles/cells knows how to make or read one.
	CellID uint64
)

// Facility is an organisation that lends vehicles or staff: a day-service centre, a hospital, the council itself.
type Facility struct {
	ID   FacilityID
	Name string
	At   geo.LatLng // where its vehicles stand
	// Phone is the number of its desk in E.164 form, empty where none is recorded.
	Phone string
	// Office says that the area is dispatched from here: its number is the one that drivers ring. At most one of a fleet.
	Office bool
}

// Vehicle is one car or van.
type Vehicle struct {
	ID        VehicleID
	Name      string // what is painted or said, such as "ひまわり 2号"
	Owner     FacilityID
	Home      geo.LatLng // parking place, start and end of its shifts unless a shift says otherwise
	Cabin     Cabin      // at least one layout
	Equipment Equipment
	Dwell     Dwell
	WidthCM   int  // overall width in centimetres, 0 where unknown
	Welfare   bool // a 福祉自動車 (lift, slope or rotating seat), which decides what the driver must hold
}

// Dwell is the extra time in seconds that this vehicle needs at a stop on top of the rider's own boarding time.
type Dwell struct {
	PerStop       int // once for every stop (doors, step)
	PerWheelchair int // for every wheelchair boarded or alighted (lift cycle, straps)
}

// DriverClass tells whose staff a driver is, which decides qualification and records.
type DriverClass uint8

// The three classes of the service, from the first day on.
const (
	Employee   DriverClass = iota + 1 // staff of a facility
	Volunteer                         // resident who drives for the council
	Contractor                        // taxi operator under contract
)

// Licence is the driving licence class held.
type Licence uint8

// Licence classes: ordinary first class (第一種) and passenger second class (第二種).
const (
	FirstClass Licence = iota + 1
	SecondClass
)

// Driver is a person who may drive, named by number only.
type Driver struct {
	ID       DriverID
	Facility FacilityID
	Class    DriverClass
	Licence  Licence
	Courses  []string // completed courses by code, such as "FUKUSHI_YUSHO", "SEDAN"
	// Phone is where the office reaches the driver, in E.164 form; empty where none is recorded. It is personal: stored sealed, and
	// shown to those who dispatch and to the driver's facility alone.
	Phone string
}

// Fleet is everything of one area that can be put on the road.
type Fleet struct {
	Facilities []Facility
	Vehicles   []Vehicle
	Drivers    []Driver
}

// Validate reports everything that is wrong with the fleet: an empty or repeated id, a place off the globe, a vehicle without
// a cabin layout or with a negative one, an owner or a facility that is not in it.
func (f Fleet) Validate() error {
	var problems []error
	wrong := func(format string, args ...any) {
		problems = append(problems, fmt.Errorf("vehicles: "+format, args...))
	}
	facilities, offices := make(map[FacilityID]bool, len(f.Facilities)), 0
	for _, x := range f.Facilities {
		if !phone(x.Phone) {
			wrong("facility %q: the telephone number is not in the form +81765541234", x.ID)
		}
		if x.Office {
			offices++
		}
		if x.ID == "" || facilities[x.ID] {
			wrong("facility %q: id is empty or repeated", x.ID)
		}
		if !x.At.Valid() {
			wrong("facility %q: place %v is out of range", x.ID, x.At)
		}
		facilities[x.ID] = true
	}
	if offices > 1 {
		wrong("%d facilities are the office, one can be", offices)
	}
	seen := make(map[VehicleID]bool, len(f.Vehicles))
	for _, x := range f.Vehicles {
		if x.ID == "" || seen[x.ID] {
			wrong("vehicle %q: id is empty or repeated", x.ID)
		}
		if !facilities[x.Owner] {
			wrong("vehicle %q: owner %q is not a facility", x.ID, x.Owner)
		}
		seen[x.ID] = true
		if err := x.Validate(); err != nil {
			problems = append(problems, err)
		}
	}
	drivers := make(map[DriverID]bool, len(f.Drivers))
	for _, x := range f.Drivers {
		if x.ID == "" || drivers[x.ID] {
			wrong("driver %q: id is empty or repeated", x.ID)
		}
		if !facilities[x.Facility] {
			wrong("driver %q: facility %q is not known", x.ID, x.Facility)
		}
		if !phone(x.Phone) {
			wrong("driver %q: the telephone number is not in the form +81765541234", x.ID)
		}
		drivers[x.ID] = true
	}
	return errors.Join(problems...)
}

// phone reports whether the text is empty or looks like a number in E.164 form.
func phone(text string) bool {
	return text == "" || len(text) >= len("+1234567") && len(text) <= len("+123456789012345") && text[0] == '+' && strings.Trim(text[1:], "0123456789") == ""
}

// OfficeOf is the facility from which the fleet is dispatched, or nil where none is recorded.
func (f *Fleet) OfficeOf() *Facility {
	for i := range f.Facilities {
		if f.Facilities[i].Office {
			return &f.Facilities[i]
		}
	}
	return nil
}

// Validate reports the first thing that makes the vehicle unusable by itself; its owner is not looked up.
func (v Vehicle) Validate() error {
	if !v.Home.Valid() {
		return fmt.Errorf("vehicles: vehicle %q: home %v is out of range", v.ID, v.Home)
	}
	if len(v.Cabin) == 0 {
		return fmt.Errorf("vehicles: vehicle %q: no cabin layout", v.ID)
	}
	for _, l := range v.Cabin {
		if l.Seats < 0 || l.Wheelchairs < 0 || l.Stretchers < 0 || l.IsZero() {
			return fmt.Errorf("vehicles: vehicle %q: cabin layout %v carries nobody", v.ID, l)
		}
	}
	if v.Dwell.PerStop < 0 || v.Dwell.PerWheelchair < 0 || v.WidthCM < 0 {
		return fmt.Errorf("vehicles: vehicle %q: a dwell time or the width is negative", v.ID)
	}
	return nil
}
