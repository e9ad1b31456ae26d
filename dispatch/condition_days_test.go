package dispatch_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/vehicles"
)

func TestAConditionThatIsShortenedAgainAnswersTheSame(t *testing.T) {
	t.Parallel()
	w := newRandomWorld(t, oneRedis(t))
	by, area := dispatch.Actor{Subject: "staff"}, randomAreas()[0]
	o := dispatch.ConditionOrder{From: w.now(), Until: w.now().Add(50 * time.Hour)}
	o.Kind, o.Reason, o.Road = dispatch.RoadClosed, "WORKS", "row 5"
	id, days, err := w.desks[0].SetCondition(t.Context(), by, area, o, "k1")
	if err != nil || len(days) != 3 {
		t.Fatalf("%v, %v; want three days", days, err)
	}
	o.ID, o.Day, o.Version, o.Until = id, days[0].Day, 1, w.now().Add(time.Hour)
	_, once, err := w.desks[0].SetCondition(t.Context(), by, area, o, "k2")
	if err != nil || len(once) != 3 {
		t.Fatalf("%v, %v; want the day on which it holds and the two on which it does not any more", once, err)
	}
	_, again, err := w.desks[1].SetCondition(t.Context(), by, area, o, "k2")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(once, again); diff != "" {
		t.Errorf("the same request answers otherwise (-first, +second):\n%s", diff)
	}
	for _, day := range once {
		rows, err := w.desks[2].Conditions(t.Context(), area, day.Day)
		if err != nil || len(rows) != 1 || rows[0].Body.Lifted != (day.Day != o.Day) || rows[0].Version != 2 {
			t.Errorf("%s: %+v, %v", day.Day, rows, err)
		}
	}
}

func TestAConditionOfTheNightHoldsOnTheDayBeforeAsWell(t *testing.T) {
	t.Parallel()
	w := newRandomWorld(t, oneRedis(t))
	by, area, desk := dispatch.Actor{Subject: "staff"}, randomAreas()[0], w.desks[0]
	midnight, err := desk.Midnight(w.day)
	if err != nil {
		t.Fatal(err)
	}
	yesterday, tomorrow := dispatch.Day(vehicles.Date(w.day).Add(-1)), dispatch.Day(vehicles.Date(w.day).Add(1))
	for _, c := range []struct {
		name        string
		now         time.Duration // since midnight, as are from and until
		from, until time.Duration
		want        map[dispatch.Day]dispatch.Window
		lifted      int
	}{
		{"tomorrow after midnight", 7 * time.Hour, 24*time.Hour + 30*time.Minute, 27 * time.Hour, map[dispatch.Day]dispatch.Window{
			w.day: {Earliest: 24*3600 + 1800, Latest: 27 * 3600}, tomorrow: {Earliest: 1800, Latest: 3 * 3600},
		}, 2},
		{"tomorrow from before the end of service", 7 * time.Hour, 29 * time.Hour, 34 * time.Hour, map[dispatch.Day]dispatch.Window{
			w.day: {Earliest: 29 * 3600, Latest: 30 * 3600}, tomorrow: {Earliest: 5 * 3600, Latest: 10 * 3600},
		}, 2},
		{"tomorrow from its end on", 7 * time.Hour, 30 * time.Hour, 34 * time.Hour, map[dispatch.Day]dispatch.Window{
			tomorrow: {Earliest: 6 * 3600, Latest: 10 * 3600},
		}, 1},
		{"from the evening on, lifted in the morning", 7 * time.Hour, 20 * time.Hour, 34 * time.Hour, map[dispatch.Day]dispatch.Window{
			w.day: {Earliest: 20 * 3600, Latest: 30 * 3600}, tomorrow: {Earliest: 0, Latest: 10 * 3600},
		}, 1},
		{"of a night that is over", 7 * time.Hour, 2 * time.Hour, 10 * time.Hour, map[dispatch.Day]dispatch.Window{
			w.day: {Earliest: 2 * 3600, Latest: 10 * 3600},
		}, 1},
		{"of this night", 3 * time.Hour, 2 * time.Hour, 10 * time.Hour, map[dispatch.Day]dispatch.Window{
			yesterday: {Earliest: 26 * 3600, Latest: 30 * 3600}, w.day: {Earliest: 2 * 3600, Latest: 10 * 3600},
		}, 2},
	} {
		w.at(int32(c.now / time.Second))
		o := dispatch.ConditionOrder{From: midnight.Add(c.from), Until: midnight.Add(c.until)}
		o.Kind, o.Reason, o.Road = dispatch.RoadClosed, "WORKS", "row 5"
		id, done, err := desk.SetCondition(t.Context(), by, area, o, c.name)
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		got := map[dispatch.Day]dispatch.Window{}
		for _, on := range done {
			state, err := desk.State(t.Context(), area, on.Day)
			if err != nil {
				t.Fatal(err)
			}
			got[on.Day] = state.Notes[id].Body.(*dispatch.Condition).Window
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want, +got):\n%s", c.name, diff)
		}
		day := done[len(done)-1].Day
		if lifted, err := desk.LiftCondition(t.Context(), by, area, day, id, 1, "lift "+c.name); err != nil || len(lifted) != c.lifted {
			t.Errorf("%s, lifted on %s: %+v, %v", c.name, day, lifted, err)
		}
	}
}
