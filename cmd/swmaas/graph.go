package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/swmaas/swmaas/routing"
	"github.com/swmaas/swmaas/routing/geo"
	"github.com/swmaas/swmaas/routing/osm"
)

// graphCmd groups the commands that work on a road graph file.
type graphCmd struct {
	Build  graphBuildCmd  `cmd:"" help:"Build a road graph from an OpenStreetMap extract (.osm.pbf or .osm)."`
	Info   graphInfoCmd   `cmd:"" help:"Describe a road graph."`
	Route  graphRouteCmd  `cmd:"" help:"Print the fastest way between two positions."`
	Matrix graphMatrixCmd `cmd:"" help:"Compute travel times and lengths between all points of a file."`
}

type graphBuildCmd struct {
	OSM    string `name:"osm" required:"" placeholder:"FILE" help:"OpenStreetMap extract, PBF or XML."`
	Output string `short:"o" required:"" placeholder:"FILE" help:"Graph file to write."`
	Side   string `enum:"auto,left,right" default:"auto" help:"Side of the road that traffic keeps to (auto, left, right)."`
	Region string `enum:"auto,world,japan" default:"auto" help:"Speed defaults (auto, world, japan)."`
}

// Run builds the graph and prints what was kept and left out.
func (c *graphBuildCmd) Run(std streams) error {
	start := time.Now()
	cfg := routing.ImportConfig{OSM: osm.Config{
		Side:   map[string]osm.Side{"left": osm.SideLeft, "right": osm.SideRight}[c.Side],
		Region: map[string]osm.Region{"world": osm.RegionWorld, "japan": osm.RegionJapan}[c.Region],
	}}
	g, rep, err := routing.Import(c.OSM, cfg)
	if err != nil {
		return inputError(err)
	}
	if err := g.WriteFile(c.Output); err != nil {
		return err
	}
	_, _ = fmt.Fprintf(std.err, "read %d ways and %d nodes of %s in %.1f s\n", rep.OSM.Ways, rep.OSM.Nodes, c.OSM, time.Since(start).Seconds())
	if len(rep.Dropped) > 0 {
		_, _ = fmt.Fprintln(std.err, "left out or ignored:")
		for _, d := range rep.Dropped {
			_, _ = fmt.Fprintf(std.err, "%8d  %s\n", d.N, d.Reason)
		}
	}
	return printInfo(std.out, rep.Info)
}

type graphInfoCmd struct {
	Graph string `arg:"" help:"Graph file."`
}

// Run prints the description of the graph.
func (c *graphInfoCmd) Run(std streams) error {
	g, err := routing.ReadFile(c.Graph)
	if err != nil {
		return err
	}
	return printInfo(std.out, g.Info())
}

func printInfo(w io.Writer, in routing.Info) error {
	side := "right"
	if in.DriveLeft {
		side = "left"
	}
	speeds := "world"
	if in.Japan {
		speeds = "japan"
	}
	_, err := fmt.Fprintf(w, `nodes            %d
arcs             %d
roads            %.0f km in %d segments
usable           %.1f %% of the segments
forbidden turns  %d
traffic keeps    %s
speed defaults   %s
bounds           %.5f,%.5f to %.5f,%.5f
`, in.Nodes, in.Arcs, in.Kilometers, in.Segments, 100*in.MainShare, in.ForbiddenTurns, side, speeds, in.South, in.West, in.North, in.East)
	return err
}

type graphRouteCmd struct {
	Graph string  `arg:"" help:"Graph file."`
	From  string  `required:"" placeholder:"LAT,LNG" help:"Start, in degrees."`
	To    string  `required:"" placeholder:"LAT,LNG" help:"End, in degrees."`
	Snap  float64 `default:"1000" placeholder:"METERS" help:"How far a road may be from a position."`
	roadState
}

// roadState is the flags that say how the roads are.
type roadState struct {
	Conditions string    `placeholder:"FILE" help:"Closures, slow-downs, weather and vehicle size, as JSON."`
	At         time.Time `help:"Moment at which the conditions are looked at (2026-01-10T18:00:00+09:00); now without it."`
}

// view returns the roads as the flags say they are.
func (c roadState) view(g *routing.Graph) (*routing.View, error) {
	r := routing.NewRouter(g, routing.RouterConfig{})
	if c.Conditions == "" {
		return r.Now(), nil
	}
	conditions, err := routing.ReadConditions(c.Conditions)
	if err != nil {
		return nil, conditionsError(err)
	}
	if c.At.IsZero() {
		c.At = time.Now()
	}
	v, err := r.View(conditions, c.At)
	if err != nil {
		return nil, conditionsError(fmt.Errorf("%s: %w", c.Conditions, err))
	}
	return v, nil
}

// conditionsError gives an error about the content of a conditions file the exit code of wrong usage.
func conditionsError(err error) error {
	if errors.Is(err, routing.ErrInvalidConditions) || errors.Is(err, routing.ErrUnknownRoad) {
		return &exitError{code: exitUsage, err: err}
	}
	return err
}

// Run prints time, length and roads of the fastest way.
func (c *graphRouteCmd) Run(ctx context.Context, std streams) error {
	from, err := parseLatLng("--from", c.From)
	if err != nil {
		return err
	}
	to, err := parseLatLng("--to", c.To)
	if err != nil {
		return err
	}
	g, err := routing.ReadFile(c.Graph)
	if err != nil {
		return err
	}
	a, err := snapFlag(g, "--from", from, c.Snap)
	if err != nil {
		return err
	}
	b, err := snapFlag(g, "--to", to, c.Snap)
	if err != nil {
		return err
	}
	v, err := c.view(g)
	if err != nil {
		return err
	}
	path, err := v.Route(ctx, a.Point, b.Point)
	if errors.Is(err, routing.ErrUnreachable) {
		return &exitError{code: exitInfeasible, err: err}
	}
	if err != nil {
		return err
	}
	return printPath(std.out, a, b, path)
}

func printPath(w io.Writer, a, b routing.Snapped, path routing.Path) error {
	var text strings.Builder
	fmt.Fprintf(&text, "time    %d s\nlength  %d m\nfrom    %v (%.0f m from the position)\nto      %v (%.0f m from the position)\nroads\n",
		path.Seconds, path.Meters, a.Road, a.Meters, b.Road, b.Meters)
	for _, s := range path.Steps {
		name := s.Name
		if name == "" {
			name = "(" + s.Class.String() + ")"
		}
		fmt.Fprintf(&text, "%8d m  %-12s  %s\n", s.Meters, s.Turn, name)
	}
	_, err := io.WriteString(w, text.String())
	return err
}

// inputError gives an extract without roads the exit code of infeasible input and leaves other errors as they are.
func inputError(err error) error {
	if errors.Is(err, osm.ErrNoRoads) {
		return &exitError{code: exitInfeasible, err: err}
	}
	return err
}

func snapFlag(g *routing.Graph, flag string, at geo.LatLng, meters float64) (routing.Snapped, error) {
	s, err := g.Snap(at, routing.SnapOptions{MaxMeters: meters})
	if err != nil {
		return s, &exitError{code: exitInfeasible, err: fmt.Errorf("%s: %w", flag, err)}
	}
	return s, nil
}

// parseLatLng reads "36.87,137.45"; name says in messages where the text came from.
func parseLatLng(name, text string) (geo.LatLng, error) {
	lat, lng, ok := strings.Cut(text, ",")
	a, errA := strconv.ParseFloat(strings.TrimSpace(lat), 64)
	b, errB := strconv.ParseFloat(strings.TrimSpace(lng), 64)
	p := geo.LatLng{Lat: a, Lng: b}
	if !ok || errA != nil || errB != nil || !p.Valid() {
		return geo.LatLng{}, usageError("%s: %q is not a position; write LAT,LNG in degrees, such as 36.8712,137.4486", name, text)
	}
	return p, nil
}
