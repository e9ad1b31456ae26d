package main

import (
	"context"
	"encoding/json"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.yaml.in/yaml/v3"

	"github.com/swmaas/swmaas/api"
)

const deployDir = "../../deploy"

func deployed(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(deployDir, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// described is a registerer that keeps the names of what is registered.
type described struct{ names []string }

var metricName = regexp.MustCompile(`fqName: "([^"]+)"`)

func (d *described) Register(c prometheus.Collector) error {
	ch := make(chan *prometheus.Desc, 1000)
	c.Describe(ch)
	close(ch)
	for desc := range ch {
		d.names = append(d.names, metricName.FindStringSubmatch(desc.String())[1])
	}
	return nil
}

func (d *described) MustRegister(list ...prometheus.Collector) {
	for _, c := range list {
		_ = d.Register(c)
	}
}

func (d *described) Unregister(prometheus.Collector) bool { return false }

// exported lists every metric that a service has.
func exported(t *testing.T) []string {
	t.Helper()
	d := &described{}
	e, err := startEngine(t.Context(), engineConfig{data: t.TempDir(), memory: true, now: time.Now, service: api.Config{Metrics: d}})
	if err != nil {
		t.Fatal(err)
	}
	if err := e.close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if len(d.names) < 15 {
		t.Fatalf("only %q are exported: the test looks at nothing", d.names)
	}
	return d.names
}

// unknownMetrics lists the metrics of expressions that no service exports.
func unknownMetrics(known []string, expressions ...string) (unknown []string) {
	name := regexp.MustCompile(`\bswmaas_\w+`)
	for _, expr := range expressions {
		for _, m := range name.FindAllString(expr, -1) {
			plain := m
			for _, suffix := range []string{"_bucket", "_count", "_sum"} {
				if cut, ok := strings.CutSuffix(m, suffix); ok && slices.Contains(known, cut) {
					plain = cut
				}
			}
			if !slices.Contains(known, plain) {
				unknown = append(unknown, m)
			}
		}
	}
	return unknown
}

func TestDashboardAndAlertsNameMetricsThatExist(t *testing.T) {
	known := exported(t)
	var dashboard struct {
		Panels []struct {
			Title   string
			Type    string
			Targets []struct{ Expr string }
		}
	}
	if err := json.Unmarshal([]byte(deployed(t, "grafana/swmaas.json")), &dashboard); err != nil {
		t.Fatal(err)
	}
	var expressions []string
	for _, p := range dashboard.Panels {
		if p.Type != "row" && len(p.Targets) == 0 {
			t.Errorf("panel %s shows nothing", p.Title)
		}
		for _, target := range p.Targets {
			expressions = append(expressions, target.Expr)
		}
	}
	var rules struct {
		Groups []struct {
			Rules []struct {
				Alert, Expr         string
				Labels, Annotations map[string]string
			}
		}
	}
	if err := yaml.Unmarshal([]byte(deployed(t, "prometheus/alerts.yaml")), &rules); err != nil {
		t.Fatal(err)
	}
	alerts := 0
	for _, r := range rules.Groups[0].Rules {
		alerts++
		expressions = append(expressions, r.Expr)
		if r.Alert == "" || r.Labels["severity"] == "" || r.Annotations["summary"] == "" || r.Annotations["action"] == "" {
			t.Errorf("alert %s does not say how bad it is or what to do", r.Alert)
		}
	}
	if alerts < 8 || len(expressions) < 30 {
		t.Fatalf("%d alerts, %d expressions", alerts, len(expressions))
	}
	if unknown := unknownMetrics(known, expressions...); len(unknown) > 0 {
		t.Errorf("no service exports %q", unknown)
	}
	for _, expr := range expressions {
		if strings.Count(expr, "(") != strings.Count(expr, ")") || strings.Count(expr, "{") != strings.Count(expr, "}") || strings.Count(expr, `"`)%2 != 0 {
			t.Errorf("brackets or quotes of %s do not match", expr)
		}
	}
	if got := unknownMetrics(known, "rate(swmaas_nonsense_total[5m]) + swmaas_commit_seconds_bucket"); !slices.Equal(got, []string{"swmaas_nonsense_total"}) {
		t.Errorf("the check finds %q", got)
	}
	if promtool, err := exec.LookPath("promtool"); err == nil {
		if out, err := exec.Command(promtool, "check", "rules", filepath.Join(deployDir, "prometheus/alerts.yaml")).CombinedOutput(); err != nil {
			t.Errorf("promtool: %s", out)
		}
	}
}

// parses fails the test where the command line does not know the arguments.
func parses(t *testing.T, from string, args []string) {
	t.Helper()
	t.Setenv("SWMAAS_POLICIES", t.TempDir())
	for i, arg := range args { // folders that exist on the machine of the service only
		switch arg {
		case "--policies":
			args[i+1] = t.TempDir()
		case "--config":
			args[i+1] = filepath.Join(deployDir, "swmaas.yaml")
		}
	}
	parser, err := newParser(context.Background(), streams{in: strings.NewReader(""), out: io.Discard, err: io.Discard})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := parser.Parse(args); err != nil {
		t.Errorf("%s: %q: %v", from, args, err)
	}
}

// arguments finds the command lines of swmaas in a document: lists of texts that begin with a command of it.
func arguments(node *yaml.Node) (found [][]string) {
	if node.Kind == yaml.SequenceNode && len(node.Content) > 0 {
		var list []string
		for _, item := range node.Content {
			list = append(list, item.Value)
		}
		if list[0] == "swmaas" {
			list = list[1:]
		}
		if slices.Contains([]string{"serve", "doctor", "admin"}, list[0]) {
			found = append(found, list)
		}
	}
	for _, inner := range node.Content {
		found = append(found, arguments(inner)...)
	}
	return found
}

func TestEveryFlagOfTheDeployFilesExists(t *testing.T) {
	known := 0
	err := filepath.WalkDir(deployDir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || filepath.Ext(path) != ".yaml" {
			return err
		}
		file, err := os.Open(path)
		if err != nil {
			return err
		}
		defer func() { _ = file.Close() }()
		for decoder := yaml.NewDecoder(file); ; {
			var document yaml.Node
			if err := decoder.Decode(&document); err == io.EOF { //nolint:errorlint // never wrapped
				return nil
			} else if err != nil {
				t.Errorf("%s: %v", path, err)
				return nil
			}
			for _, args := range arguments(&document) {
				known++
				parses(t, path, args)
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	unit := deployed(t, "swmaas.service")
	line := regexp.MustCompile(`(?m)^ExecStart=/usr/local/bin/swmaas (.*)$`).FindStringSubmatch(unit)
	if line == nil || known < 2 {
		t.Fatalf("no command in the unit, %d in the other files: the test looks at nothing", known)
	}
	parses(t, "unit", strings.Fields(line[1]))
	docker := deployed(t, "Dockerfile")
	for _, match := range regexp.MustCompile(`(?m)CMD (\[.*\])$`).FindAllStringSubmatch(docker, -1) {
		var args []string
		if err := json.Unmarshal([]byte(match[1]), &args); err != nil {
			t.Fatal(err)
		}
		if args[0] == "swmaas" {
			args = args[1:]
		}
		parses(t, "Dockerfile", args)
	}
	for what, want := range map[string]string{"a user": "\nUSER 10001", "two stages": " AS build", "no shell around it": `ENTRYPOINT ["swmaas"]`} {
		if !strings.Contains(docker, want) {
			t.Errorf("the image has no %s", what)
		}
	}
}

// TestEveryRedisOfTheDeployFilesKeepsItsWord: what is durable syncs every write and drops nothing.
func TestEveryRedisOfTheDeployFilesKeepsItsWord(t *testing.T) {
	for _, name := range []string{"compose.yaml", "kubernetes/redis.yaml"} {
		text := deployed(t, name)
		if !regexp.MustCompile(`"--appendonly", "yes", "--appendfsync", "always".*"noeviction"`).MatchString(text) {
			t.Errorf("%s: the durable Redis does not sync every write, or drops data", name)
		}
	}
	text := deployed(t, "kubernetes/swmaas.yaml")
	for _, want := range []string{"PodDisruptionBudget", "readinessProbe", "livenessProbe", "startupProbe", "runAsNonRoot: true", "readOnlyRootFilesystem: true"} {
		if !strings.Contains(text, want) {
			t.Errorf("kubernetes: no %s", want)
		}
	}
}
