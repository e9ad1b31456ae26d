package routing

// inArea calls visit with every segment that touches the area.
func (g *Graph) inArea(area Area, visit func(seg int32)) {
	corners := make([]position, len(area))
	bounds := emptyBox
	for i, c := range area {
		p := positionOf(c)
		corners[i] = p
		bounds = bounds.with(box{p.lat, p.lng, p.lat, p.lng})
	}
	var pts []position
	g.inBox(bounds, func(seg int32) {
		pts = g.segPoints(seg, pts[:0])
		if touches(corners, pts) {
			visit(seg)
		}
	})
}

// inBox calls visit with every segment whose box meets b.
func (g *Graph) inBox(b box, visit func(seg int32)) {
	if len(g.treeItems) == 0 {
		return
	}
	levels := treeLevels(len(g.treeItems))
	var down func(level, i int)
	down = func(level, i int) {
		if !g.treeBoxes[levels[level]+i].meets(b) {
			return
		}
		if level == 0 {
			visit(g.treeItems[i])
			return
		}
		size := levels[level] - levels[level-1]
		for c := i * treeFanout; c < min(size, (i+1)*treeFanout); c++ {
			down(level-1, c)
		}
	}
	down(len(levels)-2, 0)
}

func (b box) meets(o box) bool {
	return b.minLat <= o.maxLat && o.minLat <= b.maxLat && b.minLng <= o.maxLng && o.minLng <= b.maxLng
}

// touches reports whether a line has a point in or on a polygon.
func touches(polygon, line []position) bool {
	for _, p := range line {
		if within(polygon, p) {
			return true
		}
	}
	for k := 1; k < len(line); k++ {
		for i, j := 0, len(polygon)-1; i < len(polygon); j, i = i, i+1 {
			if crosses(line[k-1], line[k], polygon[j], polygon[i]) {
				return true
			}
		}
	}
	return false
}

// within reports whether p lies inside the polygon (even-odd rule).
func within(polygon []position, p position) bool {
	inside := false
	for i, j := 0, len(polygon)-1; i < len(polygon); j, i = i, i+1 {
		a, b := polygon[i], polygon[j]
		if (a.lat > p.lat) != (b.lat > p.lat) &&
			float64(p.lng) < span(a.lng, b.lng)*span(a.lat, p.lat)/span(a.lat, b.lat)+float64(a.lng) {
			inside = !inside
		}
	}
	return inside
}

// crosses reports whether the pieces a-b and c-d have a point in common.
func crosses(a, b, c, d position) bool {
	d1, d2, d3, d4 := side(c, d, a), side(c, d, b), side(a, b, c), side(a, b, d)
	if d1 != d2 && d3 != d4 && d1*d2 <= 0 && d3*d4 <= 0 {
		return true
	}
	return d1 == 0 && inStretch(c, d, a) || d2 == 0 && inStretch(c, d, b) || d3 == 0 && inStretch(a, b, c) || d4 == 0 && inStretch(a, b, d)
}

// side tells on which side of the line a-b the point p lies: 1 left, -1 right, 0 on it.
func side(a, b, p position) int {
	v := span(a.lng, b.lng)*span(a.lat, p.lat) - span(a.lat, b.lat)*span(a.lng, p.lng)
	switch {
	case v > 0:
		return 1
	case v < 0:
		return -1
	}
	return 0
}

// inStretch reports whether p, which lies on the line a-b, lies between a and b.
func inStretch(a, b, p position) bool {
	return min(a.lat, b.lat) <= p.lat && p.lat <= max(a.lat, b.lat) && min(a.lng, b.lng) <= p.lng && p.lng <= max(a.lng, b.lng)
}

// span is b minus a, which may not fit 32 bits.
func span(a, b int32) float64 { return float64(b) - float64(a) }
