package vehicles

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

// SafetyCheck is one 点呼: what was found about the driver and the vehicle before the first departure of a duty, or after the last
// return. It holds what the rules on record ask for (安全運転管理者 and 福祉有償運送 alike).
type SafetyCheck struct {
	After     bool       // after the duty; before it otherwise
	At        time.Time  // by the clock of the device on which it was taken down
	Checker   string     // number of who checked, never a name
	CheckerOf FacilityID // whose staff the checker is, since a lent vehicle may be checked by either side
	Method    CheckMethod
	// Detector is the number of the alcohol detector that was used, empty where none was. Alcohol is its finding and Reading its
	// figure in micrograms a litre of breath, 150 for 0.15 mg/l.
	Detector string
	Alcohol  bool
	Reading  int32
	Unwell   []Ailment       // what speaks against driving; empty for nothing
	Looked   []InspectedPart // what was looked at on the vehicle
	Defects  []InspectedPart // of those, what is not in order
	Odometer int32           // km
}

// CheckMethod is how the checker met the driver. Values are stored.
type CheckMethod string

// The ways to check. A check over video counts as face to face where the authority agrees; by telephone the driver reads the
// detector out.
const (
	FaceToFace  CheckMethod = "FACE_TO_FACE"
	ByTelephone CheckMethod = "PHONE"
	ByVideo     CheckMethod = "VIDEO"
)

// Ailment is what may keep a driver from driving. Values are stored, sealed.
type Ailment string

// The ailments that are asked for.
const (
	Ill       Ailment = "ILL"
	Tired     Ailment = "TIRED"
	Sleepless Ailment = "SLEEPLESS"
	Medicated Ailment = "MEDICATED"
)

// InspectedPart is a part of the daily inspection. Values are stored.
type InspectedPart string

// The daily inspection (日常点検) of a vehicle that carries people who need help.
const (
	Brakes      InspectedPart = "BRAKES"
	Tyres       InspectedPart = "TYRES"
	Lights      InspectedPart = "LIGHTS"
	Engine      InspectedPart = "ENGINE" // oil, coolant, noises
	Wipers      InspectedPart = "WIPERS"
	Mirrors     InspectedPart = "MIRRORS"
	Belts       InspectedPart = "BELTS" // and wheelchair straps
	LiftOrRamp  InspectedPart = "LIFT"  // and its stop switch, or the ramp and its hooks
	Doors       InspectedPart = "DOORS"
	Emergency   InspectedPart = "EMERGENCY" // fire extinguisher, warning triangle, first aid
	Cleanliness InspectedPart = "CLEANLINESS"
)

// InspectedParts lists the whole daily inspection.
func InspectedParts() []InspectedPart {
	return []InspectedPart{Brakes, Tyres, Lights, Engine, Wipers, Mirrors, Belts, LiftOrRamp, Doors, Emergency, Cleanliness}
}

// grounds reports whether a vehicle with this defect stays where it is. With any other it may be driven, and is to be seen to.
func (p InspectedPart) grounds() bool { return p != Cleanliness && p != Emergency }

// CheckFault is why a check was not passed. Values are stored and part of the contract.
type CheckFault string

// Why nobody may leave.
const (
	AlcoholFound  CheckFault = "ALCOHOL"
	NoDetector    CheckFault = "NO_DETECTOR"
	NotFit        CheckFault = "NOT_FIT" // the driver is unwell
	CheckedBySelf CheckFault = "CHECKED_BY_SELF"
	NotInspected  CheckFault = "NOT_INSPECTED" // a part of the vehicle was not looked at
	VehicleDefect CheckFault = "VEHICLE_DEFECT"
	OdometerBack  CheckFault = "ODOMETER_BACK" // it shows less than before the duty
)

// Faults lists what keeps the driver from driving, and after a duty what has to be answered for; it is empty for a check that was
// passed. before is the odometer of the check before the duty, 0 where there is none.
func (c *SafetyCheck) Faults(driver DriverID, before int32) (faults []CheckFault) {
	add := func(fails bool, f CheckFault) {
		if fails {
			faults = append(faults, f)
		}
	}
	add(c.Alcohol || c.Reading > 0, AlcoholFound)
	add(c.Detector == "", NoDetector)
	add(!c.After && len(c.Unwell) > 0, NotFit)
	add(c.Checker == string(driver), CheckedBySelf)
	missing := func(p InspectedPart) bool { return !slices.Contains(c.Looked, p) }
	add(!c.After && slices.ContainsFunc(InspectedParts(), missing), NotInspected)
	add(!c.After && slices.ContainsFunc(c.Defects, InspectedPart.grounds), VehicleDefect)
	add(c.Odometer < before, OdometerBack)
	return faults
}

// Validate reports everything about the report that cannot be: it is no statement about whether the check was passed.
func (c *SafetyCheck) Validate() error {
	var errs []error
	wrong := func(fails bool, format string, args ...any) {
		if fails {
			errs = append(errs, fmt.Errorf("vehicles: safety check: "+format, args...))
		}
	}
	wrong(c.At.IsZero(), "no time")
	wrong(c.Checker == "", "no checker")
	wrong(c.Method != FaceToFace && c.Method != ByTelephone && c.Method != ByVideo, "method %q is none of FACE_TO_FACE, PHONE, VIDEO", c.Method)
	wrong(c.Odometer <= 0 || c.Odometer > 9_999_999, "odometer of %d km", c.Odometer)
	wrong(c.Reading < 0 || c.Reading > 5000, "reading of %d micrograms a litre", c.Reading)
	for _, p := range slices.Concat(c.Looked, c.Defects) {
		wrong(!slices.Contains(InspectedParts(), p), "%q is no part of the inspection", p)
	}
	for _, p := range c.Defects {
		wrong(!slices.Contains(c.Looked, p), "%q is not in order and was not looked at", p)
	}
	for _, a := range c.Unwell {
		wrong(!slices.Contains([]Ailment{Ill, Tired, Sleepless, Medicated}, a), "%q is no ailment that is asked for", a)
	}
	return errors.Join(errs...)
}
