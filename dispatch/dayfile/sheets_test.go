package dayfile_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/vehicles"
)

// driverSheet is the text of a driver's sheet.
func driverSheet(t *testing.T, f *fixture, driver vehicles.DriverID) string {
	t.Helper()
	var b bytes.Buffer
	if err := f.sheets(t).WriteManifest(&b, driver); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func facilitySheet(t *testing.T, f *fixture, id vehicles.FacilityID) string {
	t.Helper()
	var b bytes.Buffer
	if err := f.sheets(t).WriteFacility(&b, id, dispatch.Viewer{Kind: dispatch.FacilityViewer, Facility: id}); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// contains checks what a text has and lacks.
func contains(t *testing.T, text string, has, lacks []string) {
	t.Helper()
	for _, word := range has {
		if !strings.Contains(text, word) {
			t.Errorf("%q is not on the sheet", word)
		}
	}
	for _, word := range lacks {
		if strings.Contains(text, word) {
			t.Errorf("%q is on the sheet", word)
		}
	}
}

func TestADriverReadsWhatToDoAndNothingElse(t *testing.T) {
	sheet := driverSheet(t, fullDay(), "D-01")
	contains(t, sheet, []string{
		"<ruby>𠮷野 試験<rt>よしの しけん</rt></ruby>", "<rt>くろべ かくうたろう？</rt>", "車いす 1", "付き添い 1 人", "リフト", "一人にしない", "要声かけ", "筆談・身ぶりで",
		"右側から声をかける。補聴器は左耳", "冬は坂の下まで", "正面玄関の屋根の下", "36.86400, 137.43300", "☎ 0765-54-0001", "約束 <b>9:35–9:55</b>", "10:30 までに到着",
		"8:00–9:30　施設の送迎", "12:00–12:45　休憩", "17:00 まで", "事務所の電話", "☎ 0765-54-0101", "酒気帯び", "走行計 km", "第 128 版", "1月19日 18:00 印刷", "予約のあとで登録に加わりました：リフト",
	}, []string{
		"認知症", "目が不自由", "0765-54-0901", "長女", // diagnoses, other numbers, contacts
		"ながいながい", "R-0004", // of another driver
		"0765-54-0102", "090-1234-0101", // of another facility, and of drivers
		"http:", "https:", "src=", "@import",
	})
	// A home's number stands where they are fetched at home, and one that is carried where they are fetched elsewhere.
	for _, phone := range []string{"☎ 0765-54-0001", "☎ 090-1234-0001", "☎ 0765-54-0002"} {
		if n := strings.Count(sheet, phone); n != 1 {
			t.Errorf("%s stands on the sheet %d times, want once", phone, n)
		}
	}
}

func TestWhatTheRegisterGainedAfterTheBookingIsAnAlarm(t *testing.T) {
	f := fullDay()
	const alarm = "予約のあとで登録に加わりました："
	if n := strings.Count(driverSheet(t, f, "D-01"), alarm); n != 1 {
		t.Fatalf("%d alarms before, want the one of the fixture", n)
	}
	r := f.people["R-0002"].Clone()
	r.Load, r.Equipment = vehicles.Load{Wheelchairs: 1}, vehicles.Ramp
	f.people["R-0002"] = r
	contains(t, driverSheet(t, f, "D-01"), []string{alarm + "車いす 1・スロープ"}, nil)
}

func TestADriverReadsWhatHasChangedSinceTheLastSheet(t *testing.T) {
	sheet := driverSheet(t, fullDay(), "D-01")
	contains(t, sheet, []string{
		"前にお渡しした予定からの変更", "・𠮷野 試験を乗せる：時刻が変わった 12:40 → 13:00", "・辻󠄀 異体字を乗せる：加わった 13:40", "・辻󠄀 異体字を降ろす：加わった 13:55",
		"・髙橋﨑 見本を乗せる：なくなった（行かない） 10:05",
	}, []string{"𠮷野 試験を降ろす："})
	if n := strings.Count(sheet, `<tr class="changed">`); n != 3 {
		t.Errorf("%d halts are marked as changed, want 3", n)
	}
	if strings.Contains(driverSheet(t, fullDay(), "D-02"), "変更<br>") {
		t.Error("where nothing was published, nothing has changed")
	}
}

func TestAFacilityReadsOfItsOwnUsersOnly(t *testing.T) {
	f := fullDay()
	contains(t, facilitySheet(t, f, "F-1"), []string{
		"送迎表　デイサービス ひまわり", "𠮷野 試験", "0765-54-0001", "迎え　1 人", "送り　1 人", "施設の送迎 8:00–9:30、15:30–17:00", ">9:30<", ">13:57<", ">17:00<",
		"この施設 <b class=\"num\">☎ 0765-54-0101",
	}, []string{"090-1234-0101", "黒部 架空太郎", "辻", "R-0003", "ながいながい", "認知症"})
	// R-0002 is a user of F-1 as well, but rides to the hospital as a resident: that is not the facility's to know.
	contains(t, facilitySheet(t, f, "F-1"), nil, []string{"髙橋﨑", "20260120-0002"})
	contains(t, facilitySheet(t, f, "F-2"), []string{"迎え　0 人", "V-02", "11:52", "この施設 <b class=\"num\">☎ 0765-54-0102", "配車の事務所 <b class=\"num\">☎ 0765-54-0101"}, []string{"𠮷野", "黒部 架空太郎"})
}

func TestAFacilityIsRefusedTheSheetOfAnother(t *testing.T) {
	s := fullDay().sheets(t)
	for name, v := range map[string]dispatch.Viewer{
		"another facility": {Kind: dispatch.FacilityViewer, Facility: "F-2"}, "no facility": {Kind: dispatch.FacilityViewer},
		"a driver": {Kind: dispatch.DriverViewer, Facility: "F-1"}, "nobody": {},
	} {
		var b bytes.Buffer
		if err := s.WriteFacility(&b, "F-1", v); !errors.Is(err, dispatch.ErrNotYours) || b.Len() > 0 {
			t.Errorf("%s: %v and %d bytes, want ErrNotYours and none", name, err, b.Len())
		}
	}
	if err := s.WriteFacility(new(bytes.Buffer), "F-9", dispatch.Viewer{Kind: dispatch.OperatorViewer}); !errors.Is(err, dispatch.ErrNotFound) {
		t.Errorf("unknown facility: %v", err)
	}
}

func TestTheOfficeReadsEverything(t *testing.T) {
	var b bytes.Buffer
	f := fullDay()
	f.state.Routes["S-09"] = &dispatch.Route{Shift: "S-09", Stops: []dispatch.Stop{{StopID: dispatch.StopID{Ride: "20260120-0010", Kind: dispatch.PickupStop}}}}
	if err := f.sheets(t).WriteOffice(&b); err != nil {
		t.Fatal(err)
	}
	contains(t, b.String(), []string{
		"緊急時運行表", "090-1234-0001", "長女 試験 長女 0765-54-0901", "車両が決まっていない便が 1 件", "勤務表にない勤務 S-09", "呼ばれてから 30 分以内", "11:00–15:00 に電話で呼ぶ",
		"<small>運転者</small><br><span class=\"tel\">090-1234-0101", "<small>車両の施設</small><br><span class=\"tel\">0765-54-0102", "希望 14:00 までに到着", "勤務なし（特別養護老人ホーム", "D-02", "ながいながい", "辻", "まだ伝えていないこと", "前日 19:00",
	}, nil)
	for id := range f.state.Rides {
		if !strings.Contains(b.String(), string(id)) {
			t.Errorf("ride %s is not on the sheet", id)
		}
	}
}

func TestTheCallListNamesWhoMustBeTold(t *testing.T) {
	var b bytes.Buffer
	f := fullDay()
	if err := f.sheets(t).WriteCalls(&b); err != nil {
		t.Fatal(err)
	}
	contains(t, b.String(), []string{
		"必ず伝えること　1 件", "前日 19:00", "道路の通行止めのため、お迎えの時間が9:50〜10:10から10:00〜10:20に変わります", "不在 1 回", "娘さんの携帯にもかける",
		"お迎えの変更", "☎ <b>0765-54-0002</b>", "乗車の確認　4 人", "明日のご乗車の確認です。9:35〜9:55のお迎え、12:55〜13:15のお迎えです。", "前日 20:00", "090-1234-0001",
	}, []string{"ながいながい"}) // told already
	f.state.Notes["tell.2"].Body.(*dispatch.Tell).Told.Channel = dispatch.ChannelOutdated
	b.Reset()
	if err := f.sheets(t).WriteCalls(&b); err != nil {
		t.Fatal(err)
	}
	contains(t, b.String(), []string{"乗車の確認　5 人", "ながいながい"}, nil)
}

func TestASheetShowsWhatHappenedAndHidesWhatIsOnlyHeld(t *testing.T) {
	f := fullDay()
	stops := f.state.Routes["S-01/1"].Stops
	stops[0].State, stops[0].Depart = dispatch.Done, hm(9, 41)
	stops[2].State = dispatch.Skipped
	held := *f.state.Rides["20260120-0003"]
	held.State = dispatch.Offered
	f.state.Rides[held.ID] = &held
	contains(t, driverSheet(t, f, "D-01"), []string{"済 9:41", "会えなかった"}, []string{"20260120-0003", "架空太郎"})
}

func TestTextsOfPeopleAreNoMarkup(t *testing.T) {
	f := fullDay()
	r := f.people["R-0001"].Clone()
	r.Name, r.Kana, r.DriverNote = `<script>alert(1)</script>`, `"><b>`, `</style><i>`
	f.people["R-0001"] = r
	f.fleet.fleet.Facilities[0].Name = `</title><script>`
	f.fleet.shifts[0].Driver = `"; } </style><script>`
	for _, sheet := range []string{driverSheet(t, f, f.fleet.shifts[0].Driver), facilitySheet(t, f, "F-1")} {
		contains(t, sheet, nil, []string{"<script>", "<i>", "<b>\"", "</style><"})
	}
}

func TestAnErasedPersonIsANumberOnEverySheet(t *testing.T) {
	f := fullDay()
	delete(f.people, "R-0001")
	for _, id := range []dispatch.RideID{"20260120-0001", "20260120-0005"} {
		r := *f.state.Rides[id]
		r.Pickup, r.Dropoff, r.Party = dispatch.Place{}, dispatch.Place{}, dispatch.Party{}
		f.state.Rides[id] = &r
	}
	contains(t, driverSheet(t, f, "D-01"), []string{"R-0001"}, []string{"𠮷野", "坂の下"})
	contains(t, facilitySheet(t, f, "F-1"), nil, []string{"𠮷野", "R-0001"})
}

func TestReadingsAreGuessedOnlyWhereTheyAreKnown(t *testing.T) {
	for name, want := range map[string]string{
		"黒部 太郎": "くろべ たろう", "ひらがな": "", "㐂㐂": "", "Tanaka": "", "": "", "利用者 0001": "りようしゃ 0001",
	} {
		if got := readings.Person(name); got != want {
			t.Errorf("%q is read %q, want %q", name, got, want)
		}
	}
	for name, want := range map[string]string{"自宅": "", "富山": "とやま", "市民病院": "", "黒部市宇奈月町下立": ""} {
		if got := readings.Place(name); got != want {
			t.Errorf("place %q is read %q, want %q", name, got, want)
		}
	}
}
