package main

import (
	"context"
	"testing"
	"testing/synctest"
	"time"
)

// TestPartsThatUseUpTheirTimeToEndLeaveTheOthersTheirs closes three listeners whose callers hold on, and then a store that needs 9 s.
func TestPartsThatUseUpTheirTimeToEndLeaveTheOthersTheirs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ended := false
		e := &engine{closers: []func(context.Context) error{func(ctx context.Context) error {
			select {
			case <-time.After(9 * time.Second):
				ended = true
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		}}}
		for range 3 {
			e.closers = append(e.closers, func(ctx context.Context) error {
				ctx, cancel := context.WithTimeout(ctx, drainTime)
				defer cancel()
				<-ctx.Done()
				return nil
			})
		}
		if err := e.close(t.Context()); err != nil || !ended {
			t.Errorf("%v; the store ended in order: %v", err, ended)
		}
	})
}
