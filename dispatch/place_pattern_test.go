package dispatch

import (
	"testing"

	"pgregory.net/rapid"
)

// slowDistance is the table that pattern.distance computes column by column in words of bits.
func slowDistance(text, key []rune) int {
	rows := make([][]int, len(text)+1)
	for i := range rows {
		rows[i] = make([]int, len(key)+1)
		rows[i][0] = i
	}
	for i := 1; i <= len(text); i++ {
		for j := 1; j <= len(key); j++ {
			cost := 1
			if text[i-1] == key[j-1] {
				cost = 0
			}
			rows[i][j] = min(rows[i-1][j]+1, rows[i][j-1]+1, rows[i-1][j-1]+cost)
			if i > 1 && j > 1 && text[i-1] == key[j-2] && text[i-2] == key[j-1] {
				rows[i][j] = min(rows[i][j], rows[i-2][j-2]+1)
			}
		}
	}
	best := len(text)
	for _, d := range rows[len(text)] {
		best = min(best, d)
	}
	return best
}

func TestPatternDistanceIsThatOfTheTable(t *testing.T) {
	letters := rapid.SampledFrom([]rune("アイウ市病院3-"))
	var p pattern
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.SliceOfN(letters, 1, longest).Draw(t, "text")
		if rapid.Bool().Draw(t, "short") {
			text = text[:min(len(text), 6)]
		}
		key := rapid.SliceOfN(letters, 0, 20).Draw(t, "key")
		p.set(text)
		if got, want := p.distance(key), slowDistance(text, key); got != want {
			t.Fatalf("%q in %q: %d, want %d", string(text), string(key), got, want)
		}
	})
}
