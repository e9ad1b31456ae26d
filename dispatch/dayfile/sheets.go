package dayfile

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"strings"
	"sync"

	"github.com/swmaas/swmaas/dispatch"
)

// The parts of the sheets. A sheet is one file that needs no other and no network.
var (
	//go:embed paper.css
	paperStyle string
	//go:embed paper.html.tmpl
	paperSource string
	//go:embed manifest.html.tmpl
	manifestSource string
	//go:embed facility.html.tmpl
	facilitySource string
	//go:embed office.html.tmpl
	officeSource string
	//go:embed calls.html.tmpl
	callsSource string
)

// Sheets prints the sheets of a day for A4 paper, in large type and black on white. What a reader may know of riders has been
// decided by the Paper. Safe for concurrent use.
type Sheets struct {
	Paper *dispatch.Paper
	// Readings guesses readings that nobody recorded; a guess is printed with a question mark. nil prints none.
	Readings Readings
}

// sheetTemplates parses the templates once. A fault in them is a fault of the program, which every test finds.
var sheetTemplates = sync.OnceValue(func() *template.Template {
	t := template.New("").Funcs(template.FuncMap{
		"ruby":    ruby,
		"cssText": cssText,
		"css":     func() template.CSS { return template.CSS(paperStyle) },
	})
	for _, source := range []string{paperSource, manifestSource, facilitySource, officeSource, callsSource} {
		t = template.Must(t.Parse(source))
	}
	return t
})

// ruby sets a reading over a text.
func ruby(text, kana string) template.HTML {
	escaped := template.HTMLEscapeString(text)
	if kana != "" && kana != text {
		escaped = "<ruby>" + escaped + "<rt>" + template.HTMLEscapeString(kana) + "</rt></ruby>"
	}
	return template.HTML(escaped)
}

// cssText is a text as a string of CSS: every character by its number, so that none can end the string.
func cssText(text string) template.CSS {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range text {
		fmt.Fprintf(&b, "\\%06x", r)
	}
	b.WriteByte('"')
	return template.CSS(b.String())
}

// edition is what stands on every sheet: of which day it is, at which revision of the plan, and when it was printed.
type edition struct {
	Title, Foot string // Foot stands on every page beside its number
	Date        string
	Revision    int64
	Printed     string // empty where the plan is not of a running service
}

func (s *Sheets) edition(title, whose string) edition {
	p := s.Paper
	e := edition{Title: fmt.Sprintf("%s %s %s", title, whose, p.State.Day), Date: dateText(p.State.Day), Revision: p.State.Revision}
	e.Foot = fmt.Sprintf("%s %s 第%d版", whose, p.State.Day, e.Revision)
	if !p.Read.IsZero() {
		e.Printed = p.Read.Format("1月2日 15:04")
		e.Foot += "（" + e.Printed + " 印刷）"
	}
	return e
}

// write fills in a template.
func write(w io.Writer, name string, page any) error {
	if err := sheetTemplates().ExecuteTemplate(w, name, page); err != nil {
		return fmt.Errorf("dayfile: write %s sheet: %w", name, err)
	}
	return nil
}
