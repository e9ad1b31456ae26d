//go:build ignore

// This program checks a descriptor set of swmaas.v1 against the rules that its readers rely on and writes the reference of
// the contract as Markdown. It reads the set, with source info, from standard input and writes to standard output.
//
// usage: go run api/proto/reference.go < swmaas.binpb > api/proto/README.md
package main

import (
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"

	_ "buf.build/gen/go/bufbuild/protovalidate/protocolbuffers/go/buf/validate"
	"google.golang.org/genproto/googleapis/api/annotations"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"
)

func main() {
	if err := run(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "reference:", err)
		os.Exit(1)
	}
}

func run(in io.Reader, out io.Writer) error {
	raw, err := io.ReadAll(in)
	if err != nil {
		return err
	}
	set := &descriptorpb.FileDescriptorSet{}
	if err := proto.Unmarshal(raw, set); err != nil {
		return err
	}
	files, err := protodesc.NewFiles(set)
	if err != nil {
		return err
	}
	r := &reference{}
	var own []protoreflect.FileDescriptor
	for _, file := range set.File { // in the order of the command line, imports first
		if file.GetPackage() == "swmaas.v1" {
			d, err := files.FindFileByPath(file.GetName())
			if err != nil {
				return err
			}
			own = append(own, d)
		}
	}
	r.services(own)
	r.messages(own)
	r.enums(own)
	if len(r.faults) > 0 {
		return fmt.Errorf("%d rules broken:\n%s", len(r.faults), strings.Join(r.faults, "\n"))
	}
	_, err = io.WriteString(out, r.text.String())
	return err
}

// reference is the page being written and what is wrong with the contract.
type reference struct {
	text   strings.Builder
	faults []string
}

func (r *reference) fault(d protoreflect.Descriptor, format string, args ...any) {
	r.faults = append(r.faults, fmt.Sprintf("%s: %s", d.FullName(), fmt.Sprintf(format, args...)))
}

func (r *reference) line(format string, args ...any) { fmt.Fprintf(&r.text, format+"\n", args...) }

// comment is the leading comment of a descriptor, which everything must have.
func (r *reference) comment(d protoreflect.Descriptor) string {
	text := strings.TrimSpace(d.ParentFile().SourceLocations().ByDescriptor(d).LeadingComments)
	if text == "" {
		r.fault(d, "has no comment")
	}
	var lines []string
	for line := range strings.Lines(text) {
		lines = append(lines, strings.TrimSpace(line))
	}
	return strings.ReplaceAll(strings.Join(lines, " "), "  ", "\n\n")
}

// cell is a comment as a table takes it.
func (r *reference) cell(d protoreflect.Descriptor) string {
	return strings.ReplaceAll(strings.ReplaceAll(r.comment(d), "\n\n", " "), "|", "\\|")
}

func (r *reference) services(files []protoreflect.FileDescriptor) {
	r.line("# swmaas.v1\n")
	r.line("The contract of the service. This page is written by `make proto` out of the .proto files beside it; change those.\n")
	r.line("Moments are `Timestamp`, lengths of time `Duration`, positions WGS84 degrees, service days `YYYY-MM-DD`. Every call but health and")
	r.line("reflection needs a bearer token (`swmaas admin token`) of the request's area. Errors carry a `google.rpc.ErrorInfo` with a reason and a")
	r.line("`google.rpc.LocalizedMessage` in Japanese and one in English; a broken rule names its field in `google.rpc.BadRequest`.")
	for _, file := range files {
		for i := range file.Services().Len() {
			s := file.Services().Get(i)
			r.line("\n## %s\n\n%s\n", s.Name(), r.comment(s))
			for k := range s.Methods().Len() {
				r.method(s.Methods().Get(k))
			}
		}
	}
}

func (r *reference) method(m protoreflect.MethodDescriptor) {
	in, out := string(m.Input().Name()), string(m.Output().Name())
	if in != string(m.Name())+"Request" || out != string(m.Name())+"Response" {
		r.fault(m, "takes %s and gives %s, not its own request and response", in, out)
	}
	if m.IsStreamingClient() {
		in = "stream " + in
	}
	if m.IsStreamingServer() {
		out = "stream " + out
	}
	r.line("### %s\n\n`%s(%s) returns (%s)`", m.Name(), m.Name(), in, out)
	if rule, ok := proto.GetExtension(m.Options(), annotations.E_Http).(*annotations.HttpRule); ok && rule != nil && !m.IsStreamingServer() {
		switch {
		case rule.GetGet() != "":
			r.line("· REST `GET %s`", rule.GetGet())
		case rule.GetPost() != "":
			r.line("· REST `POST %s`", rule.GetPost())
		case rule.GetPatch() != "":
			r.line("· REST `PATCH %s`", rule.GetPatch())
		}
	}
	r.line("\n%s\n", r.comment(m))
}

var (
	camel = regexp.MustCompile(`^[A-Z][A-Za-z0-9]*$`)
	snake = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)
	loud  = regexp.MustCompile(`^[A-Z][A-Z0-9_]*$`)
)

func (r *reference) messages(files []protoreflect.FileDescriptor) {
	r.line("\n## Messages")
	for _, file := range files {
		for i := range file.Messages().Len() {
			m := file.Messages().Get(i)
			if !camel.MatchString(string(m.Name())) {
				r.fault(m, "is not named InThisWay")
			}
			r.line("\n### %s\n\n%s\n", m.Name(), r.comment(m))
			if m.Fields().Len() == 0 {
				continue
			}
			r.line("| field | type | |\n|---|---|---|")
			for k := range m.Fields().Len() {
				f := m.Fields().Get(k)
				if !snake.MatchString(string(f.Name())) {
					r.fault(f, "is not named in_this_way")
				}
				r.line("| `%s` | %s | %s |", f.Name(), kindOf(f), r.cell(f))
			}
		}
	}
}

// kindOf is the type of a field as a reader thinks of it.
func kindOf(f protoreflect.FieldDescriptor) string {
	kind := f.Kind().String()
	switch {
	case f.Message() != nil:
		kind = string(f.Message().Name())
	case f.Enum() != nil:
		kind = string(f.Enum().Name())
	}
	if f.IsList() {
		kind += "[]"
	}
	if one := f.ContainingOneof(); one != nil && !one.IsSynthetic() {
		kind += ", one of `" + string(one.Name()) + "`"
	}
	return kind
}

func (r *reference) enums(files []protoreflect.FileDescriptor) {
	r.line("\n## Enumerations")
	for _, file := range files {
		for i := range file.Enums().Len() {
			e := file.Enums().Get(i)
			r.line("\n### %s\n\n%s\n\n| value | |\n|---|---|", e.Name(), r.comment(e))
			prefix := loudOf(string(e.Name())) + "_"
			for k := range e.Values().Len() {
				v := e.Values().Get(k)
				name := string(v.Name())
				if !loud.MatchString(name) || !strings.HasPrefix(name, prefix) {
					r.fault(v, "does not begin with %s", prefix)
				}
				if (v.Number() == 0) != (name == prefix+"UNSPECIFIED") {
					r.fault(v, "value 0 is %sUNSPECIFIED, and no other is", prefix)
				}
				r.line("| `%s` | %s |", name, r.cell(v))
			}
		}
	}
}

// loudOf turns InThisWay into IN_THIS_WAY.
func loudOf(name string) string {
	var out strings.Builder
	for i, c := range name {
		if i > 0 && c >= 'A' && c <= 'Z' {
			out.WriteByte('_')
		}
		out.WriteRune(c)
	}
	return strings.ToUpper(out.String())
}
