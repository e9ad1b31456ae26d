package api

import (
	"context"
	"crypto/sha256"
	"encoding/base32"
	"fmt"
	"time"

	swmaasv1 "github.com/swmaas/swmaas/api/gen/swmaas/v1"
	"github.com/swmaas/swmaas/dispatch"
)

// IssuedToken is what is kept of a token, without the token.
type IssuedToken struct {
	ID              string
	Grant           Grant
	Issued, Expires time.Time
	Revoked         bool
}

// Tokens keeps which tokens were issued. Errors: dispatch.ErrNotFound, or those of its store.
type Tokens interface {
	// Issue signs a token under an id and keeps what it says. The same id again is the same token, signed anew. ErrGrant.
	Issue(ctx context.Context, id string, g Grant) (token string, kept IssuedToken, err error)
	// Issued lists the tokens of an area that have not ended, by id.
	Issued(ctx context.Context, area string) ([]IssuedToken, error)
	// Revoke takes a token of an area back.
	Revoke(ctx context.Context, area, id string) error
}

// Eraser erases people for good.
type Eraser interface {
	Erase(ctx context.Context, actor string, area dispatch.AreaID, id dispatch.RiderID) error
}

func tokenRecord(t IssuedToken) *swmaasv1.TokenRecord {
	return &swmaasv1.TokenRecord{
		Id: t.ID, Issued: timestampOrNone(t.Issued), Expires: timestampOrNone(t.Expires), Revoked: t.Revoked,
		Grant: &swmaasv1.TokenGrant{Subject: t.Grant.Subject, Role: string(t.Grant.Role), RiderIds: t.Grant.Riders, VehicleId: t.Grant.Vehicle, FacilityId: t.Grant.Facility},
	}
}

// CreateToken keeps no secret, so that it cannot repeat one: the id comes from the key of the call, and a repetition signs the
// same grant under it.
func (s *adminService) CreateToken(ctx context.Context, q *swmaasv1.CreateTokenRequest) (*swmaasv1.CreateTokenResponse, error) {
	g := Grant{
		Subject: q.GetGrant().GetSubject(), Role: Role(q.GetGrant().GetRole()), Area: q.GetArea(), Riders: q.GetGrant().GetRiderIds(),
		Vehicle: q.GetGrant().GetVehicleId(), Facility: q.GetGrant().GetFacilityId(), Life: q.GetLife().AsDuration(),
	}
	if err := g.Validate(); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrGrant, err)
	}
	if err := s.engine.once(ctx, q, func() error { return nil }); err != nil {
		return nil, err
	}
	sum := sha256.Sum256([]byte(q.GetArea() + "\n" + intentOf(ctx, q).Key))
	token, kept, err := s.engine.Tokens.Issue(ctx, base32.StdEncoding.EncodeToString(sum[:])[:26], g)
	if err != nil {
		return nil, err
	}
	return &swmaasv1.CreateTokenResponse{Token: token, Record: tokenRecord(kept)}, nil
}

func (s *adminService) ListTokens(ctx context.Context, q *swmaasv1.ListTokensRequest) (*swmaasv1.ListTokensResponse, error) {
	after, err := pageAfter(q.GetPageToken())
	if err != nil {
		return nil, err
	}
	all, err := s.engine.Tokens.Issued(ctx, q.GetArea())
	if err != nil {
		return nil, err
	}
	list, next := page(all, func(t IssuedToken) string { return t.ID }, after, pageSize(q.GetPageSize()))
	return &swmaasv1.ListTokensResponse{Tokens: mapped(list, tokenRecord), NextPageToken: next}, nil
}

func (s *adminService) RevokeToken(ctx context.Context, q *swmaasv1.RevokeTokenRequest) (*swmaasv1.RevokeTokenResponse, error) {
	err := s.engine.once(ctx, q, func() error { return s.engine.Tokens.Revoke(ctx, q.GetArea(), q.GetTokenId()) })
	return &swmaasv1.RevokeTokenResponse{}, err
}

func (s *adminService) EraseRider(ctx context.Context, q *swmaasv1.EraseRiderRequest) (*swmaasv1.EraseRiderResponse, error) {
	if q.GetRiderId() != q.GetConfirmRiderId() {
		return nil, fmt.Errorf("%w: confirm_rider_id: is not rider_id; nobody was erased", ErrRequest)
	}
	err := s.engine.once(ctx, q, func() error {
		return s.engine.Eraser.Erase(ctx, callerOf(ctx).Subject, dispatch.AreaID(q.GetArea()), dispatch.RiderID(q.GetRiderId()))
	})
	return &swmaasv1.EraseRiderResponse{}, err
}
