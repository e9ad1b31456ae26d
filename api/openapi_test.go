package api

import (
	"encoding/json"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"google.golang.org/genproto/googleapis/api/annotations"
	"google.golang.org/protobuf/proto"
)

func TestOpenAPIDescribesEveryCallAndNoOther(t *testing.T) {
	w := startWeb(t)
	status, document := w.call(t, nil, http.MethodGet, "/openapi.json", "")
	if status != http.StatusOK {
		t.Fatal(status)
	}
	var paths map[string]map[string]struct {
		OperationID string `json:"operationId"`
	}
	raw, err := json.Marshal(document["paths"])
	if err == nil {
		err = json.Unmarshal(raw, &paths)
	}
	if err != nil {
		t.Fatal(err)
	}
	described := map[string]bool{}
	variable := regexp.MustCompile(`\{[a-z_]+\}`)
	for path, calls := range paths {
		for verb, call := range calls {
			described[call.OperationID] = true
			body := "{}"
			if verb == "get" {
				body = ""
			}
			// A path that nobody serves would not ask for a token.
			if status, _ := w.call(t, nil, strings.ToUpper(verb), variable.ReplaceAllString(path, "x"), body); status != http.StatusUnauthorized {
				t.Errorf("%s %s: %d, want %d", verb, path, status, http.StatusUnauthorized)
			}
		}
	}
	for name, m := range methods() {
		rule, _ := proto.GetExtension(m.Options(), annotations.E_Http).(*annotations.HttpRule)
		id := strings.ReplaceAll(strings.TrimPrefix(name, "/swmaas.v1."), "/", "_")
		if unary := !m.IsStreamingClient() && !m.IsStreamingServer(); described[id] != (unary && rule.GetPattern() != nil) {
			t.Errorf("%s: described %v", name, described[id])
		} else if unary && rule.GetPattern() == nil {
			t.Errorf("%s cannot be reached over REST", name)
		}
	}
}

func TestAnEntryIsChangedOverREST(t *testing.T) {
	w := startWeb(t)
	create(t, w.day, somebody("R-0001"))
	g := grantOf(Operator, "kurobe")
	status, answer := w.call(t, &g, http.MethodPatch, "/v1/areas/kurobe/riders/R-0001", `{"idempotencyKey": "1", "rider": {"version": "1", "driverNote": "左側から"}, "updateMask": "driverNote"}`)
	if rider, _ := answer["rider"].(map[string]any); status != http.StatusOK || rider["driverNote"] != "左側から" || rider["name"] != "利用者 0001" {
		t.Errorf("%d %v", status, answer)
	}
	status, answer = w.call(t, &g, http.MethodGet, "/v1/areas/kurobe/riders/R-0001?readMask=kana", "")
	if rider, _ := answer["rider"].(map[string]any); status != http.StatusOK || rider["kana"] != "リヨウシャ イチ" || rider["name"] != "" {
		t.Errorf("%d %v", status, answer)
	}
}
