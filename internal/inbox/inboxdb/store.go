// Package inboxdb keeps conversations, entries, deliveries and presence, and
// carries out what packages inbox and routing decide.
//
// Every change works the same way: lock the conversation's row, let inbox
// decide on it, then queue all writes. So refusals never have anything to undo,
// and nothing is decided on a row that changes meanwhile.
package inboxdb

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"everdesk/internal/access"
	"everdesk/internal/id"
	"everdesk/internal/inbox"
	"everdesk/internal/routing"
	"everdesk/internal/store"
)

// The signals that wake the runners of this node.
const (
	// DueSignal says that something may be due at once.
	DueSignal = "inbox.due"
	// AssignSignal says that a queue or somebody's room may have changed.
	AssignSignal = "inbox.assign"
)

// Audit keeps the record of what members and programs do.
type Audit interface {
	Write(ctx context.Context, scope access.Scope, action, object string, before, after any, at time.Time) error
}

// Options are what the store asks of others; app binds them.
type Options struct {
	// Roster knows people and teams.
	Roster routing.Roster
	// Promiser makes tickets of what nobody takes.
	Promiser inbox.Promiser
	// Outward knows where else messages go; nil means nowhere.
	Outward inbox.Outward
	// Feed is told of commits; nil tells nobody.
	Feed inbox.Feed
	// Watch is told of presence and load; nil tells nobody.
	Watch inbox.Watch
	// Connected knows who sits at a widget; nil means nobody is known to.
	Connected inbox.Connected
	// Audit records what staff and programs do; nil records nothing.
	Audit Audit
	// Policy holds the times; zero means inbox.DefaultPolicy.
	Policy inbox.Policy
	Log    *slog.Logger
}

// Store keeps conversations.
type Store struct {
	db      *store.DB
	options Options
	policy  inbox.Policy
	dialect dialect

	// The decisions that the property test replaces to see them missed.
	decide func(inbox.Conversation, time.Time) (inbox.Step, inbox.ReasonCode)
	lapsed func(until, at time.Time) bool
	fenced bool
}

// New returns the store over a database.
func New(db *store.DB, options Options) *Store {
	if options.Policy == (inbox.Policy{}) {
		options.Policy = inbox.DefaultPolicy
	}
	if options.Log == nil {
		options.Log = slog.New(slog.DiscardHandler)
	}
	return &Store{
		db: db, options: options, policy: options.Policy, dialect: dialectOf(db),
		decide: inbox.Conversation.Due, fenced: true,
		lapsed: func(until, at time.Time) bool { return !until.After(at) },
	}
}

// policyOf returns the times for a team, and the team as the roster has it. An
// unknown team falls back to the workspace's first.
func (s *Store) policyOf(ctx context.Context, workspace id.Workspace, team id.Team) (inbox.Policy, routing.Team, error) {
	policy := s.policy
	known, err := s.options.Roster.Team(ctx, access.System(workspace), team)
	if err != nil {
		return policy, known, err
	}
	if known.MaxWait > 0 {
		policy.MaxWait = known.MaxWait
	}
	if known.Attention > 0 {
		policy.Attention = known.Attention
	}
	return policy, known, nil
}

// queueOf returns the team's times and who is there to wait for.
func (s *Store) queueOf(ctx context.Context, workspace id.Workspace, team id.Team, at time.Time) (inbox.Policy, inbox.Queue, error) {
	policy, known, err := s.policyOf(ctx, workspace, team)
	if err != nil {
		return policy, inbox.Queue{}, err
	}
	queue := inbox.Queue{MaxWaiting: known.MaxQueue}
	members, err := s.options.Roster.Members(ctx, access.System(workspace), team)
	if err != nil {
		return policy, queue, err
	}
	rows, err := s.db.Query(ctx, `SELECT COUNT(*) FROM staff_presence
		WHERE workspace_id = $1 AND state <> 'offline' AND until > $2 AND `+s.db.Dialect().Among("staff_id", "$3"),
		workspace, at, store.JSON(numbers(members)))
	var present, waiting int64
	if err := store.One(rows, err, &present); err != nil {
		return policy, queue, err
	}
	rows, err = s.db.Query(ctx, `SELECT COUNT(*) FROM conversations
		WHERE workspace_id = $1 AND team_id = $2 AND owner_kind = 'queue'`, workspace, team)
	err = store.One(rows, err, &waiting)
	queue.Present, queue.Waiting = int(present), int(waiting)
	return policy, queue, err
}

func numbers(members []routing.Member) []int64 {
	all := make([]int64, len(members))
	for i, m := range members {
		all[i] = int64(m.Staff)
	}
	return all
}

// author returns who a scope writes as.
func author(scope access.Scope) inbox.Author {
	switch scope.Kind {
	case access.ActorStaff:
		return inbox.Member(scope.Staff)
	case access.ActorVisitor:
		return inbox.Asker(scope.Customer)
	case access.ActorBot:
		return inbox.Bot
	}
	return inbox.System
}

// writer is whose kinds of message a scope may write: a program writes as staff
// do, and never what only the desk itself says.
func writer(scope access.Scope) inbox.AuthorKind {
	if scope.Kind == access.ActorKey {
		return inbox.ByStaff
	}
	return author(scope).Kind
}

// commands reports whether a scope may act on what others own.
func commands(scope access.Scope) bool { return scope.Can(access.ConversationAssign) }

func noRows(err error) bool { return errors.Is(err, store.ErrNoRows) }
