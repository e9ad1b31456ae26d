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
// # What the search owes to what
//
// Mean gap to the best known cost in percent, R5a, R6a, R9a and R10a, seeds 1-4, one thread, 20 s of processor time a run; two such means differ
// by 0.15 for no reason, one instance's by 0.4. Runs of fewer than 100,000 rounds say nothing: R9a then ends anywhere from 1.4 to 7.
//
//	1.97  before                                              2.80  annealing from 0.2 % alone (R6a 1.4 instead of 1.9, R9a 4.5 instead of 1.4)
//	1.63  tails swapped in local search                       1.70  two reheats to 0.2 % instead of one to 0.6 %
//	1.87  the same, and as a tenth of the removals            1.64  small removals drawn twice as often
//
// Relaxations of the pool lie 0.5 to 3 % below the best plan on these, and it takes routes of plans from different anneals to close that.
// Plans put together from a relaxation by rounding, and repaired, end 3 to 20 % above the best. Blocks between two empty
// points, swapped like tails, are found less often than tails and cost more to look for.
//
// What recombination finds, over 51 of them in runs of 160,000 rounds on a8-96, a12-96hetIUY, R3a, R5a, R6a and R8a: regrouping betters the best
// plan eight times, by 0.05 to 0.5 %; the enumeration after it once, by 0.04 % (that was with a fixed order of requests, see
// there); the tree of relaxations never, so that it only has a small budget left, for plans that leave somebody out. Where the gap is
// closed all the same, the pool has no more to give and routes have to be made by prices: at 60,000 rounds a10-80hetIUY then ends at 0.01 % instead of 1.3 %, a8-96 at 0.35
// instead of 0.50 (two seeds each). Where the gap is wide that does harm: prices that the search is far from let the pool take
// nothing that the search comes across, or, with more slack, crowd it out (a11-88hetIUY 2.1 to 2.7 %, a12-96hetIUY 2.2 to 2.8).
//
// A plan that is cooled to 0.015 % finds its best in the first third of 30 s and never again: see annealing, with the figures. Fewer
// recombinations make room for a fifth more rounds and gain nothing, and so do more of them (every 10,000 rounds on a8-96), all threads cooling
// down from the best plan of any (R5a, R6a, R9a, R10a, seeds 1 to 3: 0.98 against 0.87) and recombining below its cost (1.02).
// Routes spliced where the gap is wide gain nothing either (0.95); see splice for where it is small.
//
// Two runs of R10a end 0.7 % apart, in standard deviations: eight runs of 160,000 rounds do not tell a change of 0.3 %. More rounds help: 4.3 % after
// 40,000, 3.2 after 160,000, 2.3 after 400,000. At temperatures above 0.2 % its plans lie 5 to 20 % above the best.
//
// # Rules
//
// The package imports nothing but the standard library, does no I/O, has no clock, logs nothing and knows no names: everything is an
// index. Problems may be read by many goroutines; every worker has its own scratch. Results repeat exactly for a seed, an
// iteration count and a number of threads.
package solver
