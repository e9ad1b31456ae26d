package sim

import (
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/swmaas/swmaas/vehicles"
)

// WriteCSV writes vehicles.csv, rides.csv and stops.csv of the day into a folder, which is made where it does not exist.
// Times are H:MM:SS of the service day. No file is left half-written.
func (r *Record) WriteCSV(dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("sim: export: %w", err)
	}
	for name, rows := range map[string][][]string{"vehicles.csv": r.vehicleRows(), "rides.csv": r.rideRows(), "stops.csv": r.stopRows()} {
		if err := writeRows(filepath.Join(dir, name), rows); err != nil {
			return fmt.Errorf("sim: export: %w", err)
		}
	}
	return nil
}

// writeRows writes a file beside its place and then puts it there.
func writeRows(path string, rows [][]string) (err error) {
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = f.Close()
			_ = os.Remove(f.Name())
		}
	}()
	if err := csv.NewWriter(f).WriteAll(rows); err != nil {
		return err
	}
	if err := f.Chmod(0o644); err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

func (r *Record) vehicleRows() [][]string {
	rows := [][]string{{"vehicle", "layouts", "windows", "own_rounds"}}
	for _, v := range r.Vehicles {
		layouts := make([]string, len(v.Cabin))
		for i, l := range v.Cabin {
			layouts[i] = l.String()
		}
		rows = append(rows, []string{string(v.ID), strings.Join(layouts, "|"), spans(v.Windows), spans(v.OwnRounds)})
	}
	return rows
}

func (r *Record) rideRows() [][]string {
	rows := [][]string{{
		"ride", "booking", "status", "seats", "wheelchairs", "stretchers", "promised_earliest", "promised_latest", "arrive_by",
		"max_ride_s", "direct_s", "pickup_lat", "pickup_lng", "dropoff_lat", "dropoff_lng",
	}}
	for i := range r.Rides {
		ride := &r.Rides[i]
		earliest, latest, by, longest := "", "", "", ""
		if p := ride.Promise; ride.Booked {
			earliest, latest, longest = clock(p.Pickup.Earliest), clock(p.Pickup.Latest), strconv.Itoa(int(p.MaxRide))
			if p.ArriveBy > 0 {
				by = clock(p.ArriveBy)
			}
		}
		rows = append(rows, []string{
			string(ride.ID), string(ride.Booking), ride.State.String(), strconv.Itoa(ride.Load.Seats),
			strconv.Itoa(ride.Load.Wheelchairs), strconv.Itoa(ride.Load.Stretchers), earliest, latest, by, longest,
			strconv.Itoa(int(ride.Direct)), degrees(ride.Pickup.Lat), degrees(ride.Pickup.Lng),
			degrees(ride.Dropoff.Lat), degrees(ride.Dropoff.Lng),
		})
	}
	return rows
}

func (r *Record) stopRows() [][]string {
	rows := [][]string{{"vehicle", "seq", "kind", "ride", "arrive", "depart", "lat", "lng"}}
	for _, v := range r.Vehicles {
		seq := 0
		for _, s := range r.Stops {
			if s.Vehicle != v.ID {
				continue
			}
			seq++
			rows = append(rows, []string{
				string(v.ID), strconv.Itoa(seq), s.Kind.String(), string(s.Ride), clock(s.Arrive), clock(s.Depart),
				degrees(s.At.Lat), degrees(s.At.Lng),
			})
		}
	}
	return rows
}

func spans(list []vehicles.Span) string {
	parts := make([]string, len(list))
	for i, s := range list {
		parts[i] = clock(s.Start) + "-" + clock(s.End)
	}
	return strings.Join(parts, "|")
}

// clock writes service-day seconds as H:MM:SS; hours may pass 24.
func clock(s int32) string { return fmt.Sprintf("%d:%02d:%02d", s/3600, s/60%60, s%60) }

func degrees(v float64) string { return strconv.FormatFloat(v, 'f', 6, 64) }
