package solver

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// emptyCuts are the numbers of nodes after which nobody is aboard, neither none nor all.
func emptyCuts(p *Problem, nodes []Node) (cuts []int) {
	aboard := 0
	for k, n := range nodes {
		if aboard++; p.IsDelivery(n) {
			aboard -= 2
		}
		if aboard == 0 && k+1 < len(nodes) {
			cuts = append(cuts, k+1)
		}
	}
	return cuts
}

// spliced lists every joint of two routes of the list that a vehicle could drive and the pool would take, in the plainest way.
func spliced(c *covering, list []int) (out []poolRoute, sequences [][]Node) {
	p, pl := c.w.p, c.w.pool
	var rt route
	for _, i := range list {
		for _, j := range list {
			v := pl.cols[i].v
			if i == j || !p.loose(v) || !p.loose(pl.cols[j].v) || p.vehicleSpec[v].Class != p.vehicleSpec[pl.cols[j].v].Class ||
				!c.mayMove(pl.sequence(i)) || !c.mayMove(pl.sequence(j)) {
				continue
			}
			for _, k := range emptyCuts(p, pl.sequence(i)) {
				for _, l := range emptyCuts(p, pl.sequence(j)) {
					nodes := slices.Concat(pl.sequence(i)[:k], pl.sequence(j)[l:])
					sorted := slices.Sorted(slices.Values(nodes))
					if len(slices.Compact(sorted)) < len(nodes) || !c.mayRun(v, nodes) || !rt.compute(p, v, nodes) {
						continue
					}
					cost, kind := p.RouteCost(v, nodes), p.kind.at(v)
					if float64(cost)-pl.worth(kind, nodes) <= pl.slack {
						out = append(out, poolRoute{hash: pl.hash(kind, nodes), cost: cost})
						sequences = append(sequences, nodes)
					}
				}
			}
		}
	}
	return out, sequences
}

func TestSplicedRoutesAreAllThatTwoRoutesOfThePoolMake(t *testing.T) {
	fresh, all := 0, 0
	for seed := range trials(80) {
		rnd := rand.New(rand.NewPCG(uint64(seed), 89))
		w := poolWorker(t, rnd, uint64(seed), 12+rnd.IntN(140), withRide|withLayouts|withClasses|feature(rnd.Uint32())&(withLocks|withEquipment|withPairs|withBreaks))
		c := &covering{w: w}
		w.cov = c
		c.lay()
		c.sx.budget = 10 * pivotBudget
		if _, ok := c.relax(); !ok {
			continue
		}
		want, sequences := spliced(c, c.cheapest())
		before := len(w.pool.cols)
		some := c.splice()
		added := len(w.pool.cols) - before
		if some != (added > 0) {
			t.Fatalf("seed %d: splice says %v and added %d", seed, some, added)
		}
		fresh += added
		have := map[uint64]int64{}
		for _, col := range w.pool.cols {
			have[col.hash] = col.cost
		}
		if added >= spliceMost {
			continue
		}
		for k, o := range want {
			all++
			if cost, ok := have[o.hash]; !ok || cost > o.cost {
				t.Fatalf("seed %d: %v costs %d, the pool has %v at %d", seed, sequences[k], o.cost, ok, cost)
			}
		}
	}
	if fresh < trials(80) || all < 4*trials(80) {
		t.Errorf("%d routes came in and %d were looked for: they prove little", fresh, all)
	}
}
