package api

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	swmaasv1 "github.com/swmaas/swmaas/api/gen/swmaas/v1"
	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/vehicles"
)

// own reads fleet and calendar and fails where a vehicle is not the caller's; an empty one is anybody's.
func (s *fleetService) own(ctx context.Context, area, vehicle string) (*vehicles.Fleet, *vehicles.Calendar, error) {
	fleet, err := s.engine.Fleet.Fleet(ctx, area)
	if err != nil {
		return nil, nil, err
	}
	if vehicle != "" {
		if err := ownVehicle(ctx, &fleet, vehicle); err != nil {
			return nil, nil, err
		}
	}
	calendar, err := s.engine.Calendars.Calendar(ctx, dispatch.AreaID(area))
	return &fleet, calendar, err
}

// editCalendar changes the calendar of a request's area once.
func (s *fleetService) editCalendar(ctx context.Context, q keyed, change func(*vehicles.Calendar) error) error {
	return s.engine.once(ctx, q, func() error { return s.engine.Garage.EditCalendar(ctx, dispatch.AreaID(q.GetArea()), change) })
}

// vehiclePage is a request for one page of a list of the calendar.
type vehiclePage interface {
	paged
	GetArea() string
	GetVehicleId() string
}

// shown decides which vehicles' entries a list holds.
func (s *fleetService) shown(ctx context.Context, q vehiclePage) (*vehicles.Calendar, func(vehicles.VehicleID) bool, error) {
	fleet, calendar, err := s.own(ctx, q.GetArea(), q.GetVehicleId())
	if err != nil {
		return nil, nil, err
	}
	return calendar, func(id vehicles.VehicleID) bool {
		return (q.GetVehicleId() == "" || q.GetVehicleId() == string(id)) && !errors.Is(ownVehicle(ctx, fleet, string(id)), ErrScope)
	}, nil
}

func (s *fleetService) ListShiftTemplates(ctx context.Context, q *swmaasv1.ListShiftTemplatesRequest) (*swmaasv1.ListShiftTemplatesResponse, error) {
	calendar, shown, err := s.shown(ctx, q)
	if err != nil {
		return nil, err
	}
	own := without(calendar.Templates, func(t vehicles.ShiftTemplate) bool { return !shown(t.Vehicle) })
	list, next, err := entries(own, templateMessage, q)
	return &swmaasv1.ListShiftTemplatesResponse{Templates: list, NextPageToken: next}, err
}

func (s *fleetService) SaveShiftTemplate(ctx context.Context, q *swmaasv1.SaveShiftTemplateRequest) (*swmaasv1.SaveShiftTemplateResponse, error) {
	fleet, _, err := s.own(ctx, q.GetArea(), q.GetTemplate().GetVehicleId())
	if err != nil {
		return nil, err
	}
	template := templateOf(q.GetTemplate())
	template.ID = cmp.Or(template.ID, vehicles.ShiftID(newID(ctx, "S-", q)))
	err = s.editCalendar(ctx, q, func(c *vehicles.Calendar) (err error) {
		if err := ownTemplate(ctx, fleet, c, string(template.ID)); err != nil {
			return err
		}
		c.Templates, err = put(c.Templates, "shift template", template, q.GetTemplate().GetEtag(), templateMessage)
		return err
	})
	return &swmaasv1.SaveShiftTemplateResponse{Template: templateMessage(template)}, err
}

// ownTemplate fails with ErrScope for a template of another facility's vehicle.
func ownTemplate(ctx context.Context, fleet *vehicles.Fleet, c *vehicles.Calendar, id string) error {
	for i := range c.Templates {
		if string(c.Templates[i].ID) == id && errors.Is(ownVehicle(ctx, fleet, string(c.Templates[i].Vehicle)), ErrScope) {
			return ErrScope
		}
	}
	return nil
}

func (s *fleetService) DeleteShiftTemplate(ctx context.Context, q *swmaasv1.DeleteShiftTemplateRequest) (*swmaasv1.DeleteShiftTemplateResponse, error) {
	fleet, _, err := s.own(ctx, q.GetArea(), "")
	if err != nil {
		return nil, err
	}
	err = s.editCalendar(ctx, q, func(c *vehicles.Calendar) (err error) {
		if err := ownTemplate(ctx, fleet, c, q.GetTemplateId()); err != nil {
			return err
		}
		c.Templates, err = take(c.Templates, "shift template", q.GetTemplateId(), q.GetEtag(), templateMessage)
		return err
	})
	return &swmaasv1.DeleteShiftTemplateResponse{}, err
}

func (s *fleetService) ListShareWindows(ctx context.Context, q *swmaasv1.ListShareWindowsRequest) (*swmaasv1.ListShareWindowsResponse, error) {
	calendar, shown, err := s.shown(ctx, q)
	if err != nil {
		return nil, err
	}
	own := without(calendar.Windows, func(w vehicles.ShareWindow) bool { return !shown(w.Vehicle) })
	list, next, err := entries(own, windowMessage, q)
	return &swmaasv1.ListShareWindowsResponse{Windows: list, NextPageToken: next}, err
}

func (s *fleetService) OfferShareWindow(ctx context.Context, q *swmaasv1.OfferShareWindowRequest) (*swmaasv1.OfferShareWindowResponse, error) {
	fleet, _, err := s.own(ctx, q.GetArea(), q.GetWindow().GetVehicleId())
	if err != nil {
		return nil, err
	}
	window := shareWindowOf(q.GetWindow())
	window.ID = cmp.Or(window.ID, vehicles.ShiftID(newID(ctx, "W-", q)))
	err = s.editCalendar(ctx, q, func(c *vehicles.Calendar) (err error) {
		if err := ownWindow(ctx, fleet, c, string(window.ID)); err != nil {
			return err
		}
		c.Windows, err = put(c.Windows, "share window", window, q.GetWindow().GetEtag(), windowMessage)
		return err
	})
	return &swmaasv1.OfferShareWindowResponse{Window: windowMessage(window)}, err
}

// ownWindow fails with ErrScope for a window of another facility's vehicle.
func ownWindow(ctx context.Context, fleet *vehicles.Fleet, c *vehicles.Calendar, id string) error {
	for i := range c.Windows {
		if string(c.Windows[i].ID) == id && errors.Is(ownVehicle(ctx, fleet, string(c.Windows[i].Vehicle)), ErrScope) {
			return ErrScope
		}
	}
	return nil
}

func (s *fleetService) WithdrawShareWindow(ctx context.Context, q *swmaasv1.WithdrawShareWindowRequest) (*swmaasv1.WithdrawShareWindowResponse, error) {
	fleet, _, err := s.own(ctx, q.GetArea(), "")
	if err != nil {
		return nil, err
	}
	err = s.editCalendar(ctx, q, func(c *vehicles.Calendar) (err error) {
		if err := ownWindow(ctx, fleet, c, q.GetWindowId()); err != nil {
			return err
		}
		c.Windows, err = take(c.Windows, "share window", q.GetWindowId(), q.GetEtag(), windowMessage)
		return err
	})
	return &swmaasv1.WithdrawShareWindowResponse{}, err
}

func (s *fleetService) GetVehicleCalendar(ctx context.Context, q *swmaasv1.GetVehicleCalendarRequest) (*swmaasv1.GetVehicleCalendarResponse, error) {
	_, calendar, err := s.own(ctx, q.GetArea(), q.GetVehicleId())
	if err != nil {
		return nil, err
	}
	return &swmaasv1.GetVehicleCalendarResponse{Calendar: vehicleCalendar(calendar, vehicles.VehicleID(q.GetVehicleId()))}, nil
}

func (s *fleetService) SetVehicleCalendar(ctx context.Context, q *swmaasv1.SetVehicleCalendarRequest) (*swmaasv1.SetVehicleCalendarResponse, error) {
	if q.GetVehicleId() != q.GetCalendar().GetVehicleId() {
		return nil, fmt.Errorf("%w: calendar.vehicle_id: is not vehicle_id", ErrRequest)
	}
	if _, _, err := s.own(ctx, q.GetArea(), q.GetVehicleId()); err != nil {
		return nil, err
	}
	id := vehicles.VehicleID(q.GetVehicleId())
	wanted := new(vehicles.Calendar)
	setVehicleCalendar(wanted, q.GetCalendar())
	out := vehicleCalendar(wanted, id)
	err := s.editCalendar(ctx, q, func(c *vehicles.Calendar) error {
		now := vehicleCalendar(c, id).GetEtag()
		if now != out.GetEtag() && now != q.GetCalendar().GetEtag() {
			return fmt.Errorf("%w: calendar of vehicle %s", dispatch.ErrChanged, id)
		}
		setVehicleCalendar(c, q.GetCalendar())
		return nil
	})
	return &swmaasv1.SetVehicleCalendarResponse{Calendar: out}, err
}

func (s *fleetService) GetDriverCalendar(ctx context.Context, q *swmaasv1.GetDriverCalendarRequest) (*swmaasv1.GetDriverCalendarResponse, error) {
	fleet, calendar, err := s.own(ctx, q.GetArea(), "")
	if err != nil {
		return nil, err
	}
	if _, err := ownDriver(ctx, fleet, q.GetDriverId()); err != nil {
		return nil, err
	}
	return &swmaasv1.GetDriverCalendarResponse{Calendar: driverCalendar(calendar, vehicles.DriverID(q.GetDriverId()))}, nil
}

func (s *fleetService) SetDriverCalendar(ctx context.Context, q *swmaasv1.SetDriverCalendarRequest) (*swmaasv1.SetDriverCalendarResponse, error) {
	if q.GetDriverId() != q.GetCalendar().GetDriverId() {
		return nil, fmt.Errorf("%w: calendar.driver_id: is not driver_id", ErrRequest)
	}
	fleet, _, err := s.own(ctx, q.GetArea(), "")
	if err != nil {
		return nil, err
	}
	driver, err := ownDriver(ctx, fleet, q.GetDriverId())
	if err != nil {
		return nil, err
	}
	wanted := new(vehicles.Calendar)
	setDriverCalendar(wanted, q.GetCalendar(), driver)
	out := driverCalendar(wanted, driver.ID)
	err = s.editCalendar(ctx, q, func(c *vehicles.Calendar) error {
		now := driverCalendar(c, driver.ID).GetEtag()
		if now != out.GetEtag() && now != q.GetCalendar().GetEtag() {
			return fmt.Errorf("%w: calendar of driver %s", dispatch.ErrChanged, driver.ID)
		}
		setDriverCalendar(c, q.GetCalendar(), driver)
		return nil
	})
	return &swmaasv1.SetDriverCalendarResponse{Calendar: out}, err
}

func (s *fleetService) SubstituteShift(ctx context.Context, q *swmaasv1.SubstituteShiftRequest) (*swmaasv1.SubstituteShiftResponse, error) {
	m := q.GetSubstitution()
	clock, err := s.cfg.day(m.GetServiceDate())
	if err != nil {
		return nil, err
	}
	fleet, calendar, err := s.own(ctx, q.GetArea(), m.GetVehicleId())
	if err != nil {
		return nil, err
	}
	if m.GetDriverId() != "" {
		if _, err := ownDriver(ctx, fleet, m.GetDriverId()); err != nil {
			return nil, err
		}
	}
	sub := vehicles.Substitution{
		Day: vehicles.Date(clock.day), Shift: vehicles.ShiftID(m.GetShiftId()), Driver: vehicles.DriverID(m.GetDriverId()),
		Vehicle: vehicles.VehicleID(m.GetVehicleId()), Cancelled: m.GetCancelled(),
	}
	if err := ownShift(ctx, fleet, calendar, sub.Shift); err != nil {
		return nil, err
	}
	err = s.editCalendar(ctx, q, func(c *vehicles.Calendar) error {
		c.Substitutions = without(c.Substitutions, func(x vehicles.Substitution) bool { return x.Day == sub.Day && x.Shift == sub.Shift })
		if sub.Driver != "" || sub.Vehicle != "" || sub.Cancelled {
			c.Substitutions = append(c.Substitutions, sub)
		}
		return nil
	})
	return &swmaasv1.SubstituteShiftResponse{}, err
}

// ownShift fails with dispatch.ErrNotFound for a shift that neither a template nor a window makes, and with ErrScope for
// another facility's.
func ownShift(ctx context.Context, fleet *vehicles.Fleet, c *vehicles.Calendar, id vehicles.ShiftID) error {
	if i := slices.IndexFunc(c.Templates, func(t vehicles.ShiftTemplate) bool { return t.ID == id }); i >= 0 {
		return ownVehicle(ctx, fleet, string(c.Templates[i].Vehicle))
	}
	if i := slices.IndexFunc(c.Windows, func(w vehicles.ShareWindow) bool { return w.ID == id }); i >= 0 {
		return ownVehicle(ctx, fleet, string(c.Windows[i].Vehicle))
	}
	return fmt.Errorf("%w: shift %s", dispatch.ErrNotFound, id)
}
