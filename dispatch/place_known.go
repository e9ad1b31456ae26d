package dispatch

import (
	"fmt"

	"github.com/swmaas/swmaas/routing/geo"
)

// KnownPlace is a public place of an area, as its gazetteer lists it: a town, a block of numbers, a clinic, a shop, a stop.
// Label is its name.
type KnownPlace struct {
	ID         string // unique within the area
	Kind       PlaceKind
	Kana       string // reading of the name, in any kana; empty where it is not known
	Popularity int32  // rides to or from it in some period, 0 where nobody counted; more rank first
	SavedPlace
}

// PlaceKind is what a place is. Values are stored.
type PlaceKind string

// The kinds of places.
const (
	TownPlace     PlaceKind = "TOWN"     // 大字・町
	BlockPlace    PlaceKind = "BLOCK"    // 丁目, 番地
	FacilityPlace PlaceKind = "FACILITY" // hospital, clinic, care facility, public building
	ShopPlace     PlaceKind = "SHOP"
	LandmarkPlace PlaceKind = "LANDMARK" // station, stop, crossing, sight
	OwnPlace      PlaceKind = "OWN"      // a rider's home or saved place; never in a gazetteer
	PinPlace      PlaceKind = "PIN"      // a dropped pin
)

// maxPopularity is the largest count that a place may have.
const maxPopularity = 1_000_000_000

// Faults lists all that is wrong with a place, in the order of its fields.
func (p *KnownPlace) Faults() []FieldFault {
	var c fieldCheck
	c.id("ID", p.ID)
	switch p.Kind {
	case TownPlace, BlockPlace, FacilityPlace, ShopPlace, LandmarkPlace:
	default:
		c.when(true, "Kind", "is not known", "write TOWN, BLOCK, FACILITY, SHOP or LANDMARK")
	}
	c.need("Label", p.Label)
	c.text("Kana", p.Kana)
	c.text("Address", p.Address)
	c.text("Notes", p.Notes)
	c.when(!p.Entrance.Valid() || p.Entrance == (geo.LatLng{}), "Entrance", "is no position", "write degrees such as 36.8712 and 137.4431")
	c.when(!p.Road.Valid(), "Road", "is no position", "write degrees such as 36.8712 and 137.4431, or nothing")
	c.when(p.Popularity < 0 || p.Popularity > maxPopularity, "Popularity", "is no count", fmt.Sprintf("write 0 to %d", maxPopularity))
	return c.faults
}
