package dayfile

import (
	"fmt"
	"strings"
	"time"

	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/routing/geo"
	"github.com/swmaas/swmaas/vehicles"
)

// minute is a time of day as people read it.
func minute(t int32) string { return fmt.Sprintf("%d:%02d", t/3600, t/60%60) }

// known is minute, and "—" for a time that is not known.
func known(t int32) string {
	if t == 0 {
		return "—"
	}
	return minute(t)
}

// span is an interval of the day.
func span(from, to int32) string { return minute(from) + "–" + minute(to) }

// windowText is a promised window.
func windowText(w dispatch.Window) string { return span(w.Earliest, w.Latest) }

// dateText is a day as forms have it: 2026年1月20日(火). A day that is no date comes back as it is.
func dateText(day dispatch.Day) string {
	at, err := time.Parse(time.DateOnly, string(day))
	if err != nil {
		return string(day)
	}
	return fmt.Sprintf("%d年%d月%d日（%s）", at.Year(), at.Month(), at.Day(), string([]rune("日月火水木金土")[at.Weekday()]))
}

// pinText is a position to be typed into a navigation device; "" for none.
func pinText(at geo.LatLng) string {
	if at == (geo.LatLng{}) {
		return ""
	}
	return fmt.Sprintf("%.5f, %.5f", at.Lat, at.Lng)
}

// loadWords says what a load takes up.
func loadWords(l vehicles.Load) (words []string) {
	for _, part := range []struct {
		n    int
		word string
	}{{l.Stretchers, "ストレッチャー"}, {l.Wheelchairs, "車いす"}, {l.Seats, "座席"}} {
		if part.n > 0 {
			words = append(words, fmt.Sprintf("%s %d", part.word, part.n))
		}
	}
	return words
}

// equipmentWords names aids of a vehicle.
func equipmentWords(e vehicles.Equipment) (words []string) {
	for _, aid := range []struct {
		bit  vehicles.Equipment
		word string
	}{
		{vehicles.Lift, "リフト"},
		{vehicles.Ramp, "スロープ"},
		{vehicles.OxygenHolder, "酸素ボンベ置き"},
		{vehicles.Step, "踏み台"},
		{vehicles.ChildSeat, "チャイルドシート"},
	} {
		if e&aid.bit != 0 {
			words = append(words, aid.word)
		}
	}
	return words
}

// cabinText says what a vehicle can carry, its layouts as alternatives, and what it is equipped with.
func cabinText(v *vehicles.Vehicle) string {
	var layouts []string
	for _, l := range v.Cabin {
		layouts = append(layouts, strings.Join(loadWords(l), "＋"))
	}
	text := strings.Join(layouts, " または ")
	if words := equipmentWords(v.Equipment); len(words) > 0 {
		text += "（" + strings.Join(words, "・") + "）"
	}
	return text
}

// vehicleText names a vehicle by what is painted on it and its id.
func vehicleText(v *vehicles.Vehicle) string {
	if v.Name == "" || v.Name == string(v.ID) {
		return string(v.ID)
	}
	return v.Name + "（" + string(v.ID) + "）"
}

// wantsText is what is asked for a ride, as a sheet says it.
type wantsText struct {
	Tags   []string // one word each
	Note   string
	Alarms []string // somebody has to look before the ride
}

func wantsOf(w *dispatch.Wants) wantsText {
	t := wantsText{Note: w.Note, Tags: loadWords(w.Party.Load)}
	if len(t.Tags) == 1 && w.Party.Load == (vehicles.Load{Seats: 1}) {
		t.Tags = nil // one person on one seat goes without saying
	}
	if n := w.Party.Attendants; n > 0 {
		t.Tags = append(t.Tags, fmt.Sprintf("付き添い %d 人", n))
	}
	t.Tags = append(t.Tags, equipmentWords(w.Party.Needs)...)
	for _, c := range w.Care {
		if word := c.Word(); c != dispatch.CareWheelchair || w.Party.Load.Wheelchairs == 0 {
			t.Tags = append(t.Tags, word)
		}
	}
	if more := append(loadWords(w.NewLoad), equipmentWords(w.New)...); len(more) > 0 {
		t.Alarms = append(t.Alarms, "予約のあとで登録に加わりました："+strings.Join(more, "・")+"。この車両で乗れるか確かめてください")
	}
	if w.Unescorted {
		t.Alarms = append(t.Alarms, "付き添いが必要な方ですが、付き添いの予約がありません")
	}
	return t
}

// riderText is who travels: the name with its reading where the reader may know it, or else the number.
func (s *Sheets) riderText(r *dispatch.Ride, rider *dispatch.Rider) (name, kana string) {
	switch {
	case rider != nil && rider.Name != "":
		return rider.Name, s.kana(rider.Name, rider.Kana, Readings.Person)
	case r.Rider != "":
		return string(r.Rider), ""
	}
	return string(r.ID), ""
}

// kana is the recorded reading of a name in hiragana, or a guess that says so.
func (s *Sheets) kana(name, recorded string, guess func(Readings, string) string) string {
	if recorded != "" {
		return hiragana(recorded)
	}
	if s.Readings == nil {
		return ""
	}
	if g := guess(s.Readings, name); g != "" {
		return g + "？"
	}
	return ""
}

// placeText is a place as a template prints it.
type placeText struct{ Label, Kana, Address, Notes string }

func (s *Sheets) placeOf(p dispatch.PaperPlace) placeText {
	t := placeText{Label: p.Label, Address: p.Address, Notes: p.Notes}
	if t.Label == "" {
		t.Label = pinText(p.Entrance)
		return t
	}
	t.Kana = s.kana(p.Label, p.Kana, Readings.Place)
	return t
}

// problemWords say what stands in the way of a shift.
var problemWords = map[vehicles.ProblemKind]string{
	vehicles.UnknownVehicle: "登録のない車両です", vehicles.UnknownDriver: "登録のない運転者です", vehicles.NoDriver: "運転者が決まっていません",
	vehicles.DriverAway: "運転者が休みです", vehicles.VehicleOut: "車両が使えません", vehicles.InspectionOver: "車検の期限が切れています",
	vehicles.InsuranceOver: "保険の期限が切れています", vehicles.LicenceOver: "免許の期限が切れています",
	vehicles.CertificateOver: "講習の期限が切れています", vehicles.VehicleTwice: "車両が二つの勤務に入っています",
	vehicles.DriverTwice: "運転者が二つの勤務に入っています", vehicles.ShiftInvalid: "勤務の内容に誤りがあります",
	vehicles.HoursOver: "運転者の拘束時間の上限を超えます", vehicles.RestShort: "前日の勤務からの休息が足りません", vehicles.DrivesNoMore: "運転者の担当の期限が過ぎています",
	vehicles.SubstitutionStray: "交代の元になる勤務がありません",
}

// problemText is a problem of the calendar in one line.
func problemText(p vehicles.Problem) string {
	text := fmt.Sprintf("勤務 %s（車両 %s、運転者 %s）：%s", p.Shift, p.Vehicle, p.Driver, problemWords[p.Kind])
	if p.Span != (vehicles.Span{}) {
		text += " " + span(p.Span.Start, p.Span.End)
	}
	return text
}
