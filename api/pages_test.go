package api

import (
	"strconv"
	"testing"

	"google.golang.org/grpc/codes"

	swmaasv1 "github.com/swmaas/swmaas/api/gen/swmaas/v1"
)

// TestAListThatHasLostTheRowOfItsTokenIsNotBegunAgainUnasked pages through what nobody has read while somebody reads it.
func TestAListThatHasLostTheRowOfItsTokenIsNotBegunAgainUnasked(t *testing.T) {
	d := startDay(t)
	operator := d.as(t, grantOf(Operator, "kurobe"))
	g := grantOf(Driver, "kurobe")
	g.Vehicle = "V-01"
	driver, council := d.as(t, g), swmaasv1.NewCouncilClient(d.conn)
	for i := range 3 {
		_, err := council.SendDriverMessage(operator, &swmaasv1.SendDriverMessageRequest{
			IdempotencyKey: strconv.Itoa(i), Area: "kurobe", ServiceDate: serviceDate, VehicleId: g.Vehicle, Content: &swmaasv1.MessageContent{Text: "道に雪"},
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	request := &swmaasv1.ListDriverMessagesRequest{Area: "kurobe", ServiceDate: serviceDate, Unread: true, PageSize: 1}
	page, err := council.ListDriverMessages(operator, request)
	if err != nil || len(page.GetMessages()) != 1 || page.GetMessages()[0].GetNumber() != 1 {
		t.Fatalf("%v, %v", page, err)
	}
	request.PageToken = page.GetNextPageToken()
	if page, err = council.ListDriverMessages(operator, request); err != nil || page.GetMessages()[0].GetNumber() != 2 {
		t.Errorf("the next page: %v, %v", page, err)
	}
	_, err = swmaasv1.NewDriverClient(d.conn).MarkMessagesRead(driver, &swmaasv1.MarkMessagesReadRequest{
		IdempotencyKey: "r", Area: "kurobe", ServiceDate: serviceDate, VehicleId: g.Vehicle, UpTo: 1,
	})
	if err != nil {
		t.Fatal(err)
	}
	_, err = council.ListDriverMessages(operator, request)
	refusedAs(t, "after the row was read", err, codes.Aborted, "LIST_CHANGED")
	request.PageToken = ""
	if page, err = council.ListDriverMessages(operator, request); err != nil || page.GetMessages()[0].GetNumber() != 2 {
		t.Errorf("begun again: %v, %v", page, err)
	}
	_, err = council.ListExpectedStops(operator, &swmaasv1.ListExpectedStopsRequest{Area: "kurobe", ServiceDate: serviceDate, PageToken: page.GetNextPageToken()})
	refusedAs(t, "a token of another list", err, codes.Aborted, "LIST_CHANGED")
}
