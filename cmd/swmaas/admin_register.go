package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/swmaas/swmaas/cmd/swmaas/redisd"
	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/dispatch/dayfile"
	"github.com/swmaas/swmaas/dispatch/planstore"
	"github.com/swmaas/swmaas/vehicles/fleetstore"
)

// storeFlags name the store of an installation; the service may be running.
type storeFlags struct {
	Area     string `required:"" help:"Area, such as kurobe."`
	Redis    string `placeholder:"URL" help:"The service's durable Redis, or a cluster's addresses joined by commas. Without it the private one of the data folder."`
	Data     string `default:"swmaas-data" type:"path" help:"Data folder of the installation, which holds the keys of personal data."`
	keyFlags `embed:""`
}

// registerStore is a register opened for one command.
type registerStore struct {
	area     dispatch.AreaID
	riders   *dispatch.Register
	records  *planstore.Register
	plans    *planstore.Store
	dataKeys *planstore.DataKeys
	accesses *planstore.AccessLog
	fleet    *fleetstore.Store
	close    func(context.Context) error
}

// openRegister opens the register of an installation beside the service. With create an installation that was never started
// is made, so that its register can be filled first.
func (f *storeFlags) openRegister(ctx context.Context, create bool) (_ *registerStore, err error) {
	if !create {
		if _, err := os.Stat(f.Data); err != nil {
			return nil, usageError("%s is not the data folder of an installation: %w", f.Data, err)
		}
	} else if err := os.MkdirAll(f.Data, 0o700); err != nil {
		return nil, err
	}
	e := &engine{}
	defer func() {
		if err != nil {
			err = errors.Join(err, e.close(context.WithoutCancel(ctx)))
		}
	}()
	client, err := e.besideService(ctx, f.Data, f.Redis)
	if errors.Is(err, redisd.ErrNotInstalled) {
		return nil, fmt.Errorf("the private store needs redis-server: %w", err)
	}
	if err != nil {
		return nil, err
	}
	s := &registerStore{area: dispatch.AreaID(f.Area), dataKeys: planstore.NewDataKeys(client), accesses: planstore.NewAccessLog(client), close: e.close}
	ring, err := openRing(f.Data, f.keyFlags, s.dataKeys)
	if err != nil {
		return nil, err
	}
	if s.records, err = planstore.NewRegister(client, ring); err != nil {
		return nil, err
	}
	s.riders = dispatch.NewRegister(s.records, time.Now)
	if s.fleet, err = fleetstore.New(client, client, fleetstore.Config{Sealer: ring}); err != nil {
		return nil, err
	}
	s.plans, err = planstore.New(client, ring, planstore.Config{})
	return s, err
}

// adminImportCmd takes files into the register.
type adminImportCmd struct {
	storeFlags `embed:""`
	Riders     string `placeholder:"FILE" type:"existingfile" help:"CSV of riders. Those of the register are changed as far as the file has columns, others are added, nobody is removed."`
	Places     string `placeholder:"FILE" type:"existingfile" help:"CSV of places for the search. They take the place of all that were there, so every line must be right."`
	Rejected   string `placeholder:"FILE" help:"Write the lines that were not taken to this CSV as well, with what to write instead."`
	DryRun     bool   `help:"Check only: say what would happen and write nothing to the store."`
}

// Names of the commands in the log of the register.
const importActor, eraseActor, exportActor = "admin import", "admin erase", "admin export"

// importBatch is how many riders are written in one step.
const importBatch = 200

// Run imports. Lines with faults are left out and end the command with exit code 2 after the others were taken.
func (c *adminImportCmd) Run(ctx context.Context, std streams) (err error) {
	if c.Riders == "" && c.Places == "" {
		return usageError("admin import: name --riders, --places or both")
	}
	s, err := c.openRegister(ctx, true)
	if err != nil {
		return fmt.Errorf("admin import: %w", err)
	}
	defer func() { err = errors.Join(err, s.close(context.WithoutCancel(ctx))) }()
	var rejected []dayfile.Rejected
	for _, part := range []struct {
		file string
		take func(context.Context, streams, *registerStore) ([]dayfile.Rejected, error)
	}{{c.Riders, c.riders}, {c.Places, c.places}} {
		if part.file == "" {
			continue
		}
		faults, err := part.take(ctx, std, s)
		if errors.Is(err, dayfile.ErrBadFile) {
			return usageError("admin import: %w", err)
		}
		if err != nil {
			return fmt.Errorf("admin import: %w", err)
		}
		rejected = append(rejected, faults...)
	}
	return c.report(std, rejected)
}

// riders imports the riders' file.
func (c *adminImportCmd) riders(ctx context.Context, std streams, s *registerStore) (rejected []dayfile.Rejected, err error) {
	var result imported
	err = withFile(c.Riders, func(f io.Reader) (err error) {
		result, err = s.importRiders(ctx, importActor, c.Riders, f, c.DryRun)
		return err
	})
	if errors.Is(err, dispatch.ErrErased) {
		return nil, usageError("%w: a number of somebody erased is not given again; take the line out and import again", err)
	}
	if err != nil {
		return nil, err
	}
	verb := "taken"
	if c.DryRun {
		verb = "would be taken"
	}
	_, err = fmt.Fprintf(std.err, "%s: %d riders %s, %d of them new\n", c.Riders, result.taken, verb, result.added)
	return result.rejected, err
}

// imported is what became of a file.
type imported struct {
	taken, added int
	rejected     []dayfile.Rejected
}

// importRiders takes the riders of a file into the register, or with dry says what would happen.
func (s *registerStore) importRiders(ctx context.Context, actor, name string, f io.Reader, dry bool) (imported, error) {
	all, err := s.riders.All(ctx, s.area)
	if err != nil {
		return imported{}, err
	}
	there := make(map[dispatch.RiderID]*dispatch.Rider, len(all))
	for _, r := range all {
		there[r.ID] = r
	}
	riders, rejected, err := dayfile.ReadRiders(f, name, s.area, func(id dispatch.RiderID) *dispatch.Rider { return there[id] })
	if err != nil {
		return imported{}, err
	}
	result := imported{taken: len(riders), rejected: rejected}
	for _, r := range riders {
		if there[r.ID] == nil {
			result.added++
		}
	}
	if dry {
		return result, nil
	}
	for batch := range slices.Chunk(riders, importBatch) {
		if _, err := s.riders.SaveAll(ctx, actor, batch); err != nil {
			return imported{}, fmt.Errorf("%w (the riders before are saved; the same file goes on)", err)
		}
	}
	return result, nil
}

// importPlaces makes the places of a file those of the area, where all of it is right and not dry.
func (s *registerStore) importPlaces(ctx context.Context, name string, f io.Reader, dry bool) (imported, error) {
	places, rejected, err := dayfile.ReadPlaces(f, name)
	if err != nil || len(rejected) > 0 || dry {
		return imported{taken: len(places), rejected: rejected}, err
	}
	return imported{taken: len(places)}, s.records.SavePlaces(ctx, s.area, places)
}

// places imports the places' file, where all of it is right.
func (c *adminImportCmd) places(ctx context.Context, std streams, s *registerStore) (rejected []dayfile.Rejected, err error) {
	var result imported
	err = withFile(c.Places, func(f io.Reader) (err error) {
		result, err = s.importPlaces(ctx, c.Places, f, c.DryRun)
		return err
	})
	if err != nil {
		return nil, err
	}
	verb := "taken"
	switch {
	case len(result.rejected) > 0:
		verb = "read, none of them taken"
	case c.DryRun:
		verb = "would be taken"
	}
	_, err = fmt.Fprintf(std.err, "%s: %d places %s\n", c.Places, result.taken, verb)
	return result.rejected, err
}

// report says which lines were not taken. Lines are named, and never what they hold.
func (c *adminImportCmd) report(std streams, rejected []dayfile.Rejected) error {
	for _, r := range rejected {
		if _, err := fmt.Fprintln(std.err, r); err != nil {
			return err
		}
	}
	if c.Rejected != "" {
		err := newPrivateFile(c.Rejected, func(w io.Writer) error { return dayfile.WriteRejected(w, rejected) })
		if err != nil {
			return fmt.Errorf("admin import: --rejected: %w", err)
		}
	}
	if len(rejected) > 0 {
		return usageError("admin import: %d faults; put them right and import the same file again", len(rejected))
	}
	return nil
}

// withFile reads a file with read.
func withFile(name string, read func(io.Reader) error) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	return read(f)
}

// newPrivateFile writes a file that only its owner can read. A file of that name is not overwritten unless all was written.
func newPrivateFile(name string, write func(io.Writer) error) (err error) {
	f, err := os.CreateTemp(filepath.Dir(name), ".swmaas-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(f.Name()))
		}
	}()
	if err := write(f); err != nil {
		return errors.Join(err, f.Close())
	}
	if err := f.Close(); err != nil {
		return err
	}
	return os.Rename(f.Name(), name)
}
