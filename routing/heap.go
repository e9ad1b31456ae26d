package routing

// minHeap is a binary heap of values with float keys, the smallest first. The zero value is empty and ready.
type minHeap[T any] struct {
	keys   []float64
	values []T
}

func (h *minHeap[T]) len() int { return len(h.keys) }

func (h *minHeap[T]) push(key float64, v T) {
	h.keys, h.values = append(h.keys, key), append(h.values, v)
	i := len(h.keys) - 1
	for i > 0 {
		up := (i - 1) / 2
		if h.keys[up] <= h.keys[i] {
			return
		}
		h.swap(i, up)
		i = up
	}
}

func (h *minHeap[T]) pop() (float64, T) {
	key, v := h.keys[0], h.values[0]
	last := len(h.keys) - 1
	h.swap(0, last)
	h.keys, h.values = h.keys[:last], h.values[:last]
	for i := 0; ; {
		c := 2*i + 1
		if c >= last {
			return key, v
		}
		if c+1 < last && h.keys[c+1] < h.keys[c] {
			c++
		}
		if h.keys[i] <= h.keys[c] {
			return key, v
		}
		h.swap(i, c)
		i = c
	}
}

func (h *minHeap[T]) swap(i, j int) {
	h.keys[i], h.keys[j] = h.keys[j], h.keys[i]
	h.values[i], h.values[j] = h.values[j], h.values[i]
}
