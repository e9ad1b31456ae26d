package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/redis/go-redis/v9"
)

// doctorCmd looks at an installation and says what to do. It changes nothing and may run beside the service. In a settings file it
// takes what is said for serve.
type doctorCmd struct {
	Redis     string   `placeholder:"URL" help:"The service's durable Redis, or a cluster's addresses joined by commas. Without it the private one of the data folder."`
	Data      string   `default:"swmaas-data" type:"path" help:"Data folder of the installation."`
	Graph     string   `placeholder:"FILE" help:"Road graph of the service."`
	Policies  string   `placeholder:"DIR" help:"Folder of the policies."`
	TLSCert   string   `name:"tls-cert" placeholder:"FILE" help:"Certificate of the service."`
	Service   string   `placeholder:"URL" help:"Private port of a running service, such as http://127.0.0.1:7445: also ask it how it is."`
	Area      []string `help:"Only these areas. Default: every area with a fleet."`
	Only      []string `enum:"machine,disk,clock,redis,graph,policies,keys,areas,settings,service,backup" help:"Only these checks: machine, disk, clock, redis, graph, policies, keys, areas, settings, service, backup."`
	Town      string   `hidden:"" help:"As for serve: the demo town brings its own roads and policies."`
	Lang      string   `enum:"auto,ja,en" default:"auto" help:"Language of the answer; auto follows LANG."`
	JSON      string   `name:"json" placeholder:"FILE" help:"Also write the findings to this file, - for standard output."`
	keyFlags  `embed:""`
	findings  []finding
	client    redis.UniversalClient // nil where Redis cannot be reached
	clientErr error
}

// finding is the result of one check.
type finding struct {
	Check  string `json:"check"`
	Status string `json:"status"` // "ok", "warn" or "fail"
	JA     string `json:"ja"`
	EN     string `json:"en"`
	DoJA   string `json:"do_ja,omitempty"` // what to do; empty where all is well
	DoEN   string `json:"do_en,omitempty"`
}

// words is a sentence in Japanese and in English.
type words struct{ ja, en string }

// in is the sentence in one of the languages.
func (w words) in(japanese bool) string {
	if japanese {
		return w.ja
	}
	return w.en
}

// say formats both sentences alike.
func say(ja, en string, args ...any) words {
	return words{fmt.Sprintf(ja, args...), fmt.Sprintf(en, args...)}
}

func (c *doctorCmd) ok(check string, what words) {
	c.findings = append(c.findings, finding{Check: check, Status: "ok", JA: what.ja, EN: what.en})
}

func (c *doctorCmd) warn(check string, what, do words) {
	c.findings = append(c.findings, finding{check, "warn", what.ja, what.en, do.ja, do.en})
}

func (c *doctorCmd) fail(check string, what, do words) {
	c.findings = append(c.findings, finding{check, "fail", what.ja, what.en, do.ja, do.en})
}

// Run makes every check, prints what was found, and fails where something must be put right. Warnings alone do not fail.
func (c *doctorCmd) Run(ctx context.Context, std streams) (err error) {
	e := &engine{}
	defer func() { err = errors.Join(err, e.close(context.WithoutCancel(ctx))) }()
	if c.wants("redis") || c.wants("areas") || c.wants("keys") || c.wants("clock") || c.wants("policies") {
		c.client, c.clientErr = c.connect(ctx, e)
	}
	for _, check := range []struct {
		name string
		run  func(context.Context)
	}{
		{"settings", c.settings},
		{"machine", c.machine},
		{"disk", c.disk},
		{"clock", c.clock},
		{"redis", c.redis},
		{"keys", c.keyFiles},
		{"graph", c.graph},
		{"policies", c.policyFiles},
		{"areas", c.areas},
		{"backup", c.backup},
		{"service", c.service},
	} {
		if c.wants(check.name) {
			check.run(ctx)
		}
	}
	if err := c.print(std); err != nil {
		return fmt.Errorf("doctor: %w", err)
	}
	if n := c.count("fail"); n > 0 {
		return &exitError{code: exitFailed, err: errors.New("")}
	}
	return nil
}

func (c *doctorCmd) wants(check string) bool {
	return len(c.Only) == 0 || slices.Contains(c.Only, check)
}

func (c *doctorCmd) count(status string) (n int) {
	for i := range c.findings {
		if c.findings[i].Status == status {
			n++
		}
	}
	return n
}

// connect reaches the durable Redis beside the service. A data folder that is not there is not made.
func (c *doctorCmd) connect(ctx context.Context, e *engine) (redis.UniversalClient, error) {
	if c.Redis == "" {
		if _, err := os.Stat(c.Data); err != nil {
			return nil, err
		}
	}
	return e.besideService(ctx, c.Data, c.Redis)
}

// japanese reports whether the reader wants Japanese.
func (c *doctorCmd) japanese() bool {
	if c.Lang != "auto" {
		return c.Lang == "ja"
	}
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		if v := os.Getenv(name); v != "" {
			return strings.HasPrefix(v, "ja")
		}
	}
	return false
}

// print writes the findings for people, and as data where asked.
func (c *doctorCmd) print(std streams) error {
	ja, out := c.japanese(), std.out
	if c.JSON == "-" {
		out = std.err
	}
	mark := map[string]string{"ok": "ok  ", "warn": "warn", "fail": "FAIL"}
	if ja {
		mark = map[string]string{"ok": "正常", "warn": "注意", "fail": "異常"}
	}
	for _, f := range c.findings {
		text, do := f.EN, f.DoEN
		if ja {
			text, do = f.JA, f.DoJA
		}
		if _, err := fmt.Fprintf(out, "%s  %-9s %s\n", mark[f.Status], f.Check, text); err != nil {
			return err
		}
		if do != "" {
			if _, err := fmt.Fprintf(out, "                → %s\n", do); err != nil {
				return err
			}
		}
	}
	last := say("異常 %d 件、注意 %d 件", "%d to put right, %d to look at", c.count("fail"), c.count("warn"))
	text := last.en
	if ja {
		text = last.ja
	}
	if _, err := fmt.Fprintln(out, text); err != nil || c.JSON == "" {
		return err
	}
	write := func(w io.Writer) error {
		encoder := json.NewEncoder(w)
		encoder.SetEscapeHTML(false)
		encoder.SetIndent("", "  ")
		return encoder.Encode(c.findings)
	}
	if c.JSON == "-" {
		return write(std.out)
	}
	file, err := os.Create(c.JSON)
	if err != nil {
		return err
	}
	return errors.Join(write(file), file.Close())
}
