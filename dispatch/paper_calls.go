package dispatch

import (
	"cmp"
	"slices"
)

// CallRow is one call that the office has to make.
type CallRow struct {
	TellRow
	Rider *Rider // with all telephone numbers; nil for somebody who is not registered
}

// CallList is who must still be told something about the day: what cannot wait first, by deadline, and then the reminders of
// the evening before, by reading. Whoever waits for a ride and has no reminder yet is on it as well, so that the list is whole
// where no engine runs. From the first pickup on there are no reminders.
func (p *Paper) CallList() (urgent, evening []CallRow) {
	see := func(id RiderID) *Rider { return p.view(id, Viewer{Kind: OperatorViewer}) }
	now := p.second
	reminded := map[RiderID]bool{}
	notesOf(p.State, func(n *Note, t *Tell) {
		if t.Reason == TellEvening && (t.Told == nil || t.Told.Channel != ChannelOutdated) {
			reminded[t.Rider] = true
		}
		if t.Told != nil {
			return
		}
		row := CallRow{tellRow(p.State, n, t, now), see(t.Rider)}
		if t.Reason == TellEvening {
			evening = append(evening, row)
		} else {
			urgent = append(urgent, row)
		}
	})
	for _, r := range p.State.Rides {
		if now >= 0 || !r.awaits() || reminded[r.Rider] {
			continue
		}
		reminded[r.Rider] = true
		rides := p.State.awaitedBy(r.Rider)
		t := &Tell{Rider: r.Rider, Ride: rides[0].ID, Reason: TellEvening, After: rides[0].Promise, Deadline: eveningBy}
		evening = append(evening, CallRow{TellRow{Tell: t, Rides: rides, To: t.audience(rides[0]), Say: t.sentences(rides)}, see(r.Rider)})
	}
	slices.SortFunc(urgent, func(a, b CallRow) int {
		return cmp.Or(cmp.Compare(a.Tell.Deadline, b.Tell.Deadline), cmp.Compare(a.ID, b.ID))
	})
	slices.SortFunc(evening, func(a, b CallRow) int {
		return cmp.Or(cmp.Compare(a.kana(), b.kana()), cmp.Compare(a.Tell.Rider, b.Tell.Rider))
	})
	return urgent, evening
}

func (c *CallRow) kana() string {
	if c.Rider == nil {
		return ""
	}
	return c.Rider.Kana
}
