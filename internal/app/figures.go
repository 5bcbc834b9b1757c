package app

import (
	"context"
	"syscall"
	"time"

	"everdesk/internal/channel"
	"everdesk/internal/job"
	"everdesk/internal/observe"
)

// measure adds what is to be seen of this node.
func (a *App) measure() {
	m := a.metrics
	m.Store(a.db.Engine(), a.db.Stats)
	m.Gauge("everdesk_stranded_items", "Open conversations and tickets nobody would act on.", nil, func() float64 { return float64(a.stranded.Load()) })
	m.Gauge("everdesk_clock_offset_seconds", "By how much this machine's clock is corrected to the database's.", nil, func() float64 { return time.Duration(a.clock.offset.Load()).Seconds() })
	m.Gauge("everdesk_connections", "Sockets and streams this node holds.", nil, func() float64 { return float64(a.hub.Connections()) })
	if a.redis != nil {
		m.Gauge("everdesk_redis_up", "1 while Redis answers this node.", nil, func() float64 { return map[bool]float64{true: 1}[a.redis.Up()] })
		m.Counter("everdesk_redis_lost_total", "Hints between nodes that Redis did not carry.", nil, func() float64 { return float64(a.redis.Lost()) })
	}
	m.Figures(a.backlog)
	m.Figures(a.machine)
}

// backlog is what waits in the database: the same figures on every node.
func (a *App) backlog(ctx context.Context) (all []observe.Figure) {
	at := a.now()
	if jobs, err := job.ReadBacklog(ctx, a.db, at); err == nil {
		all = append(all,
			observe.Figure{Name: "jobs_due", Help: "Jobs that may run and that nobody has taken.", Reading: float64(jobs.Due)},
			observe.Figure{Name: "jobs_dead", Help: "Jobs that were given up.", Reading: float64(jobs.Dead)},
			observe.Figure{Name: "job_lag_seconds", Help: "For how long the oldest due job has waited.", Reading: jobs.Late.Seconds()})
	}
	for _, consumer := range a.consumers() {
		lag, err := a.db.EventLag(ctx, consumer.Name, at)
		if err != nil {
			return all
		}
		all = append(all,
			observe.Figure{Name: "events_behind", Help: "Events a consumer has not handled.", Label: "consumer", Value: consumer.Name, Reading: float64(lag.Events)},
			observe.Figure{Name: "event_lag_seconds", Help: "How old the oldest event is that a consumer has not handled.", Label: "consumer", Value: consumer.Name, Reading: lag.Late.Seconds()})
	}
	return all
}

// machine is what this node stands on.
func (a *App) machine(context.Context) (all []observe.Figure) {
	var disk syscall.Statfs_t
	if err := syscall.Statfs(a.config.Data, &disk); err == nil {
		all = append(all,
			observe.Figure{Name: "disk_free_bytes", Help: "Room left under the data directory.", Reading: float64(disk.Bavail) * float64(disk.Bsize)},
			observe.Figure{Name: "disk_size_bytes", Help: "Size of the disk under the data directory.", Reading: float64(disk.Blocks) * float64(disk.Bsize)})
	}
	if ends := a.door.expiry(); !ends.IsZero() {
		all = append(all, observe.Figure{Name: "certificate_end_seconds", Help: "When the first certificate in use ends, as seconds since 1970.", Reading: float64(ends.Unix())})
	}
	return all
}

// counted counts what a sender sends.
type counted struct {
	channel.Sender
	kind  channel.Kind
	count func(values ...string)
}

// Send sends and counts how that ended.
func (c counted) Send(ctx context.Context, message channel.Outbound) channel.Receipt {
	receipt := c.Sender.Send(ctx, message)
	c.count(string(c.kind), string(receipt.State), string(receipt.Reason))
	return receipt
}
