package planstore_test

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/dispatch/planstore"
)

func testPoliciesAreKeptByRevisionAndLogged(t *testing.T, client redis.UniversalClient) {
	s := newStore(t, client)
	wakes, err := s.Watch(t.Context(), area)
	if err != nil {
		t.Fatal(err)
	}
	put := dispatch.PutPolicy{ID: "feb", Area: area, Version: 1, Text: "{}", EndsPrevious: true, At: time.Unix(1767225600, 5).UTC(), By: "council"}
	if err := s.CommitPolicy(t.Context(), &dispatch.PolicyChange{Policy: put}, 0); err != nil {
		t.Fatal(err)
	}
	if w := <-wakes; w != (planstore.Wake{}) {
		t.Errorf("woken by %+v", w)
	}
	if err := s.CommitPolicy(t.Context(), &dispatch.PolicyChange{Policy: put}, 0); !errors.Is(err, dispatch.ErrStale) {
		t.Errorf("from an old revision: %v", err)
	}
	list, revision, err := s.PutPolicies(t.Context(), area)
	if err != nil || revision != 1 || !reflect.DeepEqual(list, []dispatch.PutPolicy{put}) {
		t.Fatalf("%+v, %d, %v", list, revision, err)
	}
	gone := put
	gone.By = "admin"
	if err := s.CommitPolicy(t.Context(), &dispatch.PolicyChange{Withdrawn: true, Policy: gone}, 1); err != nil {
		t.Fatal(err)
	}
	if list, revision, err := s.PutPolicies(t.Context(), area); err != nil || revision != 2 || len(list) != 0 {
		t.Errorf("after the withdrawal %+v, %d, %v", list, revision, err)
	}
	if n, err := s.PolicyRevision(t.Context(), "uozu"); err != nil || n != 0 {
		t.Errorf("another area is at %d, %v", n, err)
	}
	changes, err := s.PolicyChanges(t.Context(), area, "", 10)
	want := []dispatch.PolicyChange{{ID: "2-0", Withdrawn: true, Policy: gone}, {ID: "1-0", Policy: put}}
	if err != nil || !reflect.DeepEqual(changes, want) {
		t.Errorf("%+v, %v", changes, err)
	}
	if older, err := s.PolicyChanges(t.Context(), area, "2-0", 10); err != nil || !reflect.DeepEqual(older, want[1:]) {
		t.Errorf("%+v, %v", older, err)
	}
	put.Version = 2
	if err := s.CommitPolicy(t.Context(), &dispatch.PolicyChange{Policy: put}, 2); err != nil {
		t.Fatal(err)
	}
	if areas, err := s.PolicyAreas(t.Context()); err != nil || !reflect.DeepEqual(areas, []dispatch.AreaID{area}) {
		t.Errorf("areas %v, %v", areas, err)
	}
}

func TestADamagedPolicyIsNotReadAsAnother(t *testing.T) {
	client := startMini(t)
	s := newStore(t, client)
	for name, raw := range map[string]string{"nothing": "", "cut off": "\x01\x00\x00\x00\x00\x00\x00\x00\x01\x02", "left over": "\x01\x00\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00\x00\x00x"} {
		if err := client.HSet(t.Context(), "dsp:{kurobe}:policies", "p", raw).Err(); err != nil {
			t.Fatal(err)
		}
		var damaged *planstore.DamagedError
		if _, _, err := s.PutPolicies(t.Context(), area); !errors.As(err, &damaged) {
			t.Errorf("%s: %v, want a DamagedError", name, err)
		}
	}
	if err := client.HSet(t.Context(), "dsp:{kurobe}:policies", "p", "\x02").Err(); err != nil {
		t.Fatal(err)
	}
	var version *planstore.VersionError
	if _, _, err := s.PutPolicies(t.Context(), area); !errors.As(err, &version) {
		t.Errorf("a later layout: %v, want a VersionError", err)
	}
}

// TestOnlyOneOfRacingPoliciesIsPut lets many callers of two processes put policies for the same days at once.
func TestOnlyOneOfRacingPoliciesIsPut(t *testing.T) {
	client := startRedis(t)
	zone := time.FixedZone("JST", 9*3600)
	base, err := dispatch.CautiousPolicies(zone)
	if err != nil {
		t.Fatal(err)
	}
	now := func() time.Time { return time.Date(2026, 1, 20, 9, 0, 0, 0, zone) }
	books := []*dispatch.PolicyBook{dispatch.NewPolicyBook(base, newStore(t, client), now), dispatch.NewPolicyBook(base, newStore(t, client), now)}
	template, err := dispatch.PolicyTemplate(area)
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Replace(string(template), `"from": "2024-03-01"`, `"from": "2026-02-01"`, 1)
	failed := make([]error, 16)
	var wg sync.WaitGroup
	for i := range failed {
		wg.Go(func() {
			_, failed[i] = books[i%2].Put(t.Context(), dispatch.Actor{Subject: "c"}, dispatch.PutPolicy{ID: fmt.Sprint("p-", i), Area: area, Text: text}, false)
		})
	}
	wg.Wait()
	won := 0
	for i, err := range failed {
		switch {
		case err == nil:
			won++
		case !errors.Is(err, dispatch.ErrPolicyOverlap):
			t.Errorf("call %d: %v, want an overlap", i, err)
		}
	}
	if won != 1 {
		t.Errorf("%d of the policies hold, want 1", won)
	}
	for i, book := range books {
		set, err := book.Current(t.Context(), area)
		if err != nil {
			t.Fatal(err)
		}
		if p := set.At(area, "2026-02-01"); p == nil || p.ID == "" {
			t.Errorf("process %d decides by %+v", i, p)
		}
	}
}
