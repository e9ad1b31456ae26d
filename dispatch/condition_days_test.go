package dispatch_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/redis/go-redis/v9"

	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/testdata/redistest"
)

func TestAConditionThatIsShortenedAgainAnswersTheSame(t *testing.T) {
	t.Parallel()
	socket := redistest.Start(t)
	w := newRandomWorld(t, func() redis.UniversalClient {
		client := redis.NewClient(&redis.Options{Network: "unix", Addr: socket})
		t.Cleanup(func() { _ = client.Close() })
		return client
	})
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
