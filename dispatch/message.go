package dispatch

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/swmaas/swmaas/vehicles"
)

// Message is what the office and the driver of a vehicle write to each other: a note of the area-day, whose sealed text is what they
// wrote in their own words. It is with the driver's manifest until it is read, and an exception where it is not read in time.
type Message struct {
	Vehicle vehicles.VehicleID
	Number  int64 // of the vehicle's messages of the day, from 1 and without gaps
	Office  bool  // from the office to the driver; the other way round otherwise
	Canned  string
	Minutes int32 // that the canned text speaks of, 0 for none
	Urgent  bool
	Ride    RideID    // that it is about, or empty
	By      string    // subject of who wrote it
	Written time.Time // by the clock of who wrote it
	Taken   time.Time // by the service
	Read    time.Time // the zero time while nobody has
	ReadBy  string
}

func (*Message) note() {}

// Events of messages. Their Detail is the id of the message's note.
const (
	MessageSent EventKind = "message_sent"
	MessageRead EventKind = "message_read"
)

const (
	maxMessages    = 200 // of a vehicle and day: an app gone wild fills no store
	maxMessageText = 500 // characters
	maxMinutes     = 240
	// Seconds after which what nobody has read is an exception; what a driver wrote as urgent is one at once.
	urgentUnread, unread = 5 * 60, 10 * 60
	// readMessages is how many messages that were read stay on the manifest, so that a driver can look again.
	readMessages = 10
)

// messageID names message number n of a vehicle. Two processes that write at once so want the same name, and one of them decides again.
func messageID(v vehicles.VehicleID, n int64) NoteID {
	return NoteID(fmt.Sprintf("message.%s.%d", v, n))
}

// MessageDraft is a message as it is written.
type MessageDraft struct {
	Area    AreaID
	Day     Day
	Vehicle vehicles.VehicleID
	Office  bool      // it is the office that writes
	Canned  string    // code of a CannedText, or empty
	Minutes int32     // 1 to 240 where the canned text speaks of a time, 0 otherwise
	Text    string    // at most 500 characters; empty for the canned text alone
	Urgent  bool      //
	Ride    RideID    // that it is about, or empty; its rider's key then seals the text
	Written time.Time // by the clock of who writes; the zero time for now
}

func (m *MessageDraft) validate() error {
	switch canned := cannedText(m.Canned); {
	case m.Canned == "" && strings.TrimSpace(m.Text) == "":
		return fmt.Errorf("%w: a message needs a text or the code of one", ErrInvalid)
	case m.Canned != "" && canned == nil:
		return fmt.Errorf("%w: canned: there is no text %q", ErrInvalid, m.Canned)
	case canned != nil && m.Office && !canned.Office, canned != nil && !m.Office && !canned.Driver:
		return fmt.Errorf("%w: canned: %s is not written this way round", ErrInvalid, m.Canned)
	case canned != nil && canned.Minutes && (m.Minutes < 1 || m.Minutes > maxMinutes):
		return fmt.Errorf("%w: minutes: %s needs 1 to %d", ErrInvalid, m.Canned, maxMinutes)
	case (canned == nil || !canned.Minutes) && m.Minutes != 0:
		return fmt.Errorf("%w: minutes: nothing speaks of them", ErrInvalid)
	case !utf8.ValidString(m.Text) || utf8.RuneCountInString(m.Text) > maxMessageText:
		return fmt.Errorf("%w: text: at most %d characters of UTF-8", ErrInvalid, maxMessageText)
	}
	return nil
}

// MessageRow is a message of a day.
type MessageRow struct {
	ID      NoteID
	Version int64
	Message *Message // shared, not to be changed
	Text    string   // in their own words; empty where there is none or the rider was erased
	Say     Sentences
}

func messageRow(n *Note, m *Message) MessageRow {
	row := MessageRow{n.ID, n.Version, m, n.Text, Sentences{}}
	if canned := cannedText(m.Canned); canned != nil {
		row.Say = canned.say(m.Minutes)
	}
	return row
}

// messages are those of a vehicle, the first one first.
func (s *State) messages(v vehicles.VehicleID) (rows []MessageRow) {
	for n := int64(1); ; n++ {
		note := s.Notes[messageID(v, n)]
		if note == nil {
			return rows
		}
		if m, ok := note.Body.(*Message); ok {
			rows = append(rows, messageRow(note, m))
		}
	}
}

// SendMessage writes to the driver of a vehicle, or from there to the office. Errors: ErrInvalid, ErrNotFound for an unknown vehicle or
// ride, ErrWrongState where the vehicle has had too many that day, ErrKeyReused, or the store's.
func (d *Desk) SendMessage(ctx context.Context, by Actor, m MessageDraft, key string) (MessageRow, int64, error) {
	if err := m.validate(); err != nil {
		return MessageRow{}, 0, err
	}
	if key == "" {
		return MessageRow{}, 0, fmt.Errorf("%w: key is empty", ErrInvalid)
	}
	a, err := d.open(ctx, m.Area, m.Day)
	if err != nil {
		return MessageRow{}, 0, err
	}
	hash := hashRequest("message", string(m.Day), string(m.Vehicle), m.Canned, m.Text, string(m.Ride), fmt.Sprint(m.Office, m.Minutes, m.Urgent))
	reply, err := a.change(ctx, IdempotencyKey{key, hash}, func() (*Commit, error) { return a.write(by, &m) })
	if err != nil {
		return MessageRow{}, 0, err
	}
	if a.current().Notes[NoteID(reply)] == nil { // the same call was answered by another process
		if err := d.Refresh(ctx, a.key, math.MaxInt64); err != nil {
			return MessageRow{}, 0, err
		}
	}
	state := a.current()
	if n := state.Notes[NoteID(reply)]; n != nil {
		if body, ok := n.Body.(*Message); ok {
			return messageRow(n, body), state.Revision, nil
		}
	}
	return MessageRow{}, 0, fmt.Errorf("%w: message %s", ErrNotFound, reply)
}

// write is the commit that a message makes. a.mu is held.
func (a *areaDay) write(by Actor, m *MessageDraft) (*Commit, error) {
	if a.vehicles[m.Vehicle] == nil {
		return nil, fmt.Errorf("%w: vehicle %s", ErrNotFound, m.Vehicle)
	}
	var about RiderID
	if m.Ride != "" {
		ride, err := a.rideLocked(m.Ride)
		if err != nil {
			return nil, err
		}
		about = ride.Rider
	}
	n := int64(1)
	for a.state.Notes[messageID(m.Vehicle, n)] != nil {
		n++
	}
	if n > maxMessages {
		return nil, fmt.Errorf("%w: vehicle %s has had %d messages that day: call instead", ErrWrongState, m.Vehicle, maxMessages)
	}
	now := a.desk.now().UTC()
	body := &Message{
		Vehicle: m.Vehicle, Number: n, Office: m.Office, Canned: m.Canned, Minutes: m.Minutes, Urgent: m.Urgent, Ride: m.Ride,
		By: by.Subject, Written: m.Written.UTC(), Taken: now,
	}
	if m.Written.IsZero() {
		body.Written = now
	}
	id := messageID(m.Vehicle, n)
	return &Commit{
		Notes:  []*Note{{ID: id, Version: 1, Body: body, Text: strings.TrimSpace(m.Text), About: about}},
		Events: []Event{{Actor: by.Subject, Kind: MessageSent, Ride: m.Ride, Device: m.Written, Detail: string(id)}},
		Reply:  []byte(id),
	}, nil
}

// ReadMessages says that a side has read the messages of a vehicle to it, up to a number. What was read before stays as it is. Errors:
// ErrNotFound where there is no message of that number, ErrKeyReused, or the store's.
func (d *Desk) ReadMessages(ctx context.Context, by Actor, area AreaID, day Day, v vehicles.VehicleID, office bool, upTo int64, key string) (int64, error) {
	a, err := d.open(ctx, area, day)
	if err != nil {
		return 0, err
	}
	hash := hashRequest("read messages", string(day), string(v), fmt.Sprint(office, upTo))
	_, err = a.change(ctx, IdempotencyKey{key, hash}, func() (*Commit, error) {
		if a.state.Notes[messageID(v, upTo)] == nil {
			return nil, fmt.Errorf("%w: vehicle %s has no message %d that day", ErrNotFound, v, upTo)
		}
		c := &Commit{Reply: []byte(v)}
		for _, row := range a.state.messages(v) {
			m := row.Message
			if m.Number > upTo || m.Office == office || !m.Read.IsZero() {
				continue
			}
			read := *m
			read.Read, read.ReadBy = d.now().UTC(), by.Subject
			c.Notes = append(c.Notes, a.state.Notes[row.ID].changed(&read))
			c.Events = append(c.Events, Event{Actor: by.Subject, Kind: MessageRead, Ride: m.Ride, Detail: string(row.ID)})
		}
		if len(c.Notes) == 0 {
			return nil, nil
		}
		return c, nil
	})
	return a.current().Revision, err
}

// MessageFilter selects messages.
type MessageFilter struct {
	Vehicle vehicles.VehicleID // empty for all
	Unread  bool               // only those that nobody has read
}

// Messages lists the messages of a day in the order in which they came, those of one vehicle by their numbers. Errors: the store's.
func (d *Desk) Messages(ctx context.Context, area AreaID, day Day, f MessageFilter) ([]MessageRow, error) {
	state, err := d.State(ctx, area, day)
	if err != nil {
		return nil, err
	}
	var rows []MessageRow
	notesOf(state, func(n *Note, m *Message) {
		if (f.Vehicle == "" || m.Vehicle == f.Vehicle) && (!f.Unread || m.Read.IsZero()) {
			rows = append(rows, messageRow(n, m))
		}
	})
	slices.SortFunc(rows, func(x, y MessageRow) int {
		return cmp.Or(x.Message.Taken.Compare(y.Message.Taken), cmp.Compare(x.Message.Vehicle, y.Message.Vehicle), cmp.Compare(x.Message.Number, y.Message.Number))
	})
	return rows, nil
}

// mail puts the messages of a vehicle on its manifest: what the office wrote and the driver has not read, and the last of the others.
func (m *Manifest) mail(rows []MessageRow) {
	for i, row := range rows {
		m.Version += row.Version
		waits := row.Message.Office && row.Message.Read.IsZero()
		if waits || i >= len(rows)-readMessages {
			m.Messages = append(m.Messages, row)
		}
	}
}

// message is the exception about a message that nobody has read.
func (x *alarms) message(id NoteID, m *Message) {
	wait := int32(unread)
	switch {
	case !m.Read.IsZero() || m.Office && !m.Urgent: // an ordinary word to a driver waits for the next stop
		return
	case m.Office:
		wait = urgentUnread
	case m.Urgent:
		wait = 0
	}
	since := x.second(m.Taken)
	if x.now-since < wait {
		return
	}
	e := Alarm{Kind: UnreadByOffice, Severity: Warning, Ride: m.Ride, Vehicle: m.Vehicle, Note: id, Since: since, Seconds: max(0, x.now-since)}
	if m.Urgent {
		e.Severity = Urgent
	}
	if m.Office {
		e.Kind = UnreadByDriver
	}
	x.add(e, string(id))
}
