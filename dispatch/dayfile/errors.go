package dayfile

import (
	"errors"
	"fmt"
)

// ErrBadFile is wrapped by every fault of a file's content.
var ErrBadFile = errors.New("dayfile: bad input file")

// FieldError is one fault of a file: which line (from 1, the header included) and column, and what to write instead. Line 0 is
// the file as a whole.
type FieldError struct {
	File   string
	Line   int
	Column string
	Reason string
}

// Error implements error.
func (e *FieldError) Error() string {
	switch {
	case e.Line == 0:
		return fmt.Sprintf("%s: %s", e.File, e.Reason)
	case e.Column == "":
		return fmt.Sprintf("%s line %d: %s", e.File, e.Line, e.Reason)
	}
	return fmt.Sprintf("%s line %d, column %s: %s", e.File, e.Line, e.Column, e.Reason)
}

// Unwrap makes errors.Is(err, ErrBadFile) true.
func (e *FieldError) Unwrap() error { return ErrBadFile }
