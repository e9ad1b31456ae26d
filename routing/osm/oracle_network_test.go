package osm_test

import (
	"math"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/swmaas/swmaas/routing/geo"
	"github.com/swmaas/swmaas/routing/osm"
	"github.com/swmaas/swmaas/testdata/dataset"
)

// The oracle is a second reading of the profile, written from its description and sharing nothing with the import but
// the file decoder: other data structures, every arc of its own, turns checked arc by arc.

// oracleArc is one direction of a road between two junctions.
type oracleArc struct {
	way        int64
	from, to   int64 // junction ids; dead ends at barriers get negative ones
	ms         float64
	m          float64
	line       []geo.LatLng
	twin       int // arc in the other direction, -1 where there is none
	restricted bool
	class      string
	roundabout bool
}

// oracle is a network and its forbidden sequences of arcs.
type oracle struct {
	arcs      []oracleArc
	out       map[int64][]int
	forbidden [][]int
	byFirst   map[int][]int // forbidden sequences by their first arc
	roads     map[int64]int // roads that end at a junction
	nearBan   map[int]bool  // arcs that begin close to a forbidden turn
	japan     bool
	main      []bool // arc lies in the largest part in which every arc reaches every other
}

// delaware returns the path of the extract that ships with the OSM library.
func delaware(t testing.TB) string {
	t.Helper()
	dir, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/paulmach/osm").Output()
	if err != nil {
		t.Fatalf("no module cache: %v", err)
	}
	return filepath.Join(strings.TrimSpace(string(dir)), "testdata", "delaware-latest.osm.pbf")
}

// shared returns the path of a map extract in the shared data folder, and skips the test where that is absent.
func shared(t testing.TB, name string) string {
	t.Helper()
	return dataset.Path(t, "data/osm/"+name)
}

var oracleSpeeds = map[bool]map[string][2]float64{ // by Japan; speed without a limit, share of a tagged limit
	false: {
		"motorway": {100, .95}, "trunk": {80, .9}, "primary": {60, .85}, "secondary": {50, .85}, "tertiary": {40, .8},
		"unclassified": {35, .8}, "road": {35, .8}, "residential": {28, .8}, "living_street": {10, .8}, "service": {15, .8},
		"track": {12, .8}, "pedestrian": {8, .8}, "ferry": {12, 1},
	},
	true: {
		"motorway": {80, .95}, "trunk": {45, .85}, "primary": {38, .8}, "secondary": {35, .8}, "tertiary": {30, .8},
		"unclassified": {25, .8}, "road": {25, .8}, "residential": {20, .75}, "living_street": {10, .8}, "service": {12, .8},
		"track": {10, .8}, "pedestrian": {8, .8}, "ferry": {12, 1},
	},
}

// word reports whether v is one of the words of a list separated by spaces.
func word(v, list string) bool { return v != "" && strings.Contains(" "+list+" ", " "+v+" ") }

const (
	openWords       = "yes permissive designated official public"
	restrictedWords = "destination customers delivery private permit residents employees visitors"
	closedWords     = "no agricultural forestry agricultural;forestry military emergency psv bus hgv"
)

// oracleAccess returns 'o', 'r' or 'c' for open, restricted and closed in a direction.
func oracleAccess(t map[string]string, direction string) byte {
	for _, key := range strings.Fields("motorcar motor_vehicle vehicle access") {
		for _, k := range []string{key + direction, key} {
			switch v := t[k]; {
			case word(v, openWords):
				return 'o'
			case word(v, restrictedWords):
				return 'r'
			case word(v, closedWords):
				return 'c'
			}
		}
	}
	return 'o'
}

func oracleClass(t map[string]string) (class string, link, ok bool) {
	h := t["highway"]
	forCars := func() bool {
		for _, k := range []string{"motorcar", "motor_vehicle"} {
			if word(t[k], openWords+" "+restrictedWords) {
				return true
			}
			if word(t[k], closedWords) {
				return false
			}
		}
		return false
	}
	switch {
	case h == "" && t["route"] == "ferry":
		return "ferry", false, forCars()
	case word(h, "footway path cycleway bridleway pedestrian"):
		class, ok = "pedestrian", forCars()
	default:
		class = strings.TrimSuffix(h, "_link")
		link = class != h
		_, ok = oracleSpeeds[false][class]
		ok = ok && class != "ferry" && (!link || word(class, "motorway trunk primary secondary tertiary"))
	}
	if word(t["area"], "yes true 1") || t["service"] == "emergency_access" {
		return "", false, false
	}
	return class, link, ok
}

// oracleLimit reads the maxspeed values that occur in the test extracts.
func oracleLimit(v string) float64 {
	f := strings.Fields(v)
	if len(f) == 0 {
		return 0
	}
	n, err := strconv.ParseFloat(f[0], 64)
	switch {
	case err != nil || n < 1:
		return 0
	case len(f) == 1:
		return n
	case f[1] == "mph":
		return n * 1.609344
	}
	return 0
}

// oracleSpeed returns km/h in one direction, 0 where the way cannot be driven in it.
func oracleSpeed(t map[string]string, class string, link, japan, both bool, direction string) float64 {
	p := oracleSpeeds[japan][class]
	v := p[0]
	if link {
		v *= 0.6
	}
	limit := oracleLimit(t["maxspeed"+direction])
	if limit == 0 {
		limit = oracleLimit(t["maxspeed"])
	}
	if limit > 0 {
		v = limit * p[1]
	}
	if a := oracleLimit(t["maxspeed:advisory"]); a > 0 {
		v = min(v, a)
	}
	for _, k := range []string{"width", "width:carriageway", "est_width"} {
		if w, err := strconv.ParseFloat(strings.TrimSuffix(strings.TrimSuffix(t[k], "m"), " "), 64); err == nil && w > 0 {
			if w < 4 && both {
				v = min(v, map[bool]float64{true: 15, false: 20}[japan])
			}
			break
		}
	}
	caps := []struct {
		key, values string
		kmh         float64
	}{
		{"service", "parking_aisle drive-through", 8},
		{"service", "driveway alley", 12},
		{"surface", "sett cobblestone unhewn_cobblestone concrete:plates grass_paver stone", 30},
		{"surface", "unpaved gravel fine_gravel compacted pebblestone rock", 35},
		{"surface", "dirt earth ground grass mud sand clay soil snow ice", 20},
		{"tracktype", "grade2", 25},
		{"tracktype", "grade3", 18},
		{"tracktype", "grade4", 12},
		{"tracktype", "grade5", 8},
		{"smoothness", "intermediate", 60},
		{"smoothness", "bad", 30},
		{"smoothness", "very_bad", 15},
		{"smoothness", "horrible", 8},
		{"smoothness", "very_horrible impassable", 0},
	}
	for _, c := range caps {
		if word(t[c.key], c.values) {
			v = min(v, c.kmh)
		}
	}
	return v
}

// oracleDirections returns whether the way may be driven along and against its nodes.
func oracleDirections(t map[string]string) (along, against bool) {
	rule := ""
	for _, k := range []string{"oneway:motorcar", "oneway:motor_vehicle", "oneway:vehicle", "oneway"} {
		if word(t[k], "yes true 1 -1 reverse no false 0 alternating reversible") {
			rule = t[k]
			break
		}
	}
	if rule == "" && (word(t["junction"], "roundabout circular") || t["highway"] == "motorway") {
		rule = "yes"
	}
	along = !word(rule, "-1 reverse reversible") && oracleAccess(t, ":forward") != 'c'
	against = !word(rule, "yes true 1 reversible") && oracleAccess(t, ":backward") != 'c'
	return along, against
}

// oracleBlocked reports whether a node stops cars.
func oracleBlocked(t map[string]string) bool {
	b := t["barrier"]
	if b == "" && t["highway"] == "" && t["ford"] == "" {
		return false
	}
	verdict := byte(0)
	for _, k := range []string{"motorcar", "motor_vehicle", "vehicle", "access"} {
		if word(t[k], openWords+" "+restrictedWords+" "+closedWords) {
			verdict = oracleAccess(map[string]string{"access": t[k]}, "")
			break
		}
	}
	switch {
	case b == "":
		return verdict == 'c' && t["highway"] != "crossing"
	case verdict != 0:
		return verdict != 'o'
	case word(b, "no entrance border_control toll_booth sally_port cattle_grid height_restrictor arch gate lift_gate swing_gate kerb "+
		"bump_gate sliding_gate hampshire_gate rope yes"):
		return t["locked"] == "yes"
	case b == "bollard":
		return !word(t["bollard"], "rising removable_by_driver")
	}
	return true
}

// readOracle reads an extract by the oracle's rules.
func readOracle(t testing.TB, path string, japan bool) *oracle {
	t.Helper()
	nodes := map[int64]osm.Element{}
	var ways, relations []osm.Element
	err := osm.Elements(path, func(kind byte, t map[string]string) bool {
		return kind == 'n' || t["highway"] != "" || t["route"] == "ferry" || strings.HasPrefix(t["type"], "restriction")
	}, func(e osm.Element) {
		switch e.Kind {
		case 'n':
			nodes[e.ID] = e
		case 'w':
			ways = append(ways, e)
		case 'r':
			relations = append(relations, e)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	o := &oracle{out: map[int64][]int{}, roads: map[int64]int{}, japan: japan}
	o.addWays(ways, nodes, japan)
	o.restrictYards()
	o.addRestrictions(relations)
	o.findNearBans()
	o.findMain()
	return o
}

func (o *oracle) addWays(ways []osm.Element, nodes map[int64]osm.Element, japan bool) {
	var kept []osm.Element
	uses := map[int64]int{}
	for _, w := range ways {
		class, link, ok := oracleClass(w.Tags)
		along, against := oracleDirections(w.Tags)
		if !ok || !along && !against || oracleSpeed(w.Tags, class, link, japan, true, "") == 0 || w.Tags["impassable"] == "yes" {
			continue
		}
		var refs []int64
		for _, r := range w.Refs { // the extracts cut ways at their border only
			if _, ok := nodes[r]; ok && (len(refs) == 0 || refs[len(refs)-1] != r) {
				refs = append(refs, r)
			}
		}
		if w.Refs = refs; len(refs) < 2 {
			continue
		}
		kept = append(kept, w)
		for _, r := range refs {
			uses[r]++
		}
		uses[refs[0]]++
		uses[refs[len(refs)-1]]++
	}
	deadEnd := int64(-1 << 40)
	for _, w := range kept {
		at := 0
		for k := 1; k < len(w.Refs); k++ {
			blocked := oracleBlocked(nodes[w.Refs[k]].Tags)
			if uses[w.Refs[k]] < 2 && !blocked {
				continue
			}
			ends := [2]int64{w.Refs[at], w.Refs[k]}
			for i, e := range ends {
				if oracleBlocked(nodes[e].Tags) {
					deadEnd--
					ends[i] = deadEnd
				}
			}
			var line []geo.LatLng
			for _, r := range w.Refs[at : k+1] {
				line = append(line, geo.LatLng{Lat: nodes[r].Lat, Lng: nodes[r].Lng})
			}
			o.addPair(w, ends, line, japan)
			at = k
		}
	}
}

func (o *oracle) addPair(w osm.Element, ends [2]int64, line []geo.LatLng, japan bool) {
	class, link, _ := oracleClass(w.Tags)
	along, against := oracleDirections(w.Tags)
	m := 0.0
	for i := 1; i < len(line); i++ {
		m += geo.Distance(line[i-1], line[i])
	}
	restricted := along && oracleAccess(w.Tags, ":forward") == 'r' || against && oracleAccess(w.Tags, ":backward") == 'r'
	first := len(o.arcs)
	o.roads[ends[0]]++
	o.roads[ends[1]]++
	for i, open := range []bool{along, against} {
		v := oracleSpeed(w.Tags, class, link, japan, along && against, []string{":forward", ":backward"}[i])
		if !open || v == 0 {
			continue
		}
		a := oracleArc{way: w.ID, from: ends[i], to: ends[1-i], ms: max(1, math.Round(m*3600/v)), m: m, twin: -1, restricted: restricted, class: class}
		a.roundabout = word(w.Tags["junction"], "roundabout circular")
		a.line = append(a.line, line...)
		if i == 1 {
			for l, r := 0, len(a.line)-1; l < r; l, r = l+1, r-1 {
				a.line[l], a.line[r] = a.line[r], a.line[l]
			}
		}
		o.out[a.from] = append(o.out[a.from], len(o.arcs))
		o.arcs = append(o.arcs, a)
	}
	if len(o.arcs) == first+2 {
		o.arcs[first].twin, o.arcs[first+1].twin = first+1, first
	}
}
