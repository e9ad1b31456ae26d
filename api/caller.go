package api

import (
	"context"
	"slices"
	"time"
)

// Role is what the holder of a token may be and do; access.go has the table.
type Role string

// The roles of the service.
const (
	Rider      Role = "rider"      // asks for own rides
	Proxy      Role = "proxy"      // asks for the rides of named riders: family, care manager, facility staff
	Operator   Role = "operator"   // takes calls for everybody in the area
	Dispatcher Role = "dispatcher" // an operator who may also act for drivers and change plans
	Driver     Role = "driver"     // works through the manifest of a vehicle
	Facility   Role = "facility"   // lends vehicles; sees vehicles, not riders
	Council    Role = "council"    // watches the day and answers for it
	Auditor    Role = "auditor"    // reads everything, changes nothing
	Admin      Role = "admin"      // runs the installation; sees no riders
)

// Roles lists every role.
func Roles() []Role {
	return []Role{Rider, Proxy, Operator, Dispatcher, Driver, Facility, Council, Auditor, Admin}
}

// Caller is who makes a call, as a verified token says. It is immutable.
type Caller struct {
	// TokenID names the token, for logs and revocation.
	TokenID string
	// Subject is the holder: an account, never a person's name. It is the actor of events.
	Subject string
	Role    Role
	// Area is the one area that the token is good for.
	Area string
	// Expires is when the token ends, and with it every stream that it opened.
	Expires time.Time
	// Riders are the riders that a Rider or Proxy acts for.
	Riders []string
	// Vehicle is the vehicle of a Driver.
	Vehicle string
	// Facility is the facility of a Facility.
	Facility string
}

// mayActFor reports whether the caller may see and change rides of the rider.
func (c *Caller) mayActFor(rider string) bool {
	if c.Role == Rider || c.Role == Proxy {
		return slices.Contains(c.Riders, rider)
	}
	return true
}

// plans reports whether the caller plans the day or answers for it, and may see what was decided of it by hand.
func (c *Caller) plans() bool {
	switch c.Role {
	case Operator, Dispatcher, Council, Auditor:
		return true
	}
	return false
}

// mayDrive reports whether the caller may follow and report for the vehicle.
func (c *Caller) mayDrive(vehicle string) bool {
	return c.Role != Driver || c.Vehicle == vehicle
}

// mayLend reports whether the caller may speak for vehicles of the facility.
func (c *Caller) mayLend(facility string) bool {
	return c.Role != Facility || c.Facility == facility
}

// mayRing reports whether the caller is told the telephone numbers of drivers whose entry it may see.
func (c *Caller) mayRing() bool {
	return c.Role == Operator || c.Role == Dispatcher || c.Role == Admin || c.Role == Facility
}

type callerKey struct{}

// withCaller returns a context that carries the caller.
func withCaller(ctx context.Context, c *Caller) context.Context {
	return context.WithValue(ctx, callerKey{}, c)
}

// callerOf returns the caller of a guarded call. Every registered service is guarded, so there always is one.
func callerOf(ctx context.Context) *Caller { return ctx.Value(callerKey{}).(*Caller) }
