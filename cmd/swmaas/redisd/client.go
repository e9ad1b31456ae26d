package redisd

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"

	"github.com/redis/go-redis/v9"
)

// AppendFsync asks a Redis how an acknowledged write is kept: "always", "everysec" or "no" as its appendfsync setting
// says, and "off" where it has no append-only file at all.
func AppendFsync(ctx context.Context, client redis.Cmdable) (string, error) {
	appendOnly, err := setting(ctx, client, "appendonly")
	if err != nil {
		return "", err
	}
	if appendOnly != "yes" {
		return "off", nil
	}
	return setting(ctx, client, "appendfsync")
}

// setting reads one setting of a Redis.
func setting(ctx context.Context, client redis.Cmdable, name string) (string, error) {
	values, err := client.ConfigGet(ctx, name).Result()
	if err != nil {
		return "", fmt.Errorf("redisd: read setting %s: %w", name, err)
	}
	return values[name], nil
}

// inspect asks the child behind client for its process id and its append-only setting, and checks that it is the one
// that this engine wants: working in dir, durable or not as configured.
func (c Config) inspect(ctx context.Context, client redis.Cmdable, dir string) (pid int, appendFsync string, err error) {
	info, err := client.Info(ctx, "server").Result()
	if err != nil {
		return 0, "", fmt.Errorf("redisd: read process id: %w", err)
	}
	pid, err = processID(info)
	if err != nil {
		return 0, "", err
	}
	theirs, err := setting(ctx, client, "dir")
	if err != nil {
		return 0, "", err
	}
	if !sameFolder(theirs, dir) {
		return 0, "", fmt.Errorf("redisd: child %d works in %s, not in %s: %w", pid, theirs, dir, ErrMismatch)
	}
	appendFsync, err = AppendFsync(ctx, client)
	if err != nil {
		return 0, "", err
	}
	want := "off"
	if c.Durable {
		want = "always"
	}
	if appendFsync != want {
		return 0, "", fmt.Errorf("redisd: child %d in %s has appendfsync %s, not %s: %w", pid, dir, appendFsync, want, ErrMismatch)
	}
	return pid, appendFsync, nil
}

// processID finds process_id in the text of INFO server.
func processID(info string) (int, error) {
	for line := range strings.Lines(info) {
		value, found := strings.CutPrefix(strings.TrimSpace(line), "process_id:")
		if !found {
			continue
		}
		pid, err := strconv.Atoi(value)
		if err != nil {
			return 0, fmt.Errorf("redisd: process id %q: %w", value, err)
		}
		return pid, nil
	}
	return 0, fmt.Errorf("redisd: INFO names no process id: %w", ErrUnresponsive)
}

// sameFolder reports whether two paths name one folder.
func sameFolder(a, b string) bool {
	infoA, errA := os.Stat(a)
	infoB, errB := os.Stat(b)
	return errA == nil && errB == nil && os.SameFile(infoA, infoB)
}
