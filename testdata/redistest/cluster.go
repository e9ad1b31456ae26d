package redistest

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
)

const (
	masters       = 3     // the least that Redis Cluster forms
	slots         = 16384 // fixed by Redis Cluster
	busPortOffset = 10000 // the cluster bus listens this far above the client port
	clusterTries  = 5     // another process may take a free port before redis-server binds it
)

// StartCluster starts three durable masters on free loopback ports, joins them to one Redis Cluster and returns their
// addresses (host:port) once every one of them says that the cluster is up, after about two seconds. It fails the
// test, naming the command that installs it, when redis-server is missing.
func StartCluster(t testing.TB) (addrs []string) {
	t.Helper()
	nodes := make([]*redis.Client, masters)
	for i := range nodes {
		addr := startMaster(t, filepath.Join(shortDir(t), strconv.Itoa(i)))
		addrs = append(addrs, addr)
		nodes[i] = redis.NewClient(&redis.Options{Addr: addr})
		defer func() { _ = nodes[i].Close() }()
	}
	ctx, cancel := context.WithTimeout(context.Background(), readyTimeout)
	defer cancel()
	for i, node := range nodes {
		first, last := i*slots/masters, (i+1)*slots/masters-1
		if err := node.Do(ctx, "CLUSTER", "SET-CONFIG-EPOCH", i+1).Err(); err != nil {
			t.Fatalf("set the epoch of cluster node %d: %v", i, err)
		}
		if err := node.ClusterAddSlotsRange(ctx, first, last).Err(); err != nil {
			t.Fatalf("give slots to cluster node %d: %v", i, err)
		}
		host, port, _ := net.SplitHostPort(addrs[0])
		if err := node.ClusterMeet(ctx, host, port).Err(); err != nil {
			t.Fatalf("join cluster node %d: %v", i, err)
		}
	}
	for i, node := range nodes {
		if err := awaitCluster(ctx, node); err != nil {
			t.Fatalf("cluster node %d: %v", i, err)
		}
	}
	return addrs
}

// startMaster starts one cluster node in dir on a free port and returns its address.
func startMaster(t testing.TB, dir string) (addr string) {
	t.Helper()
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatalf("directory for a cluster node: %v", err)
	}
	for try := 1; ; try++ {
		port := freePort(t)
		p := startProcess(t, dir, "--port", strconv.Itoa(port), "--bind", "127.0.0.1",
			"--cluster-enabled", "yes", "--cluster-node-timeout", "15000")
		select {
		case <-p.exited: // the port was taken in between
			p.kill() // no fault of the test
			if try == clusterTries {
				t.Fatalf("redis-server stopped at start:\n%s", p.output.String())
			}
			continue
		case <-time.After(100 * time.Millisecond):
		}
		t.Cleanup(p.kill)
		addr = net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
		awaitReady(t, p, &redis.Options{Addr: addr})
		return addr
	}
}

// freePort finds a loopback port that is free together with the port of its cluster bus.
func freePort(t testing.TB) int {
	t.Helper()
	for range 100 {
		client, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatalf("free port: %v", err)
		}
		port := client.Addr().(*net.TCPAddr).Port
		bus, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port+busPortOffset))
		_ = client.Close()
		if err != nil {
			continue // in use, or above 65535
		}
		_ = bus.Close()
		return port
	}
	t.Fatal("no port is free together with its cluster bus port")
	return 0
}

// awaitCluster waits until node sees every slot served and every master.
func awaitCluster(ctx context.Context, node *redis.Client) error {
	for {
		info, err := node.ClusterInfo(ctx).Result()
		if err == nil && clusterUp(info) {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("not up within %v: %s: %w", readyTimeout, info, ctx.Err())
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// clusterUp reports whether the text of CLUSTER INFO shows a working cluster of all masters.
func clusterUp(info string) bool {
	lines := strings.Split(strings.ReplaceAll(info, "\r\n", "\n"), "\n")
	want := map[string]bool{
		"cluster_state:ok":                        false,
		fmt.Sprintf("cluster_slots_ok:%d", slots): false,
		fmt.Sprintf("cluster_size:%d", masters):   false,
	}
	for _, line := range lines {
		if _, ok := want[line]; ok {
			want[line] = true
		}
	}
	for _, seen := range want {
		if !seen {
			return false
		}
	}
	return true
}
