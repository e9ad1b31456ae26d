package planstore

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/redis/go-redis/v9"

	"github.com/swmaas/swmaas/dispatch"
)

// DataKeys keeps the wrapped data keys of persons beside what they seal. It has the methods that dispatch/seal asks of a
// key store. They take no context: a sealer is called from within commits, and the client's own timeouts bound them. Safe
// for concurrent use.
type DataKeys struct{ client redis.UniversalClient }

// NewDataKeys returns the key store on the given Redis or cluster, which must be the one of the plans.
func NewDataKeys(client redis.UniversalClient) *DataKeys { return &DataKeys{client} }

// DataKeys returns the wrapped key of each person in their order: nil for one who has none, empty where it was destroyed.
func (k *DataKeys) DataKeys(area string, persons []string) (wrapped [][]byte, err error) {
	if err := checkArea(dispatch.AreaID(area)); err != nil {
		return nil, err
	}
	if len(persons) == 0 {
		return nil, nil
	}
	keys := make([]string, len(persons))
	for i, p := range persons {
		keys[i] = dataKey(dispatch.AreaID(area), p)
	}
	got, err := k.client.MGet(context.Background(), keys...).Result()
	if err != nil {
		return nil, fmt.Errorf("planstore: data keys of %s: %w", area, err)
	}
	wrapped = make([][]byte, len(persons))
	for i, v := range got {
		if text, ok := v.(string); ok {
			wrapped[i] = []byte(text)
		}
	}
	return wrapped, nil
}

// KeepDataKeys stores the key of each person unless there is one or it was destroyed, and returns what is there afterwards. A key that was
// stored stays where another fails.
func (k *DataKeys) KeepDataKeys(area string, persons []string, wrapped [][]byte) (kept [][]byte, err error) {
	if err := checkArea(dispatch.AreaID(area)); err != nil {
		return nil, err
	}
	pipe := k.client.Pipeline() // few syncs to disk for all
	answers := make([]*redis.StatusCmd, len(persons))
	for i, person := range persons {
		answers[i] = pipe.SetArgs(context.Background(), dataKey(dispatch.AreaID(area), person), wrapped[i], redis.SetArgs{Mode: "NX", Get: true})
	}
	_, _ = pipe.Exec(context.Background()) // each answer has its own error
	kept = make([][]byte, len(persons))
	for i, answer := range answers {
		switch old, err := answer.Bytes(); {
		case errors.Is(err, redis.Nil): // there was none, so ours is there now
			kept[i] = wrapped[i]
		case err != nil:
			return nil, fmt.Errorf("planstore: keep a data key of %s: %w", area, err)
		default:
			kept[i] = old
		}
	}
	return kept, nil
}

// DestroyDataKey destroys the person's key for good: an empty value stays in its place. The old value is still in Redis's
// append-only file until that is rewritten; see ForgetHistory.
func (k *DataKeys) DestroyDataKey(area, person string) error {
	if err := checkArea(dispatch.AreaID(area)); err != nil {
		return err
	}
	if err := k.client.Set(context.Background(), dataKey(dispatch.AreaID(area), person), "", 0).Err(); err != nil {
		return fmt.Errorf("planstore: destroy a data key of %s: %w", area, err)
	}
	return nil
}

//go:embed scripts/datakey_replace.lua
var replaceKeySource string

// EachDataKey calls do with the wrapped key of every person of the area, empty where it was destroyed, in no order and some perhaps
// twice. A person who gets a key meanwhile may be left out.
func (k *DataKeys) EachDataKey(ctx context.Context, area string, do func(person string, wrapped []byte) error) error {
	if err := checkArea(dispatch.AreaID(area)); err != nil {
		return err
	}
	prefix := dataKey(dispatch.AreaID(area), "")
	var master redis.Cmdable = k.client
	if cluster, ok := k.client.(*redis.ClusterClient); ok {
		node, err := cluster.MasterForKey(ctx, prefix)
		if err != nil {
			return fmt.Errorf("planstore: data keys of %s: %w", area, err)
		}
		master = node
	}
	names, err := scanKeys(ctx, master, escapePattern(prefix)+"*")
	if err != nil {
		return fmt.Errorf("planstore: data keys of %s: %w", area, err)
	}
	for page := range slices.Chunk(names, readBatch) {
		persons := make([]string, len(page))
		for i, name := range page {
			persons[i] = strings.TrimPrefix(name, prefix)
		}
		wrapped, err := k.DataKeys(area, persons)
		if err != nil {
			return err
		}
		for i, w := range wrapped {
			if w == nil {
				continue // gone meanwhile
			}
			if err := do(persons[i], w); err != nil {
				return err
			}
		}
	}
	return nil
}

// ReplaceDataKey stores a wrapped key in place of the one that was read, and reports whether that was still there: a key that was
// destroyed meanwhile stays destroyed.
func (k *DataKeys) ReplaceDataKey(ctx context.Context, area, person string, before, after []byte) (replaced bool, err error) {
	if err := checkArea(dispatch.AreaID(area)); err != nil {
		return false, err
	}
	n, err := redis.NewScript(replaceKeySource).Run(ctx, k.client, []string{dataKey(dispatch.AreaID(area), person)}, before, after).Int()
	if err != nil {
		return false, fmt.Errorf("planstore: replace a data key of %s: %w", area, err)
	}
	return n == 1, nil
}

// ForgetHistory starts rewriting the append-only files of every master, so that destroyed keys leave the disk too. It
// returns before they are written; Redis does that in the background. The in-process server has no such file and refuses.
func (k *DataKeys) ForgetHistory(ctx context.Context) error {
	cluster, ok := k.client.(*redis.ClusterClient)
	if !ok {
		return rewrite(ctx, k.client)
	}
	return cluster.ForEachMaster(ctx, func(ctx context.Context, master *redis.Client) error { return rewrite(ctx, master) })
}

func rewrite(ctx context.Context, client redis.Cmdable) error {
	if err := client.BgRewriteAOF(ctx).Err(); err != nil {
		return fmt.Errorf("planstore: rewrite the append-only file: %w", err)
	}
	return nil
}
