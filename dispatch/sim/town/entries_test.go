package town

import (
	"reflect"
	"testing"

	"github.com/swmaas/swmaas/dispatch"
)

func TestRegisterOfTheTownAgreesWithWhatThePolicyIsTold(t *testing.T) {
	town, err := Generate(3)
	if err != nil {
		t.Fatal(err)
	}
	riders := town.Register()
	if len(riders) != len(town.Riders) {
		t.Fatalf("%d entries for %d riders", len(riders), len(town.Riders))
	}
	for _, r := range riders {
		if err := r.Validate(); err != nil {
			t.Fatal(err)
		}
		want, err := town.Profile(t.Context(), Area, r.ID)
		if err != nil {
			t.Fatal(err)
		}
		got := r.Profile()
		if !reflect.DeepEqual(got.Facts, want.Facts) || !reflect.DeepEqual(got.Apart, want.Apart) || !reflect.DeepEqual(got.NotDrivers, want.NotDrivers) {
			t.Errorf("%s: %+v, want %+v", r.ID, got, want)
		}
	}
}

func TestPlacesOfTheTownAreFound(t *testing.T) {
	town, err := Generate(3)
	if err != nil {
		t.Fatal(err)
	}
	places, err := town.Places()
	if err != nil {
		t.Fatal(err)
	}
	g, err := dispatch.NewGazetteer(places, "富山県", "黒部市")
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range places {
		if faults := p.Faults(); len(faults) > 0 {
			t.Errorf("%s: %v", p.ID, faults)
		}
		if hits := g.Search(nil, dispatch.PlaceQuery{Text: "富山県黒部市" + p.Label}); len(hits) == 0 {
			t.Errorf("%s is not found", p.Label)
		}
	}
}
