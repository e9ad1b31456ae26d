package routing

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"unsafe"
)

func graphFile(t testing.TB, g *Graph) (path string, content []byte) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "roads.graph")
	if err := g.WriteFile(path); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return path, content
}

func TestAGraphFileHoldsTheWholeGraph(t *testing.T) {
	for _, g := range []*Graph{square(t), randomGraph(t, 3, 300)} {
		path, content := graphFile(t, g)
		again, err := ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(g.sections(), again.sections()) || !reflect.DeepEqual(g.Info(), again.Info()) {
			t.Error("the graph read differs from the one written")
		}
		if _, twice := graphFile(t, again); !bytes.Equal(content, twice) {
			t.Error("writing it again gives another file")
		}
	}
}

func TestDamagedGraphFilesAreErrorsThatNameThem(t *testing.T) {
	_, content := graphFile(t, square(t))
	edit := func(f func(c []byte) []byte) []byte { return f(bytes.Clone(content)) }
	for name, c := range map[string]struct {
		content []byte
		want    error
	}{
		"empty":      {nil, ErrNotGraphFile},
		"other file": {[]byte("id,lat,lng\n1,2,3\n and so on"), ErrNotGraphFile},
		"cut off":    {content[:len(content)-9], ErrNotGraphFile},
		"appended":   {edit(func(c []byte) []byte { return append(c, 0) }), ErrNotGraphFile},
		"a bit":      {edit(func(c []byte) []byte { c[len(c)/2] ^= 4; return c }), ErrNotGraphFile},
		"version":    {edit(func(c []byte) []byte { c[8]++; return c }), ErrGraphVersion},
	} {
		path := filepath.Join(t.TempDir(), "damaged.graph")
		if err := os.WriteFile(path, c.content, 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := ReadFile(path)
		if !errors.Is(err, c.want) || !strings.Contains(err.Error(), "damaged.graph") {
			t.Errorf("%s: %v", name, err)
		}
		if errors.Is(err, ErrGraphVersion) && !strings.Contains(err.Error(), "swmaas graph build") {
			t.Errorf("%s does not say how to rebuild: %v", name, err)
		}
	}
	if _, err := ReadFile(filepath.Join(t.TempDir(), "absent")); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
	if _, err := ReadFile(t.TempDir()); !errors.Is(err, ErrNotGraphFile) {
		t.Errorf("a folder: %v", err)
	}
}

func TestAFailedWriteLeavesTheOldFile(t *testing.T) {
	g := square(t)
	if err := g.WriteFile(filepath.Join(t.TempDir(), "no", "such", "folder.graph")); err == nil {
		t.Error("a missing folder is accepted")
	}
	path, content := graphFile(t, g)
	if err := g.WriteFile(path); err != nil {
		t.Fatal(err)
	}
	if again, _ := os.ReadFile(path); !bytes.Equal(content, again) {
		t.Error("the file changed")
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(path), ".*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

// seal makes the header of a body right, so that mutations of it reach the checks behind the checksum.
func seal(body []byte) []byte {
	header := append([]byte(nil), fileMagic...)
	header = binary.LittleEndian.AppendUint32(header, fileVersion)
	header = binary.LittleEndian.AppendUint32(header, crc32.Checksum(body, castagnoli))
	return append(binary.LittleEndian.AppendUint64(header, uint64(len(body))), body...)
}

// FuzzReadGraph mutates the body of graph files: the reader must refuse it, or accept a graph that can be searched.
func FuzzReadGraph(f *testing.F) {
	for seed := range uint64(3) {
		_, content := graphFile(f, randomGraph(f, seed, 12))
		f.Add(content[headerBytes:])
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		sealed := seal(body)
		words := make([]uint64, (len(sealed)+7)/8)
		raw := unsafe.Slice((*byte)(unsafe.Pointer(&words[0])), len(sealed))
		copy(raw, sealed)
		g, err := parseGraph(raw)
		if err != nil {
			return
		}
		g.Info()
		r := NewRouter(g, RouterConfig{})
		var points []Point
		for s := range min(g.numSegments(), 5) {
			points = append(points, Point{seg: int32(s) + 1, frac: fractionOne / 3})
		}
		if err := r.Matrix(t.Context(), points, points, make([]int32, len(points)*len(points)), nil); err != nil {
			t.Fatal(err)
		}
		for _, p := range points {
			_, _ = r.Route(t.Context(), points[0], p) // unreachable is fine
			_, _ = g.Snap(g.At(p), SnapOptions{})
		}
	})
}
