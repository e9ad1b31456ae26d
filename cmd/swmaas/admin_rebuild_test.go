package main

import (
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/swmaas/swmaas/cmd/swmaas/redisd"
	"github.com/swmaas/swmaas/dispatch/sim/town"
)

func TestADayIsRebuiltFromItsEvents(t *testing.T) {
	tn, err := town.Generate(1)
	if err != nil {
		t.Fatal(err)
	}
	data := t.TempDir()
	addresses, stop := startServe(t, "--data", data, "--town", "kurobe", "--listen", "127.0.0.1:0")
	c := dial(t, addresses["grpc"], data)
	rng := rand.New(rand.NewPCG(4, 5))
	booked := ""
	for n := 0; n < 20 || booked == ""; n++ {
		id, err := c.book(tn, n, rng)
		if err != nil {
			t.Fatal(err)
		}
		if id != "" {
			booked = id
		}
	}
	rebuild := func(wantCode int, wantOut string, flags ...string) {
		t.Helper()
		args := append([]string{"admin", "rebuild", "--data", data, "--area", string(town.Area), "--day", c.day}, flags...)
		code, out, errOut := runMain(t, args...)
		if code != wantCode || !strings.Contains(out, wantOut) || wantOut == "" && out != "" {
			t.Fatalf("%v: exit %d, want %d\n%s%s", flags, code, wantCode, out, errOut)
		}
	}
	rebuild(exitDone, "")

	socket, leave, err := redisd.Visit(t.Context(), filepath.Join(data, "redis"))
	if err != nil {
		t.Fatal(err)
	}
	client := redis.NewClient(&redis.Options{Network: "unix", Addr: socket})
	ride := "dsp:{" + string(town.Area) + "}:" + c.day + ":ride:" + booked
	if n, err := client.Del(t.Context(), ride).Result(); err != nil || n != 1 {
		t.Fatalf("%s: deleted %d, %v", ride, n, err)
	}
	_ = client.Close()
	leave()

	rebuild(exitFailed, ride+": is missing\n")
	rebuild(exitFailed, ride+": is missing\n", "--check")
	rebuild(exitDone, ride+": is missing (put right)\n", "--repair")
	rebuild(exitDone, "", "--check")
	stop()
	rebuild(exitDone, "") // and beside no service
}

func TestRebuildRefusesWhatIsNoDayOrNoFolder(t *testing.T) {
	missing := filepath.Join(t.TempDir(), "nowhere")
	for name, args := range map[string][]string{
		"a day that is none":   {"--area", "kurobe", "--day", "tomorrow", "--data", t.TempDir()},
		"a folder of nobody":   {"--area", "kurobe", "--day", "2026-01-20", "--data", missing},
		"no day":               {"--area", "kurobe"},
		"compare and store":    {"--area", "kurobe", "--day", "2026-01-20", "--check", "--repair"},
		"a URL that is no URL": {"--area", "kurobe", "--day", "2026-01-20", "--data", t.TempDir(), "--redis", "nonsense"},
	} {
		if code, _, errOut := runMain(t, append([]string{"admin", "rebuild"}, args...)...); code != exitUsage {
			t.Errorf("%s: exit %d, want %d: %s", name, code, exitUsage, errOut)
		}
	}
}
