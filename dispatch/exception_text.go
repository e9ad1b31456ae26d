package dispatch

import (
	"fmt"
	"strings"
)

// sentences says what is wrong, by numbers and never by names.
func (e *Alarm) sentences() Sentences {
	span := Sentences{spanJapanese(int64(e.Seconds)), spanEnglish(int64(e.Seconds))}
	say := func(ja, en string, args ...any) Sentences {
		return Sentences{fmt.Sprintf(ja, args...), fmt.Sprintf(en, args...)}
	}
	switch e.Kind {
	case LateNow:
		return Sentences{
			fmt.Sprintf("車両 %s が予約 %s のお約束（%s）に間に合っていません。約%s遅れる見込みです。", e.Vehicle, e.Ride, clockText(e.Since), span.Ja),
			fmt.Sprintf("Vehicle %s is late for ride %s, promised by %s; it is expected to be %s late.", e.Vehicle, e.Ride, clockText(e.Since), span.En),
		}
	case LatePredicted:
		return Sentences{
			fmt.Sprintf("車両 %s は予約 %s のお約束（%s）に約%s遅れる見込みです。", e.Vehicle, e.Ride, clockText(e.Since), span.Ja),
			fmt.Sprintf("Vehicle %s will be %s late for ride %s, promised by %s.", e.Vehicle, span.En, e.Ride, clockText(e.Since)),
		}
	case NotSignedOn:
		return say("車両 %s は%sに出発の予定ですが、運転者がまだ出勤登録をしていません。", "Vehicle %s leaves at %s and no driver has signed on.", e.Vehicle, clockText(e.Since))
	case CheckMissing:
		return say("車両 %s は%sに出発の予定ですが、点呼が済んでいません。", "Vehicle %s leaves at %s and its driver has no passed check.", e.Vehicle, clockText(e.Since))
	case DriverStoodDown:
		return say("車両 %s の運転者は点呼の結果により乗務できません。残りの予約に代わりが必要です。",
			"The driver of vehicle %s was stood down at the check. The rides of the shift need somebody else.", e.Vehicle)
	case VehicleSilent:
		return Sentences{
			fmt.Sprintf("運行中の車両 %s から%s連絡がありません。", e.Vehicle, span.Ja),
			fmt.Sprintf("Nothing was heard of vehicle %s, which is out, for %s.", e.Vehicle, span.En),
		}
	case NoFollowUp:
		return say("予約 %s のお迎えでお返事がありませんでした。安否の確認がまだです。", "Nobody answered the door for ride %s, and nobody has made sure yet that the person is well.", e.Ride)
	case Untold:
		return Sentences{
			fmt.Sprintf("予約 %s についてお伝えすべきことが、期限（%s）を過ぎてもまだ伝わっていません。", e.Ride, clockText(e.Since)),
			fmt.Sprintf("What had to be told about ride %s by %s was not told.", e.Ride, clockText(e.Since)),
		}
	case CallExceeded:
		if e.Vehicle == "" {
			return say("お帰りの連絡（%[2]s）を受けた予約 %[1]s を迎えに行ける車両がありません。", "Ride %s was called for at %s and no vehicle can fetch it.", e.Ride, clockText(e.Since))
		}
		return Sentences{
			fmt.Sprintf("お帰りの連絡を受けた予約 %s のお迎えが、お約束の待ち時間を%s超える見込みです。", e.Ride, span.Ja),
			fmt.Sprintf("Ride %s, which was called for, is fetched %s after its promised wait.", e.Ride, span.En),
		}
	case RideUnserved:
		return say("予約 %s（%sから）がどの車両にも入っていません。", "No vehicle carries ride %s, promised from %s.", e.Ride, clockText(e.Since))
	case IncidentRaised:
		return say("車両 %s で%sに報告された出来事が未処理です。", "What vehicle %s reported at %s is not settled.", e.Vehicle, clockText(e.Since))
	case BackLate:
		return Sentences{
			fmt.Sprintf("車両 %s の戻りが、持ち主の施設が必要とする時刻（%s）を%s過ぎる見込みです。", e.Vehicle, clockText(e.Since), span.Ja),
			fmt.Sprintf("Vehicle %s will be back %s after %s, when its owner needs it.", e.Vehicle, span.En, clockText(e.Since)),
		}
	case StepsHeld:
		return say("車両 %s の端末の記録が、届いていない前の記録を待っています。", "Reports of the device in vehicle %s wait for one that has not come.", e.Vehicle)
	case StepContrary:
		return say("車両 %s から、予定と食い違う記録（予約 %s）が届きました。", "Vehicle %s reported what contradicts the plan, of ride %s.", e.Vehicle, e.Ride)
	case SoftRuleBroken:
		broken := brokenRules(e.Breaks)
		return Sentences{
			fmt.Sprintf("担当者の変更（%s）で、予約 %s に通常と違う扱いがあります：%s。", e.Note, e.Ride, broken.Ja),
			fmt.Sprintf("A dispatcher's change (%s) of ride %s stands though it breaks a soft rule: %s.", e.Note, e.Ride, broken.En),
		}
	case ManifestUnseen:
		return say("車両 %s の運転者が、%sに渡した運行表の変更をまだ確認していません。", "The driver of vehicle %s has not acknowledged the manifest of %s, in which something near has changed.", e.Vehicle, clockText(e.Since))
	case UnreadByDriver:
		return say("車両 %s の運転者が、%sに送った至急の連絡をまだ読んでいません。", "The driver of vehicle %s has not read the urgent message of %s.", e.Vehicle, clockText(e.Since))
	case UnreadByOffice:
		return say("車両 %s からの%sの連絡を、まだ誰も読んでいません。", "Nobody has read the message that vehicle %s sent at %s.", e.Vehicle, clockText(e.Since))
	}
	return Sentences{}
}

// brokenRules are soft rules in words.
func brokenRules(codes []string) Sentences {
	words := map[string]Sentences{
		BreaksPromise:   {"お約束の時間を変えた", "a promised time was moved"},
		BreaksComfort:   {"乗車時間が長くなった", "somebody sits longer in the vehicle"},
		BreaksStability: {"お迎えの間際に車両が替わった", "the vehicle changes shortly before the pickup"},
		BreaksLock:      {"ほかの担当者の固定を外した", "what another dispatcher has locked"},
		BreaksPublished: {"運転者に渡した予定を変えた", "a driver has been given the ride already"},
		BreaksLiking:    {"ご希望の車両・運転者ではなくなった", "not the vehicle or driver that the rider likes better"},
	}
	var ja, en []string
	for _, code := range codes {
		ja, en = append(ja, words[code].Ja), append(en, words[code].En)
	}
	return Sentences{strings.Join(ja, "、"), strings.Join(en, ", ")}
}

// What can be done about an exception, by code.
const (
	WayCallRider   = "CALL_RIDER"
	WayCallDriver  = "CALL_DRIVER"
	WayReassign    = "REASSIGN"
	WayOutside     = "OUTSIDE_PROVIDER"
	WaySubstitute  = "SUBSTITUTE_DRIVER"
	WayCheck       = "TAKE_CHECK"
	WayTell        = "TELL"
	WayWatchOver   = "WATCH_OVER"
	WayAskReturn   = "ASK_RETURN"
	WayCallOwner   = "CALL_OWNER"
	WayLighten     = "LIGHTEN_ROUTE"
	WaySettle      = "SETTLE_INCIDENT"
	WayEmergency   = "CALL_119"
	WayCorrectStep = "CORRECT_STEP"
	WayUndo        = "UNDO_OVERRIDE"
	WayReadMessage = "READ_MESSAGE"
)

// waySentences are the ways in words.
func waySentences() map[string]Sentences {
	return map[string]Sentences{
		WayCallRider:   {"利用者に電話で知らせる", "Call the rider"},
		WayCallDriver:  {"運転者に電話する", "Call the driver"},
		WayReassign:    {"ほかの車両に振り替える", "Give the ride to another vehicle"},
		WayOutside:     {"タクシーなど外部の事業者に頼む", "Ask a taxi or another provider"},
		WaySubstitute:  {"代わりの運転者に出勤登録をしてもらう", "Have a substitute sign on"},
		WayCheck:       {"点呼を行う", "Take the check"},
		WayTell:        {"伝えて、伝達済みにする", "Tell them, and mark it told"},
		WayWatchOver:   {"施設・ご家族に安否の確認を頼む", "Ask the facility or the family to make sure that all is well"},
		WayAskReturn:   {"帰りのお迎えが必要か尋ねる", "Ask whether the way home is still wanted"},
		WayCallOwner:   {"持ち主の施設に遅れを知らせる", "Tell the owner that the vehicle is late"},
		WayLighten:     {"この車両の残りの予約をほかに移す", "Move what is left of the route to other vehicles"},
		WaySettle:      {"内容を確認して処理済みにする", "Look into it and settle it"},
		WayEmergency:   {"必要なら119番に通報する", "Call 119 if needed"},
		WayUndo:        {"変更を元に戻す", "Take the change back"},
		WayReadMessage: {"連絡を読んで返事をする", "Read the message and answer it"},
		WayCorrectStep: {"運転者に確かめて記録を直す", "Ask the driver and correct the record"},
	}
}

// ways is what can be done about the exception, the best first.
func (e *Alarm) ways() []Way {
	codes := map[ExceptionKind][]string{
		LateNow:         {WayCallRider, WayCallDriver, WayReassign, WayOutside},
		LatePredicted:   {WayReassign, WayCallRider},
		NotSignedOn:     {WayCallDriver, WaySubstitute, WayLighten},
		CheckMissing:    {WayCheck, WaySubstitute},
		DriverStoodDown: {WaySubstitute, WayLighten},
		VehicleSilent:   {WayCallDriver, WayReassign},
		NoFollowUp:      {WayWatchOver, WayCallRider, WayAskReturn},
		Untold:          {WayTell},
		CallExceeded:    {WayReassign, WayCallRider, WayOutside},
		RideUnserved:    {WayReassign, WayOutside, WayCallRider},
		IncidentRaised:  {WayCallDriver, WaySettle},
		BackLate:        {WayLighten, WayCallOwner},
		StepsHeld:       {WayCallDriver},
		StepContrary:    {WayCallDriver, WayCorrectStep},
		SoftRuleBroken:  {WayUndo, WayReassign},
		ManifestUnseen:  {WayCallDriver},
		UnreadByDriver:  {WayCallDriver},
		UnreadByOffice:  {WayReadMessage, WayCallDriver},
	}[e.Kind]
	if e.Kind == IncidentRaised && e.Severity == Critical {
		codes = []string{WayEmergency, WayCallDriver, WaySettle}
	}
	if e.Kind == CallExceeded && e.Vehicle == "" {
		codes = []string{WayOutside, WayCallRider}
	}
	out := make([]Way, len(codes))
	for i, code := range codes {
		out[i] = Way{code, waySentences()[code]}
	}
	return out
}
