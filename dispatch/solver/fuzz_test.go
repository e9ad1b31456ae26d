package solver

import (
	"encoding/binary"
	"errors"
	"testing"
)

// FuzzBuildSearchVerify builds problems from arbitrary numbers: they either fail validation with typed errors or yield plans that
// Verify accepts wherever what has begun can be finished.
func FuzzBuildSearchVerify(f *testing.F) {
	f.Add([]byte("a day in the valley, with some numbers after it: 0123456789abcdefghijklmnopqrstuvwxyz"))
	f.Add(make([]byte, 400))
	f.Add([]byte{1, 2, 3, 255, 255, 255, 127, 0, 0, 0, 128, 9, 9, 9, 9, 200, 1, 2, 3, 4, 5, 6, 7, 8})
	f.Fuzz(func(t *testing.T, data []byte) {
		src := source{data: data}
		p, err := src.problem()
		if err != nil {
			if !errors.Is(err, ErrInvalid) {
				t.Fatalf("untyped error: %v", err)
			}
			return
		}
		s, begun := Initial(p)
		before := Verify(p, s)
		if begun && len(before) > 0 {
			t.Fatalf("what has begun is said to be finished, with %v", before)
		}
		out := Improve(p, s, Options{Iterations: 30, Seed: 1, Threads: 1})
		if bad := Verify(p, out); len(bad) > len(before) {
			t.Fatalf("%v, and before %v", bad, before)
		}
		in := NewInserter(p)
		for _, r := range out.Unassigned(nil) {
			in.Explain(out, Query{Request: r}, nil, nil)
		}
	})
}

// source reads small and sometimes absurd numbers from bytes.
type source struct {
	data []byte
	at   int
}

func (s *source) byte() byte {
	if len(s.data) == 0 {
		return 0
	}
	b := s.data[s.at%len(s.data)]
	s.at++
	return b + byte(s.at/max(1, len(s.data)))*37
}

// number is mostly below 256 and now and then any 32 bits.
func (s *source) number() int32 {
	if s.byte() > 250 {
		var b [4]byte
		for i := range b {
			b[i] = s.byte()
		}
		return int32(binary.LittleEndian.Uint32(b[:]))
	}
	return int32(s.byte())
}

func (s *source) window() TimeWindow {
	w := TimeWindow{s.number(), 0}
	if w.Latest = w.Earliest + s.number()*2; s.byte() > 252 {
		w.Latest = s.number()
	}
	return w
}

func (s *source) problem() (*Problem, error) {
	places := 1 + int(s.byte())%8
	m := NewMatrix(2)
	m.Grow(places)
	for i := range places {
		for j := range places {
			d := int32(s.byte() % 60)
			if s.byte() > 252 {
				d = Unreachable
			}
			m.Set(Place(i), Place(j), d, d)
		}
	}
	b := NewBuilder(m, 1)
	place := func() Place { return Place(s.byte() % byte(places+1) % byte(places)) }
	vehicles, requests := int(s.byte())%4, int(s.byte())%8
	for range vehicles {
		v := VehicleSpec{
			Start: place(), End: place(), Window: TimeWindow{s.number(), 200 + s.number()*3}, MaxDuration: s.number() * 2,
			Layouts: [][]int32{{int32(s.byte() % 4), int32(s.byte() % 2)}}, Freeze: int32(s.byte() % 20), FixedLayout: s.byte() > 128,
		}
		if s.byte() > 150 {
			v.Layouts = append(v.Layouts, []int32{int32(s.byte() % 3), 1})
		}
		if s.byte() > 200 {
			v.Breaks = []BreakSpec{{Place: place(), Window: s.window(), Duration: s.number(), Aboard: s.byte() > 128}}
		}
		b.AddVehicle(v)
	}
	for range requests {
		r := RequestSpec{
			Pickup: place(), Delivery: place(), PickupWindow: s.window(), DeliveryWindow: TimeWindow{s.number(), 300 + s.number()*4},
			PickupService: s.number() % 16, DeliveryService: s.number() % 16, Load: []int32{int32(s.byte() % 3), int32(s.byte() % 2)},
			MaxRide: s.number() * 2, MaxDetour: s.number(), Share: int32(s.byte() % 3), Gather: int32(s.byte() % 3), Group: int32(s.byte() % 3),
		}
		if s.byte() > 230 {
			r.OnBoard, r.LockVehicle, r.Boarded = true, Vehicle(s.byte()%5), s.number()
		}
		if s.byte() > 200 {
			r.Incompatible = []Request{Request(s.byte() % 9)}
		}
		b.AddRequest(r)
	}
	b.Separate(1, 2)
	s.begin(b)
	return b.Build()
}

// begin lets some vehicles have begun something, or be told an order.
func (s *source) begin(b *Builder) {
	for v := range b.vehicles {
		if s.byte() < 170 {
			continue
		}
		for range 1 + s.byte()%2 {
			r := Request(s.byte() % 7)
			if int(r) < len(b.requests) {
				b.requests[r].Locked, b.requests[r].LockVehicle = true, Vehicle(v)
			}
			if s.byte() > 60 {
				b.vehicles[v].Order = append(b.vehicles[v].Order, Visit{r, false})
			}
			if s.byte() > 120 {
				b.vehicles[v].Order = append(b.vehicles[v].Order, Visit{r, true})
			}
		}
		b.vehicles[v].Fixed = int(s.byte() % 3)
		b.vehicles[v].UnderWay = s.byte() > 128
	}
}
