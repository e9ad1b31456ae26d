package api

import (
	"context"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/dynamicpb"
)

// someTexts are texts that get far: what ids, dates and words of the contract look like, and what they do not.
var someTexts = []string{
	"", "kurobe", "R-0001", "V-01", "F-01", "D-01", "S-1", serviceDate, "2026-02-30", "9999-12-31", serviceDate + ".000001", "RESIDENT", "CARE_USER", "ニ",
	"operator", "rider", "W", "0765-54-1234", "name", "phones", "*", "AAAAAAAAAAAAAAAAAAAAAAAAAA", "{}", "%%%", "\x00", "三日市", " ",
}

// scramble sets random fields of a message to random values; none of them need make sense.
func scramble(rng *rand.Rand, m protoreflect.Message, depth int) {
	fields := m.Descriptor().Fields()
	for i := range fields.Len() {
		f := fields.Get(i)
		if rng.IntN(3) == 0 || f.Message() != nil && depth == 0 {
			continue
		}
		if !f.IsList() {
			m.Set(f, anything(rng, m.NewField(f), f, depth))
			continue
		}
		list := m.Mutable(f).List()
		for range rng.IntN(3) {
			list.Append(anything(rng, list.NewElement(), f, depth))
		}
	}
}

func anything(rng *rand.Rand, zero protoreflect.Value, f protoreflect.FieldDescriptor, depth int) protoreflect.Value {
	number := []int64{0, 1, -1, 2, 100, 36_000, 1_768_867_200, 1 << 31, -1 << 31, 1<<63 - 1, -1 << 63}[rng.IntN(11)]
	switch f.Kind() {
	case protoreflect.MessageKind:
		scramble(rng, zero.Message(), depth-1)
		return zero
	case protoreflect.EnumKind:
		return protoreflect.ValueOfEnum(protoreflect.EnumNumber(rng.IntN(12) - 1))
	case protoreflect.BoolKind:
		return protoreflect.ValueOfBool(rng.IntN(2) == 0)
	case protoreflect.DoubleKind:
		return protoreflect.ValueOfFloat64([]float64{0, 36.86, 137.44, -200, 1e300}[rng.IntN(5)])
	case protoreflect.Int32Kind:
		return protoreflect.ValueOfInt32(int32(number))
	case protoreflect.Int64Kind:
		return protoreflect.ValueOfInt64(number)
	case protoreflect.BytesKind:
		return protoreflect.ValueOfBytes([]byte(someTexts[rng.IntN(len(someTexts))]))
	case protoreflect.StringKind:
		return protoreflect.ValueOfString(someTexts[rng.IntN(len(someTexts))])
	}
	return zero
}

// Every method is given messages of its own type: some that mean nothing, and valid ones of which one part was exchanged.
func TestRandomMessagesNeverBlameTheServer(t *testing.T) {
	d := startDay(t)
	create(t, d, somebody("R-0001"))
	rng := rand.New(rand.NewPCG(7, 2026))
	all := methods()
	names := make([]string, 0, len(all))
	for name := range all {
		names = append(names, name)
	}
	slices.Sort(names)
	rounds := 12
	if testing.Short() {
		rounds = 4
	}
	for _, name := range names {
		m := all[name]
		caller := d.as(t, grantOf(access[name][len(access[name])-1], "kurobe"))
		for range rounds {
			message := dynamicpb.NewMessage(m.Input())
			raw, err := proto.Marshal(valid(t, name, "kurobe"))
			if err == nil {
				err = proto.Unmarshal(raw, message)
			}
			if err != nil {
				t.Fatal(err)
			}
			if rng.IntN(2) == 0 {
				proto.Reset(message)
				scramble(rng, message, 4)
			} else if f := m.Input().Fields().Get(rng.IntN(m.Input().Fields().Len())); f.Message() != nil && !f.IsList() {
				scramble(rng, message.Mutable(f).Message(), 3)
			} else if !f.IsList() {
				message.Set(f, anything(rng, message.NewField(f), f, 3))
			}
			message.Set(m.Input().Fields().ByName("area"), protoreflect.ValueOfString("kurobe"))
			ctx, cancel := context.WithTimeout(caller, 30*time.Second)
			if m.IsStreamingServer() {
				cancel()
				ctx, cancel = context.WithTimeout(caller, 30*time.Millisecond)
			}
			err = d.invoke(ctx, name, m, message)
			cancel()
			switch code := codeOf(err); code {
			case codes.Internal, codes.Unknown, codes.Unimplemented, codes.Unauthenticated, codes.DataLoss:
				t.Errorf("%s: %v\n%v", name, err, message)
			case codes.DeadlineExceeded:
				if !m.IsStreamingServer() {
					t.Errorf("%s does not answer: %v", name, message)
				}
			}
		}
	}
}
