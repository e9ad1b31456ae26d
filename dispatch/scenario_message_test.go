package dispatch_test

import (
	"cmp"
	"fmt"
	"regexp"
	"strconv"

	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/vehicles"
)

// messageCommands are the sentences about what the office and drivers write to each other.
func messageCommands() []command {
	c := func(form string, run func(w *world, m []string) ([]string, error)) command {
		return command{regexp.MustCompile("^" + form + "$"), run}
	}
	return []command{
		c(`(?:(\S+) )?writes to (V-\d+)(, urgent)?(?:, about (\S+?))?: (.*)`, (*world).officeWrites),
		c(`driver of (V-\d+) writes(, urgent)?(?:, about (\S+?))?: (.*)`, (*world).driverWrites),
		c(`driver of (V-\d+) reads messages to (\d+)`, (*world).driverReads),
		c(`(?:(\S+) )?reads messages of (V-\d+) to (\d+)`, (*world).officeReads),
		c(`messages of (V-\d+)`, (*world).messagesOf),
		c(`driver of (V-\d+) is shown messages`, (*world).shownMessages),
	}
}

var cannedForm = regexp.MustCompile(`^([A-Z_]+)(?: (\d+) min)?$`)

// draft reads what is written: a code, perhaps with minutes, or words.
func (w *world) draft(van, urgent, ride, text string) dispatch.MessageDraft {
	d := dispatch.MessageDraft{Area: storyArea, Day: w.day, Vehicle: vehicles.VehicleID(van), Urgent: urgent != "", Ride: w.rides[ride], Text: text}
	if m := cannedForm.FindStringSubmatch(text); m != nil {
		minutes, _ := strconv.Atoi(m[2])
		d.Canned, d.Minutes, d.Text = m[1], int32(minutes), ""
	}
	return d
}

func (w *world) officeWrites(m []string) ([]string, error) {
	d := w.draft(m[2], m[3], m[4], m[5])
	d.Office = true
	return w.write(cmp.Or(m[1], "staff-1"), d)
}

func (w *world) driverWrites(m []string) ([]string, error) {
	return w.write("D-"+m[1], w.draft(m[1], m[2], m[3], m[4]))
}

// write sends the message twice, as a device does that did not hear the answer.
func (w *world) write(who string, d dispatch.MessageDraft) ([]string, error) {
	key := w.nextKey()
	row, _, err := w.desk("").SendMessage(w.ctx, dispatch.Actor{Subject: who}, d, key)
	if err != nil {
		return nil, err
	}
	again, _, err := w.desk("").SendMessage(w.ctx, dispatch.Actor{Subject: who}, d, key)
	if err != nil || again.ID != row.ID {
		return nil, fmt.Errorf("sent again: %s, %v", again.ID, err)
	}
	return []string{fmt.Sprintf("message %d", row.Message.Number)}, nil
}

func (w *world) driverReads(m []string) ([]string, error) {
	n, _ := strconv.ParseInt(m[2], 10, 64)
	_, err := w.desk("").ReadMessages(w.ctx, dispatch.Actor{Subject: "D-" + m[1]}, storyArea, w.day, vehicles.VehicleID(m[1]), false, n, w.nextKey())
	return nil, err
}

func (w *world) officeReads(m []string) ([]string, error) {
	n, _ := strconv.ParseInt(m[3], 10, 64)
	_, err := w.desk("").ReadMessages(w.ctx, dispatch.Actor{Subject: cmp.Or(m[1], "staff-1")}, storyArea, w.day, vehicles.VehicleID(m[2]), true, n, w.nextKey())
	return nil, err
}

func (w *world) messagesOf(m []string) ([]string, error) {
	rows, err := w.fresh().Messages(w.ctx, storyArea, w.day, dispatch.MessageFilter{Vehicle: vehicles.VehicleID(m[1])})
	return orNothing(messageLines(rows), "none"), err
}

// shownMessages prints what is with the driver's manifest.
func (w *world) shownMessages(m []string) ([]string, error) {
	got, err := w.fresh().Manifest(w.ctx, storyArea, w.day, vehicles.VehicleID(m[1]))
	if err != nil {
		return nil, err
	}
	return orNothing(messageLines(got.Messages), "none"), nil
}

func messageLines(rows []dispatch.MessageRow) (out []string) {
	for _, r := range rows {
		b := r.Message
		line := fmt.Sprintf("%d %s: %s%s", b.Number, b.By, r.Say.Ja, r.Text)
		if b.Urgent {
			line += ", urgent"
		}
		if b.Ride != "" {
			line += fmt.Sprintf(", about %s", b.Ride)
		}
		if !b.Read.IsZero() {
			line += ", read by " + b.ReadBy
		}
		out = append(out, line)
	}
	return out
}
