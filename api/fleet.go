package api

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	swmaasv1 "github.com/swmaas/swmaas/api/gen/swmaas/v1"
	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/vehicles"
)

// fleetService implements swmaas.v1.Fleet.
type fleetService struct {
	swmaasv1.UnimplementedFleetServer
	engine Engine
	cfg    Config
}

func (s *fleetService) ListVehicles(ctx context.Context, q *swmaasv1.ListVehiclesRequest) (*swmaasv1.ListVehiclesResponse, error) {
	after, err := pageAfter(q.GetPageToken())
	if err != nil {
		return nil, err
	}
	fleet, err := s.engine.Fleet.Fleet(ctx, q.GetArea())
	if err != nil {
		return nil, err
	}
	live, err := s.live(ctx, q.GetArea())
	if err != nil {
		return nil, err
	}
	caller := callerOf(ctx)
	list := make([]*vehicles.Vehicle, 0, len(fleet.Vehicles))
	for i := range fleet.Vehicles {
		v := &fleet.Vehicles[i]
		if caller.mayLend(string(v.Owner)) && (q.GetFacilityId() == "" || q.GetFacilityId() == string(v.Owner)) {
			list = append(list, v)
		}
	}
	slices.SortFunc(list, func(a, b *vehicles.Vehicle) int { return cmp.Compare(a.ID, b.ID) })
	list, next := page(list, func(v *vehicles.Vehicle) string { return string(v.ID) }, after, pageSize(q.GetPageSize()))
	response := &swmaasv1.ListVehiclesResponse{Vehicles: make([]*swmaasv1.Vehicle, len(list)), NextPageToken: next}
	for i, v := range list {
		response.Vehicles[i] = live.vehicle(v)
	}
	return response, nil
}

func (s *fleetService) ListShifts(ctx context.Context, q *swmaasv1.ListShiftsRequest) (*swmaasv1.ListShiftsResponse, error) {
	after, err := pageAfter(q.GetPageToken())
	if err != nil {
		return nil, err
	}
	clock, err := s.cfg.day(q.GetServiceDate())
	if err != nil {
		return nil, err
	}
	shifts, err := s.engine.Fleet.Shifts(ctx, q.GetArea(), string(clock.day))
	if err != nil {
		return nil, err
	}
	if callerOf(ctx).Role == Facility {
		if shifts, err = s.ownShifts(ctx, q.GetArea(), shifts); err != nil {
			return nil, err
		}
	}
	shifts = slices.SortedFunc(slices.Values(shifts), func(a, b vehicles.Shift) int { return cmp.Compare(a.ID, b.ID) })
	shifts, next := page(shifts, func(s vehicles.Shift) string { return string(s.ID) }, after, pageSize(q.GetPageSize()))
	response := &swmaasv1.ListShiftsResponse{Shifts: make([]*swmaasv1.Shift, len(shifts)), NextPageToken: next}
	for i := range shifts {
		response.Shifts[i] = clock.shift(&shifts[i])
	}
	return response, nil
}

// ownShifts keeps the shifts of the calling facility's vehicles.
func (s *fleetService) ownShifts(ctx context.Context, area string, shifts []vehicles.Shift) ([]vehicles.Shift, error) {
	fleet, err := s.engine.Fleet.Fleet(ctx, area)
	if err != nil {
		return nil, err
	}
	own := map[vehicles.VehicleID]bool{}
	for i := range fleet.Vehicles {
		own[fleet.Vehicles[i].ID] = callerOf(ctx).mayLend(string(fleet.Vehicles[i].Owner))
	}
	var kept []vehicles.Shift
	for i := range shifts {
		if own[shifts[i].Vehicle] {
			kept = append(kept, shifts[i])
		}
	}
	return kept, nil
}

// ReportVehicleState needs no memory of its idempotency key: the report with the newest time counts, however often and in
// whatever order reports come.
func (s *fleetService) ReportVehicleState(ctx context.Context, q *swmaasv1.ReportVehicleStateRequest) (*swmaasv1.ReportVehicleStateResponse, error) {
	caller, at := callerOf(ctx), q.GetDeviceTime()
	if !caller.mayDrive(q.GetVehicleId()) {
		return nil, ErrScope
	}
	if !at.IsValid() || at.AsTime().After(s.cfg.Clock().Add(maxAhead)) || at.GetSeconds() < 0 {
		return nil, fmt.Errorf("%w: device_time: before 1970, or more than %v ahead of the service", ErrRequest, maxAhead)
	}
	fleet, err := s.engine.Fleet.Fleet(ctx, q.GetArea())
	if err != nil {
		return nil, err
	}
	id := vehicles.VehicleID(q.GetVehicleId())
	i := slices.IndexFunc(fleet.Vehicles, func(v vehicles.Vehicle) bool { return v.ID == id })
	if i < 0 {
		return nil, fmt.Errorf("%w: vehicle %s", dispatch.ErrNotFound, id)
	}
	if !caller.mayLend(string(fleet.Vehicles[i].Owner)) {
		return nil, ErrScope
	}
	report := vehicles.StatusReport{Vehicle: id, Status: vehicleStatuses[q.GetStatus()], Seen: at.AsTime()}
	if _, err := s.engine.Statuses.SetStatus(ctx, q.GetArea(), report); err != nil {
		return nil, err
	}
	live, err := s.live(ctx, q.GetArea())
	if err != nil {
		return nil, err
	}
	return &swmaasv1.ReportVehicleStateResponse{Vehicle: live.vehicle(&fleet.Vehicles[i])}, nil
}

// liveFleet is what the vehicles of an area last reported.
type liveFleet struct {
	positions map[vehicles.VehicleID]vehicles.Position
	statuses  map[vehicles.VehicleID]vehicles.StatusReport
}

func (s *fleetService) live(ctx context.Context, area string) (*liveFleet, error) {
	statuses, err := s.engine.Statuses.Statuses(ctx, area)
	if err != nil {
		return nil, err
	}
	positions, err := s.engine.Positions.Positions(ctx, area)
	if err != nil {
		return nil, err
	}
	live := &liveFleet{positions: make(map[vehicles.VehicleID]vehicles.Position, len(positions)), statuses: statuses}
	for _, p := range positions {
		live.positions[p.Vehicle] = p
	}
	return live, nil
}

// vehicle gives the contract's form of a vehicle. One that never reported a status is off duty.
func (l *liveFleet) vehicle(v *vehicles.Vehicle) *swmaasv1.Vehicle {
	out := &swmaasv1.Vehicle{
		Id: string(v.ID), Name: v.Name, FacilityId: string(v.Owner), Home: latLng(v.Home),
		Layouts: make([]*swmaasv1.Capacity, len(v.Cabin)), Aids: aidList(v.Equipment),
		DwellPerStop: seconds(int32(v.Dwell.PerStop)), DwellPerWheelchair: seconds(int32(v.Dwell.PerWheelchair)),
		WidthCm: int32(v.WidthCM), Welfare: v.Welfare, Status: vehicleStateWords[l.statuses[v.ID].Status], Etag: vehicleEntry(*v).GetEtag(),
	}
	for i, layout := range v.Cabin {
		out.Layouts[i] = capacity(layout)
	}
	if last, ok := l.positions[v.ID]; ok {
		out.LastPosition, out.LastSeen = latLng(last.At), timestampOrNone(last.Seen)
	}
	return out
}

func (c dayClock) shift(s *vehicles.Shift) *swmaasv1.Shift {
	out := &swmaasv1.Shift{
		Id: string(s.ID), VehicleId: string(s.Vehicle), DriverId: string(s.Driver),
		Span: c.span(s.Span), Start: latLng(s.Start), End: latLng(s.End),
		OwnRounds: make([]*swmaasv1.Span, len(s.OwnRounds)),
	}
	for i, r := range s.OwnRounds {
		out.OwnRounds[i] = c.span(r)
	}
	return out
}

func (c dayClock) span(s vehicles.Span) *swmaasv1.Span {
	return &swmaasv1.Span{Start: c.moment(s.Start), End: c.moment(s.End)}
}
