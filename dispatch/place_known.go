package dispatch

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
