package api

import (
	"context"
	"slices"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/dynamicpb"
)

// FuzzMethods sends any bytes to any method, as a caller who may call it, on the real engine: the answer never blames the
// server, and the server goes on answering.
func FuzzMethods(f *testing.F) {
	var names []string
	all := methods()
	for name := range all {
		names = append(names, name)
	}
	slices.Sort(names)
	for i, name := range names {
		raw, err := proto.Marshal(valid(f, name, "kurobe"))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(uint8(i), raw)
		f.Add(uint8(i), raw[:len(raw)/2])
		f.Add(uint8(i), []byte{})
	}
	d := startDay(f)
	contexts := map[string]context.Context{}
	for _, name := range names {
		g := grantOf(access[name][len(access[name])-1], "kurobe")
		contexts[name] = d.as(f, g)
	}
	f.Fuzz(func(t *testing.T, pick uint8, raw []byte) {
		name := names[int(pick)%len(names)]
		m := all[name]
		ctx, cancel := context.WithTimeout(contexts[name], 30*time.Second)
		if m.IsStreamingServer() {
			ctx, cancel = context.WithTimeout(contexts[name], 20*time.Millisecond)
		}
		defer cancel()
		err := d.send(ctx, name, m, inKurobe(m.Input(), raw))
		switch code := codeOf(err); code {
		case codes.Internal, codes.Unknown, codes.Unimplemented, codes.Unauthenticated, codes.DataLoss:
			t.Errorf("%s: %v", name, err)
		case codes.DeadlineExceeded:
			if !m.IsStreamingServer() {
				t.Errorf("%s does not answer", name)
			}
		}
	})
}

// inKurobe puts the area into a message, where the bytes are one, so that it gets past the guard.
func inKurobe(m protoreflect.MessageDescriptor, raw []byte) []byte {
	message := dynamicpb.NewMessage(m)
	if proto.Unmarshal(raw, message) != nil {
		return raw
	}
	message.Set(m.Fields().ByName("area"), protoreflect.ValueOfString("kurobe"))
	out, err := proto.Marshal(message)
	if err != nil {
		return raw
	}
	return out
}

// send makes one call with a request of any bytes.
func (r *running) send(ctx context.Context, method string, m protoreflect.MethodDescriptor, raw []byte) error {
	desc := &grpc.StreamDesc{ClientStreams: m.IsStreamingClient(), ServerStreams: m.IsStreamingServer()}
	stream, err := r.conn.NewStream(ctx, desc, method, grpc.ForceCodec(rawCodec{}))
	if err != nil {
		return err
	}
	_ = stream.SendMsg(&raw) // a refusal is read below
	_ = stream.CloseSend()
	var reply []byte
	return stream.RecvMsg(&reply)
}
