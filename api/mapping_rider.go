package api

import (
	"fmt"

	"google.golang.org/protobuf/types/known/durationpb"

	swmaasv1 "github.com/swmaas/swmaas/api/gen/swmaas/v1"
	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/routing/geo"
	"github.com/swmaas/swmaas/vehicles"
)

var (
	consentKinds = map[swmaasv1.ConsentKind]dispatch.ConsentKind{
		swmaasv1.ConsentKind_CONSENT_KIND_KEEP:       dispatch.ConsentKeep,
		swmaasv1.ConsentKind_CONSENT_KIND_FACILITIES: dispatch.ConsentFacilities,
		swmaasv1.ConsentKind_CONSENT_KIND_TOWN:       dispatch.ConsentTown,
		swmaasv1.ConsentKind_CONSENT_KIND_WATCH:      dispatch.ConsentWatch,
		swmaasv1.ConsentKind_CONSENT_KIND_SHARE:      dispatch.ConsentShare,
	}
	consentKindWords = inverse(consentKinds)
)

// mapped gives each entry of a list its other form. An empty list is nil.
func mapped[A, B any](list []A, form func(A) B) []B {
	if len(list) == 0 {
		return nil
	}
	out := make([]B, len(list))
	for i, x := range list {
		out[i] = form(x)
	}
	return out
}

// texts turns ids into text and text into ids.
func texts[B, A ~string](list []A) []B { return mapped(list, func(a A) B { return B(a) }) }

// riderMessage is the contract's form of an entry.
func riderMessage(r *dispatch.Rider) *swmaasv1.Rider {
	out := &swmaasv1.Rider{
		Id: string(r.ID), Version: r.Version, Name: r.Name, Kana: r.Kana, Born: string(r.Born), Phones: r.Phones,
		Home: savedPlaceOrNone(r.Home), Places: mapped(r.Places, savedPlaceMessage), Standing: string(r.Standing),
		Memberships: mapped(r.UserOf, membershipMessage), Categories: mapped(r.Categories, categoryMessage), Listings: mapped(r.Listed, listingMessage),
		NeedsHelp: r.NeedsHelp, HouseholdCar: r.OwnCar, Consents: mapped(r.Consents, consentMessage),
		Attendants: int32(r.Attendants), Escorted: r.Escorted, Care: texts[string](r.Care),
		DriverNote: r.DriverNote, Boarding: secondsOrNone(r.Board), Alighting: secondsOrNone(r.Alight),
		ApartRiderIds: texts[string](r.Apart), ExcludedDriverIds: texts[string](r.NotDrivers), OnlyDriverIds: texts[string](r.OnlyDrivers),
		Contacts: mapped(r.Contacts, contactMessage), Limits: limitsMessage(&r.Limits),
	}
	if !r.Load.IsZero() {
		out.Party = party(r.Load)
	}
	if r.Equipment != 0 {
		out.Needs = aidList(r.Equipment)
	}
	return out
}

// riderOf is the entry that a message describes. It fails with ErrRequest or dispatch.ErrInvalid where a telephone number is
// none; the register checks the rest.
func riderOf(area string, m *swmaasv1.Rider) (*dispatch.Rider, error) {
	r := &dispatch.Rider{
		ID: dispatch.RiderID(m.GetId()), Area: dispatch.AreaID(area), Version: m.GetVersion(), Name: m.GetName(), Kana: m.GetKana(),
		Born: vehicles.Date(m.GetBorn()), Home: savedPlaceOf(m.GetHome()), Places: mapped(m.GetPlaces(), savedPlaceOf),
		Standing: dispatch.Standing(m.GetStanding()), UserOf: mapped(m.GetMemberships(), membershipOf),
		Categories: mapped(m.GetCategories(), categoryOf), Listed: mapped(m.GetListings(), listingOf), NeedsHelp: m.GetNeedsHelp(), OwnCar: m.GetHouseholdCar(),
		Consents: mapped(m.GetConsents(), consentOf), Load: loadOf(m.GetParty()), Equipment: aidSet(m.GetNeeds()), Attendants: int(m.GetAttendants()),
		Escorted: m.GetEscorted(), Care: texts[dispatch.Care](m.GetCare()), DriverNote: m.GetDriverNote(),
		Board: wholeSeconds(m.GetBoarding()), Alight: wholeSeconds(m.GetAlighting()), Apart: texts[dispatch.RiderID](m.GetApartRiderIds()),
		NotDrivers: texts[vehicles.DriverID](m.GetExcludedDriverIds()), OnlyDrivers: texts[vehicles.DriverID](m.GetOnlyDriverIds()),
		Contacts: mapped(m.GetContacts(), contactOf), Limits: limitsOf(m.GetLimits()),
	}
	for i, written := range m.GetPhones() {
		normal, err := dispatch.NormalPhone(written)
		if err != nil {
			return nil, fmt.Errorf("%w: rider.phones[%d]: not a telephone number such as 0765-54-1234", ErrRequest, i)
		}
		r.Phones = append(r.Phones, normal)
	}
	for i := range r.Contacts {
		normal, err := dispatch.NormalPhone(r.Contacts[i].Phone)
		if err != nil {
			return nil, fmt.Errorf("%w: rider.contacts[%d].phone: not a telephone number such as 0765-54-1234", ErrRequest, i)
		}
		r.Contacts[i].Phone = normal
	}
	return r, nil
}

func secondsOrNone(n int32) *durationpb.Duration {
	if n == 0 {
		return nil
	}
	return seconds(n)
}

func savedPlaceMessage(p dispatch.SavedPlace) *swmaasv1.SavedPlace {
	out := &swmaasv1.SavedPlace{Label: p.Label, Address: p.Address, Entrance: latLng(p.Entrance), Notes: p.Notes}
	if p.Road != (geo.LatLng{}) {
		out.Road = latLng(p.Road)
	}
	return out
}

func savedPlaceOrNone(p dispatch.SavedPlace) *swmaasv1.SavedPlace {
	if p == (dispatch.SavedPlace{}) {
		return nil
	}
	return savedPlaceMessage(p)
}

func savedPlaceOf(m *swmaasv1.SavedPlace) dispatch.SavedPlace {
	return dispatch.SavedPlace{
		Label: m.GetLabel(), Address: m.GetAddress(), Entrance: latLngOf(m.GetEntrance()), Road: latLngOf(m.GetRoad()), Notes: m.GetNotes(),
	}
}

func datesMessage(d vehicles.Dates) *swmaasv1.Dates {
	if d == (vehicles.Dates{}) {
		return nil
	}
	return &swmaasv1.Dates{From: string(d.From), To: string(d.To)}
}

func datesOf(m *swmaasv1.Dates) vehicles.Dates {
	return vehicles.Dates{From: vehicles.Date(m.GetFrom()), To: vehicles.Date(m.GetTo())}
}

func membershipMessage(m dispatch.Membership) *swmaasv1.Membership {
	return &swmaasv1.Membership{FacilityId: string(m.Facility), Standing: string(m.Standing), Dates: datesMessage(m.Dates)}
}

func membershipOf(m *swmaasv1.Membership) dispatch.Membership {
	return dispatch.Membership{Facility: vehicles.FacilityID(m.GetFacilityId()), Standing: dispatch.Standing(m.GetStanding()), Dates: datesOf(m.GetDates())}
}

func categoryMessage(c dispatch.CategoryFact) *swmaasv1.CategoryFact {
	return &swmaasv1.CategoryFact{Category: string(c.Category), Evidence: c.Evidence, ValidTo: string(c.ValidTo)}
}

func categoryOf(m *swmaasv1.CategoryFact) dispatch.CategoryFact {
	return dispatch.CategoryFact{Category: dispatch.Category(m.GetCategory()), Evidence: m.GetEvidence(), ValidTo: vehicles.Date(m.GetValidTo())}
}

func listingMessage(l dispatch.Listing) *swmaasv1.Listing {
	return &swmaasv1.Listing{LegalMode: string(l.Mode), ValidTo: string(l.ValidTo), Purposes: l.Purposes}
}

func listingOf(m *swmaasv1.Listing) dispatch.Listing {
	return dispatch.Listing{Mode: dispatch.LegalMode(m.GetLegalMode()), ValidTo: vehicles.Date(m.GetValidTo()), Purposes: m.GetPurposes()}
}

func consentMessage(c dispatch.Consent) *swmaasv1.Consent {
	return &swmaasv1.Consent{Kind: consentKindWords[c.Kind], Given: string(c.Given), Withdrawn: string(c.Withdrawn), GivenBy: c.By, Document: c.Document}
}

func consentOf(m *swmaasv1.Consent) dispatch.Consent {
	return dispatch.Consent{
		Kind: consentKinds[m.GetKind()], Given: vehicles.Date(m.GetGiven()), Withdrawn: vehicles.Date(m.GetWithdrawn()), By: m.GetGivenBy(), Document: m.GetDocument(),
	}
}

func contactMessage(c dispatch.Contact) *swmaasv1.Contact {
	return &swmaasv1.Contact{Name: c.Name, Relation: c.Relation, Phone: c.Phone, Watch: c.Watch}
}

func contactOf(m *swmaasv1.Contact) dispatch.Contact {
	return dispatch.Contact{Name: m.GetName(), Relation: m.GetRelation(), Phone: m.GetPhone(), Watch: m.GetWatch()}
}
