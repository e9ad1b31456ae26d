package dispatch_test

import (
	"fmt"
	"regexp"
	"strconv"

	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/vehicles"
)

// limitCommands are the sentences about what a party asks for beyond the rules of the town.
func limitCommands() []command {
	return []command{{regexp.MustCompile(`^(P-\d+) asks for: (.+)$`), (*world).asksFor}}
}

// asksFor sets one limit of what somebody asks with from now on; "nothing more" takes all of them back. The register knows nothing of
// it: that is "entry of P-1: asks for: ...".
func (w *world) asksFor(m []string) ([]string, error) {
	p, err := w.known(m[1])
	if err != nil {
		return nil, err
	}
	return nil, limited(&p.party.Limits, m[2])
}

// limited reads "at most 20 min aboard", "at most 5 min longer than alone", "at most 30 min of waiting", "better within 15 min aboard",
// "better within 20 min of waiting", "only V-2", "rather V-2", "rather D-V-2", "nothing more".
func limited(l *dispatch.Limits, text string) error {
	times := regexp.MustCompile(`^(at most|better within) (\d+) min (aboard|longer than alone|of waiting)$`)
	if m := times.FindStringSubmatch(text); m != nil {
		field := map[string]*int32{
			"at most aboard": &l.MaxRide, "at most longer than alone": &l.MaxDetour, "at most of waiting": &l.MaxWait,
			"better within aboard": &l.EasyRide, "better within of waiting": &l.EasyWait,
		}[m[1]+" "+m[3]]
		if n, err := strconv.Atoi(m[2]); err == nil && field != nil {
			*field = int32(n * 60)
			return nil
		}
	}
	things := regexp.MustCompile(`^(only|rather) (D-)?(V-\d+)$`)
	switch m := things.FindStringSubmatch(text); {
	case text == "nothing more":
		*l = dispatch.Limits{}
	case m == nil || m[1] == "only" && m[2] != "":
		return fmt.Errorf("no limit is worded %q; see testdata/scenarios/README.md", text)
	case m[1] == "only":
		l.OnlyVehicles = []vehicles.VehicleID{vehicles.VehicleID(m[3])}
	case m[2] != "":
		l.LikeDrivers = []vehicles.DriverID{vehicles.DriverID(m[2] + m[3])}
	default:
		l.LikeVehicles = []vehicles.VehicleID{vehicles.VehicleID(m[3])}
	}
	return nil
}
