package main

import (
	"context"
	"fmt"
	"io"

	"github.com/swmaas/swmaas/routing"
	"github.com/swmaas/swmaas/routing/geo"
)

type benchRoutingCmd struct {
	Graph  string `required:"" placeholder:"FILE" help:"Graph file."`
	Points string `required:"" placeholder:"FILE" help:"CSV with the columns id,lat,lng; the first 500 are used."`
	Tile   int    `default:"1" placeholder:"N" help:"Lay N by N copies of the graph side by side first, to see how speed grows with size."`
	JSON   string `name:"json" placeholder:"FILE" help:"Write the figures as one JSON object, to standard output with -."`
}

// routingFigures is a measurement as scripts read it.
type routingFigures struct {
	OrderS                   float64 `json:"order_s"`
	BuildS                   float64 `json:"build_s"`
	CustomizeMs              float64 `json:"customize_ms"`
	CustomizeParallelMs      float64 `json:"customize_parallel_ms"`
	PartialCustomize10ArcsMs float64 `json:"partial_customize_10arcs_ms"`
	ClosureToQueryMs         float64 `json:"closure_to_query_ms"`
	OneToOneUs               float64 `json:"one_to_one_us"`
	PathUs                   float64 `json:"path_us"`
	Matrix100Ms              float64 `json:"matrix100_ms"`
	Matrix500Ms              float64 `json:"matrix500_ms"`
	Matrix500OneThreadMs     float64 `json:"matrix500_one_thread_ms"`
	Matrix500MetersMs        float64 `json:"matrix500_meters_ms"`
	PerfectMs                float64 `json:"perfect_ms"`
	OneToOnePerfectUs        float64 `json:"one_to_one_perfect_us"`
	PathPerfectUs            float64 `json:"path_perfect_us"`
	SnapUs                   float64 `json:"snap_us"`
	LoadMs                   float64 `json:"load_ms"`
	ResidentMB               float64 `json:"resident_mb"`
	DijkstraUs               float64 `json:"dijkstra_us"`
	Nodes                    int     `json:"nodes"`
	Arcs                     int     `json:"arcs"`
	Vertices                 int     `json:"vertices"`
	HierarchyArcs            int     `json:"hierarchy_arcs"`
	ForbiddenTurns           int     `json:"forbidden_turns"`
	Points                   int     `json:"points"`
}

// Run measures and prints a table, and the same as data where asked.
func (c *benchRoutingCmd) Run(ctx context.Context, std streams) error {
	rows, err := readPointsFile(c.Points)
	if err != nil {
		return err
	}
	positions := make([]geo.LatLng, len(rows))
	for i, r := range rows {
		positions[i] = r.at
	}
	if c.Tile < 1 {
		return usageError("--tile: %d is not a number of copies", c.Tile)
	}
	var m routing.Measurement
	if c.Tile == 1 {
		m, err = routing.Measure(ctx, c.Graph, positions)
	} else {
		m, err = routing.MeasureTiled(ctx, c.Graph, positions, c.Tile)
	}
	if err != nil {
		return err
	}
	return writeFigures(std, c.JSON, routingFigures(m), func(to io.Writer) error { return printMeasurement(to, m) })
}

func printMeasurement(w io.Writer, m routing.Measurement) error {
	_, err := fmt.Fprintf(w, `%d nodes, %d arcs, %d forbidden turns; %d points; medians
order from scratch           %10.2f s
contraction                  %10.3f s
customization, one thread    %10.2f ms
customization, parallel      %10.2f ms
ten arcs changed             %10.3f ms
closure to the next query    %10.3f ms
one to one                   %10.1f us
one to one with path         %10.1f us
perfect customization        %10.2f ms
one to one in it             %10.1f us
one to one in it with path   %10.1f us
one to one, plain Dijkstra   %10.1f us
100 x 100 matrix             %10.2f ms
500 x 500 matrix             %10.2f ms
500 x 500 matrix, one thread %10.2f ms
500 x 500 with lengths       %10.2f ms
snap                         %10.2f us
load to first query          %10.1f ms
memory                       %10.1f MB
`, m.Nodes, m.Arcs, m.ForbiddenTurns, m.Points, m.OrderS, m.BuildS, m.CustomizeMs, m.CustomizeParallelMs, m.PartialCustomize10ArcsMs,
		m.ClosureToQueryMs, m.OneToOneUs, m.PathUs, m.PerfectMs,
		m.OneToOnePerfectUs, m.PathPerfectUs, m.DijkstraUs, m.Matrix100Ms, m.Matrix500Ms, m.Matrix500OneThreadMs, m.Matrix500MetersMs, m.SnapUs, m.LoadMs,
		m.ResidentMB)
	return err
}
