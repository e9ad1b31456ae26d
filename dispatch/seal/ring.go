package seal

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/tink-crypto/tink-go/v2/subtle/random"
	"github.com/tink-crypto/tink-go/v2/tink"
)

const (
	dataKeyBytes = 32 // AES-256
	lookupBytes  = 16 // of the PRF: two of a million persons meet with a chance of 10^-27
)

// KeyStore keeps wrapped data keys. Its methods are safe for concurrent use. planstore.DataKeys is one on Redis.
type KeyStore interface {
	// DataKeys returns the wrapped key of each person in their order: nil for one who has none, empty where it was destroyed.
	DataKeys(area string, persons []string) (wrapped [][]byte, err error)
	// KeepDataKeys stores the key of each person unless there is one or it was destroyed, and returns what is there afterwards. A key
	// that was stored stays where another fails.
	KeepDataKeys(area string, persons []string, wrapped [][]byte) (kept [][]byte, err error)
	// DestroyDataKey destroys the person's key for good: another can never be kept.
	DestroyDataKey(area, person string) error
}

// Config is what a Ring may be told. The zero value of a field means its default.
type Config struct {
	// CachedKeys bounds the unwrapped data keys in memory, about 1 kB each; up to twice as many are held. Default 20,000.
	CachedKeys int
	// CacheTTL is how long an unwrapped key is used before the key store is asked again, and so how long another process
	// may still read a person after their erasure. Default 1 minute.
	CacheTTL time.Duration
	// Master wraps the key files that are written, and opens those that were wrapped by it. Default none: key files are in the
	// clear, as are, always, those that were made so.
	Master *Master
	// Former opens key files that are not wrapped by Master yet, while a master key is changed. Default none.
	Former *Master
	// Now is the clock. Default time.Now.
	Now func() time.Time
}

func (c Config) withDefaults() Config {
	if c.CachedKeys == 0 {
		c.CachedKeys = 20_000
	}
	if c.CacheTTL == 0 {
		c.CacheTTL = time.Minute
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	return c
}

// Validate reports all that makes the settings unusable.
func (c Config) Validate() error {
	var errs []error
	if c.CachedKeys < 0 {
		errs = append(errs, fmt.Errorf("seal: CachedKeys %d is negative", c.CachedKeys))
	}
	if c.CacheTTL < 0 {
		errs = append(errs, fmt.Errorf("seal: CacheTTL %v is negative", c.CacheTTL))
	}
	return errors.Join(errs...)
}

// Ring seals and opens fields. Safe for concurrent use; sealing a field takes a few microseconds once the person's key
// is known. Values that it returns belong to the caller.
type Ring struct {
	dir   string // immutable after New, as cfg and store
	cfg   Config
	store KeyStore
	keys  *cache

	mu    sync.Mutex
	areas map[string]*areaKeys // guarded by mu
}

// New returns a ring whose key files are in dir; a file is created, readable by its owner only, when something of its
// area is sealed for the first time.
func New(dir string, store KeyStore, cfg Config) (*Ring, error) {
	cfg = cfg.withDefaults()
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if dir == "" || store == nil {
		return nil, fmt.Errorf("seal: a folder and a key store are needed: %w", ErrInvalid)
	}
	return &Ring{dir: dir, cfg: cfg, store: store, keys: newCache(cfg.CachedKeys), areas: map[string]*areaKeys{}}, nil
}

// Seal encrypts a field of a person, or of nobody in particular where person is empty. A person's first field makes their
// data key. It fails with ErrErased, ErrWrongKey, *KeyFileError, or an error of the key store.
func (r *Ring) Seal(area, person, field string, plain []byte) ([]byte, error) {
	c, err := r.cipher(area, person, true)
	if err != nil {
		return nil, err
	}
	box, err := c.Encrypt(plain, bind("field", area, person, field))
	if err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	return append(append(make([]byte, 0, 1+len(box)), formatByte), box...), nil
}

// Open is the inverse of Seal. It fails besides with ErrNotSealed and ErrNoDataKey.
func (r *Ring) Open(area, person, field string, sealed []byte) ([]byte, error) {
	c, err := r.cipher(area, person, false)
	if err != nil {
		return nil, err
	}
	if len(sealed) == 0 || sealed[0] != formatByte {
		return nil, ErrNotSealed
	}
	bound := bind("field", area, person, field)
	plain, err := c.Decrypt(sealed[1:], bound)
	if err != nil && person == "" { // another process may have rotated the ring
		keys, failed := r.reload(area)
		if failed != nil {
			return nil, failed
		}
		plain, err = keys.wrap.Decrypt(sealed[1:], bound)
	}
	if err != nil {
		return nil, ErrNotSealed // Tink does not say more, on purpose
	}
	return plain, nil
}

// Lookup gives the keyed hash by which a value such as a phone number is found without being kept: equal for equal values of
// one area and field, and telling nothing to who has not the key. The value must be in its one normal form already.
func (r *Ring) Lookup(area, field, value string) (string, error) {
	keys, err := r.area(area, true)
	if err != nil {
		return "", err
	}
	sum, err := keys.lookup.ComputePrimaryPRF(bind("look-up", area, field, value), lookupBytes)
	if err != nil {
		return "", fmt.Errorf("seal: look-up: %w", err)
	}
	return base64.RawURLEncoding.EncodeToString(sum), nil
}

// Prepare fetches the data keys of many persons in one go, so that opening their fields asks the key store no more.
func (r *Ring) Prepare(area string, persons []string) error {
	_, err := r.fetch(area, persons)
	return err
}

// Provide is Prepare that also makes the data keys of those who have none, in one go, so that sealing their fields asks the key store no more.
func (r *Ring) Provide(area string, persons []string) error {
	lacking, err := r.fetch(area, persons)
	if err != nil || len(lacking) == 0 {
		return err
	}
	_, err = r.newDataKeys(area, lacking)
	return err
}

// fetch fetches the data keys of persons that are not known yet, and returns those who have none.
func (r *Ring) fetch(area string, persons []string) (lacking []string, err error) {
	now := r.cfg.Now()
	wanted := make([]string, 0, len(persons))
	for _, p := range persons {
		if p == "" {
			continue
		}
		if _, ok := r.keys.get(personKey{area, p}, now); !ok {
			wanted = append(wanted, p)
		}
	}
	if len(wanted) == 0 {
		return nil, nil
	}
	wrapped, err := r.store.DataKeys(area, wanted)
	if err != nil {
		return nil, fmt.Errorf("seal: data keys: %w", err)
	}
	for i, w := range wrapped {
		if w == nil {
			lacking = append(lacking, wanted[i])
			continue
		}
		if _, err := r.admit(area, wanted[i], w); err != nil && !errors.Is(err, ErrErased) {
			return nil, err
		}
	}
	return lacking, nil
}

// Erase destroys the person's data key: what was ever sealed for them can be opened no more, here at once and in other
// processes after at most Config.CacheTTL. Erasing an unknown or erased person is no error.
func (r *Ring) Erase(area, person string) error {
	if person == "" {
		return fmt.Errorf("seal: erase: person is empty: %w", ErrInvalid)
	}
	if err := r.store.DestroyDataKey(area, person); err != nil {
		return fmt.Errorf("seal: erase: %w", err)
	}
	r.keys.put(personKey{area, person}, opened{})
	return nil
}

// cipher returns the cipher of a person, or the area's own where person is empty; with create it makes what is missing.
func (r *Ring) cipher(area, person string, create bool) (tink.AEAD, error) {
	if person == "" {
		keys, err := r.area(area, create)
		if err != nil {
			return nil, err
		}
		return keys.wrap, nil
	}
	if o, ok := r.keys.get(personKey{area, person}, r.cfg.Now()); ok {
		if o.cipher == nil {
			return nil, ErrErased
		}
		return o.cipher, nil
	}
	wrapped, err := r.store.DataKeys(area, []string{person})
	if err != nil {
		return nil, fmt.Errorf("seal: data key: %w", err)
	}
	switch {
	case len(wrapped) == 1 && wrapped[0] != nil:
		return r.admit(area, person, wrapped[0])
	case !create:
		return nil, ErrNoDataKey
	}
	made, err := r.newDataKeys(area, []string{person})
	if err == nil && made[0] == nil {
		err = ErrErased
	}
	if err != nil {
		return nil, err
	}
	return made[0], nil
}

// newDataKeys makes the data keys of persons who have none, or takes those that somebody else has just made. An erased person has nil.
func (r *Ring) newDataKeys(area string, persons []string) ([]tink.AEAD, error) {
	if _, err := r.area(area, true); err != nil {
		return nil, err
	}
	keys, err := r.reload(area) // another process may have rotated the ring, and its old keys must go out of use
	if err != nil {
		return nil, err
	}
	wrapped := make([][]byte, len(persons))
	for i, person := range persons {
		if wrapped[i], err = keys.wrapKey(area, person, random.GetRandomBytes(dataKeyBytes)); err != nil {
			return nil, err
		}
	}
	kept, err := r.store.KeepDataKeys(area, persons, wrapped)
	if err != nil {
		return nil, fmt.Errorf("seal: keep data keys: %w", err)
	}
	made := make([]tink.AEAD, len(persons))
	for i, person := range persons {
		if made[i], err = r.admit(area, person, kept[i]); err != nil && !errors.Is(err, ErrErased) {
			return nil, err
		}
	}
	return made, nil
}

// admit unwraps what the key store has for a person and remembers it.
func (r *Ring) admit(area, person string, wrapped []byte) (tink.AEAD, error) {
	if len(wrapped) == 0 {
		r.keys.put(personKey{area, person}, opened{})
		return nil, ErrErased
	}
	keys, err := r.area(area, false)
	if err != nil {
		return nil, err
	}
	c, err := keys.unwrapKey(area, person, bytes.Clone(wrapped))
	if errors.Is(err, ErrWrongKey) { // another process may have rotated the ring
		if keys, err = r.reload(area); err == nil {
			c, err = keys.unwrapKey(area, person, wrapped)
		}
	}
	if err != nil {
		return nil, err
	}
	r.keys.put(personKey{area, person}, opened{c, r.cfg.Now().Add(r.cfg.CacheTTL)})
	return c, nil
}

// area returns the keys of the area, read once, and with create made where there are none.
func (r *Ring) area(area string, create bool) (*areaKeys, error) {
	if area == "" {
		return nil, fmt.Errorf("seal: area is empty: %w", ErrInvalid)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if keys, ok := r.areas[area]; ok {
		return keys, nil
	}
	keys, err := loadArea(r.dir, area, create, r.cfg)
	if err != nil {
		return nil, err
	}
	r.areas[area] = keys
	return keys, nil
}

// reload reads the area's key file again where it was replaced since, and returns its keys.
func (r *Ring) reload(area string) (*areaKeys, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	stamp, err := stampOf(keyPath(r.dir, area))
	if err != nil {
		return nil, err
	}
	if keys, ok := r.areas[area]; ok && keys.stamp == stamp {
		return keys, nil
	}
	keys, err := loadArea(r.dir, area, false, r.cfg)
	if err != nil {
		return nil, err
	}
	r.areas[area] = keys
	return keys, nil
}
