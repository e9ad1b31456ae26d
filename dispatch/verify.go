package dispatch

import (
	"context"
	"fmt"

	"github.com/swmaas/swmaas/dispatch/solver"
)

// Verified checks the plan of an area-day with the solver's independent checker, on a model made from nothing, and lists what is
// wrong: nothing, unless there is a fault in this program. What cannot be kept any more counts as it is expected now.
func (d *Desk) Verified(ctx context.Context, area AreaID, day Day) ([]string, error) {
	a, err := d.open(ctx, area, day)
	if err != nil {
		return nil, err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.shifts) == 0 {
		return nil, nil
	}
	m, err := a.buildModel(a.second())
	if err != nil {
		return nil, err
	}
	var wrong []string
	for _, v := range solver.Verify(m.problem, m.solution) {
		wrong = append(wrong, fmt.Sprint(v))
	}
	return wrong, nil
}
