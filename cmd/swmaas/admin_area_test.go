package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"

	swmaasv1 "github.com/swmaas/swmaas/api/gen/swmaas/v1"
	"github.com/swmaas/swmaas/dispatch/sim/town"
)

// townGraph writes the roads of the demo town to a file, and returns it with a place on a road as LAT,LNG.
func townGraph(t *testing.T) (file, at string) {
	t.Helper()
	demo, err := town.Generate(townSeed)
	if err != nil {
		t.Fatal(err)
	}
	file = filepath.Join(t.TempDir(), "roads.graph")
	if err := demo.Graph.WriteFile(file); err != nil {
		t.Fatal(err)
	}
	home := demo.Fleet.Facilities[0].At
	return file, fmt.Sprintf("%f,%f", home.Lat, home.Lng)
}

func TestANewTownIsAskedForAndServed(t *testing.T) {
	graph, at := townGraph(t)
	data, file := filepath.Join(t.TempDir(), "data"), filepath.Join(t.TempDir(), "uozu.yaml")
	answers := strings.Join([]string{
		"Uozu!", "uozu", "Uozu", "魚津市", "16204", "１６２０４３", graph, // the first of each is refused
		"1", "ひまわりデイサービス", "nowhere", at, "54", "０７６５－５４－０１０１", "2",
		"ひまわり1号", "6", "1", "月火水木金", "9:00", "16:00",
		"", "", "", "", "", "", "1",
	}, "\n") + "\n"
	var out, message bytes.Buffer
	args := []string{"admin", "area", "new", "--data", data, "--write-file", file, "--lang", "ja"}
	if code := Main(args, strings.NewReader(answers), &out, &message); code != exitDone {
		t.Fatalf("exit %d\n%s\n%s", code, out.String(), message.String())
	}
	if !strings.Contains(out.String(), "異常 0 件") || !strings.Contains(out.String(), "車両 2") || !strings.Contains(message.String(), "施設の数") || !strings.Contains(message.String(), "検査数字") {
		t.Errorf("the doctor or the questions are not as they should be:\n%s\n%s", out.String(), message.String())
	}
	code, list, _ := runMain(t, "admin", "area", "list", "--data", data)
	if code != exitDone || list != "uozu\t1 facilities\t2 vehicles\t2 weekly shifts\n" {
		t.Errorf("list: exit %d, %q", code, list)
	}
	again := []string{"admin", "area", "new", "--data", data, "--file", file}
	if code, _, text := runMain(t, again...); code != exitUsage || !strings.Contains(text, "--replace") {
		t.Errorf("over what is there: exit %d, %s", code, text)
	}
	if code, _, text := runMain(t, append(again, "--replace")...); code != exitDone {
		t.Errorf("from the file that was written: exit %d, %s", code, text)
	}
	addresses, stop := startServe(t, "--data", data, "--graph", graph, "--policies", filepath.Join(data, "policies"), "--listen", "127.0.0.1:0")
	token, err := os.ReadFile(filepath.Join(data, "tokens", "uozu-council.token"))
	if err != nil {
		t.Fatal(err)
	}
	conn, err := grpc.NewClient(addresses["grpc"], grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	ctx := metadata.AppendToOutgoingContext(t.Context(), "authorization", "Bearer "+strings.TrimSpace(string(token)))
	cars, err := swmaasv1.NewFleetClient(conn).ListVehicles(ctx, &swmaasv1.ListVehiclesRequest{Area: "uozu"})
	if err != nil || len(cars.GetVehicles()) != 2 || cars.GetVehicles()[0].GetName() != "ひまわり1号" {
		t.Errorf("the new town's vehicles: %v, %v", cars, err)
	}
	places, err := swmaasv1.NewFleetClient(conn).ListFacilities(ctx, &swmaasv1.ListFacilitiesRequest{Area: "uozu"})
	if err != nil || len(places.GetFacilities()) != 1 || places.GetFacilities()[0].GetPhone() != "+81765540101" || !places.GetFacilities()[0].GetOffice() {
		t.Errorf("the new town's facilities: %v, %v", places, err)
	}
	shifts, err := swmaasv1.NewFleetClient(conn).ListShifts(ctx, &swmaasv1.ListShiftsRequest{Area: "uozu", ServiceDate: "2026-12-01"}) // a Tuesday
	if err != nil || len(shifts.GetShifts()) != 2 {
		t.Errorf("the new town's shifts: %v, %v", shifts, err)
	}
	if token, err = os.ReadFile(filepath.Join(data, "tokens", "uozu-admin.token")); err != nil {
		t.Fatal(err)
	}
	ctx = metadata.AppendToOutgoingContext(t.Context(), "authorization", "Bearer "+strings.TrimSpace(string(token)))
	got, err := swmaasv1.NewAdminClient(conn).GetArea(ctx, &swmaasv1.GetAreaRequest{Area: "uozu"})
	if e := got.GetEntry(); err != nil || e.GetName() != "魚津市" || e.GetMunicipalityCode() != "162043" || e.GetOfficePhone() != "+81765540101" || e.GetEtag() != "v2" {
		t.Errorf("the new town's entry, which was replaced once: %v, %v", got, err)
	}
	for _, check := range got.GetChecks() {
		if check.GetCode() == "ENTRY" && check.GetLevel() != swmaasv1.AreaCheckLevel_AREA_CHECK_LEVEL_FINE {
			t.Errorf("the new town's entry is looked at: %v", check)
		}
	}
	stop()
}

func TestATownThatCannotBeIsRefusedBeforeAnythingIsMade(t *testing.T) {
	graph, at := townGraph(t)
	whole := "area: uozu\ngraph: " + graph + "\nfacilities:\n  - {id: F-01, name: A, at: \"" + at + "\", vehicles: [{id: V-01, seats: 4, driver: D-1, days: mon-fri, from: \"9:00\", to: \"16:00\"}]}\n"
	abroad := strings.NewReplacer("area: uozu", "area: uozu\nname: 魚津市\nmunicipality: 162043", "name: A,", "name: A, phone: 0765-54-0101,", at, "50,10").Replace(whole)
	for name, c := range map[string]struct{ from, to, want string }{
		"an area of capitals":     {"area: uozu", "area: Uozu", "lower case"},
		"a place at sea":          {at, "0,0", "facility F-01"},
		"no place":                {at, "here", "at"},
		"a time that is none":     {"9:00", "nine", "nine"},
		"hours the wrong way":     {"16:00", "8:00", "is not before"},
		"days that are none":      {"mon-fri", "xyz", "days"},
		"nobody who drives":       {"driver: D-1, ", "", "never a name"},
		"a field that is unknown": {"seats: 4", "seat: 4", "seat"},
		"no roads":                {graph, "/nowhere.graph", "--osm"},
		"a number that is none":   {"name: A,", "name: A, phone: \"54-01\",", "phone"},
		"a driver's that is none": {"driver: D-1,", "driver: D-1, driver_phone: \"54-01\",", "driver_phone"},
		"no seats":                {"seats: 4", "seats: 0", "V-01"},
		"a name that is foreign":  {"area: uozu", "area: uozu\nname: Uozu", "name: not a name in Japanese"},
		"a code of no town":       {"area: uozu", "area: uozu\nmunicipality: 162044", "municipality: not the six digits"},
		"a town abroad":           {whole, abroad, "not in Japan"},
	} {
		data, file := filepath.Join(t.TempDir(), "data"), filepath.Join(t.TempDir(), "town.yaml")
		if err := os.WriteFile(file, []byte(strings.Replace(whole, c.from, c.to, 1)), 0o600); err != nil {
			t.Fatal(err)
		}
		code, _, message := runMain(t, "admin", "area", "new", "--data", data, "--file", file)
		if _, err := os.Stat(filepath.Join(data, "redis")); code != exitUsage || !strings.Contains(message, c.want) || err == nil {
			t.Errorf("%s: exit %d, %q, want %q; a store was made: %v", name, code, message, c.want, err == nil)
		}
	}
	code, _, message := runMain(t, "admin", "area", "new", "--data", filepath.Join(t.TempDir(), "d"), "--lang", "en")
	if code != exitUsage || !strings.Contains(message, "--file") {
		t.Errorf("without a terminal and answers: exit %d, %s", code, message)
	}
}
