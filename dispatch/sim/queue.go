package sim

import (
	"container/heap"
	"context"
)

// event is something that happens at a second of the day.
type event struct {
	at   int32
	seq  int64
	work bool // something that the day is not over without; positions and improvement are not
	do   func(ctx context.Context) error
}

// queue orders events by time and, within a second, by the order in which they were added.
type queue struct {
	events eventHeap
	next   int64
	work   int // events in it that the day is not over without
}

func (q *queue) add(at int32, work bool, do func(ctx context.Context) error) {
	heap.Push(&q.events, event{at, q.next, work, do})
	q.next++
	if work {
		q.work++
	}
}

// take removes the next event; ok is false where none is left that the day needs.
func (q *queue) take() (e event, ok bool) {
	if q.work == 0 {
		return event{}, false
	}
	e = heap.Pop(&q.events).(event)
	if e.work {
		q.work--
	}
	return e, true
}

type eventHeap []event

func (h eventHeap) Len() int { return len(h) }
func (h eventHeap) Less(i, j int) bool {
	return h[i].at < h[j].at || h[i].at == h[j].at && h[i].seq < h[j].seq
}
func (h eventHeap) Swap(i, j int) { h[i], h[j] = h[j], h[i] }
func (h *eventHeap) Push(x any)   { *h = append(*h, x.(event)) }
func (h *eventHeap) Pop() any {
	old := *h
	e := old[len(old)-1]
	*h = old[:len(old)-1]
	return e
}
