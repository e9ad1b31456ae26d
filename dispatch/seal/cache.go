package seal

import (
	"sync"
	"time"

	"github.com/tink-crypto/tink-go/v2/tink"
)

// personKey names a data key.
type personKey struct{ area, person string }

// opened is an unwrapped data key.
type opened struct {
	cipher tink.AEAD // nil for an erased person
	until  time.Time // when the key store must be asked again; unused for an erased person, who stays erased
}

// cache keeps unwrapped data keys, at most twice its limit: when the young generation is full it becomes the old one, and
// the old one is forgotten. Safe for concurrent use.
type cache struct {
	limit int // immutable

	mu         sync.Mutex
	young, old map[personKey]opened // guarded by mu
}

func newCache(limit int) *cache {
	return &cache{limit: limit, young: make(map[personKey]opened)}
}

// get returns the key where it is known and fresh at now.
func (c *cache) get(k personKey, now time.Time) (opened, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	o, ok := c.young[k]
	if !ok {
		if o, ok = c.old[k]; ok {
			c.putLocked(k, o)
		}
	}
	if !ok || (o.cipher != nil && !now.Before(o.until)) {
		return opened{}, false
	}
	return o, true
}

// put remembers a key. That a person was erased is final.
func (c *cache) put(k personKey, o opened) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if known, ok := c.young[k]; ok && known.cipher == nil {
		return // erased meanwhile, while the key that o holds was on its way
	}
	c.putLocked(k, o)
}

// putLocked needs mu.
func (c *cache) putLocked(k personKey, o opened) {
	if len(c.young) >= c.limit {
		c.old, c.young = c.young, make(map[personKey]opened)
	}
	c.young[k] = o
}

// size is the number of entries, a key in both generations counted twice.
func (c *cache) size() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.young) + len(c.old)
}
