package main

import (
	"encoding/json"
	"testing"
)

func TestBenchStorePrintsEveryFigure(t *testing.T) {
	code, stdout, stderr := runMain(t, "bench", "store", "--rounds", "2", "--report-time", "50ms", "--commit-time", "100ms", "--json", "-")
	if code != exitDone {
		t.Fatalf("exit %d: %s", code, stderr)
	}
	var figures map[string]float64
	if err := json.Unmarshal([]byte(stdout), &figures); err != nil {
		t.Fatalf("standard output is not one JSON object: %v\n%s", err, stdout)
	}
	names := []string{"nearest10_p50_us", "nearest10_p99_us", "geosearch10_p50_us", "sparse_nearest10_p50_us", "positions_per_s", "commits_per_s"}
	for _, name := range names {
		if figures[name] <= 0 {
			t.Errorf("%s is %v", name, figures[name])
		}
	}
	if lost, there := figures["lost_updates"]; !there || lost != 0 {
		t.Errorf("lost_updates is %v", lost)
	}
	if len(figures) != len(names)+1 {
		t.Errorf("figures are %v", figures)
	}
}
