package osm

import (
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/paulmach/osm"
	"github.com/paulmach/osm/osmxml"
)

// xmlBatch is how many elements of an XML file are handed on at a time.
const xmlBatch = 8192

// readXML decodes the kept elements of an OSM XML stream and hands them to visit in file order.
func readXML(r io.Reader, k keep, visit func(*block) error) error {
	scanner := osmxml.New(context.Background(), r)
	defer func() { _ = scanner.Close() }() // closes nothing of ours and returns nil
	b := &block{}
	elements := 0
	for scanner.Scan() {
		addXML(b, scanner.Object(), k)
		if elements++; elements%xmlBatch == 0 {
			if err := visit(b); err != nil {
				return err
			}
			b = &block{}
		}
	}
	if err := scanner.Err(); err != nil {
		return xmlError(err)
	}
	return visit(b)
}

func xmlError(err error) error {
	syntax, ok := errors.AsType[*xml.SyntaxError](err)
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF), ok && strings.Contains(syntax.Msg, "unexpected EOF"):
		return fmt.Errorf("%w (%w)", ErrCutOff, err)
	default:
		return fmt.Errorf("%w: %w", ErrDamaged, err)
	}
}

func addXML(b *block, object osm.Object, k keep) {
	switch e := object.(type) {
	case *osm.Node:
		if t := xmlTags(e.Tags); k.node != nil && k.node(int64(e.ID), t) {
			b.nodes = append(b.nodes, rawNode{id: int64(e.ID), lat: e.Lat, lng: e.Lon, tags: t})
		}
	case *osm.Way:
		if t := xmlTags(e.Tags); k.way != nil && k.way(t) {
			w := rawWay{id: int64(e.ID), tags: t}
			for _, n := range e.Nodes {
				w.refs = append(w.refs, int64(n.ID))
			}
			b.ways = append(b.ways, w)
		}
	case *osm.Relation:
		if t := xmlTags(e.Tags); k.relation != nil && k.relation(t) {
			r := rawRelation{id: int64(e.ID), tags: t}
			for _, m := range e.Members {
				r.members = append(r.members, member{kind: xmlKind(m.Type), id: m.Ref, role: m.Role})
			}
			b.relations = append(b.relations, r)
		}
	}
}

func xmlKind(t osm.Type) int {
	switch t {
	case osm.TypeNode:
		return memberNode
	case osm.TypeWay:
		return memberWay
	default:
		return -1
	}
}

func xmlTags(in osm.Tags) tags {
	out := make(tags, len(in))
	for i, t := range in {
		out[i] = tag{t.Key, t.Value}
	}
	return out
}
