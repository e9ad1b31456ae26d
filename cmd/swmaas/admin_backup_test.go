package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	swmaasv1 "github.com/swmaas/swmaas/api/gen/swmaas/v1"
	"github.com/swmaas/swmaas/dispatch/sim/town"
)

// keyURL makes a key that wraps others and returns its URL.
func keyURL(t *testing.T, digits string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(path, []byte(strings.Repeat(digits, 32)), 0o600); err != nil {
		t.Fatal(err)
	}
	return "file://" + path
}

// TestABackupIsRehearsed takes a backup of an engine that runs, on its private Redis, goes on booking, destroys everything, restores,
// and compares: rides as they were at the backup, readable, and the tokens of before still good.
func TestABackupIsRehearsed(t *testing.T) {
	tn, err := town.Generate(townSeed)
	if err != nil {
		t.Fatal(err)
	}
	data, key := filepath.Join(t.TempDir(), "data"), keyURL(t, "c3")
	file := filepath.Join(t.TempDir(), "town.swmaas-backup")
	serve := []string{"--data", data, "--town", "kurobe", "--listen", "127.0.0.1:0"}
	addresses, stop := startServe(t, serve...)
	c := dial(t, addresses["grpc"], data)
	book := func(n int) {
		t.Helper()
		person := secretPerson(n, tn.Calls[n].Pickup.At)
		if person.ID = tn.Calls[n].Rider; !c.bookFor(t, person, tn.Calls[n].Dropoff.At) {
			t.Fatalf("ride %d is not booked", n)
		}
	}
	list := func(c *caller) *swmaasv1.ListRidesResponse {
		t.Helper()
		rides, err := c.booking.ListRides(c.ctx, &swmaasv1.ListRidesRequest{Area: "kurobe", ServiceDate: c.day})
		if err != nil {
			t.Fatal(err)
		}
		for _, ride := range rides.GetRides() { // improvement of a running service may move what was not promised
			ride.Version, ride.PlannedPickup, ride.PlannedArrival, ride.ShiftId, ride.VehicleId = 0, nil, nil, "", ""
			ride.PredictedPickup, ride.PredictedArrival = nil, nil
		}
		return rides
	}
	book(1)
	book(2)
	want := list(c)
	code, _, message := runMain(t, "admin", "backup", "--data", data, "--backup-key", key, "-o", file)
	if code != exitDone {
		t.Fatal(message)
	}
	book(3)
	stop()
	if err := os.RemoveAll(data); err != nil {
		t.Fatal(err)
	}
	restore := func(args ...string) (int, string) {
		code, _, message := runMain(t, append([]string{"admin", "restore", file, "--data", data}, args...)...)
		return code, message
	}
	if code, message := restore("--backup-key", keyURL(t, "d4")); code != exitFailed || !strings.Contains(message, "another key") {
		t.Errorf("with another key: exit %d, %s", code, message)
	}
	if entries, _ := os.ReadDir(data); len(entries) > 0 {
		t.Errorf("a restore that failed has left %v", entries)
	}
	if code, message := restore("--backup-key", key); code != exitDone {
		t.Fatalf("restore: exit %d, %s", code, message)
	}
	if code, message := restore("--backup-key", key); code != exitUsage || !strings.Contains(message, "not empty") {
		t.Errorf("over what is there: exit %d, %s", code, message)
	}
	addresses, stop = startServe(t, serve...)
	again := dial(t, addresses["grpc"], data)
	again.ctx, again.day = c.ctx, c.day // the token of before the disaster
	if got := list(again); !proto.Equal(got, want) {
		t.Errorf("after the restore %v\nwant %v", got, want)
	}
	if got := want.GetRides()[0].GetPickup().GetLabel(); got == "" {
		t.Error("nothing personal is there: the test shows little")
	}
	stop()
	if code, out, message := runMain(t, "admin", "rebuild", "--data", data, "--area", "kurobe", "--day", c.day); code != exitDone {
		t.Errorf("the restored day is not what its events say: %s%s", out, message)
	}
}

func TestABackupTellsNothingWithoutItsKeysAndIsCheckedBeforeItIsUsed(t *testing.T) {
	tn, err := town.Generate(townSeed)
	if err != nil {
		t.Fatal(err)
	}
	data, key := filepath.Join(t.TempDir(), "data"), keyURL(t, "e5")
	file := filepath.Join(t.TempDir(), "town.swmaas-backup")
	addresses, stop := startServe(t, "--data", data, "--town", "kurobe", "--listen", "127.0.0.1:0")
	c := dial(t, addresses["grpc"], data)
	person := secretPerson(1, tn.Calls[1].Pickup.At)
	person.ID = tn.Calls[1].Rider
	if !c.bookFor(t, person, tn.Calls[1].Dropoff.At) {
		t.Fatal("no ride: the test shows nothing")
	}
	if code, _, message := runMain(t, "admin", "backup", "--data", data, "-o", file); code != exitUsage || !strings.Contains(message, "--backup-key") {
		t.Errorf("keys in the clear: exit %d, %s", code, message)
	}
	if code, _, message := runMain(t, "admin", "backup", "--data", data, "-o", file, "--backup-key", key); code != exitDone {
		t.Fatal(message)
	}
	stop()
	work := t.TempDir()
	if _, err := unpack(file, work); err != nil {
		t.Fatal(err)
	}
	secret, err := os.ReadFile(filepath.Join(data, "seal", "kurobe.keys"))
	if err != nil {
		t.Fatal(err)
	}
	parts, _ := filepath.Glob(filepath.Join(work, "*"))
	if len(parts) != 2 {
		t.Fatalf("parts %q, want keys and a snapshot", parts)
	}
	for _, part := range parts {
		text, err := os.ReadFile(part)
		if err != nil || len(text) == 0 {
			t.Fatal(part, err)
		}
		for _, s := range append(secretsOf(person), string(secret[20:200]), "PRIVATE KEY") {
			if bytes.Contains(text, []byte(s)) {
				t.Errorf("%q is readable in %s", s, filepath.Base(part))
			}
		}
	}
	whole, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(file)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	for name, text := range map[string][]byte{
		"cut off": whole[:len(whole)*2/3], "no backup": []byte("hello"), "a bit turned": flipped(whole, len(whole)/2),
	} {
		broken, target := filepath.Join(t.TempDir(), "b"), filepath.Join(t.TempDir(), "new")
		if err := os.WriteFile(broken, text, 0o600); err != nil {
			t.Fatal(err)
		}
		code, _, message := runMain(t, "admin", "restore", broken, "--data", target, "--backup-key", key)
		if _, err := os.Stat(target); code != exitFailed || err == nil {
			t.Errorf("%s: exit %d, %s; something was made: %v", name, code, message, err == nil)
		}
	}
	found, _ := examine(t, exitDone, "--data", data, "--only", "backup")
	if found["backup"].Status != "ok" {
		t.Errorf("the doctor does not know of the backup: %+v", found["backup"])
	}
	old := time.Now().Add(-10 * 24 * time.Hour)
	if err := os.Chtimes(filepath.Join(data, backupStamp), old, old); err != nil {
		t.Fatal(err)
	}
	if found, _ := examine(t, exitDone, "--data", data, "--only", "backup"); found["backup"].Status != "warn" {
		t.Errorf("a backup of ten days ago: %+v", found["backup"])
	}
}

func flipped(text []byte, at int) []byte {
	out := bytes.Clone(text)
	out[at] ^= 0x10
	return out
}
