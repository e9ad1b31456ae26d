package api

import (
	"google.golang.org/grpc/encoding"
	_ "google.golang.org/grpc/encoding/proto" // registers the codec that is wrapped here
	"google.golang.org/grpc/mem"
)

// envelope takes in a message and what went wrong with reading it. gRPC answers a message that cannot be read with
// Internal, which blames the server, and nothing after it can change that answer; so the codec of the server lets such a
// message pass in an envelope, and the guard answers.
type envelope struct {
	message any
	err     error
}

// receive reads the next message through read, gRPC's own way of doing so. It fails with ErrRequest for a message that
// cannot be read, and as read does for a broken stream.
func receive(read func(any) error, message any) error {
	e := &envelope{message: message}
	if err := read(e); err != nil {
		return err
	}
	return e.err
}

// serverCodec is the protobuf codec, with envelopes.
type serverCodec struct{ encoding.CodecV2 }

func newServerCodec() serverCodec { return serverCodec{encoding.GetCodecV2("proto")} }

func (c serverCodec) Unmarshal(data mem.BufferSlice, v any) error {
	e, ok := v.(*envelope)
	if !ok {
		return c.CodecV2.Unmarshal(data, v)
	}
	if c.CodecV2.Unmarshal(data, e.message) != nil {
		e.err = errUnreadable
	}
	return nil
}
