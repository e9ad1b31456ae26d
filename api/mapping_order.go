package api

import (
	"slices"
	"time"

	swmaasv1 "github.com/swmaas/swmaas/api/gen/swmaas/v1"
	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/vehicles"
)

var (
	holidayRules = map[swmaasv1.HolidayRule]dispatch.HolidayRule{
		swmaasv1.HolidayRule_HOLIDAY_RULE_SKIPPED:      dispatch.HolidaySkipped,
		swmaasv1.HolidayRule_HOLIDAY_RULE_SERVED:       dispatch.HolidayServed,
		swmaasv1.HolidayRule_HOLIDAY_RULE_MOVED_BEFORE: dispatch.HolidayMovedBefore,
		swmaasv1.HolidayRule_HOLIDAY_RULE_MOVED_AFTER:  dispatch.HolidayMovedAfter,
	}
	orderOutcomes = map[swmaasv1.OrderOutcome]dispatch.OrderOutcome{
		swmaasv1.OrderOutcome_ORDER_OUTCOME_KEPT:    dispatch.OrderKept,
		swmaasv1.OrderOutcome_ORDER_OUTCOME_BOOKED:  dispatch.OrderBooked,
		swmaasv1.OrderOutcome_ORDER_OUTCOME_UNMET:   dispatch.OrderUnmet,
		swmaasv1.OrderOutcome_ORDER_OUTCOME_CHANGED: dispatch.OrderChanged,
		swmaasv1.OrderOutcome_ORDER_OUTCOME_REFUSED: dispatch.OrderRefused,
		swmaasv1.OrderOutcome_ORDER_OUTCOME_ENDED:   dispatch.OrderEnded,
		swmaasv1.OrderOutcome_ORDER_OUTCOME_EARLY:   dispatch.OrderEarly,
	}
	holidayRuleWords  = inverse(holidayRules)
	orderOutcomeWords = inverse(orderOutcomes)
)

// weekdays turns the contract's days, Monday first, into a set and back.
func weekdaysOf(list []swmaasv1.Weekday) vehicles.Weekdays {
	var set vehicles.Weekdays
	for _, d := range list {
		set |= vehicles.On(time.Weekday(int(d) % 7))
	}
	return set
}

func weekdayList(set vehicles.Weekdays) []swmaasv1.Weekday {
	if set == 0 {
		return nil
	}
	var list []swmaasv1.Weekday
	for d := swmaasv1.Weekday_WEEKDAY_MONDAY; d <= swmaasv1.Weekday_WEEKDAY_SUNDAY; d++ {
		if set.Has(time.Weekday(int(d) % 7)) {
			list = append(list, d)
		}
	}
	return list
}

// dailyWish is the contract's form of a wish of every day; nil for none.
func dailyWish(w dispatch.Wish) *swmaasv1.DailyWish {
	window := &swmaasv1.DailyWindow{Earliest: seconds(w.Window.Earliest), Latest: seconds(w.Window.Latest)}
	switch w.Kind {
	case dispatch.ArriveBy:
		if w.Window.Earliest == 0 {
			window.Earliest = nil
		}
		return &swmaasv1.DailyWish{Kind: &swmaasv1.DailyWish_ArriveBy{ArriveBy: window}}
	case dispatch.DepartAfter:
		if w.Window.Latest == vehicles.MaxDaySecond {
			window.Latest = nil
		}
		return &swmaasv1.DailyWish{Kind: &swmaasv1.DailyWish_DepartAfter{DepartAfter: window}}
	case dispatch.PickupWithin:
		return &swmaasv1.DailyWish{Kind: &swmaasv1.DailyWish_PickupWindow{PickupWindow: window}}
	}
	return nil
}

func dailyWishOf(m *swmaasv1.DailyWish) (w dispatch.Wish) {
	var window *swmaasv1.DailyWindow
	switch kind := m.GetKind().(type) {
	case *swmaasv1.DailyWish_ArriveBy:
		w.Kind, window = dispatch.ArriveBy, kind.ArriveBy
	case *swmaasv1.DailyWish_DepartAfter:
		w.Kind, window = dispatch.DepartAfter, kind.DepartAfter
	case *swmaasv1.DailyWish_PickupWindow:
		w.Kind, window = dispatch.PickupWithin, kind.PickupWindow
	default:
		return w
	}
	w.Window = dispatch.Window{Earliest: wholeSeconds(window.GetEarliest()), Latest: vehicles.MaxDaySecond}
	if latest := window.GetLatest(); latest != nil {
		w.Window.Latest = int32(latest.AsDuration() / time.Second)
	}
	return w
}

func orderLeg(l dispatch.TripLeg) *swmaasv1.OrderLeg {
	return &swmaasv1.OrderLeg{
		Pickup: place(l.Pickup), Dropoff: place(l.Dropoff), Wish: dailyWish(l.Wish), Purpose: purposeWords[l.Purpose],
		Stay: secondsOrNone(l.Stay), MaxWait: secondsOrNone(l.MaxWait),
	}
}

func orderLegOf(m *swmaasv1.OrderLeg) dispatch.TripLeg {
	return dispatch.TripLeg{
		Pickup: placeOf(m.GetPickup()), Dropoff: placeOf(m.GetDropoff()), Purpose: purposes[m.GetPurpose()], Wish: dailyWishOf(m.GetWish()),
		Stay: wholeSeconds(m.GetStay()), MaxWait: wholeSeconds(m.GetMaxWait()),
	}
}

func suspensionMessage(s dispatch.Suspension) *swmaasv1.OrderSuspension {
	return &swmaasv1.OrderSuspension{Dates: datesMessage(s.Dates), Reason: s.Reason}
}

func suspensionOf(m *swmaasv1.OrderSuspension) dispatch.Suspension {
	return dispatch.Suspension{Dates: datesOf(m.GetDates()), Reason: m.GetReason()}
}

func exceptionMessage(e dispatch.Exception) *swmaasv1.OrderException {
	return &swmaasv1.OrderException{ServiceDate: string(e.Day), Skip: e.Skip, Legs: mapped(e.Legs, orderLeg), Reason: e.Reason}
}

func exceptionOf(m *swmaasv1.OrderException) dispatch.Exception {
	return dispatch.Exception{Day: dispatch.Day(m.GetServiceDate()), Skip: m.GetSkip(), Legs: mapped(m.GetLegs(), orderLegOf), Reason: m.GetReason()}
}

func orderMessage(o *dispatch.StandingOrder) *swmaasv1.StandingOrder {
	out := &swmaasv1.StandingOrder{
		Id: string(o.ID), Version: o.Version, RiderId: string(o.Rider), Party: party(o.Party.Load), Attendants: int32(o.Party.Attendants),
		Boarding: secondsOrNone(o.Party.Board), Alighting: secondsOrNone(o.Party.Alight), FacilityId: string(o.Facility),
		Legs: mapped(o.Legs, orderLeg), Weekdays: weekdayList(o.Weekdays), EveryWeeks: int32(o.EveryWeeks), Dates: datesMessage(o.Dates),
		Holidays: holidayRuleWords[o.Holidays], Suspensions: mapped(o.Suspended, suspensionMessage), Exceptions: mapped(o.Exceptions, exceptionMessage),
		GeneratedThrough: string(o.Through), Created: timestampOrNone(o.Created), Limits: limitsMessage(&o.Party.Limits),
	}
	if o.Party.Needs != 0 {
		out.Needs = aidList(o.Party.Needs)
	}
	return out
}

// orderOf is what a message makes of an order: base has what the contract does not, its area among it.
func orderOf(m *swmaasv1.StandingOrder, base dispatch.StandingOrder) dispatch.StandingOrder {
	o := base
	o.ID, o.Version, o.Rider, o.Facility = dispatch.OrderID(m.GetId()), m.GetVersion(), dispatch.RiderID(m.GetRiderId()), vehicles.FacilityID(m.GetFacilityId())
	o.Party.Load, o.Party.Needs, o.Party.Attendants = loadOf(m.GetParty()), aidSet(m.GetNeeds()), int(m.GetAttendants())
	o.Party.Board, o.Party.Alight, o.Party.Limits = wholeSeconds(m.GetBoarding()), wholeSeconds(m.GetAlighting()), limitsOf(m.GetLimits())
	o.Legs, o.Weekdays, o.EveryWeeks = mapped(m.GetLegs(), orderLegOf), weekdaysOf(m.GetWeekdays()), int(m.GetEveryWeeks())
	o.Dates, o.Holidays = datesOf(m.GetDates()), holidayRules[m.GetHolidays()]
	o.Suspended, o.Exceptions = mapped(m.GetSuspensions(), suspensionOf), mapped(m.GetExceptions(), exceptionOf)
	return o
}

// orderDays is what became of the days of an order; those that stayed as they were are left out.
func orderDays(days []dispatch.OrderDay) []*swmaasv1.OrderDay {
	days = slices.DeleteFunc(slices.Clone(days), func(d dispatch.OrderDay) bool { return d.Outcome == dispatch.OrderKept })
	return mapped(days, func(d dispatch.OrderDay) *swmaasv1.OrderDay {
		return &swmaasv1.OrderDay{ServiceDate: string(d.Day), Outcome: orderOutcomeWords[d.Outcome], Rejections: rejections(d.Refusals)}
	})
}
