package dispatch_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"

	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/vehicles"
)

// randomCommand is one thing that callers, drivers and the engine do. A new command of the desk is a row here and, where it
// makes a new kind of event, a row of legalEvents.
type randomCommand struct {
	name   string
	weight int
	run    func(c *randomCaller) error
}

func randomCommands() []randomCommand {
	return append(slices.Concat(planningRandom(), conditionsRandom(), calendarRandom()), []randomCommand{
		{"book", 30, (*randomCaller).book},
		{"book an old offer", 6, (*randomCaller).bookOld},
		{"change", 8, (*randomCaller).change},
		{"trip", 6, (*randomCaller).trip},
		{"group", 4, (*randomCaller).group},
		{"wait for a place", 4, (*randomCaller).wait},
		{"accept", 8, (*randomCaller).accept},
		{"decline", 3, (*randomCaller).decline},
		{"call for a will-call", 6, (*randomCaller).call},
		{"repeat", 8, (*randomCaller).repeat},
		{"cancel", 10, (*randomCaller).cancel},
		{"drive", 30, (*randomCaller).drive},
		{"undo", 4, (*randomCaller).undo},
		{"tell", 6, (*randomCaller).tell},
		{"improve", 4, (*randomCaller).improve},
	}...)
}

// ledger is the simple model of who was told what: a request that was acknowledged has happened exactly once, whatever desk
// it was made at and however often, and one that was refused has not. Safe for concurrent use.
type ledger struct {
	mu       sync.Mutex
	requests []*randomRequest                // guarded by mu
	rides    map[dispatch.AreaDay][]rideSeen // guarded by mu: rides that somebody was told of
	offers   []heldOffer                     // guarded by mu
	suspects map[drivenVan]int               // guarded by mu: steps that may have been taken before their turn
	driven   map[drivenVan]bool              // guarded by mu: vehicles that a driver reported on, or that should have left
	ran      map[string]int                  // guarded by mu: commands that were acknowledged, by name

	disturbed map[dispatch.AreaDay]bool // guarded by mu: days whose roads, vehicles or drivers are not as promised with
}

type drivenVan struct {
	day dispatch.AreaDay
	van vehicles.VehicleID
}

func (l *ledger) drive(day dispatch.AreaDay, van vehicles.VehicleID) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.driven[drivenVan{day, van}] = true
}

func (l *ledger) suspect(day dispatch.AreaDay, van vehicles.VehicleID, n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.suspects[drivenVan{day, van}] += n
}

func (l *ledger) isSuspect(day dispatch.AreaDay, van vehicles.VehicleID) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.suspects[drivenVan{day, van}] > 0
}

func (l *ledger) wasDriven(day dispatch.AreaDay, van vehicles.VehicleID) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.driven[drivenVan{day, van}]
}

type rideSeen struct {
	id    dispatch.RideID
	actor string
}

type heldOffer struct {
	day   dispatch.AreaDay
	token string
}

// randomRequest is a request with its idempotency key, and how to make it again.
type randomRequest struct {
	name  string
	day   dispatch.AreaDay
	actor string // the subject that stands in its events
	again func(desk *dispatch.Desk, by dispatch.Actor) (done bool, err error)

	mu   sync.Mutex
	done bool // guarded by mu: acknowledged at least once
}

// randomCaller makes commands one after the other. It belongs to one goroutine.
type randomCaller struct {
	*randomWorld
	ctx    context.Context
	random *rand.Rand
	ledger *ledger
	name   string
	count  int
}

func (c *randomCaller) desk() *dispatch.Desk { return c.desks[c.random.IntN(len(c.desks))] }

func (c *randomCaller) area() dispatch.AreaID {
	areas := randomAreas()
	return areas[c.random.IntN(len(areas))]
}

// today is a random area on the service day of now.
func (c *randomCaller) today() dispatch.AreaDay { return dispatch.AreaDay{Area: c.area(), Day: c.day} }

// make makes a request for the first time, under a subject of its own.
func (c *randomCaller) make(name string, day dispatch.AreaDay, run func(desk *dispatch.Desk, by dispatch.Actor, key string) (bool, error)) error {
	c.count++
	key := fmt.Sprintf("%s-%d", c.name, c.count)
	r := &randomRequest{name: name, day: day, actor: key}
	r.again = func(desk *dispatch.Desk, by dispatch.Actor) (bool, error) { return run(desk, by, key) }
	c.ledger.mu.Lock()
	c.ledger.requests = append(c.ledger.requests, r)
	c.ledger.mu.Unlock()
	if c.random.IntN(10) == 0 { // the caller's line breaks and they ask again at once, at another desk
		var wg sync.WaitGroup
		defer wg.Wait()
		desk := c.desk()
		wg.Go(func() { _ = c.ask(desk, r) })
	}
	return c.ask(c.desk(), r)
}

// ask makes a request at a desk. What may be answered to a random command is no error.
func (c *randomCaller) ask(desk *dispatch.Desk, r *randomRequest) error {
	done, err := r.again(desk, dispatch.Actor{Subject: r.actor})
	if isExpected(err) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("%s as %s: %w", r.name, r.actor, err)
	}
	if done {
		r.mu.Lock()
		r.done = true
		r.mu.Unlock()
		c.ledger.mu.Lock()
		c.ledger.ran[r.name]++
		c.ledger.mu.Unlock()
	}
	return nil
}

// isExpected reports whether an error may be answered to a random command.
func isExpected(err error) bool {
	for _, e := range []error{
		dispatch.ErrStale, dispatch.ErrNotFound, dispatch.ErrWrongState, dispatch.ErrHoldExpired, dispatch.ErrChanged, dispatch.ErrScope,
		dispatch.ErrTooSoon, dispatch.ErrUnchecked, dispatch.ErrUnqualified,
		dispatch.ErrRefused,
	} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}

// book asks for a ride and takes one of the offers, or keeps it for later.
func (c *randomCaller) book() error {
	req := c.request(c.random, c.area())
	quote, err := c.desk().Quote(c.ctx, dispatch.Actor{Subject: c.name}, req)
	if err != nil || len(quote.Offers) == 0 {
		return err
	}
	offer := heldOffer{dispatch.AreaDay{Area: req.Area, Day: req.Day}, quote.Offers[c.random.IntN(len(quote.Offers))].Token}
	if c.random.IntN(4) == 0 {
		c.ledger.mu.Lock()
		c.ledger.offers = append(c.ledger.offers, offer)
		c.ledger.mu.Unlock()
		return nil
	}
	if c.random.IntN(4) == 0 {
		return c.hold(offer)
	}
	return c.bookOffer(offer)
}

// hold has the place of an offer kept for a while.
func (c *randomCaller) hold(offer heldOffer) error {
	return c.make("hold", offer.day, func(desk *dispatch.Desk, by dispatch.Actor, key string) (bool, error) {
		result, err := desk.Hold(c.ctx, by, offer.day.Area, offer.token, key)
		return err == nil && result.Ride != nil, err
	})
}

// wait puts somebody on the waitlist.
func (c *randomCaller) wait() error {
	req := c.request(c.random, c.area())
	req.MaxWait = 0
	day := dispatch.AreaDay{Area: req.Area, Day: req.Day}
	return c.make("wait", day, func(desk *dispatch.Desk, by dispatch.Actor, key string) (bool, error) {
		_, _, err := desk.JoinWaitlist(c.ctx, by, req, key)
		return err == nil, err
	})
}

// rideLike picks a ride of today that fits, as a desk sees it.
func (c *randomCaller) rideLike(fits func(*dispatch.Ride) bool) (day dispatch.AreaDay, id dispatch.RideID, err error) {
	day = c.today()
	state, err := c.desk().State(c.ctx, day.Area, day.Day)
	if err != nil {
		return day, "", err
	}
	var ids []dispatch.RideID
	for _, r := range state.Rides {
		if fits(r) {
			ids = append(ids, r.ID)
		}
	}
	if len(ids) == 0 {
		return day, "", nil
	}
	slices.Sort(ids)
	return day, ids[c.random.IntN(len(ids))], nil
}

func isOffered(r *dispatch.Ride) bool { return r.State == dispatch.Offered }

func (c *randomCaller) accept() error {
	day, ride, err := c.rideLike(isOffered)
	if err != nil || ride == "" {
		return err
	}
	return c.make("accept", day, func(desk *dispatch.Desk, by dispatch.Actor, key string) (bool, error) {
		_, _, err := desk.Accept(c.ctx, by, day.Area, ride, key)
		if err != nil {
			return false, err
		}
		c.ledger.saw(day, ride, by)
		return true, nil
	})
}

func (c *randomCaller) decline() error {
	day, ride, err := c.rideLike(func(r *dispatch.Ride) bool { return isOffered(r) || r.State == dispatch.Draft })
	if err != nil || ride == "" {
		return err
	}
	return c.make("decline", day, func(desk *dispatch.Desk, by dispatch.Actor, key string) (bool, error) {
		_, _, err := desk.Decline(c.ctx, by, day.Area, ride, "", key)
		return err == nil, err
	})
}

// call calls for a ride that was booked without a time.
func (c *randomCaller) call() error {
	day, ride, err := c.rideLike((*dispatch.Ride).Latent)
	if err != nil || ride == "" {
		return err
	}
	return c.make("call", day, func(desk *dispatch.Desk, by dispatch.Actor, key string) (bool, error) {
		_, err := desk.Activate(c.ctx, by, day.Area, dispatch.Activation{Ride: ride, Via: dispatch.ViaPhone}, key)
		return err == nil, err
	})
}

// saw notes that somebody was told of a ride.
func (l *ledger) saw(day dispatch.AreaDay, ride dispatch.RideID, by dispatch.Actor) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if seen := (rideSeen{ride, by.Subject}); !slices.Contains(l.rides[day], seen) {
		l.rides[day] = append(l.rides[day], seen)
	}
}

// bookOld takes an offer of a while ago: it may have expired, its place may be gone, or somebody may have booked it.
func (c *randomCaller) bookOld() error {
	c.ledger.mu.Lock()
	n := len(c.ledger.offers)
	if n == 0 {
		c.ledger.mu.Unlock()
		return nil
	}
	offer := c.ledger.offers[c.random.IntN(n)]
	c.ledger.mu.Unlock()
	return c.bookOffer(offer)
}

func (c *randomCaller) bookOffer(offer heldOffer) error {
	return c.make("book", offer.day, func(desk *dispatch.Desk, by dispatch.Actor, key string) (bool, error) {
		result, err := desk.Book(c.ctx, by, offer.day.Area, offer.token, key)
		if err != nil || result.Ride == nil {
			return false, err
		}
		c.ledger.saw(offer.day, result.Ride.ID, by)
		return true, nil
	})
}

// repeat makes a request of before again, at any desk: the answer is the same and nothing happens.
func (c *randomCaller) repeat() error {
	c.ledger.mu.Lock()
	n := len(c.ledger.requests)
	if n == 0 {
		c.ledger.mu.Unlock()
		return nil
	}
	r := c.ledger.requests[c.random.IntN(n)]
	c.ledger.mu.Unlock()
	return c.ask(c.desk(), r)
}

// seenRide is a ride of today that somebody was told of.
func (c *randomCaller) seenRide() (day dispatch.AreaDay, id dispatch.RideID, found bool) {
	day = c.today()
	c.ledger.mu.Lock()
	defer c.ledger.mu.Unlock()
	list := c.ledger.rides[day]
	if len(list) == 0 {
		return day, "", false
	}
	return day, list[c.random.IntN(len(list))].id, true
}

func (c *randomCaller) cancel() error {
	day, ride, found := c.seenRide()
	if !found {
		return nil
	}
	scope := []dispatch.CancelScope{0, dispatch.CancelOne, dispatch.CancelRest, dispatch.CancelAll}[c.random.IntN(4)]
	return c.make("cancel", day, func(desk *dispatch.Desk, by dispatch.Actor, key string) (bool, error) {
		_, _, err := desk.CancelRide(c.ctx, by, day.Area, dispatch.Cancellation{Ride: ride, Scope: scope, Reason: "CHANGED_MY_MIND"}, key)
		return err == nil, err
	})
}

// tell tells somebody what has to be told.
func (c *randomCaller) tell() error {
	day := c.today()
	rows, err := c.desk().Tells(c.ctx, day.Area, day.Day, dispatch.TellFilter{Open: true})
	if err != nil || len(rows) == 0 {
		return err
	}
	row := rows[c.random.IntN(len(rows))]
	return c.make("tell", day, func(desk *dispatch.Desk, by dispatch.Actor, key string) (bool, error) {
		_, _, err := desk.MarkTold(c.ctx, by, dispatch.TellMark{
			Area: day.Area, Day: day.Day, ID: row.ID, Version: row.Version, Channel: "phone",
		}, key)
		return err == nil, err
	})
}

func (c *randomCaller) improve() error {
	day := c.today()
	_, err := c.desk().Improve(c.ctx, day.Area, day.Day, dispatch.ImproveOptions{Iterations: 60, Seed: c.random.Uint64(), MinGain: 1})
	return err
}
