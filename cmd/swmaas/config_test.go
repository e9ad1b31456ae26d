package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func settings(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "swmaas.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestSettingsComeFromCommandLineThenEnvironmentThenFile(t *testing.T) {
	made := func(data string) bool {
		_, err := os.Stat(filepath.Join(data, tokenKeyFile))
		return err == nil
	}
	file, section, env, flag := filepath.Join(t.TempDir(), "file"), filepath.Join(t.TempDir(), "section"), filepath.Join(t.TempDir(), "env"), filepath.Join(t.TempDir(), "flag")
	top := "data: " + file + "\narea: kurobe\nadmin:\n  token: {role: council, expires: 2h}\n"
	own := top + "serve: {listen: 127.0.0.1:1}\n"
	nested := strings.Replace(top, "role: council", "role: council, data: "+section, 1)
	for _, c := range []struct {
		name, settings, env string
		args                []string
		want                string
	}{
		{"the top of the file", own, "", nil, file},
		{"the command's section before the top", nested, "", nil, section},
		{"the environment before the file", nested, env, nil, env},
		{"the command line before all", nested, env, []string{"--data", flag}, flag},
		{"JSON is YAML", `{"data": "` + file + `2", "admin": {"token": {"role": "council", "area": "kurobe"}}}`, "", nil, file + "2"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.env != "" {
				t.Setenv("SWMAAS_DATA", c.env)
			}
			_ = os.RemoveAll(c.want)
			code, out, message := runMain(t, append([]string{"--config", settings(t, c.settings), "admin", "token"}, c.args...)...)
			if code != exitDone || out == "" || !made(c.want) {
				t.Errorf("exit %d, %q; made there: %v", code, message, made(c.want))
			}
		})
	}
}

func TestASettingThatIsWrongIsNamed(t *testing.T) {
	for name, c := range map[string]struct {
		settings string
		want     []string
	}{
		"an unknown one":            {"serve:\n  lisen: 127.0.0.1:0\n", []string{":2:", `unknown setting "lisen"`, `did you mean "listen"?`}},
		"one of another command":    {"serve:\n  speed: 3\n", []string{`unknown setting "speed"`}},
		"an unknown one at the top": {"nonsense: 1\ndata: x\n", []string{":1:", `"nonsense"`, "--help lists them"}},
		"two at once":               {"serve: {x1: 1, y2: 2}\n", []string{`"x1"`, `"y2"`}},
		"one twice":                 {"serve:\n  keep-days: 40\n  keep_days: 41\n", []string{"twice"}},
		"a value of another kind":   {"serve:\n  keep-days: soon\n", []string{"--keep-days", "soon"}},
		"a value out of its range":  {"serve:\n  rate: -3\n", []string{"--rate"}},
		"a list in place of one":    {"serve:\n  listen: {a: b}\n", []string{"listen", "one value"}},
		"no settings":               {"- a\n", []string{"is not a list of settings"}},
		"no YAML":                   {"a: [\n", []string{"yaml"}},
	} {
		code, _, message := runMain(t, "--config", settings(t, c.settings), "serve", "--data", t.TempDir(), "--listen", "nowhere")
		if code != exitUsage {
			t.Errorf("%s: exit %d, %s", name, code, message)
		}
		for _, want := range c.want {
			if !strings.Contains(message, want) {
				t.Errorf("%s: %q does not say %q", name, message, want)
			}
		}
	}
	if code, _, message := runMain(t, "--config", "/nowhere/swmaas.yaml", "version"); code != exitUsage || !strings.Contains(message, "/nowhere/swmaas.yaml") {
		t.Errorf("a file that is not there: exit %d, %s", code, message)
	}
}

func TestTheVersionIsTold(t *testing.T) {
	code, out, _ := runMain(t, "version", "--json")
	if code != exitDone || !strings.Contains(out, `"go":"go1.`) || !strings.Contains(out, `"commit"`) {
		t.Errorf("exit %d, %s", code, out)
	}
}
