package dayfile

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/unicode/norm"
)

// Rejected is one fault of a line that was not taken: where it is, what is wrong, and what to write instead. It does not repeat
// what the cell holds.
type Rejected struct {
	File            string
	Line            int    // from 1, the header included
	Column          string // as the header of the file names it; empty for the line as a whole
	Reason, Instead string
}

// String is the fault in one line.
func (r Rejected) String() string {
	where := fmt.Sprintf("%s line %d", r.File, r.Line)
	if r.Column != "" {
		where += ", column " + r.Column
	}
	return where + ": " + r.Reason + "; " + r.Instead
}

// WriteRejected writes faults as CSV, for whoever repairs the file in a spreadsheet.
func WriteRejected(w io.Writer, list []Rejected) error {
	rows := [][]string{{"file", "line", "column", "reason", "instead"}}
	for _, r := range list {
		rows = append(rows, []string{guard(r.File), fmt.Sprint(r.Line), guard(r.Column), guard(r.Reason), guard(r.Instead)})
	}
	return writeSheet(w, rows)
}

// byteOrderMark begins the files that are written, so that spreadsheets take them for UTF-8.
const byteOrderMark = "\ufeff"

func writeSheet(w io.Writer, rows [][]string) error {
	if _, err := io.WriteString(w, byteOrderMark); err != nil {
		return fmt.Errorf("dayfile: write: %w", err)
	}
	return writeAll(w, rows)
}

// guard keeps a spreadsheet from taking a text for a formula: an apostrophe goes before what begins like one. unguard is its
// inverse.
func guard(s string) string {
	if s != "" && strings.ContainsRune("=+-@'", rune(s[0])) {
		return "'" + s
	}
	return s
}

func unguard(s string) string { return strings.TrimPrefix(s, "'") }

// maxSheet is the largest file that is read, in bytes: a hundred thousand riders fit.
const maxSheet = 64 << 20

// sheet is a CSV file as councils have them: UTF-8 or Shift_JIS, columns in any order under one of two names each. Lines with
// faults are rejected and reading goes on.
type sheet struct {
	file     string
	columns  []string // of the file, by position
	index    map[string]int
	csv      *csv.Reader
	row      []string
	line     int
	rejected []Rejected
	faulty   bool // the present line has a fault
}

// columnName is a column's name in Japanese, its other name, and whether a file must have it.
type columnName struct {
	ja, en string
	needed bool
}

// openSheet reads everything and the header. Unknown columns are faults of the file, since a misspelt one would be ignored.
func openSheet(r io.Reader, file string, names []columnName) (*sheet, error) {
	raw, err := io.ReadAll(io.LimitReader(r, maxSheet+1))
	if err != nil {
		return nil, fmt.Errorf("dayfile: read %s: %w", file, err)
	}
	if len(raw) > maxSheet {
		return nil, &FieldError{File: file, Reason: "is larger than 64 MB; divide it"}
	}
	raw = bytes.TrimPrefix(raw, []byte(byteOrderMark))
	if raw, err = toUTF8(raw); err != nil {
		return nil, fmt.Errorf("dayfile: read %s: %w", file, err)
	}
	s := &sheet{file: file, index: map[string]int{}, csv: csv.NewReader(bytes.NewReader(raw)), line: 1}
	s.csv.FieldsPerRecord = -1
	header, err := s.csv.Read()
	if err != nil {
		return nil, &FieldError{File: file, Line: 1, Reason: "there is no header line that can be read; the first line must name the columns"}
	}
	return s, s.header(header, names)
}

// toUTF8 takes text that is no UTF-8 for Shift_JIS, unless its header is UTF-8 beyond ASCII: then single bytes are damaged, and
// the lines that hold them are rejected for it.
func toUTF8(raw []byte) ([]byte, error) {
	if utf8.Valid(raw) {
		return raw, nil
	}
	header, _, _ := bytes.Cut(raw, []byte("\n"))
	ascii := !slices.ContainsFunc(header, func(b byte) bool { return b >= utf8.RuneSelf })
	if utf8.Valid(header) && !ascii {
		return bytes.ToValidUTF8(raw, []byte("\ufffd")), nil
	}
	return japanese.ShiftJIS.NewDecoder().Bytes(raw)
}

// header finds the columns.
func (s *sheet) header(header []string, names []columnName) error {
	var faults []error
	fault := func(format string, args ...any) {
		faults = append(faults, &FieldError{File: s.file, Line: 1, Reason: fmt.Sprintf(format, args...)})
	}
	for i, text := range header {
		text = strings.TrimSpace(norm.NFKC.String(text))
		s.columns = append(s.columns, text)
		k := slices.IndexFunc(names, func(n columnName) bool { return n.ja == text || strings.EqualFold(n.en, text) })
		if k < 0 {
			known := make([]string, len(names))
			for j, n := range names {
				known[j] = n.ja
			}
			fault("column %q is not known; known are %s", text, strings.Join(known, ", "))
			continue
		}
		if _, twice := s.index[names[k].en]; twice {
			fault("column %q is there twice", text)
		}
		s.index[names[k].en] = i
	}
	for _, n := range names {
		if _, has := s.index[n.en]; n.needed && !has {
			fault("column %q (or %q) is missing", n.ja, n.en)
		}
	}
	return errors.Join(faults...)
}

// next reads the next line that can be read and reports whether there is one. Empty lines are passed over.
func (s *sheet) next() bool {
	for {
		row, err := s.csv.Read()
		if errors.Is(err, io.EOF) {
			return false
		}
		s.faulty = false
		if err != nil {
			if parse, ok := errors.AsType[*csv.ParseError](err); ok {
				s.line = parse.Line
			}
			s.reject("", "a quotation mark is out of place", `put texts with commas or quotation marks in "...", and double the marks inside`)
			continue
		}
		s.line, _ = s.csv.FieldPos(0)
		if !slices.ContainsFunc(row, func(cell string) bool { return strings.TrimSpace(cell) != "" }) {
			continue
		}
		if len(row) != len(s.columns) {
			s.reject("", fmt.Sprintf("has %d cells", len(row)), fmt.Sprintf("give it %d as the header has", len(s.columns)))
			continue
		}
		s.row = row
		return true
	}
}

// reject notes a fault of the present line. column is a column's second name.
func (s *sheet) reject(column, reason, instead string) {
	s.faulty = true
	name := column
	if i, has := s.index[column]; has {
		name = s.columns[i]
	}
	s.rejected = append(s.rejected, Rejected{s.file, s.line, name, reason, instead})
}

// has reports whether the file has a column.
func (s *sheet) has(column string) bool {
	_, has := s.index[column]
	return has
}

// text is a cell, trimmed; "" where the file does not have the column.
func (s *sheet) text(column string) string {
	i, has := s.index[column]
	if !has {
		return ""
	}
	return unguard(strings.TrimSpace(s.row[i]))
}

// plain is a cell of codes or numbers: in one width, trimmed.
func (s *sheet) plain(column string) string {
	return strings.TrimSpace(norm.NFKC.String(s.text(column)))
}

// Separators of a cell that holds a list: entries, parts of an entry, and a list within a part. A backslash before one of
// them makes it a letter.
const separators = `|;,\`

// joinList writes a list into one cell.
func joinList[T any](list []T, parts func(*T) []string) string {
	entries := make([]string, len(list))
	for i := range list {
		entries[i] = joinParts(parts(&list[i]), ";")
	}
	return strings.Join(entries, "|")
}

// joinParts escapes parts and joins them; parts at the end that are empty are left out, but for the first.
func joinParts(parts []string, sep string) string {
	for len(parts) > 1 && parts[len(parts)-1] == "" {
		parts = parts[:len(parts)-1]
	}
	return strings.Join(parts, sep)
}

// escape makes separators in a text letters.
func escape(s string) string {
	if !strings.ContainsAny(s, separators) {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		if strings.ContainsRune(separators, r) {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// split cuts a cell at a separator that has no backslash before it; the parts keep theirs.
func split(s string, sep byte) (parts []string) {
	from := 0
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case sep:
			parts, from = append(parts, s[from:i]), i+1
		}
	}
	return append(parts, s[from:])
}

// unescape is the inverse of escape, with the white space around the text removed.
func unescape(s string) string {
	s = strings.TrimSpace(s)
	if !strings.Contains(s, `\`) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) {
			i++
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// splitList reads a cell that holds a list: its entries, each with n parts, those that are missing empty.
func splitList(cell string, n int) (list [][]string, ok bool) {
	if strings.TrimSpace(cell) == "" {
		return nil, true
	}
	for _, entry := range split(cell, '|') {
		raw := split(entry, ';')
		if len(raw) > n {
			return nil, false
		}
		parts := make([]string, n)
		copy(parts, raw)
		list = append(list, parts)
	}
	return list, true
}
