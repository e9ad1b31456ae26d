package dispatch

import "slices"

// The needs of riders: the 29 codes of specialAttributes (Transactional Data Specification, TCRP Report 210, 2020, Appendix
// D). Values are stored and part of the contract.
const (
	CareAmbulatory     Care = "A"
	CareAmbulatoryLift Care = "AL"
	CareCane           Care = "C"
	CareCrutches       Care = "CU"
	CareDoorToDoor     Care = "D2D"
	CareDriverAlert    Care = "DA"
	CareThroughDoor    Care = "DTD"
	CareElectricChair  Care = "E"
	CareHearing        Care = "HIP"
	CareIntellectual   Care = "IDD"
	CareKidney         Care = "KD"
	CareMentalHealth   Care = "MH"
	CareDementia       Care = "MIP"
	CareNeurological   Care = "NDD"
	CareNeverAlone     Care = "NLA"
	CareOxygen         Care = "O"
	CareScooter        Care = "S"
	CareServiceAnimal  Care = "SA"
	CareSeizures       Care = "SD"
	CareSpeech         Care = "SI"
	CareTemporary      Care = "TD"
	CareUnstable       Care = "U"
	CareVision         Care = "VIP"
	CareWheelchair     Care = "W"
	CareWalker         Care = "WA"
	CareKneeWalker     Care = "WAK"
	CareExtendedLeg    Care = "WE"
	CareTransfers      Care = "WT"
	CareWideChair      Care = "WW"
)

// Our own codes tell a driver what to do where the code of TDS would tell a diagnosis.
const (
	CareSpeakTo Care = "X-SPEAK" // speak to the rider at every step
	CareWatch   Care = "X-WATCH" // keep an eye on the rider
	CareGuide   Care = "X-GUIDE" // lead by the arm, say what is ahead
	CareWrite   Care = "X-WRITE" // write or show instead of speaking
	CareSlowly  Care = "X-SLOW"  // leave time
)

// CareKind says what kind of need a code is.
type CareKind uint8

// The kinds of needs, as TDS groups them.
const (
	MobilityAid CareKind = iota + 1
	ServiceNeed
	Medical // a diagnosis: it stays in the register
)

// careRow is what is known of one code.
type careRow struct {
	code   Care
	kind   CareKind
	ja     string
	driver Care // what a driver is told in its place, the code itself or empty for nothing
}

// careRows lists every code in the order in which people read them.
var careRows = [...]careRow{
	{CareAmbulatory, MobilityAid, "自分で歩ける", CareAmbulatory},
	{CareAmbulatoryLift, MobilityAid, "歩けるが乗降にリフトを使う", CareAmbulatoryLift},
	{CareCane, MobilityAid, "杖", CareCane},
	{CareCrutches, MobilityAid, "松葉杖", CareCrutches},
	{CareWalker, MobilityAid, "歩行器", CareWalker},
	{CareKneeWalker, MobilityAid, "膝つき歩行器", CareKneeWalker},
	{CareWheelchair, MobilityAid, "車いす", CareWheelchair},
	{CareTransfers, MobilityAid, "車いす(座席に移れる)", CareTransfers},
	{CareElectricChair, MobilityAid, "電動車いす", CareElectricChair},
	{CareWideChair, MobilityAid, "幅の広い車いす", CareWideChair},
	{CareExtendedLeg, MobilityAid, "脚を伸ばす車いす", CareExtendedLeg},
	{CareScooter, MobilityAid, "電動カート", CareScooter},
	{CareDoorToDoor, ServiceNeed, "玄関先まで付き添う", CareDoorToDoor},
	{CareThroughDoor, ServiceNeed, "家の中まで付き添う", CareThroughDoor},
	{CareNeverAlone, ServiceNeed, "一人にしない", CareNeverAlone},
	{CareDriverAlert, ServiceNeed, "運転者への連絡事項あり", CareDriverAlert},
	{CareUnstable, ServiceNeed, "足元が不安定", CareUnstable},
	{CareOxygen, ServiceNeed, "酸素", CareOxygen},
	{CareServiceAnimal, ServiceNeed, "補助犬", CareServiceAnimal},
	{CareHearing, ServiceNeed, "耳が不自由", CareWrite},
	{CareSeizures, Medical, "発作", CareWatch},
	{CareVision, Medical, "目が不自由", CareGuide},
	{CareSpeech, Medical, "言葉が不自由", CareWrite},
	{CareDementia, Medical, "認知症", CareSpeakTo},
	{CareIntellectual, Medical, "知的・発達障害", CareSpeakTo},
	{CareMentalHealth, Medical, "精神の病気", CareSpeakTo},
	{CareNeurological, Medical, "神経・変性疾患", CareSlowly},
	{CareKidney, Medical, "腎臓病", ""},
	{CareTemporary, Medical, "一時的な障害", CareSlowly},

	{CareSpeakTo, ServiceNeed, "要声かけ", CareSpeakTo},
	{CareWatch, ServiceNeed, "要見守り", CareWatch},
	{CareGuide, ServiceNeed, "手引きが必要", CareGuide},
	{CareWrite, ServiceNeed, "筆談・身ぶりで", CareWrite},
	{CareSlowly, ServiceNeed, "ゆっくり乗降", CareSlowly},
}

// Cares lists every code that is known, those of TDS first.
func Cares() []Care {
	list := make([]Care, len(careRows))
	for i := range careRows {
		list[i] = careRows[i].code
	}
	return list
}

func (c Care) row() *careRow {
	for i := range careRows {
		if careRows[i].code == c {
			return &careRows[i]
		}
	}
	return nil
}

// Known reports whether the code is one of TDS or of ours.
func (c Care) Known() bool { return c.row() != nil }

// Kind is the kind of need, 0 for an unknown code.
func (c Care) Kind() CareKind {
	if row := c.row(); row != nil {
		return row.kind
	}
	return 0
}

// Word is the code in Japanese, for those who may see the register; the code itself where it is unknown.
func (c Care) Word() string {
	if row := c.row(); row != nil {
		return row.ja
	}
	return string(c)
}

// ForDriver is the code that a driver is told in this one's place: what to do, never a diagnosis. It is empty where the
// driver needs to know nothing, as with an unknown code.
func (c Care) ForDriver() Care {
	if row := c.row(); row != nil {
		return row.driver
	}
	return ""
}

// careForDriver is the needs as a driver is told them, each once, in the order of careRows so that none tells what it came
// from by its place.
func careForDriver(list []Care) []Care {
	var out []Care
	for i := range careRows {
		told := careRows[i].code
		if slices.ContainsFunc(list, func(c Care) bool { return c.ForDriver() == told }) {
			out = append(out, told)
		}
	}
	return out
}
