package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/pprof"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/swmaas/swmaas/api"
)

// serveNet is how the service is reached.
type serveNet struct {
	Listen       string   `default:"127.0.0.1:7443" help:"Address of the native gRPC port."`
	Http         string   `placeholder:"ADDR" help:"Address of the port for browsers and curl: Connect, gRPC-Web and REST. Off where left out."`
	Origin       []string `placeholder:"URL" help:"Web origin whose pages may call the --http port."`
	Private      string   `placeholder:"ADDR" help:"Address of the port for whoever runs the service: /metrics (Prometheus), /healthz, /readyz and /debug/pprof. It asks for no token: keep it on loopback. Off where left out."`
	TLSCert      string   `name:"tls-cert" and:"tls" xor:"tls-own" placeholder:"FILE" help:"Certificate chain (PEM) of --listen and --http. Without one both are in the clear."`
	TLSKey       string   `name:"tls-key" and:"tls" placeholder:"FILE" help:"Private key (PEM) of the certificate."`
	TLSOwn       bool     `name:"tls-own" xor:"tls-own" help:"Secure both with a certificate that is made in the data folder, for one machine; callers trust its tls.crt."`
	OIDCIssuer   string   `name:"oidc-issuer" and:"oidc" placeholder:"URL" help:"OpenID Connect provider whose tokens are taken beside those of 'swmaas admin token'; their claim \"swmaas\" holds role and area."`
	OIDCAudience string   `name:"oidc-audience" and:"oidc" placeholder:"NAME" help:"What the provider's tokens must be for."`
	RateAddress  float64  `default:"2000" help:"Calls a second from one network address, before tokens are checked; 0 for no limit, as behind a proxy from whose address all calls come."`
	Rate         float64  `default:"200" help:"Calls a second for each token, twice as many at once after a pause; 0 for no limit."`
}

// service gives the settings of the service that the flags ask for.
func (n *serveNet) service(data string, registry *prometheus.Registry) (api.Config, error) {
	cfg := api.Config{CallsPerSecond: n.Rate, AddressCallsPerSecond: n.RateAddress, Metrics: registry}
	if n.RateAddress < 0 {
		return cfg, usageError("--rate-address: %v is negative", n.RateAddress)
	}
	if n.Rate < 0 {
		return cfg, usageError("--rate: %v is negative", n.Rate)
	}
	var pair tls.Certificate
	var err error
	switch {
	case n.TLSCert != "":
		if pair, err = tls.LoadX509KeyPair(n.TLSCert, n.TLSKey); err != nil {
			return cfg, usageError("--tls-cert, --tls-key: %w", err)
		}
	case n.TLSOwn:
		if pair, err = ownCertificate(data, time.Now()); err != nil {
			return cfg, fmt.Errorf("--tls-own: %w", err)
		}
	default:
		return cfg, nil
	}
	cfg.TLS = &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12}
	return cfg, nil
}

// providers gives the identity providers that the flags name. Their keys are fetched under ctx for as long as it lasts.
func (n *serveNet) providers(ctx context.Context) ([]*api.OIDCVerifier, error) {
	if n.OIDCIssuer == "" {
		return nil, nil
	}
	ctx = oidc.ClientContext(ctx, &http.Client{Timeout: 10 * time.Second})
	provider, err := api.NewOIDCVerifier(ctx, api.OIDCConfig{Issuer: n.OIDCIssuer, Audience: n.OIDCAudience})
	if err != nil {
		return nil, fmt.Errorf("--oidc-issuer: %w", err)
	}
	return []*api.OIDCVerifier{provider}, nil
}

// newRegistry is a metrics registry that knows the process itself.
func newRegistry() *prometheus.Registry {
	registry := prometheus.NewRegistry()
	registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return registry
}

// open listens on every port that the flags ask for, and logs the addresses taken.
func (n *serveNet) open(e *engine, registry *prometheus.Registry, log *slog.Logger) error {
	native, err := e.listen(n.Listen)
	if err != nil {
		return err
	}
	attrs := []any{"grpc", native.String(), "store", e.store, "appendfsync", e.appendFsync, "reattached", e.reattached}
	if n.Http != "" {
		addr, err := e.listenHTTP(n.Http, n.Origin)
		if err != nil {
			return err
		}
		attrs = append(attrs, "http", addr.String())
	}
	if n.Private != "" {
		addr, err := e.listenPrivate(n.Private, registry)
		if err != nil {
			return err
		}
		attrs = append(attrs, "private", addr.String())
	}
	log.Info("serving", attrs...)
	return nil
}

// listenHTTP serves browsers and curl until the engine is closed.
func (e *engine) listenHTTP(addr string, origins []string) (net.Addr, error) {
	gateway, err := api.NewGateway(api.GatewayConfig{Origins: origins}, e.server)
	if err != nil {
		return nil, err
	}
	return e.background(addr, gateway.Serve, gateway.Shutdown)
}

// listenPrivate serves metrics and profiles until the engine is closed.
func (e *engine) listenPrivate(addr string, registry *prometheus.Registry) (net.Addr, error) {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{}))
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("ok\n")) })
	mux.HandleFunc("GET /readyz", e.ready)
	mux.HandleFunc("GET /debug/pprof/", pprof.Index)
	mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("GET /debug/pprof/trace", pprof.Trace)
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	serve := func(l net.Listener) error {
		if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			return err
		}
		return nil
	}
	return e.background(addr, serve, server.Shutdown)
}

// background listens on an address, serves it, and stops serving when the engine is closed.
func (e *engine) background(addr string, serve func(net.Listener) error, stop func(context.Context) error) (net.Addr, error) {
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, usageError("listen: %w", err)
	}
	done := make(chan error, 1)
	go func() { done <- serve(listener) }()
	e.closers = append(e.closers, func(ctx context.Context) error {
		ctx, cancel := context.WithTimeout(ctx, drainTime)
		defer cancel()
		return errors.Join(stop(ctx), <-done)
	})
	return listener.Addr(), nil
}
