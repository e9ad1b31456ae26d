// Package dayfile reads and writes a day as files that people and other programs work with: requests and vehicles as CSV,
// the finished plan as CSV, JSON and a manifest to print.
//
// CSV is UTF-8, with or without a byte order mark, with a header line; columns are found by name in any order. Times of day
// are H:MM or H:MM:SS and may pass 24:00, up to 30:00. Every fault names file, line and column.
//
// # requests.csv
//
//	request                    id, unique                                   needed
//	pickup_lat, pickup_lng     degrees WGS84                                needed
//	dropoff_lat, dropoff_lng   degrees WGS84                                needed
//	earliest, latest           pickup window                                needed, unless arrive_by is given
//	arrive_by                  latest arrival; with no window, pickups follow from it
//	seats, wheelchairs, stretchers   places taken, the rider included; default one seat
//	needs                      aids of the vehicle, joined by '|': lift, ramp, oxygen, step, child_seat
//	max_ride_min               longest ride in minutes; default by rule from the direct time
//	board_s, alight_s          the party's own boarding and alighting times; default 60 and 45
//	booking                    requests of one booking carry the same value
//	pickup_label, dropoff_label   what the driver reads
//
// # vehicles.csv
//
//	vehicle                    id, unique                                   needed
//	layouts                    alternatives "seats:wheelchairs:stretchers" joined by '|', driver not counted   needed
//	start, end                 shift                                        needed
//	lat, lng                   where it starts and ends                     needed
//	equipment                  as needs
//	own_rounds                 "8:00-9:30|15:30-17:00": the owner's own rounds, never disturbed
//	stop_s, wheelchair_s       dwell added per stop and per wheelchair; default 20 and 120
//	driver                     id; default the vehicle's
package dayfile
