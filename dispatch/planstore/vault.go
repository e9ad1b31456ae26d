package planstore

import (
	"errors"
	"fmt"

	"github.com/swmaas/swmaas/dispatch"
)

// Sealer encrypts what must not be readable in Redis, with the key of one person of an area, or the area's own where
// person is empty. Open needs the same area, person and field as Seal had. Both are safe for concurrent use and cost
// microseconds once a person's key is known. dispatch/seal implements it.
//
// Where the person's key was destroyed, the error has a method Erased() bool that returns true.
type Sealer interface {
	Seal(area, person, field string, plain []byte) ([]byte, error)
	Open(area, person, field string, sealed []byte) ([]byte, error)
}

// preparer is what a Sealer may offer besides: fetch the keys of many persons in one go, before a day is opened.
type preparer interface {
	Prepare(area string, persons []string) error
}

// provider is what a Sealer may offer besides: fetch the keys of many persons in one go and make those that are missing, before a register is
// written.
type provider interface {
	Provide(area string, persons []string) error
}

// vault says which key and which field name each record is sealed with.
type vault struct{ sealer Sealer }

// rideField ties a sealed ride to its record, so that it opens nowhere else.
func rideField(day dispatch.Day, id dispatch.RideID) string {
	return "ride:" + string(day) + ":" + string(id)
}

// replyField ties a kept reply to the key that it answers.
func replyField(key string) string { return "reply:" + key }

// sealRide returns the sealed personal fields; nothing for an erased person, of whom nothing personal may be kept.
func (v vault) sealRide(r *dispatch.Ride) ([]byte, error) {
	box, err := v.sealer.Seal(string(r.Area), string(r.Rider), rideField(r.Day, r.ID), encodePersonal(r))
	if erased(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("planstore: seal ride %s: %w", r.ID, err)
	}
	return box, nil
}

// openRide fills in the personal fields, which stay empty where the person was erased.
func (v vault) openRide(r *dispatch.Ride, box []byte) error {
	if len(box) == 0 {
		return nil
	}
	plain, err := v.sealer.Open(string(r.Area), string(r.Rider), rideField(r.Day, r.ID), box)
	if erased(err) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("planstore: open ride %s: %w", r.ID, err)
	}
	return decodePersonal(plain, r)
}

// prepare fetches the keys of the rides' persons where the sealer can do that in one go.
func (v vault) prepare(area dispatch.AreaID, rides []*dispatch.Ride) error {
	p, ok := v.sealer.(preparer)
	if !ok || len(rides) == 0 {
		return nil
	}
	seen := make(map[dispatch.RiderID]struct{}, len(rides))
	persons := make([]string, 0, len(rides))
	for _, r := range rides {
		if _, ok := seen[r.Rider]; !ok {
			seen[r.Rider] = struct{}{}
			persons = append(persons, string(r.Rider))
		}
	}
	if err := p.Prepare(string(area), persons); err != nil {
		return fmt.Errorf("planstore: fetch the keys of %d persons: %w", len(persons), err)
	}
	return nil
}

// sealReply returns the record to keep under an idempotency key. The reply belongs to the commit's first rider.
func (v vault) sealReply(c *dispatch.Commit) ([]byte, error) {
	person := ""
	if len(c.Rides) > 0 {
		person = string(c.Rides[0].After.Rider)
	}
	box, err := v.sealer.Seal(string(c.Area), person, replyField(c.Key.Key), c.Reply)
	if err != nil && !erased(err) {
		return nil, fmt.Errorf("planstore: seal reply: %w", err)
	}
	return encodeReply(c.Key.Hash, person, box), nil
}

// openReply returns a kept reply. It is empty where the person was erased since.
func (v vault) openReply(area dispatch.AreaID, key string, record []byte) ([]byte, error) {
	person, box, err := decodeReply(record)
	if err != nil || len(box) == 0 {
		return nil, err
	}
	reply, err := v.sealer.Open(string(area), person, replyField(key), box)
	if erased(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("planstore: open reply: %w", err)
	}
	return reply, nil
}

// erased reports whether a sealer says that the person's key was destroyed.
func erased(err error) bool {
	var e interface{ Erased() bool }
	return errors.As(err, &e) && e.Erased()
}
