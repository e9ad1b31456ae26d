package main

import (
	"bufio"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/swmaas/swmaas/routing"
	"github.com/swmaas/swmaas/routing/geo"
)

type graphMatrixCmd struct {
	Graph  string  `arg:"" help:"Graph file."`
	Points string  `required:"" placeholder:"FILE" help:"CSV with the columns id,lat,lng."`
	Output string  `short:"o" required:"" placeholder:"FILE" help:"CSV to write: from,to,seconds,meters for every ordered pair; empty where there is no way."`
	Snap   float64 `default:"1000" placeholder:"METERS" help:"How far a road may be from a point."`
	roadState
}

// namedPoint is one row of a points file.
type namedPoint struct {
	id   string
	at   geo.LatLng
	line int
}

// Run computes the matrix and writes it, complete or not at all.
func (c *graphMatrixCmd) Run(ctx context.Context, std streams) error {
	points, err := readPointsFile(c.Points)
	if err != nil {
		return err
	}
	g, err := routing.ReadFile(c.Graph)
	if err != nil {
		return err
	}
	snapped, err := snapPoints(g, c.Points, points, c.Snap)
	if err != nil {
		return err
	}
	n := len(points)
	seconds, meters := make([]int32, n*n), make([]int32, n*n)
	v, err := c.view(g)
	if err != nil {
		return err
	}
	if err := v.Matrix(ctx, snapped, snapped, seconds, meters); err != nil {
		return err
	}
	unreachable, err := writeMatrixFile(c.Output, points, seconds, meters)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(std.err, "%d points, %d pairs, %d of them with no way\n", n, n*n, unreachable)
	return err
}

// snapPoints brings every point to a road, or reports all that are too far from one.
func snapPoints(g *routing.Graph, file string, points []namedPoint, limit float64) ([]routing.Point, error) {
	out := make([]routing.Point, len(points))
	var errs []error
	for i, p := range points {
		s, err := g.Snap(p.at, routing.SnapOptions{MaxMeters: limit})
		if err != nil {
			errs = append(errs, fmt.Errorf("%s line %d: lat, lng of point %q: %w", file, p.line, p.id, err))
		}
		out[i] = s.Point
	}
	if len(errs) > 0 {
		return nil, &exitError{code: exitInfeasible, err: errors.Join(errs...)}
	}
	return out, nil
}

// readPointsFile reads a CSV file with the columns id, lat and lng.
func readPointsFile(path string) ([]namedPoint, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // only read from
	points, err := readPoints(f)
	if err != nil {
		return nil, usageError("%s %w", path, err)
	}
	return points, nil
}

// readPoints reads the rows; its errors begin with the line. A byte order mark before the header is skipped.
func readPoints(in io.Reader) ([]namedPoint, error) {
	buffered := bufio.NewReader(in)
	if bom, err := buffered.Peek(3); err == nil && string(bom) == "\ufeff" {
		_, _ = buffered.Discard(3) // just peeked at
	}
	r := csv.NewReader(buffered)
	r.ReuseRecord = true
	head, err := r.Read()
	if err != nil || strings.Join(head, ",") != "id,lat,lng" {
		return nil, fmt.Errorf("line 1: the header must be id,lat,lng, not %q", strings.Join(head, ","))
	}
	var points []namedPoint
	seen := map[string]int{}
	for {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err // names the line
		}
		line, _ := r.FieldPos(0)
		p := namedPoint{id: row[0], line: line}
		if first, twice := seen[p.id]; twice || p.id == "" {
			return nil, fmt.Errorf("line %d: field id: %q is empty or taken by line %d", line, p.id, first)
		}
		seen[p.id] = line
		if p.at.Lat, err = degrees(row[1], 90); err != nil {
			return nil, fmt.Errorf("line %d: field lat: %w", line, err)
		}
		if p.at.Lng, err = degrees(row[2], 180); err != nil {
			return nil, fmt.Errorf("line %d: field lng: %w", line, err)
		}
		points = append(points, p)
	}
	if len(points) == 0 {
		return nil, errors.New("line 2: no points")
	}
	return points, nil
}

func degrees(text string, limit float64) (float64, error) {
	v, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
	if err != nil || !(v >= -limit && v <= limit) {
		return 0, fmt.Errorf("%q is not a number of degrees between -%v and %v", text, limit, limit)
	}
	return v, nil
}

// writeMatrixFile writes the rows beside path and renames, and returns how many pairs have no way.
func writeMatrixFile(path string, points []namedPoint, seconds, meters []int32) (unreachable int, err error) {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return 0, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, f.Close(), os.Remove(f.Name()))
		}
	}()
	out := bufio.NewWriter(f)
	if unreachable, err = writeMatrix(out, points, seconds, meters); err != nil {
		return 0, err
	}
	if err = out.Flush(); err != nil {
		return 0, err
	}
	if err = f.Chmod(0o644); err != nil {
		return 0, err
	}
	if err = f.Close(); err != nil {
		return 0, errors.Join(err, os.Remove(f.Name()))
	}
	return unreachable, os.Rename(f.Name(), path)
}

func writeMatrix(w io.Writer, points []namedPoint, seconds, meters []int32) (unreachable int, err error) {
	out := csv.NewWriter(w)
	row := []string{"from", "to", "seconds", "meters"}
	if err := out.Write(row); err != nil {
		return 0, err
	}
	for i := range points {
		for j := range points {
			row[0], row[1], row[2], row[3] = points[i].id, points[j].id, "", ""
			if s := seconds[i*len(points)+j]; s == routing.Unreachable {
				unreachable++
			} else {
				row[2], row[3] = strconv.Itoa(int(s)), strconv.Itoa(int(meters[i*len(points)+j]))
			}
			if err := out.Write(row); err != nil {
				return 0, err
			}
		}
	}
	out.Flush()
	return unreachable, out.Error()
}
