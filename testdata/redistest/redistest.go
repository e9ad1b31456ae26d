package redistest

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/swmaas/swmaas/cmd/swmaas/redisd/aof"
)

// readyTimeout bounds how long a server may take to answer: it loads tiny files, but on a machine busy with other tests.
const readyTimeout = 20 * time.Second

// maxSocketPath is the longest path that fits sockaddr_un.sun_path on Linux (108 bytes with the final NUL).
const maxSocketPath = 107

// installHint is printed when redis-server is missing.
const installHint = "redis-server is not installed: run `make setup`, or `sudo apt-get install -y redis-server`"

// Start starts a durable redis-server on a Unix socket and returns the socket's path. The server answers when Start
// returns. It fails the test, naming the command that installs it, when redis-server is missing.
func Start(t testing.TB) (socket string) {
	t.Helper()
	return New(t).Socket
}

// Server is one private redis-server that a test can kill and start again on the same data. Not safe for concurrent use.
type Server struct {
	// Socket is the path of the Unix socket. It stays the same over Kill and Restart.
	Socket string
	// Dir is the working directory; the append-only files are in Dir/appendonlydir.
	Dir string

	t       testing.TB
	process *process // nil while killed
}

// New starts a durable redis-server that the test controls. See Start.
func New(t testing.TB) *Server {
	t.Helper()
	dir := shortDir(t)
	s := &Server{Socket: filepath.Join(dir, "s"), Dir: dir, t: t}
	t.Cleanup(s.Kill)
	s.Restart()
	return s
}

// Kill ends the server with SIGKILL, as a crash would, and waits until it is gone. It does nothing when it is not running.
func (s *Server) Kill() {
	if s.process == nil {
		return
	}
	s.process.kill()
	s.process = nil
}

// Restart starts the server on the data that is in Dir, after killing a running one, and waits until it answers.
func (s *Server) Restart() {
	s.t.Helper()
	s.Kill()
	s.process = startProcess(s.t, s.Dir, "--port", "0", "--unixsocket", s.Socket, "--unixsocketperm", "700")
	awaitReady(s.t, s.process, &redis.Options{Network: "unix", Addr: s.Socket})
}

// process is a running redis-server and its output so far.
type process struct {
	cmd    *exec.Cmd
	output transcript    // written by exec until exited is closed
	exited chan struct{} // closed once Wait has returned
	killed atomic.Bool   // on purpose
}

// transcript keeps what is written to it. It is safe for concurrent use.
type transcript struct {
	mu   sync.Mutex
	text bytes.Buffer // guarded by mu
}

func (x *transcript) Write(b []byte) (int, error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.text.Write(b)
}

func (x *transcript) String() string {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.text.String()
}

// startProcess runs redis-server in dir with the settings every test server shares and the given ones, on what an earlier one left
// there, mended as the engine mends it. What it says is printed when the test has failed.
func startProcess(t testing.TB, dir string, args ...string) *process {
	t.Helper()
	path, err := exec.LookPath("redis-server")
	if err != nil {
		t.Fatal(installHint)
	}
	shared := []string{
		"--dir", dir, "--save", "", "--appendonly", "yes", "--appendfsync", "always",
		"--aof-load-truncated", "yes", "--daemonize", "no", "--loglevel", "warning",
	}
	if dropped, err := aof.Mend(dir); err != nil {
		t.Fatal(err)
	} else if dropped > 0 {
		t.Logf("the append-only file in %s ended within a commit: %d bytes dropped", dir, dropped)
	}
	p := &process{cmd: exec.Command(path, append(shared, args...)...), exited: make(chan struct{})}
	p.cmd.Dir = dir
	p.cmd.Env = append(os.Environ(), "LC_ALL=C") // Redis 7.2 and later stop where the caller's locale is not installed
	p.cmd.Stdout, p.cmd.Stderr = &p.output, &p.output
	p.cmd.SysProcAttr = dieWithParent()
	started := make(chan error)
	go func() {
		defer close(p.exited)
		runtime.LockOSThread() // the kernel takes the thread that started it for the parent
		defer runtime.UnlockOSThread()
		err := p.cmd.Start()
		started <- err
		if err == nil {
			_ = p.cmd.Wait() // killed on purpose: the status says nothing
		}
	}()
	if err := <-started; err != nil {
		t.Fatalf("start redis-server: %v", err)
	}
	t.Cleanup(func() {
		select {
		case <-p.exited:
			if !p.killed.Load() {
				t.Errorf("redis-server ended by itself: %v", p.cmd.ProcessState)
			}
		default:
		}
		if said := p.output.String(); t.Failed() && said != "" {
			t.Logf("redis-server %d said:\n%s", p.cmd.Process.Pid, said)
		}
	})
	return p
}

// kill ends the process with SIGKILL and waits for it.
func (p *process) kill() {
	p.killed.Store(true)
	_ = p.cmd.Process.Kill() // it may have exited already
	<-p.exited
}

// awaitReady waits until the server at the given address answers PING, which it does once its data is loaded.
func awaitReady(t testing.TB, p *process, options *redis.Options) {
	t.Helper()
	options.MaxRetries = -1
	client := redis.NewClient(options)
	defer func() { _ = client.Close() }()
	ctx, cancel := context.WithTimeout(context.Background(), readyTimeout)
	defer cancel()
	for {
		err := client.Ping(ctx).Err()
		if err == nil {
			return
		}
		select {
		case <-p.exited:
			t.Fatalf("redis-server stopped at start:\n%s", p.output.String())
		case <-ctx.Done():
			p.kill()
			t.Fatalf("redis-server did not answer within %v: %v\n%s", readyTimeout, err, p.output.String())
		case <-time.After(5 * time.Millisecond):
		}
	}
}

// shortDir makes a directory whose path leaves room for a socket name; t.TempDir contains the test's name and may not.
func shortDir(t testing.TB) string {
	t.Helper()
	parent := ""
	if len(os.TempDir())+len("/redistest-0123456789/s") > maxSocketPath {
		parent = "/tmp"
	}
	dir, err := os.MkdirTemp(parent, "redistest-")
	if err != nil {
		t.Fatalf("directory for redis-server: %v", err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}
