package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/dispatch/planstore"
	"github.com/swmaas/swmaas/dispatch/seal"
	"github.com/swmaas/swmaas/testdata/redistest"
)

// examine runs the doctor and returns its findings by check, worst first, and what it printed.
func examine(t *testing.T, want int, args ...string) (map[string]finding, string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "findings.json")
	code, out, message := runMain(t, append([]string{"doctor", "--json", file, "--lang", "en"}, args...)...)
	if code != want {
		t.Fatalf("doctor %v: exit %d, want %d\n%s%s", args, code, want, out, message)
	}
	var list []finding
	readJSON(t, file, &list)
	slices.SortStableFunc(list, func(a, b finding) int { return strings.Compare(a.Status, b.Status) }) // fail, ok, warn
	found := map[string]finding{}
	for _, f := range list {
		if known, ok := found[f.Check]; !ok || known.Status == "ok" {
			found[f.Check] = f
		}
		if f.JA == "" || f.EN == "" || (f.DoJA == "") != (f.DoEN == "") {
			t.Errorf("%s is not told in both languages: %+v", f.Check, f)
		}
	}
	return found, out
}

func TestADoctorOfAnInstallationThatIsWellIsContent(t *testing.T) {
	server, data := redistest.New(t), t.TempDir()
	addresses, stop := startServe(t, "--data", data, "--town", "kurobe", "--redis", "unix://"+server.Socket, "--listen", "127.0.0.1:0", "--private", "127.0.0.1:0")
	dial(t, addresses["grpc"], data) // makes a token
	found, out := examine(t, exitDone, "--data", data, "--redis", "unix://"+server.Socket, "--town", "kurobe", "--service", "http://"+addresses["private"])
	for _, check := range []string{"redis", "disk", "keys", "graph", "policies", "areas", "service"} {
		if f := found[check]; f.Status != "ok" && (check != "disk" || f.Status == "fail") {
			t.Errorf("%s: %+v\n%s", check, f, out)
		}
	}
	if !strings.Contains(found["areas"].EN, "kurobe") {
		t.Errorf("areas: %s", found["areas"].EN)
	}
	stop()
	found, _ = examine(t, exitFailed, "--only", "service", "--service", "http://"+addresses["private"], "--data", data)
	if found["service"].Status != "fail" {
		t.Errorf("a service that has ended: %+v", found["service"])
	}
}

func TestADoctorSaysWhatToDo(t *testing.T) {
	server, data := redistest.New(t), t.TempDir()
	store := []string{"--data", data, "--redis", "unix://" + server.Socket}
	if code, _, message := runMain(t, "admin", "token", "--data", data, "--area", "kurobe", "--role", "council"); code != exitDone {
		t.Fatal(message)
	}
	policies := t.TempDir()
	if err := os.WriteFile(filepath.Join(policies, "rules.json"), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	client := redis.NewClient(&redis.Options{Network: "unix", Addr: server.Socket})
	defer func() { _ = client.Close() }()
	config := func(key, value string) {
		t.Helper()
		if err := client.ConfigSet(t.Context(), key, value).Err(); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		name, check, status, do string
		before                  func()
		args                    []string
	}{
		{"nobody is there yet", "areas", "warn", "admin area new", func() {}, store},
		{"a Redis that does not sync", "redis", "fail", "appendfsync always", func() { config("appendfsync", "everysec") }, store},
		{"a Redis that drops data", "redis", "fail", "noeviction", func() {
			config("appendfsync", "always")
			config("maxmemory", "100mb")
			config("maxmemory-policy", "allkeys-lru")
		}, store},
		{"a Redis that is not there", "redis", "fail", "--redis is right", func() {}, []string{"--data", data, "--redis", "unix:///nowhere/s"}},
		{"a folder that is not there", "disk", "fail", "--data", func() {}, []string{"--data", "/nowhere/swmaas"}},
		{"a graph that is none", "graph", "fail", "graph build", func() {}, append(store, "--graph", filepath.Join(policies, "rules.json"))},
		{"no graph", "graph", "warn", "graph build", func() {}, store},
		{"policies that are wrong", "policies", "fail", "line", func() {}, append(store, "--policies", policies)},
		{"policies that overlap what was put", "policies", "fail", "dates of the files", func() {
			_ = os.WriteFile(filepath.Join(policies, "rules.json"), []byte(nextPolicy(t, "2026-04-01")), 0o600)
			put(t, client, dispatch.PutPolicy{ID: "next", Area: "kurobe", Version: 1, Text: nextPolicy(t, "2027-04-01")})
		}, append(store, "--policies", policies)},
		{"a key that others may read", "keys", "fail", "backup", func() { _ = os.Chmod(filepath.Join(data, tokenKeyFile), 0o644) }, store},
		{"no backup", "backup", "warn", "every day", func() {}, store},
		{"a variable that is no setting", "settings", "warn", "spelling", func() { t.Setenv("SWMAAS_LISSEN", "x") }, store},
	} {
		c.before()
		want := exitDone
		if c.status == "fail" {
			want = exitFailed
		}
		found, out := examine(t, want, append([]string{"--only", c.check}, c.args...)...)
		if f := found[c.check]; f.Status != c.status || !strings.Contains(f.DoEN, c.do) {
			t.Errorf("%s: %+v, want %s that says %q\n%s", c.name, f, c.status, c.do, out)
		}
	}
	if _, out, _ := runMain(t, append([]string{"doctor", "--lang", "ja", "--only", "keys"}, store...)...); !strings.Contains(out, "異常") || !strings.Contains(out, "バックアップから戻してください") {
		t.Errorf("in Japanese: %s", out)
	}
}

// put stores a policy as a service that is running does, without looking at any other.
func put(t *testing.T, client redis.UniversalClient, p dispatch.PutPolicy) {
	t.Helper()
	ring, err := seal.New(t.TempDir(), planstore.NewDataKeys(client), seal.Config{})
	if err != nil {
		t.Fatal(err)
	}
	store, err := planstore.New(client, ring, planstore.Config{})
	if err != nil {
		t.Fatal(err)
	}
	if err := store.CommitPolicy(t.Context(), &dispatch.PolicyChange{Policy: p}, 0); err != nil {
		t.Fatal(err)
	}
}
