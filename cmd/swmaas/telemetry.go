package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracegrpc"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"

	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/dispatch/planstore"
)

// serveTelemetry is what whoever runs the service is told of it.
type serveTelemetry struct {
	Otlp       string  `placeholder:"URL" help:"Send traces to this OpenTelemetry collector over gRPC, such as http://127.0.0.1:4317. Off where left out."`
	TraceShare float64 `default:"0.05" help:"Share of calls that are traced, 0 to 1; a caller who sends a traceparent decides for itself."`
	LogFormat  string  `enum:"text,json" default:"text" help:"Form of the log on standard error: text or json."`
	LogLevel   string  `enum:"debug,info,warn,error" default:"info" help:"Least level that is logged: debug (a line for every call), info, warn or error."`
}

// tracer gives what takes spans, and how to flush and end it. Without --otlp spans cost nothing.
func (c *serveTelemetry) tracer(ctx context.Context) (trace.TracerProvider, func(context.Context) error, error) {
	if c.TraceShare < 0 || c.TraceShare > 1 {
		return nil, nil, usageError("--trace-share: %v is not from 0 to 1", c.TraceShare)
	}
	if c.Otlp == "" {
		return nil, func(context.Context) error { return nil }, nil
	}
	if u, err := url.Parse(c.Otlp); err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, nil, usageError("--otlp: %q is not a URL such as http://127.0.0.1:4317", c.Otlp)
	}
	exporter, err := otlptracegrpc.New(ctx, otlptracegrpc.WithEndpointURL(c.Otlp))
	if err != nil {
		return nil, nil, usageError("--otlp %s: %w", c.Otlp, err)
	}
	provider := sdktrace.NewTracerProvider(
		sdktrace.WithBatcher(exporter),
		sdktrace.WithSampler(sdktrace.ParentBased(sdktrace.TraceIDRatioBased(c.TraceShare))),
		sdktrace.WithResource(resource.NewSchemaless(attribute.String("service.name", "swmaas"), attribute.String("service.version", buildVersion().Version))),
	)
	return provider, provider.Shutdown, nil
}

// logger writes the log as the flags say.
func (c *serveTelemetry) logger(to io.Writer) *slog.Logger {
	var level slog.Level
	_ = level.UnmarshalText([]byte(c.LogLevel)) // kong takes known levels only
	opt := &slog.HandlerOptions{Level: level}
	if c.LogFormat == "json" {
		return slog.New(slog.NewJSONHandler(to, opt))
	}
	return slog.New(slog.NewTextHandler(to, opt))
}

// flushTime is how long traces may take to leave when the service ends.
const flushTime = 5 * time.Second

// flushed sends what spans are left. A collector that is away is no fault of the service.
func flushed(ctx context.Context, flush func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, flushTime)
	defer cancel()
	if err := flush(ctx); err != nil && ctx.Err() == nil {
		return fmt.Errorf("traces: %w", err)
	}
	return nil
}

// measures are the figures of an engine beside those of its calls (api/metrics.go). Labels are words of this program and names of
// areas; nothing personal. Safe for concurrent use.
type measures struct {
	tracer trace.Tracer

	quotes      *prometheus.HistogramVec // by outcome: offered, refused, failed
	commits     prometheus.Histogram
	conflicts   prometheus.Counter
	improve     *prometheus.CounterVec // by result: better, none, lost, failed
	gain        prometheus.Counter
	improved    prometheus.Gauge
	days        prometheus.Gauge
	tells       *prometheus.GaugeVec     // by area
	redis       *prometheus.HistogramVec // by store and command
	redisErrors *prometheus.CounterVec   // by store
	up          *prometheus.GaugeVec     // by dependency
	aof         *prometheus.GaugeVec     // by store
	free, size  prometheus.Gauge
}

// newMeasures registers the figures; a nil registerer counts for nobody. tracer may be nil.
func newMeasures(to prometheus.Registerer, tracer trace.TracerProvider) (*measures, error) {
	if tracer == nil {
		tracer = noop.NewTracerProvider()
	}
	counter := func(name, help string) prometheus.Counter {
		return prometheus.NewCounter(prometheus.CounterOpts{Name: name, Help: help})
	}
	gauge := func(name, help string) prometheus.Gauge {
		return prometheus.NewGauge(prometheus.GaugeOpts{Name: name, Help: help})
	}
	quick := []float64{0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 1, 5}
	m := &measures{
		tracer: tracer.Tracer("github.com/swmaas/swmaas"),
		quotes: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "swmaas_quote_seconds", Help: "Time that the desk took to answer a wish, by outcome.",
			Buckets: []float64{0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5},
		}, []string{"outcome"}),
		commits:   prometheus.NewHistogram(prometheus.HistogramOpts{Name: "swmaas_commit_seconds", Help: "Time that commits of a plan took.", Buckets: quick}),
		conflicts: counter("swmaas_commit_conflicts_total", "Commits that lost against a quicker one and were decided again."),
		improve: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "swmaas_improvements_total", Help: "Runs of the optimiser in the background, by result.",
		}, []string{"result"}),
		gain:     counter("swmaas_improvement_gain_seconds_total", "Seconds of driving saved by the optimiser and committed."),
		improved: gauge("swmaas_improvement_last_timestamp_seconds", "When the optimiser last went over the open days without a fault, in seconds since 1970."),
		days:     gauge("swmaas_open_days", "Area-days that callers and drivers work on."),
		tells: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "swmaas_must_tells_overdue", Help: "People who should have been told something by now and have not, by area.",
		}, []string{"area"}),
		redis: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "swmaas_redis_seconds", Help: "Time that commands of Redis took, by store and command.", Buckets: quick,
		}, []string{"store", "command"}),
		redisErrors: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "swmaas_redis_errors_total", Help: "Commands of Redis that failed, by store.",
		}, []string{"store"}),
		up: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "swmaas_dependency_up", Help: "Whether what the service stands on is there: 1 or 0.",
		}, []string{"dependency"}),
		aof: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "swmaas_redis_syncs_every_write", Help: "Whether Redis syncs every write to disk before it is acknowledged: 1 or 0, by store.",
		}, []string{"store"}),
		free: gauge("swmaas_data_free_bytes", "Free space of the disk that holds the data folder."),
		size: gauge("swmaas_data_size_bytes", "Size of the disk that holds the data folder."),
	}
	if to == nil {
		return m, nil
	}
	for _, c := range []prometheus.Collector{
		m.quotes, m.commits, m.conflicts, m.improve, m.gain, m.improved, m.days, m.tells, m.redis, m.redisErrors, m.up, m.aof, m.free, m.size,
	} {
		if err := to.Register(c); err != nil {
			return nil, fmt.Errorf("metrics: %w", err)
		}
	}
	return m, nil
}

// span begins a span; end closes it with the error.
func (m *measures) span(ctx context.Context, name string, attrs ...attribute.KeyValue) (context.Context, func(error)) {
	ctx, span := m.tracer.Start(ctx, name, trace.WithAttributes(attrs...))
	return ctx, func(err error) {
		if err != nil {
			span.SetStatus(codes.Error, "failed") // the text of an error stays in the log
		}
		span.End()
	}
}

// measuredDesk is the desk with quotes measured.
type measuredDesk struct {
	*dispatch.Desk
	measures *measures
}

// Quote implements api.Booker.
func (d measuredDesk) Quote(ctx context.Context, by dispatch.Actor, r dispatch.Request) (*dispatch.Quote, error) {
	ctx, end := d.measures.span(ctx, "desk quote")
	begin := time.Now()
	quote, err := d.Desk.Quote(ctx, by, r)
	outcome := "refused"
	switch {
	case err != nil:
		outcome = "failed"
	case len(quote.Offers) > 0:
		outcome = "offered"
	}
	d.measures.quotes.WithLabelValues(outcome).Observe(time.Since(begin).Seconds())
	end(err)
	return quote, err
}

// measuredPlans is the store with commits measured.
type measuredPlans struct {
	*planstore.Store
	measures *measures
}

// Commit implements dispatch.PlanStore.
func (p measuredPlans) Commit(ctx context.Context, c *dispatch.Commit) (int64, error) {
	ctx, end := p.measures.span(ctx, "plan commit", attribute.Int("routes", len(c.Routes)), attribute.Int("rides", len(c.Rides)))
	begin := time.Now()
	revision, err := p.Store.Commit(ctx, c)
	p.measures.commits.Observe(time.Since(begin).Seconds())
	if errors.Is(err, dispatch.ErrStale) {
		p.measures.conflicts.Inc()
	}
	end(err)
	return revision, err
}
