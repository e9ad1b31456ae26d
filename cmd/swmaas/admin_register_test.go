package main

import (
	"bytes"
	"encoding/csv"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/dispatch/dayfile"
	"github.com/swmaas/swmaas/dispatch/sim/town"
)

// townFile writes the demo town's register to a file.
func townFile(t *testing.T, riders []*dispatch.Rider) (name, text string) {
	t.Helper()
	var b bytes.Buffer
	if err := dayfile.WriteRiders(&b, riders); err != nil {
		t.Fatal(err)
	}
	name = filepath.Join(t.TempDir(), "riders.csv")
	if err := os.WriteFile(name, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return name, b.String()
}

// mustRun runs a command that must end with a code, and returns what it printed on both streams.
func mustRun(t *testing.T, want int, args ...string) string {
	t.Helper()
	code, out, errOut := runMain(t, args...)
	if code != want {
		t.Fatalf("swmaas %s: exit %d, want %d\n%s%s", strings.Join(args, " "), code, want, out, errOut)
	}
	if out != "" {
		t.Errorf("swmaas %s: %q on standard output", strings.Join(args, " "), out)
	}
	return errOut
}

func read(t *testing.T, name string) string {
	t.Helper()
	raw, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

func TestRegisterIsImportedExportedAndErased(t *testing.T) {
	if testing.Short() {
		t.Skip("starts redis-server for every command")
	}
	tn, err := town.Generate(2)
	if err != nil {
		t.Fatal(err)
	}
	riders := tn.Register()
	file, text := townFile(t, riders)
	dir := t.TempDir()
	data, out := filepath.Join(dir, "data"), filepath.Join(dir, "out.csv")
	in := func(args ...string) []string {
		return append([]string{"admin", args[0], "--area", "kurobe", "--data", data}, args[1:]...)
	}

	mustRun(t, exitUsage, in("export", "--riders", out)...) // there is no installation yet
	mustRun(t, exitUsage, in("import")...)
	if said := mustRun(t, exitDone, in("import", "--riders", file, "--dry-run")...); !strings.Contains(said, "420 riders would be taken, 420 of them new") {
		t.Errorf("dry run: %s", said)
	}
	mustRun(t, exitDone, in("export", "--riders", out)...)
	if got := read(t, out); strings.Count(got, "\n") != 1 {
		t.Errorf("the dry run has written: %d lines", strings.Count(got, "\n"))
	}
	mustRun(t, exitDone, in("import", "--riders", file)...)
	mustRun(t, exitDone, in("export", "--riders", out)...)
	if read(t, out) != text {
		t.Error("what was imported is not what is exported")
	}
	if info, err := os.Stat(out); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v, want readable by its owner only", info.Mode(), err)
	}
	mustRun(t, exitUsage, in("export", "--riders", "-")...)

	mustRun(t, exitUsage, in("erase", "--rider", "R-0007")...)
	mustRun(t, exitUsage, in("erase", "--rider", "R-9999", "--yes")...)
	mustRun(t, exitDone, in("erase", "--rider", "R-0007", "--yes")...)
	log, person, rides := filepath.Join(dir, "log.csv"), filepath.Join(dir, "person.csv"), filepath.Join(dir, "rides.csv")
	mustRun(t, exitFailed, in("export", "--riders", person, "--rider", "R-0007")...)
	mustRun(t, exitUsage, in("import", "--riders", file)...) // nobody erased comes back with an old file
	mustRun(t, exitDone, in("export", "--riders", person, "--rider", "R-0008", "--rides", rides, "--log", log)...)
	if got := read(t, person); strings.Count(got, "\n") != 2 || !strings.Contains(got, "利用者 0008") {
		t.Errorf("export of a person: %q", got)
	}
	if got := read(t, log); strings.Count(got, "\n") != 2 || !strings.Contains(got, "admin import,rider_added,R-0008,Name Kana") {
		t.Errorf("log of a person: %q", got)
	}
	unreadable(t, data, riders)
}

// unreadable looks for every name, number and address in every file of a data folder.
func unreadable(t *testing.T, data string, riders []*dispatch.Rider) {
	t.Helper()
	looked := 0
	err := filepath.WalkDir(data, func(name string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		text := read(t, name)
		if strings.Contains(text, "R-0008") {
			looked++
		}
		for _, r := range riders {
			for _, secret := range []string{r.Name, r.Kana, r.Phones[0], dispatch.ReadablePhone(r.Phones[0]), r.Home.Label, r.Home.Address} {
				if strings.Contains(text, secret) {
					t.Errorf("%s: %q is readable", name, secret)
				}
			}
		}
		return nil
	})
	if err != nil || looked == 0 {
		t.Errorf("%v; %d files with riders looked at", err, looked)
	}
}

func TestLinesThatAreNotTakenAreReported(t *testing.T) {
	if testing.Short() {
		t.Skip("starts redis-server for every command")
	}
	dir := t.TempDir()
	data, out := filepath.Join(dir, "data"), filepath.Join(dir, "out.csv")
	write := func(name, text string) string {
		name = filepath.Join(dir, name)
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return name
	}
	in := func(args ...string) []string {
		return append([]string{"admin", args[0], "--area", "kurobe", "--data", data}, args[1:]...)
	}
	riders := write("r.csv", "利用者番号,氏名,電話番号\nR-1,秘密の名,0765-99-0001\nR-2,,0765-99-0002\nR-3,秘密の名,番号\n")
	faults := filepath.Join(dir, "faults.csv")
	said := mustRun(t, exitUsage, in("import", "--riders", riders, "--rejected", faults)...)
	for _, want := range []string{"1 riders taken, 1 of them new", "line 3, column 氏名", "line 4, column 電話番号", "2 faults"} {
		if !strings.Contains(said, want) {
			t.Errorf("%q is not said in: %s", want, said)
		}
	}
	if strings.Contains(said, "秘密") {
		t.Errorf("a name is in the report: %s", said)
	}
	if rows, err := csv.NewReader(strings.NewReader(read(t, faults))).ReadAll(); err != nil || len(rows) != 3 {
		t.Errorf("%v, %v", rows, err)
	}
	mustRun(t, exitUsage, in("import", "--riders", write("bad.csv", "番号\n1\n"))...)
	mustRun(t, exitUsage, in("import", "--places", write("p.csv", "place,name,lat,lng\na,駅,36.8,137.4\nb,駅,0,0\n"))...)
	mustRun(t, exitDone, in("export", "--places", out)...)
	if got := read(t, out); strings.Count(got, "\n") != 1 {
		t.Errorf("places with a fault among them were taken: %q", got)
	}
	mustRun(t, exitDone, in("import", "--places", write("p.csv", "place,name,lat,lng\na,駅,36.8,137.4\n"))...)
	mustRun(t, exitDone, in("export", "--places", out)...)
	if got := read(t, out); !strings.Contains(got, "a,駅,,目印,,36.8,137.4") {
		t.Errorf("places: %q", got)
	}
}

func TestServedTownHasARegister(t *testing.T) {
	if testing.Short() {
		t.Skip("starts the service")
	}
	data := t.TempDir()
	_, stop := startServe(t, "--data", data, "--town", "kurobe", "--listen", "127.0.0.1:0")
	out := filepath.Join(t.TempDir(), "out.csv")
	mustRun(t, exitDone, "admin", "export", "--area", "kurobe", "--data", data, "--riders", out) // beside the service
	stop()
	riders, rejected, err := dayfile.ReadRiders(strings.NewReader(read(t, out)), out, "kurobe", nil)
	if err != nil || len(rejected) > 0 || len(riders) != 420 || !slices.IsSortedFunc(riders, func(a, b *dispatch.Rider) int { return strings.Compare(string(a.ID), string(b.ID)) }) {
		t.Errorf("%d riders, %v, %v", len(riders), rejected, err)
	}
}

func TestInterruptedExportLeavesTheFileThatWasThere(t *testing.T) {
	name := filepath.Join(t.TempDir(), "out.csv")
	if err := os.WriteFile(name, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	err := newPrivateFile(name, func(w io.Writer) error {
		_, _ = io.WriteString(w, "half")
		return io.ErrUnexpectedEOF
	})
	if err == nil || read(t, name) != "old" {
		t.Errorf("%v, %q", err, read(t, name))
	}
	if left, err := filepath.Glob(filepath.Join(filepath.Dir(name), ".swmaas-*")); err != nil || len(left) > 0 {
		t.Errorf("left over: %v, %v", left, err)
	}
}
