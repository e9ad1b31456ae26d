package api

import (
	"math/bits"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"

	swmaasv1 "github.com/swmaas/swmaas/api/gen/swmaas/v1"
	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/routing/geo"
	"github.com/swmaas/swmaas/vehicles"
)

// Tables between the contract's words and the engine's. Every value of the engine has a row; a test holds them complete.
var (
	aids = map[swmaasv1.Aid]vehicles.Equipment{
		swmaasv1.Aid_AID_LIFT:          vehicles.Lift,
		swmaasv1.Aid_AID_RAMP:          vehicles.Ramp,
		swmaasv1.Aid_AID_OXYGEN_HOLDER: vehicles.OxygenHolder,
		swmaasv1.Aid_AID_STEP:          vehicles.Step,
		swmaasv1.Aid_AID_CHILD_SEAT:    vehicles.ChildSeat,
	}
	purposes = map[swmaasv1.Purpose]string{
		swmaasv1.Purpose_PURPOSE_UNSPECIFIED:    "",
		swmaasv1.Purpose_PURPOSE_ADULT_DAY:      "adult_day",
		swmaasv1.Purpose_PURPOSE_DIALYSIS:       "dialysis",
		swmaasv1.Purpose_PURPOSE_EMPLOYMENT:     "employment",
		swmaasv1.Purpose_PURPOSE_GROCERY:        "grocery",
		swmaasv1.Purpose_PURPOSE_HEALTH:         "health",
		swmaasv1.Purpose_PURPOSE_MEDICAL:        "medical",
		swmaasv1.Purpose_PURPOSE_PERSONAL:       "personal",
		swmaasv1.Purpose_PURPOSE_RECREATION:     "recreation",
		swmaasv1.Purpose_PURPOSE_PUBLIC_TRANSIT: "public_transit",
	}
	rideStates = map[swmaasv1.RideState]dispatch.RideState{
		swmaasv1.RideState_RIDE_STATE_DRAFT:       dispatch.Draft,
		swmaasv1.RideState_RIDE_STATE_OFFERED:     dispatch.Offered,
		swmaasv1.RideState_RIDE_STATE_BOOKED:      dispatch.Booked,
		swmaasv1.RideState_RIDE_STATE_PUBLISHED:   dispatch.Published,
		swmaasv1.RideState_RIDE_STATE_UNDER_WAY:   dispatch.UnderWay,
		swmaasv1.RideState_RIDE_STATE_COMPLETED:   dispatch.Completed,
		swmaasv1.RideState_RIDE_STATE_NO_SHOW:     dispatch.NoShow,
		swmaasv1.RideState_RIDE_STATE_CANCELLED:   dispatch.Cancelled,
		swmaasv1.RideState_RIDE_STATE_MISSED:      dispatch.Missed,
		swmaasv1.RideState_RIDE_STATE_TURNED_DOWN: dispatch.TurnedDown,
		swmaasv1.RideState_RIDE_STATE_UNMET:       dispatch.Unmet,
	}
	cancelKinds = map[swmaasv1.CancelKind]dispatch.CancelKind{
		swmaasv1.CancelKind_CANCEL_KIND_UNSPECIFIED: 0,
		swmaasv1.CancelKind_CANCEL_KIND_ADVANCE:     dispatch.CancelAdvance,
		swmaasv1.CancelKind_CANCEL_KIND_SAME_DAY:    dispatch.CancelSameDay,
		swmaasv1.CancelKind_CANCEL_KIND_LATE:        dispatch.CancelLate,
		swmaasv1.CancelKind_CANCEL_KIND_AT_DOOR:     dispatch.CancelAtDoor,
		swmaasv1.CancelKind_CANCEL_KIND_SITE_CLOSED: dispatch.CancelSite,
		swmaasv1.CancelKind_CANCEL_KIND_PROVIDER:    dispatch.CancelProvider,
	}
	cancelScopes = map[swmaasv1.CancelScope]dispatch.CancelScope{
		swmaasv1.CancelScope_CANCEL_SCOPE_UNSPECIFIED: 0,
		swmaasv1.CancelScope_CANCEL_SCOPE_RIDE:        dispatch.CancelOne,
		swmaasv1.CancelScope_CANCEL_SCOPE_REST:        dispatch.CancelRest,
		swmaasv1.CancelScope_CANCEL_SCOPE_TRIP:        dispatch.CancelAll,
	}
	stopKinds = map[swmaasv1.StopKind]dispatch.StopKind{
		swmaasv1.StopKind_STOP_KIND_PICKUP:  dispatch.PickupStop,
		swmaasv1.StopKind_STOP_KIND_DROPOFF: dispatch.DropoffStop,
	}
	stopStates = map[swmaasv1.StopState]dispatch.StopState{
		swmaasv1.StopState_STOP_STATE_PLANNED: dispatch.Pending,
		swmaasv1.StopState_STOP_STATE_HEADING: dispatch.EnRoute,
		swmaasv1.StopState_STOP_STATE_ARRIVED: dispatch.Arrived,
		swmaasv1.StopState_STOP_STATE_DONE:    dispatch.Done,
		swmaasv1.StopState_STOP_STATE_NO_SHOW: dispatch.Skipped,
	}
	stepKinds = map[swmaasv1.StepKind]dispatch.StepKind{
		swmaasv1.StepKind_STEP_KIND_DEPART:  dispatch.StepDepart,
		swmaasv1.StepKind_STEP_KIND_ARRIVE:  dispatch.StepArrive,
		swmaasv1.StepKind_STEP_KIND_BOARD:   dispatch.StepBoard,
		swmaasv1.StepKind_STEP_KIND_ALIGHT:  dispatch.StepAlight,
		swmaasv1.StepKind_STEP_KIND_NO_SHOW: dispatch.StepNoShow,
		swmaasv1.StepKind_STEP_KIND_UNDO:    dispatch.StepUndo,
		swmaasv1.StepKind_STEP_KIND_CALL:    dispatch.StepCalled,
		swmaasv1.StepKind_STEP_KIND_KNOCK:   dispatch.StepKnocked,
	}
	eventKinds = map[swmaasv1.EventKind]dispatch.EventKind{
		swmaasv1.EventKind_EVENT_KIND_RIDE_BOOKED:        dispatch.RideBooked,
		swmaasv1.EventKind_EVENT_KIND_RIDE_TURNED_DOWN:   dispatch.RideTurnedDown,
		swmaasv1.EventKind_EVENT_KIND_RIDE_UNMET:         dispatch.RideUnmet,
		swmaasv1.EventKind_EVENT_KIND_RIDE_CANCELLED:     dispatch.RideCancelled,
		swmaasv1.EventKind_EVENT_KIND_RIDE_BOARDED:       dispatch.RideBoarded,
		swmaasv1.EventKind_EVENT_KIND_RIDE_COMPLETED:     dispatch.RideCompleted,
		swmaasv1.EventKind_EVENT_KIND_RIDE_NO_SHOW:       dispatch.RideNoShow,
		swmaasv1.EventKind_EVENT_KIND_RIDE_MISSED:        dispatch.RideMissed,
		swmaasv1.EventKind_EVENT_KIND_VEHICLE_LEFT:       dispatch.VehicleLeft,
		swmaasv1.EventKind_EVENT_KIND_VEHICLE_ARRIVED:    dispatch.VehicleArrived,
		swmaasv1.EventKind_EVENT_KIND_STEP_UNDONE:        dispatch.StepUndone,
		swmaasv1.EventKind_EVENT_KIND_ROUTE_IMPROVED:     dispatch.RouteImproved,
		swmaasv1.EventKind_EVENT_KIND_RIDE_HELD:          dispatch.RideHeld,
		swmaasv1.EventKind_EVENT_KIND_RIDE_OFFERED:       dispatch.RideOffered,
		swmaasv1.EventKind_EVENT_KIND_RIDE_WAITLISTED:    dispatch.RideWaitlisted,
		swmaasv1.EventKind_EVENT_KIND_RIDE_CHANGED:       dispatch.RideChanged,
		swmaasv1.EventKind_EVENT_KIND_RIDE_CALLED:        dispatch.RideCalled,
		swmaasv1.EventKind_EVENT_KIND_RIDE_EXCEEDED:      dispatch.RideExceeded,
		swmaasv1.EventKind_EVENT_KIND_CONDITIONS_CHANGED: dispatch.ConditionsChanged,
		swmaasv1.EventKind_EVENT_KIND_ROUTE_MENDED:       dispatch.RouteMended,
		swmaasv1.EventKind_EVENT_KIND_RIDE_POSTPONED:     dispatch.RidePostponed,
		swmaasv1.EventKind_EVENT_KIND_RIDE_STRANDED:      dispatch.RideStranded,
		swmaasv1.EventKind_EVENT_KIND_RIDE_LOCKED:        dispatch.RideLocked,
		swmaasv1.EventKind_EVENT_KIND_RIDE_UNLOCKED:      dispatch.RideUnlocked,
		swmaasv1.EventKind_EVENT_KIND_RIDE_PUBLISHED:     dispatch.RidePublished,
		swmaasv1.EventKind_EVENT_KIND_ROUTE_PUBLISHED:    dispatch.RoutePublished,
		swmaasv1.EventKind_EVENT_KIND_ROUTE_ACKED:        dispatch.RouteAcked,
		swmaasv1.EventKind_EVENT_KIND_MUST_TELL:          dispatch.MustTell,
		swmaasv1.EventKind_EVENT_KIND_TELL_OUTDATED:      dispatch.TellOutdated,
		swmaasv1.EventKind_EVENT_KIND_TELL_TRIED:         dispatch.TellTried,
		swmaasv1.EventKind_EVENT_KIND_TOLD:               dispatch.TellDone,
		swmaasv1.EventKind_EVENT_KIND_DRIVER_SIGNED_ON:   dispatch.DriverOn,
		swmaasv1.EventKind_EVENT_KIND_DRIVER_SIGNED_OFF:  dispatch.DriverOff,
		swmaasv1.EventKind_EVENT_KIND_CHECK_PASSED:       dispatch.CheckPassed,
		swmaasv1.EventKind_EVENT_KIND_CHECK_FAILED:       dispatch.CheckFailed,
		swmaasv1.EventKind_EVENT_KIND_DRIVER_STOOD_DOWN:  dispatch.DriverStood,
		swmaasv1.EventKind_EVENT_KIND_DOOR_TRIED:         dispatch.DoorTried,
		swmaasv1.EventKind_EVENT_KIND_STEP_HELD:          dispatch.StepHeld,
		swmaasv1.EventKind_EVENT_KIND_STEP_REFUSED:       dispatch.StepRefused,
		swmaasv1.EventKind_EVENT_KIND_INCIDENT:           dispatch.IncidentOpen,
		swmaasv1.EventKind_EVENT_KIND_INCIDENT_OVER:      dispatch.IncidentOver,
		swmaasv1.EventKind_EVENT_KIND_EXCEPTION_SEEN:     dispatch.ExceptionSeen,
		swmaasv1.EventKind_EVENT_KIND_RIDE_MOVED:         dispatch.RideMoved,
		swmaasv1.EventKind_EVENT_KIND_PLAN_OVERRIDDEN:    dispatch.PlanOverridden,
		swmaasv1.EventKind_EVENT_KIND_OVERRIDE_UNDONE:    dispatch.OverrideUndone,
		swmaasv1.EventKind_EVENT_KIND_MESSAGE_SENT:       dispatch.MessageSent,
		swmaasv1.EventKind_EVENT_KIND_MESSAGE_READ:       dispatch.MessageRead,
	}
	vehicleStatuses = map[swmaasv1.VehicleStatus]vehicles.Status{
		swmaasv1.VehicleStatus_VEHICLE_STATUS_OFF_DUTY:     vehicles.OffDuty,
		swmaasv1.VehicleStatus_VEHICLE_STATUS_AVAILABLE:    vehicles.Available,
		swmaasv1.VehicleStatus_VEHICLE_STATUS_ON_ROUTE:     vehicles.OnRoute,
		swmaasv1.VehicleStatus_VEHICLE_STATUS_OWN_ROUND:    vehicles.OwnRound,
		swmaasv1.VehicleStatus_VEHICLE_STATUS_OUT_OF_ORDER: vehicles.OutOfOrder,
	}

	purposeWords      = inverse(purposes)
	rideStateWords    = inverse(rideStates)
	cancelKindWords   = inverse(cancelKinds)
	stopKindWords     = inverse(stopKinds)
	stopStateWords    = inverse(stopStates)
	eventKindWords    = inverse(eventKinds)
	vehicleStateWords = inverse(vehicleStatuses)
)

// inverse turns a table round. A value that the table lacks gives the zero of the contract, "unspecified".
func inverse[W, E comparable](table map[W]E) map[E]W {
	turned := make(map[E]W, len(table))
	for word, value := range table {
		turned[value] = word
	}
	return turned
}

func latLng(p geo.LatLng) *swmaasv1.LatLng { return &swmaasv1.LatLng{Lat: p.Lat, Lng: p.Lng} }

func latLngOf(p *swmaasv1.LatLng) geo.LatLng { return geo.LatLng{Lat: p.GetLat(), Lng: p.GetLng()} }

func place(p dispatch.Place) *swmaasv1.Place {
	return &swmaasv1.Place{Label: p.Label, Position: latLng(p.At)}
}

func placeOf(p *swmaasv1.Place) dispatch.Place {
	return dispatch.Place{Label: p.GetLabel(), At: latLngOf(p.GetPosition())}
}

func party(l vehicles.Load) *swmaasv1.Party {
	return &swmaasv1.Party{Seats: int32(l.Seats), Wheelchairs: int32(l.Wheelchairs), Stretchers: int32(l.Stretchers)}
}

func capacity(l vehicles.Load) *swmaasv1.Capacity {
	return &swmaasv1.Capacity{Seats: int32(l.Seats), Wheelchairs: int32(l.Wheelchairs), Stretchers: int32(l.Stretchers)}
}

func loadOf(p *swmaasv1.Party) vehicles.Load {
	return vehicles.Load{Seats: int(p.GetSeats()), Wheelchairs: int(p.GetWheelchairs()), Stretchers: int(p.GetStretchers())}
}

// aidList lists the aids of a set in the order of their numbers.
func aidList(set vehicles.Equipment) []swmaasv1.Aid {
	list := make([]swmaasv1.Aid, 0, bits.OnesCount32(uint32(set)))
	for aid := swmaasv1.Aid(1); int(aid) <= len(aids); aid++ {
		if set&aids[aid] != 0 {
			list = append(list, aid)
		}
	}
	return list
}

func aidSet(list []swmaasv1.Aid) (set vehicles.Equipment) {
	for _, aid := range list {
		set |= aids[aid]
	}
	return set
}

// requestOf reads a wished ride. It fails with ErrRequest for a time outside the service day.
func requestOf(q *swmaasv1.QuoteRequest, clock dayClock) (dispatch.Request, error) {
	wish, err := wishOf(q.GetWish(), clock)
	if err != nil {
		return dispatch.Request{}, err
	}
	return dispatch.Request{
		Area: dispatch.AreaID(q.GetArea()), Day: clock.day,
		Rider: dispatch.RiderID(q.GetRiderId()), Booking: dispatch.BookingID(q.GetBookingId()),
		Party:  partyOf(q),
		Pickup: placeOf(q.GetPickup()), Dropoff: placeOf(q.GetDropoff()),
		Purpose: purposes[q.GetPurpose()], Wish: wish,
		Linked: dispatch.RideID(q.GetOutboundRideId()), Offers: int(q.GetMaxOffers()), Facility: vehicles.FacilityID(q.GetFacilityId()),
		MaxWait: wholeSeconds(q.GetMaxWait()),
	}, nil
}

// travellers says who travels together.
type travellers interface {
	GetParty() *swmaasv1.Party
	GetNeeds() []swmaasv1.Aid
	GetAttendants() int32
	GetBoarding() *durationpb.Duration
	GetAlighting() *durationpb.Duration
	GetLimits() *swmaasv1.RideLimits
}

func partyOf(q travellers) dispatch.Party {
	return dispatch.Party{
		Load: loadOf(q.GetParty()), Needs: aidSet(q.GetNeeds()),
		Board: wholeSeconds(q.GetBoarding()), Alight: wholeSeconds(q.GetAlighting()), Attendants: int(q.GetAttendants()),
		Limits: limitsOf(q.GetLimits()),
	}
}

// limitsMessage is the contract's form of a party's limits; nil where it has none.
func limitsMessage(l *dispatch.Limits) *swmaasv1.RideLimits {
	out := &swmaasv1.RideLimits{
		MaxRide: secondsOrNone(l.MaxRide), MaxDetour: secondsOrNone(l.MaxDetour), MaxWait: secondsOrNone(l.MaxWait),
		EasyRide: secondsOrNone(l.EasyRide), EasyWait: secondsOrNone(l.EasyWait), OnlyVehicleIds: texts[string](l.OnlyVehicles),
		LikeVehicleIds: texts[string](l.LikeVehicles), LikeDriverIds: texts[string](l.LikeDrivers),
	}
	if proto.Size(out) == 0 {
		return nil
	}
	return out
}

func limitsOf(m *swmaasv1.RideLimits) dispatch.Limits {
	return dispatch.Limits{
		MaxRide: wholeSeconds(m.GetMaxRide()), MaxDetour: wholeSeconds(m.GetMaxDetour()), MaxWait: wholeSeconds(m.GetMaxWait()),
		EasyRide: wholeSeconds(m.GetEasyRide()), EasyWait: wholeSeconds(m.GetEasyWait()), OnlyVehicles: texts[vehicles.VehicleID](m.GetOnlyVehicleIds()),
		LikeVehicles: texts[vehicles.VehicleID](m.GetLikeVehicleIds()), LikeDrivers: texts[vehicles.DriverID](m.GetLikeDriverIds()),
	}
}

// wishOf reads a wish. It fails with ErrRequest for a time outside the service day and for a window turned round.
func wishOf(w *swmaasv1.Wish, clock dayClock) (wish dispatch.Wish, err error) {
	switch kind := w.GetKind().(type) {
	case *swmaasv1.Wish_ArriveBy:
		wish.Kind = dispatch.ArriveBy
		wish.Window, err = clock.window("wish.arrive_by", kind.ArriveBy)
	case *swmaasv1.Wish_DepartAfter:
		wish.Kind = dispatch.DepartAfter
		wish.Window, err = clock.window("wish.depart_after", kind.DepartAfter)
	case *swmaasv1.Wish_PickupWindow:
		wish.Kind = dispatch.PickupWithin
		wish.Window, err = clock.window("wish.pickup_window", kind.PickupWindow)
	}
	return wish, err
}
