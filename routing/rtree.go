package routing

import (
	"math"
	"slices"
)

// box is a bounding rectangle in units of 1e-7 degree. Extracts that cross the 180th meridian are not joined there.
type box struct{ minLat, minLng, maxLat, maxLng int32 }

var emptyBox = box{math.MaxInt32, math.MaxInt32, math.MinInt32, math.MinInt32}

func (b box) with(o box) box {
	return box{min(b.minLat, o.minLat), min(b.minLng, o.minLng), max(b.maxLat, o.maxLat), max(b.maxLng, o.maxLng)}
}

// treeFanout is the number of children of a tree node. 16 boxes of 16 bytes are four cache lines.
const treeFanout = 16

// buildTree packs the segments into an R-tree in Hilbert order (Kamel, Faloutsos 1993, "On Packing R-trees"). treeItems
// are the segments in leaf order; treeBoxes holds the boxes of treeItems, then those of each level up to the one root.
func (g *Graph) buildTree() {
	n := g.numSegments()
	boxes := make([]box, n)
	keys := make([]uint32, n)
	all := emptyBox
	var pts []position
	for s := range n {
		b := emptyBox
		pts = g.segPoints(int32(s), pts[:0])
		for _, p := range pts {
			b = b.with(box{p.lat, p.lng, p.lat, p.lng})
		}
		boxes[s] = b
		all = all.with(b)
	}
	scale := func(v, lo, hi int64) uint32 { return uint32((v - lo) * 65535 / max(1, hi-lo)) }
	for s, b := range boxes {
		lat, lng := (int64(b.minLat)+int64(b.maxLat))/2, (int64(b.minLng)+int64(b.maxLng))/2
		keys[s] = hilbert(scale(lng, int64(all.minLng), int64(all.maxLng)), scale(lat, int64(all.minLat), int64(all.maxLat)))
	}
	g.treeItems = make([]int32, n)
	for s := range g.treeItems {
		g.treeItems[s] = int32(s)
	}
	slices.SortStableFunc(g.treeItems, func(a, b int32) int { return int(int64(keys[a]) - int64(keys[b])) })
	g.treeBoxes = make([]box, 0, n+n/treeFanout+n/64+2)
	for _, s := range g.treeItems {
		g.treeBoxes = append(g.treeBoxes, boxes[s])
	}
	for first := 0; len(g.treeBoxes)-first > 1; {
		level := g.treeBoxes[first:]
		first = len(g.treeBoxes)
		for chunk := range slices.Chunk(level, treeFanout) {
			b := emptyBox
			for _, c := range chunk {
				b = b.with(c)
			}
			g.treeBoxes = append(g.treeBoxes, b)
		}
	}
}

// treeLevels returns the first box of each level of a tree over n items, leaves first, and the number of all boxes at the
// end.
func treeLevels(n int) []int {
	levels := []int{0}
	at := 0
	for size := n; ; size = (size + treeFanout - 1) / treeFanout {
		at += size
		levels = append(levels, at)
		if size <= 1 {
			return levels
		}
	}
}

// hilbert is the index of a cell of a 65536 by 65536 grid along the Hilbert curve.
func hilbert(x, y uint32) uint32 {
	var d uint32
	for s := uint32(1 << 15); s > 0; s >>= 1 {
		rx, ry := uint32(0), uint32(0)
		if x&s != 0 {
			rx = 1
		}
		if y&s != 0 {
			ry = 1
		}
		d += s * s * ((3 * rx) ^ ry)
		if ry == 0 {
			if rx == 1 {
				x, y = 65535-x, 65535-y
			}
			x, y = y, x
		}
	}
	return d
}
