package inboxdb

import (
	"context"
	"time"

	"everdesk/internal/access"
	"everdesk/internal/id"
	"everdesk/internal/inbox"
	"everdesk/internal/store"
)

// DeliveryKind is the kind of the timer that sends a conversation's queued
// deliveries. There is one timer a conversation, so they are sent in order.
const DeliveryKind = "delivery.send"

// DeliveryTask is its payload.
type DeliveryTask struct {
	Workspace    id.Workspace    `json:"workspace"`
	Conversation id.Conversation `json:"conversation"`
}

const deliveryColumns = `id, workspace_id, conversation_id, seq, identity_id, channel_kind, channel_id, state, attempt, next_at, reason, external_id`

func scanDelivery(row store.Row) (d inbox.Delivery, err error) {
	err = row.Scan(&d.ID, &d.Workspace, &d.Conversation, &d.Seq, &d.Identity, &d.Channel.Kind, &d.Channel.Account, &d.State, &d.Attempt,
		store.Into(&d.NextAt), &d.Reason, &d.ExternalID)
	return d, err
}

// QueuedDeliveries returns what of a conversation still has to be sent, in
// order.
func (s *Store) QueuedDeliveries(ctx context.Context, scope access.Scope, which id.Conversation) ([]inbox.Delivery, error) {
	rows, err := s.db.Query(ctx, `SELECT `+deliveryColumns+` FROM deliveries
		WHERE workspace_id = $1 AND conversation_id = $2 AND state = 'queued' ORDER BY seq, id`, scope.Workspace, which)
	return store.All(rows, err, scanDelivery)
}

// Outcome is how an attempt to deliver ended.
type Outcome struct {
	State inbox.DeliveryState
	// Reason is for people: the server's answer.
	Reason string
	// NextAt is when to try again what stays queued.
	NextAt     time.Time
	ExternalID string
	At         time.Time
}

// Settle writes how an attempt ended. It returns false if the delivery had come
// further already.
func (s *Store) Settle(ctx context.Context, scope access.Scope, which id.Delivery, o Outcome) (settled bool, err error) {
	err = s.db.Atomically(ctx, func(ctx context.Context) error {
		var d inbox.Delivery
		rows, err := s.db.Query(ctx, `SELECT `+deliveryColumns+` FROM deliveries WHERE workspace_id = $1 AND id = $2`, scope.Workspace, which)
		all, err := store.All(rows, err, scanDelivery)
		if err != nil {
			return err
		}
		if settled = len(all) == 1 && all[0].State != inbox.DeliveryRead; !settled {
			return nil
		}
		d = all[0]
		if d.ExternalID == "" {
			d.ExternalID = o.ExternalID
		}
		if d.State == inbox.DeliveryQueued {
			d.Attempt++
		}
		d.State, d.Reason, d.NextAt = o.State, o.Reason, o.NextAt
		w, err := s.begin(ctx, access.System(scope.Workspace), d.Conversation, o.At)
		if err != nil {
			return err
		}
		w.tx.Queue(`UPDATE deliveries SET state = $3, attempt = $4, next_at = $5, reason = $6, external_id = $7, updated_at = $8
			WHERE workspace_id = $1 AND id = $2`, d.Workspace, d.ID, d.State, d.Attempt, d.NextAt, d.Reason, d.ExternalID, o.At)
		w.tell(d)
		return nil
	})
	return settled, err
}

// DeliveryByExternalID finds a delivery by the channel's own name for it, for
// receipts and bounces.
func (s *Store) DeliveryByExternalID(ctx context.Context, scope access.Scope, account id.Channel, externalID string) (inbox.Delivery, error) {
	rows, err := s.db.Query(ctx, `SELECT `+deliveryColumns+` FROM deliveries
		WHERE workspace_id = $1 AND channel_id = $2 AND external_id = $3 AND external_id <> ''`, scope.Workspace, account, externalID)
	all, err := store.All(rows, err, scanDelivery)
	if err != nil {
		return inbox.Delivery{}, err
	}
	if len(all) == 0 {
		return inbox.Delivery{}, inbox.ErrNotFound
	}
	return all[0], nil
}
