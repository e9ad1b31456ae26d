package dayfile

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/swmaas/swmaas/routing/geo"
	"github.com/swmaas/swmaas/vehicles"
)

// table is a CSV file read row by row by column names; it gathers faults instead of stopping at the first.
type table struct {
	file    string
	columns map[string]int
	csv     *csv.Reader
	row     []string
	line    int
	faults  []error
}

// maxFaults is how many faults are listed before the rest are only counted.
const maxFaults = 20

// openTable reads the header. Columns that are not known are faults, since a misspelt one would be ignored otherwise.
func openTable(r io.Reader, file string, needed, optional []string) (*table, error) {
	buf := bufio.NewReader(r)
	if head, _ := buf.Peek(3); string(head) == "\ufeff" {
		_, _ = buf.Discard(3)
	}
	t := &table{file: file, columns: map[string]int{}, csv: csv.NewReader(buf), line: 1}
	t.csv.FieldsPerRecord = -1
	header, err := t.csv.Read()
	if errors.Is(err, io.EOF) {
		return nil, &FieldError{File: file, Reason: "is empty; a header line is needed: " + strings.Join(needed, ",")}
	}
	if err != nil {
		return nil, &FieldError{File: file, Line: 1, Reason: err.Error()}
	}
	for i, name := range header {
		name = strings.TrimSpace(name)
		if _, twice := t.columns[name]; twice {
			t.fault(name, "comes twice in the header")
		}
		if !slices.Contains(needed, name) && !slices.Contains(optional, name) {
			t.fault(name, "is not known; known are %s", strings.Join(append(slices.Clone(needed), optional...), ", "))
		}
		t.columns[name] = i
	}
	for _, name := range needed {
		if _, has := t.columns[name]; !has {
			t.fault(name, "is missing in the header")
		}
	}
	return t, t.err()
}

// next reads the next row and reports whether there is one.
func (t *table) next() bool {
	row, err := t.csv.Read()
	if errors.Is(err, io.EOF) {
		return false
	}
	if err != nil {
		if parse, ok := errors.AsType[*csv.ParseError](err); ok {
			t.line = parse.Line
		}
		t.fault("", "%v", err)
		return false
	}
	t.line, _ = t.csv.FieldPos(0)
	if len(row) != len(t.columns) {
		t.fault("", "has %d fields, the header has %d", len(row), len(t.columns))
		return t.next()
	}
	t.row = row
	return true
}

func (t *table) fault(column, format string, args ...any) {
	t.faults = append(t.faults, &FieldError{File: t.file, Line: t.line, Column: column, Reason: fmt.Sprintf(format, args...)})
}

// err joins the faults so far.
func (t *table) err() error {
	if len(t.faults) > maxFaults {
		more := &FieldError{File: t.file, Reason: fmt.Sprintf("and %d more faults", len(t.faults)-maxFaults)}
		return errors.Join(append(t.faults[:maxFaults:maxFaults], more)...)
	}
	return errors.Join(t.faults...)
}

// text is the cell of a column, trimmed; "" where the file does not have the column.
func (t *table) text(column string) string {
	if i, has := t.columns[column]; has {
		return strings.TrimSpace(t.row[i])
	}
	return ""
}

// needText is text that may not be empty.
func (t *table) needText(column string) string {
	s := t.text(column)
	if s == "" {
		t.fault(column, "is empty")
	}
	return s
}

// number is a whole number in [low, high]; empty is def.
func (t *table) number(column string, def, low, high int) int {
	s := t.text(column)
	if s == "" {
		return def
	}
	v, err := strconv.Atoi(s)
	if err != nil || v < low || v > high {
		t.fault(column, "%q is not a whole number from %d to %d", s, low, high)
		return def
	}
	return v
}

// position is a pair of degrees.
func (t *table) position(latColumn, lngColumn string) geo.LatLng {
	p := geo.LatLng{Lat: t.degree(latColumn, 90), Lng: t.degree(lngColumn, 180)}
	return p
}

func (t *table) degree(column string, limit float64) float64 {
	s := t.needText(column)
	v, err := strconv.ParseFloat(s, 64)
	if s != "" && (err != nil || math.IsNaN(v) || math.Abs(v) > limit) {
		t.fault(column, "%q is not a number of degrees from -%g to %g", s, limit, limit)
		return 0
	}
	return v
}

// second is a time of day; empty is def.
func (t *table) second(column string, def int32) int32 {
	s := t.text(column)
	if s == "" {
		return def
	}
	v, err := ParseTime(s)
	if err != nil {
		t.fault(column, "%v", err)
		return def
	}
	return v
}

// aids is a set of equipment.
func (t *table) aids(column string) (set vehicles.Equipment) {
	for name := range strings.SplitSeq(t.text(column), "|") {
		if name = strings.TrimSpace(name); name == "" {
			continue
		}
		aid, known := aidNames[name]
		if !known {
			t.fault(column, "%q is not known; known are child_seat, lift, oxygen, ramp, step", name)
		}
		set |= aid
	}
	return set
}

var aidNames = map[string]vehicles.Equipment{
	"lift": vehicles.Lift, "ramp": vehicles.Ramp, "oxygen": vehicles.OxygenHolder, "step": vehicles.Step, "child_seat": vehicles.ChildSeat,
}

// spans is a list of intervals "8:00-9:30|15:30-17:00".
func (t *table) spans(column string) (out []vehicles.Span) {
	for part := range strings.SplitSeq(t.text(column), "|") {
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		from, to, found := strings.Cut(part, "-")
		start, err := ParseTime(from)
		end, err2 := ParseTime(to)
		if !found || err != nil || err2 != nil || start >= end {
			t.fault(column, "%q is not an interval such as 8:00-9:30", part)
			continue
		}
		out = append(out, vehicles.Span{Start: start, End: end})
	}
	return out
}

// cabin is a list of layouts "8:0:0|5:2:0".
func (t *table) cabin(column string) (out vehicles.Cabin) {
	for part := range strings.SplitSeq(t.needText(column), "|") {
		var n [3]int
		fields := strings.Split(strings.TrimSpace(part), ":")
		ok := len(fields) == len(n)
		for i := 0; ok && i < len(n); i++ {
			v, err := strconv.Atoi(fields[i])
			n[i] = v
			ok = err == nil && v >= 0 && v <= 99
		}
		if !ok {
			t.fault(column, "%q is not a layout seats:wheelchairs:stretchers such as 5:2:0", part)
			continue
		}
		out = append(out, vehicles.Load{Seats: n[0], Wheelchairs: n[1], Stretchers: n[2]})
	}
	return out
}

// ParseTime reads a time of a service day, H:MM or H:MM:SS up to 30:00:00, as seconds from 00:00.
func ParseTime(s string) (int32, error) {
	bad := fmt.Errorf("%q is not a time of the service day such as 9:05 or 24:30 (0:00 to 30:00)", s)
	fields := strings.Split(strings.TrimSpace(s), ":")
	if len(fields) < 2 || len(fields) > 3 {
		return 0, bad
	}
	var n [3]int
	for i, f := range fields {
		v, err := strconv.Atoi(f)
		if err != nil || v < 0 || i > 0 && (v > 59 || len(f) != 2) || v > 30 && i == 0 {
			return 0, bad
		}
		n[i] = v
	}
	t := int32(n[0]*3600 + n[1]*60 + n[2])
	if t > vehicles.MaxDaySecond {
		return 0, bad
	}
	return t, nil
}

// FormatTime writes seconds from 00:00 as H:MM:SS; hours may pass 24.
func FormatTime(t int32) string { return fmt.Sprintf("%d:%02d:%02d", t/3600, t/60%60, t%60) }
