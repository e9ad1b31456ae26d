package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/rivo/uniseg"
	"github.com/schollz/progressbar/v3"

	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/dispatch/sim"
	"github.com/swmaas/swmaas/dispatch/sim/town"
)

// demoView shows the day as it goes: a line for what is worth one, and a progress bar on a terminal.
type demoView struct {
	run                     *demoRun
	bar                     *progressbar.ProgressBar // nil where nobody watches
	from, to                int32                    // of the bar, service-day seconds
	booked, done, cancelled int
	aboard                  map[string]int // rides aboard, by vehicle
}

func newDemoView(r *demoRun) *demoView {
	v := &demoView{run: r, from: r.town.Calls[0].At, aboard: map[string]int{}}
	for _, s := range r.town.Shifts {
		v.to = max(v.to, s.Span.End)
	}
	if isTerminal(r.std.err) {
		v.bar = progressbar.NewOptions(int(v.to-v.from), progressbar.OptionSetWriter(r.std.err), progressbar.OptionSetWidth(30),
			progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionSetPredictTime(false), progressbar.OptionClearOnFinish(),
			progressbar.OptionSetElapsedTime(false))
	}
	return v
}

// observe is told what happens.
func (v *demoView) observe(h sim.Happening) {
	switch h.Kind {
	case sim.CallAnswered:
		if h.Ride != "" {
			v.booked++
		}
	case sim.RideCancelled:
		v.cancelled++
	case sim.StepReported:
		switch h.Step {
		case dispatch.StepBoard:
			v.aboard[string(h.Vehicle)]++
		case dispatch.StepAlight:
			v.aboard[string(h.Vehicle)]--
			v.done++
		}
	}
	if text := v.text(h); text != "" && !v.run.cmd.Headless {
		if v.bar != nil {
			_ = v.bar.Clear()
		}
		v.run.say("%s  %s", dayTime(h.At), text)
	}
	if v.bar != nil {
		v.bar.Describe(fmt.Sprintf("%s  %3d booked  %3d aboard  %3d brought", dayTime(h.At), v.booked, v.riding(), v.done))
		_ = v.bar.Set(int(min(max(h.At, v.from), v.to) - v.from))
	}
}

// riding counts the rides under way.
func (v *demoView) riding() (n int) {
	for _, rides := range v.aboard {
		n += rides
	}
	return n
}

// close takes the bar away.
func (v *demoView) close() {
	if v.bar != nil {
		_ = v.bar.Finish()
	}
}

// text is the line for something that is worth one, "" for the rest.
func (v *demoView) text(h sim.Happening) string {
	var c *town.Call
	if h.Call >= 0 {
		c = &v.run.town.Calls[h.Call]
	}
	switch {
	case h.Kind == sim.CallAnswered && h.Ride == "":
		return fmt.Sprintf("no ride for %s, %s: %s", c.Rider, wishText(c.Wish), h.Reason)
	case h.Kind == sim.CallAnswered && h.At >= 0:
		return fmt.Sprintf("%s rings: %s to %s, %s: booked as %s", c.Rider, c.Pickup.Label, c.Dropoff.Label, wishText(c.Wish), h.Ride)
	case h.Kind == sim.RideCancelled:
		return fmt.Sprintf("%s calls ride %s off", c.Rider, h.Ride)
	case h.Kind == sim.BridgeClosed:
		return h.Reason + " is closed"
	case h.Kind == sim.VehicleBroken:
		return fmt.Sprintf("%s breaks down", h.Vehicle)
	case h.Kind != sim.StepReported:
		return ""
	case h.Step == dispatch.StepNoShow:
		return fmt.Sprintf("%s waited, nobody came for ride %s", h.Vehicle, h.Ride)
	case h.Step == dispatch.StepArrive && h.Late > 0:
		return fmt.Sprintf("%s is %d min late for ride %s", h.Vehicle, (h.Late+59)/60, h.Ride)
	case h.Step == dispatch.StepBoard && v.aboard[string(h.Vehicle)] > 1:
		return fmt.Sprintf("%s has %d rides aboard", h.Vehicle, v.aboard[string(h.Vehicle)])
	}
	return ""
}

// wishText says when somebody wants to travel.
func wishText(w dispatch.Wish) string {
	switch w.Kind {
	case dispatch.ArriveBy:
		return "there by " + dayTime(w.Window.Latest)
	case dispatch.DepartAfter:
		return "home from " + dayTime(w.Window.Earliest)
	}
	return "from " + dayTime(w.Window.Earliest) + " to " + dayTime(w.Window.Latest)
}

// dayTime writes service-day seconds as 9:05, the day before as -1d 15:05.
func dayTime(s int32) string {
	if s < 0 {
		return "-1d " + dayTime(s+24*3600)
	}
	return fmt.Sprintf("%2d:%02d", s/3600, s/60%60)
}

// demoResult is the JSON form of a day's figures. Its fields are stable.
type demoResult struct {
	Town         string         `json:"town"`
	Seed         uint64         `json:"seed"`
	Store        string         `json:"store"`
	AppendFsync  string         `json:"appendfsync"`
	Requested    int            `json:"requested"`
	Booked       int            `json:"booked"`
	Completed    int            `json:"completed"`
	Cancelled    int            `json:"cancelled"`
	NoShow       int            `json:"no_show"`
	Missed       int            `json:"missed"`
	Unmet        int            `json:"unmet"`
	UnmetReasons map[string]int `json:"unmet_reasons"`
	TurnedDown   map[string]int `json:"turned_down"`
	PooledShare  float64        `json:"pooled_share"`
	MeanRatio    float64        `json:"mean_ride_ratio"`
	P90Ratio     float64        `json:"p90_ride_ratio"`
	OnTimeShare  float64        `json:"on_time_share"`
	VehicleKm    float64        `json:"vehicle_km"`
	DirectKm     float64        `json:"direct_km"`
	Violations   int            `json:"violations"`
	Told         int            `json:"told"`   // calls to people whose day had changed
	Untold       int            `json:"untold"` // who were not told
	QuoteMs      quoteMs        `json:"quote_ms"`
}

// quoteMs is how long callers waited for an answer, in milliseconds.
type quoteMs struct {
	P50 float64 `json:"p50"`
	P99 float64 `json:"p99"`
}

// results writes what was asked for and prints the table.
func (r *demoRun) results(record *sim.Record) error {
	f := record.Figures()
	out := demoResult{
		Town: town.Name, Seed: r.town.Seed, Store: r.e.store, AppendFsync: r.e.appendFsync,
		Requested: f.Requested, Booked: f.Booked, Completed: f.Completed, Cancelled: f.Cancelled, NoShow: f.NoShow, Missed: f.Missed,
		Unmet: f.Unmet, UnmetReasons: f.UnmetReasons, TurnedDown: f.TurnedDown,
		PooledShare: f.PooledShare, MeanRatio: f.MeanRideRatio, P90Ratio: f.P90RideRatio, OnTimeShare: f.OnTimeShare,
		VehicleKm: f.VehicleKm, DirectKm: f.DirectKm, Violations: len(f.Violations), Told: record.Told, Untold: record.Untold,
		QuoteMs: quoteMs{P50: millis(record.QuoteTimes, 50), P99: millis(record.QuoteTimes, 99)},
	}
	if r.cmd.JSON != "-" {
		printTable(r.std.out, demoTable(&out))
	}
	for i, v := range f.Violations {
		if i == 10 {
			break
		}
		r.say("violation: %s", v)
	}
	if r.cmd.Export != "" {
		if err := record.WriteCSV(r.cmd.Export); err != nil {
			return err
		}
		r.say("The executed day is in %s: vehicles.csv, rides.csv, stops.csv.", r.cmd.Export)
	}
	return r.writeJSON(&out)
}

func (r *demoRun) writeJSON(out *demoResult) error {
	if r.cmd.JSON == "" {
		return nil
	}
	raw, err := json.MarshalIndent(out, "", "  ")
	if err != nil {
		return err
	}
	raw = append(raw, '\n')
	if r.cmd.JSON == "-" {
		_, err = r.std.out.Write(raw)
		return err
	}
	if err := os.WriteFile(r.cmd.JSON+".new", raw, 0o644); err != nil {
		return err
	}
	return os.Rename(r.cmd.JSON+".new", r.cmd.JSON)
}

// millis is the percentile p of some durations in milliseconds, to a hundredth.
func millis(times []time.Duration, p int) float64 {
	if len(times) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(times))
	t := sorted[max((len(sorted)*p+99)/100-1, 0)]
	return float64(t.Microseconds()/10) / 100
}

// demoTable is the day's figures as rows of Japanese name, English name, value.
func demoTable(o *demoResult) [][3]string {
	percent := func(v float64) string { return fmt.Sprintf("%.1f %%", v*100) }
	number := func(n int) string { return fmt.Sprint(n) }
	turned := 0
	for _, n := range o.TurnedDown {
		turned += n
	}
	return [][3]string{
		{"申込み", "rides asked for", number(o.Requested)},
		{"予約成立", "booked", number(o.Booked)},
		{"運行完了", "completed", number(o.Completed)},
		{"取消し", "cancelled", number(o.Cancelled)},
		{"乗車なし", "no-shows", number(o.NoShow)},
		{"運行できず", "missed", number(o.Missed)},
		{"お断り（空きなし）", "nothing could be offered", number(o.Unmet)},
		{"見送り（時刻合わず）", "offers did not suit", number(turned)},
		{"相乗り率", "shared with another booking", percent(o.PooledShare)},
		{"定時率", "on time, pickup and arrival", percent(o.OnTimeShare)},
		{"乗車時間比", "ride time / direct: mean, 90th percentile", fmt.Sprintf("%.2f, %.2f", o.MeanRatio, o.P90Ratio)},
		{"走行距離", "driven, empty drives included", fmt.Sprintf("%.0f km", o.VehicleKm)},
		{"個別送迎なら", "each booking alone, empty drives left out", fmt.Sprintf("%.0f km", o.DirectKm)},
		{"約束違反", "violations of promises or rules", number(o.Violations)},
		{"回答時間", "answer to a caller: median, 99th percentile", fmt.Sprintf("%.1f, %.1f ms", o.QuoteMs.P50, o.QuoteMs.P99)},
		{"保存先", "store", o.Store + ", appendfsync " + o.AppendFsync},
	}
}

// printTable pads columns by the width that characters take on a terminal, where an East Asian wide one takes two.
func printTable(w io.Writer, rows [][3]string) {
	var width [2]int
	for _, r := range rows {
		for k := range width {
			width[k] = max(width[k], uniseg.StringWidth(r[k]))
		}
	}
	for _, r := range rows {
		for k := range width {
			r[k] += strings.Repeat(" ", width[k]-uniseg.StringWidth(r[k]))
		}
		_, _ = fmt.Fprintf(w, "%s  %s  %s\n", r[0], r[1], r[2])
	}
}
