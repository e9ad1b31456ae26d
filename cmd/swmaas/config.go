package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
	"go.yaml.in/yaml/v3"
)

// configFile is the settings of a file, YAML or JSON: flags by their names, for every command at the top and for one command under
// its name. What is said on the command line or in the environment counts more.
//
//	data: /var/lib/swmaas
//	serve:
//	  listen: 0.0.0.0:7443
//	  origin: [https://console.example]
type configFile struct {
	name string
	root *yaml.Node // a mapping, or nil for an empty file
}

// loadConfig reads a settings file for kong.
func loadConfig(r io.Reader) (kong.Resolver, error) {
	name := "settings"
	if file, ok := r.(*os.File); ok {
		name = file.Name()
	}
	var document yaml.Node
	switch err := yaml.NewDecoder(r).Decode(&document); {
	case errors.Is(err, io.EOF):
		return &configFile{name: name}, nil
	case err != nil:
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	root := document.Content[0]
	if root.Kind != yaml.MappingNode {
		return nil, fmt.Errorf("%s:%d: is not a list of settings such as 'data: /var/lib/swmaas'", name, root.Line)
	}
	return &configFile{name: name, root: root}, nil
}

// Validate names every key that is no flag, with the line and what it could have meant.
func (c *configFile) Validate(app *kong.Application) error {
	if c.root == nil {
		return nil
	}
	return errors.Join(c.validate(c.root, app.Node, true)...)
}

// validate checks the settings of a command; at the top, flags of any command are known.
func (c *configFile) validate(settings *yaml.Node, node *kong.Node, top bool) (problems []error) {
	names := flagNames(node, top)
	seen := map[string]int{}
	for i := 0; i < len(settings.Content); i += 2 {
		key, value := settings.Content[i], settings.Content[i+1]
		name := dashed(key.Value)
		if line, twice := seen[name]; twice {
			problems = append(problems, fmt.Errorf("%s:%d: %s is there twice, also on line %d", c.name, key.Line, key.Value, line))
		}
		seen[name] = key.Line
		if child := childOf(node, name); child != nil && value.Kind == yaml.MappingNode {
			problems = append(problems, c.validate(value, child, false)...)
			continue
		}
		if !slices.Contains(names, name) {
			problems = append(problems, fmt.Errorf("%s:%d: unknown setting %q%s", c.name, key.Line, key.Value, hint(name, names)))
		} else if value.Kind == yaml.MappingNode {
			problems = append(problems, fmt.Errorf("%s:%d: %s is one value and not a list of settings", c.name, value.Line, key.Value))
		}
	}
	return problems
}

// flagNames lists the flags of a command, or of it and every command below.
func flagNames(node *kong.Node, below bool) (names []string) {
	for _, flag := range node.Flags {
		if flag.Name != "help" && flag.Name != "config" {
			names = append(names, flag.Name)
		}
	}
	if below {
		for _, child := range node.Children {
			names = append(names, flagNames(child, true)...)
		}
	}
	return names
}

func childOf(node *kong.Node, name string) *kong.Node {
	for _, child := range node.Children {
		if child.Name == name {
			return child
		}
	}
	return nil
}

// dashed is a key as flags are written: both keep_days and keep-days name --keep-days.
func dashed(key string) string { return strings.ReplaceAll(key, "_", "-") }

// hint names the settings that are nearest to a wrong one.
func hint(name string, names []string) string {
	best, distance := "", 3
	for _, known := range names {
		if d := editDistance(name, known); d < distance {
			best, distance = known, d
		}
	}
	if best == "" {
		return "; swmaas COMMAND --help lists them"
	}
	return fmt.Sprintf("; did you mean %q?", best)
}

// editDistance is the number of letters to change, add or take away (Levenshtein 1966).
func editDistance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0]++
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}

// Resolve gives the value of a flag: that of the command's own section before that of the top. The environment counts more.
func (c *configFile) Resolve(ctx *kong.Context, parent *kong.Path, flag *kong.Flag) (any, error) {
	if c.root == nil || flag.Name == "help" || flag.Name == "config" {
		return nil, nil
	}
	for _, name := range flag.Envs {
		if _, set := os.LookupEnv(name); set {
			return nil, nil
		}
	}
	value := settingOf(c.root, flag.Name)
	if path := ctx.Path; len(path) > 1 && path[1].Command != nil && path[1].Command.Name == "doctor" {
		// The doctor looks at the service as it is started.
		if serve := settingOf(c.root, "serve"); serve != nil && serve.Kind == yaml.MappingNode {
			if own := settingOf(serve, flag.Name); own != nil {
				value = own
			}
		}
	}
	section := c.root
	for _, step := range ctx.Path {
		if step.Command == nil || section == nil {
			continue
		}
		section = settingOf(section, step.Command.Name)
		if section == nil || section.Kind != yaml.MappingNode {
			break
		}
		if own := settingOf(section, flag.Name); own != nil {
			value = own
		}
	}
	if value == nil {
		return nil, nil
	}
	return c.plain(flag.Name, value)
}

// settingOf finds the value of a key.
func settingOf(settings *yaml.Node, name string) *yaml.Node {
	for i := 0; i+1 < len(settings.Content); i += 2 {
		if dashed(settings.Content[i].Value) == name {
			return settings.Content[i+1]
		}
	}
	return nil
}

// plain is a value as kong reads it.
func (c *configFile) plain(name string, value *yaml.Node) (any, error) {
	switch {
	case value.Kind == yaml.ScalarNode && value.Tag == "!!null":
		return nil, nil
	case value.Kind == yaml.ScalarNode && value.Tag == "!!bool":
		return value.Value == "true", nil
	case value.Kind == yaml.ScalarNode:
		return value.Value, nil
	case value.Kind == yaml.SequenceNode:
		list := make([]any, 0, len(value.Content))
		for _, item := range value.Content {
			if item.Kind != yaml.ScalarNode {
				return nil, fmt.Errorf("%s:%d: %s: a list of plain values is needed", c.name, item.Line, name)
			}
			list = append(list, item.Value)
		}
		return list, nil
	}
	return nil, nil // a section of a command that has the flag's name
}
