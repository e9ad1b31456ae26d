package dayfile

import (
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/ikawaha/kagome-dict/ipa"
	"github.com/ikawaha/kagome/v2/tokenizer"
)

// Readings guesses how names are read. It is safe for concurrent use.
type Readings interface {
	// Person is the reading of a person's name in hiragana, Place that of a place's, or "" where nothing can be said.
	Person(name string) string
	Place(name string) string
}

// Dictionary is a Readings by the IPA dictionary of Japanese. The dictionary takes some 100 MB once something is asked, and
// stays: names whose reading is recorded need none.
type Dictionary struct {
	open func() (*tokenizer.Tokenizer, error)
}

// NewDictionary returns a dictionary that is read when it is first asked.
func NewDictionary() *Dictionary {
	return &Dictionary{sync.OnceValues(func() (*tokenizer.Tokenizer, error) {
		return tokenizer.New(ipa.Dict(), tokenizer.OmitBosEos())
	})}
}

// Person implements Readings.
func (d *Dictionary) Person(name string) string {
	reading, _ := d.read(name)
	return reading
}

// longPlace is the number of letters of a name beyond which it is a description that reads itself.
const longPlace = 6

// Place implements Readings: only a short text that the dictionary knows to hold a proper name needs one, and other words that
// could be read in two ways are better left alone.
func (d *Dictionary) Place(name string) string {
	if utf8.RuneCountInString(name) > longPlace {
		return ""
	}
	reading, proper := d.read(name)
	if !proper {
		return ""
	}
	return reading
}

// read is the reading of a text that has kanji and whose every word is known, and whether one of the words is a proper name.
func (d *Dictionary) read(text string) (reading string, proper bool) {
	if !strings.ContainsFunc(text, isKanji) {
		return "", false
	}
	words, err := d.open()
	if err != nil { // the dictionary is part of the program and cannot be damaged
		return "", false
	}
	var b strings.Builder
	for _, token := range words.Tokenize(text) {
		switch said, known := token.Reading(); {
		case known:
			b.WriteString(said)
		case !strings.ContainsFunc(token.Surface, isKanji):
			b.WriteString(token.Surface)
		default:
			return "", false
		}
		if pos := token.POS(); len(pos) > 1 && pos[1] == "固有名詞" {
			proper = true
		}
	}
	return hiragana(b.String()), proper
}

// isKanji reports whether a rune is a Chinese character, those beyond the basic plane among them.
func isKanji(r rune) bool {
	return r >= 0x3400 && r <= 0x9fff || r >= 0xf900 && r <= 0xfaff || r >= 0x20000 && r <= 0x3ffff || r == '々'
}

// hiragana writes katakana as hiragana, as readings stand over names.
func hiragana(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'ァ' && r <= 'ヶ' {
			return r - 'ァ' + 'ぁ'
		}
		return r
	}, s)
}
