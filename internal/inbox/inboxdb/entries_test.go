package inboxdb_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"everdesk/internal/access"
	"everdesk/internal/id"
	"everdesk/internal/inbox"
	"everdesk/internal/inbox/inboxdb"
	"everdesk/internal/page"
	"everdesk/internal/store"
)

func TestAConversationStartsOncePerKey(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		who := d.customer()
		first := d.start(who, "hello", true)
		again := d.start(who, "hello", true)
		if first.ID != again.ID || again.LastSeq != 2 {
			t.Errorf("made %v and %v, %d entries", first.ID, again.ID, again.LastSeq)
		}
		if other := d.start(d.customer(), "hello", true); other.ID == first.ID {
			t.Error("another customer's key answered with this one's conversation")
		}
		_, err := d.Start(t.Context(), who, inbox.Opening{Customer: who.Customer, Channel: widget, ClientID: "first hello", Body: inbox.TextBody("other words"), At: d.at})
		refused(t, "other words under the key", err, inbox.ErrKeyReused)
		var jobs int64
		rows, err := d.db.Query(t.Context(), `SELECT COUNT(*) FROM jobs WHERE kind = $1`, inboxdb.BotTurnKind)
		if err := store.One(rows, err, &jobs); err != nil || jobs != 2 {
			t.Errorf("%d turns for 2 questions, %v", jobs, err)
		}
	})
}

func TestEveryMessageIsKeptOnceInOrderWhateverIsRetried(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		who := d.customer()
		c := d.start(who, "hello", true)
		var wg sync.WaitGroup
		for worker := range 6 {
			wg.Go(func() {
				for n := range 60 {
					if _, err := d.say(who, c, fmt.Sprint("m", (n+worker*7)%60), fmt.Sprint("text ", (n+worker*7)%60)); err != nil {
						t.Error(err)
					}
				}
			})
		}
		wg.Wait()
		seen := map[string]bool{}
		for i, e := range d.entries(c) {
			if e.Seq != int64(i+1) {
				t.Fatalf("entry %d has seq %d", i, e.Seq)
			}
			if e.ClientID != "" && seen[e.ClientID] {
				t.Fatalf("%s is there twice", e.ClientID)
			}
			seen[e.ClientID] = true
		}
		if now := d.get(c); now.LastSeq != 62 || now.CustomerSeq != 62 {
			t.Errorf("%d entries, want 62", now.LastSeq)
		}
	})
}

func TestEntriesAreReadBothWaysAndNotesByStaffAlone(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		who := d.customer()
		c := d.start(who, "hello", false)
		d.online(ann)
		d.tick(0)
		for n := range 5 {
			_, err := d.say(member(ann, support), c, fmt.Sprint(n), fmt.Sprint("answer ", n))
			d.must(err)
		}
		_, err := d.Post(t.Context(), member(ben, support), c.ID, inbox.Posting{Kind: inbox.KindNote, ClientID: "note", Body: inbox.TextBody("between us"), At: d.at})
		d.must(err)
		seqs := func(scope access.Scope, w inbox.Window) string {
			t.Helper()
			got, err := d.Entries(t.Context(), scope, c.ID, w)
			d.must(err)
			text := fmt.Sprint("of ", got.LastSeq, ":")
			for _, e := range got.Items {
				text += fmt.Sprint(" ", e.Seq)
				if e.Private && scope.Kind == access.ActorVisitor {
					t.Error("the customer reads a note")
				}
			}
			if got.HasMore {
				text += " and more"
			}
			return text
		}
		for want, test := range map[string]struct {
			scope  access.Scope
			window inbox.Window
		}{
			"of 9: 1 2 3 and more": {member(ann, support), inbox.Window{Forward: true, Limit: 3}},
			"of 9: 7 8 9":          {member(ann, support), inbox.Window{Forward: true, After: 6, Limit: 3}},
			"of 9: 8 9 and more":   {member(ann, support), inbox.Window{Limit: 2}},
			"of 9: 2 3 4 and more": {member(ann, support), inbox.Window{Before: 5, Limit: 3}},
			"of 8: 7 8":            {who, inbox.Window{Forward: true, After: 6, Limit: 3}},
		} {
			if got := seqs(test.scope, test.window); got != want {
				t.Errorf("%+v reads %q, want %q", test.window, got, want)
			}
		}
	})
}

func TestEditedAndRecalledWordsLiveOnInHistoryAlone(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		ctx, who := t.Context(), d.customer()
		c := d.start(who, "my number is 1", true)
		edited, err := d.Edit(ctx, who, c.ID, 2, "e1", inbox.TextBody("my number is 2"), d.at)
		d.must(err)
		if edited.Entry.Seq != 3 || edited.Entry.Kind != inbox.KindEdit || edited.Entry.Target != 2 {
			t.Errorf("the edit is %+v", edited.Entry)
		}
		again, err := d.Edit(ctx, who, c.ID, 2, "e1", inbox.TextBody("my number is 2"), d.at)
		if err != nil || !again.Replayed || again.Entry.Seq != 3 {
			t.Errorf("repeated: %+v, %v", again.Entry, err)
		}
		_, err = d.Recall(ctx, who, c.ID, 2, "r1", d.at)
		d.must(err)
		_, err = d.Edit(ctx, who, c.ID, 2, "e2", inbox.TextBody("x"), d.at)
		refused(t, "editing what is recalled", err, inbox.ErrRecalled)
		for _, e := range d.entries(c) {
			if strings.Contains(store.JSON(e.Body), "number") {
				t.Errorf("entry %d still shows %s", e.Seq, store.JSON(e.Body))
			}
		}
		versions, err := d.History(ctx, member(ann, support), c.ID, 2)
		d.must(err)
		var said []string
		for _, v := range versions {
			said = append(said, fmt.Sprint(v.Body.Type, " ", v.Body.Plain()))
		}
		if got := strings.Join(said, "; "); got != "text my number is 1; text my number is 2; recalled " {
			t.Errorf("history: %s", got)
		}
		_, err = d.History(ctx, who, c.ID, 2)
		refused(t, "the customer reading what was recalled", err, inbox.ErrEntryNotFound)
		if now := d.get(c); now.Last.Text != "" {
			t.Errorf("lists still show %q", now.Last.Text)
		}
	})
}

func TestOnlyTheAuthorEditsAndOnlyWords(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		ctx, who := t.Context(), d.customer()
		c := d.start(who, "hello", false)
		d.online(ann)
		d.tick(0)
		answer, err := d.say(member(ann, support), c, "a", "hi")
		d.must(err)
		for name, test := range map[string]struct {
			scope  access.Scope
			target int64
			want   error
		}{
			"another member":         {member(ben, support), answer.Entry.Seq, inbox.ErrNotEditable},
			"the customer":           {who, answer.Entry.Seq, inbox.ErrNotEditable},
			"a supervisor":           {supervisor(cleo), answer.Entry.Seq, inbox.ErrNotEditable},
			"a transition":           {member(ann, support), 1, inbox.ErrNotEditable},
			"what does not exist":    {member(ann, support), 99, inbox.ErrEntryNotFound},
			"the customer's message": {member(ann, support), 2, inbox.ErrNotEditable},
		} {
			_, err := d.Edit(ctx, test.scope, c.ID, test.target, "x"+name, inbox.TextBody("changed"), d.at)
			refused(t, name, err, test.want)
		}
		if _, err := d.Recall(ctx, supervisor(cleo), c.ID, answer.Entry.Seq, "r", d.at); err != nil {
			t.Errorf("a supervisor could not recall: %v", err)
		}
		_, err = d.Recall(ctx, supervisor(cleo), c.ID, 2, "r2", d.at)
		refused(t, "recalling the customer's words", err, inbox.ErrNotEditable)
	})
}

func TestNobodySeesWhatIsNotTheirs(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		ctx, who := t.Context(), d.customer()
		c := d.start(who, "hello", false)
		other := access.System(theirs)
		narrow := member(ben)
		narrow.Reach = access.ReachOwn
		for name, scope := range map[string]access.Scope{
			"another workspace": other, "another customer": d.customer(), "another team": member(cleo, wholesale), "a member who sees only their own": narrow,
		} {
			_, err := d.Get(ctx, scope, c.ID)
			refused(t, name+" reads", err, inbox.ErrNotFound)
			_, err = d.Entries(ctx, scope, c.ID, inbox.Window{Limit: 10})
			refused(t, name+" reads entries", err, inbox.ErrNotFound)
			_, err = d.say(scope, c, "x", "x")
			refused(t, name+" writes", err, inbox.ErrNotFound)
			_, err = d.Resolve(ctx, scope, c.ID, 99, d.at)
			refused(t, name+" resolves", err, inbox.ErrNotFound)
			_, err = d.Tag(ctx, scope, c.ID, []string{"x"}, nil, d.at)
			refused(t, name+" tags", err, inbox.ErrNotFound)
			list, err := d.List(ctx, scope, inbox.Filter{View: inbox.ViewOpen}, page.Request{Limit: 10})
			if err != nil || len(list.Items) != 0 {
				t.Errorf("%s lists %d, %v", name, len(list.Items), err)
			}
		}
	})
}

func TestListsArePagedAndCounted(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		ctx := t.Context()
		d.online(ann)
		var all []inbox.Conversation
		for n := range 7 {
			d.at = d.at.Add(time.Second)
			all = append(all, d.start(d.customer(), fmt.Sprint("question ", n), n%2 == 0))
		}
		urgent := inbox.Urgent
		_, err := d.Change(ctx, member(ann, support), all[5].ID, 1, inbox.Attributes{Priority: &urgent}, d.at)
		d.must(err)
		pages := func(view inbox.View) string {
			t.Helper()
			var got []string
			var request page.Request
			for request.Limit = 2; ; {
				p, err := d.List(ctx, member(ann, support), inbox.Filter{View: view}, request)
				d.must(err)
				for _, c := range p.Items {
					got = append(got, strings.TrimPrefix(c.Last.Text, "question "))
				}
				if request.After = p.Next; p.Next.IsZero() {
					return strings.Join(got, " ")
				}
			}
		}
		for view, want := range map[inbox.View]string{inbox.ViewOpen: "6 5 4 3 2 1 0", inbox.ViewBot: "6 4 2 0", inbox.ViewQueue: "5 1 3", inbox.ViewMine: ""} {
			if got := pages(view); got != want {
				t.Errorf("%s lists %q, want %q", view, got, want)
			}
		}
		d.tick(0)
		counts, err := d.Counts(ctx, member(ann, support))
		if want := (inbox.Counts{Mine: 2, Queue: 1, Bot: 4, Open: 7, Unread: 2}); err != nil || counts != want {
			t.Errorf("counted %+v, %v; want %+v", counts, err, want)
		}
		if got := pages(inbox.ViewMine); got != "5 1" && got != "1 5" {
			t.Errorf("the most urgent and the longest waiting went first: %q", got)
		}
	})
}

func TestReadMarksMoveForwardAndReachTheOtherSide(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		ctx, who := t.Context(), d.customer()
		c := d.start(who, "hello", false)
		d.online(ann)
		d.tick(0)
		answer, err := d.say(member(ann, support), c, "a", "hi")
		d.must(err)
		state := func() inbox.DeliveryState {
			t.Helper()
			for _, e := range d.entries(c) {
				if e.Seq == answer.Entry.Seq && e.Delivery != nil {
					return e.Delivery.State
				}
			}
			return ""
		}
		if state() != inbox.DeliverySent {
			t.Errorf("a written answer is %q", state())
		}
		d.must(d.Delivered(ctx, who, c.ID, answer.Entry.Seq, d.at))
		if state() != inbox.DeliveryDelivered {
			t.Errorf("a fetched answer is %q", state())
		}
		now, err := d.MarkRead(ctx, who, c.ID, 99, d.at)
		if err != nil || now.CustomerReadSeq != now.LastSeq || state() != inbox.DeliveryRead {
			t.Errorf("read to %d of %d, %q, %v", now.CustomerReadSeq, now.LastSeq, state(), err)
		}
		if now, err = d.MarkRead(ctx, who, c.ID, 1, d.at); err != nil || now.CustomerReadSeq != now.LastSeq {
			t.Errorf("the mark went back to %d, %v", now.CustomerReadSeq, err)
		}
		_, err = d.say(who, c, "b", "thanks")
		d.must(err)
		if now, err = d.MarkRead(ctx, member(ben, support), c.ID, 99, d.at); err != nil || !now.Unread() {
			t.Errorf("a colleague's look marked the owner's as read, %v", err)
		}
		if now, err = d.MarkRead(ctx, member(ann, support), c.ID, 99, d.at); err != nil || now.Unread() {
			t.Errorf("still unread, %v", err)
		}
	})
}

func TestARatingNeedsSomethingToRate(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		ctx, who := t.Context(), d.customer()
		c := d.start(who, "hello", true)
		_, err := d.Rate(ctx, who, c.ID, inbox.Rating{Score: 5}, d.at)
		refused(t, "rating at once", err, inbox.ErrNotRatable)
		_, err = d.Rate(ctx, who, c.ID, inbox.Rating{Score: 6}, d.at)
		refused(t, "six stars", err, inbox.ErrBody)
		_, err = d.Resolve(ctx, access.System(ours), c.ID, 99, d.at)
		d.must(err)
		for range 2 {
			now, err := d.Rate(ctx, who, c.ID, inbox.Rating{Score: 4}, d.at)
			if err != nil || now.Rating != 4 || now.LastSeq != 4 {
				t.Errorf("rated %d with %d entries, %v", now.Rating, now.LastSeq, err)
			}
		}
	})
}

func TestTagsAreASmallSortedSet(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		ctx := t.Context()
		c := d.start(d.customer(), "hello", true)
		_, err := d.Tag(ctx, member(ann, support), c.ID, []string{"Refund", " vip "}, nil, d.at)
		d.must(err)
		now, err := d.Tag(ctx, member(ann, support), c.ID, []string{"refund", "late"}, []string{"VIP"}, d.at)
		if err != nil || strings.Join(now.Tags, " ") != "late refund" {
			t.Errorf("tagged %v, %v", now.Tags, err)
		}
		list, err := d.List(ctx, member(ann, support), inbox.Filter{Tag: "refund"}, page.Request{Limit: 5})
		if err != nil || len(list.Items) != 1 {
			t.Errorf("%d found by tag, %v", len(list.Items), err)
		}
	})
}

func TestAMessageShowsOnlyAnUploadOfItsSender(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		ctx, who := t.Context(), d.customer()
		c := d.start(who, "hello", true)
		upload := inbox.Upload{ID: id.New[id.File](d.db.IDs()), Name: "cat.png", MediaType: "image/png", Size: 10, Width: 3, Height: 2, CreatedAt: d.at}
		d.must(d.AddFile(ctx, who, upload))
		image, err := inbox.ParseBody(fmt.Appendf(nil, `{"type":"image","file":{"id":%q,"name":"evil.html","size":1}}`, upload.ID))
		d.must(err)
		posted, err := d.Post(ctx, who, c.ID, inbox.Posting{Kind: inbox.KindMessage, ClientID: "i", Body: image, At: d.at})
		d.must(err)
		if shown := posted.Entry.Body.Content.(*inbox.Media).File; shown.Name != "cat.png" || shown.Size != 10 || shown.Width != 3 {
			t.Errorf("shown as %+v", shown)
		}
		stranger := d.customer()
		other := d.start(stranger, "hi", true)
		_, err = d.Post(ctx, stranger, other.ID, inbox.Posting{Kind: inbox.KindMessage, ClientID: "i", Body: image, At: d.at})
		refused(t, "showing somebody else's upload", err, inbox.ErrFile)
	})
}
