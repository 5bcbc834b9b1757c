package notify_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"everdesk/internal/access"
	"everdesk/internal/channel"
	"everdesk/internal/fault"
	"everdesk/internal/id"
	"everdesk/internal/inbox"
	"everdesk/internal/notify"
	"everdesk/internal/ticket"
)

var (
	at    = time.Date(2026, 11, 21, 1, 48, 0, 0, time.UTC)
	scope = access.System(7)
)

// office holds what waits, knows whom it is for, and is the mail server too.
type office struct {
	queued   []inbox.Delivery
	entries  map[int64]inbox.Entry
	settled  []notify.Outcome
	receipts []channel.Receipt
	sent     []channel.Outbound
	ticket   ticket.Ticket
	unset    bool
	nobody   bool
}

func (o *office) Queued(context.Context, access.Scope, id.Conversation) ([]inbox.Delivery, error) {
	return o.queued, nil
}

func (o *office) Entry(_ context.Context, _ access.Scope, _ id.Conversation, seq int64) (inbox.Entry, error) {
	return o.entries[seq], nil
}

func (o *office) Settle(_ context.Context, _ access.Scope, _ id.Delivery, outcome notify.Outcome) error {
	o.settled = append(o.settled, outcome)
	if outcome.State != inbox.DeliveryQueued {
		o.queued = o.queued[1:]
		return nil
	}
	o.queued[0].Attempt++
	o.queued[0].NextAt = outcome.NextAt
	return nil
}

func (o *office) Recipient(context.Context, access.Scope, id.Conversation, id.Identity) (notify.Recipient, error) {
	if o.nobody {
		return notify.Recipient{}, fault.New(fault.NotFound, "customer.not_found")
	}
	return notify.Recipient{Address: "lin@customer.test", Name: "Lin", Locale: "en"}, nil
}

func (o *office) Ticket(context.Context, access.Scope, id.Conversation) (ticket.Ticket, error) {
	if o.ticket.ID == 0 {
		return ticket.Ticket{}, ticket.ErrNotFound
	}
	return o.ticket, nil
}

func (o *office) Signature(_ context.Context, _ access.Scope, staff id.Staff) (notify.Signature, error) {
	if staff == 0 {
		return notify.Signature{Desk: "Finch Wear"}, nil
	}
	return notify.Signature{Desk: "Finch Wear", Agent: "Cheng Ye"}, nil
}

func (o *office) Sender(context.Context, access.Scope, channel.Kind) (channel.Sender, error) {
	if o.unset {
		return nil, channel.ErrNotConfigured
	}
	return o, nil
}

func (o *office) Send(_ context.Context, message channel.Outbound) channel.Receipt {
	o.sent = append(o.sent, message)
	if len(o.receipts) == 0 {
		return channel.Receipt{State: channel.Sent, ExternalID: "x"}
	}
	receipt := o.receipts[0]
	if len(o.receipts) > 1 {
		o.receipts = o.receipts[1:]
	}
	return receipt
}

func (o *office) TicketLink(id.Workspace, id.Ticket, time.Time) string {
	return "https://desk.test/t/abc"
}

func newOffice(kind inbox.ChannelKind, authors ...inbox.Author) *office {
	o := &office{entries: map[int64]inbox.Entry{}, ticket: ticket.Ticket{ID: 42, Number: 1042, Subject: "Where is my <parcel>?"}}
	for i, author := range authors {
		seq := int64(i + 1)
		o.entries[seq] = inbox.Entry{Seq: seq, Kind: inbox.KindMessage, Author: author, Body: inbox.TextBody("It is on its way.\n\nYou get it <today>."), CreatedAt: at}
		o.queued = append(o.queued, inbox.Delivery{ID: id.Delivery(seq), Conversation: 5, Seq: seq, Identity: 9, Channel: inbox.Channel{Kind: kind}})
	}
	return o
}

func (o *office) next(t *testing.T, now time.Time) time.Time {
	t.Helper()
	again, err := notify.NewCourier(o, o, o, o).Next(t.Context(), scope, 5, now)
	if err != nil {
		t.Fatal(err)
	}
	return again
}

func TestAnAgentsAnswerIsALetterOfTheTicket(t *testing.T) {
	o := newOffice(inbox.Email, inbox.Member(3))
	if again := o.next(t, at); !again.IsZero() {
		t.Errorf("come again at %v", again)
	}
	want := channel.Outbound{
		ID: id.Delivery(1).String(), To: "lin@customer.test", Name: "Lin", Thread: id.Conversation(5).String(), At: at,
		Subject: "Re: [#1042] Where is my <parcel>?",
		Text: "It is on its way.\n\nYou get it <today>.\n\nCheng Ye\nFinch Wear\n\n" +
			"Answer here, and see all that was said about #1042:\nhttps://desk.test/t/abc\n",
	}
	got := o.sent[0]
	for _, part := range []string{"You get it &lt;today&gt;.", "Cheng Ye<br>\nFinch Wear", `<a href="https://desk.test/t/abc" style`, ">Open the ticket</a>"} {
		if !strings.Contains(got.HTML, part) {
			t.Errorf("the page lacks %q:\n%s", part, got.HTML)
		}
	}
	got.HTML = ""
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("letter (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]notify.Outcome{{State: inbox.DeliverySent, ExternalID: "x", At: at}}, o.settled); diff != "" {
		t.Errorf("settled (-want +got):\n%s", diff)
	}
}

func TestWhatTheDeskSaysIsMarkedAsAutomatic(t *testing.T) {
	for name, test := range map[string]struct {
		change func(o *office)
		want   string
	}{
		"a new ticket":     {func(*office) {}, "[#1042] Where is my <parcel>?"},
		"a settled ticket": {func(o *office) { o.ticket.ResolvedAt = at }, "Re: [#1042] Where is my <parcel>?"},
		"no ticket":        {func(o *office) { o.ticket = ticket.Ticket{} }, "A message from Finch Wear"},
	} {
		o := newOffice(inbox.Email, inbox.System)
		test.change(o)
		o.next(t, at)
		if got := o.sent[0]; got.Subject != test.want || !got.Automatic {
			t.Errorf("%s: %q, automatic %v", name, got.Subject, got.Automatic)
		}
	}
}

func TestATextMessageIsShortAndHasTheLink(t *testing.T) {
	o := newOffice(inbox.SMS, inbox.Member(3))
	long := o.entries[1]
	long.Body = inbox.TextBody(strings.Repeat("很长", 100))
	o.entries[1] = long
	o.next(t, at)
	if got, want := o.sent[0].Text, strings.Repeat("很长", 59)+"很… https://desk.test/t/abc"; got != want || o.sent[0].Subject != "" {
		t.Errorf("sent %q", got)
	}
}

func TestDeliveriesGoInOrderAndADelayedOneHoldsUpTheRest(t *testing.T) {
	o := newOffice(inbox.Email, inbox.System, inbox.Member(3))
	o.receipts = []channel.Receipt{{State: channel.Delayed, Reason: channel.Unreachable, Detail: "refused"}, {State: channel.Sent}}
	again := o.next(t, at)
	if wait := again.Sub(at); wait < 20*time.Second || wait > 40*time.Second {
		t.Errorf("waits %v", wait)
	}
	if o.settled[0].State != inbox.DeliveryQueued || o.settled[0].Reason != "unreachable: refused" {
		t.Errorf("settled %+v", o.settled[0])
	}
	if early := o.next(t, at.Add(time.Second)); !early.Equal(again) || len(o.sent) != 1 {
		t.Errorf("early: %v, %d sent", early, len(o.sent))
	}
	if more := o.next(t, again); !more.Equal(again) {
		t.Errorf("there is more, but come at %v", more)
	}
	o.next(t, again)
	if len(o.sent) != 3 || o.sent[1].ID != o.sent[0].ID || o.sent[2].ID != id.Delivery(2).String() {
		t.Errorf("sent %+v", o.sent)
	}
}

func TestWhatNeverWorksFailsInTheEndForAllToSee(t *testing.T) {
	o := newOffice(inbox.Email, inbox.System)
	o.receipts = []channel.Receipt{{State: channel.Delayed, Reason: channel.TryLater}}
	now := at
	for len(o.queued) > 0 {
		again := o.next(t, now)
		if len(o.settled) > 20 {
			t.Fatal("it never ends")
		}
		now = again
	}
	last := o.settled[len(o.settled)-1]
	if len(o.settled) != 12 || last.State != inbox.DeliveryFailed || last.Reason != "try_later" {
		t.Errorf("%d attempts, at last %+v", len(o.settled), last)
	}
}

func TestWhatCannotBeSentFailsAtOnceOrWaitsForItsSettings(t *testing.T) {
	for name, test := range map[string]struct {
		change func(o *office)
		state  inbox.DeliveryState
		reason string
	}{
		"refused for good": {func(o *office) {
			o.receipts = []channel.Receipt{{State: channel.Failed, Reason: channel.AddressRefused}}
		}, inbox.DeliveryFailed, "address_refused"},
		"a channel not set": {func(o *office) { o.unset = true }, inbox.DeliveryQueued, "not_configured"},
		"nobody to send to": {func(o *office) { o.nobody = true }, inbox.DeliveryFailed, "no_recipient"},
		"taken back": {func(o *office) {
			e := o.entries[1]
			e.RecalledAt = at
			o.entries[1] = e
		}, inbox.DeliveryFailed, "recalled"},
		"asked to wait long": {func(o *office) {
			o.receipts = []channel.Receipt{{State: channel.Delayed, Reason: channel.TryLater, RetryAfter: 50 * time.Minute}}
		}, inbox.DeliveryQueued, "try_later"},
	} {
		o := newOffice(inbox.Email, inbox.Member(3))
		test.change(o)
		again := o.next(t, at)
		got := o.settled[0]
		if got.State != test.state || got.Reason != test.reason {
			t.Errorf("%s: %+v", name, got)
		}
		if name == "asked to wait long" && !again.Equal(at.Add(50*time.Minute)) {
			t.Errorf("comes again at %v", again)
		}
	}
}

// Words of a customer or an agent never become part of the page's own.
func TestAPageHoldsOnlyText(t *testing.T) {
	o := newOffice(inbox.Email, inbox.Member(3))
	e := o.entries[1]
	e.Body = inbox.TextBody("<script>x()</script>\nhttps://evil.test/\"onclick=x\nhttps://shop.test/a?b=1&c=2\njavascript:x()")
	o.entries[1] = e
	o.next(t, at)
	page := o.sent[0].HTML
	if strings.Contains(page, "<script") || strings.Contains(page, `href="https://evil`) || strings.Contains(page, `href="javascript`) {
		t.Errorf("page:\n%s", page)
	}
	if want := `<a href="https://shop.test/a?b=1&amp;c=2">https://shop.test/a?b=1&amp;c=2</a>`; !strings.Contains(page, want) {
		t.Errorf("the page lacks %s:\n%s", want, page)
	}
}
