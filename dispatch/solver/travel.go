package solver

import "fmt"

// Travel gives the time and the objective cost of every leg, a row at a time.
//
// Row returns two slices of at least Len() entries: the time in ticks and the cost of driving from `from` to each place.
// Entries are >= 0; Unreachable or more marks a leg that cannot be driven. Rows are owned by the Travel and must not change
// while a problem uses them. Row must be safe for concurrent calls. Times must obey the triangle inequality for insertion
// to be exact; where they do not, insertion errs towards refusing.
type Travel interface {
	Len() int
	Row(class int32, from Place) (time, cost []int32)
}

// Matrix is a dense Travel of one class that can grow. All classes see the same rows.
//
// It is not safe for concurrent use while it grows or is being set.
type Matrix struct {
	n, stride  int
	time, cost []int32
}

// NewMatrix returns a matrix without places and with room for capacity of them before it must be copied to grow.
func NewMatrix(capacity int) *Matrix {
	capacity = max(capacity, 1)
	return &Matrix{
		stride: capacity,
		time:   make([]int32, capacity*capacity),
		cost:   make([]int32, capacity*capacity),
	}
}

// Len is the number of places.
func (m *Matrix) Len() int { return m.n }

// Grow adds n places and returns the first of them. Legs from and to new places are Unreachable until Set, but for a place
// to itself, which is 0. Rows handed out before stay valid for the places they had.
func (m *Matrix) Grow(n int) Place {
	first := m.n
	if m.n+n > m.stride {
		m.rehouse(max(2*m.stride, m.n+n))
	}
	m.n += n
	for from := range m.n {
		low := first
		if from >= first {
			low = 0
		}
		for to := low; to < m.n; to++ {
			m.time[from*m.stride+to] = Unreachable
			m.cost[from*m.stride+to] = Unreachable
		}
	}
	for i := first; i < m.n; i++ {
		m.time[i*m.stride+i], m.cost[i*m.stride+i] = 0, 0
	}
	return Place(first)
}

// Shrink removes the last n places.
func (m *Matrix) Shrink(n int) { m.n = max(0, m.n-n) }

func (m *Matrix) rehouse(stride int) {
	time, cost := make([]int32, stride*stride), make([]int32, stride*stride)
	for from := range m.n {
		copy(time[from*stride:], m.time[from*m.stride:from*m.stride+m.n])
		copy(cost[from*stride:], m.cost[from*m.stride:from*m.stride+m.n])
	}
	m.time, m.cost, m.stride = time, cost, stride
}

// Set gives one leg its time in ticks and its cost. It panics where a place is out of range or a value negative.
func (m *Matrix) Set(from, to Place, time, cost int32) {
	if time < 0 || cost < 0 {
		panic(fmt.Sprintf("solver: negative leg %d to %d", from, to))
	}
	if int(from) >= m.n || int(to) >= m.n {
		panic(fmt.Sprintf("solver: leg %d to %d outside %d places", from, to, m.n))
	}
	m.time[int(from)*m.stride+int(to)] = min(time, Unreachable)
	m.cost[int(from)*m.stride+int(to)] = min(cost, Unreachable)
}

// Row implements Travel.
func (m *Matrix) Row(_ int32, from Place) (time, cost []int32) {
	at := int(from) * m.stride
	return m.time[at : at+m.n : at+m.n], m.cost[at : at+m.n : at+m.n]
}

// Classes joins one Travel a vehicle class; all have the same number of places.
type Classes []Travel

// Len implements Travel.
func (c Classes) Len() int { return c[0].Len() }

// Row implements Travel.
func (c Classes) Row(class int32, from Place) (time, cost []int32) { return c[class].Row(0, from) }

// legs is one row of a Travel as the hot code holds it.
type legs struct{ time, cost []int32 }
