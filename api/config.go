package api

import (
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.opentelemetry.io/otel/trace"
)

// Config of a Server. Zero fields take the default that their comment names.
type Config struct {
	Verifier Verifier // tells who holds a token; there is no default
	// Zone of service days; Japan (UTC+9).
	Zone *time.Location
	// Clock is the clock of service days, by which the time of a device is judged; the machine's. Tokens and deadlines always
	// run by the machine's own clock.
	Clock func() time.Time
	Log   *slog.Logger // nowhere
	// Metrics takes the counts of calls; nobody.
	Metrics prometheus.Registerer
	// Tracer takes a span of every call, joined to the caller's where that sends a traceparent; nobody.
	Tracer trace.TracerProvider
	// TLS secures the native port; nil leaves it in the clear, for loopback and behind a proxy.
	TLS *tls.Config

	CallTimeout    time.Duration // longest time of a unary call, whatever the caller asks for; 15 s
	TokenTrust     time.Duration // how long a checked token is trusted without checking again; 1 min
	StreamPatience time.Duration // how long a message of a stream may wait to be read; 30 s
	PredictEvery   time.Duration // how often a watched ride is looked at again without a change; 15 s
	MaxReceive     int           // largest message taken, in bytes; 1 MiB
	MaxSend        int           // largest message sent, in bytes; 4 MiB
	// CallsPerSecond is how many calls a token may make, with twice as many at once after a pause. Messages of a stream that is
	// open are not counted. Zero means no limit.
	CallsPerSecond float64
	// AddressCallsPerSecond is how many calls may come from one network address, with twice as many at once after a pause, whatever
	// tokens they carry, and before these are checked. Behind a proxy all calls come from its address. Zero means no limit.
	AddressCallsPerSecond float64
	MaxStreams            int // calls at once on one connection; 250

	rateClock func() time.Time // by which shares of calls come back; the machine's, which tests stop
}

func (c Config) withDefaults() Config {
	if c.Zone == nil {
		c.Zone = time.FixedZone("JST", 9*3600)
	}
	if c.Clock == nil {
		c.Clock = time.Now
	}
	if c.rateClock == nil {
		c.rateClock = time.Now
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	setDefault(&c.CallTimeout, 15*time.Second)
	setDefault(&c.TokenTrust, time.Minute)
	setDefault(&c.StreamPatience, 30*time.Second)
	setDefault(&c.PredictEvery, 15*time.Second)
	setDefault(&c.MaxReceive, 1<<20)
	setDefault(&c.MaxSend, 4<<20)
	setDefault(&c.MaxStreams, 250)
	return c
}

func setDefault[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}

// Validate reports every field that cannot be used; it fails with ErrConfig.
func (c Config) Validate() error {
	var problems []error
	if c.Verifier == nil {
		problems = append(problems, errors.New("Verifier is needed"))
	}
	for name, d := range map[string]time.Duration{"CallTimeout": c.CallTimeout, "TokenTrust": c.TokenTrust, "StreamPatience": c.StreamPatience, "PredictEvery": c.PredictEvery} {
		if d < 0 {
			problems = append(problems, fmt.Errorf("%s: %v is negative", name, d))
		}
	}
	for name, n := range map[string]int{"MaxReceive": c.MaxReceive, "MaxSend": c.MaxSend, "MaxStreams": c.MaxStreams} {
		if n < 0 {
			problems = append(problems, fmt.Errorf("%s: %d is negative", name, n))
		}
	}
	if c.AddressCallsPerSecond < 0 {
		problems = append(problems, fmt.Errorf("AddressCallsPerSecond: %v is negative", c.AddressCallsPerSecond))
	}
	if c.CallsPerSecond < 0 {
		problems = append(problems, fmt.Errorf("CallsPerSecond: %v is negative", c.CallsPerSecond))
	}
	if len(problems) > 0 {
		return fmt.Errorf("%w: %w", ErrConfig, errors.Join(problems...))
	}
	return nil
}
