package api

import (
	"context"
	"io"

	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/routing/geo"
	"github.com/swmaas/swmaas/vehicles"
)

func (emptyEngine) Hold(context.Context, dispatch.Actor, dispatch.AreaID, string, string) (*dispatch.BookResult, error) {
	return nil, dispatch.ErrNotFound
}

func (emptyEngine) Accept(context.Context, dispatch.Actor, dispatch.AreaID, dispatch.RideID, string) (*dispatch.Ride, int64, error) {
	return nil, 0, dispatch.ErrNotFound
}

func (emptyEngine) Decline(context.Context, dispatch.Actor, dispatch.AreaID, dispatch.RideID, string, string) (*dispatch.Ride, int64, error) {
	return nil, 0, dispatch.ErrNotFound
}

func (emptyEngine) QuoteChange(context.Context, dispatch.Actor, dispatch.RideID, int64, dispatch.Request) (*dispatch.Quote, error) {
	return nil, dispatch.ErrNotFound
}

func (emptyEngine) QuoteTrip(context.Context, dispatch.Actor, dispatch.TripRequest) (*dispatch.TripQuote, error) {
	return nil, dispatch.ErrNotFound
}

func (emptyEngine) QuoteGroup(context.Context, dispatch.Actor, []dispatch.Request) (*dispatch.TripQuote, error) {
	return nil, dispatch.ErrNotFound
}

func (emptyEngine) BookTrip(context.Context, dispatch.Actor, dispatch.AreaID, string, string) (*dispatch.TripResult, error) {
	return nil, dispatch.ErrNotFound
}

func (emptyEngine) Activate(context.Context, dispatch.Actor, dispatch.AreaID, dispatch.Activation, string) (*dispatch.Called, error) {
	return nil, dispatch.ErrNotFound
}

func (emptyEngine) WillCalls(context.Context, dispatch.AreaID, dispatch.Day) ([]dispatch.WillCall, error) {
	return nil, dispatch.ErrNotFound
}

func (emptyEngine) JoinWaitlist(context.Context, dispatch.Actor, dispatch.Request, string) (*dispatch.Ride, int64, error) {
	return nil, 0, dispatch.ErrNotFound
}

func (emptyEngine) Waitlist(context.Context, dispatch.AreaID, dispatch.Day) ([]*dispatch.Ride, error) {
	return nil, dispatch.ErrNotFound
}

func (emptyEngine) Why(context.Context, dispatch.AreaID, dispatch.RideID) (dispatch.Sentences, error) {
	return dispatch.Sentences{}, dispatch.ErrNotFound
}

// emptyRegister is a register without entries, which knows no call.
type emptyRegister struct{}

func (emptyRegister) Rider(context.Context, dispatch.AreaID, dispatch.RiderID) (*dispatch.Rider, error) {
	return nil, dispatch.ErrNotFound
}

func (emptyRegister) ByPhone(context.Context, dispatch.AreaID, string) ([]*dispatch.Rider, error) {
	return nil, dispatch.ErrNotFound
}

func (emptyRegister) Find(context.Context, dispatch.AreaID, string, int) ([]*dispatch.Rider, error) {
	return nil, dispatch.ErrNotFound
}

func (emptyRegister) All(context.Context, dispatch.AreaID) ([]*dispatch.Rider, error) {
	return nil, dispatch.ErrNotFound
}

func (emptyRegister) SaveAll(context.Context, string, []*dispatch.Rider) ([]*dispatch.Rider, error) {
	return nil, dispatch.ErrNotFound
}

func (emptyRegister) Done(context.Context, dispatch.AreaID, dispatch.IdempotencyKey) (bool, error) {
	return false, dispatch.ErrNotFound
}

func (emptyRegister) Keep(context.Context, dispatch.AreaID, dispatch.IdempotencyKey) error {
	return dispatch.ErrNotFound
}

// emptyPlaces is a gazetteer of an area that is not there.
type emptyPlaces struct{}

func (emptyPlaces) Search(context.Context, dispatch.AreaID, dispatch.PlaceQuery) ([]dispatch.PlaceHit, error) {
	return nil, dispatch.ErrNotFound
}

func (emptyPlaces) All(context.Context, dispatch.AreaID) ([]dispatch.KnownPlace, error) {
	return nil, dispatch.ErrNotFound
}

func (emptyPlaces) Edit(context.Context, dispatch.AreaID, string, func(*dispatch.KnownPlace) (*dispatch.KnownPlace, error)) error {
	return dispatch.ErrNotFound
}

// emptyOrders is an area without standing orders.
type emptyOrders struct{}

func (emptyOrders) Order(context.Context, dispatch.AreaID, dispatch.OrderID) (*dispatch.StandingOrder, error) {
	return nil, dispatch.ErrNotFound
}

func (emptyOrders) List(context.Context, dispatch.AreaID) ([]*dispatch.StandingOrder, error) {
	return nil, dispatch.ErrNotFound
}

func (emptyOrders) Put(context.Context, dispatch.Actor, dispatch.StandingOrder) (*dispatch.StandingOrder, []dispatch.OrderDay, error) {
	return nil, nil, dispatch.ErrNotFound
}

func (emptyOrders) Suspend(context.Context, dispatch.Actor, dispatch.AreaID, dispatch.OrderID, int64, dispatch.Suspension) (*dispatch.StandingOrder, []dispatch.OrderDay, error) {
	return nil, nil, dispatch.ErrNotFound
}

func (emptyOrders) Except(context.Context, dispatch.Actor, dispatch.AreaID, dispatch.OrderID, int64, dispatch.Exception) (*dispatch.StandingOrder, []dispatch.OrderDay, error) {
	return nil, nil, dispatch.ErrNotFound
}

func (emptyOrders) Delete(context.Context, dispatch.Actor, dispatch.AreaID, dispatch.OrderID, int64) ([]dispatch.OrderDay, error) {
	return nil, dispatch.ErrNotFound
}

// emptyGarage is an area without fleet and calendar.
type emptyGarage struct{}

func (emptyGarage) EditFleet(context.Context, dispatch.AreaID, func(*vehicles.Fleet) error) error {
	return dispatch.ErrNotFound
}

func (emptyGarage) EditCalendar(context.Context, dispatch.AreaID, func(*vehicles.Calendar) error) error {
	return dispatch.ErrNotFound
}

func (emptyGarage) Calendar(context.Context, dispatch.AreaID) (*vehicles.Calendar, error) {
	return nil, dispatch.ErrNotFound
}

func (emptyGarage) Nearest(context.Context, string, geo.LatLng, int, func(vehicles.VehicleID) bool) ([]vehicles.Near, error) {
	return nil, dispatch.ErrNotFound
}

// emptyAreas is an installation of which nothing is known.
type emptyAreas struct{}

func (emptyAreas) Area(context.Context, dispatch.AreaID) (*dispatch.Area, error) {
	return nil, dispatch.ErrNotFound
}

func (emptyAreas) Areas(context.Context) ([]dispatch.Area, error) { return nil, dispatch.ErrNotFound }

func (emptyAreas) Save(context.Context, dispatch.Actor, dispatch.Area) (*dispatch.Area, error) {
	return nil, dispatch.ErrNotFound
}

func (emptyAreas) Checks(context.Context, dispatch.AreaID) ([]dispatch.AreaCheck, error) {
	return nil, dispatch.ErrNotFound
}

// emptyOffice is an area without policies, counts and tokens.
type emptyOffice struct{}

func (emptyOffice) All(context.Context, dispatch.AreaID) ([]*dispatch.Policy, error) {
	return nil, dispatch.ErrNotFound
}

func (emptyOffice) Of(context.Context, dispatch.AreaID, dispatch.Day) (*dispatch.Policy, error) {
	return nil, dispatch.ErrNotFound
}

func (emptyOffice) Check(context.Context, dispatch.AreaID, []byte) ([]*dispatch.Policy, error) {
	return nil, dispatch.ErrNotFound
}

func (emptyOffice) Put(context.Context, dispatch.Actor, dispatch.PutPolicy, bool) (*dispatch.Policy, error) {
	return nil, dispatch.ErrNotFound
}

func (emptyOffice) Withdraw(context.Context, dispatch.Actor, dispatch.AreaID, string, int64) error {
	return dispatch.ErrNotFound
}

func (emptyOffice) Changes(context.Context, dispatch.AreaID, dispatch.EventID, int) ([]dispatch.PolicyChange, error) {
	return nil, dispatch.ErrNotFound
}

func (emptyOffice) Demand(context.Context, dispatch.AreaID, dispatch.Day) (*dispatch.Demand, error) {
	return nil, dispatch.ErrNotFound
}

func (emptyOffice) Problems(context.Context, dispatch.AreaID, dispatch.Day) ([]vehicles.Problem, error) {
	return nil, dispatch.ErrNotFound
}

func (emptyOffice) Expiring(context.Context, dispatch.AreaID, dispatch.Day, int) ([]vehicles.Problem, error) {
	return nil, dispatch.ErrNotFound
}

func (emptyOffice) Lapsing(context.Context, dispatch.AreaID, vehicles.Date, int) ([]dispatch.Lapse, error) {
	return nil, dispatch.ErrNotFound
}

func (emptyOffice) Issue(context.Context, string, Grant) (string, IssuedToken, error) {
	return "", IssuedToken{}, dispatch.ErrNotFound
}

func (emptyOffice) Issued(context.Context, string) ([]IssuedToken, error) {
	return nil, dispatch.ErrNotFound
}

func (emptyOffice) Revoke(context.Context, string, string) error { return dispatch.ErrNotFound }

func (emptyOffice) Erase(context.Context, string, dispatch.AreaID, dispatch.RiderID) error {
	return dispatch.ErrNotFound
}

func (emptyOffice) Import(context.Context, dispatch.AreaID, string, FileOf, io.Reader, bool) (Imported, error) {
	return Imported{}, dispatch.ErrNotFound
}

func (emptyOffice) Export(context.Context, dispatch.AreaID, FileOf, dispatch.RiderID, io.Writer) error {
	return dispatch.ErrNotFound
}
