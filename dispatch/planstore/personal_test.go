package planstore_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/dispatch/planstore"
	"github.com/swmaas/swmaas/dispatch/seal"
	"github.com/swmaas/swmaas/testdata/redistest"
)

var _ seal.KeyStore = (*planstore.DataKeys)(nil)

// sealedStore returns a store with real sealing, whose data keys are in the same Redis and key file in dir.
func sealedStore(t testing.TB, client redis.UniversalClient, dir string) (*planstore.Store, *seal.Ring) {
	t.Helper()
	ring, err := seal.New(dir, planstore.NewDataKeys(client), seal.Config{})
	if err != nil {
		t.Fatal(err)
	}
	s, err := planstore.New(client, ring, planstore.Config{})
	if err != nil {
		t.Fatal(err)
	}
	return s, ring
}

// bookMany books n rides with replies that hold personal data, and moves each of them on.
func bookMany(t testing.TB, s *planstore.Store, n int) {
	t.Helper()
	for i := range n {
		r := booked(i)
		c := booking(r, route("S-1", int64(i)+1, r))
		c.Key, c.Reply = dispatch.IdempotencyKey{Key: "+8176500" + fmt.Sprint(1000+i)}, []byte(r.Pickup.Label)
		mustCommit(t, s, c)
		mustCommit(t, s, change(r, changed(r, dispatch.Published)))
	}
}

func TestNothingPersonalIsReadableInTheKeyspace(t *testing.T) {
	server := redistest.New(t)
	client := onSocket(t, server.Socket)
	s, _ := sealedStore(t, client, t.TempDir())
	bookMany(t, s, 20)

	texts := map[string]string{"keyspace": dump(t, client)}
	files, err := filepath.Glob(filepath.Join(server.Dir, "appendonlydir", "*"))
	if err != nil || len(files) == 0 {
		t.Fatalf("append-only files: %v, %v", files, err)
	}
	for _, name := range files {
		raw, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		texts[name] = string(raw)
	}
	for where, text := range texts {
		for _, secret := range []string{"三日市", "市民病院", "dialysis", "+8176500", "76500", "36.8", "137.4"} {
			if strings.Contains(text, secret) {
				t.Errorf("%q is readable in %s", secret, where)
			}
		}
	}
	if !strings.Contains(texts["keyspace"], "R-0007") {
		t.Error("the dump does not even have the rides: the test looks at nothing")
	}
}

func testErasedPersonLeavesTheirRideWithoutPersonalFields(t *testing.T, client redis.UniversalClient) {
	dir := t.TempDir()
	s, ring := sealedStore(t, client, dir)
	bookMany(t, s, 3)
	whole := mustLoad(t, s)
	if err := ring.Erase(string(area), "P-0001"); err != nil {
		t.Fatal(err)
	}
	fresh, _ := sealedStore(t, client, dir)
	for name, s := range map[string]*planstore.Store{"the store that erased": s, "another process": fresh} {
		state := mustLoad(t, s)
		for id, r := range state.Rides {
			want := *whole.Rides[id]
			if r.Rider == "P-0001" {
				want.Party, want.Pickup, want.Dropoff, want.Purpose = dispatch.Party{}, dispatch.Place{}, dispatch.Place{}, ""
			}
			if !reflect.DeepEqual(*r, want) {
				t.Errorf("%s: ride %s is %+v, want %+v", name, id, *r, want)
			}
		}
		reply, found, err := s.Replay(t.Context(), area, dispatch.IdempotencyKey{Key: "+81765001001"})
		if err != nil || !found || len(reply) != 0 {
			t.Errorf("%s: reply %q, %v, %v, want an empty one", name, reply, found, err)
		}
	}

	// The cells would tell where the ride was to go.
	inCells := func(ride string) (n int) {
		for _, key := range keysLike(t, client, "dsp:{*}:*:cells:*") {
			for _, member := range client.ZRange(t.Context(), key, 0, -1).Val() {
				if strings.HasPrefix(member, ride+":") {
					n++
				}
			}
		}
		return n
	}
	if inCells("R-0001") != 2 || inCells("R-0002") != 2 {
		t.Fatalf("the rides are in %d and %d cells: the test shows nothing", inCells("R-0001"), inCells("R-0002"))
	}
	for range 2 {
		if err := fresh.ForgetPlaces(t.Context(), area, "P-0001"); err != nil {
			t.Fatal(err)
		}
	}
	if err := fresh.ForgetPlaces(t.Context(), area, "P-0002"); err != nil {
		t.Fatal(err)
	}
	if inCells("R-0001") != 0 || inCells("R-0002") != 2 {
		t.Errorf("the erased person's ride is in %d cells, another's in %d", inCells("R-0001"), inCells("R-0002"))
	}

	// The ride can still be cancelled, and nothing personal comes back with it.
	r := mustLoad(t, fresh).Rides["R-0001"]
	mustCommit(t, fresh, change(whole.Rides["R-0001"], changed(whole.Rides["R-0001"], dispatch.Cancelled)))
	if got, want := mustLoad(t, fresh).Rides["R-0001"], changed(r, dispatch.Cancelled); !reflect.DeepEqual(got, want) {
		t.Errorf("cancelled: %+v, want %+v", got, want)
	}
	if faults, err := fresh.Rebuild(t.Context(), area, day); err != nil || len(faults) != 0 {
		t.Errorf("rebuild: %v, %v", faults, err)
	}
}

func TestRideSealedForOneRecordDoesNotOpenInAnother(t *testing.T) {
	client := startMini(t)
	s, _ := sealedStore(t, client, t.TempDir())
	bookMany(t, s, 2)
	prefix := "dsp:{kurobe}:2026-01-20:ride:"
	raw := client.Get(t.Context(), prefix+"R-0000").Val()
	moved := strings.Replace(strings.Replace(raw, "R-0000", "R-0001", 1), "P-0000", "P-0001", 1)
	if err := client.Set(t.Context(), prefix+"R-0001", moved, 0).Err(); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Load(t.Context(), area, day); !errors.Is(err, seal.ErrNotSealed) {
		t.Errorf("got %v, want ErrNotSealed", err)
	}
}

func testDataKeyIsKeptOnceAndDestroyedForGood(t *testing.T, client redis.UniversalClient) {
	k := planstore.NewDataKeys(client)
	keep := func(person, key, want string) {
		t.Helper()
		if kept, err := k.KeepDataKeys("kurobe", []string{"P-0", person}, [][]byte{[]byte("zero"), []byte(key)}); err != nil || string(kept[0]) != "zero" || string(kept[1]) != want {
			t.Errorf("keep: %q, %v, want %q", kept, err, want)
		}
	}
	keep("P-1", "first", "first")
	keep("P-1", "second", "first")
	keep("P-2", "other", "other")
	if err := k.DestroyDataKey("kurobe", "P-2"); err != nil {
		t.Fatal(err)
	}
	keep("P-2", "again", "")
	got, err := k.DataKeys("kurobe", []string{"P-1", "P-2", "P-3"})
	if want := [][]byte{[]byte("first"), {}, nil}; err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("keys %q, %v, want %q", got, err, want)
	}
	for _, area := range []string{"", "a}b"} {
		if _, err := k.KeepDataKeys(area, []string{"P-1"}, [][]byte{nil}); !errors.Is(err, dispatch.ErrInvalid) {
			t.Errorf("area %q: %v, want ErrInvalid", area, err)
		}
	}
}

// TestDestroyedKeyLeavesTheDiskToo looks for the wrapped key in the append-only files.
func TestDestroyedKeyLeavesTheDiskToo(t *testing.T) {
	server := redistest.New(t)
	k := planstore.NewDataKeys(onSocket(t, server.Socket))
	const wrapped = "wrapped key of somebody"
	if _, err := k.KeepDataKeys("kurobe", []string{"P-1"}, [][]byte{[]byte(wrapped)}); err != nil {
		t.Fatal(err)
	}
	onDisk := func() bool {
		files, _ := filepath.Glob(filepath.Join(server.Dir, "appendonlydir", "*"))
		for _, name := range files {
			if raw, err := os.ReadFile(name); err == nil && strings.Contains(string(raw), wrapped) {
				return true
			}
		}
		return false
	}
	if err := k.DestroyDataKey("kurobe", "P-1"); err != nil || !onDisk() {
		t.Fatalf("%v; the key is on the disk: %v", err, onDisk())
	}
	if err := k.ForgetHistory(t.Context()); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(patience); onDisk(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the destroyed key is still on the disk")
		}
	}
}
