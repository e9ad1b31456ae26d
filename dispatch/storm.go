package dispatch

import (
	"slices"
	"time"

	"github.com/swmaas/swmaas/routing/geo"
)

// Storm is a note of a day on which snow or a storm does not let everything go its way: in an area and for a time only what cannot
// wait is driven.
type Storm struct {
	Window Window       // of begins of rides, in the day's seconds
	Shape  []geo.LatLng // polygon of the area; empty is everywhere
	// Keep are the purposes that are driven all the same, and Order those in the order in which places go to them where
	// there are too few.
	Keep     []string
	Snow     SnowDepth // of the roads there meanwhile; empty for ordinary roads
	Document string    // number of the notice that it comes from, may be empty
	By       string    // subject of who set it last
	At       time.Time
	Lifted   bool
}

func (*Storm) note() {}

// roads is what the storm does to the roads, or nil.
func (b *Storm) roads() *Condition {
	if b.Lifted || b.Snow == "" {
		return nil
	}
	return &Condition{Kind: RoadSnow, Shape: b.Shape, Snow: b.Snow, Window: b.Window}
}

// keeps reports whether rides of a purpose are driven.
func (b *Storm) keeps(purpose string) bool { return slices.Contains(b.Keep, purpose) }
