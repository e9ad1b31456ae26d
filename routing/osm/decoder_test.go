//go:build !cgo

package osm_test

// Without cgo only: with it, the decoder that this test compares with needs the C headers of zlib.

import (
	"fmt"
	"hash/fnv"
	"maps"
	"os"
	"slices"
	"testing"

	posm "github.com/paulmach/osm"
	"github.com/paulmach/osm/osmpbf"

	"github.com/swmaas/swmaas/routing/osm"
)

// TestDecoderAgreesWithAnother compares every element of the extracts, by a sum of hashes, with what the decoder of
// github.com/paulmach/osm reads.
func TestDecoderAgreesWithAnother(t *testing.T) {
	paths := []func(*testing.T) string{
		func(t *testing.T) string { return delaware(t) },
		func(t *testing.T) string { return shared(t, "monaco.osm.pbf") },
		func(t *testing.T) string { return shared(t, "liechtenstein.osm.pbf") },
		func(t *testing.T) string { return shared(t, "porto.osm.pbf") },
	}
	for i, path := range paths {
		t.Run(fmt.Sprint(i), func(t *testing.T) { compareDecoders(t, path(t)) })
	}
}

func compareDecoders(t *testing.T, path string) {
	var ours, theirs uint64
	n := 0
	all := func(byte, map[string]string) bool { return true }
	if err := osm.Elements(path, all, func(e osm.Element) { ours += hash(e); n++ }); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	s := osmpbf.New(t.Context(), f, 2)
	defer s.Close()
	m := 0
	for s.Scan() {
		theirs += hash(convert(s.Object()))
		m++
	}
	if s.Err() != nil || n != m || ours != theirs {
		t.Errorf("%s: %d elements, the other decoder %d, hashes %x and %x, error %v", path, n, m, ours, theirs, s.Err())
	}
}

func convert(object posm.Object) osm.Element {
	var e osm.Element
	switch o := object.(type) {
	case *posm.Node:
		e = osm.Element{Kind: 'n', ID: int64(o.ID), Lat: o.Lat, Lng: o.Lon, Tags: o.Tags.Map()}
	case *posm.Way:
		e = osm.Element{Kind: 'w', ID: int64(o.ID), Tags: o.Tags.Map()}
		for _, n := range o.Nodes {
			e.Refs = append(e.Refs, int64(n.ID))
		}
	case *posm.Relation:
		e = osm.Element{Kind: 'r', ID: int64(o.ID), Tags: o.Tags.Map()}
		for _, m := range o.Members {
			kind := byte('?')
			if m.Type == posm.TypeNode || m.Type == posm.TypeWay {
				kind = m.Type[0]
			}
			e.Members = append(e.Members, osm.Member{Kind: kind, Ref: m.Ref, Role: m.Role})
		}
	}
	return e
}

func hash(e osm.Element) uint64 {
	h := fnv.New64a()
	fmt.Fprintf(h, "%c%d %.7f %.7f %v %v", e.Kind, e.ID, e.Lat, e.Lng, e.Refs, e.Members)
	for _, k := range slices.Sorted(maps.Keys(e.Tags)) {
		fmt.Fprintf(h, "|%s=%s", k, e.Tags[k])
	}
	return h.Sum64()
}
