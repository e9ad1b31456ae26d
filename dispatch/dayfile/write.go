package dayfile

import (
	"cmp"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/vehicles"
)

// WriteRoutes writes every stop of the plan: vehicle by vehicle, in the order of driving.
func WriteRoutes(w io.Writer, p *dispatch.BatchPlan) error {
	rows := [][]string{{
		"vehicle", "shift", "seq", "kind", "request", "leave_by", "arrive", "begin", "depart", "seats", "wheelchairs", "stretchers",
		"lat", "lng", "label",
	}}
	for _, s := range ordered(p) {
		for i, stop := range p.State.Routes[s.ID].Stops {
			ride := p.State.Rides[stop.Ride]
			at, kind := ends(ride, stop.Kind)
			load := ride.Party.Load
			rows = append(rows, []string{
				string(s.Vehicle), string(s.ID), strconv.Itoa(i + 1), kind, string(ride.ID),
				FormatTime(stop.LeaveBy), FormatTime(stop.Arrive), FormatTime(stop.Begin), FormatTime(stop.Depart),
				strconv.Itoa(load.Seats), strconv.Itoa(load.Wheelchairs), strconv.Itoa(load.Stretchers),
				degrees(at.At.Lat), degrees(at.At.Lng), at.Label,
			})
		}
	}
	return writeAll(w, rows)
}

// WriteUnserved writes every request that no route holds, with the reasons.
func WriteUnserved(w io.Writer, p *dispatch.BatchPlan) error {
	rows := [][]string{{"request", "code", "cause", "shifts", "limit", "actual", "unit", "every_position_tried"}}
	for _, u := range p.Unserved {
		for _, r := range u.Refusals {
			rows = append(rows, []string{
				string(u.Ride.ID), r.Code, r.Cause, strconv.Itoa(r.Shifts),
				strconv.FormatInt(r.Limit, 10), strconv.FormatInt(r.Actual, 10), r.Unit, strconv.FormatBool(u.Confirmed),
			})
		}
	}
	return writeAll(w, rows)
}

func writeAll(w io.Writer, rows [][]string) error {
	c := csv.NewWriter(w)
	if err := c.WriteAll(rows); err != nil {
		return fmt.Errorf("dayfile: write: %w", err)
	}
	return nil
}

// ordered lists the shifts that have a route, by vehicle and time.
func ordered(p *dispatch.BatchPlan) []vehicles.Shift {
	if p.State == nil {
		return nil
	}
	used := slices.DeleteFunc(slices.Clone(p.Shifts), func(s vehicles.Shift) bool {
		r := p.State.Routes[s.ID]
		return r == nil || len(r.Stops) == 0
	})
	slices.SortStableFunc(used, func(a, b vehicles.Shift) int {
		return cmp.Or(cmp.Compare(a.Vehicle, b.Vehicle), cmp.Compare(a.Span.Start, b.Span.Start))
	})
	return used
}

// ends is the place of one end of a ride and what the files call it.
func ends(r *dispatch.Ride, kind dispatch.StopKind) (dispatch.Place, string) {
	if kind == dispatch.PickupStop {
		return r.Pickup, "pickup"
	}
	return r.Dropoff, "dropoff"
}

func degrees(v float64) string { return strconv.FormatFloat(v, 'f', 6, 64) }

// Summary is a plan in figures, as plan.json holds them.
type Summary struct {
	Requests   int            `json:"requests"`
	Served     int            `json:"served"`
	Unserved   map[string]int `json:"unserved"` // by code
	Vehicles   int            `json:"vehicles_used"`
	DrivenKm   float64        `json:"driven_km"`
	DirectKm   float64        `json:"direct_km"`
	DrivenH    float64        `json:"driven_h"`
	MeanRatio  float64        `json:"mean_ride_ratio"`
	Pooled     float64        `json:"pooled_share"`
	Violations []string       `json:"violations"`
}

// planFile is the layout of plan.json.
type planFile struct {
	Day     dispatch.Day `json:"day"`
	Summary Summary      `json:"summary"`
	Routes  []planRoute  `json:"routes"`
}

type planRoute struct {
	Vehicle vehicles.VehicleID `json:"vehicle"`
	Shift   vehicles.ShiftID   `json:"shift"`
	Stops   []planStop         `json:"stops"`
}

type planStop struct {
	Kind    string          `json:"kind"`
	Request dispatch.RideID `json:"request"`
	Arrive  string          `json:"arrive"`
	Depart  string          `json:"depart"`
}

// WritePlan writes plan.json.
func WritePlan(w io.Writer, day dispatch.Day, p *dispatch.BatchPlan) error {
	file := planFile{Day: day, Summary: Summarise(p), Routes: []planRoute{}}
	for _, s := range ordered(p) {
		route := planRoute{Vehicle: s.Vehicle, Shift: s.ID}
		for _, stop := range p.State.Routes[s.ID].Stops {
			_, kind := ends(p.State.Rides[stop.Ride], stop.Kind)
			route.Stops = append(route.Stops, planStop{kind, stop.Ride, FormatTime(stop.Arrive), FormatTime(stop.Depart)})
		}
		file.Routes = append(file.Routes, route)
	}
	enc := json.NewEncoder(w)
	enc.SetIndent("", " ")
	if err := enc.Encode(file); err != nil {
		return fmt.Errorf("dayfile: write plan: %w", err)
	}
	return nil
}

// Summarise counts a plan.
func Summarise(p *dispatch.BatchPlan) Summary {
	s := Summary{Unserved: map[string]int{}, Violations: p.Violations, DrivenKm: float64(p.DrivenM) / 1000, DrivenH: float64(p.DrivenS) / 3600}
	if s.Violations == nil {
		s.Violations = []string{}
	}
	for _, u := range p.Unserved {
		s.Unserved[u.Refusals[0].Code]++
	}
	used := map[vehicles.VehicleID]bool{}
	pooled, ratios := 0, 0.0
	for _, shift := range ordered(p) {
		used[shift.Vehicle] = true
		shared := map[dispatch.RideID]bool{}
		boarded := map[dispatch.RideID]int32{}
		for _, stop := range p.State.Routes[shift.ID].Stops {
			ride := p.State.Rides[stop.Ride]
			if stop.Kind == dispatch.PickupStop {
				for other := range boarded {
					if p.State.Rides[other].Booking != ride.Booking {
						shared[other], shared[ride.ID] = true, true
					}
				}
				boarded[ride.ID] = stop.Depart
				continue
			}
			s.Served++
			ratios += float64(stop.Arrive-boarded[ride.ID]) / float64(max(ride.Direct, 60))
			delete(boarded, ride.ID)
		}
		pooled += len(shared)
	}
	s.Requests, s.Vehicles = s.Served+len(p.Unserved), len(used)
	s.DirectKm = float64(p.DirectM) / 1000
	if s.Served > 0 {
		s.Pooled, s.MeanRatio = float64(pooled)/float64(s.Served), ratios/float64(s.Served)
	}
	return s
}

// String is the summary in a few lines.
func (s Summary) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "requests      %d\nserved        %d with %d vehicles\n", s.Requests, s.Served, s.Vehicles)
	for _, code := range slices.Sorted(maps.Keys(s.Unserved)) {
		fmt.Fprintf(&b, "unserved      %d %s\n", s.Unserved[code], code)
	}
	fmt.Fprintf(&b, "driven        %.1f km in %.1f h; each ride alone %.1f km\n", s.DrivenKm, s.DrivenH, s.DirectKm)
	fmt.Fprintf(&b, "shared        %.0f %% of rides; time aboard %.2f × direct\n", 100*s.Pooled, s.MeanRatio)
	fmt.Fprintf(&b, "violations    %d\n", len(s.Violations))
	return b.String()
}
