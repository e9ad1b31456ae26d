package redisd

import (
	"context"
	"fmt"
	"path/filepath"
)

// Visit returns the socket of the child that another engine runs in the folder, for a look while that engine works. The
// visitor owns nothing: leave gives the path free and stops nobody, and when the engine ends the child is gone.
//
// Errors: ErrUnresponsive where no child answers, ErrSocketPath, and those of the file system.
func Visit(ctx context.Context, dir string) (socket string, leave func(), err error) {
	dir, err = filepath.Abs(dir)
	if err != nil {
		return "", nil, fmt.Errorf("redisd: folder %s: %w", dir, err)
	}
	socket, leave, err = shortSocket(dir)
	if err != nil {
		return "", nil, err
	}
	client := newClient(socket)
	defer func() { _ = client.Close() }()
	if err := (&Server{socket: socket}).ping(ctx, client); err != nil {
		leave()
		return "", nil, fmt.Errorf("redisd: in %s: %w: %w", dir, ErrUnresponsive, err)
	}
	return socket, leave, nil
}
