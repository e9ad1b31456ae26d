package main

import (
	"os"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/types/known/timestamppb"

	swmaasv1 "github.com/swmaas/swmaas/api/gen/swmaas/v1"
	"github.com/swmaas/swmaas/dispatch/sim/town"
	"github.com/swmaas/swmaas/testdata/redistest"
)

// nextPolicy is the demo town's policy under another name from a day on.
func nextPolicy(t *testing.T, from string) string {
	t.Helper()
	text, err := os.ReadFile("../../dispatch/policies/kurobe.json")
	if err != nil {
		t.Fatal(err)
	}
	const name, begin = `"name": "黒部市のデモ"`, `"from": "2026-04-01",`
	if strings.Count(string(text), name) != 1 || !strings.Contains(string(text), begin) {
		t.Fatal("the demo's policy has another name or begin")
	}
	return strings.NewReplacer(name, `"name": "改正後"`).Replace(strings.Replace(string(text), begin, `"from": "`+from+`",`, 1))
}

// policyOf asks for a ride of the town until there is an offer and returns the policy that it is made under.
func (c *caller) policyOf(t *testing.T, tn *town.Town) string {
	t.Helper()
	midnight, err := time.ParseInLocation(time.DateOnly, c.day, time.FixedZone("JST", 9*3600))
	if err != nil {
		t.Fatal(err)
	}
	for i := range tn.Calls {
		call := &tn.Calls[i]
		quote, err := c.booking.Quote(c.ctx, &swmaasv1.QuoteRequest{
			Area: string(town.Area), ServiceDate: c.day, RiderId: string(call.Rider), Party: &swmaasv1.Party{Seats: 1},
			Pickup:  &swmaasv1.Place{Position: &swmaasv1.LatLng{Lat: call.Pickup.At.Lat, Lng: call.Pickup.At.Lng}},
			Dropoff: &swmaasv1.Place{Position: &swmaasv1.LatLng{Lat: call.Dropoff.At.Lat, Lng: call.Dropoff.At.Lng}},
			Wish: &swmaasv1.Wish{Kind: &swmaasv1.Wish_DepartAfter{DepartAfter: &swmaasv1.DepartAfter{
				Earliest: timestamppb.New(midnight.Add(9 * time.Hour)), Latest: timestamppb.New(midnight.Add(15 * time.Hour)),
			}}},
		})
		if err != nil {
			t.Fatal(err)
		}
		if len(quote.GetOffers()) > 0 {
			return quote.GetOffers()[0].GetTerms().GetPolicy()
		}
	}
	t.Fatal("no call of the town has an offer")
	return ""
}

// afterOpenDay is openDay where the town serves on the day before as well.
func afterOpenDay(t *testing.T, from time.Time, ahead int) time.Time {
	t.Helper()
	eve := openDay(t, from, ahead-1)
	day := openDay(t, eve, 1)
	for !day.Equal(eve.AddDate(0, 0, 1)) {
		eve = day
		day = openDay(t, eve, 1)
	}
	return day
}

func TestTheDayBeforeAPolicyBeginsIsOpenToo(t *testing.T) {
	for from, want := range map[string]string{
		"2026-12-26": "2026-12-29", "2026-12-27": "2026-12-30", "2026-12-28": "2027-01-04", "2026-12-31": "2027-01-04", "2027-01-01": "2027-01-04", "2027-01-02": "2027-01-05",
	} {
		day, err := time.ParseInLocation(time.DateOnly, from, serviceZone())
		if err != nil {
			t.Fatal(err)
		}
		if got := afterOpenDay(t, day, 3).Format(time.DateOnly); got != want {
			t.Errorf("three days after %s or later: %s, want %s", from, got, want)
		}
	}
}

// TestAPolicyThatIsPutHoldsInEveryProcess puts a policy through one service and asks for rides through another on the same Redis, also
// after that was killed and started anew.
func TestAPolicyThatIsPutHoldsInEveryProcess(t *testing.T) {
	tn, err := town.Generate(1)
	if err != nil {
		t.Fatal(err)
	}
	redis, data := "unix://"+redistest.Start(t), t.TempDir()
	first, second := startService(t, data, "--redis", redis), startService(t, data, "--redis", redis)
	day := afterOpenDay(t, time.Now().In(serviceZone()), 3)
	from := day.Format(time.DateOnly)
	writer, reader := dial(t, first.addr, data), dial(t, second.addr, data)
	writer.day, reader.day = from, from
	for name, c := range map[string]*caller{"first": writer, "second": reader} { // both have the day open
		if got := c.policyOf(t, tn); got != "黒部市のデモ" {
			t.Fatalf("%s: offered under %q before", name, got)
		}
	}
	conn, err := grpc.NewClient(first.addr, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	code, token, message := runMain(t, "admin", "token", "--data", data, "--area", string(town.Area), "--role", "council", "--subject", "shakyo")
	if code != exitDone {
		t.Fatal(message)
	}
	ctx := metadata.AppendToOutgoingContext(t.Context(), "authorization", "Bearer "+strings.TrimSpace(token))
	entered, err := swmaasv1.NewAdminClient(conn).GetArea(ctx, &swmaasv1.GetAreaRequest{Area: string(town.Area)})
	if err != nil || !entered.GetReady() || entered.GetEntry().GetName() != "黒部市" {
		t.Errorf("the demo town: %v, %v", entered, err)
	}
	put, err := swmaasv1.NewCouncilClient(conn).PutPolicy(ctx, &swmaasv1.PutPolicyRequest{
		Area: string(town.Area), IdempotencyKey: "1", PolicyId: "kurobe-next", Text: nextPolicy(t, from), EndsPrevious: true,
	})
	if err != nil || put.GetPolicy().GetEtag() == "" {
		t.Fatalf("%v, %v", put, err)
	}
	if got := writer.policyOf(t, tn); got != "改正後" {
		t.Errorf("the process that took it offers under %q", got)
	}
	for until := time.Now().Add(30 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		if got := reader.policyOf(t, tn); got == "改正後" {
			break
		} else if time.Now().After(until) {
			t.Fatalf("the other process offers under %q", got)
		}
	}
	second.kill(t, data, false)
	again := dial(t, startService(t, data, "--redis", redis).addr, data)
	again.day = from
	if got := again.policyOf(t, tn); got != "改正後" {
		t.Errorf("after a restart rides are offered under %q", got)
	}
	again.day = day.AddDate(0, 0, -1).Format(time.DateOnly)
	if got := again.policyOf(t, tn); got != "黒部市のデモ" {
		t.Errorf("the day before it begins is under %q", got)
	}
}
