package routing

import (
	"fmt"
	"slices"
	"strings"

	"github.com/swmaas/swmaas/routing/osm"
)

// ImportConfig says how to read an OpenStreetMap extract. The zero value decides everything by where the extract lies.
type ImportConfig struct {
	OSM osm.Config
}

// ImportReport says what an import read, kept and left out.
type ImportReport struct {
	OSM  osm.Report
	Info Info
	// Dropped lists what was left out or ignored, by reason, the most frequent first: the reader's counts and those of
	// the graph's construction together.
	Dropped []osm.Count
}

// Import reads an OpenStreetMap extract, PBF or XML by its content, into a graph for cars. Errors name the file and wrap
// those of package osm, or the operating system's.
func Import(path string, cfg ImportConfig) (*Graph, ImportReport, error) {
	net, rep, err := osm.Read(path, cfg.OSM)
	if err != nil {
		return nil, ImportReport{}, fmt.Errorf("routing: import: %w", err)
	}
	dropped := map[string]int{}
	for _, c := range rep.Dropped {
		dropped[c.Reason] = c.N
	}
	g, err := assemble(net, dropped)
	if err != nil {
		return nil, ImportReport{}, fmt.Errorf("routing: import %s: %w", path, err)
	}
	return g, ImportReport{OSM: rep, Info: g.Info(), Dropped: sortCounts(dropped)}, nil
}

func sortCounts(counts map[string]int) []osm.Count {
	var out []osm.Count
	for reason, n := range counts {
		out = append(out, osm.Count{Reason: reason, N: n})
	}
	slices.SortFunc(out, func(a, b osm.Count) int {
		if a.N != b.N {
			return b.N - a.N
		}
		return strings.Compare(a.Reason, b.Reason)
	})
	return out
}
