package api

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/golang-jwt/jwt/v5"
)

// provider is an OpenID Connect provider with one key, which it may change.
type provider struct {
	*httptest.Server
	key    atomic.Pointer[rsa.PrivateKey]
	number atomic.Int64 // of the key
}

func startProvider(t *testing.T) *provider {
	t.Helper()
	p := new(provider)
	p.rotate(t)
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		_ = json.NewEncoder(w).Encode(map[string]any{
			"issuer": p.URL, "jwks_uri": p.URL + "/keys", "authorization_endpoint": p.URL + "/auth", "token_endpoint": p.URL + "/token",
			"id_token_signing_alg_values_supported": []string{"RS256"},
		})
	})
	mux.HandleFunc("GET /keys", func(w http.ResponseWriter, _ *http.Request) {
		public := p.key.Load().Public().(*rsa.PublicKey)
		text := base64.RawURLEncoding.EncodeToString
		_ = json.NewEncoder(w).Encode(map[string]any{"keys": []map[string]string{{
			"kty": "RSA", "use": "sig", "alg": "RS256", "kid": fmt.Sprint(p.number.Load()),
			"n": text(public.N.Bytes()), "e": text(big.NewInt(int64(public.E)).Bytes()),
		}}})
	})
	p.Server = httptest.NewServer(mux)
	t.Cleanup(p.Close)
	return p
}

// rotate replaces the provider's key.
func (p *provider) rotate(t *testing.T) {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	p.key.Store(key)
	p.number.Add(1)
}

// token signs claims over the plainest good ones.
func (p *provider) token(t *testing.T, change jwt.MapClaims) string {
	t.Helper()
	body := jwt.MapClaims{
		"iss": p.URL, "aud": "swmaas-kurobe", "sub": "account-17", "exp": time.Now().Add(time.Hour).Unix(), "iat": time.Now().Unix(),
		"swmaas": map[string]any{"role": "operator", "area": "kurobe"},
	}
	for name, value := range change {
		body[name] = value
	}
	token := jwt.NewWithClaims(jwt.SigningMethodRS256, body)
	token.Header["kid"] = fmt.Sprint(p.number.Load())
	signed, err := token.SignedString(p.key.Load())
	if err != nil {
		t.Fatal(err)
	}
	return signed
}

// soon reports whether the condition comes to hold within 30 s.
func soon(condition func() bool) bool {
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); time.Sleep(time.Millisecond) {
		if condition() {
			return true
		}
	}
	return condition()
}

func TestTokensOfAnIdentityProviderAreTaken(t *testing.T) {
	p := startProvider(t)
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	external, err := NewOIDCVerifier(oidc.ClientContext(context.Background(), client), OIDCConfig{Issuer: p.URL, Audience: "swmaas-kurobe"})
	if err != nil {
		t.Fatal(err)
	}
	key := newKey(t)
	v := ByIssuer{Own: NewLocalVerifier(key, time.Now, nil), Providers: []*OIDCVerifier{external}}
	caller, err := v.Verify(t.Context(), p.token(t, nil))
	if err != nil || caller.Subject != "account-17" || caller.Role != Operator || caller.Area != "kurobe" || caller.TokenID == "" {
		t.Fatalf("%+v, %v", caller, err)
	}
	old := p.token(t, nil)
	p.rotate(t)
	if _, err := v.Verify(t.Context(), p.token(t, nil)); err != nil {
		t.Errorf("a token of the provider's new key: %v", err)
	}
	// The key set hands out fresh keys a moment before it has put away the old ones, so the old token may pass once more.
	if !soon(func() bool { _, err := v.Verify(t.Context(), old); return errors.Is(err, ErrTokenInvalid) }) {
		t.Error("a token of a key that the provider took back is still taken after 30 s")
	}
	g := grantOf(Council, "kurobe")
	own, err := key.Issue(&g, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if caller, err := v.Verify(t.Context(), own); err != nil || caller.Role != Council {
		t.Errorf("a token of the installation itself: %+v, %v", caller, err)
	}
	for name, c := range map[string]struct {
		token string
		want  error
	}{
		"for somebody else":       {p.token(t, jwt.MapClaims{"aud": "another"}), ErrTokenInvalid},
		"of another provider":     {p.token(t, jwt.MapClaims{"iss": "https://elsewhere.example"}), ErrTokenInvalid},
		"that has ended":          {p.token(t, jwt.MapClaims{"exp": time.Now().Add(-time.Hour).Unix()}), ErrTokenExpired},
		"without rights":          {p.token(t, jwt.MapClaims{"swmaas": nil}), ErrTokenInvalid},
		"with a role nobody has":  {p.token(t, jwt.MapClaims{"swmaas": map[string]any{"role": "root", "area": "kurobe"}}), ErrTokenInvalid},
		"of a driver on foot":     {p.token(t, jwt.MapClaims{"swmaas": map[string]any{"role": "driver", "area": "kurobe"}}), ErrTokenInvalid},
		"with rights in no order": {p.token(t, jwt.MapClaims{"swmaas": "operator"}), ErrTokenInvalid},
		"that is none":            {"hello", ErrTokenInvalid},
	} {
		if _, err := v.Verify(t.Context(), c.token); !errors.Is(err, c.want) {
			t.Errorf("a token %s: %v, want %v", name, err, c.want)
		}
	}
}

func TestAProviderThatDoesNotAnswerIsAFault(t *testing.T) {
	ctx := oidc.ClientContext(context.Background(), &http.Client{Transport: &http.Transport{DisableKeepAlives: true}})
	if _, err := NewOIDCVerifier(ctx, OIDCConfig{Issuer: "http://127.0.0.1:1", Audience: "x"}); err == nil {
		t.Error("a provider that is not there is taken")
	}
	if _, err := NewOIDCVerifier(ctx, OIDCConfig{}); !errors.Is(err, ErrConfig) {
		t.Errorf("%v, want ErrConfig", err)
	}
}
