package planstore

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/vehicles"
)

// dayKeys builds the keys of one area-day. None has a TTL: a day stays until it is archived.
type dayKeys struct{ prefix string }

func keysOf(area dispatch.AreaID, day dispatch.Day) dayKeys {
	return dayKeys{areaPrefix(area) + string(day) + ":"}
}

// areaPrefix starts every key of an area; the braces put them all in one cluster slot.
func areaPrefix(area dispatch.AreaID) string { return "dsp:{" + string(area) + "}:" }

// rev is a string: the revision in decimal. Written by commit.lua and rebuild.lua.
func (k dayKeys) rev() string { return k.prefix + "rev" }

// routes is a set: the ids of the shifts that have a route. Written by commit.lua and rebuild.lua.
func (k dayKeys) routes() string { return k.prefix + "routes" }

// rides is a set: the ids of all rides, ended ones included. Written by commit.lua and rebuild.lua.
func (k dayKeys) rides() string { return k.prefix + "rides" }

// notes is a set: the ids of all notes. Written by commit.lua and rebuild.lua.
func (k dayKeys) notes() string { return k.prefix + "notes" }

// sets are the sets of ids, in the order in which rebuild.lua wants them.
func (k dayKeys) sets() []string { return []string{k.routes(), k.rides(), k.notes()} }

// route is a string: one encoded route (codec.go). Written by commit.lua and rebuild.lua.
func (k dayKeys) route(id vehicles.ShiftID) string { return k.routePrefix() + string(id) }

func (k dayKeys) routePrefix() string { return k.prefix + "route:" }

// ride is a string: one encoded ride (codec.go). Written by commit.lua and rebuild.lua.
func (k dayKeys) ride(id dispatch.RideID) string { return k.ridePrefix() + string(id) }

func (k dayKeys) ridePrefix() string { return k.prefix + "ride:" }

// note is a string: one encoded note (note_codec.go). Written by commit.lua and rebuild.lua.
func (k dayKeys) note(id dispatch.NoteID) string { return k.notePrefix() + string(id) }

func (k dayKeys) notePrefix() string { return k.prefix + "note:" }

// events is a stream with ids "<revision>-<index>": what happened and, in the first entry of each commit, what it stored
// (log.go), so that all other keys of the day can be made anew from it. Written by commit.lua.
func (k dayKeys) events() string { return k.prefix + "events" }

// cells is a sorted set: "<ride>:p" and "<ride>:d" of the open pickups and dropoffs in the cell, scored by the start of
// their window in service-day seconds. Written by commit.lua and rebuild.lua.
func (k dayKeys) cells(c vehicles.CellID) string {
	return k.cellPrefix() + strconv.FormatUint(uint64(c), 16)
}

func (k dayKeys) cellPrefix() string { return k.prefix + "cells:" }

// claims is a sorted set: who has a ride in the plan and which groups ride together (claimMember), scored by the revision of the
// last commit that wrote such a ride, so that two commits which name no route or ride in common still find out about each
// other. Written by commit.lua and rebuild.lua.
func (k dayKeys) claims() string { return k.prefix + "claims" }

// claimMember names a claim within its day. The id is hashed because callers choose it.
func claimMember(c dispatch.Claim) string {
	sum := sha256.Sum256([]byte(c.ID))
	return string(c.Kind) + hex.EncodeToString(sum[:12])
}

// idemKey is a string: request hash and kept reply (codec.go), TTL Config.IdempotencyTTL. Written by commit.lua. The
// caller's key is hashed because callers choose it: it may be long, and may hold what must not be readable here.
func idemKey(area dispatch.AreaID, key string) string {
	sum := sha256.Sum256([]byte(key))
	return areaPrefix(area) + "idem:" + hex.EncodeToString(sum[:16])
}

// intentKey is a string: the hash of a request, TTL Config.IdempotencyTTL. Written by Keep.
func intentKey(area dispatch.AreaID, key string) string {
	sum := sha256.Sum256([]byte(key))
	return areaPrefix(area) + "intent:" + hex.EncodeToString(sum[:16])
}

// dataKey is a string: a person's wrapped data key, empty once destroyed. No TTL. Written by DataKeys.
func dataKey(area dispatch.AreaID, person string) string {
	return areaPrefix(area) + "datakey:" + person
}

// ordersKey is a hash: encoded standing orders (orders.go) by id. No TTL. Written by order.lua.
func ordersKey(area dispatch.AreaID) string { return areaPrefix(area) + "orders" }

// areaKey is a hash: the encoded entry of the area (areas.go) in its one field. No TTL. Written by order.lua.
func areaKey(area dispatch.AreaID) string { return areaPrefix(area) + "area" }

// policiesKey is a hash: encoded policies (policies.go) by id, what was put while a service ran. No TTL. Written by policy.lua.
func policiesKey(area dispatch.AreaID) string { return areaPrefix(area) + "policies" }

// policiesRevKey is a string: how often they were changed, in decimal. No TTL. Written by policy.lua.
func policiesRevKey(area dispatch.AreaID) string { return areaPrefix(area) + "policies:rev" }

// policiesLogKey is a stream with ids "<revision>-0": who put or withdrew which policy when. No TTL. Written by policy.lua.
func policiesLogKey(area dispatch.AreaID) string { return areaPrefix(area) + "policies:events" }

// accessKey is a stream with ids by the clock of Redis: who looked at whom (access.go). No TTL. Written by AccessLog, which only
// adds to it, but for retention.
func accessKey(area dispatch.AreaID) string { return areaPrefix(area) + "access" }

// wakeChannel is a channel, not a key: commit.lua publishes "<day> <revision>" on it, and policy.lua " 0".
func wakeChannel(area dispatch.AreaID) string { return areaPrefix(area) + "wake" }

// checkNames reports with dispatch.ErrInvalid an area or day that no unambiguous key can be built from.
func checkNames(area dispatch.AreaID, day dispatch.Day) error {
	if err := checkArea(area); err != nil {
		return err
	}
	if _, err := time.Parse(time.DateOnly, string(day)); err != nil {
		return fmt.Errorf("planstore: day %q is not a date such as 2026-01-20: %w", day, dispatch.ErrInvalid)
	}
	return nil
}

func checkArea(area dispatch.AreaID) error {
	if area == "" || strings.ContainsAny(string(area), "{}:") {
		return fmt.Errorf("planstore: area %q is empty or contains one of {}:: %w", area, dispatch.ErrInvalid)
	}
	return nil
}
