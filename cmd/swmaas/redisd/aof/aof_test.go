package aof

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// command returns a command as it stands in the file.
func command(words ...string) string {
	var out strings.Builder
	fmt.Fprintf(&out, "*%d\r\n", len(words))
	for _, w := range words {
		fmt.Fprintf(&out, "$%d\r\n%s\r\n", len(w), w)
	}
	return out.String()
}

// write makes a Redis folder whose manifest lists files of the given content, growing ones in their order, and returns it with
// the path of the last one.
func write(t testing.TB, contents ...string) (dir, last string) {
	t.Helper()
	dir = t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, folder), 0o700); err != nil {
		t.Fatal(err)
	}
	lines := "file appendonly.aof.3.base.rdb seq 3 type b\nfile appendonly.aof.1.incr.aof seq 1 type h\n"
	for i, content := range contents {
		name := fmt.Sprintf("appendonly.aof.%d.incr.aof", i+2)
		lines += fmt.Sprintf("file %s seq %d type i\n", name, i+2)
		last = filepath.Join(dir, folder, name)
		if err := os.WriteFile(last, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, folder, manifest), []byte(lines), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir, last
}

// read returns the content of a file.
func read(t testing.TB, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestFileCutAtAnyByteEndsAfterAWholePart cuts a file of every kind of part at every byte.
func TestFileCutAtAnyByteEndsAfterAWholePart(t *testing.T) {
	parts := []string{
		command("SELECT", "0"),
		"#TS:1767225600\r\n",
		command("MULTI") + command("SET", "k", "v\r\n*1\r\n$4\r\nEXEC\r\n") + "#TS:1767225601\r\n" + command("SET", "k", "") + command("EXEC"),
		command("SET", "MULTI", "EXEC"),
		command("FLUSHALL"),
		command("multi") + command("FLUSHALL") + command("PING") + command("exec"),
		command("SET", "big", strings.Repeat("x", 300)),
	}
	whole := strings.Join(parts, "")
	dir, file := write(t, whole)
	for cut := range len(whole) + 1 {
		want := ""
		for _, part := range parts {
			if len(want)+len(part) > cut {
				break
			}
			want += part
		}
		if err := os.WriteFile(file, []byte(whole[:cut]), 0o600); err != nil {
			t.Fatal(err)
		}
		dropped, err := Mend(dir)
		if got := read(t, file); err != nil || got != want || dropped != int64(cut-len(want)) {
			t.Fatalf("cut at %d: %d bytes dropped, %v, %d left, want %d", cut, dropped, err, len(got), len(want))
		}
	}
}

func TestDamageThatIsNoCutIsLeftToRedis(t *testing.T) {
	set, torn := command("SET", "k", "v"), command("MULTI")+"*3\r\n$3\r\nSE"
	for name, text := range map[string]string{
		"rubbish between commands":      set + "rubbish" + set + torn,
		"zeros at the end":              set + string(make([]byte, 4096)),
		"no number of arguments":        set + "*\r\n" + torn,
		"no arguments":                  set + "*0\r\n" + torn,
		"negative number of arguments":  set + "*-1\r\n" + torn,
		"number of arguments of a line": set + "*" + strings.Repeat("1", 100) + "\r\n" + torn,
		"no length":                     set + "*2\r\n3\r\nSET" + torn,
		"length beyond what Redis has":  set + "*2\r\n$536870913\r\nSET" + torn,
		"length too short":              set + "*1\r\n$3\r\nEXEC\r\n" + torn,
		"length too long":               set + "*1\r\n$5\r\nEXEC\r\n" + torn,
		"line that never ends":          set + "*" + strings.Repeat("1", buffer+1),
	} {
		dir, file := write(t, text)
		if dropped, err := Mend(dir); dropped != 0 || err != nil || read(t, file) != text {
			t.Errorf("%s: %d bytes dropped, %v", name, dropped, err)
		}
	}
}

func TestOnlyTheLastGrowingFileIsMended(t *testing.T) {
	set, torn := command("SET", "k", "v"), command("MULTI")
	dir, last := write(t, set+torn, set+torn)
	if dropped, err := Mend(dir); dropped != int64(len(torn)) || err != nil || read(t, last) != set {
		t.Errorf("%d bytes dropped, %v", dropped, err)
	}
	first := filepath.Join(filepath.Dir(last), "appendonly.aof.2.incr.aof")
	if read(t, first) != set+torn {
		t.Error("the file before the last was written to")
	}
}

func TestWholeFileIsNotWrittenTo(t *testing.T) {
	dir, file := write(t, command("MULTI")+command("SET", "k", "v")+command("EXEC"))
	before, err := os.Stat(file)
	if err != nil {
		t.Fatal(err)
	}
	if dropped, err := Mend(dir); dropped != 0 || err != nil {
		t.Errorf("%d bytes dropped, %v", dropped, err)
	}
	if after, err := os.Stat(file); err != nil || !after.ModTime().Equal(before.ModTime()) {
		t.Errorf("changed at %v, %v", after.ModTime(), err)
	}
}

func TestFolderWithoutAnAppendOnlyFileNeedsNoMending(t *testing.T) {
	listed, file := write(t, "")
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	base, _ := write(t)
	for name, dir := range map[string]string{"new": t.TempDir(), "listed file is missing": listed, "base file alone": base} {
		if dropped, err := Mend(dir); dropped != 0 || err != nil {
			t.Errorf("%s: %d bytes dropped, %v", name, dropped, err)
		}
	}
}

func TestUnreadableManifestIsAnError(t *testing.T) {
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, folder, manifest), 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := Mend(dir); err == nil {
		t.Error("no error")
	}
}

// BenchmarkMend reads a whole file of 100 MB of commits as the service writes them: ten commands of 200 bytes.
func BenchmarkMend(b *testing.B) {
	one := command("MULTI") + strings.Repeat(command("SET", "dsp:{kurobe}:2026-01-20:ride:R-0001", strings.Repeat("v", 150)), 10) + command("EXEC")
	dir, _ := write(b, string(bytes.Repeat([]byte(one), 100_000_000/len(one))))
	b.SetBytes(100_000_000)
	b.ReportAllocs()
	for b.Loop() {
		if dropped, err := Mend(dir); dropped != 0 || err != nil {
			b.Fatal(dropped, err)
		}
	}
}
