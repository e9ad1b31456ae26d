package api

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"
)

// web is the HTTP side of a running day.
type web struct {
	*day
	base   string
	client *http.Client
}

func startWeb(t *testing.T) *web {
	t.Helper()
	d := startDay(t)
	gateway, err := NewGateway(GatewayConfig{Origins: []string{"https://console.example"}}, d.Server)
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- gateway.Serve(listener) }()
	transport := &http.Transport{}
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
		defer cancel()
		if err := gateway.Shutdown(ctx); err != nil {
			t.Error(err)
		}
		if err := <-served; err != nil {
			t.Error(err)
		}
	})
	return &web{d, "http://" + listener.Addr().String(), &http.Client{Transport: transport}}
}

// call makes one HTTP call with a token for the grant and returns the status and the body.
func (w *web) call(t *testing.T, g *Grant, method, path, body string) (int, map[string]any) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, w.base+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	if strings.HasPrefix(path, "/swmaas.v1.") {
		request.Header.Set("Connect-Protocol-Version", "1")
	}
	if g != nil {
		token, err := w.key.Issue(g, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Authorization", "Bearer "+token)
	}
	response, err := w.client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	raw, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	var answer map[string]any
	if err := json.Unmarshal(raw, &answer); err != nil {
		t.Fatalf("%s %s: %d %q", method, path, response.StatusCode, raw)
	}
	return response.StatusCode, answer
}

// clinicJSON is toTheClinic as a REST caller writes it; the area and the day are in the path or in the body.
const clinicJSON = `{"area": "kurobe", "serviceDate": "2026-01-20", "riderId": "R-0001", "party": {"seats": 1},
	"pickup": {"position": {"lat": 36.8725, "lng": 137.4412}}, "dropoff": {"position": {"lat": 36.877, "lng": 137.4636}},
	"wish": {"arriveBy": {"latest": "2026-01-20T10:00:00+09:00"}}}`

func TestARideIsBookedWithREST(t *testing.T) {
	w := startWeb(t)
	operator := grantOf(Operator, "kurobe")
	code, quote := w.call(t, &operator, "POST", "/v1/areas/kurobe/quotes", clinicJSON)
	offers, _ := quote["offers"].([]any)
	if code != http.StatusOK || len(offers) == 0 {
		t.Fatalf("%d %v", code, quote)
	}
	token := offers[0].(map[string]any)["token"].(string)
	code, booked := w.call(t, &operator, "POST", "/v1/areas/kurobe/rides", `{"idempotencyKey": "1", "offerToken": "`+token+`"}`)
	ride, _ := booked["ride"].(map[string]any)
	if code != http.StatusOK || ride["state"] != "RIDE_STATE_BOOKED" {
		t.Fatalf("%d %v", code, booked)
	}
	id := ride["id"].(string)
	if code, read := w.call(t, &operator, "GET", "/v1/areas/kurobe/rides/"+id, ""); code != http.StatusOK || read["ride"].(map[string]any)["id"] != id {
		t.Errorf("%d %v", code, read)
	}
	if code, list := w.call(t, &operator, "GET", "/v1/areas/kurobe/days/2026-01-20/rides?pageSize=5", ""); code != http.StatusOK || len(list["rides"].([]any)) != 1 {
		t.Errorf("%d %v", code, list)
	}
	if code, cancelled := w.call(t, &operator, "POST", "/v1/areas/kurobe/rides/"+id+":cancel", `{"idempotencyKey": "2"}`); code != http.StatusOK {
		t.Errorf("%d %v", code, cancelled)
	}
}

func TestRESTIsGuardedLikeGRPC(t *testing.T) {
	w := startWeb(t)
	operator, other, driver := grantOf(Operator, "kurobe"), grantOf(Operator, "toyooka"), grantOf(Driver, "kurobe")
	for _, c := range []struct {
		name, method, path, body string
		grant                    *Grant
		code                     int
	}{
		{"no token", "GET", "/v1/areas/kurobe/rides/2026-01-20.0001", "", nil, http.StatusUnauthorized},
		{"another area", "GET", "/v1/areas/kurobe/rides/2026-01-20.0001", "", &other, http.StatusForbidden},
		{"another role", "GET", "/v1/areas/kurobe/rides/2026-01-20.0001", "", &driver, http.StatusForbidden},
		{"no such ride", "GET", "/v1/areas/kurobe/rides/2026-01-20.0001", "", &operator, http.StatusNotFound},
		{"a broken rule", "POST", "/v1/areas/kurobe/quotes", `{}`, &operator, http.StatusBadRequest},
		{"another kind of value", "POST", "/v1/areas/kurobe/quotes", `{"party": 5}`, &operator, http.StatusBadRequest},
		{"a field that does not exist", "POST", "/v1/areas/kurobe/quotes", `{"nothing": 5}`, &operator, http.StatusBadRequest},
		{"not JSON", "POST", "/v1/areas/kurobe/quotes", `{`, &operator, http.StatusBadRequest},
		{"a body where there is none", "GET", "/v1/areas/kurobe/rides/2026-01-20.0001", `{"area": "kurobe"}`, &operator, http.StatusBadRequest},
		{"a parameter that does not exist", "GET", "/v1/areas/kurobe/rides/2026-01-20.0001?nothing=5", "", &operator, http.StatusBadRequest},
		{"another kind of parameter", "GET", "/v1/areas/kurobe/days/2026-01-20/rides?pageSize=many", "", &operator, http.StatusBadRequest},
	} {
		t.Run(c.name, func(t *testing.T) {
			if code, answer := w.call(t, c.grant, c.method, c.path, c.body); code != c.code {
				t.Errorf("%d %v, want %d", code, answer, c.code)
			}
		})
	}
}

// TestNobodysBodyIsReadBeforeTheToken sends bodies that cannot be read with tokens that are no good, often enough for a race to show.
func TestNobodysBodyIsReadBeforeTheToken(t *testing.T) {
	w := startWeb(t)
	driver := grantOf(Driver, "kurobe")
	for _, c := range []struct {
		name, method, path, body string
		grant                    *Grant
		code                     int
	}{
		{"no token, a body where there is none", "GET", "/v1/areas/kurobe/rides/2026-01-20.0001", "{}", nil, http.StatusUnauthorized},
		{"no token, not JSON", "POST", "/v1/areas/kurobe/quotes", "{", nil, http.StatusUnauthorized},
		{"no token, a parameter that does not exist", "GET", "/v1/areas/kurobe/rides/2026-01-20.0001?nothing=5", "", nil, http.StatusUnauthorized},
		{"no token, not JSON, Connect", "POST", "/swmaas.v1.Booking/Quote", "{", nil, http.StatusUnauthorized},
		{"another role, not JSON", "POST", "/v1/areas/kurobe/quotes", "{", &driver, http.StatusForbidden},
	} {
		t.Run(c.name, func(t *testing.T) {
			for range 50 {
				if code, answer := w.call(t, c.grant, c.method, c.path, c.body); code != c.code {
					t.Fatalf("%d %v, want %d", code, answer, c.code)
				}
			}
		})
	}
}

// TestABodyThatNeverEndsHoldsUpNoRefusal sends one byte of a body and waits for the answer.
func TestABodyThatNeverEndsHoldsUpNoRefusal(t *testing.T) {
	w := startWeb(t)
	conn, err := net.Dial("tcp", strings.TrimPrefix(w.base, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	if err := conn.SetDeadline(time.Now().Add(30 * time.Second)); err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(conn, "POST /v1/areas/kurobe/quotes HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"); err != nil {
		t.Fatal(err)
	}
	answer, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	if answer.StatusCode != http.StatusUnauthorized {
		t.Errorf("%d, want 401", answer.StatusCode)
	}
}

// TestWhatCannotBeDecodedIsNoFaultOfTheService reads the answer to a parameter that does not exist as a client does.
func TestWhatCannotBeDecodedIsNoFaultOfTheService(t *testing.T) {
	w := startWeb(t)
	operator := grantOf(Operator, "kurobe")
	code, answer := w.call(t, &operator, "GET", "/v1/areas/kurobe/rides/2026-01-20.0001?nothing=5", "")
	details, _ := answer["details"].([]any)
	if code != http.StatusBadRequest || answer["code"] != 3.0 || len(details) != 3 || details[0].(map[string]any)["reason"] != "INVALID_REQUEST" {
		t.Errorf("%d %v", code, answer)
	}
	if message, _ := answer["message"].(string); !strings.Contains(message, "nothing") {
		t.Errorf("%q does not name the parameter", message)
	}
}

func TestARideIsQuotedWithConnect(t *testing.T) {
	w := startWeb(t)
	operator := grantOf(Operator, "kurobe")
	code, quote := w.call(t, &operator, "POST", "/swmaas.v1.Booking/Quote", clinicJSON)
	if offers, _ := quote["offers"].([]any); code != http.StatusOK || len(offers) == 0 {
		t.Errorf("%d %v", code, quote)
	}
	code, refused := w.call(t, nil, "POST", "/swmaas.v1.Booking/Quote", clinicJSON)
	if code != http.StatusUnauthorized || refused["code"] != "unauthenticated" {
		t.Errorf("%d %v", code, refused)
	}
}

func TestOnlyKnownOriginsMayCallFromAPage(t *testing.T) {
	w := startWeb(t)
	for origin, want := range map[string]string{"https://console.example": "https://console.example", "https://elsewhere.example": ""} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodOptions, w.base+"/swmaas.v1.Booking/Quote", nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Origin", origin)
		request.Header.Set("Access-Control-Request-Method", "POST")
		response, err := w.client.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		_ = response.Body.Close()
		if got := response.Header.Get("Access-Control-Allow-Origin"); got != want {
			t.Errorf("origin %s is allowed as %q, want %q", origin, got, want)
		}
	}
}

func TestOversizedBodiesAreCutOff(t *testing.T) {
	w := startWeb(t)
	const rest, connect = "/v1/areas/kurobe/quotes", "/swmaas.v1.Booking/Quote"
	for _, c := range []struct {
		path   string
		size   int
		pieces bool // so that its length is not known before
		want   int
	}{
		{rest, 2 << 20, false, http.StatusRequestEntityTooLarge},
		// More than gRPC takes, and more than the gateway keeps; 429 is as what RESOURCE_EXHAUSTED travels.
		{rest, 2 << 20, true, http.StatusTooManyRequests},
		{rest, 9 << 20, true, http.StatusTooManyRequests},
		{connect, 2 << 20, true, http.StatusTooManyRequests},
		{connect, 9 << 20, true, http.StatusTooManyRequests},
	} {
		if code, text := w.oversized(t, c.path, c.size, c.pieces); code != c.want {
			t.Errorf("%s, %d bytes, in pieces %v: %d %s, want %d", c.path, c.size, c.pieces, code, text, c.want)
		}
	}
}

// oversized sends a body of about size bytes and returns the answer. The service answers early and soon hangs up on what it does not read, so
// that a client which is held up meanwhile may lose the answer: it tries again.
func (w *web) oversized(t *testing.T, path string, size int, pieces bool) (code int, text []byte) {
	t.Helper()
	operator := grantOf(Operator, "kurobe")
	token, err := w.key.Issue(&operator, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	for range 10 {
		var body io.Reader = strings.NewReader(`{"area": "kurobe", "riderId": "` + strings.Repeat("a", size) + `"}`)
		if pieces {
			body = io.MultiReader(body)
		}
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, w.base+path, body)
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Content-Type", "application/json")
		if strings.HasPrefix(path, "/swmaas.") {
			request.Header.Set("Connect-Protocol-Version", "1")
		}
		request.Header.Set("Authorization", "Bearer "+token)
		response, err := w.client.Do(request)
		if errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE) {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		text, _ = io.ReadAll(response.Body)
		_ = response.Body.Close()
		return response.StatusCode, text
	}
	t.Fatalf("%s, %d bytes: no answer over 10 connections", path, size)
	return 0, nil
}

func TestTheDayIsWatchedWithConnect(t *testing.T) {
	w := startWeb(t)
	ride := w.book(t, w.as(t, grantOf(Operator, "kurobe")), toTheClinic("R-0001"), "1")
	council := grantOf(Council, "kurobe")
	token, err := w.key.Issue(&council, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	// The Connect protocol frames each message of a stream: one byte of flags and four of length.
	message := `{"area": "kurobe", "serviceDate": "2026-01-20"}`
	body := append([]byte{0, 0, 0, 0, byte(len(message))}, message...)
	ctx, hangUp := context.WithCancel(t.Context())
	defer hangUp()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, w.base+"/swmaas.v1.Council/WatchDay", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/connect+json")
	request.Header.Set("Connect-Protocol-Version", "1")
	request.Header.Set("Authorization", "Bearer "+token)
	response, err := w.client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	head := make([]byte, 5)
	if _, err := io.ReadFull(response.Body, head); err != nil {
		t.Fatal(err)
	}
	first := make([]byte, binary.BigEndian.Uint32(head[1:]))
	if _, err := io.ReadFull(response.Body, first); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(first), ride.GetId()) || !strings.Contains(string(first), "RIDE_BOOKED") {
		t.Errorf("first event: %s", first)
	}
}
