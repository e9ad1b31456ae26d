package dispatch

import (
	"cmp"
	"slices"
	"time"

	"github.com/swmaas/swmaas/routing/geo"
	"github.com/swmaas/swmaas/vehicles"
)

// OutageCause tells why a vehicle does not drive on. The values are stored and part of the contract.
type OutageCause string

// Why a shift ends before its time.
const (
	Breakdown    OutageCause = "BREAKDOWN"      // the vehicle cannot go on from where it stands
	DriverSick   OutageCause = "DRIVER_SICK"    // nobody else drives the vehicle
	StoodDown    OutageCause = "STOOD_DOWN"     // by its facility or the council
	OutOfService OutageCause = "OUT_OF_SERVICE" // the vehicle: workshop, puncture at the yard
)

// Outage is a note about one shift of a day: it takes place up to a second only. When the vehicle is in service again, the rest of
// it takes place from then on.
type Outage struct {
	Shift   vehicles.ShiftID // gap-free, as routes name it
	Vehicle vehicles.VehicleID
	Cause   OutageCause
	From    int32      // the vehicle does nothing from this second on
	At      geo.LatLng // where it stands then; zero where it is not out on the road
	Until   int32      // in service again from this second on; 0 while it is not
	BackAt  geo.LatLng // where; zero is the beginning of the shift
	By      string     // subject of who said so last
	Said    time.Time
	Undone  bool // it was a mistake: the shift takes place
}

func (*Outage) note() {}

// outageID names the note about a shift.
func outageID(shift vehicles.ShiftID) NoteID { return NoteID("outage-" + string(shift)) }

// outages lists what holds of shifts, by shift.
func (s *State) outages() (list []*Outage) {
	notesOf(s, func(_ *Note, o *Outage) {
		if !o.Undone {
			list = append(list, o)
		}
	})
	slices.SortFunc(list, func(x, y *Outage) int { return cmp.Compare(x.Shift, y.Shift) })
	return list
}

// comeback is where and from when on a vehicle is in service again.
type comeback struct {
	at   geo.LatLng
	from int32
}

// after reports whether the vehicle came back after it had left its last stop at a second.
func (c *comeback) after(depart int32) bool { return depart <= c.from }

// withOutages is what outages leave of shifts, and which of them go on later. The shifts given are not changed.
func withOutages(whole []vehicles.Shift, outages []*Outage) ([]vehicles.Shift, map[vehicles.ShiftID]*comeback) {
	if len(outages) == 0 {
		return whole, nil
	}
	shifts, back := slices.Clone(whole), map[vehicles.ShiftID]*comeback{}
	for i := range shifts {
		s := &shifts[i]
		k := slices.IndexFunc(outages, func(o *Outage) bool { return o.Shift == s.ID })
		if k < 0 {
			continue
		}
		o := outages[k]
		if o.Until > 0 {
			s.Start = cmp.Or(o.BackAt, s.Start)
			s.Span.Start = min(max(s.Span.Start, o.Until), s.Span.End)
			back[s.ID] = &comeback{s.Start, s.Span.Start}
			continue
		}
		s.Span.End = max(min(s.Span.End, o.From), s.Span.Start)
		s.End = cmp.Or(o.At, s.End)
	}
	return shifts, back
}

// outageOf is what ends shift i, or nil where it takes place to its end or goes on. a.mu is held.
func (a *areaDay) outageOf(i int) *Outage {
	if n := a.state.Notes[outageID(a.shifts[i].ID)]; n != nil {
		if o, ok := n.Body.(*Outage); ok && !o.Undone && o.Until == 0 {
			return o
		}
	}
	return nil
}

// cutShort reports whether shift i stops before its time, or has stopped: also after its end, with a vehicle that was late. a.mu is held.
func (a *areaDay) cutShort(i int) bool {
	o := a.outageOf(i)
	return o != nil && (o.From < a.whole[i].Span.End || o.From <= a.second())
}

// outOfService reports whether shift i has stopped for good or for now. a.mu is held.
func (a *areaDay) outOfService(i int) bool {
	return a.cutShort(i) && a.outageOf(i).From <= max(a.second(), a.shifts[i].Span.Start)
}

// overBy reports whether nothing is left by a second, now or later, of a shift as the fleet has it: its end is past, and it is not late with
// stops that it still has to drive. a.mu is held.
func (a *areaDay) overBy(whole *vehicles.Shift, second int32) bool {
	if whole.Span.End > second {
		return false
	}
	route := a.routeLocked(whole.ID)
	return whole.Span.End > a.second() || route.Executed() == len(route.Stops)
}
