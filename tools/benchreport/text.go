package main

// section is a measurement's part of the report.
type section struct {
	bench, title, method string
	// rows are those shown; nil shows every figure.
	rows []row
}

// row is one figure: its name in the result, and what the report calls it.
type row struct{ name, label string }

const head = `# Benchmarks

Written by ` + "`make bench`" + `; do not edit. Every figure is the median of the runs of one
session on a machine with %s processors.

## What the figures are, and are not

- Each measurement starts the binary's own server on an empty temporary store and drives it from a
  second process, over the wire, through the public API. Client, server and, where there is one,
  PostgreSQL share the machine, so what the client needs is missing from what the server could do.
- A figure tells how fast this was there and then. Compare figures of one session with each other:
  before and after a change, one engine with the other, grouped with ungrouped. Between machines
  only the ratios carry over. Differences below a fifth mean nothing.
- Every request is durable before it is acknowledged: ` + "`synchronous=FULL`" + ` on SQLite, PostgreSQL as it
  is shipped. How long a disk takes to be sure differs more between machines than anything else
  here; grouping makes the rate depend on it little, a single request's time depends on it fully.
- What was acknowledged is read back through the API afterwards. Lost and doubled count what is not
  there exactly once; for messages also every conversation is read for holes and for order. A run in
  which either is not 0, or in which anything is out of its place, fails.
- Loads are closed where they ask how much (each client sends when it has its answer) and open where
  they ask how long (sent at a fixed rate, timed from when each was to be sent, so that a desk that
  falls behind shows it).
- The server runs with its shipped settings. It lets its heap grow by 64 MiB between two collections,
  but by no less than 60%% and no more than 250%% of what is in use, and keeps below nine tenths of the
  memory it may have; ` + "`GOGC`" + ` and ` + "`GOMEMLIMIT`" + ` in the environment turn either off. With little in
  use a fixed 100%% collected many times a second and cost a tenth more processor time per message than
  200%%; 400%% gave next to nothing more. With many sockets a fixed 200%% kept more garbage than sockets.
`

var usual = []row{
	{"per_second", "acknowledged per second"},
	{"p50_ms", "p50, ms"},
	{"p99_ms", "p99, ms"},
	{"cpu_us", "server's processor time for each, µs"},
	{"errors", "errors"},
	{"acknowledged", "acknowledged"},
	{"lost", "lost"},
	{"doubled", "doubled"},
	{"rss_mib", "server memory after, MiB"},
	{"baseline_per_second", "per second with one transaction per request"},
	{"ratio", "times as many by group commit"},
}

var sections = []section{
	{
		"tickets", "Tickets", `` + "`everdesk bench tickets --baseline`" + `: 128 clients make tickets over HTTP for 10 s. A ticket is what the API
makes: validated, authorised, with its number, first entry, event, idempotency record, timers, audit
row and all indexes.`, usual,
	},
	{
		"messages", "Messages", `` + "`everdesk bench messages --baseline`" + `: 10,000 visitors have a socket open, 1,000 of them a conversation
with one of 20 agents, each of whom has a console with 50 conversations open and the lists of a team
that all of this happens in. 128 clients write as visitors for 10 s, over HTTP; their agents hear it
over their sockets. Then agents answer, 300 times a second. Delivery is timed from when a message was
to be sent until its frame is parsed at the other side.`, append([]row{
			{"delivery_p50_ms", "to the agent's socket, p50, ms, desk saturated"},
			{"delivery_p99_ms", "to the agent's socket, p99, ms, desk saturated"},
			{"reply_delivery_p50_ms", "to the visitor's socket, p50, ms, at 300/s"},
			{"reply_delivery_p99_ms", "to the visitor's socket, p99, ms, at 300/s"},
			{"connections", "open sockets"},
			{"delivered", "delivered by socket"},
		}, usual...),
	},
	{
		"connections", "Connections", `` + "`everdesk bench connections`" + `: as many sockets as one process may have files here, at most 18,000,
opened as a browser does, with its headers. Memory per socket is by how much the server's resident
memory grew from before the first, 3 s after the last; busy is after the messages, with the garbage
they left. Kernel memory comes on top, about 5 KiB for each end. Then 3,000 messages a second go both
ways. Then all sockets are cut at once and come back at once, without the pause that widgets make.`, []row{
			{"connections", "open sockets"},
			{"connect_seconds", "opened in, s"},
			{"kib_per_connection", "server memory for each, KiB"},
			{"kib_per_connection_busy", "busy, KiB"},
			{"per_second", "messages per second"},
			{"delivery_p99_ms", "to the agent's socket, p99, ms"},
			{"reply_delivery_p99_ms", "to the visitor's socket, p99, ms"},
			{"connections_cut", "sockets cut by the desk"},
			{"storm_seconds", "storm: all back after, s"},
			{"storm_errors", "storm: failed tries"},
			{"errors", "errors"},
			{"acknowledged", "acknowledged"},
			{"delivered", "delivered by socket"},
			{"lost", "lost"},
			{"doubled", "doubled"},
			{"rss_mib", "server memory after, MiB"},
		},
	},
	{"inbox", "Inbox", "`everdesk bench inbox`: lists, views and counts.", nil},
	{"search", "Search", "`everdesk bench search`: full text.", nil},
	{"routing", "Routing", "`everdesk bench routing`.", nil},
	{"knowledge", "Knowledge", "`everdesk bench knowledge`.", nil},
	{"calls", "Calls", "`everdesk bench calls`.", nil},
}
