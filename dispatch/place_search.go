package dispatch

import (
	"cmp"
	"fmt"
	"math/bits"
	"slices"
	"sync"

	"github.com/swmaas/swmaas/routing/geo"
)

// Gazetteer finds the places of an area by what people type: part of a name or reading in any width, kana and kanji form, a
// house number, or a pin. It holds everything in memory in flat columns and asks nobody. Immutable and safe for concurrent
// use; a search costs well under a millisecond on 20,000 places (BenchmarkPlaceSearch).
type Gazetteer struct {
	places []KnownPlace
	drop   [][]rune // search forms of what may stand before every place, the longest first: 富山県黒部市

	// A key is one search form of a place. Columns by key, those of one place next to each other:
	keyEnd  []int32    // end of the key in runes; it begins where the key before ends
	keyMask []uint64   // the runes that occur in it, hashed to 64 bits
	keyKind []keyClass // what it was made from
	keyOf   []int32    // the place
	runes   []rune     // all keys after each other
	scratch sync.Pool  // of *placeScratch
}

// keyClass is what a key was made from; smaller ones rank first among equals.
type keyClass uint8

const (
	nameKey keyClass = iota
	kanaKey
	addressKey
)

// PlaceQuery is a search for a place.
type PlaceQuery struct {
	Text  string
	Near  geo.LatLng   // where the rider lives or is, to rank by distance; the zero LatLng for nowhere
	Own   []SavedPlace // of the rider: they come first among equal matches
	Limit int          // most hits; 10 where it is 0
}

// PlaceHit is a place that was found.
type PlaceHit struct {
	SavedPlace
	ID     string // in the gazetteer; empty for the rider's own and for a pin
	Kind   PlaceKind
	Match  MatchKind
	Rest   string // the part of a house number that the gazetteer does not know, such as 3-2-1
	Meters int32  // from PlaceQuery.Near, 0 where that is nowhere
}

// MatchKind is how well a name matches; smaller is better.
type MatchKind uint8

// The kinds of matches.
const (
	PinMatch    MatchKind = iota // the text is a position
	ExactMatch                   // the whole name or reading
	PrefixMatch                  // the name begins with the text
	InsideMatch                  // the name contains the text
	NumberMatch                  // the text is the name with a house number behind it
	ApproxMatch                  // the name nearly contains the text: a letter missing, wrong or exchanged
)

const (
	usualHits = 10
	longest   = 64 // runes of a text that count: one machine word in the approximate comparison
	// A place where twice as many people go ranks as if it were this much nearer, in metres: the length of a walk that nobody
	// in a village makes for a shop that is as good.
	popularMeters = 800
)

// NewGazetteer indexes places. prefixes are names that people may write before any place, such as 富山県 and 黒部市. The list
// is copied. It fails with ErrInvalid for a place without an id, name or position.
func NewGazetteer(places []KnownPlace, prefixes ...string) (*Gazetteer, error) {
	g := &Gazetteer{places: slices.Clone(places)}
	g.scratch.New = func() any { return new(placeScratch) }
	var f folder
	for i := range g.places {
		p := &g.places[i]
		if p.ID == "" || p.Label == "" || !p.Entrance.Valid() || p.Entrance == (geo.LatLng{}) {
			return nil, fmt.Errorf("%w: place %q has no id, name or position", ErrInvalid, p.ID)
		}
		for class, text := range [...]string{nameKey: p.Label, kanaKey: p.Kana, addressKey: p.Address} {
			from := len(g.runes)
			g.runes = f.fold(g.runes, text)
			if len(g.runes) == from {
				continue
			}
			g.keyEnd = append(g.keyEnd, int32(len(g.runes)))
			g.keyMask = append(g.keyMask, runeMask(g.runes[from:]))
			g.keyKind = append(g.keyKind, keyClass(class))
			g.keyOf = append(g.keyOf, int32(i))
		}
	}
	for _, a := range prefixes {
		g.addPrefix(f.fold(nil, a))
		for _, b := range prefixes {
			if a != b {
				g.addPrefix(f.fold(f.fold(nil, a), b))
			}
		}
	}
	return g, nil
}

// addPrefix keeps the prefixes ordered by length, the longest first.
func (g *Gazetteer) addPrefix(p []rune) {
	if len(p) == 0 {
		return
	}
	g.drop = append(g.drop, p)
	slices.SortStableFunc(g.drop, func(a, b []rune) int { return len(b) - len(a) })
}

// Len is the number of places.
func (g *Gazetteer) Len() int { return len(g.places) }

// Places lists the places, to be read and not changed.
func (g *Gazetteer) Places() []KnownPlace { return g.places }

// placeScratch is what one search works with.
type placeScratch struct {
	folder
	text []rune // the search form of the query
	own  []rune // and of one of the rider's own places
	hits []placeRank
	near pattern
}

// placeRank is a place that matches; index is negative for the rider's own.
type placeRank struct {
	index  int32
	match  MatchKind
	class  keyClass
	errors uint8 // for ApproxMatch twice the misses, one more where only a part is meant; for NumberMatch the runes that are not covered
	public bool  // not the rider's own
	meters int32
	score  int32 // metres, less what popularity is worth
	length int32 // of the key
}

// compare orders hits, the best first.
func (a *placeRank) compare(b *placeRank) int {
	if c := cmp.Or(cmp.Compare(a.match, b.match), cmp.Compare(a.errors, b.errors)); c != 0 {
		return c
	}
	if a.public != b.public {
		if b.public {
			return -1
		}
		return 1
	}
	return cmp.Or(cmp.Compare(a.class, b.class), cmp.Compare(a.score, b.score), cmp.Compare(a.length, b.length), cmp.Compare(a.index, b.index))
}

// Search appends the places that match to dst, best first: a whole name before a beginning, that before a part, then names
// with an unknown house number, then near misses; among equals the rider's own, then the near and the popular. A text that
// is a position gives that pin. Nothing is found for an empty text.
func (g *Gazetteer) Search(dst []PlaceHit, q PlaceQuery) []PlaceHit {
	if at, is := parsePin(q.Text); is {
		return append(dst, g.pin(at, q.Near))
	}
	s, _ := g.scratch.Get().(*placeScratch)
	defer g.scratch.Put(s)
	limit := q.Limit
	if limit <= 0 {
		limit = usualHits
	}
	s.hits = s.hits[:0]
	s.text = s.fold(s.text[:0], q.Text)
	s.text = s.text[:min(len(s.text), longest)]
	if len(s.text) == 0 {
		return dst
	}
	g.collect(s, s.text, &q, limit)
	for _, p := range g.drop {
		if len(s.text) > len(p) && slices.Equal(s.text[:len(p)], p) {
			g.collect(s, s.text[len(p):], &q, limit)
			break
		}
	}
	for i := range s.hits {
		dst = append(dst, g.hit(&s.hits[i], s, &q))
	}
	return dst
}

// collect adds the matches of one text to s.hits, of which limit are kept. Near misses are looked for only where there is
// room.
func (g *Gazetteer) collect(s *placeScratch, text []rune, q *PlaceQuery, limit int) {
	mask := runeMask(text)
	for i := range q.Own {
		s.own = s.fold(s.own[:0], q.Own[i].Label)
		if r, found := matchKey(s.own, text, nameKey); found {
			r.index = int32(-1 - i)
			g.keep(s, r, q, limit)
		}
	}
	var from int32
	for k, end := range g.keyEnd {
		key := g.runes[from:end]
		from = end
		if mask&^g.keyMask[k] != 0 && g.keyMask[k]&^mask != 0 {
			continue
		}
		if r, found := matchKey(key, text, g.keyKind[k]); found {
			r.index, r.public = g.keyOf[k], true
			g.keep(s, r, q, limit)
		}
	}
	allowed := misses(len(text))
	if len(s.hits) >= limit || allowed == 0 {
		return
	}
	s.near.set(text)
	from = 0
	for k, end := range g.keyEnd {
		key := g.runes[from:end]
		from = end
		if bits.OnesCount64(mask&^g.keyMask[k]) > allowed || len(key)+allowed < len(text) {
			continue
		}
		if d := s.near.distance(key); d <= allowed {
			r := placeRank{index: g.keyOf[k], match: ApproxMatch, class: g.keyKind[k], errors: uint8(2 * d), public: true, length: int32(len(key))}
			if len(key) > len(text)+allowed { // the text is nearly a part of the name, not nearly the name
				r.errors++
			}
			g.keep(s, r, q, limit)
		}
	}
}

// misses is how many letters of a text of n may differ.
func misses(n int) int {
	switch {
	case n < 3:
		return 0
	case n < 6:
		return 1
	}
	return 2
}

// matchKey compares a key with a text, but for near misses.
func matchKey(key, text []rune, class keyClass) (placeRank, bool) {
	r := placeRank{class: class, length: int32(len(key))}
	n, at := len(text), indexOf(key, text)
	switch {
	case at == 0 && (len(key) == n || len(key) == n+1 && key[n] == '-'):
		r.match = ExactMatch
	case at == 0:
		r.match = PrefixMatch
	case at > 0:
		r.match = InsideMatch
	case len(key) > 0 && len(key) < n && class != addressKey && slices.Equal(text[:len(key)], key) && houseNumber(key[len(key)-1], text[len(key):]):
		r.match, r.errors = NumberMatch, uint8(n-len(key))
	default:
		return r, false
	}
	if class == addressKey && r.match != InsideMatch { // the address is beside the name: it is found, but never as the place itself
		r.match = InsideMatch
	}
	return r, true
}

// houseNumber reports whether rest continues a name that ends with last as a house number does.
func houseNumber(last rune, rest []rune) bool {
	if isDigit(last) && isDigit(rest[0]) {
		return false
	}
	return !slices.ContainsFunc(rest, func(r rune) bool { return r != '-' && !isDigit(r) })
}

// indexOf is where part begins in s, -1 where it does not occur.
func indexOf(s, part []rune) int {
	for i := 0; i+len(part) <= len(s); i++ {
		if s[i] == part[0] && slices.Equal(s[i:i+len(part)], part) {
			return i
		}
	}
	return -1
}

// keep puts a match among the hits, once for a place and no more than limit of them.
func (g *Gazetteer) keep(s *placeScratch, r placeRank, q *PlaceQuery, limit int) {
	p := g.saved(r.index, q)
	if q.Near != (geo.LatLng{}) {
		r.meters = int32(geo.Distance(q.Near, p.Entrance))
	}
	r.score = r.meters
	if r.index >= 0 {
		r.score -= popularMeters * int32(bits.Len32(uint32(max(0, g.places[r.index].Popularity))))
	}
	for i := range s.hits {
		if s.hits[i].index != r.index {
			continue
		}
		if s.hits[i].compare(&r) <= 0 {
			return
		}
		s.hits = slices.Delete(s.hits, i, i+1)
		break
	}
	at, _ := slices.BinarySearchFunc(s.hits, r, func(a, b placeRank) int { return a.compare(&b) })
	if at >= limit {
		return
	}
	if len(s.hits) == limit {
		s.hits = s.hits[:limit-1]
	}
	s.hits = slices.Insert(s.hits, at, r)
}

// saved is the place of a hit.
func (g *Gazetteer) saved(index int32, q *PlaceQuery) *SavedPlace {
	if index < 0 {
		return &q.Own[-1-index]
	}
	return &g.places[index].SavedPlace
}

// hit makes the answer of a match.
func (g *Gazetteer) hit(r *placeRank, s *placeScratch, q *PlaceQuery) PlaceHit {
	h := PlaceHit{SavedPlace: *g.saved(r.index, q), Kind: OwnPlace, Match: r.match, Meters: r.meters}
	if r.index >= 0 {
		h.ID, h.Kind = g.places[r.index].ID, g.places[r.index].Kind
	}
	if r.match == NumberMatch {
		rest := s.text[len(s.text)-int(r.errors):]
		for len(rest) > 1 && rest[len(rest)-1] == '-' {
			rest = rest[:len(rest)-1]
		}
		h.Rest = string(rest)
	}
	return h
}

// runeMask hashes the runes of a text to 64 bits. A text whose bits are not all in a key's mask does not occur in the key;
// the converse need not hold.
func runeMask(text []rune) (mask uint64) {
	for _, r := range text {
		mask |= 1 << (uint32(r) * 0x9E3779B1 >> 26)
	}
	return mask
}
