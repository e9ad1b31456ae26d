package dispatch_test

import (
	"context"
	"errors"
	"testing"

	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/vehicles"
)

func TestAKeyOfOneDayDoesNotAnswerForAnother(t *testing.T) {
	t.Parallel()
	w := newRandomWorld(t, oneRedis(t))
	by, area, desk := dispatch.Actor{Subject: "staff"}, randomAreas()[0], w.desks[0]
	duty := func(day dispatch.Day, van vehicles.VehicleID) dispatch.SignOn {
		driver := vehicles.DriverID("D" + van[1:])
		return dispatch.SignOn{Area: area, Day: day, Vehicle: van, Driver: driver, At: w.now()}
	}
	for _, c := range []struct {
		name string
		do   func(ctx context.Context, day dispatch.Day, key string) error
	}{
		{"out of service", func(ctx context.Context, day dispatch.Day, key string) error {
			_, err := desk.TakeOut(ctx, by, area, dispatch.StandDown{Day: day, Vehicle: "V-00", Cause: dispatch.OutOfService, From: 17 * 3600}, key)
			return err
		}},
		{"in service", func(ctx context.Context, day dispatch.Day, key string) error {
			_, err := desk.BringBack(ctx, by, area, dispatch.BackInService{Day: day, Vehicle: "V-00", Mistake: true}, key)
			return err
		}},
		{"storm", func(ctx context.Context, day dispatch.Day, key string) error {
			o := dispatch.StormOrder{Day: day, Storm: dispatch.Storm{Window: dispatch.Window{Earliest: 9 * 3600, Latest: 10 * 3600}, Keep: []string{"dialysis"}}}
			_, _, err := desk.SetStorm(ctx, by, area, o, key)
			return err
		}},
		{"sign on", func(ctx context.Context, day dispatch.Day, key string) error {
			_, _, err := desk.SignOn(ctx, by, duty(day, "V-01"), key)
			return err
		}},
		{"sign off", func(ctx context.Context, day dispatch.Day, key string) error {
			_, _, err := desk.SignOff(ctx, by, duty(day, "V-01"), key)
			return err
		}},
	} {
		if err := c.do(t.Context(), w.day, c.name); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		tomorrow := dispatch.Day(vehicles.Date(w.day).Add(1))
		if err := c.do(t.Context(), tomorrow, c.name); !errors.Is(err, dispatch.ErrKeyReused) {
			t.Errorf("%s with the key of the day before: %v", c.name, err)
		}
		if err := c.do(t.Context(), w.day, c.name); err != nil {
			t.Errorf("%s again: %v", c.name, err)
		}
	}
}
