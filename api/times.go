package api

import (
	"fmt"
	"time"

	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/vehicles"
)

// dayClock turns the seconds of one service day into moments and back.
type dayClock struct {
	day      dispatch.Day
	midnight time.Time // 00:00 of the day in the area's zone
}

// newDayClock reads a service day, "YYYY-MM-DD". It fails with ErrRequest for a day that the calendar does not have.
func newDayClock(day string, zone *time.Location) (dayClock, error) {
	midnight, err := time.ParseInLocation(time.DateOnly, day, zone)
	if err != nil {
		return dayClock{}, fmt.Errorf("%w: service_date: %q is not a date", ErrRequest, day)
	}
	return dayClock{dispatch.Day(day), midnight}, nil
}

// horizon is how far a service day may lie from today. What is older is in the archive; and since every day that is asked
// for is held in memory, nobody may ask for all days there are.
const horizon = 400 * 24 * time.Hour

// day reads a service day of a request. It fails with ErrRequest for a day that the calendar does not have or that lies
// beyond the horizon.
func (c Config) day(text string) (dayClock, error) {
	clock, err := newDayClock(text, c.Zone)
	if err != nil {
		return dayClock{}, err
	}
	if away := clock.midnight.Sub(c.Clock()); max(away, -away) > horizon {
		return dayClock{}, fmt.Errorf("%w: service_date: %s is more than %d days from today", ErrRequest, text, horizon/(24*time.Hour))
	}
	return clock, nil
}

// moment is the moment of a second of the day.
func (c dayClock) moment(second int32) *timestamppb.Timestamp {
	return timestamppb.New(c.midnight.Add(time.Duration(second) * time.Second))
}

// momentOrNone is the moment of a second of the day, and unset for 0, which stands for "none" in fields that may lack.
func (c dayClock) momentOrNone(second int32) *timestamppb.Timestamp {
	if second == 0 {
		return nil
	}
	return c.moment(second)
}

// from is the first second of the day that is not before the moment: an earliest time must not begin earlier for being
// rounded. It fails with ErrRequest, naming the field, for a moment outside the service day.
func (c dayClock) from(field string, t *timestamppb.Timestamp) (int32, error) {
	return c.within(field, t, time.Second-1)
}

// until is the last second of the day that is not after the moment, the counterpart of from.
func (c dayClock) until(field string, t *timestamppb.Timestamp) (int32, error) {
	return c.within(field, t, 0)
}

func (c dayClock) within(field string, t *timestamppb.Timestamp, roundUp time.Duration) (int32, error) {
	at := t.AsTime().Sub(c.midnight)
	if !t.IsValid() || at < 0 || at > vehicles.MaxDaySecond*time.Second {
		return 0, fmt.Errorf("%w: %s: not within the service day %s (0:00 to 30:00)", ErrRequest, field, c.day)
	}
	return int32((at + roundUp) / time.Second), nil
}

// bounds is an interval of which an end may be left open.
type bounds interface {
	GetEarliest() *timestamppb.Timestamp
	GetLatest() *timestamppb.Timestamp
}

// window reads an interval; an end that was left open is the end of the service day on that side.
func (c dayClock) window(field string, b bounds) (dispatch.Window, error) {
	w := dispatch.Window{Earliest: 0, Latest: vehicles.MaxDaySecond}
	var err error
	if t := b.GetEarliest(); t != nil {
		if w.Earliest, err = c.from(field+".earliest", t); err != nil {
			return w, err
		}
	}
	if t := b.GetLatest(); t != nil {
		if w.Latest, err = c.until(field+".latest", t); err != nil {
			return w, err
		}
	}
	if w.Latest < w.Earliest {
		return w, fmt.Errorf("%w: %s: latest is before earliest", ErrRequest, field)
	}
	return w, nil
}

func seconds(n int32) *durationpb.Duration { return durationpb.New(time.Duration(n) * time.Second) }

// wholeSeconds is a length of time rounded up to a second; unset is 0.
func wholeSeconds(d *durationpb.Duration) int32 {
	return int32((d.AsDuration() + time.Second - 1) / time.Second)
}

func timestampOrNone(t time.Time) *timestamppb.Timestamp {
	if t.IsZero() {
		return nil
	}
	return timestamppb.New(t)
}
