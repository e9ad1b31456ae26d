package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/routing/geo"
	"github.com/swmaas/swmaas/vehicles"
)

// newTown is what must be known of a town. Drivers are numbers and never names.
type newTown struct {
	Area         string        `yaml:"area"`
	Name         string        `yaml:"name,omitempty"`         // as people read it, in Japanese
	Municipality string        `yaml:"municipality,omitempty"` // six digits of the 全国地方公共団体コード
	Graph        string        `yaml:"graph,omitempty"`
	OSM          string        `yaml:"osm,omitempty"`
	Facilities   []newFacility `yaml:"facilities"`
}

type newFacility struct {
	ID       string       `yaml:"id"`
	Name     string       `yaml:"name"`
	At       string       `yaml:"at"` // LAT,LNG
	Phone    string       `yaml:"phone,omitempty"`
	Office   bool         `yaml:"office,omitempty"` // the area is dispatched from here: drivers ring this number
	Vehicles []newVehicle `yaml:"vehicles"`
}

type newVehicle struct {
	ID          string `yaml:"id"`
	Name        string `yaml:"name,omitempty"`
	Seats       int    `yaml:"seats"`
	Wheelchairs int    `yaml:"wheelchairs"`
	Lift        bool   `yaml:"lift,omitempty"`
	Driver      string `yaml:"driver"` // number of who usually drives
	DriverPhone string `yaml:"driver_phone,omitempty"`
	Volunteer   bool   `yaml:"volunteer,omitempty"`
	Days        string `yaml:"days"` // "mon-fri" or "mon,wed,fri"
	From        string `yaml:"from"` // "9:00"
	To          string `yaml:"to"`
	Inspection  string `yaml:"inspection,omitempty"` // last day of the 車検
	Insurance   string `yaml:"insurance,omitempty"`
}

// build checks the answers and gives fleet and calendar. It names everything that is wrong.
func (t *newTown) build() (fleet vehicles.Fleet, calendar *vehicles.Calendar, err error) {
	var problems []error
	wrong := func(where, format string, args ...any) {
		problems = append(problems, fmt.Errorf("%s: %s", where, fmt.Sprintf(format, args...)))
	}
	if !areaName(t.Area) {
		wrong("area", "%q is not lower case letters, digits and hyphens, at most 32", t.Area)
	}
	if fault := faultOfTownName(t.Name); fault != (words{}) {
		wrong("name", "%s", fault.en)
	}
	if fault := faultOfMunicipality(t.Municipality); fault != (words{}) {
		wrong("municipality", "%s", fault.en)
	}
	if len(t.Facilities) == 0 {
		wrong("facilities", "at least one is needed")
	}
	calendar = &vehicles.Calendar{}
	drivers := map[string]bool{}
	for _, f := range t.Facilities {
		at, err := parseLatLng("at", f.At)
		if err != nil {
			wrong("facility "+f.ID, "at: %v", err)
		}
		phone, err := writtenNumber(f.Phone)
		if err != nil {
			wrong("facility "+f.ID, "phone: %v", err)
		}
		fleet.Facilities = append(fleet.Facilities, vehicles.Facility{ID: vehicles.FacilityID(f.ID), Name: f.Name, At: at, Phone: phone, Office: f.Office})
		for _, v := range f.Vehicles {
			template, err := v.template(at)
			if err != nil {
				wrong("vehicle "+v.ID, "%v", err)
			}
			fleet.Vehicles = append(fleet.Vehicles, v.vehicle(f.ID, at))
			calendar.Templates = append(calendar.Templates, template)
			calendar.Papers = append(calendar.Papers, vehicles.Papers{
				Vehicle: vehicles.VehicleID(v.ID), Inspection: vehicles.Date(v.Inspection), Insurance: vehicles.Date(v.Insurance),
			})
			if !drivers[v.Driver] {
				drivers[v.Driver] = true
				driver := v.driver(f.ID)
				if driver.Phone, err = writtenNumber(v.DriverPhone); err != nil {
					wrong("driver "+v.Driver, "driver_phone: %v", err)
				}
				fleet.Drivers = append(fleet.Drivers, driver)
			}
		}
	}
	if len(fleet.Vehicles) == 0 {
		wrong("vehicles", "at least one is needed")
	}
	if err := fleet.Validate(); err != nil {
		problems = append(problems, err)
	}
	checked := *calendar
	checked.Fleet = fleet
	if err := checked.Validate(); err != nil && len(problems) == 0 {
		problems = append(problems, err)
	}
	return fleet, calendar, errors.Join(problems...)
}

// writtenNumber is a telephone number in E.164 form, empty for an empty text. The error does not repeat it.
func writtenNumber(text string) (string, error) {
	if text == "" {
		return "", nil
	}
	number, err := dispatch.NormalPhone(text)
	if err != nil {
		return "", errors.New("not a telephone number such as 0765-54-1234")
	}
	return number, nil
}

func areaName(s string) bool {
	if s == "" || len(s) > 32 || s[0] == '-' {
		return false
	}
	return strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789-") == ""
}

func (v *newVehicle) vehicle(owner string, home geo.LatLng) vehicles.Vehicle {
	name := v.Name
	if name == "" {
		name = v.ID
	}
	out := vehicles.Vehicle{
		ID: vehicles.VehicleID(v.ID), Name: name, Owner: vehicles.FacilityID(owner), Home: home,
		Cabin: vehicles.Cabin{{Seats: v.Seats, Wheelchairs: v.Wheelchairs}},
	}
	if v.Wheelchairs > 0 {
		out.Equipment, out.Welfare = vehicles.Ramp, true
		if v.Lift {
			out.Equipment |= vehicles.Lift
		}
	}
	return out
}

func (v *newVehicle) driver(facility string) vehicles.Driver {
	out := vehicles.Driver{ID: vehicles.DriverID(v.Driver), Facility: vehicles.FacilityID(facility), Class: vehicles.Employee, Licence: vehicles.FirstClass}
	if v.Volunteer {
		out.Class = vehicles.Volunteer
	}
	return out
}

func (v *newVehicle) template(home geo.LatLng) (t vehicles.ShiftTemplate, err error) {
	days, err := parseWeekdays(v.Days)
	from, err1 := parseClock(v.From)
	to, err2 := parseClock(v.To)
	if err := errors.Join(err, err1, err2); err != nil {
		return t, err
	}
	if from >= to {
		return t, fmt.Errorf("%s is not before %s", v.From, v.To)
	}
	if v.Driver == "" {
		return t, errors.New("driver: the number of who usually drives is needed, never a name")
	}
	return vehicles.ShiftTemplate{
		ID: vehicles.ShiftID("S-" + v.ID), Vehicle: vehicles.VehicleID(v.ID), Driver: vehicles.DriverID(v.Driver),
		Days: vehicles.DayPattern{Weekdays: days}, Span: vehicles.Span{Start: from, End: to}, Start: home, End: home,
	}, nil
}

// parseClock reads "9:00" as seconds of the day.
func parseClock(text string) (int32, error) {
	at, err := time.Parse("15:04", text)
	if err != nil {
		return 0, fmt.Errorf("%q is not a time such as 9:00", text)
	}
	return int32(at.Hour()*3600 + at.Minute()*60), nil
}

var weekdayNames = []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}

// parseWeekdays reads "mon-fri", "mon,wed" or the Japanese letters "月水金".
func parseWeekdays(text string) (vehicles.Weekdays, error) {
	var days []time.Weekday
	index := func(name string) int {
		for i, known := range weekdayNames {
			if strings.EqualFold(strings.TrimSpace(name), known) {
				return i
			}
		}
		return -1
	}
	for _, part := range strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ' ' || r == '、' }) {
		first, last, isRange := strings.Cut(part, "-")
		from, to := index(first), index(last)
		switch {
		case isRange && from >= 0 && to >= from:
			for d := from; d <= to; d++ {
				days = append(days, time.Weekday(d))
			}
		case !isRange && from >= 0:
			days = append(days, time.Weekday(from))
		default:
			for _, r := range part {
				i := strings.IndexRune("日月火水木金土", r)
				if i < 0 {
					return 0, fmt.Errorf("days: %q is not mon-fri, mon,wed or 月水金", text)
				}
				days = append(days, time.Weekday(i/len("日")))
			}
		}
	}
	if len(days) == 0 {
		return 0, errors.New("days: none is named; write mon-fri or 月水金")
	}
	return vehicles.On(days...), nil
}

// interview asks for a town, line by line. An empty line takes what stands in brackets.
type interview struct {
	in       *bufio.Scanner
	out      io.Writer
	japanese bool
}

func newLines(r io.Reader) *bufio.Scanner { return bufio.NewScanner(r) }

// ask asks until the answer is right. check may be nil.
func (q *interview) ask(ja, en, fallback string, check func(string) error) (string, error) {
	text := en
	if q.japanese {
		text = ja
	}
	for range 5 {
		if fallback != "" {
			_, _ = fmt.Fprintf(q.out, "%s [%s]: ", text, fallback)
		} else {
			_, _ = fmt.Fprintf(q.out, "%s: ", text)
		}
		if !q.in.Scan() {
			return "", fmt.Errorf("the answers end before %q; on a machine without a terminal, give them with --file", text)
		}
		answer := strings.TrimSpace(q.in.Text())
		if answer == "" {
			answer = fallback
		}
		if check == nil {
			return answer, nil
		}
		err := check(answer)
		if err == nil {
			return answer, nil
		}
		_, _ = fmt.Fprintf(q.out, "  %v\n", err)
	}
	return "", fmt.Errorf("no usable answer to %q", text)
}

// unless makes a check of what finds faults.
func (q *interview) unless(fault func(string) words) func(string) error {
	return func(answer string) error {
		if found := fault(answer); found != (words{}) {
			return errors.New(found.in(q.japanese))
		}
		return nil
	}
}

func (q *interview) number(ja, en string, fallback, most int) (n int, err error) {
	_, err = q.ask(ja, en, strconv.Itoa(fallback), func(s string) (err error) {
		if n, err = strconv.Atoi(s); err != nil || n < 0 || n > most {
			return fmt.Errorf("0 - %d", most)
		}
		return nil
	})
	return n, err
}

// about asks for everything that the town lacks.
func (q *interview) about(t *newTown) (err error) {
	if t.Area == "" {
		t.Area, err = q.ask("地域の名前(英小文字・数字・ハイフン)", "Name of the area (lower case letters, digits, hyphens)", "", func(s string) error {
			if !areaName(s) {
				return errors.New("a-z 0-9 -")
			}
			return nil
		})
	}
	if err == nil {
		t.Name, err = q.ask("町の名前(例: 黒部市。あとで登録するなら空のまま)", "Name of the town in Japanese, such as 黒部市 (leave empty to enter it later)", "", q.unless(faultOfTownName))
	}
	if err == nil {
		t.Municipality, err = q.ask("全国地方公共団体コード(6 桁、例: 162078。あとで登録するなら空のまま)",
			"Code of the municipality (全国地方公共団体コード, six digits such as 162078; leave empty to enter it later)", "", q.unless(faultOfMunicipality))
	}
	if err == nil && t.Graph == "" && t.OSM == "" {
		t.Graph, err = q.ask("道路データのファイル(swmaas graph build で作ったもの)", "Road graph (made by swmaas graph build)", "", nil)
	}
	if err != nil {
		return err
	}
	n, err := q.number("施設の数", "How many facilities", 1, 200)
	if err != nil {
		return err
	}
	for i := range n {
		f := newFacility{ID: fmt.Sprintf("F-%02d", i+1)}
		if err := q.facility(&f, t); err != nil {
			return err
		}
		t.Facilities = append(t.Facilities, f)
	}
	if n == 0 {
		return nil
	}
	office, err := q.number("配車の事務所はどの施設ですか(1からの番号、なければ0)", "From which facility is the area dispatched (counted from 1, 0 for none)", 1, n)
	if err == nil && office > 0 {
		t.Facilities[office-1].Office = true
	}
	return err
}

// maybePhone takes a telephone number, or nothing.
func maybePhone(s string) error {
	_, err := writtenNumber(s)
	return err
}

func (q *interview) facility(f *newFacility, t *newTown) (err error) {
	if f.Name, err = q.ask("施設 "+f.ID+" の名前", "Name of facility "+f.ID, f.ID, nil); err != nil {
		return err
	}
	f.At, err = q.ask("場所(緯度,経度)", "Where it is (LAT,LNG)", "", func(s string) error { _, err := parseLatLng("at", s); return err })
	if err != nil {
		return err
	}
	if f.Phone, err = q.ask("電話番号(なければ空のまま)", "Telephone number (leave empty for none)", "", maybePhone); err != nil {
		return err
	}
	cars, err := q.number("貸し出す車両の数", "How many vehicles it lends", 1, 100)
	if err != nil {
		return err
	}
	before := 0
	for _, other := range t.Facilities {
		before += len(other.Vehicles)
	}
	for i := range cars {
		v := newVehicle{ID: fmt.Sprintf("V-%02d", before+i+1), Driver: fmt.Sprintf("D-%03d", before+i+1)}
		if err := q.vehicle(&v); err != nil {
			return err
		}
		f.Vehicles = append(f.Vehicles, v)
	}
	return nil
}

func (q *interview) vehicle(v *newVehicle) (err error) {
	if v.Name, err = q.ask("車両 "+v.ID+" の呼び名", "What vehicle "+v.ID+" is called", v.ID, nil); err != nil {
		return err
	}
	if v.Seats, err = q.number("座席の数(運転者を除く)", "Seats, without the driver's", 4, 60); err != nil {
		return err
	}
	if v.Wheelchairs, err = q.number("車いすの数", "Wheelchairs", 0, 20); err != nil {
		return err
	}
	if v.Days, err = q.ask("貸し出す曜日", "Weekdays on which it is lent", "mon-fri", func(s string) error { _, err := parseWeekdays(s); return err }); err != nil {
		return err
	}
	clock := func(s string) error { _, err := parseClock(s); return err }
	if v.From, err = q.ask("何時から", "From", "9:00", clock); err != nil {
		return err
	}
	v.To, err = q.ask("何時まで", "Until", "16:00", clock)
	return err
}
