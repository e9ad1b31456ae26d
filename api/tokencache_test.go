package api

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"
)

// countingVerifier counts how often it is asked; every token is good until its end.
type countingVerifier struct {
	asked int
	end   time.Time
	err   error
}

func (v *countingVerifier) Verify(_ context.Context, token string) (*Caller, error) {
	v.asked++
	if v.err != nil {
		return nil, v.err
	}
	return &Caller{Subject: token, Expires: v.end}, nil
}

func TestACheckedTokenIsTrustedForAWhileOnly(t *testing.T) {
	clock := time.Date(2026, 1, 20, 9, 0, 0, 0, time.UTC)
	next := &countingVerifier{end: clock.Add(90 * time.Second)}
	v := newCachedVerifier(next, func() time.Time { return clock }, time.Minute)
	// Asked at 0 s, remembered for 60 s, asked again at 60 s, and then remembered only until the token ends at 90 s.
	for _, step := range []struct {
		after time.Duration
		asked int
	}{{0, 1}, {59 * time.Second, 1}, {60 * time.Second, 2}, {89 * time.Second, 2}, {90 * time.Second, 3}} {
		clock = time.Date(2026, 1, 20, 9, 0, 0, 0, time.UTC).Add(step.after)
		if caller, err := v.Verify(t.Context(), "a"); err != nil || caller.Subject != "a" || next.asked != step.asked {
			t.Errorf("after %v: asked %d times, want %d (%v)", step.after, next.asked, step.asked, err)
		}
	}
}

func TestARefusalIsNotRemembered(t *testing.T) {
	next := &countingVerifier{err: ErrTokenInvalid}
	v := newCachedVerifier(next, time.Now, time.Minute)
	for range 2 {
		if _, err := v.Verify(t.Context(), "a"); !errors.Is(err, ErrTokenInvalid) {
			t.Fatal(err)
		}
	}
	if next.asked != 2 || len(v.known) != 0 {
		t.Errorf("asked %d times and %d kept, want 2 and 0", next.asked, len(v.known))
	}
}

func TestTheCacheIsBounded(t *testing.T) {
	v := newCachedVerifier(&countingVerifier{end: time.Now().Add(time.Hour)}, time.Now, time.Minute)
	for i := range maxCachedTokens + 10 {
		if _, err := v.Verify(t.Context(), fmt.Sprint(i)); err != nil {
			t.Fatal(err)
		}
	}
	if len(v.known) > maxCachedTokens {
		t.Errorf("%d tokens kept, want at most %d", len(v.known), maxCachedTokens)
	}
}
