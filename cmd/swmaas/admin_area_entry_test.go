package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/dispatch/sim/town"
)

// entryOf is the stored entry of an area of an installation that does not run, nil where there is none.
func entryOf(t *testing.T, data string, area dispatch.AreaID) (entry *dispatch.Area) {
	t.Helper()
	plans, closer, err := openPlans(t.Context(), data, "", keyFlags{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := closer(context.WithoutCancel(t.Context())); err != nil {
			t.Error(err)
		}
	}()
	entry, err = plans.Area(t.Context(), area)
	if err != nil && !errors.Is(err, dispatch.ErrNotFound) {
		t.Fatal(err)
	}
	return entry
}

// twoFacilities are answers with the roads of the demo town, the second of whose first two facilities is the office; head are further lines.
func twoFacilities(t *testing.T, graph, head string) (file string, office dispatch.Area) {
	t.Helper()
	demo, err := town.Generate(townSeed)
	if err != nil {
		t.Fatal(err)
	}
	a, b := demo.Fleet.Facilities[0].At, demo.Fleet.Facilities[1].At
	text := "area: sapporo\n" + head + "graph: " + graph + "\nfacilities:\n" + fmt.Sprintf(
		"  - {id: F-01, name: A, phone: 0765-54-0101, at: \"%v\", vehicles: [{id: V-01, seats: 4, driver: D-1, days: mon-fri, from: \"9:00\", to: \"16:00\"}]}\n"+
			"  - {id: F-02, name: B, phone: 0765-54-0202, office: true, at: \"%v\", vehicles: []}\n", a, b)
	file = filepath.Join(t.TempDir(), "town.yaml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	office = dispatch.Area{Office: b, OfficePhone: "+81765540202"}
	office.SouthWest.Lat, office.SouthWest.Lng = min(a.Lat, b.Lat)-0.1, min(a.Lng, b.Lng)-0.1
	office.NorthEast.Lat, office.NorthEast.Lng = max(a.Lat, b.Lat)+0.1, max(a.Lng, b.Lng)+0.1
	return file, office
}

func TestANewTownIsEnteredWithTheNumberOfItsOffice(t *testing.T) {
	graph, _ := townGraph(t)
	data := filepath.Join(t.TempDir(), "data")
	file, want := twoFacilities(t, graph, "name: 札幌市\nmunicipality: 011002\n") // a code that YAML may take for a number
	setUp := func(file string, more ...string) string {
		t.Helper()
		code, out, message := runMain(t, append([]string{"admin", "area", "new", "--data", data, "--file", file, "--lang", "en"}, more...)...)
		if code != exitDone {
			t.Fatalf("exit %d\n%s\n%s", code, out, message)
		}
		return out
	}
	if out := setUp(file); strings.Contains(out, "missing") || strings.Contains(out, "already") {
		t.Errorf("something is said to be left out:\n%s", out)
	}
	got := entryOf(t, data, "sapporo")
	if got == nil || got.Version != 1 || got.Name != "札幌市" || got.Municipality != "011002" || got.By != entryAuthor || got.At.IsZero() {
		t.Fatalf("the entry is %+v", got)
	}
	if near := func(x, y float64) bool { return max(x-y, y-x) < 1e-5 }; got.OfficePhone != want.OfficePhone || !near(got.Office.Lat, want.Office.Lat) || !near(got.Office.Lng, want.Office.Lng) ||
		!near(got.SouthWest.Lat, want.SouthWest.Lat) || !near(got.SouthWest.Lng, want.SouthWest.Lng) || !near(got.NorthEast.Lat, want.NorthEast.Lat) || !near(got.NorthEast.Lng, want.NorthEast.Lng) {
		t.Errorf("the office is at %+v, want %+v", got, want)
	}
	renamed, _ := twoFacilities(t, graph, "name: 札幌市北区\nmunicipality: \"011002\"\n")
	setUp(renamed, "--replace")
	if got = entryOf(t, data, "sapporo"); got == nil || got.Version != 2 || got.Name != "札幌市北区" {
		t.Errorf("replaced, the entry is %+v", got)
	}
	less, _ := twoFacilities(t, graph, "name: 札幌市\n")
	if out := setUp(less, "--replace"); !strings.Contains(out, "stays entered as 札幌市北区 (missing: the code of its municipality (municipality))") || !strings.Contains(out, "Admin.UpdateArea") {
		t.Errorf("replaced by less:\n%s", out)
	}
	if still := entryOf(t, data, "sapporo"); still == nil || *still != *got {
		t.Errorf("replaced by less, the entry is %+v, was %+v", still, got)
	}
}

func TestANewTownWithoutNameOrCodeIsSetUpAndSaysWhatItsEntryLacks(t *testing.T) {
	graph, at := townGraph(t)
	data, file := filepath.Join(t.TempDir(), "data"), filepath.Join(t.TempDir(), "town.yaml")
	write := func(head, phone string) {
		t.Helper()
		text := "area: uozu\n" + head + "graph: " + graph + "\nfacilities:\n  - {id: F-01, name: A, " + phone + "at: \"" + at +
			"\", vehicles: [{id: V-01, seats: 4, driver: D-1, days: mon-fri, from: \"9:00\", to: \"16:00\"}]}\n"
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		head, phone, lang string
		want, not         []string
	}{
		{"", "", "en", []string{"the town's name", "the code of its municipality", "facility F-01", "--replace", "Admin.CreateArea"}, nil},
		{"name: 魚津市\n", "phone: 0765-54-0101, ", "ja", []string{"未登録", "全国地方公共団体コード(municipality)がありません", "Admin.CreateArea"}, []string{"町の名前", "電話番号(phone)"}},
		{"municipality: 162043\n", "phone: 0765-54-0101, ", "en", []string{"missing: the town's name (name))"}, nil},
		{"name: 魚津市\nmunicipality: 162043\n", "", "ja", []string{"施設 F-01 の電話番号(phone)がありません"}, []string{"町の名前"}},
	} {
		write(c.head, c.phone)
		code, out, message := runMain(t, "admin", "area", "new", "--data", data, "--file", file, "--lang", c.lang, "--replace")
		if code != exitDone {
			t.Fatalf("%q: exit %d\n%s\n%s", c.head, code, out, message)
		}
		for _, part := range c.want {
			if !strings.Contains(out, part) {
				t.Errorf("%q: nothing says %q:\n%s", c.head, part, out)
			}
		}
		for _, part := range c.not {
			if strings.Contains(out, part) {
				t.Errorf("%q: it says %q:\n%s", c.head, part, out)
			}
		}
		if got := entryOf(t, data, "uozu"); got != nil {
			t.Errorf("%q: there is an entry %+v", c.head, got)
		}
	}
	write("name: 魚津市\nmunicipality: 162043\n", "phone: 0765-54-0101, ")
	if code, out, message := runMain(t, "admin", "area", "new", "--data", data, "--file", file, "--replace"); code != exitDone {
		t.Fatalf("with all that it needs: exit %d\n%s\n%s", code, out, message)
	}
	if got := entryOf(t, data, "uozu"); got == nil || got.Version != 1 || got.OfficePhone != "+81765540101" {
		t.Errorf("with all that it needs, the entry is %+v", got)
	}
}

func TestAnEntryThatIsThereBeforeTheFleetStaysUnlessReplaced(t *testing.T) {
	graph, _ := townGraph(t)
	data := filepath.Join(t.TempDir(), "data")
	file, _ := twoFacilities(t, graph, "name: 札幌市\nmunicipality: 011002\n")
	if code, out, message := runMain(t, "admin", "area", "new", "--data", data, "--file", file); code != exitDone {
		t.Fatalf("exit %d\n%s\n%s", code, out, message)
	}
	plans, closer, err := openPlans(t.Context(), data, "", keyFlags{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = closer(context.WithoutCancel(t.Context())) }()
	was, err := plans.Area(t.Context(), "sapporo")
	if err != nil {
		t.Fatal(err)
	}
	other := *was
	other.Name = "石狩市"
	note, err := (&checkedTown{entry: &other}).enter(t.Context(), plans, false)
	if err != nil || !strings.Contains(note.en, "sapporo is entered as 札幌市 already") || !strings.Contains(note.ja, "--replace") {
		t.Errorf("over an entry: %+v, %v", note, err)
	}
	if got, err := plans.Area(t.Context(), "sapporo"); err != nil || *got != *was {
		t.Errorf("it was %+v, is %+v, %v", was, got, err)
	}
}
