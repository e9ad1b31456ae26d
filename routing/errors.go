package routing

import (
	"errors"
	"fmt"
)

var (
	// ErrUnreachable means that no way leads from one point to the other.
	ErrUnreachable = errors.New("no way between the points")
	// ErrInvalidPoint means that a Point is the zero value or belongs to another graph.
	ErrInvalidPoint = errors.New("point is not on this graph")
	// ErrInvalidPosition means that a coordinate is not finite or out of range.
	ErrInvalidPosition = errors.New("position is out of range")
	// ErrTooFar means that the nearest usable road lies beyond the limit; a *TooFarError tells how far.
	ErrTooFar = errors.New("no road within the limit")
	// ErrNoRoad means that the graph has no road that fits at all.
	ErrNoRoad = errors.New("no road fits")
	// ErrNotGraphFile means that a file is not a road graph, or is damaged.
	ErrNotGraphFile = errors.New("not a sound road graph file")
	// ErrGraphVersion means that another version of the program wrote the graph file.
	ErrGraphVersion = errors.New("road graph file of another version")
	// ErrInvalidRoad means that a Builder was given a road that cannot exist.
	ErrInvalidRoad = errors.New("invalid road")
)

// TooFarError says how far from a position the nearest usable road is.
type TooFarError struct {
	Meters, Limit float64
}

func (e *TooFarError) Error() string {
	return fmt.Sprintf("%v: the nearest is %.0f m away, the limit is %.0f m", ErrTooFar, e.Meters, e.Limit)
}

// Unwrap makes errors.Is(err, ErrTooFar) true.
func (e *TooFarError) Unwrap() error { return ErrTooFar }
