package dispatch

import "time"

// NoteID names a note within its area-day. It tells nothing about a person.
type NoteID string

// Note is one thing that is kept of an area-day beside its routes and rides: somebody who must be told, a check before
// departure, what was published, a lock. Like a ride it has a version of its own, is changed by Commit alone, stands in the
// log and is made anew from it. A Note value is immutable once it is part of a State.
type Note struct {
	ID      NoteID
	Version int64 // 1 when first committed
	Body    NoteBody
	// Text is what somebody wrote in their own words; it may be personal and is stored sealed: with the key of the rider About,
	// or, where that is empty, with the area's. It is empty once About was erased.
	Text  string
	About RiderID
}

// NoteBody is what a note says: one of the types of this package that have the method. Bodies hold ids, codes and numbers
// only, since they are stored as they are; planstore knows how each is written.
type NoteBody interface{ note() }

// notesOf calls f for every note of the state whose body is of the type, in no order.
func notesOf[B NoteBody](s *State, f func(*Note, B)) {
	for _, n := range s.Notes {
		if body, ok := n.Body.(B); ok {
			f(n, body)
		}
	}
}

// changed is the note with another body, at the next version.
func (n *Note) changed(body NoteBody) *Note {
	next := *n
	next.Version++
	next.Body = body
	return &next
}

// TellReason says why somebody must be told. The values are stored and part of the contract.
type TellReason string

// Why somebody must be told something.
const (
	TellPromiseMoved TellReason = "PROMISE_MOVED"    // the promise is another one now
	TellLate         TellReason = "VEHICLE_LATE"     // the vehicle is expected later than promised
	TellDropped      TellReason = "RIDE_DROPPED"     // the ride was promised and cannot be driven
	TellRefused      TellReason = "REFUSED_AFTER"    // a wish or a waiting ride is refused after all
	TellPostponed    TellReason = "RIDE_POSTPONED"   // put off because of snow or a storm
	TellCondition    TellReason = "CONDITION"        // the day is another one for them: a closure, a changed vehicle
	TellCallBack     TellReason = "CALL_BACK"        // was promised to be called back
	TellEvening      TellReason = "EVENING_BEFORE"   // reminder of tomorrow's rides
	TellWatchOver    TellReason = "NO_ANSWER"        // nobody answered at the door: those responsible must know
	TellReturnOpen   TellReason = "RETURN_NOT_TAKEN" // did not come on the way there; is the way home still wanted?
)

// Tell is a person who has to be told something. It is open until somebody or a channel has told them.
type Tell struct {
	Rider  RiderID
	Ride   RideID // that it is about, or empty
	Reason TellReason
	// Before and After are the promises where the promise moved; zero where there is none.
	Before, After Promise
	Code          string    // of the cause: a refusal's, a cancellation's, a condition's id
	Deadline      int32     // service-day second by which they must know
	Opened        time.Time // when it became necessary
	Tries         int       // calls that nobody answered
	Told          *Told     // nil while open
}

func (*Tell) note() {}

// Told is how an open Tell was closed.
type Told struct {
	By      string // subject of who told them, or of the channel
	Channel string // "phone", "line", "in_person", "driver"; "outdated" where there is nothing to tell any more
	At      time.Time
}
