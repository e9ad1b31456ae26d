package dispatch_test

import (
	"bufio"
	"bytes"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/swmaas/swmaas/testdata/redistest"
)

var updateScenarios = flag.Bool("update", false, "write what happens into the scenario files, for review")

// A scenario file is a text that tells a story and is run: a header `rows:` that names the rows of the feature table
// it speaks for, then cases, each on a town of its own. testdata/scenarios/README.md says how one is written.
type scenarioFile struct {
	path  string
	rows  []string
	cases []*scenarioCase
	head  []string // lines before the first case, as they are
}

// scenarioCase is one story. Kind is accepted, refused, racing or late.
type scenarioCase struct {
	kind, title string
	lines       []scenarioLine
}

// scenarioLine is a comment or blank line (command empty), or a command with the answer that is expected of it.
type scenarioLine struct {
	number  int
	text    string
	command string
	answer  []string
}

var (
	rowsLine = regexp.MustCompile(`^rows: (\d+(?:, \d+)*)$`)
	caseLine = regexp.MustCompile(`^== (accepted|refused|racing|late): (.+)$`)
)

// readScenario parses a file. Whatever is neither a comment, a command nor an answer is an error that names its line.
func readScenario(path string) (*scenarioFile, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	f := &scenarioFile{path: path}
	var now *scenarioCase
	in := bufio.NewScanner(bytes.NewReader(raw))
	for n := 1; in.Scan(); n++ {
		line := in.Text()
		wrong := func(what string) error { return fmt.Errorf("%s:%d: %s: %q", path, n, what, line) }
		switch m := caseLine.FindStringSubmatch(line); {
		case m != nil:
			now = &scenarioCase{kind: m[1], title: m[2]}
			f.cases = append(f.cases, now)
		case now == nil:
			if m := rowsLine.FindStringSubmatch(line); m != nil {
				f.rows = strings.Split(m[1], ", ")
			} else if line != "" && line[0] != '#' {
				return nil, wrong("only rows: and comments may stand before the first case")
			}
			f.head = append(f.head, line)
		case line == "" || line[0] == '#':
			now.lines = append(now.lines, scenarioLine{number: n, text: line})
		case strings.HasPrefix(line, "> "):
			now.lines = append(now.lines, scenarioLine{number: n, command: line[2:]})
		case strings.HasPrefix(line, "  "):
			k := len(now.lines) - 1
			if k < 0 || now.lines[k].command == "" {
				return nil, wrong("an answer without a command")
			}
			now.lines[k].answer = append(now.lines[k].answer, line[2:])
		default:
			return nil, wrong("a command begins with \"> \", an answer with two spaces, a comment with #")
		}
	}
	if len(f.rows) == 0 || len(f.cases) == 0 {
		return nil, fmt.Errorf("%s: no rows: line or no case", path)
	}
	return f, in.Err()
}

// write puts the file back with the answers that it has now.
func (f *scenarioFile) write() error {
	var out strings.Builder
	put := func(line string) { out.WriteString(line + "\n") }
	for _, line := range f.head {
		put(line)
	}
	for _, c := range f.cases {
		put("== " + c.kind + ": " + c.title)
		for _, l := range c.lines {
			if l.command == "" {
				put(l.text)
				continue
			}
			put("> " + l.command)
			for _, a := range l.answer {
				put("  " + a)
			}
		}
	}
	return os.WriteFile(f.path, []byte(out.String()), 0o644)
}

func scenarioFiles(t *testing.T) []*scenarioFile {
	t.Helper()
	paths, err := filepath.Glob("../testdata/scenarios/*.txt")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no scenarios: %v", err)
	}
	files := make([]*scenarioFile, len(paths))
	for i, path := range paths {
		if files[i], err = readScenario(path); err != nil {
			t.Fatal(err)
		}
	}
	return files
}

// TestScenarios runs every case and compares each answer with the file; with -update it writes the answers instead.
func TestScenarios(t *testing.T) {
	socket := redistest.Start(t)
	for _, f := range scenarioFiles(t) {
		t.Run(strings.TrimSuffix(filepath.Base(f.path), ".txt"), func(t *testing.T) {
			for _, c := range f.cases {
				t.Run(c.kind+" "+c.title, func(t *testing.T) { runCase(t, socket, f.path, c) })
			}
			if *updateScenarios {
				if err := f.write(); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

func runCase(t *testing.T, socket, path string, c *scenarioCase) {
	w := newWorld(t, socket)
	for i := range c.lines {
		l := &c.lines[i]
		if l.command == "" {
			continue
		}
		got, err := w.run(l.command)
		if err != nil {
			t.Fatalf("%s:%d: %s: %v", path, l.number, l.command, err)
		}
		if *updateScenarios {
			l.answer = got
		} else if !slices.Equal(got, l.answer) {
			t.Errorf("%s:%d: > %s\n got:\n  %s\n want:\n  %s", path, l.number, l.command,
				strings.Join(got, "\n  "), strings.Join(l.answer, "\n  "))
		}
	}
	w.check()
}

// TestScenariosCoverTheFeatureRows fails on a row that must be told of and has no accepted, no refused, or neither a
// racing nor a late case.
func TestScenariosCoverTheFeatureRows(t *testing.T) {
	told := map[string]map[string]bool{}
	for _, f := range scenarioFiles(t) {
		for _, row := range f.rows {
			if told[row] == nil {
				told[row] = map[string]bool{}
			}
			for _, c := range f.cases {
				kind := c.kind
				if kind == "late" {
					kind = "racing"
				}
				told[row][kind] = true
			}
		}
	}
	for _, row := range scenarioRows() {
		for _, kind := range []string{"accepted", "refused", "racing"} {
			if !told[row][kind] {
				t.Errorf("row %s of the feature table has no %s case (racing means racing or late); it has %v",
					row, kind, slices.Sorted(maps.Keys(told[row])))
			}
		}
	}
}

// TestABrokenScenarioIsNamedByLine shows that the reader takes nothing silently.
func TestABrokenScenarioIsNamedByLine(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"no rows":                  {"== accepted: a\n> x\n", "no rows"},
		"an answer out of nothing": {"rows: 1\n== late: a\n  answer\n", ":3: an answer without a command"},
		"a line of no kind":        {"rows: 1\n== late: a\nbook it\n", ":3: a command begins with"},
		"a kind of case unknown":   {"rows: 1\n== maybe: a\n", ":2: only rows: and comments"},
	} {
		path := filepath.Join(t.TempDir(), "s.txt")
		if err := os.WriteFile(path, []byte(c.text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := readScenario(path); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want it to say %q", name, err, c.want)
		}
	}
}
