package api

import (
	swmaasv1 "github.com/swmaas/swmaas/api/gen/swmaas/v1"
	"github.com/swmaas/swmaas/dispatch"
)

// sentence is one thing to say to the caller, in both languages.
type sentence struct{ ja, en string }

// codeSentences say a refusal by its code alone, where the engine has no sentence for its cause. Every code of dispatch has
// a row; a test holds them complete.
var codeSentences = map[string]sentence{
	dispatch.CodeNoVehicle:      {"ご案内できる車両がありません。", "No vehicle is available."},
	dispatch.CodeBadPickup:      {"お迎え先の近くに車両の通れる道路がありません。", "No road that vehicles can use is near the pickup place."},
	dispatch.CodeBadDropoff:     {"行き先の近くに車両の通れる道路がありません。", "No road that vehicles can use is near the dropoff place."},
	dispatch.CodeNoWay:          {"お迎え先から行き先まで道路で行くことができません。", "No road leads from the pickup to the dropoff place."},
	dispatch.CodeOutsideService: {"ご希望の時間は過ぎているか、運行時間外です。", "The wished time has passed or lies outside the hours of service."},
	dispatch.CodeCoRide:         {"制度上、同乗できない方がいるため、お受けできません。", "The people concerned may not share a vehicle under the rules."},
	dispatch.CodeOutsideArea:    {"運行区域の外です。", "It lies outside the service area."},
	dispatch.CodeBadUser:        {"この運送を利用できる登録がありません。", "The rider is not registered for this kind of transport."},
	dispatch.CodeWrongLevel:     {"このご利用には対応していません。", "This kind of transport is not given."},
	dispatch.CodeNoPolicy:       {"この地域のこの日の運行のきまりが登録されていません。", "No policy is in force for this area on this day."},
	dispatch.CodeQuota:          {"利用回数の上限に達しています。", "The number of rides is used up."},
	dispatch.CodeExpired:        {"登録の有効期限が切れています。", "The registration has expired."},
	dispatch.CodeNoDriver:       {"必要な資格のある運転者がいません。", "No driver with the required qualification is on duty."},
	dispatch.CodeVehicle:        {"この運送に使える車両がありません。", "No vehicle may be used for this transport."},
	dispatch.CodeProtectedRun:   {"施設の送迎の時間と重なります。", "It would run into a facility's own round."},
	dispatch.CodeNotice:         {"申し込みの期限を過ぎています。", "It is asked for later than the rules allow."},
	dispatch.CodeTooEarly:       {"まだ受付が始まっていません。", "Booking is not open yet."},
	dispatch.CodeFareAboveCap:   {"料金が上限を超えます。", "The fare would be above its cap."},
	dispatch.CodeOverlap:        {"その時間にはこの方のご予約がすでにあります。", "The rider has another ride at that time."},
	dispatch.CodeBadWeather:     {"雪や荒天のため、急を要するご用件の送迎だけを行っています。", "Because of snow or a storm only what cannot wait is driven."},
	dispatch.CodeMended:         {"道路や車両の状況により、運行計画を組み直しました。", "The plan was mended because of the roads or the vehicles."},
	dispatch.CodeBackInService:  {"車両が運行に戻りました。", "The vehicle is in service again."},
	dispatch.CodeNeedAttendant:  {"付き添いの方が必要です。", "An attendant must come along."},
}

var anySentence = sentence{"申し訳ありませんが、お受けできません。", "This ride cannot be offered."}

// sentenceOf finds what to say for a refusal: what the engine says of its cause, or of its code.
func sentenceOf(r *dispatch.Refusal) sentence {
	if ja := r.Sentence("ja"); ja != "" {
		return sentence{ja, r.Sentence("en")}
	}
	if s, ok := codeSentences[r.Code]; ok {
		return s
	}
	return anySentence
}

func rejections(list []dispatch.Refusal) []*swmaasv1.Rejection {
	out := make([]*swmaasv1.Rejection, len(list))
	for i := range list {
		r := &list[i]
		say := sentenceOf(r)
		out[i] = &swmaasv1.Rejection{
			Code: r.Code, Cause: r.Cause, SentenceJa: say.ja, SentenceEn: say.en, Unit: r.Unit, Shifts: int32(r.Shifts),
			WayJa: r.JaWay, WayEn: r.EnWay, LegalMode: string(r.Mode),
		}
		if r.Unit != "" {
			out[i].Limit, out[i].Actual = &r.Limit, &r.Actual
		}
		for _, x := range r.Relaxations {
			out[i].Relaxations = append(out[i].Relaxations, &swmaasv1.Relaxation{
				Change: x.Change, Amount: x.Amount, Unit: x.Unit, ShiftId: string(x.Shift),
			})
		}
	}
	return out
}
