package api

import (
	"context"
	"crypto/sha256"
	"sync"
	"time"
)

// maxCachedTokens bounds the memory of the cache: about 0.5 KiB each.
const maxCachedTokens = 20000

// cachedVerifier remembers verified tokens, because a signature takes about fifty times as long to check as a hash. It
// keeps hashes and never a token, remembers no refusals, and honours expiry itself. It is safe for concurrent use.
type cachedVerifier struct {
	// immutable after newCachedVerifier
	next Verifier
	now  func() time.Time
	// life bounds how long a verification is trusted, so that a revocation or a key change takes effect.
	life time.Duration

	mu    sync.Mutex
	known map[[sha256.Size]byte]cachedCaller // guarded by mu
}

type cachedCaller struct {
	caller *Caller
	until  time.Time
}

func newCachedVerifier(next Verifier, now func() time.Time, life time.Duration) *cachedVerifier {
	return &cachedVerifier{next: next, now: now, life: life, known: map[[sha256.Size]byte]cachedCaller{}}
}

// Verify implements Verifier.
func (v *cachedVerifier) Verify(ctx context.Context, token string) (*Caller, error) {
	var room [1024]byte // a token mostly fits, and then nothing is allocated
	key, now := sha256.Sum256(append(room[:0], token...)), v.now()
	v.mu.Lock()
	hit, ok := v.known[key]
	v.mu.Unlock()
	if ok && now.Before(hit.until) {
		return hit.caller, nil
	}
	caller, err := v.next.Verify(ctx, token)
	if err != nil {
		return nil, err
	}
	until := now.Add(v.life)
	if caller.Expires.Before(until) {
		until = caller.Expires
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if len(v.known) >= maxCachedTokens {
		v.dropLocked(now)
	}
	v.known[key] = cachedCaller{caller, until}
	return caller, nil
}

// dropLocked makes room: everything that has run out, and where that is nothing, everything. v.mu is held.
func (v *cachedVerifier) dropLocked(now time.Time) {
	for key, c := range v.known {
		if !now.Before(c.until) {
			delete(v.known, key)
		}
	}
	if len(v.known) >= maxCachedTokens {
		clear(v.known)
	}
}
