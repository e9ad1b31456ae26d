package redisd

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
)

// Names of the files in a child's folder; see the package comment.
const (
	socketName     = "redis.sock"
	childLockName  = "redis.lock"
	engineLockName = "engine.lock"
	pidName        = "redis.pid"
	logName        = "redis.log"
)

// Server is a running redis-server child. It is safe for concurrent use.
type Server struct {
	// immutable after Start
	socket       string
	pid          int
	reattached   bool
	appendFsync  string
	process      *os.Process
	engineLock   *os.File
	removeSocket func()
	log          *slog.Logger
	exited       chan struct{} // closed by the watcher when the child is gone
	released     chan struct{} // closed by release
	once         sync.Once     // makes the second release do nothing

	watcher sync.WaitGroup // the one goroutine: watch, which release stops
}

// Start makes sure that a child serves cfg.Dir and returns once it answers with its data loaded: a child that outlived
// an earlier engine is taken over, otherwise a new one is started. ctx bounds the start only. The caller ends with
// either Stop or Detach.
//
// Errors: ErrNotInstalled, ErrInUse, ErrUnresponsive, ErrExited, ErrMismatch, ErrSocketPath, those of Config.Validate,
// of the file system and of ctx.
func Start(ctx context.Context, cfg Config) (*Server, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	cfg = cfg.withDefaults()
	dir, err := makeFolder(cfg.Dir)
	if err != nil {
		return nil, err
	}
	engineLock, err := tryLock(filepath.Join(dir, engineLockName))
	if err != nil {
		return nil, err
	}
	if engineLock == nil {
		return nil, fmt.Errorf("redisd: folder %s: %w", dir, ErrInUse)
	}
	s := &Server{
		engineLock: engineLock, removeSocket: func() {}, log: cfg.Log,
		exited: make(chan struct{}), released: make(chan struct{}),
	}
	if err := s.start(ctx, cfg, dir); err != nil {
		s.release()
		return nil, err
	}
	s.log.Info("redis-server is ready", "dir", dir, "pid", s.pid, "reattached", s.reattached, "appendfsync", s.appendFsync)
	return s, nil
}

// makeFolder makes the child's folder where it is missing and returns its absolute path.
func makeFolder(dir string) (string, error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return "", fmt.Errorf("redisd: folder %s: %w", dir, err)
	}
	if err := os.MkdirAll(abs, 0o700); err != nil {
		return "", fmt.Errorf("redisd: make folder: %w", err)
	}
	return abs, nil
}

// Socket returns the path of the Unix socket, short enough to connect to. It is valid until Stop or Detach.
func (s *Server) Socket() string { return s.socket }

// PID returns the child's process id.
func (s *Server) PID() int { return s.pid }

// Reattached reports whether the child had outlived an earlier engine.
func (s *Server) Reattached() bool { return s.reattached }

// AppendFsync returns how acknowledged writes are kept, as the child said at start: "always", or "off" for a child that
// is not durable.
func (s *Server) AppendFsync() string { return s.appendFsync }

// Exited is closed when the child is gone, asked for or not. After Detach it says nothing.
func (s *Server) Exited() <-chan struct{} { return s.exited }
