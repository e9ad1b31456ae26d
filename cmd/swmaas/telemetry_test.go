package main

import (
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/swmaas/swmaas/api"
	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/dispatch/sim/town"
	"github.com/swmaas/swmaas/testdata/redistest"
)

// TestATraceGoesThroughCallDeskStoreAndOptimiser books a ride and improves the day with every span kept, and looks at who is
// whose child and at what the spans say.
func TestATraceGoesThroughCallDeskStoreAndOptimiser(t *testing.T) {
	tn, err := town.Generate(townSeed)
	if err != nil {
		t.Fatal(err)
	}
	server, data := redistest.New(t), t.TempDir()
	spans := tracetest.NewInMemoryExporter()
	provider := sdktrace.NewTracerProvider(sdktrace.WithSyncer(spans))
	e, err := startEngine(t.Context(), engineConfig{
		data: data, redis: "unix://" + server.Socket, graph: tn.Graph, now: time.Now, log: slog.New(slog.DiscardHandler),
		service: api.Config{Tracer: provider, Metrics: prometheus.NewRegistry()},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = e.close(t.Context()) }()
	if err := e.settle(t.Context(), tn); err != nil {
		t.Fatal(err)
	}
	addr, err := e.listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c := dial(t, addr.String(), data)
	person := secretPerson(1, tn.Calls[1].Pickup.At)
	person.ID = tn.Calls[1].Rider
	if !c.bookFor(t, person, tn.Calls[1].Dropoff.At) {
		t.Fatal("no ride: the test shows nothing")
	}
	rounds := 0
	for _, day := range e.desk.OpenDays() {
		if _, err := e.improveDay(t.Context(), day, dispatch.ImproveOptions{Seed: 1, Stop: func() bool { rounds++; return rounds > 50 }}); err != nil {
			t.Fatal(err)
		}
	}
	var found map[string]bool
	for _, want := range []string{
		"desk quote < swmaas.v1.Booking/Quote", "redis EVALSHA < plan commit < swmaas.v1.Booking/Book",
		"redis PIPELINE < swmaas.v1.Booking/Book", "optimiser improve",
	} {
		eventually(t, "span "+want, func() bool { found = chains(spans.GetSpans()); return found[want] }) // that of a call ends after its answer
	}
	if t.Failed() {
		t.Logf("spans %v", found)
	}
	text := fmt.Sprintf("%+v", spans.GetSpans())
	for _, secret := range append(secretsOf(person), string(person.ID)) {
		if strings.Contains(text, secret) {
			t.Errorf("%q is in the spans", secret)
		}
	}
}

// chains names every span with those that it is in, the innermost first.
func chains(all tracetest.SpanStubs) map[string]bool {
	byID := map[string]tracetest.SpanStub{}
	for _, s := range all {
		byID[s.SpanContext.SpanID().String()] = s
	}
	found := map[string]bool{}
	for _, s := range all {
		var names []string
		for ok := true; ok; s, ok = byID[s.Parent.SpanID().String()] {
			names = append(names, s.Name)
		}
		found[strings.Join(names, " < ")] = true
	}
	return found
}

// scrape reads the metrics of a service's private port.
func scrape(t *testing.T, addr string) string {
	t.Helper()
	return fetch(t, "http://"+addr+"/metrics", http.StatusOK)
}

func fetch(t *testing.T, url string, want int) string {
	t.Helper()
	response, err := http.Get(url) //nolint:noctx // a test of a local port
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != want {
		t.Errorf("%s: %d, %v, want %d: %s", url, response.StatusCode, err, want, body)
	}
	return string(body)
}

// eventually waits for something that a loop of the service does.
func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	for range 400 {
		if is() {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Errorf("%s: not within 20 s", what)
}

func TestHealthFollowsRedisAndMetricsTellOfIt(t *testing.T) {
	server, data := redistest.New(t), t.TempDir()
	addresses, stop := startServe(t, "--data", data, "--town", "kurobe", "--redis", "unix://"+server.Socket,
		"--listen", "127.0.0.1:0", "--private", "127.0.0.1:0")
	private := addresses["private"]
	eventually(t, "ready", func() bool { return strings.Contains(scrape(t, private), `swmaas_dependency_up{dependency="redis"} 1`) })
	if body := fetch(t, "http://"+private+"/readyz", http.StatusOK); !strings.Contains(body, `"redis":true`) || !strings.Contains(body, `"roads":true`) {
		t.Errorf("ready: %s", body)
	}
	for _, want := range []string{
		`swmaas_redis_syncs_every_write{store="durable"} 1`, `swmaas_data_free_bytes \d`, `swmaas_improvement_last_timestamp_seconds 1\.\d+e`,
		`swmaas_redis_seconds_count{command="\w+",store="durable"} \d`, `swmaas_open_days 0`,
	} {
		eventually(t, want, func() bool { return regexp.MustCompile(want).MatchString(scrape(t, private)) }) // each has a loop of its own
	}
	server.Kill()
	eventually(t, "down", func() bool { return strings.Contains(scrape(t, private), `swmaas_dependency_up{dependency="redis"} 0`) })
	fetch(t, "http://"+private+"/readyz", http.StatusServiceUnavailable)
	fetch(t, "http://"+private+"/healthz", http.StatusOK)
	server.Restart()
	eventually(t, "up again", func() bool { return strings.Contains(scrape(t, private), `swmaas_dependency_up{dependency="redis"} 1`) })
	stop()
}

func TestTelemetrySettingsThatCannotBeAreRefused(t *testing.T) {
	for _, args := range [][]string{{"--trace-share", "2"}, {"--otlp", "::"}, {"--log-level", "loud"}, {"--rate-address=-1"}} {
		code, _, message := runMain(t, append([]string{"serve", "--data", t.TempDir(), "--listen", "nowhere"}, args...)...)
		if code != exitUsage || !strings.Contains(message, args[0][:6]) {
			t.Errorf("%v: exit %d, %s", args, code, message)
		}
	}
}
