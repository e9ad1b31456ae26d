// Command swmaas is the dispatch and routing engine for welfare mobility sharing: one binary, a file a subcommand.
// It wires packages together and makes no decisions of its own.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"
)

// commands is the whole command line: a field a subcommand, each defined in the file of its name. A command has a method
// `Run(ctx context.Context, std streams) error`; kong passes it both arguments.
type commands struct {
	Config kong.ConfigFlag `placeholder:"FILE" help:"Take settings from this YAML or JSON file: flags by their names, at the top for every command or under the name of one. Every flag is also a variable of the environment, SWMAAS_ and its name. The command line counts most, then the environment, then the file."`

	Graph   graphCmd   `cmd:"" help:"Build a road graph from OpenStreetMap data and ask it for routes and matrices."`
	Serve   serveCmd   `cmd:"" help:"Run the service."`
	Plan    planCmd    `cmd:"" help:"Plan a day from files, without a server."`
	Demo    demoCmd    `cmd:"" help:"Play a day in Kurobe on an engine of its own."`
	Admin   adminCmd   `cmd:"" help:"Run an installation: make tokens."`
	Solve   solveCmd   `cmd:"" help:"Solve a published benchmark instance."`
	Doctor  doctorCmd  `cmd:"" help:"Look at machine, stores, keys, roads and towns, and say what to do."`
	Version versionCmd `cmd:"" help:"Tell which build this is."`
	Bench   benchCmd   `cmd:"" help:"Measure this machine."`
}

// streams are the standard streams of one run: results go to out, progress and messages to err.
type streams struct {
	in       io.Reader
	out, err io.Writer
}

// Exit codes; scripts rely on them.
const (
	exitDone       = 0 // the command did what was asked
	exitFailed     = 1 // a fault: a file is missing or damaged, a server did not answer
	exitUsage      = 2 // the command line or a value in an input file is wrong
	exitInfeasible = 3 // the input is understood and nothing can be planned for it; the reasons are printed
)

// exitError carries the exit code that a failure should end the process with. An error without one ends it with
// exitFailed.
type exitError struct {
	code int
	err  error
}

func (e *exitError) Error() string { return e.err.Error() }
func (e *exitError) Unwrap() error { return e.err }

// usageError is an error of the person who typed the command or wrote the input file.
func usageError(format string, args ...any) error {
	return &exitError{code: exitUsage, err: fmt.Errorf(format, args...)}
}

func main() {
	os.Exit(Main(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// Main runs one command line, without the program name, and returns its exit code. It stops a running command on an
// interrupt. Tests call it as a user calls the binary.
func Main(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	err := run(ctx, args, streams{in: stdin, out: stdout, err: stderr})
	if err == nil {
		return exitDone
	}
	code := exitFailed
	if e, ok := errors.AsType[*exitError](err); ok {
		code = e.code
	}
	if text := err.Error(); text != "" {
		_, _ = fmt.Fprintln(stderr, "swmaas:", text)
	}
	return code
}

// helpShown ends the parse after kong has printed a help text; kong itself would leave the process there.
type helpShown struct{ code int }

func run(ctx context.Context, args []string, std streams) (err error) {
	defer func() {
		switch r := recover().(type) {
		case nil:
		case helpShown:
			if r.code != exitDone {
				err = &exitError{code: r.code, err: errors.New("")}
			}
		default:
			panic(r)
		}
	}()
	parser, err := newParser(ctx, std)
	if err != nil {
		return fmt.Errorf("command line: %w", err)
	}
	parsed, err := parser.Parse(args)
	if err != nil {
		return usageError("%w (see swmaas --help)", err)
	}
	return parsed.Run()
}

// newParser is the command line.
func newParser(ctx context.Context, std streams) (*kong.Kong, error) {
	return kong.New(new(commands),
		kong.Name("swmaas"),
		kong.Description("Dispatch and routing for welfare mobility sharing."),
		kong.Writers(std.out, std.err),
		kong.Exit(func(code int) { panic(helpShown{code}) }),
		kong.UsageOnError(),
		kong.Configuration(loadConfig),
		kong.DefaultEnvars("SWMAAS"),
		kong.BindTo(ctx, (*context.Context)(nil)),
		kong.Bind(std),
	)
}
