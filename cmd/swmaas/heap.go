package main

import (
	"math"
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"sync/atomic"
)

// heapFloor is how large the heap of the service may grow before it is collected, however little of it is in use. A service with a small town uses
// some 30 MB, which Go's own rule would collect several times a second under load, on processors that callers wait for; with thousands of streams in
// memory that rule is kept. Whoever sets GOGC decides for themselves; GOMEMLIMIT holds in any case. Chosen by
// swmaas bench api at GOGC 100 and 400: a tenth less time for a call, here and in its client.
const heapFloor = 160 << 20

// keepHeap keeps the floor until the returned function is called.
func keepHeap() (stop func()) {
	if os.Getenv("GOGC") != "" {
		return func() {}
	}
	return keepHeapAt(heapInUse)
}

// keepHeapAt is keepHeap by what live says of the bytes in use as of the last collection.
func keepHeapAt(live func() uint64) (stop func()) {
	k := &heapKeeper{live: live, percent: 100}
	before := debug.SetGCPercent(k.percent)
	k.adjust()
	k.await()
	return func() {
		k.stopped.Store(true)
		debug.SetGCPercent(before)
	}
}

// heapKeeper sets the garbage collector's percentage after each collection. Its fields but stopped belong to whoever runs the clean-up of the one object
// that waits for the next collection.
type heapKeeper struct {
	live    func() uint64
	percent int
	stopped atomic.Bool
}

// await lets the next collection call adjust: it finds an object that nobody refers to, too large to share its memory with others.
func (k *heapKeeper) await() {
	runtime.AddCleanup(new([64]byte), func(k *heapKeeper) {
		if !k.stopped.Load() {
			k.adjust()
			k.await()
		}
	}, k)
}

// adjust sets the percentage where it is no longer what the heap in use asks for: setting it stops all goroutines for a moment.
func (k *heapKeeper) adjust() {
	if percent := floorPercent(k.live()); math.Abs(float64(percent-k.percent)) > float64(k.percent)/8 {
		k.percent = percent
		debug.SetGCPercent(percent)
	}
}

// heapInUse is how many bytes the last collection found in use.
func heapInUse() uint64 {
	live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(live)
	return live[0].Value.Uint64()
}

// floorPercent is how much a heap of which so many bytes are in use may grow until it is collected, in percent of these: to the floor, or to twice
// its size where that is more.
func floorPercent(live uint64) int {
	live = max(live, 4<<20)
	if 2*live >= heapFloor {
		return 100
	}
	return int((heapFloor - live) * 100 / live)
}
