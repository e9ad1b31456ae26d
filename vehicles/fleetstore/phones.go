package fleetstore

import (
	"fmt"

	"github.com/swmaas/swmaas/vehicles"
)

// Sealer seals what identifies a person with a key of that person, bound to the field that it belongs to. Its errors are returned as
// they are.
type Sealer interface {
	Seal(area, person, field string, plain []byte) ([]byte, error)
	Open(area, person, field string, sealed []byte) ([]byte, error)
}

// phoneField binds a sealed telephone number to what it is.
const phoneField = "driver phone"

// personOf names a driver among the persons of the sealer, so that nobody of the register has the same name.
func personOf(d vehicles.DriverID) string { return "driver/" + string(d) }

// sealPhone seals a driver's telephone number; nil where there is none. It fails with ErrUnsealed in a store without a sealer.
func (s *Store) sealPhone(area string, d vehicles.Driver) ([]byte, error) {
	if d.Phone == "" {
		return nil, nil
	}
	if s.cfg.Sealer == nil {
		return nil, fmt.Errorf("fleetstore: driver %s: %w", d.ID, ErrUnsealed)
	}
	sealed, err := s.cfg.Sealer.Seal(area, personOf(d.ID), phoneField, []byte(d.Phone))
	if err != nil {
		return nil, fmt.Errorf("fleetstore: telephone number of driver %s: %w", d.ID, err)
	}
	return sealed, nil
}

// openDriver reads a driver; a store without a sealer leaves the telephone number out.
func (s *Store) openDriver(area, raw string) (vehicles.Driver, error) {
	d, phone, err := decodeDriver(raw)
	if err != nil || len(phone) == 0 || s.cfg.Sealer == nil {
		return d, err
	}
	plain, err := s.cfg.Sealer.Open(area, personOf(d.ID), phoneField, phone)
	if err != nil {
		return d, fmt.Errorf("fleetstore: telephone number of driver %s: %w", d.ID, err)
	}
	d.Phone = string(plain)
	return d, nil
}
