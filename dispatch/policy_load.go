package dispatch

import (
	"cmp"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"time"

	"github.com/swmaas/swmaas/vehicles"
)

//go:embed policies/*.json
var shippedPolicies embed.FS

// CautiousPolicies is the shipped set for an area that has decided nothing yet: only what is lawful everywhere, residents
// and care users apart, facilities apart, registered transport one rider at a time.
func CautiousPolicies(zone *time.Location) (*PolicySet, error) {
	return shipped(zone, "cautious.json")
}

// KurobePolicies is the cautious set with the demo town's own policy.
func KurobePolicies(zone *time.Location) (*PolicySet, error) {
	return shipped(zone, "cautious.json", "kurobe.json")
}

func shipped(zone *time.Location, names ...string) (*PolicySet, error) {
	files := make([]PolicyFile, len(names))
	for i, name := range names {
		text, err := shippedPolicies.ReadFile("policies/" + name)
		if err != nil {
			return nil, fmt.Errorf("dispatch: shipped policy %s: %w", name, err)
		}
		files[i] = PolicyFile{name, text}
	}
	return ParsePolicies(zone, files...)
}

// PolicyFile is the text of a policy file and the name that errors give it.
type PolicyFile struct {
	Name string
	Text []byte
}

// LoadPolicies reads every *.json file of a folder, at least one. Errors: as of ParsePolicies, or the file system's.
func LoadPolicies(zone *time.Location, folder fs.FS) (*PolicySet, error) {
	names, err := fs.Glob(folder, "*.json")
	if err != nil {
		return nil, fmt.Errorf("dispatch: policies: %w", err)
	}
	if len(names) == 0 {
		return nil, errors.New("dispatch: policies: the folder holds no *.json file")
	}
	files := make([]PolicyFile, len(names))
	for i, name := range names {
		text, err := fs.ReadFile(folder, name)
		if err != nil {
			return nil, fmt.Errorf("dispatch: policies: %w", err)
		}
		files[i] = PolicyFile{path.Base(name), text}
	}
	return ParsePolicies(zone, files...)
}

// mostFaults bounds how many faults of policy files are told at once.
const mostFaults = 50

// ParsePolicies reads policy files; each holds one policy or a list of them. All or nothing: an unreadable, incomplete or
// self-contradicting policy, and two policies of one area on one day, are refused with every fault joined, each a
// *PolicyError with file, line and reason. zone is that of the service days.
func ParsePolicies(zone *time.Location, files ...PolicyFile) (*PolicySet, error) {
	s := &PolicySet{zone: zone}
	var notes []error
	for _, file := range files {
		n, fault := parseNodes(file.Name, file.Text)
		if fault != nil {
			notes = append(notes, fault)
			continue
		}
		items := []*node{n}
		if n.kind == jsonArray {
			items = n.items
		}
		for _, item := range items {
			s.policies = append(s.policies, readPolicy(item, &notes))
		}
	}
	if len(notes) == 0 {
		holidays := nationalHolidays()
		for _, p := range s.policies {
			p.off = holidays
			notes = append(notes, p.contradictions()...)
		}
		notes = append(notes, s.overlaps()...)
	}
	if len(notes) > 0 {
		return nil, errors.Join(notes[:min(len(notes), mostFaults)]...)
	}
	return s, nil
}

// overlaps lists the policies of one area that share a day: which of them would hold could not be told.
func (s *PolicySet) overlaps() []error {
	sorted := slices.Clone(s.policies)
	slices.SortStableFunc(sorted, func(a, b *Policy) int {
		return cmp.Or(cmp.Compare(a.Area, b.Area), cmp.Compare(a.Dates.From, b.Dates.From))
	})
	var notes []error
	for i := 1; i < len(sorted); i++ {
		a, b := sorted[i-1], sorted[i]
		if a.Area == b.Area && a.Dates.Overlaps(b.Dates) {
			notes = append(notes, b.at.fault("policy %q of area %q from %s overlaps %q of %s:%d (%s)", b.Name, b.Area, b.Dates.From, a.Name, a.at.file, a.at.line, interval(a.Dates)))
		}
	}
	return notes
}

func interval(d vehicles.Dates) string {
	return fmt.Sprintf("%s to %s", cmp.Or(d.From, "the beginning"), cmp.Or(d.To, "further notice"))
}

// contradictions lists what a policy says against itself or against what its legal modes allow at all.
func (p *Policy) contradictions() []error {
	var notes []error
	note := func(at position, format string, args ...any) { notes = append(notes, at.fault(format, args...)) }
	for i, m := range p.Modes {
		for _, before := range p.Modes[:i] {
			if before.Mode == m.Mode && before.Dates.Overlaps(m.Dates) {
				note(m.at, "mode %s is given twice for one day; the other is on line %d", m.Mode, before.at.line)
			}
		}
		p.checkPrice(m, note)
		if m.Booking != nil {
			m.Booking.check(m.at, note)
		}
	}
	p.Booking.check(p.at, note)
	for i := range p.CoRide {
		p.checkCoRide(i, note)
	}
	ids := map[string]bool{}
	for _, j := range p.Joint {
		if ids["joint "+j.ID] {
			note(j.at, "agreement %q is repeated", j.ID)
		}
		ids["joint "+j.ID] = true
	}
	for _, q := range p.Quotas {
		if ids["quota "+q.ID] {
			note(p.at, "quota %q is repeated", q.ID)
		}
		ids["quota "+q.ID] = true
		for _, mode := range q.Modes {
			if !p.has(mode) {
				note(p.at, "quota %q names mode %q, which the policy does not open", q.ID, mode)
			}
		}
	}
	return notes
}

// noter notes a fault of a file.
type noter func(at position, format string, args ...any)

// has reports whether the policy opens the mode on some day.
func (p *Policy) has(mode LegalMode) bool {
	return slices.ContainsFunc(p.Modes, func(m *ModeRule) bool { return m.Mode == mode })
}

// checkPrice refuses a tariff where the law knows none, and one that passes its own cap at some length of ride.
func (p *Policy) checkPrice(m *ModeRule, note noter) {
	r := &m.Price
	switch m.Mode {
	case NoReg, HomonB, HomonD:
		if r.Kind != PriceFree && r.Kind != PriceActual {
			note(m.at, "%s may be free or at actual cost; a price of kind %s needs a registration", m.Mode, r.Kind)
		}
	case KaigoSougei:
		if r.Kind != PriceCareFee && r.Kind != PriceFree {
			note(m.at, "%s is paid within the care fee; a price of kind %s needs a registration", m.Mode, r.Kind)
		}
	}
	if r.CapRatio == 0 {
		return
	}
	if p.Taxi == nil {
		note(m.at, "%s has a cap ratio, but the policy has no taxi tariff to take it from", m.Mode)
		return
	}
	if r.Kind == PriceTime && p.Taxi.HalfHour == 0 {
		note(m.at, "%s goes by time, but the taxi tariff has no half_hour_yen", m.Mode)
		return
	}
	for at := int32(100); at <= 60_000; at += 100 { // metres, or seconds by a price that goes by time
		if limit, _ := p.capFor(r, at, at); r.yen(at, at) > limit {
			unit := "m"
			if r.Kind == PriceTime {
				unit = "s"
			}
			note(m.at, "%s: the fare of %d yen at %d %s exceeds its cap of %d yen", m.Mode, r.yen(at, at), at, unit, limit)
			return
		}
	}
}

// check refuses a booking that would close before it opens.
func (r *BookingRule) check(at position, note noter) {
	if r.CutOff != nil && r.AheadDays > 0 && (r.CutOff.Days > r.AheadDays || r.CutOff.Days == r.AheadDays && r.CutOff.Second <= r.OpensAt) {
		note(at, "booking closes %d days ahead, before it opens %d days ahead", r.CutOff.Days, r.AheadDays)
	}
}

// checkCoRide refuses a rule that names a closed mode and two rules that say the opposite on one day.
func (p *Policy) checkCoRide(i int, note noter) {
	r := &p.CoRide[i]
	for _, mode := range r.Modes {
		if mode != "" && !p.has(mode) {
			note(r.at, "co-ride rule names mode %q, which the policy does not open", mode)
		}
	}
	for k := range p.CoRide[:i] {
		other := &p.CoRide[k]
		if r.Permit != other.Permit && r.Dates.Overlaps(other.Dates) && r.pair() == other.pair() {
			note(r.at, "co-ride rule contradicts the one on line %d between %s", other.at.line, interval(other.Dates))
		}
	}
}

// pair is who the rule is about, whatever the order in which they are named.
func (r *CoRideRule) pair() [4]string {
	a, b := [2]string{string(r.Standings[0]), string(r.Modes[0])}, [2]string{string(r.Standings[1]), string(r.Modes[1])}
	if cmp.Or(cmp.Compare(a[0], b[0]), cmp.Compare(a[1], b[1])) > 0 {
		a, b = b, a
	}
	return [4]string{a[0], a[1], b[0], b[1]}
}
