package dispatch

import (
	"cmp"
	"slices"
)

// An optimiser that counts rides leaves out those that are hard to carry. So what becomes of each class of parties is counted
// beside that of all, and a class that falls behind by more than Rules.FairGap comes first where something is given away.

// RiderClass is a class of parties by what they take up. The values are part of the contract.
type RiderClass string

// The classes, each harder to carry than the one before.
const (
	ClassSeated     RiderClass = "seated"
	ClassWheelchair RiderClass = "wheelchair"
	ClassStretcher  RiderClass = "stretcher"
)

// RiderClasses lists all classes.
func RiderClasses() []RiderClass { return []RiderClass{ClassSeated, ClassWheelchair, ClassStretcher} }

// class is the class of a party.
func (p *Party) class() RiderClass {
	switch {
	case p.Load.Stretchers > 0:
		return ClassStretcher
	case p.Load.Wheelchairs > 0:
		return ClassWheelchair
	}
	return ClassSeated
}

// number is the class's index among RiderClasses.
func (c RiderClass) number() int32 { return int32(max(slices.Index(RiderClasses(), c), 0)) }

// ClassFigures counts what became of the rides of a class.
type ClassFigures struct {
	Asked   int // rides and wishes of the day that were not called off
	Served  int // booked, under way or driven
	Refused int // unmet
	Moved   int // times that improvement gave one another vehicle
}

// MoveTally is a note of the day: how often improvement gave a ride of each class another vehicle, in the order of RiderClasses.
type MoveTally struct{ Moved []int64 }

func (*MoveTally) note() {}

const moveTallyID NoteID = "moves"

// classes counts the rides of a day by class.
func (s *State) classes() map[RiderClass]ClassFigures {
	out := map[RiderClass]ClassFigures{}
	for _, r := range s.Rides {
		c := out[r.Party.class()]
		switch r.State {
		case Booked, Published, UnderWay, Completed, NoShow:
			c.Served++
		case Unmet, Missed:
			c.Refused++
		case Draft:
			if !r.waits() {
				continue
			}
		default:
			continue
		}
		c.Asked++
		out[r.Party.class()] = c
	}
	if n := s.Notes[moveTallyID]; n != nil {
		for i, class := range RiderClasses() {
			if tally, ok := n.Body.(*MoveTally); ok && i < len(tally.Moved) && tally.Moved[i] > 0 {
				c := out[class]
				c.Moved = int(tally.Moved[i])
				out[class] = c
			}
		}
	}
	return out
}

// fairLeast is how many rides of a class there have to be before its shares say anything.
const fairLeast = 5

// fairWeight and fairSlack are how a plan of a whole day is kept fair: leaving out one ride of a class beyond its share, and beyond
// the slack, costs more than any driving, and less than leaving out one ride more.
const (
	fairWeight = 1 << 30
	fairSlack  = 1
)

// behind reports whether a class is refused more often than all together, by more than gap in percent of those who asked.
func (s *State) behind(class RiderClass, gap int32) bool {
	return s.exceeds(class, gap, func(c ClassFigures) int { return c.Refused })
}

// movedMore reports the same of being given another vehicle.
func (s *State) movedMore(class RiderClass, gap int32) bool {
	return s.exceeds(class, gap, func(c ClassFigures) int { return c.Moved })
}

func (s *State) exceeds(class RiderClass, gap int32, count func(ClassFigures) int) bool {
	figures := s.classes()
	one, asked, counted := figures[class], 0, 0
	for _, c := range figures {
		asked, counted = asked+c.Asked, counted+count(c)
	}
	if one.Asked < fairLeast {
		return false
	}
	return 100*(float64(count(one))/float64(one.Asked)-float64(counted)/float64(asked)) > float64(gap)
}

// fairly puts those of a class that has fallen behind first on the waitlist; calls stay before it. a.mu is held.
func (a *areaDay) fairly(list []*Ride) []*Ride {
	first := map[RiderClass]int{}
	for _, class := range RiderClasses() {
		if first[class] = 1; a.state.behind(class, a.desk.cfg.Rules.FairGap) {
			first[class] = 0
		}
	}
	rank := func(r *Ride) int {
		if r.State != Draft {
			return -1
		}
		return first[r.Party.class()]
	}
	slices.SortStableFunc(list, func(x, y *Ride) int { return cmp.Compare(rank(x), rank(y)) })
	return list
}

// tallied adds to the day's tally the rides that a commit of the improvement gives another vehicle. a.mu is held.
func (a *areaDay) tallied(c *Commit) {
	note, was := a.state.Notes[moveTallyID], &MoveTally{}
	if note != nil {
		was, _ = note.Body.(*MoveTally)
	}
	now := &MoveTally{make([]int64, len(RiderClasses()))}
	copy(now.Moved, was.Moved)
	changed := false
	for _, route := range c.Routes {
		for _, s := range route.Stops {
			if from := a.state.RouteOf(s.Ride); s.Kind == PickupStop && (from == nil || from.Shift != route.Shift) {
				now.Moved[a.state.Rides[s.Ride].Party.class().number()]++
				changed = true
			}
		}
	}
	switch {
	case !changed:
	case note == nil:
		c.Notes = append(c.Notes, &Note{ID: moveTallyID, Version: 1, Body: now})
	default:
		c.Notes = append(c.Notes, note.changed(now))
	}
}
