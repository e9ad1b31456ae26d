package vehicles

// WorkCaps bound how long somebody works: what the labour authority's notice (改善基準告示) asks of those who mainly drive, and what a town
// agrees with its volunteers. Lengths are seconds, 0 for no cap.
type WorkCaps struct {
	Day   int32 // from the begin of a day's first shift to the end of its last (拘束時間)
	Rest  int32 // between the end of a day's last shift and the begin of the next day's first (休息期間)
	Until Date  // last day on which the person drives, as where a town bounds the age of its volunteers; empty for none
}

// workHours is within which seconds of the day each driver with caps may work; nil where nobody has any.
func (c *Calendar) workHours(day Date) map[DriverID]Span {
	var hours map[DriverID]Span
	var today, yesterday map[DriverID]Span
	for i := range c.Credentials {
		h := &c.Credentials[i]
		if h.Caps.Day == 0 && h.Caps.Rest == 0 {
			continue
		}
		if hours == nil {
			hours, today, yesterday = map[DriverID]Span{}, c.working(day), c.working(day.Add(-1))
		}
		may := Span{0, MaxDaySecond}
		if was, worked := yesterday[h.Person]; worked && h.Caps.Rest > 0 {
			end := was.End
			if h.Caps.Day > 0 {
				end = min(end, was.Start+h.Caps.Day)
			}
			may.Start = max(0, end-24*3600+h.Caps.Rest)
		}
		if works, today := today[h.Person]; today && h.Caps.Day > 0 {
			may.End = min(may.End, max(works.Start, may.Start)+h.Caps.Day)
		}
		hours[h.Person] = may
	}
	return hours
}

// working is from when to when each driver is at work on the day, whatever the caps.
func (c *Calendar) working(day Date) map[DriverID]Span {
	b, work := c.newDay(day), map[DriverID]Span{}
	for _, d := range b.drafts() {
		for _, part := range b.parts(d) {
			was, works := work[part.Driver]
			if !works {
				was = part.Span
			}
			work[part.Driver] = Span{min(was.Start, part.Span.Start), max(was.End, part.Span.End)}
		}
	}
	return work
}

// OverCaps lists the caps of a driver that working in a span of the day, beside what the calendar has for them, would break; a driver
// without caps has none to break.
func (c *Calendar) OverCaps(day Date, driver DriverID, span Span) (broken []ProblemKind) {
	caps := c.CredentialsFor(driver).Caps
	if caps.Until != "" && caps.Until < day {
		broken = append(broken, DrivesNoMore)
	}
	if caps.Day == 0 && caps.Rest == 0 {
		return broken
	}
	may := c.workHours(day)[driver]
	if span.Start < may.Start {
		broken = append(broken, RestShort)
	}
	if works, today := c.working(day)[driver]; today { // as far as the caps let them
		works = Span{max(works.Start, may.Start), min(works.End, may.End)}
		span = Span{min(span.Start, works.Start), max(span.End, works.End)}
	}
	if caps.Day > 0 && span.Seconds() > caps.Day {
		broken = append(broken, HoursOver)
	}
	return broken
}
