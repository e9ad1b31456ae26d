package main

import (
	"bytes"
	"io"
	"strings"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"

	swmaasv1 "github.com/swmaas/swmaas/api/gen/swmaas/v1"
)

func TestTheRegisterIsExportedAndTakenBackThroughTheService(t *testing.T) {
	data := t.TempDir()
	addresses, stop := startServe(t, "--data", data, "--town", "kurobe", "--listen", "127.0.0.1:0")
	defer stop()
	code, token, _ := runMain(t, "admin", "token", "--data", data, "--area", "kurobe", "--role", "dispatcher")
	if code != exitDone {
		t.Fatal(code)
	}
	conn, err := grpc.NewClient(addresses["grpc"], grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	admin, ctx := swmaasv1.NewAdminClient(conn), metadata.AppendToOutgoingContext(t.Context(), "authorization", "Bearer "+strings.TrimSpace(token))
	for _, kind := range []swmaasv1.FileKind{swmaasv1.FileKind_FILE_KIND_RIDERS, swmaasv1.FileKind_FILE_KIND_PLACES} {
		out, err := admin.ExportFile(ctx, &swmaasv1.ExportFileRequest{Area: "kurobe", Kind: kind})
		if err != nil {
			t.Fatal(err)
		}
		var file bytes.Buffer
		for {
			part, err := out.Recv()
			if err == io.EOF { //nolint:errorlint // io.EOF is never wrapped here
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			file.Write(part.GetChunk())
		}
		lines := bytes.Count(file.Bytes(), []byte("\n")) - 1
		in, err := admin.ImportFile(ctx)
		if err != nil {
			t.Fatal(err)
		}
		for chunk := file.Next(100_000); len(chunk) > 0; chunk = file.Next(100_000) {
			if err := in.Send(&swmaasv1.ImportFileRequest{Area: "kurobe", IdempotencyKey: "1", Kind: kind, Chunk: chunk}); err != nil {
				t.Fatal(err)
			}
		}
		got, err := in.CloseAndRecv()
		if err != nil || lines < 50 || int(got.GetTaken()) != lines || got.GetAdded() != 0 || len(got.GetRejected()) != 0 {
			t.Errorf("%v: %d lines, %v, %v", kind, lines, got, err)
		}
	}
	person, err := admin.ExportRider(ctx, &swmaasv1.ExportRiderRequest{Area: "kurobe", RiderId: "R-0001"})
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	for {
		part, err := person.Recv()
		if err == io.EOF { //nolint:errorlint // io.EOF is never wrapped here
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		files[part.GetFileName()] += string(part.GetChunk())
	}
	if len(files) != 3 || !strings.Contains(files["rider.csv"], "R-0001") || strings.Contains(files["rider.csv"], "R-0002") || !strings.Contains(files["changes.csv"], "rider_added") {
		t.Errorf("%d files of a person", len(files))
	}
}
