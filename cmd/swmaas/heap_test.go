package main

import (
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"sync/atomic"
	"testing"
	"time"
)

func TestASmallHeapGrowsToTheFloorAndALargeOneToTwiceItsSize(t *testing.T) {
	for _, c := range []struct {
		live uint64
		want int
	}{
		{0, 3900}, {4 << 20, 3900}, {40 << 20, 300}, {79 << 20, 102}, {80 << 20, 100}, {2 << 30, 100}, // 160 = 4 + 39 × 4 = 40 + 3 × 40 MB
	} {
		if got := floorPercent(c.live); got != c.want {
			t.Errorf("%d MB in use: %d %%, want %d", c.live>>20, got, c.want)
		}
	}
}

func TestTheHeapIsKeptAsItGrows(t *testing.T) {
	before := debug.SetGCPercent(100)
	defer debug.SetGCPercent(before)
	percent := func() int { // setting it to read it would undo what a collection sets meanwhile
		set := []metrics.Sample{{Name: "/gc/gogc:percent"}}
		metrics.Read(set)
		return int(set[0].Value.Uint64())
	}
	var used atomic.Uint64 // other tests of this process have a heap as well
	used.Store(20 << 20)
	stop := keepHeapAt(used.Load)
	small := percent()
	used.Store(100 << 20)
	for until := time.Now().Add(30 * time.Second); percent() != 100 && time.Now().Before(until); time.Sleep(time.Millisecond) {
		runtime.GC()
	}
	if small <= 100 || percent() != 100 {
		t.Errorf("at first %d %%, with 100 MB in use %d %%", small, percent())
	}
	if heapInUse() == 0 {
		t.Error("nothing is in use")
	}
	stop()
	if got := percent(); got != 100 {
		t.Errorf("afterwards %d %%", got)
	}
}

func TestWhoSetsGOGCDecides(t *testing.T) {
	t.Setenv("GOGC", "150")
	before := debug.SetGCPercent(150)
	defer debug.SetGCPercent(before)
	keepHeap()()
	if got := debug.SetGCPercent(150); got != 150 {
		t.Errorf("%d %%", got)
	}
}
