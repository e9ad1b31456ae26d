package solver

import (
	"fmt"
	"slices"
	"sync/atomic"
)

// Builder collects the parts of a problem. The zero value is not usable; see NewBuilder. It is not safe for concurrent use.
type Builder struct {
	travel   Travel
	classes  int32
	vehicles []VehicleSpec
	requests []RequestSpec
	separate [64]uint64
	faults   []error
	fairness Fairness
}

// NewBuilder starts a problem on travel with the given number of vehicle classes (at least 1).
func NewBuilder(travel Travel, classes int) *Builder {
	return &Builder{travel: travel, classes: int32(classes)}
}

// AddVehicle adds one vehicle and returns its number. The slices of the spec are kept.
func (b *Builder) AddVehicle(s VehicleSpec) Vehicle {
	b.vehicles = append(b.vehicles, s)
	return Vehicle(len(b.vehicles) - 1)
}

// AddRequest adds one request and returns its number. The slices of the spec are kept.
func (b *Builder) AddRequest(s RequestSpec) Request {
	b.requests = append(b.requests, s)
	return Request(len(b.requests) - 1)
}

// Separate forbids riders of the legal groups g and h (1 to 63) to be aboard together; g may equal h.
func (b *Builder) Separate(g, h int32) {
	if g < 1 || g > 63 || h < 1 || h > 63 {
		b.faults = append(b.faults, &SpecError{"problem", 0, "Separate", fmt.Sprintf("groups %d and %d are not in 1..63", g, h)})
		return
	}
	b.separate[g] |= 1 << h
	b.separate[h] |= 1 << g
}

// SetFairness switches the fairness term on.
func (b *Builder) SetFairness(f Fairness) { b.fairness = f }

// Build validates everything and returns the problem, or every fault joined, each a *SpecError. A request that no vehicle can
// serve is no fault: it stays unassigned and Inserter.Explain names the cause.
func (b *Builder) Build() (*Problem, error) {
	if err := b.validate(); err != nil {
		return nil, err
	}
	p := &Problem{
		travel: b.travel, classes: b.classes, vehicles: int32(len(b.vehicles)), separate: b.separate,
		vehicleSpec: slices.Clone(b.vehicles), fairness: b.fairness,
	}
	p.openRows()
	p.sizeColumns(b)
	p.addVehicles()
	for _, s := range b.requests {
		p.addRequest(s)
	}
	p.settle()
	return p, nil
}

// openRows forgets the cached travel rows, as the Travel may have grown.
func (p *Problem) openRows() {
	p.places = p.travel.Len()
	p.rows = make([]atomic.Pointer[legs], int(p.classes)*p.places)
}

// sizeColumns fixes the dimensions that the specs share.
func (p *Problem) sizeColumns(b *Builder) {
	p.dims, p.dwells = 1, 1
	for _, s := range b.vehicles {
		for _, l := range s.Layouts {
			p.dims = max(p.dims, int32(len(l)))
		}
		p.dwells = max(p.dwells, int32(len(s.Dwell)))
	}
	for _, s := range b.requests {
		p.dims = max(p.dims, int32(len(s.Load)))
		p.dwells = max(p.dwells, s.DwellClass+1)
	}
	p.words = (p.vehicles + 63) / 64
	p.defaultUnserved = defaultUnservedCost
}

// addVehicles lays out depots and breaks.
func (p *Problem) addVehicles() {
	p.dwellAdd = make([]int32, p.vehicles*p.dwells)
	for _, s := range p.vehicleSpec {
		p.addNode(s.Start, startWindow(&s), 0, 0)
	}
	for v, s := range p.vehicleSpec {
		p.addNode(s.End, endWindow(&s), 0, 0)
		p.breakAt = append(p.breakAt, p.breaks)
		p.breaks += int32(len(s.Breaks))
		p.breakSpec = append(p.breakSpec, s.Breaks...)
		copy(p.dwellAdd[int32(v)*p.dwells:], s.Dwell)
	}
	p.breakAt = append(p.breakAt, p.breaks)
	for _, s := range p.breakSpec {
		p.addNode(s.Place, s.Window, s.Duration, 0)
	}
	p.first = Node(2*p.vehicles + p.breaks)
	p.plain, p.vehicleAt = make([]bool, p.vehicles), make([]uint64, p.vehicles)
	for v := range p.plain {
		p.plain[v] = true
	}
	p.startLoad = make([]int32, p.vehicles*p.dims)
	p.startMask = make([]uint64, p.vehicles)
	p.startRiders = make([]int32, p.vehicles)
	p.boarded = make([][]Request, p.vehicles)
}

// startWindow and endWindow are when a vehicle may leave and be back.
func startWindow(s *VehicleSpec) TimeWindow {
	if s.UnderWay {
		return TimeWindow{s.Window.Earliest, s.Window.Earliest}
	}
	return s.Window
}

func endWindow(s *VehicleSpec) TimeWindow {
	w := s.Window
	if s.UnderWay && s.MaxDuration > 0 {
		w.Latest = min(w.Latest, s.Departed+s.MaxDuration)
	}
	return w
}

func (p *Problem) addNode(at Place, w TimeWindow, service, dwell int32) {
	p.place = append(p.place, at)
	p.open = append(p.open, w.Earliest)
	p.shut = append(p.shut, w.Latest)
	p.service = append(p.service, service)
	p.dwell = append(p.dwell, dwell)
	p.orderAt = append(p.orderAt, None)
}

// addRequest appends the columns of one request. References to other requests may point forward; settle completes them.
func (p *Problem) addRequest(s RequestSpec) Request {
	r := Request(p.requests)
	p.requests++
	p.requestSpec = append(p.requestSpec, s)
	p.requestAt = append(p.requestAt, p.generation+1)
	pickup, delivery := effectiveWindows(&s)
	p.addNode(s.Pickup, pickup, s.PickupService, s.DwellClass)
	p.addNode(s.Delivery, delivery, s.DeliveryService, s.DwellClass)
	for k := range p.dims {
		q := int32(0)
		if int(k) < len(s.Load) {
			q = s.Load[k]
		}
		p.load = append(p.load, q)
	}
	p.addRide(r, &s)
	p.group = append(p.group, groupBit(s.Group))
	p.banned = append(p.banned, p.separate[s.Group])
	cost := s.UnservedCost
	if cost == 0 {
		cost = p.defaultUnserved
	}
	if s.OnBoard {
		cost = aboardCost
	}
	p.unserved = append(p.unserved, cost)
	p.share = append(p.share, s.Share)
	p.gather = append(p.gather, s.Gather)
	p.aboard = append(p.aboard, s.OnBoard)
	p.pinned = append(p.pinned, false)
	p.timed = append(p.timed, s.soft())
	p.conflicts = append(p.conflicts, nil)
	home := Vehicle(None)
	if s.PreferredCost > 0 {
		home = s.Preferred
	}
	if s.Locked || s.OnBoard {
		home = s.LockVehicle
	}
	p.homes = append(p.homes, home)
	p.tighten(r)
	p.compat = append(p.compat, make([]uint64, p.words)...)
	for v := range Vehicle(p.vehicles) {
		if p.fitsStatic(v, r) {
			p.compat[int32(r)*p.words+int32(v)>>6] |= 1 << (uint(v) & 63)
		}
	}
	p.hasGroups = p.hasGroups || p.banned.at(r) != 0
	p.hasShare = p.hasShare || s.Share != 0
	p.hasGather = p.hasGather || s.Gather != 0
	p.hasTimed = p.hasTimed || p.timed.at(r)
	p.hasPreferred = p.hasPreferred || s.PreferredCost+s.LikedCost > 0
	return r
}

// fitsStatic joins the constraints between one vehicle and one request that no route changes.
func (p *Problem) fitsStatic(v Vehicle, r Request) bool {
	return p.fitsEquipment(v, r) && p.fitsVehicle(v, r) && p.fitsAlone(v, r)
}

// settle derives what needs all requests: conflicts in both directions, named vehicles, riders aboard, orders and kinds.
func (p *Problem) settle() {
	for r := range Request(p.requests) {
		p.nameVehicles(r)
		p.linkConflicts(r)
		if p.aboard.at(r) {
			p.seat(r)
		}
	}
	p.settleOrders()
	p.kind = p.kinds()
}

// seat puts a rider who is aboard into the vehicle's first leg.
func (p *Problem) seat(r Request) {
	v := p.homes.at(r)
	for k, q := range p.loadOf(r) {
		p.startLoad[int32(v)*p.dims+int32(k)] += q
	}
	p.startMask[v] |= p.group.at(r)
	p.startRiders[v]++
	p.boarded[v] = append(p.boarded[v], r)
}

// nameVehicles marks the vehicles that r singles out, so that they are not taken for interchangeable.
func (p *Problem) nameVehicles(r Request) {
	s := &p.requestSpec[r]
	for _, v := range s.Allowed {
		p.plain[v] = false
	}
	for _, v := range s.Forbidden {
		p.plain[v] = false
	}
	if s.LikedCost > 0 {
		for _, v := range s.Liked {
			p.plain[v] = false
		}
	}
	if h := p.homes.at(r); h != None {
		p.plain[h] = false
	}
}

// kinds numbers the sets of vehicles that can swap routes.
func (p *Problem) kinds() []int32 {
	kind := make([]int32, p.vehicles)
	seen := map[string]int32{}
	for v := range p.vehicleSpec {
		s := p.vehicleSpec[v]
		key := fmt.Sprintf("%+v", s)
		if len(s.Breaks) > 0 || len(s.Order) > 0 || p.startRiders.at(Vehicle(v)) > 0 {
			key = fmt.Sprintf("only %d", v)
		}
		k, ok := seen[key]
		if !ok {
			k = int32(len(seen))
			seen[key] = k
		}
		kind[v] = k
	}
	return kind
}
