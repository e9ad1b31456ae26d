package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"text/tabwriter"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"

	"github.com/swmaas/swmaas/api"
	"github.com/swmaas/swmaas/dispatch/sim/town"
)

// benchAPICmd is `swmaas bench api`: calls, streams and positions on a service in a process of its own, over TLS.
type benchAPICmd struct {
	Time    time.Duration `default:"5s" help:"How long to call without a pause, and then at half that rate."`
	Streams int           `default:"2000" help:"Driver streams that are open at once, each on a connection of its own."`
	Updates int           `default:"50" help:"Changes of plans that the streams are watched for."`
	JSON    string        `name:"json" type:"path" help:"Also write the figures to this file, - for standard output."`
}

// apiFigures is the file that bench api writes; scripts rely on it.
type apiFigures struct {
	ReadyMs         float64 `json:"start_to_ready_ms"`
	QuoteP50Ms      float64 `json:"quote_p50_ms"`
	QuoteP99Ms      float64 `json:"quote_p99_ms"`
	BookP50Ms       float64 `json:"book_p50_ms"`
	BookP99Ms       float64 `json:"book_p99_ms"`
	GetRidePerS     float64 `json:"get_ride_per_s"`
	GetRideHalfP99  float64 `json:"get_ride_half_load_p99_ms"`
	Streams         int     `json:"streams"`
	StreamKiB       float64 `json:"stream_kib"`
	UpdateP50Ms     float64 `json:"update_p50_ms"`
	UpdateP99Ms     float64 `json:"update_p99_ms"`
	PositionsPerS   float64 `json:"positions_per_s"`
	PositionsStored float64 `json:"positions_stored_share"`
}

// apiBench is one run against one service. It belongs to one goroutine but where a method says otherwise.
type apiBench struct {
	addr     string
	creds    credentials.TransportCredentials
	keys     *api.TokenKey
	day      string    // service day, tomorrow
	midnight time.Time // of the day
	town     *town.Town
	pid      int // of the service

	rides []string
}

// Run implements the command.
func (c *benchAPICmd) Run(ctx context.Context, std streams) (err error) {
	if c.Time <= 0 || c.Streams < 1 || c.Updates < 1 {
		return usageError("--time must be above 0, --streams and --updates at least 1")
	}
	defer keepHeap()() // callers that collect garbage all the time would be measured with the service
	data, err := os.MkdirTemp("", "swmaas-bench-")
	if err != nil {
		return fmt.Errorf("bench api: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(data)) }()
	b, ready, stop, err := startAPIBench(ctx, data)
	if err != nil {
		return fmt.Errorf("bench api: %w", err)
	}
	defer func() { err = errors.Join(err, stop()) }()
	figures := apiFigures{ReadyMs: milliseconds(ready), Streams: c.Streams}
	for _, step := range []struct {
		name string
		run  func(context.Context, *apiFigures) error
	}{
		{"quotes and bookings", b.book},
		// Before what makes garbage: the memory of the streams is the growth of the process.
		{"streams", func(ctx context.Context, f *apiFigures) error { return b.streams(ctx, c.Streams, c.Updates, f) }},
		{"reads", func(ctx context.Context, f *apiFigures) error { return b.reads(ctx, c.Time, f) }},
		{"positions", func(ctx context.Context, f *apiFigures) error { return b.positions(ctx, c.Time, f) }},
	} {
		_, _ = fmt.Fprintf(std.err, "bench api: %s\n", step.name)
		if err := step.run(ctx, &figures); err != nil {
			return fmt.Errorf("bench api: %s: %w", step.name, err)
		}
	}
	return c.write(&figures, std)
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1e3 }

// write prints the table and, where asked for, the file.
func (c *benchAPICmd) write(f *apiFigures, std streams) error {
	return writeFigures(std, c.JSON, f, func(to io.Writer) error {
		w := tabwriter.NewWriter(to, 0, 0, 2, ' ', 0)
		_, _ = fmt.Fprintf(w, "start to ready, Kurobe town\t%.0f ms\t\n", f.ReadyMs)
		_, _ = fmt.Fprintf(w, "Booking.Quote, one after another\tp50 %.1f ms\tp99 %.1f ms\n", f.QuoteP50Ms, f.QuoteP99Ms)
		_, _ = fmt.Fprintf(w, "Booking.Book, one after another, synced to disk\tp50 %.1f ms\tp99 %.1f ms\n", f.BookP50Ms, f.BookP99Ms)
		_, _ = fmt.Fprintf(w, "Booking.GetRide, %d at once\t%.0f/s\t\n", readers, f.GetRidePerS)
		_, _ = fmt.Fprintf(w, "the same at half that rate\t\tp99 %.1f ms\n", f.GetRideHalfP99)
		_, _ = fmt.Fprintf(w, "positions over %d client streams\t%.0f/s\t%.0f %% stored\n", reporters, f.PositionsPerS, 100*f.PositionsStored)
		_, _ = fmt.Fprintf(w, "%d driver streams, a TLS connection each\t%.0f KiB each\t\n", f.Streams, f.StreamKiB)
		_, _ = fmt.Fprintf(w, "a booking reaches its drivers\tp50 %.1f ms\tp99 %.1f ms\n", f.UpdateP50Ms, f.UpdateP99Ms)
		return w.Flush()
	})
}

// startAPIBench starts a service in a process of its own and tells how long it took until it answered. stop ends it.
func startAPIBench(ctx context.Context, data string) (b *apiBench, ready time.Duration, stop func() error, err error) {
	self, err := os.Executable()
	if err != nil {
		return nil, 0, nil, err
	}
	cmd := exec.CommandContext(ctx, self, "serve", "--town", town.Name, "--data", data, "--listen", "127.0.0.1:0", "--rate", "0", "--rate-address", "0", "--tls-own")
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	log, err := cmd.StderrPipe()
	if err != nil {
		return nil, 0, nil, err
	}
	begin := time.Now()
	if err := cmd.Start(); err != nil {
		return nil, 0, nil, err
	}
	stop = func() error {
		_ = cmd.Process.Signal(syscall.SIGTERM) // fails only where it has ended, which Wait tells
		return cmd.Wait()
	}
	addr := servingAddress(log)
	ready = time.Since(begin)
	if addr == "" {
		return nil, 0, nil, errors.Join(errors.New("the service did not start"), stop())
	}
	b = &apiBench{addr: addr, pid: cmd.Process.Pid}
	if err := b.prepare(data); err != nil {
		return nil, 0, nil, errors.Join(err, stop())
	}
	return b, ready, stop, nil
}

// servingAddress reads a service's log until it says where it serves, and goes on reading so that it is not held up.
func servingAddress(log interface{ Read([]byte) (int, error) }) string {
	lines := bufio.NewScanner(log)
	for lines.Scan() {
		if _, rest, found := strings.Cut(lines.Text(), "msg=serving grpc="); found {
			addr, _, _ := strings.Cut(rest, " ")
			go func() {
				for lines.Scan() { // ends with the service
				}
			}()
			return addr
		}
	}
	return ""
}

// prepare gets ready to call: the certificate to trust, the key of the tokens and the town's calls.
func (b *apiBench) prepare(data string) (err error) {
	if b.creds, err = credentials.NewClientTLSFromFile(filepath.Join(data, certFile), ""); err != nil {
		return err
	}
	if b.keys, err = openTokenKey(data); err != nil {
		return err
	}
	if b.town, err = town.Generate(townSeed); err != nil {
		return err
	}
	tomorrow := time.Now().In(time.FixedZone("JST", 9*3600)).AddDate(0, 0, 1)
	b.midnight = time.Date(tomorrow.Year(), tomorrow.Month(), tomorrow.Day(), 0, 0, 0, 0, tomorrow.Location())
	b.day = b.midnight.Format(time.DateOnly)
	return nil
}

// dial connects with a token for the grant, which lacks area and life. It is safe for concurrent use.
func (b *apiBench) dial(g api.Grant, options ...grpc.DialOption) (*grpc.ClientConn, error) {
	g.Area, g.Life = string(town.Area), time.Hour
	token, err := b.keys.Issue(&g, time.Now())
	if err != nil {
		return nil, err
	}
	return grpc.NewClient(b.addr, append(options, grpc.WithTransportCredentials(b.creds), grpc.WithPerRPCCredentials(bearer(token)))...)
}

// resident is the memory of the service in bytes (VmRSS of /proc).
func (b *apiBench) resident() (float64, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", b.pid))
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(text)) {
		if value, found := strings.CutPrefix(line, "VmRSS:"); found {
			kib, err := strconv.Atoi(strings.TrimSuffix(strings.TrimSpace(value), " kB"))
			return float64(kib) * 1024, err
		}
	}
	return 0, errors.New("no VmRSS in /proc")
}
