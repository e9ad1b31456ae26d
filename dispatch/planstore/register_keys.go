package planstore

import "github.com/swmaas/swmaas/dispatch"

// registerKeys builds the keys of one area's register of riders and of its place names. None has a TTL.
type registerKeys struct{ prefix string }

func registerKeysOf(area dispatch.AreaID) registerKeys {
	return registerKeys{areaPrefix(area) + "register:"}
}

// rev is a string: the revision in decimal. Written by register.lua.
func (k registerKeys) rev() string { return k.prefix + "rev" }

// riders is a set: the ids of all riders. Written by register.lua.
func (k registerKeys) riders() string { return k.prefix + "riders" }

// rider is a string: one encoded entry (register_codec.go). Written by register.lua.
func (k registerKeys) rider(id dispatch.RiderID) string { return k.riderPrefix() + string(id) }

func (k registerKeys) riderPrefix() string { return k.prefix + "rider:" }

// phone is a set: the ids of the riders with a phone number, by its keyed hash. Written by register.lua.
func (k registerKeys) phone(hash string) string { return k.prefix + "phone:" + hash }

// events is a stream with ids "<revision>-<index>". Written by register.lua.
func (k registerKeys) events() string { return k.prefix + "events" }

// places is a hash: the area's public places, id to encoded place. Written by places.lua and EditPlace.
func (k registerKeys) places() string { return k.prefix + "places" }

// placesRev is a string: how often the places were replaced or edited, in decimal. Written by places.lua and EditPlace.
func (k registerKeys) placesRev() string { return k.prefix + "places:rev" }
