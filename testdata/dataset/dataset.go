// Package dataset finds the public data sets that some tests and benchmarks use and that are too large, or not free
// enough, to lie in this repository: benchmark instances, map extracts, checking tools.
//
// They are expected in the folder that the environment variable SWMAAS_SHARED names, "../shared" beside the module where
// it is unset. A test whose set is missing is skipped, so that a clone without the folder tests everything else; with
// SWMAAS_SHARED_REQUIRED=1 (`make test-data`) it fails instead. Where SWMAAS_DATASETS_LOG names a file, every use and
// every skip is appended to it; `make test` prints them as a table at its end.
//
// Like redistest it lies under testdata because tests of several packages need it, and only _test.go files import it.
package dataset

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// Path returns the absolute path of a file or folder of the shared folder, given relative to it with forward slashes:
// "data/osm/monaco.osm.pbf", "tools/check_day.py". Where it is missing the test is skipped, or fails if data sets are
// required.
func Path(t testing.TB, name string) string {
	t.Helper()
	path := filepath.Join(Folder(t), filepath.FromSlash(name))
	_, err := os.Stat(path)
	if err == nil {
		record(t, "run", name)
		return path
	}
	record(t, "skipped", name)
	if os.Getenv("SWMAAS_SHARED_REQUIRED") == "1" {
		t.Fatalf("data set %s: %v", name, err)
	}
	t.Skipf("data set %s skipped: %v", name, err)
	return ""
}

// Folder returns the absolute path of the shared folder, which need not exist.
func Folder(t testing.TB) string {
	t.Helper()
	module := moduleFolder(t)
	folder := os.Getenv("SWMAAS_SHARED")
	if folder == "" {
		folder = filepath.Join("..", "shared")
	}
	if !filepath.IsAbs(folder) {
		folder = filepath.Join(module, folder)
	}
	return folder
}

// moduleFolder returns the folder of go.mod above the working directory, which for a test is its package's.
func moduleFolder(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			t.Fatal("no go.mod above the working directory")
		}
		dir = parent
	}
}

// record appends one line to the log of data sets, if there is one. Short appended lines of several test processes do
// not mix.
func record(t testing.TB, what, name string) {
	t.Helper()
	log := os.Getenv("SWMAAS_DATASETS_LOG")
	if log == "" {
		return
	}
	file, err := os.OpenFile(log, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatalf("log of data sets: %v", err)
	}
	defer func() { _ = file.Close() }()
	if _, err := fmt.Fprintf(file, "%s %s\n", what, name); err != nil {
		t.Fatalf("log of data sets: %v", err)
	}
}
