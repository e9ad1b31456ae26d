package dayfile

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"strings"

	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/vehicles"
)

//go:embed manifest.html.tmpl
var manifestSource string

// manifestPage is what the manifest template prints: a page a vehicle.
type manifestPage struct {
	Day      dispatch.Day
	Vehicles []manifestVehicle
}

type manifestVehicle struct {
	Vehicle    vehicles.VehicleID
	Start, End string
	Count      int
	Stops      []manifestRow
}

type manifestRow struct{ LeaveBy, Arrive, Kind, Request, Party, Place, Position, Promise string }

// WriteManifest writes the plan as HTML to print on A4, a vehicle a page: what its driver needs and nothing else.
func WriteManifest(w io.Writer, day dispatch.Day, p *dispatch.BatchPlan) error {
	t, err := template.New("manifest").Parse(manifestSource)
	if err != nil {
		return fmt.Errorf("dayfile: manifest template: %w", err)
	}
	page := manifestPage{Day: day}
	for _, s := range ordered(p) {
		last := len(page.Vehicles) - 1
		if last < 0 || page.Vehicles[last].Vehicle != s.Vehicle {
			page.Vehicles = append(page.Vehicles, manifestVehicle{Vehicle: s.Vehicle, Start: minute(s.Span.Start)})
			last++
		}
		v := &page.Vehicles[last]
		v.End = minute(s.Span.End)
		for _, stop := range p.State.Routes[s.ID].Stops {
			v.Stops = append(v.Stops, manifestRowOf(stop, p.State.Rides[stop.Ride]))
			if stop.Kind == dispatch.PickupStop {
				v.Count++
			}
		}
	}
	if err := t.Execute(w, page); err != nil {
		return fmt.Errorf("dayfile: write manifest: %w", err)
	}
	return nil
}

func manifestRowOf(s dispatch.Stop, r *dispatch.Ride) manifestRow {
	at, _ := ends(r, s.Kind)
	row := manifestRow{
		LeaveBy: minute(s.LeaveBy), Arrive: minute(s.Arrive), Kind: "降車", Request: string(r.ID), Party: partyText(r.Party),
		Place: at.Label, Position: at.At.String(),
	}
	if s.Kind == dispatch.PickupStop {
		row.Kind = "乗車"
		row.Promise = minute(r.Promise.Pickup.Earliest) + "–" + minute(r.Promise.Pickup.Latest)
	} else if r.Promise.ArriveBy > 0 {
		row.Promise = minute(r.Promise.ArriveBy) + " まで"
	}
	return row
}

// partyText says in words what a party takes up and needs.
func partyText(p dispatch.Party) string {
	var parts []string
	add := func(n int, word string) {
		if n > 0 {
			parts = append(parts, fmt.Sprintf("%s %d", word, n))
		}
	}
	add(p.Load.Seats, "座席")
	add(p.Load.Wheelchairs, "車いす")
	add(p.Load.Stretchers, "ストレッチャー")
	for _, aid := range []struct {
		bit  vehicles.Equipment
		word string
	}{
		{vehicles.Lift, "リフト"},
		{vehicles.Ramp, "スロープ"},
		{vehicles.OxygenHolder, "酸素"},
		{vehicles.Step, "踏み台"},
		{vehicles.ChildSeat, "チャイルドシート"},
	} {
		if p.Needs&aid.bit != 0 {
			parts = append(parts, aid.word)
		}
	}
	return strings.Join(parts, "・")
}

// minute is a time of day as people read it.
func minute(t int32) string { return fmt.Sprintf("%d:%02d", t/3600, t/60%60) }
