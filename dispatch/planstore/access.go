package planstore

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/swmaas/swmaas/dispatch"
)

// Fields of a look in the stream. A field that is empty is left out.
const (
	lookVersion = "v"
	lookSubject = "who"
	lookRole    = "role"
	lookToken   = "token"
	lookRequest = "req"
	lookMethod  = "method"
	lookFields  = "fields" // joined by a space
	lookRiders  = "riders" // joined by a space
)

// lookLayout is the layout version of a look.
const lookLayout = 1

// Figures of the access log.
const (
	accessBatch   = 256             // looks that one round trip writes
	accessTimeout = 5 * time.Second // of one round trip
	accessPage    = 500             // looks that one round trip reads
)

// AccessLog keeps who looked at what is kept of people: a stream of each area that is only added to, but for its retention.
// Looks that are recorded at the same time share round trips, so that reads stay quick although each is on disk before
// anybody sees an answer. Safe for concurrent use; it owns no goroutine.
type AccessLog struct {
	client redis.UniversalClient // immutable after NewAccessLog

	mu      sync.Mutex
	waiting []*look // guarded by mu: recorded and not yet written
	writing bool    // guarded by mu: a caller is writing for all
}

// look is one entry on its way to the store.
type look struct {
	key    string
	values []any
	turn   chan bool // true: it is your turn to write; false: yours is written, or failed with err
	err    error     // set before turn says false
}

// NewAccessLog returns the log on the given Redis or cluster, which must be the one of the plans. It does not own the client.
func NewAccessLog(client redis.UniversalClient) *AccessLog { return &AccessLog{client: client} }

// Record writes a look down and returns once the store has it. ID and At of a are not read. It fails with dispatch.ErrInvalid
// for a look without subject, method or riders, with ctx, and with the faults of Redis; the caller must not answer then.
func (l *AccessLog) Record(ctx context.Context, area dispatch.AreaID, a dispatch.Access) error {
	if err := checkArea(area); err != nil {
		return err
	}
	if a.Subject == "" || a.Method == "" || len(a.Riders) == 0 {
		return fmt.Errorf("planstore: a look has a subject, a method and riders: %w", dispatch.ErrInvalid)
	}
	mine := &look{key: accessKey(area), values: lookValues(&a), turn: make(chan bool, 1)}
	l.mu.Lock()
	l.waiting = append(l.waiting, mine)
	if !l.writing {
		l.writing = true
		mine.turn <- true
	}
	l.mu.Unlock()
	select {
	case write := <-mine.turn:
		if write {
			l.write(ctx)
			<-mine.turn // is there: mine was in the batch
		}
		return mine.err
	case <-ctx.Done():
		l.leave(ctx, mine)
		return context.Cause(ctx)
	}
}

// leave takes back a look whose caller has gone. Where its turn to write has come, it writes for those behind.
func (l *AccessLog) leave(ctx context.Context, mine *look) {
	l.mu.Lock()
	select {
	case write := <-mine.turn:
		l.mu.Unlock()
		if write {
			l.write(ctx)
		}
	default:
		l.waiting = slices.DeleteFunc(l.waiting, func(other *look) bool { return other == mine })
		l.mu.Unlock()
	}
}

// write writes what waits, up to a batch, and hands the writing over to the first that is left.
func (l *AccessLog) write(ctx context.Context) {
	l.mu.Lock()
	batch := l.waiting[:min(len(l.waiting), accessBatch)]
	l.waiting = slices.Clone(l.waiting[len(batch):])
	l.mu.Unlock()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), accessTimeout) // others wait for it besides the caller
	defer cancel()
	pipe := l.client.Pipeline()
	for _, one := range batch {
		pipe.XAdd(ctx, &redis.XAddArgs{Stream: one.key, Values: one.values})
	}
	results, err := pipe.Exec(ctx)
	for i, one := range batch {
		switch {
		case i < len(results):
			one.err = results[i].Err()
		default:
			one.err = err
		}
		if one.err != nil {
			one.err = fmt.Errorf("planstore: record a look: %w", one.err)
		}
		one.turn <- false
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.writing = len(l.waiting) > 0; l.writing {
		l.waiting[0].turn <- true
	}
}

func lookValues(a *dispatch.Access) []any {
	riders := make([]string, len(a.Riders))
	for i, r := range a.Riders {
		riders[i] = string(r)
	}
	values := []any{lookVersion, lookLayout, lookSubject, a.Subject, lookMethod, a.Method, lookRiders, strings.Join(riders, " ")}
	for _, f := range [...][2]string{
		{lookRole, a.Role}, {lookToken, a.Token}, {lookRequest, a.Request}, {lookFields, strings.Join(a.Fields, " ")},
	} {
		if f[1] != "" {
			values = append(values, f[0], f[1])
		}
	}
	return values
}

// Accesses lists the looks at a person, newest first. next is where to go on, empty where the log ends; a list may be short
// of the limit and not yet at its end. It fails with dispatch.ErrInvalid, *DamagedError, *VersionError and the faults of Redis.
func (l *AccessLog) Accesses(ctx context.Context, area dispatch.AreaID, q dispatch.AccessQuery) (found []dispatch.Access, next dispatch.AccessID, err error) {
	if err := checkArea(area); err != nil {
		return nil, "", err
	}
	if q.Rider == "" || q.Limit < 1 || q.Scan < 1 || q.Before != "" && !validEventID(dispatch.EventID(q.Before)) {
		return nil, "", fmt.Errorf("planstore: looks at %q before %q: %w", q.Rider, q.Before, dispatch.ErrInvalid)
	}
	top, before := "+", q.Before
	for read := 0; read < q.Scan; {
		if before != "" {
			top = "(" + string(before)
		}
		want := min(accessPage, q.Scan-read)
		page, err := l.client.XRevRangeN(ctx, accessKey(area), top, "-", int64(want)).Result()
		if err != nil {
			return nil, "", fmt.Errorf("planstore: looks of %s: %w", area, err)
		}
		for i := range page {
			before = dispatch.AccessID(page[i].ID)
			a, err := decodeLook(&page[i])
			if err != nil {
				return nil, "", fmt.Errorf("planstore: looks of %s: %w", area, err)
			}
			if slices.Contains(a.Riders, q.Rider) || slices.Contains(a.Riders, dispatch.Everybody) {
				if found = append(found, a); len(found) == q.Limit {
					return found, before, nil
				}
			}
		}
		if len(page) < want {
			return found, "", nil
		}
		read += len(page)
	}
	return found, before, nil
}

func decodeLook(m *redis.XMessage) (a dispatch.Access, err error) {
	text := func(field string) string { s, _ := m.Values[field].(string); return s }
	version, err := strconv.Atoi(text(lookVersion))
	if err != nil {
		return a, &DamagedError{"look", m.ID + " has no layout version"}
	}
	if version != lookLayout {
		return a, &VersionError{"look", version}
	}
	millis, _, _ := strings.Cut(m.ID, "-")
	at, err := strconv.ParseInt(millis, 10, 64)
	if err != nil {
		return a, &DamagedError{"look", m.ID + " is no time"}
	}
	a = dispatch.Access{
		ID: dispatch.AccessID(m.ID), At: time.UnixMilli(at).UTC(), Subject: text(lookSubject), Role: text(lookRole),
		Token: text(lookToken), Request: text(lookRequest), Method: text(lookMethod), Fields: strings.Fields(text(lookFields)),
	}
	for _, r := range strings.Fields(text(lookRiders)) {
		a.Riders = append(a.Riders, dispatch.RiderID(r))
	}
	return a, nil
}

// DropAccesses drops the looks of an area from before the moment, and returns how many. Nothing else ever takes one away.
func (l *AccessLog) DropAccesses(ctx context.Context, area dispatch.AreaID, before time.Time) (int64, error) {
	if err := checkArea(area); err != nil {
		return 0, err
	}
	n, err := l.client.XTrimMinID(ctx, accessKey(area), strconv.FormatInt(before.UnixMilli(), 10)).Result()
	if err != nil && !errors.Is(err, redis.Nil) {
		return 0, fmt.Errorf("planstore: drop looks of %s: %w", area, err)
	}
	return n, nil
}
