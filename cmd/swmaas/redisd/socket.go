package redisd

import (
	"fmt"
	"os"
	"path/filepath"
)

// maxSocketPath is the longest path, in bytes, that fits sockaddr_un.sun_path with its final NUL on every system Go
// runs Redis on (Linux 108, the BSDs 104).
const maxSocketPath = 103

// shortSocket returns a path of dir's socket that a client can connect to, and what removes it again. Where the path
// itself is too long it goes through a symbolic link to dir in a fresh folder that only this user may enter: a
// predictable name in a shared folder could be taken by somebody else first.
func shortSocket(dir string) (path string, remove func(), err error) {
	path = filepath.Join(dir, socketName)
	if len(path) <= maxSocketPath {
		return path, func() {}, nil
	}
	for _, parent := range []string{os.TempDir(), "/tmp"} {
		folder, err := os.MkdirTemp(parent, "swmaas-")
		if err != nil {
			continue
		}
		remove = func() { _ = os.RemoveAll(folder) } // removes the link, not what it points to
		link := filepath.Join(folder, "d")
		path = filepath.Join(link, socketName)
		if len(path) > maxSocketPath {
			remove()
			continue
		}
		if err := os.Symlink(dir, link); err != nil {
			remove()
			return "", nil, fmt.Errorf("redisd: link to %s: %w", dir, err)
		}
		return path, remove, nil
	}
	return "", nil, fmt.Errorf("redisd: %s: %w", filepath.Join(dir, socketName), ErrSocketPath)
}
