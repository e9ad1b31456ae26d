package dayfile

import (
	"errors"
	"strings"
	"testing"

	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/vehicles"
)

func TestFaultsNameFileLineAndColumn(t *testing.T) {
	const request = "request,pickup_lat,pickup_lng,dropoff_lat,dropoff_lng,earliest,latest,arrive_by,seats\n"
	const vehicle = "vehicle,layouts,start,end,lat,lng\n"
	requests := func(s string) error {
		_, err := ReadRequests(strings.NewReader(s), "r.csv")
		return err
	}
	cars := func(s string) error {
		_, _, err := ReadVehicles(strings.NewReader(s), "v.csv")
		return err
	}
	for name, c := range map[string]struct {
		read func(string) error
		text string
		want []string
	}{
		"an empty file":           {requests, "", []string{"r.csv: is empty"}},
		"only a header":           {requests, request, []string{"there is no request"}},
		"a misspelt column":       {requests, "request,pickup_lat,pickup_lng,drop_lat,dropoff_lng\n", []string{"column drop_lat: is not known", "column dropoff_lat: is missing"}},
		"a column twice":          {requests, "request,request,pickup_lat,pickup_lng,dropoff_lat,dropoff_lng\n", []string{"column request: comes twice"}},
		"a latitude of 95":        {requests, request + "a,95,1,2,3,9:00,9:20,,1\n", []string{"r.csv line 2, column pickup_lat", "-90 to 90"}},
		"NaN":                     {requests, request + "a,NaN,1,2,3,9:00,9:20,,1\n", []string{"column pickup_lat"}},
		"a word for a number":     {requests, request + "a,1,1,2,3,9:00,9:20,,two\n", []string{`column seats: "two" is not a whole number`}},
		"nobody":                  {requests, request + "a,1,1,2,3,9:00,9:20,,0\n", []string{"carries nobody"}},
		"a time after the day":    {requests, request + "a,1,1,2,3,30:01,30:20,,1\n", []string{"column earliest", "30:00"}},
		"a minute of 60":          {requests, request + "a,1,1,2,3,9:60,10:00,,1\n", []string{"column earliest"}},
		"a window turned round":   {requests, request + "a,1,1,2,3,9:20,9:00,,1\n", []string{"column latest: 9:00 is before earliest 9:20"}},
		"half a window":           {requests, request + "a,1,1,2,3,9:20,,,1\n", []string{"needs earliest and latest"}},
		"no time at all":          {requests, request + "a,1,1,2,3,,,,1\n", []string{"give arrive_by"}},
		"an arrival too early":    {requests, request + "a,1,1,2,3,9:00,9:20,8:00,1\n", []string{"column arrive_by: 8:00:00 is not after"}},
		"an id twice":             {requests, request + "a,1,1,2,3,9:00,9:20,,1\na,1,1,2,3,9:00,9:20,,1\n", []string{"line 3, column request", "line 2 already"}},
		"a short row":             {requests, request + "a,1,1\nb,95,1,2,3,9:00,9:20,,1\n", []string{"line 2: has 3 fields", "line 3, column pickup_lat"}},
		"an open quote":           {requests, request + "\"a,1,1,2,3\n", []string{"r.csv line"}},
		"a layout of two numbers": {cars, vehicle + "a,8:0,8:00,17:00,1,1\n", []string{"v.csv line 2, column layouts", "5:2:0"}},
		"a shift turned round":    {cars, vehicle + "a,8:0:0,17:00,8:00,1,1\n", []string{"column end: 8:00 is not after start 17:00"}},
		"no shift":                {cars, vehicle + "a,8:0:0,,,1,1\n", []string{"column start: is empty", "column end: is empty"}},
	} {
		t.Run(name, func(t *testing.T) {
			err := c.read(c.text)
			if !errors.Is(err, ErrBadFile) {
				t.Fatalf("got %v, want ErrBadFile", err)
			}
			for _, want := range c.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%q is not in:\n%v", want, err)
				}
			}
		})
	}
}

func TestManyFaultsAreCounted(t *testing.T) {
	_, err := ReadRequests(strings.NewReader("request,pickup_lat,pickup_lng,dropoff_lat,dropoff_lng\n"+strings.Repeat("a,95,1,1,1\n", 100)), "r.csv")
	if err == nil || !strings.Contains(err.Error(), "more faults") || strings.Count(err.Error(), "\n") > maxFaults {
		t.Errorf("got %d lines: %v", strings.Count(err.Error(), "\n"), err)
	}
}

func TestFilesFromASpreadsheetAreRead(t *testing.T) {
	rides, err := ReadRequests(strings.NewReader("\ufeffarrive_by,request,pickup_lng,pickup_lat,dropoff_lat,dropoff_lng,wheelchairs,needs\r\n"+
		" 24:30 ,a,137.4,36.8,36.9,137.5,1,lift|oxygen\r\n"), "r.csv")
	if err != nil {
		t.Fatal(err)
	}
	r := rides[0]
	if r.Wish.Kind != dispatch.ArriveBy || r.Wish.Window.Latest != 88200 || r.Pickup.At.Lat != 36.8 || r.Pickup.At.Lng != 137.4 {
		t.Errorf("got %+v", r)
	}
	if r.Party.Load != (vehicles.Load{Wheelchairs: 1}) || r.Party.Needs != vehicles.Lift|vehicles.OxygenHolder {
		t.Errorf("party: %+v", r.Party)
	}
	fleet, shifts, err := ReadVehicles(strings.NewReader("vehicle,layouts,start,end,lat,lng,own_rounds\nv,8:0:0|5:2:0,7:30,18:00,36.8,137.4,8:00-9:30|15:30-17:00\n"), "v.csv")
	if err != nil {
		t.Fatal(err)
	}
	if len(fleet.Vehicles[0].Cabin) != 2 || len(shifts[0].OwnRounds) != 2 || shifts[0].Span != (vehicles.Span{Start: 27000, End: 64800}) {
		t.Errorf("got %+v, %+v", fleet, shifts)
	}
}

func FuzzReadRequests(f *testing.F) {
	f.Add("request,pickup_lat,pickup_lng,dropoff_lat,dropoff_lng,earliest,latest\na,36.8,137.4,36.9,137.5,9:00,9:20\n")
	f.Add("\ufeffrequest\n\"")
	f.Fuzz(func(t *testing.T, text string) {
		rides, err := ReadRequests(strings.NewReader(text), "r.csv")
		if err != nil {
			return
		}
		for _, r := range rides {
			w := r.Wish.Window
			if !r.Pickup.At.Valid() || !r.Dropoff.At.Valid() || r.Party.Load.IsZero() || w.Earliest < 0 || w.Earliest > w.Latest || w.Latest > vehicles.MaxDaySecond {
				t.Errorf("accepted %+v", r)
			}
		}
	})
}
