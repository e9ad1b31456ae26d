package planstore

import (
	"fmt"

	"github.com/swmaas/swmaas/dispatch"
)

// A stored note is, behind the header of codec.go: id, rider that its text is about, sealed text, kind, and the fields of its
// body in the order of that kind's functions. A body has a file of its own, note_<kind>.go, and a line in encodeBody and in
// decodeBody. A kind that this release does not know is damage: a note is never passed over.

// sealedNote is a note as it is stored.
func (s *Store) sealedNote(c *dispatch.Commit, n *dispatch.Note) ([]byte, error) {
	sealed, err := s.vault.sealNote(c.Area, c.Day, n)
	if err != nil {
		return nil, err
	}
	return encodeNote(n, sealed)
}

// encodeNote fails with dispatch.ErrInvalid for a body that no function below writes.
func encodeNote(n *dispatch.Note, sealed []byte) ([]byte, error) {
	w := newWriter(n.Version, 64+len(sealed))
	w.text(string(n.ID))
	w.text(string(n.About))
	w.text(string(sealed))
	if err := encodeBody(&w, n.Body); err != nil {
		return nil, err
	}
	return w.buf, nil
}

func encodeBody(w *writer, body dispatch.NoteBody) error {
	switch b := body.(type) {
	case *dispatch.Tell:
		w.text(kindTell)
		writeTell(w, b)
	case *dispatch.Publication:
		w.text(kindPublication)
		writePublication(w, b)
	case *dispatch.Receipt:
		w.text(kindReceipt)
		writeReceipt(w, b)
	case *dispatch.OnDuty:
		w.text(kindDuty)
		writeDuty(w, b)
	case *dispatch.Check:
		w.text(kindCheck)
		writeCheck(w, b)
	case *dispatch.Door:
		w.text(kindDoor)
		writeDoor(w, b)
	case *dispatch.Device:
		w.text(kindDevice)
		writeDevice(w, b)
	case *dispatch.Incident:
		w.text(kindIncident)
		writeIncident(w, b)
	case *dispatch.Message:
		w.text(kindMessage)
		writeMessage(w, b)
	case *dispatch.Seen:
		w.text(kindSeen)
		writeSeen(w, b)
	case *dispatch.Condition:
		w.text(kindCondition)
		writeCondition(w, b)
	case *dispatch.Outage:
		w.text(kindOutage)
		writeOutage(w, b)
	case *dispatch.Storm:
		w.text(kindStorm)
		writeStorm(w, b)
	case *dispatch.MoveTally:
		w.text(kindMoves)
		writeMoves(w, b)
	case *dispatch.Intervention:
		w.text(kindIntervention)
		writeIntervention(w, b)
	default:
		return invalid("a note", fmt.Sprintf("says something that cannot be stored, %T", body))
	}
	return nil
}

func decodeBody(kind string, d *reader) dispatch.NoteBody {
	switch kind {
	case kindTell:
		return readTell(d)
	case kindPublication:
		return readPublication(d)
	case kindReceipt:
		return readReceipt(d)
	case kindDuty:
		return readDuty(d)
	case kindCheck:
		return readCheck(d)
	case kindDoor:
		return readDoor(d)
	case kindDevice:
		return readDevice(d)
	case kindIncident:
		return readIncident(d)
	case kindMessage:
		return readMessage(d)
	case kindSeen:
		return readSeen(d)
	case kindCondition:
		return readCondition(d)
	case kindOutage:
		return readOutage(d)
	case kindStorm:
		return readStorm(d)
	case kindMoves:
		return readMoves(d)
	case kindIntervention:
		return readIntervention(d)
	}
	d.fail(fmt.Sprintf("kind %q is not known", kind))
	return nil
}

// decodeNote returns the note without its text, and the sealed bytes of that.
func decodeNote(raw []byte) (n *dispatch.Note, sealed []byte, err error) {
	d, version, err := openValue("note", raw)
	if err != nil {
		return nil, nil, err
	}
	n = &dispatch.Note{ID: dispatch.NoteID(d.text()), Version: version, About: dispatch.RiderID(d.text())}
	sealed = []byte(d.text())
	n.Body = decodeBody(d.text(), d)
	return n, sealed, d.end()
}

// decodeNotes decodes and opens the notes of one day.
func (s *Store) decodeNotes(area dispatch.AreaID, day dispatch.Day, values []any) ([]*dispatch.Note, error) {
	notes := make([]*dispatch.Note, len(values))
	for i, v := range values {
		raw, ok := v.(string)
		if !ok {
			return nil, &DamagedError{"index", "a note that it names is missing"}
		}
		n, sealed, err := decodeNote([]byte(raw))
		if err != nil {
			return nil, err
		}
		if err := s.vault.openNote(area, day, n, sealed); err != nil {
			return nil, err
		}
		notes[i] = n
	}
	return notes, nil
}

// noteField ties a sealed text to its note, so that it opens nowhere else.
func noteField(day dispatch.Day, id dispatch.NoteID) string {
	return "note:" + string(day) + ":" + string(id)
}

// sealNote returns the sealed text; nothing where there is none or the person was erased.
func (v vault) sealNote(area dispatch.AreaID, day dispatch.Day, n *dispatch.Note) ([]byte, error) {
	if n.Text == "" {
		return nil, nil
	}
	box, err := v.sealer.Seal(string(area), string(n.About), noteField(day, n.ID), []byte(n.Text))
	if erased(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("planstore: seal note %s: %w", n.ID, err)
	}
	return box, nil
}

// openNote fills in the text, which stays empty where the person was erased.
func (v vault) openNote(area dispatch.AreaID, day dispatch.Day, n *dispatch.Note, box []byte) error {
	if len(box) == 0 {
		return nil
	}
	plain, err := v.sealer.Open(string(area), string(n.About), noteField(day, n.ID), box)
	if erased(err) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("planstore: open note %s: %w", n.ID, err)
	}
	n.Text = string(plain)
	return nil
}
