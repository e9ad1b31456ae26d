package api

import (
	"context"
	"slices"

	swmaasv1 "github.com/swmaas/swmaas/api/gen/swmaas/v1"
	"github.com/swmaas/swmaas/dispatch"
)

// adminService implements swmaas.v1.Admin.
type adminService struct {
	swmaasv1.UnimplementedAdminServer
	engine Engine
	cfg    Config
}

// accessScan is the most entries of the access log that one call reads.
const accessScan = 20000

func (s *adminService) ListAccesses(ctx context.Context, q *swmaasv1.ListAccessesRequest) (*swmaasv1.ListAccessesResponse, error) {
	before, err := pageAfter(q.GetPageToken())
	if err != nil {
		return nil, err
	}
	found, next, err := s.engine.Accesses.Accesses(ctx, dispatch.AreaID(q.GetArea()), dispatch.AccessQuery{
		Rider: dispatch.RiderID(q.GetRiderId()), Before: dispatch.AccessID(before), Limit: pageSize(q.GetPageSize()), Scan: accessScan,
	})
	if err != nil {
		return nil, err
	}
	out := &swmaasv1.ListAccessesResponse{Accesses: make([]*swmaasv1.Access, len(found))}
	for i := range found {
		out.Accesses[i] = accessOf(&found[i])
	}
	if next != "" {
		out.NextPageToken = pageToken(string(next))
	}
	return out, nil
}

func accessOf(a *dispatch.Access) *swmaasv1.Access {
	out := &swmaasv1.Access{
		Id: string(a.ID), At: timestampOrNone(a.At), Actor: a.Subject, Role: a.Role, TokenId: a.Token,
		Method: a.Method, Fields: a.Fields, Persons: int32(len(a.Riders)), RequestId: a.Request,
	}
	if slices.Contains(a.Riders, dispatch.Everybody) {
		out.Persons = 0
	}
	return out
}
