package instance

import (
	"bufio"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
)

// maxNodes bounds what Read takes in; its matrix is quadratic.
const maxNodes = 6000

// Read parses one file. Errors wrap ErrFormat and name the line.
func Read(r io.Reader, format Format, name string) (*Instance, error) {
	rows, err := readRows(r, name)
	if err != nil {
		return nil, err
	}
	in := &Instance{Name: name, Format: format}
	switch format {
	case Cordeau:
		err = in.parseCordeau(rows)
	case MDHDARP:
		err = in.parseMDHDARP(rows)
	case LiLim:
		err = in.parseLiLim(rows)
	default:
		return nil, fmt.Errorf("instance: %s: format %q is not known: %w", name, format, ErrFormat)
	}
	if err != nil {
		return nil, err
	}
	in.setScale()
	return in, nil
}

// row is one line that is not empty.
type row struct {
	line   int
	values []float64
}

func readRows(r io.Reader, name string) ([]row, error) {
	var rows []row
	sc := bufio.NewScanner(r)
	for line := 1; sc.Scan(); line++ {
		fields := strings.Fields(sc.Text())
		if len(fields) == 0 {
			continue
		}
		values := make([]float64, len(fields))
		for i, f := range fields {
			v, err := strconv.ParseFloat(f, 64)
			if err != nil || math.IsNaN(v) || math.Abs(v) > 1e6 {
				return nil, fmt.Errorf("instance: %s: line %d: field %d is %q, not a number up to a million: %w", name, line, i+1, f, ErrFormat)
			}
			values[i] = v
		}
		rows = append(rows, row{line, values})
		if len(rows) > maxNodes {
			return nil, fmt.Errorf("instance: %s: more than %d lines: %w", name, maxNodes, ErrFormat)
		}
	}
	if err := sc.Err(); err != nil {
		return nil, fmt.Errorf("instance: read %s: %w", name, err)
	}
	if len(rows) < 2 {
		return nil, fmt.Errorf("instance: %s: has no node lines: %w", name, ErrFormat)
	}
	return rows, nil
}

func (in *Instance) bad(r row, format string, args ...any) error {
	return fmt.Errorf("instance: %s: line %d: %s: %w", in.Name, r.line, fmt.Sprintf(format, args...), ErrFormat)
}

// count reads a field as a whole number from low to high.
func (in *Instance) count(r row, i, low, high int) (int, error) {
	if i >= len(r.values) {
		return 0, in.bad(r, "field %d is missing", i+1)
	}
	v := r.values[i]
	if v != math.Trunc(v) || v < float64(low) || v > float64(high) {
		return 0, in.bad(r, "field %d is %g, not a whole number from %d to %d", i+1, v, low, high)
	}
	return int(v), nil
}

func (in *Instance) parseCordeau(rows []row) error {
	head := rows[0]
	if len(head.values) != 5 {
		return in.bad(head, "the header has %d fields, not 5", len(head.values))
	}
	m, err := in.count(head, 0, 1, maxNodes)
	if err != nil {
		return err
	}
	declared, err := in.count(head, 1, 1, maxNodes)
	if err != nil {
		return err
	}
	lines := rows[1:]
	n := declared
	switch {
	case len(lines) == 2*declared+2:
	case len(lines) == declared+1 && declared%2 == 0:
		n = declared / 2
	default:
		return in.bad(head, "the header says %d and %d node lines follow", declared, len(lines))
	}
	for i, r := range lines[:2*n+1] {
		if len(r.values) != 7 || int(r.values[0]) != i {
			return in.bad(r, "not the line of node %d with 7 fields", i)
		}
		v := r.values
		in.nodes = append(in.nodes, node{
			x: v[1], y: v[2], service: v[3], load: []float64{math.Abs(v[4])},
			earliest: v[5], latest: v[6], ride: head.values[4],
		})
	}
	depot := in.nodes[0]
	for range m {
		in.vehicles = append(in.vehicles, vehicle{
			duration: head.values[2], capacity: []float64{head.values[3]},
			x: depot.x, y: depot.y, earliest: depot.earliest, latest: depot.latest,
		})
	}
	return in.pair(lines, n)
}

// pair makes request r of nodes r+1 and r+1+n.
func (in *Instance) pair(lines []row, n int) error {
	for i := 1; i <= n; i++ {
		for _, k := range []int{i, i + n} {
			if nd := in.nodes[k]; nd.earliest > nd.latest || nd.earliest < 0 || nd.service < 0 {
				return in.bad(lines[k], "node %d has window [%g, %g] and service %g", k, nd.earliest, nd.latest, nd.service)
			}
		}
		for d, q := range in.nodes[i].load {
			if q != in.nodes[i+n].load[d] {
				return in.bad(lines[i], "the loads of nodes %d and %d do not cancel", i, i+n)
			}
		}
		in.pickups = append(in.pickups, i)
		in.drops = append(in.drops, i+n)
	}
	return nil
}

// upgrade expresses the four resources so that a plain capacity test allows staff seats to be taken on patient seats and
// stretchers, and patient seats on stretchers (Parragh 2011, doi 10.1016/j.trc.2010.06.002): cumulative from the right.
func upgrade(q []float64) []float64 {
	return []float64{q[0] + q[1] + q[2], q[1] + q[2], q[2], q[3]}
}

func (in *Instance) parseMDHDARP(rows []row) error {
	head := rows[0]
	m, err := in.count(head, 0, 1, maxNodes)
	if err != nil {
		return err
	}
	n, err := in.count(head, 1, 1, maxNodes)
	if err != nil {
		return err
	}
	if len(rows) != 1+m+2*n+2 {
		return in.bad(head, "the header asks for %d more lines and %d follow", m+2*n+2, len(rows)-1)
	}
	lines := rows[1+m:]
	for i, r := range lines {
		if len(r.values) != 11 || int(r.values[0]) != i {
			return in.bad(r, "not the line of node %d with 11 fields", i)
		}
		if i > 2*n {
			break
		}
		v := r.values
		load := upgrade(v[5:9])
		for k := range load {
			load[k] = math.Abs(load[k])
		}
		in.nodes = append(in.nodes, node{
			x: v[1], y: v[2], service: v[3], ride: v[4],
			load: load, earliest: v[9], latest: v[10],
		})
	}
	corners := [4][2]float64{{-5, -5}, {5, 5}, {-5, 5}, {5, -5}}
	for k, r := range rows[1 : 1+m] {
		if len(r.values) != 5 {
			return in.bad(r, "a vehicle line has %d fields, not 5", len(r.values))
		}
		at := corners[k%4]
		in.vehicles = append(in.vehicles, vehicle{
			duration: r.values[0], capacity: upgrade(r.values[1:5]),
			x: at[0], y: at[1], earliest: in.nodes[0].earliest, latest: in.nodes[0].latest,
		})
	}
	return in.pair(lines, n)
}

func (in *Instance) parseLiLim(rows []row) error {
	head := rows[0]
	if len(head.values) != 3 {
		return in.bad(head, "the header has %d fields, not 3", len(head.values))
	}
	k, err := in.count(head, 0, 1, maxNodes)
	if err != nil {
		return err
	}
	lines := rows[1:]
	for i, r := range lines {
		if len(r.values) != 9 || int(r.values[0]) != i {
			return in.bad(r, "not the line of node %d with 9 fields", i)
		}
		v := r.values
		if v[4] > v[5] || v[4] < 0 || v[6] < 0 {
			return in.bad(r, "node %d has window [%g, %g] and service %g", i, v[4], v[5], v[6])
		}
		in.nodes = append(in.nodes, node{
			x: v[1], y: v[2], load: []float64{math.Abs(v[3])},
			earliest: v[4], latest: v[5], service: v[6], ride: math.Inf(1),
		})
	}
	for i, r := range lines {
		if r.values[8] == 0 {
			continue
		}
		partner, err := in.count(r, 8, 1, len(lines)-1)
		if err != nil {
			return err
		}
		if int(lines[partner].values[7]) != i || lines[partner].values[3] != -r.values[3] {
			return in.bad(r, "nodes %d and %d are not each other's partner with loads that cancel", i, partner)
		}
		in.pickups = append(in.pickups, i)
		in.drops = append(in.drops, partner)
	}
	depot := in.nodes[0]
	for range k {
		in.vehicles = append(in.vehicles, vehicle{
			duration: math.Inf(1), capacity: []float64{head.values[1]},
			x: depot.x, y: depot.y, earliest: depot.earliest, latest: depot.latest,
		})
	}
	return nil
}
