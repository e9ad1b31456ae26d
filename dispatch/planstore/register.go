package planstore

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/swmaas/swmaas/dispatch"
)

var _ dispatch.RegisterStore = (*Register)(nil)

//go:embed scripts/register.lua
var registerSource string

//go:embed scripts/register_load.lua
var registerLoadSource string

// RegisterSealer is what a register asks of its sealer beside sealing. dispatch/seal implements it.
type RegisterSealer interface {
	Sealer
	// Lookup gives a keyed hash of a value in its normal form: equal for equal values of one area and field.
	Lookup(area, field, value string) (string, error)
	// Erase destroys a person's data key, in the sealer's memory too.
	Erase(area, person string) error
}

// Register keeps the registers of riders and the place names of areas. Entries are sealed with the person's own key; phone
// numbers are found by keyed hashes. Safe for concurrent use; it keeps nothing that Redis does not have.
type Register struct {
	client             redis.UniversalClient // immutable after NewRegister, as everything here
	sealer             RegisterSealer
	write, load, store *redis.Script
}

// NewRegister returns a register on the given Redis or cluster, which must be the one of the plans and of the data keys. It
// does not own the client.
func NewRegister(client redis.UniversalClient, sealer RegisterSealer) (*Register, error) {
	if client == nil || sealer == nil {
		return nil, errors.New("planstore: a client and a sealer are needed")
	}
	return &Register{
		client: client, sealer: sealer,
		write: redis.NewScript(registerSource), load: redis.NewScript(registerLoadSource), store: redis.NewScript(placesSource),
	}, nil
}

// riderField ties a sealed entry to its record, so that it opens nowhere else.
func riderField(id dispatch.RiderID) string { return "rider:" + string(id) }

// phoneField is the field of look-up hashes of phone numbers.
const phoneField = "phone"

// AllRiders implements dispatch.RegisterReader. Errors: dispatch.ErrInvalid, *DamagedError, *VersionError, those of Redis and
// of the sealer.
func (s *Register) AllRiders(ctx context.Context, area dispatch.AreaID) ([]*dispatch.Rider, dispatch.EventID, error) {
	if err := checkArea(area); err != nil {
		return nil, "", err
	}
	k := registerKeysOf(area)
	got, err := s.load.Run(ctx, s.client, []string{k.events(), k.riders()}, k.riderPrefix()).Slice()
	if err != nil {
		return nil, "", fmt.Errorf("planstore: register of %s: %w", area, err)
	}
	if len(got) != 2 {
		return nil, "", &DamagedError{"index", "answer of register_load.lua"}
	}
	last, _ := got[0].(string)
	values, _ := got[1].([]any)
	if slices.Contains(values, nil) {
		return nil, "", &DamagedError{"index", "a rider that it names is missing"}
	}
	riders, err := s.open(area, values)
	if err != nil {
		return nil, "", fmt.Errorf("planstore: register of %s: %w", area, err)
	}
	return slices.DeleteFunc(riders, func(r *dispatch.Rider) bool { return r == nil }), dispatch.EventID(last), nil
}

// RidersOf implements dispatch.RegisterReader. Errors as AllRiders.
func (s *Register) RidersOf(ctx context.Context, area dispatch.AreaID, ids []dispatch.RiderID) ([]*dispatch.Rider, error) {
	if err := checkArea(area); err != nil || len(ids) == 0 {
		return nil, err
	}
	k := registerKeysOf(area)
	riders := make([]*dispatch.Rider, 0, len(ids))
	for batch := range slices.Chunk(ids, readBatch) {
		names := make([]string, len(batch))
		for i, id := range batch {
			names[i] = k.rider(id)
		}
		got, err := s.client.MGet(ctx, names...).Result()
		if err != nil {
			return nil, fmt.Errorf("planstore: riders of %s: %w", area, err)
		}
		opened, err := s.open(area, got)
		if err != nil {
			return nil, fmt.Errorf("planstore: riders of %s: %w", area, err)
		}
		riders = append(riders, opened...)
	}
	return riders, nil
}

// open decodes and opens stored entries; nil stays nil and comes for a person whose key was destroyed.
func (s *Register) open(area dispatch.AreaID, values []any) ([]*dispatch.Rider, error) {
	riders, boxes := make([]*dispatch.Rider, len(values)), make([][]byte, len(values))
	persons := make([]string, 0, len(values))
	for i, v := range values {
		raw, there := v.(string)
		if !there {
			continue
		}
		r, _, sealed, err := decodeRider([]byte(raw))
		if err != nil {
			return nil, err
		}
		r.Area = area
		riders[i], boxes[i] = r, sealed
		persons = append(persons, string(r.ID))
	}
	if p, ok := s.sealer.(preparer); ok && len(persons) > 0 {
		if err := p.Prepare(string(area), persons); err != nil {
			return nil, fmt.Errorf("fetch the keys of %d persons: %w", len(persons), err)
		}
	}
	for i, r := range riders {
		if r == nil {
			continue
		}
		plain, err := s.sealer.Open(string(area), string(r.ID), riderField(r.ID), boxes[i])
		if erased(err) {
			riders[i] = nil
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("open rider %s: %w", r.ID, err)
		}
		if err := decodeSealed(plain, r); err != nil {
			return nil, err
		}
	}
	return riders, nil
}

// RidersByPhone implements dispatch.RegisterReader.
func (s *Register) RidersByPhone(ctx context.Context, area dispatch.AreaID, phone string) ([]dispatch.RiderID, error) {
	if err := checkArea(area); err != nil {
		return nil, err
	}
	hash, err := s.sealer.Lookup(string(area), phoneField, phone)
	if err != nil {
		return nil, fmt.Errorf("planstore: look up a phone number: %w", err)
	}
	got, err := s.client.SMembers(ctx, registerKeysOf(area).phone(hash)).Result()
	if err != nil {
		return nil, fmt.Errorf("planstore: look up a phone number of %s: %w", area, err)
	}
	ids := make([]dispatch.RiderID, len(got))
	for i, id := range got {
		ids[i] = dispatch.RiderID(id)
	}
	slices.Sort(ids)
	return ids, nil
}

// RegisterEvents implements dispatch.RegisterReader. Times are in UTC. Errors as Store.Events.
func (s *Register) RegisterEvents(ctx context.Context, area dispatch.AreaID, after dispatch.EventID, limit int) ([]dispatch.RegisterEvent, error) {
	if err := checkArea(area); err != nil {
		return nil, err
	}
	from := "-"
	if after != "" {
		if !validEventID(after) {
			return nil, fmt.Errorf("planstore: register events after %q: not an event id: %w", after, dispatch.ErrInvalid)
		}
		from = "(" + string(after)
	}
	if limit < 1 {
		return nil, fmt.Errorf("planstore: register events: limit %d: %w", limit, dispatch.ErrInvalid)
	}
	got, err := s.client.XRangeN(ctx, registerKeysOf(area).events(), from, "+", int64(limit)).Result()
	if err != nil {
		return nil, fmt.Errorf("planstore: register events of %s: %w", area, err)
	}
	events := make([]dispatch.RegisterEvent, len(got))
	for i := range got {
		if events[i], err = decodeRegisterEvent(&got[i]); err != nil {
			return nil, fmt.Errorf("planstore: register events of %s: %w", area, err)
		}
	}
	return events, nil
}

// Fields of a register event beside those that it shares with an event of a day.
const (
	fieldRider  = "rider"
	fieldFields = "fields" // names joined by commas
)

func registerEventFields(at time.Time, actor string, kind dispatch.RegisterEventKind, id dispatch.RiderID, names []string) []any {
	fields := []any{fieldVersion, registerVersion, fieldKind, string(kind), fieldRider, string(id), fieldAt, at.UnixNano(), fieldActor, actor}
	if len(names) > 0 {
		fields = append(fields, fieldFields, strings.Join(names, ","))
	}
	return fields
}
