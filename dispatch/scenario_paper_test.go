package dispatch_test

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"sync"

	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/dispatch/dayfile"
	"github.com/swmaas/swmaas/vehicles"
)

// paperCommands are the sentences about what is printed.
func paperCommands() []command {
	c := func(form string, run func(w *world, m []string) ([]string, error)) command {
		return command{regexp.MustCompile("^" + form + "$"), run}
	}
	return []command{
		c(`sheet of the driver of (V-\d+)`, (*world).driverSheet),
		c(`sheet of (F-\S+?)(?: for (F-\S+))?`, (*world).facilitySheet),
		c(`sheet of the office`, (*world).officeSheet),
		c(`list of calls`, (*world).callList),
		c(`telephone of (F-\S+): (\S+?)(, the office)?`, (*world).facilityPhone),
		c(`telephone of the driver of (V-\d+): (\S+)`, (*world).driverPhone),
		c(`sheets are printed over and over while (P-\d+)'s offer (\d+) is booked as (\S+)`, (*world).printedMeanwhile),
	}
}

// paper reads the day for its sheets as the desk of the command finds it stored.
func (w *world) paper() (*dispatch.Paper, error) {
	return w.desk("").Paper(w.ctx, storyArea, w.day, dispatch.PaperBooks{Riders: w.riders})
}

// facilityPhone records the number of a facility, as given in any way of writing.
func (w *world) facilityPhone(m []string) ([]string, error) {
	phone, err := dispatch.NormalPhone(m[2])
	for i := range w.fleet.Facilities {
		if f := &w.fleet.Facilities[i]; string(f.ID) == m[1] && err == nil {
			was := *f
			f.Phone, f.Office = phone, m[3] != ""
			if bad := w.fleet.Validate(); bad != nil {
				*f = was
				return []string{"error: " + bad.Error()}, nil
			}
			return nil, w.saved()
		}
	}
	return nil, err
}

func (w *world) driverPhone(m []string) ([]string, error) {
	phone, err := dispatch.NormalPhone(m[2])
	for i := range w.fleet.Drivers {
		if d := &w.fleet.Drivers[i]; string(d.ID) == "D-"+m[1] && err == nil {
			d.Phone = phone
			return nil, w.saved()
		}
	}
	return nil, err
}

// sheetPhones are the numbers of facilities and drivers that stand on a printed sheet, in the order of the fleet.
func sheetPhones(p *dispatch.Paper, write func(*dayfile.Sheets, *strings.Builder) error) ([]string, error) {
	var page strings.Builder
	if err := write(&dayfile.Sheets{Paper: p}, &page); err != nil {
		return nil, err
	}
	var out []string
	add := func(whose, phone string) {
		if phone != "" && strings.Contains(page.String(), dispatch.ReadablePhone(phone)) {
			out = append(out, fmt.Sprintf("telephone of %s: %s", whose, dispatch.ReadablePhone(phone)))
		}
	}
	for _, f := range p.Fleet.Facilities {
		add(string(f.ID), f.Phone)
	}
	for _, d := range p.Fleet.Drivers {
		add(string(d.ID), d.Phone)
	}
	return out, nil
}

// sheetRider is who rides and what is asked for, as the reader of a sheet sees it.
func sheetRider(r *dispatch.Ride, rider *dispatch.Rider, wants *dispatch.Wants) string {
	out := string(r.Rider)
	if rider != nil {
		out = rider.Name
		if rider.Kana != "" {
			out += " (" + rider.Kana + ")"
		}
	}
	for _, part := range []struct {
		n    int
		word string
	}{{wants.Party.Load.Wheelchairs, "wheelchair"}, {wants.Party.Attendants, "attendant"}} {
		if part.n > 0 {
			out += fmt.Sprintf(", %d %s", part.n, part.word)
		}
	}
	for _, c := range wants.Care {
		out += ", " + c.Word()
	}
	if wants.Note != "" {
		out += ", 「" + wants.Note + "」"
	}
	if rider != nil && len(rider.Phones) > 0 {
		out += ", tel. " + dispatch.ReadablePhone(rider.Phones[0])
	}
	if wants.Alarm() {
		out += " — LOOK: the booking lacks what the register has"
	}
	return out
}

func (w *world) driverSheet(m []string) ([]string, error) {
	p, err := w.paper()
	if err != nil {
		return nil, err
	}
	var out []string
	for _, d := range p.DriverSheet(vehicles.DriverID("D-" + m[1])) {
		out = append(out, fmt.Sprintf("%s %s-%s, back at %s by %s", d.Vehicle.ID, hm(d.Shift.Span.Start), hm(d.Shift.Span.End), d.To.Label, hm(d.Shift.Span.End)))
		for i := range d.Entries {
			out = append(out, sheetEntry(&d.Entries[i])...)
		}
		for i := range d.Changes {
			out = append(out, "  changed: "+changeLine(&d.Changes[i].StopChange))
		}
	}
	phones, err := sheetPhones(p, func(s *dayfile.Sheets, page *strings.Builder) error {
		return s.WriteManifest(page, vehicles.DriverID("D-"+m[1]))
	})
	return append(out, phones...), err
}

func sheetEntry(e *dispatch.DutyEntry) (out []string) {
	switch e.Kind {
	case dispatch.DutyOwn:
		return []string{fmt.Sprintf("  %s-%s own round", hm(e.Span.Start), hm(e.Span.End))}
	case dispatch.DutyBreak:
		return []string{fmt.Sprintf("  %s-%s break", hm(e.Span.Start), hm(e.Span.End))}
	}
	for i := range e.Calls {
		c := &e.Calls[i]
		what := "boards"
		if c.Stop.Kind == dispatch.DropoffStop {
			what = "alights"
		}
		line := fmt.Sprintf("  %s %s: %s %s: %s", hm(e.Span.Start), e.Place.Label, c.Ride.ID, what, sheetRider(c.Ride, c.Rider, &c.Wants))
		if c.Stop.State != dispatch.Pending {
			line += " — " + c.Stop.State.String()
		}
		if e.Changed {
			line += " — marked as changed"
		}
		out = append(out, line)
	}
	return out
}

// facilitySheet is printed for the office, or for somebody of a facility.
func (w *world) facilitySheet(m []string) ([]string, error) {
	p, err := w.paper()
	if err != nil {
		return nil, err
	}
	v := dispatch.Viewer{Kind: dispatch.OperatorViewer}
	if m[2] != "" {
		v = dispatch.Viewer{Kind: dispatch.FacilityViewer, Facility: vehicles.FacilityID(m[2])}
	}
	f, err := p.FacilitySheet(vehicles.FacilityID(m[1]), v)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, part := range []struct {
		word string
		list []dispatch.FacilityRide
	}{{"to", f.To}, {"from", f.From}, {"elsewhere", f.Other}} {
		for _, r := range part.list {
			out = append(out, fmt.Sprintf("%s: %s %s-%s %s", part.word, r.Ride.ID, hm(r.Pickup), hm(r.Arrive), sheetRider(r.Ride, r.Rider, &r.Wants)))
		}
	}
	for _, l := range f.Lent {
		line := fmt.Sprintf("%s: ", l.Vehicle.ID)
		if l.Halts > 0 {
			line += fmt.Sprintf("out %s, last stop done %s, ", hm(l.Out), hm(l.Last))
		}
		out = append(out, line+"back by "+hm(l.Shift.Span.End))
	}
	phones, err := sheetPhones(p, func(s *dayfile.Sheets, page *strings.Builder) error {
		return s.WriteFacility(page, vehicles.FacilityID(m[1]), v)
	})
	return append(out, phones...), err
}

func (w *world) officeSheet([]string) ([]string, error) {
	p, err := w.paper()
	if err != nil {
		return nil, err
	}
	o := p.OfficeSheet()
	var out []string
	for _, part := range []struct {
		word string
		list []dispatch.OfficeRide
	}{{"ride", o.Rides}, {"no vehicle", o.Unplanned}, {"will call", o.WillCalls}, {"waiting", o.Waiting}} {
		for _, r := range part.list {
			line := fmt.Sprintf("%s: %s", part.word, r.Ride.ID)
			if r.Vehicle != nil {
				line += fmt.Sprintf(" %s-%s with %s", hm(r.Pickup), hm(r.Arrive), r.Vehicle.ID)
			}
			out = append(out, line+": "+sheetRider(r.Ride, r.Rider, &r.Wants))
		}
	}
	for _, v := range o.Idle {
		out = append(out, fmt.Sprintf("no shift: %s", v.ID))
	}
	phones, err := sheetPhones(p, func(s *dayfile.Sheets, page *strings.Builder) error { return s.WriteOffice(page) })
	return append(out, phones...), err
}

func (w *world) callList([]string) ([]string, error) {
	p, err := w.paper()
	if err != nil {
		return nil, err
	}
	urgent, evening := p.CallList()
	var out []string
	for _, c := range append(urgent, evening...) {
		who := string(c.Tell.Rider)
		if c.Rider != nil {
			who = c.Rider.Name
			for _, phone := range c.Rider.Phones {
				who += " " + dispatch.ReadablePhone(phone)
			}
		}
		out = append(out, fmt.Sprintf("%s %s: %s", c.Tell.Reason, who, c.Say.Ja))
	}
	if len(out) == 0 {
		out = []string{"nobody"}
	}
	return out, nil
}

// printedMeanwhile books at one desk while another prints, and tells whether the sheets of every printing agreed: each ride of
// the office's is on a driver's sheet with both its ends, at the same times, and there is no other.
func (w *world) printedMeanwhile(m []string) ([]string, error) {
	n, _ := strconv.Atoi(m[2])
	if n < 1 || n > len(w.told[m[1]]) {
		return nil, fmt.Errorf("%s was told %d offers", m[1], len(w.told[m[1]]))
	}
	booking, printing := w.desk("a booking"), w.desk("a printer")
	var got *dispatch.BookResult
	var booked error
	var done sync.WaitGroup
	end := make(chan struct{})
	done.Go(func() {
		defer close(end)
		got, booked = booking.Book(w.ctx, staff(), storyArea, w.told[m[1]][n-1].Token, "book-"+m[3])
	})
	seen := map[int64]bool{}
	for more := true; more; {
		select {
		case <-end:
			more = false // and once more, after it
		default:
		}
		p, err := printing.Paper(w.ctx, storyArea, w.day, dispatch.PaperBooks{Riders: w.riders})
		if err != nil {
			return nil, err
		}
		seen[p.State.Revision] = true
		if err := agree(p); err != nil {
			return nil, err
		}
	}
	done.Wait()
	if booked != nil {
		return nil, booked
	}
	if got.Ride == nil {
		return append([]string{"gone; instead"}, w.quoted(got.Gone)...), nil
	}
	w.name(got.Ride.ID, m[3])
	if len(seen) > 2 {
		return nil, fmt.Errorf("%d revisions were printed, there were two", len(seen))
	}
	return append(w.line(got.Ride), "every printing showed one revision"), nil
}

// agree compares the sheets of one printing.
func agree(p *dispatch.Paper) error {
	times := map[dispatch.StopID]int32{}
	for _, driver := range p.Drivers() {
		for _, duty := range p.DriverSheet(driver) {
			for _, e := range duty.Entries {
				for _, c := range e.Calls {
					times[c.Stop.StopID] = c.Stop.Begin
				}
			}
		}
		var page strings.Builder
		if err := (&dayfile.Sheets{Paper: p}).WriteManifest(&page, driver); err != nil {
			return err
		}
		if want := fmt.Sprintf("第 %d 版", p.State.Revision); !strings.Contains(page.String(), want) {
			return fmt.Errorf("the sheet of %s does not say %s", driver, want)
		}
	}
	o := p.OfficeSheet()
	for _, r := range o.Rides {
		pickup, there := times[dispatch.StopID{Ride: r.Ride.ID, Kind: dispatch.PickupStop}]
		if _, also := times[dispatch.StopID{Ride: r.Ride.ID, Kind: dispatch.DropoffStop}]; !there || !also || pickup != r.Pickup {
			return fmt.Errorf("ride %s is at %s on the office's sheet and at %s on the driver's", r.Ride.ID, hm(r.Pickup), hm(pickup))
		}
	}
	if len(times) != 2*len(o.Rides) || len(o.Unplanned) > 0 {
		return errors.New("a driver's sheet has a ride that the office's lacks, or a booked ride is on none")
	}
	return nil
}
