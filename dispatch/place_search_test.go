package dispatch_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/routing/geo"
	"github.com/swmaas/swmaas/testdata/kurobe"
)

// known makes a public place; n places it some hundred metres further east than the one before.
func known(id, name, kana, address string, kind dispatch.PlaceKind, popularity int32, n int) dispatch.KnownPlace {
	return dispatch.KnownPlace{
		ID: id, Kind: kind, Kana: kana, Popularity: popularity,
		SavedPlace: dispatch.SavedPlace{Label: name, Address: address, Entrance: geo.LatLng{Lat: 36.87, Lng: 137.40 + float64(n)/200}},
	}
}

func smallTown(t *testing.T) *dispatch.Gazetteer {
	t.Helper()
	g, err := dispatch.NewGazetteer([]dispatch.KnownPlace{
		known("t1", "三日市", "ミッカイチ", "", dispatch.TownPlace, 0, 0),
		known("t2", "三日市3丁目", "みっかいち3ちょうめ", "", dispatch.BlockPlace, 0, 1),
		known("h1", "黒部市民病院", "クロベシミンビョウイン", "三日市1108-1", dispatch.FacilityPlace, 300, 2),
		known("s1", "黒部ショッピングセンター", "", "前沢1", dispatch.ShopPlace, 50, 3),
		known("t3", "荻生", "おぎゅう", "", dispatch.TownPlace, 0, 4),
		known("l1", "東三日市駅", "ひがしみっかいちえき", "", dispatch.LandmarkPlace, 10, 5),
		known("c1", "澤田医院", "さわだいいん", "荻生20", dispatch.FacilityPlace, 20, 6),
		known("t4", "前沢", "まえざわ", "", dispatch.TownPlace, 0, 7),
	}, "富山県", "黒部市")
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func TestPlaceIsFoundAsPeopleTypeIt(t *testing.T) {
	g := smallTown(t)
	for _, c := range []struct {
		name, text, want string
		match            dispatch.MatchKind
	}{
		{"whole name", "三日市", "t1", dispatch.ExactMatch},
		{"reading in hiragana", "みっかいち", "t1", dispatch.ExactMatch},
		{"reading in halfwidth katakana", "ﾐｯｶｲﾁ", "t1", dispatch.ExactMatch},
		{"prefecture and city before it", "富山県黒部市三日市", "t1", dispatch.ExactMatch},
		{"city before it", "黒部市 荻生", "t3", dispatch.ExactMatch},
		{"大字 before it", "大字荻生", "t3", dispatch.ExactMatch},
		{"begin of a reading", "くろべし", "h1", dispatch.PrefixMatch},
		{"name that begins like the city", "黒部市民", "h1", dispatch.PrefixMatch},
		{"middle of a name", "市民病院", "h1", dispatch.InsideMatch},
		{"block in kanji", "三日市三丁目", "t2", dispatch.ExactMatch},
		{"house number in a known block", "三日市3丁目2番1号", "t2", dispatch.NumberMatch},
		{"house number with dashes", "三日市３−２−１", "t2", dispatch.NumberMatch},
		{"house number in a town", "荻生123の4", "t3", dispatch.NumberMatch},
		{"today's kanji for an old name", "沢田医院", "c1", dispatch.ExactMatch},
		{"long mark left out", "ショッピングセンタ", "s1", dispatch.InsideMatch},
		{"letter too many", "黒部市民病病院", "h1", dispatch.ApproxMatch},
		{"wrong kanji", "黒部市民医院", "h1", dispatch.ApproxMatch},
		{"letters exchanged", "みかっいち", "t1", dispatch.ApproxMatch},
		{"address of a facility", "三日市1108", "h1", dispatch.InsideMatch},
	} {
		hits := g.Search(nil, dispatch.PlaceQuery{Text: c.text})
		if len(hits) == 0 || hits[0].ID != c.want || hits[0].Match != c.match {
			t.Errorf("%s: %q finds %+v, want %s as %d", c.name, c.text, hits, c.want, c.match)
		}
	}
	for _, text := range []string{"", "　", "・", "東京", "xyz"} {
		if hits := g.Search(nil, dispatch.PlaceQuery{Text: text}); len(hits) > 0 {
			t.Errorf("%q finds %+v", text, hits)
		}
	}
}

func TestUnknownHouseNumberIsHandedBack(t *testing.T) {
	g := smallTown(t)
	for text, rest := range map[string]string{"三日市3丁目2番1号": "2-1", "荻生123の4": "123-4", "荻生 25番地": "25"} {
		if hits := g.Search(nil, dispatch.PlaceQuery{Text: text}); len(hits) == 0 || hits[0].Rest != rest {
			t.Errorf("%q: %+v, want the rest %q", text, hits, rest)
		}
	}
}

func TestHitsAreRanked(t *testing.T) {
	g := smallTown(t)
	ids := func(q dispatch.PlaceQuery) (list []string) {
		for _, h := range g.Search(nil, q) {
			list = append(list, h.ID+h.Label)
		}
		return list
	}
	if got := ids(dispatch.PlaceQuery{Text: "三日市", Limit: 3}); !slices.Equal(got, []string{"t1三日市", "t23丁目", "l1東三日市駅"}) &&
		!slices.Equal(got, []string{"t1三日市", "t2三日市3丁目", "l1東三日市駅"}) {
		t.Errorf("whole name, beginning, part: %v", got)
	}
	shops := []dispatch.KnownPlace{
		known("far", "スーパー東", "", "", dispatch.ShopPlace, 0, 40), known("near", "スーパー中", "", "", dispatch.ShopPlace, 0, 1),
		known("much", "スーパー西", "", "", dispatch.ShopPlace, 1000, 5),
	}
	g, err := dispatch.NewGazetteer(shops)
	if err != nil {
		t.Fatal(err)
	}
	if got := ids(dispatch.PlaceQuery{Text: "スーパー"})[0]; got != "muchスーパー西" {
		t.Errorf("nowhere: %s first, want the popular one", got)
	}
	home := shops[1].Entrance
	// 1000 visits are worth 10 doublings, 8 km; the popular shop is 1.8 km away, so it stays first and the near one follows.
	if got := ids(dispatch.PlaceQuery{Text: "スーパー", Near: home}); !slices.Equal(got, []string{"muchスーパー西", "nearスーパー中", "farスーパー東"}) {
		t.Errorf("near home: %v", got)
	}
	own := []dispatch.SavedPlace{{Label: "スーパー東の裏", Entrance: shops[0].Entrance}}
	if got := ids(dispatch.PlaceQuery{Text: "スーパー", Near: home, Own: own})[0]; got != "スーパー東の裏" {
		t.Errorf("with a saved place: %s first", got)
	}
}

func TestDroppedPinIsAPlace(t *testing.T) {
	g := smallTown(t)
	for text, want := range map[string]geo.LatLng{
		"36.8701,137.4001": {Lat: 36.8701, Lng: 137.4001},
		"３６．８７０１、１３７．４００１":      {Lat: 36.8701, Lng: 137.4001},
		"(36.8701, 137.4001)":   {Lat: 36.8701, Lng: 137.4001},
		" 36.8701°  137.4001° ": {Lat: 36.8701, Lng: 137.4001},
	} {
		hits := g.Search(nil, dispatch.PlaceQuery{Text: text})
		if len(hits) != 1 || hits[0].Kind != dispatch.PinPlace || hits[0].Entrance != want || hits[0].Label != "三日市付近" {
			t.Errorf("%q: %+v", text, hits)
		}
	}
	for _, text := range []string{"95.1,137.4", "3,2", "36.87", "1e3.,2.0", "0x1.p4,2.0", "NaN.,1.0"} {
		if hits := g.Search(nil, dispatch.PlaceQuery{Text: text}); len(hits) > 0 && hits[0].Kind == dispatch.PinPlace {
			t.Errorf("%q is taken for a pin: %+v", text, hits)
		}
	}
	far := g.Search(nil, dispatch.PlaceQuery{Text: "35.0,135.0"})
	if len(far) != 1 || far[0].Label != "地図の地点" {
		t.Errorf("pin far from everything: %+v", far)
	}
}

func TestUnusablePlacesAreRefused(t *testing.T) {
	for _, p := range []dispatch.KnownPlace{{}, {ID: "x"}, known("", "三日市", "", "", dispatch.TownPlace, 0, 0)} {
		if _, err := dispatch.NewGazetteer([]dispatch.KnownPlace{p}); !errors.Is(err, dispatch.ErrInvalid) {
			t.Errorf("%+v: %v", p, err)
		}
	}
}

func TestEveryPlaceOfKurobeIsFoundByEveryBeginningOfItsName(t *testing.T) {
	facts, err := kurobe.Load()
	if err != nil {
		t.Fatal(err)
	}
	var places []dispatch.KnownPlace
	add := func(id, name string, kind dispatch.PlaceKind, at kurobe.Point) {
		places = append(places, dispatch.KnownPlace{ID: id, Kind: kind, SavedPlace: dispatch.SavedPlace{Label: name, Entrance: geo.LatLng(at)}})
	}
	for i, town := range facts.Towns {
		add(fmt.Sprintf("t%d", i), town.Name+town.Part, dispatch.TownPlace, town.At)
	}
	for i, p := range facts.Places {
		add(fmt.Sprintf("p%d", i), p.Name, dispatch.LandmarkPlace, p.At)
	}
	g, err := dispatch.NewGazetteer(places, "富山県", "黒部市")
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range places {
		name := []rune(p.Label)
		for n := 1; n <= len(name); n++ {
			hits := g.Search(nil, dispatch.PlaceQuery{Text: string(name[:n]), Limit: len(places)})
			if !slices.ContainsFunc(hits, func(h dispatch.PlaceHit) bool { return h.ID == p.ID }) {
				t.Errorf("%q does not find %s", string(name[:n]), p.Label)
			}
		}
		if hits := g.Search(nil, dispatch.PlaceQuery{Text: p.Label}); hits[0].Match != dispatch.ExactMatch {
			t.Errorf("%q: best match %d", p.Label, hits[0].Match)
		}
	}
}

// manyPlaces makes names of the kind that a prefecture has, and texts that people type to find some of them.
func manyPlaces(n int) (places []dispatch.KnownPlace, texts []string) {
	rng := rand.New(rand.NewPCG(5, 7))
	parts := []string{"三日", "荻", "生", "前", "沢", "石", "田", "若", "栗", "宇奈", "月", "浦", "山", "中", "新", "東", "西", "北", "南", "島", "川", "村", "町", "谷", "堀", "切", "天", "神", "柳", "桜"}
	kana := []string{"ミッカ", "オギ", "ウ", "マエ", "ザワ", "イシ", "ダ", "ワカ", "グリ", "ウナ", "ヅキ", "ウラ", "ヤマ", "ナカ", "シン", "ヒガシ", "ニシ", "キタ", "ミナミ", "シマ", "カワ", "ムラ", "マチ", "タニ", "ホリ", "キリ", "テン", "ジン", "ヤナギ", "サクラ"}
	kinds := []string{"", "1丁目", "2丁目", "診療所", "公民館", "郵便局", "駅前", "小学校"}
	for i := range n {
		var name, reading strings.Builder
		for range 2 + rng.IntN(3) {
			k := rng.IntN(len(parts))
			name.WriteString(parts[k])
			reading.WriteString(kana[k])
		}
		name.WriteString(kinds[rng.IntN(len(kinds))])
		p := known(fmt.Sprintf("p%05d", i), name.String(), reading.String(), "", dispatch.TownPlace, int32(rng.IntN(200)), i%200)
		places = append(places, p)
		if i%20 == 0 {
			long, short := []rune(p.Label), []rune(p.Kana)
			wrong := slices.Clone(long)
			wrong[len(wrong)/2] = '誤'
			texts = append(texts, p.Label, string(long[:1+rng.IntN(len(long))]), string(short[:1+rng.IntN(len(short))]), string(wrong),
				p.Label+"12-3", "富山県"+p.Label, "どこにもない場所", string(long[len(long)/2:]))
		}
	}
	return places, texts
}

// TestPlaceSearchIsQuick allows far more than a search takes, and takes the best of three, since other work may share the machine.
func TestPlaceSearchIsQuick(t *testing.T) {
	if testing.Short() {
		t.Skip("measures time")
	}
	places, texts := manyPlaces(20_000)
	g, err := dispatch.NewGazetteer(places, "富山県", "黒部市")
	if err != nil {
		t.Fatal(err)
	}
	var took []time.Duration
	var hits []dispatch.PlaceHit
	for _, text := range texts {
		best := time.Hour
		for range 3 {
			began := time.Now()
			hits = g.Search(hits[:0], dispatch.PlaceQuery{Text: text, Near: places[0].Entrance})
			best = min(best, time.Since(began))
		}
		took = append(took, best)
	}
	slices.Sort(took)
	if p99 := took[len(took)*99/100]; p99 > 25*time.Millisecond {
		t.Errorf("99 %% of %d searches take up to %v", len(took), p99)
	}
}

func TestPlaceSearchMakesNoGarbageWorthMentioning(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector makes pools forget at random")
	}
	places, _ := manyPlaces(2000)
	g, err := dispatch.NewGazetteer(places)
	if err != nil {
		t.Fatal(err)
	}
	var hits []dispatch.PlaceHit
	search := func() {
		hits = g.Search(hits[:0], dispatch.PlaceQuery{Text: "三日市診療", Near: places[0].Entrance})
	}
	search()
	if n := testing.AllocsPerRun(100, search); n > 1 { // the pool may be emptied in between
		t.Errorf("%v allocations a search", n)
	}
}

func BenchmarkPlaceSearch(b *testing.B) {
	places, texts := manyPlaces(20_000)
	g, err := dispatch.NewGazetteer(places, "富山県", "黒部市")
	if err != nil {
		b.Fatal(err)
	}
	var hits []dispatch.PlaceHit
	took := make([]time.Duration, 0, 1<<16)
	i := 0
	b.ReportAllocs()
	for b.Loop() {
		began := time.Now()
		hits = g.Search(hits[:0], dispatch.PlaceQuery{Text: texts[i%len(texts)], Near: places[0].Entrance})
		if len(took) < cap(took) {
			took = append(took, time.Since(began))
		}
		i++
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds()), "p50-us")
	b.ReportMetric(float64(took[len(took)*9/10].Microseconds()), "p90-us")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds()), "p99-us")
}

func FuzzPlaceSearch(f *testing.F) {
	places, texts := manyPlaces(300)
	g, err := dispatch.NewGazetteer(places, "富山県", "黒部市")
	if err != nil {
		f.Fatal(err)
	}
	for _, text := range texts[:40] {
		f.Add(text, 3)
	}
	f.Add("36.8,137.4", 0)
	f.Add("\xff市", -1)
	f.Fuzz(func(t *testing.T, text string, limit int) {
		hits := g.Search(nil, dispatch.PlaceQuery{Text: text, Limit: limit, Near: places[0].Entrance, Own: []dispatch.SavedPlace{places[1].SavedPlace}})
		most := limit
		if limit <= 0 {
			most = 10
		}
		if len(hits) > most {
			t.Errorf("%d hits for a limit of %d", len(hits), limit)
		}
		seen := map[string]bool{}
		for i, h := range hits {
			if h.ID != "" && seen[h.ID] {
				t.Errorf("%q finds %s twice", text, h.ID)
			}
			seen[h.ID] = true
			if i > 0 && hits[i-1].Match > h.Match {
				t.Errorf("%q: a match of kind %d before one of kind %d", text, hits[i-1].Match, h.Match)
			}
		}
	})
}
