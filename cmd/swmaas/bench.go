package main

// benchCmd is `swmaas bench`: a field a bench, each defined in the file of its name.
type benchCmd struct {
	Routing  benchRoutingCmd  `cmd:"" help:"Measure the road network: order, customization, queries, matrices."`
	Store    benchStoreCmd    `cmd:"" help:"Time positions, searches for the nearest vehicles and bookings on a private Redis."`
	Town     benchTownCmd     `cmd:"" help:"Plan a generated town of thousands of requests and compare with plain best insertion."`
	Solver   benchSolverCmd   `cmd:"" help:"Solve published dial-a-ride instances and compare with the best known costs."`
	API      benchAPICmd      `cmd:"" name:"api" help:"Call a service in a process of its own: bookings, reads, positions, driver streams."`
	Dispatch benchDispatchCmd `cmd:"" help:"Ask and book on a desk under load: latencies, rates and lost updates, on the Kurobe day and a larger one."`
	Day      benchDayCmd      `cmd:"" help:"Improve the Kurobe day against insertion alone; repair it after a closure and a breakdown; watch drivers' steps."`
}
