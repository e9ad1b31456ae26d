package osm

import (
	"errors"
	"fmt"
)

// Errors that Read wraps together with the name of the file.
var (
	// ErrCutOff means that the file ends in the middle of a block or an element.
	ErrCutOff = errors.New("file is cut off")
	// ErrDamaged means that the content breaks the format: a length beyond its limit, an index beyond its table.
	ErrDamaged = errors.New("file is damaged")
	// ErrUnsupported means that the file is sound and needs a feature that this reader does not have.
	ErrUnsupported = errors.New("file needs an unsupported feature")
	// ErrUnknownFormat means that the content is neither OSM PBF nor OSM XML.
	ErrUnknownFormat = errors.New("content is neither OSM PBF nor OSM XML")
	// ErrNoRoads means that the file was read and holds no road that a car may use.
	ErrNoRoads = errors.New("no roads for cars in this file")
)

func damaged(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrDamaged, fmt.Sprintf(format, args...))
}
