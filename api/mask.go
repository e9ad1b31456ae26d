package api

import (
	"fmt"
	"slices"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/fieldmaskpb"
)

// maxMask is how many fields a mask may name.
const maxMask = 100

// checkMask fails with ErrRequest for a path that is not a field of the message; fields of fields cannot be named, since
// lists and messages are read and changed whole.
func checkMask(field string, mask *fieldmaskpb.FieldMask, message proto.Message) error {
	known := message.ProtoReflect().Descriptor().Fields()
	if len(mask.GetPaths()) > maxMask {
		return fmt.Errorf("%w: %s: more than %d paths", ErrRequest, field, maxMask)
	}
	for _, path := range mask.GetPaths() {
		if known.ByTextName(path) == nil {
			return fmt.Errorf("%w: %s: not a field of %s", ErrRequest, field, message.ProtoReflect().Descriptor().Name())
		}
	}
	return nil
}

// keepFields empties every field of a message that the mask does not name, but for those that always stay. An empty mask
// keeps all.
func keepFields(message proto.Message, mask *fieldmaskpb.FieldMask, always ...string) {
	if len(mask.GetPaths()) == 0 {
		return
	}
	m := message.ProtoReflect()
	fields := m.Descriptor().Fields()
	for i := range fields.Len() {
		f := fields.Get(i)
		if name := f.TextName(); !slices.Contains(mask.GetPaths(), name) && !slices.Contains(always, name) {
			m.Clear(f)
		}
	}
}

// takeFields makes the fields of dst that the mask names those of src, also where src has them empty. Both are of one type and
// share what was taken afterwards.
func takeFields(dst, src proto.Message, mask *fieldmaskpb.FieldMask) {
	to, from := dst.ProtoReflect(), src.ProtoReflect()
	for _, path := range mask.GetPaths() {
		f := to.Descriptor().Fields().ByTextName(path)
		if from.Has(f) {
			to.Set(f, from.Get(f))
		} else {
			to.Clear(f)
		}
	}
}
