package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"

	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/routing/geo"
	"github.com/swmaas/swmaas/vehicles"
)

// entryMargin is how far the box of a new town reaches beyond its facilities, in degrees: some 10 km, which the towns' riders live within.
const entryMargin = 0.1

// entryAuthor is who is noted to have made an entry from here.
const entryAuthor = "admin area new"

// faultOfTownName is what is wrong with the name of a town. It is empty where nothing is, or where there is no name.
func faultOfTownName(s string) words {
	if s == "" || dispatch.ValidAreaName(s) {
		return words{}
	}
	return words{"黒部市 のように日本語で、64 文字までで入力してください", "not a name in Japanese of at most 64 characters, such as 黒部市"}
}

// faultOfMunicipality is what is wrong with the code of a municipality. It is empty where nothing is, or where there is no code.
func faultOfMunicipality(s string) words {
	if s == "" || dispatch.ValidMunicipality(plainCode(s)) {
		return words{}
	}
	return words{
		"162078 のような 6 桁の全国地方公共団体コード(最後の桁は検査数字)ではありません",
		"not the six digits of a 全国地方公共団体コード, of which the last checks the others, such as 162078",
	}
}

// plainCode is a code in half-width digits, as a form or a Japanese keyboard may not have it.
func plainCode(s string) string { return strings.TrimSpace(norm.NFKC.String(s)) }

// checkedTown is what is stored of a town.
type checkedTown struct {
	fleet    vehicles.Fleet
	calendar *vehicles.Calendar
	entry    *dispatch.Area // without version, time and author
	missing  []words        // what an entry needs and the answers leave out: the entry cannot be stored then
}

// check makes of the answers what is stored. It names everything that is wrong with them.
func (t *newTown) check() (*checkedTown, error) {
	fleet, calendar, err := t.build()
	if err != nil {
		return nil, err
	}
	made := &checkedTown{fleet: fleet, calendar: calendar}
	made.entry, made.missing = t.entry(&fleet)
	if len(made.missing) == 0 {
		err = made.entry.Validate()
	}
	return made, err
}

// entry is what is known of the town beside its fleet, which build made. The office is at the facility that is marked so, the first where none is.
func (t *newTown) entry(fleet *vehicles.Fleet) (entry *dispatch.Area, missing []words) {
	office := fleet.OfficeOf()
	if office == nil {
		office = &fleet.Facilities[0]
	}
	for _, need := range []struct {
		text string
		what words
	}{
		{t.Name, words{"町の名前(name)", "the town's name (name)"}},
		{t.Municipality, words{"全国地方公共団体コード(municipality)", "the code of its municipality (municipality)"}},
		{office.Phone, say("事務所となる施設 %s の電話番号(phone)", "the telephone number of its office, facility %s (phone)", office.ID)},
	} {
		if need.text == "" {
			missing = append(missing, need.what)
		}
	}
	southWest, northEast := boxAround(fleet.Facilities)
	entry = &dispatch.Area{
		ID: dispatch.AreaID(t.Area), Name: t.Name, Municipality: plainCode(t.Municipality), SouthWest: southWest, NorthEast: northEast,
		Office: office.At, OfficePhone: office.Phone,
	}
	return entry, missing
}

// boxAround is the box around at least one facility, with the margin on every side.
func boxAround(facilities []vehicles.Facility) (southWest, northEast geo.LatLng) {
	southWest, northEast = facilities[0].At, facilities[0].At
	for _, f := range facilities[1:] {
		southWest = geo.LatLng{Lat: min(southWest.Lat, f.At.Lat), Lng: min(southWest.Lng, f.At.Lng)}
		northEast = geo.LatLng{Lat: max(northEast.Lat, f.At.Lat), Lng: max(northEast.Lng, f.At.Lng)}
	}
	southWest = geo.LatLng{Lat: southWest.Lat - entryMargin, Lng: southWest.Lng - entryMargin}
	northEast = geo.LatLng{Lat: northEast.Lat + entryMargin, Lng: northEast.Lng + entryMargin}
	return southWest, northEast
}

// enter stores the entry where nothing is missing, as the next version of the one there where replace is true. The note says what was not stored and
// what to do about it; it is empty where there is nothing to say. Errors are the store's.
func (made *checkedTown) enter(ctx context.Context, store dispatch.AreaStore, replace bool) (note words, err error) {
	there, err := store.Area(ctx, made.entry.ID)
	if err != nil && !errors.Is(err, dispatch.ErrNotFound) {
		return words{}, err
	}
	if len(made.missing) > 0 {
		return notEntered(made.entry.ID, made.missing, there), nil
	}
	next := *made.entry
	if there != nil {
		if !replace {
			return say("%s は%sとして登録済みです。前のまま残しました。--replace で置き換えます", "%s is entered as %s already, and stays so; --replace puts this entry in its place", next.ID, there.Name), nil
		}
		next.Version = there.Version
	}
	next.Version, next.At, next.By = next.Version+1, time.Now(), entryAuthor
	return words{}, store.SaveArea(ctx, &next)
}

// notEntered says what an entry lacks and how it is put in. there is the entry that stays, or nil.
func notEntered(id dispatch.AreaID, missing []words, there *dispatch.Area) words {
	ja, en := make([]string, len(missing)), make([]string, len(missing))
	for i, what := range missing {
		ja[i], en[i] = what.ja, what.en
	}
	state, call := say("%s の名称と事務所の電話番号は未登録です", "the name of %s and the number of its office are not entered", id), "CreateArea"
	if there != nil {
		state, call = say("%s は前のまま%sとして登録されています", "%s stays entered as %s", id, there.Name), "UpdateArea"
	}
	return words{
		fmt.Sprintf("%s(%sがありません)。回答のファイルに書き足して swmaas admin area new --file FILE --replace を実行するか、稼働中に Admin.%s で登録してください", state.ja, strings.Join(ja, "、"), call),
		fmt.Sprintf("%s (missing: %s). Add it to the file of answers and run swmaas admin area new --file FILE --replace, or call Admin.%s while the service runs", state.en, strings.Join(en, ", "), call),
	}
}
