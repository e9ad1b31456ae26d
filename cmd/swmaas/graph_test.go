package main

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// street is a two-way street of about 1.1 km and a one-way street back from its end, in Kurobe.
const street = `<osm version="0.6">
<node id="1" lat="36.8700" lon="137.4500"/><node id="2" lat="36.8800" lon="137.4500"/><node id="3" lat="36.8800" lon="137.4600"/>
<way id="10"><nd ref="1"/><nd ref="2"/><tag k="highway" v="tertiary"/><tag k="name" v="本町通り"/><tag k="maxspeed" v="40"/></way>
<way id="11"><nd ref="2"/><nd ref="3"/><nd ref="1"/><tag k="highway" v="residential"/><tag k="oneway" v="yes"/></way>
</osm>`

func writeFile(t *testing.T, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func buildStreet(t *testing.T) string {
	t.Helper()
	graph := filepath.Join(t.TempDir(), "street.graph")
	code, out, errOut := runMain(t, "graph", "build", "--osm", writeFile(t, "street.osm", street), "-o", graph)
	if code != exitDone || !strings.Contains(out, "speed defaults   japan") {
		t.Fatalf("exit %d\n%s%s", code, out, errOut)
	}
	return graph
}

func TestGraphBuildInfoRouteMatrix(t *testing.T) {
	graph := buildStreet(t)
	if code, out, _ := runMain(t, "graph", "info", graph); code != exitDone || !strings.Contains(out, "traffic keeps    left") {
		t.Errorf("info: exit %d\n%s", code, out)
	}
	// 0.005 degrees of latitude are 556 m; 40 km/h times 0.8 is 32 km/h: 62.6 s.
	code, out, errOut := runMain(t, "graph", "route", graph, "--from", "36.8720,137.4500", "--to", "36.8770,137.4500")
	if code != exitDone || !strings.Contains(out, "time    63 s\nlength  556 m\n") || !strings.Contains(out, "本町通り") {
		t.Errorf("route: exit %d\n%s%s", code, out, errOut)
	}
	slow := writeFile(t, "slow.json", `{"slow_downs": [{"factor": 2, "ways": [10], "until": "2026-01-10T18:00:00+09:00"}]}`)
	for at, want := range map[string]string{"2026-01-10T17:00:00+09:00": "time    126 s", "2026-01-10T18:00:00+09:00": "time    63 s"} {
		code, out, errOut = runMain(t, "graph", "route", graph, "--from", "36.8720,137.4500", "--to", "36.8770,137.4500", "--conditions", slow, "--at", at)
		if code != exitDone || !strings.Contains(out, want) {
			t.Errorf("route at %s: exit %d\n%s%s", at, code, out, errOut)
		}
	}
	matrix := filepath.Join(t.TempDir(), "m.csv")
	points := writeFile(t, "p.csv", "id,lat,lng\na,36.8720,137.4500\nb,36.8770,137.4500\n")
	if code, _, errOut := runMain(t, "graph", "matrix", graph, "--points", points, "-o", matrix); code != exitDone {
		t.Fatalf("matrix: exit %d\n%s", code, errOut)
	}
	f, err := os.Open(matrix)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	want := "from,to,seconds,meters|a,a,0,0|a,b,63,556|b,a,63,556|b,b,0,0|"
	got := ""
	for _, r := range rows {
		got += strings.Join(r, ",") + "|"
	}
	if err != nil || got != want {
		t.Errorf("matrix %q, want %q: %v", got, want, err)
	}
}

func TestGraphCommandsExplainBadInput(t *testing.T) {
	graph := buildStreet(t)
	out := filepath.Join(t.TempDir(), "out")
	matrix := func(points string) []string {
		return []string{"graph", "matrix", graph, "--points", writeFile(t, "points.csv", points), "-o", out}
	}
	for name, c := range map[string]struct {
		args []string
		code int
		says []string
	}{
		"missing extract":    {[]string{"graph", "build", "--osm", "/no/such.osm.pbf", "-o", out}, exitFailed, []string{"/no/such.osm.pbf"}},
		"cut-off extract":    {[]string{"graph", "build", "--osm", writeFile(t, "cut.osm", street[:300]), "-o", out}, exitFailed, []string{"cut.osm", "cut off"}},
		"no roads":           {[]string{"graph", "build", "--osm", writeFile(t, "sea.osm", "<osm/>"), "-o", out}, exitInfeasible, []string{"sea.osm", "no roads"}},
		"missing graph":      {[]string{"graph", "info", "/no/such.graph"}, exitFailed, []string{"/no/such.graph"}},
		"not a graph":        {[]string{"graph", "info", writeFile(t, "x.graph", "nonsense")}, exitFailed, []string{"x.graph", "not a sound road graph"}},
		"half a position":    {[]string{"graph", "route", graph, "--from", "36.87", "--to", "36.88,137.45"}, exitUsage, []string{"--from", "36.87"}},
		"position off earth": {[]string{"graph", "route", graph, "--from", "36.87,137.45", "--to", "96.88,137.45"}, exitUsage, []string{"--to", "96.88"}},
		"point in the sea":   {[]string{"graph", "route", graph, "--from", "37.2,137.2", "--to", "36.88,137.45"}, exitInfeasible, []string{"--from", "no road within the limit"}},
		"wrong header":       {matrix("id,lat,lon\na,1,2\n"), exitUsage, []string{"points.csv line 1", "id,lat,lng"}},
		"latitude":           {matrix("id,lat,lng\na,36.87,137.45\nb,north,137.45\n"), exitUsage, []string{"points.csv line 3", "field lat", "north"}},
		"longitude":          {matrix("id,lat,lng\na,36.87,237.45\n"), exitUsage, []string{"points.csv line 2", "field lng", "237.45"}},
		"twice the same id":  {matrix("id,lat,lng\na,36.87,137.45\na,36.87,137.45\n"), exitUsage, []string{"points.csv line 3", "field id"}},
		"missing column":     {matrix("id,lat,lng\na,36.87\n"), exitUsage, []string{"points.csv", "line 2"}},
		"empty":              {matrix(""), exitUsage, []string{"points.csv line 1"}},
		"no points":          {matrix("id,lat,lng\n"), exitUsage, []string{"points.csv line 2"}},
		"wrong conditions": {
			[]string{"graph", "route", graph, "--from", "36.872,137.45", "--to", "36.877,137.45", "--conditions", writeFile(t, "c.json", `{"wether": "rain"}`)},
			exitUsage,
			[]string{"c.json", "line 1", "wether"},
		},
		"unknown way": {
			[]string{"graph", "route", graph, "--from", "36.872,137.45", "--to", "36.877,137.45", "--conditions", writeFile(t, "c.json", `{"closures": [{"ways": [99]}]}`)},
			exitUsage,
			[]string{"c.json", "way 99"},
		},
		"matrix in the sea": {matrix("id,lat,lng\na,36.87,137.45\nb,37.2,137.2\n"), exitInfeasible, []string{"points.csv line 3", "lat, lng", `"b"`}},
	} {
		t.Run(name, func(t *testing.T) {
			code, _, errOut := runMain(t, c.args...)
			if code != c.code {
				t.Errorf("exit %d, want %d: %s", code, c.code, errOut)
			}
			for _, s := range c.says {
				if !strings.Contains(errOut, s) {
					t.Errorf("message %q does not say %q", errOut, s)
				}
			}
			if _, err := os.Stat(out); err == nil {
				t.Error("something was written")
			}
		})
	}
}
