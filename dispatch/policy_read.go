package dispatch

import (
	"time"

	"github.com/swmaas/swmaas/routing/geo"
	"github.com/swmaas/swmaas/vehicles"
)

// Bounds of figures in policy files: wide enough for any service, narrow enough to catch a slip of the unit.
const (
	mostYen     = 1_000_000_000_000
	mostFare    = 1_000_000
	mostMinutes = 60 * 24 * 60
	mostDays    = 366
	mostMeters  = 1_000_000
)

// readPolicy reads one policy and notes every fault.
func readPolicy(n *node, notes *[]error) *Policy {
	f := in(n, notes)
	p := &Policy{
		Name: f.text("name"), Area: AreaID(f.text("area")), Dates: f.dates(), Document: f.text("document"), at: n.at,
		Booking: readBooking(f.object("booking")), Days: readDays(f.object("days")), Limits: readLimits(f.object("limits")),
	}
	for _, item := range f.list("modes", true) {
		p.Modes = append(p.Modes, readMode(in(item, notes)))
	}
	for _, item := range f.list("co_ride", false) {
		p.CoRide = append(p.CoRide, readCoRide(in(item, notes)))
	}
	for _, item := range f.list("joint_agreements", false) {
		p.Joint = append(p.Joint, readJoint(in(item, notes)))
	}
	for _, item := range f.list("quotas", false) {
		p.Quotas = append(p.Quotas, readQuota(in(item, notes)))
	}
	if f.has("taxi") {
		p.Taxi = readTaxi(f.object("taxi"))
	}
	f.done()
	return p
}

func readMode(f fields) *ModeRule {
	m := &ModeRule{
		Mode:  one(f, "mode", true, FukushiYusho, KuhakuYusho, NoReg, KaigoSougei, TaxiContract, HomonB, HomonD),
		Basis: f.text("basis"), Dates: f.someDates(), Riders: readRiders(f.object("riders")),
		Pooling: readPooling(f.object("pooling")), Area: readArea(f.object("area")), Driver: readDriver(f.object("driver")),
		Vehicle: readVehicle(f.object("vehicle")), Price: readPrice(f.object("price")), at: f.n.at,
	}
	if f.has("booking") {
		rule := readBooking(f.object("booking"))
		m.Booking = &rule
	}
	f.done()
	return m
}

func readRiders(f fields) RiderRule {
	defer f.done()
	return RiderRule{
		Standings: texts(f, "standings", false, Resident, Visitor, CareUser, DisabilityUser),
		Categories: texts(f, "categories", false, PhysicalDisability, MentalDisability, IntellectualDisability, CareNeed,
			SupportNeed, ChecklistNeed, OtherDisability),
		Listed: f.flag("listed"), NeedsHelp: f.flag("needs_help"), OwnUsers: f.flag("own_users"),
		Purposes: texts[string](f, "purposes", false), Source: f.text("source"),
	}
}

func readPooling(f fields) PoolingRule {
	defer f.done()
	r := PoolingRule{Kind: one(f, "kind", true, RideAlone, RideByPurpose, RideTogether, RideOwnUsers), Source: f.text("source")}
	r.Purposes = texts[string](f, "purposes", r.Kind == RideByPurpose)
	if r.Kind != RideByPurpose && len(r.Purposes) > 0 {
		f.note(f.n.at, "purposes mean nothing where pooling is %s", r.Kind)
	}
	return r
}

func readArea(f fields) AreaRule {
	defer f.done()
	r := AreaRule{Kind: one(f, "kind", true, Anywhere, EitherEnd, BothEnds, DestInside), Source: f.text("source")}
	r.Polygons = f.polygons("polygons", r.Kind != Anywhere)
	for _, item := range f.list("facilities", false) {
		g := in(item, f.notes)
		r.Own = append(r.Own, FacilityArea{vehicles.FacilityID(g.text("facility")), g.polygons("polygons", true)})
		g.done()
	}
	return r
}

// polygons is a list of rings of [latitude, longitude].
func (f fields) polygons(key string, needed bool) []Polygon {
	var out []Polygon
	for _, ring := range f.list(key, needed) {
		var p Polygon
		for _, corner := range ring.items {
			p = append(p, corner.place(f))
		}
		if len(p) < 3 {
			f.note(ring.at, "a polygon needs at least three corners")
		}
		out = append(out, p)
	}
	return out
}

// place reads [latitude, longitude] in degrees.
func (n *node) place(f fields) geo.LatLng {
	pair := map[string]*node{}
	if len(n.items) == 2 {
		pair["latitude"], pair["longitude"] = n.items[0], n.items[1]
	} else {
		f.note(n.at, "a corner must be [latitude, longitude]")
		return geo.LatLng{}
	}
	g := fields{&node{at: n.at, kind: jsonObject, fields: pair}, map[string]bool{}, f.notes}
	return geo.LatLng{Lat: g.number("latitude", -90, 90, true), Lng: g.number("longitude", -180, 180, true)}
}

func readDriver(f fields) DriverRule {
	defer f.done()
	r := DriverRule{Source: f.text("source")}
	for _, item := range f.list("licences", false) {
		g := in(item, f.notes)
		path := vehicles.LicencePath{
			Licence: vehicles.FirstClass, AnyOf: texts[string](g, "any_of", false), CleanYears: int(g.whole("clean_years", 0, 10, false)),
		}
		if one(g, "class", true, "FIRST", "SECOND") == "SECOND" {
			path.Licence = vehicles.SecondClass
		}
		g.done()
		r.Paths = append(r.Paths, path)
	}
	r.PlainAnyOf = texts[string](f, "plain_vehicle_any_of", false)
	for _, class := range texts(f, "employers", false, "EMPLOYEE", "VOLUNTEER", "CONTRACTOR") {
		r.Classes = append(r.Classes, map[string]vehicles.DriverClass{
			"EMPLOYEE": vehicles.Employee, "VOLUNTEER": vehicles.Volunteer, "CONTRACTOR": vehicles.Contractor,
		}[class])
	}
	return r
}

func readVehicle(f fields) VehicleRule {
	defer f.done()
	return VehicleRule{
		MaxPersons: int(f.whole("max_persons", 1, 60, false)), Plate: one(f, "plate", false, AnyPlate, PrivatePlate, BusinessPlate),
		Display: f.flag("display"), Agreement: f.flag("use_agreement"), Papers: f.flag("papers"),
		PersonYen: f.whole("cover_person_yen", 0, mostYen, false), PropertyYen: f.whole("cover_property_yen", 0, mostYen, false),
		Source: f.text("source"),
	}
}

func readPrice(f fields) PriceRule {
	defer f.done()
	r := PriceRule{
		Kind:     one(f, "kind", true, PriceFree, PriceActual, PriceCareFee, PriceFlat, PriceDistance, PriceTime, PriceOperators),
		CapRatio: f.number("cap_ratio", 0, 2, false), Source: f.text("source"),
	}
	r.Base = f.whole("base_yen", 0, mostFare, r.Kind == PriceFlat || r.Kind == PriceDistance || r.Kind == PriceTime)
	r.Step = f.whole("step_yen", 0, mostFare, r.Kind == PriceDistance || r.Kind == PriceTime)
	switch r.Kind {
	case PriceDistance:
		r.Within, r.Every = int32(f.whole("within_m", 0, mostMeters, true)), int32(f.whole("every_m", 1, mostMeters, true))
	case PriceTime:
		r.Within, r.Every = int32(f.whole("within_s", 0, mostMinutes, true)), int32(f.whole("every_s", 1, mostMinutes, true))
	}
	for _, item := range f.list("extras", false) {
		g := in(item, f.notes)
		r.Extras = append(r.Extras, ExtraCharge{g.text("code"), g.whole("yen", 0, mostFare, true), g.text("for")})
		g.done()
	}
	return r
}

func readTaxi(f fields) *TaxiTariff {
	defer f.done()
	return &TaxiTariff{
		Base: f.whole("base_yen", 1, mostFare, true), Within: int32(f.whole("within_m", 0, mostMeters, true)),
		Step: f.whole("step_yen", 1, mostFare, true), Every: int32(f.whole("every_m", 1, mostMeters, true)),
		HalfHour: f.whole("half_hour_yen", 0, mostFare, false), Source: f.text("source"),
	}
}

func readBooking(f fields) BookingRule {
	defer f.done()
	r := BookingRule{
		Notice:    time.Duration(f.whole("notice_min", 0, mostMinutes, false)) * time.Minute,
		AheadDays: int(f.whole("ahead_days", 0, mostDays, false)), OpensAt: f.clock("opens_at", false),
		ReturnsExempt: f.flag("returns_exempt"), Source: f.text("source"),
	}
	if f.has("cut_off") {
		g := f.object("cut_off")
		r.CutOff = &CutOff{
			Days: int(g.whole("days_before", 0, mostDays, true)), Second: g.clock("at", true), Count: one(g, "count", true, CivilDays, ServiceOnly),
		}
		g.done()
	}
	return r
}

func readDays(f fields) ServiceDays {
	defer f.done()
	d := ServiceDays{Holidays: f.flag("holidays"), Hours: vehicles.Span{Start: f.clock("from", true), End: f.clock("to", true)}, Source: f.text("source")}
	names := []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}
	for _, day := range texts(f, "weekdays", true, names...) {
		for w, name := range names {
			if day == name {
				d.Weekdays |= vehicles.On(time.Weekday(w))
			}
		}
	}
	for _, item := range f.list("closed_every_year", false) {
		g := in(item, f.notes)
		d.Closed = append(d.Closed, YearSpan{g.monthDay("from"), g.monthDay("to")})
		g.done()
	}
	for _, item := range f.list("shut", false) {
		g := in(item, f.notes)
		d.Shut = append(d.Shut, g.dates())
		g.done()
	}
	for _, day := range texts[vehicles.Date](f, "extra", false) {
		if !day.Valid() {
			f.note(f.n.at, "extra day %q is not a date such as 2026-01-20", day)
		}
		d.Extra = append(d.Extra, Day(day))
	}
	if d.Hours.Start >= d.Hours.End {
		f.note(f.n.at, "service hours end before they begin")
	}
	return d
}

func readLimits(f fields) RideLimits {
	defer f.done()
	return RideLimits{
		Ratio: f.number("ride_ratio", 1, 10, false), Extra: int32(f.whole("ride_extra_min", 0, mostMinutes, false)) * 60,
		MaxRide: int32(f.whole("max_ride_min", 1, mostMinutes, false)) * 60, MaxWait: int32(f.whole("max_wait_min", 1, mostMinutes, false)) * 60,
		MaxDirect: int32(f.whole("max_direct_min", 1, mostMinutes, false)) * 60, Source: f.text("source"),
	}
}

func readQuota(f fields) Quota {
	defer f.done()
	return Quota{
		ID: f.text("id"), Rides: int(f.whole("rides", 0, 1000, true)), Per: one(f, "per", true, PerDay, PerWeek, PerMonth),
		Outings: f.flag("outings"), OwnCar: f.flag("own_car"), Modes: texts[LegalMode](f, "modes", false),
		Purposes: texts[string](f, "purposes", false), Source: f.text("source"),
	}
}

func readCoRide(f fields) CoRideRule {
	defer f.done()
	r := CoRideRule{Dates: f.dates(), Document: f.text("document"), at: f.n.at}
	pair := f.list("standings", true)
	if len(pair) != 2 {
		f.note(f.n.at, "standings must be two")
		return r
	}
	for i := range pair {
		switch s := Standing(pair[i].text); s {
		case Resident, CareUser, DisabilityUser:
			r.Standings[i] = s
		default:
			f.note(pair[i].at, "standing %q is not known aboard; visitors are aboard as residents are", s)
		}
	}
	if modes := f.list("modes", false); len(modes) == 2 {
		r.Modes = [2]LegalMode{LegalMode(modes[0].text), LegalMode(modes[1].text)}
	} else if len(modes) != 0 {
		f.note(f.n.at, "modes must be two, in the order of the standings")
	}
	if f.get("permit", jsonBool, true) != nil {
		r.Permit = f.flag("permit")
	}
	return r
}

func readJoint(f fields) JointAgreement {
	defer f.done()
	j := JointAgreement{
		ID: f.text("id"), Parties: texts[vehicles.FacilityID](f, "parties", true), Dates: f.dates(), CostKey: f.text("cost_key"),
		Liability: f.text("liability"), Document: f.text("document"), at: f.n.at,
	}
	if len(j.Parties) == 1 {
		f.note(f.n.at, "an agreement needs at least two parties")
	}
	return j
}

// dates is the interval "from" (needed) to "to" (open where it is missing).
func (f fields) dates() vehicles.Dates {
	d := vehicles.Dates{From: vehicles.Date(f.text("from")), To: vehicles.Date(f.words("to", false))}
	return f.checked(d)
}

// someDates is dates with both ends open where they are missing.
func (f fields) someDates() vehicles.Dates {
	return f.checked(vehicles.Dates{From: vehicles.Date(f.words("from", false)), To: vehicles.Date(f.words("to", false))})
}

func (f fields) checked(d vehicles.Dates) vehicles.Dates {
	for _, x := range []vehicles.Date{d.From, d.To} {
		if x != "" && !x.Valid() {
			f.note(f.n.at, "%q is not a date such as 2026-01-20", x)
		}
	}
	if d.To != "" && d.To < d.From {
		f.note(f.n.at, "the interval %s to %s ends before it begins", d.From, d.To)
	}
	return d
}

// clock is a time of the service day, "17:00" up to "30:00", in seconds.
func (f fields) clock(key string, needed bool) int32 {
	v := f.get(key, jsonText, needed)
	if v == nil {
		return 0
	}
	s := v.text
	if len(s) == len("7:00") {
		s = "0" + s
	}
	digits := len(s) == len("07:00") && s[2] == ':'
	for _, i := range []int{0, 1, 3, 4} {
		digits = digits && s[i] >= '0' && s[i] <= '9'
	}
	if digits {
		hour, minute := int32(s[0]-'0')*10+int32(s[1]-'0'), int32(s[3]-'0')*10+int32(s[4]-'0')
		if second := hour*3600 + minute*60; minute < 60 && second <= vehicles.MaxDaySecond {
			return second
		}
	}
	f.note(v.at, "field %q: %q is not a time of day such as 17:00", key, v.text)
	return 0
}

// monthDay is a day of any year, "12-29".
func (f fields) monthDay(key string) string {
	s := f.text(key)
	if s != "" && !vehicles.Date("2024-"+s).Valid() { // a leap year, so that 02-29 is one
		f.note(f.n.at, "field %q: %q is not a day of the year such as 12-29", key, s)
	}
	return s
}
