package osm

// Element is one element of a file as the decoder returns it, for tests that read files by their own rules.
type Element struct {
	ID       int64
	Kind     byte // 'n', 'w' or 'r'
	Lat, Lng float64
	Tags     map[string]string
	Refs     []int64
	Members  []Member
}

// Member is one member of a relation.
type Member struct {
	Kind byte // as Element.Kind, '?' for others
	Ref  int64
	Role string
}

// Elements calls visit with every element of the file that keepTags admits.
func Elements(path string, keepTags func(kind byte, t map[string]string) bool, visit func(Element)) error {
	asMap := func(t tags) map[string]string {
		m := make(map[string]string, len(t))
		for _, kv := range t {
			m[kv.key] = kv.value
		}
		return m
	}
	k := keep{
		node:     func(_ int64, t tags) bool { return keepTags('n', asMap(t)) },
		way:      func(t tags) bool { return keepTags('w', asMap(t)) },
		relation: func(t tags) bool { return keepTags('r', asMap(t)) },
	}
	return scan(path, k, func(b *block) error {
		for _, n := range b.nodes {
			visit(Element{ID: n.id, Kind: 'n', Lat: n.lat, Lng: n.lng, Tags: asMap(n.tags)})
		}
		for _, w := range b.ways {
			visit(Element{ID: w.id, Kind: 'w', Refs: w.refs, Tags: asMap(w.tags)})
		}
		for _, r := range b.relations {
			e := Element{ID: r.id, Kind: 'r', Tags: asMap(r.tags)}
			for _, m := range r.members {
				kind := byte('?')
				if m.kind == memberNode || m.kind == memberWay {
					kind = "nw"[m.kind]
				}
				e.Members = append(e.Members, Member{kind, m.id, m.role})
			}
			visit(e)
		}
		return nil
	})
}
