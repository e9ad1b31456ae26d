package dispatch_test

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/swmaas/swmaas/vehicles"
)

// rosterCommands are the sentences about facilities, what they lend, and who may drive what.
func rosterCommands() []command {
	c := func(form string, run func(w *world, m []string) ([]string, error)) command {
		return command{regexp.MustCompile("^" + form + "$"), run}
	}
	return []command{
		c(`facility (F-\S+) at (\S+)`, (*world).facility),
		c(`(V-\d+) is lent (\d\d:\d\d)-(\d\d:\d\d), back by (\d\d:\d\d)`, (*world).lent),
		c(`(V-\d+) has its own round (\d\d:\d\d)-(\d\d:\d\d), (\d+) min before and (\d+) after`, (*world).ownRound),
		c(`(V-\d+) is not lent on (\S+)`, (*world).notLent),
		c(`(V-\d+) is out of service (\S+)(?: (\d\d:\d\d)-(\d\d:\d\d))?, (\S+)`, (*world).outage),
		c(`papers of (V-\d+): (.+)`, (*world).papers),
		c(`driver of (V-\d+): (.+)`, (*world).driver),
		c(`driver of (V-\d+) is away (\S+?)(?: (\d\d:\d\d)-(\d\d:\d\d))?`, (*world).leave),
		c(`(V-\d+) is driven by the driver of (V-\d+) on (\S+)`, (*world).substitute),
		c(`roster`, (*world).roster),
		c(`papers that expire within (\d+) days`, (*world).expiring),
	}
}

func (w *world) facility(m []string) ([]string, error) {
	at, err := w.place(m[2])
	if err != nil {
		return nil, err
	}
	w.fleet.Facilities = append(w.fleet.Facilities, vehicles.Facility{ID: vehicles.FacilityID(m[1]), Name: m[2], At: at.At})
	return nil, w.saved()
}

// lent turns the van's shift into an owner's offer of the idle vehicle with its driver.
func (w *world) lent(m []string) ([]string, error) {
	id := vehicles.ShiftID("S-" + m[1])
	w.calendar.Templates = slices.DeleteFunc(w.calendar.Templates, func(t vehicles.ShiftTemplate) bool { return t.ID == id })
	w.calendar.Windows = append(w.calendar.Windows, vehicles.ShareWindow{
		ID: id, Vehicle: vehicles.VehicleID(m[1]), Driver: vehicles.DriverID("D-" + m[1]), Days: vehicles.DayPattern{Holidays: true},
		Span: vehicles.Span{Start: second(m[2]), End: second(m[3])}, BackBy: second(m[4]),
	})
	return nil, w.saved()
}

func (w *world) ownRound(m []string) ([]string, error) {
	before, _ := strconv.Atoi(m[4])
	after, _ := strconv.Atoi(m[5])
	w.calendar.Rounds = append(w.calendar.Rounds, vehicles.ProtectedRound{
		Vehicle: vehicles.VehicleID(m[1]), Days: vehicles.DayPattern{Holidays: true},
		Span: vehicles.Span{Start: second(m[2]), End: second(m[3])}, Before: int32(before * 60), After: int32(after * 60),
	})
	return nil, w.saved()
}

// notLent is the owner's veto for one day.
func (w *world) notLent(m []string) ([]string, error) {
	w.calendar.Substitutions = append(w.calendar.Substitutions, vehicles.Substitution{
		Day: vehicles.Date(m[2]), Shift: vehicles.ShiftID("S-" + m[1]), Cancelled: true,
	})
	return nil, w.saved()
}

func (w *world) substitute(m []string) ([]string, error) {
	w.calendar.Substitutions = append(w.calendar.Substitutions, vehicles.Substitution{
		Day: vehicles.Date(m[3]), Shift: vehicles.ShiftID("S-" + m[1]), Driver: vehicles.DriverID("D-" + m[2]),
	})
	return nil, w.saved()
}

func (w *world) outage(m []string) ([]string, error) {
	o := vehicles.Outage{Vehicle: vehicles.VehicleID(m[1]), Dates: vehicles.Dates{From: vehicles.Date(m[2]), To: vehicles.Date(m[2])}, Reason: m[5]}
	if m[3] != "" {
		o.Span = vehicles.Span{Start: second(m[3]), End: second(m[4])}
	}
	w.calendar.Outages = append(w.calendar.Outages, o)
	return nil, w.saved()
}

func (w *world) leave(m []string) ([]string, error) {
	l := vehicles.Leave{Driver: vehicles.DriverID("D-" + m[1]), Dates: vehicles.Dates{From: vehicles.Date(m[2]), To: vehicles.Date(m[2])}}
	if m[3] != "" {
		l.Span = vehicles.Span{Start: second(m[3]), End: second(m[4])}
	}
	w.calendar.Leaves = append(w.calendar.Leaves, l)
	return nil, w.saved()
}

// papers records a vehicle's papers: "inspection to 2026-03-31, insurance to 2026-12-31, business plate".
func (w *world) papers(m []string) ([]string, error) {
	p := vehicles.Papers{Vehicle: vehicles.VehicleID(m[1])}
	for _, part := range strings.Split(m[2], ", ") {
		word, rest, _ := strings.Cut(part, " ")
		switch word {
		case "inspection":
			p.Inspection = vehicles.Date(strings.TrimPrefix(rest, "to "))
		case "insurance":
			p.Insurance = vehicles.Date(strings.TrimPrefix(rest, "to "))
		case "business":
			p.Business = true
		case "private":
			p.Private = true
		case "welfare":
			for i := range w.fleet.Vehicles {
				if w.fleet.Vehicles[i].ID == p.Vehicle {
					w.fleet.Vehicles[i].Welfare = true
				}
			}
		case "carries":
			p.Persons, _ = strconv.Atoi(strings.TrimSuffix(rest, " persons"))
		default:
			return nil, fmt.Errorf("%q is no paper of a vehicle", part)
		}
	}
	w.calendar.Papers = slices.DeleteFunc(w.calendar.Papers, func(x vehicles.Papers) bool { return x.Vehicle == p.Vehicle })
	w.calendar.Papers = append(w.calendar.Papers, p)
	return nil, w.saved()
}

// driver records what a van's driver holds: "first class licence to 2026-01-19, FUKUSHI_YUSHO since 2024-04-01".
func (w *world) driver(m []string) ([]string, error) {
	d := vehicles.Credentials{Person: vehicles.DriverID("D-" + m[1]), Class: vehicles.Employee}
	for _, part := range strings.Split(m[2], ", ") {
		words := strings.Split(part, " ")
		switch {
		case len(words) > 2 && words[1] == "class":
			d.Licence = map[string]vehicles.Licence{"first": vehicles.FirstClass, "second": vehicles.SecondClass}[words[0]]
			if len(words) == 5 {
				d.LicenceUntil = vehicles.Date(words[4])
			}
		case len(words) == 3 && words[1] == "since":
			d.Certificates = append(d.Certificates, vehicles.Certificate{Code: words[0], Held: vehicles.Dates{From: vehicles.Date(words[2])}})
		case len(words) == 4 && words[0] == "suspended":
			d.Suspensions = append(d.Suspensions, vehicles.Dates{From: vehicles.Date(words[1]), To: vehicles.Date(words[3])})
		case len(words) == 6 && words[0] == "at" && words[1] == "most": // "at most 6 hours a day"
			n, _ := strconv.Atoi(words[2])
			d.Caps.Day = int32(n * 3600)
		case len(words) == 4 && words[1] == "hours": // "11 hours of rest"
			n, _ := strconv.Atoi(words[0])
			d.Caps.Rest = int32(n * 3600)
		case len(words) == 3 && words[0] == "drives": // "drives to 2026-03-31"
			d.Caps.Until = vehicles.Date(words[2])
		case part == "of a taxi company":
			d.Class = vehicles.Contractor
		default:
			return nil, fmt.Errorf("%q is nothing that a driver holds", part)
		}
	}
	w.calendar.Credentials = slices.DeleteFunc(w.calendar.Credentials, func(x vehicles.Credentials) bool { return x.Person == d.Person })
	w.calendar.Credentials = append(w.calendar.Credentials, d)
	return nil, w.saved()
}

// roster is the shifts of the day and what stands in the way of others.
func (w *world) roster([]string) ([]string, error) {
	shifts, err := w.desk("").Roster(w.ctx, storyArea, w.day)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, s := range shifts {
		line := fmt.Sprintf("%s with %s, %s-%s", s.Vehicle, s.Driver, hm(s.Span.Start), hm(s.Span.End))
		for _, r := range s.OwnRounds {
			line += fmt.Sprintf(", kept for its owner %s-%s", hm(r.Start), hm(r.End))
		}
		out = append(out, line)
	}
	problems, err := w.desk("").Problems(w.ctx, storyArea, w.day)
	if err != nil {
		return nil, err
	}
	return append(out, lines(problems)...), nil
}

func (w *world) expiring(m []string) ([]string, error) {
	days, _ := strconv.Atoi(m[1])
	list, err := w.desk("").Expiring(w.ctx, storyArea, w.day, days)
	return lines(list), err
}

func lines(problems []vehicles.Problem) []string {
	out := []string{}
	for _, p := range problems {
		line := strings.TrimSpace(fmt.Sprintf("%s: %s %s", p.Kind, p.Vehicle, p.Driver))
		if p.Span != (vehicles.Span{}) {
			line += fmt.Sprintf(", %s-%s", hm(p.Span.Start), hm(p.Span.End))
		}
		if p.Until != "" {
			line += ", valid to " + string(p.Until)
		}
		if p.Detail != "" {
			line += ", " + p.Detail
		}
		out = append(out, line)
	}
	return out
}
