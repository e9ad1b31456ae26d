package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"github.com/swmaas/swmaas/api"
)

// adminCmd groups the commands of whoever runs an installation.
type adminCmd struct {
	Area       adminAreaCmd    `cmd:"" help:"Set up towns and list them."`
	Token      adminTokenCmd   `cmd:"" help:"Make a token for a caller of the service."`
	Import     adminImportCmd  `cmd:"" help:"Take riders and places from CSV files into the register."`
	Export     adminExportCmd  `cmd:"" help:"Write the register, or all that is kept of one person, to files."`
	Access     adminAccessCmd  `cmd:"" help:"Tell who looked at what is kept of a person, and when."`
	Print      adminPrintCmd   `cmd:"" help:"Write the sheets of a day to be printed: of each driver, each facility and the office."`
	Erase      adminEraseCmd   `cmd:"" help:"Erase a person for good."`
	Revoke     adminRevokeCmd  `cmd:"" help:"Take tokens back before they end, by the ids that were printed when they were made."`
	RotateKeys adminRotateCmd  `cmd:"" help:"Change the keys that seal personal data, while the service runs."`
	Backup     adminBackupCmd  `cmd:"" help:"Write everything that is kept into one file, while the service runs."`
	Restore    adminRestoreCmd `cmd:"" help:"Make an installation from a backup."`
	Rebuild    adminRebuildCmd `cmd:"" help:"Make a day's routes, rides and indexes anew from its events and compare with what is stored."`
}

// adminTokenCmd prints a signed token. What it says is kept, and not the token: the service checks it with the key in the data
// folder.
type adminTokenCmd struct {
	Area     string        `required:"" help:"Area that the token is good for, such as kurobe."`
	Role     string        `required:"" help:"One of rider, proxy, operator, dispatcher, driver, facility, council, auditor, admin."`
	Expires  time.Duration `default:"24h" help:"How long the token is good, at most 9600h."`
	Subject  string        `help:"Account that the token is for, as the log of events names it; never a person's name. The role's name where left out."`
	Rider    []string      `help:"Riders that a rider's or proxy's token is for, by number."`
	Vehicle  string        `help:"Vehicle that a driver's token is for."`
	Facility string        `help:"Facility that a facility's token is for."`
	Data     string        `default:"swmaas-data" type:"path" help:"Data folder of the installation; its key is made on first use."`
}

// Run prints the token to standard output, and nothing else there.
func (c *adminTokenCmd) Run(std streams) error {
	grant := &api.Grant{
		Subject: c.Subject, Role: api.Role(c.Role), Area: c.Area, Riders: c.Rider,
		Vehicle: c.Vehicle, Facility: c.Facility, Life: c.Expires,
	}
	if grant.Subject == "" {
		grant.Subject = c.Role
	}
	if err := grant.Validate(); err != nil {
		return usageError("admin token: %w", err)
	}
	key, err := openTokenKey(c.Data)
	if err != nil {
		return fmt.Errorf("admin token: %w", err)
	}
	now, id := time.Now(), rand.Text()
	token, _, err := newIssuedTokens(c.Data, key, newRevocations(c.Data, time.Now), time.Now).Issue(context.Background(), id, *grant)
	if err != nil {
		return fmt.Errorf("admin token: %w", err)
	}
	_, err = fmt.Fprintln(std.out, token)
	_, note := fmt.Fprintf(std.err, "%s of %s, good until %s; to take it back: swmaas admin revoke %s\n", c.Role, c.Area, now.Add(c.Expires).Format(time.RFC3339), id)
	return errors.Join(err, note)
}

// adminRevokeCmd takes tokens back. A running service takes notice within seconds, and a token that it checked a moment ago
// ends a minute later at most.
type adminRevokeCmd struct {
	ID   []string `arg:"" help:"Ids of the tokens."`
	Data string   `default:"swmaas-data" type:"path" help:"Data folder of the installation."`
}

// Run writes the ids down.
func (c *adminRevokeCmd) Run(std streams) error {
	for _, id := range c.ID {
		if !isTokenID(id) {
			return usageError("admin revoke: %q is not the id of a token; it is printed when the token is made", id)
		}
	}
	if err := newRevocations(c.Data, time.Now).add(c.ID...); err != nil {
		return fmt.Errorf("admin revoke: %w", err)
	}
	_, err := fmt.Fprintf(std.err, "%d revoked\n", len(c.ID))
	return err
}
