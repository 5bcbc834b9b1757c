package inboxdb_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"everdesk/internal/access"
	"everdesk/internal/customer"
	"everdesk/internal/customer/customerdb"
	"everdesk/internal/fault"
	"everdesk/internal/id"
	"everdesk/internal/inbox"
	"everdesk/internal/inbox/inboxdb"
	"everdesk/internal/routing"
	"everdesk/internal/store"
)

// A history is a small workspace that random things happen to: one customer,
// one conversation at a time, two agents, a bot.
type history struct {
	workspace id.Workspace
	random    *rand.Rand
	customer  access.Scope
	current   inbox.Conversation
	all       []id.Conversation
	// sockets are the agents whose sockets answer.
	sockets map[id.Staff]bool
	// turn is the epoch and question the bot is thinking about.
	epoch, question int64
	said            int
}

// town is the roster of every history's workspace.
type town struct {
	mu       sync.Mutex
	inactive map[id.Workspace]id.Staff
}

func (*town) Team(context.Context, access.Scope, id.Team) (routing.Team, error) {
	return routing.Team{ID: support, Name: "Support", MaxWait: 90 * time.Second, Attention: time.Minute, MaxQueue: 3}, nil
}

func (r *town) Members(ctx context.Context, scope access.Scope, _ id.Team) ([]routing.Member, error) {
	var all []routing.Member
	for _, staff := range []id.Staff{ann, ben} {
		m, err := r.Member(ctx, scope, staff)
		if err != nil {
			return nil, err
		}
		if m.Active {
			all = append(all, m)
		}
	}
	return all, nil
}

func (r *town) Member(_ context.Context, scope access.Scope, staff id.Staff) (routing.Member, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return routing.Member{
		Staff: staff, Name: staff.String(), Capacity: routing.Capacity{Chat: 1, Async: 1}, Active: r.inactive[scope.Workspace] != staff,
	}, nil
}

func (r *town) deactivate(workspace id.Workspace, staff id.Staff) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.inactive[workspace] = staff
}

// flaky makes tickets, but for when it does not.
type flaky struct {
	mu     sync.Mutex
	store  *inboxdb.Store
	ids    *id.Source
	broken bool
}

func (f *flaky) set(broken bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.broken = broken
}

func (f *flaky) Promise(ctx context.Context, workspace id.Workspace, which id.Conversation, reason inbox.ReasonCode, at time.Time) error {
	f.mu.Lock()
	broken := f.broken
	f.mu.Unlock()
	if broken {
		return errors.New("out of paper")
	}
	promise := inbox.Promise{Ticket: id.New[id.Ticket](f.ids), Number: 1, At: at.Add(time.Hour)}
	_, err := f.store.ToTicket(ctx, access.System(workspace), which, promise, inbox.Reason{Code: reason}, at)
	return err
}

// world runs many histories on one database and one clock.
type world struct {
	t         testing.TB
	db        *store.DB
	store     *inboxdb.Store
	people    *customerdb.Store
	town      *town
	flaky     *flaky
	random    *rand.Rand
	at        time.Time
	histories []*history
}

func newWorld(t testing.TB, db *store.DB, seed uint64, histories int, plant inboxdb.Plant) *world {
	w := &world{
		t: t, db: db, people: customerdb.New(db, plain{}), town: &town{inactive: map[id.Workspace]id.Staff{}},
		flaky: &flaky{ids: db.IDs()}, random: rand.New(rand.NewPCG(seed, 1)), at: start,
	}
	w.store = inboxdb.New(db, inboxdb.Options{Roster: w.town, Promiser: w.flaky, Connected: sitting{}})
	w.store.Break(plant)
	w.flaky.store = w.store
	for n := range histories {
		h := &history{workspace: id.Workspace(1000 + n), random: rand.New(rand.NewPCG(seed, uint64(n)+2)), sockets: map[id.Staff]bool{ann: n%3 > 0, ben: n%3 > 1}}
		visit, err := w.people.Arrive(t.Context(), access.System(h.workspace), customer.Arrival{Locale: "en", At: w.at})
		w.must(err)
		h.customer = access.Visitor(h.workspace, visit.Customer.ID)
		w.histories = append(w.histories, h)
	}
	return w
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// run lets steps things happen in every history. Ticks are skipped now and then
// for a while, as by a crash; the clock creeps, jumps, and sometimes leaps.
func (w *world) run(steps int) {
	dead := 0
	for range steps {
		w.together(func(ctx context.Context, h *history) error {
			if err := w.beat(ctx, h); err != nil {
				return err
			}
			return w.happen(ctx, h)
		})
		switch n := w.random.IntN(100); {
		case n < 70:
			w.at = w.at.Add(time.Duration(w.random.IntN(20_000)) * time.Millisecond)
		case n < 92:
			w.at = w.at.Add(time.Duration(w.random.IntN(240)) * time.Second)
		case n < 96:
			w.at = w.at.Add(time.Duration(w.random.IntN(300)) * time.Minute)
		case n < 98:
			w.at = w.at.Add(time.Duration(w.random.IntN(72)) * time.Hour)
		default:
			w.at = w.at.Add(-time.Duration(w.random.IntN(5_000)) * time.Millisecond)
		}
		w.flaky.set(w.random.IntN(10) == 0)
		if dead > 0 {
			dead--
			continue
		}
		if w.random.IntN(8) == 0 {
			dead = w.random.IntN(6)
			continue
		}
		w.tick()
	}
}

// settle gives the reconciler its ticks after the last crash.
func (w *world) settle() {
	w.flaky.set(false)
	for range 3 {
		w.together(w.beat)
		w.tick()
		w.at = w.at.Add(2 * time.Second)
	}
	w.together(w.beat)
	w.tick()
}

func (w *world) tick() {
	w.t.Helper()
	_, err := w.store.Reconcile(w.t.Context(), w.at)
	w.must(err)
	_, err = w.store.Assign(w.t.Context(), w.at)
	w.must(err)
}

// together runs fn for every history, some at once, so that they share commits.
func (w *world) together(fn func(context.Context, *history) error) {
	w.t.Helper()
	var wg sync.WaitGroup
	slots := make(chan struct{}, 32)
	for _, h := range w.histories {
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			if err := fn(w.t.Context(), h); err != nil {
				w.t.Errorf("history %d: %v", h.workspace, err)
			}
		})
	}
	wg.Wait()
	if w.t.Failed() {
		w.t.FailNow()
	}
}

// beat renews the leases of sockets that answer.
func (w *world) beat(ctx context.Context, h *history) error {
	var alive []id.Staff
	for _, staff := range []id.Staff{ann, ben} {
		if h.sockets[staff] {
			alive = append(alive, staff)
		}
	}
	if len(alive) == 0 {
		return nil
	}
	return w.store.Heartbeat(ctx, access.System(h.workspace), alive, w.at)
}

// happen does one random thing. Refusals are part of life; anything else is not.
func (w *world) happen(ctx context.Context, h *history) error {
	err := w.act(ctx, h)
	if e := fault.Of(err); e != nil && (e.Kind == fault.Conflict || e.Kind == fault.NotFound) {
		return nil
	}
	return err
}

func (w *world) act(ctx context.Context, h *history) error {
	agent := []id.Staff{ann, ben}[h.random.IntN(2)]
	scope := access.Scope{
		Workspace: h.workspace, Kind: access.ActorStaff, Staff: agent, Reach: access.ReachAll, Permissions: access.Agent.Permissions(),
	}
	if h.random.IntN(6) == 0 {
		scope.Permissions = access.Supervisor.Permissions()
	}
	if h.current.ID == 0 || h.random.IntN(25) == 0 {
		return w.begin(ctx, h)
	}
	which, key := h.current.ID, fmt.Sprint("k", h.said)
	h.said++
	var err error
	switch n := h.random.IntN(100); {
	case n < 22:
		var posted inbox.Posted
		posted, err = w.store.Post(ctx, h.customer, which, inbox.Posting{Kind: inbox.KindMessage, ClientID: key, Body: inbox.TextBody("words"), At: w.at})
		if err == nil && h.random.IntN(2) == 0 {
			h.epoch, h.question = posted.Conversation.OwnerEpoch, posted.Entry.Seq
		}
	case n < 36:
		_, err = w.store.Post(ctx, scope, which, inbox.Posting{Kind: inbox.KindMessage, ClientID: key, Body: inbox.TextBody("an answer"), At: w.at})
	case n < 50:
		// The turn may have begun long ago.
		_, err = w.store.PostBot(ctx, access.Bot(h.workspace), which, inbox.BotReply{
			OwnerEpoch: h.epoch, InReplyTo: h.question, Body: inbox.TextBody("a reply"), ClientID: fmt.Sprint("bot", h.question), At: w.at,
		})
	case n < 56:
		by := access.Bot(h.workspace)
		if h.random.IntN(2) == 0 {
			by = h.customer
		}
		_, err = w.store.HandOver(ctx, by, which, inbox.Handover{OwnerEpoch: h.epoch, Reason: inbox.Reason{Code: inbox.ReasonBotMissed}, At: w.at})
	case n < 62:
		_, err = w.store.Take(ctx, scope, which, 0, w.at)
	case n < 68:
		targets := []inbox.Target{{Staff: ann}, {Staff: ben}, {Team: support}, {Bot: true}}
		_, err = w.store.Transfer(ctx, scope, which, targets[h.random.IntN(4)], "", 0, w.at)
	case n < 75:
		_, err = w.store.Resolve(ctx, scope, which, h.random.Int64N(20), w.at)
	case n < 78:
		_, err = w.store.Reopen(ctx, scope, which, w.at)
	case n < 88:
		// A laptop dies, or comes back.
		h.sockets[agent] = !h.sockets[agent]
	case n < 95:
		states := []routing.State{routing.Online, routing.Online, routing.Away, routing.Busy, routing.Offline}
		_, err = w.store.SetPresence(ctx, scope, agent, states[h.random.IntN(5)], []string{"", routing.ShiftEnd}[h.random.IntN(2)], w.at)
	default:
		w.town.deactivate(h.workspace, agent)
		err = w.store.ReturnAll(ctx, access.System(h.workspace), agent, inbox.ReasonDeactivated, w.at)
		if h.random.IntN(2) == 0 {
			w.town.deactivate(h.workspace, 0)
		}
	}
	return err
}

// begin starts a conversation, by the widget or by mail.
func (w *world) begin(ctx context.Context, h *history) error {
	channel := widget
	if h.random.IntN(5) == 0 {
		channel = inbox.Channel{Kind: inbox.Email, Account: 42}
	}
	h.said++
	posted, err := w.store.Start(ctx, h.customer, inbox.Opening{
		Customer: h.customer.Customer, Channel: channel, Locale: "en", ToBot: h.random.IntN(3) > 0,
		ClientID: fmt.Sprint("s", h.said), Body: inbox.TextBody("a question"), At: w.at,
	})
	h.current = posted.Conversation
	h.all = append(h.all, posted.Conversation.ID)
	h.epoch, h.question = posted.Conversation.OwnerEpoch, posted.Entry.Seq
	return err
}
