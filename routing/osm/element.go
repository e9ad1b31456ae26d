package osm

// tag is one key with its value.
type tag struct{ key, value string }

// tags are the tags of one element, in file order; a key comes once.
type tags []tag

// get returns the value of key, "" where it is absent.
func (t tags) get(key string) string {
	for i := range t {
		if t[i].key == key {
			return t[i].value
		}
	}
	return ""
}

// first returns the value of the first of keys that is present, "" where none is.
func (t tags) first(keys ...string) string {
	for _, k := range keys {
		if v := t.get(k); v != "" {
			return v
		}
	}
	return ""
}

// rawNode is a node as the file has it.
type rawNode struct {
	id       int64
	lat, lng float64 // degrees, as written: may be out of range
	tags     tags
}

// rawWay is a way as the file has it.
type rawWay struct {
	id   int64
	refs []int64 // ids of its nodes, in order
	tags tags
}

// Kinds of relation members, numbered as in the PBF format.
const (
	memberNode = 0
	memberWay  = 1
)

// member is one member of a relation.
type member struct {
	kind int
	id   int64
	role string
}

// rawRelation is a relation as the file has it.
type rawRelation struct {
	id      int64
	members []member
	tags    tags
}

// keep tells a decoder which elements the caller wants. Decoders call the functions from several goroutines at once, so
// they must only read. A nil function drops every element of its kind. The tags slice is reused after the call.
type keep struct {
	node     func(id int64, t tags) bool
	way      func(t tags) bool
	relation func(t tags) bool
}

// block is a batch of kept elements in file order.
type block struct {
	nodes     []rawNode
	ways      []rawWay
	relations []rawRelation
}
