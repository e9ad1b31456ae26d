package main

import (
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/durationpb"

	swmaasv1 "github.com/swmaas/swmaas/api/gen/swmaas/v1"
)

func TestTokensAreIssuedListedAndTakenBackThroughTheService(t *testing.T) {
	data := t.TempDir()
	addresses, stop := startServe(t, "--data", data, "--listen", "127.0.0.1:0")
	defer stop()
	code, first, _ := runMain(t, "admin", "token", "--data", data, "--area", "kurobe", "--role", "admin")
	if code != exitDone {
		t.Fatal(code)
	}
	conn, err := grpc.NewClient(addresses["grpc"], grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	admin, fleet := swmaasv1.NewAdminClient(conn), swmaasv1.NewFleetClient(conn)
	ctx := metadata.AppendToOutgoingContext(t.Context(), "authorization", "Bearer "+strings.TrimSpace(first))
	request := &swmaasv1.CreateTokenRequest{
		Area: "kurobe", IdempotencyKey: "1", Grant: &swmaasv1.TokenGrant{Subject: "desk-7", Role: "operator"}, Life: durationpb.New(time.Hour),
	}
	made, err := admin.CreateToken(ctx, request)
	if err != nil {
		t.Fatal(err)
	}
	again, err := admin.CreateToken(ctx, request)
	if err != nil || again.GetRecord().GetId() != made.GetRecord().GetId() {
		t.Errorf("the same key: %v, %v", again, err)
	}
	theirs := metadata.AppendToOutgoingContext(t.Context(), "authorization", "Bearer "+made.GetToken())
	if _, err := fleet.ListVehicles(theirs, &swmaasv1.ListVehiclesRequest{Area: "kurobe"}); err != nil {
		t.Errorf("the new token: %v", err)
	}
	list, err := admin.ListTokens(ctx, &swmaasv1.ListTokensRequest{Area: "kurobe"})
	if err != nil || len(list.GetTokens()) != 2 {
		t.Errorf("%v, %v; want the one of the command line and the new one", list, err)
	}
	if _, err := admin.RevokeToken(ctx, &swmaasv1.RevokeTokenRequest{Area: "kurobe", IdempotencyKey: "2", TokenId: made.GetRecord().GetId()}); err != nil {
		t.Fatal(err)
	}
	list, err = admin.ListTokens(ctx, &swmaasv1.ListTokensRequest{Area: "kurobe"})
	revoked := 0
	for _, token := range list.GetTokens() {
		if token.GetRevoked() {
			revoked++
		}
	}
	if err != nil || revoked != 1 {
		t.Errorf("%v, %v; want one taken back", list, err)
	}
	request.IdempotencyKey, request.Grant.Role = "3", "driver"
	if _, err := admin.CreateToken(ctx, request); status.Code(err) != codes.InvalidArgument {
		t.Errorf("a driver without a vehicle: %v", err)
	}
	unknown := &swmaasv1.RevokeTokenRequest{Area: "kurobe", IdempotencyKey: "4", TokenId: strings.Repeat("A", 26)}
	if _, err := admin.RevokeToken(ctx, unknown); status.Code(err) != codes.NotFound {
		t.Errorf("a token that was never issued: %v", err)
	}
}
