package dayfile_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"sync"
	"testing"
	"time"
)

// chromium is a headless browser that is spoken to through two pipes by the DevTools protocol.
type chromium struct {
	t       *testing.T
	to      *os.File
	session string // of the one page

	mu      sync.Mutex
	last    int
	waiting map[int]chan json.RawMessage // guarded by mu; by number of the call
	loaded  chan struct{}
}

// startChromium starts Debian's chromium until the test ends. Without one the test is skipped, but in CI, which has it, it fails.
func startChromium(t *testing.T) *chromium {
	t.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil {
		const way = "chromium is missing: apt-get install chromium fonts-noto-cjk"
		if os.Getenv("CI") != "" {
			t.Fatal(way)
		}
		t.Skip(way)
	}
	in, to, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	from, out, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(path, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
		"--disable-component-update", "--disable-sync", "--hide-scrollbars", "--remote-debugging-pipe", "--user-data-dir="+t.TempDir(), "about:blank")
	cmd.ExtraFiles = []*os.File{in, out} // it reads from 3 and writes to 4
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	_, _ = in.Close(), out.Close()
	c := &chromium{t: t, to: to, waiting: map[int]chan json.RawMessage{}, loaded: make(chan struct{}, 1)}
	done := make(chan struct{})
	go func() { defer close(done); c.listen(from) }()
	t.Cleanup(func() {
		c.send("Browser.close", nil)
		kill := time.AfterFunc(10*time.Second, func() { _ = cmd.Process.Kill() })
		_ = cmd.Wait()
		kill.Stop()
		<-done
		_ = to.Close()
	})
	var target struct{ TargetID string }
	c.call("Target.createTarget", map[string]any{"url": "about:blank"}, &target)
	var session struct{ SessionID string }
	c.call("Target.attachToTarget", map[string]any{"targetId": target.TargetID, "flatten": true}, &session)
	c.session = session.SessionID
	c.call("Page.enable", nil, nil)
	return c
}

// listen hands answers to whoever waits for them, until the browser ends.
func (c *chromium) listen(from *os.File) {
	defer from.Close()
	for in := bufio.NewReader(from); ; {
		raw, err := in.ReadBytes(0)
		if err != nil {
			return
		}
		var m struct {
			ID     int
			Method string
			Result json.RawMessage
			Error  *struct{ Message string }
		}
		if err := json.Unmarshal(raw[:len(raw)-1], &m); err != nil {
			continue
		}
		if m.Method == "Page.loadEventFired" {
			c.loaded <- struct{}{}
		}
		c.mu.Lock()
		answer := c.waiting[m.ID]
		delete(c.waiting, m.ID)
		c.mu.Unlock()
		if answer != nil {
			if m.Error != nil {
				m.Result, _ = json.Marshal(map[string]string{"fault": m.Error.Message})
			}
			answer <- m.Result
		}
	}
}

// send writes a call and returns where its answer comes.
func (c *chromium) send(method string, params any) chan json.RawMessage {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.last++
	answer := make(chan json.RawMessage, 1)
	c.waiting[c.last] = answer
	m := map[string]any{"id": c.last, "method": method}
	if params != nil {
		m["params"] = params
	}
	if c.session != "" && method != "Browser.close" {
		m["sessionId"] = c.session
	}
	raw, _ := json.Marshal(m)
	_, _ = c.to.Write(append(raw, 0))
	return answer
}

// call waits for an answer and decodes it into result.
func (c *chromium) call(method string, params, result any) {
	c.t.Helper()
	select {
	case raw := <-c.send(method, params):
		var f struct{ Fault string }
		if err := json.Unmarshal(raw, &f); err != nil || f.Fault != "" {
			c.t.Fatalf("%s: %v %s", method, err, f.Fault)
		}
		if result != nil {
			if err := json.Unmarshal(raw, result); err != nil {
				c.t.Fatalf("%s: %v", method, err)
			}
		}
	case <-time.After(time.Minute):
		c.t.Fatalf("%s: chromium does not answer", method)
	}
}

// paperWidth is the printed width of a sheet in CSS pixels: 210 mm less the margins of 11 mm.
const paperWidth = 710

// open shows a file as it is printed.
func (c *chromium) open(path string) {
	c.t.Helper()
	c.call("Emulation.setDeviceMetricsOverride", map[string]any{"width": paperWidth, "height": 1000, "deviceScaleFactor": 1, "mobile": false}, nil)
	c.call("Emulation.setEmulatedMedia", map[string]any{"media": "print"}, nil)
	c.call("Page.navigate", map[string]any{"url": "file://" + path}, nil)
	select {
	case <-c.loaded:
	case <-time.After(time.Minute):
		c.t.Fatalf("%s is not loaded", path)
	}
}

// evaluate runs JavaScript and decodes its value into result.
func (c *chromium) evaluate(script string, result any) {
	c.t.Helper()
	var got struct {
		Result           struct{ Value json.RawMessage }
		ExceptionDetails *struct {
			Text      string
			Exception struct{ Description string }
		}
	}
	c.call("Runtime.evaluate", map[string]any{"expression": script, "returnByValue": true, "awaitPromise": true}, &got)
	if x := got.ExceptionDetails; x != nil {
		c.t.Fatalf("script: %s %s", x.Text, x.Exception.Description)
	}
	if err := json.Unmarshal(got.Result.Value, result); err != nil {
		c.t.Fatal(fmt.Errorf("value of a script: %w", err))
	}
}

// picture is the whole sheet as a PNG, and pdf as it is printed.
func (c *chromium) picture() []byte {
	c.t.Helper()
	var got struct{ Data []byte }
	c.call("Page.captureScreenshot", map[string]any{"captureBeyondViewport": true}, &got)
	return got.Data
}

func (c *chromium) pdf() []byte {
	c.t.Helper()
	var got struct{ Data []byte }
	c.call("Page.printToPDF", map[string]any{"preferCSSPageSize": true, "printBackground": false}, &got)
	return got.Data
}
