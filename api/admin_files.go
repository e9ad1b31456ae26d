package api

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	"google.golang.org/grpc"

	swmaasv1 "github.com/swmaas/swmaas/api/gen/swmaas/v1"
	"github.com/swmaas/swmaas/dispatch"
)

// FileOf is what a file holds.
type FileOf uint8

// What files hold.
const (
	RidersFile  FileOf = iota + 1 // riders: all, or one
	PlacesFile                    // places of the gazetteer
	RidesFile                     // rides of one rider
	ChangesFile                   // who changed which fields of one rider
)

// Imported is what became of a file.
type Imported struct {
	Taken, Added int
	Rejected     []RejectedLine
}

// RejectedLine is a line that was not taken and why, without what it holds.
type RejectedLine struct {
	Line   int
	Reason string
}

// Files reads and writes the register as CSV. ErrRequest for what is no such file; else the errors of dispatch.
type Files interface {
	Import(ctx context.Context, area dispatch.AreaID, actor string, of FileOf, file io.Reader, dryRun bool) (Imported, error)
	// Export writes a file of an area; of a rider where one is named.
	Export(ctx context.Context, area dispatch.AreaID, of FileOf, rider dispatch.RiderID, w io.Writer) error
}

var fileKinds = map[swmaasv1.FileKind]FileOf{swmaasv1.FileKind_FILE_KIND_RIDERS: RidersFile, swmaasv1.FileKind_FILE_KIND_PLACES: PlacesFile}

const (
	maxFile     = 16 << 20 // bytes of a file that is imported
	exportChunk = 64 << 10
	maxRejected = 1000 // lines that an answer names
)

// ImportFile needs no memory of its key: the same file again finds everything as it wants it.
func (s *adminService) ImportFile(in grpc.ClientStreamingServer[swmaasv1.ImportFileRequest, swmaasv1.ImportFileResponse]) error {
	first, err := in.Recv()
	if err != nil {
		return err
	}
	var file bytes.Buffer
	for part := first; err == nil; part, err = in.Recv() {
		if file.Len()+len(part.GetChunk()) > maxFile {
			return fmt.Errorf("%w: chunk: the file is larger than %d MiB", ErrRequest, maxFile>>20)
		}
		file.Write(part.GetChunk())
	}
	if !errors.Is(err, io.EOF) {
		return err
	}
	ctx := in.Context()
	got, err := s.engine.Files.Import(ctx, dispatch.AreaID(first.GetArea()), callerOf(ctx).Subject, fileKinds[first.GetKind()], &file, first.GetDryRun())
	if err != nil {
		return err
	}
	lines := got.Rejected[:min(len(got.Rejected), maxRejected)]
	return in.SendAndClose(&swmaasv1.ImportFileResponse{
		Taken: int32(got.Taken), Added: int32(got.Added),
		Rejected: mapped(lines, func(l RejectedLine) *swmaasv1.RejectedLine {
			return &swmaasv1.RejectedLine{Line: int32(l.Line), Reason: l.Reason}
		}),
	})
}

func (s *adminService) ExportFile(q *swmaasv1.ExportFileRequest, out grpc.ServerStreamingServer[swmaasv1.ExportFileResponse]) error {
	ctx, area := out.Context(), dispatch.AreaID(q.GetArea())
	if q.GetKind() == swmaasv1.FileKind_FILE_KIND_RIDERS {
		// The bytes name nobody that the guard could read: everybody is written down here, before anything is read.
		caller := callerOf(ctx)
		look := dispatch.Access{
			Subject: caller.Subject, Role: string(caller.Role), Token: caller.TokenID, Method: "Admin/ExportFile",
			Riders: []dispatch.RiderID{dispatch.Everybody}, Fields: []string{"rider"},
		}
		if err := s.engine.Accesses.Record(ctx, area, look); err != nil {
			return err
		}
	}
	w := &chunks{send: func(chunk []byte) error {
		return send(ctx, out, &swmaasv1.ExportFileResponse{Chunk: chunk}, s.cfg.StreamPatience)
	}}
	return w.write(func() error { return s.engine.Files.Export(ctx, area, fileKinds[q.GetKind()], "", w) })
}

func (s *adminService) ExportRider(q *swmaasv1.ExportRiderRequest, out grpc.ServerStreamingServer[swmaasv1.ExportRiderResponse]) error {
	ctx, area, id := out.Context(), dispatch.AreaID(q.GetArea()), dispatch.RiderID(q.GetRiderId())
	for _, part := range []struct {
		name string
		of   FileOf
	}{{"rider.csv", RidersFile}, {"rides.csv", RidesFile}, {"changes.csv", ChangesFile}} {
		w := &chunks{send: func(chunk []byte) error {
			return send(ctx, out, &swmaasv1.ExportRiderResponse{FileName: part.name, Chunk: chunk}, s.cfg.StreamPatience)
		}}
		if err := w.write(func() error { return s.engine.Files.Export(ctx, area, part.of, id, w) }); err != nil {
			return err
		}
	}
	return nil
}

// chunks sends what is written to it in messages of a stream.
type chunks struct {
	send func([]byte) error
	held []byte
}

// Write implements io.Writer.
func (w *chunks) Write(p []byte) (int, error) {
	w.held = append(w.held, p...)
	for len(w.held) >= exportChunk {
		if err := w.send(bytes.Clone(w.held[:exportChunk])); err != nil {
			return 0, err
		}
		w.held = w.held[exportChunk:]
	}
	return len(p), nil
}

// write runs what writes and sends the rest.
func (w *chunks) write(all func() error) error {
	if err := all(); err != nil {
		return err
	}
	if len(w.held) == 0 {
		return nil
	}
	return w.send(w.held)
}
