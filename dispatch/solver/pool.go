package solver

// pool keeps good routes for recombination.
type pool struct{ p *Problem }

func newPool(p *Problem) *pool { return &pool{p: p} }

func (pl *pool) addPlan(*state) {}
