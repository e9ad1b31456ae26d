package architecture

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Budgets, in lines. A file or function over its hard limit carries a comment line that starts with longBecause and
// gives the reason: above the package clause for a file, in the doc comment for a function.
const (
	fileLimit     = 500
	functionLimit = 80
	functionP90   = 40 // of all functions outside tests
	longBecause   = "Long because "
)

// source is one parsed Go file that a person wrote.
type source struct {
	path  string // relative to the module
	lines int
	set   *token.FileSet
	file  *ast.File
}

// handWritten parses every Go file of the module that is not generated.
func handWritten(t *testing.T) (sources []source) {
	t.Helper()
	top := root(t)
	err := filepath.WalkDir(top, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && path != top && (strings.HasPrefix(entry.Name(), ".") || entry.Name() == "node_modules"):
			return filepath.SkipDir
		case entry.IsDir() || !strings.HasSuffix(path, ".go"):
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		relative, err := filepath.Rel(top, path)
		if err != nil {
			return err
		}
		parsed, err := parse(filepath.ToSlash(relative), text)
		if err == nil && !ast.IsGenerated(parsed.file) {
			sources = append(sources, parsed)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return sources
}

// parse parses one file.
func parse(path string, text []byte) (source, error) {
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, path, text, parser.ParseComments|parser.SkipObjectResolution)
	return source{path: path, lines: bytes.Count(text, []byte("\n")), set: set, file: file}, err
}

// tooLong returns the files and functions over their hard limit without a reason, and the length of every function.
func tooLong(sources []source) (found []string, lengths []int) {
	for _, s := range sources {
		if s.lines > fileLimit && !excused(s.file.Comments, s.file.Package) {
			found = append(found, fmt.Sprintf("%s has %d lines, more than %d", s.path, s.lines, fileLimit))
		}
		for _, declaration := range s.file.Decls {
			function, ok := declaration.(*ast.FuncDecl)
			if !ok {
				continue
			}
			length := s.set.Position(function.End()).Line - s.set.Position(function.Pos()).Line + 1
			if !strings.HasSuffix(s.path, "_test.go") {
				lengths = append(lengths, length)
			}
			if length > functionLimit && (function.Doc == nil || !excused([]*ast.CommentGroup{function.Doc}, token.Pos(1<<30))) {
				found = append(found, fmt.Sprintf("%s: %s has %d lines, more than %d", s.path, function.Name.Name, length, functionLimit))
			}
		}
	}
	return found, lengths
}

// excused reports whether a comment that ends before limit gives a reason for being long.
func excused(groups []*ast.CommentGroup, limit token.Pos) bool {
	for _, group := range groups {
		if group.End() > limit {
			continue
		}
		for line := range strings.Lines(group.Text()) {
			if reason, found := strings.CutPrefix(line, longBecause); found && len(strings.TrimSpace(reason)) > 10 {
				return true
			}
		}
	}
	return false
}

func TestFilesAndFunctionsStayWithinTheirBudgets(t *testing.T) {
	found, lengths := tooLong(handWritten(t))
	for _, violation := range found {
		t.Error(violation)
	}
	slices.Sort(lengths)
	if p90 := lengths[len(lengths)*9/10]; p90 > functionP90 {
		t.Errorf("one function in ten has %d lines or more; the budget is %d", p90, functionP90)
	}
}

func TestOverlongCodeIsFoundUnlessItSaysWhy(t *testing.T) {
	body := "func f() {\n" + strings.Repeat("\t_ = 0\n", functionLimit-1) + "}\n" // one line over
	filler := strings.Repeat("// filler\n", fileLimit)
	reason := "// " + longBecause + "a table reads best in one piece.\n"
	for name, c := range map[string]struct {
		text string
		want int
	}{
		"long function":               {"package p\n\n" + body, 1},
		"long function with a reason": {"package p\n\n// f is long.\n//\n" + reason + body, 0},
		"long function, no reason":    {"package p\n\n// " + longBecause + "so.\n" + body, 1},
		"long file":                   {"package p\n\n" + filler, 1},
		"long file with a reason":     {reason + "\npackage p\n\n" + filler, 0},
		"reason in the wrong place":   {"package p\n\n" + filler + "\n" + reason, 1},
	} {
		parsed, err := parse("p.go", []byte(c.text))
		if err != nil {
			t.Fatal(err)
		}
		if found, _ := tooLong([]source{parsed}); len(found) != c.want {
			t.Errorf("%s: %d findings %q, want %d", name, len(found), found, c.want)
		}
	}
}
