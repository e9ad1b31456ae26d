package osm

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"runtime"
	"sync"
)

// Limits of the format (OSM wiki, "PBF Format", file format section): a larger value is damage or an attack.
const (
	maxHeaderBytes = 64 << 10
	maxBlobBytes   = 32 << 20
)

// understoodFeatures are the required features of a PBF header that this reader handles. History files are read as
// if every version were current, which no extract for routing contains.
var understoodFeatures = map[string]bool{"OsmSchema-V0.6": true, "DenseNodes": true}

// blob is one undecoded block of a PBF file.
type blob struct {
	kind string // "OSMHeader", "OSMData", or a kind to be skipped
	data []byte // encoded Blob message
}

// readPBF decodes the kept elements of a PBF stream on all processors and hands them to visit in file order, from the
// calling goroutine. It stops at the first error, its own or one of visit.
func readPBF(r io.Reader, k keep, visit func(*block) error) error {
	workers := runtime.GOMAXPROCS(0)
	type result struct {
		block *block
		err   error
	}
	type job struct {
		blob blob
		out  chan result
	}
	jobs := make(chan job)
	order := make(chan chan result, 2*workers)
	stop := make(chan struct{})
	var wg sync.WaitGroup
	defer wg.Wait()
	defer close(stop)
	for range workers {
		wg.Go(func() {
			d := decoder{keep: k}
			for j := range jobs {
				b, err := d.decode(j.blob)
				j.out <- result{b, err}
			}
		})
	}
	wg.Go(func() { // reads blobs and keeps their order; owns jobs and order
		defer close(jobs)
		defer close(order)
		for {
			b, err := readBlob(r)
			if errors.Is(err, io.EOF) {
				return
			}
			out := make(chan result, 1)
			select {
			case order <- out:
			case <-stop:
				return
			}
			if err != nil {
				out <- result{err: err}
				return
			}
			select {
			case jobs <- job{b, out}:
			case <-stop:
				return
			}
		}
	})
	for out := range order {
		res := <-out
		if res.err != nil {
			return res.err
		}
		if err := visit(res.block); err != nil {
			return err
		}
	}
	return nil
}

// readBlob reads the next blob. It returns io.EOF only where the file ends between two blobs.
func readBlob(r io.Reader) (blob, error) {
	var size [4]byte
	if _, err := io.ReadFull(r, size[:]); err != nil {
		if errors.Is(err, io.EOF) {
			return blob{}, io.EOF
		}
		return blob{}, cutOff(err)
	}
	n := binary.BigEndian.Uint32(size[:])
	if n == 0 || n > maxHeaderBytes {
		return blob{}, damaged("blob header of %d bytes, the limit is %d", n, maxHeaderBytes)
	}
	header := make([]byte, n)
	if _, err := io.ReadFull(r, header); err != nil {
		return blob{}, cutOff(err)
	}
	var b blob
	var length uint64
	w := wire{rest: header}
	for w.next() {
		switch {
		case w.message(1):
			b.kind = string(w.data)
		case w.field == 3 && w.kind == wireVarint:
			length = w.value
		}
	}
	if w.bad || b.kind == "" {
		return blob{}, damaged("blob header is malformed")
	}
	if length > maxBlobBytes {
		return blob{}, damaged("blob of %d bytes, the limit is %d", length, maxBlobBytes)
	}
	b.data = make([]byte, length)
	if _, err := io.ReadFull(r, b.data); err != nil {
		return blob{}, cutOff(err)
	}
	return b, nil
}

// cutOff names the end of a file inside an element; other read errors stay as they are.
func cutOff(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return ErrCutOff
	}
	return err
}

// inflate returns the content of an encoded Blob message, decompressed into buf where that is large enough.
func inflate(data, buf []byte) ([]byte, error) {
	var raw, packedData []byte
	var size uint64
	w := wire{rest: data}
	for w.next() {
		switch {
		case w.message(1):
			raw = w.data
		case w.field == 2 && w.kind == wireVarint:
			size = w.value
		case w.message(3):
			packedData = w.data
		case w.field >= 4 && w.field <= 7:
			return nil, fmt.Errorf("%w: blob compression number %d, only zlib is read", ErrUnsupported, w.field)
		}
	}
	switch {
	case w.bad:
		return nil, damaged("blob is malformed")
	case raw != nil:
		return raw, nil
	case packedData == nil:
		return nil, damaged("blob without content")
	case size > maxBlobBytes:
		return nil, damaged("blob of %d bytes unpacked, the limit is %d", size, maxBlobBytes)
	}
	z, err := zlib.NewReader(bytes.NewReader(packedData))
	if err != nil {
		return nil, damaged("blob does not unpack: %v", err)
	}
	if uint64(cap(buf)) < size {
		buf = make([]byte, size)
	}
	buf = buf[:size]
	if _, err := io.ReadFull(z, buf); err != nil {
		return nil, damaged("blob does not unpack: %v", err)
	}
	if n, err := z.Read(make([]byte, 1)); n != 0 || !errors.Is(err, io.EOF) {
		return nil, damaged("blob unpacks to more than the %d bytes it states", size)
	}
	return buf, nil
}

// checkHeader refuses a file that requires features this reader does not have.
func checkHeader(content []byte) error {
	w := wire{rest: content}
	for w.next() {
		if w.message(4) && !understoodFeatures[string(w.data)] {
			return fmt.Errorf("%w: %q", ErrUnsupported, w.data)
		}
	}
	if w.bad {
		return damaged("file header is malformed")
	}
	return nil
}
