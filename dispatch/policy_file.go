package dispatch

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
)

// A policy file is JSON: staff of a municipality can read it in any editor, every tool can check it, and it needs no further
// library. It is read token by token rather than by reflection, because a refused policy must name the line; unknown and
// repeated fields are faults, since a misspelt "permit" must not pass for a missing one.

// position is a line of a file, from 1.
type position struct {
	file string
	line int
}

// PolicyError is one fault of a policy file.
type PolicyError struct {
	File   string
	Line   int
	Reason string
}

func (e *PolicyError) Error() string {
	return fmt.Sprintf("dispatch: policy %s:%d: %s", e.File, e.Line, e.Reason)
}

func (at position) fault(format string, args ...any) *PolicyError {
	return &PolicyError{at.file, at.line, fmt.Sprintf(format, args...)}
}

// kind is the JSON type of a value.
type jsonKind string

const (
	jsonObject jsonKind = "an object"
	jsonArray  jsonKind = "a list"
	jsonText   jsonKind = "a text"
	jsonNumber jsonKind = "a number"
	jsonBool   jsonKind = "true or false"
	jsonNull   jsonKind = "null"
)

// node is one JSON value with its line.
type node struct {
	at     position
	kind   jsonKind
	fields map[string]*node
	keys   []string // of fields, in the order of the file
	items  []*node
	text   string // of a text or number
	truth  bool
}

// deepest bounds the nesting of a policy file.
const deepest = 24

// parseNodes reads one JSON value and nothing after it.
func parseNodes(file string, text []byte) (*node, *PolicyError) {
	p := &nodeParser{file: file, text: text, dec: json.NewDecoder(bytes.NewReader(text))}
	p.dec.UseNumber()
	n, fault := p.value(0)
	if fault != nil {
		return nil, fault
	}
	if _, err := p.dec.Token(); !errors.Is(err, io.EOF) {
		return nil, p.here().fault("something follows the end of the policy")
	}
	return n, nil
}

type nodeParser struct {
	file string
	text []byte
	dec  *json.Decoder
}

// here is the line of the token that was read last; no token spans lines.
func (p *nodeParser) here() position { return p.at(p.dec.InputOffset()) }

func (p *nodeParser) at(offset int64) position {
	return position{p.file, 1 + bytes.Count(p.text[:min(offset, int64(len(p.text)))], []byte{'\n'})}
}

func (p *nodeParser) token() (json.Token, *PolicyError) {
	t, err := p.dec.Token()
	if err == nil {
		return t, nil
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, p.at(int64(len(p.text))).fault("the file ends too early")
	}
	if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
		return nil, p.at(max(syntax.Offset, p.dec.InputOffset())).fault("not JSON: %v", err)
	}
	return nil, p.here().fault("not JSON: %v", err)
}

func (p *nodeParser) value(depth int) (*node, *PolicyError) {
	t, fault := p.token()
	if fault != nil {
		return nil, fault
	}
	n := &node{at: p.here()}
	if depth > deepest {
		return nil, n.at.fault("nested too deeply")
	}
	switch v := t.(type) {
	case json.Delim:
		if v == '{' {
			n.kind = jsonObject
			return n, p.object(n, depth)
		}
		n.kind = jsonArray
		return n, p.array(n, depth)
	case string:
		n.kind, n.text = jsonText, v
	case json.Number:
		n.kind, n.text = jsonNumber, v.String()
	case bool:
		n.kind, n.truth = jsonBool, v
	default:
		n.kind = jsonNull
	}
	return n, nil
}

func (p *nodeParser) object(n *node, depth int) *PolicyError {
	n.fields = map[string]*node{}
	for p.dec.More() {
		t, fault := p.token()
		if fault != nil {
			return fault
		}
		key, _ := t.(string)
		at := p.here()
		value, fault := p.value(depth + 1)
		if fault != nil {
			return fault
		}
		if n.fields[key] != nil {
			return at.fault("field %q is repeated", key)
		}
		n.fields[key], n.keys = value, append(n.keys, key)
	}
	_, fault := p.token()
	return fault
}

func (p *nodeParser) array(n *node, depth int) *PolicyError {
	for p.dec.More() {
		item, fault := p.value(depth + 1)
		if fault != nil {
			return fault
		}
		n.items = append(n.items, item)
	}
	_, fault := p.token()
	return fault
}

// fields reads the fields of one object and notes every fault; a field that is not read by the end is unknown.
type fields struct {
	n     *node
	read  map[string]bool
	notes *[]error
}

// in opens an object; where the value is none, it is a fault and all its fields are missing without further notes.
func in(n *node, notes *[]error) fields {
	f := fields{n, map[string]bool{}, notes}
	if n.kind != jsonObject {
		f.note(n.at, "must be %s", jsonObject)
		f.n = &node{at: n.at}
	}
	return f
}

func (f fields) note(at position, format string, args ...any) {
	*f.notes = append(*f.notes, at.fault(format, args...))
}

// get is the value of a field if it is of the kind; a missing one is nil, and a fault where it is needed.
func (f fields) get(key string, kind jsonKind, needed bool) *node {
	f.read[key] = true
	v := f.n.fields[key]
	switch {
	case v == nil:
		if needed && f.n.kind == jsonObject {
			f.note(f.n.at, "field %q is missing", key)
		}
	case v.kind != kind:
		f.note(v.at, "field %q must be %s, not %s", key, kind, v.kind)
		return nil
	}
	return v
}

// done notes the fields that nobody asked for.
func (f fields) done() {
	for _, key := range f.n.keys {
		if !f.read[key] {
			f.note(f.n.fields[key].at, "field %q is unknown", key)
		}
	}
}

// text is a text field that is not empty.
func (f fields) text(key string) string { return f.words(key, true) }

// words is a text field that may be missing.
func (f fields) words(key string, needed bool) string {
	v := f.get(key, jsonText, needed)
	if v == nil {
		return ""
	}
	if v.text == "" && needed {
		f.note(v.at, "field %q is empty", key)
	}
	return v.text
}

// flag is a field of true or false, false where it is missing.
func (f fields) flag(key string) bool {
	v := f.get(key, jsonBool, false)
	return v != nil && v.truth
}

// number is a number within bounds, 0 where it is missing.
func (f fields) number(key string, lo, hi float64, needed bool) float64 {
	v := f.get(key, jsonNumber, needed)
	if v == nil {
		return 0
	}
	x, err := strconv.ParseFloat(v.text, 64)
	if err != nil || x < lo || x > hi {
		f.note(v.at, "field %q must lie between %g and %g", key, lo, hi)
		return 0
	}
	return x
}

// whole is a whole number within bounds, 0 where it is missing.
func (f fields) whole(key string, lo, hi int64, needed bool) int64 {
	v := f.get(key, jsonNumber, needed)
	if v == nil {
		return 0
	}
	x, err := strconv.ParseInt(v.text, 10, 64)
	if err != nil || x < lo || x > hi {
		f.note(v.at, "field %q must be a whole number between %d and %d", key, lo, hi)
		return 0
	}
	return x
}

// list is the items of a list, none where it is missing.
func (f fields) list(key string, needed bool) []*node {
	v := f.get(key, jsonArray, needed)
	if v == nil {
		return nil
	}
	if needed && len(v.items) == 0 {
		f.note(v.at, "field %q is empty", key)
	}
	return v.items
}

// object opens an object field that is needed.
func (f fields) object(key string) fields {
	v := f.get(key, jsonObject, true)
	if v == nil {
		v = &node{at: f.n.at}
		return fields{v, map[string]bool{}, f.notes}
	}
	return in(v, f.notes)
}

// has reports whether a field is there.
func (f fields) has(key string) bool { return f.n.fields[key] != nil }

// texts is a list of texts, each one of known where known is not empty.
func texts[T ~string](f fields, key string, needed bool, known ...T) []T {
	var out []T
	for _, item := range f.list(key, needed) {
		switch x := T(item.text); {
		case item.kind != jsonText || x == "":
			f.note(item.at, "field %q must hold texts", key)
		case len(known) > 0 && !slices.Contains(known, x):
			f.note(item.at, "field %q: %q is not known; known are %q", key, x, known)
		case slices.Contains(out, x):
			f.note(item.at, "field %q: %q is repeated", key, x)
		default:
			out = append(out, x)
		}
	}
	return out
}

// one is a text that is one of known, the first where the field is missing and not needed.
func one[T ~string](f fields, key string, needed bool, known ...T) T {
	v := f.get(key, jsonText, needed)
	if v == nil {
		return known[0]
	}
	if x := T(v.text); slices.Contains(known, x) {
		return x
	}
	f.note(v.at, "field %q: %q is not known; known are %q", key, v.text, known)
	return known[0]
}
