package api

import (
	swmaasv1 "github.com/swmaas/swmaas/api/gen/swmaas/v1"
	"github.com/swmaas/swmaas/dispatch"
)

var (
	manifestChanges = map[swmaasv1.ManifestChangeKind]string{
		swmaasv1.ManifestChangeKind_MANIFEST_CHANGE_KIND_ADDED:   dispatch.ChangeAdded,
		swmaasv1.ManifestChangeKind_MANIFEST_CHANGE_KIND_REMOVED: dispatch.ChangeRemoved,
		swmaasv1.ManifestChangeKind_MANIFEST_CHANGE_KIND_MOVED:   dispatch.ChangeMoved,
		swmaasv1.ManifestChangeKind_MANIFEST_CHANGE_KIND_RETIMED: dispatch.ChangeRetimed,
		swmaasv1.ManifestChangeKind_MANIFEST_CHANGE_KIND_NEEDS:   dispatch.ChangeNeeds,
	}

	manifestChangeWords = inverse(manifestChanges)
)

// manifest gives the driver's form of a vehicle's day. Its labels are what the driver needs; it has no purpose and no rider.
func (c dayClock) manifest(m *dispatch.Manifest) *swmaasv1.Manifest {
	out := &swmaasv1.Manifest{
		Area: string(m.Area), ServiceDate: string(m.Day), VehicleId: string(m.Vehicle),
		Revision: m.Revision, Version: m.Version, Stops: make([]*swmaasv1.ManifestStop, len(m.Stops)),
		Number: m.Number, AcknowledgedNumber: m.AckedNumber, PublishedAt: timestampOrNone(m.Published), Changes: c.changes(m.Changes),
		Messages: driverMessages(m.Messages),
	}
	for i := range m.Stops {
		s := &m.Stops[i]
		out.Stops[i] = &swmaasv1.ManifestStop{
			Id: stopID(s.StopID), Kind: stopKindWords[s.Kind], State: stopStateWords[s.State],
			RideId: string(s.Ride), ShiftId: string(s.Shift), Place: place(s.Place),
			LeaveBy: c.moment(s.LeaveBy), Arrival: c.moment(s.Arrive),
			NotBefore: c.momentOrNone(s.NotBefore), PromisedLatest: c.momentOrNone(s.Latest),
			Party: party(s.Party.Load), Needs: aidList(s.Party.Needs),
		}
	}
	return out
}

func (c dayClock) changes(list []dispatch.StopChange) []*swmaasv1.ManifestChange {
	out := make([]*swmaasv1.ManifestChange, len(list))
	for i := range list {
		x := &list[i]
		out[i] = &swmaasv1.ManifestChange{
			Kind: manifestChangeWords[x.Kind], StopId: stopID(x.StopID), RideId: string(x.Ride), Stop: stopKindWords[x.StopID.Kind],
			Before: c.momentOrNone(x.Before), After: c.momentOrNone(x.After),
		}
	}
	return out
}

// stopID names a stop on the wire: the ride and the end of it.
func stopID(id dispatch.StopID) string {
	if id.Kind == dispatch.PickupStop {
		return string(id.Ride) + "/pickup"
	}
	return string(id.Ride) + "/dropoff"
}
