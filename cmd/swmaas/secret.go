package main

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/swmaas/swmaas/api"
)

// Secrets of an installation, in its data folder. Whoever has them can act as anybody, so they are readable by their owner only.
const (
	tokenKeyFile = "token.key" // PEM, PKCS #8, Ed25519: signs the tokens of swmaas admin token
	offerKeyFile = "offer.key" // 32 random bytes: seals offer tokens
)

// openTokenKey reads the installation's token key, and makes one where there is none.
func openTokenKey(data string) (*api.TokenKey, error) {
	path := filepath.Join(data, tokenKeyFile)
	text, err := openSecret(path, func() ([]byte, error) {
		key, err := api.NewTokenKey()
		if err != nil {
			return nil, err
		}
		return key.PEM()
	})
	if err != nil {
		return nil, err
	}
	key, err := api.ParseTokenKey(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return key, nil
}

// openOfferKey reads the installation's offer key, and makes one where there is none.
func openOfferKey(data string) (key [32]byte, err error) {
	path := filepath.Join(data, offerKeyFile)
	raw, err := openSecret(path, func() ([]byte, error) {
		_, err := rand.Read(key[:])
		return key[:], err
	})
	if err != nil {
		return key, err
	}
	if copy(key[:], raw) != len(key) || len(raw) != len(key) {
		return key, fmt.Errorf("%s: has %d bytes, not %d; restore it from a backup, or delete it and offers made so far end", path, len(raw), len(key))
	}
	return key, nil
}

// openSecret reads a secret file, and writes what generate makes where there is none. Of several processes that do so at
// once one wins and all read its secret. A file that others may read is refused.
func openSecret(path string, generate func() ([]byte, error)) ([]byte, error) {
	raw, err := readSecret(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return raw, err
	}
	if raw, err = generate(); err != nil {
		return nil, err
	}
	if err := writeSecret(path, raw); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, err
	}
	return readSecret(path)
}

func readSecret(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if info.Mode().Perm()&0o077 != 0 {
		return nil, fmt.Errorf("%s: others may read it (mode %v); do chmod 600 %s, and replace it if they might have", path, info.Mode().Perm(), path)
	}
	return os.ReadFile(path)
}

// writeSecret writes a new file that appears complete or not at all. It fails with fs.ErrExist where there is one.
func writeSecret(path string, raw []byte) error {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	file, err := os.CreateTemp(dir, ".secret-*") // mode 600
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(file.Name()) }()
	_, err = file.Write(raw)
	if err = errors.Join(err, file.Sync(), file.Close()); err != nil {
		return err
	}
	return os.Link(file.Name(), path) // unlike a rename, it never replaces
}
