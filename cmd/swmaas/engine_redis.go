package main

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"sync"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"

	"github.com/swmaas/swmaas/cmd/swmaas/redisd"
)

// openRedis connects to what the configuration names, or starts it.
func (e *engine) openRedis(ctx context.Context, cfg engineConfig) (durable, live redis.UniversalClient, err error) {
	if cfg.memory {
		server, err := miniredis.Run()
		if err != nil {
			return nil, nil, fmt.Errorf("in-process store: %w", err)
		}
		e.closers = append(e.closers, func(context.Context) error { server.Close(); return nil })
		client := e.client(&redis.UniversalOptions{Addrs: []string{server.Addr()}})
		e.store, e.appendFsync = "memory", "none"
		return client, client, nil
	}
	e.store = "redis"
	if durable, err = e.durable(ctx, cfg); err != nil {
		return nil, nil, err
	}
	if e.appendFsync, err = weakestFsync(ctx, durable); err != nil {
		return nil, nil, fmt.Errorf("ask Redis how it writes: %w", err)
	}
	switch {
	case cfg.live != "":
		live, err = e.remote(cfg.live)
	case cfg.redis != "":
		live = durable
	default:
		live, _, err = e.child(ctx, redisd.Config{Dir: filepath.Join(cfg.data, "live"), Log: cfg.log})
	}
	return durable, live, err
}

// weakestFsync is how a Redis keeps what it acknowledges; of a cluster, that of the master that keeps its word least.
func weakestFsync(ctx context.Context, client redis.UniversalClient) (string, error) {
	cluster, ok := client.(*redis.ClusterClient)
	if !ok {
		return redisd.AppendFsync(ctx, client)
	}
	var mu sync.Mutex // ForEachMaster calls from several goroutines
	weakest := "always"
	err := cluster.ForEachMaster(ctx, func(ctx context.Context, master *redis.Client) error {
		got, err := redisd.AppendFsync(ctx, master)
		mu.Lock()
		defer mu.Unlock()
		if got != "always" {
			weakest = got
		}
		return err
	})
	return weakest, err
}

func (e *engine) durable(ctx context.Context, cfg engineConfig) (redis.UniversalClient, error) {
	if cfg.redis != "" {
		return e.remote(cfg.redis)
	}
	client, server, err := e.child(ctx, redisd.Config{Dir: filepath.Join(cfg.data, "redis"), Durable: true, Log: cfg.log})
	if err != nil {
		return nil, err
	}
	e.reattached = server.Reattached()
	return client, nil
}

// child starts a private Redis, or takes over one that outlived an earlier engine.
func (e *engine) child(ctx context.Context, cfg redisd.Config) (redis.UniversalClient, *redisd.Server, error) {
	server, err := redisd.Start(ctx, cfg)
	if err != nil {
		return nil, nil, err
	}
	e.closers = append(e.closers, server.Stop)
	return e.client(&redis.UniversalOptions{Addrs: []string{server.Socket()}}), server, nil
}

// remote connects to a Redis by URL, or to a cluster by addresses.
func (e *engine) remote(target string) (redis.UniversalClient, error) {
	if strings.Contains(target, ",") {
		return e.client(&redis.UniversalOptions{Addrs: strings.Split(target, ","), IsClusterMode: true}), nil
	}
	opt, err := redis.ParseURL(target)
	if err != nil {
		return nil, usageError("redis: %q is neither a URL such as redis://host:6379/0 nor host:port addresses joined by commas: %w", target, err)
	}
	client := redis.NewClient(opt)
	e.closers = append(e.closers, func(context.Context) error { return client.Close() })
	return client, nil
}

func (e *engine) client(opt *redis.UniversalOptions) redis.UniversalClient {
	client := redis.NewUniversalClient(opt)
	e.closers = append(e.closers, func(context.Context) error { return client.Close() })
	return client
}
