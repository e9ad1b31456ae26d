package api

import (
	"crypto/ed25519"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/go-cmp/cmp"
)

func newKey(t testing.TB) *TokenKey {
	t.Helper()
	key, err := NewTokenKey()
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func TestAnIssuedTokenSaysWhatWasGranted(t *testing.T) {
	key := newKey(t)
	issued := time.Now().Truncate(time.Second)
	for _, role := range Roles() {
		g := grantOf(role, "kurobe")
		token, err := key.Issue(&g, issued)
		if err != nil {
			t.Fatal(err)
		}
		got, err := NewLocalVerifier(key, time.Now, nil).Verify(t.Context(), token)
		if err != nil {
			t.Fatal(err)
		}
		want := &Caller{
			TokenID: got.TokenID, Subject: g.Subject, Role: role, Area: "kurobe", Expires: issued.Add(g.Life + clockSkew),
			Riders: g.Riders, Vehicle: g.Vehicle, Facility: g.Facility,
		}
		if diff := cmp.Diff(want, got); diff != "" || got.TokenID == "" {
			t.Errorf("%s (-want +got):\n%s", role, diff)
		}
	}
}

func TestGrantsThatNobodyMayHoldAreRefused(t *testing.T) {
	for name, change := range map[string]func(*Grant){
		"no subject":                        func(g *Grant) { g.Subject = "" },
		"a role that does not exist":        func(g *Grant) { g.Role = "root" },
		"an area that breaks a key":         func(g *Grant) { g.Area = "kurobe}" },
		"no end":                            func(g *Grant) { g.Life = 0 },
		"an end far away":                   func(g *Grant) { g.Life = MaxTokenLife + 1 },
		"a driver without a vehicle":        func(g *Grant) { g.Role = Driver },
		"a facility without itself":         func(g *Grant) { g.Role = Facility },
		"a proxy without riders":            func(g *Grant) { g.Role = Proxy },
		"a rider who is two":                func(g *Grant) { g.Role, g.Riders = Rider, []string{"R-1", "R-2"} },
		"an operator with a vehicle":        func(g *Grant) { g.Vehicle = "V-01" },
		"an operator of one rider":          func(g *Grant) { g.Riders = []string{"R-1"} },
		"an operator of a facility":         func(g *Grant) { g.Facility = "F-01" },
		"a subject longer than any account": func(g *Grant) { g.Subject = strings.Repeat("a", 129) },
	} {
		g := grantOf(Operator, "kurobe")
		change(&g)
		if _, err := newKey(t).Issue(&g, time.Now()); !errors.Is(err, ErrGrant) {
			t.Errorf("%s: %v, want ErrGrant", name, err)
		}
	}
}

func TestTokensThatAreNotOursAreRefused(t *testing.T) {
	key, clock := newKey(t), time.Now()
	g := grantOf(Operator, "kurobe")
	sign := func(key *TokenKey, at time.Time) string {
		token, err := key.Issue(&g, at)
		if err != nil {
			t.Fatal(err)
		}
		return token
	}
	good := sign(key, clock)
	head, rest, _ := strings.Cut(good, ".")
	body, signature, _ := strings.Cut(rest, ".")
	none, err := jwt.NewWithClaims(jwt.SigningMethodNone, jwt.MapClaims{"role": "operator"}).SignedString(jwt.UnsafeAllowNoneSignatureType)
	if err != nil {
		t.Fatal(err)
	}
	// The classic confusion of algorithms: the public key used as a shared secret.
	public := []byte(key.private.Public().(ed25519.PublicKey))
	confused := jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.MapClaims{
		"iss": issuer, "aud": issuer, "sub": "x", "role": "operator", "area": "kurobe", "exp": clock.Add(time.Hour).Unix(),
	})
	confused.Header["kid"] = key.id
	hmac, err := confused.SignedString(public)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, token string
		want        error
	}{
		{"nothing", "", ErrTokenInvalid},
		{"no token at all", "hello", ErrTokenInvalid},
		{"another key", sign(newKey(t), clock), ErrTokenInvalid},
		{"a changed body", head + "." + body[:len(body)-2] + "AA." + signature, ErrTokenInvalid},
		{"a signature cut off", head + "." + body + ".", ErrTokenInvalid},
		{"no signature asked for", none, ErrTokenInvalid},
		{"the public key as a secret", hmac, ErrTokenInvalid},
		{"an hour and a minute old", sign(key, clock.Add(-61*time.Minute)), ErrTokenExpired},
		{"not valid yet", sign(key, clock.Add(time.Minute)), ErrTokenInvalid},
		{"a clock 20 s ahead", sign(key, clock.Add(20*time.Second)), nil},
		{"a clock 20 s behind", sign(key, clock.Add(-time.Hour-20*time.Second)), nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			if _, err := NewLocalVerifier(key, time.Now, nil).Verify(t.Context(), c.token); !errors.Is(err, c.want) {
				t.Errorf("%v, want %v", err, c.want)
			}
		})
	}
}

func TestAKeySurvivesBeingWritten(t *testing.T) {
	key := newKey(t)
	text, err := key.PEM()
	if err != nil {
		t.Fatal(err)
	}
	again, err := ParseTokenKey(text)
	if err != nil || !again.private.Equal(key.private) || again.id != key.id {
		t.Errorf("read back another key, or %v", err)
	}
	for _, bad := range []string{"", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", strings.Replace(string(text), "PRIVATE", "PUBLIC", 2)} {
		if _, err := ParseTokenKey([]byte(bad)); !errors.Is(err, ErrTokenKey) {
			t.Errorf("%q: %v, want ErrTokenKey", bad, err)
		}
	}
}
