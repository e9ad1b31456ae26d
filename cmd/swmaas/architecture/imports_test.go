package architecture

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// listed is one package as `go list -json` prints it.
type listed struct {
	ImportPath string
	Standard   bool
	Imports    []string // of its non-test files
}

// goList runs `go list -deps` with cgo on, as the binary is built, over every package of the module, those under
// testdata included. overlay, if not empty, names a file of replacements as `go build -overlay` takes it.
func goList(t *testing.T, overlay string) []listed {
	t.Helper()
	args := []string{"list", "-deps", "-json=ImportPath,Standard,Imports"}
	if overlay != "" {
		args = append(args, "-overlay", overlay)
	}
	args = append(args, "./...")
	for _, dir := range testdataPackages(t) {
		args = append(args, "./"+dir)
	}
	cmd := exec.Command("go", args...)
	cmd.Dir = root(t)
	cmd.Stderr = os.Stderr
	output, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var packages []listed
	decoder := json.NewDecoder(output)
	for {
		var p listed
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		packages = append(packages, p)
	}
	if err := cmd.Wait(); err != nil {
		t.Fatalf("go list: %v", err)
	}
	return packages
}

// testdataPackages returns the folders under the module's testdata that hold Go files, relative to the module.
func testdataPackages(t *testing.T) (dirs []string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(root(t), "testdata", "*", "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		dir := "testdata/" + filepath.Base(filepath.Dir(file))
		if !slices.Contains(dirs, dir) {
			dirs = append(dirs, dir)
		}
	}
	return dirs
}

// root returns the folder of the module.
func root(t *testing.T) string {
	t.Helper()
	dir, err := filepath.Abs("../../..")
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// violations returns every import that the table forbids, as one sentence each.
func violations(packages []listed) (found []string) {
	standard := map[string]bool{"C": true}
	for _, p := range packages {
		if p.Standard {
			standard[p.ImportPath] = true
		}
	}
	for _, p := range packages {
		name, ours := strings.CutPrefix(p.ImportPath, module+"/")
		if !ours {
			continue
		}
		at := slices.IndexFunc(table, func(r rule) bool { return matches(r.pkg, name) })
		if at < 0 {
			found = append(found, fmt.Sprintf("%s has no row in the import table", name))
			continue
		}
		for _, imported := range p.Imports {
			if !allowed(table[at], name, imported, standard[imported]) {
				found = append(found, fmt.Sprintf("%s may not import %s", name, strings.TrimPrefix(imported, module+"/")))
			}
		}
	}
	return found
}

// allowed reports whether the package called name, which obeys r, may import a path.
func allowed(r rule, name, imported string, standard bool) bool {
	if standard {
		return !matchesAny(r.noStandard, imported)
	}
	inner, ours := strings.CutPrefix(imported, module+"/")
	switch {
	case !ours:
		return matchesAny(r.thirdParty, imported)
	case inner == leaf && !matchesAny(strictCores, name):
		return true
	default:
		return matchesAny(r.project, inner)
	}
}

func TestEveryImportFollowsTheTable(t *testing.T) {
	for _, violation := range violations(goList(t, "")) {
		t.Error(violation)
	}
}

func TestBrokenArrowIsFound(t *testing.T) {
	arrows := []struct{ folder, imported, want string }{
		{"dispatch/solver", module + "/routing/geo", "dispatch/solver may not import routing/geo"},
		{"dispatch/solver", "context", "dispatch/solver may not import context"},
		{"routing/cch", module + "/routing/geo", "routing/cch may not import routing/geo"},
		{"routing/geo", "github.com/paulmach/orb", "routing/geo may not import github.com/paulmach/orb"},
		{"vehicles", "github.com/uber/h3-go/v4", "vehicles may not import github.com/uber/h3-go/v4"},
		{"dispatch", "github.com/redis/go-redis/v9", "dispatch may not import github.com/redis/go-redis/v9"},
		{"dispatch/planstore", module + "/api/gen/swmaas/v1", "dispatch/planstore may not import api/gen/swmaas/v1"},
		{"dispatch/planstore", module + "/cmd/swmaas/redisd", "dispatch/planstore may not import cmd/swmaas/redisd"},
		{"api", module + "/dispatch/solver", "api may not import dispatch/solver"},
		{"api", "github.com/redis/go-redis/v9", "api may not import github.com/redis/go-redis/v9"},
		{"util", "fmt", "util has no row in the import table"},
	}
	overlay := map[string]map[string]string{"Replace": {}}
	scratch := t.TempDir()
	for i, arrow := range arrows {
		source := filepath.Join(scratch, fmt.Sprintf("arrow%d.go", i))
		text := fmt.Sprintf("package %s\n\nimport _ %q\n", filepath.Base(arrow.folder), arrow.imported)
		if err := os.WriteFile(source, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		overlay["Replace"][filepath.Join(root(t), arrow.folder, filepath.Base(source))] = source
	}
	raw, err := json.Marshal(overlay)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(scratch, "overlay.json")
	if err := os.WriteFile(file, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	found := violations(goList(t, file))
	for _, arrow := range arrows {
		if !slices.Contains(found, arrow.want) {
			t.Errorf("an overlay makes %s import %s; not found: %q", arrow.folder, arrow.imported, arrow.want)
		}
	}
}

func TestPatternsMatchWholePathElements(t *testing.T) {
	for _, c := range []struct {
		pattern, path string
		want          bool
	}{
		{"dispatch", "dispatch", true},
		{"dispatch", "dispatch/solver", false},
		{"cmd/...", "cmd", true},
		{"cmd/...", "cmd/swmaas/redisd", true},
		{"cmd/...", "cmdline", false},
		{"...", "anything/at/all", true},
	} {
		if got := matches(c.pattern, c.path); got != c.want {
			t.Errorf("matches(%q, %q) = %v, want %v", c.pattern, c.path, got, c.want)
		}
	}
}
