package api

import (
	"context"
	"crypto/sha256"
	"encoding/base32"
	"fmt"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"

	"github.com/swmaas/swmaas/dispatch"
)

// Intents remembers for 48 hours which changes were made, where the store of what changes does not. It keeps hashes alone.
type Intents interface {
	// Done reports whether the change of the key was made before. It fails with dispatch.ErrKeyReused where that was another one.
	Done(ctx context.Context, area dispatch.AreaID, key dispatch.IdempotencyKey) (bool, error)
	// Keep notes that the change was made.
	Keep(ctx context.Context, area dispatch.AreaID, key dispatch.IdempotencyKey) error
}

// keyed is a request that changes something.
type keyed interface {
	proto.Message
	GetArea() string
	GetIdempotencyKey() string
}

// once makes a change unless a call with the same key, subject and method made it before. Whatever the answer, the handler then
// reads what is there. Where the note of a change was lost, its repetition meets the version that it made itself: do has to
// tell that as nil.
func (e Engine) once(ctx context.Context, q keyed, do func() error) error {
	area, key := dispatch.AreaID(q.GetArea()), intentOf(ctx, q)
	done, err := e.Intents.Done(ctx, area, key)
	if done || err != nil {
		return err
	}
	if err := do(); err != nil {
		if done, unknown := e.Intents.Done(ctx, area, key); done && unknown == nil { // a twin of this call was faster
			return nil
		}
		return err
	}
	return e.Intents.Keep(ctx, area, key)
}

// intentOf is what a call means: the key is the caller's own and of one method, the hash is of the whole request.
func intentOf(ctx context.Context, q keyed) dispatch.IdempotencyKey {
	method, _ := grpc.Method(ctx)
	raw, err := proto.MarshalOptions{Deterministic: true}.Marshal(q)
	if err != nil {
		panic(err) // it was unmarshalled a moment ago
	}
	return dispatch.IdempotencyKey{
		Key: fmt.Sprintf("%s\n%s\n%s", method, callerOf(ctx).Subject, q.GetIdempotencyKey()), Hash: sha256.Sum256(raw),
	}
}

// newID is an id for what a call creates: the same for every repetition of the call and of nobody else's, so that a repetition
// creates nothing twice.
func newID(ctx context.Context, prefix string, q keyed) string {
	sum := sha256.Sum256([]byte(q.GetArea() + "\n" + intentOf(ctx, q).Key))
	return prefix + base32.StdEncoding.EncodeToString(sum[:])[:12]
}
