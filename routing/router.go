package routing

import (
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/swmaas/swmaas/routing/cch"
)

// RouterConfig sets up a Router. The zero value is right for most callers.
type RouterConfig struct {
	// Workers is how many goroutines one Matrix call may use; 0 means one a processor.
	Workers int
}

func (c RouterConfig) withDefaults() RouterConfig {
	if c.Workers == 0 {
		c.Workers = runtime.GOMAXPROCS(0)
	}
	return c
}

// Validate reports what is wrong with the configuration.
func (c RouterConfig) Validate() error {
	if c.Workers < 0 {
		return errors.New("routing: router config: workers must not be negative")
	}
	return nil
}

// Router answers how long trips take on one graph. It holds the current View, which Use replaces in one step while
// queries run. It is safe for concurrent use.
type Router struct {
	g       *Graph
	cfg     RouterConfig
	extra   []int32 // links of vertices that remember turns, ascending by arc
	created atomic.Uint64
	current atomic.Pointer[View]
	free    sync.Pool // of *workspace
}

// NewRouter returns a router over g whose current view has the graph's own driving times. It panics if cfg is not valid.
func NewRouter(g *Graph, cfg RouterConfig) *Router {
	if err := cfg.Validate(); err != nil {
		panic(err)
	}
	r := &Router{g: g, cfg: cfg.withDefaults()}
	r.free.New = func() any { return &workspace{query: cch.NewQuery(g.hierarchy)} }
	for i := range g.linkArc {
		r.extra = append(r.extra, int32(len(g.arcHead)+i))
	}
	slices.SortFunc(r.extra, func(a, b int32) int {
		if g.arcOf(a) != g.arcOf(b) {
			return int(g.arcOf(a)) - int(g.arcOf(b))
		}
		return int(a) - int(b)
	})
	v, err := r.newView(g.arcMs, nil)
	if err != nil {
		panic(fmt.Errorf("routing: the graph's own times do not fit its hierarchy: %w", err)) // both come from one graph
	}
	r.current.Store(v)
	return r
}

// Graph returns the graph that the router works on.
func (r *Router) Graph() *Graph { return r.g }

// Now returns the current view.
func (r *Router) Now() *View { return r.current.Load() }

// Use makes v, a view of this router, the current one: queries that start after it see it. It panics if v belongs to
// another router.
func (r *Router) Use(v *View) {
	if v.r != r {
		panic("routing: view of another router")
	}
	r.current.Store(v)
}

// Generation returns the number of the current view: results that were computed under the same number belong together.
func (r *Router) Generation() uint64 { return r.Now().generation }
