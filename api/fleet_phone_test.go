package api

import (
	"strings"
	"testing"

	"google.golang.org/grpc/codes"

	swmaasv1 "github.com/swmaas/swmaas/api/gen/swmaas/v1"
)

// TestWhoIsToldADriversNumber saves numbers and reads them as everybody who may list drivers.
func TestWhoIsToldADriversNumber(t *testing.T) {
	d := startDay(t)
	fleet := swmaasv1.NewFleetClient(d.conn)
	office := d.as(t, grantOf(Dispatcher, "kurobe"))
	save := func(phone string) (*swmaasv1.SaveDriverResponse, error) {
		return fleet.SaveDriver(office, &swmaasv1.SaveDriverRequest{Area: "kurobe", IdempotencyKey: "save " + phone, Driver: &swmaasv1.DriverEntry{
			Id: "D-77", FacilityId: "F-01", DriverClass: swmaasv1.DriverClass_DRIVER_CLASS_VOLUNTEER, Licence: swmaasv1.Licence_LICENCE_FIRST_CLASS, Phone: phone,
		}})
	}
	if _, err := save("０９０－１２３"); codeOf(err) != codes.InvalidArgument || strings.Contains(err.Error(), "１２３") {
		t.Errorf("what is no number: %v", err)
	}
	saved, err := save("０９０－１２３４－０５５５")
	if err != nil || saved.GetDriver().GetPhone() != "+819012340555" {
		t.Fatalf("%v, %v", saved, err)
	}
	etags := map[string]bool{}
	for role, told := range map[Role]bool{Operator: true, Dispatcher: true, Admin: true, Facility: true, Council: false, Auditor: false} {
		g := grantOf(role, "kurobe")
		if role == Facility {
			g.Facility = "F-01"
		}
		list, err := fleet.ListDrivers(d.as(t, g), &swmaasv1.ListDriversRequest{Area: "kurobe"})
		if err != nil {
			t.Fatal(role, err)
		}
		for _, driver := range list.GetDrivers() {
			if driver.GetId() == "D-77" {
				if got := driver.GetPhone() == "+819012340555"; got != told || !told && driver.GetPhone() != "" {
					t.Errorf("%s is told %q", role, driver.GetPhone())
				}
				etags[driver.GetEtag()] = told
			}
		}
	}
	if len(etags) != 2 {
		t.Errorf("%d etags, want one of the entry and one of the entry without the number: an etag of a number gives it away", len(etags))
	}
	other := grantOf(Facility, "kurobe")
	other.Facility = "F-02"
	if list, err := fleet.ListDrivers(d.as(t, other), &swmaasv1.ListDriversRequest{Area: "kurobe"}); err != nil || strings.Contains(list.String(), "D-77") {
		t.Errorf("another facility: %v, %v", list, err)
	}
	if _, err := fleet.SaveFacility(office, &swmaasv1.SaveFacilityRequest{Area: "kurobe", IdempotencyKey: "f", Facility: &swmaasv1.Facility{
		Id: "F-88", Name: "事務所", Position: pin(3, 3), Phone: "0765-54-0101", Office: true,
	}}); err != nil {
		t.Error(err)
	}
	if _, err := fleet.SaveFacility(office, &swmaasv1.SaveFacilityRequest{Area: "kurobe", IdempotencyKey: "g", Facility: &swmaasv1.Facility{
		Id: "F-89", Name: "もう一つの事務所", Position: pin(3, 3), Office: true,
	}}); codeOf(err) != codes.InvalidArgument {
		t.Errorf("a second office: %v", err)
	}
}
