package dayfile

import (
	"io"

	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/vehicles"
)

// ReadRequests reads requests.csv as rides with wishes, in the order of the file. The error joins a *FieldError for each fault.
func ReadRequests(r io.Reader, file string) ([]*dispatch.Ride, error) {
	t, err := openTable(r, file,
		[]string{"request", "pickup_lat", "pickup_lng", "dropoff_lat", "dropoff_lng"},
		[]string{
			"earliest", "latest", "arrive_by", "seats", "wheelchairs", "stretchers", "needs", "max_ride_min", "board_s", "alight_s",
			"booking", "pickup_label", "dropoff_label",
		})
	if err != nil {
		return nil, err
	}
	var rides []*dispatch.Ride
	seen := map[string]int{}
	for t.next() {
		id := t.needText("request")
		if line, twice := seen[id]; twice {
			t.fault("request", "%q is in line %d already", id, line)
		}
		seen[id] = t.line
		rides = append(rides, t.ride(dispatch.RideID(id)))
	}
	if len(rides) == 0 && len(t.faults) == 0 {
		t.fault("", "there is no request below the header")
	}
	return rides, t.err()
}

// ride reads one row.
func (t *table) ride(id dispatch.RideID) *dispatch.Ride {
	wheelchairs, stretchers := t.number("wheelchairs", 0, 0, 4), t.number("stretchers", 0, 0, 2)
	seats := 1
	if wheelchairs+stretchers > 0 {
		seats = 0
	}
	r := &dispatch.Ride{
		ID: id, Booking: dispatch.BookingID(t.text("booking")), Rider: dispatch.RiderID(id),
		Pickup:  dispatch.Place{Label: t.text("pickup_label"), At: t.position("pickup_lat", "pickup_lng")},
		Dropoff: dispatch.Place{Label: t.text("dropoff_label"), At: t.position("dropoff_lat", "dropoff_lng")},
		Party: dispatch.Party{
			Load:  vehicles.Load{Seats: t.number("seats", seats, 0, 20), Wheelchairs: wheelchairs, Stretchers: stretchers},
			Needs: t.aids("needs"), Board: int32(t.number("board_s", 60, 0, 1800)), Alight: int32(t.number("alight_s", 45, 0, 1800)),
		},
	}
	if r.Booking == "" {
		r.Booking = dispatch.BookingID(id)
	}
	if r.Party.Load.IsZero() {
		t.fault("seats", "the request carries nobody")
	}
	r.Promise.MaxRide = int32(60 * t.number("max_ride_min", 0, 1, 240))
	r.Promise.ArriveBy = t.second("arrive_by", 0)
	t.wish(r)
	return r
}

// wish reads the window and the arrival.
func (t *table) wish(r *dispatch.Ride) {
	by := r.Promise.ArriveBy
	from, to := t.text("earliest"), t.text("latest")
	switch {
	case from == "" && to == "" && by > 0:
		r.Wish = dispatch.Wish{Kind: dispatch.ArriveBy, Window: dispatch.Window{Latest: by}}
		return
	case from == "" || to == "":
		t.fault("earliest", "a pickup window needs earliest and latest, or leave both out and give arrive_by")
		return
	}
	w := dispatch.Window{Earliest: t.second("earliest", 0), Latest: t.second("latest", 0)}
	if w.Earliest > w.Latest {
		t.fault("latest", "%s is before earliest %s", to, from)
	}
	if by > 0 && by <= w.Earliest {
		t.fault("arrive_by", "%s is not after earliest %s", FormatTime(by), from)
	}
	r.Wish = dispatch.Wish{Kind: dispatch.PickupWithin, Window: w}
}

// ReadVehicles reads vehicles.csv as a fleet and its shifts, in the order of the file. The error joins a *FieldError for each fault.
func ReadVehicles(r io.Reader, file string) (vehicles.Fleet, []vehicles.Shift, error) {
	var fleet vehicles.Fleet
	var shifts []vehicles.Shift
	t, err := openTable(r, file,
		[]string{"vehicle", "layouts", "start", "end", "lat", "lng"},
		[]string{"equipment", "own_rounds", "stop_s", "wheelchair_s", "driver"})
	if err != nil {
		return fleet, nil, err
	}
	seen := map[string]int{}
	for t.next() {
		id := t.needText("vehicle")
		if line, twice := seen[id]; twice {
			t.fault("vehicle", "%q is in line %d already", id, line)
		}
		seen[id] = t.line
		v, s := t.vehicle(id)
		fleet.Vehicles, shifts = append(fleet.Vehicles, v), append(shifts, s)
	}
	if len(shifts) == 0 && len(t.faults) == 0 {
		t.fault("", "there is no vehicle below the header")
	}
	return fleet, shifts, t.err()
}

// vehicle reads one row.
func (t *table) vehicle(id string) (vehicles.Vehicle, vehicles.Shift) {
	home := t.position("lat", "lng")
	driver := t.text("driver")
	if driver == "" {
		driver = id
	}
	v := vehicles.Vehicle{
		ID: vehicles.VehicleID(id), Name: id, Home: home, Cabin: t.cabin("layouts"), Equipment: t.aids("equipment"),
		Dwell: vehicles.Dwell{PerStop: t.number("stop_s", 20, 0, 600), PerWheelchair: t.number("wheelchair_s", 120, 0, 1800)},
	}
	t.needText("start")
	t.needText("end")
	s := vehicles.Shift{
		ID: vehicles.ShiftID(id), Vehicle: v.ID, Driver: vehicles.DriverID(driver), Start: home, End: home,
		Span: vehicles.Span{Start: t.second("start", 0), End: t.second("end", vehicles.MaxDaySecond)}, OwnRounds: t.spans("own_rounds"),
	}
	if s.Span.Seconds() <= 0 {
		t.fault("end", "%s is not after start %s", t.text("end"), t.text("start"))
	}
	return v, s
}
