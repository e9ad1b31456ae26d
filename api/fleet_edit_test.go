package api

import (
	"context"
	"reflect"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	swmaasv1 "github.com/swmaas/swmaas/api/gen/swmaas/v1"
	"github.com/swmaas/swmaas/vehicles"
)

func hours(from, to int) *swmaasv1.DaySpan {
	return &swmaasv1.DaySpan{Start: durationpb.New(time.Duration(from) * time.Hour), End: durationpb.New(time.Duration(to) * time.Hour)}
}

func pin(x, y int) *swmaasv1.LatLng { return latLng(corner(x, y)) }

// validFleet is a request of the methods that change the fleet and the calendar, and of their reads; nil for another method.
func validFleet(method, area string) proto.Message {
	van := &swmaasv1.VehicleEntry{Id: "V-09", Name: "V-09", FacilityId: "F-01", Home: pin(1, 1), Layouts: []*swmaasv1.Capacity{{Seats: 4}}}
	switch method {
	case swmaasv1.Fleet_GetVehicle_FullMethodName:
		return &swmaasv1.GetVehicleRequest{Area: area, VehicleId: "V-01"}
	case swmaasv1.Fleet_SaveVehicle_FullMethodName:
		return &swmaasv1.SaveVehicleRequest{Area: area, IdempotencyKey: "k", Vehicle: van}
	case swmaasv1.Fleet_ListFacilities_FullMethodName:
		return &swmaasv1.ListFacilitiesRequest{Area: area}
	case swmaasv1.Fleet_SaveFacility_FullMethodName:
		return &swmaasv1.SaveFacilityRequest{Area: area, IdempotencyKey: "k", Facility: &swmaasv1.Facility{Name: "施設", Position: pin(3, 3)}}
	case swmaasv1.Fleet_ListDrivers_FullMethodName:
		return &swmaasv1.ListDriversRequest{Area: area}
	case swmaasv1.Fleet_SaveDriver_FullMethodName:
		return &swmaasv1.SaveDriverRequest{Area: area, IdempotencyKey: "k", Driver: &swmaasv1.DriverEntry{
			Id: "D-09", FacilityId: "F-01", DriverClass: swmaasv1.DriverClass_DRIVER_CLASS_VOLUNTEER, Licence: swmaasv1.Licence_LICENCE_FIRST_CLASS,
		}}
	case swmaasv1.Fleet_FindNearestVehicles_FullMethodName:
		return &swmaasv1.FindNearestVehiclesRequest{Area: area, Near: pin(0, 0)}
	}
	return validCalendar(method, area)
}

func validCalendar(method, area string) proto.Message {
	switch method {
	case swmaasv1.Fleet_ListShiftTemplates_FullMethodName:
		return &swmaasv1.ListShiftTemplatesRequest{Area: area}
	case swmaasv1.Fleet_SaveShiftTemplate_FullMethodName:
		return &swmaasv1.SaveShiftTemplateRequest{Area: area, IdempotencyKey: "k", Template: &swmaasv1.ShiftTemplate{Id: "S-1", VehicleId: "V-01", DriverId: "D-01", Span: hours(8, 17)}}
	case swmaasv1.Fleet_DeleteShiftTemplate_FullMethodName:
		return &swmaasv1.DeleteShiftTemplateRequest{Area: area, IdempotencyKey: "k", TemplateId: "S-1", Etag: "e"}
	case swmaasv1.Fleet_ListShareWindows_FullMethodName:
		return &swmaasv1.ListShareWindowsRequest{Area: area}
	case swmaasv1.Fleet_OfferShareWindow_FullMethodName:
		return &swmaasv1.OfferShareWindowRequest{Area: area, IdempotencyKey: "k", Window: &swmaasv1.ShareWindow{VehicleId: "V-01", DriverId: "D-01", Span: hours(9, 15)}}
	case swmaasv1.Fleet_WithdrawShareWindow_FullMethodName:
		return &swmaasv1.WithdrawShareWindowRequest{Area: area, IdempotencyKey: "k", WindowId: "W-1", Etag: "e"}
	case swmaasv1.Fleet_GetVehicleCalendar_FullMethodName:
		return &swmaasv1.GetVehicleCalendarRequest{Area: area, VehicleId: "V-01"}
	case swmaasv1.Fleet_SetVehicleCalendar_FullMethodName:
		return &swmaasv1.SetVehicleCalendarRequest{Area: area, IdempotencyKey: "k", VehicleId: "V-01", Calendar: &swmaasv1.VehicleCalendar{VehicleId: "V-01"}}
	case swmaasv1.Fleet_GetDriverCalendar_FullMethodName:
		return &swmaasv1.GetDriverCalendarRequest{Area: area, DriverId: "D-01"}
	case swmaasv1.Fleet_SetDriverCalendar_FullMethodName:
		return &swmaasv1.SetDriverCalendarRequest{Area: area, IdempotencyKey: "k", DriverId: "D-01", Calendar: &swmaasv1.DriverCalendar{DriverId: "D-01"}}
	case swmaasv1.Fleet_SubstituteShift_FullMethodName:
		return &swmaasv1.SubstituteShiftRequest{Area: area, IdempotencyKey: "k", Substitution: &swmaasv1.ShiftSubstitution{ServiceDate: serviceDate, ShiftId: "S-1", Cancelled: true}}
	}
	return nil
}

func TestFleetAndCalendarAreTheSameOnBothSides(t *testing.T) {
	var n int
	same := func(want, got any) {
		t.Helper()
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
	fill := func(v any) {
		filled(reflect.ValueOf(v).Elem(), &n)
	}
	var van vehicles.Vehicle
	fill(&van)
	same(van, vehicleOf(vehicleEntry(van)))
	var facility vehicles.Facility
	fill(&facility)
	facility.Phone = "+81765540101"
	gotFacility, badFacility := facilityOf(facilityMessage(facility))
	same(facility, gotFacility)
	var driver vehicles.Driver
	fill(&driver)
	driver.Phone = "+819012340001"
	gotDriver, badDriver := driverOf(driverEntry(driver))
	same(driver, gotDriver)
	if badFacility != nil || badDriver != nil {
		t.Error(badFacility, badDriver)
	}
	var template vehicles.ShiftTemplate
	fill(&template)
	same(template, templateOf(templateMessage(template)))
	var window vehicles.ShareWindow
	fill(&window)
	same(window, shareWindowOf(windowMessage(window)))

	var want, got vehicles.Calendar
	for _, list := range []any{&want.Rounds, &want.Outages, &want.Papers, &want.Available, &want.Leaves, &want.Credentials} {
		fill(list)
	}
	want.Rounds[0].Vehicle, want.Outages[0].Vehicle, want.Papers[0].Vehicle = "V", "V", "V"
	want.Available[0].Driver, want.Leaves[0].Driver, want.Credentials[0].Person = driver.ID, driver.ID, driver.ID
	want.Credentials[0].Class, want.Credentials[0].Licence, want.Papers[0].PersonYen = driver.Class, driver.Licence, vehicles.NoLimit
	setVehicleCalendar(&got, vehicleCalendar(&want, "V"))
	setDriverCalendar(&got, driverCalendar(&want, driver.ID), driver)
	same(want, got)
}

func TestAFacilityLendsItsVanAndTakesItBack(t *testing.T) {
	d := startDay(t)
	const day = "2026-01-21"
	ctx, fleet, booking := d.as(t, grantOf(Facility, "kurobe")), swmaasv1.NewFleetClient(d.conn), swmaasv1.NewBookingClient(d.conn)
	operator := d.as(t, grantOf(Operator, "kurobe"))
	wish := toTheClinic("R-0001")
	wish.ServiceDate = day
	wish.Wish.GetArriveBy().Latest = timestamppb.New(at(10, 0).AsTime().AddDate(0, 0, 1))
	if quote, err := booking.Quote(operator, wish); err != nil || len(quote.GetOffers()) != 0 {
		t.Fatalf("a day without vehicles: %v, %v", quote, err)
	}
	revisions, hangUp := context.WithCancel(d.as(t, grantOf(Council, "kurobe")))
	defer hangUp()
	watch, err := swmaasv1.NewCouncilClient(d.conn).WatchDay(revisions, &swmaasv1.WatchDayRequest{Area: "kurobe", ServiceDate: day})
	if err != nil {
		t.Fatal(err)
	}
	request := &swmaasv1.OfferShareWindowRequest{Area: "kurobe", IdempotencyKey: "1", Window: &swmaasv1.ShareWindow{
		VehicleId: "V-01", DriverId: "D-01", Span: hours(8, 17), BackBy: durationpb.New(16 * time.Hour), Margin: durationpb.New(10 * time.Minute),
	}}
	offered, err := fleet.OfferShareWindow(ctx, request)
	if err != nil || offered.GetWindow().GetId() == "" || offered.GetWindow().GetEtag() == "" {
		t.Fatalf("%v, %v", offered, err)
	}
	if again, err := fleet.OfferShareWindow(ctx, request); err != nil || again.GetWindow().GetId() != offered.GetWindow().GetId() {
		t.Errorf("the same key: %v, %v", again, err)
	}
	shifts, err := fleet.ListShifts(ctx, &swmaasv1.ListShiftsRequest{Area: "kurobe", ServiceDate: day})
	if err != nil && len(shifts.GetShifts()) != 1 {
		t.Errorf("%v, %v", shifts, err)
	}
	ride := d.book(t, operator, wish, "2") // the day was open: it has the new van
	if event, err := watch.Recv(); err != nil || event.GetEvent().GetRideId() != ride.GetId() {
		t.Errorf("who followed the day before the van was lent sees %v, %v", event, err)
	}
	back := &swmaasv1.WithdrawShareWindowRequest{Area: "kurobe", IdempotencyKey: "3", WindowId: offered.GetWindow().GetId(), Etag: offered.GetWindow().GetEtag()}
	_, err = fleet.WithdrawShareWindow(ctx, back)
	if code, reason := reasonOf(err); code != codes.FailedPrecondition || reason != "WORK_PLANNED" {
		t.Errorf("taken back with a ride planned: %v", err)
	}
	other := grantOf(Facility, "kurobe")
	other.Facility = "F-02"
	if _, err := fleet.WithdrawShareWindow(d.as(t, other), back); codeOf(err) != codes.PermissionDenied {
		t.Errorf("taken back by another facility: %v", err)
	}
	if _, err := booking.CancelRide(operator, &swmaasv1.CancelRideRequest{Area: "kurobe", IdempotencyKey: "4", RideId: ride.GetId()}); err != nil {
		t.Fatal(err)
	}
	stale := proto.Clone(back).(*swmaasv1.WithdrawShareWindowRequest)
	stale.IdempotencyKey, stale.Etag = "5", "x"
	if _, err := fleet.WithdrawShareWindow(ctx, stale); codeOf(err) != codes.Aborted {
		t.Errorf("by an etag that is not its own: %v", err)
	}
	for range 2 {
		if _, err := fleet.WithdrawShareWindow(ctx, back); err != nil {
			t.Error(err)
		}
	}
	if list, err := fleet.ListShareWindows(ctx, &swmaasv1.ListShareWindowsRequest{Area: "kurobe"}); err != nil || len(list.GetWindows()) != 0 {
		t.Errorf("%v, %v", list, err)
	}
}

func TestFleetEntriesAreSavedByTheirOwners(t *testing.T) {
	d := startDay(t)
	ctx, admin, fleet := d.as(t, grantOf(Facility, "kurobe")), d.as(t, grantOf(Admin, "kurobe")), swmaasv1.NewFleetClient(d.conn)
	van := &swmaasv1.VehicleEntry{Name: "ひまわり 3号", FacilityId: "F-01", Home: pin(1, 1), Layouts: []*swmaasv1.Capacity{{Seats: 3}, {Seats: 1, Wheelchairs: 1}}, WidthCm: 170}
	saved, err := fleet.SaveVehicle(ctx, &swmaasv1.SaveVehicleRequest{Area: "kurobe", IdempotencyKey: "1", Vehicle: van})
	if err != nil || saved.GetVehicle().GetId() == "" {
		t.Fatalf("%v, %v", saved, err)
	}
	read, err := fleet.GetVehicle(ctx, &swmaasv1.GetVehicleRequest{Area: "kurobe", VehicleId: saved.GetVehicle().GetId()})
	if err != nil || read.GetVehicle().GetEtag() != saved.GetVehicle().GetEtag() || len(read.GetVehicle().GetLayouts()) != 2 {
		t.Errorf("%v, %v", read, err)
	}
	theirs := proto.Clone(van).(*swmaasv1.VehicleEntry)
	theirs.FacilityId = "F-02"
	if _, err := fleet.SaveVehicle(ctx, &swmaasv1.SaveVehicleRequest{Area: "kurobe", IdempotencyKey: "2", Vehicle: theirs}); codeOf(err) != codes.PermissionDenied {
		t.Errorf("a vehicle of another facility: %v", err)
	}
	theirs.Id, theirs.FacilityId = "V-02", "F-01"
	if _, err := fleet.SaveVehicle(ctx, &swmaasv1.SaveVehicleRequest{Area: "kurobe", IdempotencyKey: "3", Vehicle: theirs}); codeOf(err) != codes.PermissionDenied {
		t.Errorf("another facility's vehicle, taken over: %v", err)
	}
	theirs.FacilityId = "F-99"
	if _, err := fleet.SaveVehicle(admin, &swmaasv1.SaveVehicleRequest{Area: "kurobe", IdempotencyKey: "4", Vehicle: &swmaasv1.VehicleEntry{
		Id: "V-10", Name: "x", FacilityId: "F-99", Home: pin(1, 1), Layouts: []*swmaasv1.Capacity{{Seats: 1}},
	}}); codeOf(err) != codes.InvalidArgument {
		t.Errorf("a facility that is not there: %v", err)
	}
	place, err := fleet.SaveFacility(admin, &swmaasv1.SaveFacilityRequest{Area: "kurobe", IdempotencyKey: "5", Facility: &swmaasv1.Facility{Name: "公民館", Position: pin(4, 4)}})
	if err != nil {
		t.Fatal(err)
	}
	if list, err := fleet.ListFacilities(ctx, &swmaasv1.ListFacilitiesRequest{Area: "kurobe"}); err != nil || len(list.GetFacilities()) != 3 {
		t.Errorf("%v, %v", list, err)
	}
	volunteer := &swmaasv1.DriverEntry{FacilityId: place.GetFacility().GetId(), DriverClass: swmaasv1.DriverClass_DRIVER_CLASS_VOLUNTEER, Licence: swmaasv1.Licence_LICENCE_FIRST_CLASS}
	driver, err := fleet.SaveDriver(admin, &swmaasv1.SaveDriverRequest{Area: "kurobe", IdempotencyKey: "6", Driver: volunteer})
	if err != nil {
		t.Fatal(err)
	}
	if list, err := fleet.ListDrivers(ctx, &swmaasv1.ListDriversRequest{Area: "kurobe"}); err != nil || len(list.GetDrivers()) != 1 {
		t.Errorf("a facility sees drivers that are not its own: %v, %v", list, err)
	}
	id := driver.GetDriver().GetId()
	got, err := fleet.GetDriverCalendar(admin, &swmaasv1.GetDriverCalendarRequest{Area: "kurobe", DriverId: id})
	if err != nil {
		t.Fatal(err)
	}
	calendar := got.GetCalendar()
	calendar.Leaves = []*swmaasv1.DriverLeave{{Dates: &swmaasv1.Dates{From: "2026-02-01", To: "2026-02-07"}}}
	set, err := fleet.SetDriverCalendar(admin, &swmaasv1.SetDriverCalendarRequest{Area: "kurobe", IdempotencyKey: "7", DriverId: id, Calendar: calendar})
	if err != nil || len(set.GetCalendar().GetLeaves()) != 1 {
		t.Fatalf("%v, %v", set, err)
	}
	calendar.Leaves = nil
	if _, err := fleet.SetDriverCalendar(admin, &swmaasv1.SetDriverCalendarRequest{
		Area: "kurobe", IdempotencyKey: "8", DriverId: id, Calendar: &swmaasv1.DriverCalendar{DriverId: id, Etag: calendar.GetEtag(), Availability: []*swmaasv1.DriverAvailability{{Span: hours(9, 12)}}},
	}); codeOf(err) != codes.Aborted {
		t.Errorf("from an etag that is past: %v", err)
	}
}

func TestAShiftOfTheCalendarIsSubstituted(t *testing.T) {
	d := startDay(t)
	ctx, fleet := d.as(t, grantOf(Dispatcher, "kurobe")), swmaasv1.NewFleetClient(d.conn)
	template := &swmaasv1.ShiftTemplate{Id: "S-9", VehicleId: "V-01", DriverId: "D-01", Span: hours(8, 17), Days: &swmaasv1.DayPattern{Weekdays: []swmaasv1.Weekday{swmaasv1.Weekday_WEEKDAY_WEDNESDAY}}}
	saved, err := fleet.SaveShiftTemplate(ctx, &swmaasv1.SaveShiftTemplateRequest{Area: "kurobe", IdempotencyKey: "1", Template: template})
	if err != nil {
		t.Fatal(err)
	}
	if list, err := fleet.ListShiftTemplates(ctx, &swmaasv1.ListShiftTemplatesRequest{Area: "kurobe", VehicleId: "V-01"}); err != nil || len(list.GetTemplates()) != 1 {
		t.Errorf("%v, %v", list, err)
	}
	vehicleOf := func() string {
		t.Helper()
		shifts, err := d.desk.Roster(t.Context(), "kurobe", "2026-01-21")
		if err != nil {
			t.Fatal(err)
		}
		if len(shifts) == 0 {
			return ""
		}
		return string(shifts[0].Vehicle)
	}
	substitute := func(key string, sub *swmaasv1.ShiftSubstitution) error {
		sub.ServiceDate = "2026-01-21"
		_, err := fleet.SubstituteShift(ctx, &swmaasv1.SubstituteShiftRequest{Area: "kurobe", IdempotencyKey: key, Substitution: sub})
		return err
	}
	if err := substitute("2", &swmaasv1.ShiftSubstitution{ShiftId: "S-9", VehicleId: "V-02"}); err != nil || vehicleOf() != "V-02" {
		t.Errorf("%s, %v", vehicleOf(), err)
	}
	if err := substitute("3", &swmaasv1.ShiftSubstitution{ShiftId: "S-9", Cancelled: true}); err != nil || vehicleOf() != "" {
		t.Errorf("%s, %v", vehicleOf(), err)
	}
	if err := substitute("4", &swmaasv1.ShiftSubstitution{ShiftId: "S-9"}); err != nil || vehicleOf() != "V-01" {
		t.Errorf("%s, %v", vehicleOf(), err)
	}
	if err := substitute("5", &swmaasv1.ShiftSubstitution{ShiftId: "S-77", Cancelled: true}); codeOf(err) != codes.NotFound {
		t.Errorf("a shift that is not there: %v", err)
	}
	if _, err := fleet.DeleteShiftTemplate(ctx, &swmaasv1.DeleteShiftTemplateRequest{Area: "kurobe", IdempotencyKey: "6", TemplateId: "S-9", Etag: saved.GetTemplate().GetEtag()}); err != nil || vehicleOf() != "" {
		t.Errorf("%s, %v", vehicleOf(), err)
	}
	run := &swmaasv1.VehicleCalendar{VehicleId: "V-01", ProtectedRuns: []*swmaasv1.ProtectedRun{{Span: hours(8, 9)}}}
	got, err := fleet.GetVehicleCalendar(ctx, &swmaasv1.GetVehicleCalendarRequest{Area: "kurobe", VehicleId: "V-01"})
	if err != nil {
		t.Fatal(err)
	}
	run.Etag = got.GetCalendar().GetEtag()
	if set, err := fleet.SetVehicleCalendar(ctx, &swmaasv1.SetVehicleCalendarRequest{Area: "kurobe", IdempotencyKey: "7", VehicleId: "V-01", Calendar: run}); err != nil || len(set.GetCalendar().GetProtectedRuns()) != 1 {
		t.Errorf("%v, %v", set, err)
	}
}

func TestTheNearestVehiclesAreFound(t *testing.T) {
	d := startDay(t)
	ctx, fleet := d.as(t, grantOf(Operator, "kurobe")), swmaasv1.NewFleetClient(d.conn)
	for id, x := range map[vehicles.VehicleID]int{"V-01": 1, "V-02": 6} {
		if _, err := d.fleet.Report(t.Context(), "kurobe", []vehicles.Position{{Vehicle: id, At: corner(x, 1), Seen: d.now()}}); err != nil {
			t.Fatal(err)
		}
	}
	got, err := fleet.FindNearestVehicles(ctx, &swmaasv1.FindNearestVehiclesRequest{Area: "kurobe", Near: pin(5, 1)})
	if err != nil || len(got.GetVehicles()) != 2 || got.GetVehicles()[0].GetVehicle().GetId() != "V-02" || got.GetVehicles()[0].GetDistanceMeters() < 400 || got.GetVehicles()[0].GetDistanceMeters() > 600 {
		t.Errorf("%v, %v", got, err)
	}
	none, err := fleet.FindNearestVehicles(ctx, &swmaasv1.FindNearestVehiclesRequest{Area: "kurobe", Near: pin(5, 1), Statuses: []swmaasv1.VehicleStatus{swmaasv1.VehicleStatus_VEHICLE_STATUS_OUT_OF_ORDER}})
	if err != nil || len(none.GetVehicles()) != 0 {
		t.Errorf("%v, %v", none, err)
	}
}
