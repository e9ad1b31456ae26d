// Package town generates a day in a town for demonstrations and tests: Kurobe City, Toyama, with its real districts, towns
// and public places (testdata/kurobe), and on top of them generated roads, facilities, clinics, shops, vehicles, shifts,
// riders and the telephone calls of one winter weekday.
//
// Everything but the facts is made up from a seed: no road, business, vehicle or person stands for a real one, and people
// are named by number only. A seed gives the same day on any machine: random numbers come from one seeded PCG and
// quantities that decide anything are integers. The roads are the same for every seed.
package town
