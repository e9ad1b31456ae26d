package api

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"google.golang.org/protobuf/types/known/fieldmaskpb"

	swmaasv1 "github.com/swmaas/swmaas/api/gen/swmaas/v1"
	"github.com/swmaas/swmaas/dispatch"
)

// Orders is the standing orders. Errors are those of dispatch; what it returns is shared and never changed.
type Orders interface {
	Order(ctx context.Context, area dispatch.AreaID, id dispatch.OrderID) (*dispatch.StandingOrder, error)
	// List returns the orders of an area by id.
	List(ctx context.Context, area dispatch.AreaID) ([]*dispatch.StandingOrder, error)
	Put(ctx context.Context, by dispatch.Actor, o dispatch.StandingOrder) (*dispatch.StandingOrder, []dispatch.OrderDay, error)
}

// OrderEdits changes standing orders without reading them first; version 0 is any.
type OrderEdits interface {
	Suspend(ctx context.Context, by dispatch.Actor, area dispatch.AreaID, id dispatch.OrderID, version int64, pause dispatch.Suspension) (*dispatch.StandingOrder, []dispatch.OrderDay, error)
	Except(ctx context.Context, by dispatch.Actor, area dispatch.AreaID, id dispatch.OrderID, version int64, e dispatch.Exception) (*dispatch.StandingOrder, []dispatch.OrderDay, error)
	Delete(ctx context.Context, by dispatch.Actor, area dispatch.AreaID, id dispatch.OrderID, version int64) ([]dispatch.OrderDay, error)
}

// orderFixed are the fields of a standing order that no update changes.
var orderFixed = []string{"id", "version", "rider_id", "generated_through", "created"}

// order reads a standing order that the caller may see; ErrScope for another rider's.
func (s *bookingService) order(ctx context.Context, area, id string) (*dispatch.StandingOrder, error) {
	o, err := s.engine.Orders.Order(ctx, dispatch.AreaID(area), dispatch.OrderID(id))
	if err != nil {
		return nil, err
	}
	if !callerOf(ctx).mayActFor(string(o.Rider)) {
		return nil, ErrScope
	}
	return o, nil
}

func (s *bookingService) CreateStandingOrder(ctx context.Context, q *swmaasv1.CreateStandingOrderRequest) (*swmaasv1.CreateStandingOrderResponse, error) {
	if !callerOf(ctx).mayActFor(q.GetOrder().GetRiderId()) {
		return nil, ErrScope
	}
	o := orderOf(q.GetOrder(), dispatch.StandingOrder{Area: dispatch.AreaID(q.GetArea())})
	o.ID = dispatch.OrderID(newID(ctx, "O-", q))
	err := s.engine.once(ctx, q, func() error {
		_, _, err := s.engine.Orders.Put(ctx, actor(ctx), o)
		if !errors.Is(err, dispatch.ErrChanged) {
			return err
		}
		there, err := s.order(ctx, q.GetArea(), string(o.ID))
		if err == nil && !sameOrder(there, &o) {
			err = dispatch.ErrKeyReused
		}
		return err // none where this call made it before and the note of that was lost
	})
	if err != nil {
		return nil, err
	}
	made, err := s.order(ctx, q.GetArea(), string(o.ID))
	if err != nil {
		return nil, err
	}
	return &swmaasv1.CreateStandingOrderResponse{Order: orderMessage(made)}, nil
}

// sameOrder reports whether two orders ask for the same.
func sameOrder(a, b *dispatch.StandingOrder) bool {
	x, y := orderMessage(a), orderMessage(b)
	for _, m := range []*swmaasv1.StandingOrder{x, y} {
		m.Version, m.Created, m.GeneratedThrough = 0, nil, ""
	}
	return equalMessages(x, y)
}

func (s *bookingService) GetStandingOrder(ctx context.Context, q *swmaasv1.GetStandingOrderRequest) (*swmaasv1.GetStandingOrderResponse, error) {
	o, err := s.order(ctx, q.GetArea(), q.GetOrderId())
	if err != nil {
		return nil, err
	}
	return &swmaasv1.GetStandingOrderResponse{Order: orderMessage(o)}, nil
}

func (s *bookingService) ListStandingOrders(ctx context.Context, q *swmaasv1.ListStandingOrdersRequest) (*swmaasv1.ListStandingOrdersResponse, error) {
	after, err := pageAfter(q.GetPageToken())
	if err != nil {
		return nil, err
	}
	all, err := s.engine.Orders.List(ctx, dispatch.AreaID(q.GetArea()))
	if err != nil {
		return nil, err
	}
	caller := callerOf(ctx)
	list := slices.DeleteFunc(slices.Clone(all), func(o *dispatch.StandingOrder) bool {
		return !caller.mayActFor(string(o.Rider)) || q.GetRiderId() != "" && q.GetRiderId() != string(o.Rider)
	})
	list, next := page(list, func(o *dispatch.StandingOrder) string { return string(o.ID) }, after, pageSize(q.GetPageSize()))
	return &swmaasv1.ListStandingOrdersResponse{Orders: mapped(list, orderMessage), NextPageToken: next}, nil
}

func (s *bookingService) UpdateStandingOrder(ctx context.Context, q *swmaasv1.UpdateStandingOrderRequest) (*swmaasv1.UpdateStandingOrderResponse, error) {
	mask, wanted := q.GetUpdateMask(), q.GetOrder()
	if err := checkMask("update_mask", mask, wanted); err != nil {
		return nil, err
	}
	if q.GetOrderId() != wanted.GetId() {
		return nil, fmt.Errorf("%w: order.id: is not order_id", ErrRequest)
	}
	for _, path := range mask.GetPaths() {
		if slices.Contains(orderFixed, path) {
			return nil, fmt.Errorf("%w: update_mask: %s cannot be changed", ErrRequest, path)
		}
	}
	if len(mask.GetPaths()) == 0 {
		mask = everyField(wanted, orderFixed)
	}
	there, err := s.order(ctx, q.GetArea(), q.GetOrderId())
	if err != nil {
		return nil, err
	}
	response := new(swmaasv1.UpdateStandingOrderResponse)
	err = s.engine.once(ctx, q, func() error {
		m := orderMessage(there)
		takeFields(m, wanted, mask)
		m.Version = wanted.GetVersion()
		o, days, err := s.engine.Orders.Put(ctx, actor(ctx), orderOf(m, *there))
		if err == nil {
			response.Order, response.Days = orderMessage(o), orderDays(days)
		}
		return err
	})
	if err == nil && response.Order == nil {
		response.Order, err = s.orderNow(ctx, q.GetArea(), q.GetOrderId())
	}
	return response, err
}

// everyField names every field of a message but some.
func everyField(m *swmaasv1.StandingOrder, without []string) *fieldmaskpb.FieldMask {
	mask, fields := new(fieldmaskpb.FieldMask), m.ProtoReflect().Descriptor().Fields()
	for i := range fields.Len() {
		if name := fields.Get(i).TextName(); !slices.Contains(without, name) {
			mask.Paths = append(mask.Paths, name)
		}
	}
	return mask
}

// orderNow is an order as it is now, for the repetition of a call that changed it.
func (s *bookingService) orderNow(ctx context.Context, area, id string) (*swmaasv1.StandingOrder, error) {
	o, err := s.order(ctx, area, id)
	if err != nil {
		return nil, err
	}
	return orderMessage(o), nil
}

func (s *bookingService) SuspendStandingOrder(ctx context.Context, q *swmaasv1.SuspendStandingOrderRequest) (*swmaasv1.SuspendStandingOrderResponse, error) {
	area, id := dispatch.AreaID(q.GetArea()), dispatch.OrderID(q.GetOrderId())
	order, days, err := s.editOrder(ctx, q, q.GetOrderId(), func() (*dispatch.StandingOrder, []dispatch.OrderDay, error) {
		return s.engine.OrderEdits.Suspend(ctx, actor(ctx), area, id, q.GetVersion(), suspensionOf(q.GetSuspension()))
	})
	return &swmaasv1.SuspendStandingOrderResponse{Order: order, Days: days}, err
}

func (s *bookingService) SetOrderException(ctx context.Context, q *swmaasv1.SetOrderExceptionRequest) (*swmaasv1.SetOrderExceptionResponse, error) {
	area, id := dispatch.AreaID(q.GetArea()), dispatch.OrderID(q.GetOrderId())
	order, days, err := s.editOrder(ctx, q, q.GetOrderId(), func() (*dispatch.StandingOrder, []dispatch.OrderDay, error) {
		return s.engine.OrderEdits.Except(ctx, actor(ctx), area, id, q.GetVersion(), exceptionOf(q.GetException()))
	})
	return &swmaasv1.SetOrderExceptionResponse{Order: order, Days: days}, err
}

// editOrder makes an edit once, of an order that the caller may change.
func (s *bookingService) editOrder(ctx context.Context, q keyed, id string, edit func() (*dispatch.StandingOrder, []dispatch.OrderDay, error)) (order *swmaasv1.StandingOrder, days []*swmaasv1.OrderDay, err error) {
	if _, err := s.order(ctx, q.GetArea(), id); err != nil {
		return nil, nil, err
	}
	err = s.engine.once(ctx, q, func() error {
		o, became, err := edit()
		if err == nil {
			order, days = orderMessage(o), orderDays(became)
		}
		return err
	})
	if err == nil && order == nil {
		order, err = s.orderNow(ctx, q.GetArea(), id)
	}
	return order, days, err
}

func (s *bookingService) DeleteStandingOrder(ctx context.Context, q *swmaasv1.DeleteStandingOrderRequest) (*swmaasv1.DeleteStandingOrderResponse, error) {
	response := new(swmaasv1.DeleteStandingOrderResponse)
	err := s.engine.once(ctx, q, func() error {
		if _, err := s.order(ctx, q.GetArea(), q.GetOrderId()); err != nil {
			return err
		}
		days, err := s.engine.OrderEdits.Delete(ctx, actor(ctx), dispatch.AreaID(q.GetArea()), dispatch.OrderID(q.GetOrderId()), q.GetVersion())
		response.Days = orderDays(days)
		return err
	})
	return response, err
}
