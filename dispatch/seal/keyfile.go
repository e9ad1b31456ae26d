package seal

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"runtime"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/insecurecleartextkeyset"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/prf"
)

const (
	keyFileFormat  = "swmaas key ring"
	keyFileVersion = 1 // keysets in the clear
	lockedVersion  = 2 // keysets wrapped by a master key
	keyFileMode    = 0o600
)

// keyFile is the content of an area's key file, as JSON.
type keyFile struct {
	Format  string `json:"format"`  // keyFileFormat
	Version int    `json:"version"` // keyFileVersion or lockedVersion
	Area    string `json:"area"`
	Master  string `json:"master,omitempty"` // URL of the key that wraps the keysets; since version 2
	Wrap    []byte `json:"wrap"`             // Tink keyset of AES-256-GCM keys, binary; wraps data keys
	Lookup  []byte `json:"lookup"`           // Tink keyset of one HMAC-SHA-256 PRF key, binary
	Sum     string `json:"sha256"`           // of the fields above, in hexadecimal: tells a damaged file from a wrong one
}

// sum covers everything but itself.
func (f *keyFile) sum() string {
	h := sha256.New()
	fmt.Fprintf(h, "%q %d %q %x %x", f.Format, f.Version, f.Area, f.Wrap, f.Lookup)
	if f.Version >= lockedVersion {
		fmt.Fprintf(h, " %q", f.Master)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// keyPath is where the area's key file is.
func keyPath(dir, area string) string {
	return filepath.Join(dir, url.PathEscape(area)+".keys")
}

// readKeyFile returns the checked content, or an error that is fs.ErrNotExist where there is no file.
func readKeyFile(path, area string) (*keyFile, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, &KeyFileError{path, "cannot be read", err}
	}
	if mode := info.Mode().Perm(); mode&0o077 != 0 && runtime.GOOS != "windows" {
		return nil, &KeyFileError{path, fmt.Sprintf("others may read it (mode %#o); run: chmod 600 %s", mode, path), nil}
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, &KeyFileError{path, "cannot be read", err}
	}
	f := new(keyFile)
	const restore = "; restore it from a backup, since nothing of the area can be read without it"
	if err := json.Unmarshal(raw, f); err != nil {
		return nil, &KeyFileError{path, "is damaged" + restore, err}
	}
	switch {
	case f.Format != keyFileFormat:
		return nil, &KeyFileError{path, "is not a key file" + restore, nil}
	case f.Version < keyFileVersion || f.Version > lockedVersion:
		return nil, &KeyFileError{path, fmt.Sprintf("has version %d and this release reads 1 to %d: use the release that wrote it or a later one", f.Version, lockedVersion), nil}
	case f.Sum != f.sum():
		return nil, &KeyFileError{path, "is damaged: its checksum is wrong" + restore, nil}
	case f.Area != area:
		return nil, &KeyFileError{path, fmt.Sprintf("belongs to area %q, not to %q", f.Area, area), nil}
	}
	return f, nil
}

// newKeyFile makes fresh keys. The file is to be locked before it is written.
func newKeyFile(area string) (*keyFile, error) {
	wrap, err := keyset.NewHandle(aead.AES256GCMKeyTemplate())
	if err != nil {
		return nil, fmt.Errorf("seal: new area key: %w", err)
	}
	lookup, err := keyset.NewHandle(prf.HMACSHA256PRFKeyTemplate())
	if err != nil {
		return nil, fmt.Errorf("seal: new look-up key: %w", err)
	}
	f := &keyFile{Format: keyFileFormat, Version: keyFileVersion, Area: area}
	if f.Wrap, err = exportKeys(wrap); err != nil {
		return nil, err
	}
	f.Lookup, err = exportKeys(lookup)
	return f, err
}

func exportKeys(h *keyset.Handle) ([]byte, error) {
	var buf bytes.Buffer
	if err := insecurecleartextkeyset.Write(h, keyset.NewBinaryWriter(&buf)); err != nil {
		return nil, fmt.Errorf("seal: export keys: %w", err)
	}
	return buf.Bytes(), nil
}

func importKeys(raw []byte) (*keyset.Handle, error) {
	h, err := insecurecleartextkeyset.Read(keyset.NewBinaryReader(bytes.NewReader(raw)))
	if err != nil {
		return nil, fmt.Errorf("seal: import keys: %w", err)
	}
	return h, nil
}

// writeNew creates the file whole or not at all. The error is fs.ErrExist where another process was first.
func (f *keyFile) writeNew(path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return &KeyFileError{path, "cannot be created", err}
	}
	temp, err := f.writeTemp(path)
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(temp) }()
	if err := os.Link(temp, path); err != nil { // unlike a rename this never replaces a file
		return &KeyFileError{path, "cannot be created", err}
	}
	return syncDir(path)
}

// replace puts the content in the place of the old one in one step.
func (f *keyFile) replace(path string) error {
	temp, err := f.writeTemp(path)
	if err != nil {
		return err
	}
	if err := os.Rename(temp, path); err != nil {
		_ = os.Remove(temp)
		return &KeyFileError{path, "cannot be replaced", err}
	}
	return syncDir(path)
}

// writeTemp writes the content to the disk beside the file and returns the name.
func (f *keyFile) writeTemp(path string) (name string, err error) {
	raw, err := json.MarshalIndent(f, "", "  ")
	if err != nil {
		return "", &KeyFileError{path, "cannot be written", err}
	}
	temp, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*") // mode 0600
	if err != nil {
		return "", &KeyFileError{path, "cannot be written", err}
	}
	_, err = temp.Write(append(raw, '\n'))
	err = errors.Join(err, temp.Chmod(keyFileMode), temp.Sync(), temp.Close())
	if err != nil {
		_ = os.Remove(temp.Name())
		return "", &KeyFileError{path, "cannot be written", err}
	}
	return temp.Name(), nil
}

// syncDir makes a new name in the file's folder last through a power cut.
func syncDir(path string) error {
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return &KeyFileError{path, "cannot be made lasting", err}
	}
	if err := errors.Join(dir.Sync(), dir.Close()); err != nil {
		return &KeyFileError{path, "cannot be made lasting", err}
	}
	return nil
}

// missing reports whether an error of readKeyFile says that there is no file.
func missing(err error) bool { return errors.Is(err, fs.ErrNotExist) }
