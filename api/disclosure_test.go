package api

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	swmaasv1 "github.com/swmaas/swmaas/api/gen/swmaas/v1"
	"github.com/swmaas/swmaas/dispatch"
)

// validAdmin is a request of the Admin methods that keeps all rules of its message, or nil.
func validAdmin(method, area string) proto.Message {
	if method == swmaasv1.Admin_ListAccesses_FullMethodName {
		return &swmaasv1.ListAccessesRequest{Area: area, RiderId: "R-0001"}
	}
	return nil
}

// looksAt lists who looked at a rider, as "role call field field", oldest first.
func (d *day) looksAt(t testing.TB, rider string) (list []string) {
	t.Helper()
	admin := swmaasv1.NewAdminClient(d.conn)
	for token := ""; ; {
		page, err := admin.ListAccesses(d.as(t, grantOf(Auditor, "kurobe")), &swmaasv1.ListAccessesRequest{Area: "kurobe", RiderId: rider, PageSize: 2, PageToken: token})
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range page.GetAccesses() {
			if a.GetActor() != "test-"+a.GetRole() || a.GetTokenId() == "" || a.GetRequestId() == "" || a.GetAt() == nil || a.GetPersons() < 1 {
				t.Errorf("a look that does not say who, when and by which call: %v", a)
			}
			list = append(list, strings.Join(append([]string{a.GetRole(), a.GetMethod()}, a.GetFields()...), " "))
		}
		if token = page.GetNextPageToken(); token == "" {
			slices.Reverse(list)
			return list
		}
	}
}

func TestEveryReadOfAPersonIsWrittenDownBeforeItIsAnswered(t *testing.T) {
	d := startDay(t)
	booking, operator := swmaasv1.NewBookingClient(d.conn), d.as(t, grantOf(Operator, "kurobe"))
	q := toTheClinic("R-0001")
	ride := d.book(t, operator, q, "1")
	d.book(t, operator, toTheClinic("R-0002"), "2")
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	_, err := booking.GetRide(d.as(t, grantOf(Council, "kurobe")), &swmaasv1.GetRideRequest{Area: "kurobe", RideId: ride.GetId()})
	must(err)
	_, err = booking.ListRides(d.as(t, grantOf(Rider, "kurobe")), &swmaasv1.ListRidesRequest{Area: "kurobe", ServiceDate: serviceDate})
	must(err)
	_, err = booking.ListRides(d.as(t, grantOf(Auditor, "kurobe")), &swmaasv1.ListRidesRequest{Area: "kurobe", ServiceDate: serviceDate})
	must(err)
	_, err = booking.ExplainRide(operator, &swmaasv1.ExplainRideRequest{Area: "kurobe", RideId: ride.GetId()})
	must(err)
	g := grantOf(Driver, "kurobe")
	g.Vehicle = ride.GetVehicleId()
	stream, err := swmaasv1.NewDriverClient(d.conn).StreamManifest(d.as(t, g), &swmaasv1.StreamManifestRequest{Area: "kurobe", ServiceDate: serviceDate, VehicleId: g.Vehicle})
	must(err)
	_, err = stream.Recv()
	must(err)
	// None of these tells anything of a person.
	_, err = swmaasv1.NewCouncilClient(d.conn).GetDaySummary(operator, &swmaasv1.GetDaySummaryRequest{Area: "kurobe", ServiceDate: serviceDate})
	must(err)
	watch, err := swmaasv1.NewCouncilClient(d.conn).WatchDay(operator, &swmaasv1.WatchDayRequest{Area: "kurobe", ServiceDate: serviceDate})
	must(err)
	_, err = watch.Recv()
	must(err)
	_, err = booking.GetRide(d.as(t, grantOf(Driver, "kurobe")), &swmaasv1.GetRideRequest{Area: "kurobe", RideId: ride.GetId()})
	if codeOf(err) != codes.PermissionDenied {
		t.Fatal(err)
	}
	seen := "dropoff party pickup purpose"
	want := []string{
		"operator Booking/Book " + seen, "council Booking/GetRide " + seen, "rider Booking/ListRides " + seen, "auditor Booking/ListRides " + seen,
		"operator Booking/ExplainRide sentence_en sentence_ja", "driver Driver/StreamManifest party place",
	}
	if got := d.looksAt(t, "R-0001"); !slices.Equal(got, want) {
		t.Errorf("looks at the first rider:\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	others := d.looksAt(t, "R-0002")
	if slices.Contains(others, "rider Booking/ListRides "+seen) || !slices.Contains(others, "auditor Booking/ListRides "+seen) {
		t.Errorf("looks at the second rider:\n%s", strings.Join(others, "\n"))
	}
}

// brokenLog takes no look.
type brokenLog struct{ emptyLog }

func (brokenLog) Record(context.Context, dispatch.AreaID, dispatch.Access) error {
	return errors.New("the store is gone")
}

func TestNothingIsShownThatCannotBeWrittenDown(t *testing.T) {
	d := startDay(t)
	operator := d.as(t, grantOf(Operator, "kurobe"))
	ride := d.book(t, operator, toTheClinic("R-0001"), "1")
	engine := d.engine()
	engine.Accesses = brokenLog{}
	broken := startWith(t, d.key, Config{Clock: d.now}, engine)
	got, err := swmaasv1.NewBookingClient(broken.conn).GetRide(operator, &swmaasv1.GetRideRequest{Area: "kurobe", RideId: ride.GetId()})
	if codeOf(err) != codes.Internal || got != nil {
		t.Errorf("a ride was shown that nobody will know of: %v, %v", got, err)
	}
	stream, err := swmaasv1.NewDriverClient(broken.conn).StreamManifest(operator, &swmaasv1.StreamManifestRequest{Area: "kurobe", ServiceDate: serviceDate, VehicleId: ride.GetVehicleId()})
	if err != nil {
		t.Fatal(err)
	}
	if got, err := stream.Recv(); codeOf(err) != codes.Internal || got != nil {
		t.Errorf("a manifest was shown that nobody will know of: %v, %v", got, err)
	}
}

func TestAServiceWithoutAnAccessLogDoesNotStart(t *testing.T) {
	engine := emptyEngines()
	engine.Accesses = nil
	if _, err := New(Config{Verifier: NewLocalVerifier(newKey(t), nil, nil)}, engine); !errors.Is(err, ErrConfig) {
		t.Errorf("%v, want ErrConfig", err)
	}
}

// TestPlacesAndPartiesAreNeverImpersonal keeps the list of what is not written down from growing over what matters.
func TestPlacesAndPartiesAreNeverImpersonal(t *testing.T) {
	for _, name := range []protoreflect.Name{
		"party", "needs", "pickup", "dropoff", "place", "purpose", "name", "kana", "phones", "phone", "home", "places", "contacts", "notes",
		"driver_note", "care", "categories", "consents", "birth", "address", "label", "position", "message", "text",
	} {
		if impersonal[name] {
			t.Errorf("%s tells of a person and is taken for what does not", name)
		}
	}
}

func TestPeopleAreFoundHoweverDeepTheyAre(t *testing.T) {
	d := newDisclosure(emptyLog{}, emptyEngine{})
	for name, c := range map[string]struct {
		message proto.Message
		riders  int
		rides   int
	}{
		"a ride":                 {&swmaasv1.GetRideResponse{Ride: &swmaasv1.Ride{RiderId: "R-1", Party: &swmaasv1.Party{Seats: 1}}}, 1, 0},
		"rides of two":           {&swmaasv1.ListRidesResponse{Rides: []*swmaasv1.Ride{{RiderId: "R-1", Pickup: &swmaasv1.Place{}}, {RiderId: "R-2", Pickup: &swmaasv1.Place{}}}}, 2, 0},
		"a stop of a manifest":   {&swmaasv1.StreamManifestResponse{Event: &swmaasv1.StreamManifestResponse_Manifest{Manifest: &swmaasv1.Manifest{Stops: []*swmaasv1.ManifestStop{{RideId: "x", Place: &swmaasv1.Place{}}}}}}, 0, 1},
		"an event":               {&swmaasv1.WatchDayResponse{Event: &swmaasv1.Event{RideId: "x", Detail: "LATE"}}, 0, 0},
		"a ride that was erased": {&swmaasv1.GetRideResponse{Ride: &swmaasv1.Ride{RiderId: "R-1", State: 1}}, 0, 0},
	} {
		seen, m := &shown{}, c.message.ProtoReflect()
		d.sightOf(m.Descriptor()).walk(m, seen)
		if len(seen.riders) != c.riders || len(seen.rides) != c.rides {
			t.Errorf("%s: riders %v, rides %v", name, seen.riders, seen.rides)
		}
	}
}
