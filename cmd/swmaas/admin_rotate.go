package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/swmaas/swmaas/dispatch/seal"
)

// keyFlags name the master key of an installation.
type keyFlags struct {
	MasterKey string `placeholder:"URL" help:"Key that wraps the key files of personal data, kept apart from the data folder: file:///path of 64 hexadecimal digits. Without one the key files are in the clear, readable by their owner only."`
}

// keySchemes are the kinds of master keys that this build can open. A build for a key management service adds its own.
func keySchemes() []seal.Scheme { return []seal.Scheme{seal.FileScheme()} }

// master opens the master key, or returns nil where none is named.
func master(flag, url string) (*seal.Master, error) {
	if url == "" {
		return nil, nil
	}
	m, err := seal.OpenMaster(url, keySchemes()...)
	if err != nil {
		return nil, usageError("%s: %w", flag, err)
	}
	return m, nil
}

// openRing opens the keys of personal data of an installation.
func openRing(data string, keys keyFlags, store seal.KeyStore) (*seal.Ring, error) {
	m, err := master("--master-key", keys.MasterKey)
	if err != nil {
		return nil, err
	}
	return seal.New(filepath.Join(data, "seal"), store, seal.Config{Master: m})
}

// adminRotateCmd changes the keys of an area. The service goes on meanwhile: every process reads the key file again when it
// meets a key that it does not know.
type adminRotateCmd struct {
	storeFlags      `embed:""`
	FormerMasterKey string `placeholder:"URL" help:"Master key that the key file is wrapped by now, where --master-key is a new one. A service that runs must be started again with the new one."`
	Rewrap          bool   `xor:"what" help:"Add no key: only go on with the persons' keys where an earlier run was interrupted."`
	Retire          bool   `xor:"what" help:"Drop the old keys, two days after the last rotation at the earliest. Backups from before it need the key file of their time then."`
}

// Run adds a key to the area's key file and wraps every person's data key by it, or drops the old keys.
func (c *adminRotateCmd) Run(ctx context.Context, std streams) (err error) {
	s, err := c.openRegister(ctx, false)
	if err != nil {
		return fmt.Errorf("admin rotate-keys: %w", err)
	}
	defer func() { err = errors.Join(err, s.close(context.WithoutCancel(ctx))) }()
	now, err := master("--master-key", c.MasterKey)
	if err != nil {
		return err
	}
	former, err := master("--former-master-key", c.FormerMasterKey)
	if err != nil {
		return err
	}
	ring, err := seal.New(filepath.Join(c.Data, "seal"), s.dataKeys, seal.Config{Master: now, Former: former})
	if err != nil {
		return fmt.Errorf("admin rotate-keys: %w", err)
	}
	if c.Retire {
		if err := ring.Retire(ctx, c.Area, s.dataKeys); err != nil {
			return fmt.Errorf("admin rotate-keys: %w", err)
		}
		_, err := fmt.Fprintf(std.err, "%s: the old keys are gone; make a backup now\n", c.Area)
		return err
	}
	if !c.Rewrap {
		if err := ring.Rotate(c.Area); err != nil {
			return fmt.Errorf("admin rotate-keys: %w", err)
		}
	}
	done, err := ring.Rewrap(ctx, c.Area, s.dataKeys)
	if err != nil {
		return fmt.Errorf("admin rotate-keys: %w (%d of the persons' keys are moved; --rewrap goes on)", err, done.Moved)
	}
	_, err = fmt.Fprintf(std.err, "%s: %d persons' keys wrapped by the new key, %d were already; make a backup now, and drop the old keys in two days with --retire\n",
		c.Area, done.Moved, done.Already)
	return err
}
