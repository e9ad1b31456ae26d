package main

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/dispatch/dayfile"
)

// adminExportCmd writes the register to files, never to standard output, where logs and screens would keep it.
type adminExportCmd struct {
	storeFlags `embed:""`
	Riders     string `placeholder:"FILE" help:"Write the riders to this CSV, readable by its owner only. The import reads it back."`
	Rider      string `placeholder:"ID" help:"Only this rider: what a person is given who asks what is kept of them."`
	Rides      string `placeholder:"FILE" help:"With --rider: write the person's rides to this CSV."`
	Log        string `placeholder:"FILE" help:"Write who changed which fields when to this CSV; with --rider only for the person."`
	Places     string `placeholder:"FILE" help:"Write the places of the search to this CSV."`
}

// Validate is called by kong.
func (c *adminExportCmd) Validate() error {
	targets := []string{c.Riders, c.Rides, c.Log, c.Places}
	if strings.Join(targets, "") == "" {
		return errors.New("name --riders, --rides, --log or --places")
	}
	for _, t := range targets {
		if t == "-" {
			return errors.New("the register is not written to standard output; name a file")
		}
	}
	if c.Rides != "" && c.Rider == "" {
		return errors.New("--rides needs --rider")
	}
	return nil
}

// Run exports.
func (c *adminExportCmd) Run(ctx context.Context, std streams) (err error) {
	s, err := c.openRegister(ctx, false)
	if err != nil {
		return fmt.Errorf("admin export: %w", err)
	}
	defer func() { err = errors.Join(err, s.close(context.WithoutCancel(ctx))) }()
	if err := c.note(ctx, s); err != nil {
		return fmt.Errorf("admin export: %w", err)
	}
	for _, part := range []struct {
		file  string
		write func(context.Context, *registerStore, io.Writer) (int, error)
	}{{c.Riders, c.riders}, {c.Rides, c.rides}, {c.Log, c.log}, {c.Places, c.places}} {
		if part.file == "" {
			continue
		}
		n := 0
		err := newPrivateFile(part.file, func(w io.Writer) (err error) {
			n, err = part.write(ctx, s, w)
			return err
		})
		if err == nil {
			_, err = fmt.Fprintf(std.err, "%s: %d lines\n", part.file, n)
		}
		if err != nil {
			return fmt.Errorf("admin export: %w", err)
		}
	}
	return nil
}

// note writes the export down in the access log before anything is read.
func (c *adminExportCmd) note(ctx context.Context, s *registerStore) error {
	look := dispatch.Access{Subject: exportActor, Method: exportActor, Riders: []dispatch.RiderID{dispatch.Everybody}}
	if c.Rider != "" {
		look.Riders = []dispatch.RiderID{dispatch.RiderID(c.Rider)}
	}
	for field, asked := range map[string]string{"rider": c.Riders, "rides": c.Rides} {
		if asked != "" {
			look.Fields = append(look.Fields, field)
		}
	}
	if look.Fields == nil {
		return nil // places are public, and the log of the register names no more than who changed which fields
	}
	slices.Sort(look.Fields)
	return s.accesses.Record(ctx, s.area, look)
}

func (c *adminExportCmd) riders(ctx context.Context, s *registerStore, w io.Writer) (int, error) {
	if c.Rider != "" {
		r, err := s.riders.Rider(ctx, s.area, dispatch.RiderID(c.Rider))
		if err != nil {
			return 0, err
		}
		return 1, dayfile.WriteRiders(w, []*dispatch.Rider{r})
	}
	all, err := s.riders.All(ctx, s.area)
	if err != nil {
		return 0, err
	}
	return len(all), dayfile.WriteRiders(w, all)
}

// rides writes every ride of the person that is still stored, by day.
func (c *adminExportCmd) rides(ctx context.Context, s *registerStore, w io.Writer) (int, error) {
	days, err := s.plans.Days(ctx)
	if err != nil {
		return 0, err
	}
	var rides []*dispatch.Ride
	for _, d := range days {
		if d.Area != s.area {
			continue
		}
		state, err := s.plans.Load(ctx, d.Area, d.Day)
		if err != nil {
			return 0, err
		}
		for _, r := range state.Rides {
			if r.Rider == dispatch.RiderID(c.Rider) {
				rides = append(rides, r)
			}
		}
	}
	return len(rides), dayfile.WriteRides(w, rides)
}

// logPage is how many events are read at once.
const logPage = 1000

func (c *adminExportCmd) log(ctx context.Context, s *registerStore, w io.Writer) (n int, err error) {
	out := csv.NewWriter(w)
	if err := out.Write([]string{"at", "actor", "what", "rider", "fields"}); err != nil {
		return 0, err
	}
	for after := dispatch.EventID(""); ; {
		page, err := s.records.RegisterEvents(ctx, s.area, after, logPage)
		if err != nil {
			return n, err
		}
		for _, e := range page {
			after = e.ID
			if c.Rider != "" && e.Rider != dispatch.RiderID(c.Rider) {
				continue
			}
			n++
			row := []string{e.At.Format(time.RFC3339), e.Actor, string(e.Kind), string(e.Rider), strings.Join(e.Fields, " ")}
			if err := out.Write(row); err != nil {
				return n, err
			}
		}
		if len(page) < logPage {
			out.Flush()
			return n, out.Error()
		}
	}
}

func (c *adminExportCmd) places(ctx context.Context, s *registerStore, w io.Writer) (int, error) {
	places, _, err := s.records.Places(ctx, s.area, 0)
	if err != nil {
		return 0, err
	}
	return len(places), dayfile.WritePlaces(w, places)
}

// adminEraseCmd erases a person.
type adminEraseCmd struct {
	storeFlags `embed:""`
	Rider      string `required:"" placeholder:"ID" help:"The person's number."`
	Yes        bool   `help:"Yes, for good: what is sealed for the person cannot be read by anybody afterwards, backups of the keys aside."`
}

// Run destroys the person's key and entry, takes their open rides out of the cells, and starts rewriting Redis's files so that they leave the disk too.
func (c *adminEraseCmd) Run(ctx context.Context, std streams) (err error) {
	if !c.Yes {
		return usageError("admin erase: this cannot be undone; export the person first where they want a copy, then repeat with --yes")
	}
	s, err := c.openRegister(ctx, false)
	if err != nil {
		return fmt.Errorf("admin erase: %w", err)
	}
	defer func() { err = errors.Join(err, s.close(context.WithoutCancel(ctx))) }()
	err = s.riders.Erase(ctx, eraseActor, s.area, dispatch.RiderID(c.Rider))
	if errors.Is(err, dispatch.ErrNotFound) {
		return usageError("admin erase: nothing is kept of a rider %s in %s", c.Rider, s.area)
	}
	if err != nil {
		return fmt.Errorf("admin erase: %w", err)
	}
	if err := s.plans.ForgetPlaces(ctx, s.area, dispatch.RiderID(c.Rider)); err != nil {
		return fmt.Errorf("admin erase: the person is erased, but not yet where their open rides were to go: repeat it: %w", err)
	}
	note := "the files of Redis are being rewritten without the key"
	if err := s.dataKeys.ForgetHistory(ctx); err != nil {
		note = "Redis did not rewrite its files, run BGREWRITEAOF there: " + err.Error()
	}
	_, err = fmt.Fprintf(std.err, "%s erased; a running service forgets the key within a minute; %s\n", c.Rider, note)
	return err
}
