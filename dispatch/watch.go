package dispatch

import "context"

// watcher is told of new revisions; a slow one sees only the newest.
type watcher struct{ revisions chan int64 }

// Watch returns a channel that carries the revision of the area-day now and whenever it rises, newest only, until ctx ends.
// The channel is never closed; a reader selects on ctx as well.
func (d *Desk) Watch(ctx context.Context, area AreaID, day Day) (<-chan int64, error) {
	a, err := d.open(ctx, area, day)
	if err != nil {
		return nil, err
	}
	w := &watcher{revisions: make(chan int64, 1)}
	a = a.join(w)
	context.AfterFunc(ctx, func() { a.leave(w) })
	return w.revisions, nil
}

// join adds a watcher to the area-day, or to the one that took its place, and returns which it was.
func (a *areaDay) join(w *watcher) *areaDay {
	for {
		a.mu.Lock()
		next := a.next
		if next == nil {
			a.watchers[w] = struct{}{}
			w.revisions <- a.state.Revision
		}
		a.mu.Unlock()
		if next == nil {
			return a
		}
		a = next
	}
}

// leave takes a watcher away, wherever it was handed on to.
func (a *areaDay) leave(w *watcher) {
	for a != nil {
		a.mu.Lock()
		delete(a.watchers, w)
		next := a.next
		a.mu.Unlock()
		a = next
	}
}

// wakeLocked shows readers the state as it is stored now, and gives every watcher the newest revision in place of one that it
// has not read yet. a.mu is held.
func (a *areaDay) wakeLocked() {
	a.shown.Store(a.state)
	for w := range a.watchers {
		select {
		case <-w.revisions:
		default:
		}
		w.revisions <- a.state.Revision
	}
}

// Events returns up to limit events of the area-day after the given id, oldest first.
func (d *Desk) Events(ctx context.Context, area AreaID, day Day, after EventID, limit int) ([]Event, error) {
	return d.plans.Events(ctx, area, day, after, limit)
}
