package vehicles

import "github.com/swmaas/swmaas/routing/geo"

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
}

// Fleet is everything of one area that can be put on the road.
type Fleet struct {
	Facilities []Facility
	Vehicles   []Vehicle
	Drivers    []Driver
}
