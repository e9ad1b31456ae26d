package seal

import (
	"errors"
	"fmt"
)

// Errors of this package.
var (
	// ErrErased means that the person's data key was destroyed: nothing of theirs can be read or sealed any more. It has a
	// method Erased() bool, so that a store can tell without knowing this package.
	ErrErased error = erasedError{}
	// ErrNoDataKey means that something was sealed for a person of whom the key store knows no key: the two do not belong together.
	ErrNoDataKey = errors.New("seal: no data key for this person")
	// ErrWrongKey means that a data key was wrapped by a ring that is not in the area's key file.
	ErrWrongKey = errors.New("seal: data key was wrapped by another key file")
	// ErrNotSealed means that a field is not what this package made for this area, person and field name.
	ErrNotSealed = errors.New("seal: field is damaged or sealed for another record")
	// ErrInvalid means that an argument cannot be right; the text names it.
	ErrInvalid = errors.New("seal: invalid argument")
)

type erasedError struct{}

func (erasedError) Error() string { return "seal: person was erased" }

// Erased tells a consumer that declares this method what the error is.
func (erasedError) Erased() bool { return true }

// KeyFileError says what is wrong with a key file and what to do.
type KeyFileError struct {
	Path   string
	Reason string
	Err    error // cause, or nil
}

func (e *KeyFileError) Error() string {
	text := fmt.Sprintf("seal: key file %s: %s", e.Path, e.Reason)
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	return text
}

// Unwrap returns the cause.
func (e *KeyFileError) Unwrap() error { return e.Err }
