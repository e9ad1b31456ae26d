package api

import (
	"context"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"io/fs"
	"net"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/swmaas/swmaas/dispatch"
)

// unseen are packages whose errors never reach this one as they are, with the reason.
var unseen = map[string]string{
	"routing/cch":              "used by routing alone",
	"routing/osm":              "used when a graph is built",
	"dispatch/solver":          "a request that the solver refuses is a fault of dispatch",
	"dispatch/dayfile":         "used by the command line",
	"dispatch/records":         "used by the command line",
	"dispatch/sim":             "used by the command line",
	"dispatch/sim/town":        "used by the command line",
	"cmd/swmaas/redisd":        "used by the command line",
	"dispatch/planstore":       "faults of a store; what callers can act on is told with the errors of dispatch",
	"vehicles/fleetstore":      "faults of a store; what callers can act on is told with the errors of vehicles",
	"vehicles/cells":           "used by the stores",
	"dispatch/seal":            "used by the stores",
	"dispatch/solver/instance": "used by the command line",
}

// exportedErrors lists the exported Err variables of the non-test files of every package, as "folder.ErrName".
func exportedErrors(t *testing.T) []string {
	t.Helper()
	var found []string
	err := filepath.WalkDir("..", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		folder := filepath.ToSlash(filepath.Dir(strings.TrimPrefix(path, "../")))
		for _, decl := range file.Decls {
			group, ok := decl.(*ast.GenDecl)
			if !ok || group.Tok != token.VAR {
				continue
			}
			for _, spec := range group.Specs {
				for _, name := range spec.(*ast.ValueSpec).Names {
					if strings.HasPrefix(name.Name, "Err") {
						found = append(found, folder+"."+name.Name)
					}
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// tableNames lists the errors of the table in errors.go as they are written there, "dispatch.ErrStale" or "ErrRole".
func tableNames(t *testing.T) map[string]bool {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "errors.go", nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || spec.Names[0].Name != "errorTable" {
			return true
		}
		for _, row := range spec.Values[0].(*ast.CompositeLit).Elts {
			switch first := row.(*ast.CompositeLit).Elts[0].(type) {
			case *ast.Ident:
				names[first.Name] = true
			case *ast.SelectorExpr:
				names[first.X.(*ast.Ident).Name+"."+first.Sel.Name] = true
			}
		}
		return false
	})
	return names
}

func TestEveryExportedErrorHasARow(t *testing.T) {
	rows := tableNames(t)
	if len(rows) != len(errorTable) {
		t.Fatalf("%d rows read from the source, the table has %d", len(rows), len(errorTable))
	}
	seen := 0
	for _, name := range exportedErrors(t) {
		folder, variable, _ := strings.Cut(name, ".Err")
		if unseen[folder] != "" {
			continue
		}
		row := filepath.Base(folder) + ".Err" + variable
		if folder == "api" {
			row = "Err" + variable
		}
		seen++
		if !rows[row] {
			t.Errorf("%s has no row in errorTable", name)
		}
	}
	if seen < 10 {
		t.Errorf("only %d exported errors were found: is the source where it is looked for?", seen)
	}
}

func TestEveryRowHasAReasonAndTwoSentences(t *testing.T) {
	reason := regexp.MustCompile(`^[A-Z][A-Z0-9_]+$`)
	for _, row := range errorTable {
		if !reason.MatchString(row.reason) || !strings.HasSuffix(row.ja, "。") || !strings.HasSuffix(row.en, ".") {
			t.Errorf("row of %v: reason %q, sentences %q and %q", row.err, row.reason, row.ja, row.en)
		}
		if row.code == codes.OK || row.code == codes.Unknown {
			t.Errorf("row of %v: code %v", row.err, row.code)
		}
	}
}

func TestErrorsAreToldWithCodeReasonAndSentences(t *testing.T) {
	for _, c := range []struct {
		name   string
		err    error
		code   codes.Code
		reason string
	}{
		{"a wrapped error keeps its row", fmt.Errorf("desk: cancel: %w", dispatch.ErrWrongState), codes.FailedPrecondition, "WRONG_STATE"},
		{"a deadline is told as one", fmt.Errorf("read: %w", context.DeadlineExceeded), codes.DeadlineExceeded, "DEADLINE_EXCEEDED"},
		{"a store that is down is worth another try", fmt.Errorf("planstore: load: %w", &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}), codes.Unavailable, "STORE_UNAVAILABLE"},
		{"a connection that breaks as well", fmt.Errorf("planstore: load: %w", io.EOF), codes.Unavailable, "STORE_UNAVAILABLE"},
		{"an unknown error is internal", errors.New("redis: secret detail"), codes.Internal, "INTERNAL"},
	} {
		t.Run(c.name, func(t *testing.T) {
			told := toStatus(c.err)
			if code, reason := reasonOf(told); code != c.code || reason != c.reason {
				t.Errorf("%v %s, want %v %s", code, reason, c.code, c.reason)
			}
			locales := map[string]bool{}
			for _, d := range status.Convert(told).Details() {
				if m, ok := d.(*errdetails.LocalizedMessage); ok {
					locales[m.GetLocale()] = m.GetMessage() != ""
				}
			}
			if !locales["ja"] || !locales["en"] {
				t.Errorf("sentences: %v, want ja and en", locales)
			}
		})
	}
	if told := toStatus(errors.New("redis: secret detail")).Error(); strings.Contains(told, "secret") {
		t.Errorf("the cause of a fault is told to the caller: %s", told)
	}
}
