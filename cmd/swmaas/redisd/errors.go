package redisd

import "errors"

var (
	// ErrNotInstalled says that there is no redis-server on this machine; its text names the command that installs it.
	ErrNotInstalled = errors.New("redis-server is not installed: sudo apt-get install -y redis-server")
	// ErrInUse says that another running engine uses the folder.
	ErrInUse = errors.New("in use by another running engine")
	// ErrUnresponsive says that a child is there but did not answer in time.
	ErrUnresponsive = errors.New("redis-server does not answer")
	// ErrExited says that a new child stopped before it answered; the end of its log is in the text.
	ErrExited = errors.New("redis-server stopped at start")
	// ErrMismatch says that a child that outlived its engine does not have the settings that this engine asks for.
	ErrMismatch = errors.New("redis-server is running with other settings")
	// ErrSocketPath says that no path of the socket is short enough for the system.
	ErrSocketPath = errors.New("socket path is too long")
)
