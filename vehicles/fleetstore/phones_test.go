package fleetstore_test

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha256"
	"errors"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/swmaas/swmaas/testdata/redistest"
	"github.com/swmaas/swmaas/vehicles"
	"github.com/swmaas/swmaas/vehicles/fleetstore"
)

// boxes is a sealer with a key for each person, and nothing to keep keys in.
type boxes struct{}

func (boxes) aead(area, person string) cipher.AEAD {
	key := sha256.Sum256([]byte(area + "\n" + person))
	block, err := aes.NewCipher(key[:])
	if err != nil {
		panic(err)
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		panic(err)
	}
	return aead
}

func (b boxes) Seal(area, person, field string, plain []byte) ([]byte, error) {
	return b.aead(area, person).Seal(nil, make([]byte, 12), plain, []byte(field)), nil
}

func (b boxes) Open(area, person, field string, sealed []byte) ([]byte, error) {
	return b.aead(area, person).Open(nil, make([]byte, 12), sealed, []byte(field))
}

func TestDriversNumbersAreStoredSealed(t *testing.T) {
	client := redis.NewClient(&redis.Options{Network: "unix", Addr: redistest.Start(t)})
	t.Cleanup(func() { _ = client.Close() })
	open := func(cfg fleetstore.Config) *fleetstore.Store {
		s, err := fleetstore.New(client, client, cfg)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	sealed, bare := open(fleetstore.Config{Sealer: boxes{}}), open(fleetstore.Config{})
	want := fleet()
	want.Facilities[1].Phone, want.Facilities[1].Office = "+81765540101", true
	want.Drivers[0].Phone, want.Drivers[1].Phone = "+819012340001", "+819012340002"
	if err := bare.SaveFleet(t.Context(), area, want); !errors.Is(err, fleetstore.ErrUnsealed) || strings.Contains(err.Error(), "1234") {
		t.Errorf("without a sealer: %v, want ErrUnsealed without the number", err)
	}
	if err := sealed.SaveFleet(t.Context(), area, want); err != nil {
		t.Fatal(err)
	}
	requireFleet(t, sealed, want)
	keys, err := client.Keys(t.Context(), "*").Result()
	if err != nil || len(keys) == 0 {
		t.Fatal(keys, err)
	}
	for _, key := range keys {
		if dump, err := client.Dump(t.Context(), key).Result(); err != nil || strings.Contains(dump, "901234000") {
			t.Errorf("%s shows a driver's number, %v", key, err)
		}
	}
	got, err := bare.Fleet(t.Context(), area)
	if err != nil || got.Drivers[0].Phone != "" || got.Facilities[1].Phone != want.Facilities[1].Phone {
		t.Errorf("without a sealer %+v is read, %v", got.Drivers[0], err)
	}
	// What was sealed for one driver does not open as another's.
	values, err := client.HGetAll(t.Context(), driversHash(t, client)).Result()
	if err != nil {
		t.Fatal(err)
	}
	swapped := bytes.Replace([]byte(values["D-001"]), []byte("D-001"), []byte("D-002"), 1)
	if err := client.HSet(t.Context(), driversHash(t, client), "D-001", swapped).Err(); err != nil {
		t.Fatal(err)
	}
	if _, err := sealed.Fleet(t.Context(), area); err == nil || strings.Contains(err.Error(), "1234") {
		t.Errorf("a number of somebody else's record was read: %v", err)
	}
}

// driversHash is the key that the drivers are kept under.
func driversHash(t *testing.T, client *redis.Client) string {
	t.Helper()
	keys, err := client.Keys(t.Context(), "*drivers*").Result()
	if err != nil || len(keys) != 1 {
		t.Fatal(keys, err)
	}
	return keys[0]
}

func TestANumberOfAFleetIsInOneForm(t *testing.T) {
	for _, phone := range []string{"0765-54-0101", "+81 765", "+81765540101234567", "+8176554010x"} {
		f := fleet()
		f.Drivers[0].Phone = phone
		if err := f.Validate(); err == nil || strings.Contains(err.Error(), phone) {
			t.Errorf("%q: %v, want an error that does not repeat it", phone, err)
		}
	}
	f := fleet()
	f.Facilities[0].Office, f.Facilities[1].Office = true, true
	if err := f.Validate(); err == nil {
		t.Error("two offices were taken")
	}
	var none vehicles.Fleet
	if f.Facilities[0].Office = false; f.OfficeOf().ID != "F-02" || none.OfficeOf() != nil {
		t.Errorf("the office is %v", f.OfficeOf())
	}
}
