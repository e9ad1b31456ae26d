package dispatch

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/swmaas/swmaas/vehicles"
)

// Policies gives the policies of an area as they are now. *PolicySet is one that never changes; *PolicyBook adds what was put while the
// service runs. It is safe for concurrent use.
type Policies interface {
	// Current returns the policies that an area has, and those that hold wherever no other does. The set is immutable; nil decides nothing.
	// Errors are those of the store.
	Current(ctx context.Context, area AreaID) (*PolicySet, error)
}

// Current implements Policies.
func (s *PolicySet) Current(context.Context, AreaID) (*PolicySet, error) { return s, nil }

// PutPolicy is a policy that was put while the service ran, as it is stored.
type PutPolicy struct {
	ID      string // chosen by who put it, unique in the area
	Area    AreaID
	Version int64  // 1 when first put, one more with each change
	Text    string // of the policy, JSON as in a policy file
	// EndsPrevious ends the policy that was in force on the day before this one begins with that day, for as long as this one stands.
	EndsPrevious bool
	At           time.Time // when it was put or changed last
	By           string    // account that did
}

// PolicyChange is an entry of the log of an area's policies.
type PolicyChange struct {
	ID        EventID
	Withdrawn bool      // it was taken back; otherwise it was put or changed
	Policy    PutPolicy // as it became, or as it was when it was withdrawn; At and By are of the change
}

// PolicyStore keeps what was put. Errors besides those named are the store's. It is safe for concurrent use.
type PolicyStore interface {
	// PolicyRevision is how often the policies of an area were changed.
	PolicyRevision(ctx context.Context, area AreaID) (int64, error)
	// PutPolicies lists what was put for an area and not withdrawn, by id, and the revision.
	PutPolicies(ctx context.Context, area AreaID) ([]PutPolicy, int64, error)
	// CommitPolicy stores a policy, or takes it out, and logs that, where the area's policies are at the revision seen; otherwise it fails with
	// ErrStale. Other processes are woken.
	CommitPolicy(ctx context.Context, change *PolicyChange, seen int64) error
	// PolicyChanges lists up to limit changes before the one given, newest first; "" begins with the newest.
	PolicyChanges(ctx context.Context, area AreaID, before EventID, limit int) ([]PolicyChange, error)
}

// Errors of putting policies. api/errors.go maps each of them to a code.
var (
	// ErrPolicyBegun means that a policy which is in force already, or was, cannot be put, changed or withdrawn any more.
	ErrPolicyBegun = errors.New("dispatch: policy does not begin after today")
	// ErrPolicyOverlap means that two policies of the area would hold on one day.
	ErrPolicyOverlap = errors.New("dispatch: policies of the area overlap")
)

// PolicyBook is the policies of all areas: those of the files that the service was started with, and what was put since. It asks the
// store at every look whether an area's policies have changed, so that every process decides by the same. Safe for concurrent use.
type PolicyBook struct {
	// immutable after NewPolicyBook
	base  *PolicySet
	store PolicyStore
	now   func() time.Time

	mu    sync.Mutex
	pages map[AreaID]*policyPage // guarded by mu; a page is immutable
}

// policyPage is the policies of one area at a revision.
type policyPage struct {
	revision int64
	put      []PutPolicy // by id
	set      *PolicySet
}

// NewPolicyBook returns a book on what the files say.
func NewPolicyBook(base *PolicySet, store PolicyStore, now func() time.Time) *PolicyBook {
	return &PolicyBook{base: base, store: store, now: now, pages: map[AreaID]*policyPage{}}
}

// Current implements Policies.
func (b *PolicyBook) Current(ctx context.Context, area AreaID) (*PolicySet, error) {
	page, err := b.page(ctx, area)
	if err != nil {
		return nil, err
	}
	return page.set, nil
}

// page is the area's policies as the store has them.
func (b *PolicyBook) page(ctx context.Context, area AreaID) (*policyPage, error) {
	revision, err := b.store.PolicyRevision(ctx, area)
	if err != nil {
		return nil, err
	}
	b.mu.Lock()
	known := b.pages[area]
	b.mu.Unlock()
	if known != nil && known.revision == revision {
		return known, nil
	}
	page := &policyPage{set: b.base}
	if revision > 0 {
		if page.put, page.revision, err = b.store.PutPolicies(ctx, area); err != nil {
			return nil, err
		}
		if page.set, err = b.base.with(page.put); err != nil {
			return nil, fmt.Errorf("dispatch: policies of %s: %w", area, err)
		}
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if known := b.pages[area]; known != nil && known.revision >= page.revision {
		return known, nil // read by somebody else meanwhile; everybody has to see the same set
	}
	b.pages[area] = page
	return page, nil
}

// with is the set with what was put. It fails as ParsePolicies does for a text that is damaged.
func (s *PolicySet) with(put []PutPolicy) (*PolicySet, error) {
	whole := &PolicySet{zone: s.zone, policies: slices.Clone(s.policies)}
	for i := range put {
		p, err := s.read(&put[i])
		if err != nil {
			return nil, err
		}
		whole.policies = append(whole.policies, p)
	}
	for i, p := range whole.policies[len(s.policies):] {
		if put[i].EndsPrevious {
			whole.end(p.Area, p.Dates.From.Add(-1))
		}
	}
	return whole, nil
}

// read reads the one policy of a text, which is made for the area.
func (s *PolicySet) read(put *PutPolicy) (*Policy, error) {
	fresh, err := ParsePolicies(s.zone, PolicyFile{Name: put.ID, Text: []byte(put.Text)})
	if err != nil {
		return nil, err
	}
	if len(fresh.policies) != 1 {
		return nil, position{put.ID, 1}.fault("%d policies are in the text: it must be one", len(fresh.policies))
	}
	p := fresh.policies[0]
	if p.Area != put.Area {
		return nil, p.at.fault("policy %q is made for area %q, not %q", p.Name, p.Area, put.Area)
	}
	p.ID, p.Version = put.ID, put.Version
	return p, nil
}

// end lets the policy of the area that is in force on the day end with it.
func (s *PolicySet) end(area AreaID, last vehicles.Date) {
	for i, p := range s.policies {
		if p.Area == area && p.Dates.Contains(last) {
			short := *p
			short.Dates.To = last
			s.policies[i] = &short
		}
	}
}

// Check fails where policies of the areas, as put while the service ran, cannot be used together with those of the files, which may have
// been edited since.
func (b *PolicyBook) Check(ctx context.Context, areas []AreaID) error {
	for _, area := range areas {
		page, err := b.page(ctx, area)
		if err != nil {
			return err
		}
		if notes := page.set.overlapsOf(area); len(notes) > 0 {
			return fmt.Errorf("%w: %w", ErrPolicyOverlap, errors.Join(notes...))
		}
	}
	return nil
}

// Put puts a policy of an area, or changes one that was put and has not begun: version is then its version, 0 for a new one. With dry it
// only tells what would be in force. It fails with a *PolicyError for each fault of the text, joined; ErrPolicyBegun, ErrPolicyOverlap,
// ErrChanged for another version, ErrNotFound for a version of what is not there, and those of the store.
func (b *PolicyBook) Put(ctx context.Context, by Actor, p PutPolicy, dry bool) (*Policy, error) {
	for range maxRaces {
		page, err := b.page(ctx, p.Area)
		if err != nil {
			return nil, err
		}
		if page.repeats(by, &p) && !dry {
			return b.base.read(&PutPolicy{ID: p.ID, Area: p.Area, Version: p.Version + 1, Text: p.Text})
		}
		next, err := b.draft(page, by, p)
		if err != nil {
			return nil, err
		}
		policy, err := b.check(page, next)
		if err != nil || dry {
			return policy, err
		}
		err = b.store.CommitPolicy(ctx, &PolicyChange{Policy: *next}, page.revision)
		if !errors.Is(err, ErrStale) {
			return policy, err
		}
	}
	return nil, fmt.Errorf("dispatch: policy %s of %s: %w %d times over", p.ID, p.Area, ErrStale, maxRaces)
}

// draft is what is to be stored.
func (b *PolicyBook) draft(page *policyPage, by Actor, p PutPolicy) (*PutPolicy, error) {
	there, err := page.find(p.Area, p.ID, p.Version)
	if err != nil {
		return nil, err
	}
	if there != nil {
		if err := b.untouched(page, p.ID); err != nil {
			return nil, err
		}
	}
	p.Version, p.At, p.By = p.Version+1, b.now(), by.Subject
	return &p, nil
}

// repeats reports whether a put is there already as it is wanted, made by the same account from the same version: a call that was made again.
func (page *policyPage) repeats(by Actor, p *PutPolicy) bool {
	return slices.ContainsFunc(page.put, func(there PutPolicy) bool {
		return there.ID == p.ID && there.Version == p.Version+1 && there.Text == p.Text && there.EndsPrevious == p.EndsPrevious && there.By == by.Subject
	})
}

// find is the policy of an id at the version that a caller saw; nil where there is none and the caller says so by 0.
func (page *policyPage) find(area AreaID, id string, version int64) (*PutPolicy, error) {
	for i := range page.put {
		if page.put[i].ID != id {
			continue
		}
		if page.put[i].Version != version {
			return nil, fmt.Errorf("%w: policy %s of %s is at version %d, not %d", ErrChanged, id, area, page.put[i].Version, version)
		}
		return &page.put[i], nil
	}
	if version != 0 {
		return nil, fmt.Errorf("%w: policy %s of %s", ErrNotFound, id, area)
	}
	return nil, nil
}

// untouched fails with ErrPolicyBegun where a policy of the page has begun.
func (b *PolicyBook) untouched(page *policyPage, id string) error {
	for _, p := range page.set.policies {
		if p.ID == id {
			return b.ahead(p)
		}
	}
	return nil
}

// ahead fails with ErrPolicyBegun unless a policy begins after today: what was promised today was promised by what was in force.
func (b *PolicyBook) ahead(p *Policy) error {
	today := vehicles.Date(b.now().In(b.base.zone).Format(time.DateOnly))
	if p.Dates.From <= today {
		return fmt.Errorf("%w: %q begins on %s and today is %s: let it begin tomorrow at the earliest", ErrPolicyBegun, p.Name, p.Dates.From, today)
	}
	return nil
}

// check reads a draft and tries it among the other policies of its area.
func (b *PolicyBook) check(page *policyPage, draft *PutPolicy) (*Policy, error) {
	policy, err := b.base.read(draft)
	if err != nil {
		return nil, err
	}
	if err := b.ahead(policy); err != nil {
		return nil, err
	}
	others := slices.DeleteFunc(slices.Clone(page.put), func(p PutPolicy) bool { return p.ID == draft.ID })
	whole, err := b.base.with(append(others, *draft))
	if err != nil {
		return nil, err
	}
	if notes := whole.overlapsOf(draft.Area); len(notes) > 0 {
		return nil, fmt.Errorf("%w: %w; give it a last day, or let it end the one before it", ErrPolicyOverlap, errors.Join(notes...))
	}
	return policy, nil
}

// overlapsOf lists the policies of one area that share a day.
func (s *PolicySet) overlapsOf(area AreaID) []error {
	own := &PolicySet{policies: slices.DeleteFunc(slices.Clone(s.policies), func(p *Policy) bool { return p.Area != area })}
	return own.overlaps()
}

const (
	repeatsFor  = 48 * time.Hour // within which a call may be made again with its key
	changesRead = 12             // entries of the log at a time: each brings a text
)

// withdrawn reports whether the last that became of a policy is that the same account withdrew it at the version: a call that was made again.
func (b *PolicyBook) withdrawn(ctx context.Context, by Actor, area AreaID, id string, version int64) (bool, error) {
	since := b.now().Add(-repeatsFor)
	for before := EventID(""); ; {
		changes, err := b.store.PolicyChanges(ctx, area, before, changesRead)
		if err != nil {
			return false, err
		}
		for i := range changes {
			c := &changes[i]
			if c.Policy.ID == id {
				return c.Withdrawn && c.Policy.Version == version && c.Policy.By == by.Subject && !c.Policy.At.Before(since), nil
			}
			if c.Policy.At.Before(since) {
				return false, nil
			}
			before = c.ID
		}
		if len(changes) < changesRead {
			return false, nil
		}
	}
}

// Withdraw takes a policy back that was put and has not begun; what it would have ended goes on. Made again by the same account, it has happened already.
// Errors as Put; ErrPolicyOverlap where what it would have ended runs into a later one.
func (b *PolicyBook) Withdraw(ctx context.Context, by Actor, area AreaID, id string, version int64) error {
	for range maxRaces {
		page, err := b.page(ctx, area)
		if err != nil {
			return err
		}
		there, err := page.find(area, id, version)
		if err == nil && there == nil {
			err = fmt.Errorf("%w: policy %s of %s", ErrNotFound, id, area)
		}
		if errors.Is(err, ErrNotFound) {
			if done, unknown := b.withdrawn(ctx, by, area, id, version); done || unknown != nil {
				return unknown
			}
		}
		if err == nil {
			err = b.untouched(page, id)
		}
		if err != nil {
			return err
		}
		rest, err := b.base.with(slices.DeleteFunc(slices.Clone(page.put), func(p PutPolicy) bool { return p.ID == id }))
		if err != nil {
			return err
		}
		if notes := rest.overlapsOf(area); len(notes) > 0 {
			return fmt.Errorf("%w: without %s, %w", ErrPolicyOverlap, id, errors.Join(notes...))
		}
		gone := *there
		gone.At, gone.By = b.now(), by.Subject
		err = b.store.CommitPolicy(ctx, &PolicyChange{Withdrawn: true, Policy: gone}, page.revision)
		if !errors.Is(err, ErrStale) {
			return err
		}
	}
	return fmt.Errorf("dispatch: policy %s of %s: %w %d times over", id, area, ErrStale, maxRaces)
}
