package api

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"

	"google.golang.org/protobuf/proto"

	swmaasv1 "github.com/swmaas/swmaas/api/gen/swmaas/v1"
	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/routing/geo"
)

// Places is the gazetteer of an area. Errors are those of dispatch.
type Places interface {
	// Search finds places by what people type, best first.
	Search(ctx context.Context, area dispatch.AreaID, q dispatch.PlaceQuery) ([]dispatch.PlaceHit, error)
	// All lists the public places by id, to be read and not changed.
	All(ctx context.Context, area dispatch.AreaID) ([]dispatch.KnownPlace, error)
	// Edit changes one place in one step: change is given it as it is, nil where there is none, and returns what it becomes, nil
	// for nothing. It may be called more than once; its error is returned and ends the edit.
	Edit(ctx context.Context, area dispatch.AreaID, id string, change func(*dispatch.KnownPlace) (*dispatch.KnownPlace, error)) error
}

var (
	placeKinds = map[swmaasv1.PlaceKind]dispatch.PlaceKind{
		swmaasv1.PlaceKind_PLACE_KIND_TOWN:     dispatch.TownPlace,
		swmaasv1.PlaceKind_PLACE_KIND_BLOCK:    dispatch.BlockPlace,
		swmaasv1.PlaceKind_PLACE_KIND_FACILITY: dispatch.FacilityPlace,
		swmaasv1.PlaceKind_PLACE_KIND_SHOP:     dispatch.ShopPlace,
		swmaasv1.PlaceKind_PLACE_KIND_LANDMARK: dispatch.LandmarkPlace,
		swmaasv1.PlaceKind_PLACE_KIND_OWN:      dispatch.OwnPlace,
		swmaasv1.PlaceKind_PLACE_KIND_PIN:      dispatch.PinPlace,
	}
	placeMatches = map[swmaasv1.PlaceMatch]dispatch.MatchKind{
		swmaasv1.PlaceMatch_PLACE_MATCH_PIN:         dispatch.PinMatch,
		swmaasv1.PlaceMatch_PLACE_MATCH_EXACT:       dispatch.ExactMatch,
		swmaasv1.PlaceMatch_PLACE_MATCH_PREFIX:      dispatch.PrefixMatch,
		swmaasv1.PlaceMatch_PLACE_MATCH_INSIDE:      dispatch.InsideMatch,
		swmaasv1.PlaceMatch_PLACE_MATCH_NUMBER:      dispatch.NumberMatch,
		swmaasv1.PlaceMatch_PLACE_MATCH_APPROXIMATE: dispatch.ApproxMatch,
	}
	placeKindWords  = inverse(placeKinds)
	placeMatchWords = inverse(placeMatches)
)

// equalMessages compares two messages of one type.
func equalMessages(a, b proto.Message) bool { return proto.Equal(a, b) }

// etagOf changes with the content of a message whose etag is empty.
func etagOf(m proto.Message) string {
	raw, err := proto.MarshalOptions{Deterministic: true}.Marshal(m)
	if err != nil {
		panic(err) // every text of the stores is UTF-8: it came in through this contract or a checked file
	}
	sum := sha256.Sum256(raw)
	return base64.RawURLEncoding.EncodeToString(sum[:12])
}

func placeMessage(p dispatch.KnownPlace) *swmaasv1.KnownPlace {
	out := &swmaasv1.KnownPlace{
		Id: p.ID, Kind: placeKindWords[p.Kind], Place: savedPlaceMessage(p.SavedPlace), Kana: p.Kana, Popularity: p.Popularity,
	}
	out.Etag = etagOf(out)
	return out
}

func (s *bookingService) SearchPlaces(ctx context.Context, q *swmaasv1.SearchPlacesRequest) (*swmaasv1.SearchPlacesResponse, error) {
	query := dispatch.PlaceQuery{Text: q.GetText(), Near: latLngOf(q.GetNear()), Limit: int(q.GetPageSize())}
	if query.Limit == 0 {
		query.Limit = usualFinds
	}
	if q.GetRiderId() != "" {
		if !callerOf(ctx).mayActFor(q.GetRiderId()) {
			return nil, ErrScope
		}
		rider, err := s.engine.RiderFinder.Rider(ctx, dispatch.AreaID(q.GetArea()), dispatch.RiderID(q.GetRiderId()))
		if err != nil {
			return nil, err
		}
		query.Own = rider.Places
		if rider.Home != (dispatch.SavedPlace{}) {
			query.Own = append([]dispatch.SavedPlace{rider.Home}, rider.Places...)
		}
		if query.Near == (geo.LatLng{}) {
			query.Near = rider.Home.Entrance
		}
	}
	hits, err := s.engine.Places.Search(ctx, dispatch.AreaID(q.GetArea()), query)
	return &swmaasv1.SearchPlacesResponse{Hits: mapped(hits, hitMessage)}, err
}

func hitMessage(h dispatch.PlaceHit) *swmaasv1.PlaceHit {
	return &swmaasv1.PlaceHit{
		Place: savedPlaceMessage(h.SavedPlace), PlaceId: h.ID, Kind: placeKindWords[h.Kind], Match: placeMatchWords[h.Match],
		HouseNumber: h.Rest, DistanceMeters: h.Meters,
	}
}

func (s *bookingService) ListPlaces(ctx context.Context, q *swmaasv1.ListPlacesRequest) (*swmaasv1.ListPlacesResponse, error) {
	after, err := pageAfter(q.GetPageToken())
	if err != nil {
		return nil, err
	}
	all, err := s.engine.Places.All(ctx, dispatch.AreaID(q.GetArea()))
	if err != nil {
		return nil, err
	}
	places, next := page(all, func(p dispatch.KnownPlace) string { return p.ID }, after, pageSize(q.GetPageSize()))
	return &swmaasv1.ListPlacesResponse{Places: mapped(places, placeMessage), NextPageToken: next}, nil
}

func (s *bookingService) SavePlace(ctx context.Context, q *swmaasv1.SavePlaceRequest) (*swmaasv1.SavePlaceResponse, error) {
	m := q.GetPlace()
	place := dispatch.KnownPlace{
		ID: m.GetId(), Kind: placeKinds[m.GetKind()], SavedPlace: savedPlaceOf(m.GetPlace()), Kana: m.GetKana(), Popularity: m.GetPopularity(),
	}
	if place.ID == "" {
		place.ID = newID(ctx, "P-", q)
	}
	if faults := place.Faults(); len(faults) > 0 {
		return nil, fmt.Errorf("%w: place: %w", dispatch.ErrInvalid, errors.Join(mapped(faults, func(f dispatch.FieldFault) error { return f })...))
	}
	area, wanted := dispatch.AreaID(q.GetArea()), placeMessage(place)
	err := s.engine.once(ctx, q, func() error {
		return s.engine.Places.Edit(ctx, area, place.ID, func(there *dispatch.KnownPlace) (*dispatch.KnownPlace, error) {
			if there != nil && placeMessage(*there).GetEtag() == wanted.GetEtag() {
				return there, nil
			}
			return &place, checkEtag("place "+place.ID, there != nil, m.GetEtag(), func() string { return placeMessage(*there).GetEtag() })
		})
	})
	return &swmaasv1.SavePlaceResponse{Place: wanted}, err
}

// checkEtag decides whether a record may be written: one that is there only where the etag is its own, and without an etag
// only one that is not there. now gives the etag of the one that is there.
func checkEtag(what string, there bool, etag string, now func() string) error {
	switch {
	case !there && etag == "":
		return nil
	case !there:
		return fmt.Errorf("%w: %s", dispatch.ErrNotFound, what)
	case etag == "":
		return fmt.Errorf("%w: %s", ErrExists, what)
	case now() != etag:
		return fmt.Errorf("%w: %s", dispatch.ErrChanged, what)
	}
	return nil
}

func (s *bookingService) DeletePlace(ctx context.Context, q *swmaasv1.DeletePlaceRequest) (*swmaasv1.DeletePlaceResponse, error) {
	err := s.engine.once(ctx, q, func() error {
		return s.engine.Places.Edit(ctx, dispatch.AreaID(q.GetArea()), q.GetPlaceId(), func(there *dispatch.KnownPlace) (*dispatch.KnownPlace, error) {
			return nil, checkEtag("place "+q.GetPlaceId(), there != nil, q.GetEtag(), func() string { return placeMessage(*there).GetEtag() })
		})
	})
	return &swmaasv1.DeletePlaceResponse{}, err
}
