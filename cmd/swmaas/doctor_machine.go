package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/alecthomas/kong"

	"github.com/swmaas/swmaas/cmd/swmaas/redisd"
)

const mebi = 1 << 20

// settings names variables of the environment that look like settings and are none.
func (c *doctorCmd) settings(context.Context) {
	var all commands
	parser, err := kong.New(&all, kong.Name("swmaas"), kong.DefaultEnvars("SWMAAS"))
	if err != nil {
		c.fail("settings", say("%v", "%v", err), words{})
		return
	}
	var known []string
	for _, flag := range flagNames(parser.Model.Node, true) {
		known = append(known, "SWMAAS_"+strings.ToUpper(strings.ReplaceAll(flag, "-", "_")))
	}
	var unknown []string
	for _, pair := range os.Environ() {
		name, _, _ := strings.Cut(pair, "=")
		if strings.HasPrefix(name, "SWMAAS_") && !slices.Contains(known, name) {
			unknown = append(unknown, name)
		}
	}
	if len(unknown) > 0 {
		list := strings.Join(unknown, ", ")
		c.warn("settings", say("環境変数 %s は設定項目ではありません", "the environment has %s, which are no settings", list),
			say("綴りを確認してください(swmaas serve --help)", "look at the spelling (swmaas serve --help)"))
		return
	}
	c.ok("settings", say("設定は読み取れます", "the settings can be read"))
}

// machine looks at cores, memory and open files.
func (c *doctorCmd) machine(context.Context) {
	cores, memory := runtime.NumCPU(), availableMemory()
	var files syscall.Rlimit
	_ = syscall.Getrlimit(syscall.RLIMIT_NOFILE, &files)
	what := say("CPU %d コア、空きメモリー %d MiB、開けるファイル %d", "%d cores, %d MiB of memory available, %d open files", cores, memory/mebi, files.Cur)
	switch {
	case memory > 0 && memory < 512*mebi:
		c.warn("machine", what, say("メモリーを 1 GiB 以上空けてください", "make 1 GiB of memory available"))
	case cores < 2:
		c.warn("machine", what, say("2 コア以上の機械を使ってください。最適化が受付の邪魔になります", "use a machine with two cores or more: improving plans holds callers up"))
	case files.Cur < 4096:
		c.warn("machine", what, say("LimitNOFILE(ulimit -n)を 65536 にしてください", "set LimitNOFILE (ulimit -n) to 65536"))
	default:
		c.ok("machine", what)
	}
}

// availableMemory reads /proc/meminfo, in bytes; 0 where there is none.
func availableMemory() int64 {
	text, err := os.ReadFile("/proc/meminfo")
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, "MemAvailable:"); ok {
			kib, _ := strconv.ParseInt(strings.Fields(rest)[0], 10, 64)
			return kib << 10
		}
	}
	return 0
}

// disk looks at the space where the data is.
func (c *doctorCmd) disk(context.Context) {
	var s syscall.Statfs_t
	if err := syscall.Statfs(c.Data, &s); err != nil {
		c.fail("disk", say("データフォルダー %s がありません", "there is no data folder %s", c.Data),
			say("--data で場所を指定するか、swmaas admin area new で作成してください", "name it with --data, or make one with swmaas admin area new"))
		return
	}
	free, size := int64(s.Bavail)*s.Bsize, int64(s.Blocks)*s.Bsize
	what := say("空き %d MiB(%d %%)", "%d MiB free (%d %%)", free/mebi, 100*free/max(size, 1))
	more := say("容量を増やすか、serve --keep-days で保存期間を決めてください", "add space, or bound what is kept with serve --keep-days")
	switch {
	case free < 512*mebi:
		c.fail("disk", what, more)
	case free < size/10:
		c.warn("disk", what, more)
	default:
		c.ok("disk", what)
	}
}

// clock compares with Redis and asks the kernel whether somebody keeps the clock.
func (c *doctorCmd) clock(ctx context.Context) {
	now := time.Now()
	ntp := say("時刻同期(systemd-timesyncd または chrony)を有効にしてください", "let systemd-timesyncd or chrony keep the clock")
	if now.Year() < 2025 {
		c.fail("clock", say("時計が %s を指しています", "the clock says %s", now.Format(time.DateOnly)), ntp)
		return
	}
	if c.client != nil {
		if there, err := c.client.Time(ctx).Result(); err == nil {
			if off := time.Since(there).Abs(); off > 2*time.Second {
				c.fail("clock", say("Redis の機械と %.0f 秒ずれています", "%.0f s apart from the machine of Redis", off.Seconds()), ntp)
				return
			}
		}
	}
	const timeError = 5 // of adjtimex(2): nobody keeps the clock
	var t syscall.Timex
	if state, err := syscall.Adjtimex(&t); err == nil && state == timeError {
		c.warn("clock", say("時計を合わせる仕組みが動いていません", "nobody keeps the clock of this machine"), ntp)
		return
	}
	c.ok("clock", say("%s(日本時間 %s)", "%s, in Japan %s", now.UTC().Format(time.RFC3339), now.In(serviceZone()).Format("15:04")))
}

// redis looks at the durable store.
func (c *doctorCmd) redis(ctx context.Context) {
	if c.client == nil {
		do := say("Redis が動いているか、--redis の指定が正しいか確認してください", "see whether Redis runs and --redis is right")
		switch {
		case errors.Is(c.clientErr, redisd.ErrNotInstalled):
			do = say("redis-server を入れてください: sudo apt-get install -y redis-server", "install it: sudo apt-get install -y redis-server")
		case errors.Is(c.clientErr, fs.ErrNotExist):
			do = say("--data で場所を指定するか、swmaas admin area new で作成してください", "name the folder with --data, or make one with swmaas admin area new")
		}
		c.fail("redis", say("接続できません: %v", "cannot be reached: %v", c.clientErr), do)
		return
	}
	begin := time.Now()
	if err := c.client.Ping(ctx).Err(); err != nil {
		c.fail("redis", say("応答しません: %v", "does not answer: %v", err), say("Redis が動いているか、--redis の指定が正しいか確認してください", "see whether Redis runs and --redis is right"))
		return
	}
	took := time.Since(begin)
	fsync, err := weakestFsync(ctx, c.client)
	switch {
	case err != nil:
		c.warn("redis", say("設定を読めません: %v", "its settings cannot be read: %v", err),
			say("CONFIG GET を許し、appendonly yes と appendfsync always を確かめてください", "permit CONFIG GET, and see that it has appendonly yes and appendfsync always"))
	case fsync != "always":
		c.fail("redis", say("appendfsync が %s です。停電で予約が失われます", "appendfsync is %s: a power cut loses acknowledged bookings", fsync),
			say("redis.conf に appendonly yes と appendfsync always を書き、再起動してください", "write 'appendonly yes' and 'appendfsync always' into redis.conf and start it again"))
	default:
		c.redisMemory(ctx, took)
	}
}

// redisMemory looks at what Redis does when its memory is full, and at its last write.
func (c *doctorCmd) redisMemory(ctx context.Context, took time.Duration) {
	policy, err := c.client.ConfigGet(ctx, "maxmemory*").Result()
	if err == nil && policy["maxmemory"] != "0" && policy["maxmemory-policy"] != "noeviction" {
		c.fail("redis", say("メモリーが一杯になるとデータを捨てる設定(%s)です", "drops data when its memory is full (%s)", policy["maxmemory-policy"]),
			say("maxmemory-policy noeviction にしてください", "set maxmemory-policy noeviction"))
		return
	}
	info, err := c.client.Info(ctx, "persistence").Result()
	if err == nil && strings.Contains(info, "aof_last_write_status:err") {
		c.fail("redis", say("最後の書き込みに失敗しています", "its last write failed"), say("ディスクの空きと権限を確認してください", "look at the space and the rights of its disk"))
		return
	}
	version := ""
	if info, err := c.client.Info(ctx, "server").Result(); err == nil {
		_, rest, _ := strings.Cut(info, "redis_version:")
		version, _, _ = strings.Cut(rest, "\r\n")
	}
	c.ok("redis", say("Redis %s、appendfsync always、応答 %.1f ms", "Redis %s, appendfsync always, answers in %.1f ms", version, float64(took.Microseconds())/1000))
}

// service asks a running service how it is.
func (c *doctorCmd) service(ctx context.Context) {
	if c.Service == "" {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	do := say("systemctl status swmaas とログを確認してください", "look at systemctl status swmaas and the log")
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, strings.TrimSuffix(c.Service, "/")+"/readyz", nil)
	if err == nil {
		var response *http.Response
		if response, err = http.DefaultClient.Do(request); err == nil {
			defer func() { _ = response.Body.Close() }()
			if response.StatusCode != http.StatusOK {
				err = fmt.Errorf("it says %s", response.Status)
			}
		}
	}
	if err != nil {
		c.fail("service", say("準備ができていません: %v", "is not ready: %v", err), do)
		return
	}
	c.ok("service", say("呼び出しに応答できます", "answers calls"))
}
