package api

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"google.golang.org/grpc/codes"
)

// metrics counts calls: rate, errors and duration of each method, and what is open. Labels are method and code; nothing
// personal and nothing that a caller can make up. It is safe for concurrent use.
type metrics struct {
	calls   *prometheus.CounterVec   // by method and code
	took    *prometheus.HistogramVec // by method; unary calls only, a stream lasts as long as its reader likes
	open    *prometheus.GaugeVec     // by method
	panics  prometheus.Counter
	dropped prometheus.Counter
}

// newMetrics registers the metrics; a nil registerer counts for nobody.
func newMetrics(to prometheus.Registerer) (*metrics, error) {
	m := &metrics{
		calls: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "swmaas_calls_total", Help: "Calls that ended, by method and gRPC code.",
		}, []string{"method", "code"}),
		took: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "swmaas_call_seconds", Help: "Time that unary calls took, by method.",
			// A quote is to be answered while the caller waits: fine steps up to a second.
			Buckets: []float64{0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 15},
		}, []string{"method"}),
		open: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "swmaas_calls_open", Help: "Calls and streams that are open, by method.",
		}, []string{"method"}),
		panics: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "swmaas_panics_total", Help: "Panics that were caught.",
		}),
		dropped: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "swmaas_streams_dropped_total", Help: "Streams that were ended because nobody read them.",
		}),
	}
	if to == nil {
		return m, nil
	}
	for _, c := range []prometheus.Collector{m.calls, m.took, m.open, m.panics, m.dropped} {
		if err := to.Register(c); err != nil {
			return nil, err
		}
	}
	return m, nil
}

// unknownMethod stands for every method that does not exist, so that a caller cannot fill the memory with made-up names.
const unknownMethod = "unknown"

func (m *metrics) begin(method string) { m.open.WithLabelValues(method).Inc() }

func (m *metrics) end(method string, stream bool, code codes.Code, took time.Duration) {
	m.open.WithLabelValues(method).Dec()
	m.calls.WithLabelValues(method, code.String()).Inc()
	if !stream {
		m.took.WithLabelValues(method).Observe(took.Seconds())
	}
}
