package planstore_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/dispatch/planstore"
	"github.com/swmaas/swmaas/testdata/redistest"
)

// torn is a store whose append-only file a test cuts, with what the day was after each commit.
type torn struct {
	server  *redistest.Server
	store   *planstore.Store
	history []*dispatch.State // [k] is the state after k commits
	file    string            // the part of the append-only file that grows
	whole   []byte            // its content after the last commit
}

// commitAndKill makes a number of commits on a new server, kills it and reads its append-only file.
func commitAndKill(t *testing.T, commits int) *torn {
	t.Helper()
	server := redistest.New(t)
	x := &torn{server: server, store: newStore(t, onSocket(t, server.Socket)), history: []*dispatch.State{dispatch.NewState(area, day)}}
	for k := range commits {
		c := nextCommit(x.history[k])
		x.history = append(x.history, x.history[k].With(c, mustCommit(t, x.store, c)))
	}
	server.Kill()
	files, err := filepath.Glob(filepath.Join(server.Dir, "appendonlydir", "*.incr.aof"))
	if err != nil || len(files) != 1 {
		t.Fatalf("append-only files %v, %v, want one", files, err)
	}
	x.file = files[0]
	if x.whole, err = os.ReadFile(x.file); err != nil {
		t.Fatal(err)
	}
	return x
}

// nextCommit books one more ride; every third one also cancels the ride before.
func nextCommit(state *dispatch.State) *dispatch.Commit {
	k := int(state.Revision)
	c := booking(booked(k), route("S-1", int64(k)+1, booked(k)))
	if k%3 == 2 {
		before := state.Rides[booked(k-1).ID]
		c.Rides = append(c.Rides, dispatch.RideChange{Before: before, After: changed(before, dispatch.Cancelled)})
		c.Events = append(c.Events, dispatch.Event{Kind: dispatch.RideCancelled, Ride: before.ID, Before: "booked", After: "cancelled"})
	}
	c.Key, c.Reply = dispatch.IdempotencyKey{Key: fmt.Sprint(k)}, []byte("ok")
	return c
}

// restart cuts the file at a byte, starts the server, commits something else than what was cut off, kills the server and starts it
// again. The state is one of the history at the first start and that plus the new commit at the second: what was appended behind the
// cut revived nothing.
func (x *torn) restart(t *testing.T, cut int) (revision int64) {
	t.Helper()
	if err := os.WriteFile(x.file, x.whole[:cut], 0o600); err != nil {
		t.Fatal(err)
	}
	x.server.Restart()
	state := mustLoad(t, x.store)
	x.check(t, cut, state, x.history[state.Revision])
	// The next request after the cut is new, the last before it was answered.
	for k, want := range map[int64]bool{state.Revision - 1: true, state.Revision: false} {
		_, found, err := x.store.Replay(t.Context(), area, dispatch.IdempotencyKey{Key: fmt.Sprint(k)})
		if k >= 0 && (err != nil || found != want) {
			t.Fatalf("cut at %d, revision %d: reply of commit %d found %v, %v", cut, state.Revision, k+1, found, err)
		}
	}
	c := booking(booked(1000), route("S-2", 1, booked(1000)))
	want := state.With(c, mustCommit(t, x.store, c))
	x.server.Restart() // kills it first
	x.check(t, cut, mustLoad(t, x.store), want)
	x.server.Kill()
	return state.Revision
}

// check fails the test where the day is not as wanted or Check finds fault with it.
func (x *torn) check(t *testing.T, cut int, state, want *dispatch.State) {
	t.Helper()
	if faults, err := x.store.Check(t.Context(), area, day); err != nil || len(faults) != 0 {
		t.Fatalf("cut at %d of %d: %v, %v", cut, len(x.whole), faults, err)
	}
	if !reflect.DeepEqual(state, want) {
		t.Fatalf("cut at %d of %d: revision %d is not what it was", cut, len(x.whole), state.Revision)
	}
}

// TestLogCutAnywhereIsAPrefixOfWholeCommits cuts the append-only file at random bytes, as a power cut may, and compares what
// Redis starts with against the state after each commit.
func TestLogCutAnywhereIsAPrefixOfWholeCommits(t *testing.T) {
	const commits, cuts = 40, 25
	x := commitAndKill(t, commits)
	random := rand.New(rand.NewPCG(5, 6))
	for range cuts {
		x.restart(t, random.IntN(len(x.whole)+1))
	}
}

// TestCommitCutInItsSecondCommandStaysUndone cuts within the second command of the last commit's transaction. Redis by itself
// drops that command, keeps MULTI and the first one, and runs both with the next commit that is appended behind them.
func TestCommitCutInItsSecondCommandStaysUndone(t *testing.T) {
	const commits = 5
	multi, command := []byte("*1\r\n$5\r\nMULTI\r\n"), []byte("\r\n*")
	x := commitAndKill(t, commits)
	last := bytes.LastIndex(x.whole, multi)
	if last < 0 {
		t.Fatal("the append-only file holds no transaction")
	}
	first := last + len(multi)
	second := first + bytes.Index(x.whole[first:], command) + len("\r\n")
	third := second + bytes.Index(x.whole[second:], command) + len("\r\n")
	if second >= third {
		t.Fatalf("the last transaction has not three commands: %q", x.whole[last:])
	}
	for name, cut := range map[string]int{
		"before the first command":      first,
		"before the second command":     second,
		"at the second command's star":  second + 1,
		"in the middle of the second":   (second + third) / 2,
		"before the end of the second":  third - 1,
		"before the end of the commit":  len(x.whole) - 1,
		"before the commit's last line": len(x.whole) - len("EXEC\r\n"),
	} {
		t.Run(name, func(t *testing.T) {
			if revision := x.restart(t, cut); revision != commits-1 {
				t.Errorf("cut at %d: revision %d, want %d", cut, revision, commits-1)
			}
		})
	}
}
