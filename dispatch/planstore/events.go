package planstore

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/vehicles"
)

// Fields of an event in the stream. A field that is empty is left out.
const (
	fieldVersion = "v"      // layout version, in decimal
	fieldAt      = "at"     // nanoseconds since 1970
	fieldDevice  = "device" // likewise, by the clock of a device
	fieldActor   = "actor"
	fieldKind    = "kind"
	fieldRide    = "ride"
	fieldShift   = "shift"
	fieldBefore  = "before"
	fieldAfter   = "after"
	fieldDetail  = "detail"
	fieldState   = "state" // of a commit's first entry: what the commit stored (log.go)
)

// logEntries builds the entries of a commit: its events, the first of which carries the values that the commit stores.
func logEntries(events []dispatch.Event, values []byte) [][]any {
	entries := make([][]any, 0, max(len(events), 1))
	for i := range events {
		entries = append(entries, eventFields(&events[i]))
	}
	if len(entries) == 0 {
		entries = append(entries, []any{fieldVersion, codecVersion})
	}
	entries[0] = append(entries[0], fieldState, values)
	return entries
}

func eventFields(e *dispatch.Event) []any {
	fields := []any{fieldVersion, codecVersion, fieldKind, string(e.Kind)}
	if !e.At.IsZero() { // the year 1 is not within reach of nanoseconds
		fields = append(fields, fieldAt, e.At.UnixNano())
	}
	if !e.Device.IsZero() {
		fields = append(fields, fieldDevice, e.Device.UnixNano())
	}
	for _, f := range [...][2]string{
		{fieldActor, e.Actor},
		{fieldRide, string(e.Ride)},
		{fieldShift, string(e.Shift)},
		{fieldBefore, e.Before},
		{fieldAfter, e.After},
		{fieldDetail, e.Detail},
	} {
		if f[1] != "" {
			fields = append(fields, f[0], f[1])
		}
	}
	return fields
}

// Events implements dispatch.PlanStore. Times are in UTC. Errors: dispatch.ErrInvalid for a limit below 1 or an id that is
// none, *DamagedError, *VersionError, and those of Redis.
func (s *Store) Events(ctx context.Context, area dispatch.AreaID, day dispatch.Day, after dispatch.EventID, limit int) ([]dispatch.Event, error) {
	if err := checkNames(area, day); err != nil {
		return nil, err
	}
	from := "-"
	if after != "" {
		if !validEventID(after) {
			return nil, fmt.Errorf("planstore: events after %q: not an event id: %w", after, dispatch.ErrInvalid)
		}
		from = "(" + string(after)
	}
	if limit < 1 {
		return nil, fmt.Errorf("planstore: events: limit %d: %w", limit, dispatch.ErrInvalid)
	}
	var events []dispatch.Event
	for len(events) < limit {
		want := limit - len(events)
		got, err := s.client.XRangeN(ctx, keysOf(area, day).events(), from, "+", int64(want)).Result()
		if err != nil {
			return nil, fmt.Errorf("planstore: events of %s %s: %w", area, day, err)
		}
		for i := range got {
			e, err := decodeEvent(&got[i])
			if err != nil {
				return nil, fmt.Errorf("planstore: events of %s %s: %w", area, day, err)
			}
			if e.Kind != "" { // else the values of a commit without an event
				events = append(events, e)
			}
		}
		if len(got) < want {
			break
		}
		from = "(" + got[len(got)-1].ID
	}
	return events, nil
}

func decodeEvent(m *redis.XMessage) (dispatch.Event, error) {
	text := func(field string) string { s, _ := m.Values[field].(string); return s }
	version, err := strconv.Atoi(text(fieldVersion))
	if err != nil {
		return dispatch.Event{}, &DamagedError{"event", m.ID + " has no layout version"}
	}
	if version < 1 || version > codecVersion {
		return dispatch.Event{}, &VersionError{"event", version}
	}
	at, err := eventTime(text(fieldAt))
	device, deviceErr := eventTime(text(fieldDevice))
	if errors.Join(err, deviceErr) != nil {
		return dispatch.Event{}, &DamagedError{"event", m.ID + " has no readable time"}
	}
	return dispatch.Event{
		ID: dispatch.EventID(m.ID), At: at, Device: device, Actor: text(fieldActor), Kind: dispatch.EventKind(text(fieldKind)),
		Ride: dispatch.RideID(text(fieldRide)), Shift: vehicles.ShiftID(text(fieldShift)),
		Before: text(fieldBefore), After: text(fieldAfter), Detail: text(fieldDetail),
	}, nil
}

// eventTime reads nanoseconds since 1970; nothing is the zero time.
func eventTime(nanos string) (time.Time, error) {
	if nanos == "" {
		return time.Time{}, nil
	}
	n, err := strconv.ParseInt(nanos, 10, 64)
	return time.Unix(0, n).UTC(), err
}

// validEventID reports whether the id has the form "<revision>-<index>".
func validEventID(id dispatch.EventID) bool {
	rev, index, ok := strings.Cut(string(id), "-")
	_, err1 := strconv.ParseUint(rev, 10, 63)
	_, err2 := strconv.ParseUint(index, 10, 63)
	return ok && errors.Join(err1, err2) == nil
}
