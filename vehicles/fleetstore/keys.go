package fleetstore

import (
	"fmt"
	"strings"
	"time"

	"github.com/swmaas/swmaas/vehicles"
)

// areaKeys builds the keys of one area; the braces put them all in one cluster slot. TTL is none where none is named.
type areaKeys struct{ prefix string }

// keysOf fails with ErrName where the area would break the hash tag or run into the next part of a key.
func keysOf(area string) (areaKeys, error) {
	if area == "" || strings.ContainsAny(area, "{}: \t\r\n") {
		return areaKeys{}, fmt.Errorf("%w: area %q", ErrName, area)
	}
	return areaKeys{"veh:{" + area + "}:"}, nil
}

// facilities is a hash on the durable Redis: facility id to encoded facility. Written by SaveFleet.
func (k areaKeys) facilities() string { return k.prefix + "facilities" }

// vehicles is a hash on the durable Redis: vehicle id to encoded vehicle. Written by SaveFleet.
func (k areaKeys) vehicles() string { return k.prefix + "vehicles" }

// drivers is a hash on the durable Redis: driver id to encoded driver. Written by SaveFleet.
func (k areaKeys) drivers() string { return k.prefix + "drivers" }

// calendar is a string on the durable Redis: the encoded calendar. Written by SaveCalendar.
func (k areaKeys) calendar() string { return k.prefix + "calendar" }

// shifts is a hash on the durable Redis: shift id to encoded shift of the service day. Written by SaveShifts. It fails
// with ErrName unless day is a civil date such as "2026-01-20".
func (k areaKeys) shifts(day string) (string, error) {
	if _, err := time.Parse(time.DateOnly, day); err != nil {
		return "", fmt.Errorf("%w: day %q is not a date like 2026-01-20", ErrName, day)
	}
	return k.prefix + "shifts:" + day, nil
}

// status is a hash on the durable Redis: vehicle id to the last status report. Written by status.lua.
func (k areaKeys) status() string { return k.prefix + "status" }

// positions is a hash on the live Redis: vehicle id to its last position. TTL Config.KeepFor from the area's last report.
// Written by report.lua, forget.lua.
func (k areaKeys) positions() string { return k.prefix + "positions" }

// cell is a hash on the live Redis: vehicle id to the same bytes as in positions, of the vehicles in the cell. TTL
// Config.KeepFor from the cell's last report. Written by report.lua, forget.lua, which build it as cellPrefix and the
// cell's 16 hex digits.
func (k areaKeys) cell(c vehicles.CellID) string {
	return fmt.Sprintf("%s%016x", k.cellPrefix(), uint64(c))
}

func (k areaKeys) cellPrefix() string { return k.prefix + "cell:" }
