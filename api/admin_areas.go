package api

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	swmaasv1 "github.com/swmaas/swmaas/api/gen/swmaas/v1"
	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/routing/geo"
)

// Areas is what is known of areas beside fleet, calendar and policies. Errors are those of dispatch.AreaOffice.
type Areas interface {
	Area(ctx context.Context, id dispatch.AreaID) (*dispatch.Area, error)
	Areas(ctx context.Context) ([]dispatch.Area, error)
	// Save stores an entry in place of the version that it carries, 0 for a new one.
	Save(ctx context.Context, by dispatch.Actor, a dispatch.Area) (*dispatch.Area, error)
	// Checks says what an area lacks, also one without an entry.
	Checks(ctx context.Context, id dispatch.AreaID) ([]dispatch.AreaCheck, error)
}

// areaZone is the zone of service days, which is Japan's wherever an area is.
const areaZone = "Asia/Tokyo"

// areaChanges are the fields of an Area that a caller may change.
var areaChanges = []string{"name", "municipality_code", "bounds", "office", "office_phone"}

var checkLevelWords = map[dispatch.CheckLevel]swmaasv1.AreaCheckLevel{
	dispatch.CheckFine:  swmaasv1.AreaCheckLevel_AREA_CHECK_LEVEL_FINE,
	dispatch.CheckWarns: swmaasv1.AreaCheckLevel_AREA_CHECK_LEVEL_WARNING,
	dispatch.CheckFails: swmaasv1.AreaCheckLevel_AREA_CHECK_LEVEL_FAULT,
}

func areaMessage(a *dispatch.Area) *swmaasv1.Area {
	point := func(p geo.LatLng) *swmaasv1.LatLng { return &swmaasv1.LatLng{Lat: p.Lat, Lng: p.Lng} }
	return &swmaasv1.Area{
		Area: string(a.ID), Name: a.Name, MunicipalityCode: a.Municipality, Bounds: &swmaasv1.AreaBounds{SouthWest: point(a.SouthWest), NorthEast: point(a.NorthEast)},
		Office: point(a.Office), OfficePhone: a.OfficePhone, TimeZone: areaZone, Etag: versionEtag(a.Version),
		ChangedAt: timestampOrNone(a.At), ChangedBy: a.By,
	}
}

// areaOf is the entry that a message asks for, at the version of its etag. It fails with ErrRequest, and with dispatch.ErrChanged for what is no etag.
func areaOf(id string, m *swmaasv1.Area) (dispatch.Area, error) {
	a := dispatch.Area{
		ID: dispatch.AreaID(id), Name: m.GetName(), Municipality: m.GetMunicipalityCode(), Office: latLngOf(m.GetOffice()),
		SouthWest: latLngOf(m.GetBounds().GetSouthWest()), NorthEast: latLngOf(m.GetBounds().GetNorthEast()),
	}
	if m.GetArea() != id {
		return a, fmt.Errorf("%w: entry.area: is not area", ErrRequest)
	}
	var err error
	if a.OfficePhone, err = dispatch.NormalPhone(m.GetOfficePhone()); err != nil {
		return a, fmt.Errorf("%w: entry.office_phone: %w", ErrRequest, err)
	}
	a.Version, err = etagVersion(m.GetEtag())
	return a, err
}

func (s *adminService) ListAreas(ctx context.Context, q *swmaasv1.ListAreasRequest) (*swmaasv1.ListAreasResponse, error) {
	after, err := pageAfter(q.GetPageToken())
	if err != nil {
		return nil, err
	}
	all, err := s.engine.Areas.Areas(ctx)
	if err != nil {
		return nil, err
	}
	slices.SortFunc(all, func(x, y dispatch.Area) int { return cmp.Compare(x.ID, y.ID) })
	list, next := page(all, func(a dispatch.Area) string { return string(a.ID) }, after, pageSize(q.GetPageSize()))
	return &swmaasv1.ListAreasResponse{NextPageToken: next, Areas: mapped(list, func(a dispatch.Area) *swmaasv1.Area {
		if string(a.ID) != q.GetArea() {
			return &swmaasv1.Area{Area: string(a.ID), Name: a.Name, MunicipalityCode: a.Municipality}
		}
		return areaMessage(&a)
	})}, nil
}

func (s *adminService) GetArea(ctx context.Context, q *swmaasv1.GetAreaRequest) (*swmaasv1.GetAreaResponse, error) {
	id, response := dispatch.AreaID(q.GetArea()), &swmaasv1.GetAreaResponse{Ready: true}
	entry, err := s.engine.Areas.Area(ctx, id)
	if err == nil {
		response.Entry = areaMessage(entry)
	} else if !errors.Is(err, dispatch.ErrNotFound) {
		return nil, err
	}
	checks, err := s.engine.Areas.Checks(ctx, id)
	if err != nil {
		return nil, err
	}
	for _, c := range checks {
		response.Ready = response.Ready && c.Level != dispatch.CheckFails
		response.Checks = append(response.Checks, &swmaasv1.AreaCheck{
			Code: c.Code, Level: checkLevelWords[c.Level], FoundJa: c.Found.Ja, FoundEn: c.Found.En, DoJa: c.Do.Ja, DoEn: c.Do.En,
		})
	}
	return response, nil
}

func (s *adminService) CreateArea(ctx context.Context, q *swmaasv1.CreateAreaRequest) (*swmaasv1.CreateAreaResponse, error) {
	wanted, err := areaOf(q.GetArea(), q.GetEntry())
	if err == nil && wanted.Version != 0 {
		err = fmt.Errorf("%w: entry.etag: a new area has none", ErrRequest)
	}
	if err != nil {
		return nil, err
	}
	entry, err := s.save(ctx, q, wanted)
	return &swmaasv1.CreateAreaResponse{Entry: entry}, err
}

func (s *adminService) UpdateArea(ctx context.Context, q *swmaasv1.UpdateAreaRequest) (*swmaasv1.UpdateAreaResponse, error) {
	mask := q.GetUpdateMask()
	if err := checkMask("update_mask", mask, q.GetEntry()); err != nil {
		return nil, err
	}
	for _, path := range mask.GetPaths() {
		if !slices.Contains(areaChanges, path) {
			return nil, fmt.Errorf("%w: update_mask: %s cannot be changed", ErrRequest, path)
		}
	}
	there, err := s.engine.Areas.Area(ctx, dispatch.AreaID(q.GetArea()))
	if err != nil {
		return nil, err
	}
	merged := areaMessage(there)
	if len(mask.GetPaths()) == 0 {
		merged = q.GetEntry()
	}
	takeFields(merged, q.GetEntry(), mask)
	merged.Area, merged.Etag = q.GetEntry().GetArea(), q.GetEntry().GetEtag()
	wanted, err := areaOf(q.GetArea(), merged)
	if err == nil && wanted.Version == 0 {
		err = fmt.Errorf("%w: entry.etag: a change names what it was made from", ErrRequest)
	}
	if err != nil {
		return nil, err
	}
	entry, err := s.save(ctx, q, wanted)
	return &swmaasv1.UpdateAreaResponse{Entry: entry}, err
}

// save saves an entry once and returns it as it is then.
func (s *adminService) save(ctx context.Context, q keyed, wanted dispatch.Area) (*swmaasv1.Area, error) {
	var entry *dispatch.Area
	err := s.engine.once(ctx, q, func() (err error) {
		entry, err = s.engine.Areas.Save(ctx, actor(ctx), wanted)
		return err
	})
	if err == nil && entry == nil { // the repetition of a call
		entry, err = s.engine.Areas.Area(ctx, wanted.ID)
	}
	if err != nil {
		return nil, err
	}
	return areaMessage(entry), nil
}
