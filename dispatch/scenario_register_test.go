package dispatch_test

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/vehicles"
)

// registerCommands are the sentences about the register of riders, look-up by telephone, and the search for places.
func registerCommands() []command {
	c := func(form string, run func(w *world, m []string) ([]string, error)) command {
		return command{regexp.MustCompile("^" + form + "$"), run}
	}
	return []command{
		c(`register (P-\d+) of (\S+), (\S+ ?\S*) \((.+)\), (\S+)`, (*world).register),
		c(`entry of (P-\d+)( as seen before)?: (.+)`, (*world).amend),
		c(`see entry of (P-\d+)`, (*world).seeEntry),
		c(`erase (P-\d+)`, (*world).erase),
		c(`eligibility that ends within (\d+) days`, (*world).lapsing),
		c(`call from (\S+)`, (*world).callFrom),
		c(`look up (.+)`, (*world).lookUp),
		c(`find place (.+?)(?: for (P-\d+))?`, (*world).findPlace),
		c(`driver of (V-\d+) sees`, (*world).driverSees),
	}
}

// register makes an entry in the register: "register P-1 of home-1, 利用者甲 (リヨウシャ コウ), 0765-54-1234".
func (w *world) register(m []string) ([]string, error) {
	at, err := w.place(m[2])
	if err != nil {
		return nil, err
	}
	phone, err := dispatch.NormalPhone(m[5])
	if err != nil {
		return nil, err
	}
	entry := &dispatch.Rider{
		ID: dispatch.RiderID(m[1]), Area: storyArea, Name: m[3], Kana: m[4], Phones: []string{phone},
		Home: dispatch.SavedPlace{Label: "自宅", Entrance: at.At},
	}
	return nil, w.entered(entry)
}

// entered saves an entry; the rider then asks with the party of the entry.
func (w *world) entered(entry *dispatch.Rider) error {
	saved, err := w.riders.Save(w.ctx, "staff-1", entry)
	if err != nil {
		return err
	}
	p := w.people[string(entry.ID)]
	if p == nil {
		p = &person{}
		w.people[string(entry.ID)] = p
	}
	p.party, p.seen, p.entry = saved.Party(), p.entry, saved
	return nil
}

// entryPhrases are the sentences by which an entry is changed.
func entryPhrases() []struct {
	form  string
	apply func(r *dispatch.Rider, m []string)
} {
	type phrase = struct {
		form  string
		apply func(r *dispatch.Rider, m []string)
	}
	date := func(text string) vehicles.Date { return vehicles.Date(text) }
	return []phrase{
		{`category (\S+?), (?:nothing|(\S+)) seen(?:, to (\S+))?`, func(r *dispatch.Rider, m []string) {
			r.Categories = []dispatch.CategoryFact{{Category: dispatch.Category(m[1]), Evidence: m[2], ValidTo: date(m[3])}}
		}},
		{`listed for (\S+?)(?: to (\S+?))?(?: only for (\S+))?`, func(r *dispatch.Rider, m []string) {
			l := dispatch.Listing{Mode: dispatch.LegalMode(m[1]), ValidTo: date(m[2])}
			if m[3] != "" {
				l.Purposes = []string{m[3]}
			}
			r.Listed = []dispatch.Listing{l}
		}},
		{`taken off the list`, func(r *dispatch.Rider, _ []string) { r.Listed = nil }},
		{`needs help to move`, func(r *dispatch.Rider, _ []string) { r.NeedsHelp = true }},
		{`household has a car`, func(r *dispatch.Rider, _ []string) { r.OwnCar = true }},
		{`never rides alone`, func(r *dispatch.Rider, _ []string) { r.Escorted = true }},
		{`needs (.+?), takes (.+?)(?:, (lift|ramp))?`, func(r *dispatch.Rider, m []string) {
			r.Care = nil
			for _, code := range strings.Split(m[1], ", ") {
				r.Care = append(r.Care, dispatch.Care(code))
			}
			r.Load, _ = load(m[2])
			r.Equipment, _ = equipment(m[3])
		}},
		{`user of (\S+) as (\S+?)(?:, to (\S+))?`, func(r *dispatch.Rider, m []string) {
			r.UserOf = append(r.UserOf, dispatch.Membership{
				Facility: vehicles.FacilityID(m[1]), Standing: dispatch.Standing(m[2]), Dates: vehicles.Dates{From: "2025-04-01", To: date(m[3])},
			})
		}},
		{`tell the driver: (.+)`, func(r *dispatch.Rider, m []string) { r.DriverNote = m[1] }},
		{`at the door: (.+)`, func(r *dispatch.Rider, m []string) { r.Home.Notes = m[1] }},
		{`not aboard with (\S+)`, func(r *dispatch.Rider, m []string) { r.Apart = append(r.Apart, dispatch.RiderID(m[1])) }},
		{`asks for: (.+)`, func(r *dispatch.Rider, m []string) { _ = limited(&r.Limits, m[1]) }},
		{`not driven by (\S+)`, func(r *dispatch.Rider, m []string) { r.NotDrivers = append(r.NotDrivers, vehicles.DriverID(m[1])) }},
		{`telephone (\S+)`, func(r *dispatch.Rider, m []string) {
			if phone, err := dispatch.NormalPhone(m[1]); err == nil {
				r.Phones = append(r.Phones, phone)
			}
		}},
		{`goes to (\S+) at (\S+)`, func(r *dispatch.Rider, m []string) {
			at := storyPlaces()[m[2]]
			r.Places = append(r.Places, dispatch.SavedPlace{Label: m[1], Entrance: corner(at[0], at[1])})
		}},
	}
}

// amend changes an entry; "as seen before" makes the change from the version before, as somebody does who had it open since.
func (w *world) amend(m []string) ([]string, error) {
	p := w.people[m[1]]
	if p == nil || p.entry == nil {
		return nil, fmt.Errorf("%s is not in the register", m[1])
	}
	from := p.entry
	if m[2] != "" {
		from = p.seen
	}
	for _, phrase := range entryPhrases() {
		if words := regexp.MustCompile("^" + phrase.form + "$").FindStringSubmatch(m[3]); words != nil {
			changed := from.Clone()
			phrase.apply(changed, words)
			return nil, w.entered(changed)
		}
	}
	return nil, fmt.Errorf("no entry is worded %q; see testdata/scenarios/README.md", m[3])
}

func (w *world) erase(m []string) ([]string, error) {
	return nil, w.riders.Erase(w.ctx, "staff-1", storyArea, dispatch.RiderID(m[1]))
}

// seeEntry is what the register holds of eligibility and needs.
func (w *world) seeEntry(m []string) ([]string, error) {
	r, err := w.riders.Rider(w.ctx, storyArea, dispatch.RiderID(m[1]))
	if err != nil {
		return nil, err
	}
	out := []string{fmt.Sprintf("version %d", r.Version)}
	for _, c := range r.Categories {
		out = append(out, strings.TrimSpace(fmt.Sprintf("category %s %s %s", c.Category, c.Evidence, c.ValidTo)))
	}
	for _, l := range r.Listed {
		out = append(out, strings.TrimSpace(fmt.Sprintf("listed for %s %s", l.Mode, l.ValidTo)))
	}
	return out, nil
}

// lapsing is who has to be reminded of a renewal.
func (w *world) lapsing(m []string) ([]string, error) {
	days, _ := strconv.Atoi(m[1])
	list, err := w.riders.Lapsing(w.ctx, storyArea, vehicles.Date(w.day), days)
	var out []string
	for _, l := range list {
		what := "listed for " + string(l.Mode)
		if l.Category != "" {
			what = "category " + string(l.Category)
		}
		out = append(out, fmt.Sprintf("%s: %s, to %s", l.Rider, what, l.Until))
	}
	return out, err
}

// people is a line for everybody who was found.
func people(riders []*dispatch.Rider) []string {
	var out []string
	for _, r := range riders {
		line := fmt.Sprintf("%s %s (%s), %s", r.ID, r.Name, r.Kana, dispatch.ReadablePhone(r.Phones[0]))
		for i := range r.Places {
			line += ", " + r.Places[i].Label
		}
		out = append(out, line)
	}
	if len(out) == 0 {
		return []string{"nobody"}
	}
	return out
}

func (w *world) callFrom(m []string) ([]string, error) {
	got, err := w.riders.ByPhone(w.ctx, storyArea, m[1])
	return people(got), err
}

func (w *world) lookUp(m []string) ([]string, error) {
	got, err := w.riders.Find(w.ctx, storyArea, m[1], 5)
	return people(got), err
}

// storyGazetteer is the town's public places as people speak of them.
func storyGazetteer() (*dispatch.Gazetteer, error) {
	var places []dispatch.KnownPlace
	for _, p := range []struct {
		at, name, kana string
		kind           dispatch.PlaceKind
	}{
		{"hospital", "市民病院", "シミンビョウイン", dispatch.FacilityPlace},
		{"pharmacy", "みどり薬局", "ミドリヤッキョク", dispatch.ShopPlace},
		{"shop", "スーパー中央", "スーパーチュウオウ", dispatch.ShopPlace},
		{"station", "中央駅", "チュウオウエキ", dispatch.LandmarkPlace},
		{"home-5", "石田", "イシダ", dispatch.TownPlace},
	} {
		at := storyPlaces()[p.at]
		places = append(places, dispatch.KnownPlace{ID: p.at, Kind: p.kind, Kana: p.kana, SavedPlace: dispatch.SavedPlace{Label: p.name, Entrance: corner(at[0], at[1])}})
	}
	return dispatch.NewGazetteer(places, "富山県黒部市", "黒部市", "富山県")
}

// findPlace searches as staff type, for a rider from their home and with their own places first.
func (w *world) findPlace(m []string) ([]string, error) {
	g, err := storyGazetteer()
	if err != nil {
		return nil, err
	}
	q := dispatch.PlaceQuery{Text: m[1], Limit: 3}
	if p := w.people[m[2]]; p != nil && p.entry != nil {
		q.Near, q.Own = p.entry.Home.Entrance, append([]dispatch.SavedPlace{p.entry.Home}, p.entry.Places...)
	}
	out := []string{}
	for _, hit := range g.Search(nil, q) {
		line := fmt.Sprintf("%s %s%s", hit.Kind, hit.Label, hit.Rest)
		for name, at := range storyPlaces() {
			if corner(at[0], at[1]) == hit.Entrance {
				line += ": " + name
			}
		}
		out = append(out, line)
	}
	if len(out) == 0 {
		out = append(out, "nothing found")
	}
	return out, nil
}

// driverSees is the driver's list with what the driver is told of every party.
func (w *world) driverSees(m []string) ([]string, error) {
	list, err := w.fresh().Manifest(w.ctx, storyArea, w.day, vehicles.VehicleID(m[1]))
	if err != nil {
		return nil, err
	}
	var out []string
	for _, s := range list.Stops {
		if s.Kind != dispatch.PickupStop {
			continue
		}
		var words []string
		for _, c := range s.Party.Care {
			words = append(words, c.Word())
		}
		out = append(out, strings.TrimSuffix(fmt.Sprintf("%s %s: %s", hm(s.Arrive), s.Ride, strings.Join(words, "、")), ": "))
	}
	return out, nil
}
