package routing

import (
	"math"

	"github.com/swmaas/swmaas/routing/geo"
)

// Turn is the change of direction between two roads.
type Turn uint8

// Turns by angle: straight on up to 30 degrees, slight up to 60, sharp beyond 120, and around beyond 165.
const (
	TurnNone Turn = iota // the beginning of a trip
	TurnStraight
	TurnSlightLeft
	TurnLeft
	TurnSharpLeft
	TurnSlightRight
	TurnRight
	TurnSharpRight
	TurnAround
)

var turnNames = [...]string{"start", "straight", "slight left", "left", "sharp left", "slight right", "right", "sharp right", "around"}

// String returns the turn in English, "unknown" outside the range.
func (t Turn) String() string {
	if int(t) >= len(turnNames) {
		return "unknown"
	}
	return turnNames[t]
}

// turnBetween classifies the turn at b on the way from a over b to c, on the local plane at b.
func turnBetween(a, b, c geo.LatLng) Turn {
	k := math.Cos(b.Lat * math.Pi / 180)
	inX, inY := degreesBetween(a.Lng, b.Lng)*k, b.Lat-a.Lat
	outX, outY := degreesBetween(b.Lng, c.Lng)*k, c.Lat-b.Lat
	angle := math.Atan2(inY*outX-inX*outY, inX*outX+inY*outY) * 180 / math.Pi // positive to the right
	size := math.Abs(angle)
	side := Turn(0)
	if angle > 0 {
		side = TurnSlightRight - TurnSlightLeft
	}
	switch {
	case size > 165:
		return TurnAround
	case size > 120:
		return TurnSharpLeft + side
	case size > 60:
		return TurnLeft + side
	case size > 30:
		return TurnSlightLeft + side
	}
	return TurnStraight
}

// degreesBetween is how far east of lng a the lng b is, the shorter way round.
func degreesBetween(a, b float64) float64 {
	switch d := b - a; {
	case d > 180:
		return d - 360
	case d < -180:
		return d + 360
	default:
		return d
	}
}
