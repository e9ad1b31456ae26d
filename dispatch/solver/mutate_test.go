package solver

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// mutation takes one test of a constraint off the hot path.
type mutation struct {
	name, file, old, new string
}

// mutations lists every call by which the hot path decides a constraint. Reach has none of its own: a leg that cannot be driven takes
// longer than any window lasts, so the tests of the times refuse it.
func mutations() []mutation {
	return []mutation{
		{"vehicle", "build.go", " && p.fitsVehicle(v, r)", ""},
		{"equipment", "build.go", "p.fitsEquipment(v, r) && ", ""},
		{"layout of a leg", "probe.go", "pr.free[k] = p.layoutMask(", "pr.free[k] = true || p.layoutMask("},
		{"layout from empty to empty", "probe_single.go", "return run != 0", "return true"},
		{"order of the pickup", "probe.go", "pr.lowP, pr.highP = p.fitsOrder(rt.v, rt.node, pr.pickup)", ""},
		{"order of the delivery", "probe.go", "pr.lowD, pr.highD = p.fitsOrder(rt.v, rt.node, pr.delivery)", ""},
		{"break with riders", "probe.go", "pr.free[k] && p.fitsBreak(rt.node[k])", "pr.free[k]"},
		{"group", "probe.go", "pr.free[k] && p.fitsGroup(pr.r, rt.groups[k])", "pr.free[k] && true"},
		{"incompatible", "probe.go", "pr.free[k] && rt.fitsPairs(p, k+1, pr.r)", "pr.free[k] && true"},
		{"share", "insertion.go", " && fitsShare(v, home)", " && (home == None || true)"},
		{"freeze of the new rider", "probe_single.go", "if p.IsPickup(rt.node[q]) && !p.freezeExempt(rt.at[q], pr.r) {", "if false {"},
		{"freeze of the others", "probe_single.go", "if i > 0 && !pr.fitsLastInOthers(i, j, s.Freeze) {", "if false {"},
		{"window of the pickup", "probe.go", "pr.fitsGap(k, pr.inP[k-1], pr.outP[k], pr.open, pr.shut)", "pr.fitsGap(k, pr.inP[k-1], pr.outP[k], 0, MaxTick)"},
		{"window of the delivery", "probe.go", "> pr.within || in+max(rt.early[c], jn.early+after) > pr.shutD", "> pr.within"},
		{"promise", "constraint_window.go", "pickup = pickup.Meet(s.Promised)", "_ = s"},
		{"wait", "constraint_window.go", "if s.MaxWait > 0 {", "if false {"},
		{"ride of the new rider", "probe.go", "if in+after > pr.within || ", "if "},
		{"ride of the others", "closure.go", "limit := p.ride.at(p.RequestOf(rt.node[k]))", "limit := NoLimit"},
		{"times of the others", "probe.go", "if in+out+max(rt.apart[j*n+c], before+after) > 0 {", "if false {"},
		{"shift", "build.go", "p.addNode(s.End, w, 0, 0)", "p.addNode(s.End, Always(), 0, 0)"},
		{"duration", "constraint_duration.go", "return s.MaxDuration\n", "return NoLimit\n"},
	}
}

// TestMutations takes each call away in a copy of the package and expects the tests to fail. It runs where SWMAAS_MUTATE is set, as
// `make mutate` does: it builds the package once for every call.
func TestMutations(t *testing.T) {
	if os.Getenv("SWMAAS_MUTATE") == "" {
		t.Skip("set SWMAAS_MUTATE=1 to run")
	}
	for _, m := range mutations() {
		t.Run(m.name, func(t *testing.T) {
			dir := copyPackage(t)
			path := filepath.Join(dir, m.file)
			data, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if strings.Count(string(data), m.old) != 1 {
				t.Fatalf("%s holds the call %d times, not once: %s", m.file, strings.Count(string(data), m.old), m.old)
			}
			if err := os.WriteFile(path, []byte(strings.Replace(string(data), m.old, m.new, 1)), 0o600); err != nil {
				t.Fatal(err)
			}
			run := func(args ...string) ([]byte, error) {
				cmd := exec.Command("go", args...)
				cmd.Dir = dir
				cmd.Env = append(os.Environ(), "SWMAAS_MUTATE=", "CGO_ENABLED=0", "GOFLAGS=-mod=mod", "GOWORK=off")
				return cmd.CombinedOutput()
			}
			if out, err := run("build", "."); err != nil {
				t.Fatalf("the mutant does not build:\n%s", out)
			}
			if _, err := run("test", "-count=1", "-vet=off", "-run", "BestInsertion|EveryConstraint|Closure|ConstantTime|NeverReturns", "."); err == nil {
				t.Error("no test fails without this call")
			}
		})
	}
}

// copyPackage copies the package into a module of its own.
func copyPackage(t *testing.T) string {
	dir := t.TempDir()
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "go.mod"), []byte("module solver\n\ngo 1.26\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}
