package osm

import (
	"bufio"
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// message encodes protobuf fields: an int is a varint field, anything else bytes.
func message(fields ...any) []byte {
	var out []byte
	for i := 0; i < len(fields); i += 2 {
		number := uint64(fields[i].(int))
		switch v := fields[i+1].(type) {
		case int:
			out = binary.AppendUvarint(out, number<<3|wireVarint)
			out = binary.AppendUvarint(out, uint64(v))
		case string:
			out = binary.AppendUvarint(out, number<<3|wireBytes)
			out = append(binary.AppendUvarint(out, uint64(len(v))), v...)
		case []byte:
			out = binary.AppendUvarint(out, number<<3|wireBytes)
			out = append(binary.AppendUvarint(out, uint64(len(v))), v...)
		}
	}
	return out
}

func varints(values ...int64) []byte {
	var out []byte
	for _, v := range values {
		out = binary.AppendUvarint(out, uint64(v))
	}
	return out
}

func zigzags(values ...int64) []byte {
	var out []byte
	for _, v := range values {
		out = binary.AppendVarint(out, v)
	}
	return out
}

// fileBlock frames one blob, raw or compressed.
func fileBlock(kind string, content []byte, compressed bool) []byte {
	body := message(1, content)
	if compressed {
		var z bytes.Buffer
		w := zlib.NewWriter(&z)
		_, _ = w.Write(content) // a bytes.Buffer takes everything
		_ = w.Close()
		body = message(2, len(content), 3, z.Bytes())
	}
	header := message(1, kind, 3, len(body))
	out := binary.BigEndian.AppendUint32(nil, uint32(len(header)))
	return append(append(out, header...), body...)
}

// smallPBF is a file with one residential street of three nodes, one of them a plain (not dense) node, and a restriction.
func smallPBF(compressed bool) []byte {
	table := message(1, "", 1, "highway", 1, "residential", 1, "barrier", 1, "bollard", 1, "type", 1, "restriction", 1, "no_u_turn", 1, "from", 1, "via", 1, "to")
	dense := message(1, zigzags(10, 1), 8, zigzags(368700000, 1000), 9, zigzags(1374500000, 1000), 10, varints(0, 3, 4, 0))
	node := message(1, 24, 8, 2*368702000, 9, 2*1374502000) // id 12, zigzag coded
	way := message(1, 7, 2, varints(1), 3, varints(2), 8, zigzags(10, 1, 1))
	rel := message(1, 9, 2, varints(5, 6), 3, varints(6, 7), 8, varints(8, 9, 10), 9, zigzags(7, 5, -5), 10, varints(1, 0, 1))
	data := message(1, table, 2, message(2, dense, 1, node), 2, message(3, way), 2, message(4, rel))
	out := fileBlock("OSMHeader", message(4, "OsmSchema-V0.6", 4, "DenseNodes"), compressed)
	return append(out, fileBlock("OSMData", data, compressed)...)
}

func writeTemp(t testing.TB, name string, content []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestBothKindsOfNodesAreRead(t *testing.T) {
	for _, compressed := range []bool{false, true} {
		net, rep, err := Read(writeTemp(t, "small.pbf", smallPBF(compressed)), Config{})
		if err != nil {
			t.Fatal(err)
		}
		if len(net.Nodes) != 3 || len(net.Ways) != 1 || rep.Nodes != 3 {
			t.Fatalf("%d nodes, %d ways, report %+v", len(net.Nodes), len(net.Ways), rep)
		}
		if got := net.Nodes[2].At; got.Lat < 36.8701 || got.Lat > 36.8703 {
			t.Errorf("plain node at %v", got)
		}
		if !net.Nodes[1].Blocked || net.Nodes[0].Blocked {
			t.Errorf("the bollard is on node 2 only: %+v", net.Nodes)
		}
		if !net.Japan || !net.DriveLeft {
			t.Errorf("36.87,137.45 is in Japan: %v %v", net.Japan, net.DriveLeft)
		}
	}
}

func TestAFileCutOffAnywhereIsAnErrorThatNamesIt(t *testing.T) {
	whole := smallPBF(true)
	header := 4 + int(binary.BigEndian.Uint32(whole)) // the file may end between blobs: then it has no roads
	for n := range len(whole) {
		_, _, err := Read(writeTemp(t, "cut.pbf", whole[:n]), Config{})
		if err == nil || !strings.Contains(err.Error(), "cut.pbf") {
			t.Fatalf("cut after %d of %d bytes: %v", n, len(whole), err)
		}
		if n > header+64 && !errors.Is(err, ErrCutOff) && !errors.Is(err, ErrNoRoads) {
			t.Errorf("cut after %d bytes: %v", n, err)
		}
	}
}

func TestHostileFilesAreErrors(t *testing.T) {
	data := func(fields ...any) []byte {
		return append(fileBlock("OSMHeader", message(4, "OsmSchema-V0.6"), false), fileBlock("OSMData", message(fields...), false)...)
	}
	table := message(1, "", 1, "highway", 1, "residential")
	way := func(key, value int64) []byte {
		return message(3, message(1, 1, 2, varints(key), 3, varints(value), 8, zigzags(1, 1)))
	}
	bomb := fileBlock("OSMHeader", nil, false)
	bomb = append(bomb, fileBlock("OSMData", bytes.Repeat([]byte{0}, 1<<20), true)...)
	for name, c := range map[string]struct {
		content []byte
		want    error
	}{
		"empty":                         {nil, ErrCutOff},
		"not a map":                     {[]byte("\x00\x00\x00\x05hello, this is not a map"), ErrUnknownFormat},
		"html":                          {[]byte("<html><body>404"), ErrCutOff},
		"tag index beyond the table":    {data(1, table, 2, way(1, 99)), ErrDamaged},
		"keys without values":           {data(1, table, 2, message(3, message(1, 1, 2, varints(1)))), ErrDamaged},
		"dense columns differ":          {data(1, table, 2, message(2, message(1, zigzags(1, 1), 8, zigzags(1), 9, zigzags(1, 1))), 2, way(1, 2)), ErrDamaged},
		"string table is no message":    {data(1, []byte{0xff, 0xff}), ErrDamaged},
		"required feature":              {fileBlock("OSMHeader", message(4, "LocationsOnWays2"), false), ErrUnsupported},
		"unknown compression":           {append(fileBlock("OSMHeader", nil, false), frame("OSMData", message(7, []byte("zstd")))...), ErrUnsupported},
		"states less than it unpacks":   {append(fileBlock("OSMHeader", nil, false), frame("OSMData", message(2, 1, 3, deflate(make([]byte, 99))))...), ErrDamaged},
		"states more than it unpacks":   {append(fileBlock("OSMHeader", nil, false), frame("OSMData", message(2, 99, 3, deflate(make([]byte, 1))))...), ErrDamaged},
		"states more than any blob may": {append(fileBlock("OSMHeader", nil, false), frame("OSMData", message(2, 1<<40, 3, deflate(nil)))...), ErrDamaged},
		"zeros":                         {bomb, ErrDamaged},
		"no roads":                      {data(1, table), ErrNoRoads},
		"xml cut off":                   {[]byte("<?xml version='1.0'?><osm><node id='1' lat='1' lon='1'/><way id='2'><nd ref='1'/>"), ErrCutOff},
		"xml with a bad number":         {[]byte("<osm><node id='1' lat='north' lon='1'/></osm>"), ErrDamaged},
		"xml without roads":             {[]byte("<osm><node id='1' lat='1' lon='1'/></osm>"), ErrNoRoads},
	} {
		t.Run(name, func(t *testing.T) {
			_, _, err := Read(writeTemp(t, "hostile", c.content), Config{})
			if !errors.Is(err, c.want) {
				t.Errorf("error is %v, want %v", err, c.want)
			}
		})
	}
}

func frame(kind string, body []byte) []byte {
	header := message(1, kind, 3, len(body))
	out := binary.BigEndian.AppendUint32(nil, uint32(len(header)))
	return append(append(out, header...), body...)
}

func deflate(content []byte) []byte {
	var z bytes.Buffer
	w := zlib.NewWriter(&z)
	_, _ = w.Write(content) // a bytes.Buffer takes everything
	_ = w.Close()
	return z.Bytes()
}

func TestAMissingFileIsTheSystemsError(t *testing.T) {
	if _, _, err := Read(filepath.Join(t.TempDir(), "absent.pbf"), Config{}); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
}

func TestNodesOutOfRangeAreDroppedAndCounted(t *testing.T) {
	xml := `<osm><node id='1' lat='1' lon='1'/><node id='2' lat='1.001' lon='1'/><node id='3' lat='95' lon='1'/><node id='4' lat='NaN' lon='1'/>
	<way id='5'><nd ref='1'/><nd ref='2'/><nd ref='3'/><nd ref='4'/><tag k='highway' v='primary'/></way></osm>`
	net, rep, err := Read(writeTemp(t, "range.osm", []byte(xml)), Config{})
	if err != nil {
		t.Fatal(err)
	}
	if len(net.Ways) != 1 || len(net.Ways[0].Nodes) != 2 {
		t.Errorf("ways %+v", net.Ways)
	}
	want := Count{"node with coordinates out of range", 2}
	if len(rep.Dropped) == 0 || rep.Dropped[0] != want && rep.Dropped[1] != want {
		t.Errorf("dropped %+v", rep.Dropped)
	}
}

// FuzzRead feeds the decoder arbitrary bytes: it must answer with a network or an error, never panic or hang.
func FuzzRead(f *testing.F) {
	f.Add(smallPBF(false))
	f.Add(smallPBF(true))
	f.Add([]byte("<osm><node id='1' lat='1' lon='1'/><way id='2'><nd ref='1'/><tag k='highway' v='road'/></way></osm>"))
	f.Fuzz(func(t *testing.T, content []byte) {
		r := reader{dropped: map[string]int{}}
		net, err := r.read(func(k keep, visit func(*block) error) error {
			return decode(bufio.NewReader(bytes.NewReader(content)), k, visit)
		})
		if (net == nil) == (err == nil) {
			t.Fatalf("network %v, error %v", net, err)
		}
	})
}
