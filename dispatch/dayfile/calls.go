package dayfile

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/swmaas/swmaas/dispatch"
)

// callsPage is what the template of the call list prints.
type callsPage struct {
	edition
	Urgent, Evening []callRow
}

// callRow is one call to be made.
type callRow struct {
	By, Name, Kana, Why, Say, Remark string
	Overdue                          bool
	Tries                            int
	Phones, Others, Rides            []string
}

// WriteCalls writes the list of calls to be made the evening before (前日連絡表): what must be told, and a reminder for everybody
// who rides.
func (s *Sheets) WriteCalls(w io.Writer) error {
	urgent, evening := s.Paper.CallList()
	return write(w, "calls", callsPage{edition: s.edition("前日連絡表", ""), Urgent: s.callRows(urgent), Evening: s.callRows(evening)})
}

// tellWords name the reasons for a call.
var tellWords = map[dispatch.TellReason]string{
	dispatch.TellPromiseMoved: "お迎えの変更", dispatch.TellLate: "車両の遅れ", dispatch.TellDropped: "お迎えできない", dispatch.TellRefused: "お断り",
	dispatch.TellPostponed: "延期", dispatch.TellCondition: "道路・車両の事情", dispatch.TellCallBack: "折り返し", dispatch.TellWatchOver: "安否の確認",
	dispatch.TellReturnOpen: "お帰りの確認",
}

func (s *Sheets) callRows(list []dispatch.CallRow) []callRow {
	rows := make([]callRow, len(list))
	for i := range list {
		c := &list[i]
		row := callRow{By: deadlineText(c.Tell.Deadline), Why: tellWords[c.Tell.Reason], Say: c.Say.Ja, Remark: c.Remark, Overdue: c.Overdue, Tries: c.Tell.Tries}
		row.Name = string(c.Tell.Rider)
		if r := c.Rider; r != nil {
			p := s.personOf(r)
			row.Name, row.Kana = p.Name, p.Kana
			if slices.Contains(c.To, dispatch.ToRider) {
				row.Phones = p.Phones
			}
			row.Others = p.Contacts
		}
		if k := slices.IndexFunc(c.To, func(a dispatch.Audience) bool { return a == dispatch.ToFacility }); k >= 0 && len(c.Rides) > 0 {
			row.Others = append([]string{s.facilityName(c.Rides[0].Terms.Facility)}, row.Others...)
		}
		for _, r := range c.Rides {
			row.Rides = append(row.Rides, string(r.ID))
		}
		rows[i] = row
	}
	return rows
}

// deadlineText is a second of the day by which somebody must know; the day before has negative ones.
func deadlineText(second int32) string {
	if second >= 0 {
		return minute(second)
	}
	days := (-second + daySeconds - 1) / daySeconds
	text := minute(second + days*daySeconds)
	if days == 1 {
		return "前日 " + text
	}
	return strings.TrimSpace(fmt.Sprintf("%d日前 %s", days, text))
}

const daySeconds = 24 * 3600
