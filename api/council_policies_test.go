package api

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	swmaasv1 "github.com/swmaas/swmaas/api/gen/swmaas/v1"
	"github.com/swmaas/swmaas/dispatch"
)

// policyText is the cautious policy made for the area, under a name, from a day to a day; to is empty for one without an end.
func policyText(t *testing.T, area, name, from, to string) string {
	t.Helper()
	text, err := dispatch.PolicyTemplate(dispatch.AreaID(area))
	if err != nil {
		t.Fatal(err)
	}
	dates := `"from": "` + from + `",`
	if to != "" {
		dates += ` "to": "` + to + `",`
	}
	return strings.NewReplacer(`"from": "2024-03-01",`, dates, "慎重な初期設定", name, `"papers": true`, `"papers": false`).Replace(string(text))
}

// policies is the council's view of a running day.
type policies struct {
	*day
	ctx     context.Context
	council swmaasv1.CouncilClient
}

func startPolicies(t *testing.T) *policies {
	t.Helper()
	d := startDay(t)
	d.decided = true
	d.running = d.restart(t)
	return &policies{d, d.as(t, grantOf(Council, "kurobe")), swmaasv1.NewCouncilClient(d.conn)}
}

func (p *policies) put(id, key, text, etag string, ends bool) (*swmaasv1.Policy, error) {
	got, err := p.council.PutPolicy(p.ctx, &swmaasv1.PutPolicyRequest{
		Area: "kurobe", IdempotencyKey: key, PolicyId: id, Text: text, Etag: etag, EndsPrevious: ends,
	})
	return got.GetPolicy(), err
}

// in is the name of the policy of a day.
func (p *policies) in(t *testing.T, day string) string {
	t.Helper()
	got, err := p.council.GetPolicy(p.ctx, &swmaasv1.GetPolicyRequest{Area: "kurobe", ServiceDate: day})
	if err != nil {
		t.Fatal(err)
	}
	return got.GetPolicy().GetName()
}

func refusedAs(t *testing.T, what string, err error, code codes.Code, reason string) {
	t.Helper()
	if gotCode, got := reasonOf(err); gotCode != code || got != reason {
		t.Errorf("%s: %v, want %v %s", what, err, code, reason)
	}
}

func TestAPolicyIsPutChangedAndWithdrawnBeforeItBegins(t *testing.T) {
	p := startPolicies(t) // on 20 January
	text := policyText(t, "kurobe", "二月から", "2026-02-01", "")
	first, err := p.put("feb", "1", text, "", false)
	if err != nil || first.GetId() != "feb" || first.GetEtag() == "" {
		t.Fatalf("%v, %v", first, err)
	}
	if again, err := p.put("feb", "1", text, "", false); err != nil || again.GetEtag() != first.GetEtag() {
		t.Errorf("the same call again: %v, %v", again, err)
	}
	if got := p.in(t, "2026-01-31") + ", " + p.in(t, "2026-02-01"); got != "慎重な初期設定, 二月から" {
		t.Errorf("in force are %s", got)
	}
	march := policyText(t, "kurobe", "三月から", "2026-03-01", "")
	_, err = p.put("mar", "2", march, "", false)
	refusedAs(t, "an overlap", err, codes.FailedPrecondition, "POLICY_OVERLAP")
	if _, err := p.put("mar", "3", march, "", true); err != nil {
		t.Fatal(err)
	}
	if got := p.in(t, "2026-02-28") + ", " + p.in(t, "2026-03-01"); got != "二月から, 三月から" {
		t.Errorf("in force are %s", got)
	}
	_, err = p.put("feb", "4", text, "v9", false)
	refusedAs(t, "another etag", err, codes.Aborted, "CHANGED")
	_, err = p.put("feb", "5", march, "", false)
	refusedAs(t, "no etag", err, codes.Aborted, "CHANGED")
	_, err = p.put("apr", "6", policyText(t, "kurobe", "四月から", "2026-04-01", ""), "v1", true)
	refusedAs(t, "an etag of nothing", err, codes.NotFound, "NOT_FOUND")
	second, err := p.put("feb", "7", policyText(t, "kurobe", "二月半ばから", "2026-02-15", ""), first.GetEtag(), false)
	if err != nil || second.GetEtag() == first.GetEtag() {
		t.Fatalf("%v, %v", second, err)
	}
	withdraw := &swmaasv1.WithdrawPolicyRequest{Area: "kurobe", IdempotencyKey: "8", PolicyId: "mar", Etag: "v1"}
	for range 2 {
		if _, err := p.council.WithdrawPolicy(p.ctx, withdraw); err != nil {
			t.Fatal(err)
		}
	}
	if got := p.in(t, "2026-02-14") + ", " + p.in(t, "2026-03-01"); got != "慎重な初期設定, 二月半ばから" {
		t.Errorf("in force are %s", got)
	}
	log, err := p.council.ListPolicyChanges(p.ctx, &swmaasv1.ListPolicyChangesRequest{Area: "kurobe", PageSize: 3})
	if err != nil || len(log.GetChanges()) != 3 || log.GetNextPageToken() == "" {
		t.Fatalf("%v, %v", log, err)
	}
	rest, err := p.council.ListPolicyChanges(p.ctx, &swmaasv1.ListPolicyChangesRequest{Area: "kurobe", PageToken: log.GetNextPageToken()})
	if err != nil || len(rest.GetChanges()) != 1 || rest.GetChanges()[0].GetText() != text {
		t.Fatalf("%v, %v", rest, err)
	}
	newest := log.GetChanges()[0]
	if newest.GetKind() != swmaasv1.PolicyChangeKind_POLICY_CHANGE_KIND_WITHDRAWN || newest.GetActor() != "test-council" || newest.GetPolicyId() != "mar" ||
		newest.GetText() != march || !newest.GetEndsPrevious() || !newest.GetAt().AsTime().Equal(p.now()) {
		t.Errorf("the newest change is %v", newest)
	}
}

func TestAPolicyThatHasBegunIsNotTouched(t *testing.T) {
	p := startPolicies(t)
	for from, want := range map[string]string{"2026-01-19": "POLICY_BEGUN", "2026-01-20": "POLICY_BEGUN", "2026-01-21": ""} {
		if _, err := p.put("p-"+from, from, policyText(t, "kurobe", "町の方針", from, "2026-01-25"), "", false); want == "" && err != nil {
			t.Errorf("from %s: %v", from, err)
		} else if want != "" {
			refusedAs(t, "from "+from, err, codes.FailedPrecondition, want)
		}
	}
	p.clock.Add(24 * 3600) // the next day
	_, err := p.put("p-2026-01-21", "1", policyText(t, "kurobe", "改めた", "2026-01-30", ""), "v1", false)
	refusedAs(t, "a change", err, codes.FailedPrecondition, "POLICY_BEGUN")
	_, err = p.council.WithdrawPolicy(p.ctx, &swmaasv1.WithdrawPolicyRequest{Area: "kurobe", IdempotencyKey: "2", PolicyId: "p-2026-01-21", Etag: "v1"})
	refusedAs(t, "a withdrawal", err, codes.FailedPrecondition, "POLICY_BEGUN")
}

func TestFaultsOfAPolicyAreToldLineByLine(t *testing.T) {
	p := startPolicies(t)
	text := strings.Replace(policyText(t, "kurobe", "町の方針", "2026-02-01", ""), `"ahead_days": 14,`, `"ahead_days": 14, "permitt": true,`, 1)
	line := strings.Count(text[:strings.Index(text, "permitt")], "\n") + 1
	_, err := p.put("feb", "1", text, "", false)
	refusedAs(t, "an unknown field", err, codes.InvalidArgument, "POLICY_INVALID")
	var told []*errdetails.BadRequest_FieldViolation
	for _, d := range status.Convert(err).Details() {
		if fields, ok := d.(*errdetails.BadRequest); ok {
			told = fields.GetFieldViolations()
		}
	}
	want := "feb:" + strconv.Itoa(line) + ": "
	if len(told) != 1 || told[0].GetField() != "text" || !strings.HasPrefix(told[0].GetDescription(), want) || !strings.Contains(told[0].GetDescription(), "permitt") {
		t.Errorf("violations %v, want one that begins with %q", told, want)
	}
	for name, text := range map[string]string{
		"another area": policyText(t, "uozu", "町の方針", "2026-02-01", ""), "any area": policyText(t, "*", "町の方針", "2026-02-01", ""),
		"two": "[" + policyText(t, "kurobe", "甲", "2026-02-01", "2026-02-02") + "," + policyText(t, "kurobe", "乙", "2026-02-03", "") + "]", "none": "[]", "no JSON": "{",
	} {
		_, err := p.put("feb", name, text, "", false)
		refusedAs(t, name, err, codes.InvalidArgument, "POLICY_INVALID")
	}
	dry := &swmaasv1.PutPolicyRequest{Area: "kurobe", IdempotencyKey: "dry", PolicyId: "feb", Text: policyText(t, "kurobe", "町の方針", "2026-02-01", ""), ValidateOnly: true}
	if got, err := p.council.PutPolicy(p.ctx, dry); err != nil || got.GetPolicy().GetName() != "町の方針" {
		t.Errorf("a try: %v, %v", got, err)
	}
	if got := p.in(t, "2026-02-01"); got != "慎重な初期設定" {
		t.Errorf("after a try %s is in force", got)
	}
	if list, err := p.council.ListPolicyChanges(p.ctx, &swmaasv1.ListPolicyChangesRequest{Area: "kurobe"}); err != nil || len(list.GetChanges()) != 0 {
		t.Errorf("after a try the log has %v, %v", list, err)
	}
}

// TestRidesAreDecidedByThePolicyThatWasPut asks for the same ride before and after a policy was put for its day.
func TestRidesAreDecidedByThePolicyThatWasPut(t *testing.T) {
	p := startPolicies(t)
	_, shifts := twoVans()
	if err := p.fleet.SaveShifts(t.Context(), "kurobe", "2026-01-21", shifts); err != nil {
		t.Fatal(err)
	}
	operator, booking := p.as(t, grantOf(Operator, "kurobe")), swmaasv1.NewBookingClient(p.conn)
	ask := toTheClinic("R-0001")
	ask.ServiceDate = "2026-01-21"
	ask.GetWish().GetArriveBy().Latest.Seconds += 24 * 3600
	quote, err := booking.Quote(operator, ask)
	if err != nil || len(quote.GetOffers()) != 0 {
		t.Fatalf("the cautious policy asks for papers that the vans do not have: %v, %v", quote, err)
	}
	text := strings.Replace(policyText(t, "kurobe", "あすから", "2026-01-21", ""), `"days_before": 1`, `"days_before": 0`, 1)
	if _, err := p.put("tomorrow", "1", text, "", false); err != nil {
		t.Fatal(err)
	}
	quote, err = booking.Quote(operator, ask)
	if err != nil || len(quote.GetOffers()) == 0 || quote.GetOffers()[0].GetTerms().GetPolicy() != "あすから" {
		t.Errorf("%v, %v", quote, err)
	}
}

// TestAPolicyAndAnAreaArePutWithREST goes by the paths of the OpenAPI file, as scripts of an office do.
func TestAPolicyAndAnAreaArePutWithREST(t *testing.T) {
	w := startWeb(t)
	admin := grantOf(Admin, "kurobe")
	body, err := json.Marshal(map[string]any{"idempotencyKey": "1", "text": policyText(t, "kurobe", "二月から", "2026-02-01", "")})
	if err != nil {
		t.Fatal(err)
	}
	code, answer := w.call(t, &admin, "PUT", "/v1/areas/kurobe/policies/feb", string(body))
	policy, _ := answer["policy"].(map[string]any)
	if code != http.StatusOK || policy["etag"] != "v1" {
		t.Fatalf("%d %v", code, answer)
	}
	if code, answer := w.call(t, &admin, "GET", "/v1/areas/kurobe/policyChanges?pageSize=1", ""); code != http.StatusOK || len(answer["changes"].([]any)) != 1 {
		t.Errorf("%d %v", code, answer)
	}
	if code, answer := w.call(t, &admin, "POST", "/v1/areas/kurobe/policies/feb:withdraw", `{"idempotencyKey": "2", "etag": "v1"}`); code != http.StatusOK {
		t.Errorf("%d %v", code, answer)
	}
	entry, err := protojson.Marshal(smallTownEntry("kurobe"))
	if err != nil {
		t.Fatal(err)
	}
	if code, answer := w.call(t, &admin, "POST", "/v1/areas/kurobe", `{"idempotencyKey": "3", "entry": `+string(entry)+`}`); code != http.StatusOK {
		t.Errorf("%d %v", code, answer)
	}
	if code, answer := w.call(t, &admin, "GET", "/v1/areas?area=kurobe", ""); code != http.StatusOK || len(answer["areas"].([]any)) != 1 {
		t.Errorf("%d %v", code, answer)
	}
	if code, answer := w.call(t, &admin, "GET", "/v1/areas/kurobe", ""); code != http.StatusOK || answer["ready"] != true {
		t.Errorf("%d %v", code, answer)
	}
	change := smallTownEntry("kurobe")
	change.Etag, change.OfficePhone = "v1", "0765-22-0000"
	if entry, err = protojson.Marshal(change); err != nil {
		t.Fatal(err)
	}
	if code, answer := w.call(t, &admin, "PATCH", "/v1/areas/kurobe", `{"idempotencyKey": "4", "updateMask": "officePhone", "entry": `+string(entry)+`}`); code != http.StatusOK {
		t.Errorf("%d %v", code, answer)
	}
}

// forgetful loses every note of a change.
type forgetful struct{ Intents }

func (forgetful) Keep(context.Context, dispatch.AreaID, dispatch.IdempotencyKey) error {
	return context.DeadlineExceeded
}

// TestAWithdrawalWhoseNoteWasLostIsNotMissedWhenItIsMadeAgain withdraws while the note of it cannot be kept.
func TestAWithdrawalWhoseNoteWasLostIsNotMissedWhenItIsMadeAgain(t *testing.T) {
	p := startPolicies(t)
	for _, id := range []string{"feb", "mar"} {
		month := map[string]string{"feb": "2026-02", "mar": "2026-03"}[id]
		if _, err := p.put(id, id, policyText(t, "kurobe", "町の方針", month+"-01", month+"-28"), "", false); err != nil {
			t.Fatal(err)
		}
	}
	engine := p.engine()
	engine.Intents = forgetful{engine.Intents}
	broken := startWith(t, p.key, Config{Clock: p.now}, engine)
	withdraw := func(council swmaasv1.CouncilClient, role Role, etag string) error {
		_, err := council.WithdrawPolicy(p.as(t, grantOf(role, "kurobe")), &swmaasv1.WithdrawPolicyRequest{
			Area: "kurobe", IdempotencyKey: "w", PolicyId: "feb", Etag: etag,
		})
		return err
	}
	if err := withdraw(swmaasv1.NewCouncilClient(broken.conn), Council, "v1"); codeOf(err) != codes.DeadlineExceeded {
		t.Fatalf("%v, want that the note is lost", err)
	}
	if _, err := p.put("mar", "later", policyText(t, "kurobe", "町の方針", "2026-03-02", "2026-03-28"), "v1", false); err != nil {
		t.Fatal(err)
	}
	refusedAs(t, "withdrawn by somebody else", withdraw(p.council, Admin, "v1"), codes.NotFound, "NOT_FOUND")
	refusedAs(t, "at another version", withdraw(p.council, Council, "v2"), codes.NotFound, "NOT_FOUND")
	if err := withdraw(p.council, Council, "v1"); err != nil {
		t.Errorf("the same call again: %v", err)
	}
	log, err := p.council.ListPolicyChanges(p.ctx, &swmaasv1.ListPolicyChangesRequest{Area: "kurobe"})
	if err != nil || len(log.GetChanges()) != 4 {
		t.Errorf("the log has %d changes, %v", len(log.GetChanges()), err)
	}
}

// TestManyFaultsOfAPolicyAreToldInPart puts a text with more faults than the trailers of an answer take.
func TestManyFaultsOfAPolicyAreToldInPart(t *testing.T) {
	p := startPolicies(t)
	misspelt := new(strings.Builder)
	for i := range 60 {
		misspelt.WriteString("\"項目" + strconv.Itoa(i) + "\": true,\n")
	}
	text := strings.Replace(policyText(t, "kurobe", "町の方針", "2026-02-01", ""), `"ahead_days": 14,`, misspelt.String()+`"ahead_days": 14,`, 1)
	_, err := p.put("feb", "1", text, "", false)
	refusedAs(t, "unknown fields", err, codes.InvalidArgument, "POLICY_INVALID")
	told := status.Convert(err)
	raw, marshalErr := proto.Marshal(told.Proto())
	if marshalErr != nil {
		t.Fatal(marshalErr)
	}
	// The message is sent with three letters for each byte that is not ASCII, the details with four for three bytes.
	if size := len(url.PathEscape(told.Message())) + len(raw)*4/3; size > 8<<10 {
		t.Errorf("%d bytes of trailers", size)
	}
	for _, d := range told.Details() {
		if fields, ok := d.(*errdetails.BadRequest); ok {
			n := len(fields.GetFieldViolations())
			last := fields.GetFieldViolations()[n-1]
			// 50 faults are found at the most.
			if n < 6 || n > 21 || last.GetReason() != "MORE_FAULTS" || !strings.HasPrefix(last.GetDescription(), strconv.Itoa(50-(n-1))+" more faults") || !strings.Contains(told.Message(), last.GetDescription()) {
				t.Errorf("%d violations, the last is %v", n, last)
			}
		}
	}
}
