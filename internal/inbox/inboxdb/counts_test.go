package inboxdb_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"everdesk/internal/access"
	"everdesk/internal/inbox"
	"everdesk/internal/store"
)

func TestCountsAreWhatThereIsAtEveryMoment(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		ctx := t.Context()
		who := d.customer()
		counts := func(scope access.Scope) inbox.Counts {
			t.Helper()
			n, err := d.Counts(ctx, scope)
			d.must(err)
			return n
		}
		var queued []inbox.Conversation
		for i := range 12 {
			c := d.start(who, fmt.Sprint("question ", i), i%3 == 0)
			if i%3 != 0 {
				queued = append(queued, c)
			}
		}
		for _, c := range queued[:2] {
			_, err := d.Transfer(ctx, supervisor(ann), c.ID, inbox.Target{Team: wholesale}, "", c.OwnerEpoch, d.at)
			d.must(err)
		}
		d.online(ann)
		d.tick(0)
		if got, want := counts(supervisor(cleo)), (inbox.Counts{Queue: 4, Bot: 4, Open: 12, Ticketed: 2}); got != want {
			t.Errorf("all: %+v, want %+v", got, want)
		}
		if got, want := counts(member(ann, support)), (inbox.Counts{Mine: 2, Queue: 4, Bot: 4, Open: 10, Unread: 2}); got != want {
			t.Errorf("support: %+v, want %+v", got, want)
		}
		if got, want := counts(member(cleo, wholesale)), (inbox.Counts{Open: 2, Ticketed: 2}); got != want {
			t.Errorf("wholesale: %+v, want %+v", got, want)
		}
		// Many moves make many rows; folding them changes nothing.
		c := d.get(queued[3])
		for i := range 150 {
			to := inbox.Target{Team: wholesale}
			if i%2 == 1 {
				to.Team = support
			}
			moved, err := d.Transfer(ctx, supervisor(ann), c.ID, to, "", c.OwnerEpoch, d.at)
			d.must(err)
			c = moved
		}
		before := counts(supervisor(cleo))
		d.must(d.FoldCounts(ctx))
		if after := counts(supervisor(cleo)); after != before {
			t.Errorf("folding made %+v of %+v", after, before)
		}
		var rows int64
		found, err := d.db.Query(ctx, `SELECT COUNT(*) FROM conversation_counts`)
		d.must(store.One(found, err, &rows))
		if rows > 8 {
			t.Errorf("%d rows are left", rows)
		}
		if wrong, err := d.SettleCounts(ctx); err != nil || wrong != 0 {
			t.Errorf("%d counts were wrong, %v", wrong, err)
		}
		// What is wrong all the same is set right.
		d.must(d.db.Atomically(ctx, func(ctx context.Context) error {
			store.Current(ctx).Queue(`DELETE FROM conversation_counts WHERE workspace_id = $1`, ours)
			return nil
		}))
		if wrong, err := d.SettleCounts(ctx); err != nil || wrong == 0 {
			t.Errorf("nobody noticed that the counts are gone: %d, %v", wrong, err)
		}
		if after := counts(supervisor(cleo)); after != before {
			t.Errorf("settled to %+v, want %+v", after, before)
		}
	})
}

func TestEveryReachListsWhatItSeesInOrder(t *testing.T) {
	each(t, func(t *testing.T, d *desk) {
		who := d.customer()
		var all []inbox.Conversation
		for i := range 9 {
			d.at = d.at.Add(time.Second)
			c := d.start(who, fmt.Sprint("question ", i), false)
			if i%3 == 0 {
				moved, err := d.Transfer(t.Context(), supervisor(ann), c.ID, inbox.Target{Team: wholesale}, "", c.OwnerEpoch, d.at)
				d.must(err)
				c = moved
			}
			all = append(all, c)
		}
		taken, err := d.Take(t.Context(), supervisor(ben), all[3].ID, all[3].OwnerEpoch, d.at)
		d.must(err)
		_, err = d.Resolve(t.Context(), supervisor(ben), taken.ID, taken.LastSeq, d.at)
		d.must(err)
		own := member(ben, support)
		own.Reach = access.ReachOwn
		many := member(ann, support)
		for i := range 30 {
			many.Teams = append(many.Teams, support+100+1<<i)
		}
		for name, c := range map[string]struct {
			scope  access.Scope
			filter inbox.Filter
			want   string
		}{
			"all of the workspace":        {supervisor(ann), inbox.Filter{View: inbox.ViewOpen}, "8 7 6 5 4 2 1 0"},
			"one team of it":              {supervisor(ann), inbox.Filter{View: inbox.ViewOpen, Team: wholesale}, "6 0"},
			"a member's teams":            {member(ann, support), inbox.Filter{View: inbox.ViewOpen}, "8 7 5 4 2 1"},
			"somebody of very many teams": {many, inbox.Filter{View: inbox.ViewOpen}, "8 7 5 4 2 1"},
			"a team that is not theirs":   {member(ann, support), inbox.Filter{View: inbox.ViewOpen, Team: wholesale}, ""},
			"what one has had":            {own, inbox.Filter{View: inbox.ViewResolved}, "3"},
			"a customer's, of all views":  {supervisor(ann), inbox.Filter{Customer: who.Customer}, "8 3 7 6 5 4 2 1 0"},
			"a customer's own":            {who, inbox.Filter{}, "8 3 7 6 5 4 2 1 0"},
		} {
			got := ""
			for _, one := range d.pages(c.scope, c.filter) {
				for i := range all {
					if all[i].ID == one.ID {
						got += fmt.Sprint(" ", i)
					}
				}
			}
			if len(got) > 0 {
				got = got[1:]
			}
			if got != c.want {
				t.Errorf("%s: %q, want %q", name, got, c.want)
			}
		}
	})
}
