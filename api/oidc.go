package api

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/golang-jwt/jwt/v5"
)

// OIDCConfig names an identity provider whose tokens are taken. Both fields are needed.
type OIDCConfig struct {
	// Issuer is the provider's URL, as in the tokens' iss; its discovery document is read below it.
	Issuer string
	// Audience is what the tokens must be for (aud).
	Audience string
}

// OIDCVerifier checks the tokens of an OpenID Connect provider. What a caller may do is in the claim "swmaas", an object
// with role and area and, as the role needs, riders, vehicle or facility; the provider is set up to fill it. Keys of the
// provider are fetched when a token names one that is not known, so that the provider may change them at any time. It is
// safe for concurrent use.
type OIDCVerifier struct {
	issuer   string
	verifier *oidc.IDTokenVerifier
}

// NewOIDCVerifier reads the provider's discovery document. It fails with ErrConfig where a field is missing, and with the
// fault where the provider does not answer. The context is kept for fetching keys: it must last as long as the verifier.
func NewOIDCVerifier(ctx context.Context, cfg OIDCConfig) (*OIDCVerifier, error) {
	if cfg.Issuer == "" || cfg.Audience == "" {
		return nil, fmt.Errorf("%w: an identity provider needs Issuer and Audience", ErrConfig)
	}
	provider, err := oidc.NewProvider(ctx, cfg.Issuer)
	if err != nil {
		return nil, fmt.Errorf("api: identity provider %s: %w", cfg.Issuer, err)
	}
	return &OIDCVerifier{cfg.Issuer, provider.VerifierContext(ctx, &oidc.Config{ClientID: cfg.Audience})}, nil
}

// Verify implements Verifier.
func (v *OIDCVerifier) Verify(ctx context.Context, token string) (*Caller, error) {
	checked, err := v.verifier.Verify(ctx, token)
	if _, expired := errors.AsType[*oidc.TokenExpiredError](err); expired {
		return nil, fmt.Errorf("%w: %w", ErrTokenExpired, err)
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrTokenInvalid, err)
	}
	var body struct {
		ID     string `json:"jti"`
		SWMaaS struct {
			Role     Role     `json:"role"`
			Area     string   `json:"area"`
			Riders   []string `json:"riders"`
			Vehicle  string   `json:"vehicle"`
			Facility string   `json:"facility"`
		} `json:"swmaas"`
	}
	if err := checked.Claims(&body); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrTokenInvalid, err)
	}
	grant := Grant{
		Subject: checked.Subject, Role: body.SWMaaS.Role, Area: body.SWMaaS.Area, Riders: body.SWMaaS.Riders,
		Vehicle: body.SWMaaS.Vehicle, Facility: body.SWMaaS.Facility, Life: MaxTokenLife,
	}
	if err := grant.Validate(); err != nil {
		return nil, fmt.Errorf("%w: claim swmaas: %w", ErrTokenInvalid, err)
	}
	if body.ID == "" {
		body.ID = checked.Subject // rate limits are then shared by a subject's tokens
	}
	return &Caller{
		TokenID: body.ID, Subject: grant.Subject, Role: grant.Role, Area: grant.Area, Expires: checked.Expiry,
		Riders: grant.Riders, Vehicle: grant.Vehicle, Facility: grant.Facility,
	}, nil
}

// ByIssuer sends a token to the provider that it says it is from, and every other to the installation's own verifier. Which
// of them checks a token gives nothing away: each trusts its own keys only.
type ByIssuer struct {
	Own       Verifier
	Providers []*OIDCVerifier
}

// Verify implements Verifier.
func (v ByIssuer) Verify(ctx context.Context, token string) (*Caller, error) {
	var claims jwt.RegisteredClaims
	if _, _, err := jwt.NewParser().ParseUnverified(token, &claims); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrTokenInvalid, err)
	}
	i := slices.IndexFunc(v.Providers, func(p *OIDCVerifier) bool { return p.issuer == claims.Issuer })
	if i < 0 {
		return v.Own.Verify(ctx, token)
	}
	return v.Providers[i].Verify(ctx, token)
}
