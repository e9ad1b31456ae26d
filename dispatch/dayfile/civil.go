package dayfile

import (
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/text/unicode/norm"

	"github.com/swmaas/swmaas/vehicles"
)

// eras maps the names of Japanese eras to the year before their first. Where an era ends is not checked: papers are dated with
// years that never came, such as 平成31年12月.
var eras = []struct {
	name, letter string
	before       int
}{
	{"令和", "R", 2018},
	{"平成", "H", 1988},
	{"昭和", "S", 1925},
	{"大正", "T", 1911},
	{"明治", "M", 1867},
}

// readDate reads a date as people write them: 2026-04-01, 2026/4/1, 20260401, 2026年4月1日, 令和8年4月1日, R8.4.1. Empty is
// none.
func readDate(text string) (vehicles.Date, bool) {
	text = strings.TrimSpace(norm.NFKC.String(text))
	if text == "" {
		return "", true
	}
	before := 0
	for _, era := range eras {
		for _, name := range []string{era.name, era.letter, strings.ToLower(era.letter)} {
			if rest, found := strings.CutPrefix(text, name); found && before == 0 {
				text, before = strings.Replace(rest, "元", "1", 1), era.before
			}
		}
	}
	if text == "" || text[0] < '0' || text[0] > '9' {
		return "", false
	}
	if len(text) == len("20260401") && strings.Trim(text, "0123456789") == "" {
		text = text[:4] + "-" + text[4:6] + "-" + text[6:]
	}
	fields := strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune("年月日-/. ", r) })
	if len(fields) != 3 {
		return "", false
	}
	var n [3]int
	for i, f := range fields {
		v, err := strconv.ParseUint(f, 10, 16)
		if err != nil {
			return "", false
		}
		n[i] = int(v)
	}
	d := vehicles.Date(fmt.Sprintf("%04d-%02d-%02d", before+n[0], n[1], n[2]))
	return d, d.Valid() && (before > 0 && n[0] > 0 || n[0] >= 1868)
}
