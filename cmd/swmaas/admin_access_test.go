package main

import (
	"encoding/csv"
	"path/filepath"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"

	swmaasv1 "github.com/swmaas/swmaas/api/gen/swmaas/v1"
	"github.com/swmaas/swmaas/dispatch/sim/town"
	"github.com/swmaas/swmaas/testdata/redistest"
)

// accessTable runs admin access and returns its lines without the header, newest first.
func accessTable(t *testing.T, args ...string) [][]string {
	t.Helper()
	code, out, message := runMain(t, append([]string{"admin", "access", "--area", "kurobe"}, args...)...)
	if code != exitDone {
		t.Fatalf("exit %d: %s", code, message)
	}
	rows, err := csv.NewReader(strings.NewReader(out)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return rows[1:]
}

// TestWhoSawAPersonIsToldAlsoAfterTheirErasure reads a ride through the service, exports the person, erases them, and asks
// each time.
func TestWhoSawAPersonIsToldAlsoAfterTheirErasure(t *testing.T) {
	tn, err := town.Generate(townSeed)
	if err != nil {
		t.Fatal(err)
	}
	server, data := redistest.New(t), t.TempDir()
	store := []string{"--data", data, "--redis", "unix://" + server.Socket}
	addresses, stop := startServe(t, append([]string{"--town", "kurobe", "--listen", "127.0.0.1:0"}, store...)...)
	c := dial(t, addresses["grpc"], data)
	person := secretPerson(1, tn.Calls[1].Pickup.At)
	rider := string(tn.Calls[1].Rider)
	person.ID = tn.Calls[1].Rider
	if !c.bookFor(t, person, tn.Calls[1].Dropoff.At) {
		t.Fatal("no ride: the test shows nothing")
	}
	rides, err := c.booking.ListRides(c.ctx, &swmaasv1.ListRidesRequest{Area: "kurobe", ServiceDate: c.day})
	if err != nil || len(rides.GetRides()) != 1 {
		t.Fatal(rides, err)
	}
	ask := append([]string{"--rider", rider}, store...)
	rows := accessTable(t, ask...)
	if len(rows) != 2 || rows[0][3] != "Booking/ListRides" || rows[1][3] != "Booking/Book" || rows[0][2] != "operator" || rows[0][5] != "0" {
		t.Fatalf("looks %q, want one of ListRides and one of Book", rows)
	}
	export := filepath.Join(t.TempDir(), "rides.csv")
	if code, _, message := runMain(t, append([]string{"admin", "export", "--area", "kurobe", "--rider", rider, "--rides", export}, store...)...); code != exitDone {
		t.Fatal(message)
	}
	all := filepath.Join(t.TempDir(), "riders.csv")
	if code, _, message := runMain(t, append([]string{"admin", "export", "--area", "kurobe", "--riders", all}, store...)...); code != exitDone {
		t.Fatal(message)
	}
	if code, _, message := runMain(t, append([]string{"admin", "erase", "--area", "kurobe", "--rider", rider, "--yes"}, store...)...); code != exitDone {
		t.Fatal(message)
	}
	client := redis.NewClient(&redis.Options{Network: "unix", Addr: server.Socket})
	defer func() { _ = client.Close() }()
	if cells := client.Keys(t.Context(), "dsp:{kurobe}:*:cells:*").Val(); len(cells) > 0 {
		t.Errorf("where the erased person's ride was to go is still told by %q", cells)
	}
	rows = accessTable(t, ask...)
	if len(rows) != 4 || rows[0][1] != exportActor || rows[0][5] != "everybody" || rows[1][1] != exportActor || rows[1][4] != "rides" {
		t.Errorf("looks after export and erasure %q", rows)
	}
	if rows := accessTable(t, append(ask, "--since", "2999-01-01")...); len(rows) != 0 {
		t.Errorf("looks from a day that is to come: %q", rows)
	}
	if code, _, _ := runMain(t, append(append([]string{"admin", "access", "--area", "kurobe"}, ask...), "--since", "gestern")...); code != exitUsage {
		t.Errorf("a date that is none: exit %d", code)
	}
	stop()
}
