package dispatch

// reasonWords says the code of a cancellation, a no-show or a refusal in words. A code of staff's own that is none of the
// vocabulary is another reason; the ride has it as it was given.
func reasonWords(code string) Sentences {
	switch code {
	case "":
		return Sentences{}
	case "BOOKED_BY_MISTAKE":
		return Sentences{"予約の間違い", "booked by mistake"}
	case "BOOKING_TIME", "TOO_LATE":
		return Sentences{"時間が合わない", "the time does not suit"}
	case "CHANGED_MY_MIND":
		return Sentences{"気が変わった", "a change of mind"}
	case "RIDER_REQUEST":
		return Sentences{"ご本人の希望", "the rider's own wish"}
	case "UNABLE_TO_MAKE_TRIP", "ILL", "IN_HOSPITAL", "TRAVELLING", "MOVED": // nobody is told a diagnosis
		return Sentences{"ご都合により利用できなくなった", "the rider cannot make the trip"}
	case "GOES_BY_TAXI", "CAME_HOME_BY_TAXI", "FOUND_OTHER_TRANSPORT":
		return Sentences{"ほかの交通手段を利用", "other transport was taken"}
	case "SITE_CLOSED":
		return Sentences{"行き先が休み", "the destination was closed"}
	case "SNOW", "WEATHER":
		return Sentences{"天候・道路の事情", "weather or the state of the roads"}
	case "VEHICLE_BROKEN":
		return Sentences{"車両の故障", "a breakdown of the vehicle"}
	case "VEHICLE_LATE":
		return Sentences{"車両の遅れ", "the vehicle was late"}
	case "NO_CLIENT":
		return Sentences{"お迎えの場所にいらっしゃいませんでした", "nobody was at the pickup"}
	case "STANDING_ORDER_CHANGED":
		return Sentences{"定期利用の変更", "the standing order was changed"}
	case ReasonWaitlisted:
		return Sentences{"空き待ち", "on the waitlist"}
	case ReasonLapsed:
		return Sentences{"期限までにお返事がありませんでした", "nobody answered in time"}
	case ReasonDeclined:
		return Sentences{"ご辞退", "declined by the caller"}
	case ReasonNoPlace:
		return Sentences{"席が空きませんでした", "no place became free"}
	}
	return refusedWords(code)
}

// refusedWords says the code of a refusal in words.
func refusedWords(code string) Sentences {
	switch code {
	case CodeNoVehicle, "NO_VEHICLE":
		return Sentences{"お乗せできる車両がありませんでした", "no vehicle could take the ride"}
	case CodeBadPickup, CodeBadDropoff:
		return Sentences{"近くに車の通れる道がありません", "no road that a vehicle can use is near"}
	case CodeNoWay:
		return Sentences{"車両が道路で行くことができません", "no road leads there"}
	case CodeOutsideService, CodeOutsideArea:
		return Sentences{"運行の時間または区域の外です", "outside the hours or the area of the service"}
	case CodeCoRide:
		return Sentences{"同乗できない方がいました", "people who may not share a vehicle"}
	case CodeOverlap:
		return Sentences{"同じ時間にほかのご予約がありました", "another ride at that time"}
	case CodeQuota:
		return Sentences{"利用回数の上限に達しました", "the quota was used up"}
	case CodeExpired, CodeBadUser, CodeWrongLevel:
		return Sentences{"利用の資格を確かめられませんでした", "the rider was not eligible"}
	case CodeNoDriver:
		return Sentences{"資格のある運転者がいませんでした", "no qualified driver"}
	case CodeVehicle, CodeNoPolicy, CodeNeedAttendant:
		return Sentences{"きまりにより運行できませんでした", "the rules did not permit it"}
	case CodeFareAboveCap:
		return Sentences{"対価の合計が上限を超えました", "the fares together exceeded the cap"}
	case CodeProtectedRun:
		return Sentences{"施設の送迎と重なりました", "a facility's own round"}
	case CodeNotice, CodeTooEarly:
		return Sentences{"お申し込みの期間の外でした", "outside the time for booking"}
	}
	return Sentences{"その他の理由", "another reason"}
}

// words is who cancelled a ride and how late.
func (k CancelKind) words() Sentences {
	switch k {
	case CancelAdvance:
		return Sentences{"前日までに取り消されています", "It was cancelled before the day"}
	case CancelSameDay:
		return Sentences{"当日に取り消されています", "It was cancelled on the day"}
	case CancelLate:
		return Sentences{"車両がお迎えに向かった後に取り消されています", "It was cancelled after the vehicle had left for it"}
	case CancelAtDoor:
		return Sentences{"車両がお迎えに着いた後に取り消されています", "It was cancelled with the vehicle at the door"}
	case CancelSite:
		return Sentences{"行き先の都合で取り消されています", "It was cancelled because of the destination"}
	case CancelProvider:
		return Sentences{"運行側の都合で取り消されています", "It was cancelled by the service"}
	}
	return Sentences{"取り消されています", "It was cancelled"}
}
