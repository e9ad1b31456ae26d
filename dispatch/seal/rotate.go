package seal

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/tink-crypto/tink-go/v2/keyset"
)

// Rotate adds a fresh key to the area's key file; data keys made from now on are wrapped by it. Old keys stay in the file, so
// nothing is sealed anew: Rewrap moves what there is, Retire drops the old keys. Where the file is wrapped by another master
// key than Config.Master, it is wrapped by that from now on. Other processes read the file again when they meet the new key.
// It fails with *KeyFileError.
func (r *Ring) Rotate(area string) error {
	return r.change(area, (*keyFile).rotate)
}

// change replaces the area's key file by one that edit has changed, under a lock that other processes honour.
func (r *Ring) change(area string, edit func(*keyFile) error) error {
	path := keyPath(r.dir, area)
	lock, err := os.OpenFile(path+".lock", os.O_CREATE|os.O_EXCL|os.O_WRONLY, keyFileMode)
	if err != nil { // two rotations at a time could lose a key that is in use already
		return &KeyFileError{path, "cannot be locked for rotation; remove " + path + ".lock if no rotation is under way", err}
	}
	defer func() { _ = errors.Join(lock.Close(), os.Remove(path+".lock")) }()
	f, err := readKeyFile(path, area)
	if err == nil {
		f, err = f.unlock(path, r.cfg.Master, r.cfg.Former)
	}
	if err != nil {
		return err
	}
	if err := edit(f); err != nil {
		return &KeyFileError{path, "cannot be rotated", err}
	}
	locked, err := f.lock(r.cfg.Master)
	if err != nil {
		return err
	}
	if err := locked.replace(path); err != nil {
		return err
	}
	_, err = r.reload(area)
	return err
}

// RewrapStore is a key store whose data keys can be walked over and replaced. planstore.DataKeys is one.
type RewrapStore interface {
	// EachDataKey calls do for every person of the area who has a key, destroyed ones (empty) included, in any order and some
	// perhaps twice, until it fails. A person who gets a key meanwhile may be left out.
	EachDataKey(ctx context.Context, area string, do func(person string, wrapped []byte) error) error
	// ReplaceDataKey stores a wrapped key in place of the one that was read, and reports whether that was still there.
	ReplaceDataKey(ctx context.Context, area, person string, before, after []byte) (replaced bool, err error)
}

// Rewrapped counts what Rewrap found.
type Rewrapped struct {
	Moved   int // wrapped anew
	Already int // wrapped by the newest key before
	Erased  int // persons without a key
}

// Rewrap wraps every person's data key by the newest key of the area's file. The data keys themselves stay, so sealed fields
// stay readable to every process all the time. It can be repeated, also after an interruption. It fails with ctx, ErrWrongKey,
// *KeyFileError, or an error of the store.
func (r *Ring) Rewrap(ctx context.Context, area string, store RewrapStore) (done Rewrapped, err error) {
	keys, err := r.reload(area)
	if err != nil {
		return done, err
	}
	err = store.EachDataKey(ctx, area, func(person string, wrapped []byte) error {
		switch {
		case len(wrapped) == 0:
			done.Erased++
			return nil
		case keys.newest(wrapped):
			done.Already++
			return nil
		}
		key, err := keys.dataKey(area, person, wrapped)
		if err != nil {
			return err
		}
		again, err := keys.wrapKey(area, person, key)
		if err != nil {
			return err
		}
		replaced, err := store.ReplaceDataKey(ctx, area, person, wrapped, again)
		if err != nil {
			return fmt.Errorf("seal: replace a data key: %w", err)
		}
		if replaced { // else the person was erased meanwhile, or another run was faster
			done.Moved++
		}
		return nil
	})
	return done, err
}

// RetireAfter is how long after a rotation the old keys may be dropped: other processes have read the new file long since, and
// what is sealed by the ring itself, replies kept for repeated requests, has ended.
const RetireAfter = 49 * time.Hour

// ErrTooSoon means that old keys are still needed; the text says by what, or until when.
var ErrTooSoon = errors.New("seal: old keys cannot be dropped yet")

// Retire drops every key but the newest from the area's file, where no data key is wrapped by an old one. Backups from before the
// rewrap cannot be read afterwards without the key file of their time. It fails with ErrTooSoon within RetireAfter of the last
// rotation and where data keys are left to move, and else as Rewrap.
func (r *Ring) Retire(ctx context.Context, area string, store RewrapStore) error {
	keys, err := r.reload(area)
	if err != nil {
		return err
	}
	if until := time.Unix(0, keys.stamp.modified).Add(RetireAfter); r.cfg.Now().Before(until) {
		return fmt.Errorf("%w: the last rotation is not over before %s", ErrTooSoon, until.UTC().Format(time.RFC3339))
	}
	left := 0
	err = store.EachDataKey(ctx, area, func(_ string, wrapped []byte) error {
		if len(wrapped) > 0 && !keys.newest(wrapped) {
			left++
		}
		return nil
	})
	if err != nil {
		return err
	}
	if left > 0 {
		return fmt.Errorf("%w: %d data keys are wrapped by them; run the rotation again", ErrTooSoon, left)
	}
	return r.change(area, (*keyFile).retire)
}

// retire drops every key but the primary one.
func (f *keyFile) retire() error {
	h, err := importKeys(f.Wrap)
	if err != nil {
		return err
	}
	primary, err := h.Primary()
	if err != nil {
		return err
	}
	m := keyset.NewManagerFromHandle(h)
	for i := range h.Len() {
		entry, err := h.Entry(i)
		if err != nil {
			return err
		}
		if entry.KeyID() != primary.KeyID() {
			if err := m.Delete(entry.KeyID()); err != nil {
				return err
			}
		}
	}
	if h, err = m.Handle(); err != nil {
		return err
	}
	f.Wrap, err = exportKeys(h)
	return err
}
