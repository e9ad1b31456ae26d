//go:build ignore

// This program writes the REST calls of swmaas.v1 as an OpenAPI 3.1 document, out of the same descriptors and http rules that
// the service answers by. It reads a descriptor set with source info from standard input and writes to standard output.
//
// usage: go run api/proto/openapi.go < swmaas.binpb > api/gen/openapi.json
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"

	"buf.build/gen/go/bufbuild/protovalidate/protocolbuffers/go/buf/validate"
	"google.golang.org/genproto/googleapis/api/annotations"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"
)

// object is one JSON object; encoding/json orders its keys.
type object = map[string]any

func main() {
	if err := run(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "openapi:", err)
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
	d := &document{paths: object{}, schemas: object{}}
	for _, file := range set.File {
		if file.GetPackage() != "swmaas.v1" {
			continue
		}
		f, err := files.FindFileByPath(file.GetName())
		if err != nil {
			return err
		}
		for i := range f.Services().Len() {
			if err := d.service(f.Services().Get(i)); err != nil {
				return err
			}
		}
	}
	d.schemas["Status"] = object{
		"type": "object", "description": "An error: a code, a message, and details such as google.rpc.ErrorInfo with a reason.",
		"properties": object{"code": object{"type": "string"}, "message": object{"type": "string"}, "details": object{"type": "array", "items": object{"type": "object"}}},
	}
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", " ")
	return encoder.Encode(object{
		"openapi": "3.1.0",
		"info": object{
			"title": "swmaas.v1", "version": "v1",
			"description": "The calls of the service as REST with JSON. Every call needs a bearer token (swmaas admin token) of the area in its path.",
		},
		"security": []any{object{"token": []any{}}},
		"paths":    d.paths,
		"components": object{
			"schemas":         d.schemas,
			"securitySchemes": object{"token": object{"type": "http", "scheme": "bearer"}},
		},
	})
}

// document is the page being put together.
type document struct{ paths, schemas object }

// comment is the leading comment of a descriptor, on one line.
func comment(d protoreflect.Descriptor) string {
	return strings.Join(strings.Fields(d.ParentFile().SourceLocations().ByDescriptor(d).LeadingComments), " ")
}

var variable = regexp.MustCompile(`\{([a-z_]+)\}`)

func (d *document) service(s protoreflect.ServiceDescriptor) error {
	for i := range s.Methods().Len() {
		m := s.Methods().Get(i)
		rule, _ := proto.GetExtension(m.Options(), annotations.E_Http).(*annotations.HttpRule)
		if rule.GetPattern() == nil || m.IsStreamingClient() || m.IsStreamingServer() {
			continue // streams are for gRPC, Connect and gRPC-Web
		}
		verb, path := "get", rule.GetGet()
		for name, p := range map[string]string{"post": rule.GetPost(), "patch": rule.GetPatch(), "put": rule.GetPut(), "delete": rule.GetDelete()} {
			if p != "" {
				verb, path = name, p
			}
		}
		if path == "" {
			return fmt.Errorf("%s: its http rule has no path", m.FullName())
		}
		item, _ := d.paths[path].(object)
		if item == nil {
			item = object{}
			d.paths[path] = item
		}
		if item[verb] != nil {
			return fmt.Errorf("%s: %s %s is another method's", m.FullName(), verb, path)
		}
		item[verb] = d.operation(m, path, rule.GetBody() == "*")
	}
	return nil
}

func (d *document) operation(m protoreflect.MethodDescriptor, path string, body bool) object {
	op := object{
		"operationId": string(m.Parent().Name()) + "_" + string(m.Name()), "tags": []string{string(m.Parent().Name())}, "description": comment(m),
		"responses": object{
			"200":     object{"description": comment(m.Output()), "content": object{"application/json": object{"schema": d.message(m.Output())}}},
			"default": object{"description": "An error.", "content": object{"application/json": object{"schema": object{"$ref": "#/components/schemas/Status"}}}},
		},
	}
	inPath := map[string]bool{}
	var parameters []any
	for _, found := range variable.FindAllStringSubmatch(path, -1) {
		inPath[found[1]] = true
		f := m.Input().Fields().ByName(protoreflect.Name(found[1]))
		parameters = append(parameters, object{"name": found[1], "in": "path", "required": true, "description": comment(f), "schema": d.field(f)})
	}
	rest := object{}
	var needed []string
	for i := range m.Input().Fields().Len() {
		f := m.Input().Fields().Get(i)
		switch {
		case inPath[string(f.Name())]:
		case body:
			rest[f.JSONName()] = described(d.field(f), comment(f))
			if required(f) {
				needed = append(needed, f.JSONName())
			}
		default:
			parameters = append(parameters, object{"name": f.JSONName(), "in": "query", "required": required(f), "description": comment(f), "schema": d.field(f)})
		}
	}
	if parameters != nil {
		op["parameters"] = parameters
	}
	if body {
		schema := object{"type": "object", "properties": rest}
		if needed != nil {
			schema["required"] = needed
		}
		op["requestBody"] = object{"required": true, "content": object{"application/json": object{"schema": schema}}}
	}
	return op
}

// described adds a description to a schema; beside a reference, too, which OpenAPI 3.1 allows.
func described(schema object, text string) object {
	out := maps.Clone(schema)
	out["description"] = text
	return out
}

// wellKnown is how protobuf's JSON writes messages that have a form of their own.
var wellKnown = map[protoreflect.FullName]object{
	"google.protobuf.Timestamp": {"type": "string", "format": "date-time"},
	"google.protobuf.Duration":  {"type": "string", "pattern": `^-?[0-9]+(\.[0-9]+)?s$`},
	"google.protobuf.FieldMask": {"type": "string"},
}

// message is a reference to the schema of a message, which is written where it is not yet.
func (d *document) message(m protoreflect.MessageDescriptor) object {
	if known := wellKnown[m.FullName()]; known != nil {
		return known
	}
	name := string(m.Name())
	if d.schemas[name] == nil {
		schema := object{"type": "object", "description": comment(m)}
		d.schemas[name] = schema // before its fields: a message may hold itself
		properties := object{}
		var needed []string
		for i := range m.Fields().Len() {
			f := m.Fields().Get(i)
			properties[f.JSONName()] = described(d.field(f), comment(f))
			if required(f) {
				needed = append(needed, f.JSONName())
			}
		}
		if len(properties) > 0 {
			schema["properties"] = properties
		}
		if needed != nil {
			schema["required"] = needed
		}
	}
	return object{"$ref": "#/components/schemas/" + name}
}

func (d *document) enum(e protoreflect.EnumDescriptor) object {
	name := string(e.Name())
	if d.schemas[name] == nil {
		var values []string
		text := comment(e)
		for i := range e.Values().Len() {
			v := e.Values().Get(i)
			values = append(values, string(v.Name()))
			text += fmt.Sprintf("\n- %s: %s", v.Name(), comment(v))
		}
		d.schemas[name] = object{"type": "string", "enum": values, "description": text}
	}
	return object{"$ref": "#/components/schemas/" + name}
}

func rules(f protoreflect.FieldDescriptor) *validate.FieldRules {
	r, _ := proto.GetExtension(f.Options(), validate.E_Field).(*validate.FieldRules)
	return r
}

func required(f protoreflect.FieldDescriptor) bool {
	r := rules(f)
	return r.GetRequired() || r.GetIgnore() == validate.Ignore_IGNORE_UNSPECIFIED && (r.GetString().GetMinLen() > 0 || r.GetString().HasPattern()) || r.GetRepeated().GetMinItems() > 0
}

// field is the schema of a field with the rules of its message that JSON Schema can state.
func (d *document) field(f protoreflect.FieldDescriptor) object {
	r := rules(f)
	if !f.IsList() {
		return d.value(f, r)
	}
	list := object{"type": "array", "items": d.value(f, r.GetRepeated().GetItems())}
	if r.GetRepeated().HasMaxItems() {
		list["maxItems"] = r.GetRepeated().GetMaxItems()
	}
	if r.GetRepeated().HasMinItems() {
		list["minItems"] = r.GetRepeated().GetMinItems()
	}
	if r.GetRepeated().GetUnique() {
		list["uniqueItems"] = true
	}
	return list
}

func (d *document) value(f protoreflect.FieldDescriptor, r *validate.FieldRules) object {
	switch f.Kind() {
	case protoreflect.MessageKind:
		return d.message(f.Message())
	case protoreflect.EnumKind:
		return d.enum(f.Enum())
	case protoreflect.BoolKind:
		return object{"type": "boolean"}
	case protoreflect.DoubleKind, protoreflect.FloatKind:
		return bounded(object{"type": "number"}, r.GetDouble().HasGte(), r.GetDouble().GetGte(), r.GetDouble().HasLte(), r.GetDouble().GetLte())
	case protoreflect.Int32Kind:
		return bounded(object{"type": "integer", "format": "int32"}, r.GetInt32().HasGte(), r.GetInt32().GetGte(), r.GetInt32().HasLte(), r.GetInt32().GetLte())
	case protoreflect.Int64Kind:
		return object{"type": "string", "format": "int64"} // as protobuf's JSON writes it
	case protoreflect.BytesKind:
		return object{"type": "string", "format": "byte"}
	}
	text, s := object{"type": "string"}, r.GetString()
	if s.HasMinLen() {
		text["minLength"] = s.GetMinLen()
	}
	if s.HasMaxLen() {
		text["maxLength"] = s.GetMaxLen()
	}
	if s.HasPattern() && r.GetIgnore() == validate.Ignore_IGNORE_UNSPECIFIED {
		text["pattern"] = s.GetPattern()
	}
	if len(s.GetIn()) > 0 {
		text["enum"] = slices.Clone(s.GetIn())
	}
	return text
}

func bounded[N any](schema object, least bool, min N, most bool, max N) object {
	if least {
		schema["minimum"] = min
	}
	if most {
		schema["maximum"] = max
	}
	return schema
}
