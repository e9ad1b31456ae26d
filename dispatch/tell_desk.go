package dispatch

import (
	"cmp"
	"context"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"
)

// TellFilter picks Tells; the zero value picks all of a day.
type TellFilter struct {
	Open   bool // only those that nobody has told yet
	Ride   RideID
	Reason TellReason
}

// TellRow is a Tell with what is to be said. It holds no name and no number to call: those are in the register.
type TellRow struct {
	ID      NoteID
	Version int64
	Tell    *Tell // shared, not to be changed
	Remark  string
	Rides   []*Ride // that it is about: the ride, or all of the rider's rides for an evening's reminder
	To      []Audience
	Say     Sentences
	Overdue bool // open past its deadline
}

// Audience is who has to be told. The values are part of the contract.
type Audience string

// Who has to be told. Telephone numbers of riders and contacts are in the register, those of facilities in the fleet.
const (
	ToRider    Audience = "RIDER"    // the rider, or who booked for them
	ToFacility Audience = "FACILITY" // whose user the rider is, Ride.Terms.Facility
	ToContact  Audience = "CONTACT"  // the contacts of the register who agreed to be told
	ToCouncil  Audience = "COUNCIL"  // the office itself has to look after the person
)

// audience lists who has to be told, the first to try at the front.
func (t *Tell) audience(ride *Ride) []Audience {
	if t.Reason != TellWatchOver {
		return []Audience{ToRider}
	}
	if ride != nil && ride.Terms.Facility != "" {
		return []Audience{ToFacility, ToContact, ToCouncil}
	}
	return []Audience{ToContact, ToCouncil}
}

// Tells lists who has to be told something about an area-day, the earliest deadline first, or has been.
func (d *Desk) Tells(ctx context.Context, area AreaID, day Day, f TellFilter) ([]TellRow, error) {
	a, err := d.open(ctx, area, day)
	if err != nil {
		return nil, err
	}
	return a.tells(a.current(), f), nil
}

func (a *areaDay) tells(state *State, f TellFilter) []TellRow {
	var rows []TellRow
	now := a.second()
	notesOf(state, func(n *Note, t *Tell) {
		if f.Open && t.Told != nil || f.Ride != "" && f.Ride != t.Ride || f.Reason != "" && f.Reason != t.Reason {
			return
		}
		rows = append(rows, tellRow(state, n, t, now))
	})
	slices.SortFunc(rows, func(x, y TellRow) int {
		return cmp.Or(cmp.Compare(x.Tell.Deadline, y.Tell.Deadline), cmp.Compare(x.ID, y.ID))
	})
	return rows
}

func tellRow(state *State, n *Note, t *Tell, now int32) TellRow {
	row := TellRow{ID: n.ID, Version: n.Version, Tell: t, Remark: n.Text, Overdue: t.Told == nil && now > t.Deadline}
	if ride := state.Rides[t.Ride]; ride != nil {
		row.Rides = []*Ride{ride}
	}
	if t.Reason == TellEvening {
		row.Rides = state.awaitedBy(t.Rider)
	}
	row.To = t.audience(state.Rides[t.Ride])
	row.Say = t.sentences(row.Rides)
	return row
}

// awaitedBy lists the rides that a rider waits for, in the order in which they are.
func (s *State) awaitedBy(rider RiderID) (rides []*Ride) {
	for _, r := range s.Rides {
		if r.Rider == rider && r.awaits() {
			rides = append(rides, r)
		}
	}
	slices.SortFunc(rides, func(x, y *Ride) int {
		return cmp.Or(cmp.Compare(x.Promise.Pickup.Earliest, y.Promise.Pickup.Earliest), cmp.Compare(x.ID, y.ID))
	})
	return rides
}

// TellMark says that an open Tell was told, as it was at a version: one that says something else by now is still to be told.
type TellMark struct {
	Area    AreaID
	Day     Day
	ID      NoteID
	Version int64
	Channel string // "phone", "line", "in_person" or "driver"
	Remark  string // in the words of who told them, kept sealed; empty leaves the one that is there
}

// channels are how somebody can be told.
func channels() []string { return []string{"phone", "line", "in_person", "driver"} }

// MarkTold closes a Tell. Errors: ErrNotFound, ErrWrongState where it is closed already, ErrChanged where what has to be told
// is another thing by now, ErrInvalid, ErrKeyReused, or the store's.
func (d *Desk) MarkTold(ctx context.Context, by Actor, m TellMark, key string) (TellRow, int64, error) {
	if !slices.Contains(channels(), m.Channel) {
		return TellRow{}, 0, fmt.Errorf("%w: channel %q is none of %s", ErrInvalid, m.Channel, strings.Join(channels(), ", "))
	}
	idem := IdempotencyKey{key, hashRequest("told", string(m.Day), string(m.ID), fmt.Sprint(m.Version), m.Channel, m.Remark)}
	return d.onTell(ctx, m.Area, m.Day, m.ID, idem, func(a *areaDay, n *Note, t *Tell) (*Note, Event, error) {
		if n.Version != m.Version {
			return nil, Event{}, fmt.Errorf("%w: %s is at version %d, not %d", ErrChanged, m.ID, n.Version, m.Version)
		}
		next := *t
		next.Told = &Told{By: by.Subject, Channel: m.Channel, At: d.now()}
		changed := n.changed(&next)
		if m.Remark != "" {
			changed.Text = m.Remark
		}
		return changed, Event{Actor: by.Subject, Kind: TellDone, Ride: t.Ride, Detail: string(t.Reason)}, nil
	})
}

// TellAttempt notes that somebody was to be told and did not answer. Errors: ErrNotFound, ErrWrongState where the Tell is
// closed, ErrKeyReused, or the store's.
func (d *Desk) TellAttempt(ctx context.Context, by Actor, area AreaID, day Day, id NoteID, key string) (TellRow, int64, error) {
	idem := IdempotencyKey{key, hashRequest("tell attempt", string(day), string(id))}
	return d.onTell(ctx, area, day, id, idem, func(_ *areaDay, n *Note, t *Tell) (*Note, Event, error) {
		next := *t
		next.Tries++
		return n.changed(&next), Event{Actor: by.Subject, Kind: TellTried, Ride: t.Ride, Detail: string(t.Reason)}, nil
	})
}

// onTell makes one change of one open Tell.
func (d *Desk) onTell(ctx context.Context, area AreaID, day Day, id NoteID, key IdempotencyKey,
	decide func(*areaDay, *Note, *Tell) (*Note, Event, error),
) (TellRow, int64, error) {
	a, err := d.open(ctx, area, day)
	if err != nil {
		return TellRow{}, 0, err
	}
	_, err = a.change(ctx, key, func() (*Commit, error) {
		n := a.state.Notes[id]
		if n == nil {
			return nil, fmt.Errorf("%w: %s", ErrNotFound, id)
		}
		t, ok := n.Body.(*Tell)
		if !ok {
			return nil, fmt.Errorf("%w: %s is nothing to tell", ErrNotFound, id)
		}
		if t.Told != nil {
			return nil, fmt.Errorf("%w: %s is closed: %s", ErrWrongState, id, t.Told.Channel)
		}
		next, event, err := decide(a, n, t)
		if err != nil {
			return nil, err
		}
		return &Commit{Notes: []*Note{next}, Events: []Event{event}}, nil
	})
	if err != nil {
		return TellRow{}, 0, err
	}
	state := a.current()
	n := state.Notes[id]
	if n == nil {
		return TellRow{}, 0, fmt.Errorf("%w: %s", ErrNotFound, id)
	}
	return tellRow(state, n, n.Body.(*Tell), a.second()), state.Revision, nil
}

// CallBack is a promise to call somebody back.
type CallBack struct {
	Area    AreaID
	Day     Day
	Rider   RiderID
	Ride    RideID    // that it is about, or empty
	By      time.Time // until when
	Subject string    // what about, in the words of who promised it; kept sealed
}

// PromiseCallBack opens a Tell for somebody who was promised to be called back. Errors: ErrInvalid, ErrNotFound for a ride that is
// not there, ErrKeyReused, or the store's.
func (d *Desk) PromiseCallBack(ctx context.Context, by Actor, c CallBack, key string) (TellRow, int64, error) {
	if c.Rider == "" || c.Subject == "" {
		return TellRow{}, 0, fmt.Errorf("%w: a call back needs a rider and a subject", ErrInvalid)
	}
	if key == "" {
		return TellRow{}, 0, fmt.Errorf("%w: key is empty", ErrInvalid)
	}
	a, err := d.open(ctx, c.Area, c.Day)
	if err != nil {
		return TellRow{}, 0, err
	}
	hash := hashRequest("call back", fmt.Sprintf("%+v", c))
	id := NoteID("tell.call." + hex.EncodeToString(hash[:8]))
	_, err = a.change(ctx, IdempotencyKey{key, hash}, func() (*Commit, error) {
		if c.Ride != "" && a.state.Rides[c.Ride] == nil {
			return nil, fmt.Errorf("%w: ride %s", ErrNotFound, c.Ride)
		}
		if a.state.Notes[id] != nil {
			return nil, nil
		}
		tell := &Tell{Rider: c.Rider, Ride: c.Ride, Reason: TellCallBack, Opened: d.now(), Deadline: int32(c.By.Sub(a.midnight) / time.Second)}
		return &Commit{
			Notes:  []*Note{{ID: id, Version: 1, Body: tell, Text: c.Subject, About: c.Rider}},
			Events: []Event{{Actor: by.Subject, Kind: MustTell, Ride: c.Ride, Detail: string(TellCallBack)}},
		}, nil
	})
	if err != nil {
		return TellRow{}, 0, err
	}
	state := a.current()
	n := state.Notes[id]
	if n == nil {
		return TellRow{}, 0, fmt.Errorf("%w: %s", ErrNotFound, id)
	}
	return tellRow(state, n, n.Body.(*Tell), a.second()), state.Revision, nil
}

// eveningBy is when riders are to have been reminded of the next day, in seconds of that day: 20:00 the evening before.
const eveningBy = -4 * 3600

// EveningBefore opens a reminder for everybody who waits for a ride of the day and was not reminded yet, one for each rider, and
// lists all reminders of the day. It is for the evening before, and may be asked as often as one likes. Errors: the store's.
func (d *Desk) EveningBefore(ctx context.Context, by Actor, area AreaID, day Day) ([]TellRow, error) {
	a, err := d.open(ctx, area, day)
	if err != nil {
		return nil, err
	}
	_, err = a.change(ctx, IdempotencyKey{}, func() (*Commit, error) {
		reminded, first := map[RiderID]bool{}, map[RiderID]*Ride{}
		notesOf(a.state, func(_ *Note, t *Tell) {
			if t.Reason == TellEvening && (t.Told == nil || t.Told.Channel != ChannelOutdated) {
				reminded[t.Rider] = true
			}
		})
		for _, r := range a.state.Rides {
			if r.awaits() && !reminded[r.Rider] && first[r.Rider] == nil {
				first[r.Rider] = a.state.awaitedBy(r.Rider)[0]
			}
		}
		if len(first) == 0 {
			return nil, nil
		}
		c := &Commit{}
		t := teller{a, c, a.second()}
		riders := make([]RiderID, 0, len(first))
		for rider := range first {
			riders = append(riders, rider)
		}
		slices.Sort(riders)
		for _, rider := range riders {
			ride := first[rider]
			by := max(eveningBy, min(t.now+d.cfg.Rules.TellLead, t.deadline(ride.Promise.Pickup.Earliest)))
			tell := t.about(ride, TellEvening, "", by)
			tell.After = ride.Promise
			t.need(tell)
		}
		for i := range c.Events {
			c.Events[i].Actor = by.Subject
		}
		return c, nil
	})
	if err != nil {
		return nil, err
	}
	return a.tells(a.current(), TellFilter{Reason: TellEvening}), nil
}
