package solver

import "math"

// Place is a row and column of the travel matrices: a position on the road, or wherever a Travel says it is.
type Place int32

// Node is one visit: a pickup, a delivery, a break, or the start or end of a vehicle's route. See Problem for the numbering.
type Node int32

// Request is one party with one pickup and one delivery, numbered from 0 in the order of Builder.AddRequest.
type Request int32

// Vehicle is one vehicle during one shift, numbered from 0 in the order of Builder.AddVehicle.
type Vehicle int32

// None is the value of a Place, Node, Request or Vehicle that is not there.
const None = -1

const (
	// Unreachable is the time of a leg that cannot be driven. Two may be added without wrapping.
	Unreachable int32 = math.MaxInt32 / 2
	// MaxTick bounds every time, service and limit of a problem, in ticks. The sum of a few stays far below Unreachable.
	MaxTick int32 = 1 << 28
	// NoLimit is an absent limit on ride time or duration, in ticks: larger than any difference of two times.
	NoLimit int32 = 1 << 29
)

// Two unreachable legs fit an int32 and a few MaxTick stay below one: a compile-time proof.
const (
	_ = uint32(math.MaxInt32 - 2*int64(Unreachable))
	_ = uint32(int64(Unreachable) - int64(NoLimit) - 2*int64(MaxTick) + 1)
)

// column holds one attribute of every I. Reading it through at lets the compiler reject an index of another kind.
type column[I ~int32, T any] []T

func (c column[I, T]) at(i I) T { return c[i] }
