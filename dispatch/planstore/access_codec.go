package planstore

import (
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/swmaas/swmaas/dispatch"
)

// Fields of an entry of the access log. Since layout 2 an entry holds the looks of calls at the same time, one after another in
// lookPack; in layout 1 it was one look, a field of the entry for each of its own, left out where empty.
const (
	lookVersion = "v"
	lookPack    = "looks"

	lookSubject = "who"
	lookRole    = "role"
	lookToken   = "token"
	lookRequest = "req"
	lookMethod  = "method"
	lookFields  = "fields" // joined by a space
	lookRiders  = "riders" // joined by a space
)

// lookLayout is the layout version of an entry.
const lookLayout = 2

// Bounds of an entry, so that whoever reads the log can read it in pages: a look at many people fills an entry by itself.
const (
	packMost  = 64      // looks
	packBytes = 8 << 10 // after which no further look is added
)

// pack is an entry on its way to the store: looks of one area, in the order in which they were recorded.
type pack struct {
	area  dispatch.AreaID
	looks []*look
	bytes int
}

// packLooks puts looks together into as few entries as their areas and the bounds allow. It keeps the order in each area.
func packLooks(looks []*look) (packs []*pack) {
	open := map[dispatch.AreaID]*pack{}
	for _, one := range looks {
		p := open[one.area]
		if p == nil || len(p.looks) == packMost || p.bytes >= packBytes {
			p = &pack{area: one.area}
			open[one.area], packs = p, append(packs, p)
		}
		p.looks, p.bytes = append(p.looks, one), p.bytes+len(one.text)
	}
	return packs
}

// values are the fields of the entry.
func (p *pack) values() []any {
	text := make([]byte, 0, p.bytes)
	for _, one := range p.looks {
		text = append(text, one.text...)
	}
	return []any{lookVersion, lookLayout, lookPack, text}
}

// encodeLook writes a look but for what the log sets.
func encodeLook(a *dispatch.Access) []byte {
	w := writer{make([]byte, 0, 192)}
	for _, s := range [...]string{a.Subject, a.Role, a.Token, a.Request, a.Method} {
		w.text(s)
	}
	writeTexts(&w, a.Fields)
	writeTexts(&w, a.Riders)
	return w.buf
}

// decodeLooks reads the looks of an entry, oldest first. It fails with *DamagedError and *VersionError.
func decodeLooks(m *redis.XMessage) ([]dispatch.Access, error) {
	field := func(name string) string { s, _ := m.Values[name].(string); return s }
	version, err := strconv.Atoi(field(lookVersion))
	if err != nil {
		return nil, &DamagedError{"look", m.ID + " has no layout version"}
	}
	millis, _, _ := strings.Cut(m.ID, "-")
	ms, err := strconv.ParseInt(millis, 10, 64)
	if err != nil {
		return nil, &DamagedError{"look", m.ID + " is no time"}
	}
	at := time.UnixMilli(ms).UTC()
	switch version {
	case 1:
		a := dispatch.Access{
			ID: accessID(m.ID, 0), At: at, Subject: field(lookSubject), Role: field(lookRole), Token: field(lookToken),
			Request: field(lookRequest), Method: field(lookMethod), Fields: strings.Fields(field(lookFields)),
		}
		for _, r := range strings.Fields(field(lookRiders)) {
			a.Riders = append(a.Riders, dispatch.RiderID(r))
		}
		return []dispatch.Access{a}, nil
	case lookLayout:
		return decodePack(m.ID, at, field(lookPack))
	}
	return nil, &VersionError{"look", version}
}

func decodePack(entry string, at time.Time, text string) (looks []dispatch.Access, err error) {
	d := reader{what: "look", buf: []byte(text)}
	for len(d.buf) > 0 {
		looks = append(looks, dispatch.Access{
			ID: accessID(entry, len(looks)), At: at, Subject: d.text(), Role: d.text(), Token: d.text(), Request: d.text(), Method: d.text(),
			Fields: readTexts[string](&d), Riders: readTexts[dispatch.RiderID](&d),
		})
	}
	return looks, d.end()
}

// accessID names look i of an entry: the id of the entry, and after a dot which of its looks where it is not the first.
func accessID(entry string, i int) dispatch.AccessID {
	if i == 0 {
		return dispatch.AccessID(entry)
	}
	return dispatch.AccessID(entry + "." + strconv.Itoa(i))
}

// parseAccessID tells the top of what lies below a look: the entries below one, "(" and its id, or an entry by its id, of which only
// the first looks lie below. ok is false for what is no id.
func parseAccessID(id dispatch.AccessID) (top string, below int, ok bool) {
	entry, index, packed := strings.Cut(string(id), ".")
	if !validEventID(dispatch.EventID(entry)) {
		return "", 0, false
	}
	if !packed {
		return "(" + entry, 0, true
	}
	below, err := strconv.Atoi(index)
	return entry, below, err == nil && below > 0
}
