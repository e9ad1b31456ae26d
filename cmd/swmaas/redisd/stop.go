package redisd

import (
	"context"
	"fmt"
)

// Stop asks the child to write everything down and end, waits for that and gives the folder free. A child that has not
// ended when ctx is done is killed, which loses nothing that it acknowledged if it is durable, and the error of ctx is
// returned. Stopping a child that is gone already, or a second time, or after Detach, does nothing.
func (s *Server) Stop(ctx context.Context) error {
	defer s.release()
	select {
	case <-s.released:
		return nil
	case <-s.exited:
		return nil
	default:
	}
	client := newClient(s.socket)
	defer func() { _ = client.Close() }()
	// The answer to SHUTDOWN is a closed connection; whether it worked is seen by the child's end.
	_ = client.ShutdownNoSave(ctx).Err()
	select {
	case <-s.exited:
		s.log.Info("redis-server stopped", "pid", s.pid)
		return nil
	case <-ctx.Done():
		_ = s.process.Kill() // it may end by itself at this moment
		<-s.exited
		return fmt.Errorf("redisd: stop child %d: killed: %w", s.pid, ctx.Err())
	}
}

// Detach leaves the child running for the next engine and gives the folder free. Calling it again does nothing.
func (s *Server) Detach() { s.release() }

// release gives up the engine's hold on the folder and ends the watcher; only the first call does anything.
func (s *Server) release() {
	s.once.Do(func() {
		close(s.released)
		s.watcher.Wait()
		s.removeSocket()
		_ = s.engineLock.Close()
	})
}
