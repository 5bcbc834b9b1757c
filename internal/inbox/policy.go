package inbox

import "time"

// Policy holds the times a decision needs. Storage fills in the team's own.
type Policy struct {
	// BotTurn is by when the bot must have answered a question.
	BotTurn time.Duration
	// MaxWait is how long a customer waits in the queue before a ticket is made.
	MaxWait time.Duration
	// Attention is how long a customer waits for a live agent's answer.
	Attention time.Duration
	// Idle is how long a live conversation outlasts the customer's silence.
	Idle time.Duration
	// AsyncReply is by when an agent answers what is not live.
	AsyncReply time.Duration
	// AsyncIdle is how long an answered async conversation stays open.
	AsyncIdle time.Duration
	// Again is after how long a broken promise is told of again.
	Again time.Duration
	// Retry is after how long a failed due action is tried again.
	Retry time.Duration
}

// DefaultPolicy is what a workspace starts with.
var DefaultPolicy = Policy{
	BotTurn: 15 * time.Second, MaxWait: 3 * time.Minute, Attention: 5 * time.Minute,
	Idle: 30 * time.Minute, AsyncReply: 24 * time.Hour, AsyncIdle: 7 * 24 * time.Hour,
	Again: 4 * time.Hour, Retry: 20 * time.Second,
}

// Queue is what deciding about a team's queue needs to know of it.
type Queue struct {
	// Present is how many of the team are connected and not offline.
	Present int
	// Waiting is how many conversations are ahead.
	Waiting int
	// MaxWaiting is how many may wait; 0 means no limit.
	MaxWaiting int
}
