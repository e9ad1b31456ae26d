package dispatch

import (
	"context"
	"fmt"
)

// PolicyOffice reads and changes the policies by which a desk decides. It is safe for concurrent use.
type PolicyOffice struct {
	book *PolicyBook
	desk *Desk
}

// NewPolicyOffice returns the office of a desk that decides by the book.
func NewPolicyOffice(book *PolicyBook, desk *Desk) *PolicyOffice { return &PolicyOffice{book, desk} }

// All lists the policies of an area and those that hold wherever no other does: those of the files in the order in which they were loaded, then
// what was put by its id.
func (o *PolicyOffice) All(ctx context.Context, area AreaID) ([]*Policy, error) {
	set, err := o.book.Current(ctx, area)
	if err != nil {
		return nil, err
	}
	var list []*Policy
	for _, p := range set.policies {
		if p.Area == area || p.Area == AnyArea {
			list = append(list, p)
		}
	}
	return list, nil
}

// Of is the policy of a day. It fails with ErrNotFound for a day without one.
func (o *PolicyOffice) Of(ctx context.Context, area AreaID, day Day) (*Policy, error) {
	set, err := o.book.Current(ctx, area)
	if err != nil {
		return nil, err
	}
	p := set.At(area, day)
	if p == nil {
		return nil, fmt.Errorf("%w: policy of %s on %s", ErrNotFound, area, day)
	}
	return p, nil
}

// Check reads the text of a policy file of an area as ParsePolicies does, and changes nothing. A policy that is made for another
// area is a fault too.
func (o *PolicyOffice) Check(_ context.Context, area AreaID, text []byte) ([]*Policy, error) {
	fresh, err := ParsePolicies(o.book.base.zone, PolicyFile{Name: "draft", Text: text})
	if err != nil {
		return nil, err
	}
	for _, p := range fresh.policies {
		if p.Area != area && p.Area != AnyArea {
			return nil, p.at.fault("policy %q is made for area %q, not %q", p.Name, p.Area, area)
		}
	}
	return fresh.policies, nil
}

// Put is PolicyBook.Put, after which the desk decides by what was put.
func (o *PolicyOffice) Put(ctx context.Context, by Actor, p PutPolicy, dry bool) (*Policy, error) {
	policy, err := o.book.Put(ctx, by, p, dry)
	if err != nil || dry {
		return policy, err
	}
	return policy, o.desk.FollowPolicies(ctx, p.Area)
}

// Withdraw is PolicyBook.Withdraw, after which the desk decides without it.
func (o *PolicyOffice) Withdraw(ctx context.Context, by Actor, area AreaID, id string, version int64) error {
	if err := o.book.Withdraw(ctx, by, area, id, version); err != nil {
		return err
	}
	return o.desk.FollowPolicies(ctx, area)
}

// Changes lists up to limit changes of an area's policies before the one given, newest first; "" begins with the newest.
func (o *PolicyOffice) Changes(ctx context.Context, area AreaID, before EventID, limit int) ([]PolicyChange, error) {
	return o.book.store.PolicyChanges(ctx, area, before, limit)
}

// policies are those in force in an area; nil where the desk decides without.
func (d *Desk) policies(ctx context.Context, area AreaID) (*PolicySet, error) {
	if d.cfg.Policies == nil {
		return nil, nil
	}
	return d.cfg.Policies.Current(ctx, area)
}

// FollowPolicies reads the open days of an area again that were opened under other policies than are in force now.
func (d *Desk) FollowPolicies(ctx context.Context, area AreaID) error {
	set, err := d.policies(ctx, area)
	if err != nil {
		return err
	}
	for _, day := range d.OpenDays() {
		if day.Area != area || !d.openedOtherwise(day, set) {
			continue
		}
		if err := d.reload(ctx, day); err != nil {
			return err
		}
	}
	return nil
}

// openedOtherwise reports whether a day is in memory that was opened under other policies.
func (d *Desk) openedOtherwise(day AreaDay, set *PolicySet) bool {
	d.mu.Lock()
	a := d.days[day]
	d.mu.Unlock()
	if a == nil {
		return false
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.loaded.Load() && a.policies != set
}
