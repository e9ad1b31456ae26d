package planstore

import (
	"context"
	"fmt"
	"strings"

	"github.com/redis/go-redis/v9"

	"github.com/swmaas/swmaas/dispatch"
)

// The first entry of every commit in the stream carries, besides its event, the routes, rides and notes as the commit stored them
// (field "state", encodeLogged). So all of them, the revision and every index of a day can be made anew from its
// stream alone, without any key: personal fields are in it as sealed as they are in the ride. A commit without an event
// makes an entry that has no kind and is no event for anybody who reads the log.

// logged is what one entry says that its commit wrote: stored values, by key, as they are in Redis.
type logged map[string]string

// encodeLogged writes a commit's values:
//
//	byte 0   layout version, 2 to codecVersion
//	bytes 1- number of routes, each stored route as text; the same of rides; since layout 3 of notes
func encodeLogged(routes, rides, notes [][]byte) []byte {
	size := 16
	lists := [][][]byte{routes, rides, notes}
	for _, list := range lists {
		for _, raw := range list {
			size += len(raw) + 4
		}
	}
	w := writer{append(make([]byte, 0, size), codecVersion)}
	for _, list := range lists {
		w.num(int64(len(list)))
		for _, raw := range list {
			w.text(string(raw))
		}
	}
	return w.buf
}

// decodeLogged reads what encodeLogged wrote and finds the key of each value in the value itself.
func decodeLogged(k dayKeys, raw string) (logged, error) {
	if raw == "" {
		return nil, &DamagedError{"log entry", "0 bytes"}
	}
	if v := raw[0]; v < 2 || v > codecVersion { // layout 1 had none
		return nil, &VersionError{"log entry", int(v)}
	}
	d := reader{what: "log entry", buf: []byte(raw[1:])}
	routes, rides := readTexts[string](&d), readTexts[string](&d)
	var notes []string
	if raw[0] >= 3 {
		notes = readTexts[string](&d)
	}
	if err := d.end(); err != nil {
		return nil, err
	}
	values := make(logged, len(routes)+len(rides)+len(notes))
	for _, value := range routes {
		r, err := decodeRoute([]byte(value))
		if err != nil {
			return nil, err
		}
		values[k.route(r.Shift)] = value
	}
	for _, value := range rides {
		r, _, err := decodeRide([]byte(value))
		if err != nil {
			return nil, err
		}
		values[k.ride(r.ID)] = value
	}
	for _, value := range notes {
		n, _, err := decodeNote([]byte(value))
		if err != nil {
			return nil, err
		}
		values[k.note(n.ID)] = value
	}
	return values, nil
}

// history is what the stream of a day says happened.
type history struct {
	events []dispatch.Event
	values logged  // of every route, ride and note that the stream names, the newest
	claims members // the revision of the last commit of each
	// last is the revision of the newest commit that was ever in the stream, 0 for none.
	last int64
	// whole says that every commit from the first to the last is there with its values, so that what the stream does not
	// name was never written. It is not for days begun by a release that did not log values, and once events were dropped.
	whole  bool
	faults []Fault
}

// history reads the whole stream of a day.
func (s *Store) history(ctx context.Context, k dayKeys) (*history, error) {
	h := &history{values: logged{}, claims: members{}, whole: true}
	kind, err := s.client.Type(ctx, k.events()).Result()
	if err != nil {
		return nil, err
	}
	switch kind {
	case "stream":
	case "none":
		h.whole = false // of a day never written, too, where that makes no difference
		return h, nil
	default:
		h.whole = false
		h.faults = append(h.faults, Fault{k.events(), "is a " + kind + " instead of a stream", false})
		return h, nil
	}
	for from := "-"; ; {
		page, err := s.client.XRangeN(ctx, k.events(), from, "+", readBatch).Result()
		if err != nil {
			return nil, err
		}
		for i := range page {
			if err := h.add(k, &page[i]); err != nil {
				return nil, err
			}
		}
		if len(page) < readBatch {
			break
		}
		from = "(" + page[len(page)-1].ID
	}
	info, err := s.client.XInfoStream(ctx, k.events()).Result()
	if err != nil {
		return nil, err
	}
	if newest := eventRevision(dispatch.EventID(info.LastGeneratedID)); newest != h.last {
		h.last, h.whole = newest, false
	}
	return h, nil
}

// add takes the stream's next entry in.
func (h *history) add(k dayKeys, m *redis.XMessage) error {
	e, err := decodeEvent(m)
	if err != nil {
		return err
	}
	if e.Kind != "" {
		h.events = append(h.events, e)
	}
	revision := eventRevision(e.ID)
	state, carries := m.Values[fieldState].(string)
	if revision != h.last && (revision != h.last+1 || !carries || !strings.HasSuffix(m.ID, "-0")) {
		h.whole = false
	}
	h.last = revision
	if !carries {
		return nil
	}
	values, err := decodeLogged(k, state)
	if err != nil {
		h.whole = false
		h.faults = append(h.faults, Fault{k.events(), fmt.Sprintf("entry %s: %v", m.ID, err), false})
		return nil
	}
	for key, value := range values {
		h.values[key] = value
		if err := h.claim(k, key, value, revision); err != nil {
			return err
		}
	}
	return nil
}

// claim notes what a stored ride, written at a revision, is a claim on.
func (h *history) claim(k dayKeys, key, value string, revision int64) error {
	if !strings.HasPrefix(key, k.ridePrefix()) {
		return nil
	}
	ride, _, err := decodeRide([]byte(value))
	if err != nil {
		return err
	}
	for _, c := range (dispatch.RideChange{After: ride}).Claims() {
		h.claims[claimMember(c)] = int32(revision)
	}
	return nil
}
