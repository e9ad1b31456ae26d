package api

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"
	"time"

	"google.golang.org/protobuf/reflect/protoreflect"

	swmaasv1 "github.com/swmaas/swmaas/api/gen/swmaas/v1"
	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/vehicles"
)

// holdsAll fails for a word of the contract, but for "unspecified", that the table lacks, and where two share a value.
func holdsAll[W interface {
	comparable
	protoreflect.Enum
}, E comparable](t *testing.T, table map[W]E, back map[E]W) {
	t.Helper()
	var word W
	values := word.Descriptor().Values()
	for i := range values.Len() {
		number := values.Get(i).Number()
		w := word.Type().New(number).(W)
		if _, ok := table[w]; !ok && number != 0 {
			t.Errorf("%v has no row", w)
		}
	}
	if len(back) != len(table) {
		t.Errorf("%s: %d words for %d values", word.Descriptor().FullName(), len(table), len(back))
	}
}

func TestEveryWordOfTheContractHasAMeaning(t *testing.T) {
	holdsAll(t, aids, inverse(aids))
	holdsAll(t, purposes, purposeWords)
	holdsAll(t, rideStates, rideStateWords)
	holdsAll(t, cancelKinds, cancelKindWords)
	holdsAll(t, cancelScopes, inverse(cancelScopes))
	holdsAll(t, stopKinds, stopKindWords)
	holdsAll(t, stopStates, stopStateWords)
	holdsAll(t, stepKinds, inverse(stepKinds))
	holdsAll(t, eventKinds, eventKindWords)
	holdsAll(t, vehicleStatuses, vehicleStateWords)
	holdsAll(t, consentKinds, consentKindWords)
	holdsAll(t, holidayRules, holidayRuleWords)
	holdsAll(t, orderOutcomes, orderOutcomeWords)
	holdsAll(t, driverClasses, driverClassWords)
	holdsAll(t, licences, licenceWords)
	holdsAll(t, placeKinds, placeKindWords)
	holdsAll(t, conditionKinds, conditionKindWords)
	holdsAll(t, snowDepths, snowDepthWords)
	holdsAll(t, outageCauses, outageCauseWords)
	holdsAll(t, lockKinds, inverse(lockKinds))
	holdsAll(t, reassignModes, reassignModeWords)
	holdsAll(t, riderClasses, riderClassWords)
	holdsAll(t, placeMatches, placeMatchWords)
	holdsAll(t, manifestChanges, manifestChangeWords)
}

func TestEveryStateOfARideHasAWord(t *testing.T) {
	for state := dispatch.Draft; state.String() != "unknown"; state++ {
		if rideStateWords[state] == swmaasv1.RideState_RIDE_STATE_UNSPECIFIED {
			t.Errorf("%v has no word in the contract", state)
		}
	}
}

func TestEveryKindOfEventHasAWord(t *testing.T) {
	files, err := filepath.Glob("../dispatch/*.go")
	if err != nil {
		t.Fatal(err)
	}
	var found [][]string
	for _, path := range files {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		found = append(found, regexp.MustCompile(`(?m)^\s+\w+\s+EventKind\s*= "([a-z_]+)"`).FindAllStringSubmatch(string(text), -1)...)
	}
	for _, kind := range found {
		if eventKindWords[dispatch.EventKind(kind[1])] == swmaasv1.EventKind_EVENT_KIND_UNSPECIFIED {
			t.Errorf("event %s has no word in the contract", kind[1])
		}
	}
	if len(found) != len(eventKinds) {
		t.Errorf("%d kinds are in the source, %d have a word", len(found), len(eventKinds))
	}
}

func TestEveryCodeOfARefusalHasASentence(t *testing.T) {
	files, err := filepath.Glob("../dispatch/*.go")
	if err != nil {
		t.Fatal(err)
	}
	code := regexp.MustCompile(`(?m)^\s*(?:const )?Code\w+\s*=\s*"([A-Z_]+)"`)
	seen := 0
	for _, path := range files {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, found := range code.FindAllStringSubmatch(string(text), -1) {
			seen++
			if s := codeSentences[found[1]]; s.ja == "" || s.en == "" {
				t.Errorf("%s: code %s has no sentence", path, found[1])
			}
		}
	}
	if seen != len(codeSentences) {
		t.Errorf("%d codes are in the source, %d have a sentence", seen, len(codeSentences))
	}
}

func TestAidsGoThereAndBack(t *testing.T) {
	for set := range uint32(1 << len(aids)) {
		var list []swmaasv1.Aid
		for aid, bit := range aids {
			if set&uint32(bit) != 0 {
				list = append(list, aid)
			}
		}
		if got := aidSet(aidList(aidSet(list))); uint32(got) != set {
			t.Errorf("set %b came back as %b", set, got)
		}
	}
}

func TestAnOfferSaysUntilWhenItsRiderMayRide(t *testing.T) {
	clock, err := newDayClock(serviceDate, time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"2026-01-31", ""} {
		if got := clock.offers([]dispatch.Offer{{EligibleTo: vehicles.Date(want)}})[0].GetEligibleTo(); got != want {
			t.Errorf("%q became %q", want, got)
		}
	}
}
