package planstore_test

import (
	"bytes"
	"reflect"
	"testing"

	"pgregory.net/rapid"

	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/routing/geo"
	"github.com/swmaas/swmaas/vehicles"
)

// TestAnyEntryComesBackAsItWasSaved draws the fields that the fixed entry has one value of.
func TestAnyEntryComesBackAsItWasSaved(t *testing.T) {
	client := startMini(t)
	_, s, _ := newRegister(t, client, t.TempDir())
	n := 0
	rapid.Check(t, func(rt *rapid.T) {
		n++
		r := person(n)
		r.Version = 1
		r.Name, r.DriverNote = rapid.String().Draw(rt, "name"), rapid.String().Draw(rt, "note")
		r.Phones = rapid.SliceOfN(rapid.StringMatching(`\+81[1-9][0-9]{8}`), 0, 4).Draw(rt, "phones")
		r.Home.Entrance = geo.LatLng{Lat: rapid.Float64Range(-90, 90).Draw(rt, "lat"), Lng: rapid.Float64Range(-180, 180).Draw(rt, "lng")}
		r.Load = vehicles.Load{Seats: rapid.IntRange(0, 9).Draw(rt, "seats"), Stretchers: rapid.IntRange(0, 2).Draw(rt, "stretchers")}
		r.NeedsHelp, r.Board = rapid.Bool().Draw(rt, "help"), rapid.Int32().Draw(rt, "board")
		r.Places, r.Contacts = nil, nil
		if len(r.Phones) == 0 {
			r.Phones = nil
		}
		c := &dispatch.RegisterCommit{Area: area, Changes: []dispatch.RiderChange{{After: r}}}
		if err := s.CommitRegister(t.Context(), c); err != nil {
			rt.Fatal(err)
		}
		got, err := s.RidersOf(t.Context(), area, []dispatch.RiderID{r.ID, "none"})
		if err != nil || len(got) != 2 || got[1] != nil || !reflect.DeepEqual(got[0], r) {
			rt.Fatalf("got %+v, %v, want %+v", got, err, r)
		}
	})
}

func FuzzStoredEntry(f *testing.F) {
	client := startMini(f)
	r, s, _ := newRegister(f, client, f.TempDir())
	mustSave(f, r, person(1))
	const key = "dsp:{kurobe}:register:rider:R-0001"
	whole := client.Get(f.Context(), key).Val()
	f.Add([]byte(whole))
	f.Add([]byte(whole[:20]))
	f.Add([]byte{1})
	f.Fuzz(func(t *testing.T, raw []byte) {
		if err := client.Set(t.Context(), key, raw, 0).Err(); err != nil {
			t.Fatal(err)
		}
		got, err := s.RidersOf(t.Context(), area, []dispatch.RiderID{"R-0001"})
		if err == nil && !bytes.Equal(raw, []byte(whole)) && got[0].Name != person(1).Name {
			t.Errorf("a changed entry was opened as %+v", got[0])
		}
	})
}
