package planstore_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/dispatch/planstore"
	"github.com/swmaas/swmaas/testdata/redistest"
)

// looked records that an account looked at riders.
func looked(t testing.TB, l *planstore.AccessLog, a dispatch.AreaID, subject string, riders ...dispatch.RiderID) {
	t.Helper()
	err := l.Record(t.Context(), a, dispatch.Access{Subject: subject, Role: "operator", Method: "Booking/GetRide", Fields: []string{"party", "pickup"}, Riders: riders})
	if err != nil {
		t.Fatal(err)
	}
}

// subjects names who looked, in the order of the list.
func subjects(list []dispatch.Access) (names []string) {
	for _, a := range list {
		names = append(names, a.Subject)
	}
	return names
}

func testLooksAtAPersonAreFoundNewestFirst(t *testing.T, client redis.UniversalClient) {
	l := planstore.NewAccessLog(client)
	before := time.Now().Add(-2 * time.Second)
	looked(t, l, area, "a", "P-1")
	looked(t, l, area, "b", "P-2", "P-1")
	looked(t, l, area, "c", "P-2")
	looked(t, l, area, "d", dispatch.Everybody)
	looked(t, l, "uozu", "e", "P-1")
	looked(t, l, area, "f", "P-10")
	q := dispatch.AccessQuery{Rider: "P-1", Limit: 2, Scan: 100}
	first, next, err := l.Accesses(t.Context(), area, q)
	if got := subjects(first); err != nil || !slices.Equal(got, []string{"d", "b"}) || next == "" {
		t.Fatalf("first page %v, %q, %v", got, next, err)
	}
	q.Before = next
	second, next, err := l.Accesses(t.Context(), area, q)
	if got := subjects(second); err != nil || !slices.Equal(got, []string{"a"}) || next != "" {
		t.Fatalf("second page %v, %q, %v", got, next, err)
	}
	got := first[1]
	if got.At.Before(before) || got.At.After(time.Now().Add(2*time.Second)) {
		t.Errorf("looked at %v, which is not now", got.At)
	}
	got.ID, got.At = "", time.Time{}
	want := dispatch.Access{Subject: "b", Role: "operator", Method: "Booking/GetRide", Fields: []string{"party", "pickup"}, Riders: []dispatch.RiderID{"P-2", "P-1"}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	// Reading two entries at a time finds the same, in more steps.
	var names []string
	steps := 0
	for q := (dispatch.AccessQuery{Rider: "P-1", Limit: 5, Scan: 2}); ; steps++ {
		list, next, err := l.Accesses(t.Context(), area, q)
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, subjects(list)...)
		if q.Before = next; next == "" {
			break
		}
	}
	if !slices.Equal(names, []string{"d", "b", "a"}) || steps < 2 {
		t.Errorf("in small steps %v after %d", names, steps)
	}
}

func testEveryLookRecordedAtOnceIsWrittenOnce(t *testing.T, client redis.UniversalClient) {
	l := planstore.NewAccessLog(client)
	const callers, each = 60, 10
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	var wg sync.WaitGroup
	for c := range callers {
		wg.Go(func() {
			for i := range each {
				looked(t, l, area, fmt.Sprintf("s-%d-%d", c, i), "P-1")
			}
		})
		wg.Go(func() { // callers who hang up hold nobody up
			for range each {
				_ = l.Record(gone, area, dispatch.Access{Subject: "gone", Method: "m", Riders: []dispatch.RiderID{"P-2"}})
			}
		})
	}
	wg.Wait()
	list, _, err := l.Accesses(t.Context(), area, dispatch.AccessQuery{Rider: "P-1", Limit: 10000, Scan: 100000})
	if err != nil {
		t.Fatal(err)
	}
	names := subjects(list)
	slices.Sort(names)
	if n := len(slices.Compact(slices.Clone(names))); len(names) != callers*each || n != callers*each {
		t.Errorf("%d looks, %d of them distinct, want %d", len(names), n, callers*each)
	}
}

// testLooksAtOnceShareEntries records many looks at once and reads them page by page: none twice, none left out, those of one
// caller in the order in which they were recorded, and in fewer entries than looks.
func testLooksAtOnceShareEntries(t *testing.T, client redis.UniversalClient) {
	l := planstore.NewAccessLog(client)
	const callers, each = 40, 20
	var wg sync.WaitGroup
	for c := range callers {
		wg.Go(func() {
			for i := range each {
				looked(t, l, area, fmt.Sprintf("s-%d %d", c, i), "P-1", dispatch.RiderID(fmt.Sprint("P-1", c)))
				looked(t, l, "uozu", "elsewhere", "P-1")
			}
		})
	}
	wg.Wait()
	entries, err := client.XLen(t.Context(), "dsp:{kurobe}:access").Result()
	if err != nil || entries >= callers*each || entries < callers*each/64 {
		t.Errorf("%d looks in %d entries, %v", callers*each, entries, err)
	}
	seen, last := map[dispatch.AccessID]bool{}, map[string]int{}
	for q := (dispatch.AccessQuery{Rider: "P-1", Limit: 7, Scan: 1000}); ; {
		list, next, err := l.Accesses(t.Context(), area, q)
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range list {
			var n int
			if _, err := fmt.Sscanf(a.Subject, "s-%s %d", new(string), &n); err != nil || seen[a.ID] || len(a.Riders) != 2 {
				t.Fatalf("%v, seen before: %v, %v", a, seen[a.ID], err)
			}
			caller, _, _ := strings.Cut(a.Subject, " ")
			if before, known := last[caller]; known && before != n+1 {
				t.Fatalf("%s: look %d is followed by %d", caller, n, before)
			}
			seen[a.ID], last[caller] = true, n
		}
		if q.Before = next; next == "" {
			break
		}
	}
	if len(seen) != callers*each {
		t.Errorf("%d looks were found, want %d", len(seen), callers*each)
	}
}

// TestNoLookIsAnsweredThatACrashLoses kills Redis among many callers: what any of them was told to be stored is there afterwards.
func TestNoLookIsAnsweredThatACrashLoses(t *testing.T) {
	server := redistest.New(t)
	// An answer may be long in coming on a busy machine: only the kill is to end a caller.
	client := redis.NewClient(&redis.Options{Network: "unix", Addr: server.Socket, MaxRetries: -1, DialerRetries: 1, ReadTimeout: 30 * time.Second})
	defer func() { _ = client.Close() }()
	l := planstore.NewAccessLog(client)
	stored := make([][]string, 32)
	warm := make(chan struct{}, len(stored))
	var wg sync.WaitGroup
	for c := range stored {
		wg.Go(func() {
			for i := 0; ; i++ {
				subject := fmt.Sprintf("s-%d-%d", c, i)
				if err := l.Record(t.Context(), area, dispatch.Access{Subject: subject, Method: "m", Riders: []dispatch.RiderID{"P-1"}}); err != nil {
					if i <= 20 { // the kill waits for every caller
						t.Errorf("caller %d, look %d, before the kill: %v", c, i, err)
						warm <- struct{}{}
					}
					return
				}
				if stored[c] = append(stored[c], subject); i == 20 {
					warm <- struct{}{}
				}
			}
		})
	}
	for range stored {
		<-warm
	}
	server.Kill()
	wg.Wait()
	server.Restart()
	list, _, err := l.Accesses(t.Context(), area, dispatch.AccessQuery{Rider: "P-1", Limit: 1e6, Scan: 1e6})
	if err != nil {
		t.Fatal(err)
	}
	kept := map[string]bool{}
	for _, name := range subjects(list) {
		kept[name] = true
	}
	for c, names := range stored {
		for _, name := range names {
			if !kept[name] {
				t.Errorf("caller %d was answered and %s is lost", c, name)
			}
		}
	}
}

// TestLooksOfBothLayoutsAreRead puts an entry of the first release before one of today and reads them in steps of one look.
func TestLooksOfBothLayoutsAreRead(t *testing.T) {
	client := startMini(t)
	l := planstore.NewAccessLog(client)
	add := func(id string, values ...any) {
		if err := client.XAdd(t.Context(), &redis.XAddArgs{Stream: "dsp:{kurobe}:access", ID: id, Values: values}).Err(); err != nil {
			t.Fatal(err)
		}
	}
	add("1000-0", "v", 1, "who", "old", "role", "rider", "token", "t", "req", "r", "method", "m", "fields", "party place", "riders", "P-1 P-2")
	// who, role, token, call, method, then fields and riders with their numbers as zigzag.
	add("2000-0", "v", 2, "looks", "\x01a\x00\x00\x00\x01m\x00\x02\x03P-1"+"\x01b\x04role\x01t\x01r\x01m\x02\x05party\x04\x03P-1\x03P-2")
	var got []dispatch.Access
	for q := (dispatch.AccessQuery{Rider: "P-1", Limit: 1, Scan: 1}); ; {
		list, next, err := l.Accesses(t.Context(), area, q)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, list...)
		if q.Before = next; next == "" {
			break
		}
	}
	both := []dispatch.RiderID{"P-1", "P-2"}
	want := []dispatch.Access{
		{ID: "2000-0.1", At: time.UnixMilli(2000).UTC(), Subject: "b", Role: "role", Token: "t", Request: "r", Method: "m", Fields: []string{"party"}, Riders: both},
		{ID: "2000-0", At: time.UnixMilli(2000).UTC(), Subject: "a", Method: "m", Riders: both[:1]},
		{ID: "1000-0", At: time.UnixMilli(1000).UTC(), Subject: "old", Role: "rider", Token: "t", Request: "r", Method: "m", Fields: []string{"party", "place"}, Riders: both},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	// Going on below a look whose entry retention has dropped meanwhile goes on at what is older.
	list, next, err := l.Accesses(t.Context(), area, dispatch.AccessQuery{Rider: "P-1", Limit: 9, Scan: 9, Before: "1500-0.1"})
	if err != nil || next != "" || !reflect.DeepEqual(list, want[2:]) {
		t.Errorf("below an entry that is gone: %+v, %q, %v", list, next, err)
	}
	for name, values := range map[string][]any{
		"no layout": {"looks", "x"}, "cut off": {"v", 2, "looks", "\x05ab"}, "more riders than bytes": {"v", 2, "looks", "\x00\x00\x00\x00\x00\x00\x7f"},
	} {
		add("*", values...)
		var damaged *planstore.DamagedError
		if _, _, err := l.Accesses(t.Context(), area, dispatch.AccessQuery{Rider: "P-1", Limit: 1, Scan: 1}); !errors.As(err, &damaged) {
			t.Errorf("%s: %v, want a DamagedError", name, err)
		}
	}
	add("*", "v", 3)
	var version *planstore.VersionError
	if _, _, err := l.Accesses(t.Context(), area, dispatch.AccessQuery{Rider: "P-1", Limit: 1, Scan: 1}); !errors.As(err, &version) {
		t.Errorf("a later layout: %v, want a VersionError", err)
	}
}

func testLooksPastTheirTimeAreDropped(t *testing.T, client redis.UniversalClient) {
	l := planstore.NewAccessLog(client)
	old := time.Now().Add(-48 * time.Hour)
	err := client.XAdd(t.Context(), &redis.XAddArgs{
		Stream: "dsp:{kurobe}:access", ID: fmt.Sprintf("%d-0", old.UnixMilli()), Values: []any{"v", 1, "who", "old", "method", "m", "riders", "P-1"},
	}).Err()
	if err != nil {
		t.Fatal(err)
	}
	looked(t, l, area, "new", "P-1")
	n, err := l.DropAccesses(t.Context(), area, time.Now().Add(-24*time.Hour))
	if err != nil || n != 1 {
		t.Fatalf("dropped %d, %v, want 1", n, err)
	}
	list, _, err := l.Accesses(t.Context(), area, dispatch.AccessQuery{Rider: "P-1", Limit: 10, Scan: 10})
	if got := subjects(list); err != nil || !slices.Equal(got, []string{"new"}) {
		t.Errorf("left %v, %v", got, err)
	}
}

func TestALookThatCannotBeWrittenIsAnError(t *testing.T) {
	server := redistest.New(t)
	client := redis.NewClient(&redis.Options{Network: "unix", Addr: server.Socket, MaxRetries: -1})
	defer func() { _ = client.Close() }()
	l := planstore.NewAccessLog(client)
	looked(t, l, area, "a", "P-1")
	server.Kill()
	if err := l.Record(t.Context(), area, dispatch.Access{Subject: "b", Method: "m", Riders: []dispatch.RiderID{"P-1"}}); err == nil {
		t.Error("a look was acknowledged that no store has")
	}
	server.Restart()
	looked(t, l, area, "c", "P-1")
	list, _, err := l.Accesses(t.Context(), area, dispatch.AccessQuery{Rider: "P-1", Limit: 10, Scan: 10})
	if got := subjects(list); err != nil || !slices.Equal(got, []string{"c", "a"}) {
		t.Errorf("after the restart %v, %v", got, err)
	}
}

func TestALookWithoutWhoWhatOrWhomIsRefused(t *testing.T) {
	l := planstore.NewAccessLog(startMini(t))
	for name, a := range map[string]dispatch.Access{
		"nobody looks": {Method: "m", Riders: []dispatch.RiderID{"P-1"}},
		"no method":    {Subject: "a", Riders: []dispatch.RiderID{"P-1"}},
		"at nobody":    {Subject: "a", Method: "m"},
	} {
		if err := l.Record(t.Context(), area, a); !errors.Is(err, dispatch.ErrInvalid) {
			t.Errorf("%s: %v, want ErrInvalid", name, err)
		}
	}
	for name, q := range map[string]dispatch.AccessQuery{
		"at nobody": {Limit: 1, Scan: 1}, "no limit": {Rider: "P-1", Scan: 1}, "no scan": {Rider: "P-1", Limit: 1},
		"no position": {Rider: "P-1", Limit: 1, Scan: 1, Before: "yesterday"}, "no look of an entry": {Rider: "P-1", Limit: 1, Scan: 1, Before: "1-0.x"},
	} {
		if _, _, err := l.Accesses(t.Context(), area, q); !errors.Is(err, dispatch.ErrInvalid) {
			t.Errorf("%s: %v, want ErrInvalid", name, err)
		}
	}
}

// TestLogsAreOnlyAddedToButForRetention reads the sources: Redis can shorten or edit a stream with these commands and no others,
// and the only places that use them are those of retention, each with the keys named here.
func TestLogsAreOnlyAddedToButForRetention(t *testing.T) {
	shortens := regexp.MustCompile(`(?i)\b(XTRIM\w*|XDEL\w*|XSETID\w*|MAXLEN\w*|MINID\w*|UNLINK|FLUSH\w*|RENAME\w*|RESTORE)\b|\bXAck|redis\.call\('DEL'`)
	allowed := map[string]string{
		"scripts/drop_events.lua": "events of a day that has ended", "scripts/drop_day.lua": "a day that has ended",
		"access.go": "looks past their time", "scripts/places.lua": "deletes the hash of places",
		"scripts/register.lua": "deletes the entry of an erased person", "scripts/rebuild.lua": "deletes projections, never the log",
	}
	var files []string
	for _, pattern := range []string{"*.go", "scripts/*.lua"} {
		found, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, found...)
	}
	seen := map[string]bool{}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for i, line := range strings.Split(string(text), "\n") {
			if trimmed := strings.TrimSpace(line); strings.HasPrefix(trimmed, "//") || strings.HasPrefix(trimmed, "--") || !shortens.MatchString(line) {
				continue
			}
			seen[name] = true
			if allowed[name] == "" {
				t.Errorf("%s:%d may take entries of a log away: %s", name, i+1, strings.TrimSpace(line))
			}
		}
	}
	for name := range allowed {
		if !seen[name] {
			t.Errorf("%s is allowed to shorten and does not: take it off the list", name)
		}
	}
}

// TestRebuildAndRegisterNeverTouchALog runs what deletes keys and compares the logs before and after.
func TestRebuildAndRegisterNeverTouchALog(t *testing.T) {
	client := startRedis(t)
	s := newStore(t, client)
	r := booked(1)
	mustCommit(t, s, booking(r, route("S-1", 1, r)))
	mustCommit(t, s, change(r, changed(r, dispatch.Cancelled)))
	looked(t, planstore.NewAccessLog(client), area, "a", r.Rider)
	logs := func() (all []redis.XMessage) {
		for _, key := range []string{"dsp:{kurobe}:2026-01-20:events", "dsp:{kurobe}:access"} {
			entries, err := client.XRange(t.Context(), key, "-", "+").Result()
			if err != nil || len(entries) == 0 {
				t.Fatalf("%s: %d entries, %v", key, len(entries), err)
			}
			all = append(all, entries...)
		}
		return all
	}
	before := logs()
	if err := client.Del(t.Context(), "dsp:{kurobe}:2026-01-20:rides").Err(); err != nil {
		t.Fatal(err)
	}
	if faults, err := s.Rebuild(t.Context(), area, day); err != nil || len(faults) == 0 {
		t.Fatalf("rebuild: %v, %v", faults, err)
	}
	if after := logs(); !reflect.DeepEqual(after, before) {
		t.Errorf("the logs were %v and are %v", before, after)
	}
}
