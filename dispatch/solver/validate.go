package solver

import (
	"errors"
	"fmt"
)

// validate finds every fault of the collected specs that can be named before travel times are read.
func (b *Builder) validate() error {
	faults := append([]error(nil), b.faults...)
	problem := func(field, reason string) {
		faults = append(faults, &SpecError{"problem", 0, field, reason})
	}
	if b.travel == nil {
		problem("Travel", "missing")
		return errors.Join(faults...)
	}
	if b.classes < 1 || b.classes > 1<<10 {
		problem("Classes", fmt.Sprintf("%d is not in 1..1024", b.classes))
		return errors.Join(faults...)
	}
	if len(b.vehicles) == 0 {
		problem("Vehicles", "there is none")
	}
	if err := b.fairness.validate(); err != "" {
		problem("Fairness", err)
	}
	for i := range b.vehicles {
		v := checked{subject: "vehicle", index: i, places: b.travel.Len()}
		v.vehicle(&b.vehicles[i], b.classes, len(b.requests))
		faults = append(faults, v.faults...)
	}
	for i := range b.requests {
		faults = append(faults, b.checkRequest(i, len(b.requests))...)
	}
	faults = append(faults, b.checkOrders()...)
	faults = append(faults, b.checkBegun()...)
	return errors.Join(faults...)
}

// checkRequest validates request i among count requests.
func (b *Builder) checkRequest(i, count int) []error {
	return checkRequestSpec(&b.requests[i], i, count, len(b.vehicles), b.travel.Len())
}

func checkRequestSpec(s *RequestSpec, i, count, vehicles, places int) []error {
	c := checked{subject: "request", index: i, places: places}
	c.request(s, count, vehicles)
	return c.faults
}

// checked gathers the faults of one spec.
type checked struct {
	subject string
	index   int
	places  int
	faults  []error
}

func (c *checked) fault(field, format string, args ...any) {
	c.faults = append(c.faults, &SpecError{c.subject, c.index, field, fmt.Sprintf(format, args...)})
}

func (c *checked) place(field string, at Place) {
	if at < 0 || int(at) >= c.places {
		c.fault(field, "place %d is not in 0..%d", at, c.places-1)
	}
}

func (c *checked) window(field string, w TimeWindow) {
	switch {
	case w.Earliest < 0 || w.Latest > MaxTick || w.Latest < 0 || w.Earliest > MaxTick:
		c.fault(field, "[%d, %d] is outside [0, %d] ticks", w.Earliest, w.Latest, MaxTick)
	case w.Earliest > w.Latest:
		c.fault(field, "earliest %d is after latest %d", w.Earliest, w.Latest)
	}
}

func (c *checked) ticks(field string, v int32) {
	if v < 0 || v > MaxTick {
		c.fault(field, "%d is not in 0..%d ticks", v, MaxTick)
	}
}

func (c *checked) cost(field string, v int64) {
	if v < 0 || v > maxCost {
		c.fault(field, "%d is not in 0..%d", v, int64(maxCost))
	}
}

func (c *checked) vehicle(s *VehicleSpec, classes int32, requests int) {
	if s.Class < 0 || s.Class >= classes {
		c.fault("Class", "%d is not in 0..%d", s.Class, classes-1)
	}
	c.place("Start", s.Start)
	c.place("End", s.End)
	c.window("Window", s.Window)
	c.ticks("MaxDuration", s.MaxDuration)
	c.ticks("Freeze", s.Freeze)
	if s.UnderWay {
		c.ticks("Departed", s.Departed)
	}
	c.layouts(s.Layouts)
	c.cost("FixedCost", s.FixedCost)
	for _, d := range s.Dwell {
		c.ticks("Dwell", d)
	}
	if len(s.Breaks) > MaxBreaks {
		c.fault("Breaks", "%d are more than %d", len(s.Breaks), MaxBreaks)
	}
	for _, b := range s.Breaks {
		c.place("Breaks.Place", b.Place)
		c.window("Breaks.Window", b.Window)
		c.ticks("Breaks.Duration", b.Duration)
		if b.Duration == 0 {
			c.fault("Breaks.Duration", "0 is no break")
		}
	}
	if s.Fixed < 0 || s.Fixed > len(s.Order) {
		c.fault("Fixed", "%d is not in 0..%d", s.Fixed, len(s.Order))
	}
	for _, o := range s.Order {
		if o.Request < 0 || int(o.Request) >= requests {
			c.fault("Order", "request %d is not in 0..%d", o.Request, requests-1)
		}
	}
}

func (c *checked) layouts(layouts [][]int32) {
	if len(layouts) < 1 || len(layouts) > 64 {
		c.fault("Layouts", "%d layouts are not in 1..64", len(layouts))
	}
	for _, l := range layouts {
		c.loads("Layouts", l)
	}
}

func (c *checked) loads(field string, load []int32) {
	if len(load) > maxDims {
		c.fault(field, "%d dimensions are more than %d", len(load), maxDims)
	}
	for k, q := range load {
		if q < 0 || q > maxLoad {
			c.fault(field, "dimension %d holds %d, not 0..%d", k, q, maxLoad)
		}
	}
}

// maxDims and maxLoad bound load vectors so that sums over any route stay far inside an int32; maxCost does so for int64.
const (
	maxDims = 16
	maxLoad = 1 << 14
	maxCost = 1 << 46
)

func (c *checked) request(s *RequestSpec, requests, vehicles int) {
	c.place("Pickup", s.Pickup)
	c.place("Delivery", s.Delivery)
	c.requestTimes(s)
	c.loads("Load", s.Load)
	c.cost("UnservedCost", s.UnservedCost)
	c.cost("PreferredCost", s.PreferredCost)
	c.cost("LikedCost", s.LikedCost)
	c.cost("PreferredTimeCost", int64(s.PreferredTimeCost))
	c.cost("LateCost", int64(s.LateCost))
	c.cost("LongRideCost", int64(s.LongRideCost))
	if s.DwellClass < 0 || s.DwellClass > 255 {
		c.fault("DwellClass", "%d is not in 0..255", s.DwellClass)
	}
	if s.MaxRatio != 0 && (s.MaxRatio < 1000 || s.MaxRatio > 1000000) {
		c.fault("MaxRatio", "%d is not in 1000..1000000 thousandths", s.MaxRatio)
	}
	if s.Group < 0 || s.Group > 63 {
		c.fault("Group", "%d is not in 0..63", s.Group)
	}
	if s.Fairness < 0 || s.Fairness >= fairnessClasses {
		c.fault("Fairness", "%d is not in 0..%d", s.Fairness, fairnessClasses-1)
	}
	if s.Share < 0 {
		c.fault("Share", "%d is negative", s.Share)
	}
	if s.Gather < 0 {
		c.fault("Gather", "%d is negative", s.Gather)
	}
	named := func(field string, v Vehicle) {
		if v < 0 || int(v) >= vehicles {
			c.fault(field, "vehicle %d is not in 0..%d", v, vehicles-1)
		}
	}
	for _, v := range s.Allowed {
		named("Allowed", v)
	}
	for _, v := range s.Forbidden {
		named("Forbidden", v)
	}
	if s.PreferredCost > 0 {
		named("Preferred", s.Preferred)
	}
	for _, v := range s.Liked {
		named("Liked", v)
	}
	if s.Locked || s.OnBoard {
		named("LockVehicle", s.LockVehicle)
	}
	for _, o := range s.Incompatible {
		if o < 0 || int(o) >= requests || int(o) == c.index {
			c.fault("Incompatible", "request %d is not another one in 0..%d", o, requests-1)
		}
	}
}

func (c *checked) requestTimes(s *RequestSpec) {
	c.window("PickupWindow", s.PickupWindow)
	c.window("DeliveryWindow", s.DeliveryWindow)
	if s.Promised != (TimeWindow{}) {
		c.window("Promised", s.Promised)
	}
	c.ticks("PickupService", s.PickupService)
	c.ticks("DeliveryService", s.DeliveryService)
	c.ticks("MaxRide", s.MaxRide)
	c.ticks("MaxDetour", s.MaxDetour)
	c.ticks("MaxWait", s.MaxWait)
	if s.PreferredTimeCost > 0 {
		c.ticks("PreferredTime", s.PreferredTime)
	}
	c.ticks("DueTime", s.DueTime)
	c.ticks("EasyRide", s.EasyRide)
	if s.OnBoard {
		c.ticks("Boarded", s.Boarded)
		return
	}
	if len(c.faults) == 0 && s.PickupWindow.Earliest > s.DeliveryWindow.Latest {
		c.fault("DeliveryWindow", "closes at %d, before the pickup window opens at %d", s.DeliveryWindow.Latest, s.PickupWindow.Earliest)
	}
	if w, _ := effectiveWindows(s); w.Earliest > w.Latest && len(c.faults) == 0 {
		c.fault("Promised", "[%d, %d] does not meet the pickup window [%d, %d] and its wait limit",
			s.Promised.Earliest, s.Promised.Latest, s.PickupWindow.Earliest, s.PickupWindow.Latest)
	}
}
