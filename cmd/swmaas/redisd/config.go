package redisd

import (
	"errors"
	"log/slog"
	"time"
)

// Config says which child to run.
type Config struct {
	// Dir is the folder of the child's data, socket, locks and log. It is made (mode 0700) where it is missing. Required.
	// A durable and a lossy child need a folder each.
	Dir string
	// Durable asks for an append-only file that is synced before every answer. False: nothing is kept.
	Durable bool
	// StartTimeout bounds the wait for a child's first answer, loading of its data included. Default (zero): 60 s.
	StartTimeout time.Duration
	// Log receives starts, reattachments and stops. Default (nil): nothing is logged.
	Log *slog.Logger
}

// withDefaults returns a copy with every unset field filled in.
func (c Config) withDefaults() Config {
	if c.StartTimeout == 0 {
		c.StartTimeout = time.Minute
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	return c
}

// Validate reports everything that is wrong with the configuration and changes nothing.
func (c Config) Validate() error {
	var problems []error
	if c.Dir == "" {
		problems = append(problems, errors.New("redisd: Dir is empty"))
	}
	if c.StartTimeout < 0 {
		problems = append(problems, errors.New("redisd: StartTimeout is negative"))
	}
	return errors.Join(problems...)
}

// settings returns redis-server's arguments for a child in dir (absolute). The socket is named relative to the working
// directory, which both Redis and the engine's start of it set to dir, so that the path's length does not matter.
func (c Config) settings(dir string) []string {
	args := []string{
		"--dir", dir,
		"--port", "0",
		"--unixsocket", socketName,
		"--unixsocketperm", "700",
		"--pidfile", pidName,
		"--logfile", logName,
		"--daemonize", "no",
		"--supervised", "no",
		"--save", "",
		"--maxmemory-policy", "noeviction",
	}
	if !c.Durable {
		return append(args, "--appendonly", "no")
	}
	return append(args,
		"--appendonly", "yes",
		"--appendfsync", "always",
		"--no-appendfsync-on-rewrite", "no",
		"--aof-load-truncated", "yes",
	)
}
