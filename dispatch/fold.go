package dispatch

import (
	"strconv"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// folder turns what people type and what lists hold into one search form, so that equal forms mean equal names: NFKC, one
// width, katakana without small forms and long marks, lower case, today's kanji, numbers in ASCII digits with '-' for 丁目,
// 番, 号 and の between them, and no spaces or punctuation. It is not safe for concurrent use; its buffer is kept.
type folder struct {
	bytes []byte
	runes []rune
}

// fold appends the search form of text to dst. Bytes that are no UTF-8 count as one unknown letter each.
func (f *folder) fold(dst []rune, text string) []rune {
	f.runes = f.runes[:0]
	if norm.NFKC.IsNormalString(text) {
		for _, r := range text {
			f.runes = foldRune(f.runes, r)
		}
		return foldNumbers(dst, f.runes)
	}
	f.bytes = norm.NFKC.AppendString(f.bytes[:0], text)
	for rest := f.bytes; len(rest) > 0; {
		r, size := utf8.DecodeRune(rest)
		rest = rest[size:]
		f.runes = foldRune(f.runes, r)
	}
	return foldNumbers(dst, f.runes)
}

// foldRune appends one rune in its search form, or nothing.
func foldRune(dst []rune, r rune) []rune {
	switch {
	case r < unicode.MaxASCII:
		return foldASCII(dst, r)
	case r >= 'ぁ' && r <= 'ゖ' || r == 'ゝ' || r == 'ゞ':
		r += 'ァ' - 'ぁ'
	case r == 'ー' || r >= '‐' && r <= '―' || r == '−' || r == '─' || r == '━': // a long mark, or a dash between numbers
		if len(dst) > 0 && isNumeral(dst[len(dst)-1]) {
			return append(dst, '-')
		}
		return dst
	case unicode.IsSpace(r) || unicode.IsPunct(r) || unicode.IsSymbol(r):
		return dst
	}
	if r >= 'ァ' && r <= 'ヺ' {
		if large := kanaForms[r-'ァ']; large != 0 {
			r = large
		}
		return append(dst, r)
	}
	if r >= '㐀' {
		if today, old := kanjiForms[r]; old {
			r = today
		}
		return append(dst, r)
	}
	return append(dst, unicode.ToLower(r))
}

func foldASCII(dst []rune, r rune) []rune {
	switch {
	case r >= '0' && r <= '9' || r >= 'a' && r <= 'z':
		return append(dst, r)
	case r >= 'A' && r <= 'Z':
		return append(dst, r+'a'-'A')
	case r == '-' && len(dst) > 0 && isNumeral(dst[len(dst)-1]):
		return append(dst, r)
	}
	return dst
}

// kanaForms maps katakana, counted from ァ, to the form that is searched: small ones to large ones, and those that sound the
// same today to one of them. 0 where nothing changes.
var kanaForms = [...]rune{
	0: 'ア', 'ィ' - 'ァ': 'イ', 'ゥ' - 'ァ': 'ウ', 'ェ' - 'ァ': 'エ', 'ォ' - 'ァ': 'オ', 'ッ' - 'ァ': 'ツ',
	'ャ' - 'ァ': 'ヤ', 'ュ' - 'ァ': 'ユ', 'ョ' - 'ァ': 'ヨ', 'ヮ' - 'ァ': 'ワ', 'ヵ' - 'ァ': 'カ', 'ヶ' - 'ァ': 'ケ',
	'ヂ' - 'ァ': 'ジ', 'ヅ' - 'ァ': 'ズ', 'ヴ' - 'ァ': 'ブ', 'ヰ' - 'ァ': 'イ', 'ヱ' - 'ァ': 'エ', 'ヲ' - 'ァ': 'オ', 'ヺ' - 'ァ': 0,
}

// kanjiForms maps old and variant forms that occur in names to the form in use today. NFKC maps the compatibility forms.
var kanjiForms = map[rune]rune{
	'黑': '黒', '澤': '沢', '邊': '辺', '邉': '辺', '齋': '斉', '齊': '斉', '斎': '斉', '濱': '浜', '濵': '浜', '髙': '高',
	'﨑': '崎', '嵜': '崎', '碕': '崎', '嶋': '島', '嶌': '島', '廣': '広', '國': '国', '櫻': '桜', '龍': '竜', '瀧': '滝',
	'檜': '桧', '舘': '館', '縣': '県', '條': '条', '圓': '円', '寶': '宝', '寳': '宝', '萬': '万', '眞': '真', '壽': '寿',
	'榮': '栄', '應': '応', '會': '会', '學': '学', '區': '区', '號': '号', '臺': '台', '鐵': '鉄', '驛': '駅', '醫': '医',
	'來': '来', '冨': '富', '嶽': '岳', '峯': '峰', '曾': '曽', '藏': '蔵', '淺': '浅', '靜': '静', '德': '徳', '惠': '恵',
	'舊': '旧', '與': '与', '佛': '仏', '豐': '豊', '邨': '村', '埜': '野', '墅': '野', '釋': '釈', '關': '関', '團': '団',
	'單': '単', '戰': '戦', '當': '当', '發': '発', '櫟': '檪', '籠': '篭', '瀨': '瀬', '渕': '淵', '渊': '淵', '𠮷': '吉',
	'姬': '姫', '莊': '荘', '庄': '荘', '壯': '壮', '燈': '灯', '爐': '炉', '薗': '園', '舩': '船', '輌': '両', '螢': '蛍',
	'巖': '岩', '巌': '岩', '桒': '桑', '柗': '松', '楳': '梅', '穗': '穂', '竈': '釜', '竃': '釜', '蘆': '芦', '葦': '芦',
	'覺': '覚', '觀': '観', '讓': '譲', '輕': '軽', '轉': '転', '鄕': '郷', '鄉': '郷', '鹽': '塩', '麥': '麦', '檢': '検',
	'氣': '気', '滿': '満', '澁': '渋', '獨': '独', '畫': '画', '盡': '尽', '祕': '秘', '禮': '礼', '稻': '稲', '經': '経',
	'總': '総', '聲': '声', '藝': '芸', '藥': '薬', '處': '処', '衞': '衛', '裝': '装', '譽': '誉', '讀': '読', '變': '変',
	'豫': '予', '辭': '辞', '遲': '遅', '錢': '銭',
}

// isNumeral reports whether a rune is a digit, in ASCII or kanji.
func isNumeral(r rune) bool { return r >= '0' && r <= '9' || kanjiDigit(r) >= 0 || r == '十' }

// kanjiDigit is the value of 〇 to 九, -1 for every other rune.
func kanjiDigit(r rune) rune {
	switch r {
	case '〇', '零':
		return 0
	case '一':
		return 1
	case '二':
		return 2
	case '三':
		return 3
	case '四':
		return 4
	case '五':
		return 5
	case '六':
		return 6
	case '七':
		return 7
	case '八':
		return 8
	case '九':
		return 9
	}
	return -1
}

// foldNumbers appends src to dst with numbers in one form: kanji numbers as digits, and what stands between the parts of a
// house number as '-'. The word 大字, which some write and others do not, is left out.
func foldNumbers(dst, src []rune) []rune {
	from := len(dst)
	for i := 0; i < len(src); {
		if n := numerals(src[i:]); n > 0 {
			dst = appendNumber(dst, src[i:i+n])
			i += n
			if word := numberWord(src[i:]); word > 0 {
				dst, i = append(dst, '-'), i+word
			}
			continue
		}
		r := src[i]
		afterNumber := len(dst) > from && (dst[len(dst)-1] == '-' || isDigit(dst[len(dst)-1]))
		switch {
		case r == '大' && i+1 < len(src) && src[i+1] == '字':
			i += 2
			continue
		case r == '-' && !afterNumber, r == '-' && dst[len(dst)-1] == '-':
		case r == 'ノ' && afterNumber && numerals(src[i+1:]) > 0:
			if dst[len(dst)-1] != '-' {
				dst = append(dst, '-')
			}
		default:
			dst = append(dst, r)
		}
		i++
	}
	return dst
}

// numerals is the number of numerals that s begins with.
func numerals(s []rune) int {
	n := 0
	for n < len(s) && isNumeral(s[n]) {
		n++
	}
	return n
}

// numberWord is the length of the word behind a part of a house number that s begins with, 0 for none.
func numberWord(s []rune) int {
	switch {
	case len(s) == 0:
		return 0
	case len(s) > 1 && (s[0] == '丁' && s[1] == '目' || s[0] == '番' && s[1] == '地'):
		return 2
	case s[0] == '番' || s[0] == '号':
		return 1
	}
	return 0
}

// appendNumber appends a run of numerals as digits: 二十三 as 23, 三四 as 34, and any other run with 十 in it digit by digit.
func appendNumber(dst, run []rune) []rune {
	if v := tens(run); v > 0 {
		var digits [4]byte
		for _, d := range strconv.AppendInt(digits[:0], int64(v), 10) {
			dst = append(dst, rune(d))
		}
		return dst
	}
	for _, r := range run {
		switch d := kanjiDigit(r); {
		case d >= 0:
			dst = append(dst, '0'+d)
		case r == '十':
			dst = append(dst, '1', '0')
		default:
			dst = append(dst, r)
		}
	}
	return dst
}

// tens is the value of a number of the form 十, 二十, 十三 or 二十三, and 0 for every other run.
func tens(run []rune) rune {
	v := rune(10)
	if len(run) > 0 && kanjiDigit(run[0]) > 0 {
		v = 10 * kanjiDigit(run[0])
		run = run[1:]
	}
	if len(run) == 0 || len(run) > 2 || run[0] != '十' {
		return 0
	}
	if len(run) == 2 {
		ones := kanjiDigit(run[1])
		if ones < 0 {
			return 0
		}
		v += ones
	}
	return v
}

func isDigit(r rune) bool { return r >= '0' && r <= '9' }
