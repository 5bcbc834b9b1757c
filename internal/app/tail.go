package app

import (
	"context"
	"encoding/json"
	"strings"
	"sync"
	"time"

	"everdesk/internal/access"
	"everdesk/internal/event"
	"everdesk/internal/id"
	"everdesk/internal/inbox"
	"everdesk/internal/job"
)

// follow has this node do what each event asks of every node: have connections
// ask again, rebuild caches, and hint to pages what no other node could tell.
func (a *App) follow(ctx context.Context) {
	job.Tail(ctx, a.db, a.log, func(ctx context.Context, r event.Record) {
		switch r.Kind {
		case (event.StaffChanged{}).Kind(), (event.StaffDeactivated{}).Kind():
			var changed event.StaffChanged
			if json.Unmarshal(r.Payload, &changed) == nil {
				a.hub.Recheck(ctx, changed.Staff.String())
			}
		case (event.KnowledgeChanged{}).Kind():
			if err := a.library.Refresh(ctx, r.Workspace); err != nil {
				a.log.WarnContext(ctx, "refreshing the knowledge failed", "error", err)
			}
		case (event.ModelActivated{}).Kind():
			if err := a.intents.Refresh(ctx, r.Workspace); err != nil {
				a.log.WarnContext(ctx, "loading a model failed", "error", err)
			}
		}
		a.unheard.take(r)
	})
}

const (
	// listenEvery is how often a node asks itself whether it hears the others,
	// nodesEvery how often it reads who they are.
	listenEvery = 500 * time.Millisecond
	nodesEvery  = 5 * time.Second
	// heardWithin is how long a node may say nothing before it is unheard.
	heardWithin = 5 * time.Second
	// unheardLasts is how long events are kept in case it turns out that their
	// hints were lost: longer than that takes to notice.
	unheardLasts = 15 * time.Second
	// unheardMost bounds what is kept.
	unheardMost = 4096
)

// unheard hints what other nodes changed while their own hints do not reach this
// one: Redis is lost, or they are cut off from it, or there is none. The outbox
// then tells what has changed, a second later than Redis would.
type unheard struct {
	mu   sync.Mutex
	deaf bool
	// recent are events while all is well, oldest first.
	recent []lately
	// due is what pages are to be told.
	due map[subject]touch
}

// touch is what has happened to a subject: its first entry, if any is known, and
// whether its owner changed.
type touch struct {
	seq   int64
	moved bool
}

type lately struct {
	event.Record
	at time.Time
}

// subject is what has changed: one of the three is set.
type subject struct {
	workspace    id.Workspace
	conversation id.Conversation
	ticket       id.Ticket
	staff        id.Staff
}

// touched reads what an event is about, and what happened to it.
func touched(r event.Record) (subject, touch, bool) {
	var about struct {
		Conversation id.Conversation `json:"conversation"`
		Seq          int64           `json:"seq"`
		Ticket       id.Ticket       `json:"ticket"`
		Staff        id.Staff        `json:"staff"`
	}
	if json.Unmarshal(r.Payload, &about) != nil {
		return subject{}, touch{}, false
	}
	switch feature, _, _ := strings.Cut(r.Kind, "."); feature {
	case "conversation", "entry":
		moved := feature == "conversation" && r.Kind != (event.ConversationRated{}).Kind()
		return subject{workspace: r.Workspace, conversation: about.Conversation}, touch{about.Seq, moved}, about.Conversation != 0
	case "ticket":
		return subject{workspace: r.Workspace, ticket: about.Ticket}, touch{}, about.Ticket != 0
	case "presence":
		return subject{workspace: r.Workspace, staff: about.Staff}, touch{}, about.Staff != 0
	}
	return subject{}, touch{}, false
}

// take notes an event.
func (u *unheard) take(r event.Record) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.deaf {
		u.note(r)
		return
	}
	now := time.Now()
	u.recent = append(u.recent, lately{r, now})
	drop := max(0, len(u.recent)-unheardMost)
	for drop < len(u.recent) && now.Sub(u.recent[drop].at) > unheardLasts {
		drop++
	}
	u.recent = u.recent[drop:]
}

// note adds an event to what is due; mu is held.
func (u *unheard) note(r event.Record) {
	about, now, ok := touched(r)
	if !ok {
		return
	}
	if u.due == nil {
		u.due = map[subject]touch{}
	}
	if before := u.due[about]; before.seq != 0 && (now.seq == 0 || before.seq < now.seq) {
		now.seq = before.seq
	}
	now.moved = now.moved || u.due[about].moved
	u.due[about] = now
}

// set says whether the others are unheard. What happened shortly before that was
// noticed is due too.
func (u *unheard) set(deaf bool) (changed bool) {
	u.mu.Lock()
	defer u.mu.Unlock()
	changed = deaf != u.deaf
	if changed && deaf {
		for _, one := range u.recent {
			if time.Since(one.at) <= unheardLasts {
				u.note(one.Record)
			}
		}
		u.recent = nil
	}
	u.deaf = deaf
	return changed
}

// drain returns what is due.
func (u *unheard) drain() map[subject]touch {
	u.mu.Lock()
	defer u.mu.Unlock()
	due := u.due
	u.due = nil
	return due
}

// listen notices when other nodes cannot be heard, and tells pages for them.
func (a *App) listen(ctx context.Context) {
	var nodes []string
	var read time.Time
	every(ctx, nil, listenEvery, func() {
		if time.Since(read) >= nodesEvery {
			live, err := a.db.LiveNodes(ctx)
			if err != nil {
				return // the outbox cannot be read either
			}
			nodes, read = live, time.Now()
		}
		if deaf := a.isDeaf(nodes); a.unheard.set(deaf) {
			a.log.InfoContext(ctx, "hearing the other nodes changed", "unheard", deaf)
		}
		for about, what := range a.unheard.drain() {
			a.feed.tellAgain(ctx, a, about, what)
		}
	})
}

// isDeaf reports whether some other node is there and cannot be heard.
func (a *App) isDeaf(nodes []string) bool {
	heard := a.hub.Heard(heardWithin)
	up := a.redis != nil && a.redis.Up()
	for _, node := range nodes {
		if node != a.holder && (!up || !heard[node]) {
			return true
		}
	}
	return false
}

// tellAgain hints a change that another node has made. Pages take it like the
// other node's own hint.
func (f *feed) tellAgain(ctx context.Context, a *App, about subject, what touch) {
	scope := access.System(about.workspace)
	switch {
	case a.hub.Connections() == 0:
	case about.staff != 0:
		f.Presence(about.workspace, about.staff)
	case about.ticket != 0:
		if changed, err := a.tickets.Ticket(ctx, scope, about.ticket); err == nil {
			f.TicketChanged(about.workspace, changed)
		}
	default:
		c, err := a.inbox.Get(ctx, scope, about.conversation)
		if err != nil {
			return
		}
		seq := what.seq
		if seq == 0 {
			seq = min(c.LastSeq, c.PublicSeq)
		}
		entries, err := a.inbox.Entries(ctx, scope, c.ID, inbox.Window{After: seq - 1, Forward: true, Limit: 20})
		if err != nil {
			return
		}
		f.Changed(inbox.Update{Workspace: about.workspace, Conversation: c, Entries: entries.Items, Moved: what.moved})
	}
}
