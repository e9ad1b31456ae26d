package sim

import (
	"sync/atomic"
	"time"
)

// Clock is the time of the simulated day. The engine under it reads Now; only the simulator moves it. Safe for concurrent use.
type Clock struct {
	midnight time.Time // immutable after NewClock
	second   atomic.Int64
}

// NewClock returns a clock that stands at a second of the service day that begins at midnight.
func NewClock(midnight time.Time, second int32) *Clock {
	c := &Clock{midnight: midnight}
	c.second.Store(int64(second))
	return c
}

// Now is the virtual moment.
func (c *Clock) Now() time.Time { return c.At(c.Second()) }

// Second is the virtual moment in service-day seconds.
func (c *Clock) Second() int32 { return int32(c.second.Load()) }

// At is the moment of a service-day second.
func (c *Clock) At(second int32) time.Time {
	return c.midnight.Add(time.Duration(second) * time.Second)
}

// move sets the clock forward; it never goes back.
func (c *Clock) move(second int32) { c.second.Store(max(c.second.Load(), int64(second))) }
