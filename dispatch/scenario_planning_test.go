package dispatch_test

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/routing/geo"
	"github.com/swmaas/swmaas/vehicles"
)

// planningCommands are the sentences about dispatchers who plan by hand: locks, what is published, overrides.
func planningCommands() []command {
	c := func(form string, run func(w *world, m []string) ([]string, error)) command {
		return command{regexp.MustCompile("^" + form + "$"), run}
	}
	return []command{
		c(`(?:(\S+) )?locks (.+?) (to the vehicle|in order|in time)(?: of (V-\d+))?(?: at (\d\d:\d\d))?`, (*world).locks),
		c(`(?:(\S+) )?releases the lock of (.+?) (to the vehicle|in order|in time)`, (*world).releases),
		c(`drivers see changes once they are published, or (\d+) min before`, (*world).drafts),
		c(`(?:(\S+) )?publishes (?:the manifests of )?(.+?)(?:, (the evening before))?`, (*world).publishes),
		c(`manifests that are due are published`, (*world).publishDue),
		c(`manifest of (V-\d+)`, (*world).manifest),
		c(`what drivers do not know yet`, (*world).unpublished),
		c(`(?:(\S+) )?moves (\S+)(?: to (V-\d+))?, (best|flexible|priority)`, (*world).moves),
		c(`(?:(\S+) )?drags (\S+) to (V-\d+), stops (\d+) and (\d+)`, (*world).drags),
		c(`(?:(\S+) )?takes way (\d+)(?: because (.+))?`, (*world).takesWay),
		c(`(?:(\S+) )?takes back (override\.\d+)`, (*world).takesBack),
		c(`what if there were one more van like (V-\d+)`, (*world).whatIfMore),
		c(`what if (V-\d+) did not drive`, (*world).whatIfWithout),
		c(`what if the driver of (V-\d+) did not come`, (*world).whatIfNoDriver),
		c(`what if (.+) were closed from (\d\d:\d\d) to (\d\d:\d\d)`, (*world).whatIfClosed),
		c(`counts by class`, (*world).classes),
		c(`last in: nobody is fetched within (\d+) min of a dropoff`, (*world).lastIn),
		c(`overrides`, (*world).overrides),
		c(`driver of (V-\d+) acknowledges number (\d+)`, (*world).acknowledges),
	}
}

func lockKind(words string) dispatch.LockKind {
	return map[string]dispatch.LockKind{
		"to the vehicle": dispatch.LockVehicle, "in order": dispatch.LockOrder, "in time": dispatch.LockTime,
	}[words]
}

// locks fixes rides: "locks outing, visit in order", "locks outing in time at 09:40", "locks outing to the vehicle of V-1".
func (w *world) locks(m []string) ([]string, error) {
	c := dispatch.LockChange{Kind: lockKind(m[3])}
	if m[4] != "" {
		c.Driver = vehicles.DriverID("D-" + m[4])
	}
	if m[5] != "" {
		c.At = second(m[5])
	}
	return w.lock(cmp.Or(m[1], "staff-1"), m[2], c)
}

func (w *world) releases(m []string) ([]string, error) {
	return w.lock(cmp.Or(m[1], "staff-1"), m[2], dispatch.LockChange{Kind: lockKind(m[3]), Release: true})
}

func (w *world) lock(who, names string, c dispatch.LockChange) ([]string, error) {
	for name := range strings.SplitSeq(names, ", ") {
		id, ok := w.rides[name]
		if !ok {
			return nil, fmt.Errorf("the story has no ride called %q", name)
		}
		c.Rides = append(c.Rides, id)
	}
	rides, _, err := w.desk("").Lock(w.ctx, dispatch.Actor{Subject: who}, storyArea, w.day, c, w.nextKey())
	if err != nil {
		return nil, err
	}
	var out []string
	for _, r := range rides {
		out = append(out, fmt.Sprintf("%s is locked: %s", r.ID, lockWords(r.Locks)))
	}
	return out, nil
}

func lockWords(l dispatch.Locks) string {
	var words []string
	if l.Shift != "" {
		words = append(words, "to "+string(l.Shift))
	}
	if l.Order {
		words = append(words, "in order")
	}
	if l.At > 0 {
		words = append(words, "to be fetched at "+hm(l.At))
	}
	if len(words) == 0 {
		return "no"
	}
	return strings.Join(words, ", ") + ", by " + l.By
}

// drafts opens the desks anew, with manifests that are published by themselves only shortly before.
func (w *world) drafts(m []string) ([]string, error) {
	minutes, _ := strconv.Atoi(m[1])
	w.desking.Drafts, w.desking.PublishLead = true, int32(minutes*60)
	clear(w.desks)
	return nil, nil
}

// publishes gives drivers their manifests: "publishes V-1, V-2", "publishes all".
func (w *world) publishes(m []string) ([]string, error) {
	var list []vehicles.VehicleID
	if m[2] != "all" {
		for v := range strings.SplitSeq(m[2], ", ") {
			list = append(list, vehicles.VehicleID(v))
		}
	}
	why := dispatch.PublishedByHand
	if m[3] != "" {
		why = dispatch.PublishedBefore
	}
	n, _, err := w.desk("").Publish(w.ctx, dispatch.Actor{Subject: cmp.Or(m[1], "staff-1")}, storyArea, w.day, list, why, w.nextKey())
	return []string{fmt.Sprintf("manifests published: %d", n)}, err
}

func (w *world) publishDue([]string) ([]string, error) {
	n, err := w.desk("").PublishDue(w.ctx, storyArea, w.day)
	return []string{fmt.Sprintf("manifests published: %d", n)}, err
}

// manifest prints what a driver sees.
func (w *world) manifest(m []string) ([]string, error) {
	got, err := w.fresh().Manifest(w.ctx, storyArea, w.day, vehicles.VehicleID(m[1]))
	if err != nil {
		return nil, err
	}
	line := "nothing was published"
	if got.Number > 0 {
		line = fmt.Sprintf("number %d, not acknowledged yet", got.Number)
		if got.Acked {
			line = fmt.Sprintf("number %d, acknowledged", got.Number)
		}
	}
	if got.AckedNumber > 0 && !got.Acked {
		line += fmt.Sprintf("; since number %d", got.AckedNumber)
		for _, c := range got.Changes {
			line += fmt.Sprintf("; %s", c)
		}
	}
	out := []string{line}
	for i := range got.Stops {
		s := &got.Stops[i]
		word := "+"
		if s.Kind == dispatch.DropoffStop {
			word = "-"
		}
		line := fmt.Sprintf("leave %s, %s %s%s", hm(s.LeaveBy), hm(s.Arrive), word, s.Ride)
		if s.State != dispatch.Pending {
			line += ", " + s.State.String()
		}
		out = append(out, line)
	}
	return out, nil
}

// unpublished prints what has changed since the manifests were published.
func (w *world) unpublished([]string) ([]string, error) {
	list, err := w.fresh().Manifests(w.ctx, storyArea, w.day)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, m := range list {
		line := fmt.Sprintf("%s: nothing was published", m.Vehicle)
		if m.Number > 0 {
			line = fmt.Sprintf("%s: number %d, %s by %s", m.Vehicle, m.Number, m.Why, m.By)
		}
		for _, c := range m.Changes {
			line += "; " + changeLine(&c)
		}
		out = append(out, line)
	}
	return out, nil
}

// changeLine is a change of a stop with its times.
func changeLine(c *dispatch.StopChange) string {
	line := c.String()
	if c.Before > 0 && c.After > 0 && c.Before != c.After {
		line += fmt.Sprintf(" from %s to %s", hm(c.Before), hm(c.After))
	}
	return line
}

func (w *world) acknowledges(m []string) ([]string, error) {
	n, _ := strconv.ParseInt(m[2], 10, 64)
	driver := dispatch.Actor{Subject: "D-" + m[1]}
	if _, err := w.desk("").Acknowledge(w.ctx, driver, storyArea, w.day, vehicles.VehicleID(m[1]), n, w.nextKey()); err != nil {
		return nil, err
	}
	return []string{"acknowledged"}, nil
}

// moves lists the ways to give a ride another vehicle.
func (w *world) moves(m []string) ([]string, error) {
	o := dispatch.Override{Mode: dispatch.ReassignMode(m[4])}
	if m[3] != "" {
		o.Shift = vehicles.ShiftID("S-" + m[3])
	}
	return w.reassign(cmp.Or(m[1], "staff-1"), m[2], o)
}

// drags is what a dispatcher does on the board: the ride's stops become the nth and mth that are left of the van's route.
func (w *world) drags(m []string) ([]string, error) {
	o := dispatch.Override{Mode: dispatch.ReassignDrag, Shift: vehicles.ShiftID("S-" + m[3])}
	o.Pickup, _ = strconv.Atoi(m[4])
	o.Dropoff, _ = strconv.Atoi(m[5])
	o.Pickup, o.Dropoff = o.Pickup-1, o.Dropoff-1
	return w.reassign(cmp.Or(m[1], "staff-1"), m[2], o)
}

func (w *world) reassign(who, name string, o dispatch.Override) (out []string, err error) {
	o.Ride = w.rides[name]
	w.ways, err = w.desk("").Reassign(w.ctx, dispatch.Actor{Subject: who}, storyArea, o)
	for i := range w.ways {
		p := &w.ways[i]
		out = append(out, fmt.Sprintf("way %d: %s -> %s, %+d m: %s", i+1, cmp.Or(string(p.From), "no vehicle"), p.To, p.Meters, p.Why.Ja))
		if len(p.Breaks) > 0 {
			out = append(out, "  breaks "+strings.Join(p.Breaks, ", "))
		}
		for k := range p.Effects {
			out = append(out, "  "+effect(&p.Effects[k]))
		}
	}
	return out, err
}

func effect(e *dispatch.Effect) string {
	line := fmt.Sprintf("%s on %s: fetched %s, there %s, %d min aboard", e.Ride, e.To, hm(e.PickupAfter), hm(e.ArrivalAfter), (e.AboardAfter+59)/60)
	if e.From != "" {
		line += fmt.Sprintf(" (was %s, %s, %d min)", hm(e.PickupBefore), hm(e.ArrivalBefore), (e.AboardBefore+59)/60)
	}
	if e.Moves() {
		line += fmt.Sprintf("; promised %s instead of %s", promised(e.After), promised(e.Before))
	}
	return line
}

func promised(p dispatch.Promise) string {
	line := fmt.Sprintf("%s-%s", hm(p.Pickup.Earliest), hm(p.Pickup.Latest))
	if p.ArriveBy > 0 {
		line += ", there by " + hm(p.ArriveBy)
	}
	return line + fmt.Sprintf(", %d min", p.MaxRide/60)
}

func (w *world) takesWay(m []string) ([]string, error) {
	n, _ := strconv.Atoi(m[2])
	if n < 1 || n > len(w.ways) {
		return nil, fmt.Errorf("there were %d ways", len(w.ways))
	}
	id, _, err := w.desk("").Override(w.ctx, dispatch.Actor{Subject: cmp.Or(m[1], "staff-1")}, storyArea, w.ways[n-1].Token, m[3], w.nextKey())
	if err != nil {
		return nil, err
	}
	return []string{"done, as " + string(id)}, nil
}

func (w *world) takesBack(m []string) ([]string, error) {
	_, err := w.desk("").Undo(w.ctx, dispatch.Actor{Subject: cmp.Or(m[1], "staff-1")}, storyArea, w.day, dispatch.NoteID(m[2]), w.nextKey())
	if err != nil {
		return nil, err
	}
	return []string{"taken back"}, nil
}

// overrides lists what dispatchers have done by hand, and why.
func (w *world) overrides([]string) ([]string, error) {
	list, err := w.fresh().Interventions(w.ctx, storyArea, w.day)
	var out []string
	for _, n := range list {
		v := n.Body.(*dispatch.Intervention)
		line := fmt.Sprintf("%s: %s %s -> %s by %s", n.ID, v.Ride, v.From, v.To, v.By)
		if len(v.Breaks) > 0 {
			line += ", breaks " + strings.Join(v.Breaks, ", ")
		}
		if n.Text != "" {
			line += ", because " + n.Text
		}
		if v.UndoneBy != "" {
			line += "; taken back by " + v.UndoneBy
		}
		out = append(out, line)
	}
	return out, err
}

func (w *world) whatIf(q dispatch.WhatIf) ([]string, error) {
	got, err := w.fresh().WhatIf(w.ctx, storyArea, w.day, q)
	if err != nil {
		return nil, err
	}
	line := func(word string, f dispatch.DayFigures) string {
		return fmt.Sprintf("%s: %d served, %d without a vehicle, %d late, %d to be told, %d vehicles, %d m", word, f.Served, f.Unserved, f.Late, f.Told, f.Vehicles, f.Meters)
	}
	out := []string{line("now", got.Now), line("then", got.Then)}
	for _, list := range []struct {
		word string
		ids  []dispatch.RideID
	}{{"won", got.Won}, {"lost", got.Lost}, {"moved", got.Moved}} {
		if len(list.ids) > 0 {
			out = append(out, fmt.Sprintf("%s: %s", list.word, list.ids))
		}
	}
	return out, nil
}

func (w *world) whatIfMore(m []string) ([]string, error) {
	return w.whatIf(dispatch.WhatIf{More: []vehicles.ShiftID{vehicles.ShiftID("S-" + m[1])}})
}

func (w *world) whatIfWithout(m []string) ([]string, error) {
	return w.whatIf(dispatch.WhatIf{Without: []vehicles.VehicleID{vehicles.VehicleID(m[1])}})
}

func (w *world) whatIfNoDriver(m []string) ([]string, error) {
	return w.whatIf(dispatch.WhatIf{WithoutDrivers: []vehicles.DriverID{vehicles.DriverID("D-" + m[1])}})
}

// whatIfClosed closes what lies between two places: "what if the road from home-1 to hospital were closed from 09:00 to 10:00".
func (w *world) whatIfClosed(m []string) ([]string, error) {
	var shape []geo.LatLng
	for name := range strings.SplitSeq(m[1], " - ") {
		p, err := w.place(name)
		if err != nil {
			return nil, err
		}
		shape = append(shape, p.At)
	}
	midnight, err := w.desk("").Midnight(w.day)
	if err != nil {
		return nil, err
	}
	at := func(text string) time.Time { return midnight.Add(time.Duration(second(text)) * time.Second) }
	return w.whatIf(dispatch.WhatIf{Conditions: []dispatch.ConditionOrder{{
		From: at(m[2]), Until: at(m[3]), Condition: dispatch.Condition{Kind: dispatch.RoadClosed, Shape: shape, Line: true, Reason: "WORKS"},
	}}})
}

// classes prints what became of each class of riders.
func (w *world) classes([]string) ([]string, error) {
	s, err := w.fresh().Summary(w.ctx, storyArea, w.day)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, class := range dispatch.RiderClasses() {
		c := s.Classes[class]
		line := fmt.Sprintf("%s: %d asked, %d served, %d refused, %d moved", class, c.Asked, c.Served, c.Refused, c.Moved)
		if slices.Contains(s.Behind, class) {
			line += "; behind the others"
		}
		out = append(out, line)
	}
	return out, nil
}

func (w *world) lastIn(m []string) ([]string, error) {
	minutes, _ := strconv.Atoi(m[1])
	if w.desking.LastIn = int32(minutes * 60); minutes == 0 {
		w.desking.LastIn = -1 // no such rule
	}
	clear(w.desks)
	return nil, nil
}
