package seal

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"runtime"
	"slices"
	"strings"

	"github.com/tink-crypto/tink-go/v2/aead/subtle"
	"github.com/tink-crypto/tink-go/v2/tink"
)

// ErrMaster means that a master key cannot be had; the text says why and what to do.
var ErrMaster = errors.New("seal: master key is not usable")

// Master is a key outside the installation's folder that wraps its key files: whoever has folder and backups and not the
// master key can read nothing. Immutable and safe for concurrent use.
type Master struct {
	id   string // the URL without user, query and fragment: names the key in key files
	aead tink.AEAD
}

// Scheme opens the master keys of one kind of URL, such as those of a key management service.
type Scheme struct {
	Name string // of the URL, such as "file"
	// Open returns the key of the URL. It is called once; the AEAD must be safe for concurrent use.
	Open func(u *url.URL) (tink.AEAD, error)
}

// FileScheme is `file:///path`: a file of 32 random bytes as 64 hexadecimal digits, which its owner alone may read, and its group, as
// secrets are mounted in a container.
func FileScheme() Scheme { return Scheme{Name: "file", Open: openMasterFile} }

// OpenMaster opens a master key by its URL with the first scheme of its name. It fails with ErrMaster.
func OpenMaster(raw string, schemes ...Scheme) (*Master, error) {
	u, err := url.Parse(raw)
	if err != nil || u.Scheme == "" {
		return nil, fmt.Errorf("%w: it is named by a URL such as file:///etc/swmaas/master.key", ErrMaster)
	}
	i := slices.IndexFunc(schemes, func(s Scheme) bool { return s.Name == u.Scheme })
	if i < 0 {
		names := make([]string, len(schemes))
		for k, s := range schemes {
			names[k] = s.Name + "://"
		}
		return nil, fmt.Errorf("%w: this build has no support for %s://; it knows %s", ErrMaster, u.Scheme, strings.Join(names, ", "))
	}
	key, err := schemes[i].Open(u)
	if err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrMaster, u.Redacted(), err)
	}
	id := *u
	id.User, id.RawQuery, id.Fragment = nil, "", ""
	return &Master{id.String(), key}, nil
}

func openMasterFile(u *url.URL) (tink.AEAD, error) {
	const way = "make one with: (umask 077; head -c 32 /dev/urandom | od -An -vtx1 | tr -d ' \\n' > FILE)"
	if u.Host != "" && u.Host != "localhost" || u.Path == "" {
		return nil, errors.New("a file is named with three slashes and its whole path")
	}
	info, err := os.Stat(u.Path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w; restore it from where you keep it, or, for a new installation, %s", err, way)
	}
	if err != nil {
		return nil, err
	}
	if mode := info.Mode().Perm(); mode&0o037 != 0 && runtime.GOOS != "windows" {
		return nil, fmt.Errorf("others may read it (mode %#o); run: chmod 600 %s", mode, u.Path)
	}
	text, err := os.ReadFile(u.Path)
	if err != nil {
		return nil, err
	}
	key, err := hex.DecodeString(strings.TrimSpace(string(text)))
	if err != nil || len(key) != dataKeyBytes {
		return nil, fmt.Errorf("it is not %d hexadecimal digits; %s", 2*dataKeyBytes, way)
	}
	return subtle.NewAESGCM(key)
}

// Wrap encrypts something small, such as the keys in a backup, for a purpose. The result opens with Unwrap and the same purpose only.
func (m *Master) Wrap(plain []byte, purpose string) ([]byte, error) {
	box, err := m.aead.Encrypt(plain, bind("wrap", purpose))
	if err != nil {
		return nil, fmt.Errorf("seal: wrap: %w", err)
	}
	return box, nil
}

// Unwrap is the inverse of Wrap. It fails with ErrMaster for another key or purpose and for what was damaged.
func (m *Master) Unwrap(box []byte, purpose string) ([]byte, error) {
	plain, err := m.aead.Decrypt(box, bind("wrap", purpose))
	if err != nil {
		return nil, fmt.Errorf("%w: it was wrapped by another key, or is damaged", ErrMaster)
	}
	return plain, nil
}

// lock wraps the keysets of a file with a master key, or leaves them in the clear where master is nil, and signs it.
func (f *keyFile) lock(master *Master) (*keyFile, error) {
	out := *f
	out.Version, out.Master = keyFileVersion, ""
	if master != nil {
		out.Version, out.Master = lockedVersion, master.id
		for name, part := range map[string]*[]byte{"wrap": &out.Wrap, "lookup": &out.Lookup} {
			box, err := master.aead.Encrypt(*part, bind("key file", f.Area, name))
			if err != nil {
				return nil, fmt.Errorf("seal: wrap a key file: %w", err)
			}
			*part = box
		}
	}
	out.Sum = out.sum()
	return &out, nil
}

// unlock is the inverse of lock with the first of the master keys that fits. It fails with a *KeyFileError.
func (f *keyFile) unlock(path string, masters ...*Master) (*keyFile, error) {
	if f.Master == "" {
		return f, nil
	}
	for _, m := range masters {
		if m == nil {
			continue
		}
		out := *f
		out.Master = ""
		var err error
		for name, part := range map[string]*[]byte{"wrap": &out.Wrap, "lookup": &out.Lookup} {
			var plain []byte
			if plain, err = m.aead.Decrypt(*part, bind("key file", f.Area, name)); err != nil {
				break
			}
			*part = plain
		}
		if err == nil {
			return &out, nil
		}
	}
	return nil, &KeyFileError{path, fmt.Sprintf("is wrapped by the master key %s, which was not given or does not fit; name it with --master-key", f.Master), ErrMaster}
}
