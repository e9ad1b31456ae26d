package api

import (
	swmaasv1 "github.com/swmaas/swmaas/api/gen/swmaas/v1"
	"github.com/swmaas/swmaas/dispatch"
)

// sentence is one thing to say to the caller, in both languages.
type sentence struct{ ja, en string }

// causeSentences say what stood in the way of a ride on the vehicles of the day, by the name of the constraint that bound.
var causeSentences = map[string]sentence{
	"equipment":    {"必要な設備（リフトなど）のある車両がありません。", "No vehicle of that day has the aids that are needed."},
	"layout":       {"その時間帯は座席または車いすの場所が足りません。", "There is no room left for the party at that time."},
	"order":        {"決まっている停車の順番を変えられないため、お受けできません。", "The order of the stops is fixed and leaves no place for this ride."},
	"break":        {"運転者の休憩時間と重なるため、お受けできません。", "The driver's break does not leave time for it."},
	"group":        {"制度上、同乗できない方が乗車しています。", "The people aboard may not share a vehicle under the rules."},
	"incompatible": {"同乗できない方がいるため、お受けできません。", "Somebody aboard may not share a vehicle with this rider."},
	"share":        {"同じ車両に乗る方と時間が合いません。", "The group could not travel in one vehicle."},
	"freeze":       {"まもなく到着する方がいるため、寄り道ができません。", "Somebody aboard is about to arrive and is not taken on a detour."},
	"reach":        {"道路で行くことができません。", "No road leads there."},
	"window":       {"ご希望の時間に間に合う車両がありません。", "No vehicle can be there at the wished time."},
	"promise":      {"他の方とのお約束の時間に間に合わなくなります。", "A promise to another rider would be broken."},
	"wait":         {"お待たせする時間が長くなりすぎます。", "The wait would be too long."},
	"ride":         {"乗車時間が長くなりすぎます。", "Somebody would sit in the vehicle too long."},
	"shift":        {"車両の運行時間に収まりません。", "It does not fit within the hours of the vehicles."},
	"duration":     {"運転者の乗務時間の上限を超えます。", "The driver's longest time on duty would be passed."},
	"vehicle":      {"指定された車両では、お受けできません。", "The vehicle that was asked for cannot take it."},
}

// codeSentences say the same by code, where the cause has no sentence of its own.
var codeSentences = map[string]sentence{
	dispatch.CodeNoVehicle:      {"ご案内できる車両がありません。", "No vehicle is available."},
	dispatch.CodeBadPickup:      {"お迎え先の近くに車両の通れる道路がありません。", "No road that vehicles can use is near the pickup place."},
	dispatch.CodeBadDropoff:     {"行き先の近くに車両の通れる道路がありません。", "No road that vehicles can use is near the dropoff place."},
	dispatch.CodeNoWay:          {"お迎え先から行き先まで道路で行くことができません。", "No road leads from the pickup to the dropoff place."},
	dispatch.CodeOutsideService: {"ご希望の時間は過ぎているか、運行時間外です。", "The wished time has passed or lies outside the hours of service."},
}

var anySentence = sentence{"申し訳ありませんが、お受けできません。", "This ride cannot be offered."}

// sentenceOf finds what to say for a refusal.
func sentenceOf(r *dispatch.Refusal) sentence {
	if s, ok := causeSentences[r.Cause]; ok && r.Code == dispatch.CodeNoVehicle {
		return s
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
		}
		if r.Unit != "" {
			out[i].Limit, out[i].Actual = &r.Limit, &r.Actual
		}
	}
	return out
}
