package api

import (
	"sync"
	"time"
)

// maxRated bounds the memory of rate limits: about 100 bytes for each token in use.
const maxRated = 20000

// rateLimit gives every token the same number of calls a second, with twice as many at once after a pause (token bucket).
// It is safe for concurrent use.
type rateLimit struct {
	perSecond float64 // immutable; 0 means no limit

	mu      sync.Mutex
	buckets map[string]bucket // by token id; guarded by mu
}

// bucket is what a token has left, as of a moment.
type bucket struct {
	left float64
	at   time.Time
}

func newRateLimit(perSecond float64) *rateLimit {
	return &rateLimit{perSecond: perSecond, buckets: map[string]bucket{}}
}

// allow takes one call from the token's share. It reports whether there was one.
func (r *rateLimit) allow(token string, now time.Time) bool {
	if r.perSecond <= 0 {
		return true
	}
	full := 2 * r.perSecond
	r.mu.Lock()
	defer r.mu.Unlock()
	b, known := r.buckets[token]
	if !known {
		if len(r.buckets) >= maxRated {
			r.forgetLocked(now)
		}
		b = bucket{full, now}
	}
	b.left = min(full, b.left+now.Sub(b.at).Seconds()*r.perSecond)
	b.at = now
	allowed := b.left >= 1
	if allowed {
		b.left--
	}
	r.buckets[token] = b
	return allowed
}

// forgetLocked drops the tokens whose share is full again, which is what a new one begins with; where that is none,
// all. r.mu is held.
func (r *rateLimit) forgetLocked(now time.Time) {
	for token, b := range r.buckets {
		if now.Sub(b.at) >= 2*time.Second {
			delete(r.buckets, token)
		}
	}
	if len(r.buckets) >= maxRated {
		clear(r.buckets)
	}
}
