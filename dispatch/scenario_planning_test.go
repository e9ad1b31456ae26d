package dispatch_test

import (
	"cmp"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/swmaas/swmaas/dispatch"
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
			line += fmt.Sprintf("; %s", c)
			if c.Before > 0 && c.After > 0 && c.Before != c.After {
				line += fmt.Sprintf(" from %s to %s", hm(c.Before), hm(c.After))
			}
		}
		out = append(out, line)
	}
	return out, nil
}

func (w *world) acknowledges(m []string) ([]string, error) {
	n, _ := strconv.ParseInt(m[2], 10, 64)
	driver := dispatch.Actor{Subject: "D-" + m[1]}
	if _, err := w.desk("").Acknowledge(w.ctx, driver, storyArea, w.day, vehicles.VehicleID(m[1]), n, w.nextKey()); err != nil {
		return nil, err
	}
	return []string{"acknowledged"}, nil
}
