package solver

import (
	"math"
	"math/bits"
	"math/rand/v2"
	"slices"
	"testing"
)

func TestSubsetsAreAllVisitedOnce(t *testing.T) {
	for n := 1; n <= 9; n++ {
		for k := 1; k <= n; k++ {
			seen := map[uint64]bool{}
			for x := uint64(1)<<k - 1; x>>n == 0; x = nextSubset(x) {
				if bits.OnesCount64(x) != k || seen[x] {
					t.Fatalf("%d of %d: %b", k, n, x)
				}
				seen[x] = true
			}
			if len(seen) != subsets(n, k) {
				t.Errorf("%d of %d: %d sets, not %d", k, n, len(seen), subsets(n, k))
			}
		}
	}
}

// poolWorker is a worker whose pool holds what a short search came across, and that is back at its first plan.
func poolWorker(t *testing.T, rnd *rand.Rand, seed uint64, rounds int, f feature) *worker {
	p := randomProblem(t, rnd, 10+rnd.IntN(8), 4, f)
	w := newWorker(p, NewSolution(p), &Options{Iterations: 1 << 20, Seed: seed}, newNeighbours(p), newGrids(p), 0)
	w.begin()
	first := planCopy{search: w.best.search}
	for _, route := range w.best.routes {
		first.routes = append(first.routes, slices.Clone(route))
	}
	before := w.bestCost
	for range rounds {
		w.steer(0)
		w.round()
	}
	w.best, w.bestCost = first, before
	w.best.load(w.st)
	w.st.keep()
	return w
}

// cheapestOfPool is the least cost of serving the rows of the set, once each, with columns that serve nobody else, as many of a kind as there is
// room for.
func cheapestOfPool(c *covering, rows uint64, room []int32, from int) float64 {
	if rows == 0 {
		return 0
	}
	best, sx := 1e18, &c.sx
	for j := from; j < len(sx.cost); j++ {
		mask := uint64(0)
		for _, i := range sx.rowOf[sx.first[j] : sx.first[j+1]-1] {
			mask |= 1 << i
		}
		kind := sx.rowOf[sx.first[j+1]-1] - int32(sx.cover)
		if mask&^rows != 0 || room[kind] == 0 {
			continue
		}
		room[kind]--
		best = min(best, sx.cost[j]+cheapestOfPool(c, rows&^mask, room, j+1))
		room[kind]++
	}
	return best
}

func TestRegroupingEndsAtThePlanThatNoGroupOfRoutesBetters(t *testing.T) {
	better, compared := 0, 0
	for seed := range trials(60) {
		rnd := rand.New(rand.NewPCG(uint64(seed), 81))
		w := poolWorker(t, rnd, uint64(seed), 60, withRide|withLayouts)
		c := &covering{w: w}
		w.cov = c
		c.lay()
		c.sx.budget = pivotBudget
		value, ok := c.relax()
		if !ok || len(c.sx.cost) > 400 {
			continue
		}
		before := c.upper
		c.fix(value)
		if c.regroup() {
			better++
			if c.upper >= before {
				t.Fatalf("seed %d: found a plan of %v, not below %v", seed, c.upper, before)
			}
		}
		if len(c.mine) == 0 || len(c.mine) > regroupMost {
			continue
		}
		compared++
		rows, sum := uint64(0), 0.0
		for _, j := range c.mine {
			sum += c.sx.cost[j]
			for _, i := range c.sx.rowOf[c.sx.first[j] : c.sx.first[j+1]-1] {
				if rows>>i&1 == 1 {
					t.Fatalf("seed %d: row %d is served twice", seed, i)
				}
				rows |= 1 << i
			}
		}
		room := slices.Clone(c.room)
		if best := cheapestOfPool(c, rows, room, 0); best < sum-1 {
			t.Errorf("seed %d: the routes cost %v, the cheapest of the pool %v", seed, sum, best)
		}
	}
	if better < trials(60)/4 || compared < trials(60)/2 {
		t.Errorf("%d bettered, %d compared: they prove little", better, compared)
	}
}

func TestRelaxationGoesOnFromAnEarlierBasisAndRoutesOfItsPricesAreFeasible(t *testing.T) {
	fell, priced := 0, 0
	for seed := range trials(60) {
		rnd := rand.New(rand.NewPCG(uint64(seed), 83))
		f := withRide | withLayouts | withClasses | feature(rnd.Uint32())&(withBreaks|withLocks|withEquipment|withPairs)
		w := poolWorker(t, rnd, uint64(seed), 40, f)
		c := &covering{w: w}
		w.cov = c
		c.lay()
		c.sx.budget = 10 * pivotBudget
		last, ok := c.relax()
		for range 3 {
			if !ok {
				break
			}
			c.cross() // all by the prices of the last relaxation
			c.splice()
			priced += len(w.pool.cols)
			c.price()
			priced -= len(w.pool.cols)
			for range 20 {
				w.round()
			}
			c.lay()
			value, solved := c.relax()
			c.lay()
			c.sx.reset()
			again, anew := c.sx.relax()
			if solved && anew && math.Abs(value-again) > 1e-4*again {
				t.Fatalf("seed %d: the relaxation is worth %v, solved anew %v", seed, value, again)
			}
			if value > last*(1+1e-4) {
				t.Fatalf("seed %d: with more routes the relaxation rose from %v to %v", seed, last, value)
			}
			if value < last-1 {
				fell++
			}
			last, ok = value, solved
		}
		var rt route
		for i, col := range w.pool.cols {
			if !rt.compute(w.p, col.v, w.pool.sequence(i)) || w.p.RouteCost(col.v, w.pool.sequence(i)) != col.cost {
				t.Fatalf("seed %d: route %d of the pool is not what it says: %+v", seed, i, col)
			}
		}
	}
	if fell < trials(60)/4 || -priced < trials(60) {
		t.Errorf("the relaxation fell only %d times, %d routes were made by prices", fell, -priced)
	}
}
