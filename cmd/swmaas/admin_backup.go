package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/swmaas/swmaas/dispatch/seal"
)

// backupFlags name the installation and what wraps the keys in a backup.
type backupFlags struct {
	Redis     string `placeholder:"URL" help:"The service's durable Redis, or a cluster's addresses joined by commas. Without it the private one of the data folder."`
	Data      string `default:"swmaas-data" type:"path" help:"Data folder of the installation."`
	BackupKey string `placeholder:"URL" help:"Key that wraps the keys in the backup, kept elsewhere: file:///path of 64 hexadecimal digits. Default: the master key."`
	keyFlags  `embed:""`
}

// wrapping opens what wraps the keys, or nil where nothing is named.
func (f *backupFlags) wrapping() (*seal.Master, error) {
	if f.BackupKey != "" {
		return master("--backup-key", f.BackupKey)
	}
	return master("--master-key", f.MasterKey)
}

// adminBackupCmd writes a backup. The service may be running: the data is that of one moment.
type adminBackupCmd struct {
	backupFlags `embed:""`
	Output      string `short:"o" required:"" placeholder:"FILE" help:"Backup to write, readable by its owner only."`
	WithoutKeys bool   `help:"Leave the keys out. Personal data of the backup can be read only where the key files of the data folder were kept otherwise."`
}

// backupFormat and backupVersion begin every backup.
const backupFormat, backupVersion = "swmaas backup", 1

// Names of the parts of a backup: a manifest, the keys, and a snapshot of each master of Redis.
const (
	manifestName = "manifest.json"
	keysName     = "keys.sealed" // a tar, wrapped
	keysPurpose  = "backup keys"
)

// backupManifest is the first part of a backup.
type backupManifest struct {
	Format  string            `json:"format"`
	Version int               `json:"version"`
	Made    time.Time         `json:"made"`
	By      string            `json:"by"`    // version of the program
	Parts   map[string]string `json:"parts"` // SHA-256 of every other part, in hexadecimal
}

// Run makes the backup: first the data, then the keys, so that no key is missing that the data needs.
func (c *adminBackupCmd) Run(ctx context.Context, std streams) (err error) {
	wrap, err := c.wrapping()
	if err != nil {
		return err
	}
	if wrap == nil && !c.WithoutKeys {
		return usageError("admin backup: keys are not written in the clear: name --backup-key (or --master-key), or say --without-keys")
	}
	if _, err := os.Stat(c.Data); err != nil {
		return usageError("%s is not the data folder of an installation: %w", c.Data, err)
	}
	work, err := os.MkdirTemp(filepath.Dir(c.Output), ".swmaas-backup-")
	if err != nil {
		return usageError("admin backup: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(work)) }()
	names, err := c.snapshots(ctx, work)
	if err != nil {
		return fmt.Errorf("admin backup: %w", err)
	}
	if !c.WithoutKeys {
		if err := sealKeys(c.Data, filepath.Join(work, keysName), wrap); err != nil {
			return fmt.Errorf("admin backup: %w", err)
		}
		names = append([]string{keysName}, names...)
	}
	if err := newPrivateFile(c.Output, func(w io.Writer) error { return pack(w, work, names) }); err != nil {
		return fmt.Errorf("admin backup: %w", err)
	}
	if err := os.WriteFile(filepath.Join(c.Data, backupStamp), nil, 0o600); err != nil {
		return fmt.Errorf("admin backup: %w", err)
	}
	_, err = fmt.Fprintf(std.err, "%s: written; keep it on another machine, and the key that wraps it somewhere else again\n", c.Output)
	return err
}

// snapshots writes the data of every master into the folder.
func (c *adminBackupCmd) snapshots(ctx context.Context, work string) (names []string, err error) {
	e := &engine{}
	defer func() { err = errors.Join(err, e.close(context.WithoutCancel(ctx))) }()
	client, err := e.besideService(ctx, c.Data, c.Redis)
	if err != nil {
		return nil, err
	}
	var masters []*redis.Options
	switch known := client.(type) {
	case *redis.ClusterClient:
		var mu sync.Mutex // ForEachMaster calls from several goroutines
		err = known.ForEachMaster(ctx, func(_ context.Context, m *redis.Client) error {
			mu.Lock()
			defer mu.Unlock()
			masters = append(masters, m.Options())
			return nil
		})
	case *redis.Client:
		masters = append(masters, known.Options())
	}
	if err != nil {
		return nil, err
	}
	for i, opt := range masters {
		if strings.HasPrefix(opt.Addr, "/") {
			opt.Network = "unix"
		}
		name := fmt.Sprintf("redis-%d.rdb", i)
		file, err := os.OpenFile(filepath.Join(work, name), os.O_CREATE|os.O_WRONLY|os.O_EXCL, 0o600)
		if err != nil {
			return nil, err
		}
		if err := errors.Join(snapshot(ctx, opt, file), file.Close()); err != nil {
			return nil, err
		}
		names = append(names, name)
	}
	return names, nil
}

// keyPaths lists the files of a data folder that hold keys and what goes with them, relative to it.
func keyPaths(data string) ([]string, error) {
	var names []string
	for _, name := range []string{tokenKeyFile, offerKeyFile, revokedFile, "tls.pem"} {
		if _, err := os.Stat(filepath.Join(data, name)); err == nil {
			names = append(names, name)
		} else if !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
	}
	sealed, err := filepath.Glob(filepath.Join(data, "seal", "*.keys"))
	for _, path := range sealed {
		names = append(names, filepath.Join("seal", filepath.Base(path)))
	}
	return names, err
}

// sealKeys writes the key files of a data folder, wrapped.
func sealKeys(data, to string, wrap *seal.Master) error {
	names, err := keyPaths(data)
	if err != nil {
		return err
	}
	var plain bytes.Buffer
	out := tar.NewWriter(&plain)
	for _, name := range names {
		text, err := os.ReadFile(filepath.Join(data, name))
		if err != nil {
			return err
		}
		if err := out.WriteHeader(&tar.Header{Name: filepath.ToSlash(name), Mode: 0o600, Size: int64(len(text))}); err != nil {
			return err
		}
		if _, err := out.Write(text); err != nil {
			return err
		}
	}
	if err := out.Close(); err != nil {
		return err
	}
	box, err := wrap.Wrap(plain.Bytes(), keysPurpose)
	if err != nil {
		return err
	}
	return os.WriteFile(to, box, 0o600)
}

// pack joins the parts into one file, the manifest first.
func pack(w io.Writer, work string, names []string) error {
	m := backupManifest{Format: backupFormat, Version: backupVersion, Made: time.Now().UTC(), By: buildVersion().Version, Parts: map[string]string{}}
	for _, name := range names {
		sum := sha256.New()
		if err := withFile(filepath.Join(work, name), func(r io.Reader) error { _, err := io.Copy(sum, r); return err }); err != nil {
			return err
		}
		m.Parts[name] = hex.EncodeToString(sum.Sum(nil))
	}
	text, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(work, manifestName), text, 0o600); err != nil {
		return err
	}
	zip := gzip.NewWriter(w)
	out := tar.NewWriter(zip)
	for _, name := range append([]string{manifestName}, names...) {
		info, err := os.Stat(filepath.Join(work, name))
		if err != nil {
			return err
		}
		if err := out.WriteHeader(&tar.Header{Name: name, Mode: 0o600, Size: info.Size(), ModTime: m.Made}); err != nil {
			return err
		}
		if err := withFile(filepath.Join(work, name), func(r io.Reader) error { _, err := io.Copy(out, r); return err }); err != nil {
			return err
		}
	}
	return errors.Join(out.Close(), zip.Close())
}
