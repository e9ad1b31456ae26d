package sim

import (
	"context"
	"errors"
	"reflect"
	"testing"

	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/dispatch/sim/town"
	"github.com/swmaas/swmaas/vehicles"
)

func newTown(t *testing.T, seed uint64) *town.Town {
	t.Helper()
	w, err := town.Generate(seed)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func TestADayIsServedAndASeedGivesTheSameDayAgain(t *testing.T) {
	w := newTown(t, 3)
	var happened [2][]Happening
	var records [2]*Record
	for i := range records {
		store := newStore(w)
		cfg := office(t, w, store)
		cfg.Observe = func(h Happening) { happened[i] = append(happened[i], h) }
		records[i] = play(t, cfg)
		wantDutiesDone(t, w, store.state)
		records[i].QuoteTimes = nil
	}
	if !reflect.DeepEqual(happened[0], happened[1]) || !reflect.DeepEqual(records[0], records[1]) {
		t.Error("the same seed gave two different days")
	}
	f := records[0].Figures()
	if len(f.Violations) > 0 {
		t.Errorf("%d violations, first: %s", len(f.Violations), f.Violations[0])
	}
	if f.Booked*10 < f.Requested*9 || f.OnTimeShare < 0.95 || f.PooledShare <= 0.3 || f.Cancelled < 3 || f.NoShow < 2 || f.Missed > 0 {
		t.Errorf("figures %+v", f)
	}
	if f.Requested != f.Booked+f.Unmet+sum(f.TurnedDown) || f.Booked != f.Completed+f.Cancelled+f.NoShow+f.Missed {
		t.Errorf("the counts do not add up: %+v", f)
	}
}

// wantDutiesDone fails where a shift of the day had no driver who was checked before and after it and signed off.
func wantDutiesDone(t *testing.T, w *town.Town, s *dispatch.State) {
	t.Helper()
	done := map[vehicles.ShiftID]bool{}
	for _, n := range s.Notes {
		if d, ok := n.Body.(*dispatch.OnDuty); ok {
			done[d.Shift] = d.Before != "" && d.After != "" && d.Checks == 2 && !d.Off.IsZero()
		}
	}
	for _, shift := range w.Shifts {
		if !done[shift.ID] {
			t.Errorf("the duty on shift %s was not checked before and after, or never ended", shift.ID)
		}
	}
}

func sum(counts map[string]int) (n int) {
	for _, v := range counts {
		n += v
	}
	return n
}

// An interrupted day is taken up again by a new simulator and a new desk on the same store, as after the process was killed.
func TestAnInterruptedDayIsTakenUpAgain(t *testing.T) {
	w := newTown(t, 4)
	for name, at := range map[string]int32{"the day before": -9 * 3600, "in the morning": 9*3600 + 1800, "in the afternoon": 14 * 3600} {
		t.Run(name, func(t *testing.T) {
			if testing.Short() && name != "in the morning" {
				t.Skip("plays a whole day")
			}
			store := newStore(w)
			cfg := office(t, w, store)
			ctx, kill := context.WithCancel(t.Context())
			defer kill()
			cfg.Observe = func(h Happening) {
				if h.At >= at {
					kill()
				}
			}
			first, err := New(cfg)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := first.Run(ctx); !errors.Is(err, context.Canceled) {
				t.Fatalf("the first run ended with %v", err)
			}
			before := store.state
			again := office(t, w, store)
			again.RunID = "again"
			record := play(t, again)
			kept := map[dispatch.RideID]bool{}
			for i := range record.Rides {
				kept[record.Rides[i].ID] = true
			}
			for id := range before.Rides {
				if !kept[id] {
					t.Errorf("ride %s was booked before the interruption and is gone", id)
				}
			}
			if f := record.Figures(); len(f.Violations) > 0 || f.Missed > 0 || f.Booked*10 < f.Requested*9 || f.OnTimeShare < 0.95 {
				t.Errorf("%+v", f)
			}
		})
	}
}

func TestAConfigSaysAllThatItLacks(t *testing.T) {
	_, err := New(Config{Speed: -1})
	if !errors.Is(err, ErrConfig) {
		t.Fatalf("error %v", err)
	}
	if joined, ok := errors.Unwrap(err).(interface{ Unwrap() []error }); ok && len(joined.Unwrap()) < 7 {
		t.Errorf("only %v", err)
	}
}

func TestCallsOfTheDayBeforeRingTheDayBefore(t *testing.T) {
	w := newTown(t, 1)
	cfg := office(t, w, newStore(w))
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var rang []int32
	cfg.Observe = func(h Happening) {
		if h.Kind == CallAnswered || h.Kind == CallSpared {
			if h.At != w.Calls[h.Call].At {
				t.Errorf("call %d rang at %d, not at %d", h.Call, h.At, w.Calls[h.Call].At)
			}
			if rang = append(rang, h.At); len(rang) == 60 {
				stop()
			}
		}
	}
	day, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := day.Run(ctx); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	if rang[0] >= 0 || rang[59] >= 0 {
		t.Errorf("the first sixty calls rang from %d to %d", rang[0], rang[59])
	}
}
