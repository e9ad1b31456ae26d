package main

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	healthv1 "google.golang.org/grpc/health/grpc_health_v1"

	"github.com/swmaas/swmaas/dispatch/sim/town"
)

// logText is what a command prints while it runs.
type logText struct {
	mu   sync.Mutex
	text bytes.Buffer // guarded by mu
}

func (l *logText) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *logText) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// startServe runs swmaas serve until the test ends, and returns the addresses that it prints, by name.
func startServe(t *testing.T, args ...string) (addresses map[string]string, stop func()) {
	t.Helper()
	return startServeLogged(t, new(logText), args...)
}

// startServeLogged does the same and leaves what the service logs in log.
func startServeLogged(t *testing.T, log *logText, args ...string) (addresses map[string]string, stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() {
		// Off unless a test asks for it: what is booked for tomorrow in a test that runs in the evening is not to be published behind its back.
		ended <- run(ctx, append([]string{"serve", "--plan-at", "off"}, args...), streams{in: strings.NewReader(""), out: io.Discard, err: log})
	}()
	var once sync.Once
	stop = func() {
		once.Do(func() {
			cancel()
			if err := <-ended; err != nil {
				t.Errorf("serve: %v\n%s", err, log)
			}
		})
	}
	t.Cleanup(stop)
	serving := regexp.MustCompile(`(?m)msg=serving (.*)$`)
	for until := time.Now().Add(time.Minute); time.Now().Before(until); time.Sleep(50 * time.Millisecond) {
		if found := serving.FindStringSubmatch(log.String()); found != nil {
			addresses = map[string]string{}
			for _, pair := range strings.Fields(found[1]) {
				name, value, _ := strings.Cut(pair, "=")
				addresses[name] = value
			}
			return addresses, stop
		}
	}
	t.Fatalf("serve does not come up:\n%s", log)
	return nil, nil
}

// selfSigned writes a certificate for 127.0.0.1 and its key, and returns their paths and who trusts it.
func selfSigned(t *testing.T) (cert, key string, trust *x509.CertPool) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	raw, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	cert, key = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	trust = x509.NewCertPool()
	for path, block := range map[string]*pem.Block{cert: {Type: "CERTIFICATE", Bytes: raw}, key: {Type: "PRIVATE KEY", Bytes: secret}} {
		text := pem.EncodeToMemory(block)
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
		trust.AppendCertsFromPEM(text)
	}
	return cert, key, trust
}

func TestServeAnswersOnEveryPortThatItIsAskedFor(t *testing.T) {
	cert, key, trust := selfSigned(t)
	data := t.TempDir()
	addresses, stop := startServe(t, "--data", data, "--town", "kurobe", "--listen", "127.0.0.1:0", "--http", "127.0.0.1:0",
		"--private", "127.0.0.1:0", "--tls-cert", cert, "--tls-key", key)
	conn, err := grpc.NewClient(addresses["grpc"], grpc.WithTransportCredentials(credentials.NewTLS(&tls.Config{RootCAs: trust})))
	if err != nil {
		t.Fatal(err)
	}
	health, err := healthv1.NewHealthClient(conn).Check(t.Context(), &healthv1.HealthCheckRequest{})
	if err != nil || health.GetStatus() != healthv1.HealthCheckResponse_SERVING {
		t.Errorf("health: %v, %v", health, err)
	}
	_ = conn.Close()
	code, token, _ := runMain(t, "admin", "token", "--data", data, "--area", "kurobe", "--role", "council")
	if code != exitDone {
		t.Fatal(code)
	}
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: trust}}
	defer transport.CloseIdleConnections()
	get := func(url string) string {
		t.Helper()
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Authorization", "Bearer "+strings.TrimSpace(token))
		response, err := (&http.Client{Transport: transport}).Do(request)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = response.Body.Close() }()
		body, err := io.ReadAll(response.Body)
		if err != nil || response.StatusCode != http.StatusOK {
			t.Errorf("%s: %d %s %v", url, response.StatusCode, body, err)
		}
		return string(body)
	}
	if list := get("https://" + addresses["http"] + "/v1/areas/kurobe/vehicles?pageSize=3"); !strings.Contains(list, `"V-01"`) {
		t.Errorf("vehicles: %s", list)
	}
	if counts := get("http://" + addresses["private"] + "/metrics"); !strings.Contains(counts, `swmaas_calls_total{code="OK",method="/swmaas.v1.Fleet/ListVehicles"} 1`) {
		t.Errorf("metrics: %s", counts)
	}
	stop()
}

func TestServeStartsOnNothing(t *testing.T) {
	addresses, stop := startServe(t, "--data", filepath.Join(t.TempDir(), "new"), "--listen", "127.0.0.1:0")
	if addresses["store"] != "redis" || addresses["appendfsync"] != "always" {
		t.Errorf("an empty folder gives %v", addresses)
	}
	stop()
}

func TestServeTakesTheRoadsOfAFile(t *testing.T) {
	demo, err := town.Generate(townSeed)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "roads.graph")
	if err := demo.Graph.WriteFile(file); err != nil {
		t.Fatal(err)
	}
	log := new(logText)
	_, stop := startServeLogged(t, log, "--data", t.TempDir(), "--graph", file, "--listen", "127.0.0.1:0")
	stop()
	if strings.Contains(log.String(), "no road graph") {
		t.Errorf("the roads were not taken:\n%s", log)
	}
}

func TestServeRefusesWhatCannotBe(t *testing.T) {
	cert, key, _ := selfSigned(t)
	wrong := t.TempDir()
	if err := os.WriteFile(filepath.Join(wrong, "rules.json"), []byte(`{"name": "half"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, args := range map[string][]string{
		"a policy that is not whole":    {"--policies", wrong},
		"a folder without policies":     {"--policies", t.TempDir()},
		"two certificates":              {"--tls-own", "--tls-cert", cert, "--tls-key", key},
		"a certificate without its key": {"--tls-cert", cert},
		"a key in place of a cert":      {"--tls-cert", key, "--tls-key", key},
		"an address that is none":       {"--listen", "nowhere"},
		"a negative rate":               {"--rate=-1"},
		"a town that is not there":      {"--town", "atlantis"},
		"roads twice":                   {"--town", "kurobe", "--graph", "x.graph"},
	} {
		code, _, message := runMain(t, append([]string{"serve", "--data", t.TempDir()}, args...)...)
		if code != exitUsage || message == "" {
			t.Errorf("%s: exit %d, %q; want %d and why", name, code, message, exitUsage)
		}
	}
}

func TestKeysThatOthersMayReadAreRefused(t *testing.T) {
	data := t.TempDir()
	args := []string{"admin", "token", "--data", data, "--area", "kurobe", "--role", "council"}
	if code, _, message := runMain(t, args...); code != exitDone {
		t.Fatal(message)
	}
	path := filepath.Join(data, tokenKeyFile)
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v; want a file that its owner alone may read", info, err)
	}
	if err := os.Chmod(path, 0o644); err != nil {
		t.Fatal(err)
	}
	if code, _, message := runMain(t, args...); code != exitFailed || !strings.Contains(message, "chmod 600") {
		t.Errorf("exit %d, %q; want a refusal that says what to do", code, message)
	}
}

func TestOneKeyWinsWhereManyStartAtOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "new", "secret")
	var wg sync.WaitGroup
	got := make([]string, 16)
	for i := range got {
		wg.Go(func() {
			raw, err := openSecret(path, func() ([]byte, error) { return []byte{byte(i)}, nil })
			if err != nil {
				t.Error(err)
			}
			got[i] = string(raw)
		})
	}
	wg.Wait()
	for i := range got {
		if got[i] != got[0] || got[i] == "" {
			t.Fatalf("secrets %q", got)
		}
	}
}

func TestAnInstallationKeepsItsOwnCertificateUntilItEnds(t *testing.T) {
	data, now := t.TempDir(), time.Now()
	first, err := ownCertificate(data, now)
	if err != nil {
		t.Fatal(err)
	}
	again, err := ownCertificate(data, now)
	if err != nil || !again.Leaf.Equal(first.Leaf) {
		t.Errorf("another certificate at the next start, or %v", err)
	}
	later, err := ownCertificate(data, first.Leaf.NotAfter.Add(-time.Hour))
	if err != nil || later.Leaf.Equal(first.Leaf) {
		t.Errorf("the same certificate an hour before it ends, or %v", err)
	}
	public, err := os.ReadFile(filepath.Join(data, certFile))
	if err != nil {
		t.Fatal(err)
	}
	trust := x509.NewCertPool()
	trust.AppendCertsFromPEM(public)
	if _, err := later.Leaf.Verify(x509.VerifyOptions{Roots: trust, DNSName: "localhost", CurrentTime: first.Leaf.NotAfter}); err != nil {
		t.Errorf("who trusts %s does not trust the service: %v", certFile, err)
	}
	if strings.Contains(string(public), "PRIVATE") {
		t.Error("the private key is written beside the certificate")
	}
}
