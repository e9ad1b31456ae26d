package redisd

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/swmaas/swmaas/cmd/swmaas/redisd/aof"
)

const (
	readyPoll = 10 * time.Millisecond // between two tries to reach a starting child
	alivePoll = 50 * time.Millisecond // between two looks at whether a child still lives
	logTail   = 2048                  // bytes of the child's log quoted when it stops at start
)

// start takes a child over or starts one, with the engine's lock held.
func (s *Server) start(ctx context.Context, cfg Config, dir string) (err error) {
	s.socket, s.removeSocket, err = shortSocket(dir)
	if err != nil {
		s.removeSocket = func() {}
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, cfg.StartTimeout)
	defer cancel()
	client := newClient(s.socket)
	defer func() { _ = client.Close() }()

	for {
		s.reattached, err = s.childLives(ctx, cfg, dir, client)
		if err != nil {
			return err
		}
		if err = s.awaitReady(ctx, client); err == nil {
			s.pid, s.appendFsync, err = cfg.inspect(ctx, client, dir)
		}
		switch {
		case err == nil && s.reattached:
			child, err := os.FindProcess(s.pid)
			if err != nil {
				return fmt.Errorf("redisd: find child %d: %w", s.pid, err)
			}
			s.watch(dir, child)
			return nil
		case err == nil:
			return nil
		case !s.reattached || errors.Is(err, ErrMismatch) || ctx.Err() != nil:
			return s.startFailed(err, dir)
		}
		// The child found alive has ended since: look again.
	}
}

// newClient returns a client that fails at once instead of trying again: the callers here have their own loops.
func newClient(socket string) *redis.Client {
	return redis.NewClient(&redis.Options{Network: "unix", Addr: socket, MaxRetries: -1, DialerRetries: 1, PoolSize: 1})
}

// childLives reports whether a child of an earlier engine holds the folder. Where none does, it starts one.
func (s *Server) childLives(ctx context.Context, cfg Config, dir string, client *redis.Client) (bool, error) {
	for {
		lock, err := tryLock(filepath.Join(dir, childLockName))
		if err != nil {
			return false, err
		}
		if lock != nil {
			err = s.spawn(cfg, dir, lock)
			_ = lock.Close() // from here on only the child holds it
			return false, err
		}
		if err := s.ping(ctx, client); err == nil || loading(err) {
			return true, nil
		}
		// The holder is starting, stopping, or a dead child's helper that finishes rewriting the append-only file.
		select {
		case <-ctx.Done():
			return false, fmt.Errorf("redisd: folder %s is held by process %s: %w", dir, readPID(dir), ErrUnresponsive)
		case <-time.After(readyPoll):
		}
	}
}

// spawn starts a new child that inherits the lock, and watches it.
func (s *Server) spawn(cfg Config, dir string, lock *os.File) error {
	path, err := exec.LookPath("redis-server")
	if err != nil {
		return fmt.Errorf("redisd: %w", ErrNotInstalled)
	}
	if cfg.Durable {
		if err := s.mend(dir); err != nil {
			return err
		}
	}
	// A socket left by a killed child would refuse connections, which looks like a child that is starting.
	_ = os.Remove(filepath.Join(dir, socketName))
	cmd := exec.Command(path, cfg.settings(dir)...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "LC_ALL=C") // Redis 7.2 and later stop where the caller's locale is not installed
	cmd.ExtraFiles = []*os.File{lock}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("redisd: start %s: %w", path, err)
	}
	s.watch(dir, cmd.Process)
	return nil
}

// mend takes the unfinished end off the append-only file, with the child's lock held. Redis by itself would keep half of a commit.
func (s *Server) mend(dir string) error {
	dropped, err := aof.Mend(dir)
	if err != nil {
		return fmt.Errorf("redisd: mend the append-only file in %s: %w", dir, err)
	}
	if dropped > 0 {
		s.log.Warn("the append-only file ended within a commit that was never acknowledged; its end was dropped", "dir", dir, "bytes", dropped)
	}
	return nil
}

// watch starts the goroutine that closes exited once the child is gone, and that ends then or when the folder is given
// free. The child is gone when its lock is: that holds for a child of this process and of an earlier engine, and where
// nobody collects the exit status of an orphan. Nobody else tries the lock, because this engine holds the folder.
func (s *Server) watch(dir string, child *os.Process) {
	s.process = child
	s.watcher.Go(func() {
		ticker := time.NewTicker(alivePoll)
		defer ticker.Stop()
		for {
			if lock, err := tryLock(filepath.Join(dir, childLockName)); err == nil && lock != nil {
				_ = lock.Close()
				_, _ = syscall.Wait4(child.Pid, nil, 0, nil) // collects an own child, which is ending; fails on another's
				close(s.exited)
				return
			}
			select {
			case <-s.released:
				return
			case <-ticker.C:
			}
		}
	})
}

// startFailed ends a child that this engine started but cannot use, and says why it is of no use.
func (s *Server) startFailed(cause error, dir string) error {
	if errors.Is(cause, ErrExited) {
		return fmt.Errorf("redisd: in %s: %w: %s", dir, ErrExited, tail(filepath.Join(dir, logName)))
	}
	if s.process != nil {
		_ = s.process.Kill() // it may have ended by itself
		<-s.exited
	}
	if errors.Is(cause, context.DeadlineExceeded) {
		return fmt.Errorf("redisd: in %s: %w: %w", dir, ErrUnresponsive, cause)
	}
	return cause
}

// awaitReady waits until the child answers PING, which it does once its data is loaded. A child of an earlier engine
// has answered already, so that any refusal but "loading" means that it has ended.
func (s *Server) awaitReady(ctx context.Context, client *redis.Client) error {
	for {
		err := s.ping(ctx, client)
		if err == nil {
			return nil
		}
		if s.reattached && !loading(err) {
			return fmt.Errorf("redisd: ping: %w", err)
		}
		select {
		case <-s.exited:
			return ErrExited
		case <-ctx.Done():
			return fmt.Errorf("redisd: wait for the first answer: %w", ctx.Err())
		case <-time.After(readyPoll):
		}
	}
}

// ping asks the child whether it is ready. It knocks at the socket first, because the client writes a line to standard
// error for every connection that is refused, and while a child starts that is no news.
func (s *Server) ping(ctx context.Context, client *redis.Client) error {
	conn, err := net.Dial("unix", s.socket)
	if err != nil {
		return fmt.Errorf("redisd: knock: %w", err)
	}
	_ = conn.Close()
	return client.Ping(ctx).Err()
}

// loading reports whether a Redis refused because it is still reading its data.
func loading(err error) bool {
	var refused redis.Error
	return errors.As(err, &refused) && strings.HasPrefix(refused.Error(), "LOADING ")
}

// readPID returns the content of the pid file, for a message.
func readPID(dir string) string {
	text, err := os.ReadFile(filepath.Join(dir, pidName))
	if err != nil {
		return "unknown"
	}
	return strings.TrimSpace(string(text))
}

// tail returns the end of a log, for a message.
func tail(path string) string {
	text, err := os.ReadFile(path)
	if err != nil {
		return err.Error()
	}
	return strings.TrimSpace(string(text[max(0, len(text)-logTail):]))
}
