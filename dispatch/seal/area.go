package seal

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/aead/subtle"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/prf"
	"github.com/tink-crypto/tink-go/v2/tink"
)

// formatByte begins every sealed field and wrapped key; another layout would begin with another byte.
const formatByte = 1

// areaKeys is one area's key file, ready for use. Immutable and safe for concurrent use.
type areaKeys struct {
	wrap    tink.AEAD
	primary uint32 // id of the key that wrap encrypts with
	lookup  *prf.Set
	stamp   fileStamp // of the file that they were read from
}

// fileStamp tells whether a file was replaced since it was read.
type fileStamp struct{ modified, size int64 }

func stampOf(path string) (fileStamp, error) {
	info, err := os.Stat(path)
	if err != nil {
		return fileStamp{}, &KeyFileError{path, "cannot be read", err}
	}
	return fileStamp{info.ModTime().UnixNano(), info.Size()}, nil
}

// loadArea reads the area's key file, and with create makes it where there is none.
func loadArea(dir, area string, create bool, cfg Config) (*areaKeys, error) {
	path := keyPath(dir, area)
	stamp, err := stampOf(path)
	if missing(err) && create {
		f, err := newKeyFile(area)
		if err == nil {
			f, err = f.lock(cfg.Master)
		}
		if err != nil {
			return nil, err
		}
		if err := f.writeNew(path); err != nil && !errors.Is(err, fs.ErrExist) {
			return nil, err
		}
		return loadArea(dir, area, false, cfg) // ours, or that of the process that was first
	}
	if err != nil {
		return nil, err
	}
	f, err := readKeyFile(path, area)
	if err == nil {
		f, err = f.unlock(path, cfg.Master, cfg.Former)
	}
	if err != nil {
		return nil, err
	}
	keys, err := f.open()
	if err != nil {
		return nil, &KeyFileError{path, "holds keys that cannot be used", err}
	}
	keys.stamp = stamp
	return keys, nil
}

// open makes the primitives of the file's keysets.
func (f *keyFile) open() (*areaKeys, error) {
	wrap, err := importKeys(f.Wrap)
	if err != nil {
		return nil, err
	}
	lookup, err := importKeys(f.Lookup)
	if err != nil {
		return nil, err
	}
	keys := new(areaKeys)
	if keys.wrap, err = aead.New(wrap); err != nil {
		return nil, err
	}
	primary, err := wrap.Primary()
	if err != nil {
		return nil, err
	}
	keys.primary = primary.KeyID()
	if keys.lookup, err = prf.NewPRFSet(lookup); err != nil {
		return nil, err
	}
	return keys, nil
}

// rotate adds a fresh key to the file and makes it the one that wraps from now on.
func (f *keyFile) rotate() error {
	h, err := importKeys(f.Wrap)
	if err != nil {
		return err
	}
	m := keyset.NewManagerFromHandle(h)
	id, err := m.Add(aead.AES256GCMKeyTemplate())
	if err != nil {
		return fmt.Errorf("seal: add a key: %w", err)
	}
	if err := m.SetPrimary(id); err != nil {
		return fmt.Errorf("seal: add a key: %w", err)
	}
	if h, err = m.Handle(); err != nil {
		return fmt.Errorf("seal: add a key: %w", err)
	}
	f.Wrap, err = exportKeys(h)
	return err
}

// wrapKey encrypts a data key for the key store.
func (k *areaKeys) wrapKey(area, person string, key []byte) ([]byte, error) {
	box, err := k.wrap.Encrypt(key, bind("data key", area, person))
	if err != nil {
		return nil, fmt.Errorf("seal: wrap a data key: %w", err)
	}
	return append([]byte{formatByte}, box...), nil
}

// unwrapKey makes a person's cipher from a wrapped data key. It fails with ErrWrongKey.
func (k *areaKeys) unwrapKey(area, person string, wrapped []byte) (tink.AEAD, error) {
	key, err := k.dataKey(area, person, wrapped)
	if err != nil {
		return nil, err
	}
	c, err := subtle.NewAESGCM(key)
	if err != nil {
		return nil, fmt.Errorf("seal: data key: %w", err)
	}
	return c, nil
}

// dataKey unwraps a data key. It fails with ErrWrongKey.
func (k *areaKeys) dataKey(area, person string, wrapped []byte) ([]byte, error) {
	if len(wrapped) == 0 || wrapped[0] != formatByte {
		return nil, ErrWrongKey
	}
	key, err := k.wrap.Decrypt(wrapped[1:], bind("data key", area, person))
	if err != nil {
		return nil, ErrWrongKey // Tink does not say more, on purpose
	}
	return key, nil
}

// newest reports whether a data key is wrapped by the newest key: Tink begins a ciphertext with a byte 1 and the id of its key.
func (k *areaKeys) newest(wrapped []byte) bool {
	return len(wrapped) > 6 && wrapped[1] == 1 && binary.BigEndian.Uint32(wrapped[2:6]) == k.primary
}

// bind joins parts to associated data so that no two lists of parts give the same.
func bind(parts ...string) []byte {
	n := 0
	for _, p := range parts {
		n += len(p) + 2
	}
	out := make([]byte, 0, n)
	for _, p := range parts {
		out = append(binary.AppendUvarint(out, uint64(len(p))), p...)
	}
	return out
}
