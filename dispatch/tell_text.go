package dispatch

import (
	"fmt"
	"strings"
)

// sentences is what to say, made from the Tell and the rides that it is about whenever somebody reads it, so that it can never
// say something else than is stored. It names nobody.
func (t *Tell) sentences(rides []*Ride) Sentences {
	switch t.Reason {
	case TellPostponed:
		return t.sayPostponed()
	case TellPromiseMoved, TellCondition:
		return t.sayMoved()
	case TellLate:
		return t.sayLate()
	case TellDropped:
		return t.sayDropped()
	case TellRefused:
		return t.sayRefused(rides)
	case TellCallBack:
		return t.sayCallBack()
	case TellEvening:
		return sayEvening(rides)
	case TellWatchOver:
		return t.sayNoAnswer(rides)
	case TellReturnOpen:
		return t.sayReturn()
	}
	return Sentences{}
}

// windowText is a promised pickup as it is read out.
func windowText(w Window) string {
	if w.Earliest >= w.Latest {
		return clockText(w.Earliest)
	}
	return clockText(w.Earliest) + "〜" + clockText(w.Latest)
}

func windowEnglish(w Window) string {
	if w.Earliest >= w.Latest {
		return "at " + clockText(w.Earliest)
	}
	return "from " + clockText(w.Earliest) + " to " + clockText(w.Latest)
}

// apology begins what is told of a change for the worse, by its cause.
func (t *Tell) apology() Sentences {
	if s, ok := tellCauses()[t.Code]; ok {
		return Sentences{s.Ja + "のため、", "Because of " + s.En + ", "}
	}
	return Sentences{"申し訳ありませんが、", "We are sorry: "}
}

// tellCauses are the causes that a rider can be told, by code; any other is not named.
func tellCauses() map[string]Sentences {
	return map[string]Sentences{
		"CLOSURE":             {"道路の通行止め", "a closed road"},
		"SLOW_ROADS":          {"道路の混雑", "slow traffic"},
		"SNOW":                {"大雪", "heavy snow"},
		"BAD_WEATHER":         {"悪天候", "bad weather"},
		"BREAKDOWN":           {"車両の故障", "a vehicle that broke down"},
		"DRIVER_SICK":         {"運転者の体調不良", "a driver who fell ill"},
		"NO_DRIVER":           {"運転者の都合", "a driver who could not come"},
		CodeNoVehicle:         {"車両の手配がつかない", "a lack of vehicles"},
		"SITE_CLOSED":         {"行き先の休業", "a closed destination"},
		"VEHICLE_LATE":        {"車両の遅れ", "a vehicle that was late"},
		"DISPATCHER_OVERRIDE": {"運行の都合", "a change of the plan"},
	}
}

func (t *Tell) sayMoved() Sentences {
	sorry, ja, en := t.apology(), "お迎えの時間が", "your pickup "
	was, is := t.Before.Pickup, t.After.Pickup
	switch {
	case t.Before == (Promise{}):
		ja, en = ja+windowText(is)+"に決まりました", en+"is now "+windowEnglish(is)
		sorry = Sentences{}
	case was != is:
		ja, en = ja+windowText(was)+"から"+windowText(is)+"に変わります", en+"changes: "+windowEnglish(is)+" instead of "+windowEnglish(was)
	default:
		ja, en = "お迎えは"+windowText(is)+"のままです", en+"stays "+windowEnglish(is)
		if longer := t.After.MaxRide; t.After.ArriveBy == 0 && longer > t.Before.MaxRide {
			ja = "お迎えは" + windowText(is) + "のままですが、乗車時間が" + spanJapanese(int64(longer)) + "ほどになることがあります"
			en += ", but you may be aboard for " + spanEnglish(int64(longer))
		}
	}
	if t.After.ArriveBy > 0 {
		ja += fmt.Sprintf("。到着は%sまでになります", clockText(t.After.ArriveBy))
		en += fmt.Sprintf("; you arrive by %s", clockText(t.After.ArriveBy))
	}
	return Sentences{sorry.Ja + ja + "。よろしいでしょうか。", upper(sorry.En+en) + ". Is that all right?"}
}

func (t *Tell) sayLate() Sentences {
	late := int64(t.After.Pickup.Latest - t.Before.Pickup.Latest)
	if late <= 0 {
		return Sentences{
			fmt.Sprintf("到着が遅れ、%sごろの見込みです（お約束は%sまで）。", clockText(t.After.ArriveBy), clockText(t.Before.arrives())),
			fmt.Sprintf("You are expected to arrive late, at about %s (promised by %s).", clockText(t.After.ArriveBy), clockText(t.Before.arrives())),
		}
	}
	return Sentences{
		fmt.Sprintf("お迎えの車が約%s遅れています。%sごろになる見込みです。", spanJapanese(late), clockText(t.After.Pickup.Latest)),
		fmt.Sprintf("The vehicle is about %s late and is expected at about %s.", spanEnglish(late), clockText(t.After.Pickup.Latest)),
	}
}

// sayPostponed is about a ride that waits for better weather.
func (t *Tell) sayPostponed() Sentences {
	sorry, was := t.apology(), t.Before.Pickup
	return Sentences{
		sorry.Ja + windowText(was) + "のお迎えを見合わせます。運行を再開しましたら、こちらからご連絡します。お急ぎのご用件でしたらお聞かせください。",
		upper(sorry.En + "your ride " + windowEnglish(was) + " is put off. We call you as soon as we drive again. Tell us if it cannot wait."),
	}
}

func (t *Tell) sayDropped() Sentences {
	sorry, was := t.apology(), t.Before.Pickup
	if was == (Window{}) {
		return Sentences{sorry.Ja + "お迎えに行けなくなりました。別の方法をご相談させてください。", upper(sorry.En + "we cannot fetch you. Let us find another way.")}
	}
	return Sentences{
		sorry.Ja + windowText(was) + "のお迎えに行けなくなりました。別の方法をご相談させてください。",
		upper(sorry.En + "we cannot fetch you " + windowEnglish(was) + ". Let us find another way."),
	}
}

func (t *Tell) sayRefused(rides []*Ride) Sentences {
	at := Sentences{"お待ちいただいていたご乗車は", "the ride that you waited for"}
	if len(rides) > 0 && rides[0].Order != "" {
		at = Sentences{"いつもの曜日のご乗車は", "your regular ride"}
	}
	return Sentences{"申し訳ありませんが、" + at.Ja + "お受けできませんでした。", "We are sorry: " + at.En + " could not be given."}
}

func (t *Tell) sayCallBack() Sentences {
	if t.Code != FreedPlace {
		return Sentences{
			fmt.Sprintf("%sまでに折り返しお電話するお約束です。", clockText(t.Deadline)), fmt.Sprintf("They were promised a call back by %s.", clockText(t.Deadline)),
		}
	}
	return Sentences{
		fmt.Sprintf("お席に空きが出ました。%sのお迎えでよろしいでしょうか（%sまで確保しています）。", windowText(t.After.Pickup), clockText(t.Deadline)),
		fmt.Sprintf("A place has become free: a pickup %s. Would you like it? It is held until %s.", windowEnglish(t.After.Pickup), clockText(t.Deadline)),
	}
}

func sayEvening(rides []*Ride) Sentences {
	var ja, en []string
	for _, r := range rides {
		if r.Latent() {
			ja = append(ja, fmt.Sprintf("%sまでにお電話をいただいてからのお迎え", clockText(r.CallBy())))
			en = append(en, fmt.Sprintf("when you call, by %s at the latest", clockText(r.CallBy())))
			continue
		}
		ja, en = append(ja, windowText(r.Promise.Pickup)+"のお迎え"), append(en, windowEnglish(r.Promise.Pickup))
	}
	if len(rides) == 0 {
		return Sentences{"明日のご予約はなくなりました。", "There is no ride tomorrow any more."}
	}
	return Sentences{
		"明日のご乗車の確認です。" + strings.Join(ja, "、") + "です。", "A reminder of tomorrow: you are fetched " + strings.Join(en, "; ") + ".",
	}
}

func (t *Tell) sayNoAnswer(rides []*Ride) Sentences {
	if len(rides) > 0 && rides[0].Actual.PickupArrive > 0 {
		at := clockText(rides[0].Actual.PickupArrive)
		return Sentences{
			at + "にお迎えに伺いましたが、お返事がありませんでした。ご無事かどうかの確認をお願いします。",
			"The vehicle was at the door at " + at + " and nobody answered. Please make sure that the person is well.",
		}
	}
	return Sentences{
		"お迎えに伺いましたが、お返事がありませんでした。ご無事かどうかの確認をお願いします。",
		"The vehicle was at the door and nobody answered. Please make sure that the person is well.",
	}
}

func (t *Tell) sayReturn() Sentences {
	was := t.Before.Pickup
	return Sentences{
		"行きはお会いできませんでした。" + windowText(was) + "のお帰りのお迎えは必要でしょうか（このまま取ってあります）。",
		"You were not met on the way there. Do you still want to be fetched " + windowEnglish(was) + "? The ride is kept.",
	}
}

// upper makes the first letter of an English sentence a capital.
func upper(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}
