package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"time"
)

// revokedFile holds, in the data folder, the ids of the tokens that were taken back, one a line. It only grows.
const revokedFile = "revoked-tokens"

// revokedFresh is how long the list is trusted before the file is looked at again.
const revokedFresh = 2 * time.Second

// revocations is the list of tokens that were taken back. It is safe for concurrent use, also by several processes.
type revocations struct {
	// immutable after newRevocations
	path string
	now  func() time.Time

	mu     sync.Mutex
	looked time.Time       // when the file was looked at; guarded by mu, as what follows
	size   int64           // of the file when it was read
	ids    map[string]bool // as read
}

func newRevocations(data string, now func() time.Time) *revocations {
	return &revocations{path: filepath.Join(data, revokedFile), now: now}
}

var tokenID = regexp.MustCompile(`^[A-Z2-7]{26}$`)

// isTokenID reports whether id has the form of a token's id.
func isTokenID(id string) bool { return tokenID.MatchString(id) }

// has reports whether the token was taken back. A list that cannot be read revokes every token: it is better that nobody
// gets in than that somebody does who may not.
func (r *revocations) has(id string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if now := r.now(); now.Sub(r.looked) >= revokedFresh {
		if err := r.readLocked(); err != nil {
			return true
		}
		r.looked = now
	}
	return r.ids[id]
}

// readLocked reads the file where it has grown. r.mu is held.
func (r *revocations) readLocked() error {
	info, err := os.Stat(r.path)
	if errors.Is(err, fs.ErrNotExist) {
		r.ids, r.size = nil, 0
		return nil
	}
	if err != nil || info.Size() == r.size {
		return err
	}
	text, err := os.ReadFile(r.path)
	if err != nil {
		return err
	}
	r.ids, r.size = map[string]bool{}, int64(len(text))
	for line := range strings.Lines(string(text)) {
		r.ids[strings.TrimSpace(line)] = true
	}
	return nil
}

// add takes tokens back, for every process at once. The lines are on disk when it returns.
func (r *revocations) add(ids ...string) error {
	file, err := os.OpenFile(r.path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = file.WriteString(strings.Join(ids, "\n") + "\n")
	err = errors.Join(err, file.Sync(), file.Close())
	r.mu.Lock()
	defer r.mu.Unlock()
	r.looked = time.Time{} // the next question reads it
	return err
}
