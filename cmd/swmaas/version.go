package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"runtime"
	"runtime/debug"
)

// These are set by `make release` (-ldflags -X); a build by hand has what Go knows of it.
var version, commit, committed string

// build tells which program this is.
type build struct {
	Version  string `json:"version"`
	Commit   string `json:"commit"`
	Modified bool   `json:"modified"` // the tree had changes that are in no commit
	Time     string `json:"time"`     // of the commit
	Go       string `json:"go"`
	Platform string `json:"platform"`
}

// buildVersion reads what the linker and Go left in the program.
func buildVersion() build {
	b := build{Version: version, Commit: commit, Time: committed, Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return b
	}
	if b.Version == "" {
		b.Version = info.Main.Version
	}
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			b.Commit = cmp.Or(b.Commit, s.Value)
		case "vcs.modified":
			b.Modified = s.Value == "true"
		case "vcs.time":
			b.Time = cmp.Or(b.Time, s.Value)
		}
	}
	return b
}

// versionCmd is `swmaas version`.
type versionCmd struct {
	JSON bool `name:"json" help:"As JSON."`
}

// Run prints it.
func (c *versionCmd) Run(std streams) error {
	b := buildVersion()
	if c.JSON {
		return json.NewEncoder(std.out).Encode(b)
	}
	commit := b.Commit
	if b.Modified {
		commit += " with changes"
	}
	_, err := fmt.Fprintf(std.out, "swmaas %s\ncommit %s\nof     %s\n%s %s\n", b.Version, commit, b.Time, b.Go, b.Platform)
	return err
}
