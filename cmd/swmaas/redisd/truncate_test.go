package redisd

import (
	"bytes"
	"fmt"
	"log/slog"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"
)

const (
	commits = 60 // written before the file is cut
	cuts    = 25 // places where it is cut
)

// commitScript writes three keys of one commit, as a script.
var commitScript = redis.NewScript(`
for i = 1, 3 do redis.call('SET', 'commit:' .. ARGV[1] .. ':' .. i, ARGV[2]) end
redis.call('INCR', 'revision')
return 1`)

// appendFile returns the part of dir's append-only file that grows.
func appendFile(t *testing.T, dir string) string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(dir, "appendonlydir", "*.incr.aof"))
	if err != nil || len(found) != 1 {
		t.Fatalf("growing append-only file: %v, %v", found, err)
	}
	return found[0]
}

// commit writes commit n, by a script or by a transaction in turn.
func commit(t *testing.T, client *redis.Client, n int) {
	t.Helper()
	value := fmt.Sprintf("value of %d", n)
	var err error
	if n%2 == 0 {
		err = commitScript.Run(t.Context(), client, nil, n, value).Err()
	} else {
		_, err = client.TxPipelined(t.Context(), func(tx redis.Pipeliner) error {
			for i := 1; i <= 3; i++ {
				tx.Set(t.Context(), fmt.Sprintf("commit:%d:%d", n, i), value, 0)
			}
			tx.Incr(t.Context(), "revision")
			return nil
		})
	}
	if err != nil {
		t.Fatal(err)
	}
}

func TestFileCutAnywhereRestartsToAPrefixOfWholeCommits(t *testing.T) {
	dir := t.TempDir()
	server := start(t, dir, true)
	client := connect(t, server)
	sizes := []int64{0} // sizes[n]: length of the file once n commits were acknowledged
	for n := 1; n <= commits; n++ {
		commit(t, client, n)
		info, err := os.Stat(appendFile(t, dir))
		if err != nil {
			t.Fatal(err)
		}
		sizes = append(sizes, info.Size())
	}
	if err := server.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	file := appendFile(t, dir)
	whole, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(1, 2))
	for range cuts {
		at := random.Int64N(int64(len(whole)) + 1)
		if err := os.WriteFile(file, whole[:at], 0o600); err != nil {
			t.Fatal(err)
		}
		kept := checkPrefix(t, dir, at)
		if sizes[kept] > at || kept < commits && sizes[kept+1] <= at {
			t.Errorf("cut at byte %d: %d commits left; commit %d ends at %d", at, kept, kept, sizes[kept])
		}
	}
}

// TestCommitCutInItsSecondCommandStaysUndone cuts within the last transaction, writes behind it, kills the child and starts another: by
// a commit behind the cut nothing is revived, and a single command behind it is not lost.
func TestCommitCutInItsSecondCommandStaysUndone(t *testing.T) {
	const commits = 4
	dir := t.TempDir()
	server := start(t, dir, true)
	for n := 1; n <= commits; n++ {
		commit(t, connect(t, server), n)
	}
	if err := server.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	file := appendFile(t, dir)
	whole, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	second := bytes.LastIndex(whole, []byte("commit:4:2"))
	if second < bytes.LastIndex(whole, []byte("MULTI")) {
		t.Fatalf("the last transaction is not as expected: %q", whole)
	}
	for name, write := range map[string]func(*redis.Client){
		"commit behind the cut": func(client *redis.Client) {
			if err := commitScript.Run(t.Context(), client, nil, commits, "another value").Err(); err != nil {
				t.Fatal(err)
			}
		},
		"single command behind the cut": func(client *redis.Client) {
			if err := client.Set(t.Context(), "single", "another value", 0).Err(); err != nil {
				t.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			if err := os.WriteFile(file, whole[:second], 0o600); err != nil {
				t.Fatal(err)
			}
			server := start(t, dir, true)
			write(connect(t, server))
			want := everything(t, server)
			if want["revision"] == "" || len(want) < 3*(commits-1)+2 {
				t.Fatalf("before the kill: %v", want)
			}
			kill(t, server)
			if err := server.Stop(t.Context()); err != nil {
				t.Fatal(err)
			}
			if got := everything(t, start(t, dir, true)); !maps.Equal(got, want) {
				t.Errorf("after the kill\n%v, want\n%v", got, want)
			}
		})
	}
}

// everything returns every key of a child that holds only strings.
func everything(t *testing.T, server *Server) map[string]string {
	t.Helper()
	client := connect(t, server)
	keys, err := client.Keys(t.Context(), "*").Result()
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	for _, key := range keys {
		if all[key], err = client.Get(t.Context(), key).Result(); err != nil {
			t.Fatal(err)
		}
	}
	return all
}

// checkPrefix starts a child on a file cut at the given byte, checks that what it holds is exactly the first commits,
// each of them whole, also after one more, a kill and another start, and returns how many.
func checkPrefix(t *testing.T, dir string, at int64) (kept int) {
	t.Helper()
	server, err := Start(t.Context(), Config{Dir: dir, Durable: true})
	if err != nil {
		t.Fatalf("cut at byte %d: %v", at, err)
	}
	client := connect(t, server)
	kept, err = client.Get(t.Context(), "revision").Int()
	if err != nil && err != redis.Nil {
		t.Fatal(err)
	}
	want := 3 * kept
	if kept > 0 {
		want++ // the revision itself
	}
	if n, err := client.DBSize(t.Context()).Result(); err != nil || int(n) != want {
		t.Errorf("cut at byte %d: %d keys, %v; want %d for %d commits", at, n, err, want, kept)
	}
	for n := 1; n <= kept; n++ {
		for i := 1; i <= 3; i++ {
			key, want := fmt.Sprintf("commit:%d:%d", n, i), fmt.Sprintf("value of %d", n)
			if got := client.Get(t.Context(), key).Val(); got != want {
				t.Errorf("cut at byte %d: %s = %q, want %q", at, key, got, want)
			}
		}
	}
	// What is written next is all that the start after finds besides.
	if err := commitScript.Run(t.Context(), client, nil, "more", "more").Err(); err != nil {
		t.Fatal(err)
	}
	wanted := everything(t, server)
	kill(t, server)
	if err := server.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	again := start(t, dir, true)
	if got := everything(t, again); !maps.Equal(got, wanted) {
		t.Errorf("cut at byte %d: after another commit and a kill\n%v, want\n%v", at, got, wanted)
	}
	if err := again.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	return kept
}

func TestDroppedEndIsLoggedWithItsSize(t *testing.T) {
	dir := t.TempDir()
	server := start(t, dir, true)
	commit(t, connect(t, server), 1)
	if err := server.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	torn := []byte("*1\r\n$5\r\nMULTI\r\n")
	file, err := os.OpenFile(appendFile(t, dir), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := file.Write(torn); err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	for _, want := range []int{1, 0} { // the second start finds a whole file
		var log bytes.Buffer
		server, err := Start(t.Context(), Config{Dir: dir, Durable: true, Log: slog.New(slog.NewTextHandler(&log, nil))})
		if err != nil {
			t.Fatal(err)
		}
		if err := server.Stop(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := strings.Count(log.String(), fmt.Sprintf(" bytes=%d\n", len(torn))); got != want {
			t.Errorf("%d lines with the size, want %d:\n%s", got, want, log.String())
		}
	}
}
