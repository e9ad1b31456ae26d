package main

import (
	"context"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/dispatch/planstore"
	"github.com/swmaas/swmaas/dispatch/sim/town"
	"github.com/swmaas/swmaas/vehicles"
)

// townEngine is an engine of the demo town on a store that keeps nothing.
func townEngine(t *testing.T, now func() time.Time) (*engine, *town.Town) {
	t.Helper()
	demo, err := town.Generate(townSeed)
	if err != nil {
		t.Fatal(err)
	}
	e, err := startEngine(t.Context(), engineConfig{data: t.TempDir(), memory: true, graph: demo.Graph, now: now, log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.close(context.WithoutCancel(t.Context())) })
	if err := e.settle(t.Context(), demo); err != nil {
		t.Fatal(err)
	}
	return e, demo
}

// bookedRide puts a ride of a registered rider into a day, planned on a shift of that day.
func bookedRide(t *testing.T, plans *planstore.Store, shift vehicles.ShiftID, rider *dispatch.Rider, day dispatch.Day) {
	t.Helper()
	ride := &dispatch.Ride{
		ID: dispatch.RideID(day) + ".1", Area: town.Area, Day: day, Rider: rider.ID, Version: 1, State: dispatch.Booked, Party: rider.Party(),
		Pickup: rider.Home.Place(), Dropoff: dispatch.Place{Label: "市民病院", At: rider.Home.Place().At},
		Promise: dispatch.Promise{Pickup: dispatch.Window{Earliest: 36000, Latest: 37200}, MaxRide: 3600},
	}
	route := &dispatch.Route{Shift: shift, Version: 1, Stops: []dispatch.Stop{
		{StopID: dispatch.StopID{Ride: ride.ID, Kind: dispatch.PickupStop}, LeaveBy: 35000, Arrive: 36000, Begin: 36000, Depart: 36060},
		{StopID: dispatch.StopID{Ride: ride.ID, Kind: dispatch.DropoffStop}, LeaveBy: 36060, Arrive: 37000, Begin: 37000, Depart: 37060},
	}}
	_, err := plans.Commit(t.Context(), &dispatch.Commit{
		Area: town.Area, Day: day, Rides: []dispatch.RideChange{{After: ride}}, Routes: []*dispatch.Route{route},
		Events: []dispatch.Event{{Kind: dispatch.RideBooked, Ride: ride.ID, Shift: shift, After: "booked"}},
	})
	if err != nil {
		t.Fatal(err)
	}
}

// firstShift is a shift of the day as the plan names it, and its driver.
func firstShift(t *testing.T, e *engine, day dispatch.Day) vehicles.Shift {
	t.Helper()
	shifts, err := e.desk.Shifts(t.Context(), town.Area, day)
	if err != nil || len(shifts) == 0 {
		t.Fatal(len(shifts), err)
	}
	return shifts[0]
}

// sheetsIn reads every file of a folder and checks that nobody but its owner may read it.
func sheetsIn(t *testing.T, dir string) map[string]string {
	t.Helper()
	found := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil || info.Mode().Perm()&0o077 != 0 && path != dir {
			t.Errorf("%s: mode %v, %v", path, info.Mode(), err)
		}
		if !d.IsDir() {
			found[strings.TrimPrefix(path, dir+"/")] = read(t, path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func TestTheNextDayIsPrintedEveryEvening(t *testing.T) {
	var clock atomic.Int64
	clock.Store(time.Date(2026, 1, 19, 8, 59, 0, 0, time.UTC).Unix()) // Monday, 17:59 in Japan
	now := func() time.Time { return time.Unix(clock.Load(), 0) }
	e, demo := townEngine(t, now)
	rider := demo.Register()[4]
	const tuesday = dispatch.Day("2026-01-20")
	shift := firstShift(t, e, tuesday)
	bookedRide(t, e.plans, shift.ID, rider, tuesday)

	dir := t.TempDir()
	old := filepath.Join(dir, "kurobe", "2026-01-11")
	if err := os.MkdirAll(old, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"driver-D-1.html", "notes.txt"} {
		if err := os.WriteFile(filepath.Join(old, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	ctx, stop := context.WithCancel(t.Context())
	tick := make(chan time.Time)
	var loop sync.WaitGroup
	c := servePrint{PrintDir: dir, PrintAt: "18:00", PrintKeep: 7}
	loop.Go(func() { e.printDays(ctx, c, 18*3600, now, tick, slog.New(slog.DiscardHandler)) })
	tick <- time.Time{}
	tick <- time.Time{}
	if n := len(sheetsIn(t, dir)); n != 2 {
		t.Errorf("%d files at 17:59, want the 2 that were there", n)
	}
	clock.Add(60)
	tick <- time.Time{}
	tick <- time.Time{} // the loop is done with the one before
	found := sheetsIn(t, dir)
	driver := "kurobe/2026-01-20/driver-" + string(shift.Driver) + ".html"
	if text := found[driver]; !strings.Contains(text, rider.Name) || !strings.Contains(text, "10:00") {
		t.Errorf("%s says nothing of the ride; there are %d files", driver, len(found))
	}
	if !strings.Contains(found["kurobe/2026-01-20/calls.html"], "明日のご乗車の確認です") || !strings.Contains(found["kurobe/2026-01-20/office.html"], rider.Name) {
		t.Error("office or call list lacks the rider")
	}
	for name := range found {
		if strings.Contains(name, "利用者") || strings.Contains(name, string(rider.ID)) {
			t.Errorf("%s tells of a person", name)
		}
	}
	if _, there := found["kurobe/2026-01-11/driver-D-1.html"]; there {
		t.Error("sheets of a day long past are still there")
	}
	if _, there := found["kurobe/2026-01-11/notes.txt"]; !there {
		t.Error("somebody else's file was removed")
	}
	looks, _, err := e.accesses.Accesses(t.Context(), town.Area, dispatch.AccessQuery{Rider: rider.ID, Limit: 9, Scan: 100})
	if err != nil || len(looks) != 1 || looks[0].Method != "engine" {
		t.Errorf("access log: %+v, %v; want the printing once", looks, err)
	}
	reminders, err := e.desk.Tells(t.Context(), town.Area, tuesday, dispatch.TellFilter{Reason: dispatch.TellEvening})
	if err != nil || len(reminders) != 1 {
		t.Errorf("%d reminders, %v; want one, so that the call can be noted", len(reminders), err)
	}
	stop()
	loop.Wait()
}

func TestSheetsOfThoseWhoAreAwayNowAreRemoved(t *testing.T) {
	now := func() time.Time { return time.Date(2026, 1, 19, 9, 0, 0, 0, time.UTC) }
	e, _ := townEngine(t, now)
	p := &sheetPrinter{desk: e.desk, riders: e.riders, places: e.places, accesses: e.accesses, actor: printActor}
	day, dir := dispatch.AreaDay{Area: town.Area, Day: "2026-01-20"}, t.TempDir()
	first, err := p.print(t.Context(), day, dir, "")
	if err != nil {
		t.Fatal(err)
	}
	stray := []string{"driver-X%2F9.html", "facility-gone.html", "office.html.bak", "driver.html", "list-1.html"}
	for _, name := range stray {
		if err := os.WriteFile(filepath.Join(first.dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := p.print(t.Context(), day, dir, "driver"); err != nil {
		t.Fatal(err)
	}
	found := sheetsIn(t, first.dir)
	for name, want := range map[string]bool{stray[0]: false, stray[1]: true, stray[2]: true, stray[3]: true, stray[4]: true, "office.html": true} {
		if _, there := found[name]; there != want {
			t.Errorf("%s is there: %v, want %v", name, there, want)
		}
	}
}

func TestIdsAreSafeInFileNames(t *testing.T) {
	seen := map[string]string{}
	for _, id := range []string{"D-01", "../../etc/passwd", "..", ".", "a/b", "a%2Fb", "運転者", strings.Repeat("あ", 200), strings.Repeat("い", 200), "a b"} {
		name := fileID(id)
		if name != filepath.Base(name) || strings.HasPrefix(name, ".") || len(name) > longFileID || seen[name] != "" {
			t.Errorf("%q is %q (also of %q)", id, name, seen[name])
		}
		seen[name] = id
		if sheetKind("driver-"+name+".html") != "driver" {
			t.Errorf("driver-%s.html is not known again", name)
		}
	}
}

func TestADayIsPrintedFromTheStoresAlone(t *testing.T) {
	if testing.Short() {
		t.Skip("starts redis-server for every command")
	}
	demo, err := town.Generate(townSeed)
	if err != nil {
		t.Fatal(err)
	}
	data, out := filepath.Join(t.TempDir(), "data"), t.TempDir()
	f := storeFlags{Area: string(town.Area), Data: data}
	print := func(args ...string) []string {
		return append([]string{"admin", "print", "--area", "kurobe", "--data", data, "-o", out}, args...)
	}
	mustRun(t, exitUsage, print("--day", "2026-01-20")...) // there is no installation
	s, err := f.openRegister(t.Context(), true)
	if err != nil {
		t.Fatal(err)
	}
	rider := demo.Register()[0]
	if _, err := s.riders.Save(t.Context(), "test", rider); err != nil {
		t.Fatal(err)
	}
	if err := s.fleet.SaveFleet(t.Context(), f.Area, demo.Fleet); err != nil {
		t.Fatal(err)
	}
	if err := s.fleet.SaveCalendar(t.Context(), f.Area, demo.Calendar()); err != nil {
		t.Fatal(err)
	}
	calendar := demo.Calendar()
	calendar.Fleet = demo.Fleet
	shifts, _ := calendar.Shifts("2026-01-20")
	bookedRide(t, s.plans, shifts[0].Split(1800)[0].ID, rider, "2026-01-20")
	if err := s.close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if said := mustRun(t, exitDone, print("--day", "2026-01-20")...); !strings.Contains(said, "sheets of revision 1") {
		t.Errorf("said %q", said)
	}
	found := sheetsIn(t, filepath.Join(out, "kurobe", "2026-01-20"))
	if !strings.Contains(found["driver-"+fileID(string(shifts[0].Driver))+".html"], rider.Name) {
		t.Error("the driver's sheet lacks the rider")
	}
	if said := mustRun(t, exitDone, print("--day", "2026-01-20", "--only", "office")...); !strings.Contains(said, "1 sheets") {
		t.Errorf("said %q", said)
	}
	mustRun(t, exitUsage, print("--day", "tomorrow")...)
	mustRun(t, exitUsage, print("--day", "2026-01-20", "--only", "driver,office")...)
	mustRun(t, exitUsage, "admin", "print", "--area", "elsewhere", "--data", data, "-o", out, "--day", "2026-01-20")
	code, log, _ := runMain(t, "admin", "access", "--area", "kurobe", "--data", data, "--rider", string(rider.ID))
	if code != exitDone || strings.Count(log, printActor) != 4 { // subject and call, of two printings
		t.Errorf("access log: exit %d, %q", code, log)
	}
}

func TestServeRefusesATimeThatIsNone(t *testing.T) {
	for _, flags := range [][]string{{"--print-at", "6pm"}, {"--print-keep", "0"}, {"--print-dir", "/dev/null/x"}} {
		if code, _, errOut := runMain(t, append([]string{"serve", "--data", t.TempDir()}, flags...)...); code != exitUsage {
			t.Errorf("%v: exit %d, want %d: %s", flags, code, exitUsage, errOut)
		}
	}
}
