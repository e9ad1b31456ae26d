package dispatch

// candidate is a promise that could answer a wish, and how unwelcome it is compared with others, in seconds of driving
// that the service would spend to avoid it.
type candidate struct {
	promise Promise
	penalty int32
}

// candidates lists the promises that could answer a request, for a planned direct time of travel seconds, a road time of
// direct seconds and pickups no earlier than from. It is empty where the wish lies in the past.
func (r Rules) candidates(wish Wish, direct, travel, from int32) []candidate {
	promise := Promise{MaxRide: r.maxRide(direct)}
	length := r.Window
	var first, last, ideal int32 // first and last begin of a window, and the begin that is wished for
	switch wish.Kind {
	case ArriveBy:
		promise.ArriveBy = wish.Window.Latest
		ideal = wish.Window.Latest - r.ArriveMargin - travel - (length - r.PickupMargin)
		first, last = wish.Window.Latest-r.EarlyArrival-travel, ideal+r.WindowGrid
		if wish.Window.Earliest > 0 {
			first = max(first, wish.Window.Earliest-travel-length)
		}
	default:
		length = min(length, max(wish.Window.Latest-wish.Window.Earliest, minWindow))
		ideal = wish.Window.Earliest
		first, last = ideal, wish.Window.Latest-length
		if wish.Kind == DepartAfter {
			last = min(last, ideal+r.MaxWait)
		}
	}
	last = max(last, first)
	return r.grid(promise, length, max(first, from), last, ideal)
}

// minWindow is the shortest pickup window that is promised, in seconds.
const minWindow = 5 * 60

// grid lists the windows of a length that begin between first and last: at the first full minute itself, and then on the grid.
func (r Rules) grid(promise Promise, length, first, last, ideal int32) []candidate {
	var out []candidate
	for begin := (first + 59) / 60 * 60; begin <= last; begin = (begin/r.WindowGrid + 1) * r.WindowGrid {
		if promise.ArriveBy > 0 && begin >= promise.ArriveBy-r.ArriveMargin {
			break
		}
		promise.Pickup = Window{begin, begin + length}
		off := begin - ideal
		if off < 0 {
			off = -off
		}
		out = append(out, candidate{promise, off / 3})
	}
	return out
}
