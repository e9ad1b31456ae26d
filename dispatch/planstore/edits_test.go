package planstore_test

import (
	"errors"
	"sync"
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/routing/geo"
)

func testPlaceIsEditedByManyAndLosesNoEdit(t *testing.T, client redis.UniversalClient) {
	_, s, _ := newRegister(t, client, t.TempDir())
	first := dispatch.KnownPlace{ID: "P-1", Kind: dispatch.ShopPlace, SavedPlace: dispatch.SavedPlace{Label: "店", Entrance: geo.LatLng{Lat: 36.8, Lng: 137.4}}}
	edit := func(change func(*dispatch.KnownPlace) (*dispatch.KnownPlace, error)) error {
		return s.EditPlace(t.Context(), area, "P-1", change)
	}
	if err := edit(func(there *dispatch.KnownPlace) (*dispatch.KnownPlace, error) { return there, nil }); err != nil {
		t.Errorf("nothing was there and nothing came: %v", err)
	}
	var desks sync.WaitGroup
	for range 4 {
		desks.Go(func() {
			for range 5 {
				err := edit(func(there *dispatch.KnownPlace) (*dispatch.KnownPlace, error) {
					after := first
					if there != nil {
						after = *there
					}
					after.Popularity++
					return &after, nil
				})
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	desks.Wait()
	got, revision, err := s.Places(t.Context(), area, 0)
	if err != nil || len(got) != 1 || got[0].Popularity != 20 || revision != 20 {
		t.Errorf("%v at revision %d, %v; want 20 edits of one place", got, revision, err)
	}
	no := errors.New("no")
	if err := edit(func(*dispatch.KnownPlace) (*dispatch.KnownPlace, error) { return nil, no }); !errors.Is(err, no) {
		t.Errorf("a change that is refused: %v", err)
	}
	if err := edit(func(*dispatch.KnownPlace) (*dispatch.KnownPlace, error) { return nil, nil }); err != nil {
		t.Error(err)
	}
	if got, _, err := s.Places(t.Context(), area, 0); err != nil || len(got) != 0 {
		t.Errorf("taken out, and %v is there, %v", got, err)
	}
}

func testChangeIsNotedUnderItsKeyOnce(t *testing.T, client redis.UniversalClient) {
	s := newStore(t, client)
	key := dispatch.IdempotencyKey{Key: "Save\ndesk-1\n1", Hash: [32]byte{1}}
	if done, err := s.Done(t.Context(), area, key); done || err != nil {
		t.Errorf("before it was made: %v, %v", done, err)
	}
	other := key
	other.Hash[0] = 2
	for _, k := range []dispatch.IdempotencyKey{key, other} { // the second note changes nothing
		if err := s.Keep(t.Context(), area, k); err != nil {
			t.Fatal(err)
		}
	}
	if done, err := s.Done(t.Context(), area, key); !done || err != nil {
		t.Errorf("after it was made: %v, %v", done, err)
	}
	if _, err := s.Done(t.Context(), area, other); !errors.Is(err, dispatch.ErrKeyReused) {
		t.Errorf("another request under the key: %v", err)
	}
	if done, err := s.Done(t.Context(), "toyooka", key); done || err != nil {
		t.Errorf("in another area: %v, %v", done, err)
	}
	if keys := keysLike(t, client, "*intent:*"); len(keys) != 1 {
		t.Errorf("keys %v", keys)
	} else if left, err := client.TTL(t.Context(), keys[0]).Result(); err != nil || left <= 0 {
		t.Errorf("the note stays for %v, %v", left, err)
	}
}
