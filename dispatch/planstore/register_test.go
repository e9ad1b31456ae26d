package planstore_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/dispatch/planstore"
	"github.com/swmaas/swmaas/dispatch/seal"
	"github.com/swmaas/swmaas/routing/geo"
	"github.com/swmaas/swmaas/testdata/redistest"
	"github.com/swmaas/swmaas/vehicles"
)

// newRegister returns a register with real sealing.
func newRegister(t testing.TB, client redis.UniversalClient, dir string) (*dispatch.Register, *planstore.Register, *seal.Ring) {
	t.Helper()
	ring, err := seal.New(dir, planstore.NewDataKeys(client), seal.Config{})
	if err != nil {
		t.Fatal(err)
	}
	s, err := planstore.NewRegister(client, ring)
	if err != nil {
		t.Fatal(err)
	}
	clock := func() time.Time { return time.Date(2026, 4, 1, 9, 0, 0, 0, time.UTC) }
	return dispatch.NewRegister(s, clock), s, ring
}

// person is a rider with something in every field; n makes them distinct.
func person(n int) *dispatch.Rider {
	at := geo.LatLng{Lat: 36.8 + float64(n%100)/1000, Lng: 137.4}
	return &dispatch.Rider{
		ID: dispatch.RiderID(fmt.Sprintf("R-%04d", n)), Area: area,
		Name: fmt.Sprintf("利用者 %04d", n), Kana: fmt.Sprintf("リヨウシャ %04d", n), Born: "1941-05-03",
		Phones: []string{fmt.Sprintf("+81900000%04d", n), "+81765990000"},
		Home:   dispatch.SavedPlace{Label: "自宅", Address: fmt.Sprintf("三日市 %d番地", n), Entrance: at, Road: at, Notes: "坂の下まで"},
		Places: []dispatch.SavedPlace{{Label: "通院先", Entrance: at, Notes: "北口"}},
		UserOf: []dispatch.Membership{{Facility: "F-01", Standing: dispatch.CareUser, Dates: vehicles.Dates{From: "2026-01-01"}}},
		Categories: []dispatch.CategoryFact{
			{Category: dispatch.CareNeed, Evidence: "介護保険被保険者証", ValidTo: "2027-03-31"}, {Category: dispatch.PhysicalDisability},
		},
		Listed:    []dispatch.Listing{{Mode: dispatch.FukushiYusho, ValidTo: "2027-03-31", Purposes: []string{"medical", "dialysis"}}},
		NeedsHelp: true, OwnCar: n%2 == 0, Escorted: true,
		Consents: []dispatch.Consent{{Kind: dispatch.ConsentKeep, Given: "2026-01-05", By: "長女", Document: "同意書綴 12"}},
		Load:     vehicles.Load{Seats: 1, Wheelchairs: 1}, Equipment: vehicles.Lift, Attendants: 1,
		Care: []dispatch.Care{dispatch.CareWheelchair, dispatch.CareDementia}, DriverNote: "右側から声をかける", Board: 150, Alight: 90,
		Apart: []dispatch.RiderID{"R-9999"}, NotDrivers: []vehicles.DriverID{"D-02"}, OnlyDrivers: []vehicles.DriverID{"D-01"},
		Limits:   dispatch.Limits{MaxRide: 1200, MaxDetour: 600, MaxWait: 1800, EasyRide: 900, EasyWait: 700, OnlyVehicles: []vehicles.VehicleID{"V-01"}, LikeVehicles: []vehicles.VehicleID{"V-02"}, LikeDrivers: []vehicles.DriverID{"D-03"}},
		Contacts: []dispatch.Contact{{Name: fmt.Sprintf("家族 %04d", n), Relation: "長男", Phone: fmt.Sprintf("+81900001%04d", n), Watch: true}},
	}
}

func mustSave(t testing.TB, r *dispatch.Register, rider *dispatch.Rider) *dispatch.Rider {
	t.Helper()
	saved, err := r.Save(t.Context(), "desk-1", rider)
	if err != nil {
		t.Fatalf("save %s: %v", rider.ID, err)
	}
	return saved
}

func ids(riders []*dispatch.Rider) (list []dispatch.RiderID) {
	for _, r := range riders {
		list = append(list, r.ID)
	}
	return list
}

// registerContract is what must hold of registers on a real server, on a cluster and on the in-process server alike.
func registerContract(t *testing.T, client redis.UniversalClient) {
	for name, test := range map[string]func(*testing.T, redis.UniversalClient){
		"entry comes back as it was saved":       testEntryComesBackAsItWasSaved,
		"entry is found by number, kana and id":  testEntryIsFoundByNumberKanaAndID,
		"second of two edits is refused":         testSecondOfTwoEditsIsRefused,
		"racing edits lose nothing":              testRacingEditsLoseNothing,
		"log names fields and never content":     testLogNamesFieldsAndNeverContent,
		"erased person is gone for good":         testErasedPersonIsGoneForGood,
		"places are replaced as a whole":         testPlacesAreReplacedAsAWhole,
		"place is edited by many":                testPlaceIsEditedByManyAndLosesNoEdit,
		"another process sees what one changes":  testAnotherProcessSeesWhatOneChanges,
		"import of a thousand takes few commits": testImportOfAThousand,
	} {
		t.Run(name, func(t *testing.T) {
			flush(t, client)
			test(t, client)
		})
	}
}

func TestRegisterOnRedis(t *testing.T)           { registerContract(t, startRedis(t)) }
func TestRegisterOnCluster(t *testing.T)         { registerContract(t, startCluster(t)) }
func TestRegisterOnInProcessServer(t *testing.T) { registerContract(t, startMini(t)) }

func testEntryComesBackAsItWasSaved(t *testing.T, client redis.UniversalClient) {
	dir := t.TempDir()
	r, _, _ := newRegister(t, client, dir)
	want := mustSave(t, r, person(1))
	fresh, _, _ := newRegister(t, client, dir)
	got, err := fresh.Rider(t.Context(), area, "R-0001")
	if err != nil || !reflect.DeepEqual(got, want) || got.Version != 1 {
		t.Errorf("got %+v, %v, want %+v", got, err, want)
	}
	if again := mustSave(t, r, got); again.Version != 1 {
		t.Errorf("saving what is there makes version %d", again.Version)
	}
	if _, err := r.Rider(t.Context(), area, "R-0002"); !errors.Is(err, dispatch.ErrNotFound) {
		t.Errorf("unknown rider: %v", err)
	}
	if _, err := r.Save(t.Context(), "desk-1", &dispatch.Rider{ID: "R-3", Area: area}); !errors.Is(err, dispatch.ErrInvalid) {
		t.Errorf("entry without a name: %v", err)
	}
}

func testEntryIsFoundByNumberKanaAndID(t *testing.T, client redis.UniversalClient) {
	r, _, _ := newRegister(t, client, t.TempDir())
	for n := range 3 {
		mustSave(t, r, person(n))
	}
	for text, want := range map[string][]dispatch.RiderID{
		"090-0000-0001": {"R-0001"}, "０９０ー００００ー０００１": {"R-0001"}, "+81 90 0000 0001": {"R-0001"},
		"0765-99-0000": {"R-0000", "R-0001", "R-0002"}, "0765-99-0001": nil,
	} {
		got, err := r.ByPhone(t.Context(), area, text)
		if err != nil || !slices.Equal(ids(got), want) {
			t.Errorf("phone %q finds %v, %v, want %v", text, ids(got), err, want)
		}
	}
	if _, err := r.ByPhone(t.Context(), area, "not a number"); !errors.Is(err, dispatch.ErrInvalid) {
		t.Errorf("no number: %v", err)
	}
	for text, want := range map[string][]dispatch.RiderID{
		"りようしゃ 0002": {"R-0002"}, "ﾘﾖｳｼｬ0002": {"R-0002"}, "R-0001": {"R-0001"}, "r-0001": {"R-0001"}, "利用者0000": {"R-0000"},
		"りよう": {"R-0000", "R-0001"}, "0002": {"R-0002"}, "": nil, "ハナコ": nil,
	} {
		got, err := r.Find(t.Context(), area, text, 2)
		if err != nil || !slices.Equal(ids(got), want) {
			t.Errorf("%q finds %v, %v, want %v", text, ids(got), err, want)
		}
	}
	changed := person(1)
	changed.Version, changed.Phones = 1, []string{"+81900000777"}
	changed.Phones[0] = "+819000007777"
	mustSave(t, r, changed)
	if got, err := r.ByPhone(t.Context(), area, "090-0000-0001"); err != nil || len(got) > 0 {
		t.Errorf("the old number still finds %v, %v", ids(got), err)
	}
	if got, err := r.ByPhone(t.Context(), area, "090-0000-7777"); err != nil || len(got) != 1 {
		t.Errorf("the new number finds %v, %v", ids(got), err)
	}
}

func testSecondOfTwoEditsIsRefused(t *testing.T, client redis.UniversalClient) {
	r, _, _ := newRegister(t, client, t.TempDir())
	mustSave(t, r, person(1))
	one, other := person(1), person(1)
	one.Version, one.DriverNote = 1, "左側から"
	other.Version, other.DriverNote = 1, "正面から"
	mustSave(t, r, one)
	if _, err := r.Save(t.Context(), "desk-2", other); !errors.Is(err, dispatch.ErrStale) {
		t.Errorf("second edit: %v, want ErrStale", err)
	}
	if got, err := r.Rider(t.Context(), area, "R-0001"); err != nil || got.DriverNote != "左側から" || got.Version != 2 {
		t.Errorf("%+v, %v", got, err)
	}
}

func testRacingEditsLoseNothing(t *testing.T, client redis.UniversalClient) {
	r, _, _ := newRegister(t, client, t.TempDir())
	first := person(1)
	first.Apart = nil
	mustSave(t, r, first)
	const writers = 12
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			for {
				rider, err := r.Rider(t.Context(), area, "R-0001")
				if err != nil {
					t.Error(err)
					return
				}
				edit := rider.Clone()
				edit.Apart = append(edit.Apart, dispatch.RiderID(fmt.Sprintf("A-%d", w)))
				_, err = r.Save(t.Context(), "desk", edit)
				if err == nil {
					return
				}
				if !errors.Is(err, dispatch.ErrStale) {
					t.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	got, err := r.Rider(t.Context(), area, "R-0001")
	if err != nil || len(got.Apart) != writers || got.Version != writers+1 {
		t.Errorf("%+v, %v, want %d edits", got, err, writers)
	}
}

func testLogNamesFieldsAndNeverContent(t *testing.T, client redis.UniversalClient) {
	r, s, _ := newRegister(t, client, t.TempDir())
	mustSave(t, r, person(1))
	edit := person(1)
	edit.Version, edit.DriverNote, edit.Phones = 1, "", edit.Phones[:1]
	mustSave(t, r, edit)
	if err := r.Erase(t.Context(), "council", area, "R-0001"); err != nil {
		t.Fatal(err)
	}
	events, err := s.RegisterEvents(t.Context(), area, "", 10)
	if err != nil || len(events) != 3 {
		t.Fatalf("%+v, %v", events, err)
	}
	want := dispatch.RegisterEvent{
		ID: "2-0", At: time.Date(2026, 4, 1, 9, 0, 0, 0, time.UTC), Actor: "desk-1", Kind: dispatch.RiderChanged, Rider: "R-0001",
		Fields: []string{"Phones", "DriverNote"},
	}
	if !reflect.DeepEqual(events[1], want) {
		t.Errorf("%+v, want %+v", events[1], want)
	}
	if events[0].Kind != dispatch.RiderAdded || events[2].Kind != dispatch.RiderErased || events[2].Actor != "council" {
		t.Errorf("%+v", events)
	}
}

func testErasedPersonIsGoneForGood(t *testing.T, client redis.UniversalClient) {
	dir := t.TempDir()
	r, s, _ := newRegister(t, client, dir)
	for n := range 3 {
		mustSave(t, r, person(n))
	}
	plans, _ := sealedStore(t, client, dir)
	ride := booked(1)
	ride.Rider = "R-0001"
	mustCommit(t, plans, booking(ride, route("S-1", 1, ride)))
	if err := r.Erase(t.Context(), "council", area, "R-0001"); err != nil {
		t.Fatal(err)
	}
	if err := r.Erase(t.Context(), "council", area, "R-0001"); err != nil {
		t.Errorf("erasing twice: %v", err)
	}
	if err := r.Erase(t.Context(), "council", area, "R-0777"); !errors.Is(err, dispatch.ErrNotFound) {
		t.Errorf("erasing nobody: %v", err)
	}
	if _, err := r.Rider(t.Context(), area, "R-0001"); !errors.Is(err, dispatch.ErrNotFound) {
		t.Errorf("erased rider: %v", err)
	}
	if got, err := r.ByPhone(t.Context(), area, "0765-99-0000"); err != nil || len(got) != 2 {
		t.Errorf("the shared number finds %v, %v", ids(got), err)
	}
	if got, err := r.Find(t.Context(), area, "R-0001", 5); err != nil || len(got) > 0 {
		t.Errorf("the id finds %v, %v", ids(got), err)
	}
	if all, _, err := s.AllRiders(t.Context(), area); err != nil || len(all) != 2 {
		t.Errorf("%d riders left, %v", len(all), err)
	}
	if got := keysLike(t, client, "*register:phone:*"); len(got) != 3 {
		t.Errorf("%d look-ups left, want the shared number and two: %v", len(got), got)
	}
	if _, err := r.Save(t.Context(), "desk-1", person(1)); !errors.Is(err, dispatch.ErrErased) {
		t.Errorf("saving an erased person: %v, want ErrErased", err)
	}
	fresh, _ := sealedStore(t, client, dir) // the one above may use the key that it holds for a minute
	state := mustLoad(t, fresh)
	if got := state.Rides[ride.ID]; got == nil || got.Pickup.Label != "" || got.State != dispatch.Booked {
		t.Errorf("the ride of the erased person: %+v, want it to count and to tell nothing", got)
	}
}

// TestEntrySealedWithADestroyedKeyIsNotWritten is the race of an erasure with another process that still holds the key.
func TestEntrySealedWithADestroyedKeyIsNotWritten(t *testing.T) {
	client, dir := startMini(t), t.TempDir()
	r, _, _ := newRegister(t, client, dir)
	other, _, _ := newRegister(t, client, dir)
	mustSave(t, r, person(1))
	if _, err := other.Rider(t.Context(), area, "R-0001"); err != nil { // it holds the key from now on
		t.Fatal(err)
	}
	if err := r.Erase(t.Context(), "council", area, "R-0001"); err != nil {
		t.Fatal(err)
	}
	if _, err := other.Save(t.Context(), "desk-2", person(1)); !errors.Is(err, dispatch.ErrErased) {
		t.Errorf("got %v, want ErrErased", err)
	}
}

func testPlacesAreReplacedAsAWhole(t *testing.T, client redis.UniversalClient) {
	_, s, _ := newRegister(t, client, t.TempDir())
	if got, rev, err := s.Places(t.Context(), area, 0); err != nil || rev != 0 || got != nil {
		t.Errorf("none yet: %v, %d, %v", got, rev, err)
	}
	many := make([]dispatch.KnownPlace, 5000)
	for i := range many {
		many[i] = dispatch.KnownPlace{
			ID: fmt.Sprintf("P%05d", i), Kind: dispatch.ShopPlace, Kana: "ミセ", Popularity: int32(i),
			SavedPlace: dispatch.SavedPlace{Label: "店", Address: "三日市", Entrance: geo.LatLng{Lat: 36.8, Lng: 137.4}, Notes: "北口"},
		}
	}
	for round, list := range [][]dispatch.KnownPlace{many, many[:3]} {
		if err := s.SavePlaces(t.Context(), area, list); err != nil {
			t.Fatal(err)
		}
		got, rev, err := s.Places(t.Context(), area, 0)
		if err != nil || rev != int64(round+1) || !reflect.DeepEqual(got, list) {
			t.Errorf("round %d: %d places at revision %d, %v", round, len(got), rev, err)
		}
	}
	if got, rev, err := s.Places(t.Context(), area, 2); err != nil || rev != 2 || got != nil {
		t.Errorf("nothing new: %d places, %d, %v", len(got), rev, err)
	}
	if err := s.SavePlaces(t.Context(), area, []dispatch.KnownPlace{many[0], many[0]}); !errors.Is(err, dispatch.ErrInvalid) {
		t.Errorf("an id twice: %v", err)
	}
}

func testAnotherProcessSeesWhatOneChanges(t *testing.T, client redis.UniversalClient) {
	dir := t.TempDir()
	one, _, _ := newRegister(t, client, dir)
	other, _, _ := newRegister(t, client, dir)
	mustSave(t, one, person(1))
	for n, text := range map[int]string{2: "りようしゃ0002", 3: "りようしゃ0003"} {
		if got, err := other.Find(t.Context(), area, text, 1); err != nil || len(got) > 0 {
			t.Errorf("%v, %v before it is saved", ids(got), err)
		}
		mustSave(t, one, person(n))
		if got, err := other.Find(t.Context(), area, text, 1); err != nil || len(got) != 1 {
			t.Errorf("%v, %v after it was saved", ids(got), err)
		}
	}
	if err := one.Erase(t.Context(), "council", area, "R-0002"); err != nil {
		t.Fatal(err)
	}
	if got, err := other.Find(t.Context(), area, "りようしゃ", 5); err != nil || len(got) != 2 {
		t.Errorf("%v, %v after an erasure", ids(got), err)
	}
}

func testImportOfAThousand(t *testing.T, client redis.UniversalClient) {
	r, s, _ := newRegister(t, client, t.TempDir())
	var batch []*dispatch.Rider
	for n := range 1000 {
		batch = append(batch, person(n))
	}
	for round := range 2 { // the second time nothing changes
		for part := range slices.Chunk(batch, 250) {
			for _, rider := range part {
				rider.Version = int64(round)
			}
			if _, err := r.SaveAll(t.Context(), "import", part); err != nil {
				t.Fatal(err)
			}
		}
	}
	if all, last, err := s.AllRiders(t.Context(), area); err != nil || len(all) != 1000 || last != "4-249" {
		t.Errorf("%d riders, last event %s, %v", len(all), last, err)
	}
	if got, err := r.Find(t.Context(), area, "リヨウシャ0999", 3); err != nil || len(got) != 1 {
		t.Errorf("%v, %v", ids(got), err)
	}
}

// secrets are all texts of a person that must be readable nowhere.
func secrets(r *dispatch.Rider) []string {
	list := append([]string{
		r.Name, r.Kana, string(r.Born), r.Home.Address, r.Home.Notes, r.DriverNote, r.Contacts[0].Name, r.Contacts[0].Phone,
		r.Places[0].Label, r.Categories[0].Evidence, r.Consents[0].Document,
	}, r.Phones...)
	for _, p := range r.Phones {
		list = append(list, dispatch.ReadablePhone(p), strings.TrimPrefix(p, "+81"))
	}
	return list
}

func TestNothingOfTheRegisterIsReadableInRedis(t *testing.T) {
	server := redistest.New(t)
	client := onSocket(t, server.Socket)
	r, _, _ := newRegister(t, client, t.TempDir())
	var all []string
	for n := range 30 {
		mustSave(t, r, person(n))
		edit := person(n)
		edit.Version, edit.DriverNote = 1, "別の注意"
		mustSave(t, r, edit)
		all = append(all, secrets(person(n))...)
	}
	all = append(all, "別の注意", "三日市", "36.8", "CARE_USER", "FUKUSHI", "MIP")
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
		for _, secret := range all {
			if strings.Contains(text, secret) {
				t.Errorf("%q is readable in %s", secret, where)
			}
		}
	}
	if !strings.Contains(texts["keyspace"], "R-0007") {
		t.Error("the dump does not even have the riders: the test looks at nothing")
	}
}

func TestEntryOfOneRiderDoesNotOpenAsAnother(t *testing.T) {
	client := startMini(t)
	r, _, _ := newRegister(t, client, t.TempDir())
	mustSave(t, r, person(1))
	mustSave(t, r, person(2))
	raw := client.Get(t.Context(), "dsp:{kurobe}:register:rider:R-0001").Val()
	moved := strings.Replace(raw, "R-0001", "R-0002", 1)
	if err := client.Set(t.Context(), "dsp:{kurobe}:register:rider:R-0002", moved, 0).Err(); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Rider(t.Context(), area, "R-0002"); !errors.Is(err, seal.ErrNotSealed) {
		t.Errorf("got %v, want ErrNotSealed", err)
	}
}

func TestContradictoryRegisterCommitsAreRefused(t *testing.T) {
	_, s, _ := newRegister(t, startMini(t), t.TempDir())
	one, two := person(1), person(1)
	one.Version, two.Version = 1, 3
	other := person(2)
	other.Version, other.Area = 1, "elsewhere"
	for name, changes := range map[string][]dispatch.RiderChange{
		"nothing":          nil,
		"no new value":     {{Before: one}},
		"version skipped":  {{Before: one, After: two}},
		"another area":     {{After: other}},
		"one rider twice":  {{After: one}, {After: one}},
		"new at version 3": {{After: two}},
	} {
		err := s.CommitRegister(t.Context(), &dispatch.RegisterCommit{Area: area, Changes: changes})
		if !errors.Is(err, dispatch.ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
