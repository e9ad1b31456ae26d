package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/dispatch/dayfile"
	"github.com/swmaas/swmaas/dispatch/planstore"
	"github.com/swmaas/swmaas/vehicles"
)

// sheetPrinter writes the sheets of days as files that only their owner can read. Safe for concurrent use.
type sheetPrinter struct {
	desk     *dispatch.Desk // needs no roads
	riders   *dispatch.Register
	places   *planstore.Register
	accesses *planstore.AccessLog
	readings dayfile.Readings
	actor    string // who prints, for the access log
}

// errNoSheets means that a day has neither shifts nor rides.
var errNoSheets = errors.New("there is neither a shift nor a ride on this day")

// printed is what a printer has written.
type printed struct {
	dir      string
	revision int64
	files    []string // names in dir
}

// sheetKinds are what can be printed alone.
var sheetKinds = []string{"driver", "facility", "office", "calls"}

// print writes the sheets of a day, all at one revision, into DIR/AREA/DAY and removes sheets there that are no longer part of
// it, as of a driver who is away now. Nothing but ids is in the names. only is one of sheetKinds, or empty for all.
func (p *sheetPrinter) print(ctx context.Context, day dispatch.AreaDay, dir, only string) (*printed, error) {
	places, _, err := p.places.Places(ctx, day.Area, 0)
	if err != nil {
		return nil, err
	}
	paper, err := p.desk.Paper(ctx, day.Area, day.Day, dispatch.PaperBooks{Riders: p.riders, Places: places})
	if err != nil {
		return nil, err
	}
	if len(paper.Drivers()) == 0 && len(paper.State.Rides) == 0 {
		return nil, fmt.Errorf("%s %s: %w", day.Area, day.Day, errNoSheets)
	}
	if err := p.note(ctx, day.Area, paper); err != nil {
		return nil, err
	}
	files := sheetFiles(&dayfile.Sheets{Paper: paper, Readings: p.readings}, only)
	done := &printed{dir: sheetDir(dir, day), revision: paper.State.Revision}
	if err := os.MkdirAll(done.dir, 0o700); err != nil {
		return nil, err
	}
	if err := writeSet(done.dir, 0o600, files); err != nil {
		return nil, err
	}
	for _, f := range files {
		done.files = append(done.files, f.name)
	}
	return done, done.removeOthers(only)
}

// note writes down whose data are about to be on paper; nothing is printed where that fails.
func (p *sheetPrinter) note(ctx context.Context, area dispatch.AreaID, paper *dispatch.Paper) error {
	riders := paper.Riders()
	if len(riders) == 0 {
		return nil
	}
	return p.accesses.Record(ctx, area, dispatch.Access{
		Subject: p.actor, Method: p.actor, Riders: riders,
		Fields: []string{"care", "contacts", "driver_note", "home", "kana", "name", "phones", "places"},
	})
}

// sheetFiles lists the files of one kind of sheets, or of all.
func sheetFiles(s *dayfile.Sheets, only string) []outputFile {
	var files []outputFile
	add := func(kind, id string, write func(io.Writer) error) {
		if only != "" && only != kind {
			return
		}
		if id != "" {
			kind += "-" + fileID(id)
		}
		files = append(files, outputFile{kind + ".html", write})
	}
	for _, d := range s.Paper.Drivers() {
		add("driver", string(d), func(w io.Writer) error { return s.WriteManifest(w, d) })
	}
	for _, f := range s.Paper.Fleet.Facilities {
		add("facility", string(f.ID), func(w io.Writer) error {
			return s.WriteFacility(w, f.ID, dispatch.Viewer{Kind: dispatch.OperatorViewer})
		})
	}
	add("office", "", s.WriteOffice)
	add("calls", "", s.WriteCalls)
	return files
}

// removeOthers removes the sheets in the folder that were printed before and are none of those printed now.
func (d *printed) removeOthers(only string) error {
	there, err := os.ReadDir(d.dir)
	if err != nil {
		return err
	}
	var errs []error
	for _, f := range there {
		if kind := sheetKind(f.Name()); kind != "" && (only == "" || only == kind) && !slices.Contains(d.files, f.Name()) {
			errs = append(errs, os.Remove(filepath.Join(d.dir, f.Name())))
		}
	}
	return errors.Join(errs...)
}

// sheetKind is the kind of the sheet in a file of that name, empty for any other file.
func sheetKind(name string) string {
	stem, html := strings.CutSuffix(name, ".html")
	kind, id, numbered := strings.Cut(stem, "-")
	if !html || !slices.Contains(sheetKinds, kind) || numbered != (kind == "driver" || kind == "facility") || numbered && id == "" {
		return ""
	}
	return kind
}

// sheetDir is the folder of a day's sheets.
func sheetDir(dir string, day dispatch.AreaDay) string {
	return filepath.Join(dir, fileID(string(day.Area)), string(day.Day))
}

// longFileID is the longest id, once escaped, that a file is named after; file systems end at 255 bytes.
const longFileID = 100

// fileID is an id as part of a file's name.
func fileID(id string) string {
	name := strings.ReplaceAll(url.PathEscape(id), ".", "%2E")
	if len(name) > longFileID {
		sum := sha256.Sum256([]byte(id))
		name = hex.EncodeToString(sum[:16])
	}
	return name
}

// dropSheets removes the sheets of days before a date, which hold personal data that the store may have erased meanwhile. Only
// files that a printer wrote are touched.
func dropSheets(dir string, before vehicles.Date) error {
	days, err := filepath.Glob(filepath.Join(dir, "*", "????-??-??"))
	if err != nil {
		return err
	}
	var errs []error
	for _, day := range days {
		if _, err := time.Parse(time.DateOnly, filepath.Base(day)); err != nil || vehicles.Date(filepath.Base(day)) >= before {
			continue
		}
		errs = append(errs, (&printed{dir: day}).removeOthers(""))
		_ = os.Remove(day) // stays where something else is in it
	}
	return errors.Join(errs...)
}
