package dayfile

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"golang.org/x/text/encoding/japanese"
	"pgregory.net/rapid"

	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/routing/geo"
	"github.com/swmaas/swmaas/vehicles"
)

// cell draws a text that a register accepts: on one line, without spaces at its ends, with everything that a CSV file, a
// spreadsheet or a list could stumble over.
func cell(t *rapid.T, name string, least int) string {
	letters := rapid.SampledFrom([]rune(`利用者ア花'"=+-@|;,\ aA1/、` + "\u3000𠮷"))
	text := strings.TrimSpace(string(rapid.SliceOfN(letters, least, 12).Draw(t, name)))
	if text == "" && least > 0 {
		return "x"
	}
	return text
}

func drawDate(t *rapid.T, name string) vehicles.Date {
	return vehicles.Date(rapid.SampledFrom([]string{"", "2026-04-01", "2027-03-31", "1941-05-03"}).Draw(t, name))
}

func drawPlace(t *rapid.T, name string) dispatch.SavedPlace {
	at := func(what string) geo.LatLng {
		return geo.LatLng{Lat: rapid.Float64Range(24, 46).Draw(t, what), Lng: rapid.Float64Range(123, 146).Draw(t, what)}
	}
	p := dispatch.SavedPlace{Label: cell(t, name, 1), Address: cell(t, name, 0), Entrance: at(name), Notes: cell(t, name, 0)}
	if rapid.Bool().Draw(t, name) {
		p.Road = at(name)
	}
	return p
}

// some draws a list of up to two entries; an empty one is nil.
func some[T any](t *rapid.T, name string, draw func() T) (list []T) {
	for range rapid.IntRange(0, 2).Draw(t, name) {
		list = append(list, draw())
	}
	return list
}

func drawRider(t *rapid.T, n int) *dispatch.Rider {
	text := func(name string) string { return cell(t, name, 0) }
	phone := func() string {
		return rapid.StringMatching(`\+81[1-9]0[0-9]{8}|\+8176599[0-9]{4}|\+442079460[0-9]{3}`).Draw(t, "phone")
	}
	minutes := func(name string, least int32) int32 {
		return rapid.SampledFrom([]int32{0, least * 60, 360 * 60}).Draw(t, name)
	}
	r := &dispatch.Rider{
		ID: dispatch.RiderID(fmt.Sprintf("R-%d", n)), Area: "kurobe", Name: cell(t, "name", 1), Kana: text("kana"), Born: drawDate(t, "born"),
		Phones: some(t, "phones", phone), Home: drawPlace(t, "home"), Places: some(t, "places", func() dispatch.SavedPlace { return drawPlace(t, "place") }),
		Standing:  rapid.SampledFrom([]dispatch.Standing{"", dispatch.Resident, dispatch.Visitor}).Draw(t, "standing"),
		NeedsHelp: rapid.Bool().Draw(t, "help"), OwnCar: rapid.Bool().Draw(t, "car"), Escorted: rapid.Bool().Draw(t, "escorted"),
		Equipment: vehicles.Equipment(rapid.IntRange(0, 31).Draw(t, "aids")), DriverNote: text("note"),
		Care:  some(t, "care", func() dispatch.Care { return rapid.SampledFrom(dispatch.Cares()).Draw(t, "code") }),
		Board: rapid.Int32Range(0, 1800).Draw(t, "board"), Alight: rapid.Int32Range(0, 1800).Draw(t, "alight"),
		Apart: some(t, "apart", func() dispatch.RiderID { return "R-other" }), NotDrivers: some(t, "not", func() vehicles.DriverID { return "D-1" }),
		OnlyDrivers: some(t, "only", func() vehicles.DriverID { return "D-2" }),
		Limits: dispatch.Limits{
			MaxRide: minutes("max ride", 1), MaxDetour: minutes("max detour", 1), MaxWait: minutes("max wait", 10), EasyRide: minutes("easy ride", 1),
			EasyWait: minutes("easy wait", 1), OnlyVehicles: some(t, "only vehicles", func() vehicles.VehicleID { return "V-1" }),
			LikeVehicles: some(t, "like vehicles", func() vehicles.VehicleID { return "V-2" }), LikeDrivers: some(t, "like drivers", func() vehicles.DriverID { return "D-3" }),
		},
	}
	if rapid.Bool().Draw(t, "homeless") {
		r.Home = dispatch.SavedPlace{}
	}
	if rapid.Bool().Draw(t, "party") {
		r.Attendants = rapid.IntRange(0, 2).Draw(t, "attendants")
		r.Load = vehicles.Load{Seats: r.Attendants, Wheelchairs: 1}
	}
	r.UserOf = some(t, "uses", func() dispatch.Membership {
		return dispatch.Membership{Facility: "F-1", Standing: dispatch.DisabilityUser, Dates: vehicles.Dates{To: drawDate(t, "to")}}
	})
	r.Categories = some(t, "categories", func() dispatch.CategoryFact {
		return dispatch.CategoryFact{
			Category: rapid.SampledFrom([]dispatch.Category{"イ", "ロ", "ハ", "ニ", "ホ", "ヘ", "ト"}).Draw(t, "category"),
			Evidence: text("evidence"), ValidTo: drawDate(t, "valid"),
		}
	})
	r.Listed = some(t, "listed", func() dispatch.Listing {
		return dispatch.Listing{Mode: dispatch.FukushiYusho, ValidTo: drawDate(t, "listed to"), Purposes: some(t, "purposes", func() string { return cell(t, "purpose", 1) })}
	})
	r.Consents = some(t, "consents", func() dispatch.Consent {
		return dispatch.Consent{Kind: dispatch.ConsentWatch, Given: "2026-01-01", By: text("by"), Document: text("document")}
	})
	r.Contacts = some(t, "contacts", func() dispatch.Contact {
		return dispatch.Contact{Name: cell(t, "contact", 1), Relation: text("relation"), Phone: phone(), Watch: rapid.Bool().Draw(t, "watch")}
	})
	return r
}

func TestExportedRidersAreImportedAsTheSame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var want []*dispatch.Rider
		for n := range rapid.IntRange(0, 3).Draw(t, "riders") {
			r := drawRider(t, n)
			if err := r.Validate(); err != nil {
				t.Fatalf("the test draws a rider that no register takes: %v", err)
			}
			want = append(want, r)
		}
		var file bytes.Buffer
		if err := WriteRiders(&file, want); err != nil {
			t.Fatal(err)
		}
		text := file.String()
		got, rejected, err := ReadRiders(&file, "r.csv", "kurobe", nil)
		if err != nil || len(rejected) > 0 || !reflect.DeepEqual(got, want) {
			t.Fatalf("got %+v, %v, %v\nwant %+v\nfrom %s", got, rejected, err, want, text)
		}
	})
}

func TestFilesOfCouncilsAreRead(t *testing.T) {
	const text = "利用者番号,氏名,ふりがな,生年月日,電話番号,緯度,経度,住所,対象区分,名簿,介助が必要,車いす,配慮\r\n" +
		"R-0001,利用者 １,りようしゃ いち,昭和16年5月3日,０７６５−９９−０００１、090-0000-0001,３６．８７,137.44,三日市1,要介護;介護保険被保険者証;R9.3.31,福祉有償運送;令和9年3月31日;dialysis,○,１,W|MIP\r\n" +
		",,,,,,,,,,,,\r\n"
	shift, err := japanese.ShiftJIS.NewEncoder().String(strings.ReplaceAll(text, "−", "－"))
	if err != nil {
		t.Fatal(err)
	}
	for name, file := range map[string]string{"UTF-8": text, "UTF-8 with a byte order mark": "\ufeff" + text, "Shift_JIS": shift} {
		riders, rejected, err := ReadRiders(strings.NewReader(file), "名簿.csv", "kurobe", nil)
		if err != nil || len(rejected) > 0 || len(riders) != 1 {
			t.Errorf("%s: %v, %v, %v", name, riders, rejected, err)
			continue
		}
		want := &dispatch.Rider{
			ID: "R-0001", Area: "kurobe", Name: "利用者 １", Kana: "りようしゃ いち", Born: "1941-05-03",
			Phones:     []string{"+81765990001", "+819000000001"},
			Home:       dispatch.SavedPlace{Address: "三日市1", Entrance: geo.LatLng{Lat: 36.87, Lng: 137.44}},
			Categories: []dispatch.CategoryFact{{Category: dispatch.CareNeed, Evidence: "介護保険被保険者証", ValidTo: "2027-03-31"}},
			Listed:     []dispatch.Listing{{Mode: dispatch.FukushiYusho, ValidTo: "2027-03-31", Purposes: []string{"dialysis"}}},
			NeedsHelp:  true, Load: vehicles.Load{Wheelchairs: 1}, Care: []dispatch.Care{dispatch.CareWheelchair, dispatch.CareDementia},
		}
		if !reflect.DeepEqual(riders[0], want) {
			t.Errorf("%s: got %+v, want %+v", name, riders[0], want)
		}
	}
}

func TestWhatAFileHasNoColumnForStaysAsItIs(t *testing.T) {
	before := &dispatch.Rider{
		ID: "R-1", Area: "kurobe", Version: 4, Name: "旧", Phones: []string{"+81765990001"}, DriverNote: "右側から", Load: vehicles.Load{Seats: 2, Wheelchairs: 1},
		Care: []dispatch.Care{dispatch.CareCane}, Home: dispatch.SavedPlace{Label: "自宅", Address: "古い住所", Entrance: geo.LatLng{Lat: 36.8, Lng: 137.4}},
	}
	registered := func(id dispatch.RiderID) *dispatch.Rider {
		return map[dispatch.RiderID]*dispatch.Rider{"R-1": before}[id]
	}
	got, rejected, err := ReadRiders(strings.NewReader("rider,name,phones,address,seats,care\nR-1,新,,新しい住所,,\n"), "r.csv", "kurobe", registered)
	want := before.Clone()
	want.Name, want.Phones, want.Home.Address, want.Load.Seats, want.Care = "新", nil, "新しい住所", 0, nil
	if err != nil || len(rejected) > 0 || len(got) != 1 || !reflect.DeepEqual(got[0], want) {
		t.Errorf("got %+v, %v, %v, want %+v", got, rejected, err, want)
	}
	if before.Name != "旧" {
		t.Error("the registered entry itself was changed")
	}
}

func TestEveryRejectedLineSaysWhereWhatAndWhatInstead(t *testing.T) {
	const head = "利用者番号,氏名,電話番号,生年月日,緯度,経度,対象区分,車いす,介助が必要,車両の設備,連絡先,同意,配慮\n"
	for name, c := range map[string]struct{ line, column, reason, instead string }{
		"no number":              {",利用者,,,,,,,,,,,", "利用者番号", "is not an id", "letters, digits"},
		"name as number":         {"利用者,利用者,,,,,,,,,,,", "利用者番号", "is not an id", "letters, digits"},
		"no name":                {"R-1,,,,,,,,,,,,", "氏名", "is empty", "fill it in"},
		"phone of letters":       {"R-1,x,でんわ,,,,,,,,,,", "電話番号", "not a phone number", "0765"},
		"phone too short":        {"R-1,x,0765-1,,,,,,,,,,", "電話番号", "not a phone number", "0765"},
		"day that never was":     {"R-1,x,,昭和16年2月30日,,,,,,,,,", "生年月日", "not a date", "1941-05-03"},
		"half a position":        {"R-1,x,,,36.8,,,,,,,,", "緯度", "no position", "36.8712"},
		"position off the earth": {"R-1,x,,,136.8,137.4,,,,,,,", "緯度", "no position", "36.8712"},
		"unknown category":       {"R-1,x,,,,,要観察,,,,,,", "対象区分", "unknown category", "イ"},
		"parts too many":         {"R-1,x,,,,,ニ;a;2027-01-01;b,,,,,,", "対象区分", "too many parts", "要介護;"},
		"chair as a word":        {"R-1,x,,,,,,一台,,,,,", "車いす", "not a whole number", "digits"},
		"perhaps":                {"R-1,x,,,,,,,たぶん,,,,", "介助が必要", "neither yes nor no", "はい"},
		"unknown aid":            {"R-1,x,,,,,,,,wings,,,", "車両の設備", "unknown aid", "lift"},
		"contact without number": {"R-1,x,,,,,,,,,家族;長男,,", "連絡先", "phone number cannot be read", "0765"},
		"consent without a date": {"R-1,x,,,,,,,,,,相乗り,", "同意", "no date", "2026-04-01"},
		"unknown need":           {"R-1,x,,,,,,,,,,,HERO", "配慮", "unknown code", "TDS"},
		"damaged letter":         {"R-1,\xff,,,,,,,,,,,", "氏名", "unreadable", "UTF-8"},
		"cells missing":          {"R-1,x", "", "has 2 cells", "13"},
		"quotation mark":         {`R-1,x"y",,,,,,,,,,,`, "", "quotation mark", "double"},
	} {
		riders, rejected, err := ReadRiders(strings.NewReader(head+"R-0,前,,,,,,,,,,,\n"+c.line+"\nR-2,後,,,,,,,,,,,\n"), "名簿.csv", "kurobe", nil)
		if err != nil || len(riders) != 2 || len(rejected) == 0 {
			t.Errorf("%s: %d riders, %v, %v", name, len(riders), rejected, err)
			continue
		}
		r := rejected[0]
		if r.File != "名簿.csv" || r.Line != 3 || r.Column != c.column || !strings.Contains(r.Reason, c.reason) || !strings.Contains(r.Instead, c.instead) {
			t.Errorf("%s: %+v", name, r)
		}
	}
	_, rejected, err := ReadRiders(strings.NewReader(head+strings.Repeat("R-1,x,,,,,,,,,,,\n", 2)), "名簿.csv", "kurobe", nil)
	if err != nil || len(rejected) != 1 || rejected[0].String() != "名簿.csv line 3, column 利用者番号: is in line 2 already; keep one of the two lines" {
		t.Errorf("the same number twice: %v, %v", rejected, err)
	}
}

func TestHeaderThatCannotBeUsedIsRefused(t *testing.T) {
	for text, want := range map[string]string{
		"":                          "no header line",
		"氏名,ふりがな\n":                 `"利用者番号" (or "rider") is missing`,
		"利用者番号,氏名,でんわ\n":            `"でんわ" is not known`,
		"利用者番号,氏名,name\n":           `"name" is there twice`,
		"\x80\xff\xfe,rider,name\n": "is not known",
	} {
		_, _, err := ReadRiders(strings.NewReader(text), "r.csv", "kurobe", nil)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
}

func TestDatesAreReadAsPeopleWriteThem(t *testing.T) {
	for text, want := range map[string]vehicles.Date{
		"2026-04-01": "2026-04-01", "2026/4/1": "2026-04-01", "20260401": "2026-04-01", "2026年4月1日": "2026-04-01",
		"令和8年4月1日": "2026-04-01", "R8.4.1": "2026-04-01", "ｒ８．４．１": "2026-04-01", "令和元年5月1日": "2019-05-01", "S16/5/3": "1941-05-03",
		"平成31年4月30日": "2019-04-30", "M45.7.29": "1912-07-29", "": "",
	} {
		if got, ok := readDate(text); !ok || got != want {
			t.Errorf("%q: %q, %v, want %q", text, got, ok, want)
		}
	}
	for _, text := range []string{"2026-02-30", "8年4月1日", "令和8年", "R0.1.1", "昨日", "26/4/1", "2026-4", "-1-1-1", "令和-8.1.1"} {
		if got, ok := readDate(text); ok {
			t.Errorf("%q is read as %q", text, got)
		}
	}
}

func TestPlacesComeBackAsTheyWereWritten(t *testing.T) {
	want := []dispatch.KnownPlace{
		{ID: "P-1", Kind: dispatch.FacilityPlace, Kana: "ビョウイン", Popularity: 12, SavedPlace: dispatch.SavedPlace{
			Label: "=病院", Address: "三日市1", Entrance: geo.LatLng{Lat: 36.87, Lng: 137.44}, Road: geo.LatLng{Lat: 36.8701, Lng: 137.4401}, Notes: "北口, 屋根あり",
		}},
		{ID: "P-2", Kind: dispatch.TownPlace, SavedPlace: dispatch.SavedPlace{Label: "荻生", Entrance: geo.LatLng{Lat: 36.88, Lng: 137.45}}},
	}
	var file bytes.Buffer
	if err := WritePlaces(&file, want); err != nil {
		t.Fatal(err)
	}
	got, rejected, err := ReadPlaces(&file, "p.csv")
	if err != nil || len(rejected) > 0 || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, %v, %v", got, rejected, err)
	}
	places, rejected, err := ReadPlaces(strings.NewReader("place,name,lat,lng,kind\na,駅,36.8,137.4,\nb,駅,0,0,店\na,駅,36.8,137.4,店\nc,駅,36.8,137.4,城\n"), "p.csv")
	if err != nil || len(places) != 1 || places[0].Kind != dispatch.LandmarkPlace || len(rejected) != 3 {
		t.Errorf("%+v, %v, %v", places, rejected, err)
	}
}

func TestRejectedLinesAreWrittenForASpreadsheet(t *testing.T) {
	path := filepath.Join(t.TempDir(), "faults.csv")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := WriteRejected(f, []Rejected{{"r.csv", 3, "氏名", "is empty", "fill it in"}}); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(path)
	if want := "\ufefffile,line,column,reason,instead\nr.csv,3,氏名,is empty,fill it in\n"; err != nil || string(raw) != want {
		t.Errorf("%q, %v, want %q", raw, err, want)
	}
}

func FuzzReadRiders(f *testing.F) {
	f.Add("利用者番号,氏名,電話番号,よく行く場所\nR-1,x,0765-99-0000,a;b;36.8;137.4\n")
	f.Add("rider,name,listed,contacts\nR-1,\"x\",FUKUSHI_YUSHO;;a\\,b,c;;090-0000-0000\n")
	f.Add("\ufeffrider,name\n\"")
	f.Add("\x97\x98\x97p\x8e\xd2\x94\xd4\x8d\x86,\x8e\x81\x96\xbc\nR-1,\x97\x98\n")
	f.Fuzz(func(t *testing.T, text string) {
		riders, _, err := ReadRiders(strings.NewReader(text), "r.csv", "kurobe", nil)
		if err != nil {
			return
		}
		var file bytes.Buffer
		for _, r := range riders {
			if err := r.Validate(); err != nil {
				t.Errorf("took a rider that no register takes: %v", err)
			}
		}
		if err := WriteRiders(&file, riders); err != nil {
			t.Fatal(err)
		}
		again, rejected, err := ReadRiders(&file, "r.csv", "kurobe", nil)
		if err != nil || len(rejected) > 0 || len(again) != len(riders) {
			t.Fatalf("%v, %v after writing what was read", rejected, err)
		}
		for i := range riders {
			if !reflect.DeepEqual(riders[i], again[i]) {
				t.Errorf("%+v comes back as %+v", riders[i], again[i])
			}
		}
	})
}
