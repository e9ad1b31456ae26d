package redisd

import (
	"errors"
	"testing"
)

func TestAVisitorReadsBesideTheEngineAndStopsNobody(t *testing.T) {
	dir := t.TempDir()
	if _, _, err := Visit(t.Context(), dir); !errors.Is(err, ErrUnresponsive) {
		t.Errorf("nobody there: %v, want ErrUnresponsive", err)
	}
	server := start(t, dir, true)
	mustSet(t, server, "k", "v")
	socket, leave, err := Visit(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	client := newClient(socket)
	if got, err := client.Get(t.Context(), "k").Result(); err != nil || got != "v" {
		t.Errorf("visitor reads %q, %v", got, err)
	}
	_ = client.Close()
	leave()
	mustHold(t, server, "k", "v")
}
