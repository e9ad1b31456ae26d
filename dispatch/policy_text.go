package dispatch

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// sentence is the text of one rule: what is wrong and what would make it possible. {words} are filled in.
type sentence struct{ code, ja, en, jaWay, enWay string }

// policySentences has a row for every reason that a policy can give. It is read only.
var policySentences = map[string]sentence{
	"no_policy":   {CodeNoPolicy, "この地域のこの日の運行のきまりが登録されていません。", "No policy is in force for this area on this day.", "地域と期間を定めた方針を登録する。", "Load a policy for the area and the date."},
	"mode_closed": {CodeWrongLevel, "この運送のしくみは、この日は行われていません。", "This legal mode is not open on this day.", "別のしくみで申し込む。", "Ask for another mode."},

	"closed_day":      {CodeOutsideService, "{day} は運休日です。", "There is no service on {day}.", "運行日を選ぶ。", "Choose a day with service."},
	"outside_hours":   {CodeOutsideService, "運行時間は {from} から {to} までです。", "Service hours are {from} to {to}.", "運行時間内の時刻を選ぶ。", "Choose a time within the service hours."},
	"direct_too_long": {CodeNoWay, "片道 {limit_min} 分を超える移動は運べません。", "Rides of more than {limit_min} minutes one way are not given.", "近い行き先を選ぶ。", "Choose a nearer destination."},
	"not_open_yet":    {CodeTooEarly, "受付は {until} からです。", "Booking opens at {until}.", "受付が始まってから申し込む。", "Ask again once booking is open."},
	"cut_off":         {CodeNotice, "受付は {until} で締め切りました。", "Booking closed at {until}.", "次の運行日を選ぶ。", "Choose a later service day."},
	"notice":          {CodeNotice, "ご利用の {limit_min} 分前までに申し込みが必要です。", "A ride must be asked for {limit_min} minutes ahead.", "もっと遅い時刻を選ぶ。", "Choose a later time."},

	"standing":          {CodeBadUser, "{who}はこのしくみの対象ではありません。", "A {who} may not ride in this mode.", "対象となるしくみで申し込む。", "Ask for a mode that serves this person."},
	"category_none":     {CodeBadUser, "対象となる区分（イ〜ト）の登録がありません。", "No category of eligible persons (イ to ト) is registered.", "区分を確かめる書類を提出し、登録を受ける。", "Register a category with its evidence."},
	"category_evidence": {CodeBadUser, "区分を確かめる書類が未確認です。", "The evidence for the category has not been seen.", "手帳や被保険者証などを提示する。", "Show the certificate or insurance card."},
	"category_expired":  {CodeExpired, "区分の有効期限（{until}）が切れています。", "The category expired on {until}.", "更新した書類を提示する。", "Show the renewed document."},
	"not_listed":        {CodeBadUser, "旅客の名簿に登録されていません。", "The person is not on the list of registered passengers.", "名簿への登録を申し込む。", "Apply to be put on the list."},
	"list_expired":      {CodeExpired, "名簿の登録期限（{until}）が切れています。", "The entry on the list expired on {until}.", "登録を更新する。", "Renew the entry."},
	"list_purpose":      {CodeBadUser, "名簿の登録は、この用件を含みません。", "The entry on the list does not cover this purpose.", "登録の内容を変更する。", "Have the entry changed."},
	"needs_help":        {CodeBadUser, "一人で公共交通を使うことが難しい方のための運送です。", "This mode is for people who cannot move or use public transport without help.", "状況の聞き取りを受け、記録する。", "Have the need assessed and recorded."},
	"own_users":         {CodeBadUser, "施設の利用者だけが乗れる送迎です。", "Only users of the facility ride in its own transport.", "ほかのしくみで申し込む。", "Ask for another mode."},
	"purpose":           {CodeWrongLevel, "この用件には使えません。", "The mode does not serve this purpose.", "対象となる用件か、ほかのしくみを選ぶ。", "Choose a purpose that is served, or another mode."},
	"attendant":         {CodeNeedAttendant, "付き添いの方が必要です。", "An attendant must come along.", "付き添いの方と申し込む。", "Book with an attendant."},
	"area":              {CodeOutsideArea, "乗り場と降り場が運送の区域にありません。", "The ends of the ride do not lie in the agreed area.", "区域内の場所を選ぶ。", "Choose a place inside the area."},
	"quota":             {CodeQuota, "{period}{limit} 回までのご利用です。", "The limit is {limit} rides {period}.", "次の期間に申し込む。", "Ask for a day in the next period."},
	"quota_own_car":     {CodeQuota, "ご家庭に車がある方は{period}{limit} 回までです。", "A household with a car has {limit} rides {period}.", "次の期間に申し込む。", "Ask for a day in the next period."},

	"driver_licence_missing":   {CodeNoDriver, "必要な運転免許がありません。", "The driver lacks the licence that is needed.", "有資格の運転者に替える。", "Put a qualified driver on the shift."},
	"driver_licence_expired":   {CodeNoDriver, "運転免許の期限（{until}）が切れています。", "The driving licence expired on {until}.", "免許を更新するか、運転者を替える。", "Renew the licence, or change the driver."},
	"driver_licence_suspended": {CodeNoDriver, "運転免許の停止中です。", "The driving licence is suspended.", "運転者を替える。", "Change the driver."},
	"driver_aptitude_test_due": {CodeNoDriver, "事故後の適性診断が済んでいません。", "The aptitude test after the accident is due.", "適性診断を受けるか、運転者を替える。", "Take the test, or change the driver."},
	"driver_course_missing":    {CodeNoDriver, "必要な講習（{courses}）を修了していません。", "A course is missing: {courses}.", "講習を受けるか、運転者を替える。", "Take the course, or change the driver."},
	"driver_suspended_before":  {CodeNoDriver, "過去 {limit} 年以内に免許の停止があります。", "The licence was suspended within the last {limit} years.", "第二種免許の運転者などに替える。", "Change the driver."},
	"driver_plain_car_course":  {CodeNoDriver, "福祉車両でない車では、運転者か同乗者の資格（{courses}）が必要です。", "In a plain car the driver or somebody accompanying must hold one of {courses}.", "有資格の職員が同乗するか、福祉車両を使う。", "Let qualified staff ride along, or use a welfare vehicle."},
	"driver_wrong_employer":    {CodeNoDriver, "この運送を行える事業者の運転者ではありません。", "The driver is not of an operator that may run this mode.", "契約した事業者の運転者に替える。", "Use a driver of the contracted operator."},

	"vehicle_persons":        {CodeVehicle, "乗車定員 {actual} 人の車は使えません（{limit} 人まで）。", "A vehicle for {actual} persons may not be used; the limit is {limit}.", "小さい車に替える。", "Use a smaller vehicle."},
	"vehicle_plate_private":  {CodeVehicle, "事業用の車は使えません。", "A business vehicle may not be used.", "自家用の車に替える。", "Use a private vehicle."},
	"vehicle_plate_business": {CodeVehicle, "事業用の車でなければなりません。", "A business vehicle is needed.", "事業者の車に替える。", "Use the operator's vehicle."},
	"vehicle_display":        {CodeVehicle, "車両の表示または対価の掲示がありません。", "Markings or the fare table are missing on the vehicle.", "表示を整える。", "Put the markings in place."},
	"vehicle_agreement":      {CodeVehicle, "個人の車の使用承諾書がありません。", "There is no use agreement for the private car.", "使用承諾書を取り交わす。", "Sign a use agreement."},
	"vehicle_inspection":     {CodeVehicle, "車検の期限が切れています。", "The vehicle's inspection has expired.", "車検を受けるか、別の車に替える。", "Renew the inspection, or use another vehicle."},
	"vehicle_insurance":      {CodeVehicle, "保険の期限が切れています。", "The vehicle's insurance has expired.", "保険を更新するか、別の車に替える。", "Renew the insurance, or use another vehicle."},
	"vehicle_papers":         {CodeVehicle, "車検または保険の期限が記録されていません。", "The inspection or insurance date is not recorded.", "期限を登録する。", "Record the dates."},
	"vehicle_cover":          {CodeVehicle, "保険の補償額が足りません。", "The insurance covers too little.", "補償額を上げる。", "Raise the cover."},
	"vehicle_forbidden":      {CodeVehicle, "補助金などの条件により、この用途に使えない車です。", "A grant does not allow this use of the vehicle.", "別の車に替える。", "Use another vehicle."},
	"other_facility":         {CodeVehicle, "別の施設の車で、共同送迎の取り決めがありません。", "The vehicle is another facility's, and no joint agreement covers both.", "施設間で共同送迎の取り決めを結ぶ。", "Conclude a joint agreement."},
	"protected_run":          {CodeProtectedRun, "施設の送迎の時間と重なります。", "The time overlaps the owner's own round.", "送迎の前か後の時刻を選ぶ。", "Choose a time before or after the round."},

	"alone":             {CodeCoRide, "お一人ずつの運送です。", "This mode carries one rider at a time.", "運営協議会で複数乗車の合意を得る。", "Have pooling agreed by the council."},
	"alone_purpose":     {CodeCoRide, "この用件では、ほかの方と一緒に乗れません。", "Riders for this purpose travel alone.", "複数乗車が認められた用件に限る。", "Pool only for the agreed purposes."},
	"co_ride":           {CodeCoRide, "{a}と{b}の同乗は認められていません。", "A {a} and a {b} may not be aboard together.", "市町村が期間と文書を定めて同乗を認める。", "The municipality can permit it between dates, by a document."},
	"co_ride_mode":      {CodeCoRide, "しくみの違う運送の方どうしは同乗できません。", "Riders of different legal modes may not be aboard together.", "同じしくみで申し込むか、市町村が同乗を認める。", "Ask for the same mode, or have the municipality permit it."},
	"co_ride_forbidden": {CodeCoRide, "{a}と{b}の同乗は、きまりにより禁じられています。", "A rule forbids a {a} and a {b} aboard together.", "きまりの期間が過ぎるのを待つか、改める。", "Wait for the rule to end, or change it."},
	"co_ride_facility":  {CodeCoRide, "別の施設の利用者どうしの同乗は認められていません。", "Users of different facilities may not be aboard together.", "市町村が認め、施設間で取り決めを結ぶ。", "The municipality must permit it and the facilities agree."},
	"co_ride_agreement": {CodeCoRide, "施設の間に有効な共同送迎の取り決めがありません。", "No joint agreement of the facilities is in force.", "費用分担と責任を定めた取り決めを結ぶ。", "Conclude an agreement on costs and liability."},
	"co_ride_closed":    {CodeCoRide, "この日に行われていないしくみの乗客とは同乗できません。", "A passenger of a mode that is closed that day shares with nobody.", "別のしくみで申し込む。", "Ask for another mode."},

	"fare_above_cap": {CodeFareAboveCap, "対価の合計 {actual} 円が上限 {limit} 円を超えます。", "Fares of {actual} yen together exceed the cap of {limit} yen.", "対価を下げる。", "Lower the fares."},
	"fare_forbidden": {CodeFareAboveCap, "このしくみでは対価を受け取れません。", "No fare may be taken in this mode.", "対価を取らない。", "Take no fare."},
}

// refuse begins a refusal by the key of its sentence.
func refuse(rule string, mode LegalMode) PolicyRefusal {
	s := policySentences[rule]
	return PolicyRefusal{Code: s.code, Mode: mode, Rule: rule, Ja: s.ja, En: s.en, JaWay: s.jaWay, EnWay: s.enWay}
}

// with fills a word into both sentences.
func (r PolicyRefusal) with(word, value string) PolicyRefusal { return r.told(word, value, value) }

// told fills a word that differs by language.
func (r PolicyRefusal) told(word, ja, en string) PolicyRefusal {
	r.Ja = strings.ReplaceAll(r.Ja, "{"+word+"}", ja)
	r.En = strings.ReplaceAll(r.En, "{"+word+"}", en)
	return r
}

// figures adds the limit and what was found, and fills them into the sentences.
func (r PolicyRefusal) figures(limit, actual int64, unit string) PolicyRefusal {
	r.Limit, r.Actual, r.Unit = limit, actual, unit
	r = r.with("limit", strconv.FormatInt(limit, 10)).with("actual", strconv.FormatInt(actual, 10))
	return r.with("limit_min", strconv.FormatInt(limit/60, 10))
}

// from says where the rule comes from.
func (r PolicyRefusal) from(source string) PolicyRefusal {
	r.Source = source
	return r
}

// sourced is from for a refusal that is held by reference.
func (r *PolicyRefusal) sourced(source string) *PolicyRefusal {
	r.Source = source
	return r
}

func (s Standing) ja() string {
	switch s {
	case CareUser:
		return "介護施設の利用者"
	case DisabilityUser:
		return "障害福祉サービスの利用者"
	case Visitor:
		return "来訪者"
	default:
		return "住民"
	}
}

func (s Standing) en() string {
	switch s {
	case CareUser:
		return "care user"
	case DisabilityUser:
		return "user of a disability service"
	case Visitor:
		return "visitor"
	default:
		return "resident"
	}
}

func (p Period) ja() string {
	switch p {
	case PerMonth:
		return "月"
	case PerWeek:
		return "週"
	default:
		return "1 日"
	}
}

func (p Period) en() string {
	switch p {
	case PerMonth:
		return "a month"
	case PerWeek:
		return "a week"
	default:
		return "a day"
	}
}

// clockText writes a second of the day as "8:30".
func clockText(second int32) string { return fmt.Sprintf("%d:%02d", second/3600, second/60%60) }

// moment writes a moment as people are told it.
func moment(t time.Time) string { return t.Format("2006-01-02 15:04") }
