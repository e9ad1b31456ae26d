package cch_test

import (
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/swmaas/swmaas/routing/cch"
)

func TestOrderIsAPermutationAndDoesNotDependOnWorkers(t *testing.T) {
	onEveryKind(t, 6, func(t *testing.T, n *network, rng *rand.Rand) {
		one, err := cch.Order(n.Graph, n.x, n.y, cch.OrderConfig{Workers: 1})
		if err != nil {
			t.Fatal(err)
		}
		checkPermutation(t, one, n.Nodes)
		three, err := cch.Order(n.Graph, n.x, n.y, cch.OrderConfig{Workers: 3})
		if err != nil || !slices.Equal(one, three) {
			t.Fatalf("order of three workers differs: %v", err)
		}
	})
	n := roadGrid(rand.New(rand.NewPCG(2, 2)), 90, 0.9) // large enough for goroutines
	one, _ := cch.Order(n.Graph, n.x, n.y, cch.OrderConfig{Workers: 1})
	four, _ := cch.Order(n.Graph, n.x, n.y, cch.OrderConfig{Workers: 4})
	checkPermutation(t, one, n.Nodes)
	if !slices.Equal(one, four) {
		t.Fatal("order of four workers differs")
	}
}

func checkPermutation(t *testing.T, order []uint32, n int) {
	t.Helper()
	sorted := slices.Sorted(slices.Values(order))
	if len(sorted) != n {
		t.Fatalf("order of %d nodes has %d", n, len(sorted))
	}
	for v, w := range sorted {
		if w != uint32(v) {
			t.Fatalf("node %d missing or twice", v)
		}
	}
}

func TestOrderSeparatesAGrid(t *testing.T) {
	n := &network{Graph: cch.Graph{Nodes: 64 * 64}}
	for v := range n.Nodes {
		n.x, n.y = append(n.x, float32(v%64)), append(n.y, float32(v/64))
		if v%64 > 0 {
			n.add(v-1, v, 1)
		}
		if v >= 64 {
			n.add(v-64, v, 1)
		}
	}
	order, err := cch.Order(n.Graph, n.x, n.y, cch.OrderConfig{})
	if err != nil {
		t.Fatal(err)
	}
	topo, err := cch.NewTopology(n.Graph, order)
	if err != nil {
		t.Fatal(err)
	}
	// Perfect nested dissection of a 64-grid has separators of 64, 32, 32, 16, 16, ...: a depth of about 64*(1+1/2+1/2+1/4+1/4...) < 4*64.
	if topo.MaxDepth() > 4*64 {
		t.Errorf("depth %d", topo.MaxDepth())
	}
}

func TestBadInputIsRefused(t *testing.T) {
	good := cch.Graph{Nodes: 2, Tail: []uint32{0}, Head: []uint32{1}}
	nan := float32(math.NaN())
	inf := float32(math.Inf(1))
	topo, err := cch.NewTopology(good, []uint32{0, 1})
	if err != nil {
		t.Fatal(err)
	}
	metric, err := topo.Customize([]uint32{1}, 1)
	if err != nil {
		t.Fatal(err)
	}
	far := []cch.Seed{{Node: 2}}
	var points cch.Points
	points.Add(far...)
	q := cch.NewQuery(topo)
	fault := func(_ any, err error) error { return err }
	for name, c := range map[string]struct{ got, want error }{
		"head out of range":         {cch.Graph{Nodes: 1, Tail: []uint32{0}, Head: []uint32{1}}.Validate(), cch.ErrGraph},
		"tails without heads":       {cch.Graph{Nodes: 1, Tail: []uint32{0}}.Validate(), cch.ErrGraph},
		"negative number of nodes":  {cch.Graph{Nodes: -1}.Validate(), cch.ErrGraph},
		"coordinate is not finite":  {fault(cch.Order(good, []float32{0, nan}, []float32{0, 0}, cch.OrderConfig{})), cch.ErrGraph},
		"coordinate is infinite":    {fault(cch.Order(good, []float32{0, 0}, []float32{0, inf}, cch.OrderConfig{})), cch.ErrGraph},
		"coordinate is missing":     {fault(cch.Order(good, []float32{0}, []float32{0, 0}, cch.OrderConfig{})), cch.ErrGraph},
		"too many directions":       {fault(cch.Order(good, []float32{0, 0}, []float32{0, 0}, cch.OrderConfig{Directions: 65})), cch.ErrConfig},
		"negative workers to order": {fault(cch.Order(good, []float32{0, 0}, []float32{0, 0}, cch.OrderConfig{Workers: -1})), cch.ErrConfig},
		"order with a node twice":   {fault(cch.NewTopology(good, []uint32{1, 1})), cch.ErrOrder},
		"order too short":           {fault(cch.NewTopology(good, []uint32{0})), cch.ErrOrder},
		"origin out of range":       {fault(cch.DeriveOrder([]uint32{0, 1}, []uint32{2})), cch.ErrOrder},
		"origin order broken":       {fault(cch.DeriveOrder([]uint32{0, 0}, []uint32{0})), cch.ErrOrder},
		"weights too few":           {fault(topo.Customize(nil, 1)), cch.ErrWeights},
		"negative workers":          {fault(topo.Customize([]uint32{1}, -1)), cch.ErrConfig},
		"change out of range":       {fault(metric.Update([]cch.Change{{Arc: 1}})), cch.ErrWeights},
		"start out of range":        {fault(q.Distance(metric, far, nil)), cch.ErrGraph},
		"end out of range":          {fault(q.Path(metric, nil, far, nil)), cch.ErrGraph},
		"place out of range":        {new(cch.Labels).Build(metric, cch.Forward, &points, 1), cch.ErrGraph},
		"reach from out of range":   {fault(q.Reach(metric, far, cch.Forward, 1, nil)), cch.ErrGraph},
	} {
		if !errors.Is(c.got, c.want) {
			t.Errorf("%s: %v, want %v", name, c.got, c.want)
		}
	}
}

func TestDerivedOrderKeepsCopiesTogether(t *testing.T) {
	// Originals 2, 0, 1 in order; copies 0 and 3 of node 1, 1 of node 2, 2 and 4 of node 0.
	got, err := cch.DeriveOrder([]uint32{2, 0, 1}, []uint32{1, 2, 0, 1, 0})
	if want := []uint32{1, 2, 4, 0, 3}; err != nil || !slices.Equal(got, want) {
		t.Fatalf("derived order %v, %v; want %v", got, err, want)
	}
}

func TestCheckPassesOnEveryKindAndFindsEachCorruption(t *testing.T) {
	onEveryKind(t, 6, func(t *testing.T, n *network, rng *rand.Rand) {
		topo, _ := build(t, n, rng)
		if err := topo.Check(); err != nil {
			t.Fatal(err)
		}
		data, _ := topo.AppendBinary(nil)
		decoded, err := cch.DecodeTopology(n.Graph, data)
		if err != nil {
			t.Fatal(err)
		}
		if err := decoded.Check(); err != nil {
			t.Fatal(err)
		}
		again, _ := decoded.AppendBinary(nil)
		if !slices.Equal(again, data) {
			t.Fatal("encoding changed on the way")
		}
	})
	rng := rand.New(rand.NewPCG(4, 4))
	n := roadGrid(rng, 10, 1)
	fresh, _ := build(t, n, rng)
	data, _ := fresh.AppendBinary(nil)
	for name := range fresh.Corrupt() {
		topo, err := cch.DecodeTopology(n.Graph, data)
		if err != nil {
			t.Fatal(err)
		}
		topo.Corrupt()[name]()
		if err := topo.Check(); !errors.Is(err, cch.ErrInvariant) {
			t.Errorf("corrupt %s: %v", name, err)
		}
	}
}

// FuzzDecodeTopology: hostile bytes are refused, or give a hierarchy that answers as Dijkstra does.
func FuzzDecodeTopology(f *testing.F) {
	rng := rand.New(rand.NewPCG(6, 6))
	n := roadGrid(rng, 4, 0.9)
	topo, _ := build(f, n, rng)
	data, _ := topo.AppendBinary(nil)
	f.Add(data)
	f.Add(data[:len(data)-4])
	f.Add([]byte("CCH00001"))
	f.Fuzz(func(t *testing.T, data []byte) {
		topo, err := cch.DecodeTopology(n.Graph, data)
		if err != nil {
			if !errors.Is(err, cch.ErrFormat) && !errors.Is(err, cch.ErrGraph) {
				t.Fatal(err)
			}
			return
		}
		if err := topo.Check(); err != nil {
			t.Fatal(err)
		}
		metric, err := topo.Customize(n.weights, 2)
		if err != nil {
			t.Fatal(err)
		}
		got := allPairs(t, metric)
		for v := range n.Nodes {
			want := n.dijkstra(n.weights, []cch.Seed{{Node: uint32(v)}}, cch.Forward)
			if !slices.Equal(got[v*n.Nodes:(v+1)*n.Nodes], want) {
				t.Fatalf("distances from %d: %v, want %v", v, got[v*n.Nodes:(v+1)*n.Nodes], want)
			}
		}
	})
}
