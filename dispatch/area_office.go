package dispatch

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/swmaas/swmaas/routing/geo"
	"github.com/swmaas/swmaas/vehicles"
)

// Area is what is known of an area beside its fleet, calendar and policies. Its service days are those of the desk's zone.
type Area struct {
	ID           AreaID
	Version      int64 // 1 when new, one more with each change
	Name         string
	Municipality string     // code of the municipality (全国地方公共団体コード), six digits
	SouthWest    geo.LatLng // corner of the box around the area
	NorthEast    geo.LatLng
	Office       geo.LatLng // where the office is, in the box
	OfficePhone  string     // in E.164 form; whom riders and drivers call
	At           time.Time  // of the last change
	By           string     // account that made it
}

// longestAreaName is in characters.
const longestAreaName = 64

// japan is the box that an area lies in.
var japan = struct{ southWest, northEast geo.LatLng }{geo.LatLng{Lat: 20, Lng: 122}, geo.LatLng{Lat: 46, Lng: 154}}

// Validate reports everything that is wrong with the entry; it fails with ErrInvalid.
func (a *Area) Validate() error {
	var problems []error
	need := func(ok bool, format string, args ...any) {
		if !ok {
			problems = append(problems, fmt.Errorf("%w: "+format, append([]any{ErrInvalid}, args...)...))
		}
	}
	need(ValidAreaName(a.Name), "name: %d characters at most, in Japanese, such as 黒部市", longestAreaName)
	need(ValidMunicipality(a.Municipality), "municipality_code: six digits of which the last checks the others, such as 162078")
	need(inBox(a.SouthWest, japan.southWest, japan.northEast) && inBox(a.NorthEast, japan.southWest, japan.northEast), "bounds: a corner is not in Japan")
	need(a.SouthWest.Lat < a.NorthEast.Lat && a.SouthWest.Lng < a.NorthEast.Lng, "bounds: the south-western corner is not south and west of the north-eastern one")
	need(inBox(a.Office, a.SouthWest, a.NorthEast), "office: not within the bounds")
	if normal, err := NormalPhone(a.OfficePhone); err != nil || normal != a.OfficePhone {
		problems = append(problems, fmt.Errorf("%w: office_phone: not a phone number; write one such as 0765-54-1234", ErrInvalid))
	}
	return errors.Join(problems...)
}

func inBox(p, southWest, northEast geo.LatLng) bool {
	return p.Lat >= southWest.Lat && p.Lat <= northEast.Lat && p.Lng >= southWest.Lng && p.Lng <= northEast.Lng
}

// ValidAreaName reports whether an area can be called so: in Japanese, with 64 characters at most.
func ValidAreaName(name string) bool {
	japanese := func(r rune) bool { return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana) }
	return strings.IndexFunc(name, japanese) >= 0 && utf8.RuneCountInString(name) <= longestAreaName
}

// ValidMunicipality checks the code of a municipality by its last digit (総務省「全国地方公共団体コード仕様」: eleven less the sum of the five digits times six to two,
// modulo eleven, of which the last digit counts).
func ValidMunicipality(code string) bool {
	if len(code) != 6 {
		return false
	}
	sum := 0
	for i, r := range code {
		if r < '0' || r > '9' {
			return false
		}
		if i < 5 {
			sum += int(r-'0') * (6 - i)
		}
	}
	return int(code[5]-'0') == (11-sum%11)%10
}

// AreaStore keeps the entries. Errors besides those named are the store's. It is safe for concurrent use.
type AreaStore interface {
	// Area returns an entry, or ErrNotFound.
	Area(ctx context.Context, id AreaID) (*Area, error)
	// AreaEntries lists all entries by id.
	AreaEntries(ctx context.Context) ([]Area, error)
	// SaveArea stores an entry whose version is one more than that of the one there, 1 where there is none. It fails with ErrStale otherwise.
	SaveArea(ctx context.Context, a *Area) error
}

// AreaOffice reads and changes what is known of areas, and says what an area lacks. Safe for concurrent use.
type AreaOffice struct {
	store AreaStore
	desk  *Desk
}

// NewAreaOffice returns an office that looks at areas as the desk does.
func NewAreaOffice(store AreaStore, desk *Desk) *AreaOffice { return &AreaOffice{store, desk} }

// Area returns an entry, or ErrNotFound.
func (o *AreaOffice) Area(ctx context.Context, id AreaID) (*Area, error) {
	return o.store.Area(ctx, id)
}

// Areas lists all entries by id.
func (o *AreaOffice) Areas(ctx context.Context) ([]Area, error) { return o.store.AreaEntries(ctx) }

// ErrOutsideRoads means that the roads that the service was started with do not reach an area. api/errors.go maps it to a code.
var ErrOutsideRoads = errors.New("dispatch: area is not on the service's road graph")

// Save stores an entry in place of the version that it carries, 0 for a new one, and returns it as stored; one that is there already as it is wanted,
// made by the same account, is returned as it is. It fails with ErrInvalid, ErrOutsideRoads where no road is near the office, ErrChanged for another
// version, and the store's errors.
func (o *AreaOffice) Save(ctx context.Context, by Actor, a Area) (*Area, error) {
	if err := a.Validate(); err != nil {
		return nil, err
	}
	if _, err := o.desk.travel.Snap(a.Office); err != nil {
		return nil, fmt.Errorf("%w: no road is near the office: make a graph of an extract that holds the area with 'swmaas graph build', and start the service with it (--graph): %w", ErrOutsideRoads, err)
	}
	a.Version, a.At, a.By = a.Version+1, o.desk.now(), by.Subject
	err := o.store.SaveArea(ctx, &a)
	if !errors.Is(err, ErrStale) {
		return &a, err
	}
	there, err := o.store.Area(ctx, a.ID)
	if err != nil {
		return nil, err
	}
	same := *there
	same.At = a.At
	if same == a {
		return there, nil
	}
	return nil, fmt.Errorf("%w: area %s is at version %d, not %d", ErrChanged, a.ID, there.Version, a.Version-1)
}

// AreaCheck is one thing that was looked at, in the words of both languages: what was found, and what to do about it, which is empty where
// nothing is to be done.
type AreaCheck struct {
	Code  string
	Level CheckLevel
	Found Sentences
	Do    Sentences
}

// CheckLevel says how a check turned out.
type CheckLevel uint8

// The levels.
const (
	CheckFine  CheckLevel = iota + 1
	CheckWarns            // rides can be promised, but somebody should look
	CheckFails            // nothing can be promised
)

// checkedDays is how many days ahead shifts and policies are looked at, from today on, and paperDays is it for papers.
const checkedDays, paperDays = 7, 30

// Checks looks at an area as it is now: its entry, roads, fleet, shifts and policies of the coming days, and papers. Errors are the stores'.
func (o *AreaOffice) Checks(ctx context.Context, id AreaID) ([]AreaCheck, error) {
	entry, err := o.store.Area(ctx, id)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return nil, err
	}
	list := []AreaCheck{checkEntry(entry)}
	fleet, err := o.desk.fleet.Fleet(ctx, string(id))
	if err != nil {
		return nil, err
	}
	list = append(list, o.checkRoads(entry, &fleet), checkFleet(&fleet))
	today := vehicles.Date(o.desk.now().In(o.desk.cfg.Zone).Format(time.DateOnly))
	for _, check := range []func(context.Context, AreaID, vehicles.Date) (AreaCheck, error){o.checkShifts, o.checkPolicies, o.checkPapers} {
		found, err := check(ctx, id, today)
		if err != nil {
			return nil, err
		}
		list = append(list, found)
	}
	return list, nil
}

func checkEntry(a *Area) AreaCheck {
	if a == nil {
		return AreaCheck{
			"ENTRY", CheckWarns,
			Sentences{"地域の名称や事務所の電話番号が登録されていません。", "The area has no name and no phone number of its office."},
			Sentences{"Admin.CreateArea で登録してください。", "Enter it with Admin.CreateArea."},
		}
	}
	return AreaCheck{Code: "ENTRY", Level: CheckFine, Found: Sentences{a.Name + "として登録されています。", "It is entered as " + a.Name + "."}}
}

// checkRoads looks whether office and facilities are near roads.
func (o *AreaOffice) checkRoads(a *Area, fleet *vehicles.Fleet) AreaCheck {
	build := Sentences{"地域を含む地図から swmaas graph build で道路網を作り、--graph で起動し直してください。", "Make a graph of an extract that holds the area with swmaas graph build, and start the service with --graph."}
	fails := func(ja, en string, do Sentences) AreaCheck {
		return AreaCheck{"ROADS", CheckFails, Sentences{ja, en}, do}
	}
	if a != nil {
		if _, err := o.desk.travel.Snap(a.Office); err != nil {
			return fails("事務所の近くに道路がありません。", "No road is near the office.", build)
		}
	}
	for _, f := range fleet.Facilities {
		if _, err := o.desk.travel.Snap(f.At); errors.Is(err, ErrNoRoads) {
			return fails("道路網が読み込まれていません。", "No road graph is loaded.", build)
		} else if err != nil {
			return fails(fmt.Sprintf("施設 %s の近くに道路がありません。", f.ID), fmt.Sprintf("No road is near facility %s.", f.ID),
				Sentences{"施設の位置を直すか、道路網を作り直してください。", "Put its position right, or make the graph anew."})
		}
	}
	return AreaCheck{Code: "ROADS", Level: CheckFine, Found: Sentences{"道路網が地域に届いています。", "The roads reach the area."}}
}

func checkFleet(fleet *vehicles.Fleet) AreaCheck {
	found := Sentences{
		fmt.Sprintf("施設 %d、車両 %d、運転者 %d。", len(fleet.Facilities), len(fleet.Vehicles), len(fleet.Drivers)),
		fmt.Sprintf("%d facilities, %d vehicles, %d drivers.", len(fleet.Facilities), len(fleet.Vehicles), len(fleet.Drivers)),
	}
	if len(fleet.Vehicles) == 0 {
		return AreaCheck{"FLEET", CheckFails, found, Sentences{"Fleet.SaveFacility、SaveVehicle で登録してください。", "Enter them with Fleet.SaveFacility and SaveVehicle."}}
	}
	return AreaCheck{Code: "FLEET", Level: CheckFine, Found: found}
}

func (o *AreaOffice) checkShifts(ctx context.Context, id AreaID, today vehicles.Date) (AreaCheck, error) {
	shifts := 0
	for k := range checkedDays {
		list, err := o.desk.Roster(ctx, id, Day(today.Add(k)))
		if err != nil {
			return AreaCheck{}, err
		}
		shifts += len(list)
	}
	found := Sentences{fmt.Sprintf("今後 %d 日の勤務 %d。", checkedDays, shifts), fmt.Sprintf("%d shifts within %d days.", shifts, checkedDays)}
	if shifts == 0 {
		return AreaCheck{"SHIFTS", CheckFails, found, Sentences{"Fleet.SaveShiftTemplate または OfferShareWindow で登録してください。", "Enter some with Fleet.SaveShiftTemplate or OfferShareWindow."}}, nil
	}
	return AreaCheck{Code: "SHIFTS", Level: CheckFine, Found: found}, nil
}

// checkPolicies looks whether every coming day has a policy, and whether it is the area's own.
func (o *AreaOffice) checkPolicies(ctx context.Context, id AreaID, today vehicles.Date) (AreaCheck, error) {
	set, err := o.desk.policies(ctx, id)
	if err != nil || set == nil {
		return AreaCheck{Code: "POLICY", Level: CheckWarns, Found: Sentences{"方針なしで運行しています。", "Rides are promised without policies."}}, err
	}
	put := Sentences{"Council.PutPolicy で地域の方針を登録してください。", "Put the area's policy with Council.PutPolicy."}
	level, found := CheckFine, Sentences{"地域の方針があります。", "The area has a policy of its own."}
	for k := range checkedDays {
		day := Day(today.Add(k))
		switch p := set.At(id, day); {
		case p == nil:
			return AreaCheck{"POLICY", CheckFails, Sentences{string(day) + "の方針がありません。", "No policy is in force on " + string(day) + "."}, put}, nil
		case p.Area == AnyArea:
			level, found = CheckWarns, Sentences{"地域の方針がなく、慎重な初期設定によります。", "The area has no policy of its own: the cautious one decides."}
		}
	}
	if level == CheckFine {
		put = Sentences{}
	}
	return AreaCheck{"POLICY", level, found, put}, nil
}

func (o *AreaOffice) checkPapers(ctx context.Context, id AreaID, today vehicles.Date) (AreaCheck, error) {
	over, err := o.desk.Expiring(ctx, id, Day(today), paperDays)
	if err != nil {
		return AreaCheck{}, err
	}
	if len(over) == 0 {
		return AreaCheck{Code: "PAPERS", Level: CheckFine, Found: Sentences{fmt.Sprintf("%d 日以内に切れる書類はありません。", paperDays), fmt.Sprintf("No paper ends within %d days.", paperDays)}}, nil
	}
	return AreaCheck{
		"PAPERS", CheckWarns,
		Sentences{fmt.Sprintf("%d 日以内に切れる書類が %d 件あります。", paperDays, len(over)), fmt.Sprintf("%d papers end within %d days.", len(over), paperDays)},
		Sentences{"Council.ListExpiring で確かめ、更新してください。", "See Council.ListExpiring, and renew them."},
	}, nil
}
