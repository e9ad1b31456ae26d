package solver

// Kind names a constraint of the model.
type Kind uint8

// The constraints, in the order of the table.
const (
	KindNone Kind = iota
	KindVisit
	KindVehicle
	KindEquipment
	KindLayout
	KindOrder
	KindBreak
	KindGroup
	KindIncompatible
	KindShare
	KindGather
	KindFreeze
	KindReach
	KindWindow
	KindPromise
	KindWait
	KindRide
	KindShift
	KindDuration
	kindCount
)

// Unit is what the numbers of a Violation or a Rejection count.
type Unit uint8

// Units of limits and actual values.
const (
	UnitNone  Unit = iota
	UnitTicks      // lengths of time or times of day
	UnitLoad       // load in one dimension
	UnitBits       // set of equipment or groups
	UnitIndex      // a vehicle, a request or a position
	UnitCount
)

// constraintRow is one constraint: how it is called, whether a plan may break it at a price, how a finished route is checked
// and which difference constraints it adds to the times of a route (nil for none).
type constraintRow struct {
	kind  Kind
	name  string
	hard  bool
	check func(*replay)
	edges func(*replay)
	// explain says in words what the numbers of a violation mean.
	explain string
}

// constraints is the table. A constraint is complete only with its row here and its call on the hot path; the guards in
// constraint_test.go fail otherwise.
func constraints() []constraintRow {
	return []constraintRow{
		{KindVisit, "visit", true, checkVisit, nil, "visits of the node, and how many a plan must have"},
		{KindVehicle, "vehicle", true, checkVehicle, nil, "vehicle that serves, and the one it is kept to"},
		{KindEquipment, "equipment", true, checkEquipment, nil, "equipment bits that are there, and those needed"},
		{KindLayout, "layout", true, checkLayout, nil, "load of the leg in its tightest dimension, and its capacity"},
		{KindOrder, "order", true, checkOrder, nil, "position in the route, and the position that the order asks for"},
		{KindBreak, "break", true, checkBreak, edgesBreak, "start of the break or riders aboard, and the limit"},
		{KindGroup, "group", true, checkGroup, nil, "groups aboard, and those that may not be"},
		{KindIncompatible, "incompatible", true, checkIncompatible, nil, "the other request that is aboard"},
		{KindShare, "share", true, checkShare, nil, "vehicle that serves, and that of the group"},
		{KindGather, "gather", true, checkGather, nil, "position of the delivery that comes too early, and of the pickup after it"},
		{KindFreeze, "freeze", true, checkFreeze, nil, "shortest time from the pickup to the arrival, and the limit"},
		{KindReach, "reach", true, checkReach, edgesReach, "travel time of a leg that cannot be driven"},
		{KindWindow, "window", true, checkWindow, edgesWindow, "start of service, and the bound of its window"},
		{KindPromise, "promise", true, checkPromise, edgesPromise, "start of service, and the bound promised"},
		{KindWait, "wait", true, checkWait, edgesWait, "wait after the earliest pickup, and its limit"},
		{KindRide, "ride", true, checkRide, edgesRide, "ride time, and its limit"},
		{KindShift, "shift", true, checkShift, edgesShift, "start or end of the route, and the bound of the shift"},
		{KindDuration, "duration", true, checkDuration, edgesDuration, "duration of the route, and its limit"},
	}
}

// String is the name of the constraint in the table.
func (k Kind) String() string {
	for _, row := range constraints() {
		if row.kind == k {
			return row.name
		}
	}
	return "none"
}

// Explain says what the two numbers of a violation of this kind are.
func (k Kind) Explain() string {
	for _, row := range constraints() {
		if row.kind == k {
			return row.explain
		}
	}
	return ""
}
