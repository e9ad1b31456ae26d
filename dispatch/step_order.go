package dispatch

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/swmaas/swmaas/vehicles"
)

// A device counts its steps and sends them again until it hears that they were taken, so they come late, twice and out of
// order. The service notes for each sender which number is next. A step before it was taken and changes nothing; one after
// it is kept until those between have come, and for Rules.StepGap at the most: then it is taken by its device time, and what
// was missing is still taken when it comes. What was noted stands in the same commit as what the step changed.

// Device is how far the steps of one sender of a vehicle have been taken.
type Device struct {
	Vehicle vehicles.VehicleID
	Next    int64   // number of the step that is taken next, from 1
	Gaps    []int64 // numbers below Next that have not come yet
	Held    []HeldStep
	Refused []RefusedStep // the last ones, oldest first
}

func (*Device) note() {}

// HeldStep is a step that waits for those before it.
type HeldStep struct {
	Seq      int64
	Kind     StepKind
	Stop     StopID
	At       time.Time // by the device
	Taken    time.Time // by the service
	By       string
	Override bool
}

// RefusedStep is a step that contradicted what was known, which somebody may have to look at.
type RefusedStep struct {
	Seq  int64
	Kind StepKind
	Ride RideID
	Code string
	At   time.Time // by the device
}

const keptRefusals = 10

// deviceID names a sender of a vehicle; senders choose their names themselves, so they are hashed.
func deviceID(v vehicles.VehicleID, sender string) NoteID {
	sum := sha256.Sum256([]byte(sender))
	return NoteID("device." + string(v) + "." + hex.EncodeToString(sum[:8]))
}

// device is a copy of what is noted of a sender, new where nothing is, and the note of it.
func (s *State) device(id NoteID, v vehicles.VehicleID) (*Note, *Device) {
	if n := s.Notes[id]; n != nil {
		if d, ok := n.Body.(*Device); ok {
			next := *d
			next.Gaps, next.Held, next.Refused = slices.Clone(d.Gaps), slices.Clone(d.Held), slices.Clone(d.Refused)
			return n, &next
		}
	}
	return nil, &Device{Vehicle: v, Next: 1}
}

// as is the device as it is stored in the place of n, which may be nil.
func (d *Device) as(id NoteID, n *Note) *Note {
	if n != nil {
		return n.changed(d)
	}
	return &Note{ID: id, Version: 1, Body: d}
}

// held is the index of a held step, or -1.
func (d *Device) held(seq int64) int {
	return slices.IndexFunc(d.Held, func(h HeldStep) bool { return h.Seq == seq })
}

// turn gives a step its turn: taken reports whether it is to be taken now, known whether it was before.
func (d *Device) turn(seq int64) (taken, known bool) {
	switch gap := slices.Index(d.Gaps, seq); {
	case gap >= 0:
		d.Gaps = without(d.Gaps, gap)
		return true, false
	case seq < d.Next:
		return false, true
	case seq > d.Next:
		return false, false
	}
	d.Next++
	if i := d.held(seq); i >= 0 {
		d.Held = without(d.Held, i)
	}
	return true, false
}

// without is the list without element i, nil where that was the last one, as it comes back from the store.
func without[T any](list []T, i int) []T {
	if len(list) == 1 {
		return nil
	}
	return slices.Delete(list, i, i+1)
}

// stepInOrder takes a step of a sender in its turn, and what has waited for it.
func (a *areaDay) stepInOrder(ctx context.Context, by Actor, s Step, key IdempotencyKey) (StepResult, error) {
	if s.Seq < 1 {
		return StepResult{}, fmt.Errorf("%w: step number %d: senders count from 1", ErrInvalid, s.Seq)
	}
	id := deviceID(s.Vehicle, s.Sender)
	err := a.takeTurn(ctx, by, s, id, key)
	if err == nil || isStepConflict(err) {
		if after := a.takeHeld(ctx, id, s.Area, s.Day); after != nil && err == nil {
			err = after
		}
	}
	state := a.current()
	_, d := state.device(id, s.Vehicle)
	return StepResult{Revision: state.Revision, Next: d.Next, Held: d.held(s.Seq) >= 0}, err
}

// takeTurn makes the commit of one step of a sender: what it changes, that it waits, or that it was refused.
func (a *areaDay) takeTurn(ctx context.Context, by Actor, s Step, id NoteID, key IdempotencyKey) error {
	reply, err := a.changeBy(s.Kind)(ctx, key, func() (*Commit, error) {
		n, d := a.state.device(id, s.Vehicle)
		taken, known := d.turn(s.Seq)
		if known || !taken && d.held(s.Seq) >= 0 {
			return nil, nil
		}
		if !taken {
			d.Held = append(d.Held, HeldStep{s.Seq, s.Kind, s.Stop, s.Device, a.desk.now(), by.Subject, s.Override})
			slices.SortFunc(d.Held, func(x, y HeldStep) int { return cmp.Compare(x.Seq, y.Seq) })
			return &Commit{
				Notes:  []*Note{d.as(id, n)},
				Events: []Event{{Actor: by.Subject, Kind: StepHeld, Ride: s.Stop.Ride, Device: s.Device, Detail: s.Kind.String()}},
			}, nil
		}
		c, err := a.step(by, s)
		if isStepConflict(err) {
			code := stepCode(err)
			d.Refused = append(d.Refused, RefusedStep{s.Seq, s.Kind, s.Stop.Ride, code, s.Device})
			d.Refused = d.Refused[max(0, len(d.Refused)-keptRefusals):]
			c, err = &Commit{
				Events: []Event{{Actor: by.Subject, Kind: StepRefused, Ride: s.Stop.Ride, Device: s.Device, Detail: code}},
				Reply:  []byte(code + " " + err.Error()),
			}, nil
		}
		if err != nil {
			return nil, err
		}
		c.Notes = append(c.Notes, d.as(id, n))
		return c, nil
	})
	if err != nil {
		return err
	}
	return stepRefusal(reply)
}

// takeHeld takes the held steps of a sender whose turn it is.
func (a *areaDay) takeHeld(ctx context.Context, id NoteID, area AreaID, day Day) error {
	for {
		_, d := a.current().device(id, "")
		if len(d.Held) == 0 || d.Held[0].Seq > d.Next {
			return nil
		}
		h := d.Held[0]
		s := Step{Area: area, Day: day, Vehicle: d.Vehicle, Kind: h.Kind, Stop: h.Stop, Device: h.At, Seq: h.Seq, Override: h.Override}
		if err := a.takeTurn(ctx, Actor{h.By}, s, id, IdempotencyKey{}); err != nil && !isStepConflict(err) {
			return err
		}
	}
}

// stepConflicts are the errors of a step that sending it again cannot mend, by code.
func stepConflicts() map[string]error {
	return map[string]error{"NOT_FOUND": ErrNotFound, "WRONG_STATE": ErrWrongState, "TOO_SOON": ErrTooSoon, "INVALID": ErrInvalid}
}

func isStepConflict(err error) bool { return stepCode(err) != "" }

// stepCode is the code of an error that sending the step again cannot mend, and empty for any other.
func stepCode(err error) string {
	for code, known := range stepConflicts() {
		if errors.Is(err, known) {
			return code
		}
	}
	return ""
}

// stepRefusal is the error that a kept reply stands for, nil for that of a step that was taken.
func stepRefusal(reply []byte) error {
	for code, known := range stepConflicts() {
		if rest, ok := bytes.CutPrefix(reply, []byte(code+" ")); ok {
			return &refusedStep{string(rest), known}
		}
	}
	return nil
}

// refusedStep is an error of before.
type refusedStep struct {
	text string
	kind error
}

func (e *refusedStep) Error() string { return e.text }
func (e *refusedStep) Unwrap() error { return e.kind }

// releaseHeld takes the steps that have waited for longer than Rules.StepGap for one that was lost, and returns how many.
func (a *areaDay) releaseHeld(ctx context.Context) (int, error) {
	n := 0
	for id, note := range a.current().Notes {
		d, ok := note.Body.(*Device)
		if !ok || len(d.Held) == 0 || !a.waitedOut(d) {
			continue
		}
		_, err := a.change(ctx, IdempotencyKey{}, func() (*Commit, error) {
			now, next := a.state.device(id, d.Vehicle)
			if len(next.Held) == 0 || !a.waitedOut(next) {
				return nil, nil
			}
			for ; next.Next < next.Held[0].Seq; next.Next++ {
				next.Gaps = append(next.Gaps, next.Next)
			}
			return &Commit{Notes: []*Note{next.as(id, now)}}, nil
		})
		if err != nil {
			return n, err
		}
		if err := a.takeHeld(ctx, id, a.key.Area, a.key.Day); err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}

func (a *areaDay) waitedOut(d *Device) bool {
	return a.desk.now().Sub(d.Held[0].Taken) >= time.Duration(a.desk.cfg.Rules.StepGap)*time.Second
}
