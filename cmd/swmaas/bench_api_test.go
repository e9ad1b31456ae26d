package main

import (
	"encoding/json"
	"testing"
)

func TestBenchAPIMeasuresARealService(t *testing.T) {
	t.Setenv(runAsMain, "1") // the service is this test binary
	code, out, message := runMain(t, "bench", "api", "--time", "200ms", "--streams", "40", "--updates", "3", "--json", "-")
	if code != exitDone {
		t.Fatal(message)
	}
	var figures map[string]float64
	if err := json.Unmarshal([]byte(out), &figures); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{
		"start_to_ready_ms", "quote_p50_ms", "book_p99_ms", "get_ride_per_s", "get_ride_half_load_p99_ms", "update_p99_ms", "positions_per_s",
	} {
		if figures[name] <= 0 {
			t.Errorf("%s is %v", name, figures[name])
		}
	}
	if figures["positions_stored_share"] != 1 {
		t.Errorf("%v of the positions are stored, though each is newer than the one before", figures["positions_stored_share"])
	}
}
