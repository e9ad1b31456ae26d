package api

import (
	"testing"

	"google.golang.org/grpc/codes"

	swmaasv1 "github.com/swmaas/swmaas/api/gen/swmaas/v1"
)

func TestADriverAcknowledgesWhatWasPublishedAndIsShownWhatChangedSince(t *testing.T) {
	d := startDay(t)
	operator, office := d.as(t, grantOf(Operator, "kurobe")), d.as(t, grantOf(Dispatcher, "kurobe"))
	driver, council := swmaasv1.NewDriverClient(d.conn), swmaasv1.NewCouncilClient(d.conn)
	first := d.book(t, operator, toTheClinic("R-0001"), "1")
	g := grantOf(Driver, "kurobe")
	g.Vehicle = first.GetVehicleId()
	ctx, van := d.as(t, g), g.Vehicle
	acknowledge := func(number int64, key string) error {
		_, err := driver.AcknowledgeManifest(ctx, &swmaasv1.AcknowledgeManifestRequest{
			IdempotencyKey: key, Area: "kurobe", ServiceDate: serviceDate, VehicleId: van, Number: number,
		})
		return err
	}
	if code, reason := reasonOf(acknowledge(1, "early")); code != codes.FailedPrecondition || reason != "WRONG_STATE" {
		t.Errorf("before anything was published: %v %s", code, reason)
	}
	if _, err := council.PublishManifests(office, &swmaasv1.PublishManifestsRequest{IdempotencyKey: "p", Area: "kurobe", ServiceDate: serviceDate}); err != nil {
		t.Fatal(err)
	}
	stream, err := driver.StreamManifest(ctx, &swmaasv1.StreamManifestRequest{Area: "kurobe", ServiceDate: serviceDate, VehicleId: g.Vehicle})
	if err != nil {
		t.Fatal(err)
	}
	m := nextManifest(t, stream).GetManifest()
	if m.GetNumber() != 1 || m.GetAcknowledgedNumber() != 0 || !m.GetPublishedAt().AsTime().Equal(d.now()) || len(m.GetChanges()) != 0 {
		t.Fatalf("as published: %v", m)
	}
	if err := acknowledge(1, "a"); err != nil {
		t.Fatal(err)
	}
	if m = nextManifest(t, stream).GetManifest(); m.GetAcknowledgedNumber() != 1 || len(m.GetChanges()) != 0 {
		t.Errorf("acknowledged: %v", m)
	}
	if err := acknowledge(1, "a"); err != nil {
		t.Errorf("said again: %v", err)
	}
	second := d.book(t, operator, toTheClinic("R-0002"), "2")
	if second.GetVehicleId() != g.Vehicle {
		t.Fatalf("the second ride is on %s", second.GetVehicleId())
	}
	m = nextManifest(t, stream).GetManifest()
	added := 0
	for _, c := range m.GetChanges() {
		if c.GetKind() == swmaasv1.ManifestChangeKind_MANIFEST_CHANGE_KIND_ADDED && c.GetRideId() == second.GetId() && c.GetBefore() == nil && c.GetAfter().IsValid() {
			added++
		}
	}
	if m.GetNumber() != 2 || m.GetAcknowledgedNumber() != 1 || added != 2 {
		t.Errorf("after another ride: %v", m)
	}
	if code, reason := reasonOf(acknowledge(1, "late")); code != codes.Aborted || reason != "CHANGED" {
		t.Errorf("the manifest of before: %v %s", code, reason)
	}
	if err := acknowledge(2, "b"); err != nil {
		t.Error(err)
	}
	g.Vehicle = "V-other"
	ctx = d.as(t, g)
	if code, _ := reasonOf(acknowledge(2, "c")); code != codes.PermissionDenied {
		t.Errorf("a vehicle that the token does not cover: %v", code)
	}
}
