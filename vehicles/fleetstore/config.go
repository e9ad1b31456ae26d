package fleetstore

import (
	"errors"
	"fmt"
	"time"
)

// Config sets how long positions count. The zero value of every field means its default.
type Config struct {
	// MaxAge is how old a position may be, by the device's clock, and still be found by a search. Default 10 minutes.
	MaxAge time.Duration
	// MaxAhead is how far in the future a report may be dated; devices' clocks are a little off. Default 1 minute.
	MaxAhead time.Duration
	// KeepFor is how long an area's positions stay after the last report, at least MaxAge and a second. Default 48 hours.
	KeepFor time.Duration
	// Sealer seals drivers' telephone numbers. A store without one reads none, and must not save a fleet that has some: it saves no
	// number and would drop those that are there.
	Sealer Sealer
	// Now is the clock that ages are taken by. Default time.Now.
	Now func() time.Time
}

func (c Config) withDefaults() Config {
	if c.MaxAge == 0 {
		c.MaxAge = 10 * time.Minute
	}
	if c.MaxAhead == 0 {
		c.MaxAhead = time.Minute
	}
	if c.KeepFor == 0 {
		c.KeepFor = 48 * time.Hour
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	return c
}

// Validate reports everything that is wrong with the settings, zero values taken as their defaults. It changes nothing.
func (c Config) Validate() error {
	c = c.withDefaults()
	var problems []error
	if c.MaxAge < 0 {
		problems = append(problems, fmt.Errorf("fleetstore: MaxAge %v is negative", c.MaxAge))
	}
	if c.MaxAhead < 0 {
		problems = append(problems, fmt.Errorf("fleetstore: MaxAhead %v is negative", c.MaxAhead))
	}
	if c.KeepFor < time.Second || c.KeepFor < c.MaxAge {
		problems = append(problems, fmt.Errorf("fleetstore: KeepFor %v is less than a second or than MaxAge %v", c.KeepFor, c.MaxAge))
	}
	return errors.Join(problems...)
}
