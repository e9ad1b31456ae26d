package api

import (
	"context"

	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/vehicles"
)

// emptyDay is a day on which nobody is on duty and nothing has happened.
type emptyDay struct{}

func (emptyDay) SignOn(context.Context, dispatch.Actor, dispatch.SignOn, string) (*dispatch.OnDuty, int64, error) {
	return nil, 0, dispatch.ErrNotFound
}

func (emptyDay) SignOff(context.Context, dispatch.Actor, dispatch.SignOn, string) (*dispatch.OnDuty, int64, error) {
	return nil, 0, dispatch.ErrNotFound
}

func (emptyDay) Check(context.Context, dispatch.Actor, dispatch.CheckReport, string) (*dispatch.CheckResult, error) {
	return nil, dispatch.ErrNotFound
}

func (emptyDay) Report(context.Context, dispatch.Actor, dispatch.IncidentReport, string) (dispatch.IncidentRow, int64, error) {
	return dispatch.IncidentRow{}, 0, dispatch.ErrNotFound
}

func (emptyDay) Exceptions(context.Context, dispatch.AreaID, dispatch.Day) ([]dispatch.Alarm, error) {
	return nil, dispatch.ErrNotFound
}

func (emptyDay) SeeException(context.Context, dispatch.Actor, dispatch.AreaID, dispatch.Day, string, string) (dispatch.Alarm, int64, error) {
	return dispatch.Alarm{}, 0, dispatch.ErrNotFound
}

func (emptyDay) Incidents(context.Context, dispatch.AreaID, dispatch.Day) ([]dispatch.IncidentRow, error) {
	return nil, dispatch.ErrNotFound
}

func (emptyDay) SettleIncident(context.Context, dispatch.Actor, dispatch.AreaID, dispatch.Day, dispatch.NoteID, string, string) (dispatch.IncidentRow, int64, error) {
	return dispatch.IncidentRow{}, 0, dispatch.ErrNotFound
}

func (emptyDay) Tells(context.Context, dispatch.AreaID, dispatch.Day, dispatch.TellFilter) ([]dispatch.TellRow, error) {
	return nil, dispatch.ErrNotFound
}

func (emptyDay) MarkTold(context.Context, dispatch.Actor, dispatch.TellMark, string) (dispatch.TellRow, int64, error) {
	return dispatch.TellRow{}, 0, dispatch.ErrNotFound
}

func (emptyDay) TellAttempt(context.Context, dispatch.Actor, dispatch.AreaID, dispatch.Day, dispatch.NoteID, string) (dispatch.TellRow, int64, error) {
	return dispatch.TellRow{}, 0, dispatch.ErrNotFound
}

func (emptyDay) EveningBefore(context.Context, dispatch.Actor, dispatch.AreaID, dispatch.Day) ([]dispatch.TellRow, error) {
	return nil, dispatch.ErrNotFound
}

func (emptyDay) PromiseCallBack(context.Context, dispatch.Actor, dispatch.CallBack, string) (dispatch.TellRow, int64, error) {
	return dispatch.TellRow{}, 0, dispatch.ErrNotFound
}

func (emptyDay) SetCondition(context.Context, dispatch.Actor, dispatch.AreaID, dispatch.ConditionOrder, string) (dispatch.NoteID, []dispatch.DayRepair, error) {
	return "", nil, dispatch.ErrNotFound
}

func (emptyDay) LiftCondition(context.Context, dispatch.Actor, dispatch.AreaID, dispatch.Day, dispatch.NoteID, int64, string) ([]dispatch.DayRepair, error) {
	return nil, dispatch.ErrNotFound
}

func (emptyDay) Conditions(context.Context, dispatch.AreaID, dispatch.Day) ([]dispatch.NoteRow[*dispatch.Condition], error) {
	return nil, dispatch.ErrNotFound
}

func (emptyDay) TakeOut(context.Context, dispatch.Actor, dispatch.AreaID, dispatch.StandDown, string) (*dispatch.Repair, error) {
	return nil, dispatch.ErrNotFound
}

func (emptyDay) BringBack(context.Context, dispatch.Actor, dispatch.AreaID, dispatch.BackInService, string) (*dispatch.Repair, error) {
	return nil, dispatch.ErrNotFound
}

func (emptyDay) Outages(context.Context, dispatch.AreaID, dispatch.Day) ([]dispatch.NoteRow[*dispatch.Outage], error) {
	return nil, dispatch.ErrNotFound
}

func (emptyDay) SetStorm(context.Context, dispatch.Actor, dispatch.AreaID, dispatch.StormOrder, string) (dispatch.NoteID, *dispatch.Repair, error) {
	return "", nil, dispatch.ErrNotFound
}

func (emptyDay) Storms(context.Context, dispatch.AreaID, dispatch.Day) ([]dispatch.NoteRow[*dispatch.Storm], error) {
	return nil, dispatch.ErrNotFound
}

func (emptyDay) Mend(context.Context, dispatch.AreaID, dispatch.Day) (*dispatch.Repair, error) {
	return nil, dispatch.ErrNotFound
}

func (emptyDay) Lock(context.Context, dispatch.Actor, dispatch.AreaID, dispatch.Day, dispatch.LockChange, string) ([]*dispatch.Ride, int64, error) {
	return nil, 0, dispatch.ErrNotFound
}

func (emptyDay) Reassign(context.Context, dispatch.Actor, dispatch.AreaID, dispatch.Override) ([]dispatch.Proposal, error) {
	return nil, dispatch.ErrNotFound
}

func (emptyDay) Override(context.Context, dispatch.Actor, dispatch.AreaID, string, string, string) (dispatch.NoteID, int64, error) {
	return "", 0, dispatch.ErrNotFound
}

func (emptyDay) Undo(context.Context, dispatch.Actor, dispatch.AreaID, dispatch.Day, dispatch.NoteID, string) (int64, error) {
	return 0, dispatch.ErrNotFound
}

func (emptyDay) Publish(context.Context, dispatch.Actor, dispatch.AreaID, dispatch.Day, []vehicles.VehicleID, string, string) (int, int64, error) {
	return 0, 0, dispatch.ErrNotFound
}

func (emptyDay) LeaveWithout(context.Context, dispatch.Actor, dispatch.AreaID, dispatch.RideID, string, string) (*dispatch.Ride, int64, error) {
	return nil, 0, dispatch.ErrNotFound
}

func (emptyDay) Expected(context.Context, dispatch.AreaID, dispatch.Day, vehicles.VehicleID) ([]dispatch.ExpectedStop, error) {
	return nil, dispatch.ErrNotFound
}

func (emptyDay) Manifests(context.Context, dispatch.AreaID, dispatch.Day) ([]dispatch.ManifestState, error) {
	return nil, dispatch.ErrNotFound
}

func (emptyDay) Interventions(context.Context, dispatch.AreaID, dispatch.Day) ([]*dispatch.Note, error) {
	return nil, dispatch.ErrNotFound
}

func (emptyDay) WhatIf(context.Context, dispatch.AreaID, dispatch.Day, dispatch.WhatIf) (*dispatch.WhatIfResult, error) {
	return nil, dispatch.ErrNotFound
}

func (emptyDay) SendMessage(context.Context, dispatch.Actor, dispatch.MessageDraft, string) (dispatch.MessageRow, int64, error) {
	return dispatch.MessageRow{}, 0, dispatch.ErrNotFound
}

func (emptyDay) ReadMessages(context.Context, dispatch.Actor, dispatch.AreaID, dispatch.Day, vehicles.VehicleID, bool, int64, string) (int64, error) {
	return 0, dispatch.ErrNotFound
}

func (emptyDay) Messages(context.Context, dispatch.AreaID, dispatch.Day, dispatch.MessageFilter) ([]dispatch.MessageRow, error) {
	return nil, dispatch.ErrNotFound
}

func (emptyDay) CannedTexts(context.Context, dispatch.AreaID) ([]dispatch.CannedText, error) {
	return nil, dispatch.ErrNotFound
}
