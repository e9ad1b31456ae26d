package main

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/swmaas/swmaas/dispatch"
)

// adminAccessCmd answers a person who asks who has seen their data.
type adminAccessCmd struct {
	storeFlags `embed:""`
	Rider      string `required:"" placeholder:"ID" help:"The person's number; somebody erased has a list as well."`
	Since      string `placeholder:"DATE" help:"Only looks from this day on, such as 2026-01-20."`
}

// accessPageSize is how many looks are read at once, and accessScan of how many entries.
const accessPageSize, accessScan = 500, 20000

// Run prints the looks as CSV, newest first: when, who, role, call, fields, how many others were seen with it, and the request
// by which the service's log names the call.
func (c *adminAccessCmd) Run(ctx context.Context, std streams) (err error) {
	since := time.Time{}
	if c.Since != "" {
		if since, err = time.ParseInLocation(time.DateOnly, c.Since, serviceZone()); err != nil {
			return usageError("admin access: --since: %q is not a date such as 2026-01-20", c.Since)
		}
	}
	s, err := c.openRegister(ctx, false)
	if err != nil {
		return fmt.Errorf("admin access: %w", err)
	}
	defer func() { err = errors.Join(err, s.close(context.WithoutCancel(ctx))) }()
	out := csv.NewWriter(std.out)
	if err := out.Write([]string{"at", "who", "role", "call", "fields", "others", "request", "token"}); err != nil {
		return err
	}
	n := 0
	for q := (dispatch.AccessQuery{Rider: dispatch.RiderID(c.Rider), Limit: accessPageSize, Scan: accessScan}); ; {
		page, next, err := s.accesses.Accesses(ctx, s.area, q)
		if err != nil {
			return fmt.Errorf("admin access: %w", err)
		}
		for i := range page {
			a := &page[i]
			if a.At.Before(since) {
				next = ""
				break
			}
			n++
			if err := out.Write(accessRow(a)); err != nil {
				return err
			}
		}
		if q.Before = next; next == "" {
			break
		}
	}
	out.Flush()
	_, note := fmt.Fprintf(std.err, "%d looks at %s\n", n, c.Rider)
	return errors.Join(out.Error(), note)
}

func accessRow(a *dispatch.Access) []string {
	others := fmt.Sprint(len(a.Riders) - 1)
	if slices.Contains(a.Riders, dispatch.Everybody) {
		others = "everybody"
	}
	return []string{
		a.At.In(serviceZone()).Format(time.RFC3339), a.Subject, a.Role, a.Method, strings.Join(a.Fields, " "), others, a.Request, a.Token,
	}
}
