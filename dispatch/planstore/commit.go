package planstore

import (
	"context"
	"fmt"

	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/vehicles"
)

// Answers of commit.lua.
const (
	committed int64 = iota
	replayed
	keyReused
	stale
)

// Commit implements dispatch.PlanStore. A lost commit returns *StaleError, which is dispatch.ErrStale. Besides the errors of
// the interface: dispatch.ErrInvalid for a commit that contradicts itself, and those of Redis and of the sealer, after
// which it is not known whether the commit was written. Repeating it with its idempotency key then tells; without one it
// may be reported stale although it was written, as also happens inside when the connection breaks and the client repeats.
func (s *Store) Commit(ctx context.Context, c *dispatch.Commit) (revision int64, err error) {
	if err := check(c); err != nil {
		return 0, err
	}
	keys, args, err := s.arguments(c)
	if err != nil {
		return 0, err
	}
	answer, err := s.commit.Run(ctx, s.client, keys, args...).Slice()
	if err != nil {
		return 0, fmt.Errorf("planstore: commit %s %s: %w", c.Area, c.Day, err)
	}
	return s.outcome(c, answer)
}

// outcome reads the answer of commit.lua.
func (s *Store) outcome(c *dispatch.Commit, answer []any) (revision int64, err error) {
	status, _ := answer[0].(int64)
	switch {
	case status == committed && len(answer) == 2:
		revision, _ = answer[1].(int64)
		return revision, nil
	case status == replayed && len(answer) == 2:
		record, _ := answer[1].(string)
		reply, err := s.vault.openReply(c.Area, c.Key.Key, []byte(record))
		if err != nil {
			return 0, err
		}
		return 0, &dispatch.Replayed{Reply: reply}
	case status == keyReused:
		return 0, fmt.Errorf("planstore: commit %s %s: %w", c.Area, c.Day, dispatch.ErrKeyReused)
	case status == stale && len(answer) == 4:
		return 0, &StaleError{
			Routes: texts[vehicles.ShiftID](answer[1]), Rides: texts[dispatch.RideID](answer[2]), Notes: texts[dispatch.NoteID](answer[3]),
		}
	}
	return 0, fmt.Errorf("planstore: commit %s %s: answer %v of commit.lua", c.Area, c.Day, status)
}

// texts turns a list of the script's answer into ids.
func texts[T ~string](list any) []T {
	values, _ := list.([]any)
	ids := make([]T, 0, len(values))
	for _, v := range values {
		text, _ := v.(string)
		ids = append(ids, T(text))
	}
	return ids
}

// arguments builds KEYS and ARGV of commit.lua.
func (s *Store) arguments(c *dispatch.Commit) (keys []string, args []any, err error) {
	k := keysOf(c.Area, c.Day)
	var changes []cellChange
	for _, r := range c.Rides {
		ofRide, err := cellChanges(r.Before, r.After)
		if err != nil {
			return nil, nil, err
		}
		changes = append(changes, ofRide...)
	}
	keys = append(make([]string, 0, 7+len(c.Routes)+len(c.Rides)+len(c.Notes)+len(changes)),
		k.rev(), k.events(), k.routes(), k.rides(), k.notes())
	args = []any{len(c.Routes), len(c.Rides), len(c.Notes), len(changes), max(len(c.Events), 1)}
	if keys, args, err = s.appendReply(keys, args, c); err != nil {
		return nil, nil, err
	}
	keys = append(keys, k.claims())
	claims := claimArguments(c)
	args = append(args, wakeChannel(c.Area), string(c.Day), len(claims)/2, c.Seen)
	routes, rides, notes := make([][]byte, len(c.Routes)), make([][]byte, len(c.Rides)), make([][]byte, len(c.Notes))
	for i, r := range c.Routes {
		routes[i] = encodeRoute(r)
		keys = append(keys, k.route(r.Shift))
		args = append(args, string(r.Shift), versionBytes(r.Version-1), routes[i])
	}
	for i, r := range c.Rides {
		sealed, err := s.vault.sealRide(r.After)
		if err != nil {
			return nil, nil, err
		}
		rides[i] = encodeRide(r.After, sealed)
		keys = append(keys, k.ride(r.After.ID))
		args = append(args, string(r.After.ID), versionBytes(r.After.Version-1), rides[i])
	}
	for i, n := range c.Notes {
		if notes[i], err = s.sealedNote(c, n); err != nil {
			return nil, nil, err
		}
		keys = append(keys, k.note(n.ID))
		args = append(args, string(n.ID), versionBytes(n.Version-1), notes[i])
	}
	for _, ch := range changes {
		op := "+"
		if ch.remove {
			op = "-"
		}
		keys = append(keys, k.cells(ch.cell))
		args = append(args, op, ch.start, ch.member)
	}
	args = append(args, claims...)
	for _, fields := range logEntries(c.Events, encodeLogged(routes, rides, notes)) {
		args = append(append(args, len(fields)), fields...)
	}
	return keys, args, nil
}

// claimArguments lists the claims of a commit, each once, as commit.lua takes them: the member and the ride that takes it.
func claimArguments(c *dispatch.Commit) (args []any) {
	at := map[string]int{}
	for _, change := range c.Rides {
		for _, claim := range change.Claims() {
			member := claimMember(claim)
			i, known := at[member]
			if !known {
				i = len(args)
				at[member], args = i, append(args, member, "")
			}
			if claim.Taken {
				args[i+1] = string(change.After.ID)
			}
		}
	}
	return args
}

// check reports with dispatch.ErrInvalid a commit that contradicts itself; such a commit is a mistake of the caller.
func check(c *dispatch.Commit) error {
	if err := checkNames(c.Area, c.Day); err != nil {
		return err
	}
	if len(c.Routes)+len(c.Rides)+len(c.Notes)+len(c.Events) == 0 {
		return invalid("the commit", "changes nothing")
	}
	for i := range c.Events {
		if c.Events[i].Kind == "" {
			return invalid("an event", "has no kind")
		}
	}
	shifts := make(map[vehicles.ShiftID]struct{}, len(c.Routes))
	for _, r := range c.Routes {
		if r == nil || r.Shift == "" || r.Version < 1 {
			return invalid("a route", "has no shift or no version")
		}
		if _, twice := shifts[r.Shift]; twice {
			return invalid("route "+string(r.Shift), "is there twice")
		}
		shifts[r.Shift] = struct{}{}
	}
	rides := make(map[dispatch.RideID]struct{}, len(c.Rides))
	for _, r := range c.Rides {
		if err := checkRide(c, r); err != nil {
			return err
		}
		if _, twice := rides[r.After.ID]; twice {
			return invalid("ride "+string(r.After.ID), "is there twice")
		}
		rides[r.After.ID] = struct{}{}
	}
	return checkNotes(c.Notes)
}

func checkNotes(list []*dispatch.Note) error {
	notes := make(map[dispatch.NoteID]struct{}, len(list))
	for _, n := range list {
		if n == nil || n.ID == "" || n.Version < 1 || n.Body == nil {
			return invalid("a note", "has no id, no version or says nothing")
		}
		if _, twice := notes[n.ID]; twice {
			return invalid("note "+string(n.ID), "is there twice")
		}
		notes[n.ID] = struct{}{}
	}
	return nil
}

func checkRide(c *dispatch.Commit, r dispatch.RideChange) error {
	before := int64(0)
	switch {
	case r.After == nil || r.After.ID == "":
		return invalid("a ride", "has no id or no new value")
	case r.After.Area != c.Area || r.After.Day != c.Day:
		return invalid("ride "+string(r.After.ID), "is of another area or day")
	case r.Before != nil && (r.Before.ID != r.After.ID || r.Before.Rider != r.After.Rider):
		return invalid("ride "+string(r.After.ID), "changes its id or its rider")
	case r.Before != nil:
		before = r.Before.Version
	}
	if r.After.Version != before+1 {
		return invalid("ride "+string(r.After.ID), fmt.Sprintf("goes from version %d to %d", before, r.After.Version))
	}
	return nil
}

func invalid(what, how string) error {
	return fmt.Errorf("planstore: commit: %s %s: %w", what, how, dispatch.ErrInvalid)
}
