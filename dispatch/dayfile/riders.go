package dayfile

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/routing/geo"
	"github.com/swmaas/swmaas/vehicles"
)

// riderColumn is one column of riders.csv: how a cell takes the place of what the rider has
// there, and how it is written. field is the field of
// dispatch.Rider that the column holds all or part of, where the two are not named alike.
type riderColumn struct {
	columnName
	field string
	read  func(*sheet, string, *dispatch.Rider)
	write func(*dispatch.Rider) string
}

// ReadRiders reads riders.csv: the riders of the lines without faults in the order of the file, and every fault of the others.
// registered gives the entry that there is of a rider, or nil: what the file has no column for stays as it is there, the
// version among it. It may be nil where nobody is registered. The error is that of a file that cannot be read at all,
// *FieldError among it. What a rider holds is checked as dispatch.Rider.Faults does.
func ReadRiders(r io.Reader, file string, area dispatch.AreaID, registered func(dispatch.RiderID) *dispatch.Rider) (riders []*dispatch.Rider, rejected []Rejected, err error) {
	names := make([]columnName, len(riderColumns))
	for i := range riderColumns {
		names[i] = riderColumns[i].columnName
	}
	s, err := openSheet(r, file, names)
	if err != nil {
		return nil, nil, err
	}
	seen := map[dispatch.RiderID]int{}
	for s.next() {
		rider := &dispatch.Rider{Area: area}
		if registered != nil {
			if before := registered(dispatch.RiderID(s.plain("rider"))); before != nil {
				rider = before.Clone()
			}
		}
		for i := range riderColumns {
			if c := &riderColumns[i]; s.has(c.en) {
				c.read(s, c.en, rider)
			}
		}
		if !s.faulty {
			for _, f := range rider.Faults() {
				s.reject(columnOf(f.Field), f.Reason, f.Instead)
			}
		}
		if line, twice := seen[rider.ID]; twice && rider.ID != "" {
			s.reject("rider", fmt.Sprintf("is in line %d already", line), "keep one of the two lines")
		}
		seen[rider.ID] = s.line
		if !s.faulty {
			riders = append(riders, rider)
		}
	}
	return riders, s.rejected, nil
}

// columnOf is the second name of the column that holds a field.
func columnOf(field string) string {
	for i := range riderColumns {
		if riderColumns[i].field == field {
			return riderColumns[i].en
		}
	}
	return field
}

// WriteRiders writes riders.csv with every column, as ReadRiders reads it; version and area are not in it.
func WriteRiders(w io.Writer, riders []*dispatch.Rider) error {
	rows := make([][]string, 1, len(riders)+1)
	for i := range riderColumns {
		rows[0] = append(rows[0], riderColumns[i].ja)
	}
	for _, r := range riders {
		row := make([]string, len(riderColumns))
		for i := range riderColumns {
			row[i] = guard(riderColumns[i].write(r))
		}
		rows = append(rows, row)
	}
	return writeSheet(w, rows)
}

// textColumn is a column of one text.
func textColumn(ja, en, field string, needed bool, at func(*dispatch.Rider) *string) riderColumn {
	return riderColumn{
		columnName{ja, en, needed},
		field,
		func(s *sheet, column string, r *dispatch.Rider) { *at(r) = s.text(column) },
		func(r *dispatch.Rider) string { return *at(r) },
	}
}

// numberColumn is a column of a whole number; an empty cell is 0.
func numberColumn(ja, en, field string, read func(*dispatch.Rider, int), write func(*dispatch.Rider) int) riderColumn {
	return riderColumn{
		columnName{ja, en, false},
		field,
		func(s *sheet, column string, r *dispatch.Rider) {
			text := s.plain(column)
			if text == "" {
				text = "0"
			}
			n, err := strconv.ParseInt(text, 10, 16)
			if err != nil {
				s.reject(column, "is not a whole number", "write digits only")
				return
			}
			read(r, int(n))
		},
		func(r *dispatch.Rider) string { return count(write(r)) },
	}
}

// count writes 0 as an empty cell.
func count(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

// flagColumn is a column of yes or no.
func flagColumn(ja, en, field string, at func(*dispatch.Rider) *bool) riderColumn {
	return riderColumn{
		columnName{ja, en, false},
		field,
		func(s *sheet, column string, r *dispatch.Rider) {
			yes, ok := yesOrNo(s.plain(column))
			if !ok {
				s.reject(column, "is neither yes nor no", "write はい or いいえ")
			}
			*at(r) = yes
		},
		func(r *dispatch.Rider) string {
			if *at(r) {
				return yes
			}
			return ""
		},
	}
}

const yes = "はい"

func yesOrNo(text string) (value, ok bool) {
	switch strings.ToLower(text) {
	case yes, "○", "◯", "〇", "有", "あり", "要", "1", "yes", "true":
		return true, true
	case "", "いいえ", "×", "無", "なし", "不要", "0", "no", "false":
		return false, true
	}
	return false, false
}

// idsColumn is a column of ids joined by '|'.
func idsColumn[T ~string](ja, en, field string, at func(*dispatch.Rider) *[]T) riderColumn {
	return riderColumn{
		columnName{ja, en, false},
		field,
		func(s *sheet, column string, r *dispatch.Rider) {
			*at(r) = nil
			for _, id := range split(s.plain(column), '|') {
				if id = strings.TrimSpace(id); id != "" {
					*at(r) = append(*at(r), T(id))
				}
			}
		},
		func(r *dispatch.Rider) string {
			ids := make([]string, len(*at(r)))
			for i, id := range *at(r) {
				ids[i] = escape(string(id))
			}
			return strings.Join(ids, "|")
		},
	}
}

// listColumn is a column of entries joined by '|', each with parts joined by ';'. example is what an entry looks like.
func listColumn[T any](ja, en, field, example string, parts int, at func(*dispatch.Rider) *[]T, read func(*entry) T, write func(*T) []string) riderColumn {
	return riderColumn{
		columnName{ja, en, false},
		field,
		func(s *sheet, column string, r *dispatch.Rider) {
			list, ok := splitList(s.text(column), parts)
			if !ok {
				s.reject(column, "has an entry with too many parts", "write entries such as "+example+", joined by |")
				return
			}
			*at(r) = nil
			for _, p := range list {
				*at(r) = append(*at(r), read(&entry{s, column, example, p}))
			}
		},
		func(r *dispatch.Rider) string { return joinList(*at(r), write) },
	}
}

// entry is one entry of a cell that holds a list.
type entry struct {
	sheet   *sheet
	column  string
	example string
	parts   []string
}

func (e *entry) text(i int) string { return unescape(e.parts[i]) }

func (e *entry) reject(reason string) {
	e.sheet.reject(e.column, "has an entry in which "+reason, "write entries such as "+e.example)
}

func (e *entry) date(i int) vehicles.Date {
	d, ok := readDate(e.text(i))
	if !ok {
		e.reject("a date cannot be read")
	}
	return d
}

func (e *entry) flag(i int) bool {
	v, ok := yesOrNo(e.text(i))
	if !ok {
		e.reject("a part is neither yes nor no")
	}
	return v
}

func (e *entry) phone(i int) string {
	p, err := dispatch.NormalPhone(e.text(i))
	if err != nil {
		e.reject("the phone number cannot be read")
	}
	return p
}

// position reads latitude and longitude from two parts; both may be empty.
func (e *entry) position(i int) geo.LatLng {
	p, ok := readPosition(e.text(i), e.text(i+1))
	if !ok {
		e.reject("the position cannot be read")
	}
	return p
}

func readPosition(lat, lng string) (p geo.LatLng, ok bool) {
	if lat == "" && lng == "" {
		return p, true
	}
	var err1, err2 error
	p.Lat, err1 = strconv.ParseFloat(lat, 64)
	p.Lng, err2 = strconv.ParseFloat(lng, 64)
	if err1 != nil || err2 != nil || !p.Valid() {
		return geo.LatLng{}, false
	}
	return p, true
}

// exactDegrees writes degrees so that the same number is read back; the zero position is left empty.
func exactDegrees(p geo.LatLng) []string {
	if p == (geo.LatLng{}) {
		return []string{"", ""}
	}
	return []string{strconv.FormatFloat(p.Lat, 'f', -1, 64), strconv.FormatFloat(p.Lng, 'f', -1, 64)}
}
