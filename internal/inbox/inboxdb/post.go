package inboxdb

import (
	"context"
	"time"

	"everdesk/internal/access"
	"everdesk/internal/event"
	"everdesk/internal/fault"
	"everdesk/internal/id"
	"everdesk/internal/inbox"
	"everdesk/internal/job"
	"everdesk/internal/routing"
	"everdesk/internal/store"
)

// Post adds a customer's or a member's entry. A customer's message brings a
// resolved conversation back. A member's goes to the customer only from who
// owns the conversation, or while a ticket does; notes anybody may write.
func (s *Store) Post(ctx context.Context, scope access.Scope, which id.Conversation, p inbox.Posting) (posted inbox.Posted, err error) {
	err = s.inTurn(ctx, which, func(ctx context.Context) error {
		w, earlier, err := s.beginPost(ctx, scope, which, p.ClientID, p.At)
		if err != nil {
			return err
		}
		if earlier != nil {
			posted = inbox.Posted{Conversation: w.now, Entry: *earlier, Replayed: true}
			return sameBody(*earlier, p.Body)
		}
		who := author(scope)
		content, err := s.complete(ctx, scope, p.Body, writer(scope))
		if err != nil {
			return err
		}
		if p.ReplyTo < 0 || p.ReplyTo > w.now.LastSeq {
			return fault.ErrInvalid.At("body.reply_to", "range", "no such entry")
		}
		var entry inbox.Entry
		switch {
		case who.Kind == inbox.ByCustomer:
			entry, err = w.customerSays(content, p)
		case p.Kind == inbox.KindNote:
			entry = w.say(line{Entry: inbox.Entry{Kind: inbox.KindNote, Author: who, Body: content, Private: true, ClientID: p.ClientID, ReplyTo: p.ReplyTo}})
		default:
			entry, err = w.staffSays(scope, content, p)
		}
		if err != nil {
			return err
		}
		w.spoken = true
		w.finish()
		posted = inbox.Posted{Conversation: w.now, Entry: entry}
		return nil
	})
	return posted, err
}

// customerSays adds a customer's message, reopening or reviving what nobody
// live owns any more.
func (w *change) customerSays(content inbox.Body, p inbox.Posting) (inbox.Entry, error) {
	switch {
	case w.now.State == inbox.Resolved:
		if err := w.reopen(inbox.Asker(w.now.Customer), inbox.ReasonCustomerWrote); err != nil {
			return inbox.Entry{}, err
		}
	case w.now.Owner.Kind == inbox.OwnerTicket && w.now.Channel.Kind.Live():
		if err := w.revive(); err != nil {
			return inbox.Entry{}, err
		}
	}
	return w.heard(content, p), nil
}

// revive brings what a ticket carries back to the queue if somebody could take
// it right now.
func (w *change) revive() error {
	candidates, err := w.s.candidates(w.ctx, w.now.Workspace, w.now.Team, w.at)
	if err != nil {
		return err
	}
	request := routing.Request{Kind: routing.Chat, LastStaff: w.now.LastStaff, Avoid: w.now.Avoid, At: w.at}
	if chosen, _ := routing.Choose(candidates, request); chosen == 0 {
		return nil
	}
	policy, queue, err := w.s.queueOf(w.ctx, w.now.Workspace, w.now.Team, w.at)
	if err != nil {
		return err
	}
	if m, revived := w.now.Revive(w.at, queue, policy); revived {
		return w.move(m, false)
	}
	return nil
}

// staffSays adds a member's message to the customer.
func (w *change) staffSays(scope access.Scope, content inbox.Body, p inbox.Posting) (inbox.Entry, error) {
	if err := w.maySpeak(scope); err != nil {
		return inbox.Entry{}, err
	}
	// The desk's own notices answer nobody: whoever waits goes on waiting.
	if scope.Kind != access.ActorSystem {
		// What a ticket promised goes where it was promised to, also when an agent
		// is back and the window still open: it may be closed before it is read.
		w.promised = w.now.Ticket != 0 && !w.now.WaitingSince.IsZero()
		w.now = w.now.With(w.now.Answered(w.at, w.s.policy))
	}
	entry := w.say(line{
		Entry:   inbox.Entry{Kind: inbox.KindMessage, Author: author(scope), Body: content, ClientID: p.ClientID, ReplyTo: p.ReplyTo},
		channel: w.now.Channel.Account, externalID: p.ExternalID,
	})
	w.now.StaffReadSeq = entry.Seq
	return w.deliver(entry)
}

// maySpeak says whose turn it is: one voice speaks to the customer at a time.
func (w *change) maySpeak(scope access.Scope) error {
	switch owner := w.now.Owner; {
	case w.now.State == inbox.Resolved:
		return inbox.ErrResolved
	case scope.Kind == access.ActorSystem, owner.Kind == inbox.OwnerTicket:
		return nil
	case owner.Kind == inbox.OwnerAgent && owner.Staff == scope.Staff && scope.Kind == access.ActorStaff:
		return nil
	case owner.Kind == inbox.OwnerAgent:
		return w.taken()
	}
	return inbox.ErrNotOwner
}

// taken names who has the conversation.
func (w *change) taken() error {
	member, err := w.s.options.Roster.Member(w.ctx, access.System(w.now.Workspace), w.now.Owner.Staff)
	if err != nil {
		return err
	}
	return inbox.ErrTaken.With("agent", member.Name)
}

// deliver writes how the entry reaches the customer: by the widget, where it is
// sent by being there, or by channels whose jobs send it.
func (w *change) deliver(entry inbox.Entry) (inbox.Entry, error) {
	var routes []inbox.Delivery
	if w.now.Channel.Kind.Live() {
		routes = append(routes, inbox.Delivery{Channel: w.now.Channel, State: inbox.DeliverySent})
	}
	if w.routes != nil {
		routes = append(routes, w.routes...)
	} else if outward := w.s.options.Outward; outward != nil && (!w.now.Channel.Kind.Live() || w.now.Owner.Kind == inbox.OwnerTicket || w.promised) {
		more, err := outward.Routes(w.ctx, w.now)
		if err != nil {
			return entry, err
		}
		routes = append(routes, more...)
	}
	for i := range routes {
		d := &routes[i]
		d.ID, d.Workspace, d.Conversation, d.Seq = id.New[id.Delivery](w.tx.IDs()), w.now.Workspace, w.now.ID, entry.Seq
		if d.State == "" {
			d.State, d.NextAt = inbox.DeliveryQueued, w.at
			w.sendSoon()
		}
		w.tx.Queue(`INSERT INTO deliveries(workspace_id, id, conversation_id, seq, identity_id, channel_kind, channel_id, state, attempt,
				next_at, reason, external_id, created_at, updated_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0, $9, '', '', $10, $10)`,
			d.Workspace, d.ID, d.Conversation, d.Seq, d.Identity, d.Channel.Kind, d.Channel.Account, d.State, d.NextAt, w.at)
		entry.Delivery = d
	}
	w.lines[len(w.lines)-1].Delivery = entry.Delivery
	return entry, nil
}

// sendSoon sets the timer that sends what is queued for the conversation.
func (w *change) sendSoon() {
	key, payload := DeliveryKind+"/"+w.now.ID.String(), DeliveryTask{w.now.Workspace, w.now.ID}
	if w.isNew { // nobody has set it yet
		job.Enqueue(w.ctx, job.Job{Kind: DeliveryKind, Key: key, Workspace: w.now.Workspace, At: w.at, Payload: payload})
		return
	}
	job.Set(w.ctx, w.now.Workspace, event.Timer{Key: key, Kind: DeliveryKind, At: w.at, Payload: payload})
}

// beginPost is begin that also finds the entry an earlier call with the client
// id made.
func (s *Store) beginPost(ctx context.Context, scope access.Scope, which id.Conversation, clientID string, at time.Time) (*change, *inbox.Entry, error) {
	var args arguments
	where := "WHERE " + s.sees(scope, &args) + " AND c.id = " + args.add(which)
	join := "LEFT JOIN entries e ON e.workspace_id = c.workspace_id AND e.conversation_id = c.id AND e.client_id <> '' AND e.client_id = " + args.add(clientID) + " "
	var seq int64
	rows, err := s.db.Query(ctx, "SELECT "+columns+", COALESCE(e.seq, 0)"+from+join+where+s.dialect.lock, args...)
	all, err := store.All(rows, err, func(row store.Row) (inbox.Conversation, error) { return scan(also{row, []any{&seq}}) })
	if err != nil {
		return nil, nil, err
	}
	if len(all) == 0 {
		return nil, nil, inbox.ErrNotFound
	}
	w := &change{s: s, ctx: ctx, tx: store.Current(ctx), at: at, now: all[0], was: cellOf(all[0])}
	if seq == 0 {
		return w, nil, nil
	}
	earlier, err := s.bySeq(ctx, w.now, seq)
	return w, &earlier, err
}

// also scans more columns after those of a row.
type also struct {
	store.Row
	dest []any
}

func (a also) Scan(dest ...any) error { return a.Row.Scan(append(dest, a.dest...)...) }

// complete checks a body and fills in the upload it shows.
func (s *Store) complete(ctx context.Context, scope access.Scope, body inbox.Body, who inbox.AuthorKind) (inbox.Body, error) {
	if err := body.Check(); err != nil {
		return body, err
	}
	if !body.Type.MayWrite(who) {
		return body, inbox.ErrBody.At("body.body.type", "not_allowed", "not for you to write")
	}
	if body.FileID() == 0 {
		return body, nil
	}
	file, err := s.File(ctx, scope, body.FileID())
	if err != nil {
		return body, err
	}
	return body.WithFile(file.Shown()), nil
}
