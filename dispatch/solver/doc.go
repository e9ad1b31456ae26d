// Package solver is the optimisation core: dial-a-ride with everything that welfare transport asks for.
//
// # Problem
//
// Requests, each a pickup and a delivery with time windows, service times, a load by dimension and a ride-time limit, are served by
// vehicles with shifts, cabin layouts, equipment and breaks. Who may ride with whom, what has been promised and what is locked is
// part of the problem; constraint.go lists all constraints and objective.go all costs. Time is in int32 ticks of a length that the
// caller picks (1 s for a town). Travel times come from a Travel, a matrix a vehicle class.
//
//	b := solver.NewBuilder(matrix, 1)
//	b.AddVehicle(solver.VehicleSpec{...})
//	b.AddRequest(solver.RequestSpec{...})
//	p, err := b.Build()
//
// # Use
//
// Inserter.Best answers where one request can go: exactly, in microseconds a route. Inserter.Explain says why
// it cannot and by how little it failed.
// Improve betters a whole plan for as long as it is let. Verify checks a plan, slowly and independently. Scheduler times a route.
// A live problem is extended by one request for a quote and shrunk again (Problem.Extend, Problem.Withdraw).
//
// A vehicle under way is a VehicleSpec whose Start is where it can next be turned, UnderWay, with the riders in it as requests
// with OnBoard, and with the stops that may not change as Order and Fixed. Initial gives the routes of such commitments.
//
// # Notation
//
//	start(k)   start of service at the k-th node of a route, position 0 being the start depot
//	open, shut earliest and latest start of service at a node
//	svc        halt at a node        L   ride-time limit        T   duration limit
//	gap k      between the nodes at positions k-1 and k
//
// # Rules
//
// The package imports nothing but the standard library, does no I/O, has no clock, logs nothing and knows no names: everything is an
// index. Problems may be read by many goroutines; every worker has its own scratch. Results repeat exactly for a seed, an
// iteration count and a number of threads.
package solver
