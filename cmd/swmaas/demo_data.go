package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/swmaas/swmaas/dispatch/sim/town"
)

// demoMarkFile marks a data folder as a demo's.
const demoMarkFile = "demo.json"

// demoMark is the content of the mark.
type demoMark struct {
	Town     string `json:"town"`
	Seed     uint64 `json:"seed"`
	Day      string `json:"day"`
	Runs     int    `json:"runs"` // times that the day was begun or taken up again
	Finished bool   `json:"finished"`
}

// demoData is the demo's data folder.
type demoData struct {
	dir       string
	temporary bool
	again     bool // it held a day that was begun before
	state     demoMark
}

// openDemoData finds out whether the folder may be used: one that is new or empty, or that holds an unfinished day of the
// same seed. Without a folder a temporary one is made. Errors of use end with exit code 2 and name the folder.
func openDemoData(dir string, t *town.Town) (*demoData, error) {
	d := &demoData{dir: dir, state: demoMark{Town: town.Name, Seed: t.Seed, Day: string(t.Day)}}
	if dir == "" {
		made, err := os.MkdirTemp("", "swmaas-demo-")
		if err != nil {
			return nil, fmt.Errorf("demo: %w", err)
		}
		d.dir, d.temporary = made, true
		return d, nil
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, usageError("demo: --data: %w", err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, usageError("demo: --data: %w", err)
	}
	if len(entries) == 0 {
		return d, nil
	}
	raw, err := os.ReadFile(filepath.Join(dir, demoMarkFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, usageError("demo: --data: %s is in use and not by a demo; name another folder", dir)
	}
	var mark demoMark
	if err == nil {
		err = json.Unmarshal(raw, &mark)
	}
	switch {
	case err != nil:
		return nil, usageError("demo: --data: %s: %s cannot be read (%w); name another folder", dir, demoMarkFile, err)
	case mark.Town != town.Name || mark.Seed != t.Seed || mark.Day != string(t.Day):
		return nil, usageError("demo: --data: %s holds the day of %s with seed %d; name another folder, or --seed %d", dir, mark.Town, mark.Seed, mark.Seed)
	case mark.Finished:
		return nil, usageError("demo: --data: %s holds a finished day; name another folder", dir)
	}
	d.state, d.again = mark, true
	return d, nil
}

// resumed reports whether the folder holds a day that was begun before.
func (d *demoData) resumed() bool { return d.again }

// runID tells this run's idempotency keys from those of earlier runs of the day.
func (d *demoData) runID() string { return fmt.Sprintf("demo-%d-%d", d.state.Seed, d.state.Runs) }

// forget moves to a temporary folder, for a run that keeps nothing, and leaves the one that was named as it was: empty.
func (d *demoData) forget() error {
	if d.temporary {
		return nil
	}
	entries, err := os.ReadDir(d.dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if err := os.RemoveAll(filepath.Join(d.dir, e.Name())); err != nil {
			return err
		}
	}
	d.temporary = true
	d.dir, err = os.MkdirTemp("", "swmaas-demo-")
	return err
}

// mark notes that a run of the day begins.
func (d *demoData) mark() error {
	d.state.Runs++
	return d.write()
}

// finish notes that the day is over.
func (d *demoData) finish() error {
	d.state.Finished = true
	return d.write()
}

func (d *demoData) write() error {
	if d.temporary {
		return nil
	}
	raw, err := json.Marshal(d.state)
	if err != nil {
		return err
	}
	path := filepath.Join(d.dir, demoMarkFile)
	if err := os.WriteFile(path+".new", append(raw, '\n'), 0o600); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}

// close deletes a temporary folder.
func (d *demoData) close() error {
	if d.temporary {
		return os.RemoveAll(d.dir)
	}
	return nil
}
