package dispatch

import (
	"cmp"
	"slices"

	"github.com/swmaas/swmaas/vehicles"
)

// A driver who was stood down at the check does not drive, and the council looks for somebody else. While there is time for that, the
// shift's rides stay where they are: who signs on in the driver's place drives them as they were promised. When the first of them is
// near and nobody has come, the shift is taken out of service as if the vehicle had been, and its riders are given to others while
// they can still be told. Who signs on later puts it into service again.

// substituteLead is how long before a vehicle has to leave, in seconds, its rides go to others where nobody has come to drive it: those
// who are fetched at another time then can still be told as the rules want it (TellLead).
const substituteLead = toldAhead

// stoodLocked is the notes that take out of service what drivers who were stood down were to drive, as far as it is near. a.mu is held.
func (a *areaDay) stoodLocked() (notes []*Note) {
	now := a.second()
	for i := range a.given {
		shift := &a.given[i]
		if _, d := a.state.duty(shift.ID); d == nil || d.Stood == "" || !a.leavesBy(shift, now+substituteLead) {
			continue
		}
		for k := range a.whole {
			part := &a.whole[k]
			if of := a.wholeShift(part.ID); of == nil || of.ID != shift.ID || a.overBy(part, now) {
				continue
			}
			body := &Outage{Shift: part.ID, Vehicle: part.Vehicle, Cause: StoodDown, From: now, By: Engine.Subject, Said: a.desk.now()}
			body.At = a.lastAt(a.routeLocked(part.ID))
			n := &Note{ID: outageID(part.ID), Version: 1, Body: body}
			if old := a.state.Notes[n.ID]; old != nil {
				if was := old.Body.(*Outage); !was.Undone && was.Until == 0 && was.From <= now {
					continue
				}
				n.Version = old.Version + 1
			}
			notes = append(notes, n)
		}
	}
	return notes
}

// leavesBy reports whether the vehicle of a shift has to leave for a stop by a second. a.mu is held.
func (a *areaDay) leavesBy(shift *vehicles.Shift, second int32) bool {
	return slices.ContainsFunc(a.whole, func(part vehicles.Shift) bool {
		if of := a.wholeShift(part.ID); of == nil || of.ID != shift.ID {
			return false
		}
		return slices.ContainsFunc(a.routeLocked(part.ID).Stops, func(s Stop) bool { return !s.State.Finished() && s.LeaveBy <= second })
	})
}

// relieved is the notes that put a shift into service again that was taken out because its driver was stood down: somebody else has
// signed on. a.mu is held.
func (a *areaDay) relieved(by Actor, shift *vehicles.Shift) (notes []*Note) {
	now := a.second()
	for i := range a.whole {
		part := &a.whole[i]
		old := a.state.Notes[outageID(part.ID)]
		if of := a.wholeShift(part.ID); old == nil || of == nil || of.ID != shift.ID {
			continue
		}
		body := *old.Body.(*Outage)
		if body.Undone || body.Until > 0 || body.Cause != StoodDown || body.By != Engine.Subject {
			continue
		}
		body.By, body.Said, body.Until, body.BackAt = by.Subject, a.desk.now(), max(now, 1), cmp.Or(body.At, part.Start)
		notes = append(notes, old.changed(&body))
	}
	return notes
}
