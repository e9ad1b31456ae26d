package api

import (
	"context"
	"errors"
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
	"stop stop_id late departure by_position made_by made_at undone_at undone_by from_shift_id to_shift_id promise_before promise_after",
	"leave_by arrival not_before promised_latest wait locks confirmed predicted_pickup predicted_arrival",
	// codes and what a policy decided
	"cancel_kind reason terms detail before after at actor mode breaks rides",
	"number from_office written_by written_at taken_at read_at read_by",
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

	sights sync.Map // by protoreflect.MessageDescriptor: *sight
}

// sight is what a type of message can show. It is immutable once it is in the disclosure.
type sight struct {
	people []protoreflect.FieldDescriptor // ids of riders: rider_id, rider_ids, and id of a Rider
	ride   protoreflect.FieldDescriptor   // ride_id, or nil
	tells  []protoreflect.FieldDescriptor // all that is not impersonal
	inner  []innerSight                   // messages that can show somebody themselves
}

type innerSight struct {
	field protoreflect.FieldDescriptor
	of    *sight // of its message, or of the values of a map
}

// about reports whether the message is about somebody.
func (s *sight) about() bool { return len(s.people) > 0 || s.ride != nil }

func newDisclosure(log Accesses, days Days) *disclosure {
	return &disclosure{log: log, days: days}
}

// sightOf looks at a type once, and at what it holds.
func (d *disclosure) sightOf(m protoreflect.MessageDescriptor) *sight {
	if s, known := d.sights.Load(m); known {
		return s.(*sight)
	}
	s, _ := d.sights.LoadOrStore(m, lookAt(m, map[protoreflect.FullName]*sight{}))
	return s.(*sight)
}

// lookAt looks at a type. known has those that are being looked at already: types may hold each other in a circle.
func lookAt(m protoreflect.MessageDescriptor, known map[protoreflect.FullName]*sight) *sight {
	if s := known[m.FullName()]; s != nil {
		return s
	}
	s := &sight{}
	known[m.FullName()] = s
	for i := range m.Fields().Len() {
		field := m.Fields().Get(i)
		if !impersonal[field.Name()] {
			s.tells = append(s.tells, field)
		}
		inner := field.Message()
		if field.IsMap() {
			inner = field.MapValue().Message()
		}
		switch name := field.Name(); {
		case field.Kind() == protoreflect.StringKind && (name == "rider_id" || name == "rider_ids" || name == "id" && m.Name() == "Rider"):
			s.people = append(s.people, field)
		case field.Kind() == protoreflect.StringKind && name == "ride_id" && !field.IsList():
			s.ride = field
		case inner != nil && shows(inner, map[protoreflect.FullName]bool{}):
			s.inner = append(s.inner, innerSight{field, lookAt(inner, known)})
		}
	}
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
	riders []dispatch.RiderID // as often as they are shown
	rides  []dispatch.RideID  // of whom only the ride is named, as often as it is
	fields []string           // once each; they are few
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
			s.rides = append(s.rides, dispatch.RideID(id))
		}
	}
}

func (s *shown) rider(id string) {
	if id != "" {
		s.riders = append(s.riders, dispatch.RiderID(id))
	}
}

// tell adds the fields of a message that are about somebody.
func (s *shown) tell(m protoreflect.Message, of *sight) (told bool) {
	for _, field := range of.tells {
		if m.Has(field) {
			told = true
			if name := string(field.Name()); !slices.Contains(s.fields, name) {
				s.fields = append(s.fields, name)
			}
		}
	}
	return told
}

// walk adds whoever a message and the messages in it are about, where it says something of them. s is the message's.
func (s *sight) walk(m protoreflect.Message, into *shown) {
	if s.about() && into.tell(m, s) {
		into.name(m, s)
	}
	for _, in := range s.inner {
		if !m.Has(in.field) {
			continue
		}
		switch value := m.Get(in.field); {
		case in.field.IsMap():
			value.Map().Range(func(_ protoreflect.MapKey, v protoreflect.Value) bool {
				in.of.walk(v.Message(), into)
				return true
			})
		case in.field.IsList():
			for i := range value.List().Len() {
				in.of.walk(value.List().Get(i).Message(), into)
			}
		default:
			in.of.walk(value.Message(), into)
		}
	}
}

// note writes down whom an answer to a request shows. The answer must not leave where it fails.
func (d *disclosure) note(ctx context.Context, c *call, request, answer any) error {
	reply, ok := answer.(proto.Message)
	if !ok {
		return nil
	}
	seen, m := &shown{}, reply.ProtoReflect()
	sees := d.sightOf(m.Descriptor())
	sees.walk(m, seen)
	if asked, ok := request.(proto.Message); ok && len(seen.riders)+len(seen.rides) == 0 {
		// An answer that names nobody tells of whom the question named.
		if q := asked.ProtoReflect(); d.sightOf(q.Descriptor()).about() && seen.tell(m, sees) {
			seen.name(q, d.sightOf(q.Descriptor()))
		}
	}
	if !seen.anybody() {
		return nil
	}
	area := dispatch.AreaID(c.caller.Area)
	if err := d.ridersOf(ctx, area, seen); err != nil {
		return err
	}
	slices.Sort(seen.riders)
	slices.Sort(seen.fields)
	return d.log.Record(ctx, area, dispatch.Access{
		Subject: c.caller.Subject, Role: string(c.caller.Role), Token: c.caller.TokenID, Request: c.id,
		Method: strings.TrimPrefix(c.method, "/swmaas.v1."), Riders: slices.Compact(seen.riders), Fields: seen.fields,
	})
}

// ridersOf adds the riders of the rides.
func (d *disclosure) ridersOf(ctx context.Context, area dispatch.AreaID, seen *shown) error {
	if len(seen.rides) == 0 {
		return nil
	}
	slices.Sort(seen.rides)
	states := map[dispatch.Day]*dispatch.State{}
	for _, id := range slices.Compact(seen.rides) {
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
		seen.riders = append(seen.riders, rider)
	}
	return nil
}
