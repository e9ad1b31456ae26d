package dispatch_test

import (
	"cmp"
	"fmt"
	"regexp"
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
