package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/redis/go-redis/v9"
	"go.yaml.in/yaml/v3"

	"github.com/swmaas/swmaas/api"
	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/dispatch/planstore"
	"github.com/swmaas/swmaas/routing"
	"github.com/swmaas/swmaas/routing/osm"
	"github.com/swmaas/swmaas/vehicles/fleetstore"
)

// adminAreaCmd groups what makes towns.
type adminAreaCmd struct {
	New  adminAreaNewCmd  `cmd:"" help:"Set up a new town: its name and office, roads, rules, facilities, vehicles with their shifts, and tokens. It asks, or takes a file, and ends with the doctor."`
	List adminAreaListCmd `cmd:"" help:"List the towns of an installation."`
}

// adminAreaListCmd lists areas.
type adminAreaListCmd struct {
	Redis string `placeholder:"URL" help:"The service's durable Redis. Without it the private one of the data folder."`
	Data  string `default:"swmaas-data" type:"path" help:"Data folder of the installation."`
}

// Run prints a line for every area with a fleet: name, facilities, vehicles, shift templates.
func (c *adminAreaListCmd) Run(ctx context.Context, std streams) (err error) {
	if _, err := os.Stat(c.Data); err != nil {
		return usageError("%s is not the data folder of an installation: %w", c.Data, err)
	}
	e := &engine{}
	defer func() { err = errors.Join(err, e.close(context.WithoutCancel(ctx))) }()
	store, _, err := fleetBeside(ctx, e, c.Data, c.Redis)
	if err != nil {
		return fmt.Errorf("admin area list: %w", err)
	}
	names, err := store.Areas(ctx)
	if err != nil {
		return fmt.Errorf("admin area list: %w", err)
	}
	for _, area := range names {
		fleet, err := store.Fleet(ctx, area)
		if err != nil {
			return fmt.Errorf("admin area list: %w", err)
		}
		calendar, err := store.Calendar(ctx, area)
		if err != nil {
			return fmt.Errorf("admin area list: %w", err)
		}
		templates := 0
		if calendar != nil {
			templates = len(calendar.Templates)
		}
		if _, err := fmt.Fprintf(std.out, "%s\t%d facilities\t%d vehicles\t%d weekly shifts\n", area, len(fleet.Facilities), len(fleet.Vehicles), templates); err != nil {
			return err
		}
	}
	return nil
}

// fleetBeside opens the store of fleets of an installation, which may be running.
func fleetBeside(ctx context.Context, e *engine, data, url string) (*fleetstore.Store, redis.UniversalClient, error) {
	client, err := e.besideService(ctx, data, url)
	if err != nil {
		return nil, nil, err
	}
	store, err := fleetstore.New(client, client, fleetstore.Config{})
	return store, client, err
}

// adminAreaNewCmd sets a town up.
type adminAreaNewCmd struct {
	Area     string `placeholder:"NAME" help:"Name of the area: lower case letters, digits and hyphens, such as uozu."`
	File     string `placeholder:"FILE" type:"existingfile" help:"Take the answers from this YAML file, as --write-file leaves it. Without it they are asked for."`
	Write    string `name:"write-file" placeholder:"FILE" help:"Write the answers to this file as well."`
	Graph    string `placeholder:"FILE" help:"Road graph of the town; made from --osm where it is not there."`
	OSM      string `name:"osm" placeholder:"FILE" help:"OpenStreetMap extract to make the road graph from."`
	Policies string `placeholder:"DIR" help:"Folder of policies; the town's own, to be edited, is put there. Default: policies in the data folder."`
	Redis    string `placeholder:"URL" help:"The service's durable Redis. Without it the private one of the data folder, made where there is none."`
	Data     string `default:"swmaas-data" type:"path" help:"Data folder of the installation, made where there is none."`
	Lang     string `enum:"auto,ja,en" default:"auto" help:"Language of the questions; auto follows LANG."`
	Replace  bool   `help:"Replace the fleet, the calendar and the entry of a town that is there already."`
	keyFlags `embed:""`
}

// tokenRoles are the roles that a new town gets a token of, and how long each is good.
var tokenRoles = []struct {
	role api.Role
	life time.Duration
}{{api.Operator, 90 * 24 * time.Hour}, {api.Dispatcher, 90 * 24 * time.Hour}, {api.Council, 90 * 24 * time.Hour}, {api.Admin, 30 * 24 * time.Hour}}

// Run asks or reads, checks everything, and only then makes anything.
func (c *adminAreaNewCmd) Run(ctx context.Context, std streams) error {
	japanese := (&doctorCmd{Lang: c.Lang}).japanese()
	town, err := c.answers(std, japanese)
	if err != nil {
		return err
	}
	made, err := town.check()
	if err != nil {
		return usageError("admin area new: %w", err)
	}
	if c.Write != "" {
		if err := c.writeAnswers(town); err != nil {
			return fmt.Errorf("admin area new: %w", err)
		}
	}
	if err := os.MkdirAll(c.Data, 0o700); err != nil {
		return usageError("admin area new: %w", err)
	}
	if err := c.roads(town); err != nil {
		return err
	}
	policies, err := c.rules(town)
	if err != nil {
		return err
	}
	note, err := c.save(ctx, made)
	if err != nil {
		return fmt.Errorf("admin area new: %w", err)
	}
	if err := c.tokens(std, town.Area); err != nil {
		return fmt.Errorf("admin area new: %w", err)
	}
	if note != (words{}) {
		if _, err := fmt.Fprintln(std.out, note.in(japanese)); err != nil {
			return err
		}
	}
	doctor := &doctorCmd{
		Redis: c.Redis, Data: c.Data, Graph: town.Graph, Policies: policies, Area: []string{town.Area}, Lang: c.Lang, keyFlags: c.keyFlags,
		Only: []string{"disk", "clock", "redis", "keys", "graph", "policies", "areas"},
	}
	if err := doctor.Run(ctx, std); err != nil {
		return err
	}
	next := say("サービスを始めるには: swmaas serve --data %s --graph %s --policies %s", "start the service with: swmaas serve --data %s --graph %s --policies %s", c.Data, town.Graph, policies)
	_, err = fmt.Fprintln(std.out, next.in(japanese))
	return err
}

// save stores the town. The note says what could not be stored of it, and is empty where nothing was left out.
func (c *adminAreaNewCmd) save(ctx context.Context, made *checkedTown) (note words, err error) {
	area := string(made.entry.ID)
	err = c.withStores(ctx, func(fleets *fleetstore.Store, plans *planstore.Store) error {
		there, err := fleets.Fleet(ctx, area)
		if err != nil {
			return err
		}
		if len(there.Vehicles) > 0 && !c.Replace {
			return usageError("admin area new: %s has %d vehicles already; --replace puts these in their place", area, len(there.Vehicles))
		}
		if err := errors.Join(fleets.SaveFleet(ctx, area, made.fleet), fleets.SaveCalendar(ctx, area, made.calendar)); err != nil {
			return err
		}
		note, err = made.enter(ctx, plans, c.Replace)
		return err
	})
	return note, err
}

// withStores opens the stores for as long as f works with them.
func (c *adminAreaNewCmd) withStores(ctx context.Context, f func(*fleetstore.Store, *planstore.Store) error) (err error) {
	e := &engine{}
	defer func() { err = errors.Join(err, e.close(context.WithoutCancel(ctx))) }()
	_, client, err := fleetBeside(ctx, e, c.Data, c.Redis)
	if err != nil {
		return err
	}
	ring, err := openRing(c.Data, c.keyFlags, planstore.NewDataKeys(client))
	if err != nil {
		return err
	}
	store, err := fleetstore.New(client, client, fleetstore.Config{Sealer: ring})
	if err != nil {
		return err
	}
	plans, err := planstore.New(client, ring, planstore.Config{})
	if err != nil {
		return err
	}
	return f(store, plans)
}

// answers are read from a file, or asked for on standard input.
func (c *adminAreaNewCmd) answers(std streams, japanese bool) (*newTown, error) {
	town := &newTown{Area: c.Area, Graph: c.Graph, OSM: c.OSM}
	if c.File == "" {
		err := (&interview{in: newLines(std.in), out: std.err, japanese: japanese}).about(town)
		if err != nil {
			return nil, usageError("admin area new: %w", err)
		}
		return town, nil
	}
	err := withFile(c.File, func(r io.Reader) error {
		decoder := yaml.NewDecoder(r)
		decoder.KnownFields(true)
		return decoder.Decode(town)
	})
	if err != nil {
		return nil, usageError("admin area new: %s: %w", c.File, err)
	}
	for field, flag := range map[*string]string{&town.Area: c.Area, &town.Graph: c.Graph, &town.OSM: c.OSM} {
		if flag != "" {
			*field = flag
		}
	}
	return town, nil
}

func (c *adminAreaNewCmd) writeAnswers(town *newTown) error {
	text, err := yaml.Marshal(town)
	if err != nil {
		return err
	}
	return os.WriteFile(c.Write, text, 0o600)
}

// roads makes the road graph where it is not there yet, and reads it.
func (c *adminAreaNewCmd) roads(town *newTown) error {
	if town.Graph == "" {
		town.Graph = filepath.Join(c.Data, "roads.graph")
	}
	if _, err := os.Stat(town.Graph); err != nil {
		if town.OSM == "" {
			return usageError("admin area new: there is no road graph %s, and no --osm extract to make it from", town.Graph)
		}
		graph, _, err := routing.Import(town.OSM, routing.ImportConfig{OSM: osm.Config{Side: osm.SideLeft, Region: osm.RegionJapan}})
		if err != nil {
			return inputError(err)
		}
		if err := graph.WriteFile(town.Graph); err != nil {
			return fmt.Errorf("admin area new: %w", err)
		}
	}
	graph, err := routing.ReadFile(town.Graph)
	if err != nil {
		return usageError("admin area new: %w", err)
	}
	for _, f := range town.Facilities {
		at, err := parseLatLng("at", f.At)
		if err == nil {
			_, err = graph.Snap(at, routing.SnapOptions{})
		}
		if err != nil {
			return usageError("admin area new: facility %s at %s: %w", f.ID, f.At, err)
		}
	}
	return nil
}

// rules puts the cautious policy for the town where there is none of its name, and loads the folder.
func (c *adminAreaNewCmd) rules(town *newTown) (dir string, err error) {
	dir = c.Policies
	if dir == "" {
		dir = filepath.Join(c.Data, "policies")
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", usageError("admin area new: --policies: %w", err)
	}
	path := filepath.Join(dir, town.Area+".json")
	if _, err := os.Stat(path); err != nil {
		text, err := dispatch.PolicyTemplate(dispatch.AreaID(town.Area))
		if err != nil {
			return "", fmt.Errorf("admin area new: %w", err)
		}
		if err := os.WriteFile(path, text, 0o644); err != nil {
			return "", fmt.Errorf("admin area new: %w", err)
		}
	}
	if _, err := dispatch.LoadPolicies(serviceZone(), os.DirFS(dir)); err != nil {
		return "", usageError("admin area new: %s: %w", dir, err)
	}
	return dir, nil
}

// tokens writes a token of each role into a file of its own in the data folder, and names the files.
func (c *adminAreaNewCmd) tokens(std streams, area string) error {
	key, err := openTokenKey(c.Data)
	if err != nil {
		return err
	}
	if _, err := openOfferKey(c.Data); err != nil {
		return err
	}
	dir := filepath.Join(c.Data, "tokens")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	for _, r := range tokenRoles {
		token, id, err := key.IssueNamed(&api.Grant{Subject: string(r.role), Role: r.role, Area: area, Life: r.life}, time.Now())
		if err != nil {
			return err
		}
		path := filepath.Join(dir, area+"-"+string(r.role)+".token")
		if err := newPrivateFile(path, func(w io.Writer) error { _, err := fmt.Fprintln(w, token); return err }); err != nil {
			return err
		}
		if _, err := fmt.Fprintf(std.err, "%s: %s, good for %.0f days, id %s\n", path, r.role, r.life.Hours()/24, id); err != nil {
			return err
		}
	}
	return nil
}
