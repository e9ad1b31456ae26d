package main

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestBenchRoutingWritesEveryFigure(t *testing.T) {
	graph := buildStreet(t)
	points := writeFile(t, "p.csv", "id,lat,lng\na,36.8720,137.4500\nb,36.8770,137.4500\nc,36.8790,137.4500\n")
	for _, tile := range []string{"1", "2"} {
		code, out, errOut := runMain(t, "bench", "routing", "--graph", graph, "--points", points, "--tile", tile, "--json", "-")
		if code != exitDone || !strings.Contains(errOut, "500 x 500 matrix") {
			t.Fatalf("exit %d: %s", code, errOut)
		}
		var figures map[string]float64
		if err := json.Unmarshal([]byte(out), &figures); err != nil {
			t.Fatalf("%v in %s", err, out)
		}
		for name := range strings.FieldsSeq(`order_s build_s customize_ms customize_parallel_ms partial_customize_10arcs_ms one_to_one_us path_us
			matrix100_ms matrix500_ms matrix500_one_thread_ms snap_us load_ms resident_mb dijkstra_us nodes arcs forbidden_turns`) {
			v, ok := figures[name]
			if !ok || v <= 0 && name != "forbidden_turns" {
				t.Errorf("%s is %v, present %v", name, v, ok)
			}
		}
	}
	if code, _, _ := runMain(t, "bench", "routing", "--graph", graph, "--points", points, "--tile", "0"); code != exitUsage {
		t.Errorf("no copies: exit %d", code)
	}
}
