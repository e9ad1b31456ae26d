package osm

import "strings"

// oneway tells how a way may be used by direction.
type oneway int8

const (
	bothWays oneway = iota
	onlyForward
	onlyBackward
	neitherWay // reversible by the hour, which a fixed graph cannot know
)

// carOneway reads the one-way rule for cars: the most special oneway key wins, then what the kind of road implies.
func carOneway(t tags) oneway {
	for _, key := range [...]string{"oneway:motorcar", "oneway:motor_vehicle", "oneway:vehicle", "oneway"} {
		switch t.get(key) {
		case "yes", "true", "1":
			return onlyForward
		case "-1", "reverse":
			return onlyBackward
		case "reversible":
			return neitherWay
		case "no", "false", "0", "alternating":
			return bothWays
		}
	}
	if roundabout(t) || t.get("highway") == "motorway" {
		return onlyForward
	}
	return bothWays
}

func roundabout(t tags) bool {
	j := t.get("junction")
	return j == "roundabout" || j == "circular"
}

var months = [...]string{"jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec", "winter"}

// closedByMonth reports whether a conditional access value holds a "no @" with a month or season in its condition.
func closedByMonth(v string) bool {
	v = strings.ToLower(v)
	value, condition, found := strings.Cut(v, "@")
	if !found || strings.TrimSpace(value) != "no" {
		return false
	}
	for _, m := range months {
		if strings.Contains(condition, m) {
			return true
		}
	}
	return false
}
