package dispatch

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"strings"
)

// rideNumbers is how many numbers a service day has. They are drawn, not counted, so that two processes that book at the
// same time do not want the same one; six digits can still be read out on the telephone.
const rideNumbers = 1_000_000

// newRideID is the id of the ride that a request makes: its service day and a number drawn from the request's idempotency
// key, "2026-01-20.048213", so that the same requests have the same ids on any machine. part tells the rides of one
// request apart. A number that is taken is passed over; where another process takes it meanwhile, the commit is stale and
// the change is decided again. also says which ids the change itself has given away; it may be nil. a.mu is held.
func (a *areaDay) newRideID(key IdempotencyKey, part int, also map[RideID]*Ride) RideID {
	seed := key.Key
	if seed == "" {
		seed = string(key.Hash[:])
	}
	for try := 0; ; try++ {
		sum := sha256.Sum256(fmt.Appendf(nil, "ride %q %d %d", seed, part, try))
		id := RideID(fmt.Sprintf("%s.%06d", a.key.Day, binary.BigEndian.Uint64(sum[:8])%rideNumbers))
		if a.state.Rides[id] == nil && also[id] == nil {
			return id
		}
	}
}

// DayOf is the service day that a ride's id belongs to, or ErrNotFound where it cannot be one.
func DayOf(id RideID) (Day, error) {
	day, _, found := strings.Cut(string(id), ".")
	if !found {
		return "", fmt.Errorf("%w: ride %q", ErrNotFound, id)
	}
	return Day(day), nil
}
