package osm

// decoder decodes the blocks of one worker; its buffers are reused from block to block.
type decoder struct {
	keep    keep
	buf     []byte
	strings []string
	tags    tags
	block   *block

	granularity          int64 // nanodegrees a unit
	latOffset, lngOffset int64 // nanodegrees
}

// decode returns the kept elements of one blob; a blob that is not data gives an empty block.
func (d *decoder) decode(b blob) (*block, error) {
	d.block = &block{}
	if b.kind != "OSMHeader" && b.kind != "OSMData" {
		return d.block, nil
	}
	content, err := inflate(b.data, d.buf)
	if err != nil {
		return nil, err
	}
	if b.kind == "OSMHeader" {
		return d.block, checkHeader(content)
	}
	if cap(content) > cap(d.buf) {
		d.buf = content
	}
	return d.block, d.primitiveBlock(content)
}

// primitiveBlock reads the string table and the coordinate scale first: the groups need them, wherever they stand.
func (d *decoder) primitiveBlock(content []byte) error {
	d.granularity, d.latOffset, d.lngOffset = 100, 0, 0
	d.strings = d.strings[:0]
	w := wire{rest: content}
	for w.next() {
		switch {
		case w.message(1):
			if err := d.stringTable(w.data); err != nil {
				return err
			}
		case w.field == 17 && w.kind == wireVarint:
			d.granularity = int64(w.value)
		case w.field == 19 && w.kind == wireVarint:
			d.latOffset = int64(w.value)
		case w.field == 20 && w.kind == wireVarint:
			d.lngOffset = int64(w.value)
		}
	}
	if w.bad {
		return damaged("data block is malformed")
	}
	w = wire{rest: content}
	for w.next() {
		if w.message(2) {
			if err := d.group(w.data); err != nil {
				return err
			}
		}
	}
	return nil
}

func (d *decoder) stringTable(content []byte) error {
	all := string(content) // one copy for the block; the table's strings are parts of it
	w := wire{rest: content}
	for w.next() {
		if w.message(1) {
			end := len(content) - len(w.rest)
			d.strings = append(d.strings, all[end-len(w.data):end])
		}
	}
	if w.bad {
		return damaged("string table is malformed")
	}
	return nil
}

func (d *decoder) group(content []byte) error {
	w := wire{rest: content}
	for w.next() {
		var err error
		switch {
		case w.message(1) && d.keep.node != nil:
			err = d.node(w.data)
		case w.message(2) && d.keep.node != nil:
			err = d.denseNodes(w.data)
		case w.message(3) && d.keep.way != nil:
			err = d.way(w.data)
		case w.message(4) && d.keep.relation != nil:
			err = d.relation(w.data)
		}
		if err != nil {
			return err
		}
	}
	if w.bad {
		return damaged("group of elements is malformed")
	}
	return nil
}

func (d *decoder) text(i uint64) (string, bool) {
	if i >= uint64(len(d.strings)) {
		return "", false
	}
	return d.strings[i], true
}

// setTags fills d.tags from the parallel packed key and value indices.
func (d *decoder) setTags(keys, values []byte) error {
	d.tags = d.tags[:0]
	k, v := packed{rest: keys}, packed{rest: values}
	for k.more() && v.more() {
		if err := d.addTag(k.next(), v.next()); err != nil {
			return err
		}
	}
	if k.bad || v.bad || k.more() != v.more() {
		return damaged("tag list is malformed")
	}
	return nil
}

func (d *decoder) addTag(key, value uint64) error {
	k, ok1 := d.text(key)
	v, ok2 := d.text(value)
	if !ok1 || !ok2 {
		return damaged("tag index beyond the string table of %d", len(d.strings))
	}
	d.tags = append(d.tags, tag{k, v})
	return nil
}

func (d *decoder) degrees(lat, lng int64) (float64, float64) {
	return 1e-9 * float64(d.latOffset+d.granularity*lat), 1e-9 * float64(d.lngOffset+d.granularity*lng)
}

func (d *decoder) addNode(id, lat, lng int64) {
	if !d.keep.node(id, d.tags) {
		return
	}
	la, ln := d.degrees(lat, lng)
	d.block.nodes = append(d.block.nodes, rawNode{id: id, lat: la, lng: ln, tags: d.copyTags()})
}

func (d *decoder) copyTags() tags {
	if len(d.tags) == 0 {
		return nil
	}
	return append(tags(nil), d.tags...)
}

func (d *decoder) node(content []byte) error {
	var id, lat, lng int64
	var keys, values []byte
	w := wire{rest: content}
	for w.next() {
		switch {
		case w.field == 1 && w.kind == wireVarint:
			id = unzigzag(w.value)
		case w.message(2):
			keys = w.data
		case w.message(3):
			values = w.data
		case w.field == 8 && w.kind == wireVarint:
			lat = unzigzag(w.value)
		case w.field == 9 && w.kind == wireVarint:
			lng = unzigzag(w.value)
		}
	}
	if w.bad {
		return damaged("node is malformed")
	}
	if err := d.setTags(keys, values); err != nil {
		return err
	}
	d.addNode(id, lat, lng)
	return nil
}

func (d *decoder) denseNodes(content []byte) error {
	var ids, lats, lngs, keyValues packed
	w := wire{rest: content}
	for w.next() {
		switch {
		case w.message(1):
			ids.rest = w.data
		case w.message(8):
			lats.rest = w.data
		case w.message(9):
			lngs.rest = w.data
		case w.message(10):
			keyValues.rest = w.data
		}
	}
	if w.bad {
		return damaged("dense nodes are malformed")
	}
	var id, lat, lng int64
	for ids.more() && lats.more() && lngs.more() {
		id += ids.signed()
		lat += lats.signed()
		lng += lngs.signed()
		d.tags = d.tags[:0]
		for keyValues.more() {
			key := keyValues.next()
			if key == 0 {
				break
			}
			if err := d.addTag(key, keyValues.next()); err != nil {
				return err
			}
		}
		if ids.bad || lats.bad || lngs.bad || keyValues.bad {
			return damaged("dense nodes are malformed")
		}
		d.addNode(id, lat, lng)
	}
	if ids.more() || lats.more() || lngs.more() {
		return damaged("dense nodes have columns of different lengths")
	}
	return nil
}

func (d *decoder) way(content []byte) error {
	var id int64
	var keys, values []byte
	var refs packed
	w := wire{rest: content}
	for w.next() {
		switch {
		case w.field == 1 && w.kind == wireVarint:
			id = int64(w.value)
		case w.message(2):
			keys = w.data
		case w.message(3):
			values = w.data
		case w.message(8):
			refs.rest = w.data
		}
	}
	if w.bad {
		return damaged("way is malformed")
	}
	if err := d.setTags(keys, values); err != nil {
		return err
	}
	if !d.keep.way(d.tags) {
		return nil
	}
	way := rawWay{id: id, tags: d.copyTags()}
	var ref int64
	for refs.more() {
		ref += refs.signed()
		way.refs = append(way.refs, ref)
	}
	if refs.bad {
		return damaged("way %d has a malformed list of nodes", id)
	}
	d.block.ways = append(d.block.ways, way)
	return nil
}

func (d *decoder) relation(content []byte) error {
	var id int64
	var keys, values []byte
	var roles, ids, kinds packed
	w := wire{rest: content}
	for w.next() {
		switch {
		case w.field == 1 && w.kind == wireVarint:
			id = int64(w.value)
		case w.message(2):
			keys = w.data
		case w.message(3):
			values = w.data
		case w.message(8):
			roles.rest = w.data
		case w.message(9):
			ids.rest = w.data
		case w.message(10):
			kinds.rest = w.data
		}
	}
	if w.bad {
		return damaged("relation is malformed")
	}
	if err := d.setTags(keys, values); err != nil {
		return err
	}
	if !d.keep.relation(d.tags) {
		return nil
	}
	r := rawRelation{id: id, tags: d.copyTags()}
	var ref int64
	for ids.more() && roles.more() && kinds.more() {
		ref += ids.signed()
		role, ok := d.text(roles.next())
		if !ok {
			return damaged("relation %d has a role beyond the string table", id)
		}
		r.members = append(r.members, member{kind: int(kinds.next()), id: ref, role: role})
	}
	if roles.bad || ids.bad || kinds.bad || ids.more() || roles.more() || kinds.more() {
		return damaged("relation %d has malformed members", id)
	}
	d.block.relations = append(d.block.relations, r)
	return nil
}
