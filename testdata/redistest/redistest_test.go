package redistest_test

import (
	"strconv"
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/swmaas/swmaas/testdata/redistest"
)

func TestServerIsDurable(t *testing.T) {
	client := redis.NewClient(&redis.Options{Network: "unix", Addr: redistest.Start(t)})
	defer func() { _ = client.Close() }()
	for setting, want := range map[string]string{"appendonly": "yes", "appendfsync": "always", "save": ""} {
		got, err := client.ConfigGet(t.Context(), setting).Result()
		if err != nil || got[setting] != want {
			t.Errorf("%s = %q, %v; want %q", setting, got[setting], err, want)
		}
	}
}

func TestKilledServerKeepsWhatItAcknowledged(t *testing.T) {
	server := redistest.New(t)
	client := redis.NewClient(&redis.Options{Network: "unix", Addr: server.Socket})
	defer func() { _ = client.Close() }()
	if err := client.Set(t.Context(), "k", "v", 0).Err(); err != nil {
		t.Fatal(err)
	}
	server.Kill()
	if err := client.Get(t.Context(), "k").Err(); err == nil {
		t.Fatal("a killed server answered")
	}
	server.Restart()
	if got, err := client.Get(t.Context(), "k").Result(); err != nil || got != "v" {
		t.Fatalf("after the restart: %q, %v; want v", got, err)
	}
}

func TestClusterServesEverySlot(t *testing.T) {
	addrs := redistest.StartCluster(t)
	client := redis.NewClusterClient(&redis.ClusterOptions{Addrs: addrs})
	defer func() { _ = client.Close() }()
	for i := range 200 { // enough keys to meet all three masters
		key := "key" + strconv.Itoa(i)
		if err := client.Set(t.Context(), key, i, 0).Err(); err != nil {
			t.Fatalf("set %s: %v", key, err)
		}
		if got, err := client.Get(t.Context(), key).Int(); err != nil || got != i {
			t.Fatalf("get %s = %d, %v; want %d", key, got, err, i)
		}
	}
}
