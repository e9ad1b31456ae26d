package routing

import "math"

// Unreachable is the value of a matrix cell with no way between its points, in seconds and in metres. Two of them may be
// added without overflow.
const Unreachable int32 = math.MaxInt32 / 2

const _ = uint(math.MaxInt32 - 2*Unreachable) // does not compile unless twice Unreachable fits

// cost is the driving time of a path in milliseconds, in the upper 32 bits, and its length in centimetres in the lower: so
// the smaller of two costs is the faster path, and the shorter one of two that are equally fast, and costs add like
// numbers as long as neither half overflows (49 days, 42,949 km).
type cost uint64

// noCost is more than any path costs. Two of them may be added.
const noCost cost = math.MaxUint64 / 4

// maxArc limits the milliseconds and the centimetres of one arc (6 days, 5,368 km), so that noCost plus an arc cannot
// overflow.
const maxArc = 1 << 29

func makeCost(ms, cm uint32) cost { return cost(ms)<<32 | cost(cm) }

func (c cost) ms() uint32 { return uint32(c >> 32) }
func (c cost) cm() uint32 { return uint32(c) }

// seconds rounds up, which keeps the triangle inequality.
func (c cost) seconds() int32 {
	if c >= noCost {
		return Unreachable
	}
	return secondsUp(c.ms())
}

// meters rounds to the nearest.
func (c cost) meters() int32 {
	if c >= noCost {
		return Unreachable
	}
	return int32((uint64(c.cm()) + 50) / 100)
}

// secondsUp is the one conversion from milliseconds to seconds.
func secondsUp(ms uint32) int32 { return int32((uint64(ms) + 999) / 1000) }

// fractionOne is a fraction of 1 in fixed point.
const fractionOne = 1 << 30

// part returns the share f/fractionOne of both halves of c, rounded down. f is at most fractionOne.
func (c cost) part(f uint32) cost {
	ms := uint64(c.ms()) * uint64(f) / fractionOne
	cm := uint64(c.cm()) * uint64(f) / fractionOne
	return makeCost(uint32(ms), uint32(cm))
}
