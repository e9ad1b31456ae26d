package api

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"sync"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/swmaas/swmaas/dispatch"
)

// Accesses keeps who looked at what is kept of people.
type Accesses interface {
	// Record returns once the look is stored; nothing is shown to anybody otherwise.
	Record(ctx context.Context, area dispatch.AreaID, a dispatch.Access) error
	// Accesses lists the looks at a person, newest first, and where to go on, which is empty at the end.
	Accesses(ctx context.Context, area dispatch.AreaID, q dispatch.AccessQuery) (found []dispatch.Access, next dispatch.AccessID, err error)
}

// impersonal are the fields that tell nothing of a person that their number in a list of rides does not: ids, versions, times,
// states and codes. Every other field of a message that is about somebody is written down as seen, also one that a later
// version adds, until it is named here.
var impersonal = fieldSet(
	// ids and versions
	"id area service_date booking_id rider_id rider_ids ride_id vehicle_id shift_id order_id linked_ride_id facility_id version etag revision together",
	// times and how far things have got
	"state kind created promise planned_pickup planned_arrival planned_ride actual requested direct boarding alighting max_wait called_at held_until",
	"leave_by arrival not_before promised_latest wait",
	// codes and what a policy decided
	"cancel_kind reason terms detail before after at actor",
	// offers are new times for a wish that the caller brought
	"offers alternatives rejections gone",
	// pages and logs
	"next_page_token accesses resume_token progress",
)

func fieldSet(lines ...string) map[protoreflect.Name]bool {
	set := map[protoreflect.Name]bool{}
	for _, name := range strings.Fields(strings.Join(lines, " ")) {
		set[protoreflect.Name(name)] = true
	}
	return set
}

// disclosure writes down, before an answer leaves, whom it shows and what of them. It reads that off the messages themselves,
// so that a new call is covered without a line of its own. It is safe for concurrent use.
type disclosure struct {
	log  Accesses // immutable, as days
	days Days

	mu     sync.RWMutex
	sights map[protoreflect.FullName]*sight // guarded by mu; a sight is immutable
}

// sight is what a type of message can show.
type sight struct {
	people []protoreflect.FieldDescriptor // ids of riders: rider_id, rider_ids, and id of a Rider
	ride   protoreflect.FieldDescriptor   // ride_id, or nil
	inner  []protoreflect.FieldDescriptor // messages that can show somebody themselves
}

// about reports whether the message is about somebody.
func (s *sight) about() bool { return len(s.people) > 0 || s.ride != nil }

func newDisclosure(log Accesses, days Days) *disclosure {
	return &disclosure{log: log, days: days, sights: map[protoreflect.FullName]*sight{}}
}

// sightOf looks at a type once.
func (d *disclosure) sightOf(m protoreflect.MessageDescriptor) *sight {
	d.mu.RLock()
	s, known := d.sights[m.FullName()]
	d.mu.RUnlock()
	if known {
		return s
	}
	s = &sight{}
	for i := range m.Fields().Len() {
		field := m.Fields().Get(i)
		switch name := field.Name(); {
		case field.Kind() == protoreflect.StringKind && (name == "rider_id" || name == "rider_ids" || name == "id" && m.Name() == "Rider"):
			s.people = append(s.people, field)
		case field.Kind() == protoreflect.StringKind && name == "ride_id" && !field.IsList():
			s.ride = field
		case field.Message() != nil && shows(field.Message(), map[protoreflect.FullName]bool{}):
			s.inner = append(s.inner, field)
		}
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.sights[m.FullName()] = s
	return s
}

// shows reports whether a type is about somebody or holds one that is. seen ends circles.
func shows(m protoreflect.MessageDescriptor, seen map[protoreflect.FullName]bool) bool {
	if seen[m.FullName()] {
		return false
	}
	seen[m.FullName()] = true
	for i := range m.Fields().Len() {
		field := m.Fields().Get(i)
		if name := field.Name(); name == "rider_id" || name == "rider_ids" || name == "ride_id" || name == "id" && m.Name() == "Rider" {
			return true
		}
		if field.Message() != nil && shows(field.Message(), seen) {
			return true
		}
	}
	return false
}

// shown collects whom an answer shows.
type shown struct {
	riders map[dispatch.RiderID]struct{}
	rides  map[dispatch.RideID]struct{}
	fields map[protoreflect.Name]struct{}
}

func (s *shown) anybody() bool { return len(s.fields) > 0 && len(s.riders)+len(s.rides) > 0 }

// name adds those whom a message itself names.
func (s *shown) name(m protoreflect.Message, of *sight) {
	for _, field := range of.people {
		if !field.IsList() {
			s.rider(m.Get(field).String())
			continue
		}
		list := m.Get(field).List()
		for i := range list.Len() {
			s.rider(list.Get(i).String())
		}
	}
	if of.ride != nil && len(of.people) == 0 {
		if id := m.Get(of.ride).String(); id != "" {
			s.rides[dispatch.RideID(id)] = struct{}{}
		}
	}
}

func (s *shown) rider(id string) {
	if id != "" {
		s.riders[dispatch.RiderID(id)] = struct{}{}
	}
}

// tell adds the fields of a message that are about somebody.
func (s *shown) tell(m protoreflect.Message) (told bool) {
	m.Range(func(field protoreflect.FieldDescriptor, _ protoreflect.Value) bool {
		if !impersonal[field.Name()] {
			s.fields[field.Name()], told = struct{}{}, true
		}
		return true
	})
	return told
}

// walk adds whoever a message and the messages in it are about, where it says something of them.
func (d *disclosure) walk(m protoreflect.Message, into *shown) {
	s := d.sightOf(m.Descriptor())
	if s.about() && into.tell(m) {
		into.name(m, s)
	}
	for _, field := range s.inner {
		switch value := m.Get(field); {
		case field.IsMap():
			value.Map().Range(func(_ protoreflect.MapKey, v protoreflect.Value) bool {
				if field.MapValue().Message() != nil {
					d.walk(v.Message(), into)
				}
				return true
			})
		case field.IsList():
			for i := range value.List().Len() {
				d.walk(value.List().Get(i).Message(), into)
			}
		case m.Has(field):
			d.walk(value.Message(), into)
		}
	}
}

// note writes down whom an answer to a request shows. The answer must not leave where it fails.
func (d *disclosure) note(ctx context.Context, c *call, request, answer any) error {
	reply, ok := answer.(proto.Message)
	if !ok {
		return nil
	}
	seen := &shown{map[dispatch.RiderID]struct{}{}, map[dispatch.RideID]struct{}{}, map[protoreflect.Name]struct{}{}}
	d.walk(reply.ProtoReflect(), seen)
	if asked, ok := request.(proto.Message); ok && len(seen.riders)+len(seen.rides) == 0 {
		// An answer that names nobody tells of whom the question named.
		if m := asked.ProtoReflect(); d.sightOf(m.Descriptor()).about() && seen.tell(reply.ProtoReflect()) {
			seen.name(m, d.sightOf(m.Descriptor()))
		}
	}
	if !seen.anybody() {
		return nil
	}
	area := dispatch.AreaID(c.caller.Area)
	if err := d.ridersOf(ctx, area, seen); err != nil {
		return err
	}
	look := dispatch.Access{
		Subject: c.caller.Subject, Role: string(c.caller.Role), Token: c.caller.TokenID, Request: c.id,
		Method: strings.TrimPrefix(c.method, "/swmaas.v1."), Riders: slices.Sorted(maps.Keys(seen.riders)),
	}
	for _, name := range slices.Sorted(maps.Keys(seen.fields)) {
		look.Fields = append(look.Fields, string(name))
	}
	return d.log.Record(ctx, area, look)
}

// ridersOf adds the riders of the rides.
func (d *disclosure) ridersOf(ctx context.Context, area dispatch.AreaID, seen *shown) error {
	states := map[dispatch.Day]*dispatch.State{}
	for id := range seen.rides {
		rider := dispatch.RiderID("ride/" + id) // of a ride that is gone meanwhile
		if day, err := dispatch.DayOf(id); err == nil {
			if states[day] == nil {
				if states[day], err = d.days.State(ctx, area, day); err != nil && !errors.Is(err, dispatch.ErrNotFound) {
					return err
				}
			}
			if state := states[day]; state != nil && state.Rides[id] != nil {
				rider = state.Rides[id].Rider
			}
		}
		seen.riders[rider] = struct{}{}
	}
	return nil
}
