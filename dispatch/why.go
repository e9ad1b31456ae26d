package dispatch

import (
	"context"
	"fmt"

	"github.com/swmaas/swmaas/dispatch/solver"
)

// Sentences is one thing to say, in Japanese and in English. It holds nothing about anybody.
type Sentences struct{ Ja, En string }

// in picks a language: Japanese for "ja", English for anything else.
func (s Sentences) in(lang string) string {
	if lang == "ja" {
		return s.Ja
	}
	return s.En
}

// Why says in one sentence why this is offered: how it meets the wish, what it costs the service and the rider, and under which
// rules it is given.
func (o *Offer) Why(lang string) string {
	w := o.Promise.Pickup
	meets := o.meets()
	return Sentences{
		Ja: fmt.Sprintf("%s〜%s のお迎えなら%s、ほかの方とのお約束を守ったまま、走行の増加が%sで済むためです%s。%s",
			clockText(w.Earliest), clockText(w.Latest), meets.Ja, spanJapanese(max(o.Added, 0)), o.Terms.bracket().Ja, o.ends().Ja),
		En: fmt.Sprintf("A pickup from %s to %s %s, keeps every promise to others, and adds only %s of driving%s.%s",
			clockText(w.Earliest), clockText(w.Latest), meets.En, spanEnglish(max(o.Added, 0)), o.Terms.bracket().En, o.ends().En),
	}.in(lang)
}

// ends says that the rider's eligibility ends soon, and nothing where it does not.
func (o *Offer) ends() Sentences {
	if o.EligibleTo == "" {
		return Sentences{}
	}
	return Sentences{
		fmt.Sprintf("ご利用の資格は %s までです。更新の手続きをご案内ください。", o.EligibleTo),
		fmt.Sprintf(" The rider's eligibility ends on %s and has to be renewed.", o.EligibleTo),
	}
}

// meets says how the offer stands to the wish.
func (o *Offer) meets() Sentences {
	if o.Wish.Kind == ArriveBy {
		if late := o.Promise.ArriveBy - o.Wish.Window.Latest; late != 0 {
			at, off := clockText(o.Promise.ArriveBy), int64(max(late, -late))
			return Sentences{
				"ご希望と" + spanJapanese(off) + "違う " + at + " までに着き", "arrives by " + at + ", " + spanEnglish(off) + " off the wish,",
			}
		}
		at := clockText(o.Wish.Window.Latest)
		return Sentences{"ご希望の " + at + " までに着き", "arrives by the wished " + at}
	}
	off := o.Promise.Pickup.Earliest - o.Wish.Window.Earliest
	if off = max(off, -off); o.Wish.Window.Contains(o.Promise.Pickup.Earliest) {
		return Sentences{"ご希望の時間帯に合い", "lies within the wished time"}
	}
	return Sentences{"ご希望と" + spanJapanese(int64(off)) + "違うだけで", "is only " + spanEnglish(int64(off)) + " off the wish"}
}

// bracket is the mode and the price of a ride in brackets, and nothing where no policy decided.
func (t *Terms) bracket() Sentences {
	if t.Mode == "" {
		return Sentences{}
	}
	fare := Sentences{"料金は乗車後に決まります", "the fare is known after the ride"}
	switch {
	case t.FareKnown && t.Yen == 0:
		fare = Sentences{"無料", "free of charge"}
	case t.FareKnown:
		fare = Sentences{fmt.Sprintf("%d 円", t.Yen), fmt.Sprintf("%d yen", t.Yen)}
	}
	mode := t.Mode.words()
	return Sentences{
		fmt.Sprintf("（%s、%s、「%s」による）", mode.Ja, fare.Ja, t.Policy),
		fmt.Sprintf(" (%s, %s, by the policy %q)", mode.En, fare.En, t.Policy),
	}
}

// words is the name of a legal mode as people say it.
func (m LegalMode) words() Sentences {
	switch m {
	case FukushiYusho:
		return Sentences{"福祉有償運送", "registered welfare transport"}
	case KuhakuYusho:
		return Sentences{"交通空白地有償運送", "registered transport of an area without transport"}
	case NoReg:
		return Sentences{"許可・登録を要しない運送", "transport that needs no permit"}
	case KaigoSougei:
		return Sentences{"施設の送迎", "the facility's own transport"}
	case TaxiContract:
		return Sentences{"タクシー事業者との契約", "a taxi under contract"}
	case HomonB:
		return Sentences{"訪問型サービスB", "accompaniment by residents"}
	case HomonD:
		return Sentences{"訪問型サービスD", "transport support by residents"}
	}
	return Sentences{string(m), string(m)}
}

// Why says in one sentence why a ride stands where it stands: why its vehicle and not another carries it, why none does, or how
// it ended. Errors: ErrNotFound, or the store's.
func (d *Desk) Why(ctx context.Context, area AreaID, id RideID) (Sentences, error) {
	a, err := d.openRide(ctx, area, id)
	if err != nil {
		return Sentences{}, err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	ride := a.state.Rides[id]
	if ride == nil {
		return Sentences{}, fmt.Errorf("%w: ride %s", ErrNotFound, id)
	}
	if !ride.Open() {
		return ride.ended(), nil
	}
	if len(a.shifts) == 0 {
		none := refusals{}.list()[0]
		return none.uncarried(), nil
	}
	m, err := a.modelLocked()
	if err != nil {
		return Sentences{}, err
	}
	r, planned := m.request[id]
	if !planned {
		return Sentences{"まだ時刻が決まっていないため、車両は決まっていません。", "No vehicle is chosen, because its time is not known yet."}, nil
	}
	if m.on[r] == solver.None {
		refusal := a.explain(m, m.solution, r, ride, nil).list()[0]
		return refusal.uncarried(), nil
	}
	return a.assigned(m, r, ride), nil
}

// uncarried says that no vehicle carries a booked ride, and why.
func (r *Refusal) uncarried() Sentences {
	return Sentences{"どの車両にも入っていません。" + r.Sentence("ja"), "No vehicle carries it. " + r.Sentence("en")}
}

// ended says how a ride ended, or that it has not been booked.
func (r *Ride) ended() Sentences {
	reason := Sentences{}
	if why := reasonWords(r.Reason); why != (Sentences{}) {
		reason = Sentences{"（" + why.Ja + "）", " (" + why.En + ")"}
	}
	say := map[RideState]Sentences{
		Draft:      {"まだ予約されていません", "It is not booked yet"},
		Offered:    {"お返事を待って席を空けています", "Its place is held until the caller has decided"},
		Completed:  {"乗車は終わっています", "The ride is over"},
		NoShow:     {"お迎えに行きましたが、お会いできませんでした", "The vehicle came, and nobody was there"},
		Cancelled:  r.Cancel.words(),
		Missed:     {"お迎えに行けませんでした", "The vehicle did not come"},
		TurnedDown: {"ご案内をお断りになりました", "The caller took none of the offers"},
		Unmet:      {"ご希望に応えられませんでした", "It could not be given"},
	}[r.State]
	return Sentences{say.Ja + reason.Ja + "。", say.En + reason.En + "."}
}

// assigned says why the vehicle of request r carries it. a.mu is held.
func (a *areaDay) assigned(m *model, r solver.Request, ride *Ride) Sentences {
	terms := ride.Terms.bracket()
	v := a.shifts[m.on[r]].Vehicle
	if ride.State == UnderWay {
		return Sentences{
			fmt.Sprintf("車両 %s に乗車中です%s。", v, terms.Ja), fmt.Sprintf("The party is aboard vehicle %s%s.", v, terms.En),
		}
	}
	if held := ride.Locks.words(); held != (Sentences{}) {
		return Sentences{
			fmt.Sprintf("%sため、車両 %s から動かしません%s。", held.Ja, v, terms.Ja), fmt.Sprintf("It stays with vehicle %s, because %s%s.", v, held.En, terms.En),
		}
	}
	at, others := m.inserter.Alternatives(m.solution, r, 1, nil)
	add := Sentences{spanJapanese(max(at.Cost, 0)), spanEnglish(max(at.Cost, 0))}
	if len(others) == 0 {
		return Sentences{
			fmt.Sprintf("お約束を守れるのは車両 %s だけで、走行の増加は%sです%s。", v, add.Ja, terms.Ja),
			fmt.Sprintf("Only vehicle %s can keep the promise, for %s more of driving%s.", v, add.En, terms.En),
		}
	}
	next, cost := a.shifts[others[0].Vehicle].Vehicle, others[0].Cost
	other := Sentences{spanJapanese(max(cost, 0)), spanEnglish(max(cost, 0))}
	if cost < at.Cost {
		return Sentences{
			fmt.Sprintf("車両 %s の走行の増加は%sです。いまなら車両 %s の%sのほうが少ないものの、予定を変えるほどではありません%s。", v, add.Ja, next, other.Ja, terms.Ja),
			fmt.Sprintf("Vehicle %s drives %s more for it; vehicle %s would drive %s by now, which has not been worth a change%s.", v, add.En, next, other.En, terms.En),
		}
	}
	return Sentences{
		fmt.Sprintf("車両 %s なら走行の増加が%sで、次に少ない車両 %s の%sより少なく済むためです%s。", v, add.Ja, next, other.Ja, terms.Ja),
		fmt.Sprintf("Vehicle %s drives only %s more for it, less than the next best, vehicle %s with %s%s.", v, add.En, next, other.En, terms.En),
	}
}
