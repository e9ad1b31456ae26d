package planstore

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/swmaas/swmaas/dispatch"
)

// Figures of the access log.
const (
	accessBatch   = 256             // looks that one round trip writes
	accessWriters = 2               // round trips at once: while one is synced to disk the next is on its way
	accessTimeout = 5 * time.Second // of one round trip
	accessPage    = 100             // entries that one round trip reads
)

// AccessLog keeps who looked at what is kept of people: a stream of each area that is only added to, but for its retention.
// Looks that are recorded while others are being written share the next entry, so that one sync to disk serves many callers
// and reads stay quick although each look is on disk before anybody sees an answer. One or two of the callers write for all, and then
// hand the writing over: what waits is bounded by the calls that wait, and there is no goroutine to stop. Safe for concurrent use.
type AccessLog struct {
	client redis.UniversalClient // immutable after NewAccessLog

	mu      sync.Mutex
	waiting []*look // guarded by mu: recorded and not yet written
	writing int     // guarded by mu: turns to write that have been given and not handed over
}

// look is one entry on its way to the store.
type look struct {
	area dispatch.AreaID
	text []byte    // as packed in an entry
	turn chan bool // true: it is your turn to write; false, at last: yours is written, or failed with err
	err  error     // set before turn says false
	next bool      // guarded by AccessLog.mu: turn says true and its caller has not begun to write
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
	mine := &look{area: area, text: encodeLook(&a), turn: make(chan bool, 2)}
	l.mu.Lock()
	l.waiting = append(l.waiting, mine)
	if l.writing < accessWriters {
		l.writing++
		mine.beginLocked()
	}
	l.mu.Unlock()
	for {
		select {
		case write := <-mine.turn:
			if !write {
				return mine.err
			}
			l.write(ctx, mine)
		case <-ctx.Done():
			l.leave(ctx, mine)
			return context.Cause(ctx)
		}
	}
}

// beginLocked tells the caller of a look that it is their turn. AccessLog.mu is held.
func (k *look) beginLocked() {
	k.next = true
	k.turn <- true
}

// leave takes back a look whose caller has gone. Where its turn to write has come, it writes for those behind.
func (l *AccessLog) leave(ctx context.Context, mine *look) {
	l.mu.Lock()
	write := mine.next
	if !write {
		l.waiting = slices.DeleteFunc(l.waiting, func(other *look) bool { return other == mine })
	}
	l.mu.Unlock()
	if write {
		l.write(ctx, mine)
	}
}

// write writes what waits, up to a batch, and hands the writing over to the first that is left and has no turn yet. It is the
// turn of mine, which another may have written meanwhile, or may have to wait for a later batch.
func (l *AccessLog) write(ctx context.Context, mine *look) {
	l.mu.Lock()
	mine.next = false
	batch := l.waiting[:min(len(l.waiting), accessBatch)]
	l.waiting = slices.Clone(l.waiting[len(batch):])
	l.mu.Unlock()
	if len(batch) > 0 {
		l.store(context.WithoutCancel(ctx), batch) // others wait for it besides the caller
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, one := range l.waiting {
		if !one.next {
			one.beginLocked()
			return
		}
	}
	l.writing--
}

// store stores looks and tells their callers.
func (l *AccessLog) store(ctx context.Context, batch []*look) {
	ctx, cancel := context.WithTimeout(ctx, accessTimeout)
	defer cancel()
	pipe := l.client.Pipeline()
	packs := packLooks(batch)
	for _, p := range packs {
		pipe.XAdd(ctx, &redis.XAddArgs{Stream: accessKey(p.area), Values: p.values()})
	}
	results, err := pipe.Exec(ctx)
	for i, p := range packs {
		if i < len(results) {
			err = results[i].Err()
		}
		if err != nil {
			err = fmt.Errorf("planstore: record a look: %w", err)
		}
		for _, one := range p.looks {
			one.err = err
			one.turn <- false
		}
	}
}

// Accesses lists the looks at a person, newest first. next is where to go on, empty where the log ends; a list may be short
// of the limit and not yet at its end. It fails with dispatch.ErrInvalid, *DamagedError, *VersionError and the faults of Redis.
func (l *AccessLog) Accesses(ctx context.Context, area dispatch.AreaID, q dispatch.AccessQuery) (found []dispatch.Access, next dispatch.AccessID, err error) {
	if err := checkArea(area); err != nil {
		return nil, "", err
	}
	top, below := "+", 0
	if q.Before != "" {
		var ok bool
		if top, below, ok = parseAccessID(q.Before); !ok {
			return nil, "", fmt.Errorf("planstore: looks before %q: %w", q.Before, dispatch.ErrInvalid)
		}
	}
	if q.Rider == "" || q.Limit < 1 || q.Scan < 1 {
		return nil, "", fmt.Errorf("planstore: looks at %q: %w", q.Rider, dispatch.ErrInvalid)
	}
	for read := 0; ; {
		want := min(accessPage, q.Scan-read+1) // one may be the entry that an earlier page ended in
		page, err := l.client.XRevRangeN(ctx, accessKey(area), top, "-", int64(want)).Result()
		if err != nil {
			return nil, "", fmt.Errorf("planstore: looks of %s: %w", area, err)
		}
		for i := range page {
			looks, err := decodeLooks(&page[i])
			if err != nil {
				return nil, "", fmt.Errorf("planstore: looks of %s: %w", area, err)
			}
			if page[i].ID == top { // the looks of this entry from there on have been read
				looks = looks[:min(below, len(looks))]
			}
			for _, a := range slices.Backward(looks) {
				if slices.Contains(a.Riders, q.Rider) || slices.Contains(a.Riders, dispatch.Everybody) {
					found = append(found, a)
				}
				if read++; len(found) == q.Limit || read == q.Scan {
					return found, a.ID, nil
				}
			}
			top = "(" + page[i].ID
		}
		if len(page) < want {
			return found, "", nil
		}
	}
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
