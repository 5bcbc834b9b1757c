package demo

import (
	"time"

	"everdesk/internal/access"
	"everdesk/internal/id"
	"everdesk/internal/inbox"
	"everdesk/internal/inbox/inboxdb"
	"everdesk/internal/job"
)

// end brings the talk to where the pack leaves it.
func (t *telling) end() (err error) {
	if t.now, err = t.desk.Inbox.Tag(t.ctx, t.scope, t.now.ID, t.talk.Tags, nil, t.at); err != nil {
		return err
	}
	if err := t.close(); err != nil {
		return err
	}
	return t.delivered()
}

func (t *telling) close() error {
	switch {
	case t.talk.open():
		return nil
	case t.talk.Ticket != nil:
		if done, err := t.endTicket(); err != nil || !done {
			return err
		}
	default:
		if err := t.resolve(); err != nil {
			return err
		}
	}
	return t.rate()
}

// resolve ends a talk by who has it: the agent when it is done, the desk when
// the customer says no more.
func (t *telling) resolve() (err error) {
	t.answered()
	by, after := t.scope, 10*time.Minute
	for _, p := range t.people {
		if t.now.Owner.Staff == p.ID {
			by, after = p.scope, 40*time.Second
		}
	}
	if err := t.read(by); err != nil {
		return err
	}
	t.at = t.until(t.at.Add(after))
	t.now, err = t.desk.Inbox.Resolve(t.ctx, by, t.now.ID, t.now.LastSeq, t.at)
	return err
}

// read has both sides see everything.
func (t *telling) read(by access.Scope) (err error) {
	for _, scope := range []access.Scope{by, t.visitor} {
		if t.now, err = t.desk.Inbox.MarkRead(t.ctx, scope, t.now.ID, t.now.LastSeq, t.at); err != nil {
			return err
		}
	}
	return nil
}

// endTicket settles the ticket if it has been; else somebody has it by now.
func (t *telling) endTicket() (done bool, err error) {
	wanted := t.talk.Ticket
	if t.owed.Assignee == 0 {
		t.at = t.until(t.at.Add(20 * time.Minute))
		if err := t.assign(wanted.Assignee); err != nil {
			return false, err
		}
	}
	if wanted.Resolved == nil {
		return false, nil
	}
	by := t.people[wanted.Assignee].scope
	if err := t.read(by); err != nil {
		return false, err
	}
	if at := t.began.Add(time.Duration(*wanted.Resolved) * time.Minute); at.After(t.at) {
		t.at = t.until(at)
	}
	if t.owed, err = t.desk.Tickets.Resolve(t.ctx, by, t.owed.ID, t.now.LastSeq, t.at); err != nil {
		return false, err
	}
	return true, t.reload()
}

// rate gives the customer's verdict, and what it says of the bot's answer.
func (t *telling) rate() (err error) {
	if t.talk.Rating == 0 {
		return nil
	}
	t.at = t.until(t.at.Add(90 * time.Second))
	rating := inbox.Rating{Score: t.talk.Rating, Comment: t.talk.Comment}
	if t.now, err = t.desk.Inbox.Rate(t.ctx, t.visitor, t.now.ID, rating, t.at); err != nil || t.answer == 0 {
		return err
	}
	if rating.Score == 3 {
		return nil
	}
	verdict := "down"
	if rating.Score > 3 {
		verdict = "up"
	}
	if err := t.desk.Inbox.Judge(t.ctx, t.visitor, t.now.ID, t.answer, verdict, t.at); err != nil {
		return err
	}
	return t.desk.Knowledge.CountVerdict(t.ctx, t.scope, []id.Article{t.cited}, verdict == "up")
}

// delivered settles what was sent by mail at the time: nothing of the past is
// sent again.
func (t *telling) delivered() error {
	queued, err := t.desk.Inbox.QueuedDeliveries(t.ctx, t.scope, t.now.ID)
	if err != nil {
		return err
	}
	for _, d := range queued {
		sent := inboxdb.Outcome{State: inbox.DeliverySent, At: d.NextAt.Add(2 * time.Second)}
		if _, err := t.desk.Inbox.Settle(t.ctx, t.scope, d.ID, sent); err != nil {
			return err
		}
	}
	job.Cancel(t.ctx, inboxdb.DeliveryKind+"/"+t.now.ID.String())
	return nil
}
