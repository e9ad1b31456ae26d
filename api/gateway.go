package api

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"

	"connectrpc.com/connect"
	"connectrpc.com/vanguard"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// Gateway is the same service for browsers and curl: Connect, gRPC-Web and REST with JSON over HTTP/1.1 and HTTP/2. It goes
// through the same guard as the native port. It is safe for concurrent use.
type Gateway struct {
	// immutable after NewGateway
	server *Server
	http   *http.Server
}

// GatewayConfig of a Gateway. Zero fields take the default that their comment names.
type GatewayConfig struct {
	// Origins are the web origins ("https://console.example") whose pages may call the service; none.
	Origins []string
}

// Figures of the HTTP side.
const (
	readHeaderTime = 10 * time.Second
	maxURLBytes    = 4 << 10
)

// openAPI describes the REST calls. It holds nothing that the reference does not, and needs no token.
//
//go:embed gen/openapi.json
var openAPI []byte

// NewGateway returns the HTTP side of a server. It is not listening yet.
func NewGateway(cfg GatewayConfig, s *Server) (*Gateway, error) {
	var list []*vanguard.Service
	for _, service := range services() {
		list = append(list, vanguard.NewService(service.ServiceName, behindGate(s.grpc),
			vanguard.WithTargetProtocols(vanguard.ProtocolGRPC), vanguard.WithTargetCodecs(vanguard.CodecProto),
			vanguard.WithMaxMessageBufferBytes(uint32(s.cfg.MaxSend)), vanguard.WithMaxGetURLBytes(maxURLBytes)))
	}
	transcoder, err := vanguard.NewTranscoder(list, vanguard.WithCodec(newBlamingJSON))
	if err != nil {
		return nil, fmt.Errorf("api: HTTP gateway: %w", err)
	}
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	protocols.SetHTTP2(true)
	protocols.SetUnencryptedHTTP2(true)
	mux := http.NewServeMux()
	mux.Handle("/", allowOrigins(cfg.Origins, limitBody(atGate(transcoder), int64(s.cfg.MaxReceive), int64(max(s.cfg.MaxReceive, s.cfg.MaxSend)))))
	mux.HandleFunc("GET /openapi.json", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(openAPI)
	})
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("ok\n")) })
	return &Gateway{server: s, http: &http.Server{
		Handler: mux, Protocols: protocols, TLSConfig: s.cfg.TLS,
		ReadHeaderTimeout: readHeaderTime, IdleTimeout: idleAfter, MaxHeaderBytes: maxHeaders,
	}}, nil
}

// blamingJSON is the JSON codec, which says of what cannot be read that the caller is to blame.
type blamingJSON struct{ *vanguard.JSONCodec }

func newBlamingJSON(types vanguard.TypeResolver) vanguard.Codec {
	return blamingJSON{vanguard.NewJSONCodec(types)}
}

// Unmarshal reads a message.
func (c blamingJSON) Unmarshal(raw []byte, message proto.Message) error {
	return blame(c.JSONCodec.Unmarshal(raw, message))
}

// UnmarshalField reads a field that is the body of a REST call.
func (c blamingJSON) UnmarshalField(raw []byte, message proto.Message, field protoreflect.FieldDescriptor) error {
	return blame(c.JSONCodec.UnmarshalField(raw, message, field))
}

func blame(err error) error {
	if err == nil {
		return nil
	}
	return connect.NewError(connect.CodeInvalidArgument, fmt.Errorf("the body is not a message of this call: %w", err))
}

// isREST reports whether a call comes by the paths of the OpenAPI file.
func isREST(r *http.Request) bool { return strings.HasPrefix(r.URL.Path, "/v1/") }

// limitBody refuses bodies that say that they are larger than any message may be, and cuts off those that do not say so once they pass what the
// gateway keeps of a message (most): it answers sooner itself, as gRPC does, that one is too large, while a body that is cut off looks like a
// network that failed. Streams of a client are as long as they like; each message of theirs is measured.
func limitBody(next http.Handler, limit, most int64) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if kind := r.Header.Get("Content-Type"); !strings.HasPrefix(kind, "application/grpc") && !strings.HasPrefix(kind, "application/connect+") {
			if r.ContentLength > limit {
				http.Error(w, `{"code":"resource_exhausted","message":"the body is too large"}`, http.StatusRequestEntityTooLarge)
				return
			}
			r.Body = http.MaxBytesReader(w, r.Body, most+1)
		}
		next.ServeHTTP(w, r)
	})
}

// allowOrigins answers browsers who ask whether a page of another origin may call (Fetch standard, "CORS protocol"). Tokens
// travel in a header that scripts set, never in cookies, so no credentials are allowed.
func allowOrigins(origins []string, next http.Handler) http.Handler {
	const (
		methods = "GET, POST, PATCH, PUT"
		request = "Authorization, Content-Type, Connect-Protocol-Version, Connect-Timeout-Ms, Grpc-Timeout, X-Grpc-Web, X-User-Agent, X-Request-Id"
		exposed = "Grpc-Status, Grpc-Message, Grpc-Status-Details-Bin, X-Request-Id"
	)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		origin := r.Header.Get("Origin")
		if origin == "" || !slices.Contains(origins, origin) {
			next.ServeHTTP(w, r)
			return
		}
		head := w.Header()
		head.Add("Vary", "Origin")
		head.Set("Access-Control-Allow-Origin", origin)
		head.Set("Access-Control-Expose-Headers", exposed)
		if r.Method == http.MethodOptions && r.Header.Get("Access-Control-Request-Method") != "" {
			head.Set("Access-Control-Allow-Methods", methods)
			head.Set("Access-Control-Allow-Headers", request)
			head.Set("Access-Control-Max-Age", "7200")
			w.WriteHeader(http.StatusNoContent)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// Serve answers calls on the listener until Shutdown, and closes it.
func (g *Gateway) Serve(listener net.Listener) error {
	serve := func() error { return g.http.Serve(listener) }
	if g.http.TLSConfig != nil {
		serve = func() error { return g.http.ServeTLS(listener, "", "") }
	}
	if err := serve(); err != nil && !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("api: serve HTTP on %s: %w", listener.Addr(), err)
	}
	return nil
}

// Shutdown ends the streams of the server behind the gateway, takes no new call, and waits for those that run until ctx
// ends; then they are cut off. Call it before the server's own Shutdown.
func (g *Gateway) Shutdown(ctx context.Context) error {
	g.server.drain()
	if g.http.Shutdown(ctx) == nil {
		return nil
	}
	if err := g.http.Close(); err != nil {
		return fmt.Errorf("api: end of HTTP calls: %w", err)
	}
	return nil
}
