package routing

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
	"strings"
	"unsafe"
)

// The graph file: a header of headerBytes, then every column of graphData, two for the names and one for the hierarchy (see
// cch.Topology.AppendBinary), each as its length in bytes (8 bytes, little-endian) and its content padded to a multiple of 8.
//
//	0  8 bytes  magic
//	8  4 bytes  version
//	12 4 bytes  CRC-32C of everything after the header
//	16 8 bytes  number of bytes after the header
const (
	fileMagic   = "SWMROADS"
	fileVersion = 4
	headerBytes = 24
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// WriteFile writes the graph to a file, complete or not at all: it writes beside path and renames. Where writing fails,
// whatever was at path stays as it was.
func (g *Graph) WriteFile(path string) error {
	if err := g.writeFile(path); err != nil {
		return fmt.Errorf("routing: write graph %s: %w", path, err)
	}
	return nil
}

func (g *Graph) writeFile(path string) (err error) {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, f.Close(), os.Remove(f.Name()))
		}
	}()
	if err = g.writeTo(f); err != nil {
		return err
	}
	if err = f.Chmod(0o644); err != nil {
		return err
	}
	if err = f.Sync(); err != nil {
		return err
	}
	if err = f.Close(); err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return os.Rename(f.Name(), path)
}

// writeTo writes the body first and the header, which needs the body's checksum, last.
func (g *Graph) writeTo(f io.WriteSeeker) error {
	if _, err := f.Seek(headerBytes, io.SeekStart); err != nil {
		return err
	}
	sum := crc32.New(castagnoli)
	buffered := bufio.NewWriterSize(f, 1<<20)
	w := io.MultiWriter(buffered, sum)
	size := uint64(0)
	for _, raw := range g.sections() {
		head := binary.LittleEndian.AppendUint64(nil, uint64(len(raw)))
		for _, part := range [...][]byte{head, raw, make([]byte, padding(len(raw)))} {
			if _, err := w.Write(part); err != nil {
				return err
			}
			size += uint64(len(part))
		}
	}
	if err := buffered.Flush(); err != nil {
		return err
	}
	header := append([]byte(nil), fileMagic...)
	header = binary.LittleEndian.AppendUint32(header, fileVersion)
	header = binary.LittleEndian.AppendUint32(header, sum.Sum32())
	header = binary.LittleEndian.AppendUint64(header, size)
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return err
	}
	_, err := f.Write(header)
	return err
}

func padding(n int) int { return -n & 7 }

// sections returns the content of the file's columns.
func (g *Graph) sections() [][]byte {
	var out [][]byte
	for _, c := range g.columns() {
		out = append(out, c.bytes())
	}
	ends := make([]int32, 0, len(g.names))
	var text strings.Builder
	for _, n := range g.names {
		text.WriteString(n)
		ends = append(ends, int32(text.Len()))
	}
	encoded, _ := g.hierarchy.AppendBinary(nil) // its error is always nil
	return append(out, columnOf("name ends", &ends, 4).bytes(), []byte(text.String()), encoded)
}

// ReadFile reads a graph that WriteFile wrote. Errors name the file and wrap ErrNotGraphFile where it is something else
// or damaged, ErrGraphVersion where another version of the program wrote it, or the operating system's error.
func ReadFile(path string) (*Graph, error) {
	g, err := readFile(path)
	if err != nil {
		return nil, fmt.Errorf("routing: read graph %s: %w", path, err)
	}
	return g, nil
}

func readFile(path string) (*Graph, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // only read from
	st, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if !st.Mode().IsRegular() {
		return nil, fmt.Errorf("%w: not a regular file", ErrNotGraphFile)
	}
	words := make([]uint64, (st.Size()+7)/8) // aligned to 8 bytes, as the columns must be
	if len(words) == 0 {
		return nil, fmt.Errorf("%w: it is empty", ErrNotGraphFile)
	}
	raw := unsafe.Slice((*byte)(unsafe.Pointer(&words[0])), st.Size())
	if _, err := io.ReadFull(f, raw); err != nil {
		return nil, err
	}
	return parseGraph(raw)
}

// parseGraph checks the content of a graph file, whose start is aligned to 8 bytes, and adopts it.
func parseGraph(raw []byte) (*Graph, error) {
	if len(raw) < headerBytes || string(raw[:8]) != fileMagic {
		return nil, fmt.Errorf("%w: it does not begin like one", ErrNotGraphFile)
	}
	if v := binary.LittleEndian.Uint32(raw[8:]); v != fileVersion {
		return nil, fmt.Errorf("%w: version %d, this program reads %d; build it again with: swmaas graph build --osm EXTRACT -o GRAPH",
			ErrGraphVersion, v, fileVersion)
	}
	body := raw[headerBytes:]
	if n := binary.LittleEndian.Uint64(raw[16:]); n != uint64(len(body)) {
		return nil, fmt.Errorf("%w: %d bytes instead of %d; it is cut off or something was appended", ErrNotGraphFile, len(body), n)
	}
	if crc32.Checksum(body, castagnoli) != binary.LittleEndian.Uint32(raw[12:]) {
		return nil, fmt.Errorf("%w: the checksum is wrong", ErrNotGraphFile)
	}
	g := &Graph{}
	var ends []int32
	var text, encoded []byte
	columns := append(g.columns(), columnOf("name ends", &ends, 4), columnOf("names", &text, 1), columnOf("hierarchy", &encoded, 1))
	for _, c := range columns {
		if len(body) < 8 {
			return nil, fmt.Errorf("%w: no %s", ErrNotGraphFile, c.name)
		}
		n := binary.LittleEndian.Uint64(body)
		body = body[8:]
		if n > uint64(len(body)) || n+uint64(padding(int(n))) > uint64(len(body)) {
			return nil, fmt.Errorf("%w: %s of %d bytes", ErrNotGraphFile, c.name, n)
		}
		if !c.set(body[:n:n]) {
			return nil, fmt.Errorf("%w: %s of %d bytes", ErrNotGraphFile, c.name, n)
		}
		body = body[n+uint64(padding(int(n))):]
	}
	if !g.setNames(ends, string(text)) {
		return nil, fmt.Errorf("%w: names are damaged", ErrNotGraphFile)
	}
	if problem := g.check(); problem != "" {
		return nil, fmt.Errorf("%w: %s", ErrNotGraphFile, problem)
	}
	if err := g.adoptHierarchy(encoded); err != nil {
		return nil, err
	}
	return g, nil
}

func (g *Graph) setNames(ends []int32, text string) bool {
	g.names = make([]string, len(ends))
	last := int32(0)
	for i, end := range ends {
		if end < last || int(end) > len(text) {
			return false
		}
		g.names[i] = text[last:end]
		last = end
	}
	return int(last) == len(text)
}
