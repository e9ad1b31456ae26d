package kurobe

import "testing"

func TestFactsAreWhole(t *testing.T) {
	f, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	if len(f.Districts) != 16 || len(f.Towns) != 121 || len(f.Places) != 76 {
		t.Errorf("%d districts, %d towns, %d places; want 16, 121, 76", len(f.Districts), len(f.Towns), len(f.Places))
	}
	residents := 0
	for i, d := range f.Districts {
		residents += d.Residents
		if d.Number != i+1 || d.Households <= 0 || d.Households >= d.Residents {
			t.Errorf("district %+v", d)
		}
	}
	if residents != 40706 { // the sum of the city's figures of 2021-03-31
		t.Errorf("%d residents, want 40706", residents)
	}
}

func TestEveryPositionLiesInKurobe(t *testing.T) {
	f, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	check := func(name string, p Point) {
		if p.Lat < 36.7 || p.Lat > 36.93 || p.Lng < 137.4 || p.Lng > 137.65 {
			t.Errorf("%s lies at %v", name, p)
		}
	}
	for _, d := range f.Districts {
		check(d.Name, d.At)
	}
	for _, s := range f.Towns {
		check(s.Name, s.At)
	}
	for _, p := range f.Places {
		check(p.Name, p.At)
	}
}
