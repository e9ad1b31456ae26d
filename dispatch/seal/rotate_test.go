package seal_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tink-crypto/tink-go/v2/tink"

	"github.com/swmaas/swmaas/dispatch/seal"
)

func (m *memory) EachDataKey(_ context.Context, area string, do func(string, []byte) error) error {
	m.mu.Lock()
	copied := map[string][]byte{}
	for name, wrapped := range m.keys {
		if person, ok := strings.CutPrefix(name, area+"/"); ok {
			copied[person] = wrapped
		}
	}
	m.mu.Unlock()
	for person, wrapped := range copied {
		if err := do(person, wrapped); err != nil {
			return err
		}
	}
	return nil
}

func (m *memory) ReplaceDataKey(_ context.Context, area, person string, before, after []byte) (bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !bytes.Equal(m.keys[area+"/"+person], before) {
		return false, nil
	}
	m.keys[area+"/"+person] = bytes.Clone(after)
	return true, nil
}

// masterFile makes a master key and returns its URL.
func masterFile(t testing.TB, digit string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "master.key")
	if err := os.WriteFile(path, []byte(strings.Repeat(digit, 64)+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return "file://" + path
}

func mustMaster(t testing.TB, url string) *seal.Master {
	t.Helper()
	m, err := seal.OpenMaster(url, seal.FileScheme())
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestRewrapMovesEveryKeyAndRetireDropsTheOldOnes(t *testing.T) {
	store, dir := newMemory(), t.TempDir()
	now := time.Now()
	clock := func() time.Time { return now }
	admin, service := newRing(t, dir, store, seal.Config{Now: clock}), newRing(t, dir, store, seal.Config{CacheTTL: time.Nanosecond})
	boxes := map[string][]byte{}
	for i := range 20 {
		person := fmt.Sprintf("P-%d", i)
		boxes[person] = mustSeal(t, service, "kurobe", person, "home", person)
	}
	mustSeal(t, service, "nyuzen", "P-1", "home", "x")
	other := bytes.Clone(store.keys["nyuzen/P-1"])
	if err := service.Erase("kurobe", "P-7"); err != nil {
		t.Fatal(err)
	}
	if err := admin.Retire(t.Context(), "kurobe", store); !errors.Is(err, seal.ErrTooSoon) {
		t.Errorf("old keys dropped at once: %v", err)
	}
	if err := admin.Rotate("kurobe"); err != nil {
		t.Fatal(err)
	}
	mustSeal(t, service, "kurobe", "P-new", "home", "x") // the service has not seen the new file yet: it must look
	now = now.Add(seal.RetireAfter + time.Minute)
	if err := admin.Retire(t.Context(), "kurobe", store); !errors.Is(err, seal.ErrTooSoon) || !strings.Contains(err.Error(), "19") {
		t.Errorf("old keys dropped that are in use: %v", err)
	}
	done, err := admin.Rewrap(t.Context(), "kurobe", store)
	if err != nil || done != (seal.Rewrapped{Moved: 19, Already: 1, Erased: 1}) {
		t.Fatalf("rewrapped %+v, %v", done, err)
	}
	if done, err = admin.Rewrap(t.Context(), "kurobe", store); err != nil || done != (seal.Rewrapped{Already: 20, Erased: 1}) {
		t.Fatalf("rewrapped again %+v, %v", done, err)
	}
	before, err := os.ReadFile(filepath.Join(dir, "kurobe.keys"))
	if err != nil {
		t.Fatal(err)
	}
	if err := admin.Retire(t.Context(), "kurobe", store); err != nil {
		t.Fatal(err)
	}
	after, err := os.ReadFile(filepath.Join(dir, "kurobe.keys"))
	if err != nil || len(after) >= len(before) {
		t.Errorf("the key file had %d bytes and has %d, %v", len(before), len(after), err)
	}
	for name, r := range map[string]*seal.Ring{"the service": service, "a fresh process": newRing(t, dir, store, seal.Config{})} {
		for person, box := range boxes {
			plain, err := r.Open("kurobe", person, "home", box)
			if person == "P-7" {
				if !errors.Is(err, seal.ErrErased) {
					t.Errorf("%s: the erased person: %q, %v", name, plain, err)
				}
			} else if err != nil || string(plain) != person {
				t.Errorf("%s: %s: %q, %v", name, person, plain, err)
			}
		}
	}
	if !bytes.Equal(store.keys["nyuzen/P-1"], other) {
		t.Error("a key of another area was touched")
	}
}

func TestAMasterKeyWrapsWhatIsInTheFolder(t *testing.T) {
	store, dir := newMemory(), t.TempDir()
	first, second := mustMaster(t, masterFile(t, "a")), mustMaster(t, masterFile(t, "b"))
	box := mustSeal(t, newRing(t, dir, store, seal.Config{Master: first}), "kurobe", "P-1", "home", "x")
	opens := func(cfg seal.Config) error {
		plain, err := newRing(t, dir, store, cfg).Open("kurobe", "P-1", "home", box)
		if err == nil && string(plain) != "x" {
			t.Errorf("opened to %q", plain)
		}
		return err
	}
	for name, cfg := range map[string]seal.Config{"without a master key": {}, "with another": {Master: second}} {
		if err := opens(cfg); !errors.Is(err, seal.ErrMaster) || !strings.Contains(err.Error(), "--master-key") {
			t.Errorf("%s: %v, want ErrMaster that says what to do", name, err)
		}
	}
	if err := newRing(t, dir, store, seal.Config{Master: second, Former: first}).Rotate("kurobe"); err != nil {
		t.Fatal(err)
	}
	if err := opens(seal.Config{Master: first}); !errors.Is(err, seal.ErrMaster) {
		t.Errorf("the former master key still opens the file: %v", err)
	}
	if err := opens(seal.Config{Master: second}); err != nil {
		t.Error(err)
	}
}

func TestAKeyFileInTheClearIsWrappedAtTheNextRotation(t *testing.T) {
	store, dir := newMemory(), t.TempDir()
	box := mustSeal(t, newRing(t, dir, store, seal.Config{}), "kurobe", "P-1", "home", "x")
	r := newRing(t, dir, store, seal.Config{Master: mustMaster(t, masterFile(t, "c"))})
	if plain, err := r.Open("kurobe", "P-1", "home", box); err != nil || string(plain) != "x" {
		t.Fatalf("a file in the clear: %q, %v", plain, err)
	}
	if err := r.Rotate("kurobe"); err != nil {
		t.Fatal(err)
	}
	if _, err := newRing(t, dir, store, seal.Config{}).Open("kurobe", "P-1", "home", box); !errors.Is(err, seal.ErrMaster) {
		t.Errorf("the file is in the clear still: %v", err)
	}
}

func TestMasterKeysThatCannotBeHadSayWhatToDo(t *testing.T) {
	readable, short := masterFile(t, "d"), masterFile(t, "e")
	if err := os.Chmod(strings.TrimPrefix(readable, "file://"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(strings.TrimPrefix(short, "file://"), []byte("abc"), 0o600); err != nil {
		t.Fatal(err)
	}
	broken := seal.Scheme{Name: "kms", Open: func(*url.URL) (tink.AEAD, error) { return nil, errors.New("no route") }}
	for name, c := range map[string]struct{ url, want string }{
		"a cloud that this build does not know": {"gcp-kms://projects/x", "no support for gcp-kms://; it knows file://, kms://"},
		"no URL":                                {"/etc/key", "file:///"},
		"a file that is not there":              {"file:///nowhere/key", "restore it"},
		"a path that is not whole":              {"file://key", "three slashes"},
		"a file that others may read":           {readable, "chmod 600"},
		"a file that is too short":              {short, "64 hexadecimal digits"},
		"a service that does not answer":        {"kms://user:secret@host/key", "no route"},
	} {
		_, err := seal.OpenMaster(c.url, seal.FileScheme(), broken)
		if !errors.Is(err, seal.ErrMaster) || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}
