package seal_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/swmaas/swmaas/dispatch/seal"
)

func TestKeyFileIsReadableByItsOwnerOnly(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "keys") // made too
	mustSeal(t, newRing(t, dir, newMemory(), seal.Config{}), "kurobe", "P-1", "home", "x")
	info, err := os.Stat(filepath.Join(dir, "kurobe.keys"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v, want 0600", info.Mode(), err)
	}
	if files, _ := os.ReadDir(dir); len(files) != 1 {
		t.Errorf("%d files are left, want 1", len(files))
	}
}

func TestAreaNameCannotLeaveTheFolder(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "keys")
	for _, area := range []string{"../up", "..", "a/b", "黒部"} {
		mustSeal(t, newRing(t, dir, newMemory(), seal.Config{}), area, "P-1", "home", "x")
	}
	files, err := os.ReadDir(dir)
	if err != nil || len(files) != 4 {
		t.Errorf("%d files in the folder, %v, want 4", len(files), err)
	}
}

func TestOpeningMakesNoKeyFile(t *testing.T) {
	dir := t.TempDir()
	r := newRing(t, dir, newMemory(), seal.Config{})
	var bad *seal.KeyFileError
	if _, err := r.Open("kurobe", "", "home", []byte{1, 2}); !errors.As(err, &bad) || !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v, want a KeyFileError", err)
	}
	if files, _ := os.ReadDir(dir); len(files) != 0 {
		t.Errorf("%d files, want none: a new key would hide that the old one is lost", len(files))
	}
}

func TestKeyFileThatCannotBeTrustedIsRefused(t *testing.T) {
	good := t.TempDir()
	mustSeal(t, newRing(t, good, newMemory(), seal.Config{}), "kurobe", "", "home", "x")
	raw, err := os.ReadFile(filepath.Join(good, "kurobe.keys"))
	if err != nil {
		t.Fatal(err)
	}
	edit := func(change func(map[string]any)) []byte {
		var f map[string]any
		if err := json.Unmarshal(raw, &f); err != nil {
			t.Fatal(err)
		}
		change(f)
		out, _ := json.Marshal(f)
		return out
	}
	for name, c := range map[string]struct {
		content []byte
		mode    os.FileMode
		want    string // part of the text
	}{
		"empty":            {nil, 0o600, "damaged"},
		"cut off":          {raw[:len(raw)/2], 0o600, "damaged"},
		"another document": {[]byte("{}"), 0o600, "not a key file"},
		"a key changed": {edit(func(f map[string]any) {
			f["wrap"] = strings.Replace(f["wrap"].(string), f["wrap"].(string)[20:24], "AAAA", 1)
		}), 0o600, "checksum"},
		"a later version":    {edit(func(f map[string]any) { f["version"] = 3 }), 0o600, "version 3"},
		"another area":       {bytes.Clone(raw), 0o600, "belongs to area"},
		"readable by others": {raw, 0o644, "chmod 600"},
	} {
		t.Run(name, func(t *testing.T) {
			dir, area := t.TempDir(), "kurobe"
			if name == "another area" {
				area = "nyuzen"
			}
			path := filepath.Join(dir, area+".keys")
			if err := os.WriteFile(path, c.content, c.mode); err != nil {
				t.Fatal(err)
			}
			_, err := newRing(t, dir, newMemory(), seal.Config{}).Seal(area, "P-1", "home", []byte("x"))
			var bad *seal.KeyFileError
			if !errors.As(err, &bad) || bad.Path != path || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want a KeyFileError with %q", err, c.want)
			}
			if after, _ := os.ReadFile(path); !bytes.Equal(after, c.content) {
				t.Error("the file was changed")
			}
		})
	}
}

func TestRotationKeepsOldKeysAndReachesOtherProcesses(t *testing.T) {
	store, dir := newMemory(), t.TempDir()
	here, there := newRing(t, dir, store, seal.Config{}), newRing(t, dir, store, seal.Config{})
	old := mustSeal(t, here, "kurobe", "P-old", "home", "old")
	areas := mustSeal(t, there, "kurobe", "", "note", "area's own")
	before := store.keys["kurobe/P-old"]
	if err := here.Rotate("kurobe"); err != nil {
		t.Fatal(err)
	}
	fresh := mustSeal(t, here, "kurobe", "P-new", "home", "new")
	if bytes.Equal(before[:6], store.keys["kurobe/P-new"][:6]) { // format byte, Tink's prefix with the key id
		t.Error("the new data key is wrapped by the old key")
	}
	own := mustSeal(t, here, "kurobe", "", "note", "after")
	for name, r := range map[string]*seal.Ring{"here": here, "there": there, "a fresh process": newRing(t, dir, store, seal.Config{})} {
		for _, f := range []struct {
			person, field, want string
			box                 []byte
		}{{"", "note", "after", own}, {"", "note", "area's own", areas}, {"P-old", "home", "old", old}, {"P-new", "home", "new", fresh}} {
			if plain, err := r.Open("kurobe", f.person, f.field, f.box); err != nil || string(plain) != f.want {
				t.Errorf("%s: %q: %q, %v", name, f.want, plain, err)
			}
		}
	}
}

func TestRotationWaitsForNobody(t *testing.T) {
	dir := t.TempDir()
	r := newRing(t, dir, newMemory(), seal.Config{})
	mustSeal(t, r, "kurobe", "", "home", "x")
	lock := filepath.Join(dir, "kurobe.keys.lock")
	if err := os.WriteFile(lock, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := r.Rotate("kurobe"); err == nil || !strings.Contains(err.Error(), lock) {
		t.Errorf("got %v, want an error that names the lock", err)
	}
	if err := os.Remove(lock); err != nil {
		t.Fatal(err)
	}
	if err := r.Rotate("kurobe"); err != nil {
		t.Error(err)
	}
}

func TestDataKeyOfAnotherKeyFileIsNamedSo(t *testing.T) {
	store := newMemory()
	box := mustSeal(t, newRing(t, t.TempDir(), store, seal.Config{}), "kurobe", "P-1", "home", "x")
	other := newRing(t, t.TempDir(), store, seal.Config{})
	mustSeal(t, other, "kurobe", "", "home", "x") // makes another key file
	if _, err := other.Open("kurobe", "P-1", "home", box); !errors.Is(err, seal.ErrWrongKey) {
		t.Errorf("open: %v, want ErrWrongKey", err)
	}
	if _, err := other.Seal("kurobe", "P-1", "home", nil); !errors.Is(err, seal.ErrWrongKey) {
		t.Errorf("seal: %v, want ErrWrongKey", err)
	}
}
