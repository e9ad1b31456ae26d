package dispatch

import (
	"context"
	"fmt"
	"runtime"
	"time"
)

// A quote changes nothing, so it works on a look: an area-day of its own that follows the state of the one that is changed.
// Quotes then wait neither for each other nor for a commit on its way to the disk, and each look keeps its own live model.

// openLooks makes room for as many looks as there are processors. a.mu is held.
func (a *areaDay) openLooks() {
	a.looks = make(chan *areaDay, runtime.GOMAXPROCS(0))
	for range cap(a.looks) {
		a.looks <- nil // made on first use
	}
}

// look is the area-day as it is now, for one goroutine until endLook. It is to be read only.
func (a *areaDay) look(ctx context.Context) (*areaDay, error) {
	var v *areaDay
	select {
	case v = <-a.looks:
	case <-ctx.Done():
		return nil, fmt.Errorf("dispatch: read %s %s: %w", a.key.Area, a.key.Day, ctx.Err())
	}
	if v == nil {
		v = newAreaDay(a.desk, a.key, a.midnight)
		v.roads, v.policies = a.roads, a.policies
		if err := v.setFleet(ctx, a.calendar, a.given); err != nil {
			a.looks <- nil
			return nil, err
		}
	}
	v.mu.Lock()
	if state := a.shown.Load(); v.shown.Load() != state {
		if err := v.takeLocked(ctx, state); err != nil {
			a.endLook(v)
			return nil, err
		}
		v.shown.Store(state)
	}
	return v, nil
}

// endLook gives a look back.
func (a *areaDay) endLook(v *areaDay) {
	v.mu.Unlock()
	a.looks <- v
}

// Hurry tells the improvement that somebody waits for an answer, until the returned function is called. Quotes and changes do so
// themselves.
func (d *Desk) Hurry() (done func()) {
	d.waiting.Add(1)
	return d.relax
}

func (d *Desk) relax() { d.waiting.Add(-1) }

const (
	yieldFor  = 200 * time.Microsecond // how long the improvement stands back before it looks again
	yieldMost = 250                    // how often in a row, so that it is never held up for good
)

// yield stands back while somebody waits for an answer.
func (d *Desk) yield() {
	for range yieldMost {
		if d.waiting.Load() == 0 {
			return
		}
		time.Sleep(yieldFor)
	}
}
