package solver

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// mutation takes one test of a constraint off the hot path: the bytes [from, to) of a file are replaced.
type mutation struct {
	name, file string
	from, to   int
	new        string
}

// edit is a mutation by its text: columns and bounds by which a constraint is kept without a call of its own.
type edit struct{ name, file, old, new string }

// edits lists the constraints that the hot path keeps as windows, columns or edges of the closure. Reach has none of its own: a leg
// that cannot be driven takes longer than any window lasts, so the tests of the times refuse it.
func edits() []edit {
	return []edit{
		{"layout of a leg", "probe.go", "pr.free[k] = p.layoutMask(", "pr.free[k] = true || p.layoutMask("},
		{"layout from empty to empty", "probe_single.go", "return run != 0", "return true"},
		{"order of the pickup", "probe.go", "pr.lowP, pr.highP = p.fitsOrder(rt.v, rt.node, pr.pickup)", "pr.lowP, pr.highP = 1, rt.n-1"},
		{"order of the delivery", "probe.go", "pr.lowD, pr.highD = p.fitsOrder(rt.v, rt.node, pr.delivery)", "pr.lowD, pr.highD = 1, rt.n-1"},
		{"gather group of the pickup", "probe.go", "min(pr.highP, high)", "min(pr.highP, high+rt.n)"},
		{"gather group of the delivery", "probe.go", "max(pr.lowD, low)", "max(pr.lowD, low-rt.n)"},
		{"window of the pickup", "probe.go", "pr.fitsGap(k, pr.inP[k-1], pr.outP[k], pr.open, pr.shut)", "pr.fitsGap(k, pr.inP[k-1], pr.outP[k], 0, MaxTick)"},
		{"window of the delivery", "probe.go", "> pr.within || in+max(rt.early[c], jn.early+after) > pr.shutD", "> pr.within"},
		{"promise", "constraint_window.go", "pickup = pickup.Meet(s.Promised)", "_ = s"},
		{"wait", "constraint_window.go", "if s.MaxWait > 0 {", "if false {"},
		{"ride of the new rider", "probe.go", "if in+after > pr.within || ", "if "},
		{"ride of the others", "closure.go", "limit := p.ride.at(p.RequestOf(rt.node[k]))", "limit := NoLimit"},
		{"times of the others", "probe.go", "if in+out+max(rt.apart[j*n+c], before+after) > 0 {", "if false {"},
		{"window without a closure", "timeline.go", "if t = max(t+s.step, s.open); t > s.shut {", "if t = max(t+s.step, s.open); false {"},
		{"ride of the new rider without a closure", "timeline.go", "back: i, within: pr.within}", "back: i, within: NoLimit}"},
		{"times of the others without a closure", "timeline.go", "s.back, s.within = rt.backEdge(p, int32(k))", "s.within = NoLimit"},
		{"freeze of the new rider", "probe_single.go", "if p.IsPickup(rt.node[q]) && !p.freezeExempt(rt.at[q], pr.r) {", "if false {"},
		{"shift", "build.go", "p.addNode(s.End, endWindow(&s), 0, 0)", "p.addNode(s.End, Always(), 0, 0)"},
		{"duration", "constraint_duration.go", "return s.MaxDuration\n", "return NoLimit\n"},
	}
}

const wholeLater = "the route with the request is decided whole afterwards: it saves making it"

// spared are the calls whose removal changes no answer, by file and text, with the reason.
func spared() map[string]string {
	return map[string]string{
		"build.go p.fitsAlone(v, r)":                                          "the layouts of the legs refuse the same requests: it saves looking at routes",
		"probe.go pr.fitsGap(k, pr.inD[k-1], pr.outD[k], pr.openD, pr.shutD)": "the pairs are decided in full: it saves looking at them",
		"explain_static.go p.fitsAlone(v, r)":                                 "the sweep finds the same cause",
		"explain_sweep.go pr.fitsTogether(i)":                                 wholeLater,
		"explain_sweep.go pr.fitsApart(&jn, j)":                               wholeLater,
		"explain_sweep.go pr.fitsLayoutRun(i, j)":                             wholeLater,
		"explain_sweep.go pr.fitsLastIn(i, j)":                                wholeLater,
	}
}

// calls finds every call of a function that decides a constraint and answers with a bool.
func calls(t *testing.T, dir string) []mutation {
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	var out []mutation
	for _, path := range files {
		name := filepath.Base(path)
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		set := token.NewFileSet()
		file, err := parser.ParseFile(set, name, data, 0)
		if err != nil {
			t.Fatal(err)
		}
		at := func(p token.Pos) int { return set.Position(p).Offset }
		ast.Inspect(file, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			who, fits := "", ""
			switch f := call.Fun.(type) {
			case *ast.Ident:
				fits = f.Name
			case *ast.SelectorExpr:
				fits = f.Sel.Name
				who = string(data[at(f.X.Pos()):at(f.X.End())]) + ", "
			}
			if len(fits) < 5 || fits[:4] != "fits" || fits == "fitsOrder" || fits == "fitsGather" { // bounds, see edits
				return true
			}
			args := string(data[at(call.Lparen)+1 : at(call.Rparen)])
			text := string(data[at(call.Pos()):at(call.End())])
			out = append(out, mutation{name + " " + text, name, at(call.Pos()), at(call.End()), "anythingFits(" + who + args + ")"})
			return true
		})
	}
	return out
}

// mutations are all of them: calls first, then edits.
func mutations(t *testing.T, dir string) []mutation {
	out := calls(t, dir)
	for _, e := range edits() {
		data, err := os.ReadFile(filepath.Join(dir, e.file))
		if err != nil {
			t.Fatal(err)
		}
		if n := strings.Count(string(data), e.old); n != 1 {
			t.Fatalf("%s: %s holds the text %d times, not once: %s", e.name, e.file, n, e.old)
		}
		at := strings.Index(string(data), e.old)
		out = append(out, mutation{e.name, e.file, at, at + len(e.old), e.new})
	}
	return out
}

func TestEveryConstraintHasAMutation(t *testing.T) {
	text := ""
	for _, m := range mutations(t, ".") {
		text += m.name + "\n"
	}
	for k := KindNone + 1; k < kindCount; k++ {
		if k == KindReach || k == KindVisit || k == KindBreak {
			continue // Reach and Visit have no call of their own; breaks are nodes with windows
		}
		if !strings.Contains(strings.ToLower(text), k.String()) {
			t.Errorf("no mutation for %v", k)
		}
	}
}

// mutants runs the tests of a copy of the package in which some mutations are made.
type mutants struct{ dir string }

// TestMutations takes each call away in a copy of the package and expects the tests to fail. It runs where SWMAAS_MUTATE is set, as
// `make mutate` does: it builds the package once for every call. SWMAAS_MUTATE is a pattern of names, 1 for all.
func TestMutations(t *testing.T) {
	pattern := os.Getenv("SWMAAS_MUTATE")
	if pattern == "" {
		t.Skip("set SWMAAS_MUTATE=1 to run")
	}
	m := mutants{copyPackage(t)}
	if out, ok := m.test(); !ok {
		t.Fatalf("the tests fail without any mutation:\n%s", out)
	}
	why := spared()
	for _, one := range mutations(t, m.dir) {
		if pattern != "1" && !strings.Contains(one.name, pattern) {
			continue
		}
		t.Run(one.name, func(t *testing.T) {
			data, err := os.ReadFile(filepath.Join(m.dir, one.file))
			if err != nil {
				t.Fatal(err)
			}
			m.write(t, one.file, string(data[:one.from])+one.new+string(data[one.to:]))
			defer m.write(t, one.file, string(data))
			if out, ok := m.run("build", "."); !ok {
				t.Fatalf("the mutant does not build:\n%s", out)
			}
			_, passed := m.test()
			switch reason, excused := why[one.name]; {
			case passed && !excused:
				t.Error("no test fails without this call")
			case !passed && excused:
				t.Errorf("a test fails, so it is not true that %s", reason)
			}
		})
	}
}

func (m mutants) run(args ...string) ([]byte, bool) {
	cmd := exec.Command("go", args...)
	cmd.Dir = m.dir
	cmd.Env = append(os.Environ(), "SWMAAS_MUTATE=", "CGO_ENABLED=0", "GOFLAGS=-mod=mod", "GOWORK=off")
	out, err := cmd.CombinedOutput()
	return out, err == nil
}

// test runs the tests that compare the hot path with the oracles.
func (m mutants) test() ([]byte, bool) {
	const which = "BestInsertion|EveryConstraint|Closure|ConstantTime|NeverReturns|AThousand|Relaxations|Cause|Revis|Group"
	return m.run("test", "-short", "-failfast", "-count=1", "-vet=off", "-timeout=5m", "-run", which, ".")
}

func (m mutants) write(t *testing.T, name, text string) {
	if err := os.WriteFile(filepath.Join(m.dir, name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// copyPackage copies the package into a module of its own.
func copyPackage(t *testing.T) string {
	m := mutants{t.TempDir()}
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		m.write(t, name, string(data))
	}
	m.write(t, "go.mod", "module solver\n\ngo 1.26\n")
	m.write(t, "anything.go", "package solver\n\n// anythingFits stands for a test that is not made.\nfunc anythingFits(...any) bool { return true }\n")
	return m.dir
}
