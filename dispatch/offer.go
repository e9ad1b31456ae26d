package dispatch

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/gob"
	"fmt"
	"time"

	"github.com/swmaas/swmaas/vehicles"
)

// Request is what a caller asks for: one ride of one party on one day.
type Request struct {
	Area    AreaID
	Day     Day
	Rider   RiderID
	Booking BookingID // set where the ride joins a booking made before, as a group does; empty for a booking of its own
	Party   Party
	Pickup  Place
	Dropoff Place
	Purpose string
	Wish    Wish
	Linked  RideID // the outbound ride of a return, or empty
	// Facility is whose user the rider rides as, as on the way to a day service; empty where the ride is the rider's own
	// errand. It counts only where the register says so too.
	Facility vehicles.FacilityID
	Offers   int // at most so many offers, 0 for the desk's default

	Together bool  // all rides of the booking ride in the same vehicle
	MaxWait  int32 // for a will-call: promised longest wait after the call in seconds; the wish then says when the call may come
	// from is a second before which the ride cannot begin, as where a former leg arrives first, and until the latest second
	// at which it must have arrived, because the leg after it begins then; 0 where there is none.
	from, until int32
	instead     []RideID   // rides of the rider that it is to take the place of, which count for no quota
	beside      []PastRide // rides that are to be booked with it, which count for the quotas
	locks       Locks      // that stay with the ride when it is changed
}

// Offer is what the engine is ready to promise. It reserves nothing: booking inserts the ride again within the promise.
type Offer struct {
	Token   string // opaque and sealed; what Book takes
	Promise Promise
	// Estimated times of the plan that was seen: pickup, arrival at the destination, and time aboard.
	Pickup, Arrival, RideTime int32
	Direct                    int32
	Terms                     Terms // legal mode and price
	Wish                      Wish  // that it answers
	Added                     int64 // what the plan costs more with it, in seconds of driving
	// EligibleTo is the last day on which what permits the rider to ride so holds, where that ends within EligibilityNotice days
	// of the ride; empty otherwise. Whoever answers the call can then see to it that it is renewed.
	EligibleTo vehicles.Date
	Expires    time.Time
}

// EligibilityNotice is for how many days before its end an offer says that the rider's eligibility ends.
const EligibilityNotice = 30

// endsSoon is the last day of eligibility where that is near the day of a ride, and empty otherwise.
func endsSoon(last vehicles.Date, day Day) vehicles.Date {
	if last == "" || last > vehicles.Date(day).Add(EligibilityNotice) {
		return ""
	}
	return last
}

// Refusal says why an offer could not be made, in a code and with figures where it has any.
type Refusal struct {
	Code   string // a TDS code or one of ours, such as "NO_VEHICLES_AVAILABLE"
	Cause  string // the binding cause, such as CauseRideTime or CauseCapacity
	Limit  int64  // with Actual the figures of the shift that missed by least, in Unit
	Actual int64
	Unit   string // UnitSeconds and the like; empty where the cause has no figures
	Shifts int    // how many shifts failed by this cause
	// Relaxations are the smallest changes by which one of those shifts could serve the ride, one for each kind. Those that
	// move the wish of a quote have been tried: there is an offer so much later or earlier, as long as the plan stays.
	Relaxations []Relaxation
	// Of a policy's refusal: the legal mode that it speaks for (empty for every one), what is wrong and what would make it
	// possible, in Japanese and in English.
	Mode         LegalMode
	Ja, En       string
	JaWay, EnWay string
}

// Quote is the answer to a request: offers, best first, or the reasons why there is none.
type Quote struct {
	Day      Day // that the times of the offers belong to
	Offers   []Offer
	Refusals []Refusal
	// Alternatives are what can be promised instead where there is no offer: the nearest later and the nearest earlier time.
	Alternatives []Offer
	Revision     int64
}

// sealedOffer is the content of a token: all that Book needs, so that no quote has to be remembered.
type sealedOffer struct {
	Request Request
	Promise Promise
	Direct  int32
	Terms   Terms
	Shift   vehicles.ShiftID
	Seen    int64 // version of the route that the offer was made on
	Expires time.Time
	// Ride and Version name the booked ride that the offer would change; empty for a new ride.
	Ride    RideID
	Version int64
}

// offerSealer seals and opens offer tokens with AES-256-GCM: nobody can read a place in a token or make one up.
type offerSealer struct{ aead cipher.AEAD }

func newOfferSealer(key [32]byte) (*offerSealer, error) {
	block, err := aes.NewCipher(key[:])
	if err != nil {
		return nil, fmt.Errorf("dispatch: offer key: %w", err)
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		return nil, fmt.Errorf("dispatch: offer key: %w", err)
	}
	return &offerSealer{aead}, nil
}

func (s *offerSealer) seal(o *sealedOffer) (string, error) { return s.sealAs("", o) }

// open returns the content of a token, or ErrBadOffer.
func (s *offerSealer) open(token string) (*sealedOffer, error) {
	o := new(sealedOffer)
	if err := s.openAs("", token, o); err != nil {
		return nil, err
	}
	return o, nil
}

// sealAs makes a token of a kind; it opens as nothing else.
func (s *offerSealer) sealAs(kind string, content any) (string, error) {
	var buf bytes.Buffer
	if err := gob.NewEncoder(&buf).Encode(content); err != nil {
		return "", fmt.Errorf("dispatch: seal offer: %w", err)
	}
	nonce := make([]byte, s.aead.NonceSize())
	if _, err := rand.Read(nonce); err != nil {
		return "", fmt.Errorf("dispatch: seal offer: %w", err)
	}
	return base64.RawURLEncoding.EncodeToString(s.aead.Seal(nonce, nonce, buf.Bytes(), []byte(kind))), nil
}

// openAs reads a token of a kind into content, a pointer, or fails with ErrBadOffer.
func (s *offerSealer) openAs(kind, token string, content any) error {
	raw, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil || len(raw) < s.aead.NonceSize() {
		return ErrBadOffer
	}
	n := s.aead.NonceSize()
	plain, err := s.aead.Open(nil, raw[:n], raw[n:], []byte(kind))
	if err != nil {
		return ErrBadOffer
	}
	if err := gob.NewDecoder(bytes.NewReader(plain)).Decode(content); err != nil {
		return ErrBadOffer
	}
	return nil
}

// hashRequest gives the hash that ties an idempotency key to one request.
func hashRequest(kind string, parts ...string) [32]byte {
	h := sha256.New()
	fmt.Fprintf(h, "%s\n", kind)
	for _, p := range parts {
		fmt.Fprintf(h, "%d:%s\n", len(p), p)
	}
	return [32]byte(h.Sum(nil))
}
