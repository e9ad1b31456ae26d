package api

import (
	"strings"
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	swmaasv1 "github.com/swmaas/swmaas/api/gen/swmaas/v1"
)

// validMessage is a request of a method of messages that keeps all rules of its message.
func validMessage(method, area string) proto.Message {
	const van = "V-01"
	content := &swmaasv1.MessageContent{Canned: "UNDERSTOOD"}
	switch method {
	case swmaasv1.Driver_SendMessage_FullMethodName:
		return &swmaasv1.SendMessageRequest{IdempotencyKey: "m", Area: area, ServiceDate: serviceDate, VehicleId: van, Content: content, DeviceTime: timestamppb.New(now)}
	case swmaasv1.Driver_MarkMessagesRead_FullMethodName:
		return &swmaasv1.MarkMessagesReadRequest{IdempotencyKey: "r", Area: area, ServiceDate: serviceDate, VehicleId: van, UpTo: 1}
	case swmaasv1.Driver_ListMessages_FullMethodName:
		return &swmaasv1.ListMessagesRequest{Area: area, ServiceDate: serviceDate, VehicleId: van}
	case swmaasv1.Driver_ListCannedMessages_FullMethodName:
		return &swmaasv1.ListCannedMessagesRequest{Area: area}
	case swmaasv1.Council_SendDriverMessage_FullMethodName:
		return &swmaasv1.SendDriverMessageRequest{IdempotencyKey: "m", Area: area, ServiceDate: serviceDate, VehicleId: van, Content: content}
	case swmaasv1.Council_MarkDriverMessagesRead_FullMethodName:
		return &swmaasv1.MarkDriverMessagesReadRequest{IdempotencyKey: "r", Area: area, ServiceDate: serviceDate, VehicleId: van, UpTo: 1}
	case swmaasv1.Council_ListDriverMessages_FullMethodName:
		return &swmaasv1.ListDriverMessagesRequest{Area: area, ServiceDate: serviceDate}
	}
	return nil
}

func TestOfficeAndDriverWriteToEachOtherAndSeeWhatWasRead(t *testing.T) {
	d := startDay(t)
	operator := d.as(t, grantOf(Operator, "kurobe"))
	ride := d.book(t, operator, toTheClinic("R-0001"), "1")
	g := grantOf(Driver, "kurobe")
	g.Vehicle = ride.GetVehicleId()
	ctx, driver, council := d.as(t, g), swmaasv1.NewDriverClient(d.conn), swmaasv1.NewCouncilClient(d.conn)
	stream, err := driver.StreamManifest(ctx, &swmaasv1.StreamManifestRequest{Area: "kurobe", ServiceDate: serviceDate, VehicleId: g.Vehicle})
	if err != nil {
		t.Fatal(err)
	}
	before := nextManifest(t, stream)
	if n := len(before.GetManifest().GetMessages()); n != 0 {
		t.Fatalf("%d messages before the first", n)
	}
	word := &swmaasv1.SendDriverMessageRequest{
		IdempotencyKey: "w", Area: "kurobe", ServiceDate: serviceDate, VehicleId: g.Vehicle, RideId: ride.GetId(),
		Content: &swmaasv1.MessageContent{Canned: "READY_LATE", Minutes: 10, Text: "玄関でお待ちです", Urgent: true},
	}
	sent, err := council.SendDriverMessage(operator, word)
	if err != nil || sent.GetMessage().GetNumber() != 1 || !sent.GetMessage().GetFromOffice() || sent.GetMessage().GetSentenceJa() != "次の方のお支度が約10分遅れます。" {
		t.Fatalf("%v, %v", sent, err)
	}
	if again, err := council.SendDriverMessage(operator, word); err != nil || !proto.Equal(again.GetMessage(), sent.GetMessage()) {
		t.Errorf("the same key: %v, %v", again, err)
	}
	got := nextManifest(t, stream).GetManifest().GetMessages()
	if len(got) != 1 || !proto.Equal(got[0], sent.GetMessage()) {
		t.Fatalf("with the manifest: %v", got)
	}
	// A device that was away since before the message has it with the first thing that it receives.
	again, err := driver.StreamManifest(ctx, &swmaasv1.StreamManifestRequest{Area: "kurobe", ServiceDate: serviceDate, VehicleId: g.Vehicle, ResumeToken: before.GetResumeToken()})
	if err != nil {
		t.Fatal(err)
	}
	if m := nextManifest(t, again).GetManifest().GetMessages(); len(m) != 1 {
		t.Errorf("after a broken connection: %v", m)
	}
	if _, err := driver.MarkMessagesRead(ctx, &swmaasv1.MarkMessagesReadRequest{IdempotencyKey: "r", Area: "kurobe", ServiceDate: serviceDate, VehicleId: g.Vehicle, UpTo: 1}); err != nil {
		t.Fatal(err)
	}
	if m := nextManifest(t, stream).GetManifest().GetMessages(); len(m) != 1 || !m[0].GetReadAt().AsTime().Equal(d.now()) || m[0].GetReadBy() != "test-driver" {
		t.Errorf("read: %v", m)
	}
	answer, err := driver.SendMessage(ctx, &swmaasv1.SendMessageRequest{
		IdempotencyKey: "a", Area: "kurobe", ServiceDate: serviceDate, VehicleId: g.Vehicle, DeviceTime: at(7, 29),
		Content: &swmaasv1.MessageContent{Canned: "ROAD_BLOCKED", Urgent: true},
	})
	if err != nil || answer.GetMessage().GetNumber() != 2 || !answer.GetMessage().GetWrittenAt().AsTime().Equal(at(7, 29).AsTime()) {
		t.Fatalf("%v, %v", answer, err)
	}
	exceptions, err := council.ListExceptions(operator, &swmaasv1.ListExceptionsRequest{Area: "kurobe", ServiceDate: serviceDate})
	if err != nil || len(exceptions.GetExceptions()) != 1 || exceptions.GetExceptions()[0].GetKind() != "OFFICE_HAS_NOT_READ" || exceptions.GetExceptions()[0].GetNoteId() != answer.GetMessage().GetId() {
		t.Errorf("%v, %v", exceptions, err)
	}
	unread, err := council.ListDriverMessages(operator, &swmaasv1.ListDriverMessagesRequest{Area: "kurobe", ServiceDate: serviceDate, Unread: true})
	if err != nil || len(unread.GetMessages()) != 1 || unread.GetMessages()[0].GetId() != answer.GetMessage().GetId() {
		t.Errorf("%v, %v", unread, err)
	}
	if _, err := council.MarkDriverMessagesRead(operator, &swmaasv1.MarkDriverMessagesReadRequest{IdempotencyKey: "o", Area: "kurobe", ServiceDate: serviceDate, VehicleId: g.Vehicle, UpTo: 2}); err != nil {
		t.Error(err)
	}
	all, err := driver.ListMessages(ctx, &swmaasv1.ListMessagesRequest{Area: "kurobe", ServiceDate: serviceDate, VehicleId: g.Vehicle, PageSize: 1})
	if err != nil || len(all.GetMessages()) != 1 || all.GetNextPageToken() == "" {
		t.Fatalf("%v, %v", all, err)
	}
	all, err = driver.ListMessages(ctx, &swmaasv1.ListMessagesRequest{Area: "kurobe", ServiceDate: serviceDate, VehicleId: g.Vehicle, PageToken: all.GetNextPageToken()})
	if err != nil || len(all.GetMessages()) != 1 || all.GetMessages()[0].GetReadBy() != "test-operator" {
		t.Errorf("%v, %v", all, err)
	}
}

func TestMessagesThatCannotBeSentAreRefused(t *testing.T) {
	d := startDay(t)
	driver := swmaasv1.NewDriverClient(d.conn)
	for name, c := range map[string]struct {
		change func(*swmaasv1.SendMessageRequest)
		want   codes.Code
	}{
		"501 characters":          {func(q *swmaasv1.SendMessageRequest) { q.Content.Text = strings.Repeat("雪", 501) }, codes.InvalidArgument},
		"nothing said":            {func(q *swmaasv1.SendMessageRequest) { q.Content.Canned = "" }, codes.InvalidArgument},
		"no such text":            {func(q *swmaasv1.SendMessageRequest) { q.Content.Canned = "NO_SUCH" }, codes.InvalidArgument},
		"the office's text":       {func(q *swmaasv1.SendMessageRequest) { q.Content.Canned = "GO_ON" }, codes.InvalidArgument},
		"from the future":         {func(q *swmaasv1.SendMessageRequest) { q.DeviceTime = at(7, 36) }, codes.InvalidArgument},
		"about an unknown ride":   {func(q *swmaasv1.SendMessageRequest) { q.RideId = serviceDate + ".9999" }, codes.NotFound},
		"another vehicle's words": {func(q *swmaasv1.SendMessageRequest) { q.VehicleId = "V-02" }, codes.PermissionDenied},
	} {
		q := validMessage(swmaasv1.Driver_SendMessage_FullMethodName, "kurobe").(*swmaasv1.SendMessageRequest)
		q.DeviceTime = at(7, 30)
		c.change(q)
		if _, err := driver.SendMessage(d.as(t, grantOf(Driver, "kurobe")), q); codeOf(err) != c.want {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
	texts, err := driver.ListCannedMessages(d.as(t, grantOf(Driver, "kurobe")), &swmaasv1.ListCannedMessagesRequest{Area: "kurobe"})
	if err != nil || len(texts.GetMessages()) == 0 {
		t.Fatalf("%v, %v", texts, err)
	}
	for _, m := range texts.GetMessages() {
		if m.GetCode() == "" || m.GetSentenceJa() == "" || m.GetSentenceEn() == "" || !m.GetOffice() && !m.GetDriver() ||
			m.GetMinutes() != strings.Contains(m.GetSentenceJa(), "%d") || m.GetMinutes() != strings.Contains(m.GetSentenceEn(), "%d") {
			t.Errorf("%v", m)
		}
	}
}
