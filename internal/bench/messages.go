package bench

import (
	"context"
	"errors"
	"fmt"
	"time"
)

const (
	// repliesFor and repliesPerSecond are how agents' answers are timed: at a
	// rate the desk easily keeps up with, so that the figure is the way and not
	// the queue.
	repliesFor       = 6 * time.Second
	repliesPerSecond = 300
	// replyClients is how many connections they come from.
	replyClients = 32
)

// Messages measures what is said: visitors write as fast as the desk
// acknowledges, and their agents hear it over sockets; then agents answer at a
// fixed rate. Every message is read back, once and in its place.
func Messages(ctx context.Context, options Options) (Result, error) {
	grouped, err := messages(ctx, options, false)
	if err != nil || !options.Baseline {
		return grouped, err
	}
	single, err := messages(ctx, options, true)
	if err != nil {
		return grouped, err
	}
	grouped.Baseline = single.PerSecond
	grouped.Ratio = grouped.PerSecond / single.PerSecond
	return grouped, nil
}

func messages(ctx context.Context, options Options, ungrouped bool) (result Result, err error) {
	d, err := start(ctx, options, ungrouped)
	if err != nil {
		return result, err
	}
	defer func() { err = errors.Join(err, d.stop()) }()
	options.say("%s, ungrouped %v: preparing %d visitors, %d of them in a conversation", engineName(options), ungrouped, options.Connections, min(conversing, options.Connections))
	people, err := assemble(ctx, d, options.Connections, min(conversing, options.Connections))
	if err != nil {
		return result, err
	}
	said := newChatter(people)
	sockets := newCrowd(d.addrs(), people.guests(said.asked.hear, said.replied.hear))
	if _, err := sockets.arrive(ctx, 256); err != nil {
		return result, err
	}
	defer sockets.scatter()
	options.say("%d sockets are open; %d clients write for %s", len(sockets.guests), options.Clients, options.For)
	before := d.cpu()
	asked := said.drive(ctx, options.Clients, 0, time.Now().Add(options.For), asking)
	if len(asked.took) == 0 {
		return result, fmt.Errorf("no message was taken: %w", asked.firstError)
	}
	settle(&said.asked, len(asked.took))
	cpu := d.cpu() - before
	options.say("agents answer, %d a second", repliesPerSecond)
	replied := said.drive(ctx, replyClients, repliesPerSecond, time.Now().Add(repliesFor), replying)
	settle(&said.replied, len(replied.took))
	result = Result{
		Bench: "messages", Engine: engineName(options), Clients: options.Clients, Seconds: asked.elapsed.Seconds(),
		PerSecond: asked.perSecond(), P50: asked.quantile(.5), P99: asked.quantile(.99), Errors: asked.failed + replied.failed, RSS: d.rss(), CPU: asked.each(cpu),
		Delivered: said.asked.count() + said.replied.count(), DeliveryP50: said.asked.quantile(.5), DeliveryP99: said.asked.quantile(.99),
		Connections: len(sockets.guests), ReplyRate: repliesPerSecond, ReplyP50: said.replied.quantile(.5), ReplyP99: said.replied.quantile(.99),
	}
	for _, first := range []error{asked.firstError, replied.firstError} {
		if first != nil {
			options.say("first error: %v", first)
		}
	}
	return result, said.verify(ctx, options, &result)
}

// verify reads everything back into the result.
func (c *chatter) verify(ctx context.Context, options Options, result *Result) error {
	options.say("reading back")
	v, err := c.readBack(ctx)
	if err != nil {
		return err
	}
	result.Acknowledged, result.Lost, result.Doubled = v.acknowledged, v.lost, v.doubled
	if v.disordered > 0 {
		return fmt.Errorf("%w: %d messages are out of order", ErrFailed, v.disordered)
	}
	return nil
}
