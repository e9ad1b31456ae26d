package sim

import (
	"math"
	"slices"

	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/vehicles"
)

// Figures is a day in numbers. Shares are 0 to 1, rounded to four decimals; ratios to three.
type Figures struct {
	Requested, Booked                    int // calls answered; of them confirmed, even if called off later
	Completed, Cancelled, NoShow, Missed int
	Unmet                                int            // nothing could be offered
	UnmetReasons                         map[string]int // by the engine's reason
	TurnedDown                           map[string]int // offers were given and none was taken, by the caller's reason

	// PooledShare is the share of completed rides during which another booking was aboard.
	PooledShare float64
	// MeanRideRatio and P90RideRatio are of the ride time over the unshared time, which counts as a minute at least.
	MeanRideRatio, P90RideRatio float64
	// OnTimeShare is the share of completed rides picked up by the promised latest and there by the promised arrival.
	OnTimeShare float64

	VehicleKm, DirectKm float64 // one decimal
	Violations          []string
}

// shortestDirect is the least unshared time that a ride time is measured against, in seconds.
const shortestDirect = 60

// Figures computes the day's numbers from what was executed.
func (r *Record) Figures() Figures {
	f := Figures{Requested: len(r.Rides), UnmetReasons: map[string]int{}, TurnedDown: map[string]int{}, Violations: r.Violations()}
	pooled, times := r.pooled(), r.rideTimes()
	var ratios []float64
	shared, onTime := 0, 0
	for i := range r.Rides {
		ride := &r.Rides[i]
		if ride.Booked {
			f.Booked++
		}
		f.count(ride)
		t, ok := times[ride.ID]
		if ride.State != dispatch.Completed || !ok {
			continue
		}
		ratios = append(ratios, float64(t.dropoff-t.board)/float64(max(ride.Direct, shortestDirect)))
		if pooled[ride.ID] {
			shared++
		}
		if t.arrive <= ride.Promise.Pickup.Latest && (ride.Promise.ArriveBy == 0 || t.dropoff <= ride.Promise.ArriveBy) {
			onTime++
		}
	}
	f.PooledShare, f.OnTimeShare = share(shared, f.Completed), share(onTime, f.Completed)
	f.MeanRideRatio, f.P90RideRatio = rounded(mean(ratios), 3), rounded(percentile(ratios, 90), 3)
	f.VehicleKm, f.DirectKm = rounded(float64(r.Meters)/1000, 1), rounded(float64(r.Direct)/1000, 1)
	return f
}

// count adds a ride to the counts by state.
func (f *Figures) count(r *Ride) {
	switch r.State {
	case dispatch.Completed:
		f.Completed++
	case dispatch.Cancelled:
		f.Cancelled++
	case dispatch.NoShow:
		f.NoShow++
	case dispatch.Missed:
		f.Missed++
	case dispatch.Unmet:
		f.Unmet++
		f.UnmetReasons[r.Reason]++
	case dispatch.TurnedDown:
		f.TurnedDown[r.Reason]++
	}
}

// rideTime is when the vehicle came, when the party was aboard, and when it was there.
type rideTime struct{ arrive, board, dropoff int32 }

// rideTimes is the times of the rides that have both stops.
func (r *Record) rideTimes() map[dispatch.RideID]rideTime {
	begun, whole := map[dispatch.RideID]rideTime{}, map[dispatch.RideID]rideTime{}
	for _, s := range r.Stops {
		switch s.Kind {
		case PickupStop:
			begun[s.Ride] = rideTime{arrive: s.Arrive, board: s.Depart}
		case DropoffStop:
			if t, ok := begun[s.Ride]; ok {
				t.dropoff = s.Arrive
				whole[s.Ride] = t
			}
		}
	}
	return whole
}

// pooled marks the rides during which another booking was aboard.
func (r *Record) pooled() map[dispatch.RideID]bool {
	booking := map[dispatch.RideID]dispatch.BookingID{}
	for i := range r.Rides {
		booking[r.Rides[i].ID] = r.Rides[i].Booking
	}
	marked := map[dispatch.RideID]bool{}
	aboard := map[vehicles.VehicleID][]dispatch.RideID{}
	for _, s := range r.Stops {
		in := aboard[s.Vehicle]
		switch s.Kind {
		case PickupStop:
			for _, o := range in {
				if booking[o] != booking[s.Ride] {
					marked[o], marked[s.Ride] = true, true
				}
			}
			aboard[s.Vehicle] = append(in, s.Ride)
		case DropoffStop:
			aboard[s.Vehicle] = slices.DeleteFunc(in, func(o dispatch.RideID) bool { return o == s.Ride })
		}
	}
	return marked
}

func share(n, of int) float64 {
	if of == 0 {
		return 0
	}
	return rounded(float64(n)/float64(of), 4)
}

func rounded(v float64, decimals int) float64 {
	scale := math.Pow10(decimals)
	return math.RoundToEven(v*scale) / scale
}

func mean(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	sum := 0.0
	for _, v := range values {
		sum += v
	}
	return sum / float64(len(values))
}

// percentile is the smallest value that at least p per cent of the values do not exceed (nearest rank); 0 for no values.
func percentile(values []float64, p int) float64 {
	if len(values) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(values))
	return sorted[max((len(sorted)*p+99)/100-1, 0)]
}
