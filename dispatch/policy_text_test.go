package dispatch

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/swmaas/swmaas/vehicles"
)

// Every reason that the code can give has its sentences, and every sentence has a reason that gives it.
func TestEveryPolicyReasonHasItsSentences(t *testing.T) {
	given := map[string]bool{}
	for _, kind := range []vehicles.ShortfallKind{
		vehicles.LicenceMissing, vehicles.LicenceExpired, vehicles.LicenceSuspended, vehicles.AptitudeTestDue,
		vehicles.CourseMissing, vehicles.SuspendedBefore, vehicles.PlainCarCourse, vehicles.WrongEmployer,
	} {
		given["driver_"+strings.ToLower(string(kind))] = true
	}
	files, err := filepath.Glob("policy*.go")
	if err != nil {
		t.Fatal(err)
	}
	quoted := regexp.MustCompile(`"([a-z]+(?:_[a-z]+)*)"`)
	for _, file := range files {
		if file == "policy_text.go" || file == "policy_read.go" || strings.HasSuffix(file, "_test.go") {
			continue
		}
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range quoted.FindAllStringSubmatch(string(text), -1) {
			given[m[1]] = given[m[1]] || policySentences[m[1]] != (sentence{})
		}
		for _, m := range regexp.MustCompile(`(?:refuse|coRideRefusal)\("([a-z_]+)"[,)]`).FindAllStringSubmatch(string(text), -1) {
			given[m[1]] = true
		}
	}
	for rule, s := range policySentences {
		if s.code == "" || s.ja == "" || s.en == "" || s.jaWay == "" || s.enWay == "" {
			t.Errorf("%s: %+v lacks a part", rule, s)
		}
		if !given[rule] {
			t.Errorf("%s is never given", rule)
		}
	}
	for rule, is := range given {
		if is && policySentences[rule] == (sentence{}) {
			t.Errorf("%s has no sentences", rule)
		}
	}
}
