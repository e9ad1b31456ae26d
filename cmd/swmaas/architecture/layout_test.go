package architecture

import (
	"fmt"
	"go/ast"
	"os/exec"
	"path"
	"slices"
	"strings"
	"testing"
)

// topLevel is everything that may lie beside the dot-files in the module's folder.
var topLevel = []string{
	"cmd", "api", "dispatch", "vehicles", "routing", "testdata", "deploy",
	"go.mod", "go.sum", "Makefile", "README.md", "README.ja.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md", "LICENSE",
}

// untagged are the packages whose types carry no tags of a wire or storage format: those stop at the adapters.
var untagged = []string{"dispatch", "dispatch/solver", "dispatch/solver/...", "vehicles", "routing", "routing/cch", "routing/geo"}

// vague are package names that say nothing about what is inside.
var vague = []string{"util", "utils", "common", "base", "helper", "helpers", "misc", "shared"}

func TestNothingLiesBesideTheSixFolders(t *testing.T) {
	cmd := exec.Command("git", "ls-files")
	cmd.Dir = root(t)
	output, err := cmd.Output()
	if err != nil {
		t.Skipf("not a git work tree: %v", err)
	}
	for file := range strings.Lines(string(output)) {
		first, _, _ := strings.Cut(strings.TrimSpace(file), "/")
		if !strings.HasPrefix(first, ".") && !slices.Contains(topLevel, first) {
			t.Errorf("%s: no place at the top of the module", strings.TrimSpace(file))
		}
	}
}

func TestPackagesAreNamedAfterWhatTheyDo(t *testing.T) {
	for _, s := range handWritten(t) {
		if slices.Contains(vague, s.file.Name.Name) {
			t.Errorf("%s: package %s", s.path, s.file.Name.Name)
		}
	}
}

func TestDomainTypesCarryNoTags(t *testing.T) {
	for _, s := range handWritten(t) {
		if strings.HasSuffix(s.path, "_test.go") || !matchesAny(untagged, path.Dir(s.path)) {
			continue
		}
		for _, finding := range tags(s) {
			t.Error(finding)
		}
	}
}

// tags returns where a file gives a field of an exported type a tag. An unexported one may be the shape of a file.
func tags(s source) (found []string) {
	ast.Inspect(s.file, func(node ast.Node) bool {
		if declared, ok := node.(*ast.TypeSpec); ok && !declared.Name.IsExported() {
			return false
		}
		if field, ok := node.(*ast.Field); ok && field.Tag != nil {
			found = append(found, fmt.Sprintf("%s: tag %s", s.set.Position(field.Pos()), field.Tag.Value))
		}
		return true
	})
	return found
}

func TestTagOfAnExportedTypeIsFound(t *testing.T) {
	text := "package p\n\ntype T struct {\n\tA int `json:\"a\"`\n\tB int\n}\n\ntype file struct {\n\tA int `json:\"a\"`\n}\n"
	parsed, err := parse("p.go", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	if found := tags(parsed); len(found) != 1 {
		t.Errorf("findings %q, want one", found)
	}
}
