package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"text/tabwriter"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/swmaas/swmaas/cmd/swmaas/redisd"
	"github.com/swmaas/swmaas/dispatch/sim/town"
)

// benchDispatchCmd is `swmaas bench dispatch`: callers, positions and improvement on a desk with a private Redis that syncs
// every write, on the Kurobe day and on one that is ten times larger.
type benchDispatchCmd struct {
	Load     time.Duration `default:"60s" help:"How long callers ask and book at the fixed rates, in each town."`
	Saturate time.Duration `default:"10s" help:"How long quotes and commits are made without a pause."`
	Times    int           `default:"10" help:"Size of the larger town as a multiple of Kurobe; 0 leaves it out."`
	Calls    int           `default:"0" help:"Book only so many calls of a day beforehand; 0 is all."`
	Syncs    int           `default:"1000" help:"Writes of the disk probe."`
	Seed     uint64        `default:"1" help:"Seed of the towns."`
	Data     string        `placeholder:"DIR" type:"path" help:"Keep the data in a new folder within this one. Default: the folder of temporary files."`
	JSON     string        `name:"json" type:"path" help:"Also write the figures to this file, - for standard output."`
}

// dispatchFigures is the file that bench dispatch writes; scripts rely on it. Times are counted from the moment at which
// a call was due.
type dispatchFigures struct {
	QuoteP50Ms       float64 `json:"quote_p50_ms"`
	QuoteP99Ms       float64 `json:"quote_p99_ms"`
	BookP50Ms        float64 `json:"book_p50_ms"`
	BookP99Ms        float64 `json:"book_p99_ms"`
	BookP99NoFsyncMs float64 `json:"book_p99_nofsync_ms"`
	FsyncP99Ms       float64 `json:"fsync_p99_ms"`
	BigQuoteP99Ms    float64 `json:"big_quote_p99_ms"`
	BigBookP99Ms     float64 `json:"big_book_p99_ms"`
	QuotesPerS       float64 `json:"quotes_per_s"`
	CommitsPerS      float64 `json:"commits_per_s"`
	LostUpdates      int     `json:"lost_updates"`

	// Beside what is asked for: processor time of this process for one quote and one booking, with nothing else running.
	QuoteCPUMs     float64 `json:"quote_cpu_ms"`
	BookCPUMs      float64 `json:"book_cpu_ms"`
	BigQuoteP50Ms  float64 `json:"big_quote_p50_ms"`
	BigQuoteCPUMs  float64 `json:"big_quote_cpu_ms"`
	BigBookCPUMs   float64 `json:"big_book_cpu_ms"`
	DeskRoundsPerS float64 `json:"desk_rounds_per_s"` // quote, booking and cancellation by 32 callers at once through one desk
}

// Run implements the command.
func (c *benchDispatchCmd) Run(ctx context.Context, std streams) (err error) {
	if c.Load <= 0 || c.Saturate <= 0 || c.Times < 0 || c.Times > town.MaxTimes || c.Syncs < 1 {
		return usageError("--load and --saturate must be above 0, --syncs at least 1, --times from 0 to %d", town.MaxTimes)
	}
	dir, err := os.MkdirTemp(c.Data, "swmaas-bench-")
	if err != nil {
		return fmt.Errorf("bench dispatch: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	f := dispatchFigures{}
	if f.FsyncP99Ms, err = syncP99(dir, c.Syncs); err != nil {
		return fmt.Errorf("bench dispatch: %w", err)
	}
	if err := c.kurobe(ctx, filepath.Join(dir, "kurobe"), std.err, &f); err != nil {
		return fmt.Errorf("bench dispatch: Kurobe: %w", err)
	}
	if c.Times > 0 {
		if err := c.larger(ctx, filepath.Join(dir, "larger"), std.err, &f); err != nil {
			return fmt.Errorf("bench dispatch: town of %d times Kurobe: %w", c.Times, err)
		}
	}
	return c.write(&f, std)
}

// kurobe measures everything on the Kurobe day.
func (c *benchDispatchCmd) kurobe(ctx context.Context, dir string, progress io.Writer, f *dispatchFigures) (err error) {
	b, stop, err := c.start(ctx, dir, 1, progress)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stop()) }()
	if f.QuoteCPUMs, f.BookCPUMs, err = b.alone(ctx); err != nil {
		return err
	}
	got, err := b.load(ctx, c.Load)
	if err != nil {
		return err
	}
	f.QuoteP50Ms, f.QuoteP99Ms = got.quotes.ms(0.50), got.quotes.ms(0.99)
	f.BookP50Ms, f.BookP99Ms = got.books.ms(0.50), got.books.ms(0.99)
	if err := b.durable.ConfigSet(ctx, "appendfsync", "no").Err(); err != nil {
		return err
	}
	if got, err = b.load(ctx, c.Load/3); err != nil {
		return err
	}
	f.BookP99NoFsyncMs = got.books.ms(0.99)
	if err := b.durable.ConfigSet(ctx, "appendfsync", "always").Err(); err != nil {
		return err
	}
	if f.QuotesPerS, err = b.saturate(ctx, c.Saturate); err != nil {
		return err
	}
	if f.DeskRoundsPerS, err = b.rush(ctx, c.Saturate); err != nil {
		return err
	}
	commits, err := benchCommits(ctx, b.durable, c.Saturate)
	if err != nil {
		return err
	}
	lost, err := b.lost(ctx)
	f.CommitsPerS, f.LostUpdates = commits.PerSecond, f.LostUpdates+commits.LostUpdates+lost
	return err
}

// larger measures latencies on the larger town.
func (c *benchDispatchCmd) larger(ctx context.Context, dir string, progress io.Writer, f *dispatchFigures) (err error) {
	b, stop, err := c.start(ctx, dir, c.Times, progress)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stop()) }()
	if f.BigQuoteCPUMs, f.BigBookCPUMs, err = b.alone(ctx); err != nil {
		return err
	}
	got, err := b.load(ctx, c.Load)
	if err != nil {
		return err
	}
	f.BigQuoteP50Ms, f.BigQuoteP99Ms, f.BigBookP99Ms = got.quotes.ms(0.50), got.quotes.ms(0.99), got.books.ms(0.99)
	lost, err := b.lost(ctx)
	f.LostUpdates += lost
	return err
}

// start starts an engine on two Redis of its own, one durable and one for positions, and books the day's calls. stop ends
// all of it.
func (c *benchDispatchCmd) start(ctx context.Context, dir string, times int, progress io.Writer) (b *deskBench, stop func() error, err error) {
	var closers []func() error
	stop = func() error {
		var errs []error
		for i := len(closers) - 1; i >= 0; i-- {
			errs = append(errs, closers[i]())
		}
		return errors.Join(errs...)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, stop())
		}
	}()
	urls := map[bool]string{}
	for _, durable := range []bool{true, false} {
		server, err := redisd.Start(ctx, redisd.Config{Dir: filepath.Join(dir, fmt.Sprint("redis-", durable)), Durable: durable})
		if err != nil {
			return nil, nil, err
		}
		closers = append(closers, func() error { return server.Stop(context.WithoutCancel(ctx)) })
		urls[durable] = "unix://" + server.Socket()
	}
	options, err := redis.ParseURL(urls[true])
	if err != nil {
		return nil, nil, err
	}
	options.PoolSize = commitWriters
	client := redis.NewClient(options)
	closers = append(closers, client.Close)
	if b, err = newDeskBench(ctx, filepath.Join(dir, "engine"), urls[true], urls[false], c.Seed, times); err != nil {
		return nil, nil, err
	}
	closers = append(closers, func() error { return b.e.close(context.WithoutCancel(ctx)) })
	b.durable, b.progress = client, progress
	return b, stop, b.fill(ctx, c.Calls)
}

// write prints the table and, where asked for, the file.
func (c *benchDispatchCmd) write(f *dispatchFigures, std streams) error {
	return writeFigures(std, c.JSON, f, func(to io.Writer) error {
		w := tabwriter.NewWriter(to, 0, 0, 2, ' ', 0)
		rate := fmt.Sprintf("%d quotes/s, %d bookings/s, %d positions/s and improvement", quoteRate, bookRate, positionRate)
		_, _ = fmt.Fprintf(w, "%s\t\t\t\n", rate)
		_, _ = fmt.Fprintf(w, "  Kurobe, quote\tp50 %.1f ms\tp99 %.1f ms\t%.2f ms of processor time\n", f.QuoteP50Ms, f.QuoteP99Ms, f.QuoteCPUMs)
		_, _ = fmt.Fprintf(w, "  Kurobe, booking, synced to disk\tp50 %.1f ms\tp99 %.1f ms\t%.2f ms of processor time\n", f.BookP50Ms, f.BookP99Ms, f.BookCPUMs)
		_, _ = fmt.Fprintf(w, "  the same, not synced\t\tp99 %.1f ms\t\n", f.BookP99NoFsyncMs)
		_, _ = fmt.Fprintf(w, "  %d times Kurobe, quote\tp50 %.1f ms\tp99 %.1f ms\t%.2f ms of processor time\n", c.Times, f.BigQuoteP50Ms, f.BigQuoteP99Ms, f.BigQuoteCPUMs)
		_, _ = fmt.Fprintf(w, "  %d times Kurobe, booking\t\tp99 %.1f ms\t%.2f ms of processor time\n", c.Times, f.BigBookP99Ms, f.BigBookCPUMs)
		_, _ = fmt.Fprintf(w, "append and sync of 4 KiB, idle\t\tp99 %.1f ms\t\n", f.FsyncP99Ms)
		_, _ = fmt.Fprintf(w, "Kurobe, quotes without a pause\t%.0f/s\t\t\n", f.QuotesPerS)
		_, _ = fmt.Fprintf(w, "quote, booking and cancellation by %d callers of one desk\t%.0f/s\t\t\n", commitWriters, f.DeskRoundsPerS)
		_, _ = fmt.Fprintf(w, "commits by %d writers in one area\t%.0f/s\t%d lost\t\n", commitWriters, f.CommitsPerS, f.LostUpdates)
		return w.Flush()
	})
}
