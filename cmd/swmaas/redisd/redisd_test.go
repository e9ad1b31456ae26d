package redisd

import (
	"bufio"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
)

// start starts a child in dir and stops it at the end of the test if the test has not.
func start(t *testing.T, dir string, durable bool) *Server {
	t.Helper()
	server, err := Start(t.Context(), Config{Dir: dir, Durable: durable})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		if err := server.Stop(ctx); err != nil {
			t.Error(err)
		}
	})
	return server
}

// connect returns a client of the server.
func connect(t *testing.T, server *Server) *redis.Client {
	t.Helper()
	client := newClient(server.Socket())
	t.Cleanup(func() { _ = client.Close() })
	return client
}

// mustSet writes one key.
func mustSet(t *testing.T, server *Server, key, value string) {
	t.Helper()
	if err := connect(t, server).Set(t.Context(), key, value, 0).Err(); err != nil {
		t.Fatal(err)
	}
}

// mustHold checks one key.
func mustHold(t *testing.T, server *Server, key, want string) {
	t.Helper()
	if got, err := connect(t, server).Get(t.Context(), key).Result(); err != nil || got != want {
		t.Fatalf("%s = %q, %v; want %q", key, got, err, want)
	}
}

// kill ends a process and waits until exited says so.
func kill(t *testing.T, server *Server) {
	t.Helper()
	if err := syscall.Kill(server.PID(), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	select {
	case <-server.Exited():
	case <-time.After(30 * time.Second):
		t.Fatal("the end of a killed child was not noticed")
	}
}

// startEngine runs an engine of its own process on dir and returns it with the process id of its child.
func startEngine(t *testing.T, dir string) (engine *exec.Cmd, child int) {
	t.Helper()
	engine = exec.Command(os.Args[0])
	engine.Env = append(os.Environ(), engineDirEnv+"="+dir)
	output, err := engine.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := engine.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = engine.Process.Kill(); _ = engine.Wait() })
	line, err := bufio.NewReader(output).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	child, err = strconv.Atoi(strings.TrimSpace(line))
	if err != nil {
		t.Fatalf("engine: %s", line)
	}
	return engine, child
}

func TestDurableChildSyncsEveryWriteAndTakesNoSnapshots(t *testing.T) {
	server := start(t, t.TempDir(), true)
	if server.AppendFsync() != "always" {
		t.Errorf("AppendFsync() = %q, want always", server.AppendFsync())
	}
	for setting, want := range map[string]string{
		"appendonly": "yes", "appendfsync": "always", "no-appendfsync-on-rewrite": "no", "save": "",
		"aof-load-truncated": "yes", "maxmemory-policy": "noeviction", "port": "0",
	} {
		got, err := connect(t, server).ConfigGet(t.Context(), setting).Result()
		if err != nil || got[setting] != want {
			t.Errorf("%s = %q, %v; want %q", setting, got[setting], err, want)
		}
	}
}

func TestLossyChildKeepsNothing(t *testing.T) {
	dir := t.TempDir()
	server := start(t, dir, false)
	if server.AppendFsync() != "off" {
		t.Errorf("AppendFsync() = %q, want off", server.AppendFsync())
	}
	mustSet(t, server, "position", "here")
	if err := server.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"appendonlydir", "dump.rdb"} {
		if _, err := os.Stat(filepath.Join(dir, name)); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%s was written", name)
		}
	}
	server = start(t, dir, false)
	if n, err := connect(t, server).DBSize(t.Context()).Result(); err != nil || n != 0 {
		t.Errorf("%d keys after a restart, %v; want 0", n, err)
	}
}

func TestStoppedChildIsStartedAgainWithItsData(t *testing.T) {
	dir := t.TempDir()
	server := start(t, dir, true)
	mustSet(t, server, "ride", "booked")
	if err := server.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := server.Stop(t.Context()); err != nil {
		t.Errorf("second stop: %v", err)
	}
	again := start(t, dir, true)
	if again.Reattached() || again.PID() == server.PID() {
		t.Error("reattached to a child that was stopped")
	}
	mustHold(t, again, "ride", "booked")
}

func TestKilledChildIsStartedAgainWithItsData(t *testing.T) {
	dir := t.TempDir()
	server := start(t, dir, true)
	mustSet(t, server, "ride", "booked")
	kill(t, server)
	if err := server.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	again := start(t, dir, true)
	if again.Reattached() {
		t.Error("reattached to a child that was killed")
	}
	mustHold(t, again, "ride", "booked")
}

func TestChildOutlivesAKilledEngineAndIsTakenOver(t *testing.T) {
	dir := t.TempDir()
	engine, child := startEngine(t, dir)
	client := newClient(filepath.Join(dir, socketName))
	defer func() { _ = client.Close() }()
	if err := client.Set(t.Context(), "ride", "booked", 0).Err(); err != nil {
		t.Fatal(err)
	}
	if err := engine.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = engine.Wait()

	server := start(t, dir, true)
	if !server.Reattached() || server.PID() != child {
		t.Errorf("Reattached() = %v with child %d; want true with %d", server.Reattached(), server.PID(), child)
	}
	if server.AppendFsync() != "always" {
		t.Errorf("AppendFsync() = %q, want always", server.AppendFsync())
	}
	mustHold(t, server, "ride", "booked")
	kill(t, server) // a child of an earlier engine is watched as well
}

func TestKilledEngineAndKilledChildLoseNothingAcknowledged(t *testing.T) {
	dir := t.TempDir()
	engine, child := startEngine(t, dir)
	client := newClient(filepath.Join(dir, socketName))
	defer func() { _ = client.Close() }()
	if err := client.Set(t.Context(), "ride", "booked", 0).Err(); err != nil {
		t.Fatal(err)
	}
	_ = engine.Process.Kill()
	if err := syscall.Kill(child, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	_ = engine.Wait()
	server := start(t, dir, true)
	if server.Reattached() {
		t.Error("reattached to a child that was killed")
	}
	mustHold(t, server, "ride", "booked")
}

func TestDetachedChildIsTakenOver(t *testing.T) {
	dir := t.TempDir()
	first := start(t, dir, true)
	mustSet(t, first, "ride", "booked")
	first.Detach()
	second := start(t, dir, true)
	if !second.Reattached() || second.PID() != first.PID() {
		t.Errorf("Reattached() = %v with child %d; want true with %d", second.Reattached(), second.PID(), first.PID())
	}
	mustHold(t, second, "ride", "booked")
}

func TestSecondEngineOnOneFolderIsRefused(t *testing.T) {
	dir := t.TempDir()
	server := start(t, dir, true)
	_, err := Start(t.Context(), Config{Dir: dir, Durable: true})
	if !errors.Is(err, ErrInUse) || !strings.Contains(err.Error(), dir) {
		t.Errorf("second start: %v; want ErrInUse naming %s", err, dir)
	}
	mustSet(t, server, "still", "serving")
}

func TestChildWithOtherSettingsIsNotTakenOver(t *testing.T) {
	dir := t.TempDir()
	lossy := start(t, dir, false)
	lossy.Detach()
	if _, err := Start(t.Context(), Config{Dir: dir, Durable: true}); !errors.Is(err, ErrMismatch) {
		t.Errorf("durable start on a lossy child: %v; want ErrMismatch", err)
	}
	start(t, dir, false) // it is still there; this also stops it at the end
}

func TestFolderWithALongPathHasAShortSocket(t *testing.T) {
	dir := filepath.Join(t.TempDir(), strings.Repeat("long", 30), "データ \"quoted\"")
	server := start(t, dir, true)
	if len(server.Socket()) > maxSocketPath {
		t.Errorf("socket path of %d bytes", len(server.Socket()))
	}
	mustSet(t, server, "ride", "booked")
	server.Detach()
	if _, err := os.Stat(filepath.Dir(filepath.Dir(server.Socket()))); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the link's folder is left behind: %v", err)
	}
	again := start(t, dir, true)
	if !again.Reattached() {
		t.Error("not reattached")
	}
	mustHold(t, again, "ride", "booked")
}

func TestMissingRedisNamesTheCommandThatInstallsIt(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	_, err := Start(t.Context(), Config{Dir: t.TempDir(), Durable: true})
	if !errors.Is(err, ErrNotInstalled) || !strings.Contains(err.Error(), "apt-get install") {
		t.Errorf("start without redis-server: %v; want ErrNotInstalled with the command", err)
	}
}

func TestUnreadableDataIsReportedWithTheChildsLog(t *testing.T) {
	dir := t.TempDir()
	server := start(t, dir, true)
	mustSet(t, server, "ride", "booked")
	if err := server.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(appendFile(t, dir), []byte("garbage\r\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := Start(t.Context(), Config{Dir: dir, Durable: true})
	if !errors.Is(err, ErrExited) || !strings.Contains(err.Error(), "append only file") {
		t.Errorf("start on garbage: %v; want ErrExited with the log", err)
	}
}

func TestHungHolderOfTheFolderIsReported(t *testing.T) {
	dir := t.TempDir()
	lock, err := tryLock(filepath.Join(dir, childLockName))
	if err != nil || lock == nil {
		t.Fatal(lock, err)
	}
	defer func() { _ = lock.Close() }()
	_, err = Start(t.Context(), Config{Dir: dir, Durable: true, StartTimeout: 100 * time.Millisecond})
	if !errors.Is(err, ErrUnresponsive) {
		t.Errorf("start on a folder held by something that does not answer: %v; want ErrUnresponsive", err)
	}
}

func TestConfigReportsEveryProblem(t *testing.T) {
	err := Config{StartTimeout: -1}.Validate()
	if err == nil || !strings.Contains(err.Error(), "Dir") || !strings.Contains(err.Error(), "StartTimeout") {
		t.Errorf("Validate() = %v; want both problems", err)
	}
}
