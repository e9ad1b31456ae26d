package dayfile

import (
	"slices"
	"strings"

	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/routing/geo"
	"github.com/swmaas/swmaas/vehicles"
)

// riderColumns are the columns of riders.csv in the order in which they are written. Where several columns make one field,
// faults of the field are reported at the first.
var riderColumns = slices.Concat(personColumns(), homeColumns(), eligibilityColumns(), partyColumns(), peopleColumns())

func personColumns() []riderColumn {
	return []riderColumn{
		{
			columnName{"利用者番号", "rider", true},
			"ID",
			func(s *sheet, column string, r *dispatch.Rider) { r.ID = dispatch.RiderID(s.plain(column)) },
			func(r *dispatch.Rider) string { return string(r.ID) },
		},
		textColumn("氏名", "name", "Name", true, func(r *dispatch.Rider) *string { return &r.Name }),
		textColumn("ふりがな", "kana", "Kana", false, func(r *dispatch.Rider) *string { return &r.Kana }),
		{
			columnName{"生年月日", "born", false},
			"Born",
			func(s *sheet, column string, r *dispatch.Rider) {
				d, ok := readDate(s.text(column))
				if !ok {
					s.reject(column, "is not a date", "write it as 1941-05-03 or 昭和16年5月3日")
				}
				r.Born = d
			},
			func(r *dispatch.Rider) string { return string(r.Born) },
		},
		{columnName{"電話番号", "phones", false}, "Phones", readPhones, writePhones},
	}
}

func readPhones(s *sheet, column string, r *dispatch.Rider) {
	r.Phones = nil
	for _, text := range strings.FieldsFunc(s.plain(column), func(c rune) bool { return strings.ContainsRune("|,、/;", c) }) {
		if text = strings.TrimSpace(text); text == "" {
			continue
		}
		phone, err := dispatch.NormalPhone(text)
		if err != nil {
			s.reject(column, "is not a phone number", "write one such as 0765-54-1234, several joined by |")
			continue
		}
		r.Phones = append(r.Phones, phone)
	}
}

func writePhones(r *dispatch.Rider) string {
	list := make([]string, len(r.Phones))
	for i, p := range r.Phones {
		list[i] = writtenPhone(p)
	}
	return strings.Join(list, "|")
}

// writtenPhone is a number as people write it where that is read back as the same, and in E.164 form otherwise.
func writtenPhone(e164 string) string {
	text := dispatch.ReadablePhone(e164)
	if back, err := dispatch.NormalPhone(text); err != nil || back != e164 {
		return e164
	}
	return text
}

func homeColumns() []riderColumn {
	lat := func(at func(*dispatch.Rider) *geo.LatLng) func(*dispatch.Rider) string {
		return func(r *dispatch.Rider) string { return exactDegrees(*at(r))[0] }
	}
	lng := func(at func(*dispatch.Rider) *geo.LatLng) func(*dispatch.Rider) string {
		return func(r *dispatch.Rider) string { return exactDegrees(*at(r))[1] }
	}
	// The latitude's column reads both, so that half a position is one fault.
	both := func(lngColumn string, at func(*dispatch.Rider) *geo.LatLng) func(*sheet, string, *dispatch.Rider) {
		return func(s *sheet, column string, r *dispatch.Rider) {
			p, ok := readPosition(s.plain(column), s.plain(lngColumn))
			if !ok {
				s.reject(column, "is with "+lngColumn+" no position", "write degrees such as 36.8712 and 137.4431")
			}
			*at(r) = p
		}
	}
	nothing := func(*sheet, string, *dispatch.Rider) {}
	entrance := func(r *dispatch.Rider) *geo.LatLng { return &r.Home.Entrance }
	road := func(r *dispatch.Rider) *geo.LatLng { return &r.Home.Road }
	return []riderColumn{
		{columnName{"緯度", "lat", false}, "Home", both("lng", entrance), lat(entrance)},
		{columnName{"経度", "lng", false}, "", nothing, lng(entrance)},
		textColumn("住所", "address", "", false, func(r *dispatch.Rider) *string { return &r.Home.Address }),
		textColumn("自宅の呼び名", "home_label", "", false, func(r *dispatch.Rider) *string { return &r.Home.Label }),
		{columnName{"停車位置の緯度", "road_lat", false}, "", both("road_lng", road), lat(road)},
		{columnName{"停車位置の経度", "road_lng", false}, "", nothing, lng(road)},
		textColumn("玄関までの注意", "home_notes", "", false, func(r *dispatch.Rider) *string { return &r.Home.Notes }),
		listColumn("よく行く場所", "places", "Places", "通院先;三日市1108;36.87;137.44;;;北口", 7,
			func(r *dispatch.Rider) *[]dispatch.SavedPlace { return &r.Places },
			func(e *entry) dispatch.SavedPlace {
				return dispatch.SavedPlace{Label: e.text(0), Address: e.text(1), Entrance: e.position(2), Road: e.position(4), Notes: e.text(6)}
			},
			func(p *dispatch.SavedPlace) []string {
				return slices.Concat([]string{escape(p.Label), escape(p.Address)}, exactDegrees(p.Entrance), exactDegrees(p.Road), []string{escape(p.Notes)})
			}),
	}
}

// Words of councils for what the engine names in capitals. Both are read; the words are written.
var (
	standingWords = [][2]string{
		{"住民", string(dispatch.Resident)}, {"来訪者", string(dispatch.Visitor)}, {"介護", string(dispatch.CareUser)}, {"障害", string(dispatch.DisabilityUser)},
	}
	categoryWords = [][2]string{
		{"身体障害", string(dispatch.PhysicalDisability)},
		{"精神障害", string(dispatch.MentalDisability)},
		{"知的障害", string(dispatch.IntellectualDisability)},
		{"要介護", string(dispatch.CareNeed)},
		{"要支援", string(dispatch.SupportNeed)},
		{"基本チェックリスト該当", string(dispatch.ChecklistNeed)},
		{"その他の障害", string(dispatch.OtherDisability)},
	}
	modeWords = [][2]string{
		{"福祉有償運送", string(dispatch.FukushiYusho)},
		{"交通空白地有償運送", string(dispatch.KuhakuYusho)},
		{"登録不要", string(dispatch.NoReg)},
		{"介護送迎", string(dispatch.KaigoSougei)},
		{"タクシー委託", string(dispatch.TaxiContract)},
		{"訪問型B", string(dispatch.HomonB)},
		{"訪問型D", string(dispatch.HomonD)},
	}
	consentWords = [][2]string{
		{"個人情報", string(dispatch.ConsentKeep)},
		{"施設への提供", string(dispatch.ConsentFacilities)},
		{"市町村への提供", string(dispatch.ConsentTown)},
		{"見守り", string(dispatch.ConsentWatch)},
		{"相乗り", string(dispatch.ConsentShare)},
	}
)

// codeFor is the engine's name for a word, and the text itself where it is no word.
func codeFor(words [][2]string, text string) string {
	for _, w := range words {
		if w[0] == text {
			return w[1]
		}
	}
	return text
}

// wordFor is the word for the engine's name, and the name itself where there is none.
func wordFor(words [][2]string, code string) string {
	for _, w := range words {
		if w[1] == code {
			return w[0]
		}
	}
	return escape(code)
}

func eligibilityColumns() []riderColumn {
	return []riderColumn{
		{
			columnName{"区分", "standing", false},
			"Standing",
			func(s *sheet, column string, r *dispatch.Rider) {
				r.Standing = dispatch.Standing(codeFor(standingWords, s.plain(column)))
			},
			func(r *dispatch.Rider) string { return wordFor(standingWords, string(r.Standing)) },
		},
		listColumn("利用施設", "user_of", "UserOf", "F-01;介護;2026-04-01", 4,
			func(r *dispatch.Rider) *[]dispatch.Membership { return &r.UserOf },
			func(e *entry) dispatch.Membership {
				return dispatch.Membership{
					Facility: vehicles.FacilityID(e.text(0)), Standing: dispatch.Standing(codeFor(standingWords, e.text(1))),
					Dates: vehicles.Dates{From: e.date(2), To: e.date(3)},
				}
			},
			func(m *dispatch.Membership) []string {
				return []string{escape(string(m.Facility)), wordFor(standingWords, string(m.Standing)), string(m.Dates.From), string(m.Dates.To)}
			}),
		listColumn("対象区分", "categories", "Categories", "要介護;介護保険被保険者証;2027-03-31", 3,
			func(r *dispatch.Rider) *[]dispatch.CategoryFact { return &r.Categories },
			func(e *entry) dispatch.CategoryFact {
				return dispatch.CategoryFact{
					Category: dispatch.Category(codeFor(categoryWords, e.text(0))), Evidence: e.text(1), ValidTo: e.date(2),
				}
			},
			func(c *dispatch.CategoryFact) []string {
				return []string{wordFor(categoryWords, string(c.Category)), escape(c.Evidence), string(c.ValidTo)}
			}),
		listColumn("名簿", "listed", "Listed", "福祉有償運送;2027-03-31;medical,dialysis", 3,
			func(r *dispatch.Rider) *[]dispatch.Listing { return &r.Listed }, readListing, writeListing),
		flagColumn("介助が必要", "needs_help", "NeedsHelp", func(r *dispatch.Rider) *bool { return &r.NeedsHelp }),
		flagColumn("世帯に車あり", "own_car", "OwnCar", func(r *dispatch.Rider) *bool { return &r.OwnCar }),
		listColumn("同意", "consents", "Consents", "個人情報;2026-04-01;;長女;綴り12", 5,
			func(r *dispatch.Rider) *[]dispatch.Consent { return &r.Consents },
			func(e *entry) dispatch.Consent {
				return dispatch.Consent{
					Kind: dispatch.ConsentKind(codeFor(consentWords, e.text(0))), Given: e.date(1), Withdrawn: e.date(2), By: e.text(3), Document: e.text(4),
				}
			},
			func(c *dispatch.Consent) []string {
				return []string{wordFor(consentWords, string(c.Kind)), string(c.Given), string(c.Withdrawn), escape(c.By), escape(c.Document)}
			}),
	}
}

func readListing(e *entry) dispatch.Listing {
	l := dispatch.Listing{Mode: dispatch.LegalMode(codeFor(modeWords, e.text(0))), ValidTo: e.date(1)}
	for _, p := range split(e.parts[2], ',') {
		if p = unescape(p); p != "" {
			l.Purposes = append(l.Purposes, p)
		}
	}
	return l
}

func writeListing(l *dispatch.Listing) []string {
	purposes := make([]string, len(l.Purposes))
	for i, p := range l.Purposes {
		purposes[i] = escape(p)
	}
	return []string{wordFor(modeWords, string(l.Mode)), string(l.ValidTo), strings.Join(purposes, ",")}
}

func partyColumns() []riderColumn {
	return []riderColumn{
		numberColumn("座席", "seats", "Load", func(r *dispatch.Rider, n int) { r.Load.Seats = n }, func(r *dispatch.Rider) int { return r.Load.Seats }),
		numberColumn("車いす", "wheelchairs", "", func(r *dispatch.Rider, n int) { r.Load.Wheelchairs = n }, func(r *dispatch.Rider) int { return r.Load.Wheelchairs }),
		numberColumn("ストレッチャー", "stretchers", "", func(r *dispatch.Rider, n int) { r.Load.Stretchers = n }, func(r *dispatch.Rider) int { return r.Load.Stretchers }),
		{columnName{"車両の設備", "equipment", false}, "Equipment", readAids, writeAids},
		numberColumn("付添人数", "attendants", "Attendants", func(r *dispatch.Rider, n int) { r.Attendants = n }, func(r *dispatch.Rider) int { return r.Attendants }),
		flagColumn("付添必須", "escorted", "Escorted", func(r *dispatch.Rider) *bool { return &r.Escorted }),
		idsColumn("配慮", "care", "Care", func(r *dispatch.Rider) *[]dispatch.Care { return &r.Care }),
		textColumn("運転者への注意", "driver_note", "DriverNote", false, func(r *dispatch.Rider) *string { return &r.DriverNote }),
		numberColumn("乗車秒", "board_s", "Board", func(r *dispatch.Rider, n int) { r.Board = int32(n) }, func(r *dispatch.Rider) int { return int(r.Board) }),
		numberColumn("降車秒", "alight_s", "Alight", func(r *dispatch.Rider, n int) { r.Alight = int32(n) }, func(r *dispatch.Rider) int { return int(r.Alight) }),
	}
}

// minutesColumn is a column of a length of time in whole minutes, empty for none.
func minutesColumn(ja, en, field string, of func(*dispatch.Rider) *int32) riderColumn {
	return numberColumn(ja, en, field,
		func(r *dispatch.Rider, n int) { *of(r) = int32(n) * 60 }, func(r *dispatch.Rider) int { return int(*of(r)) / 60 })
}

// aidOrder lists the aids in the order in which they are written.
var aidOrder = []string{"lift", "ramp", "oxygen", "step", "child_seat"}

func readAids(s *sheet, column string, r *dispatch.Rider) {
	r.Equipment = 0
	for _, name := range split(s.plain(column), '|') {
		if name = strings.TrimSpace(name); name == "" {
			continue
		}
		aid, known := aidNames[name]
		if !known {
			s.reject(column, "has an unknown aid", "write "+strings.Join(aidOrder, ", ")+", several joined by |")
		}
		r.Equipment |= aid
	}
}

func writeAids(r *dispatch.Rider) string {
	var list []string
	for _, name := range aidOrder {
		if r.Equipment&aidNames[name] != 0 {
			list = append(list, name)
		}
	}
	return strings.Join(list, "|")
}

func peopleColumns() []riderColumn {
	return []riderColumn{
		idsColumn("同乗不可", "apart", "Apart", func(r *dispatch.Rider) *[]dispatch.RiderID { return &r.Apart }),
		idsColumn("担当できない運転者", "not_drivers", "NotDrivers", func(r *dispatch.Rider) *[]vehicles.DriverID { return &r.NotDrivers }),
		idsColumn("担当する運転者", "only_drivers", "OnlyDrivers", func(r *dispatch.Rider) *[]vehicles.DriverID { return &r.OnlyDrivers }),
		minutesColumn("乗車の上限(分)", "max_ride_min", "Limits", func(r *dispatch.Rider) *int32 { return &r.Limits.MaxRide }),
		minutesColumn("遠回りの上限(分)", "max_detour_min", "", func(r *dispatch.Rider) *int32 { return &r.Limits.MaxDetour }),
		minutesColumn("待ち時間の上限(分)", "max_wait_min", "", func(r *dispatch.Rider) *int32 { return &r.Limits.MaxWait }),
		minutesColumn("楽な乗車時間(分)", "easy_ride_min", "", func(r *dispatch.Rider) *int32 { return &r.Limits.EasyRide }),
		minutesColumn("楽な待ち時間(分)", "easy_wait_min", "", func(r *dispatch.Rider) *int32 { return &r.Limits.EasyWait }),
		idsColumn("乗れる車両", "only_vehicles", "", func(r *dispatch.Rider) *[]vehicles.VehicleID { return &r.Limits.OnlyVehicles }),
		idsColumn("希望の車両", "like_vehicles", "", func(r *dispatch.Rider) *[]vehicles.VehicleID { return &r.Limits.LikeVehicles }),
		idsColumn("希望の運転者", "like_drivers", "", func(r *dispatch.Rider) *[]vehicles.DriverID { return &r.Limits.LikeDrivers }),
		listColumn("連絡先", "contacts", "Contacts", "氏名;長女;0765-54-1234;はい", 4,
			func(r *dispatch.Rider) *[]dispatch.Contact { return &r.Contacts },
			func(e *entry) dispatch.Contact {
				return dispatch.Contact{Name: e.text(0), Relation: e.text(1), Phone: e.phone(2), Watch: e.flag(3)}
			},
			func(c *dispatch.Contact) []string {
				watch := ""
				if c.Watch {
					watch = yes
				}
				return []string{escape(c.Name), escape(c.Relation), writtenPhone(c.Phone), watch}
			}),
	}
}
