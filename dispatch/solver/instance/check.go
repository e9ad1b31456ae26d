package instance

import "math"

// tolerance of double-precision times, in the file's unit, as published checkers use.
const tolerance = 1e-6

// Cost is the total Euclidean distance of the routes in double precision.
func (in *Instance) Cost(routes [][]int) float64 {
	sum := 0.0
	for k, route := range routes {
		if len(route) == 0 {
			continue
		}
		v := in.vehicleOf(k)
		x, y := v.x, v.y
		for _, n := range route {
			sum += math.Hypot(in.nodes[n].x-x, in.nodes[n].y-y)
			x, y = in.nodes[n].x, in.nodes[n].y
		}
		sum += math.Hypot(v.x-x, v.y-y)
	}
	return sum
}

func (in *Instance) vehicleOf(k int) *vehicle {
	return &in.vehicles[min(k, len(in.vehicles)-1)]
}

// Feasible reports whether the routes serve every request once within all limits, in double precision: loads by adding up, times as
// difference constraints by Bellman-Ford.
func (in *Instance) Feasible(routes [][]int) bool {
	used := 0
	seen := make([]bool, len(in.nodes))
	served := 0
	for k, route := range routes {
		if len(route) == 0 {
			continue
		}
		used++
		if !in.feasibleLoad(k, route) || !in.feasibleTimes(k, route) {
			return false
		}
		for _, n := range route {
			if n <= 0 || n >= len(in.nodes) || seen[n] {
				return false
			}
			seen[n] = true
			served++
		}
	}
	return used <= len(in.vehicles) && served == 2*len(in.pickups)
}

// partner maps the nodes of a route to the position of their pickup, -1 for pickups, and reports whether all pairs are in order.
func (in *Instance) partner(route []int) ([]int, bool) {
	at := map[int]int{}
	for k, n := range route {
		at[n] = k
	}
	out := make([]int, len(route))
	for k := range out {
		out[k] = -1
	}
	for r, pickup := range in.pickups {
		i, hasPickup := at[pickup]
		j, hasDrop := at[in.drops[r]]
		if hasPickup != hasDrop || hasPickup && i > j {
			return nil, false
		}
		if hasDrop {
			out[j] = i
		}
	}
	return out, true
}

func (in *Instance) feasibleLoad(k int, route []int) bool {
	partner, ok := in.partner(route)
	if !ok {
		return false
	}
	v := in.vehicleOf(k)
	load := make([]float64, len(v.capacity))
	for i, n := range route {
		sign := 1.0
		if partner[i] >= 0 {
			sign = -1
		}
		for d, q := range in.nodes[n].load {
			load[d] += sign * q
			if load[d] > v.capacity[d]+tolerance {
				return false
			}
		}
	}
	return true
}

// feasibleTimes looks for starts of service by longest paths; position 0 and the last are the depot.
func (in *Instance) feasibleTimes(k int, route []int) bool {
	v := in.vehicleOf(k)
	partner, ok := in.partner(route)
	if !ok {
		return false
	}
	type edge struct {
		from, to int
		least    float64
	}
	end, origin := len(route)+1, len(route)+2
	edges := []edge{
		{origin, 0, v.earliest},
		{0, origin, -v.latest},
		{origin, end, v.earliest},
		{end, origin, -v.latest},
		{end, 0, -v.duration},
	}
	x, y, service := v.x, v.y, 0.0
	for i, n := range route {
		nd := in.nodes[n]
		edges = append(edges, edge{origin, i + 1, nd.earliest}, edge{i + 1, origin, -nd.latest},
			edge{i, i + 1, service + math.Hypot(nd.x-x, nd.y-y)})
		if p := partner[i]; p >= 0 {
			pickup := in.nodes[route[p]]
			edges = append(edges, edge{i + 1, p + 1, -pickup.ride - pickup.service})
		}
		x, y, service = nd.x, nd.y, nd.service
	}
	edges = append(edges, edge{end - 1, end, service + math.Hypot(v.x-x, v.y-y)})
	at := make([]float64, origin+1)
	for range origin + 3 {
		changed := false
		for _, e := range edges {
			if t := at[e.from] + e.least; t > at[e.to]+tolerance/100 {
				at[e.to] = t
				changed = true
			}
		}
		if !changed {
			return at[origin] <= tolerance
		}
	}
	return false
}
