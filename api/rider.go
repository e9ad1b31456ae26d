package api

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"google.golang.org/protobuf/types/known/fieldmaskpb"

	swmaasv1 "github.com/swmaas/swmaas/api/gen/swmaas/v1"
	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/routing/geo"
	"github.com/swmaas/swmaas/vehicles"
)

// RiderFinder finds people in the register. Errors are those of dispatch; what it returns is shared and never changed.
type RiderFinder interface {
	Rider(ctx context.Context, area dispatch.AreaID, id dispatch.RiderID) (*dispatch.Rider, error)
	ByPhone(ctx context.Context, area dispatch.AreaID, phone string) ([]*dispatch.Rider, error)
	Find(ctx context.Context, area dispatch.AreaID, text string, limit int) ([]*dispatch.Rider, error)
}

// RiderKeeper lists and changes the register.
type RiderKeeper interface {
	// All lists every entry by id.
	All(ctx context.Context, area dispatch.AreaID) ([]*dispatch.Rider, error)
	// SaveAll writes entries at the versions that they were read at, all or none; dispatch.ErrStale where one has changed.
	SaveAll(ctx context.Context, actor string, riders []*dispatch.Rider) ([]*dispatch.Rider, error)
}

// usualFinds is how many riders or places a search gives where the caller names no number.
const usualFinds = 10

// ownFields are what riders, and proxies for them, may change themselves: how to reach and find them, and nothing that decides
// what they may ride.
var ownFields = []string{"phones", "home", "places", "contacts"}

func (s *bookingService) CreateRider(ctx context.Context, q *swmaasv1.CreateRiderRequest) (*swmaasv1.CreateRiderResponse, error) {
	rider, err := riderOf(q.GetArea(), q.GetRider())
	if err != nil {
		return nil, err
	}
	if rider.ID == "" {
		rider.ID = dispatch.RiderID(newID(ctx, "R-", q))
	}
	err = s.engine.once(ctx, q, func() error {
		_, err := s.engine.RiderKeeper.SaveAll(ctx, callerOf(ctx).Subject, []*dispatch.Rider{rider})
		if !errors.Is(err, dispatch.ErrStale) {
			return err
		}
		there, unknown := s.engine.RiderFinder.Rider(ctx, rider.Area, rider.ID)
		switch rider.Version = 1; {
		case unknown != nil:
			return err
		case equalRiders(there, rider):
			return nil
		}
		return fmt.Errorf("%w: rider %s", ErrExists, rider.ID)
	})
	if err != nil {
		return nil, err
	}
	out, err := s.seen(ctx, q.GetArea(), rider.ID, nil)
	return &swmaasv1.CreateRiderResponse{Rider: out}, err
}

// equalRiders reports whether two entries have the same content and version.
func equalRiders(a, b *dispatch.Rider) bool {
	return a.Version == b.Version && equalMessages(riderMessage(a), riderMessage(b))
}

func (s *bookingService) GetRider(ctx context.Context, q *swmaasv1.GetRiderRequest) (*swmaasv1.GetRiderResponse, error) {
	if !callerOf(ctx).mayActFor(q.GetRiderId()) {
		return nil, ErrScope
	}
	out, err := s.seen(ctx, q.GetArea(), dispatch.RiderID(q.GetRiderId()), q.GetReadMask())
	return &swmaasv1.GetRiderResponse{Rider: out}, err
}

// seen is an entry as the caller may see it; ErrScope where they may see nothing of it.
func (s *bookingService) seen(ctx context.Context, area string, id dispatch.RiderID, mask *fieldmaskpb.FieldMask) (*swmaasv1.Rider, error) {
	if err := checkMask("read_mask", mask, &swmaasv1.Rider{}); err != nil {
		return nil, err
	}
	rider, err := s.engine.RiderFinder.Rider(ctx, dispatch.AreaID(area), id)
	if err != nil {
		return nil, err
	}
	viewer, err := s.viewer(ctx, area, id)
	if err != nil {
		return nil, err
	}
	if viewer.Kind == dispatch.DriverViewer && len(viewer.Stops) == 0 {
		return nil, ErrScope
	}
	view, ok := rider.View(viewer)
	if !ok {
		return nil, ErrScope
	}
	out := riderMessage(view)
	keepFields(out, mask, "id", "version")
	return out, nil
}

// viewers says what each role sees of the register. A role without an entry sees nothing.
var viewers = map[Role]dispatch.ViewerKind{
	Rider: dispatch.RiderViewer, Proxy: dispatch.RiderViewer, Operator: dispatch.OperatorViewer, Dispatcher: dispatch.OperatorViewer,
	Driver: dispatch.DriverViewer, Facility: dispatch.FacilityViewer, Council: dispatch.FiguresViewer, Auditor: dispatch.FiguresViewer,
}

// viewer is the caller as the register knows viewers. A driver's is about one rider: where their rides of today with the
// driver's vehicle begin and end.
func (s *bookingService) viewer(ctx context.Context, area string, rider dispatch.RiderID) (dispatch.Viewer, error) {
	caller := callerOf(ctx)
	today := s.cfg.Clock().In(s.cfg.Zone).Format(time.DateOnly)
	v := dispatch.Viewer{Kind: viewers[caller.Role], Day: vehicles.Date(today), Facility: vehicles.FacilityID(caller.Facility)}
	if v.Kind != dispatch.DriverViewer {
		return v, nil
	}
	state, err := s.engine.Days.State(ctx, dispatch.AreaID(area), dispatch.Day(today))
	if err != nil {
		return v, err
	}
	manifest, err := s.engine.Watcher.Manifest(ctx, dispatch.AreaID(area), dispatch.Day(today), vehicles.VehicleID(caller.Vehicle))
	if err != nil {
		return v, err
	}
	v.Stops = stopsOf(manifest, state, rider)
	return v, nil
}

// stopsOf is where the stops of a rider on a manifest are.
func stopsOf(m *dispatch.Manifest, state *dispatch.State, rider dispatch.RiderID) (stops []geo.LatLng) {
	for i := range m.Stops {
		if ride := state.Rides[m.Stops[i].Ride]; ride != nil && ride.Rider == rider {
			stops = append(stops, m.Stops[i].Place.At)
		}
	}
	return stops
}

func (s *bookingService) UpdateRider(ctx context.Context, q *swmaasv1.UpdateRiderRequest) (*swmaasv1.UpdateRiderResponse, error) {
	caller, id, mask := callerOf(ctx), dispatch.RiderID(q.GetRiderId()), q.GetUpdateMask()
	if !caller.mayActFor(q.GetRiderId()) {
		return nil, ErrScope
	}
	if err := checkMask("update_mask", mask, q.GetRider()); err != nil {
		return nil, err
	}
	for _, path := range mask.GetPaths() {
		switch own := caller.Role == Rider || caller.Role == Proxy; {
		case own && !slices.Contains(ownFields, path):
			return nil, fmt.Errorf("%w: update_mask: riders and proxies change %v only", ErrRequest, ownFields)
		case path == "id" || path == "version":
			return nil, fmt.Errorf("%w: update_mask: %s cannot be changed", ErrRequest, path)
		}
	}
	err := s.engine.once(ctx, q, func() error {
		there, err := s.engine.RiderFinder.Rider(ctx, dispatch.AreaID(q.GetArea()), id)
		if err != nil {
			return err
		}
		wanted := riderMessage(there)
		takeFields(wanted, q.GetRider(), mask)
		rider, err := riderOf(q.GetArea(), wanted)
		if err != nil {
			return err
		}
		if there.Version != q.GetRider().GetVersion() {
			if there.Version == q.GetRider().GetVersion()+1 && equalRiders(there, rider) {
				return nil
			}
			return fmt.Errorf("%w: rider %s is at version %d", dispatch.ErrChanged, id, there.Version)
		}
		_, err = s.engine.RiderKeeper.SaveAll(ctx, caller.Subject, []*dispatch.Rider{rider})
		if errors.Is(err, dispatch.ErrStale) {
			return fmt.Errorf("%w: rider %s", dispatch.ErrChanged, id)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	out, err := s.seen(ctx, q.GetArea(), id, nil)
	return &swmaasv1.UpdateRiderResponse{Rider: out}, err
}

func (s *bookingService) SearchRiders(ctx context.Context, q *swmaasv1.SearchRidersRequest) (*swmaasv1.SearchRidersResponse, error) {
	if err := checkMask("read_mask", q.GetReadMask(), &swmaasv1.Rider{}); err != nil {
		return nil, err
	}
	area, limit := dispatch.AreaID(q.GetArea()), int(q.GetPageSize())
	if limit == 0 {
		limit = usualFinds
	}
	viewer, err := s.viewer(ctx, q.GetArea(), "")
	if err != nil {
		return nil, err
	}
	var found []*dispatch.Rider
	switch query := q.GetQuery().(type) {
	case *swmaasv1.SearchRidersRequest_Phone:
		found, err = s.engine.RiderFinder.ByPhone(ctx, area, query.Phone)
	case *swmaasv1.SearchRidersRequest_Text:
		wanted := limit
		if viewer.Kind == dispatch.FacilityViewer {
			wanted = maxFinds // before those who are none of the facility's business are left out
		}
		found, err = s.engine.RiderFinder.Find(ctx, area, query.Text, wanted)
	}
	if err != nil {
		return nil, err
	}
	response := new(swmaasv1.SearchRidersResponse)
	for _, rider := range found {
		if view, ok := rider.View(viewer); ok && len(response.GetRiders()) < limit {
			out := riderMessage(view)
			keepFields(out, q.GetReadMask(), "id", "version")
			response.Riders = append(response.Riders, out)
		}
	}
	return response, nil
}

// maxFinds is how many riders a search looks at where some of them may not be shown.
const maxFinds = 5000

func (s *bookingService) ListRiders(ctx context.Context, q *swmaasv1.ListRidersRequest) (*swmaasv1.ListRidersResponse, error) {
	after, err := pageAfter(q.GetPageToken())
	if err != nil {
		return nil, err
	}
	if err := checkMask("read_mask", q.GetReadMask(), &swmaasv1.Rider{}); err != nil {
		return nil, err
	}
	viewer, err := s.viewer(ctx, q.GetArea(), "")
	if err != nil {
		return nil, err
	}
	all, err := s.engine.RiderKeeper.All(ctx, dispatch.AreaID(q.GetArea()))
	if err != nil {
		return nil, err
	}
	views := make([]*dispatch.Rider, 0, len(all))
	for _, rider := range all {
		if view, ok := rider.View(viewer); ok {
			views = append(views, view)
		}
	}
	views, next := page(views, func(r *dispatch.Rider) string { return string(r.ID) }, after, pageSize(q.GetPageSize()))
	response := &swmaasv1.ListRidersResponse{Riders: mapped(views, riderMessage), NextPageToken: next}
	for _, out := range response.GetRiders() {
		keepFields(out, q.GetReadMask(), "id", "version")
	}
	return response, nil
}
