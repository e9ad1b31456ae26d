package dispatch

// pattern finds how well a short text occurs inside keys, many keys a microsecond: the bit-parallel approximate matching of
// Myers (1999, doi 10.1145/316542.316550) in the form of Hyyrö (2003, "A bit-vector algorithm for computing Levenshtein and
// Damerau edit distances"), whose TR term counts two neighbours that were exchanged as one miss. It is not safe for
// concurrent use.
type pattern struct {
	n     int
	runes [longest]rune   // the different runes of the text
	masks [longest]uint64 // where each of them occurs in it
	kinds int
}

// set makes the pattern of a text of 1 to longest runes.
func (p *pattern) set(text []rune) {
	p.n, p.kinds = len(text), 0
	for i, r := range text {
		k := 0
		for k < p.kinds && p.runes[k] != r {
			k++
		}
		if k == p.kinds {
			p.runes[k], p.masks[k] = r, 0
			p.kinds++
		}
		p.masks[k] |= 1 << i
	}
}

// distance is the least number of letters to put in, leave out, replace or exchange with their neighbour so that the text
// occurs in the key (optimal string alignment with free ends in the key).
func (p *pattern) distance(key []rune) int {
	positive, negative := ^uint64(0), uint64(0) // of the differences down a column of the comparison's table
	var diagonal, matchBefore uint64
	last := uint64(1) << (p.n - 1)
	distance, best := p.n, p.n
	for _, r := range key {
		var match uint64
		for k := range p.kinds {
			if p.runes[k] == r {
				match = p.masks[k]
				break
			}
		}
		exchanged := (^diagonal & match) << 1 & matchBefore
		diagonal = exchanged | (match&positive + positive ^ positive) | match | negative
		right, left := negative|^(diagonal|positive), diagonal&positive
		if right&last != 0 {
			distance++
		}
		if left&last != 0 {
			distance--
		}
		right <<= 1 // a match may begin anywhere in the key, so the table's first row is all zero
		left <<= 1
		positive, negative = left|^(diagonal|right), diagonal&right
		matchBefore = match
		best = min(best, distance)
	}
	return best
}
