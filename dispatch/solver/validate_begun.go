package solver

import (
	"fmt"
	"slices"
)

// checkBegun finds what contradicts itself in what has begun: riders aboard one vehicle, or fetched by its fixed beginning, whom
// a rule keeps apart, and must-share groups that ride in two vehicles already. No plan could put that right, so the caller has
// to say which of the two statements holds. Loads, equipment and times that do not work are no faults of the description:
// such a vehicle is left as it is (see Improve).
func (b *Builder) checkBegun() []error {
	c := begunCheck{b: b, aboard: make([][]Request, len(b.vehicles)), home: map[int32]Vehicle{}}
	for i := range b.requests {
		if s := &b.requests[i]; s.OnBoard && s.LockVehicle >= 0 && int(s.LockVehicle) < len(b.vehicles) {
			c.board(Request(i), s.LockVehicle)
		}
	}
	for v := range b.vehicles {
		s := &b.vehicles[v]
		for _, o := range s.Order[:min(max(0, s.Fixed), len(s.Order))] {
			switch {
			case o.Request < 0 || int(o.Request) >= len(b.requests):
			case o.Delivery:
				c.aboard[v] = slices.DeleteFunc(c.aboard[v], func(r Request) bool { return r == o.Request })
			default:
				c.board(o.Request, Vehicle(v))
			}
		}
	}
	return c.faults
}

// begunCheck follows who is aboard.
type begunCheck struct {
	b      *Builder
	aboard [][]Request       // [v]
	home   map[int32]Vehicle // vehicle of a must-share group
	faults []error
}

func (c *begunCheck) fault(r Request, field, format string, args ...any) {
	c.faults = append(c.faults, &SpecError{"request", int(r), field, fmt.Sprintf(format, args...)})
}

// board lets r get in, and finds what speaks against it.
func (c *begunCheck) board(r Request, v Vehicle) {
	s := &c.b.requests[r]
	for _, o := range c.aboard[v] {
		t := &c.b.requests[o]
		switch {
		case slices.Contains(s.Incompatible, o) || slices.Contains(t.Incompatible, r):
			c.fault(r, "Incompatible", "is aboard vehicle %d together with request %d", v, o)
		case s.Group > 0 && s.Group < 64 && t.Group > 0 && t.Group < 64 && c.b.separate[s.Group]>>t.Group&1 == 1:
			c.fault(r, "Group", "group %d is aboard vehicle %d together with group %d of request %d", s.Group, v, t.Group, o)
		}
	}
	c.aboard[v] = append(c.aboard[v], r)
	if s.Share <= 0 {
		return
	}
	if home, known := c.home[s.Share]; known && home != v {
		c.fault(r, "Share", "group %d is aboard vehicle %d and vehicle %d", s.Share, home, v)
	}
	c.home[s.Share] = v
}
