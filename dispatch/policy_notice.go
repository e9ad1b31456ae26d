package dispatch

import (
	"time"

	"github.com/swmaas/swmaas/vehicles"
)

// instant is a wall-clock second of a day in the zone. Seconds past 24:00 run into the next day.
func instant(day Day, second int32, zone *time.Location) time.Time {
	d, err := time.Parse(time.DateOnly, string(day))
	if err != nil {
		return time.Time{}
	}
	return time.Date(d.Year(), d.Month(), d.Day(), 0, 0, int(second), 0, zone)
}

// bookingRule is the mode's own rule or else the policy's.
func (p *Policy) bookingRule(m *ModeRule) *BookingRule {
	if m.Booking != nil {
		return m.Booking
	}
	return &p.Booking
}

// bookingRefusal is nil where the ride may be asked for at this moment. A question without a moment is not bound by it.
func (p *Policy) bookingRefusal(m *ModeRule, q *Question, zone *time.Location) *PolicyRefusal {
	rule := p.bookingRule(m)
	if q.Requested.IsZero() {
		return nil
	}
	if opens, bound := rule.opens(q.Day, zone); bound && q.Requested.Before(opens) {
		r := refuse("not_open_yet", m.Mode).with("until", moment(opens.In(zone))).figures(opens.Unix(), q.Requested.Unix(), "unix_s").from(rule.Source)
		return &r
	}
	if q.Return && rule.ReturnsExempt {
		return nil
	}
	if last, bound := p.cutOff(rule, q.Day, zone); bound && q.Requested.After(last) {
		r := refuse("cut_off", m.Mode).with("until", moment(last.In(zone))).figures(last.Unix(), q.Requested.Unix(), "unix_s").from(rule.Source)
		return &r
	}
	if rule.Notice == 0 || q.At == (Window{}) {
		return nil
	}
	if left := instant(q.Day, q.At.Latest, zone).Sub(q.Requested); left < rule.Notice {
		r := refuse("notice", m.Mode).figures(int64(rule.Notice/time.Second), int64(left/time.Second), "s").from(rule.Source)
		return &r
	}
	return nil
}

// opens is the first moment at which a ride of the day may be asked for, bound false where there is none.
func (r *BookingRule) opens(day Day, zone *time.Location) (at time.Time, bound bool) {
	if r.AheadDays == 0 {
		return time.Time{}, false
	}
	return instant(Day(vehicles.Date(day).Add(-r.AheadDays)), r.OpensAt, zone), true
}

// cutOff is the last moment at which a ride of the day may be asked for, bound false where there is none.
func (p *Policy) cutOff(r *BookingRule, day Day, zone *time.Location) (at time.Time, bound bool) {
	if r.CutOff == nil {
		return time.Time{}, false
	}
	d := vehicles.Date(day)
	for left := r.CutOff.Days; left > 0; {
		d = d.Add(-1)
		if r.CutOff.Count == CivilDays || p.Serves(Day(d)) {
			left--
		}
		if vehicles.Date(day) > d.Add(longestClosure) { // closed for longer than anybody books ahead
			break
		}
	}
	return instant(Day(d), r.CutOff.Second, zone), true
}

// longestClosure bounds the search for a service day, in days.
const longestClosure = 366

// begin is the window in which the ride may begin: the service hours, from the end of the notice on.
func (p *Policy) begin(m *ModeRule, q *Question, zone *time.Location) Window {
	w := Window{p.Days.Hours.Start, p.Days.Hours.End}
	rule := p.bookingRule(m)
	if q.Requested.IsZero() || rule.Notice == 0 || q.Return && rule.ReturnsExempt {
		return w
	}
	earliest := q.Requested.Add(rule.Notice).Sub(instant(q.Day, 0, zone))
	if s := int64((earliest + time.Second - 1) / time.Second); s > int64(w.Earliest) {
		w.Earliest = int32(min(s, vehicles.MaxDaySecond))
	}
	return w
}

// Serves reports whether rides are given on the day: an extra day is served whatever else is said, a shut or yearly closed
// day is not, and otherwise the weekday and the national holidays decide.
func (p *Policy) Serves(day Day) bool {
	d := vehicles.Date(day)
	for _, extra := range p.Days.Extra {
		if extra == day {
			return true
		}
	}
	for _, shut := range p.Days.Shut {
		if shut.Contains(d) {
			return false
		}
	}
	for _, closed := range p.Days.Closed {
		if closed.contains(d) {
			return false
		}
	}
	return p.Days.Weekdays.Has(d.Weekday()) && (p.Days.Holidays || !p.Holiday(day))
}

// Holiday reports whether the day is a national holiday of Japan, substitute holidays included.
func (p *Policy) Holiday(day Day) bool { return p.off[day] }

// contains reports whether the day of any year lies in the span.
func (s YearSpan) contains(d vehicles.Date) bool {
	if len(d) != len(time.DateOnly) {
		return false
	}
	md := string(d[5:])
	if s.From <= s.To {
		return s.From <= md && md <= s.To
	}
	return s.From <= md || md <= s.To
}
