package dispatch

import (
	"cmp"
	"context"
	"slices"

	"github.com/swmaas/swmaas/vehicles"
)

// Lapse is a part of somebody's eligibility that has run out or is about to: either Category or Mode is set.
type Lapse struct {
	Rider    RiderID
	Category Category  // whose evidence ends
	Mode     LegalMode // on whose list the entry ends
	Until    vehicles.Date
}

// Lapsing lists the categories and list entries of an area's riders that have run out, or will within so many days of the day,
// so that they are renewed before a ride is refused; the soonest first, those of one day by rider. It reads the whole register.
func (r *Register) Lapsing(ctx context.Context, area AreaID, day vehicles.Date, days int) ([]Lapse, error) {
	riders, _, err := r.store.AllRiders(ctx, area)
	if err != nil {
		return nil, err
	}
	last := day.Add(days)
	var out []Lapse
	for _, rider := range riders {
		for _, c := range rider.Categories {
			if c.ValidTo != "" && c.ValidTo <= last {
				out = append(out, Lapse{Rider: rider.ID, Category: c.Category, Until: c.ValidTo})
			}
		}
		for _, l := range rider.Listed {
			if l.ValidTo != "" && l.ValidTo <= last {
				out = append(out, Lapse{Rider: rider.ID, Mode: l.Mode, Until: l.ValidTo})
			}
		}
	}
	slices.SortFunc(out, func(x, y Lapse) int {
		return cmp.Or(cmp.Compare(x.Until, y.Until), cmp.Compare(x.Rider, y.Rider), cmp.Compare(x.Category, y.Category), cmp.Compare(x.Mode, y.Mode))
	})
	return out, nil
}
