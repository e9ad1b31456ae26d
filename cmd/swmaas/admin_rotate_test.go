package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	swmaasv1 "github.com/swmaas/swmaas/api/gen/swmaas/v1"
	"github.com/swmaas/swmaas/dispatch/sim/town"
	"github.com/swmaas/swmaas/testdata/redistest"
)

// TestKeysRotateUnderARunningService books before, rotates, books and reads on the same service, drops the old keys, and reads
// again on it and on a service that is started anew.
func TestKeysRotateUnderARunningService(t *testing.T) {
	tn, err := town.Generate(townSeed)
	if err != nil {
		t.Fatal(err)
	}
	server, data := redistest.New(t), t.TempDir()
	key := filepath.Join(t.TempDir(), "master.key")
	if err := os.WriteFile(key, []byte(strings.Repeat("0a", 32)), 0o600); err != nil {
		t.Fatal(err)
	}
	store := []string{"--data", data, "--redis", "unix://" + server.Socket, "--master-key", "file://" + key}
	serve := append([]string{"--town", "kurobe", "--listen", "127.0.0.1:0"}, store...)
	addresses, stop := startServe(t, serve...)
	c := dial(t, addresses["grpc"], data)
	book := func(n int) {
		t.Helper()
		person := secretPerson(n, tn.Calls[n].Pickup.At)
		if person.ID = tn.Calls[n].Rider; !c.bookFor(t, person, tn.Calls[n].Dropoff.At) {
			t.Fatalf("ride %d is not booked", n)
		}
	}
	readable := func(c *caller, want int) {
		t.Helper()
		list, err := c.booking.ListRides(c.ctx, &swmaasv1.ListRidesRequest{Area: "kurobe", ServiceDate: c.day})
		if err != nil || len(list.GetRides()) != want {
			t.Fatalf("%d rides, %v, want %d", len(list.GetRides()), err, want)
		}
		for _, ride := range list.GetRides() {
			if ride.GetPickup().GetLabel() == "" {
				t.Errorf("the ride of %s cannot be read", ride.GetRiderId())
			}
		}
	}
	rotate := func(want int, args ...string) string {
		t.Helper()
		code, _, message := runMain(t, append(append([]string{"admin", "rotate-keys", "--area", "kurobe"}, store...), args...)...)
		if code != want {
			t.Fatalf("rotate-keys %v: exit %d: %s", args, code, message)
		}
		return message
	}
	book(1)
	book(2)
	if message := rotate(exitDone); strings.Contains(message, " 0 persons' keys wrapped") {
		t.Errorf("nothing was moved: %s", message)
	}
	book(3)
	readable(c, 3)
	if message := rotate(exitDone, "--rewrap"); !strings.Contains(message, ": 0 persons' keys wrapped") {
		t.Errorf("the service wrapped a key by the old one: %s", message)
	}
	if message := rotate(exitFailed, "--retire"); !strings.Contains(message, "cannot be dropped yet") {
		t.Errorf("dropped too soon: %s", message)
	}
	past := time.Now().Add(-72 * time.Hour)
	if err := os.Chtimes(filepath.Join(data, "seal", "kurobe.keys"), past, past); err != nil {
		t.Fatal(err)
	}
	rotate(exitDone, "--retire")
	book(4)
	readable(c, 4)
	stop()
	addresses, stop = startServe(t, serve...)
	again := dial(t, addresses["grpc"], data)
	again.day = c.day
	readable(again, 4)
	stop()
	if code, _, message := runMain(t, "serve", "--data", data, "--redis", "unix://"+server.Socket, "--listen", "127.0.0.1:0", "--master-key", "gcp-kms://x"); code != exitUsage || !strings.Contains(message, "it knows file://") {
		t.Errorf("a master key of an unknown kind: exit %d, %s", code, message)
	}
}
