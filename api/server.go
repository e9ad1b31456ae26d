package api

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"

	"buf.build/go/protovalidate"
	"go.opentelemetry.io/contrib/instrumentation/google.golang.org/grpc/otelgrpc"
	"go.opentelemetry.io/otel/metric/noop"
	"go.opentelemetry.io/otel/propagation"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/health"
	healthv1 "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/reflection"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	swmaasv1 "github.com/swmaas/swmaas/api/gen/swmaas/v1"
)

// Server is the gRPC service on an engine. It is safe for concurrent use.
type Server struct {
	// immutable after New
	cfg     Config
	grpc    *grpc.Server
	health  *health.Server
	depends dependencies
	drain   context.CancelFunc
}

// services lists the services that need a token.
func services() []*grpc.ServiceDesc {
	return []*grpc.ServiceDesc{
		&swmaasv1.Booking_ServiceDesc, &swmaasv1.Driver_ServiceDesc, &swmaasv1.Fleet_ServiceDesc, &swmaasv1.Council_ServiceDesc,
		&swmaasv1.Admin_ServiceDesc,
	}
}

// New returns a server that is not listening yet. It fails with ErrConfig.
func New(cfg Config, engine Engine) (*Server, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if engine.Accesses == nil {
		return nil, fmt.Errorf("%w: Engine.Accesses is needed", ErrConfig)
	}
	cfg = cfg.withDefaults()
	rules, err := protovalidate.New(protovalidate.WithMessageDescriptors(requests()...))
	if err != nil {
		return nil, fmt.Errorf("api: rules of the messages: %w", err)
	}
	counts, err := newMetrics(cfg.Metrics)
	if err != nil {
		return nil, fmt.Errorf("%w: Metrics: %w", ErrConfig, err)
	}
	draining, drain := context.WithCancel(context.Background())
	g := &guard{
		verifier: newCachedVerifier(cfg.Verifier, time.Now, cfg.TokenTrust),
		rules:    rules, log: cfg.Log, metrics: counts, rate: newRateLimit(cfg.CallsPerSecond), addresses: newRateLimit(cfg.AddressCallsPerSecond), clock: cfg.rateClock, timeout: cfg.CallTimeout, draining: draining,
		seen: newDisclosure(engine.Accesses, engine.Days), hurry: engine.Hurry, calls: map[string]bool{},
	}
	if g.hurry == nil {
		g.hurry = func() func() { return func() {} }
	}
	s := &Server{cfg: cfg, grpc: grpc.NewServer(options(cfg, g)...), health: health.NewServer(), drain: drain, depends: dependencies{last: map[string]Dependency{}}}
	implementations := []any{
		&bookingService{engine: engine, cfg: cfg}, &driverService{engine: engine, cfg: cfg},
		&fleetService{engine: engine, cfg: cfg}, &councilService{engine: engine, cfg: cfg, playing: make(chan struct{}, 1)},
		&adminService{engine: engine, cfg: cfg},
	}
	for i, service := range services() {
		s.grpc.RegisterService(g.wrap(service), implementations[i])
		s.health.SetServingStatus(service.ServiceName, healthv1.HealthCheckResponse_SERVING)
	}
	healthv1.RegisterHealthServer(s.grpc, s.health)
	reflection.Register(s.grpc)
	return s, nil
}

// requests lists the messages that callers send, so that their rules are compiled before the first call.
func requests() []protoreflect.MessageDescriptor {
	var list []protoreflect.MessageDescriptor
	for _, service := range services() {
		found, err := protoregistry.GlobalFiles.FindDescriptorByName(protoreflect.FullName(service.ServiceName))
		if err != nil {
			panic(err) // the generated code that names the service has registered it
		}
		methods := found.(protoreflect.ServiceDescriptor).Methods()
		for i := range methods.Len() {
			list = append(list, methods.Get(i).Input())
		}
	}
	return list
}

// Transport figures. A telephone network drops a connection that is silent for a few minutes without telling either side:
// the server asks after a minute whether the other side is there, and lets a device ask every 20 seconds.
const (
	pingAfter     = time.Minute
	pingPatience  = 20 * time.Second
	pingAtLeast   = 20 * time.Second
	idleAfter     = 15 * time.Minute // a connection without a call is closed
	handshakeTime = 10 * time.Second
	maxHeaders    = 16 << 10 // bytes; a token takes about 0.5 KiB
	// Smaller than gRPC's own 32 KiB: a device sends a few hundred bytes now and then, and thousands of them are connected.
	// swmaas bench api prints what a connection costs.
	readBuffer, writeBuffer = 8 << 10, 16 << 10
	// Goroutines that take one call after another, so that their stacks are grown once. A call that finds none free has one of its own, as
	// every one has where streams keep them all.
	streamWorkers = 128
)

func options(cfg Config, g *guard) []grpc.ServerOption {
	list := []grpc.ServerOption{
		grpc.UnknownServiceHandler(g.unknown), grpc.ForceServerCodecV2(newServerCodec()),
		grpc.MaxRecvMsgSize(cfg.MaxReceive), grpc.MaxSendMsgSize(cfg.MaxSend),
		grpc.MaxConcurrentStreams(uint32(cfg.MaxStreams)), grpc.MaxHeaderListSize(maxHeaders),
		grpc.ConnectionTimeout(handshakeTime), grpc.ReadBufferSize(readBuffer), grpc.WriteBufferSize(writeBuffer),
		grpc.KeepaliveParams(keepalive.ServerParameters{MaxConnectionIdle: idleAfter, Time: pingAfter, Timeout: pingPatience}),
		grpc.KeepaliveEnforcementPolicy(keepalive.EnforcementPolicy{MinTime: pingAtLeast, PermitWithoutStream: true}),
		grpc.WaitForHandlers(true), grpc.NumStreamWorkers(streamWorkers), grpc.InTapHandle(g.bounded),
	}
	if cfg.Tracer != nil {
		list = append(list, grpc.StatsHandler(otelgrpc.NewServerHandler(otelgrpc.WithTracerProvider(cfg.Tracer),
			otelgrpc.WithPropagators(propagation.TraceContext{}), otelgrpc.WithMeterProvider(noop.NewMeterProvider()))))
	}
	if cfg.TLS != nil {
		list = append(list, grpc.Creds(credentials.NewTLS(cfg.TLS)))
	}
	return list
}

// Serve answers calls on the listener until Shutdown, and closes it.
func (s *Server) Serve(listener net.Listener) error {
	if err := s.grpc.Serve(listener); err != nil && !errors.Is(err, grpc.ErrServerStopped) {
		return fmt.Errorf("api: serve on %s: %w", listener.Addr(), err)
	}
	return nil
}

// Shutdown drains the server: health says so, streams end with DRAINING, no new call is taken, and calls that run are
// waited for until ctx ends; then they are cut off.
func (s *Server) Shutdown(ctx context.Context) {
	s.health.Shutdown()
	s.drain()
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.grpc.GracefulStop()
	}()
	select {
	case <-done:
	case <-ctx.Done():
		s.grpc.Stop()
		<-done
	}
}
