package osm

// access is what the law lets a car do on a way.
type access uint8

const (
	accessOpen       access = iota
	accessRestricted        // only at the ends of a trip
	accessClosed
)

// Directions along a way, as the suffix of directed tags.
const (
	forward  = ":forward"
	backward = ":backward"
)

// carKeys is the access hierarchy of a private motor car, the most special first (OSM wiki, "Key:access").
var carKeys = [...]string{"motorcar", "motor_vehicle", "vehicle", "access"}

// accessValue reads one access value; known is false where it says nothing about cars.
func accessValue(v string) (a access, known bool) {
	switch v {
	case "yes", "permissive", "designated", "official", "public":
		return accessOpen, true
	case "destination", "customers", "delivery", "private", "permit", "residents", "employees", "visitors":
		return accessRestricted, true
	case "no", "agricultural", "forestry", "agricultural;forestry", "military", "emergency", "psv", "bus", "hgv", "discouraged":
		return accessClosed, v != "discouraged"
	}
	return accessOpen, false
}

// carAccess decides on a way in one direction ("" for either): the most special key with a known value wins, otherwise
// fallback.
func carAccess(t tags, direction string, fallback access) access {
	for _, key := range carKeys {
		if direction != "" {
			if a, known := accessValue(t.get(key + direction)); known {
				return a
			}
		}
		if a, known := accessValue(t.get(key)); known {
			return a
		}
	}
	return fallback
}

// motorAllowed reports whether a tag made for motor vehicles admits cars, which is what a ferry and a street for walkers
// need: a general access=yes there is meant for people on foot.
func motorAllowed(t tags) bool {
	for _, key := range carKeys[:2] {
		if a, known := accessValue(t.get(key)); known {
			return a != accessClosed
		}
	}
	return false
}

// blocksCars reports whether a node stops a car. Barriers that open for everybody and gates without an access tag let it
// through; bollards, blocks and everything unknown do not.
func blocksCars(t tags) bool {
	barrier := t.get("barrier")
	if barrier == "" && t.get("highway") == "" && t.get("ford") == "" {
		return false
	}
	a, known := access(0), false
	for _, key := range carKeys {
		if a, known = accessValue(t.get(key)); known {
			break
		}
	}
	if barrier == "" {
		return known && a == accessClosed && t.get("highway") != "crossing"
	}
	if known {
		return a != accessOpen
	}
	switch barrier {
	case "no", "entrance", "border_control", "toll_booth", "sally_port", "cattle_grid", "height_restrictor", "arch",
		"gate", "lift_gate", "swing_gate", "kerb", "bump_gate", "sliding_gate", "hampshire_gate", "rope", "yes":
		return t.get("locked") == "yes"
	case "bollard":
		return t.get("bollard") != "rising" && t.get("bollard") != "removable_by_driver"
	}
	return true
}

// seasonal reports whether tags close the way in a part of the year: a month range in a conditional access tag, or a
// winter or seasonal tag.
func seasonal(t tags) bool {
	for _, key := range carKeys {
		v := t.get(key + ":conditional")
		if v != "" && closedByMonth(v) {
			return true
		}
	}
	switch t.get("seasonal") {
	case "", "no":
	default:
		return true
	}
	return t.get("winter_road") == "yes" || t.get("ice_road") == "yes" || t.get("snowplowing") == "no"
}
