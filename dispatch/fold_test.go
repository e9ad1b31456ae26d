package dispatch

import (
	"testing"
	"unicode/utf8"
)

func folded(text string) string { return string(new(folder).fold(nil, text)) }

func TestWaysToWriteOneNameFoldToOneForm(t *testing.T) {
	for name, same := range map[string][]string{
		"kana of every width and size": {"ショウワ", "しょうわ", "ｼｮｳﾜ", "シヨウワ", "しょう わ"},
		"voiced halfwidth kana":        {"ガッコウ", "ｶﾞｯｺｳ", "がっこう"},
		"long marks":                   {"センター", "センタ", "ｾﾝﾀｰ", "せんたー"},
		"sounds that are one today":    {"ミズホ", "みづほ", "ミヅホ"},
		"Latin letters":                {"A Coop", "ａｃｏｏｐ", "a-coop", "Ａ・ＣＯＯＰ"},
		"old kanji":                    {"黒部", "黑部"},
		"variants in names":            {"渡辺", "渡邊", "渡邉"},
		"kanji above U+FFFF":           {"吉田", "𠮷田"},
		"compatibility kanji":          {"神田", "神田"},
		"small ケ in place names":       {"関ヶ原", "関ケ原"},
		"blocks":                       {"3丁目2番1号", "三丁目二番一号", "３丁目２番１号", "3丁目2-1号"},
		"house numbers":                {"三日市3-2-1", "三日市３−２−１", "三日市3ー2ー1", "三日市3の2の1", "三日市 3 - 2 - 1", "三日市3丁目2番地の1", "三日市三丁目2-1"},
		"numbers above ten":            {"二十三丁目", "23丁目", "２３丁目"},
		"ten":                          {"十丁目", "10丁目", "一〇丁目"},
		"numbers in names":             {"四十物", "40物"},
		"大字 that some write and others do not": {"大字荻生", "荻生"},
		"punctuation": {"黒部市民病院(本館)", "黒部市民病院　本館", "黒部市民病院・本館"},
	} {
		for _, text := range same {
			if got, want := folded(text), folded(same[0]); got != want {
				t.Errorf("%s: %q folds to %q, %q to %q", name, text, got, same[0], want)
			}
		}
	}
}

func TestDifferentNamesStayDifferent(t *testing.T) {
	for _, pair := range [][2]string{
		{"ハハ", "パパ"}, {"三日市3-21", "三日市32-1"}, {"3丁目", "3"}, {"荻生", "萩生"}, {"病院", "医院"},
	} {
		if folded(pair[0]) == folded(pair[1]) {
			t.Errorf("%q and %q both fold to %q", pair[0], pair[1], folded(pair[0]))
		}
	}
}

func FuzzFold(f *testing.F) {
	for _, s := range []string{"三日市3丁目2番地の1", "ｶﾞｯｺｳ", "大字", "十十十", "-ー-", "\xff\xfe", "の", "3の"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		once := folded(text)
		if !utf8.ValidString(once) {
			t.Errorf("%q folds to %q, which is not UTF-8", text, once)
		}
		prefix := string(new(folder).fold([]rune("5"), text))
		if prefix != "5"+once {
			t.Errorf("%q folds to %q behind other text, %q alone", text, prefix, once)
		}
	})
}
