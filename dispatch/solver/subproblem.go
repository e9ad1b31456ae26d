package solver

// subproblem is a part of a problem as a problem of its own: some vehicles, the requests that ride in them and some unassigned
// ones, with places renumbered so that everything is compact.
type subproblem struct {
	p        *Problem
	vehicles []Vehicle // [sub vehicle] in the whole
	requests []Request // [sub request] in the whole
}

// renumber maps the whole's indexes to a part's; shared scratch of one cutter.
type renumber struct {
	place   []Place   // [whole place]
	vehicle []Vehicle // [whole vehicle]
	request []Request // [whole request]
}

// cutter makes subproblems of one problem. It is scratch for one goroutine.
type cutter struct {
	p  *Problem
	to renumber
}

func newCutter(p *Problem) *cutter {
	c := &cutter{p: p}
	c.to.place = make([]Place, p.places)
	c.to.vehicle = make([]Vehicle, p.vehicles)
	c.to.request = make([]Request, p.requests)
	clearTo(c.to.place, None)
	clearTo(c.to.vehicle, None)
	clearTo(c.to.request, None)
	return c
}

func clearTo[T any](s []T, v T) {
	for i := range s {
		s[i] = v
	}
}

// cut makes the subproblem of the given vehicles and requests of plan s. It returns nil where the part is not valid by itself.
func (c *cutter) cut(s *Solution, vehicles []Vehicle, requests []Request) (*subproblem, *Solution) {
	sub := &subproblem{vehicles: vehicles, requests: requests}
	for i, v := range vehicles {
		c.to.vehicle[v] = Vehicle(i)
	}
	for i, r := range requests {
		c.to.request[r] = Request(i)
	}
	places := c.places(vehicles, requests)
	b := NewBuilder(c.travel(places), int(c.p.classes))
	b.separate = c.p.separate
	b.fairness = c.p.fairness
	for _, v := range vehicles {
		b.AddVehicle(c.vehicle(v))
	}
	for _, r := range requests {
		b.AddRequest(c.request(r, s.VehicleOf(r)))
	}
	p, err := b.Build()
	var part *Solution
	if err == nil {
		sub.p = p
		part = NewSolution(p)
		for i, v := range vehicles {
			part.put(Vehicle(i), c.nodes(p, s.Route(v), Vehicle(i), v))
		}
	}
	for _, v := range vehicles {
		c.to.vehicle[v] = None
	}
	for _, r := range requests {
		c.to.request[r] = None
	}
	for _, at := range places {
		c.to.place[at] = None
	}
	if err != nil {
		return nil, nil
	}
	return sub, part
}

// places numbers the places of the part and lists them.
func (c *cutter) places(vehicles []Vehicle, requests []Request) []Place {
	var list []Place
	add := func(at Place) {
		if c.to.place[at] == None {
			c.to.place[at] = Place(len(list))
			list = append(list, at)
		}
	}
	for _, v := range vehicles {
		s := &c.p.vehicleSpec[v]
		add(s.Start)
		add(s.End)
		for _, br := range s.Breaks {
			add(br.Place)
		}
	}
	for _, r := range requests {
		add(c.p.requestSpec[r].Pickup)
		add(c.p.requestSpec[r].Delivery)
	}
	return list
}

// travel copies the legs between the places, a matrix a class.
func (c *cutter) travel(places []Place) Travel {
	out := make(Classes, c.p.classes)
	for class := range out {
		m := NewMatrix(len(places))
		m.Grow(len(places))
		for i, from := range places {
			row := c.p.row(int32(class), from)
			for j, to := range places {
				m.time[i*m.stride+j], m.cost[i*m.stride+j] = row.time[to], row.cost[to]
			}
		}
		out[class] = m
	}
	return out
}

func (c *cutter) vehicle(v Vehicle) VehicleSpec {
	s := c.p.vehicleSpec[v]
	s.Start, s.End = c.to.place[s.Start], c.to.place[s.End]
	s.Breaks = clone(s.Breaks)
	for i := range s.Breaks {
		s.Breaks[i].Place = c.to.place[s.Breaks[i].Place]
	}
	var order []Visit
	for i, o := range s.Order {
		if r := c.to.request[o.Request]; r != None {
			order = append(order, Visit{r, o.Delivery})
		} else if i < s.Fixed {
			s.Fixed--
		}
	}
	s.Order = order
	return s
}

func (c *cutter) request(r Request, on Vehicle) RequestSpec {
	s := c.p.requestSpec[r]
	s.Pickup, s.Delivery = c.to.place[s.Pickup], c.to.place[s.Delivery]
	s.UnservedCost = c.p.unserved.at(r)
	allowed := s.Allowed
	s.Allowed, s.Forbidden = nil, nil
	for _, v := range allowed {
		if w := c.to.vehicle[v]; w != None {
			s.Allowed = append(s.Allowed, w)
		}
	}
	for _, v := range c.p.requestSpec[r].Forbidden {
		if w := c.to.vehicle[v]; w != None {
			s.Forbidden = append(s.Forbidden, w)
		}
	}
	if s.Locked || s.OnBoard {
		s.LockVehicle = c.to.vehicle[s.LockVehicle]
	}
	if s.PreferredCost > 0 {
		if s.Preferred = c.to.vehicle[s.Preferred]; s.Preferred == None {
			s.PreferredCost = 0 // every vehicle of the part costs the same
		}
	}
	s.Liked = nil
	for _, v := range c.p.requestSpec[r].Liked {
		if w := c.to.vehicle[v]; w != None {
			s.Liked = append(s.Liked, w)
		}
	}
	if len(s.Liked) == 0 {
		s.LikedCost = 0 // likewise
	}
	var others []Request
	for _, o := range c.p.conflicts.at(r) {
		if w := c.to.request[o]; w != None {
			others = append(others, w)
		}
	}
	s.Incompatible = others
	if s.Share != 0 && on != None {
		// Others of the group may ride outside of the part: it stays in its vehicle.
		s.Locked, s.LockVehicle = true, c.to.vehicle[on]
	}
	return s
}

// nodes expresses a route of whole vehicle v in the numbers of the part.
func (c *cutter) nodes(p *Problem, route []Node, sub, v Vehicle) []Node {
	out := make([]Node, 0, len(route))
	for _, n := range route {
		r := c.p.RequestOf(n)
		switch {
		case r == None:
			out = append(out, p.BreakOf(sub, int(n-c.p.BreakOf(v, 0))))
		case c.p.IsDelivery(n):
			out = append(out, p.DeliveryOf(c.to.request[r]))
		default:
			out = append(out, p.PickupOf(c.to.request[r]))
		}
	}
	return out
}

// whole expresses a route of the part's vehicle i in the numbers of whole problem p.
func (sub *subproblem) whole(p *Problem, i Vehicle, route []Node) []Node {
	v := sub.vehicles[i]
	out := make([]Node, 0, len(route))
	for _, n := range route {
		r := sub.p.RequestOf(n)
		switch {
		case r == None:
			out = append(out, p.BreakOf(v, int(n-sub.p.BreakOf(i, 0))))
		case sub.p.IsDelivery(n):
			out = append(out, p.DeliveryOf(sub.requests[r]))
		default:
			out = append(out, p.PickupOf(sub.requests[r]))
		}
	}
	return out
}

// servable reports whether r may be tried by a part at all: it can ride in one of its vehicles and is not bound elsewhere.
func (c *cutter) servable(r Request, vehicles []Vehicle) bool {
	if c.p.share.at(r) != 0 || c.p.orderAt.at(c.p.PickupOf(r)) != None {
		return false
	}
	for _, v := range vehicles {
		if c.p.compatible(v, r) {
			return true
		}
	}
	return false
}
