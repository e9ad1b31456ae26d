package seal_test

import (
	"bytes"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/swmaas/swmaas/dispatch/seal"
)

// memory is a key store in memory that counts how often it is asked.
type memory struct {
	mu    sync.Mutex
	keys  map[string][]byte // guarded by mu, as asked
	asked int
}

func newMemory() *memory { return &memory{keys: map[string][]byte{}} }

func (m *memory) DataKeys(area string, persons []string) ([][]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.asked++
	out := make([][]byte, len(persons))
	for i, p := range persons {
		out[i] = m.keys[area+"/"+p]
	}
	return out, nil
}

func (m *memory) KeepDataKeys(area string, persons []string, wrapped [][]byte) ([][]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.asked++
	kept := make([][]byte, len(persons))
	for i, p := range persons {
		if m.keys[area+"/"+p] == nil {
			m.keys[area+"/"+p] = bytes.Clone(wrapped[i])
		}
		kept[i] = m.keys[area+"/"+p]
	}
	return kept, nil
}

func (m *memory) DestroyDataKey(area, person string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.keys[area+"/"+person] = []byte{}
	return nil
}

func newRing(t testing.TB, dir string, store seal.KeyStore, cfg seal.Config) *seal.Ring {
	t.Helper()
	r, err := seal.New(dir, store, cfg)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func mustSeal(t testing.TB, r *seal.Ring, area, person, field, plain string) []byte {
	t.Helper()
	box, err := r.Seal(area, person, field, []byte(plain))
	if err != nil {
		t.Fatalf("seal: %v", err)
	}
	return box
}

func TestFieldOpensWhereItWasSealedAndNowhereElse(t *testing.T) {
	r := newRing(t, t.TempDir(), newMemory(), seal.Config{})
	for _, person := range []string{"P-1", ""} {
		box := mustSeal(t, r, "kurobe", person, "home", "三日市 1-2")
		if bytes.Contains(box, []byte("三日市")) {
			t.Fatal("the field is readable")
		}
		if plain, err := r.Open("kurobe", person, "home", box); err != nil || string(plain) != "三日市 1-2" {
			t.Fatalf("open: %q, %v", plain, err)
		}
		for _, o := range [][3]string{{"kurobe", person, "phone"}, {"kurobe", "P-2", "home"}, {"nyuzen", person, "home"}, {"kurobe", person, "hom"}} {
			mustSeal(t, r, o[0], o[1], o[2], "of another") // so that every key is there
			if _, err := r.Open(o[0], o[1], o[2], box); !errors.Is(err, seal.ErrNotSealed) {
				t.Errorf("opened as %v: %v, want ErrNotSealed", o, err)
			}
		}
	}
}

func TestDamagedFieldIsRefused(t *testing.T) {
	r := newRing(t, t.TempDir(), newMemory(), seal.Config{})
	box := mustSeal(t, r, "kurobe", "P-1", "home", "x")
	for i := range box {
		bad := bytes.Clone(box)
		bad[i] ^= 1
		if _, err := r.Open("kurobe", "P-1", "home", bad); !errors.Is(err, seal.ErrNotSealed) {
			t.Errorf("byte %d changed: %v, want ErrNotSealed", i, err)
		}
		if _, err := r.Open("kurobe", "P-1", "home", box[:i]); !errors.Is(err, seal.ErrNotSealed) {
			t.Errorf("cut to %d bytes: %v, want ErrNotSealed", i, err)
		}
	}
}

func TestErasedPersonIsUnreadableAndStaysSo(t *testing.T) {
	store, dir := newMemory(), t.TempDir()
	r := newRing(t, dir, store, seal.Config{})
	box := mustSeal(t, r, "kurobe", "P-1", "home", "x")
	other := mustSeal(t, r, "kurobe", "P-2", "home", "y")
	if err := r.Erase("kurobe", "P-1"); err != nil {
		t.Fatal(err)
	}
	for name, ring := range map[string]*seal.Ring{"the ring that erased": r, "a fresh ring": newRing(t, dir, store, seal.Config{})} {
		if _, err := ring.Open("kurobe", "P-1", "home", box); !errors.Is(err, seal.ErrErased) {
			t.Errorf("%s opens: %v, want ErrErased", name, err)
		}
		if _, err := ring.Seal("kurobe", "P-1", "home", nil); !errors.Is(err, seal.ErrErased) {
			t.Errorf("%s seals: %v, want ErrErased", name, err)
		}
		if _, err := ring.Open("kurobe", "P-2", "home", other); err != nil {
			t.Errorf("%s cannot open another person's field: %v", name, err)
		}
	}
	if err := r.Erase("kurobe", "P-1"); err != nil {
		t.Errorf("erased twice: %v", err)
	}
	if err := r.Erase("kurobe", ""); !errors.Is(err, seal.ErrInvalid) {
		t.Errorf("nobody erased: %v, want ErrInvalid", err)
	}
	var e interface{ Erased() bool }
	if !errors.As(seal.ErrErased, &e) || !e.Erased() {
		t.Error("ErrErased does not say so to a consumer")
	}
}

func TestOtherProcessSeesAnErasureWithinTheCacheTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, dir := newMemory(), t.TempDir()
		here, there := newRing(t, dir, store, seal.Config{}), newRing(t, dir, store, seal.Config{})
		box := mustSeal(t, there, "kurobe", "P-1", "home", "x")
		if err := here.Erase("kurobe", "P-1"); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute) // the default
		if _, err := there.Open("kurobe", "P-1", "home", box); !errors.Is(err, seal.ErrErased) {
			t.Errorf("a minute later: %v, want ErrErased", err)
		}
	})
}

func TestFieldOfUnknownPersonHasNoKey(t *testing.T) {
	dir := t.TempDir()
	box := mustSeal(t, newRing(t, dir, newMemory(), seal.Config{}), "kurobe", "P-1", "home", "x")
	r := newRing(t, dir, newMemory(), seal.Config{}) // a key store that lost its keys
	if _, err := r.Open("kurobe", "P-1", "home", box); !errors.Is(err, seal.ErrNoDataKey) {
		t.Errorf("got %v, want ErrNoDataKey", err)
	}
}

func TestProcessesAgreeOnOneDataKey(t *testing.T) {
	store, dir := newMemory(), t.TempDir()
	const processes, persons = 8, 20
	boxes := make([][persons][]byte, processes)
	var wg sync.WaitGroup
	for i := range processes { // all make the key file and the data keys at once
		r := newRing(t, dir, store, seal.Config{})
		wg.Go(func() {
			for p := range persons {
				box, err := r.Seal("kurobe", fmt.Sprint("P-", p), "home", []byte("x"))
				if err != nil {
					t.Errorf("seal: %v", err)
					return
				}
				boxes[i][p] = box
			}
		})
	}
	wg.Wait()
	r := newRing(t, dir, store, seal.Config{})
	for i := range boxes {
		for p, box := range boxes[i] {
			if _, err := r.Open("kurobe", fmt.Sprint("P-", p), "home", box); err != nil {
				t.Fatalf("process %d, person %d: %v", i, p, err)
			}
		}
	}
}

func TestPreparedKeysAreNotAskedForAgain(t *testing.T) {
	store, dir := newMemory(), t.TempDir()
	persons := []string{"", "P-gone", "P-unknown"}
	boxes := map[string][]byte{}
	writer := newRing(t, dir, store, seal.Config{})
	for i := range 100 {
		p := fmt.Sprint("P-", i)
		persons = append(persons, p)
		boxes[p] = mustSeal(t, writer, "kurobe", p, "home", p)
	}
	mustSeal(t, writer, "kurobe", "P-gone", "home", "x")
	if err := writer.Erase("kurobe", "P-gone"); err != nil {
		t.Fatal(err)
	}
	r := newRing(t, dir, store, seal.Config{})
	store.asked = 0
	if err := r.Prepare("kurobe", persons); err != nil {
		t.Fatal(err)
	}
	for p, box := range boxes {
		if plain, err := r.Open("kurobe", p, "home", box); err != nil || string(plain) != p {
			t.Fatalf("open of %s: %q, %v", p, plain, err)
		}
	}
	if store.asked != 1 {
		t.Errorf("the store was asked %d times, want once", store.asked)
	}
}

func TestManyKeysAreMadeInOneGo(t *testing.T) {
	store, dir := newMemory(), t.TempDir()
	r := newRing(t, dir, store, seal.Config{})
	mustSeal(t, r, "kurobe", "P-0", "home", "before")
	if err := r.Erase("kurobe", "P-gone"); err != nil {
		t.Fatal(err)
	}
	persons := []string{"P-gone", ""}
	for i := range 100 {
		persons = append(persons, fmt.Sprint("P-", i))
	}
	before := bytes.Clone(store.keys["kurobe/P-0"])
	fresh := newRing(t, dir, store, seal.Config{})
	store.asked = 0
	if err := fresh.Provide("kurobe", persons); err != nil {
		t.Fatal(err)
	}
	boxes := map[string][]byte{}
	for _, p := range persons[2:] {
		boxes[p] = mustSeal(t, fresh, "kurobe", p, "home", p)
	}
	if store.asked != 2 { // which keys there are, and the new ones
		t.Errorf("the store was asked %d times, want twice", store.asked)
	}
	if _, err := fresh.Seal("kurobe", "P-gone", "home", []byte("x")); !errors.Is(err, seal.ErrErased) {
		t.Errorf("an erased person: %v", err)
	}
	if !bytes.Equal(store.keys["kurobe/P-0"], before) {
		t.Error("a key that was there was replaced")
	}
	for p, box := range boxes { // by who has only what was stored
		if plain, err := newRing(t, dir, store, seal.Config{}).Open("kurobe", p, "home", box); err != nil || string(plain) != p {
			t.Fatalf("open of %s: %q, %v", p, plain, err)
		}
	}
}

func TestCacheStaysBoundedAndForgetsNothingNeeded(t *testing.T) {
	r := newRing(t, t.TempDir(), newMemory(), seal.Config{CachedKeys: 4})
	boxes := map[string][]byte{}
	for i := range 50 {
		p := fmt.Sprint("P-", i)
		boxes[p] = mustSeal(t, r, "kurobe", p, "home", p)
		if n := r.Cached(); n > 8 {
			t.Fatalf("%d keys cached, want at most 8", n)
		}
	}
	for p, box := range boxes {
		if _, err := r.Open("kurobe", p, "home", box); err != nil {
			t.Errorf("open of %s: %v", p, err)
		}
	}
}

func TestLookupIsEqualForEqualValuesOnly(t *testing.T) {
	dir := t.TempDir()
	r := newRing(t, dir, newMemory(), seal.Config{})
	look := func(r *seal.Ring, area, field, value string) string {
		t.Helper()
		sum, err := r.Lookup(area, field, value)
		if err != nil {
			t.Fatal(err)
		}
		return sum
	}
	first := look(r, "kurobe", "phone", "+81765000001")
	if again := look(newRing(t, dir, newMemory(), seal.Config{}), "kurobe", "phone", "+81765000001"); again != first {
		t.Errorf("another process got %q, want %q", again, first)
	}
	if len(first) != 22 { // 16 bytes in base64
		t.Errorf("%q has %d characters, want 22", first, len(first))
	}
	for _, o := range [][3]string{{"kurobe", "phone", "+81765000002"}, {"kurobe", "fax", "+81765000001"}, {"nyuzen", "phone", "+81765000001"}, {"kurobe", "phone+", "81765000001"}} {
		if look(r, o[0], o[1], o[2]) == first {
			t.Errorf("%v gives the same as another value", o)
		}
	}
	if err := r.Rotate("kurobe"); err != nil {
		t.Fatal(err)
	}
	if again := look(r, "kurobe", "phone", "+81765000001"); again != first {
		t.Errorf("after a rotation %q, want %q", again, first)
	}
}

func TestSettingsThatCannotBeAreRefused(t *testing.T) {
	for name, cfg := range map[string]seal.Config{"negative cache": {CachedKeys: -1}, "negative time": {CacheTTL: -1}} {
		if _, err := seal.New(t.TempDir(), newMemory(), cfg); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if _, err := seal.New("", newMemory(), seal.Config{}); !errors.Is(err, seal.ErrInvalid) {
		t.Errorf("no folder: %v", err)
	}
	if _, err := newRing(t, t.TempDir(), newMemory(), seal.Config{}).Seal("", "P-1", "home", nil); !errors.Is(err, seal.ErrInvalid) {
		t.Errorf("no area: %v", err)
	}
}

func BenchmarkSealRide(b *testing.B) {
	r := newRing(b, b.TempDir(), newMemory(), seal.Config{})
	plain := make([]byte, 120)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := r.Seal("kurobe", "P-1", "ride:2026-01-20:R-0001", plain); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkPrepare(b *testing.B) {
	store, dir := newMemory(), b.TempDir()
	writer := newRing(b, dir, store, seal.Config{})
	persons := make([]string, 2500)
	for i := range persons {
		persons[i] = fmt.Sprint("P-", i)
		mustSeal(b, writer, "kurobe", persons[i], "home", "x")
	}
	for b.Loop() {
		r := newRing(b, dir, store, seal.Config{})
		if err := r.Prepare("kurobe", persons); err != nil {
			b.Fatal(err)
		}
	}
}
