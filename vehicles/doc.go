// Package vehicles holds what a shared fleet is: facilities and the vehicles they lend, cabins with alternative layouts,
// drivers, shifts with the owner's own rounds cut out of them, and the live state of a vehicle on the road.
//
// The types are plain values without storage or wire tags. Times of a service day are seconds from 00:00 of that day in
// the area's zone and may pass 24:00; moments that a device or a server saw are time.Time. Positions are geo.LatLng.
// Adapters: vehicles/cells (H3 cells) and vehicles/fleetstore (Redis).
package vehicles
