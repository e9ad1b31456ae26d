package api

import (
	swmaasv1 "github.com/swmaas/swmaas/api/gen/swmaas/v1"
	"github.com/swmaas/swmaas/dispatch"
)

// sentence is one thing to say to the caller, in both languages.
type sentence struct{ ja, en string }

// codeSentences say the same by code, where the cause has no sentence of its own.
var codeSentences = map[string]sentence{
	dispatch.CodeNoVehicle:      {"ご案内できる車両がありません。", "No vehicle is available."},
	dispatch.CodeBadPickup:      {"お迎え先の近くに車両の通れる道路がありません。", "No road that vehicles can use is near the pickup place."},
	dispatch.CodeBadDropoff:     {"行き先の近くに車両の通れる道路がありません。", "No road that vehicles can use is near the dropoff place."},
	dispatch.CodeNoWay:          {"お迎え先から行き先まで道路で行くことができません。", "No road leads from the pickup to the dropoff place."},
	dispatch.CodeOutsideService: {"ご希望の時間は過ぎているか、運行時間外です。", "The wished time has passed or lies outside the hours of service."},
}

var anySentence = sentence{"申し訳ありませんが、お受けできません。", "This ride cannot be offered."}

// sentenceOf finds what to say for a refusal: by its cause, and by its code where the cause has no sentence.
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
		}
		if r.Unit != "" {
			out[i].Limit, out[i].Actual = &r.Limit, &r.Actual
		}
	}
	return out
}
