package dispatch

import "context"

// Reload reads fleet, shifts and plan of every day of an area again that is in memory, after the fleet or the calendar was
// changed. Whoever follows a day goes on following it; what is being decided meanwhile is decided on what was known before and
// committed only where the plan is still as it was.
func (d *Desk) Reload(ctx context.Context, area AreaID) error {
	for _, day := range d.OpenDays() {
		if day.Area != area {
			continue
		}
		if err := d.reload(ctx, day); err != nil {
			return err
		}
	}
	return nil
}

// reload puts a new area-day in the place of the one in memory.
func (d *Desk) reload(ctx context.Context, day AreaDay) error {
	d.mu.Lock()
	old := d.days[day]
	d.mu.Unlock()
	if old == nil {
		return nil
	}
	fresh := newAreaDay(d, day, old.midnight)
	if err := fresh.load(ctx); err != nil {
		return err
	}
	d.mu.Lock()
	if d.days[day] != old { // somebody else was faster
		d.mu.Unlock()
		return nil
	}
	d.days[day] = fresh
	d.mu.Unlock()
	// From here on all changes are made on the new one, but for those under way, which the store orders.
	old.mu.Lock()
	old.next = fresh
	moved := old.watchers
	old.watchers = map[*watcher]struct{}{}
	old.mu.Unlock()
	fresh.mu.Lock()
	for w := range moved {
		fresh.watchers[w] = struct{}{}
	}
	fresh.mu.Unlock()
	// A change that was under way on the old one may have come before the new one was read, or may come yet: both are in the store.
	if err := d.Refresh(ctx, day, old.current().Revision); err != nil {
		return err
	}
	fresh.mu.Lock()
	fresh.wakeLocked()
	fresh.mu.Unlock()
	return nil
}
