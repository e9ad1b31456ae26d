package main

import (
	"context"
	"errors"
	"net"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
)

// redisHook measures every command of a client. It knows names of commands and never what they carry.
type redisHook struct {
	store    string // "durable" or "live"
	measures *measures
}

func (h redisHook) done(command string, begin time.Time, err error) {
	h.measures.redis.WithLabelValues(h.store, command).Observe(time.Since(begin).Seconds())
	// NOSCRIPT is how a script is sent the first time, and no value is an answer.
	if err != nil && !errors.Is(err, redis.Nil) && !redis.HasErrorPrefix(err, "NOSCRIPT") && !errors.Is(err, context.Canceled) {
		h.measures.redisErrors.WithLabelValues(h.store).Inc()
	}
}

// DialHook implements redis.Hook.
func (h redisHook) DialHook(next redis.DialHook) redis.DialHook {
	return func(ctx context.Context, network, addr string) (net.Conn, error) { return next(ctx, network, addr) }
}

// ProcessHook implements redis.Hook. Reading what others publish waits for them and is not measured.
func (h redisHook) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		name := strings.ToUpper(cmd.Name())
		ctx, end := h.measures.span(ctx, "redis "+name)
		begin := time.Now()
		err := next(ctx, cmd)
		h.done(name, begin, err)
		if errors.Is(err, redis.Nil) || redis.HasErrorPrefix(err, "NOSCRIPT") {
			end(nil)
		} else {
			end(err)
		}
		return err
	}
}

// ProcessPipelineHook implements redis.Hook.
func (h redisHook) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		ctx, end := h.measures.span(ctx, "redis PIPELINE")
		begin := time.Now()
		err := next(ctx, cmds)
		h.done("PIPELINE", begin, err)
		end(err)
		return err
	}
}
