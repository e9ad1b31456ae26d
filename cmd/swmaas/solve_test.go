package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const tinyInstance = `1 2 480 2 30
0 0 0 0 0 0 480
1 1 0 1 1 0 1440
2 2 0 1 1 0 1440
3 3 0 1 -1 30 60
4 4 0 1 -1 30 60
5 0 0 0 0 0 480
`

func TestSolveWritesTheDocumentedFile(t *testing.T) {
	dir := t.TempDir()
	file, out := filepath.Join(dir, "tiny.txt"), filepath.Join(dir, "s.json")
	if err := os.WriteFile(file, []byte(tinyInstance), 0o600); err != nil {
		t.Fatal(err)
	}
	var stdout, stderr bytes.Buffer
	code := Main([]string{"solve", "--instance", file, "--iterations", "50", "--threads", "1", "-o", out}, strings.NewReader(""), &stdout, &stderr)
	if code != exitDone {
		t.Fatalf("exit %d: %s", code, stderr.String())
	}
	data, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	var s map[string]any
	if err := json.Unmarshal(data, &s); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"instance", "cost", "vehicles", "feasible", "routes", "unassigned", "seconds", "iterations", "seed", "threads"} {
		if _, ok := s[key]; !ok {
			t.Errorf("%s is missing", key)
		}
	}
	if s["cost"] != 8.0 || s["feasible"] != true || s["vehicles"] != 1.0 || s["iterations"] != 50.0 {
		t.Errorf("%s", data)
	}
}

func TestSolveExitsWithUsageForBadInput(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "bad.txt")
	if err := os.WriteFile(file, []byte("1 2 three 2 30\n0 0\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, args := range map[string][]string{
		"a damaged file":   {"solve", "--instance", file},
		"no such format":   {"solve", "--instance", file, "--format", "pdf"},
		"threads below 1":  {"solve", "--instance", file, "--threads", "0"},
		"a negative count": {"solve", "--instance", file, "--iterations=-1"},
	} {
		var stdout, stderr bytes.Buffer
		if code := Main(args, strings.NewReader(""), &stdout, &stderr); code != exitUsage {
			t.Errorf("%s: exit %d: %s", name, code, stderr.String())
		}
	}
}
