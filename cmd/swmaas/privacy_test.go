package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"google.golang.org/protobuf/types/known/timestamppb"

	swmaasv1 "github.com/swmaas/swmaas/api/gen/swmaas/v1"
	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/dispatch/planstore"
	"github.com/swmaas/swmaas/dispatch/seal"
	"github.com/swmaas/swmaas/dispatch/sim/town"
	"github.com/swmaas/swmaas/routing/geo"
	"github.com/swmaas/swmaas/testdata/redistest"
)

// secretPerson is an entry of the register with a text of its own in every field that tells of a person.
func secretPerson(n int, home geo.LatLng) *dispatch.Rider {
	return &dispatch.Rider{
		ID: dispatch.RiderID(fmt.Sprintf("P-%04d", n)), Area: town.Area,
		Name: fmt.Sprintf("氏名その%04d", n), Kana: fmt.Sprintf("シメイソノ%04d", n), Phones: []string{fmt.Sprintf("+8176552%04d", 1000+n)},
		Home:       dispatch.SavedPlace{Label: fmt.Sprintf("自宅その%04d", n), Address: fmt.Sprintf("架空町%d番地の7", 3000+n), Entrance: home, Notes: fmt.Sprintf("裏口その%04d", n)},
		DriverNote: fmt.Sprintf("声かけその%04d", n), Consents: []dispatch.Consent{{Kind: dispatch.ConsentKeep, Given: "2026-01-05"}},
		Contacts: []dispatch.Contact{{Name: fmt.Sprintf("家族その%04d", n), Relation: "長男", Phone: fmt.Sprintf("+8190123%05d", n)}},
	}
}

// secretsOf lists what must be readable nowhere.
func secretsOf(r *dispatch.Rider) []string {
	list := []string{
		r.Name, r.Kana, r.Home.Label, r.Home.Address, r.Home.Notes, r.DriverNote, r.Contacts[0].Name,
		fmt.Sprintf("%.4f", r.Home.Entrance.Lat), fmt.Sprintf("%.4f", r.Home.Entrance.Lng),
	}
	for _, phone := range []string{r.Phones[0], r.Contacts[0].Phone} {
		list = append(list, phone, strings.TrimPrefix(phone, "+81"), "0"+strings.TrimPrefix(phone, "+81"))
	}
	return list
}

// TestNothingPersonalLeavesTheEngine runs the service with a register and bookings, refusals and a Redis that dies, and
// searches the keyspaces, the files of both Redis and all that was logged for every text about a person.
func TestNothingPersonalLeavesTheEngine(t *testing.T) {
	tn, err := town.Generate(1)
	if err != nil {
		t.Fatal(err)
	}
	durable, live := redistest.New(t), redistest.New(t)
	data, log := t.TempDir(), new(logText)
	addresses, stop := startServeLogged(t, log, "--data", data, "--town", "kurobe", "--listen", "127.0.0.1:0",
		"--redis", "unix://"+durable.Socket, "--redis-live", "unix://"+live.Socket)
	client := redis.NewClient(&redis.Options{Network: "unix", Addr: durable.Socket})
	defer func() { _ = client.Close() }()
	ring, err := seal.New(filepath.Join(data, "seal"), planstore.NewDataKeys(client), seal.Config{})
	if err != nil {
		t.Fatal(err)
	}
	store, err := planstore.NewRegister(client, ring)
	if err != nil {
		t.Fatal(err)
	}
	register := dispatch.NewRegister(store, time.Now)
	c := dial(t, addresses["grpc"], data)
	var secrets []string
	booked := 0
	for n := range 20 {
		person := secretPerson(n, tn.Calls[n].Pickup.At)
		if _, err := register.Save(t.Context(), "operator", person); err != nil {
			t.Fatal(err)
		}
		secrets = append(secrets, secretsOf(person)...)
		if c.bookFor(t, person, tn.Calls[n].Dropoff.At) {
			booked++
		}
		c.bookFor(t, person, geo.LatLng{Lat: 37.3 + float64(n)/1000, Lng: 136.9}) // at sea: no road there
	}
	if booked < 10 {
		t.Fatalf("%d of 20 booked: the test shows little", booked)
	}
	texts := map[string]string{"the keyspace": keyspace(t, client)}
	liveClient := redis.NewClient(&redis.Options{Network: "unix", Addr: live.Socket})
	texts["the live keyspace"] = keyspace(t, liveClient)
	_ = liveClient.Close()
	durable.Kill() // what the engine logs when its store is gone
	c.bookFor(t, secretPerson(5, tn.Calls[5].Pickup.At), tn.Calls[5].Dropoff.At)
	durable.Restart()
	stop()
	texts["the log"] = log.String()
	for _, dir := range []string{durable.Dir, live.Dir} {
		files, err := filepath.Glob(filepath.Join(dir, "appendonlydir", "*"))
		if err != nil || len(files) == 0 {
			t.Fatalf("files of %s: %q, %v", dir, files, err)
		}
		for _, name := range files {
			raw, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			texts[name] = string(raw)
		}
	}
	for where, text := range texts {
		for _, secret := range secrets {
			if strings.Contains(text, secret) {
				t.Errorf("%q is readable in %s", secret, where)
			}
		}
	}
	if !strings.Contains(texts["the keyspace"], "P-0007") || !strings.Contains(texts["the log"], "serving") {
		t.Error("not even ids and the start are there: the test looks at nothing")
	}
}

// bookFor asks for a ride of a person from home and books it; the phone number is the idempotency key, as careless callers
// choose it. It reports whether it was booked.
func (c *caller) bookFor(t *testing.T, r *dispatch.Rider, to geo.LatLng) bool {
	t.Helper()
	midnight, err := time.ParseInLocation(time.DateOnly, c.day, time.FixedZone("JST", 9*3600))
	if err != nil {
		t.Fatal(err)
	}
	place := func(label string, at geo.LatLng) *swmaasv1.Place {
		return &swmaasv1.Place{Label: label, Position: &swmaasv1.LatLng{Lat: at.Lat, Lng: at.Lng}}
	}
	quote, err := c.booking.Quote(c.ctx, &swmaasv1.QuoteRequest{
		Area: string(town.Area), ServiceDate: c.day, RiderId: string(r.ID), Party: &swmaasv1.Party{Seats: 1},
		Pickup: place(r.Home.Label+" "+r.Home.Address+" "+r.Phones[0], r.Home.Entrance), Dropoff: place(r.Home.Notes, to),
		Wish: &swmaasv1.Wish{Kind: &swmaasv1.Wish_DepartAfter{DepartAfter: &swmaasv1.DepartAfter{
			Earliest: timestamppb.New(midnight.Add(9 * time.Hour)), Latest: timestamppb.New(midnight.Add(14 * time.Hour)),
		}}},
	})
	if err != nil || len(quote.Offers) == 0 {
		return false
	}
	id, err := c.take(quote.Offers[0].Token, r.Phones[0])
	return err == nil && id != ""
}

// keyspace is every key of a Redis with what it holds.
func keyspace(t *testing.T, client *redis.Client) string {
	t.Helper()
	var out strings.Builder
	keys, err := client.Keys(t.Context(), "*").Result()
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range keys {
		var v any
		switch kind := client.Type(t.Context(), k).Val(); kind {
		case "string":
			v = client.Get(t.Context(), k).Val()
		case "set":
			v = client.SMembers(t.Context(), k).Val()
		case "zset":
			v = client.ZRangeWithScores(t.Context(), k, 0, -1).Val()
		case "hash":
			v = client.HGetAll(t.Context(), k).Val()
		case "stream":
			v = client.XRange(t.Context(), k, "-", "+").Val()
		default:
			t.Fatalf("key %s is a %s", k, kind)
		}
		fmt.Fprintf(&out, "%s %v\n", k, v)
	}
	return out.String()
}

// TestAnErasedPersonIsReadableNowhere books rides for two persons, erases the one, and looks at every place that had their
// data: the plan, the kept reply, the register, and the day as it is made anew from its log.
func TestAnErasedPersonIsReadableNowhere(t *testing.T) {
	tn, err := town.Generate(1)
	if err != nil {
		t.Fatal(err)
	}
	server := redistest.New(t)
	data := t.TempDir()
	addresses, stop := startServe(t, "--data", data, "--town", "kurobe", "--listen", "127.0.0.1:0", "--redis", "unix://"+server.Socket)
	client := redis.NewClient(&redis.Options{Network: "unix", Addr: server.Socket})
	defer func() { _ = client.Close() }()
	ring, err := seal.New(filepath.Join(data, "seal"), planstore.NewDataKeys(client), seal.Config{})
	if err != nil {
		t.Fatal(err)
	}
	store, err := planstore.NewRegister(client, ring)
	if err != nil {
		t.Fatal(err)
	}
	register := dispatch.NewRegister(store, time.Now)
	c := dial(t, addresses["grpc"], data)
	gone, stays := secretPerson(1, tn.Calls[1].Pickup.At), secretPerson(2, tn.Calls[2].Pickup.At)
	for i, person := range []*dispatch.Rider{gone, stays} {
		if _, err := register.Save(t.Context(), "operator", person); err != nil {
			t.Fatal(err)
		}
		if !c.bookFor(t, person, tn.Calls[i+1].Dropoff.At) {
			t.Fatalf("no ride for %s: the test shows nothing", person.ID)
		}
	}
	stop()
	if err := register.Erase(t.Context(), "operator", town.Area, gone.ID); err != nil {
		t.Fatal(err)
	}
	if err := ring.Erase(string(town.Area), string(gone.ID)); err != nil {
		t.Fatal(err)
	}
	if _, err := register.Rider(t.Context(), town.Area, gone.ID); !errors.Is(err, dispatch.ErrNotFound) {
		t.Errorf("the register has the erased person: %v", err)
	}
	day := dispatch.Day(c.day)
	for _, when := range []string{"as stored", "made anew from the log"} {
		plans, closer, err := openPlans(t.Context(), data, "unix://"+server.Socket, keyFlags{})
		if err != nil {
			t.Fatal(err)
		}
		state, err := plans.Load(t.Context(), town.Area, day)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range state.Rides {
			readable := r.Pickup != dispatch.Place{} || r.Dropoff != dispatch.Place{} || r.Purpose != "" || r.Party.Load.Seats != 0
			if readable != (r.Rider == stays.ID) {
				t.Errorf("%s: ride of %s is readable: %v", when, r.Rider, readable)
			}
		}
		if len(state.Rides) != 2 {
			t.Errorf("%s: %d rides, want 2", when, len(state.Rides))
		}
		for _, pattern := range []string{"ride:*", "route:*", "rides", "routes", "rev", "cells:*"} {
			keys, err := client.Keys(t.Context(), "dsp:{"+string(town.Area)+"}:"+c.day+":"+pattern).Result()
			if err != nil {
				t.Fatal(err)
			}
			if len(keys) > 0 {
				client.Del(t.Context(), keys...)
			}
		}
		if _, err := plans.Rebuild(t.Context(), town.Area, day); err != nil {
			t.Fatal(err)
		}
		_ = closer(t.Context())
	}
}
