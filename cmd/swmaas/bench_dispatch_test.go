package main

import (
	"encoding/json"
	"testing"
)

func TestBenchDispatchPrintsEveryFigure(t *testing.T) {
	code, stdout, stderr := runMain(t, "bench", "dispatch", "--load", "1s", "--saturate", "200ms", "--times", "2", "--calls", "25", "--syncs", "20", "--json", "-")
	if code != exitDone {
		t.Fatalf("exit %d: %s", code, stderr)
	}
	var figures map[string]float64
	if err := json.Unmarshal([]byte(stdout), &figures); err != nil {
		t.Fatalf("standard output is not one JSON object: %v\n%s", err, stdout)
	}
	for _, name := range []string{
		"quote_p50_ms", "quote_p99_ms", "book_p50_ms", "book_p99_ms", "book_p99_nofsync_ms", "fsync_p99_ms", "big_quote_p50_ms", "big_quote_p99_ms",
		"big_book_p99_ms", "quotes_per_s", "commits_per_s", "quote_cpu_ms", "book_cpu_ms", "big_quote_cpu_ms", "big_book_cpu_ms", "desk_rounds_per_s",
	} {
		if figures[name] <= 0 {
			t.Errorf("%s is %v", name, figures[name])
		}
	}
	if lost, there := figures["lost_updates"]; !there || lost != 0 {
		t.Errorf("lost_updates is %v", lost)
	}
}

func TestBenchDispatchRefusesRatesOfNothing(t *testing.T) {
	if code, _, _ := runMain(t, "bench", "dispatch", "--load", "0s"); code != exitUsage {
		t.Errorf("exit %d, want %d", code, exitUsage)
	}
}
