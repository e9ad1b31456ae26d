package dispatch

import (
	"errors"
	"fmt"
	"time"
)

// Config of a Desk. Zero fields take the default that their comment names.
type Config struct {
	OfferKey  [32]byte       // key of the offer tokens; there is no default
	Zone      *time.Location // of service days; Asia/Tokyo
	OfferLife time.Duration  // how long an offer can be booked; 10 minutes
	MaxOffers int            // offers of a quote; 3
	HoldLife  time.Duration  // how long the place of a chosen offer is held; 60 s
	FreedLife time.Duration  // how long a freed place is held for somebody on the waitlist; 10 minutes
	Rules     Rules
	// Policies decide which rides may happen, and how. nil decides nothing: every ride is permitted, in no legal mode and at no
	// price, as where a day is planned from files.
	Policies Policies
	// Calendars gives the shifts of the days for which none were saved one by one, and the papers and credentials that
	// policies look at; nil for none.
	Calendars Calendars
	// AllShifts tries every shift of the day for a ride, those as well that cannot come in time; for comparison.
	AllShifts bool
	Riders    Riders // the register; nil takes everybody for a resident of whom nothing is recorded
	// Live tells where vehicles are, for what is expected of them; nil where nobody knows.
	Live Live
	// Unchecked takes drivers' steps in although nobody has signed on and no check was passed, as where these are kept on paper.
	Unchecked bool
}

// Rules are the limits that a plan keeps. All are seconds unless said.
type Rules struct {
	Window        int32   // length of a promised pickup window; 20 min
	WindowGrid    int32   // offered windows begin on multiples of this; 5 min
	MaxWait       int32   // how far an offer may lie from the wish; 90 min
	RideRatio     float64 // longest ride as a multiple of the direct time; 1.5
	RideExtra     int32   // added to it; 10 min
	LongestRide   int32   // longest ride in any case; 0 for no such limit
	PickupMargin  int32   // a plan reaches a pickup so long before the promise runs out; 7 min
	ArriveMargin  int32   // a plan reaches an appointment so long before it; 7 min
	RideMargin    int32   // a plan keeps a ride so much shorter than promised; 4 min
	EarlyArrival  int32   // how early somebody may be set down before an appointment; 45 min
	ReturnMargin  int32   // a plan brings a vehicle back so long before its owner needs it; 10 min
	EarlyAtStop   int32   // a driver leaves so that an empty vehicle is at a pickup this early; 2 min
	MinShift      int32   // shorter gaps between own rounds are not used; 30 min
	LateTolerance int32   // a vehicle expected so much later than promised is late: the rider must be told; 5 min
	NoShowGrace   int32   // a driver waits so long at a door before giving up, from the begin of the promise on; 5 min
	StepGap       int32   // a step waits so long for one before it that was lost on the way; 5 min
	SilentAfter   int32   // a vehicle under way that was not heard of for so long is silent; 10 min
	TellLead      int32   // a changed promise is to be told so long before it begins; 30 min
	TellSoon      int32   // what has to be told at once is to be told within; 5 min
	CallLead      int32   // capacity for a will-call is kept no earlier than so long from now; 10 min
	TravelFactor  float64 // planned driving time over the road's; 1.08
	TravelExtra   int32   // added to every leg between different places; 20 s

	Drafts          bool  // drivers see changes of the plan once they are published, and not at once
	PublishLead     int32 // with Drafts: a change this near is published at once; 60 min
	LastIn          int32 // whoever is so near to the dropoff is taken on no detour to fetch somebody else; 5 min, negative for no such rule
	MoveCost        int32 // improvement gives a ride another vehicle only where that saves so much; 30 s
	PublishedCost   int32 // the same for a ride that a driver has been given; 3 min
	FairGap         int32 // percent by which a class of riders may be refused, or moved, more often than all; 10
	SteadyBefore    int32 // so shortly before its pickup a ride stays with its vehicle, if it can; 30 min
	RetimeTolerance int32 // by how much a planned time may move before its driver is told; 3 min
}

func (c Config) withDefaults() Config {
	if c.Zone == nil {
		c.Zone = time.FixedZone("JST", 9*3600)
	}
	if c.OfferLife == 0 {
		c.OfferLife = 10 * time.Minute
	}
	if c.MaxOffers == 0 {
		c.MaxOffers = 3
	}
	if c.HoldLife == 0 {
		c.HoldLife = time.Minute
	}
	if c.FreedLife == 0 {
		c.FreedLife = 10 * time.Minute
	}
	c.Rules = c.Rules.withDefaults()
	return c
}

func (r Rules) withDefaults() Rules {
	for _, f := range []struct {
		field *int32
		value int32
	}{
		{&r.Window, 20 * 60},
		{&r.WindowGrid, 5 * 60},
		{&r.MaxWait, 90 * 60},
		{&r.RideExtra, 10 * 60},
		{&r.PickupMargin, 7 * 60},
		{&r.ArriveMargin, 7 * 60},
		{&r.EarlyArrival, 45 * 60},
		{&r.ReturnMargin, 10 * 60},
		{&r.EarlyAtStop, 2 * 60},
		{&r.MinShift, 30 * 60},
		{&r.CallLead, 10 * 60},
		{&r.LateTolerance, 5 * 60},
		{&r.TellLead, 30 * 60},
		{&r.NoShowGrace, 5 * 60},
		{&r.StepGap, 5 * 60},
		{&r.SilentAfter, 10 * 60},
		{&r.TellSoon, 5 * 60},
		{&r.TravelExtra, 20},
		{&r.PublishLead, 60 * 60},
		{&r.MoveCost, 30},
		{&r.PublishedCost, 3 * 60},
		{&r.FairGap, 10},
		{&r.SteadyBefore, 30 * 60},
		{&r.RetimeTolerance, 3 * 60},
		{&r.LastIn, 5 * 60},
	} {
		if *f.field == 0 {
			*f.field = f.value
		}
	}
	if r.RideRatio == 0 {
		r.RideRatio = 1.5
	}
	if r.TravelFactor == 0 {
		r.TravelFactor = 1.08
	}
	return r
}

// Validate reports every field that cannot be used, after defaults.
func (c Config) Validate() error {
	var errs []error
	if c.OfferKey == [32]byte{} {
		errs = append(errs, errors.New("dispatch: config OfferKey: 32 random bytes are needed"))
	}
	r := c.withDefaults().Rules
	if r.PickupMargin >= r.Window {
		errs = append(errs, fmt.Errorf("dispatch: config Rules.PickupMargin: %d s leaves nothing of a window of %d s", r.PickupMargin, r.Window))
	}
	if r.RideRatio < 1 || r.TravelFactor < 1 {
		errs = append(errs, fmt.Errorf("dispatch: config Rules: ratio %g and factor %g must be at least 1", r.RideRatio, r.TravelFactor))
	}
	return errors.Join(errs...)
}

// tight is the rules without a plan's margins: promises may be kept to the second.
func (r Rules) tight() Rules {
	r.PickupMargin, r.ArriveMargin, r.RideMargin = 0, 0, 0
	return r
}

// maxRide is the longest ride time that may be promised for a direct time.
func (r Rules) maxRide(direct int32) int32 {
	limit := int32(float64(direct)*r.RideRatio) + r.RideExtra
	if r.LongestRide > 0 {
		limit = min(limit, r.LongestRide)
	}
	return limit
}

// planned is the driving time that a plan reckons with for a road time between two different places.
func (r Rules) planned(seconds int32) int32 {
	return int32(float64(seconds)*r.TravelFactor) + r.TravelExtra
}

// latestPickup is when a plan reaches a pickup at the latest: the margin before the promise runs out, but never more than
// half of a short window.
func (r Rules) latestPickup(w Window) int32 {
	return w.Latest - min(r.PickupMargin, (w.Latest-w.Earliest)/2)
}

// longestRide is the ride time that a plan stays within: the margin below the promise, but never more than a third of what
// the promise leaves over the direct time.
func (r Rules) longestRide(p *Promise, direct int32) int32 {
	return p.MaxRide - min(r.RideMargin, max(p.MaxRide-direct, 0)/3)
}
