package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/term"

	"github.com/swmaas/swmaas/api"
	"github.com/swmaas/swmaas/cmd/swmaas/redisd"
	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/dispatch/sim"
	"github.com/swmaas/swmaas/dispatch/sim/town"
)

// demoCmd plays a generated day against a whole engine of its own.
type demoCmd struct {
	Speed    float64 `default:"300" help:"Virtual seconds in a real second, from 7:00 of the day on."`
	Headless bool    `help:"Play as fast as things go, on a virtual clock, so that a seed gives the same day on any machine."`
	JSON     string  `name:"json" placeholder:"FILE" help:"Write the figures of the day as JSON; - for standard output."`
	Export   string  `placeholder:"DIR" type:"path" help:"Write vehicles.csv, rides.csv and stops.csv of the executed day."`
	Seed     uint64  `default:"7" help:"The day to generate."`
	Data     string  `placeholder:"DIR" type:"path" help:"Keep the engine's data in this folder; a day that was interrupted is taken up again from it. Default: a folder that is deleted at the end."`
}

// Validate is called by kong.
func (c *demoCmd) Validate() error {
	if !(c.Speed > 0) {
		return fmt.Errorf("--speed %g: must be positive", c.Speed)
	}
	return nil
}

// demoRun is one run of the demo, being set up step by step.
type demoRun struct {
	cmd      *demoCmd
	std      streams
	town     *town.Town
	clock    *sim.Clock
	policies *dispatch.PolicySet
	data     *demoData
	e        *engine
	addr     string
}

// Run plays the day.
func (c *demoCmd) Run(ctx context.Context, std streams) (err error) {
	if err := c.checkTargets(); err != nil {
		return err
	}
	r := &demoRun{cmd: c, std: std}
	if r.town, err = town.Generate(c.Seed); err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	if r.data, err = openDemoData(c.Data, r.town); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.data.close()) }()
	if err := r.data.mark(); err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	if err := r.start(ctx); err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	defer func() { err = errors.Join(err, r.e.close(context.WithoutCancel(ctx))) }()
	if err := r.open(ctx); err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	record, err := r.play(ctx)
	if err != nil {
		return r.ended(ctx, err)
	}
	if err := r.data.finish(); err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	if err := r.results(record); err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	r.stay(ctx)
	return nil
}

// ended says what an unfinished day means to the person who started it.
func (r *demoRun) ended(ctx context.Context, err error) error {
	switch {
	case ctx.Err() == nil:
		return fmt.Errorf("demo: %w", err)
	case r.data.temporary:
		return errors.New("demo: interrupted")
	}
	return fmt.Errorf("demo: interrupted; the same command takes the day up again from %s", r.data.dir)
}

// checkTargets finds out whether results can be written, before a day is played for them.
func (c *demoCmd) checkTargets() error {
	if c.Export != "" {
		if err := os.MkdirAll(c.Export, 0o755); err != nil {
			return usageError("demo: --export: %w", err)
		}
	}
	if c.JSON == "" || c.JSON == "-" {
		return nil
	}
	if info, err := os.Stat(filepath.Dir(c.JSON)); err != nil {
		return usageError("demo: --json: %w", err)
	} else if !info.IsDir() {
		return usageError("demo: --json: %s is not a folder", filepath.Dir(c.JSON))
	}
	if info, err := os.Stat(c.JSON); err == nil && info.IsDir() {
		return usageError("demo: --json: %s is a folder", c.JSON)
	}
	return nil
}

// start starts the engine on a clock of its own, in an in-process store where redis-server is not installed.
func (r *demoRun) start(ctx context.Context) error {
	midnight, err := time.ParseInLocation(time.DateOnly, string(r.town.Day), time.FixedZone("JST", 9*3600))
	if err != nil {
		return err
	}
	r.clock = sim.NewClock(midnight, r.town.Calls[0].At)
	if r.policies, err = dispatch.KurobePolicies(serviceZone()); err != nil {
		return err
	}
	cfg := engineConfig{
		data: r.data.dir, policies: r.policies, graph: r.town.Graph, riders: r.town, now: r.clock.Now,
		// On a slow machine a repair of the whole day may take longer than people would wait for it.
		service: api.Config{CallTimeout: 2 * time.Minute},
		log:     slog.New(slog.NewTextHandler(r.std.err, &slog.HandlerOptions{Level: slog.LevelWarn})),
	}
	r.e, err = startEngine(ctx, cfg)
	if errors.Is(err, redisd.ErrNotInstalled) {
		if r.data.resumed() {
			return fmt.Errorf("the day in %s cannot be taken up again: %w", r.data.dir, err)
		}
		r.say("warning: %v\n         The demo runs on an in-process store instead: nothing is kept, and a crash would lose every booking.", err)
		cfg.memory = true
		if err := r.data.forget(); err != nil {
			return err
		}
		cfg.data = r.data.dir
		r.e, err = startEngine(ctx, cfg)
	}
	return err
}

// open puts the town's fleet into the engine and opens the port.
func (r *demoRun) open(ctx context.Context) error {
	if err := r.e.fleet.SaveFleet(ctx, string(town.Area), r.town.Fleet); err != nil {
		return err
	}
	if err := r.e.fleet.SaveShifts(ctx, string(town.Area), string(r.town.Day), r.town.Shifts); err != nil {
		return err
	}
	if err := r.e.settleRiders(ctx, r.town); err != nil {
		return err
	}
	const usual, any = "127.0.0.1:7443", "127.0.0.1:0"
	want := usual
	if r.cmd.Headless {
		want = any
	}
	addr, err := r.e.listen(want)
	if err != nil && want == usual { // another engine has the port
		addr, err = r.e.listen(any)
	}
	if err != nil {
		return err
	}
	r.addr = addr.String()
	m := r.town.Mix()
	r.say("Kurobe, %s, seed %d: %d calls of %d riders (%d by wheelchair users), %d vehicles of %d facilities.",
		r.town.Day, r.town.Seed, m.Calls, m.Riders, m.Wheelchairs, len(r.town.Fleet.Vehicles), len(r.town.Fleet.Facilities))
	r.say("Districts, towns and public places are real; roads, facilities, vehicles, riders and calls are generated.")
	r.say("Engine: gRPC on %s, store %s (appendfsync %s), data in %s.", r.addr, r.e.store, r.e.appendFsync, r.data.dir)
	if r.data.resumed() {
		r.say("The day was interrupted and is taken up again.")
	}
	return nil
}

// play books, drives and improves through the port until the day is over.
func (r *demoRun) play(ctx context.Context) (*sim.Record, error) {
	lines, err := dialDemo(r)
	if err != nil {
		return nil, err
	}
	defer lines.close()
	office, err := lines.office(r.e.desk)
	if err != nil {
		return nil, err
	}
	view := newDemoView(r)
	cfg := sim.Config{
		Scenario: scenario(r.town, r.policies.At(town.Area, r.town.Day)), Booker: lines, Drivers: lines, Register: lines, Improver: &demoImprover{desk: r.e.desk, day: r.town.Day},
		Office: office, Clock: r.clock, Observe: view.observe, RunID: r.data.runID(),
	}
	if !r.cmd.Headless {
		cfg.Speed = r.cmd.Speed
	}
	day, err := sim.New(cfg)
	if err != nil {
		return nil, err
	}
	record, err := day.Run(ctx)
	view.close()
	return record, err
}

// scenario is the town's day in the simulator's words.
func scenario(t *town.Town, policy *dispatch.Policy) sim.Scenario {
	s := sim.Scenario{
		Seed: t.Seed, Area: town.Area, Day: t.Day, Graph: t.Graph, Fleet: t.Fleet, Shifts: t.Shifts, Policy: policy, Riders: t,
	}
	for _, c := range t.Calls {
		s.Calls = append(s.Calls, sim.Call(c))
	}
	s.Incidents = demoIncidents(s.Calls)
	return s
}

// improveIterations is the work of one improvement, counted so that a seed gives the same plan on any machine. More buys
// nothing here: on seed 7 rounds of 400 drive 1,243 km, of 1,500 1,215 km and of 5,000 1,228 km (2026-11-22).
const improveIterations = 400

// demoImprover lets the engine improve the day's plan when the simulator says so.
type demoImprover struct {
	desk *dispatch.Desk
	day  dispatch.Day
	runs uint64
}

// Improve runs one improvement.
func (i *demoImprover) Improve(ctx context.Context) (int64, error) {
	i.runs++
	r, err := i.desk.Improve(ctx, town.Area, i.day, dispatch.ImproveOptions{Iterations: improveIterations, Seed: i.runs})
	return r.Revision, err
}

// stay keeps the engine up on a terminal, for people to look around.
func (r *demoRun) stay(ctx context.Context) {
	if r.cmd.Headless || !isTerminal(r.std.out) {
		return
	}
	token, err := r.token(api.Grant{Subject: "demo", Role: api.Dispatcher})
	if err != nil {
		return
	}
	r.say("\nThe engine stays up; look around with grpcurl, and stop it with Ctrl-C:")
	r.say("  TOKEN=%s", token)
	r.say("  grpcurl -plaintext %s list", r.addr)
	for _, method := range []string{"Council/GetDaySummary", "Booking/ListRides", "Fleet/ListVehicles"} {
		body := fmt.Sprintf(`{"area":%q,"service_date":%q}`, town.Area, r.town.Day)
		if method == "Fleet/ListVehicles" {
			body = fmt.Sprintf(`{"area":%q}`, town.Area)
		}
		r.say(`  grpcurl -plaintext -H "authorization: Bearer $TOKEN" -d '%s' %s swmaas.v1.%s`, body, r.addr, method)
	}
	<-ctx.Done()
}

// token makes a token of the engine for its own area, good for a day.
func (r *demoRun) token(g api.Grant) (string, error) {
	g.Area, g.Life = string(town.Area), 24*time.Hour
	return r.e.keys.Issue(&g, time.Now())
}

// say prints a line of progress.
func (r *demoRun) say(format string, args ...any) {
	_, _ = fmt.Fprintf(r.std.err, format+"\n", args...)
}

// isTerminal reports whether somebody is watching a stream.
func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}
