package dispatch

import (
	"github.com/swmaas/swmaas/dispatch/solver"
	"github.com/swmaas/swmaas/routing"
	"github.com/swmaas/swmaas/routing/geo"
)

// Bounds is what a TravelTimes may say besides, so that shifts need not be tried that cannot come in time.
type Bounds interface {
	// Bounds are the speed in metres per second that no vehicle exceeds, and how far in metres a road point is from its pin
	// at most.
	Bounds() (fastest, snap float64)
}

// Bounds are those of the router's graph.
func (r Roads) Bounds() (fastest, snap float64) {
	snap = r.Snaps.MaxMeters
	if snap == 0 {
		snap = routing.DefaultSnapMeters
	}
	return r.Router.Graph().Fastest(), snap
}

// filter leaves out shifts that cannot serve a ride because even a straight line at the fastest speed is too long: by what a vehicle
// can do at all, so it is never wrong. The zero value leaves out none.
type filter struct {
	fastest float64 // metres per second, 0 where no bound is known
	snap    float64 // metres
}

// newFilter takes the bounds of the travel times, where they have any.
func newFilter(travel TravelTimes) filter {
	if b, ok := travel.(Bounds); ok {
		fastest, snap := b.Bounds()
		return filter{fastest, snap}
	}
	return filter{}
}

// least is the shortest that any vehicle can take between two pins, in seconds.
func (f filter) least(from, to geo.LatLng) int32 {
	return int32(max(0, geo.Distance(from, to)-2*f.snap) / f.fastest)
}

// base is where the vehicle of a shift stands in a model and from when on it can leave, and where and by when it has to be.
type base struct {
	at, end     geo.LatLng
	from, until int32
}

// detour is what a ride asks of each shift at least: the seconds from where the vehicle stands to the pickup, aboard and from
// the dropoff to the end of the shift, each as long as a straight line.
type detour struct {
	filter
	there, home []int32 // by shift
	bases       []base
	aboard      int32
	ride        *Ride
}

// detourOf measures a ride against the shifts of a model.
func (f filter) detourOf(ride *Ride, bases []base) *detour {
	if f.fastest == 0 {
		return nil
	}
	d := &detour{filter: f, bases: bases, ride: ride, aboard: f.least(ride.Pickup.At, ride.Dropoff.At)}
	for _, b := range bases {
		d.there, d.home = append(d.there, f.least(b.at, ride.Pickup.At)), append(d.home, f.least(ride.Dropoff.At, b.end))
	}
	return d
}

// shifts lists those that might serve the ride within the windows of a spec; nil stands for all.
func (d *detour) shifts(spec *solver.RequestSpec, out []solver.Vehicle) []solver.Vehicle {
	if d == nil {
		return nil
	}
	for i, b := range d.bases {
		pickup := max(spec.PickupWindow.Earliest, b.from+d.there[i])
		dropoff := pickup + d.ride.Party.Board + d.aboard
		if pickup <= spec.PickupWindow.Latest && dropoff <= spec.DeliveryWindow.Latest && dropoff+d.ride.Party.Alight+d.home[i] <= b.until {
			out = append(out, solver.Vehicle(i))
		}
	}
	return out
}

// base is where the shift stands and where it has to be, by its spec in the model.
func (r *rest) base(spec *solver.VehicleSpec) base {
	at, _ := r.stands()
	if len(r.stops) > 0 && r.stops[0].State == Arrived {
		at = place(r.rides(r.stops[0].Ride), r.stops[0].Kind)
	}
	return base{at, r.shift.End, spec.Window.Earliest, spec.Window.Latest}
}
