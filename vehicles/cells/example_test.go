package cells_test

import (
	"fmt"

	"github.com/swmaas/swmaas/routing/geo"
	"github.com/swmaas/swmaas/vehicles/cells"
)

func ExampleWithin() {
	station := geo.LatLng{Lat: 36.8611, Lng: 137.4469}
	home, err := cells.CellOf(station)
	if err != nil {
		panic(err)
	}
	around, err := cells.Within(station, 1000)
	if err != nil {
		panic(err)
	}
	fmt.Printf("%x and %d cells in all hold what is within 1,000 m\n", uint64(home), len(around))
	_, err = cells.CellOf(geo.LatLng{Lat: 95, Lng: 137})
	fmt.Println(err)
	// Output:
	// 882e7189ddfffff and 37 cells in all hold what is within 1,000 m
	// cells: position out of range
}
