package dayfile_test

import (
	"bytes"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/swmaas/swmaas/dispatch"
)

// cutOff lists, as texts, what is wider than what holds it or taller than a page.
const cutOff = `[...document.querySelectorAll("td, th, div, p, h1, h2, span, section")].flatMap(e =>
	getComputedStyle(e).display != "inline" && e.scrollWidth > e.clientWidth + 1 ? [e.tagName + " is " + e.clientWidth + " wide, not " + e.scrollWidth + ": " + e.innerText] :
	e.tagName == "TR" && e.offsetHeight > 1000 ? ["row of " + e.offsetHeight + ": " + e.innerText] : [])`

// splitting lists what may be divided between two pages and must not, and tables whose head does not come again.
const splitting = `[...document.querySelectorAll("tr, thead, .whole")].flatMap(e =>
	e.tagName == "THEAD" ? getComputedStyle(e).display == "table-header-group" ? [] : ["head"] :
	getComputedStyle(e).breakInside == "avoid" ? [] : [e.tagName + " " + e.innerText])`

// missing lists the characters of a text that are drawn as the box that stands for no glyph, or as nothing at all.
const missing = `(text => {
	const family = getComputedStyle(document.body).fontFamily;
	const draw = s => {
		const c = new OffscreenCanvas(48, 48), x = c.getContext("2d", {willReadFrequently: true});
		x.font = "32px " + family; x.textBaseline = "top"; x.fillText(s, 4, 4);
		return String(x.getImageData(0, 0, 48, 48).data.filter((_, i) => i % 4 == 3));
	};
	const none = ["\u{10FFFD}", "\u{E123}", "\u{0378}", " "].map(draw);
	return [...new Set([...text])].filter(s => !/^[\s\u3000\u{FE00}-\u{FE0F}\u{E0100}-\u{E01EF}]$/u.test(s) && none.includes(draw(s)));
})`

var pageObject = regexp.MustCompile(`/Type\s*/Page[^s]`)

func TestSheetsArePrintedWholeAndEveryCharacterIsThere(t *testing.T) {
	browser := startChromium(t)
	sheets := fullDay().sheets(t)
	empty := (&fixture{state: dispatch.NewState("kurobe", sheetsDay)}).sheets(t)
	facility := dispatch.Viewer{Kind: dispatch.FacilityViewer, Facility: "F-1"}
	for name, c := range map[string]struct {
		write      func(io.Writer) error
		pagesFrom  int
		pagesUpTo  int
		characters string // that must be on it
	}{
		"driver":   {func(w io.Writer) error { return sheets.WriteManifest(w, "D-01") }, 2, 4, "𠮷髙﨑辻▲▼☎□⚠"},
		"drivers":  {func(w io.Writer) error { return sheets.WriteManifest(w) }, 3, 6, "𠮷髙﨑"},
		"facility": {func(w io.Writer) error { return sheets.WriteFacility(w, "F-1", facility) }, 1, 1, "𠮷✓"},
		"office":   {sheets.WriteOffice, 5, 7, "𠮷髙﨑辻⚠→"},
		"calls":    {sheets.WriteCalls, 1, 2, "𠮷髙﨑辻☎"},
		"nothing":  {func(w io.Writer) error { return empty.WriteManifest(w) }, 1, 1, ""},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.ArtifactDir(), name+".html")
			var page bytes.Buffer
			if err := c.write(&page); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, page.Bytes(), 0o600); err != nil {
				t.Fatal(err)
			}
			browser.open(path)
			var faults []string
			for _, script := range []string{cutOff, splitting, missing + `(document.body.innerText)`} {
				if browser.evaluate(script, &faults); len(faults) > 0 {
					t.Errorf("%d faults, such as %q", len(faults), faults[0])
				}
			}
			var text string
			browser.evaluate(`document.body.innerText`, &text)
			for _, r := range c.characters {
				if !bytes.ContainsRune([]byte(text), r) {
					t.Errorf("%c is not on the sheet", r)
				}
			}
			if n := len(pageObject.FindAll(browser.pdf(), -1)); n < c.pagesFrom || n > c.pagesUpTo {
				t.Errorf("%d pages, want %d to %d", n, c.pagesFrom, c.pagesUpTo)
			}
			picture := browser.picture()
			if err := os.WriteFile(filepath.Join(t.ArtifactDir(), name+".png"), picture, 0o600); err != nil {
				t.Fatal(err)
			}
			if img, err := png.Decode(bytes.NewReader(picture)); err != nil || img.Bounds().Dx() != paperWidth {
				t.Errorf("picture: %v, %v", err, img.Bounds())
			}
		})
	}
}

// TestAMissingGlyphIsFound shows that the test above can fail.
func TestAMissingGlyphIsFound(t *testing.T) {
	browser := startChromium(t)
	path := filepath.Join(t.TempDir(), "page.html")
	if err := os.WriteFile(path, []byte("<meta charset=utf-8><body style='font-family: \"Noto Sans CJK JP\"'><table><tr><td style='width:10px;max-width:10px;white-space:nowrap'>長い長い文</table>"), 0o600); err != nil {
		t.Fatal(err)
	}
	browser.open(path)
	var found []string
	browser.evaluate(missing+`("あ𠮷髙\u{10FFFE}\u{E0F0}い")`, &found)
	if len(found) != 2 {
		t.Errorf("missing are %q, want two", found)
	}
	if browser.evaluate(cutOff, &found); len(found) == 0 {
		t.Error("a cell that is too narrow is not found")
	}
	if browser.evaluate(splitting, &found); len(found) == 0 {
		t.Error("a row that may be split is not found")
	}
}
