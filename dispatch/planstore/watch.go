package planstore

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/redis/go-redis/v9"

	"github.com/swmaas/swmaas/dispatch"
)

// Wake says that a day of the watched area has reached a revision. The zero value says that wake-ups may have been missed,
// because the connection was lost and is back, or that the area's policies were changed: whatever the watcher follows should be read again.
type Wake struct {
	Day      dispatch.Day
	Revision int64
}

// Watch reports commits to an area, by any process, from the moment it returns. Several commits to one day that the
// receiver has not taken yet are one Wake with the latest revision, so a slow receiver holds up nobody and misses nothing
// that it would not read anyway. The channel is closed when ctx ends.
func (s *Store) Watch(ctx context.Context, area dispatch.AreaID) (<-chan Wake, error) {
	if err := checkArea(area); err != nil {
		return nil, err
	}
	sub := s.client.Subscribe(ctx, wakeChannel(area))
	if _, err := sub.Receive(ctx); err != nil { // the answer to SUBSCRIBE
		_ = sub.Close()
		return nil, fmt.Errorf("planstore: watch %s: %w", area, err)
	}
	out := make(chan Wake)
	go forward(ctx, sub, out)
	return out, nil
}

// forward owns sub and out until ctx ends.
func forward(ctx context.Context, sub *redis.PubSub, out chan<- Wake) {
	defer close(out)
	defer func() { _ = sub.Close() }()
	in := sub.ChannelWithSubscriptions()
	var waiting []Wake // at most one a day, oldest first
	for {
		var next Wake
		var to chan<- Wake // nil, and so never ready, while nothing waits
		if len(waiting) > 0 {
			next, to = waiting[0], out
		}
		select {
		case <-ctx.Done():
			return
		case to <- next:
			waiting = waiting[1:]
		case m, ok := <-in:
			if !ok {
				return
			}
			if w, ok := wakeOf(m); ok {
				waiting = coalesce(waiting, w)
			}
		}
	}
}

// wakeOf reads a message of the subscription: a commit's wake-up, or the news that it was renewed.
func wakeOf(m any) (w Wake, ok bool) {
	switch m := m.(type) {
	case *redis.Subscription:
		return Wake{}, m.Kind == "subscribe"
	case *redis.Message:
		day, rev, _ := strings.Cut(m.Payload, " ")
		revision, err := strconv.ParseInt(rev, 10, 64)
		return Wake{dispatch.Day(day), revision}, err == nil
	}
	return Wake{}, false
}

// coalesce adds w to the waiting ones, or raises the revision of the one of its day.
func coalesce(waiting []Wake, w Wake) []Wake {
	for i := range waiting {
		if waiting[i].Day == w.Day {
			waiting[i].Revision = max(waiting[i].Revision, w.Revision)
			return waiting
		}
	}
	return append(waiting, w)
}
