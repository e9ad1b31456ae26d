package dayfile

import (
	"cmp"
	"io"
	"slices"
	"strconv"

	"github.com/swmaas/swmaas/dispatch"
)

// WriteRides writes rides as CSV for the person who took them, by day and promised time: what was asked for, what was promised
// and what happened. Times are those of the service day.
func WriteRides(w io.Writer, rides []*dispatch.Ride) error {
	rides = slices.SortedFunc(slices.Values(rides), func(a, b *dispatch.Ride) int {
		return cmp.Or(cmp.Compare(a.Day, b.Day), cmp.Compare(a.Promise.Pickup.Earliest, b.Promise.Pickup.Earliest), cmp.Compare(a.ID, b.ID))
	})
	rows := [][]string{{
		"ride", "day", "state", "purpose", "pickup", "pickup_lat", "pickup_lng", "dropoff", "dropoff_lat", "dropoff_lng",
		"promised_from", "promised_to", "arrive_by", "boarded", "alighted", "mode", "yen", "booked_by",
	}}
	for _, r := range rides {
		yen := ""
		if r.Terms.FareKnown {
			yen = strconv.FormatInt(r.Terms.Yen, 10)
		}
		row := slices.Concat([]string{string(r.ID), string(r.Day), r.State.String(), r.Purpose, r.Pickup.Label}, exactDegrees(r.Pickup.At),
			[]string{r.Dropoff.Label}, exactDegrees(r.Dropoff.At),
			[]string{
				someTime(r.Promise.Pickup.Earliest), someTime(r.Promise.Pickup.Latest), someTime(r.Promise.ArriveBy),
				someTime(r.Actual.Board), someTime(r.Actual.Alight), string(r.Terms.Mode), yen, r.By,
			})
		for i := range row {
			row[i] = guard(row[i])
		}
		rows = append(rows, row)
	}
	return writeSheet(w, rows)
}

// someTime writes a time, 0 as an empty cell.
func someTime(t int32) string {
	if t == 0 {
		return ""
	}
	return FormatTime(t)
}
