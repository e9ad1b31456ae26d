package solver

import (
	"math/rand/v2"
	"testing"
)

// cheapestPartition tries every set of columns that serve every row once with as many vehicles as there are.
func cheapestPartition(sx *simplex, room int) float64 {
	best := 1e18
	full := 1<<sx.cover - 1
	var visit func(j, served, used int, cost float64)
	visit = func(j, served, used int, cost float64) {
		if served == full {
			best = min(best, cost)
			return
		}
		if j == len(sx.cost) || used == room {
			return
		}
		mask := 0
		for _, i := range sx.rowOf[sx.first[j] : sx.first[j+1]-1] {
			mask |= 1 << i
		}
		if mask&served == 0 {
			visit(j+1, served|mask, used+1, cost+sx.cost[j])
		}
		visit(j+1, served, used, cost)
	}
	visit(0, 0, 0, 0)
	return best
}

func TestEnumerationFindsTheCheapestPartition(t *testing.T) {
	found := 0
	for seed := range trials(300) {
		rnd := rand.New(rand.NewPCG(uint64(seed), 71))
		room := 2 + rnd.IntN(3)
		c := &covering{w: &worker{active: make([]Vehicle, room)}, upper: 1000}
		sx := &c.sx
		sx.cover, sx.rows = 6, 7
		sx.right = []float64{1, 1, 1, 1, 1, 1, float64(room)}
		sx.dual = make([]float64, sx.rows)
		sx.first = []int32{0}
		for j := range 14 {
			for i := range int32(sx.cover) {
				if rnd.IntN(3) == 0 || i == int32(j%6) {
					sx.rowOf = append(sx.rowOf, i)
				}
			}
			sx.rowOf = append(sx.rowOf, int32(sx.cover))
			sx.first = append(sx.first, int32(len(sx.rowOf)))
			sx.cost = append(sx.cost, float64(10+rnd.IntN(90)))
			c.col, c.alive = append(c.col, j), append(c.alive, int32(j))
		}
		want := cheapestPartition(sx, room)
		if whole := c.enumerate(0); !whole {
			t.Fatalf("seed %d: the budget of %d was used up", seed, enumerateBudget)
		}
		if len(c.every.best) == 0 != (want > 1000) {
			t.Fatalf("seed %d: found %v, the cheapest costs %v", seed, c.every.best, want)
		}
		if len(c.every.best) > 0 {
			found++
			if c.upper != want {
				t.Fatalf("seed %d: %v costs %v, the cheapest %v", seed, c.every.best, c.upper, want)
			}
		}
	}
	if found < trials(300)/4 {
		t.Errorf("only %d had a partition", found)
	}
}
