//go:build !race

package osm_test

const raceEnabled = false
