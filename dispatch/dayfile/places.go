package dayfile

import (
	"fmt"
	"io"
	"slices"
	"strconv"

	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/routing/geo"
)

// placeColumns are the columns of places.csv in the order in which they are written, with the field of dispatch.KnownPlace that
// each holds.
var placeColumns = []struct {
	columnName
	field string
}{
	{columnName{"番号", "place", true}, "ID"},
	{columnName{"名称", "name", true}, "Label"},
	{columnName{"ふりがな", "kana", false}, "Kana"},
	{columnName{"種別", "kind", false}, "Kind"},
	{columnName{"住所", "address", false}, "Address"},
	{columnName{"緯度", "lat", true}, "Entrance"},
	{columnName{"経度", "lng", true}, ""},
	{columnName{"停車位置の緯度", "road_lat", false}, "Road"},
	{columnName{"停車位置の経度", "road_lng", false}, ""},
	{columnName{"玄関までの注意", "notes", false}, "Notes"},
	{columnName{"利用回数", "rides", false}, "Popularity"},
}

var kindWords = [][2]string{
	{"町", string(dispatch.TownPlace)},
	{"丁目・番地", string(dispatch.BlockPlace)},
	{"施設", string(dispatch.FacilityPlace)},
	{"店", string(dispatch.ShopPlace)},
	{"目印", string(dispatch.LandmarkPlace)},
}

// ReadPlaces reads places.csv as ReadRiders reads riders.csv. A place without a kind is a landmark.
func ReadPlaces(r io.Reader, file string) (places []dispatch.KnownPlace, rejected []Rejected, err error) {
	names := make([]columnName, len(placeColumns))
	for i := range placeColumns {
		names[i] = placeColumns[i].columnName
	}
	s, err := openSheet(r, file, names)
	if err != nil {
		return nil, nil, err
	}
	seen := map[string]int{}
	for s.next() {
		p := readPlace(s)
		if !s.faulty {
			for _, f := range p.Faults() {
				s.reject(placeColumnOf(f.Field), f.Reason, f.Instead)
			}
		}
		if line, twice := seen[p.ID]; twice && p.ID != "" {
			s.reject("place", fmt.Sprintf("is in line %d already", line), "keep one of the two lines")
		}
		seen[p.ID] = s.line
		if !s.faulty {
			places = append(places, p)
		}
	}
	return places, s.rejected, nil
}

// placeColumnOf is the second name of the column that holds a field.
func placeColumnOf(field string) string {
	for i := range placeColumns {
		if placeColumns[i].field == field {
			return placeColumns[i].en
		}
	}
	return field
}

func readPlace(s *sheet) dispatch.KnownPlace {
	p := dispatch.KnownPlace{ID: s.plain("place"), Kana: s.text("kana"), Kind: dispatch.PlaceKind(codeFor(kindWords, s.plain("kind")))}
	p.Label, p.Address, p.Notes = s.text("name"), s.text("address"), s.text("notes")
	if p.Kind == "" {
		p.Kind = dispatch.LandmarkPlace
	}
	for _, end := range []struct {
		lat, lng string
		at       *geo.LatLng
	}{{"lat", "lng", &p.Entrance}, {"road_lat", "road_lng", &p.Road}} {
		at, ok := readPosition(s.plain(end.lat), s.plain(end.lng))
		if !ok {
			s.reject(end.lat, "is with "+end.lng+" no position", "write degrees such as 36.8712 and 137.4431")
		}
		*end.at = at
	}
	if text := s.plain("rides"); text != "" {
		n, err := strconv.ParseInt(text, 10, 32)
		if err != nil {
			s.reject("rides", "is not a whole number", "write digits only")
		}
		p.Popularity = int32(n)
	}
	return p
}

// WritePlaces writes places.csv with every column, as ReadPlaces reads it.
func WritePlaces(w io.Writer, places []dispatch.KnownPlace) error {
	rows := make([][]string, 1, len(places)+1)
	for i := range placeColumns {
		rows[0] = append(rows[0], placeColumns[i].ja)
	}
	for i := range places {
		p := &places[i]
		row := slices.Concat([]string{p.ID, p.Label, p.Kana, wordFor(kindWords, string(p.Kind)), p.Address},
			exactDegrees(p.Entrance), exactDegrees(p.Road), []string{p.Notes, count(int(p.Popularity))})
		for k := range row {
			row[k] = guard(row[k])
		}
		rows = append(rows, row)
	}
	return writeSheet(w, rows)
}
