package planstore

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/swmaas/swmaas/dispatch"
)

// Answers of register.lua.
const (
	registerWritten int64 = iota
	registerStale
	registerErased
)

func decodeRegisterEvent(m *redis.XMessage) (dispatch.RegisterEvent, error) {
	text := func(field string) string { s, _ := m.Values[field].(string); return s }
	version, err := strconv.Atoi(text(fieldVersion))
	if err != nil {
		return dispatch.RegisterEvent{}, &DamagedError{"event", m.ID + " has no layout version"}
	}
	if version < 1 || version > registerVersion {
		return dispatch.RegisterEvent{}, &VersionError{"event", version}
	}
	nanos, err := strconv.ParseInt(text(fieldAt), 10, 64)
	if err != nil {
		return dispatch.RegisterEvent{}, &DamagedError{"event", m.ID + " has no readable time"}
	}
	e := dispatch.RegisterEvent{
		ID: dispatch.EventID(m.ID), At: time.Unix(0, nanos).UTC(), Actor: text(fieldActor),
		Kind: dispatch.RegisterEventKind(text(fieldKind)), Rider: dispatch.RiderID(text(fieldRider)),
	}
	if names := text(fieldFields); names != "" {
		e.Fields = strings.Split(names, ",")
	}
	return e, nil
}

// registerCall gathers KEYS and ARGV of register.lua.
type registerCall struct {
	keys            []string
	riders, lookups []any
	lookupKeys      []string
	events          []any
	count           int
}

func (c *registerCall) rider(k registerKeys, area dispatch.AreaID, id dispatch.RiderID, version int64, value []byte, event []any) {
	c.count++
	c.keys = append(c.keys, k.rider(id), dataKey(area, string(id)))
	c.riders = append(c.riders, string(id), versionBytes(version), value)
	c.events = append(append(c.events, len(event)), event...)
}

func (c *registerCall) lookup(k registerKeys, op, hash string, id dispatch.RiderID) {
	c.lookupKeys = append(c.lookupKeys, k.phone(hash))
	c.lookups = append(c.lookups, op, string(id))
}

// run calls the script and reads its answer.
func (c *registerCall) run(ctx context.Context, s *Register, area dispatch.AreaID, verb string) error {
	k := registerKeysOf(area)
	keys := slices.Concat([]string{k.rev(), k.events(), k.riders()}, c.keys, c.lookupKeys)
	args := slices.Concat([]any{c.count, len(c.lookupKeys), verb}, c.riders, c.lookups, c.events)
	answer, err := s.write.Run(ctx, s.client, keys, args...).Slice()
	if err != nil {
		return fmt.Errorf("planstore: %s riders of %s: %w", verb, area, err)
	}
	status, _ := answer[0].(int64)
	switch {
	case status == registerWritten && len(answer) == 2:
		return nil
	case status == registerStale && len(answer) == 2:
		return fmt.Errorf("planstore: %s riders %q of %s: %w", verb, texts[dispatch.RiderID](answer[1]), area, dispatch.ErrStale)
	case status == registerErased && len(answer) == 2:
		return fmt.Errorf("planstore: %s riders %q of %s: %w", verb, texts[dispatch.RiderID](answer[1]), area, dispatch.ErrErased)
	}
	return fmt.Errorf("planstore: %s riders of %s: answer %v of register.lua", verb, area, status)
}

// CommitRegister implements dispatch.RegisterWriter. Besides the errors of the interface: dispatch.ErrInvalid for a commit
// that contradicts itself, and those of Redis and of the sealer, after which it is not known whether it was written.
func (s *Register) CommitRegister(ctx context.Context, c *dispatch.RegisterCommit) error {
	if err := checkRegisterCommit(c); err != nil {
		return err
	}
	if p, ok := s.sealer.(provider); ok {
		persons := make([]string, len(c.Changes))
		for i := range c.Changes {
			persons[i] = string(c.Changes[i].After.ID)
		}
		if err := p.Provide(string(c.Area), persons); err != nil {
			return fmt.Errorf("planstore: keys of %d persons: %w", len(persons), err)
		}
	}
	var call registerCall
	k := registerKeysOf(c.Area)
	for i := range c.Changes {
		if err := s.change(&call, k, c, &c.Changes[i]); err != nil {
			return err
		}
	}
	return call.run(ctx, s, c.Area, "save")
}

// change adds one change to the call.
func (s *Register) change(call *registerCall, k registerKeys, c *dispatch.RegisterCommit, ch *dispatch.RiderChange) error {
	r := ch.After
	hashes, err := s.hashes(c.Area, r.Phones)
	if err != nil {
		return err
	}
	kind := dispatch.RiderAdded
	var before []string
	if ch.Before != nil {
		kind = dispatch.RiderChanged
		if before, err = s.hashes(c.Area, ch.Before.Phones); err != nil {
			return err
		}
	}
	sealed, err := s.sealer.Seal(string(c.Area), string(r.ID), riderField(r.ID), encodeSealed(r))
	if erased(err) {
		return fmt.Errorf("planstore: save rider %s of %s: %w", r.ID, c.Area, dispatch.ErrErased)
	}
	if err != nil {
		return fmt.Errorf("planstore: seal rider %s: %w", r.ID, err)
	}
	call.rider(k, c.Area, r.ID, r.Version-1, encodeRider(r, hashes, sealed), registerEventFields(c.At, c.Actor, kind, r.ID, ch.Fields))
	for _, h := range before {
		if !slices.Contains(hashes, h) {
			call.lookup(k, "-", h, r.ID)
		}
	}
	for _, h := range hashes {
		call.lookup(k, "+", h, r.ID)
	}
	return nil
}

// hashes are the look-up hashes of phone numbers, each once.
func (s *Register) hashes(area dispatch.AreaID, phones []string) ([]string, error) {
	var out []string
	for _, p := range phones {
		h, err := s.sealer.Lookup(string(area), phoneField, p)
		if err != nil {
			return nil, fmt.Errorf("planstore: look up a phone number: %w", err)
		}
		if !slices.Contains(out, h) {
			out = append(out, h)
		}
	}
	return out, nil
}

// checkRegisterCommit reports with dispatch.ErrInvalid a commit that contradicts itself.
func checkRegisterCommit(c *dispatch.RegisterCommit) error {
	if err := checkArea(c.Area); err != nil {
		return err
	}
	seen := make(map[dispatch.RiderID]bool, len(c.Changes))
	for _, ch := range c.Changes {
		if ch.After == nil || ch.After.ID == "" {
			return invalid("a rider", "has no id or no new value")
		}
		what, before := "rider "+string(ch.After.ID), int64(0)
		if ch.Before != nil {
			before = ch.Before.Version
		}
		switch {
		case seen[ch.After.ID]:
			return invalid(what, "is there twice")
		case ch.After.Area != c.Area || ch.Before != nil && (ch.Before.ID != ch.After.ID || ch.Before.Area != c.Area):
			return invalid(what, "changes its id or area")
		case ch.After.Version != before+1:
			return invalid(what, fmt.Sprintf("goes from version %d to %d", before, ch.After.Version))
		}
		seen[ch.After.ID] = true
	}
	if len(c.Changes) == 0 {
		return invalid("register", "changes nothing")
	}
	return nil
}

// eraseTries bounds how often an erasure starts again because the entry was changed meanwhile.
const eraseTries = 16

// EraseRider implements dispatch.RegisterWriter. The wrapped key is still in Redis's append-only file until that is
// rewritten: see DataKeys.ForgetHistory. Other processes may use a key that they hold for as long as their sealer keeps it.
func (s *Register) EraseRider(ctx context.Context, area dispatch.AreaID, id dispatch.RiderID, actor string, at time.Time) error {
	if err := checkArea(area); err != nil {
		return err
	}
	if id == "" {
		return fmt.Errorf("planstore: erase: rider is empty: %w", dispatch.ErrInvalid)
	}
	var err error
	for range eraseTries {
		if err = s.erase(ctx, area, id, actor, at); !errors.Is(err, dispatch.ErrStale) {
			break
		}
	}
	if err != nil {
		return err
	}
	if err := s.sealer.Erase(string(area), string(id)); err != nil {
		return fmt.Errorf("planstore: erase rider %s of %s: %w", id, area, err)
	}
	return nil
}

// erase tries once.
func (s *Register) erase(ctx context.Context, area dispatch.AreaID, id dispatch.RiderID, actor string, at time.Time) error {
	k := registerKeysOf(area)
	got, err := s.client.MGet(ctx, k.rider(id), dataKey(area, string(id))).Result()
	if err != nil {
		return fmt.Errorf("planstore: erase rider %s of %s: %w", id, area, err)
	}
	key, hasKey := got[1].(string)
	raw, registered := got[0].(string)
	switch {
	case !hasKey && !registered:
		return fmt.Errorf("planstore: erase rider %s of %s: %w", id, area, dispatch.ErrNotFound)
	case key == "" && !registered:
		return nil
	}
	var call registerCall
	version := int64(0)
	if registered {
		r, hashes, _, err := decodeRider([]byte(raw))
		if err != nil {
			return err
		}
		version = r.Version
		for _, h := range hashes {
			call.lookup(k, "-", h, id)
		}
	}
	call.rider(k, area, id, version, nil, registerEventFields(at, actor, dispatch.RiderErased, id, nil))
	return call.run(ctx, s, area, "erase")
}
