package dispatch_test

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/vehicles"
)

// dayCommands are about drivers' duties, what has to be told, and what is not as it should be.
func dayCommands() []command {
	c := func(form string, run func(w *world, m []string) ([]string, error)) command {
		return command{regexp.MustCompile("^" + form + "$"), run}
	}
	return []command{
		c(`nobody leaves without a check`, func(w *world, _ []string) ([]string, error) {
			w.checked = true
			clear(w.desks)
			return nil, nil
		}),
		c(`(D-\S+) signs on to (V-\d+)`, (*world).signsOn),
		c(`(V-\d+) is checked by (\S+?)(?:, (.+))?`, (*world).isChecked),
		c(`(V-\d+) signs off`, (*world).signsOff),
		c(`tap (\d+) of (V-\d+): (leaves for|arrives at|boards|alights|knocks at) (\S+?)(?: (dropoff))? at (\d\d:\d\d)`, (*world).tap),
		c(`the office lets (V-\d+) leave without (\S+)(?: because ([A-Z_]+))?`, (*world).leaves),
		c(`who must be told`, (*world).whoMustBeTold),
		c(`(\d+) is told by (\S+?)(?:, as of before)?`, (*world).isTold),
		c(`(\d+) does not answer the telephone`, (*world).noAnswer),
		c(`reminders of the evening before`, (*world).reminders),
		c(`exceptions`, (*world).exceptions),
		c(`(\S+) looks after exception (\d+)`, (*world).looksAfter),
		c(`(V-\d+) reports an incident: (\w+) of severity (\d)`, (*world).incident),
		c(`the engine looks at the clock`, func(w *world, _ []string) ([]string, error) {
			_, err := w.desk("").Tend(w.ctx, storyArea, w.day)
			return nil, err
		}),
	}
}

func (w *world) signsOn(m []string) ([]string, error) {
	d, _, err := w.desk("").SignOn(w.ctx, dispatch.Actor{Subject: m[2]}, dispatch.SignOn{
		Area: storyArea, Day: w.day, Vehicle: vehicles.VehicleID(m[2]), Driver: vehicles.DriverID(m[1]), At: w.now,
	}, w.nextKey())
	if err != nil {
		return nil, err
	}
	return []string{fmt.Sprintf("%s drives %s", d.Driver, d.Shift)}, nil
}

func (w *world) isChecked(m []string) ([]string, error) {
	check := vehicles.SafetyCheck{
		At: w.now, Checker: m[2], Method: vehicles.FaceToFace, Detector: "A-1", Looked: vehicles.InspectedParts(), Odometer: 41_200,
	}
	for word := range strings.SplitSeq(m[3], ", ") {
		switch word {
		case "":
		case "by telephone":
			check.Method = vehicles.ByTelephone
		case "alcohol":
			check.Alcohol, check.Reading = true, 180
		case "no detector":
			check.Detector = ""
		case "tired":
			check.Unwell = []vehicles.Ailment{vehicles.Tired}
		case "bad brakes":
			check.Defects = []vehicles.InspectedPart{vehicles.Brakes}
		case "after the duty":
			check.After, check.Odometer = true, 41_290
		default:
			return nil, fmt.Errorf("%q says nothing about a check", word)
		}
	}
	r, err := w.desk("").Check(w.ctx, staff(), dispatch.CheckReport{Area: storyArea, Day: w.day, Vehicle: vehicles.VehicleID(m[1]), Check: check}, w.nextKey())
	if err != nil {
		return nil, err
	}
	if len(r.Faults) == 0 {
		return []string{"passed"}, nil
	}
	return []string{fmt.Sprintf("not passed: %s", strings.Trim(fmt.Sprint(r.Faults), "[]"))}, nil
}

func (w *world) signsOff(m []string) ([]string, error) {
	_, _, err := w.desk("").SignOff(w.ctx, dispatch.Actor{Subject: m[1]}, dispatch.SignOn{Area: storyArea, Day: w.day, Vehicle: vehicles.VehicleID(m[1]), At: w.now}, w.nextKey())
	return nil, err
}

// tap is a step of a device that counts them. It was done at the time said, and arrives now.
func (w *world) tap(m []string) ([]string, error) {
	seq, _ := strconv.ParseInt(m[1], 10, 64)
	kinds := map[string]dispatch.StepKind{
		"leaves for": dispatch.StepDepart, "arrives at": dispatch.StepArrive, "boards": dispatch.StepBoard, "alights": dispatch.StepAlight,
		"knocks at": dispatch.StepKnocked,
	}
	stop := dispatch.StopID{Ride: w.rides[m[4]], Kind: dispatch.PickupStop}
	if m[5] != "" || m[3] == "alights" {
		stop.Kind = dispatch.DropoffStop
	}
	now := w.now
	w.clock(m[6])
	done := w.now
	w.now = now
	r, err := w.desk("").Step(w.ctx, dispatch.Actor{Subject: m[2]}, dispatch.Step{
		Area: storyArea, Day: w.day, Vehicle: vehicles.VehicleID(m[2]), Kind: kinds[m[3]], Stop: stop, Device: done,
		Key: m[2] + " tap " + m[1], Sender: "device", Seq: seq,
	})
	if err != nil {
		return nil, err
	}
	ride, err := w.ride(m[4])
	if err != nil {
		return nil, err
	}
	if r.Held {
		return []string{fmt.Sprintf("waits for tap %d; %s is %s", r.Next, ride.ID, ride.State)}, nil
	}
	return []string{fmt.Sprintf("%s is %s, next is tap %d", ride.ID, ride.State, r.Next)}, nil
}

func (w *world) leaves(m []string) ([]string, error) {
	r, _, err := w.desk("").LeaveWithout(w.ctx, staff(), storyArea, w.rides[m[2]], cmp.Or(m[3], dispatch.LeaveOther), w.nextKey())
	if err != nil {
		return nil, err
	}
	return []string{fmt.Sprintf("%s is %s: %s", r.ID, r.State, r.Reason)}, nil
}

// whoMustBeTold lists what is open, and remembers it by number.
func (w *world) whoMustBeTold([]string) ([]string, error) {
	rows, err := w.fresh().Tells(w.ctx, storyArea, w.day, dispatch.TellFilter{Open: true})
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(rows, func(x, y dispatch.TellRow) int { return x.Tell.Opened.Compare(y.Tell.Opened) })
	w.tells = rows
	return w.tellLines(rows), nil
}

func (w *world) tellLines(rows []dispatch.TellRow) []string {
	var out []string
	for i, r := range rows {
		by := hm(r.Tell.Deadline)
		if r.Tell.Deadline < 0 {
			by = "D-1 " + hm(r.Tell.Deadline+24*3600)
		}
		line := fmt.Sprintf("%d. %s about %s, %s, by %s", i+1, strings.ToLower(fmt.Sprint(r.To[0])), r.Tell.Ride, r.Tell.Reason, by)
		if r.Overdue {
			line += ", overdue"
		}
		if r.Tell.Tries > 0 {
			line += fmt.Sprintf(", tried %d times", r.Tell.Tries)
		}
		out = append(out, line+": "+r.Say.Ja)
	}
	return orNothing(out, "nobody")
}

func (w *world) isTold(m []string) ([]string, error) {
	n, _ := strconv.Atoi(m[1])
	if n < 1 || n > len(w.tells) {
		return nil, fmt.Errorf("there were %d to be told", len(w.tells))
	}
	t := w.tells[n-1]
	_, _, err := w.desk("").MarkTold(w.ctx, staff(), dispatch.TellMark{
		Area: storyArea, Day: w.day, ID: t.ID, Version: t.Version, Channel: m[2],
	}, w.nextKey())
	return nil, err
}

func (w *world) noAnswer(m []string) ([]string, error) {
	n, _ := strconv.Atoi(m[1])
	_, _, err := w.desk("").TellAttempt(w.ctx, staff(), storyArea, w.day, w.tells[n-1].ID, w.nextKey())
	return nil, err
}

func (w *world) reminders([]string) ([]string, error) {
	rows, err := w.desk("").EveningBefore(w.ctx, staff(), storyArea, w.day)
	w.tells = rows
	return w.tellLines(rows), err
}

func (w *world) exceptions([]string) ([]string, error) {
	list, err := w.fresh().Exceptions(w.ctx, storyArea, w.day)
	if err != nil {
		return nil, err
	}
	w.alarms = list
	var out []string
	for i, e := range list {
		ways := make([]string, len(e.Ways))
		for k, way := range e.Ways {
			ways[k] = way.Code
		}
		line := fmt.Sprintf("%d. %d %s: %s → %s", i+1, e.Severity, e.Kind, e.Say.Ja, strings.Join(ways, ", "))
		if e.Seen != nil {
			line += ", looked after by " + e.Seen.By
		}
		out = append(out, line)
	}
	return orNothing(out, "none"), nil
}

func (w *world) looksAfter(m []string) ([]string, error) {
	n, _ := strconv.Atoi(m[2])
	_, _, err := w.desk("").SeeException(w.ctx, dispatch.Actor{Subject: m[1]}, storyArea, w.day, w.alarms[n-1].ID, w.nextKey())
	return nil, err
}

func (w *world) incident(m []string) ([]string, error) {
	severity, _ := strconv.Atoi(m[3])
	_, _, err := w.desk("").Report(w.ctx, dispatch.Actor{Subject: m[1]}, dispatch.IncidentReport{
		Area: storyArea, Day: w.day, Vehicle: vehicles.VehicleID(m[1]), Kind: dispatch.IncidentKind(m[2]), Severity: dispatch.Severity(severity), At: w.now,
	}, w.nextKey())
	return nil, err
}
