package dispatch

import (
	"errors"
	"strings"
	"testing"
)

func TestAnOfferAndAnAssignmentCanBeAskedWhy(t *testing.T) {
	b := newRuled(t, 3, nil)
	quote := b.mustQuote(t, trip("R-1", 1, 1, 9, 9, 10*3600))
	ja, en := quote.Offers[0].Why("ja"), quote.Offers[0].Why("en")
	for _, part := range []string{"10:00 までに着き", "許可・登録を要しない運送", "無料", "「R」"} {
		if !strings.Contains(ja, part) {
			t.Errorf("the offer says %q, without %q", ja, part)
		}
	}
	if !strings.Contains(en, "arrives by the wished 10:00") || strings.Count(ja, "。") != 1 {
		t.Errorf("the offer says %q and %q", ja, en)
	}
	ride := b.mustBook(t, trip("R-1", 1, 1, 9, 9, 10*3600), "k")
	why, err := b.Why(t.Context(), "kurobe", ride.ID)
	if err != nil || !strings.Contains(why.Ja, "より少なく済むためです") || !strings.Contains(why.Ja, string(b.vehicleOf(t, ride.ID))) {
		t.Errorf("assigned because %+v, %v", why, err)
	}
	alone := newRuled(t, 1, nil)
	ride = alone.mustBook(t, trip("R-1", 1, 1, 9, 9, 10*3600), "k")
	if why, err = alone.Why(t.Context(), "kurobe", ride.ID); err != nil || !strings.Contains(why.Ja, "だけで") {
		t.Errorf("the only vehicle because %+v, %v", why, err)
	}
	if _, _, err := alone.CancelRide(t.Context(), Actor{"test"}, "kurobe", Cancellation{Ride: ride.ID, Reason: "CHANGED_MY_MIND"}, "c"); err != nil {
		t.Fatal(err)
	}
	if why, err = alone.Why(t.Context(), "kurobe", ride.ID); err != nil || why.Ja != "当日に取り消されています（気が変わった）。" ||
		why.En != "It was cancelled on the day (a change of mind)." {
		t.Errorf("cancelled: %+v, %v", why, err)
	}
	if _, err := alone.Why(t.Context(), "kurobe", "2026-01-20.9999"); !errors.Is(err, ErrNotFound) {
		t.Errorf("an unknown ride: %v", err)
	}
}

func TestEveryRideStateAndModeHasASentence(t *testing.T) {
	for s := Draft; s <= Unmet; s++ {
		r := Ride{State: s}
		if why := r.ended(); !r.Open() && (why.Ja == "。" || why.En == ".") {
			t.Errorf("state %s has no sentence", s)
		}
	}
	for k := CancelAdvance; k <= CancelProvider; k++ {
		if w := k.words(); w == CancelKind(0).words() {
			t.Errorf("kind %d of cancellation has no words", k)
		}
	}
	other := reasonWords("NOT_OF_THE_VOCABULARY")
	for _, code := range []string{
		ReasonLapsed, ReasonDeclined, ReasonWaitlisted, ReasonNoPlace, ReasonOrder, "NO_CLIENT", "CHANGED_MY_MIND", "BOOKED_BY_MISTAKE",
		"BOOKING_TIME", "UNABLE_TO_MAKE_TRIP", CodeNoVehicle, CodeBadPickup, CodeNoWay, CodeOutsideService, CodeCoRide, CodeOverlap, CodeQuota,
		CodeExpired, CodeNoDriver, CodeProtectedRun, CodeNotice, CodeFareAboveCap, CodeNeedAttendant, CodeNoPolicy, CodeVehicle,
	} {
		if w := reasonWords(code); w == other || w.Ja == "" || w.En == "" {
			t.Errorf("reason %s has no words", code)
		}
	}
	for _, m := range []LegalMode{FukushiYusho, KuhakuYusho, NoReg, KaigoSougei, TaxiContract, HomonB, HomonD} {
		if w := m.words(); w.Ja == string(m) || w.En == string(m) {
			t.Errorf("mode %s has no words", m)
		}
	}
}
