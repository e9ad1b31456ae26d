package solver

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
)

// variant is the builder with some vehicles and requests drawn anew, fewer or more requests, and everything that a
// revision cannot change as it was.
func variant(rnd *rand.Rand, from *Builder, most int, f feature) *Builder {
	b := NewBuilder(from.travel, int(from.classes))
	b.separate = from.separate
	requests := 2 + rnd.IntN(most-1)
	for v, s := range from.vehicles {
		if rnd.IntN(3) == 0 {
			other := randomVehicle(rnd, v, int(from.classes), from.travel.Len(), 600, f)
			other.Breaks, other.Dwell, other.Order, other.Fixed = s.Breaks, s.Dwell, s.Order, s.Fixed
			s = other
		}
		b.AddVehicle(s)
	}
	for r := range requests {
		s := randomRequest(rnd, r, requests, len(b.vehicles), 600, f)
		if r < len(from.requests) && (rnd.IntN(3) > 0 || r < 2 && f&withOrder != 0) {
			s = from.requests[r]
		}
		s.Incompatible = slices.DeleteFunc(slices.Clone(s.Incompatible), func(o Request) bool { return int(o) >= requests })
		b.AddRequest(s)
	}
	return b
}

func TestARevisedProblemIsTheOneThatIsBuiltAnew(t *testing.T) {
	const most = 14
	for seed := range uint64(400) {
		rnd := rand.New(rand.NewPCG(seed, 7))
		f := feature(rnd.Uint32()) & allFeatures
		b := randomBuilder(rnd, most, 5, f)
		p, err := b.Build()
		if err != nil {
			t.Fatal(err)
		}
		in := NewInserter(p)
		for range 6 {
			b = variant(rnd, b, most, f)
			want, err := b.Build()
			if err != nil {
				t.Fatalf("seed %d: %v", seed, err)
			}
			ok, err := b.Revise(p)
			if !ok || err != nil {
				t.Fatalf("seed %d: revised %v, %v", seed, ok, err)
			}
			sameProblem(t, seed, p, want)
			sameAnswers(t, seed, rnd, in, want)
		}
	}
}

// sameProblem compares everything that decides an answer.
func sameProblem(t *testing.T, seed uint64, p, want *Problem) {
	t.Helper()
	if p.requests != want.requests || p.Nodes() != want.Nodes() {
		t.Fatalf("seed %d: %d requests and %d nodes, want %d and %d", seed, p.requests, p.Nodes(), want.requests, want.Nodes())
	}
	for _, x := range []*Problem{p, want} {
		for r, list := range x.conflicts {
			x.conflicts[r] = append([]Request{}, list...)
			slices.Sort(x.conflicts[r])
		}
		for v, list := range x.boarded {
			x.boarded[v] = append([]Request{}, list...)
		}
	}
	// Fields that a revision may leave otherwise: caches, and what only costs time.
	skip := map[string]bool{
		"travel": true, "rows": true, "kind": true, "plain": true, "generation": true, "places": true, "dwells": true, "dims": true,
		"dwellAdd": true, "load": true, "hasGroups": true, "hasConflicts": true, "hasShare": true, "hasGather": true, "hasTimed": true, "hasPreferred": true,
		"requestSpec": true, "requestAt": true, "vehicleAt": true,
	}
	a, b := reflect.ValueOf(p).Elem(), reflect.ValueOf(want).Elem()
	for i := range a.NumField() {
		name := a.Type().Field(i).Name
		if skip[name] {
			continue
		}
		x, y := a.Field(i), b.Field(i)
		switch x.Kind() {
		case reflect.Slice:
			if x.Len() != y.Len() || x.Len() > 0 && !(peek(x) == peek(y)) {
				t.Fatalf("seed %d: %s is %v, want %v", seed, name, peek(x), peek(y))
			}
		default:
			if !(peek(x) == peek(y)) {
				t.Fatalf("seed %d: %s is %v, want %v", seed, name, peek(x), peek(y))
			}
		}
	}
	for r := range Request(p.requests) {
		if !slices.Equal(p.loadOf(r)[:want.dims], want.loadOf(r)) || !sameRequest(&p.requestSpec[r], &want.requestSpec[r]) {
			t.Fatalf("seed %d: request %d differs", seed, r)
		}
	}
	if want.hasConflicts && !p.hasConflicts || want.hasGroups && !p.hasGroups || want.hasShare && !p.hasShare || want.hasGather && !p.hasGather || want.hasTimed && !p.hasTimed || want.hasPreferred && !p.hasPreferred {
		t.Fatalf("seed %d: a switch is off", seed)
	}
}

// peek reads a field that is not exported as text that tells values apart.
func peek(v reflect.Value) string { return fmt.Sprintf("%+v", v) }

// sameAnswers plans the inserter's problem and the wanted one by best insertion and compares all steps.
func sameAnswers(t *testing.T, seed uint64, rnd *rand.Rand, in *Inserter, want *Problem) {
	t.Helper()
	p := in.p
	s, w := NewSolution(p), NewSolution(want)
	inW := NewInserter(want)
	for _, r := range rnd.Perm(int(p.requests)) {
		got, exp := in.Best(s, Query{Request: Request(r)}, nil), inW.Best(w, Query{Request: Request(r)}, nil)
		if !reflect.DeepEqual(got, exp) {
			t.Fatalf("seed %d: request %d goes to %+v, want %+v", seed, r, got, exp)
		}
		if len(got) > 0 {
			in.Apply(s, got[0])
			inW.Apply(w, exp[0])
		}
	}
	if got, exp := Verify(p, s), Verify(want, w); !reflect.DeepEqual(got, exp) {
		t.Fatalf("seed %d: the check finds %v, want %v", seed, got, exp)
	}
}

func TestWhatARevisionCannotChangeIsRefused(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 1))
	fresh := func() (*Builder, *Problem) {
		b := randomBuilder(rnd, 4, 3, withBreaks|withDwell|withGroups)
		p, err := b.Build()
		if err != nil {
			t.Fatal(err)
		}
		return b, p
	}
	for name, change := range map[string]func(b *Builder){
		"a further vehicle":  func(b *Builder) { b.AddVehicle(b.vehicles[0]) },
		"other breaks":       func(b *Builder) { b.vehicles[1].Breaks = nil },
		"other dwell times":  func(b *Builder) { b.vehicles[1].Dwell = []int32{99} },
		"groups":             func(b *Builder) { b.Separate(5, 6) },
		"a dimension":        func(b *Builder) { b.requests[0].Load = []int32{1, 0, 1} },
		"a layout dimension": func(b *Builder) { b.vehicles[0].Layouts = [][]int32{{1, 1, 1}} },
		"a dwell class":      func(b *Builder) { b.requests[0].DwellClass = 200 },
		"fairness":           func(b *Builder) { b.SetFairness(Fairness{Weight: 5}) },
	} {
		b, p := fresh()
		change(b)
		if ok, err := b.Revise(p); ok || err != nil {
			t.Errorf("%s: revised %v, %v", name, ok, err)
		}
	}
	b, p := fresh()
	b.requests[0].PickupWindow = TimeWindow{9, 1}
	if ok, err := b.Revise(p); ok || err == nil {
		t.Errorf("a fault: revised %v, %v", ok, err)
	}
}

// TestEveryFieldOfASpecIsCompared changes one field after another.
func TestEveryFieldOfASpecIsCompared(t *testing.T) {
	change := func(v reflect.Value) {
		switch v.Kind() {
		case reflect.Bool:
			v.SetBool(!v.Bool())
		case reflect.Int, reflect.Int32, reflect.Int64:
			v.SetInt(v.Int() + 1)
		case reflect.Uint64:
			v.SetUint(v.Uint() + 1)
		case reflect.Struct:
			v.Field(0).SetInt(v.Field(0).Int() + 1)
		case reflect.Slice:
			v.Set(reflect.Append(v, reflect.Zero(v.Type().Elem())))
		default:
			t.Fatalf("field of kind %v", v.Kind())
		}
	}
	for i := range reflect.TypeFor[RequestSpec]().NumField() {
		var a, b RequestSpec
		change(reflect.ValueOf(&b).Elem().Field(i))
		if sameRequest(&a, &b) || !sameRequest(&a, &a) {
			t.Errorf("RequestSpec.%s is not compared", reflect.TypeFor[RequestSpec]().Field(i).Name)
		}
	}
	for i := range reflect.TypeFor[VehicleSpec]().NumField() {
		var a, b VehicleSpec
		change(reflect.ValueOf(&b).Elem().Field(i))
		if sameVehicle(&a, &b) || !sameVehicle(&a, &a) {
			t.Errorf("VehicleSpec.%s is not compared", reflect.TypeFor[VehicleSpec]().Field(i).Name)
		}
	}
}
