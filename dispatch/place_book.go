package dispatch

import (
	"context"
	"sync"
)

// PlaceStore keeps the public places of areas; dispatch/planstore implements it on Redis.
type PlaceStore interface {
	// Places returns the places of an area by id, and their revision; nil where that is still the known one.
	Places(ctx context.Context, area AreaID, known int64) ([]KnownPlace, int64, error)
	// EditPlace changes one place in one step: change is given it as it is, nil where there is none, and returns what it becomes,
	// nil for nothing. It may be called more than once; its error is returned and ends the edit.
	EditPlace(ctx context.Context, area AreaID, id string, change func(*KnownPlace) (*KnownPlace, error)) error
}

// PlaceBook is the gazetteers of all areas on one store, each built anew when its places have changed. Safe for concurrent use.
type PlaceBook struct {
	store    PlaceStore // immutable after NewPlaceBook
	prefixes []string   // immutable after NewPlaceBook

	mu    sync.Mutex
	areas map[AreaID]*bookedPlaces // guarded by mu; each has a lock of its own, taken without mu
}

type bookedPlaces struct {
	mu        sync.Mutex
	gazetteer *Gazetteer // guarded by mu
	revision  int64      // guarded by mu
}

// NewPlaceBook returns the gazetteers of a store. prefixes are names that people may write before any place, such as 富山県.
func NewPlaceBook(store PlaceStore, prefixes ...string) *PlaceBook {
	return &PlaceBook{store: store, prefixes: prefixes, areas: map[AreaID]*bookedPlaces{}}
}

// Search finds places of an area as Gazetteer.Search does.
func (b *PlaceBook) Search(ctx context.Context, area AreaID, q PlaceQuery) ([]PlaceHit, error) {
	g, err := b.gazetteer(ctx, area)
	if err != nil {
		return nil, err
	}
	return g.Search(nil, q), nil
}

// All lists the places of an area by id, to be read and not changed.
func (b *PlaceBook) All(ctx context.Context, area AreaID) ([]KnownPlace, error) {
	g, err := b.gazetteer(ctx, area)
	if err != nil {
		return nil, err
	}
	return g.Places(), nil
}

// Edit is PlaceStore.EditPlace.
func (b *PlaceBook) Edit(ctx context.Context, area AreaID, id string, change func(*KnownPlace) (*KnownPlace, error)) error {
	return b.store.EditPlace(ctx, area, id, change)
}

func (b *PlaceBook) gazetteer(ctx context.Context, area AreaID) (*Gazetteer, error) {
	b.mu.Lock()
	x := b.areas[area]
	if x == nil {
		x = new(bookedPlaces)
		b.areas[area] = x
	}
	b.mu.Unlock()
	x.mu.Lock()
	defer x.mu.Unlock()
	known := int64(-1)
	if x.gazetteer != nil {
		known = x.revision
	}
	places, revision, err := b.store.Places(ctx, area, known)
	if err != nil {
		return nil, err
	}
	if x.gazetteer == nil || revision != x.revision {
		g, err := NewGazetteer(places, b.prefixes...)
		if err != nil {
			return nil, err
		}
		x.gazetteer, x.revision = g, revision
	}
	return x.gazetteer, nil
}
