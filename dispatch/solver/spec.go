package solver

// TimeWindow is the closed interval [Earliest, Latest] in ticks for the start of service at a node.
type TimeWindow struct{ Earliest, Latest int32 }

// Contains reports whether t lies in the window.
func (w TimeWindow) Contains(t int32) bool { return w.Earliest <= t && t <= w.Latest }

// Meet is the intersection of two windows; it is empty (Earliest > Latest) where they do not overlap.
func (w TimeWindow) Meet(o TimeWindow) TimeWindow {
	return TimeWindow{max(w.Earliest, o.Earliest), min(w.Latest, o.Latest)}
}

// Always is the window that allows any time.
func Always() TimeWindow { return TimeWindow{0, MaxTick} }

// BreakSpec is one rest or fixed duty of a vehicle. A vehicle that serves anybody takes all its breaks, in the order given.
type BreakSpec struct {
	// Place is where the break is taken.
	Place Place
	// Window is the interval for the start of the break, in ticks.
	Window TimeWindow
	// Duration of the break in ticks, > 0.
	Duration int32
	// Aboard allows passengers to sit in the vehicle meanwhile. Without it the vehicle is empty at the break.
	Aboard bool
}

// VehicleSpec describes one vehicle during one shift. A vehicle with two shifts a day is two specs.
type VehicleSpec struct {
	// Class selects the travel times and costs: 0 <= Class < the builder's number of classes.
	Class int32
	// Start and End are where the route begins and ends.
	Start, End Place
	// Window: the vehicle leaves Start no earlier than Earliest and is back at End no later than Latest. Hard.
	Window TimeWindow
	// MaxDuration bounds the time from leaving Start to reaching End, in ticks; 0 means no bound.
	MaxDuration int32
	// UnderWay says that the vehicle is at Start at Window.Earliest already and that its duration counts from Departed.
	UnderWay bool
	// Departed is the tick at which an under-way vehicle began its duration. Ignored otherwise.
	Departed int32
	// Layouts are the alternative cabins, each a capacity by dimension; a leg's load must fit at least one of them.
	// 1 to 64 layouts.
	Layouts [][]int32
	// FixedLayout forbids changing the layout while somebody is aboard.
	FixedLayout bool
	// Equipment is the set of things the vehicle and its driver offer, one bit each.
	Equipment uint64
	// Breaks are taken in this order by a vehicle that serves anybody. At most MaxBreaks.
	Breaks []BreakSpec
	// FixedCost is paid once if the vehicle serves anybody.
	FixedCost int64
	// Dwell[c] is added to the service time of every node of dwell class c, in ticks; absent entries mean 0.
	Dwell []int32
	// Freeze is the last-in rule, in ticks; 0 switches it off. See constraint_freeze.go.
	Freeze int32
	// Order is a sequence of visits that the route must keep in this relative order.
	Order []Visit
	// Fixed says how many visits of Order, from the first, form the beginning of the route, with nothing between them.
	Fixed int
}

// MaxBreaks is the largest number of breaks of one vehicle.
const MaxBreaks = 4

// Visit names the pickup or the delivery of a request before node numbers are known.
type Visit struct {
	Request  Request
	Delivery bool
}

// RequestSpec describes one party's trip.
type RequestSpec struct {
	// Pickup and Delivery are the two places.
	Pickup, Delivery Place
	// PickupWindow and DeliveryWindow bound the start of service, in ticks. Hard.
	PickupWindow, DeliveryWindow TimeWindow
	// Promised is a pickup window that has been promised to the rider and stays, whatever else changes. The zero value
	// means that nothing is promised.
	Promised TimeWindow
	// PickupService and DeliveryService are the boarding and alighting times in ticks, before vehicle additions.
	PickupService, DeliveryService int32
	// DwellClass selects the vehicles' service additions.
	DwellClass int32
	// Load by dimension, every entry >= 0; shorter vectors are filled with 0.
	Load []int32
	// MaxRide bounds the ride time (delivery start minus pickup end) in ticks; 0 means no bound.
	MaxRide int32
	// MaxRatio bounds the ride time by MaxRatio/1000 of the direct time; 0 means no bound, values below 1000 are refused.
	MaxRatio int32
	// MaxDetour bounds ride time minus direct time, in ticks; 0 means no bound, use 1 for "hardly any".
	MaxDetour int32
	// MaxWait bounds the pickup's start minus PickupWindow.Earliest, in ticks; 0 means no bound.
	MaxWait int32
	// Needs is the set of equipment bits that the vehicle must have.
	Needs uint64
	// Allowed, where not empty, are the only vehicles that may serve the request. Forbidden may not.
	Allowed, Forbidden []Vehicle
	// UnservedCost is what leaving the request out costs: its priority. 0 means the builder's default, which outweighs
	// any route.
	UnservedCost int64
	// Incompatible are requests that may not be aboard together with this one. Naming a pair once is enough.
	Incompatible []Request
	// Share is the must-share group, > 0, or 0 for none: served members of one group ride in the same vehicle.
	Share int32
	// Gather is the gather group, > 0, or 0 for none: the members of one group that ride in one vehicle are all aboard at some moment.
	Gather int32
	// Group is the legal group, 1 to 63, or 0 for none. Builder.Separate names pairs that may not be aboard together.
	Group int32
	// Fairness is the class, 0 to 15, in which crowding out is measured and paid for. See objective.go.
	Fairness int32
	// Preferred is the vehicle of the published plan, used only where PreferredCost > 0; another one costs PreferredCost.
	Preferred     Vehicle
	PreferredCost int64
	// Liked are the vehicles that the rider would like to ride in, used only where LikedCost > 0; any other one costs LikedCost.
	Liked     []Vehicle
	LikedCost int64
	// PreferredTime is the published start of the pickup, used only where PreferredTimeCost > 0; every tick away from it
	// costs PreferredTimeCost.
	PreferredTime     int32
	PreferredTimeCost int32
	// DueTime and EasyRide are soft limits, in ticks: every tick by which the delivery starts later costs LateCost, and every tick
	// of ride time beyond EasyRide costs LongRideCost. A cost of 0 switches the limit off. See soft.go.
	DueTime, LateCost      int32
	EasyRide, LongRideCost int32
	// Locked pins the request to Vehicle LockVehicle.
	Locked      bool
	LockVehicle Vehicle
	// OnBoard says that the rider sits in LockVehicle already, boarded (end of pickup service) at tick Boarded. Only the
	// delivery is left; Pickup is used for the direct time alone, and UnservedCost, Needs, Allowed and Forbidden not at all: the
	// rider is there and has to be delivered.
	OnBoard bool
	Boarded int32
}
