package main

import (
	"bytes"
	"strings"
	"testing"
)

// runMain runs a command line and returns its exit code and what it printed.
func runMain(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errOut bytes.Buffer
	code = Main(args, strings.NewReader(""), &out, &errOut)
	return code, out.String(), errOut.String()
}

func TestHelpExitsZero(t *testing.T) {
	code, out, _ := runMain(t, "--help")
	if code != exitDone || !strings.Contains(out, "graph") {
		t.Errorf("--help: exit %d, output %q", code, out)
	}
}

func TestWrongUsageExitsTwo(t *testing.T) {
	for _, args := range [][]string{{}, {"nonsense"}, {"--nonsense"}} {
		code, _, errOut := runMain(t, args...)
		if code != exitUsage || !strings.Contains(errOut, "swmaas:") {
			t.Errorf("%q: exit %d, message %q", args, code, errOut)
		}
	}
}
