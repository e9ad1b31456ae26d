package api

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"runtime/debug"
	"strings"
	"time"

	"buf.build/go/protovalidate"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/peer"
	"google.golang.org/grpc/status"
	"google.golang.org/grpc/tap"
	"google.golang.org/protobuf/proto"

	swmaasv1 "github.com/swmaas/swmaas/api/gen/swmaas/v1"
)

// requestIDHeader carries the name under which a call is logged; a caller may choose it.
const requestIDHeader = "x-request-id"

// guard stands before every method of the service. It wraps the methods themselves rather than being an interceptor,
// because gRPC reads and decodes the body of a call before it runs interceptors, and nobody's body is read before the token
// is checked. It is safe for concurrent use.
type guard struct {
	// immutable after newGuard
	verifier  Verifier
	rules     protovalidate.Validator
	log       *slog.Logger
	metrics   *metrics
	rate      *rateLimit       // by token
	addresses *rateLimit       // by network address
	clock     func() time.Time // of both
	seen      *disclosure
	hurry     func() (done func()) // somebody waits for an answer, until done
	timeout   time.Duration
	calls     map[string]bool // full names of the methods that are no streams
	draining  context.Context // ends when the server begins to shut down
}

// wrap returns the service with every method guarded. It is for New alone.
func (g *guard) wrap(service *grpc.ServiceDesc) *grpc.ServiceDesc {
	guarded := *service
	guarded.Methods = make([]grpc.MethodDesc, len(service.Methods))
	for i, m := range service.Methods {
		g.calls["/"+service.ServiceName+"/"+m.MethodName] = true
		guarded.Methods[i] = grpc.MethodDesc{MethodName: m.MethodName, Handler: g.unary(service.ServiceName, m)}
	}
	guarded.Streams = make([]grpc.StreamDesc, len(service.Streams))
	for i, s := range service.Streams {
		s.Handler = g.stream("/"+service.ServiceName+"/"+s.StreamName, s.Handler)
		guarded.Streams[i] = s
	}
	return &guarded
}

// patient are the methods whose callers do not make the background stand back: what they ask for is worked out as what goes on in the
// background is, and stands back itself for everybody else.
var patient = map[string]bool{swmaasv1.Council_QuoteWhatIf_FullMethodName: true}

// bounded is a tap.ServerInHandle. It ends the reading of a call's one message with the time that the call has; streams are read for as long as they last.
func (g *guard) bounded(ctx context.Context, about *tap.Info) (context.Context, error) {
	if !g.calls[about.FullMethodName] {
		return ctx, nil
	}
	timed, cancel := g.timed(ctx)
	_ = cancel // gRPC ends ctx with the call, and the timer with it
	return timed, nil
}

// timed is a context that ends with the time that a call has at the latest. Each such context costs every call a timer: there is none
// around one that is bounded already.
func (g *guard) timed(ctx context.Context) (context.Context, context.CancelFunc) {
	if ends, bounded := ctx.Deadline(); bounded && time.Until(ends) <= g.timeout {
		return ctx, func() {}
	}
	return context.WithTimeout(ctx, g.timeout)
}

func (g *guard) unary(service string, m grpc.MethodDesc) grpc.MethodHandler {
	method, handle := "/"+service+"/"+m.MethodName, m.Handler
	return func(srv any, ctx context.Context, decode func(any) error, next grpc.UnaryServerInterceptor) (reply any, err error) {
		call := g.begin(ctx, method, false)
		defer func() { err = call.end(recover(), err) }()
		ctx, cancel := g.timed(ctx)
		defer cancel()
		if ctx, err = call.admit(ctx); err != nil {
			return nil, err
		}
		answered := func() {}
		defer func() { answered() }()
		var request any
		checked := func(message any) error {
			request = message
			if err := misread(ctx, receive(decode, message)); err != nil {
				return err
			}
			if !patient[method] { // only now: a caller who sends half a message is waited for, and does not wait
				answered = g.hurry()
			}
			return g.check(call.caller, message)
		}
		if reply, err = handle(srv, ctx, checked, next); err == nil {
			err = g.seen.note(ctx, call, request, reply)
		}
		if err != nil {
			return nil, err
		}
		return reply, nil
	}
}

func (g *guard) stream(method string, handle grpc.StreamHandler) grpc.StreamHandler {
	return func(srv any, s grpc.ServerStream) (err error) {
		call := g.begin(s.Context(), method, true)
		defer func() { err = call.end(recover(), err) }()
		ctx, err := call.admit(s.Context())
		if err != nil {
			return err
		}
		ctx, stop := context.WithDeadlineCause(ctx, call.caller.Expires, ErrTokenExpired)
		defer stop()
		ctx, cancel := context.WithCancelCause(ctx)
		defer cancel(nil)
		defer context.AfterFunc(g.draining, func() { cancel(ErrDraining) })()
		return handle(srv, &guardedStream{ServerStream: s, ctx: ctx, guard: g, call: call})
	}
}

// unknown answers a method that does not exist, to those with a token only.
func (g *guard) unknown(_ any, s grpc.ServerStream) (err error) {
	call := g.begin(s.Context(), unknownMethod, true)
	defer func() { err = call.end(recover(), err) }()
	if !g.addresses.allow(address(s.Context()), g.clock()) {
		return ErrTooManyCalls
	}
	if _, err := g.authenticate(s.Context()); err != nil {
		return err
	}
	return ErrUnknownMethod
}

// guardedStream checks every message that comes in, writes down whom every message that goes out shows, and carries the
// guarded context. It is used by one goroutine at a time in each direction.
type guardedStream struct {
	grpc.ServerStream
	ctx     context.Context
	guard   *guard
	call    *call
	request any // first message that came in
}

func (s *guardedStream) Context() context.Context { return s.ctx }

func (s *guardedStream) RecvMsg(message any) error {
	if err := misread(s.ctx, receive(s.ServerStream.RecvMsg, message)); err != nil {
		return err
	}
	if s.request == nil {
		s.request = message
	}
	return s.guard.check(s.call.caller, message)
}

func (s *guardedStream) SendMsg(message any) error {
	if err := s.guard.seen.note(s.ctx, s.call, s.request, message); err != nil {
		return err
	}
	return s.ServerStream.SendMsg(message)
}

// check tests a message that has been read: its area against the token's, then the rules of the message.
func (g *guard) check(caller *Caller, message any) error {
	if about, ok := message.(interface{ GetArea() string }); !ok || about.GetArea() != caller.Area {
		return ErrOtherArea
	}
	return g.rules.Validate(message.(proto.Message))
}

// authenticate tells who calls.
func (g *guard) authenticate(ctx context.Context) (*Caller, error) {
	values := metadata.ValueFromIncomingContext(ctx, "authorization")
	if len(values) != 1 {
		return nil, ErrTokenMissing
	}
	scheme, token, _ := strings.Cut(values[0], " ")
	if !strings.EqualFold(scheme, "bearer") || token == "" {
		return nil, ErrTokenMissing
	}
	return g.verifier.Verify(ctx, token)
}

// address is the network address that a call comes from, without its port; "" where the transport has none.
func address(ctx context.Context) string {
	from, ok := peer.FromContext(ctx)
	if !ok || from.Addr == nil {
		return ""
	}
	host, _, err := net.SplitHostPort(from.Addr.String())
	if err != nil {
		return from.Addr.String()
	}
	return host
}

// call is one call on its way through the guard. It belongs to the call's goroutine.
type call struct {
	guard  *guard
	ctx    context.Context
	method string
	stream bool
	id     string
	start  time.Time
	caller *Caller // nil until admitted
}

func (g *guard) begin(ctx context.Context, method string, stream bool) *call {
	g.metrics.begin(method)
	c := &call{guard: g, ctx: ctx, method: method, stream: stream, id: requestID(ctx), start: time.Now()}
	_ = grpc.SetHeader(ctx, metadata.MD{requestIDHeader: {c.id}}) // fails only once headers are sent
	return c
}

// requestID is the caller's own name for the call where it is a short plain word, and a random one otherwise.
func requestID(ctx context.Context) string {
	if values := metadata.ValueFromIncomingContext(ctx, requestIDHeader); len(values) == 1 && plainWord(values[0]) {
		return values[0]
	}
	return rand.Text()
}

func plainWord(s string) bool {
	if s == "" || len(s) > 64 {
		return false
	}
	for _, r := range s {
		if (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '-' && r != '_' {
			return false
		}
	}
	return true
}

// admit checks token and role and returns a context that carries the caller.
func (c *call) admit(ctx context.Context) (context.Context, error) {
	if !c.guard.addresses.allow(address(ctx), c.guard.clock()) {
		return nil, ErrTooManyCalls
	}
	caller, err := c.guard.authenticate(ctx)
	if err != nil {
		return nil, err
	}
	c.caller = caller
	if !c.guard.rate.allow(caller.TokenID, c.guard.clock()) {
		return nil, ErrTooManyCalls
	}
	if !mayCall(caller.Role, c.method) {
		return nil, ErrRole
	}
	admitBody(ctx)
	return withCaller(ctx, caller), nil
}

// end reports the call once and returns what the caller is told.
func (c *call) end(panicked any, err error) error {
	if panicked != nil {
		c.guard.log.Error("panic", "method", c.method, "request", c.id, "panic", fmt.Sprint(panicked), "stack", string(debug.Stack()))
		c.guard.metrics.panics.Inc()
		err = errPanic
	}
	told := toStatus(err)
	code, took := status.Code(told), time.Since(c.start)
	if errors.Is(err, ErrSlowConsumer) {
		c.guard.metrics.dropped.Inc()
	}
	c.guard.metrics.end(c.method, c.stream, code, took)
	c.log(code, took, err)
	return told
}

// log writes the call down: each at debug level, and a fault of the service as an error.
func (c *call) log(code codes.Code, took time.Duration, err error) {
	level := slog.LevelDebug
	if code == codes.Internal || code == codes.Unknown {
		level = slog.LevelError
	}
	if !c.guard.log.Enabled(c.ctx, level) {
		return
	}
	attrs := []slog.Attr{
		slog.String("method", c.method), slog.String("request", c.id), slog.String("code", code.String()),
		slog.Duration("took", took),
	}
	if c.caller != nil {
		attrs = append(attrs, slog.String("subject", c.caller.Subject), slog.String("role", string(c.caller.Role)))
	}
	if level == slog.LevelError && !errors.Is(err, errPanic) {
		// The cause of a fault is for the log alone. Errors carry ids and never personal fields.
		attrs = append(attrs, slog.String("cause", err.Error()))
	}
	c.guard.log.LogAttrs(c.ctx, level, "call", attrs...)
}
