package dispatch_test

import (
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"

	"github.com/swmaas/swmaas/dispatch"
)

// ruleCommands are the sentences about the town's rules, its register and its vehicles' calendar.
func ruleCommands() []command {
	c := func(form string, run func(w *world, m []string) ([]string, error)) command {
		return command{regexp.MustCompile("^" + form + "$"), run}
	}
	return append(append([]command{
		c(`the day is (\d{4}-\d\d-\d\d)`, (*world).theDayIs),
		c(`why offer (\d+)`, (*world).whyOffer),
		c(`why (\S+)`, (*world).why),
		c(`who booked (\S+)`, (*world).whoBooked),
		c(`rules: the (cautious|Kurobe) set`, (*world).shippedRules),
		c(`rules of the town: (.+)`, (*world).townRules),
		c(`rule: (.+)`, (*world).rule),
	}, registerCommands()...), rosterCommands()...)
}

func (w *world) theDayIs(m []string) ([]string, error) {
	w.date(dispatch.Day(m[1]))
	w.clock("08:00")
	return nil, nil
}

// whyOffer is the sentence that staff read out for an offer of the last answer.
func (w *world) whyOffer(m []string) ([]string, error) {
	n, _ := strconv.Atoi(m[1])
	if n < 1 || n > len(w.offers) {
		return nil, fmt.Errorf("there were %d offers", len(w.offers))
	}
	return []string{w.offers[n-1].Why("ja"), w.offers[n-1].Why("en")}, nil
}

// why is why a ride stands where it stands.
func (w *world) why(m []string) ([]string, error) {
	id, ok := w.rides[m[1]]
	if !ok {
		return nil, fmt.Errorf("the story has no ride called %q", m[1])
	}
	say, err := w.fresh().Why(w.ctx, storyArea, id)
	if err != nil {
		return nil, err
	}
	return []string{say.Ja, say.En}, nil
}

func (w *world) whoBooked(m []string) ([]string, error) {
	r, err := w.ride(m[1])
	if err != nil {
		return nil, err
	}
	return []string{r.By}, nil
}

func (w *world) shippedRules(m []string) (_ []string, err error) {
	clear(w.desks)
	load := dispatch.CautiousPolicies
	if m[1] == "Kurobe" {
		load = dispatch.KurobePolicies
	}
	w.rules, err = load(jst())
	return nil, err
}

// townRules begins a policy of the town's own with some of the legal modes as Kurobe's demo words them: every day from 7:00
// to 19:00, at any notice, without quotas, and nobody shares but as the modes say.
func (w *world) townRules(m []string) ([]string, error) {
	raw, err := os.ReadFile("policies/kurobe.json")
	if err != nil {
		return nil, err
	}
	w.text = nil
	if err := json.Unmarshal(raw, &w.text); err != nil {
		return nil, err
	}
	w.text["name"], w.text["from"], w.text["document"] = "町のきまり", "2026-01-01", "要綱"
	w.text["booking"] = map[string]any{"source": "要綱"}
	w.part("days")["closed_every_year"] = []any{}
	for _, list := range []string{"quotas", "co_ride", "joint_agreements"} {
		w.text[list] = []any{}
	}
	var modes []any
	for _, name := range strings.Split(m[1], ", ") {
		before := len(modes)
		for _, mode := range w.text["modes"].([]any) {
			if mode.(map[string]any)["mode"] == name {
				modes = append(modes, mode)
			}
		}
		if len(modes) == before {
			return nil, fmt.Errorf("no mode is called %q", name)
		}
	}
	w.text["modes"] = modes
	return nil, w.parsed()
}

func (w *world) part(field string) map[string]any { return w.text[field].(map[string]any) }

func (w *world) more(field string, item map[string]any) {
	w.text[field] = append(w.text[field].([]any), item)
}

// parsed reads the town's policy as the engine does at its start; desks are opened anew.
func (w *world) parsed() error {
	raw, err := json.MarshalIndent(w.text, "", "  ")
	if err != nil {
		return err
	}
	set, err := dispatch.ParsePolicies(jst(), dispatch.PolicyFile{Name: "town.json", Text: raw})
	if err != nil {
		return err
	}
	clear(w.desks)
	w.rules = set
	return nil
}

// rulePhrase is one sentence by which the town's policy is changed.
type rulePhrase struct {
	form  string
	apply func(w *world, m []string)
}

func rulePhrases() []rulePhrase {
	number := func(text string) int { n, _ := strconv.Atoi(text); return n }
	codes := func(text string) (list []any) {
		for _, x := range strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ' ' }) {
			list = append(list, x)
		}
		return list
	}
	dates := func(item map[string]any, from, to string) map[string]any {
		item["from"] = from
		if to != "" {
			item["to"] = to
		}
		return item
	}
	return []rulePhrase{
		{`book at least (\d+) min ahead`, func(w *world, m []string) { w.part("booking")["notice_min"] = number(m[1]) }},
		{`book by (\d+:\d\d), (\d+) (service|civil) days? before`, func(w *world, m []string) {
			w.part("booking")["cut_off"] = map[string]any{"days_before": number(m[2]), "at": m[1], "count": strings.ToUpper(m[3])}
		}},
		{`book from (\d+:\d\d), (\d+) days before`, func(w *world, m []string) {
			w.part("booking")["opens_at"], w.part("booking")["ahead_days"] = m[1], number(m[2])
		}},
		{`a way back may be booked late`, func(w *world, _ []string) { w.part("booking")["returns_exempt"] = true }},
		{`service on (.+?), (also|not) on holidays`, func(w *world, m []string) {
			w.part("days")["weekdays"], w.part("days")["holidays"] = codes(m[1]), m[2] == "also"
		}},
		{`service from (\d+:\d\d) to (\d+:\d\d)`, func(w *world, m []string) { w.part("days")["from"], w.part("days")["to"] = m[1], m[2] }},
		{`closed every year (\S+) to (\S+)`, func(w *world, m []string) {
			w.part("days")["closed_every_year"] = []any{map[string]any{"from": m[1], "to": m[2]}}
		}},
		{`shut (\S+) to (\S+)`, func(w *world, m []string) { w.part("days")["shut"] = []any{map[string]any{"from": m[1], "to": m[2]}} }},
		{`served besides (\S+)`, func(w *world, m []string) { w.part("days")["extra"] = []any{m[1]} }},
		{`at most (\d+) outings? a (day|week|month)(?: for (.+?))?(; for households with a car)?`, func(w *world, m []string) {
			quota := map[string]any{
				"id": fmt.Sprintf("quota-%d", len(w.text["quotas"].([]any))+1), "rides": number(m[1]), "per": strings.ToUpper(m[2]), "outings": true,
				"own_car": m[4] != "", "source": "要綱",
			}
			if m[3] != "" {
				quota["purposes"] = codes(m[3])
			}
			w.more("quotas", quota)
		}},
		{`(\S+) and (\S+) (may|may not) share from (\S+?)(?: to (\S+?))?, by (.+)`, func(w *world, m []string) {
			w.more("co_ride", dates(map[string]any{"standings": []any{m[1], m[2]}, "permit": m[3] == "may", "document": m[6]}, m[4], m[5]))
		}},
		{`(\S+) and (\S+) agree on joint rounds from (\S+?)(?: to (\S+?))?, by (.+)`, func(w *world, m []string) {
			w.more("joint_agreements", dates(map[string]any{
				"id": "joint-" + m[1] + "-" + m[2], "parties": []any{m[1], m[2]}, "cost_key": "RIDER_KM", "liability": "車両を出した施設", "document": m[5],
			}, m[3], m[4]))
		}},
	}
}

// rule changes the town's policy by one sentence. A policy that contradicts itself is not taken, and the one before stays.
func (w *world) rule(m []string) ([]string, error) {
	before, err := json.Marshal(w.text)
	if err != nil {
		return nil, err
	}
	for _, phrase := range rulePhrases() {
		words := regexp.MustCompile("^" + phrase.form + "$").FindStringSubmatch(m[1])
		if words == nil {
			continue
		}
		phrase.apply(w, words)
		refused := w.parsed()
		if refused != nil {
			w.text = nil
			if err := json.Unmarshal(before, &w.text); err != nil {
				return nil, err
			}
		}
		return nil, refused
	}
	return nil, fmt.Errorf("no rule is worded %q; see testdata/scenarios/README.md", m[1])
}
