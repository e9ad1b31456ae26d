package api

import (
	"errors"
	"testing"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"
	"pgregory.net/rapid"

	swmaasv1 "github.com/swmaas/swmaas/api/gen/swmaas/v1"
	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/vehicles"
)

func clockOf(t testing.TB) dayClock {
	t.Helper()
	clock, err := newDayClock(serviceDate, time.FixedZone("JST", 9*3600))
	if err != nil {
		t.Fatal(err)
	}
	return clock
}

func TestSecondsOfADayGoThereAndBack(t *testing.T) {
	clock := clockOf(t)
	rapid.Check(t, func(t *rapid.T) {
		second := rapid.Int32Range(0, vehicles.MaxDaySecond).Draw(t, "second")
		from, err1 := clock.from("f", clock.moment(second))
		until, err2 := clock.until("f", clock.moment(second))
		if err1 != nil || err2 != nil || from != second || until != second {
			t.Fatalf("second %d came back as %d and %d (%v, %v)", second, from, until, err1, err2)
		}
	})
}

func TestMomentsBetweenSecondsAreRoundedIntoTheWindow(t *testing.T) {
	clock := clockOf(t)
	half := timestamppb.New(clock.midnight.Add(10*time.Second + 500*time.Millisecond))
	from, _ := clock.from("f", half)
	until, _ := clock.until("f", half)
	if from != 11 || until != 10 {
		t.Errorf("10.5 s begins a window at %d and ends one at %d, want 11 and 10", from, until)
	}
}

func TestTimesOutsideTheServiceDayAreRefused(t *testing.T) {
	clock := clockOf(t)
	for name, moment := range map[string]*timestamppb.Timestamp{
		"a second before it": timestamppb.New(clock.midnight.Add(-time.Second)),
		"after 30:00":        timestamppb.New(clock.midnight.Add(30*time.Hour + time.Second)),
		"no moment":          {Seconds: 1, Nanos: 2e9},
		"far away":           {Seconds: 1 << 60},
	} {
		if _, err := clock.from("f", moment); !errors.Is(err, ErrRequest) {
			t.Errorf("%s: %v, want ErrRequest", name, err)
		}
	}
	for _, day := range []string{"2026-02-30", "", "2026-1-2", "0000-00-00"} {
		if _, err := newDayClock(day, time.UTC); !errors.Is(err, ErrRequest) {
			t.Errorf("day %q: %v, want ErrRequest", day, err)
		}
	}
}

func TestDaysBeyondTheHorizonAreRefused(t *testing.T) {
	cfg := Config{Clock: func() time.Time { return now }}.withDefaults()
	for day, want := range map[string]error{
		"2026-01-20": nil, "2027-02-23": nil, "2027-02-25": ErrRequest, "2024-12-17": nil, "2024-12-15": ErrRequest, "9999-12-31": ErrRequest,
	} {
		if _, err := cfg.day(day); !errors.Is(err, want) {
			t.Errorf("%s, seen from 2026-01-20: %v, want %v", day, err, want)
		}
	}
}

func TestAWishGoesThereAndBack(t *testing.T) {
	clock := clockOf(t)
	for name, wish := range map[string]*swmaasv1.Wish{
		"to be there in time":     {Kind: &swmaasv1.Wish_ArriveBy{ArriveBy: &swmaasv1.ArriveBy{Latest: at(10, 0)}}},
		"and not before":          {Kind: &swmaasv1.Wish_ArriveBy{ArriveBy: &swmaasv1.ArriveBy{Latest: at(10, 0), Earliest: at(9, 30)}}},
		"to leave once ready":     {Kind: &swmaasv1.Wish_DepartAfter{DepartAfter: &swmaasv1.DepartAfter{Earliest: at(11, 0)}}},
		"and by a time":           {Kind: &swmaasv1.Wish_DepartAfter{DepartAfter: &swmaasv1.DepartAfter{Earliest: at(11, 0), Latest: at(12, 0)}}},
		"to be fetched in a hour": {Kind: &swmaasv1.Wish_PickupWindow{PickupWindow: &swmaasv1.TimeWindow{Earliest: at(11, 0), Latest: at(12, 0)}}},
	} {
		read, err := wishOf(wish, clock)
		if err != nil {
			t.Fatal(err)
		}
		again, err := wishOf(clock.wish(read), clock)
		if err != nil || again != read {
			t.Errorf("%s: %v came back as %v (%v)", name, read, again, err)
		}
	}
	reversed := &swmaasv1.Wish{Kind: &swmaasv1.Wish_ArriveBy{ArriveBy: &swmaasv1.ArriveBy{Latest: at(9, 0), Earliest: at(10, 0)}}}
	if _, err := wishOf(reversed, clock); !errors.Is(err, ErrRequest) {
		t.Errorf("a window turned round: %v", err)
	}
	if got, err := wishOf(nil, clock); err != nil || got != (dispatch.Wish{}) {
		t.Errorf("no wish: %v, %v", got, err)
	}
}
