package dispatch

import "strconv"

// PriceKind is how a mode's price is found.
type PriceKind string

// The kinds of price. Only the last four are tariffs, which NoReg and the care modes may not have.
const (
	PriceFree      PriceKind = "FREE"
	PriceActual    PriceKind = "ACTUAL_COST" // fuel, tolls, parking, insurance, hire: itemised afterwards
	PriceCareFee   PriceKind = "CARE_FEE"    // within the fee of the care service
	PriceFlat      PriceKind = "FLAT"
	PriceDistance  PriceKind = "DISTANCE"
	PriceTime      PriceKind = "TIME"
	PriceOperators PriceKind = "OPERATOR" // metered by the operator, or by its contract
)

// tariff reports whether the kind fixes an amount for carriage.
func (k PriceKind) tariff() bool {
	return k == PriceFlat || k == PriceDistance || k == PriceTime || k == PriceOperators
}

// PriceRule is what a rider pays. Amounts are yen. A distance or time price is Base for the first Within metres or seconds and
// Step for every started Every beyond.
type PriceRule struct {
	Kind     PriceKind
	Base     int64
	Within   int32
	Step     int64
	Every    int32
	CapRatio float64 // share of the taxi fare that all fares of a ride together may reach; 0 for no cap
	Extras   []ExtraCharge
	Source   string
}

// ExtraCharge is a side charge (迎車回送, 待機, 介助, 添乗, 設備使用) fixed beforehand.
type ExtraCharge struct {
	Code string
	Yen  int64
	For  string // criteria in words
}

// TaxiTariff is the local taxi tariff that caps are taken from, in yen: Base for the first Within metres, Step for every
// started Every metres beyond, and HalfHour for every started half-hour where fares go by time.
type TaxiTariff struct {
	Base     int64
	Within   int32
	Step     int64
	Every    int32
	HalfHour int64
	Source   string
}

// Price is what a ride costs its rider in yen, with what it was capped by.
type Price struct {
	Kind  PriceKind
	Known bool // false where the amount is not known before the ride, or the length was not given
	Yen   int64
	Taxi  int64 // reference fare for the same distance or time, 0 where none is used
	Cap   int64 // what all fares together may reach, 0 for no cap
}

// halfHour is the unit of taxi fares by time, in seconds.
const halfHour = 1800

// steps is how many started units lie beyond the first within.
func steps(amount, within, every int32) int64 {
	if amount <= within || every <= 0 {
		return 0
	}
	return (int64(amount) - int64(within) + int64(every) - 1) / int64(every)
}

// Fare is the reference fare of a taxi over so many metres, or for so many seconds where byTime.
func (t *TaxiTariff) Fare(meters, seconds int32, byTime bool) int64 {
	if byTime {
		return max(1, steps(seconds, 0, halfHour)) * t.HalfHour
	}
	return t.Base + steps(meters, t.Within, t.Every)*t.Step
}

// yen is the tariff's amount for one rider.
func (r *PriceRule) yen(meters, seconds int32) int64 {
	switch r.Kind {
	case PriceFlat:
		return r.Base
	case PriceDistance:
		return r.Base + steps(meters, r.Within, r.Every)*r.Step
	case PriceTime:
		return r.Base + steps(seconds, r.Within, r.Every)*r.Step
	default:
		return 0
	}
}

// capFor is what all fares together may reach for the distance or time, rounded down, and the taxi fare it comes from.
func (p *Policy) capFor(r *PriceRule, meters, seconds int32) (limit, taxi int64) {
	if r.CapRatio == 0 || p.Taxi == nil {
		return 0, 0
	}
	taxi = p.Taxi.Fare(meters, seconds, r.Kind == PriceTime)
	return int64(float64(taxi)*r.CapRatio + capRounding), taxi
}

// capRounding keeps a product such as 710·0.8, which has no exact binary form, from losing a yen.
const capRounding = 1e-6

// price is what the ride costs, or why it may not be charged so.
func (p *Policy) price(m *ModeRule, q *Question) (Price, *PolicyRefusal) {
	r := &m.Price
	price := Price{Kind: r.Kind}
	switch r.Kind {
	case PriceFree, PriceCareFee:
		price.Known = true
		return price, nil
	case PriceActual, PriceOperators:
		return price, nil
	}
	if q.Meters <= 0 && q.Direct <= 0 {
		price.Known = r.Kind == PriceFlat
		price.Yen = r.yen(0, 0)
		return price, nil
	}
	price.Known, price.Yen = true, r.yen(q.Meters, q.Direct)
	price.Cap, price.Taxi = p.capFor(r, q.Meters, q.Direct)
	return price, p.overCap(m, price.Yen, price.Cap)
}

// CheckFares reports whether the fares of riders who were aboard together stay within the cap for the way that the vehicle
// drove with them: the sum counts, at the quote and again at the close. It returns the cap and the taxi fare to be recorded.
func (p *Policy) CheckFares(mode LegalMode, day Day, fares []int64, meters, seconds int32) (limit, taxi int64, refusal *PolicyRefusal) {
	m := p.Rule(mode, day)
	if m == nil {
		r := refuse("mode_closed", mode)
		return 0, 0, &r
	}
	var sum int64
	for _, f := range fares {
		sum += f
	}
	if !m.Price.Kind.tariff() && sum > 0 && m.Price.Kind != PriceActual {
		r := refuse("fare_forbidden", mode).figures(0, sum, "yen").from(m.Price.Source)
		return 0, 0, &r
	}
	limit, taxi = p.capFor(&m.Price, meters, seconds)
	return limit, taxi, p.overCap(m, sum, limit)
}

// overCap is nil where the sum stays within the cap, or there is none.
func (p *Policy) overCap(m *ModeRule, sum, limit int64) *PolicyRefusal {
	if limit == 0 || sum <= limit {
		return nil
	}
	r := refuse("fare_above_cap", m.Mode).with("limit", strconv.FormatInt(limit, 10)).with("actual", strconv.FormatInt(sum, 10))
	r = r.figures(limit, sum, "yen").from(m.Price.Source)
	return &r
}
