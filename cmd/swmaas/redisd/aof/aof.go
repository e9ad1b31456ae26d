// Package aof mends the append-only file of a Redis that is not running.
//
// A commit is written as one transaction, MULTI to EXEC, and a crash or a power cut may leave the file cut at any byte. Redis
// by itself (7.0, aof-load-truncated yes) drops a command that is cut off, but keeps a MULTI and the whole commands behind it.
// Nothing of them runs at that start. What is appended afterwards however lands inside the transaction: the next EXEC, at the
// start after, runs commands of a commit that nobody acknowledged, and where no EXEC follows, acknowledged writes are dropped.
// Mend, before every start, drops the unfinished transaction as a whole.
package aof

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

const (
	folder     = "appendonlydir"           // appenddirname, as Redis has it by default
	manifest   = "appendonly.aof.manifest" // lists the files of the log, for the default appendfilename
	buffer     = 1 << 20                   // bytes read at once
	maxElement = 1 << 29                   // bytes of one argument, and number of arguments: proto-max-bulk-len, 512 MB
	maxNumber  = 32                        // bytes of a line "*N" or "$N"
)

// errDamaged says that a file holds what no cut explains. Redis refuses it with advice of its own.
var errDamaged = errors.New("no command where one should begin")

// Mend cuts the append-only file of the Redis that works in dir back to the end of its last whole command or transaction, syncs it
// and returns the number of bytes dropped: 0 for a whole file, which is not written to, and where there is no append-only file.
// A file that is damaged otherwise than by a cut at its end is left for Redis to refuse; a damaged length that reaches beyond the end
// cannot be told from a cut, which is how Redis takes it, too. Only the last file that the manifest lists is
// looked at: Redis finishes one before it begins the next. The caller sees to it that no Redis runs in dir. Time: one read
// of the file. Errors: those of the file system.
func Mend(dir string) (dropped int64, err error) {
	name, err := growing(filepath.Join(dir, folder, manifest))
	if err != nil || name == "" {
		return 0, err
	}
	file, err := os.OpenFile(filepath.Join(dir, folder, name), os.O_RDWR, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil // Redis says so
	}
	if err != nil {
		return 0, fmt.Errorf("aof: open: %w", err)
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	scan := scanner{in: bufio.NewReaderSize(file, buffer)}
	err = scan.run()
	if errors.Is(err, errDamaged) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("aof: read %s: %w", name, err)
	}
	info, err := file.Stat()
	if err != nil {
		return 0, fmt.Errorf("aof: size of %s: %w", name, err)
	}
	if dropped = info.Size() - scan.whole; dropped == 0 {
		return 0, nil
	}
	if err := file.Truncate(scan.whole); err != nil {
		return 0, fmt.Errorf("aof: drop the unfinished end of %s: %w", name, err)
	}
	if err := file.Sync(); err != nil {
		return 0, fmt.Errorf("aof: sync %s: %w", name, err)
	}
	return dropped, nil
}

// growing returns the name of the file that Redis appends to, the last one of type i in the manifest, whose lines are
// "file NAME seq N type b|h|i". It is empty where there is no manifest or no such file.
func growing(path string) (name string, err error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("aof: read manifest: %w", err)
	}
	for line := range strings.Lines(string(text)) {
		words := strings.Fields(line)
		if len(words) >= 6 && words[0] == "file" && words[4] == "type" && words[5] == "i" && words[1] == filepath.Base(words[1]) {
			name = words[1]
		}
	}
	return name, nil
}

// scanner reads an append-only file: commands as arrays of bulk strings, and lines of annotation that begin with "#".
type scanner struct {
	in    *bufio.Reader
	at    int64 // offset of the next byte
	whole int64 // end of the last whole command or annotation outside a transaction
	multi bool  // between MULTI and EXEC
}

// run reads to the end and leaves it to whole how much of the file is good. A file that ends within a command is no error.
// Errors: errDamaged, those of the file.
func (s *scanner) run() error {
	for {
		name, err := s.command()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		switch name {
		case "MULTI":
			s.multi = true
		case "EXEC":
			s.multi = false
		}
		if !s.multi {
			s.whole = s.at
		}
	}
}

// command reads one command and returns its name in capitals where it has no arguments: only MULTI and EXEC are of interest. An
// annotation is a command of no name. Errors: io.EOF where the file ends before or within it.
func (s *scanner) command() (name string, err error) {
	first, err := s.in.ReadByte()
	if err != nil {
		return "", err
	}
	s.at++
	switch first {
	case '#':
		return "", s.annotation()
	case '*':
	default:
		return "", errDamaged
	}
	count, err := s.number()
	if err == nil && count == 0 {
		err = errDamaged
	}
	if err != nil {
		return "", err
	}
	if count == 1 {
		return s.word()
	}
	for range count {
		size, err := s.size()
		if err != nil {
			return "", err
		}
		if err := s.skip(size); err != nil {
			return "", err
		}
	}
	return "", nil
}

// annotation reads the rest of a line of any length.
func (s *scanner) annotation() error {
	for {
		line, err := s.in.ReadSlice('\n')
		s.at += int64(len(line))
		if !errors.Is(err, bufio.ErrBufferFull) {
			return err
		}
	}
}

// word reads the only element of a command, in capitals; a long one is no word of interest and read as none.
func (s *scanner) word() (string, error) {
	size, err := s.size()
	if err != nil {
		return "", err
	}
	if size > len("MULTI") {
		return "", s.skip(size)
	}
	text, err := s.in.Peek(size) // the buffer is far larger
	if err != nil {
		return "", err
	}
	name := strings.ToUpper(string(text))
	return name, s.skip(size)
}

// size reads the line "$N" before an element.
func (s *scanner) size() (int, error) {
	first, err := s.in.ReadByte()
	if err != nil {
		return 0, err
	}
	s.at++
	if first != '$' {
		return 0, errDamaged
	}
	return s.number()
}

// number reads the decimal number that ends a line.
func (s *scanner) number() (int, error) {
	line, err := s.in.ReadSlice('\n')
	s.at += int64(len(line))
	if errors.Is(err, bufio.ErrBufferFull) || len(line) > maxNumber {
		return 0, errDamaged
	}
	if err != nil {
		return 0, err
	}
	digits, ok := bytes.CutSuffix(line, []byte("\r\n"))
	n, err := strconv.ParseUint(string(digits), 10, 64)
	if !ok || err != nil || n > maxElement {
		return 0, errDamaged
	}
	return int(n), nil
}

// skip reads an element of the given size and the line break behind it.
func (s *scanner) skip(size int) error {
	n, err := s.in.Discard(size)
	s.at += int64(n)
	if err != nil {
		return err
	}
	for _, want := range "\r\n" {
		got, err := s.in.ReadByte()
		if err != nil {
			return err
		}
		s.at++
		if rune(got) != want {
			return errDamaged
		}
	}
	return nil
}
