package vehicles

import (
	"slices"
	"strings"
	"testing"
	"time"
)

func passedCheck() SafetyCheck {
	return SafetyCheck{
		At: time.Date(2026, 1, 20, 7, 40, 0, 0, time.UTC), Checker: "M-1", CheckerOf: "F-1", Method: FaceToFace, Detector: "A-7",
		Looked: InspectedParts(), Odometer: 41_200,
	}
}

func TestACheckIsPassedOrSaysWhyNot(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*SafetyCheck)
		before int32
		want   []CheckFault
	}{
		"everything in order":                  {func(*SafetyCheck) {}, 0, nil},
		"alcohol that the detector found":      {func(c *SafetyCheck) { c.Alcohol = true }, 0, []CheckFault{AlcoholFound}},
		"a reading above nothing":              {func(c *SafetyCheck) { c.Reading = 10 }, 0, []CheckFault{AlcoholFound}},
		"no detector":                          {func(c *SafetyCheck) { c.Detector = "" }, 0, []CheckFault{NoDetector}},
		"a driver who is tired":                {func(c *SafetyCheck) { c.Unwell = []Ailment{Tired} }, 0, []CheckFault{NotFit}},
		"a driver who is tired after the duty": {func(c *SafetyCheck) { c.After, c.Unwell, c.Looked = true, []Ailment{Tired}, nil }, 0, nil},
		"a driver who checks himself":          {func(c *SafetyCheck) { c.Checker = "D-1" }, 0, []CheckFault{CheckedBySelf}},
		"a lift that nobody looked at": {func(c *SafetyCheck) {
			c.Looked = slices.DeleteFunc(c.Looked, func(p InspectedPart) bool { return p == LiftOrRamp })
		}, 0, []CheckFault{NotInspected}},
		"brakes that do not hold":                {func(c *SafetyCheck) { c.Defects = []InspectedPart{Brakes} }, 0, []CheckFault{VehicleDefect}},
		"a vehicle that is dirty":                {func(c *SafetyCheck) { c.Defects = []InspectedPart{Cleanliness} }, 0, nil},
		"an odometer that went back on the duty": {func(c *SafetyCheck) { c.After = true }, 41_201, []CheckFault{OdometerBack}},
	} {
		check := passedCheck()
		c.change(&check)
		if got := check.Faults("D-1", c.before); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

func TestACheckThatCannotBeIsRefused(t *testing.T) {
	for want, change := range map[string]func(*SafetyCheck){
		"no time":                   func(c *SafetyCheck) { c.At = time.Time{} },
		"no checker":                func(c *SafetyCheck) { c.Checker = "" },
		"method":                    func(c *SafetyCheck) { c.Method = "LETTER" },
		"odometer of 0 km":          func(c *SafetyCheck) { c.Odometer = 0 },
		"reading of -1":             func(c *SafetyCheck) { c.Reading = -1 },
		"no part of the inspection": func(c *SafetyCheck) { c.Looked = append(c.Looked, "WINGS") },
		"was not looked at":         func(c *SafetyCheck) { c.Looked, c.Defects = nil, []InspectedPart{Brakes} },
		"no ailment that is asked":  func(c *SafetyCheck) { c.Unwell = []Ailment{"BORED"} },
	} {
		check := passedCheck()
		if err := check.Validate(); err != nil {
			t.Fatal(err)
		}
		change(&check)
		if err := check.Validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want it to say %q", err, want)
		}
	}
}
