package api

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"google.golang.org/protobuf/proto"

	swmaasv1 "github.com/swmaas/swmaas/api/gen/swmaas/v1"
	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/routing/geo"
	"github.com/swmaas/swmaas/vehicles"
)

// Garage changes what is known of vehicles and drivers ahead of time. Its edits are given what is kept now, may be made more
// than once, and end with the error of the change. Errors are those of dispatch.
type Garage interface {
	EditFleet(ctx context.Context, area dispatch.AreaID, change func(*vehicles.Fleet) error) error
	EditCalendar(ctx context.Context, area dispatch.AreaID, change func(*vehicles.Calendar) error) error
}

// Calendars is what is known ahead of time.
type Calendars interface {
	// Calendar is the calendar of an area without fleet and holidays, empty where there is none. The caller owns it.
	Calendar(ctx context.Context, area dispatch.AreaID) (*vehicles.Calendar, error)
}

// Nearby finds vehicles by where they were last seen.
type Nearby interface {
	// Nearest returns the k vehicles nearest to a place that keep allows and that were seen within the last minutes.
	Nearest(ctx context.Context, area string, at geo.LatLng, k int, keep func(vehicles.VehicleID) bool) ([]vehicles.Near, error)
}

// etagged is a record of the contract that is edited with an etag.
type etagged interface {
	proto.Message
	GetId() string
	GetEtag() string
}

// put puts an entry into a list where the etag allows it, and is what checkEtag says otherwise. An entry that is there as it is
// wanted is a repetition, whatever the etag.
func put[T any, M etagged](list []T, what string, entry T, etag string, message func(T) M) ([]T, error) {
	wanted := message(entry)
	i := slices.IndexFunc(list, func(x T) bool { return message(x).GetId() == wanted.GetId() })
	if i >= 0 && message(list[i]).GetEtag() == wanted.GetEtag() {
		return list, nil
	}
	if err := checkEtag(what+" "+wanted.GetId(), i >= 0, etag, func() string { return message(list[i]).GetEtag() }); err != nil {
		return nil, err
	}
	list = slices.Clone(list)
	if i < 0 {
		return append(list, entry), nil
	}
	list[i] = entry
	return list, nil
}

// take takes an entry out of a list where the etag allows it.
func take[T any, M etagged](list []T, what, id, etag string, message func(T) M) ([]T, error) {
	i := slices.IndexFunc(list, func(x T) bool { return message(x).GetId() == id })
	if err := checkEtag(what+" "+id, i >= 0, etag, func() string { return message(list[i]).GetEtag() }); err != nil {
		return nil, err
	}
	return slices.Delete(slices.Clone(list), i, i+1), nil
}

// ownFacility fails with ErrScope for another facility than the caller's.
func ownFacility(ctx context.Context, owner string) error {
	if !callerOf(ctx).mayLend(owner) {
		return ErrScope
	}
	return nil
}

// ownVehicle fails with dispatch.ErrNotFound for a vehicle that a fleet does not have, and with ErrScope for another facility's.
func ownVehicle(ctx context.Context, fleet *vehicles.Fleet, id string) error {
	for i := range fleet.Vehicles {
		if string(fleet.Vehicles[i].ID) == id {
			return ownFacility(ctx, string(fleet.Vehicles[i].Owner))
		}
	}
	return fmt.Errorf("%w: vehicle %s", dispatch.ErrNotFound, id)
}

// ownDriver is ownVehicle for a driver, who is returned.
func ownDriver(ctx context.Context, fleet *vehicles.Fleet, id string) (vehicles.Driver, error) {
	for _, d := range fleet.Drivers {
		if string(d.ID) == id {
			return d, ownFacility(ctx, string(d.Facility))
		}
	}
	return vehicles.Driver{}, fmt.Errorf("%w: driver %s", dispatch.ErrNotFound, id)
}

func (s *fleetService) GetVehicle(ctx context.Context, q *swmaasv1.GetVehicleRequest) (*swmaasv1.GetVehicleResponse, error) {
	fleet, err := s.engine.Fleet.Fleet(ctx, q.GetArea())
	if err != nil {
		return nil, err
	}
	if err := ownVehicle(ctx, &fleet, q.GetVehicleId()); err != nil {
		return nil, err
	}
	live, err := s.live(ctx, q.GetArea())
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(fleet.Vehicles, func(v vehicles.Vehicle) bool { return string(v.ID) == q.GetVehicleId() })
	return &swmaasv1.GetVehicleResponse{Vehicle: live.vehicle(&fleet.Vehicles[i])}, nil
}

func (s *fleetService) SaveVehicle(ctx context.Context, q *swmaasv1.SaveVehicleRequest) (*swmaasv1.SaveVehicleResponse, error) {
	vehicle := vehicleOf(q.GetVehicle())
	vehicle.ID = cmp.Or(vehicle.ID, vehicles.VehicleID(newID(ctx, "V-", q)))
	if err := ownFacility(ctx, string(vehicle.Owner)); err != nil {
		return nil, err
	}
	err := s.editFleet(ctx, q, func(f *vehicles.Fleet) (err error) {
		if err := ownVehicle(ctx, f, string(vehicle.ID)); errors.Is(err, ErrScope) {
			return err
		}
		f.Vehicles, err = put(f.Vehicles, "vehicle", vehicle, q.GetVehicle().GetEtag(), vehicleEntry)
		return err
	})
	return &swmaasv1.SaveVehicleResponse{Vehicle: vehicleEntry(vehicle)}, err
}

func (s *fleetService) SaveFacility(ctx context.Context, q *swmaasv1.SaveFacilityRequest) (*swmaasv1.SaveFacilityResponse, error) {
	facility, err := facilityOf(q.GetFacility())
	if err != nil {
		return nil, err
	}
	facility.ID = cmp.Or(facility.ID, vehicles.FacilityID(newID(ctx, "F-", q)))
	err = s.editFleet(ctx, q, func(f *vehicles.Fleet) (err error) {
		f.Facilities, err = put(f.Facilities, "facility", facility, q.GetFacility().GetEtag(), facilityMessage)
		return err
	})
	return &swmaasv1.SaveFacilityResponse{Facility: facilityMessage(facility)}, err
}

func (s *fleetService) SaveDriver(ctx context.Context, q *swmaasv1.SaveDriverRequest) (*swmaasv1.SaveDriverResponse, error) {
	driver, err := driverOf(q.GetDriver())
	if err != nil {
		return nil, err
	}
	driver.ID = cmp.Or(driver.ID, vehicles.DriverID(newID(ctx, "D-", q)))
	if err := ownFacility(ctx, string(driver.Facility)); err != nil {
		return nil, err
	}
	err = s.editFleet(ctx, q, func(f *vehicles.Fleet) (err error) {
		if _, err := ownDriver(ctx, f, string(driver.ID)); errors.Is(err, ErrScope) {
			return err
		}
		f.Drivers, err = put(f.Drivers, "driver", driver, q.GetDriver().GetEtag(), driverEntry)
		return err
	})
	return &swmaasv1.SaveDriverResponse{Driver: driverEntry(driver)}, err
}

// editFleet changes the fleet of a request's area once.
func (s *fleetService) editFleet(ctx context.Context, q keyed, change func(*vehicles.Fleet) error) error {
	return s.engine.once(ctx, q, func() error { return s.engine.Garage.EditFleet(ctx, dispatch.AreaID(q.GetArea()), change) })
}

func (s *fleetService) ListFacilities(ctx context.Context, q *swmaasv1.ListFacilitiesRequest) (*swmaasv1.ListFacilitiesResponse, error) {
	fleet, err := s.engine.Fleet.Fleet(ctx, q.GetArea())
	if err != nil {
		return nil, err
	}
	list, next, err := entries(fleet.Facilities, facilityMessage, q)
	return &swmaasv1.ListFacilitiesResponse{Facilities: list, NextPageToken: next}, err
}

func (s *fleetService) ListDrivers(ctx context.Context, q *swmaasv1.ListDriversRequest) (*swmaasv1.ListDriversResponse, error) {
	fleet, err := s.engine.Fleet.Fleet(ctx, q.GetArea())
	if err != nil {
		return nil, err
	}
	caller := callerOf(ctx)
	own := without(fleet.Drivers, func(d vehicles.Driver) bool { return !caller.mayLend(string(d.Facility)) })
	if !caller.mayRing() {
		for i := range own {
			own[i].Phone = "" // the etag too is then one without
		}
	}
	list, next, err := entries(own, driverEntry, q)
	return &swmaasv1.ListDriversResponse{Drivers: list, NextPageToken: next}, err
}

// paged is a request for one page of a list.
type paged interface {
	GetPageSize() int32
	GetPageToken() string
}

// entries is one page of a list in the order of the ids.
func entries[T any, M etagged](list []T, message func(T) M, q paged) ([]M, string, error) {
	after, err := pageAfter(q.GetPageToken())
	if err != nil {
		return nil, "", err
	}
	all := mapped(list, message)
	slices.SortFunc(all, func(a, b M) int { return cmp.Compare(a.GetId(), b.GetId()) })
	all, next := page(all, M.GetId, after, pageSize(q.GetPageSize()))
	return all, next, nil
}

func (s *fleetService) FindNearestVehicles(ctx context.Context, q *swmaasv1.FindNearestVehiclesRequest) (*swmaasv1.FindNearestVehiclesResponse, error) {
	fleet, err := s.engine.Fleet.Fleet(ctx, q.GetArea())
	if err != nil {
		return nil, err
	}
	live, err := s.live(ctx, q.GetArea())
	if err != nil {
		return nil, err
	}
	known := map[vehicles.VehicleID]*swmaasv1.Vehicle{}
	for i := range fleet.Vehicles {
		v := live.vehicle(&fleet.Vehicles[i])
		if len(q.GetStatuses()) == 0 || slices.Contains(q.GetStatuses(), v.GetStatus()) {
			known[fleet.Vehicles[i].ID] = v
		}
	}
	limit := int(q.GetPageSize())
	if limit == 0 {
		limit = usualFinds
	}
	near, err := s.engine.Nearby.Nearest(ctx, q.GetArea(), latLngOf(q.GetNear()), limit, func(id vehicles.VehicleID) bool { return known[id] != nil })
	if err != nil {
		return nil, err
	}
	return &swmaasv1.FindNearestVehiclesResponse{Vehicles: mapped(near, func(n vehicles.Near) *swmaasv1.NearVehicle {
		return &swmaasv1.NearVehicle{Vehicle: known[n.Position.Vehicle], DistanceMeters: int32(n.Meters)}
	})}, nil
}
