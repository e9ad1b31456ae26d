package planstore

import "github.com/swmaas/swmaas/dispatch"

const kindMoves = "moves"

func writeMoves(w *writer, t *dispatch.MoveTally) {
	w.num(int64(len(t.Moved)))
	w.nums(t.Moved...)
}

func readMoves(d *reader) *dispatch.MoveTally {
	t := &dispatch.MoveTally{}
	for range d.many(1) {
		t.Moved = append(t.Moved, d.num())
	}
	return t
}
