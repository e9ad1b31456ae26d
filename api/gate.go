package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"
)

// bodyGate keeps the body of an HTTP call unread until its caller is admitted. What stands between the gateway and the guard reads and
// decodes a body in a goroutine of its own as soon as the call has come: without the gate a stranger's body would be looked at, and what is
// wrong with it would race with the answer that there is no token. It is safe for concurrent use.
type bodyGate struct {
	admitted, ended chan struct{}
	open, shut      func() // close admitted and ended, once
	decoding        atomic.Bool
	unreadable      atomic.Bool // path, query or body do not make a message of the call; the caller has been told
}

func newBodyGate() *bodyGate {
	g := &bodyGate{admitted: make(chan struct{}), ended: make(chan struct{})}
	g.open = sync.OnceFunc(func() { close(g.admitted) })
	g.shut = sync.OnceFunc(func() { close(g.ended) })
	return g
}

type gateKey struct{}

// gateOf is the gate of a call that came through the gateway, nil for one on the native port.
func gateOf(ctx context.Context) *bodyGate {
	g, _ := ctx.Value(gateKey{}).(*bodyGate)
	return g
}

// admitBody lets the body of a call be read.
func admitBody(ctx context.Context) {
	if g := gateOf(ctx); g != nil {
		g.open()
	}
}

// misread is errUnreadable where the gateway could not make a message of the call, whatever became of it afterwards, and otherwise err.
func misread(ctx context.Context, err error) error {
	if g := gateOf(ctx); g != nil && g.unreadable.Load() {
		return errUnreadable
	}
	return err
}

// errNotAdmitted ends the reading of a body whose caller was turned away.
var errNotAdmitted = errors.New("api: call was not admitted")

// gatedBody is a body behind a gate.
type gatedBody struct {
	io.ReadCloser
	gate *bodyGate
}

// Read waits until the caller is admitted or the call is over.
func (b *gatedBody) Read(p []byte) (int, error) {
	select {
	case <-b.gate.admitted:
	case <-b.gate.ended:
		return 0, errNotAdmitted
	}
	b.gate.decoding.Store(true)
	defer b.gate.decoding.Store(false)
	return b.ReadCloser.Read(p)
}

// Close ends a Read that waits. A body that nobody was to read is left to the server: to close it is to read on to its end.
func (b *gatedBody) Close() error {
	b.gate.shut()
	select {
	case <-b.gate.admitted:
		return b.ReadCloser.Close()
	default:
		return nil
	}
}

// atGate gives every call a gate, and takes care that the caller is blamed for what the gateway cannot decode.
func atGate(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		gate := newBodyGate()
		w = &gateWriter{ResponseWriter: w, gate: gate, rest: isREST(r), unread: r.ContentLength != 0 && r.ProtoMajor == 1}
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), gateKey{}, gate)))
	})
}

// behindGate puts the body of a call, as the gateway hands it on, behind the gate that atGate made.
func behindGate(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r = r.WithContext(r.Context()) // a copy: the request belongs to the gateway
		r.Body = &gatedBody{r.Body, gateOf(r.Context())}
		next.ServeHTTP(w, r)
	})
}

// gateWriter writes the answer to a call that has a gate. It turns the fault of the service, as which the gateway reports a path, query or body
// of REST that it cannot decode, into what it is, and lets nobody who was turned away hold up the answer with a body that never ends. It is
// used by one goroutine at a time.
type gateWriter struct {
	http.ResponseWriter
	gate   *bodyGate
	rest   bool
	unread bool // there is a body that HTTP/1.1 would have read before the answer
	blames bool
}

// Unwrap is for http.ResponseController.
func (w *gateWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// Flush implements http.Flusher, without which there is no gRPC.
func (w *gateWriter) Flush() { _ = http.NewResponseController(w.ResponseWriter).Flush() }

// WriteHeader begins the answer.
func (w *gateWriter) WriteHeader(code int) {
	select {
	case <-w.gate.admitted:
	default:
		if w.unread {
			w.Header().Set("Connection", "close")
			// The server looks for the end of the body all the same, after the answer.
			_ = http.NewResponseController(w.ResponseWriter).SetReadDeadline(time.Now().Add(readHeaderTime))
		}
	}
	if w.rest && code == http.StatusInternalServerError && w.gate.decoding.Load() {
		w.gate.unreadable.Store(true)
		w.blames, code = true, http.StatusBadRequest
	}
	w.ResponseWriter.WriteHeader(code)
}

// Write goes on with the answer. One that blames the caller is written in one piece.
func (w *gateWriter) Write(p []byte) (int, error) {
	if !w.blames {
		return w.ResponseWriter.Write(p)
	}
	var told struct {
		Message string `json:"message"`
	}
	err := json.Unmarshal(p, &told)
	if err != nil {
		return 0, fmt.Errorf("api: answer of the gateway: %w", err)
	}
	text, err := protojson.Marshal(status.Convert(toStatus(fmt.Errorf("%w: %s", ErrRequest, told.Message))).Proto())
	if err != nil {
		return 0, fmt.Errorf("api: answer of the gateway: %w", err)
	}
	if _, err := w.ResponseWriter.Write(text); err != nil {
		return 0, err
	}
	return len(p), nil
}
