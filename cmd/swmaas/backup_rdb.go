package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
)

// snapshotTime bounds how long a Redis may be silent while it makes a snapshot; it waits five seconds before it begins.
const snapshotTime = 2 * time.Minute

// snapshot writes one server's data, as of one moment, as Redis's own file (RDB). It speaks as a replica does that begins
// (SYNC): the server forks, so callers are not held up.
func snapshot(ctx context.Context, opt *redis.Options, to io.Writer) error {
	dial := &net.Dialer{Timeout: 5 * time.Second}
	network := opt.Network
	if network == "" {
		network = "tcp"
	}
	conn, err := dial.DialContext(ctx, network, opt.Addr)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	defer context.AfterFunc(ctx, func() { _ = conn.Close() })()
	if opt.TLSConfig != nil {
		return errors.New("a snapshot over TLS is not supported; name an address without it")
	}
	in := bufio.NewReaderSize(conn, 64<<10)
	if opt.Password != "" {
		words := []string{"AUTH", opt.Password}
		if opt.Username != "" {
			words = []string{"AUTH", opt.Username, opt.Password}
		}
		if err := command(conn, words...); err != nil {
			return err
		}
		if line, err := in.ReadString('\n'); err != nil || !strings.HasPrefix(line, "+OK") {
			return errors.New("the password is refused by Redis")
		}
	}
	if err := command(conn, "SYNC"); err != nil {
		return err
	}
	return receiveRDB(conn, in, to)
}

func command(conn net.Conn, words ...string) error {
	var out bytes.Buffer
	fmt.Fprintf(&out, "*%d\r\n", len(words))
	for _, w := range words {
		fmt.Fprintf(&out, "$%d\r\n%s\r\n", len(w), w)
	}
	_, err := conn.Write(out.Bytes())
	return err
}

// receiveRDB reads what a replica is sent: line breaks until the snapshot is ready, then its length and the snapshot, or a mark
// that ends it where the length is not known in advance.
func receiveRDB(conn net.Conn, in *bufio.Reader, to io.Writer) error {
	line := "\n"
	for line == "\n" {
		if err := conn.SetReadDeadline(time.Now().Add(snapshotTime)); err != nil {
			return err
		}
		var err error
		if line, err = in.ReadString('\n'); err != nil {
			return fmt.Errorf("snapshot: %w", err)
		}
	}
	head := strings.TrimSpace(line)
	if mark, ok := strings.CutPrefix(head, "$EOF:"); ok {
		return copyUntil(conn, in, to, []byte(mark))
	}
	length, err := strconv.ParseInt(strings.TrimPrefix(head, "$"), 10, 64)
	if err != nil || !strings.HasPrefix(head, "$") {
		return fmt.Errorf("snapshot: Redis answers %q", head)
	}
	_, err = io.CopyN(to, patient{conn, in}, length)
	return err
}

// patient reads with a deadline that each read renews.
type patient struct {
	conn net.Conn
	in   *bufio.Reader
}

func (p patient) Read(b []byte) (int, error) {
	if err := p.conn.SetReadDeadline(time.Now().Add(snapshotTime)); err != nil {
		return 0, err
	}
	return p.in.Read(b)
}

// copyUntil copies up to a mark, which is not copied.
func copyUntil(conn net.Conn, in *bufio.Reader, to io.Writer, mark []byte) error {
	var held []byte // the last bytes, which may be the mark
	buffer := make([]byte, 32<<10)
	for {
		n, err := patient{conn, in}.Read(buffer)
		held = append(held, buffer[:n]...)
		if bytes.HasSuffix(held, mark) {
			_, err := to.Write(held[:len(held)-len(mark)])
			return err
		}
		if err != nil {
			return fmt.Errorf("snapshot: %w", err)
		}
		if spare := len(held) - len(mark); spare > 0 {
			if _, err := to.Write(held[:spare]); err != nil {
				return err
			}
			held = append(held[:0], held[spare:]...)
		}
	}
}

// openRDB starts a redis-server of its own on a snapshot, in a folder that is its alone, for as long as the command reads it.
func openRDB(ctx context.Context, rdb io.Reader) (client *redis.Client, stop func() error, err error) {
	program, err := exec.LookPath("redis-server")
	if err != nil {
		return nil, nil, errors.New("redis-server is needed to read a backup: sudo apt-get install -y redis-server")
	}
	dir, err := os.MkdirTemp("", "swmaas-restore-") // mode 700
	if err != nil {
		return nil, nil, err
	}
	cleanup := func() error { return os.RemoveAll(dir) }
	file, err := os.OpenFile(filepath.Join(dir, "dump.rdb"), os.O_CREATE|os.O_WRONLY|os.O_EXCL, 0o600)
	if err == nil {
		_, err = io.Copy(file, rdb)
		err = errors.Join(err, file.Close())
	}
	if err != nil {
		return nil, nil, errors.Join(err, cleanup())
	}
	var log bytes.Buffer
	server := exec.Command(program, "--dir", dir, "--port", "0", "--unixsocket", filepath.Join(dir, "s"), "--unixsocketperm", "700", "--save", "", "--appendonly", "no")
	server.Stdout, server.Stderr = &log, &log
	if err := server.Start(); err != nil {
		return nil, nil, errors.Join(err, cleanup())
	}
	exited := make(chan error, 1)
	go func() { exited <- server.Wait() }()
	client = redis.NewClient(&redis.Options{Network: "unix", Addr: filepath.Join(dir, "s"), MaxRetries: -1})
	stop = func() error {
		_ = client.Close()
		_ = server.Process.Kill() // it keeps nothing that is needed
		<-exited
		return cleanup()
	}
	for {
		if err := client.Ping(ctx).Err(); err == nil {
			return client, stop, nil
		}
		select {
		case err := <-exited:
			exited <- err
			return nil, nil, errors.Join(errors.New("the snapshot in the backup cannot be read: it is damaged"), stop())
		case <-ctx.Done():
			return nil, nil, errors.Join(ctx.Err(), stop())
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// copyKeys copies every key of one Redis to another, with what is left of its life, and returns how many.
func copyKeys(ctx context.Context, from *redis.Client, to redis.UniversalClient) (n int, err error) {
	it := from.Scan(ctx, 0, "*", 1000).Iterator()
	for it.Next(ctx) {
		key := it.Val()
		value, err := from.Dump(ctx, key).Result()
		if errors.Is(err, redis.Nil) {
			continue // its life ended meanwhile
		}
		if err != nil {
			return n, err
		}
		left, err := from.PTTL(ctx, key).Result()
		if err != nil {
			return n, err
		}
		if err := to.Restore(ctx, key, max(left, 0), value).Err(); err != nil {
			if redis.HasErrorPrefix(err, "BUSYKEY") { // SCAN may name a key twice
				continue
			}
			return n, fmt.Errorf("key %d: %w", n+1, err)
		}
		n++
	}
	return n, it.Err()
}
