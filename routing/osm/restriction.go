package osm

import (
	"slices"
	"strings"
)

// restrictionKeys are the tags of a turn restriction that bind a car, the most special first.
var restrictionKeys = [...]string{"restriction:motorcar", "restriction:motor_vehicle", "restriction:vehicle", "restriction"}

func isRestriction(t tags) bool {
	kind := t.get("type")
	return kind == "restriction" || strings.HasPrefix(kind, "restriction:")
}

// restrictionValue returns the rule that binds a car, "" with the reason where none does.
func restrictionValue(t tags) (value, reason string) {
	for _, key := range restrictionKeys {
		if v := t.get(key); v != "" {
			value = v
			break
		}
	}
	if value == "" {
		if t.first("restriction:conditional", "restriction:motorcar:conditional") != "" {
			return "", "turn restriction by time of day"
		}
		return "", "turn restriction for other vehicles"
	}
	for e := range strings.SplitSeq(t.get("except"), ";") {
		switch strings.TrimSpace(e) {
		case "motorcar", "motor_vehicle", "vehicle":
			return "", "turn restriction that excepts cars"
		}
	}
	if !strings.HasPrefix(value, "no_") && !strings.HasPrefix(value, "only_") {
		return "", "turn restriction of unknown kind"
	}
	return value, ""
}

// restriction resolves one relation to ways and nodes of the network. pieces gives the network's ways by way id.
func (r *reader) restriction(raw *rawRelation, pieces map[int64][]int32) (Restriction, string) {
	value, reason := restrictionValue(raw.tags)
	if reason != "" {
		return Restriction{}, reason
	}
	res := Restriction{ID: raw.id, Only: strings.HasPrefix(value, "only_"), ViaNode: -1}
	for _, m := range raw.members {
		switch {
		case m.kind == memberWay && (m.role == "from" || m.role == "to" || m.role == "via"):
			ways := pieces[m.id]
			if len(ways) == 0 {
				return Restriction{}, "turn restriction with a way that is not in the network"
			}
			switch m.role {
			case "from":
				res.From = append(res.From, ways...)
			case "to":
				res.To = append(res.To, ways...)
			default:
				res.Via = append(res.Via, ways)
			}
		case m.kind == memberNode && m.role == "via":
			k, ok := slices.BinarySearch(r.ids, m.id)
			if !ok || !r.found[k] {
				return Restriction{}, "turn restriction with a node that is not in the network"
			}
			if res.ViaNode >= 0 {
				return Restriction{}, "turn restriction with several via nodes"
			}
			res.ViaNode = int32(k)
		}
	}
	if len(res.From) == 0 || len(res.To) == 0 || (res.ViaNode < 0) == (len(res.Via) == 0) {
		return Restriction{}, "turn restriction with missing or contradictory members"
	}
	return res, ""
}
