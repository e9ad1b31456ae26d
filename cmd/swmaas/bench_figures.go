package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
)

// writeFigures prints the table of a bench and, where a file is named, writes the figures there as JSON. "-" stands for standard output; the table
// goes to standard error then, so that what reads the figures gets nothing else.
func writeFigures(std streams, file string, figures any, table func(io.Writer) error) error {
	to := std.out
	if file == "-" {
		to = std.err
	}
	if err := table(to); err != nil {
		return err
	}
	if file == "" {
		return nil
	}
	text, err := json.MarshalIndent(figures, "", "  ")
	if err != nil {
		return fmt.Errorf("figures: %w", err)
	}
	text = append(text, '\n')
	if file == "-" {
		_, err = std.out.Write(text)
		return err
	}
	return os.WriteFile(file, text, 0o644)
}
