package dispatch

import "fmt"

// Sentence says a refusal in one sentence that can be read to the caller, in Japanese for "ja" and in English for anything else,
// with the nearest time at which the ride would be possible where there is one. It holds nothing about anybody. It is
// empty for a cause that has no sentence.
func (r *Refusal) Sentence(lang string) string {
	if r.Ja != "" {
		if lang == "ja" {
			return r.Ja
		}
		return r.En
	}
	say, ok := causeSentences()[r.Cause]
	if !ok {
		return ""
	}
	if lang == "ja" {
		return say.ja(r) + r.helpJapanese()
	}
	return say.en(r) + r.helpEnglish()
}

// saying is the first half of a sentence, without its full stop, in both languages.
type saying struct{ ja, en func(r *Refusal) string }

func plain(ja, en string) saying {
	return saying{func(*Refusal) string { return ja }, func(*Refusal) string { return en }}
}

func causeSentences() map[string]saying {
	return map[string]saying{
		CausePickupWindow: plain("ご希望の時間帯にお迎えに行ける車両がありません", "No vehicle can be there at the wished time"),
		CauseArrival:      plain("ご希望の時刻までにお送りできる車両がありません", "No vehicle can arrive by the wished time"),
		CauseRideTime: {
			func(r *Refusal) string { return "乗車時間が上限の" + spanJapanese(r.Limit) + "を超えます" },
			func(r *Refusal) string { return "The ride would take longer than the limit of " + spanEnglish(r.Limit) },
		},
		CauseCapacity: {
			func(r *Refusal) string { return "その時間帯は" + lackJapanese(r) + "足りません" },
			func(r *Refusal) string { return "At that time the vehicles lack " + lackEnglish(r) },
		},
		CauseEquipment:    plain("必要な設備（リフトなど）のある車両がありません", "No vehicle has the aids that are needed"),
		CauseShiftStart:   plain("車両の運行が始まる前の時間です", "It is before the hours of the vehicles"),
		CauseShiftEnd:     plain("車両の運行終了の時刻に間に合いません", "The vehicle would not be back by the end of its hours"),
		CauseProtectedRun: plain("施設の送迎の時間と重なります", "The time overlaps a facility's own round"),
		CauseDuration:     plain("運転者の乗務時間の上限を超えます", "The driver's longest time on duty would be passed"),
		CauseBreak:        plain("運転者の休憩時間と重なります", "The driver's break does not leave time for it"),
		CausePromise:      plain("他の方とのお約束を守れなくなります", "A promise to another rider would be broken"),
		CauseOrder:        plain("決まっている停車の順番を変えられません", "The order of the stops is fixed and leaves no place for the ride"),
		CauseFreeze:       plain("まもなく到着する方がいるため、寄り道ができません", "Somebody aboard is about to arrive and is not taken on a detour"),
		CauseGroup:        plain("制度上、同乗できない方が乗車しています", "The people aboard may not share a vehicle under the rules"),
		CauseIncompatible: plain("同乗できない方が乗車しています", "Somebody aboard may not share a vehicle with this rider"),
		CauseShare:        plain("ご一緒の方と同じ車両にお乗りいただけません", "The group could not travel in one vehicle"),
		CauseVehicle:      plain("指定された車両ではお受けできません", "The vehicle that was asked for cannot take it"),
		CauseStorm:        plain("雪や荒天のため、その時間は透析など急を要するご用件の送迎だけを行っています", "Because of snow or a storm only what cannot wait, such as dialysis, is driven at that time"),
		CauseOwnRide: {
			func(r *Refusal) string {
				return "ご本人の乗車時間の上限（" + spanJapanese(r.Limit) + "）に収まる車両がありません"
			},
			func(r *Refusal) string {
				return "No vehicle keeps to the rider's own limit of " + spanEnglish(r.Limit) + " aboard"
			},
		},
		CauseOwnWait: {
			func(r *Refusal) string {
				return "ご本人の待ち時間の上限（" + spanJapanese(r.Limit) + "）に収まる車両がありません"
			},
			func(r *Refusal) string {
				return "No vehicle keeps to the rider's own limit of " + spanEnglish(r.Limit) + " of waiting"
			},
		},
		CauseOwnVehicle: plain("ご本人がお乗りになれる車両では、その時間にお受けできません", "None of the vehicles that the rider may ride in can do it at that time"),
		CauseDriver:     plain("この方をお乗せできる運転者の車両がありません", "No vehicle is driven by somebody whom this rider may ride with"),
		CausePlace: {
			func(r *Refusal) string { return endOf(r).Ja + "の近くに車の通れる道がありません" },
			func(r *Refusal) string { return "No road that a vehicle can use is near the " + endOf(r).En },
		},
		CauseOverlap:  plain("その時間にはこの方のご予約がすでにあります", "The rider has another ride at that time"),
		CausePast:     plain("ご希望の時間にはもう間に合いません", "It is too late for the wished time"),
		CauseOutbound: plain("ご希望の時間には行きの乗車がまだ終わっていません", "The way there has not arrived by the wished time"),
		CauseNext:     plain("次の乗車のお迎えに間に合いません", "It would arrive after the next ride of the trip begins"),
		CauseNoShift:  plain("その日に運行する車両がありません", "No vehicle runs on that day"),
		CauseRoad:     plain("車両が道路で行くことができません", "No road leads there"),
	}
}

// endOf is which end of the ride a refusal is about.
func endOf(r *Refusal) Sentences {
	if r.Code == CodeBadPickup {
		return Sentences{"お迎えの場所", "pickup"}
	}
	return Sentences{"行き先", "destination"}
}

// help is the smallest move of the wish, then the longer ride that would do; nil for neither.
func (r *Refusal) help() *Relaxation {
	var best *Relaxation
	for i := range r.Relaxations {
		x := &r.Relaxations[i]
		switch {
		case x.Change != RelaxLater && x.Change != RelaxEarlier && x.Change != RelaxRide:
		case best == nil, best.Change == RelaxRide, x.Change != RelaxRide && x.Amount < best.Amount:
			best = x
		}
	}
	return best
}

func (r *Refusal) helpJapanese() string {
	x := r.help()
	if x == nil {
		return "。"
	}
	switch x.Change {
	case RelaxLater:
		return "が、" + spanJapanese(x.Amount) + "後なら可能です。"
	case RelaxEarlier:
		return "が、" + spanJapanese(x.Amount) + "前なら可能です。"
	}
	return "が、乗車時間が" + spanJapanese(x.Amount) + "長くなってもよければ可能です。"
}

func (r *Refusal) helpEnglish() string {
	x := r.help()
	if x == nil {
		return "."
	}
	switch x.Change {
	case RelaxLater:
		return "; " + spanEnglish(x.Amount) + " later it would be possible."
	case RelaxEarlier:
		return "; " + spanEnglish(x.Amount) + " earlier it would be possible."
	}
	return "; with a ride " + spanEnglish(x.Amount) + " longer it would be possible."
}

// minutes rounds seconds up, as no limit is said to be smaller than it is.
func minutes(seconds int64) int64 { return (seconds + 59) / 60 }

func spanJapanese(seconds int64) string {
	m := minutes(seconds)
	switch {
	case m < 60:
		return fmt.Sprintf("%d分", m)
	case m%60 == 0:
		return fmt.Sprintf("%d時間", m/60)
	}
	return fmt.Sprintf("%d時間%d分", m/60, m%60)
}

func spanEnglish(seconds int64) string {
	m := minutes(seconds)
	switch {
	case m < 60:
		return count(m, "minute")
	case m%60 == 0:
		return count(m/60, "hour")
	}
	return count(m/60, "hour") + " " + count(m%60, "minute")
}

func count(n int64, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

func lackJapanese(r *Refusal) string {
	n := miss(r)
	switch r.Unit {
	case UnitWheelchairs:
		return fmt.Sprintf("車いすの場所が%d台分", n)
	case UnitStretchers:
		return fmt.Sprintf("ストレッチャーの場所が%d台分", n)
	}
	return fmt.Sprintf("座席が%d席", n)
}

func lackEnglish(r *Refusal) string {
	switch n := miss(r); r.Unit {
	case UnitWheelchairs:
		return count(n, "wheelchair place")
	case UnitStretchers:
		return count(n, "stretcher place")
	default:
		return count(n, "seat")
	}
}
