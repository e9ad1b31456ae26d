package dispatch

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
	"time"
)

var _ Riders = (*Register)(nil)

// Register is the register of riders of every area: it finds people while a caller speaks, and keeps what changes. What it
// holds in memory is an index of names, brought up to date from the store's log with every search, so any number of
// processes may work on one store. Safe for concurrent use.
type Register struct {
	store RegisterStore    // immutable after NewRegister
	now   func() time.Time // immutable after NewRegister

	mu    sync.Mutex
	areas map[AreaID]*nameIndex // guarded by mu; each index has a lock of its own, taken without mu
}

// NewRegister returns a register on a store. now is the clock.
func NewRegister(store RegisterStore, now func() time.Time) *Register {
	return &Register{store: store, now: now, areas: map[AreaID]*nameIndex{}}
}

// Rider is one entry, to be read and not changed. It fails with ErrNotFound.
func (r *Register) Rider(ctx context.Context, area AreaID, id RiderID) (*Rider, error) {
	got, err := r.store.RidersOf(ctx, area, []RiderID{id})
	if err != nil {
		return nil, err
	}
	if len(got) != 1 || got[0] == nil {
		return nil, fmt.Errorf("dispatch: rider %s of %s: %w", id, area, ErrNotFound)
	}
	return got[0], nil
}

// Several are the entries of some riders by id, to be read and not changed; whoever is not registered is left out.
func (r *Register) Several(ctx context.Context, area AreaID, ids []RiderID) (map[RiderID]*Rider, error) {
	got, err := r.store.RidersOf(ctx, area, ids)
	if err != nil {
		return nil, err
	}
	known := make(map[RiderID]*Rider, len(got))
	for _, rider := range got {
		if rider != nil {
			known[rider.ID] = rider
		}
	}
	return known, nil
}

// Profile implements Riders.
func (r *Register) Profile(ctx context.Context, area AreaID, id RiderID) (*RiderProfile, error) {
	rider, err := r.Rider(ctx, area, id)
	if err != nil {
		return nil, err
	}
	return rider.Profile(), nil
}

// ByPhone lists who has a phone number, written in any way, by id: often a couple. It fails with ErrInvalid where the text is
// no phone number.
func (r *Register) ByPhone(ctx context.Context, area AreaID, phone string) ([]*Rider, error) {
	normal, err := NormalPhone(phone)
	if err != nil {
		return nil, err
	}
	ids, err := r.store.RidersByPhone(ctx, area, normal)
	if err != nil {
		return nil, err
	}
	riders, err := r.store.RidersOf(ctx, area, ids)
	return slices.DeleteFunc(riders, func(x *Rider) bool { return x == nil }), err
}

// Find lists up to limit riders whose id, name or kana is, begins with or contains the text, in any width and kana, best
// first. The order is that of the kana among equals.
func (r *Register) Find(ctx context.Context, area AreaID, text string, limit int) ([]*Rider, error) {
	index := r.index(area)
	if err := index.refresh(ctx, r.store, area); err != nil {
		return nil, err
	}
	riders, err := r.store.RidersOf(ctx, area, index.find(text, limit))
	return slices.DeleteFunc(riders, func(x *Rider) bool { return x == nil }), err
}

func (r *Register) index(area AreaID) *nameIndex {
	r.mu.Lock()
	defer r.mu.Unlock()
	index := r.areas[area]
	if index == nil {
		index = newNameIndex()
		r.areas[area] = index
	}
	return index
}

// Save writes one entry as actor wants it: rider.Version is the version that the change was made from, 0 for a new entry,
// and the saved entry is returned. It fails with ErrInvalid as Rider.Validate, with ErrStale where somebody saved in between,
// and with ErrErased. Saving what is there already writes nothing.
func (r *Register) Save(ctx context.Context, actor string, rider *Rider) (*Rider, error) {
	outcome, err := r.SaveAll(ctx, actor, []*Rider{rider})
	if err != nil {
		return nil, err
	}
	return outcome[0], nil
}

// SaveAll is Save of several entries of one area in one step: all are written or none.
func (r *Register) SaveAll(ctx context.Context, actor string, riders []*Rider) ([]*Rider, error) {
	if len(riders) == 0 {
		return nil, nil
	}
	c := &RegisterCommit{Area: riders[0].Area, Actor: actor, At: r.now()}
	ids := make([]RiderID, len(riders))
	for i, rider := range riders {
		if err := rider.Validate(); err != nil {
			return nil, err
		}
		if rider.Area != c.Area {
			return nil, fmt.Errorf("%w: rider %s is of another area than the first", ErrInvalid, rider.ID)
		}
		ids[i] = rider.ID
	}
	there, err := r.store.RidersOf(ctx, c.Area, ids)
	if err != nil {
		return nil, err
	}
	saved := make([]*Rider, len(riders))
	for i, rider := range riders {
		before, version := there[i], int64(0)
		if before != nil {
			version = before.Version
		}
		if version != rider.Version {
			return nil, fmt.Errorf("dispatch: rider %s is at version %d, not %d: %w", rider.ID, version, rider.Version, ErrStale)
		}
		fields := changedFields(before, rider)
		if before != nil && len(fields) == 0 {
			saved[i] = before
			continue
		}
		saved[i] = rider.Clone()
		saved[i].Version++
		c.Changes = append(c.Changes, RiderChange{Before: before, After: saved[i], Fields: fields})
	}
	if len(c.Changes) == 0 {
		return saved, nil
	}
	return saved, r.store.CommitRegister(ctx, c)
}

// Erase destroys everything that was ever sealed for a person; their rides stay as numbers. It cannot be undone. It fails
// with ErrNotFound for somebody of whom nothing is known.
func (r *Register) Erase(ctx context.Context, actor string, area AreaID, id RiderID) error {
	return r.store.EraseRider(ctx, area, id, actor, r.now())
}

// All lists every entry by id.
func (r *Register) All(ctx context.Context, area AreaID) ([]*Rider, error) {
	riders, _, err := r.store.AllRiders(ctx, area)
	slices.SortFunc(riders, func(a, b *Rider) int { return strings.Compare(string(a.ID), string(b.ID)) })
	return riders, err
}

// changedFields names the fields in which two entries differ, and those that are filled in where there was none before.
func changedFields(before, after *Rider) (names []string) {
	if before == nil {
		before = &Rider{}
	}
	old, fresh := reflect.ValueOf(before).Elem(), reflect.ValueOf(after).Elem()
	for i := range old.NumField() {
		name := old.Type().Field(i).Name
		if name == "ID" || name == "Area" || name == "Version" {
			continue
		}
		a, b := old.Field(i), fresh.Field(i)
		if a.Kind() == reflect.Slice && a.Len() == 0 && b.Len() == 0 || reflect.DeepEqual(a.Interface(), b.Interface()) {
			continue
		}
		names = append(names, name)
	}
	return names
}

// eventPage is how many events of the log are read at once, and more than this many are not followed but the whole register
// is read anew.
const eventPage = 500

// nameIndex finds riders by name. It is ordered by kana and small: some 100 bytes a person.
type nameIndex struct {
	mu    sync.RWMutex
	known map[RiderID]nameEntry // guarded by mu
	order []RiderID             // guarded by mu: by kana, then id
	last  EventID               // guarded by mu: up to which the index knows
	read  bool                  // guarded by mu: whether it was ever filled
}

// nameEntry is one person's search forms.
type nameEntry struct{ id, kana, name string }

func newNameIndex() *nameIndex { return &nameIndex{known: map[RiderID]nameEntry{}} }

// refresh takes in what happened since the last time.
func (x *nameIndex) refresh(ctx context.Context, store RegisterReader, area AreaID) error {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.read {
		events, err := store.RegisterEvents(ctx, area, x.last, eventPage)
		if err != nil || len(events) == 0 {
			return err
		}
		if len(events) < eventPage {
			return x.followLocked(ctx, store, area, events)
		}
	}
	riders, last, err := store.AllRiders(ctx, area)
	if err != nil {
		return err
	}
	clear(x.known)
	var f folder
	for _, r := range riders {
		x.known[r.ID] = entryOf(&f, r)
	}
	x.last, x.read = last, true
	x.sortLocked()
	return nil
}

// followLocked takes in the riders of some events. x.mu is held.
func (x *nameIndex) followLocked(ctx context.Context, store RegisterReader, area AreaID, events []RegisterEvent) error {
	ids := make([]RiderID, len(events))
	for i, e := range events {
		ids[i] = e.Rider
	}
	slices.Sort(ids)
	ids = slices.Compact(ids)
	riders, err := store.RidersOf(ctx, area, ids)
	if err != nil {
		return err
	}
	var f folder
	for i, r := range riders {
		if r == nil {
			delete(x.known, ids[i])
			continue
		}
		x.known[r.ID] = entryOf(&f, r)
	}
	x.last = events[len(events)-1].ID
	x.sortLocked()
	return nil
}

func entryOf(f *folder, r *Rider) nameEntry {
	return nameEntry{
		id: string(f.fold(nil, string(r.ID))), kana: string(f.fold(nil, r.Kana)), name: string(f.fold(nil, r.Name)),
	}
}

func (x *nameIndex) sortLocked() {
	x.order = x.order[:0]
	for id := range x.known {
		x.order = append(x.order, id)
	}
	slices.SortFunc(x.order, func(a, b RiderID) int {
		if c := strings.Compare(x.known[a].kana, x.known[b].kana); c != 0 {
			return c
		}
		return strings.Compare(string(a), string(b))
	})
}

// find lists up to limit riders that match, the whole word first, then those that begin with it, then those that contain it.
func (x *nameIndex) find(text string, limit int) []RiderID {
	want := string(new(folder).fold(nil, text))
	if want == "" || limit < 1 {
		return nil
	}
	x.mu.RLock()
	defer x.mu.RUnlock()
	var ranks [3][]RiderID
	for _, id := range x.order {
		if rank := x.known[id].rank(want); rank < len(ranks) && len(ranks[rank]) < limit {
			ranks[rank] = append(ranks[rank], id)
		}
	}
	found := slices.Concat(ranks[0], ranks[1], ranks[2])
	return found[:min(limit, len(found))]
}

// rank is 0 where one of the forms is the text, 1 where one begins with it, 2 where one contains it, and 3 otherwise.
func (e nameEntry) rank(want string) int {
	best := 3
	for _, form := range [...]string{e.id, e.kana, e.name} {
		switch {
		case form == want:
			return 0
		case strings.HasPrefix(form, want):
			best = min(best, 1)
		case strings.Contains(form, want):
			best = min(best, 2)
		}
	}
	return best
}
