package bench

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"everdesk/internal/access"
	"everdesk/internal/app"
	"everdesk/internal/config"
	"everdesk/internal/id"
	"everdesk/internal/inbox"
	"everdesk/internal/inbox/inboxdb"
	"everdesk/internal/search/searchdb"
	"everdesk/internal/store"
)

const (
	// perConversation is how many messages a conversation has.
	perConversation = 20
	// longest is how many the one long conversation has.
	longest = 5000
	// filling is how many conversations are written in one transaction.
	filling = 50
	// backlogTeams is over how many teams conversations are spread.
	backlogTeams = 8
)

// Backlog says what desk to fill, and how to ask it.
type Backlog struct {
	Options
	// Conversations is how many there are to be.
	Conversations int
	// Keep leaves the filled store behind and says where; Reuse is where.
	Keep  bool
	Reuse string
}

// backlog is a desk that has been in use for long.
type backlog struct {
	*desk
	keep bool
	kept
	filled time.Duration
}

// kept is what is needed to serve a filled store again.
type kept struct {
	Key string `json:"key"`
	// Agent are the headers of a member who sees the first team's work.
	Agent string `json:"agent"`
	// Long is the long conversation.
	Long          id.Conversation `json:"long"`
	Conversations int             `json:"conversations"`
	Messages      int             `json:"messages"`
	Open          int             `json:"open"`
	Workspace     id.Workspace    `json:"workspace"`
	// Rare are the conversations that have the rare word.
	Rare  map[id.Conversation]bool `json:"rare"`
	Serve []string                 `json:"serve"`
}

const keptFile = "backlog.json"

// openBacklog fills a desk and serves it, or serves one that was kept.
func openBacklog(ctx context.Context, options Backlog) (b *backlog, err error) {
	if options.Reuse != "" {
		b = &backlog{desk: &desk{binary: options.Binary, dir: options.Reuse}, keep: true}
		raw, err := os.ReadFile(filepath.Join(options.Reuse, keptFile))
		if err != nil {
			return nil, err
		}
		if err := json.Unmarshal(raw, &b.kept); err != nil {
			return nil, err
		}
		b.key, b.serve = b.Key, append(b.Serve, options.Serve...)
		if err := b.index(ctx, options); err != nil {
			return nil, err
		}
		return b, b.run()
	}
	d, err := start(ctx, options.Options, false)
	if err != nil {
		return nil, err
	}
	b = &backlog{desk: d, keep: options.Keep}
	kept := false
	defer func() {
		if err != nil && !kept {
			err = errors.Join(err, d.stop())
		}
	}()
	teams, member, workspace, err := b.furnish(ctx)
	if err != nil {
		return nil, err
	}
	if err := d.end(); err != nil {
		return nil, err
	}
	from := time.Now()
	b.Key, b.Serve, b.Workspace = d.key, d.serve, workspace
	f := filler{backlog: b, options: options, teams: teams, member: member, scope: access.System(workspace)}
	if err := f.fill(ctx); err != nil {
		return nil, fmt.Errorf("filling the store: %w", err)
	}
	// A long filling that was cut short goes on where it was.
	if b.keep {
		raw, err := json.Marshal(b.kept)
		if err != nil {
			return nil, err
		}
		if err := os.WriteFile(filepath.Join(d.dir, keptFile), raw, 0o600); err != nil {
			return nil, err
		}
		kept = true
		options.say("kept in %s", d.dir)
	}
	if err := b.index(ctx, options); err != nil {
		return nil, fmt.Errorf("indexing: %w", err)
	}
	b.filled = time.Since(from)
	return b, d.run()
}

func (b *backlog) close() error {
	if b.keep {
		return b.end()
	}
	return b.stop()
}

// furnish makes the teams and a member of the first.
func (b *backlog) furnish(ctx context.Context) (teams []id.Team, member id.Staff, workspace id.Workspace, err error) {
	var mine struct {
		ID id.Workspace `json:"id"`
	}
	if err := b.call(ctx, http.MethodGet, "/workspace", nil, nil, &mine); err != nil {
		return nil, 0, 0, err
	}
	for n := range backlogTeams - 1 {
		if err := b.call(ctx, http.MethodPost, "/teams", nil, map[string]string{"name": fmt.Sprint("Team ", n+2)}, nil); err != nil {
			return nil, 0, 0, err
		}
	}
	var list struct {
		Items []struct {
			ID id.Team `json:"id"`
		} `json:"items"`
	}
	if err := b.call(ctx, http.MethodGet, "/teams", nil, nil, &list); err != nil {
		return nil, 0, 0, err
	}
	for _, team := range list.Items {
		teams = append(teams, team.ID)
	}
	hired, err := (&cast{desk: b.desk}).hireOne(ctx, 0, teams[0].String())
	if err != nil {
		return nil, 0, 0, err
	}
	b.Agent = hired.headers
	w := wire{addr: b.addrs()[0]}
	defer w.close()
	answer, err := w.do(ctx, http.MethodGet, "/api/v1/session", b.Agent, nil)
	if err != nil {
		return nil, 0, 0, err
	}
	var session struct {
		Staff struct {
			ID id.Staff `json:"id"`
		} `json:"staff"`
	}
	err = json.Unmarshal(answer, &session)
	return teams, session.Staff.ID, mine.ID, err
}

// filler writes years of work in minutes: straight into the store, in batches.
type filler struct {
	*backlog
	options Backlog
	teams   []id.Team
	member  id.Staff
	scope   access.Scope

	db      *store.DB
	inbox   *inboxdb.Store
	babble  *babble
	english int
	chinese int
	carried int64
}

func (f *filler) fill(ctx context.Context) (err error) {
	if f.db, err = f.open(ctx, f.options); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.db.Close()) }()
	lease, err := f.db.TakeNode(ctx, "bench")
	if err != nil {
		return err
	}
	f.inbox, f.babble = inboxdb.New(f.db, inboxdb.Options{}), newBabble(7)
	f.Rare = map[id.Conversation]bool{}
	count := f.options.Conversations
	for n := 0; n < count; n += filling {
		if err := f.write(ctx, n, min(n+filling, count), count); err != nil {
			return err
		}
		if n > 0 && n%5000 == 0 {
			f.options.say("%d of %d conversations", n, count)
		}
	}
	if err := f.finish(ctx); err != nil {
		return err
	}
	f.Conversations = count
	return f.db.Release(ctx, lease)
}

// write adds conversations, the newest last.
func (f *filler) write(ctx context.Context, from, to, count int) error {
	type person struct {
		id   id.Customer
		name string
		zh   bool
	}
	people := make([]person, 0, to-from)
	all := make([]inboxdb.Imported, 0, to-from)
	for n := from; n < to; n++ {
		chinese := n%2 == 0
		who := person{id.New[id.Customer](f.db.IDs()), f.babble.name(chinese), chinese}
		people = append(people, who)
		all = append(all, f.conversation(n, count, who.id, chinese))
	}
	return f.db.Atomically(ctx, func(ctx context.Context) error {
		tx := store.Current(ctx)
		for i, who := range people {
			at := all[i].Conversation.CreatedAt
			tx.Queue(`INSERT INTO customers(workspace_id, id, name, named, locale, time_zone, tier, attributes, created_at, updated_at)
				VALUES ($1, $2, $3, $4, $5, $6, '', '{}', $7, $7)`, f.scope.Workspace, who.id, who.name, true, locale(who.zh), "UTC", at)
		}
		f.inbox.Import(ctx, f.scope, all)
		return nil
	})
}

func locale(chinese bool) string {
	if chinese {
		return "zh-CN"
	}
	return "en"
}

// conversation makes up the n-th: a quarter are resolved, half are the member's,
// the rest the tickets', the bot's and the queue's.
func (f *filler) conversation(n, count int, customer id.Customer, chinese bool) inboxdb.Imported {
	now := time.Now()
	began := now.Add(-time.Duration(count-n) * 37 * time.Second)
	c := inbox.Conversation{
		ID: id.New[id.Conversation](f.db.IDs()), Customer: customer, Channel: inbox.Channel{Kind: inbox.Web}, Subject: "", Locale: locale(chinese),
		Priority: inbox.Priority(1 + n%3), Tags: []string{}, State: inbox.Open, Team: f.teams[n/16%len(f.teams)], OwnerEpoch: 1,
		DueAt: now.Add(48 * time.Hour), DueAction: inbox.CustomerSilent, Version: 1, CreatedAt: began,
	}
	switch {
	case n%4 == 0:
		c.State, c.Owner.Kind, c.ResolvedAt, c.DueAt, c.DueAction = inbox.Resolved, inbox.OwnerNone, began.Add(time.Hour), time.Time{}, ""
	case n%2 == 1:
		c.Owner, c.Lease, c.LastStaff = inbox.Owner{Kind: inbox.OwnerAgent, Staff: f.member}, inbox.Async, f.member
		f.carried++
	case n%16 == 2:
		c.Owner.Kind = inbox.OwnerBot
	case n%16 == 6:
		c.Owner.Kind, c.WaitingSince = inbox.OwnerQueue, began
	default:
		c.Owner.Kind = inbox.OwnerTicket
	}
	if c.State == inbox.Open {
		f.Open++
	}
	messages := perConversation
	if n == count-1 {
		messages, f.Long = longest, c.ID
	}
	entries := make([]inbox.Entry, messages)
	for i := range entries {
		entries[i] = f.entry(c, i, chinese)
	}
	last := entries[messages-1]
	c.LastSeq, c.PublicSeq, c.CustomerSeq, c.CustomerAt, c.StaffReadSeq = last.Seq, last.Seq, last.Seq-1, last.CreatedAt, last.Seq
	if n%3 == 0 {
		c.StaffReadSeq = 1
	}
	c.UpdatedAt = last.CreatedAt
	c.Last = inbox.Preview{Seq: last.Seq, Kind: last.Kind, Author: last.Author.Kind, Text: last.Body.Short(140), At: last.CreatedAt}
	return inboxdb.Imported{Conversation: c, Entries: entries}
}

func (f *filler) entry(c inbox.Conversation, i int, chinese bool) inbox.Entry {
	number := &f.english
	if chinese {
		number = &f.chinese
	}
	e := inbox.Entry{
		ID: id.New[id.Entry](f.db.IDs()), Conversation: c.ID, Seq: int64(i + 1), Kind: inbox.KindMessage, Author: inbox.Asker(c.Customer),
		Body: inbox.TextBody(f.babble.message(*number, chinese)), CreatedAt: c.CreatedAt.Add(time.Duration(i) * 40 * time.Second),
	}
	if !chinese && *number%5000 == 2 {
		f.Rare[c.ID] = true
	}
	*number++
	f.Messages++
	if i%2 == 1 {
		e.Author = inbox.Member(f.member)
	}
	return e
}

// finish writes what the conversations' own writing would have.
func (f *filler) finish(ctx context.Context) error {
	return f.db.Atomically(ctx, func(ctx context.Context) error {
		tx := store.Current(ctx)
		tx.Queue(`INSERT INTO staff_presence(workspace_id, staff_id, state, reason, since, until, assigned_at, load_chat, load_async)
			VALUES ($1, $2, 'offline', '', 0, 0, 0, 0, $3) ON CONFLICT (workspace_id, staff_id) DO UPDATE SET load_async = excluded.load_async`,
			f.scope.Workspace, f.member, f.carried)
		tx.Queue(`INSERT INTO search_workspaces(workspace_id, slot, newest, oldest, version, fill_before, filled, done, total, since)
			VALUES ($1, (SELECT COALESCE(MAX(slot), 0) + 1 FROM search_workspaces), 0, 0, 0, 0, 0, 0, 0, 0)`, f.scope.Workspace)
		return nil
	})
}

// open opens the store of a desk that does not run.
func (b *backlog) open(ctx context.Context, options Backlog) (*store.DB, error) {
	engine, _, err := app.OpenEngine(ctx, config.Node{Data: filepath.Join(b.dir, "data"), DB: options.DB})
	if err != nil {
		return nil, err
	}
	return store.Open(engine, store.Options{}), nil
}

// index has everything indexed, as after an upgrade, but without a rest.
func (b *backlog) index(ctx context.Context, options Backlog) (err error) {
	db, err := b.open(ctx, options)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	index := searchdb.New(db, inboxdb.New(db, inboxdb.Options{}), nil)
	if err := index.Refill(ctx, time.Now()); err != nil {
		return err
	}
	done := 0
	for more := true; more; done += 100 {
		if more, err = index.Fill(ctx, access.System(b.Workspace), 100); err != nil {
			return err
		}
		if done > 0 && done%5000 == 0 {
			options.say("%d conversations indexed", done)
		}
	}
	return err
}
