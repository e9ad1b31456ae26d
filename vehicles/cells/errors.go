package cells

import "errors"

var (
	// ErrPosition means that a position is not a finite latitude and longitude in range.
	ErrPosition = errors.New("cells: position out of range")
	// ErrCell means that a number is not an H3 cell of Resolution.
	ErrCell = errors.New("cells: not a cell of this resolution")
	// ErrRadius means that a radius is negative, not a number, or needs more than MaxRings rings.
	ErrRadius = errors.New("cells: radius out of range")
)
