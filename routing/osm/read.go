package osm

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/swmaas/swmaas/routing/geo"
)

// Side is the side of the road that traffic keeps to.
type Side uint8

// Sides. SideAuto decides by where the extract lies.
const (
	SideAuto Side = iota
	SideLeft
	SideRight
)

// Region names a set of speed defaults.
type Region uint8

// Regions. RegionAuto decides by where the extract lies.
const (
	RegionAuto Region = iota
	RegionWorld
	RegionJapan
)

// Config says how to read an extract. The zero value is right for any extract of one country.
type Config struct {
	Side   Side
	Region Region
}

// Read reads the file, PBF or XML by its content. Its errors name the file and wrap one of this package's sentinels, or
// the operating system's error where the file cannot be read.
func Read(path string, cfg Config) (*Network, Report, error) {
	r := reader{cfg: cfg, dropped: map[string]int{}}
	net, err := r.read(func(k keep, visit func(*block) error) error { return scan(path, k, visit) })
	if err != nil {
		return nil, Report{}, fmt.Errorf("osm: read %s: %w", path, err)
	}
	return net, r.report(), nil
}

// reader is the state of one import.
type reader struct {
	cfg       Config
	ways      []rawWay
	relations []rawRelation
	ids       []int64 // ids of the nodes that kept ways pass, ascending
	at        []Node  // by position in ids; ID 0 until the node is found
	found     []bool  // by position in ids
	dropped   map[string]int
	nodes     int // nodes found
	waysRead  int // ways before the unusable ones were left out
}

// read takes a function that decodes the whole input again on each call.
func (r *reader) read(scan func(keep, func(*block) error) error) (*Network, error) {
	err := scan(keep{way: isRoad, relation: isRestriction}, func(b *block) error {
		r.ways = append(r.ways, b.ways...)
		r.relations = append(r.relations, b.relations...)
		return nil
	})
	if err != nil {
		return nil, err
	}
	r.dropUnusable()
	for i := range r.ways {
		r.ids = append(r.ids, r.ways[i].refs...)
	}
	slices.Sort(r.ids)
	r.ids = slices.Compact(r.ids)
	r.at, r.found = make([]Node, len(r.ids)), make([]bool, len(r.ids))
	wanted := func(id int64, _ tags) bool {
		_, ok := slices.BinarySearch(r.ids, id)
		return ok
	}
	if err := scan(keep{node: wanted}, r.addNodes); err != nil {
		return nil, err
	}
	return r.network()
}

// dropUnusable counts and leaves out the ways that no car may use, before their nodes are looked for. Which ways these are
// does not depend on the region's speeds.
func (r *reader) dropUnusable() {
	r.waysRead = len(r.ways)
	kept := r.ways[:0]
	for i := range r.ways {
		if _, reason := carWay(r.ways[i].tags, &worldProfile); reason != "" {
			r.dropped[reason]++
			continue
		}
		kept = append(kept, r.ways[i])
	}
	r.ways = kept
}

func (r *reader) addNodes(b *block) error {
	for i := range b.nodes {
		n := &b.nodes[i]
		at := geo.LatLng{Lat: n.lat, Lng: n.lng}
		if !at.Valid() {
			r.dropped["node with coordinates out of range"]++
			continue
		}
		k, _ := slices.BinarySearch(r.ids, n.id)
		r.nodes++
		r.found[k] = true
		r.at[k] = Node{ID: n.id, At: at, Blocked: blocksCars(n.tags), Signals: n.tags.get("highway") == "traffic_signals"}
	}
	return nil
}

// scan opens the file, tells its format by its first bytes and decodes what k keeps.
func scan(path string, k keep, visit func(*block) error) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }() // only read from
	return decode(bufio.NewReaderSize(f, 1<<20), k, visit)
}

func decode(in *bufio.Reader, k keep, visit func(*block) error) error {
	head, err := in.Peek(64)
	if len(head) == 0 {
		if err != nil && err != io.EOF {
			return err
		}
		return fmt.Errorf("%w: it is empty", ErrCutOff)
	}
	switch {
	case bytes.Contains(head, []byte("OSMHeader")):
		return readPBF(in, k, visit)
	case bytes.HasPrefix(bytes.TrimLeft(bytes.TrimPrefix(head, []byte("\xef\xbb\xbf")), " \t\r\n"), []byte("<")):
		return readXML(in, k, visit)
	}
	return ErrUnknownFormat
}

func isRoad(t tags) bool {
	return t.get("highway") != "" || t.get("route") == "ferry"
}

func (r *reader) report() Report {
	rep := Report{Nodes: r.nodes, Ways: r.waysRead, Relations: len(r.relations)}
	for reason, n := range r.dropped {
		rep.Dropped = append(rep.Dropped, Count{reason, n})
	}
	slices.SortFunc(rep.Dropped, func(a, b Count) int {
		if a.N != b.N {
			return b.N - a.N
		}
		if a.Reason < b.Reason {
			return -1
		}
		return 1
	})
	return rep
}
