package api

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// issuer is both issuer and audience of the tokens that an installation makes for itself.
const issuer = "swmaas"

// MaxTokenLife is the longest life of a token.
const MaxTokenLife = 400 * 24 * time.Hour

// clockSkew is how far the clocks of two machines may be apart before a token seems not yet or no longer valid.
const clockSkew = 30 * time.Second

// Verifier tells who holds a bearer token. It fails with ErrTokenInvalid or ErrTokenExpired. It is safe for concurrent use.
type Verifier interface {
	Verify(ctx context.Context, token string) (*Caller, error)
}

// TokenKey is the Ed25519 key with which one installation signs and checks its own tokens. It is immutable and safe for
// concurrent use.
type TokenKey struct {
	private ed25519.PrivateKey
	id      string // first 8 bytes of the SHA-256 of the public key, in hex
}

// NewTokenKey makes a random key.
func NewTokenKey() (*TokenKey, error) {
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("api: token key: %w", err)
	}
	return keyOf(private), nil
}

func keyOf(private ed25519.PrivateKey) *TokenKey {
	sum := sha256.Sum256(private.Public().(ed25519.PublicKey))
	return &TokenKey{private: private, id: hex.EncodeToString(sum[:8])}
}

// keyBlock is the PEM type of a PKCS #8 private key (RFC 7468 section 10).
const keyBlock = "PRIVATE KEY"

// ParseTokenKey reads a key from PEM (PKCS #8, Ed25519). It fails with ErrTokenKey.
func ParseTokenKey(text []byte) (*TokenKey, error) {
	block, _ := pem.Decode(text)
	if block == nil || block.Type != keyBlock {
		return nil, fmt.Errorf("%w: no PEM block %q", ErrTokenKey, keyBlock)
	}
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrTokenKey, err)
	}
	private, ok := key.(ed25519.PrivateKey)
	if !ok {
		return nil, fmt.Errorf("%w: %T is not an Ed25519 key", ErrTokenKey, key)
	}
	return keyOf(private), nil
}

// PEM writes the key in the form that ParseTokenKey reads. It is a secret.
func (k *TokenKey) PEM() ([]byte, error) {
	raw, err := x509.MarshalPKCS8PrivateKey(k.private)
	if err != nil {
		return nil, fmt.Errorf("api: token key: %w", err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: keyBlock, Bytes: raw}), nil
}

// claims is the body of a token: the registered claims of RFC 7519 and what the role is bound to.
type claims struct {
	jwt.RegisteredClaims
	Role     Role     `json:"role"`
	Area     string   `json:"area"`
	Riders   []string `json:"riders,omitempty"`
	Vehicle  string   `json:"vehicle,omitempty"`
	Facility string   `json:"facility,omitempty"`
}

// Grant is what a token is asked to say; see Caller for the fields.
type Grant struct {
	Subject  string
	Role     Role
	Area     string
	Riders   []string
	Vehicle  string
	Facility string
	Life     time.Duration
}

// Validate reports everything that is wrong with the grant.
func (g *Grant) Validate() error {
	var problems []error
	need := func(ok bool, format string, args ...any) {
		if !ok {
			problems = append(problems, fmt.Errorf(format, args...))
		}
	}
	need(g.Subject != "" && len(g.Subject) <= 128, "subject: 1 to 128 characters are needed")
	need(slices.Contains(Roles(), g.Role), "role: %q is not one of %v", g.Role, Roles())
	need(validArea(g.Area), "area: %q is not lower case letters, digits and hyphens, at most 32", g.Area)
	need(g.Life > 0 && g.Life <= MaxTokenLife, "expires: %v is not between 0 and %v", g.Life, MaxTokenLife)
	need(g.Role != Driver || g.Vehicle != "", "vehicle: a driver's token names its vehicle")
	need(g.Role != Facility || g.Facility != "", "facility: a facility's token names the facility")
	need((g.Role != Rider && g.Role != Proxy) || len(g.Riders) > 0, "rider: a %s's token names at least one rider", g.Role)
	need(g.Role == Driver || g.Vehicle == "", "vehicle: only a driver's token has one")
	need(g.Role == Facility || g.Facility == "", "facility: only a facility's token has one")
	need(g.Role == Rider || g.Role == Proxy || len(g.Riders) == 0, "rider: only tokens of riders and proxies have any")
	need(g.Role != Rider || len(g.Riders) <= 1, "rider: a rider's token names one; use a proxy's for more")
	return errors.Join(problems...)
}

// Issue signs a token for the grant, valid from now. It fails with ErrGrant where the grant is not valid.
func (k *TokenKey) Issue(g *Grant, now time.Time) (string, error) {
	token, _, err := k.IssueNamed(g, now)
	return token, err
}

// IssueNamed is Issue that also tells the id by which the token can be revoked.
func (k *TokenKey) IssueNamed(g *Grant, now time.Time) (token, id string, err error) {
	if err := g.Validate(); err != nil {
		return "", "", fmt.Errorf("%w: %w", ErrGrant, err)
	}
	id = rand.Text()
	token, err = k.sign(g, id, now)
	return token, id, err
}

// IssueAs is Issue under an id that the caller chooses: 26 characters of base 32, as IssueNamed draws them.
func (k *TokenKey) IssueAs(id string, g *Grant, now time.Time) (string, error) {
	if err := g.Validate(); err != nil {
		return "", fmt.Errorf("%w: %w", ErrGrant, err)
	}
	return k.sign(g, id, now)
}

func (k *TokenKey) sign(g *Grant, id string, now time.Time) (string, error) {
	token := jwt.NewWithClaims(jwt.SigningMethodEdDSA, &claims{
		RegisteredClaims: jwt.RegisteredClaims{
			Issuer:    issuer,
			Audience:  jwt.ClaimStrings{issuer},
			Subject:   g.Subject,
			ID:        id,
			IssuedAt:  jwt.NewNumericDate(now),
			NotBefore: jwt.NewNumericDate(now),
			ExpiresAt: jwt.NewNumericDate(now.Add(g.Life)),
		},
		Role: g.Role, Area: g.Area, Riders: g.Riders, Vehicle: g.Vehicle, Facility: g.Facility,
	})
	token.Header["kid"] = k.id
	signed, err := token.SignedString(k.private)
	if err != nil {
		return "", fmt.Errorf("api: sign token: %w", err)
	}
	return signed, nil
}

// LocalVerifier checks tokens that Issue made with the same key.
type LocalVerifier struct {
	// immutable after NewLocalVerifier
	key     *TokenKey
	revoked func(id string) bool
	parser  *jwt.Parser
}

// NewLocalVerifier returns a verifier for the tokens of key. now is the clock that expiry is measured by. revoked tells
// the ids of tokens that are good no longer; it is called by many goroutines at once, and nil means that none is revoked.
func NewLocalVerifier(key *TokenKey, now func() time.Time, revoked func(id string) bool) *LocalVerifier {
	if revoked == nil {
		revoked = func(string) bool { return false }
	}
	return &LocalVerifier{key: key, revoked: revoked, parser: jwt.NewParser(
		jwt.WithValidMethods([]string{jwt.SigningMethodEdDSA.Alg()}),
		jwt.WithIssuer(issuer), jwt.WithAudience(issuer),
		jwt.WithExpirationRequired(), jwt.WithIssuedAt(), jwt.WithLeeway(clockSkew),
		jwt.WithTimeFunc(now),
	)}
}

// Verify implements Verifier.
func (v *LocalVerifier) Verify(_ context.Context, token string) (*Caller, error) {
	var c claims
	_, err := v.parser.ParseWithClaims(token, &c, func(t *jwt.Token) (any, error) {
		if t.Header["kid"] != v.key.id {
			return nil, errors.New("signed with another key")
		}
		return v.key.private.Public(), nil
	})
	switch {
	case errors.Is(err, jwt.ErrTokenExpired):
		return nil, fmt.Errorf("%w: %w", ErrTokenExpired, err)
	case err != nil:
		return nil, fmt.Errorf("%w: %w", ErrTokenInvalid, err)
	}
	// What Issue would refuse is refused here as well: the key may have been used by an older version.
	g := Grant{
		Subject: c.Subject, Role: c.Role, Area: c.Area, Riders: c.Riders,
		Vehicle: c.Vehicle, Facility: c.Facility, Life: MaxTokenLife,
	}
	if err := g.Validate(); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrTokenInvalid, err)
	}
	if v.revoked(c.ID) {
		return nil, fmt.Errorf("%w: it was revoked", ErrTokenInvalid)
	}
	return &Caller{
		TokenID: c.ID, Subject: c.Subject, Role: c.Role, Area: c.Area, Expires: c.ExpiresAt.Add(clockSkew),
		Riders: c.Riders, Vehicle: c.Vehicle, Facility: c.Facility,
	}, nil
}

// validArea reports whether s can be an area: the rule of the messages, which also keeps it usable inside a key's hash tag.
func validArea(s string) bool {
	if len(s) < 1 || len(s) > 32 || s[0] == '-' {
		return false
	}
	for _, r := range s {
		if (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '-' {
			return false
		}
	}
	return true
}
