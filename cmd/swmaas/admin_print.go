package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/dispatch/dayfile"
)

// adminPrintCmd writes the sheets of a day, from the stores alone: no engine need be running, and no road graph be there.
type adminPrintCmd struct {
	storeFlags `embed:""`
	Day        string `required:"" placeholder:"DATE" help:"Service day, such as 2026-01-20."`
	Output     string `short:"o" default:"." type:"path" placeholder:"DIR" help:"Folder; the sheets go to AREA/DAY in it, readable by their owner only."`
	Only       string `enum:",driver,facility,office,calls" default:"" help:"Print one kind only: driver (運行指示・乗務予定表), facility (送迎表), office (緊急時運行表) or calls (前日連絡表)."`
}

const printActor = "admin print"

// Run prints.
func (c *adminPrintCmd) Run(ctx context.Context, std streams) (err error) {
	s, err := c.openRegister(ctx, false)
	if err != nil {
		return fmt.Errorf("admin print: %w", err)
	}
	defer func() { err = errors.Join(err, s.close(context.WithoutCancel(ctx))) }()
	cfg := dispatch.Config{Calendars: s.fleet}
	if _, err := rand.Read(cfg.OfferKey[:]); err != nil { // no offer is made
		return fmt.Errorf("admin print: %w", err)
	}
	desk, err := dispatch.NewDesk(cfg, s.plans, s.fleet, dispatch.NoRoads{}, time.Now)
	if err != nil {
		return fmt.Errorf("admin print: %w", err)
	}
	p := &sheetPrinter{desk: desk, riders: s.riders, places: s.records, accesses: s.accesses, readings: dayfile.NewDictionary(), actor: printActor}
	done, err := p.print(ctx, dispatch.AreaDay{Area: s.area, Day: dispatch.Day(c.Day)}, c.Output, c.Only)
	if errors.Is(err, errNoSheets) || errors.Is(err, dispatch.ErrInvalid) {
		return usageError("admin print: %w", err)
	}
	if err != nil {
		return fmt.Errorf("admin print: %w", err)
	}
	_, err = fmt.Fprintf(std.err, "%s: %d sheets of revision %d\n", done.dir, len(done.files), done.revision)
	return err
}
