package redisd

import (
	"context"
	"fmt"
	"os"
	"testing"

	"go.uber.org/goleak"
)

// engineDirEnv makes this test binary play an engine on the named folder instead of running tests.
const engineDirEnv = "REDISD_TEST_ENGINE_DIR"

func TestMain(m *testing.M) {
	if dir := os.Getenv(engineDirEnv); dir != "" {
		playEngine(dir)
	}
	goleak.VerifyTestMain(m)
}

// playEngine starts a child, says so on standard output and then waits to be killed.
func playEngine(dir string) {
	server, err := Start(context.Background(), Config{Dir: dir, Durable: true})
	if err != nil {
		fmt.Println("error:", err)
		os.Exit(1)
	}
	fmt.Println(server.PID())
	select {}
}
