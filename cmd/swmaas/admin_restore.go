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
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/redis/go-redis/v9"

	"github.com/swmaas/swmaas/dispatch/seal"
)

// adminRestoreCmd makes an installation from a backup: a data folder that is not there yet or is empty, and a Redis without keys.
type adminRestoreCmd struct {
	backupFlags `embed:""`
	Backup      string `arg:"" type:"existingfile" help:"The backup."`
	WithoutKeys bool   `help:"Leave the key files of the data folder as they are: they were kept otherwise."`
}

// Run reads and checks the whole backup before anything is written. No service may run on the folder.
func (c *adminRestoreCmd) Run(ctx context.Context, std streams) (err error) {
	wrap, err := c.wrapping()
	if err != nil {
		return err
	}
	if wrap == nil && !c.WithoutKeys {
		return usageError("admin restore: name the --backup-key (or --master-key) that wraps the keys, or say --without-keys")
	}
	work, err := os.MkdirTemp("", "swmaas-restore-")
	if err != nil {
		return fmt.Errorf("admin restore: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(work)) }()
	manifest, err := unpack(c.Backup, work)
	if err != nil {
		return fmt.Errorf("admin restore: %s: %w", c.Backup, err)
	}
	var keys []byte
	if !c.WithoutKeys {
		if keys, err = unsealKeys(filepath.Join(work, keysName), wrap); err != nil {
			return fmt.Errorf("admin restore: %s: %w", c.Backup, err)
		}
	}
	if err := c.empty(); err != nil {
		return err
	}
	n, err := c.fill(ctx, work, manifest)
	if err != nil {
		return fmt.Errorf("admin restore: %w", err)
	}
	if keys != nil {
		if err := writeKeys(keys, c.Data); err != nil {
			return fmt.Errorf("admin restore: %w", err)
		}
	}
	_, err = fmt.Fprintf(std.err, "%s: %d keys as of %s; erase again who was erased since, then run swmaas doctor and start the service\n",
		c.Data, n, manifest.Made.In(serviceZone()).Format("2006-01-02 15:04:05"))
	return err
}

// empty refuses a folder that something is in, but for key files where these are kept.
func (c *adminRestoreCmd) empty() error {
	if err := os.MkdirAll(c.Data, 0o700); err != nil {
		return usageError("admin restore: %w", err)
	}
	entries, err := os.ReadDir(c.Data)
	if err != nil {
		return usageError("admin restore: %w", err)
	}
	for _, entry := range entries {
		kept := c.WithoutKeys && slices.Contains([]string{"seal", tokenKeyFile, offerKeyFile, revokedFile, "tls.pem", certFile}, entry.Name())
		if !kept {
			return usageError("admin restore: %s is not empty (%s); move it away, so that nothing is lost", c.Data, entry.Name())
		}
	}
	return nil
}

// fill copies the data into the Redis of the installation.
func (c *adminRestoreCmd) fill(ctx context.Context, work string, manifest *backupManifest) (n int, err error) {
	e := &engine{}
	defer func() { err = errors.Join(err, e.close(context.WithoutCancel(ctx))) }()
	to, err := e.besideService(ctx, c.Data, c.Redis)
	if err != nil {
		return 0, err
	}
	if there, err := countKeys(ctx, to); err != nil || there > 0 {
		return 0, errors.Join(err, usageError("Redis has %d keys already; restore into an empty one", there))
	}
	for name := range manifest.Parts {
		if !strings.HasSuffix(name, ".rdb") {
			continue
		}
		err := withFile(filepath.Join(work, name), func(r io.Reader) error {
			from, stop, err := openRDB(ctx, r)
			if err != nil {
				return err
			}
			copied, err := copyKeys(ctx, from, to)
			n += copied
			return errors.Join(err, stop())
		})
		if err != nil {
			return n, err
		}
	}
	return n, nil
}

func countKeys(ctx context.Context, client redis.UniversalClient) (n int64, err error) {
	return client.DBSize(ctx).Result() // of a cluster, the sum over its masters
}

// unpack writes the parts of a backup into a folder and checks them. Nothing of a backup that is damaged is used.
func unpack(backup, work string) (m *backupManifest, err error) {
	err = withFile(backup, func(r io.Reader) error {
		zip, err := gzip.NewReader(r)
		if err != nil {
			return errors.New("is not a backup")
		}
		in := tar.NewReader(zip)
		for {
			head, err := in.Next()
			if errors.Is(err, io.EOF) {
				return nil
			}
			if err != nil {
				return fmt.Errorf("is damaged: %w", err)
			}
			if head.Name != filepath.Base(head.Name) {
				return errors.New("is not a backup")
			}
			if err := unpackPart(in, head.Name, work, &m); err != nil {
				return err
			}
		}
	})
	if err == nil && m == nil {
		err = errors.New("is not a backup")
	}
	if err != nil {
		return nil, err
	}
	for name := range m.Parts {
		if _, err := os.Stat(filepath.Join(work, name)); err != nil {
			return nil, fmt.Errorf("is damaged: %s is missing", name)
		}
	}
	return m, nil
}

func unpackPart(in io.Reader, name, work string, m **backupManifest) error {
	if *m == nil {
		parsed := new(backupManifest)
		if name != manifestName || json.NewDecoder(in).Decode(parsed) != nil || parsed.Format != backupFormat {
			return errors.New("is not a backup")
		}
		if parsed.Version != backupVersion {
			return fmt.Errorf("has version %d and this release reads %d: use the release that wrote it or a later one", parsed.Version, backupVersion)
		}
		*m = parsed
		return nil
	}
	file, err := os.OpenFile(filepath.Join(work, name), os.O_CREATE|os.O_WRONLY|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	sum := sha256.New()
	_, err = io.Copy(io.MultiWriter(file, sum), in)
	if err := errors.Join(err, file.Close()); err != nil {
		return fmt.Errorf("is damaged: %w", err)
	}
	if got := hex.EncodeToString(sum.Sum(nil)); got != (*m).Parts[name] {
		return fmt.Errorf("is damaged: the checksum of %s is wrong", name)
	}
	return nil
}

func unsealKeys(path string, wrap *seal.Master) ([]byte, error) {
	box, err := os.ReadFile(path)
	if err != nil {
		return nil, errors.New("has no keys in it: say --without-keys, and put the key files back yourself")
	}
	return wrap.Unwrap(box, keysPurpose)
}

// writeKeys writes the key files, each whole and readable by its owner only.
func writeKeys(plain []byte, data string) error {
	for in := tar.NewReader(bytes.NewReader(plain)); ; {
		head, err := in.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if !filepath.IsLocal(head.Name) {
			return fmt.Errorf("the backup names a file %q outside the data folder", head.Name)
		}
		text, err := io.ReadAll(in)
		if err == nil {
			err = writeSecret(filepath.Join(data, filepath.FromSlash(head.Name)), text)
		}
		if err != nil {
			return err
		}
	}
}
