package dispatch

import (
	"slices"

	"github.com/swmaas/swmaas/routing/geo"
	"github.com/swmaas/swmaas/vehicles"
)

// Rider is an entry of an area's register: what has to be known of a person to carry them, and nothing beside it. All of it
// but ID, Area and Version is personal. A Rider that a store or Register returned is shared: it is not changed but copied
// (Clone), and the copy saved.
type Rider struct {
	ID      RiderID
	Area    AreaID
	Version int64 // 1 when first saved, one more with every save

	Name   string        // as written on the documents that were seen
	Kana   string        // its reading, in any kana
	Born   vehicles.Date // empty where it was not asked
	Phones []string      // in E.164 form (NormalPhone), the one to call first at the front

	Home   SavedPlace
	Places []SavedPlace // where the rider goes often, in the rider's own order

	Standing   Standing     // Resident or Visitor: what the rider rides as when not as a facility's user; empty counts as Resident
	UserOf     []Membership // facilities whose user the rider is
	Categories []CategoryFact
	Listed     []Listing // entries on the lists of registrations (旅客の名簿)
	NeedsHelp  bool      // cannot move without help and cannot use a taxi or bus alone
	OwnCar     bool      // somebody in the household has a car, which quotas count
	Consents   []Consent

	Load       vehicles.Load      // places taken by the rider and the Attendants; the zero Load counts as one seat each
	Equipment  vehicles.Equipment // aids that the vehicle must have
	Attendants int                // who always come along
	Escorted   bool               // must not ride without an attendant
	Care       []Care             // needs as TDS words them, diagnoses among them: see Party for what a driver is told
	DriverNote string             // words for the driver, such as 右側から声をかける; never a diagnosis
	Board      int32              // seconds to board, without the vehicle's dwell; 0 where they were not measured
	Alight     int32              // and to alight

	Apart       []RiderID           // who may not be aboard with the rider
	NotDrivers  []vehicles.DriverID // who may not drive the rider
	OnlyDrivers []vehicles.DriverID // who alone may; empty for everybody
	Limits      Limits              // what every ride asks for beyond the rules of the town
	Contacts    []Contact
}

// SavedPlace is a place that a rider boards or alights at again and again.
type SavedPlace struct {
	Label    string     // such as 自宅 or a clinic's name
	Address  string     // in words, for people
	Entrance geo.LatLng // the door: where the driver walks to
	Road     geo.LatLng // where the vehicle halts; the zero LatLng where the road nearest to the entrance will do
	Notes    string     // what the driver must know of the way to the door, such as 冬は坂の下まで
}

// Place is the place as a ride names it: the vehicle is sent to the road point where there is one.
func (p *SavedPlace) Place() Place {
	at := p.Road
	if at == (geo.LatLng{}) {
		at = p.Entrance
	}
	return Place{Label: p.Label, At: at}
}

// Consent is one permission that the rider or their guardian gave.
type Consent struct {
	Kind      ConsentKind
	Given     vehicles.Date
	Withdrawn vehicles.Date // the first day on which it no longer holds; empty where it does
	By        string        // who gave it where that was not the rider, such as 長女
	Document  string        // where the signed form is kept
}

// ConsentKind is what a consent permits. Values are stored.
type ConsentKind string

// The consents that a council asks for.
const (
	ConsentKeep       ConsentKind = "KEEP"       // keeping the entry, sensitive data included (個人情報の取扱い)
	ConsentFacilities ConsentKind = "FACILITIES" // giving what is needed to the facilities that share vehicles (第三者提供)
	ConsentTown       ConsentKind = "TOWN"       // giving what is needed to the municipality
	ConsentWatch      ConsentKind = "WATCH"      // telling the Contacts when the rider boards and arrives (見守り)
	ConsentShare      ConsentKind = "SHARE"      // riding with others (相乗り)
)

// Contact is somebody to call about the rider.
type Contact struct {
	Name     string
	Relation string // such as 長男 or ケアマネジャー
	Phone    string // in E.164 form
	Watch    bool   // is told when the rider boards and arrives, where ConsentWatch was given
}

// Consented reports whether a consent holds on a day.
func (r *Rider) Consented(kind ConsentKind, day vehicles.Date) bool {
	return slices.ContainsFunc(r.Consents, func(c Consent) bool {
		return c.Kind == kind && c.Given <= day && (c.Withdrawn == "" || day < c.Withdrawn)
	})
}

// Profile is what counts of the rider when a ride is decided and planned. Its lists are the rider's own; what a driver may not
// know is not in it.
func (r *Rider) Profile() *RiderProfile {
	p := &RiderProfile{
		Facts: RiderFacts{
			Standing: r.Standing, Categories: r.Categories, Listed: r.Listed, NeedsHelp: r.NeedsHelp,
			Attendant: r.Escorted, OwnCar: r.OwnCar,
		},
		UserOf: r.UserOf, Needs: r.Equipment, Care: careForDriver(r.Care), Apart: r.Apart,
		NotDrivers: r.NotDrivers, OnlyDrivers: r.OnlyDrivers, Board: r.Board, Alight: r.Alight, Limits: r.Limits,
	}
	if p.Facts.Standing == "" {
		p.Facts.Standing = Resident
	}
	return p
}

// Default boarding and alighting times in seconds, of somebody on foot and of somebody in a wheelchair or on a stretcher. They
// are planning values like those of the demo town, not measurements of a service: record a rider's own where they differ.
const (
	defaultBoard, defaultAlight             = 60, 45
	defaultSeatedBoard, defaultSeatedAlight = 120, 90
)

// Party is who travels when the rider rides as usual, with what the driver must know. Diagnoses stay behind: in their place
// come the words that say what to do (Care.ForDriver).
func (r *Rider) Party() Party {
	p := Party{
		Load: r.Load, Needs: r.Equipment, Board: r.Board, Alight: r.Alight, Attendants: r.Attendants,
		Care: careForDriver(r.Care), Apart: slices.Clone(r.Apart),
		NotDrivers: slices.Clone(r.NotDrivers), OnlyDrivers: slices.Clone(r.OnlyDrivers), Limits: r.Limits.clone(),
	}
	if p.Load.IsZero() {
		p.Load = vehicles.Load{Seats: 1 + r.Attendants}
	}
	board, alight := int32(defaultBoard), int32(defaultAlight)
	if p.Load.Wheelchairs+p.Load.Stretchers > 0 {
		board, alight = defaultSeatedBoard, defaultSeatedAlight
	}
	if p.Board == 0 {
		p.Board = board
	}
	if p.Alight == 0 {
		p.Alight = alight
	}
	return p
}

// Clone returns a copy that shares nothing with the rider.
func (r *Rider) Clone() *Rider {
	c := *r
	c.Phones, c.Places, c.UserOf = slices.Clone(r.Phones), slices.Clone(r.Places), slices.Clone(r.UserOf)
	c.Categories, c.Listed, c.Consents = slices.Clone(r.Categories), slices.Clone(r.Listed), slices.Clone(r.Consents)
	for i := range c.Listed {
		c.Listed[i].Purposes = slices.Clone(c.Listed[i].Purposes)
	}
	c.Care, c.Apart, c.Contacts = slices.Clone(r.Care), slices.Clone(r.Apart), slices.Clone(r.Contacts)
	c.NotDrivers, c.OnlyDrivers = slices.Clone(r.NotDrivers), slices.Clone(r.OnlyDrivers)
	c.Limits = r.Limits.clone()
	return &c
}
