package osm

import (
	"slices"
	"time"

	"github.com/swmaas/swmaas/routing/geo"
)

// network turns the kept elements into roads for cars.
func (r *reader) network() (*Network, error) {
	net := &Network{Nodes: r.at}
	net.Japan = r.cfg.Region == RegionJapan || r.cfg.Region == RegionAuto && mostly(net.Nodes, japan)
	net.DriveLeft = r.cfg.Side == SideLeft || r.cfg.Side == SideAuto && mostly(net.Nodes, leftDriving...)
	p := &worldProfile
	if net.Japan {
		p = &japanProfile
	}
	pieces := map[int64][]int32{} // way id to its ways of the network
	for i := range r.ways {
		raw := &r.ways[i]
		w, _ := carWay(raw.tags, p) // the unusable ways are gone already
		w.ID = raw.id
		for _, nodes := range r.runs(raw.refs) {
			piece := w
			piece.Nodes = nodes
			setFerrySpeed(&piece, raw.tags, net.Nodes)
			pieces[w.ID] = append(pieces[w.ID], int32(len(net.Ways)))
			net.Ways = append(net.Ways, piece)
		}
	}
	if len(net.Ways) == 0 {
		return nil, ErrNoRoads
	}
	for i := range r.relations {
		if res, reason := r.restriction(&r.relations[i], pieces); reason != "" {
			r.dropped[reason]++
		} else {
			net.Restrictions = append(net.Restrictions, res)
		}
	}
	return net, nil
}

// runs splits a way's list of nodes where nodes are missing (the border of the extract) and leaves out repeats.
func (r *reader) runs(refs []int64) [][]int32 {
	var out [][]int32
	var run []int32
	end := func() {
		if len(run) >= 2 {
			out = append(out, run)
		}
		run = nil
	}
	for _, id := range refs {
		k, _ := slices.BinarySearch(r.ids, id)
		if !r.found[k] {
			r.dropped["way node missing from the extract"]++
			end()
			continue
		}
		if n := len(run); n == 0 || run[n-1] != int32(k) {
			run = append(run, int32(k))
		}
	}
	end()
	if len(out) == 0 {
		r.dropped["way with fewer than two nodes in the extract"]++
	}
	return out
}

// classes maps highway values to road classes.
var classes = map[string]RoadClass{
	"motorway": Motorway, "trunk": Trunk, "primary": Primary, "secondary": Secondary, "tertiary": Tertiary,
	"motorway_link": Motorway, "trunk_link": Trunk, "primary_link": Primary, "secondary_link": Secondary, "tertiary_link": Tertiary,
	"unclassified": Unclassified, "road": Unclassified, "residential": Residential, "living_street": LivingStreet,
	"service": Service, "track": Track, "pedestrian": Pedestrian,
}

// walkerClasses are ways for walkers and riders, which a car may use only where a tag for motor vehicles says so.
var walkerClasses = map[string]bool{"footway": true, "path": true, "cycleway": true, "bridleway": true}

// classOf returns the class of the way, or why a car has no use for it.
func classOf(t tags) (c RoadClass, link bool, reason string) {
	highway := t.get("highway")
	switch {
	case t.get("route") == "ferry" && highway == "":
		if !motorAllowed(t) {
			return 0, false, "ferry without a tag that admits cars"
		}
		return Ferry, false, ""
	case walkerClasses[highway] || highway == "pedestrian":
		if !motorAllowed(t) {
			return 0, false, "way for walkers or riders"
		}
		c = Pedestrian
	default:
		var ok bool
		if c, ok = classes[highway]; !ok {
			return 0, false, "highway value that is no road for cars"
		}
	}
	if truthy(t.get("area")) {
		return 0, false, "area"
	}
	if t.get("service") == "emergency_access" {
		return 0, false, "emergency access"
	}
	return c, len(highway) > 5 && highway[len(highway)-5:] == "_link", ""
}

// carWay reads everything about a way but its nodes, or says why a car has no use for it.
func carWay(t tags, p *profile) (Way, string) {
	class, link, reason := classOf(t)
	if reason != "" {
		return Way{}, reason
	}
	if t.get("impassable") == "yes" || t.get("status") == "impassable" {
		return Way{}, "impassable"
	}
	w := Way{
		Name: t.first("name", "ref"), Class: class, Link: link, Surface: surfaceOf(t), Gradient: gradientOf(t), Roundabout: roundabout(t),
		Bridge: t.get("bridge") != "" && t.get("bridge") != "no", Tunnel: t.get("tunnel") != "" && t.get("tunnel") != "no",
		Toll: truthy(t.get("toll")), Seasonal: seasonal(t),
	}
	setLimits(&w, t)
	rule := carOneway(t)
	if rule == neitherWay {
		return Way{}, "reversible one-way"
	}
	fallback := accessOpen
	ahead, back := carAccess(t, forward, fallback), carAccess(t, backward, fallback)
	if ahead == accessClosed && back == accessClosed {
		return Way{}, "closed to cars"
	}
	useAhead := ahead != accessClosed && rule != onlyBackward
	useBack := back != accessClosed && rule != onlyForward
	w.Restricted = useAhead && ahead == accessRestricted || useBack && back == accessRestricted
	if useAhead {
		w.Forward = p.drivingSpeed(t, &w, forward, useBack)
	}
	if useBack {
		w.Backward = p.drivingSpeed(t, &w, backward, useAhead)
	}
	if w.Forward <= 0 && w.Backward <= 0 {
		return Way{}, "impassable"
	}
	return w, ""
}

// setLimits fills width, lanes and the limits on vehicles.
func setLimits(w *Way, t tags) {
	length := func(keys ...string) float64 {
		for _, key := range keys {
			if m, ok := parseLength(t.get(key)); ok {
				return m
			}
		}
		return 0
	}
	w.WidthM = length("width", "width:carriageway", "est_width")
	w.MaxWidthM = length("maxwidth:physical", "maxwidth")
	w.MaxHeightM = length("maxheight:physical", "maxheight")
	if tonnes, ok := parseWeight(t.first("maxweight", "maxweightrating")); ok {
		w.MaxWeightT = tonnes
	}
	if n, unit, ok := number(t.get("lanes")); ok && unit == "" && n < 100 {
		w.Lanes = uint8(n)
	}
}

// setFerrySpeed spreads a ferry's stated duration over its length.
func setFerrySpeed(w *Way, t tags, nodes []Node) {
	if w.Class != Ferry {
		return
	}
	d, ok := parseDuration(t.get("duration"))
	if !ok {
		return
	}
	metres := 0.0
	for i := 1; i < len(w.Nodes); i++ {
		metres += geo.Distance(nodes[w.Nodes[i-1]].At, nodes[w.Nodes[i]].At)
	}
	kmh := max(metres/1000/(float64(d)/float64(time.Hour)), 0.5)
	if w.Forward > 0 {
		w.Forward = kmh
	}
	if w.Backward > 0 {
		w.Backward = kmh
	}
}
