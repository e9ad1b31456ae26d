// Package sim plays a day of a town against a dispatch engine: people ring up, take one of the times they are offered or
// none, call off, do not come to the door; drivers follow the manifest that is streamed to them through traffic, and report
// what they do. What was executed is recorded, judged and turned into figures.
//
// The engine is seen only through the small interfaces of ports.go. The package neither plans nor looks into a plan: a
// promise is what a booking was answered with, an event of the road is what a driver did.
//
// Time is virtual. A day is a queue of events, worked through one after another; after every change of the plan all drivers
// first read their streams up to its revision, so that nothing depends on how fast anything runs, and a seed gives the
// same day on any machine. Quantities that decide anything are integers.
package sim
