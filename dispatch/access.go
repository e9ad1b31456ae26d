package dispatch

import "time"

// Access is one look at what is kept of people: who looked at whom, when, and at what. It holds ids and words of the contract
// and nothing of what was seen, so it stays when a person is erased.
type Access struct {
	ID      AccessID  // set by the log
	At      time.Time // set by the log, by the clock of the store
	Subject string    // account that looked, as in events; never a name
	Role    string    // of the account, as in its token
	Token   string    // id of the token, or empty
	Request string    // id of the call, as in the service's log, or empty
	Method  string    // call or command, such as "Booking/GetRide" or "admin export"
	Fields  []string  // what was shown, by the names of the contract
	Riders  []RiderID // whom; Everybody alone where it was a whole register
}

// Everybody stands in an Access for all persons of an area.
const Everybody RiderID = "*"

// AccessID orders the looks of an area.
type AccessID string

// AccessQuery asks for the looks at one person, newest first.
type AccessQuery struct {
	Rider  RiderID
	Before AccessID // go on below this one; empty begins with the newest
	Limit  int      // most looks to return, at least 1
	// Scan is the most entries of the log to read, at least 1: a person who is hardly ever looked at is not found at the cost of
	// reading a log of years in one go.
	Scan int
}
