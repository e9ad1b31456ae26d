package main

import (
	"bufio"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// playDemo runs a headless demo and returns its figures and what it said.
func playDemo(t *testing.T, args ...string) (result demoResult, said string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "out.json")
	code, _, said := runMain(t, append([]string{"demo", "--headless", "--json", file}, args...)...)
	if code != exitDone {
		t.Fatalf("exit %d\n%s", code, said)
	}
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, &result); err != nil {
		t.Fatal(err)
	}
	return result, said
}

// wantGoodDay checks the bounds of a demo's day.
func wantGoodDay(t *testing.T, r demoResult) {
	t.Helper()
	turned := 0
	for _, n := range r.TurnedDown {
		turned += n
	}
	if r.Violations != 0 || r.Told == 0 || r.Untold != 0 || r.Missed != 0 || r.Requested < 180 || r.Booked*10 < r.Requested*9 || r.OnTimeShare < 0.95 || r.PooledShare <= 0.3 {
		t.Errorf("figures out of bounds: %+v", r)
	}
	if r.Requested != r.Booked+r.Unmet+turned || r.Booked != r.Completed+r.Cancelled+r.NoShow+r.Missed {
		t.Errorf("the counts do not add up: %+v", r)
	}
}

func TestADemoDayOnRedisIsJudgedTheSameByTheCheckingTool(t *testing.T) {
	if testing.Short() {
		t.Skip("plays a whole day")
	}
	dir := filepath.Join(t.TempDir(), "day")
	result, _ := playDemo(t, "--seed", "7", "--export", dir)
	if result.Store != "redis" || result.AppendFsync != "always" {
		t.Errorf("store %s, appendfsync %s", result.Store, result.AppendFsync)
	}
	wantGoodDay(t, result)
	var judged struct {
		Violations  int            `json:"violations"`
		OnTimeShare float64        `json:"on_time_share"`
		PooledShare float64        `json:"pooled_share"`
		MeanRatio   float64        `json:"mean_ride_ratio"`
		Status      map[string]int `json:"status"`
	}
	if !check(t, "check_day.py", &judged, dir, "--json") || judged.Violations != 0 || judged.OnTimeShare != result.OnTimeShare || judged.PooledShare != result.PooledShare || judged.MeanRatio != result.MeanRatio {
		t.Errorf("the tool says %+v, the demo %+v", judged, result)
	}
	if judged.Status["completed"] != result.Completed || judged.Status["cancelled"] != result.Cancelled || judged.Status["no_show"] != result.NoShow {
		t.Errorf("the tool counts %v, the demo %+v", judged.Status, result)
	}
}

func TestADemoWithoutRedisSaysSoAndPlaysTheSameDayTwice(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	data := filepath.Join(t.TempDir(), "data")
	first, said := playDemo(t, "--seed", "3", "--data", data)
	if first.Store != "memory" || !strings.Contains(said, "apt-get install -y redis-server") || !strings.Contains(said, "nothing is kept") {
		t.Errorf("store %s, said %s", first.Store, said)
	}
	wantGoodDay(t, first)
	if testing.Short() {
		return
	}
	second, _ := playDemo(t, "--seed", "3", "--data", data)
	first.QuoteMs, second.QuoteMs = quoteMs{}, quoteMs{}
	a, _ := json.Marshal(first)
	b, _ := json.Marshal(second)
	if string(a) != string(b) {
		t.Errorf("seed 3 gave\n%s\nand then\n%s", a, b)
	}
}

// A demo is killed in the middle of its day, with and without its Redis, and started again: the day goes on, and every booking
// that a caller was told of is there.
func TestAKilledDemoTakesItsDayUpAgain(t *testing.T) {
	if testing.Short() {
		t.Skip("plays two days")
	}
	for name, withStore := range map[string]bool{"with its Redis alive": false, "with its Redis killed": true} {
		t.Run(name, func(t *testing.T) {
			data := filepath.Join(t.TempDir(), "data")
			t.Cleanup(func() { killRedis(t, data) })
			told := killedDemo(t, data, 15)
			if withStore {
				killRedis(t, data)
			}
			day := filepath.Join(t.TempDir(), "day")
			result, said := playDemo(t, "--seed", "4", "--data", data, "--export", day)
			if !strings.Contains(said, "taken up again") {
				t.Errorf("the second run began the day anew:\n%s", said)
			}
			wantGoodDay(t, result)
			rides, err := os.ReadFile(filepath.Join(day, "rides.csv"))
			if err != nil {
				t.Fatal(err)
			}
			for _, id := range told {
				if !strings.Contains(string(rides), "\n"+id+",") {
					t.Errorf("ride %s was booked before the kill and is gone", id)
				}
			}
			code, _, errOut := runMain(t, "demo", "--headless", "--seed", "4", "--data", data)
			if code != exitUsage || !strings.Contains(errOut, data+" holds a finished day") {
				t.Errorf("a finished day: exit %d, %s", code, errOut)
			}
		})
	}
}

// killedDemo plays seed 4 in a process of its own, kills it after so many bookings of the day itself, and returns the rides
// that callers were told of.
func killedDemo(t *testing.T, data string, bookings int) (told []string) {
	t.Helper()
	cmd := exec.Command(os.Args[0], "demo", "--speed", "20000", "--seed", "4", "--data", data)
	cmd.Env = append(os.Environ(), runAsMain+"=1")
	stderr, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	lines := bufio.NewScanner(stderr)
	for lines.Scan() {
		if _, id, ok := strings.Cut(lines.Text(), ": booked as "); ok {
			if told = append(told, id); len(told) == bookings {
				if err := cmd.Process.Kill(); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	_ = cmd.Wait()
	if len(told) < bookings {
		t.Fatalf("only %d bookings before the end", len(told))
	}
	return told
}

func TestADemoLeavesForeignFoldersAlone(t *testing.T) {
	for name, c := range map[string]struct{ file, content, want string }{
		"somebody else's files":    {"notes.txt", "x", "in use and not by a demo"},
		"the day of another seed":  {demoMarkFile, `{"town":"kurobe","seed":8,"day":"2027-01-20","runs":1}`, "with seed 8"},
		"a mark that was cut off":  {demoMarkFile, `{"town":"kur`, "cannot be read"},
		"a day that has been done": {demoMarkFile, `{"town":"kurobe","seed":7,"day":"2027-02-09","runs":1,"finished":true}`, "finished day"},
	} {
		t.Run(name, func(t *testing.T) {
			data := t.TempDir()
			if err := os.WriteFile(filepath.Join(data, c.file), []byte(c.content), 0o600); err != nil {
				t.Fatal(err)
			}
			code, _, errOut := runMain(t, "demo", "--headless", "--seed", "7", "--data", data)
			if code != exitUsage || !strings.Contains(errOut, c.want) || !strings.Contains(errOut, data) {
				t.Errorf("exit %d, %s", code, errOut)
			}
			entries, err := os.ReadDir(data)
			if err != nil || len(entries) != 1 {
				t.Errorf("the folder was touched: %v, %v", entries, err)
			}
		})
	}
}

func TestADemoRefusesAnImpossibleSpeed(t *testing.T) {
	for _, speed := range []string{"0", "-1", "NaN", "fast"} {
		if code, _, errOut := runMain(t, "demo", "--speed", speed); code != exitUsage || !strings.Contains(errOut, "speed") {
			t.Errorf("--speed %s: exit %d, %s", speed, code, errOut)
		}
	}
}

func TestADemoChecksWhereItsResultsGoBeforeItPlays(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, args := range map[string][]string{
		"a file where the export should go": {"--export", filepath.Join(file, "day")},
		"a folder that is not there":        {"--json", filepath.Join(dir, "none", "out.json")},
		"a folder in place of the file":     {"--json", dir},
	} {
		if code, _, errOut := runMain(t, append([]string{"demo", "--headless"}, args...)...); code != exitUsage || !strings.Contains(errOut, args[0]) {
			t.Errorf("%s: exit %d, %s", name, code, errOut)
		}
	}
}

func TestTableColumnsAlignWithWideCharacters(t *testing.T) {
	var out strings.Builder
	printTable(io.Writer(&out), [][3]string{{"申込み", "rides", "1"}, {"km", "driven", "20"}})
	// Each of the three wide characters takes two columns.
	if want := "申込み  rides   1\nkm      driven  20\n"; out.String() != want {
		t.Errorf("got\n%s\nwant\n%s", out.String(), want)
	}
}
