package bench

import (
	"context"
	"errors"
	"time"
)

const (
	// settleFor is how long the desk is left alone before its memory is read, so
	// that the figure is what connections hold and not what opening them took.
	settleFor = 3 * time.Second
	// talkClients is how many connections messages come from while sockets are
	// measured.
	talkClients = 64
	// ownFiles is what a process has open besides sockets.
	ownFiles = 500
)

// Connections measures many open sockets: what one costs the desk in memory,
// what a message takes among them, and how long it takes until all are back
// when all are cut at once.
func Connections(ctx context.Context, options Options) (result Result, err error) {
	if err := room(options.Connections, max(options.Nodes, 1)); err != nil {
		return result, err
	}
	d, err := start(ctx, options, false)
	if err != nil {
		return result, err
	}
	defer func() { err = errors.Join(err, d.stop()) }()
	options.say("%s: preparing %d visitors", engineName(options), options.Connections)
	people, err := assemble(ctx, d, options.Connections, min(conversing, options.Connections))
	if err != nil {
		return result, err
	}
	// What preparing them took is not what sockets take.
	if err := d.restart(); err != nil {
		return result, err
	}
	said := newChatter(people)
	guests := people.guests(said.asked.hear, said.replied.hear)
	sockets, err := gatherThrong(ctx, options.Binary, d.addrs(), guests)
	if err != nil {
		return result, err
	}
	defer func() { err = errors.Join(err, sockets.leave()) }()
	time.Sleep(time.Second)
	before := d.rss()
	came, err := sockets.arrive(ctx, 256, false)
	if err != nil {
		return result, err
	}
	time.Sleep(settleFor)
	count := len(guests)
	result = Result{Bench: "connections", Engine: engineName(options), Connections: count, ConnectSeconds: came.took.Seconds(), ConnectErrors: came.failed}
	if options.Nodes > 1 {
		result.Nodes = options.Nodes
	}
	result.KiBPerConnection = (d.rss() - before) * 1024 / float64(count)
	options.say("%d sockets in %.1f s, %.1f KiB each; %d messages a second for %s", count, came.took.Seconds(), result.KiBPerConnection, options.Rate, options.For)
	cpu := d.cpu()
	sent := said.drive(ctx, talkClients, options.Rate, time.Now().Add(options.For), asking|replying)
	settle(&said.asked, len(sent.took)-said.replied.count())
	settle(&said.replied, len(sent.took)-said.asked.count())
	if sent.firstError != nil {
		options.say("first error: %v", sent.firstError)
	}
	result.Clients, result.Seconds, result.PerSecond, result.Errors = talkClients, sent.elapsed.Seconds(), sent.perSecond(), sent.failed
	result.CPU = sent.each(d.cpu() - cpu)
	result.P50, result.P99 = sent.quantile(.5), sent.quantile(.99)
	result.Delivered = said.asked.count() + said.replied.count()
	result.DeliveryP50, result.DeliveryP99 = said.asked.quantile(.5), said.asked.quantile(.99)
	result.ReplyRate, result.ReplyP50, result.ReplyP99 = options.Rate/2, said.replied.quantile(.5), said.replied.quantile(.99)
	result.KiBBusy = (d.rss() - before) * 1024 / float64(count)
	result.Cut = int(sockets.own.lost.Load())
	options.say("storm: all of them are cut and come back at once")
	back, err := sockets.arrive(ctx, count, true)
	if err != nil {
		return result, err
	}
	result.StormSeconds, result.StormErrors, result.RSS = back.took.Seconds(), back.failed, d.rss()
	if back.first != nil {
		options.say("first error: %v", back.first)
	}
	return result, said.verify(ctx, options, &result)
}
