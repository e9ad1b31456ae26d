package cells

import (
	"fmt"
	"math"

	h3 "github.com/uber/h3-go/v4"

	"github.com/swmaas/swmaas/routing/geo"
	"github.com/swmaas/swmaas/vehicles"
)

// Resolution of every cell of the project: edges of 531 m on average over the globe (395 m at a pentagon), 0.74 km².
// Disks of 19 to 37 such cells are what a search for the nearest of a dense fleet reads; the next coarser one (1,406 m) is
// no quicker and tells less about which stops could be pooled.
const Resolution = 8

const (
	edgeMeters = 531.414 // mean edge at Resolution, from the table of the H3 documentation
	// shortest is the least way out of a disk over what it is in a plane grid of mean edges. Around the pentagons cells are
	// narrowest: 0.701 at worst over 21,000 disks of 1 to 7 rings at resolutions 7 and 8, half of them around pentagons; 0.65
	// leaves a margin.
	shortest = 0.65
)

// MaxRings bounds a disk: 67,951 cells that reach at least 77 km. Whoever needs more reads everything instead.
const MaxRings = 150

// CellOf returns the cell that contains p. It fails with ErrPosition where p is not a position; the library would answer
// with some cell for latitude 95.
func CellOf(p geo.LatLng) (vehicles.CellID, error) {
	if !p.Valid() {
		return 0, ErrPosition
	}
	c, err := h3.LatLngToCell(h3.LatLng(p), Resolution)
	if err != nil {
		return 0, fmt.Errorf("cells: cell of a position: %w", err)
	}
	return vehicles.CellID(c), nil
}

// Check fails with ErrCell unless c is a cell of Resolution. The library answers with an empty disk for cell 0.
func Check(c vehicles.CellID) error {
	if cell := h3.Cell(c); !cell.IsValid() || cell.Resolution() != Resolution {
		return fmt.Errorf("%w: %x", ErrCell, uint64(c))
	}
	return nil
}

// Centre returns the middle of the cell. It fails with ErrCell.
func Centre(c vehicles.CellID) (geo.LatLng, error) {
	if err := Check(c); err != nil {
		return geo.LatLng{}, err
	}
	p, err := h3.Cell(c).LatLng()
	if err != nil {
		return geo.LatLng{}, fmt.Errorf("cells: centre of %x: %w", uint64(c), err)
	}
	return geo.LatLng(p), nil
}

// Reach is the distance in metres that a disk of that many rings covers at least, from anywhere in its middle cell: no
// point outside the disk is nearer. It is 0 for 0 rings, because the point may lie on the edge.
//
// In a plane grid of edge e the nearest way out leads from a corner of the middle cell along an edge between two
// neighbours (e), then alternately straight through a cell (2e) and along an edge, so k rings are (3k-1)/2 edges or more
// wide. On the globe this holds with the narrowest cells' scale in place of e.
func Reach(rings int) float64 {
	return max(0, (1.5*float64(rings)-0.5)*edgeMeters*shortest)
}

// Rings is the least number of rings whose Reach is radius metres or more, in [1, MaxRings]. It fails with ErrRadius.
func Rings(radius float64) (int, error) {
	if math.IsNaN(radius) || radius < 0 || radius > Reach(MaxRings) {
		return 0, fmt.Errorf("%w: %v m", ErrRadius, radius)
	}
	// At least one: a point on an edge belongs to either side. Counting up from below leaves rounding no room.
	rings := max(1, int((radius/(edgeMeters*shortest)+0.5)/1.5))
	for Reach(rings) < radius {
		rings++
	}
	return rings, nil
}

// Count is the number of cells in a disk of that many rings (a few less where it holds a pentagon).
func Count(rings int) int { return 1 + 3*rings*(rings+1) }

// Disk returns the cell and everything within that many steps of it, Count(rings) cells, in no particular order; the caller
// owns the slice. It fails with ErrCell, and with ErrRadius where rings is not in [0, MaxRings].
func Disk(c vehicles.CellID, rings int) ([]vehicles.CellID, error) {
	if err := Check(c); err != nil {
		return nil, err
	}
	if rings < 0 || rings > MaxRings {
		return nil, fmt.Errorf("%w: %d rings", ErrRadius, rings)
	}
	disk, err := h3.GridDisk(h3.Cell(c), rings)
	if err != nil {
		return nil, fmt.Errorf("cells: disk of %d rings around %x: %w", rings, uint64(c), err)
	}
	ids := make([]vehicles.CellID, len(disk))
	for i, cell := range disk {
		ids[i] = vehicles.CellID(cell)
	}
	return ids, nil
}

// Within returns cells that together hold every point within radius metres of p, and more. It fails with ErrPosition and
// ErrRadius.
func Within(p geo.LatLng, radius float64) ([]vehicles.CellID, error) {
	c, err := CellOf(p)
	if err != nil {
		return nil, err
	}
	rings, err := Rings(radius)
	if err != nil {
		return nil, err
	}
	return Disk(c, rings)
}
