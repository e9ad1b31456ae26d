package instance

import (
	"errors"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/swmaas/swmaas/dispatch/solver"
)

// tiny is a hand-made instance in the format of Cordeau: two requests that one vehicle serves best together. Depot at the origin,
// pickups at (1,0) and (2,0), deliveries at (3,0) and (4,0).
const tiny = `1 2 480 2 30
0 0 0 0 0 0 480
1 1 0 1 1 0 1440
2 2 0 1 1 0 1440
3 3 0 1 -1 30 60
4 4 0 1 -1 30 60
5 0 0 0 0 0 480
`

func TestTinyInstanceIsSolvedToItsObviousOptimum(t *testing.T) {
	in, err := Read(strings.NewReader(tiny), Cordeau, "tiny")
	if err != nil {
		t.Fatal(err)
	}
	p, err := in.Problem()
	if err != nil {
		t.Fatal(err)
	}
	s := solver.Improve(p, solver.NewSolution(p), solver.Options{Iterations: 100, Seed: 1})
	routes := in.Routes(p, s)
	if cost := in.Cost(routes); math.Abs(cost-8) > 1e-9 || !in.Feasible(routes) { // out to (4,0) and back
		t.Errorf("cost %v feasible %t routes %v", cost, in.Feasible(routes), routes)
	}
}

func TestCheckRefusesWhatIsWrong(t *testing.T) {
	in, err := Read(strings.NewReader(tiny), Cordeau, "tiny")
	if err != nil {
		t.Fatal(err)
	}
	for name, routes := range map[string][][]int{
		"a delivery before its pickup": {{3, 1, 2, 4}},
		"a request left out":           {{1, 3}},
		"a node twice":                 {{1, 2, 3, 4, 4}},
		"two vehicles of one":          {{1, 3}, {2, 4}},
	} {
		if in.Feasible(routes) {
			t.Errorf("%s is called feasible", name)
		}
	}
}

func TestFaultsNameTheLine(t *testing.T) {
	for name, c := range map[string]struct {
		format     Format
		text, want string
	}{
		"empty file":                   {Cordeau, "", "has no node lines"},
		"not a number":                 {Cordeau, "1 2 x 2 30\n0 0 0 0 0 0 480\n", "line 1: field 3"},
		"too few nodes":                {Cordeau, "1 7 480 2 30\n0 0 0 0 0 0 480\n", "line 1: the header says 7"},
		"loads do not cancel":          {Cordeau, strings.Replace(tiny, "3 3 0 1 -1", "3 3 0 1 -2", 1), "line 3: the loads"},
		"window closed":                {Cordeau, strings.Replace(tiny, "30 60", "90 60", 1), "line 5: node 3"},
		"unknown format":               {"pdf", tiny, "not known"},
		"partner missing":              {LiLim, "2 10 1\n0 0 0 0 0 99 0 0 0\n1 1 0 1 0 9 1 0 7\n", "line 3: field 9"},
		"vehicles missing":             {MDHDARP, "3 1\n480 1 1 1 1\n", "the header asks for"},
		"a header of the wrong length": {LiLim, "1 2\n0 0 0 0 0 99 0 0 0\n", "line 1: the header has 2"},
	} {
		_, err := Read(strings.NewReader(c.text), c.format, "file")
		if !errors.Is(err, ErrFormat) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// shared is the folder of published instances; the test is skipped with a message where it is absent.
func shared(t *testing.T) string {
	dir := os.Getenv("SWMAAS_SHARED")
	if dir == "" {
		dir = "../../../../shared"
	}
	dir = filepath.Join(dir, "data", "darp")
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("skipped: no published instances in %s", dir)
	}
	return dir
}

func TestPublishedInstancesOfEveryFormatAreSolved(t *testing.T) {
	dir := shared(t)
	for _, c := range []struct {
		file   string
		format Format
		within float64 // cost that a short search must reach
	}{
		{"cordeau_a/a2-16.txt", Cordeau, 294.25 * 1.01},
		{"cordeau_laporte_r_a/pr01.txt", Cordeau, 190.02 * 1.02},
		{"mdhdarp/a10-80hetIUY.txt", MDHDARP, 949.10 * 1.12},
		{"li_lim_100/lc101.txt", LiLim, 828.95},
	} {
		f, err := os.Open(filepath.Join(dir, c.file))
		if err != nil {
			t.Fatal(err)
		}
		in, err := Read(f, c.format, c.file)
		_ = f.Close()
		if err != nil {
			t.Fatal(err)
		}
		p, err := in.Problem()
		if err != nil {
			t.Fatal(err)
		}
		s := solver.Improve(p, solver.NewSolution(p), solver.Options{Iterations: 3000, Seed: 1, Threads: 1})
		if bad := solver.Verify(p, s); len(bad) > 0 {
			t.Errorf("%s: %v", c.file, bad[0])
		}
		routes := in.Routes(p, s)
		if cost := in.Cost(routes); !in.Feasible(routes) || cost > c.within {
			t.Errorf("%s: cost %.2f (at most %.2f), feasible %t", c.file, cost, c.within, in.Feasible(routes))
		}
	}
}

func TestTownIsServed(t *testing.T) {
	p, err := Town(120, 8, 1)
	if err != nil {
		t.Fatal(err)
	}
	s := solver.Improve(p, solver.NewSolution(p), solver.Options{Iterations: 500, Seed: 1})
	if bad := solver.Verify(p, s); len(bad) > 0 {
		t.Error(bad)
	}
	if left := len(s.Unassigned(nil)); left > 20 {
		t.Errorf("%d of 120 requests are left out", left)
	}
}
