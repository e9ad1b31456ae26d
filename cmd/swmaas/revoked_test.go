package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/swmaas/swmaas/api"
)

func TestATokenThatWasTakenBackIsRefused(t *testing.T) {
	data, clock := t.TempDir(), time.Now()
	code, token, note := runMain(t, "admin", "token", "--data", data, "--area", "kurobe", "--role", "council")
	id := regexp.MustCompile(`revoke ([A-Z2-7]+)`).FindStringSubmatch(note)
	if code != exitDone || id == nil {
		t.Fatalf("exit %d, %q", code, note)
	}
	key, err := openTokenKey(data)
	if err != nil {
		t.Fatal(err)
	}
	verifier := api.NewLocalVerifier(key, time.Now, newRevocations(data, func() time.Time { return clock }).has)
	if _, err := verifier.Verify(t.Context(), strings.TrimSpace(token)); err != nil {
		t.Fatalf("before it was taken back: %v", err)
	}
	if code, _, message := runMain(t, "admin", "revoke", "--data", data, id[1]); code != exitDone {
		t.Fatal(message)
	}
	clock = clock.Add(revokedFresh)
	if _, err := verifier.Verify(t.Context(), strings.TrimSpace(token)); err == nil {
		t.Error("a token that was taken back is good")
	}
}

func TestRevokeWantsTheIDOfAToken(t *testing.T) {
	if code, _, _ := runMain(t, "admin", "revoke", "--data", t.TempDir(), "not-an-id"); code != exitUsage {
		t.Errorf("exit %d, want %d", code, exitUsage)
	}
}

func TestAListThatCannotBeReadLetsNobodyIn(t *testing.T) {
	data := t.TempDir()
	if err := os.Mkdir(filepath.Join(data, revokedFile), 0o700); err != nil { // a folder where the list should be
		t.Fatal(err)
	}
	if !newRevocations(data, time.Now).has("A") {
		t.Error("a token is good though nobody knows whether it was taken back")
	}
}
