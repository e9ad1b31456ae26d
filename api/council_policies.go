package api

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"google.golang.org/genproto/googleapis/rpc/errdetails"

	swmaasv1 "github.com/swmaas/swmaas/api/gen/swmaas/v1"
	"github.com/swmaas/swmaas/dispatch"
)

// Policies is by what rides are decided. What it returns is shared and never changed.
type Policies interface {
	// All lists the policies of an area and those that hold wherever no other does.
	All(ctx context.Context, area dispatch.AreaID) ([]*dispatch.Policy, error)
	// Of is the policy of a day; dispatch.ErrNotFound for none.
	Of(ctx context.Context, area dispatch.AreaID, day dispatch.Day) (*dispatch.Policy, error)
	// Check reads the text of a policy file and changes nothing. It fails with *dispatch.PolicyError, several joined.
	Check(ctx context.Context, area dispatch.AreaID, text []byte) ([]*dispatch.Policy, error)
	// Put puts or changes a policy, or with dry only tries it, and Withdraw takes one back. Errors are those of dispatch.PolicyBook.
	Put(ctx context.Context, by dispatch.Actor, p dispatch.PutPolicy, dry bool) (*dispatch.Policy, error)
	Withdraw(ctx context.Context, by dispatch.Actor, area dispatch.AreaID, id string, version int64) error
	// Changes lists changes before the one given, newest first.
	Changes(ctx context.Context, area dispatch.AreaID, before dispatch.EventID, limit int) ([]dispatch.PolicyChange, error)
}

func policyMessage(p *dispatch.Policy) *swmaasv1.Policy {
	out := &swmaasv1.Policy{
		Name: p.Name, Area: string(p.Area), Dates: datesMessage(p.Dates), Document: p.Document, OpensDaysAhead: int32(p.Booking.AheadDays), Id: p.ID,
		Modes: mapped(p.Modes, func(m *dispatch.ModeRule) *swmaasv1.PolicyMode {
			return &swmaasv1.PolicyMode{LegalMode: string(m.Mode), Basis: m.Basis, Dates: datesMessage(m.Dates)}
		}),
	}
	if p.ID != "" {
		out.Etag = versionEtag(p.Version)
	}
	return out
}

func (s *councilService) ListPolicies(ctx context.Context, q *swmaasv1.ListPoliciesRequest) (*swmaasv1.ListPoliciesResponse, error) {
	all, err := s.engine.Policies.All(ctx, dispatch.AreaID(q.GetArea()))
	return &swmaasv1.ListPoliciesResponse{Policies: mapped(all, policyMessage)}, err
}

func (s *councilService) GetPolicy(ctx context.Context, q *swmaasv1.GetPolicyRequest) (*swmaasv1.GetPolicyResponse, error) {
	clock, err := s.cfg.day(q.GetServiceDate())
	if err != nil {
		return nil, err
	}
	p, err := s.engine.Policies.Of(ctx, dispatch.AreaID(q.GetArea()), clock.day)
	if err != nil {
		return nil, err
	}
	return &swmaasv1.GetPolicyResponse{Policy: policyMessage(p)}, nil
}

func (s *councilService) CheckPolicies(ctx context.Context, q *swmaasv1.CheckPoliciesRequest) (*swmaasv1.CheckPoliciesResponse, error) {
	policies, err := s.engine.Policies.Check(ctx, dispatch.AreaID(q.GetArea()), []byte(q.GetText()))
	response := &swmaasv1.CheckPoliciesResponse{Policies: mapped(policies, policyMessage)}
	if err == nil {
		return response, nil
	}
	for _, fault := range faultsOf(err) {
		response.Faults = append(response.Faults, &swmaasv1.PolicyFault{Line: int32(fault.Line), Reason: fault.Reason})
	}
	if len(response.GetFaults()) > 0 {
		return response, nil
	}
	return nil, err
}

func (s *councilService) PutPolicy(ctx context.Context, q *swmaasv1.PutPolicyRequest) (*swmaasv1.PutPolicyResponse, error) {
	version, err := etagVersion(q.GetEtag())
	if err != nil {
		return nil, err
	}
	put := dispatch.PutPolicy{
		ID: q.GetPolicyId(), Area: dispatch.AreaID(q.GetArea()), Version: version, Text: q.GetText(), EndsPrevious: q.GetEndsPrevious(),
	}
	var policy *dispatch.Policy
	try := func() (err error) {
		policy, err = s.engine.Policies.Put(ctx, actor(ctx), put, q.GetValidateOnly())
		return err
	}
	if q.GetValidateOnly() {
		err = try()
	} else {
		err = s.engine.once(ctx, q, try)
	}
	if err == nil && policy == nil { // the repetition of a call
		policy, err = s.policy(ctx, put.Area, put.ID)
	}
	if err != nil {
		return nil, err
	}
	return &swmaasv1.PutPolicyResponse{Policy: policyMessage(policy)}, nil
}

// policy is what was put under an id. It fails with dispatch.ErrNotFound.
func (s *councilService) policy(ctx context.Context, area dispatch.AreaID, id string) (*dispatch.Policy, error) {
	all, err := s.engine.Policies.All(ctx, area)
	if err != nil {
		return nil, err
	}
	if i := slices.IndexFunc(all, func(p *dispatch.Policy) bool { return p.ID == id }); i >= 0 {
		return all[i], nil
	}
	return nil, fmt.Errorf("%w: policy %s", dispatch.ErrNotFound, id)
}

func (s *councilService) WithdrawPolicy(ctx context.Context, q *swmaasv1.WithdrawPolicyRequest) (*swmaasv1.WithdrawPolicyResponse, error) {
	version, err := etagVersion(q.GetEtag())
	if err != nil {
		return nil, err
	}
	err = s.engine.once(ctx, q, func() error {
		return s.engine.Policies.Withdraw(ctx, actor(ctx), dispatch.AreaID(q.GetArea()), q.GetPolicyId(), version)
	})
	if err != nil {
		return nil, err
	}
	return &swmaasv1.WithdrawPolicyResponse{}, nil
}

// policyChanges is the length of a page of changes, and the longest: each brings a text.
const policyChanges = 12

func (s *councilService) ListPolicyChanges(ctx context.Context, q *swmaasv1.ListPolicyChangesRequest) (*swmaasv1.ListPolicyChangesResponse, error) {
	before, err := pageAfter(q.GetPageToken())
	if err != nil {
		return nil, err
	}
	size := int(q.GetPageSize())
	if size == 0 {
		size = policyChanges
	}
	changes, err := s.engine.Policies.Changes(ctx, dispatch.AreaID(q.GetArea()), dispatch.EventID(before), size)
	if err != nil {
		return nil, err
	}
	response := &swmaasv1.ListPolicyChangesResponse{Changes: mapped(changes, policyChangeMessage)}
	if len(changes) == size {
		response.NextPageToken = pageToken(string(changes[size-1].ID))
	}
	return response, nil
}

func policyChangeMessage(c dispatch.PolicyChange) *swmaasv1.PolicyChange {
	kind := swmaasv1.PolicyChangeKind_POLICY_CHANGE_KIND_PUT
	if c.Withdrawn {
		kind = swmaasv1.PolicyChangeKind_POLICY_CHANGE_KIND_WITHDRAWN
	}
	return &swmaasv1.PolicyChange{
		Kind: kind, At: timestampOrNone(c.Policy.At), Actor: c.Policy.By, PolicyId: c.Policy.ID, Etag: versionEtag(c.Policy.Version), Text: c.Policy.Text,
		EndsPrevious: c.Policy.EndsPrevious,
	}
}

// faultsOf lists the faults of a policy file that an error is made of.
func faultsOf(err error) []*dispatch.PolicyError {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		var all []*dispatch.PolicyError
		for _, e := range joined.Unwrap() {
			all = append(all, faultsOf(e)...)
		}
		return all
	}
	if fault, ok := errors.AsType[*dispatch.PolicyError](err); ok {
		return []*dispatch.PolicyError{fault}
	}
	return nil
}

// What is told of the faults of a policy goes into the trailers of an answer, twice and in encodings that make it longer; clients and proxies take 8 KiB of them.
const (
	faultsTold     = 20
	faultBytesTold = 1200 // of their texts in all
)

// policyFaults names the first faults of the text of a policy, in words and as violations of its field, and how many more there are.
func policyFaults(faults []*dispatch.PolicyError) (message string, fields *errdetails.BadRequest) {
	fields = &errdetails.BadRequest{}
	tell := func(reason, text string) {
		fields.FieldViolations = append(fields.FieldViolations, &errdetails.BadRequest_FieldViolation{Field: "text", Reason: reason, Description: text})
	}
	var lines []string
	left := faultBytesTold
	for i, f := range faults {
		text := clip(fmt.Sprintf("%s:%d: %s", f.File, f.Line, f.Reason), faultBytesTold)
		if left -= len(text); i == faultsTold || left < 0 {
			more := fmt.Sprintf("%d more faults: CheckPolicies lists them", len(faults)-i)
			tell("MORE_FAULTS", more)
			lines = append(lines, more)
			break
		}
		tell("LINE_"+strconv.Itoa(f.Line), text)
		lines = append(lines, text)
	}
	return strings.Join(lines, "\n"), fields
}

// clip is as many whole characters of a text as fit into so many bytes.
func clip(text string, most int) string {
	if len(text) <= most {
		return text
	}
	for most > 0 && !utf8.RuneStart(text[most]) {
		most--
	}
	return text[:most]
}
