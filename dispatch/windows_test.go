package dispatch

import "testing"

func TestCandidatesLieAroundTheWish(t *testing.T) {
	rules := Rules{}.withDefaults()
	const direct, travel = 600, 700
	for name, c := range map[string]struct {
		wish        Wish
		from        int32
		first, last int32 // begin of the first and the last window; -1: none
	}{
		// 10:00 is 36000; 45 min and the way before it is 32600, rounded up to a minute 32640; the window that ends just in time
		// begins at 36000-420-700-(1200-420) = 34100, one grid step later at most: 34200.
		"an appointment":                   {Wish{ArriveBy, Window{0, 36000}}, 0, 32640, 34200},
		"an appointment with a doorkeeper": {Wish{ArriveBy, Window{35900, 36000}}, 0, 34020, 34200},
		"ready at half past eleven":        {Wish{DepartAfter, Window{41400, 60000}}, 0, 41400, 46800},
		"ready, but home by noon":          {Wish{DepartAfter, Window{41400, 43200}}, 0, 41400, 42000},
		"a window of a quarter of an hour": {Wish{PickupWithin, Window{36000, 36900}}, 0, 36000, 36000},
		"a whole morning":                  {Wish{PickupWithin, Window{32400, 43200}}, 0, 32400, 42000},
		"the morning is half over":         {Wish{PickupWithin, Window{32400, 43200}}, 37001, 37020, 42000},
		"the morning is over":              {Wish{PickupWithin, Window{32400, 43200}}, 43201, -1, -1},
	} {
		t.Run(name, func(t *testing.T) {
			got := rules.candidates(c.wish, direct, travel, c.from)
			if len(got) == 0 {
				if c.first != -1 {
					t.Fatalf("no candidate, want %d to %d", c.first, c.last)
				}
				return
			}
			first, last := got[0].promise.Pickup, got[len(got)-1].promise.Pickup
			if first.Earliest != c.first || last.Earliest != c.last {
				t.Errorf("windows begin from %d to %d, want %d to %d", first.Earliest, last.Earliest, c.first, c.last)
			}
			for _, x := range got {
				if n := x.promise.Pickup.Latest - x.promise.Pickup.Earliest; n < minWindow || n > rules.Window || x.penalty < 0 {
					t.Errorf("candidate %+v", x)
				}
			}
		})
	}
}
