package nludb

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"everdesk/internal/access"
	"everdesk/internal/bot/nlu"
	"everdesk/internal/fault"
	"everdesk/internal/id"
	"everdesk/internal/store"
	"everdesk/internal/training"
)

// trainLease is held by the one node that trains.
const (
	trainLease    = "nlu.train"
	trainLeaseFor = time.Minute
)

// TrainAll trains what waits, one model after another, on the one node that
// holds the lease, and returns how many it finished. A training that a node
// took with it is begun anew by the next. It stops when ctx ends.
func (s *Store) TrainAll(ctx context.Context, holder string, now func() time.Time) (trained int, err error) {
	for {
		workspace, which, found, err := s.next(ctx)
		if err != nil || !found {
			return trained, err
		}
		lease, held, err := s.db.Acquire(ctx, trainLease, holder, trainLeaseFor)
		if err != nil || !held {
			return trained, err
		}
		err = s.trainOne(ctx, access.System(workspace), lease, which, now)
		if released := s.db.Release(context.WithoutCancel(ctx), lease); err == nil {
			err = released
		}
		if err != nil {
			return trained, err
		}
		trained++
	}
}

// next is what waits longest, in any workspace.
func (s *Store) next(ctx context.Context) (workspace id.Workspace, which id.Model, found bool, err error) {
	rows, err := s.db.Query(ctx, `SELECT workspace_id, id FROM nlu_models WHERE state = 'waiting' ORDER BY created_at LIMIT 1`)
	err = store.One(rows, err, &workspace, &which)
	if errors.Is(err, store.ErrNoRows) {
		return 0, 0, false, nil
	}
	return workspace, which, err == nil, err
}

// trainOne keeps the lease while it trains.
func (s *Store) trainOne(ctx context.Context, scope access.Scope, lease store.Lease, which id.Model, now func() time.Time) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	go s.keep(ctx, cancel, lease)
	t, err := s.learn(ctx, scope)
	if cause := context.Cause(ctx); cause != nil {
		return cause
	}
	if known := fault.Of(err); known != nil && known.Kind == fault.Invalid {
		s.log.WarnContext(ctx, "a training came to nothing", "workspace", scope.Workspace, "model", which, "error", err)
		return s.Fail(ctx, scope, lease, which, known.Code, now())
	}
	if err != nil {
		return err
	}
	return s.Finish(ctx, scope, lease, which, t, now())
}

// keep renews the lease until ctx ends, and ends it when the lease is lost.
func (s *Store) keep(ctx context.Context, cancel context.CancelCauseFunc, lease store.Lease) {
	tick := time.NewTicker(trainLeaseFor / 4)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		now, held, err := s.db.Acquire(ctx, lease.Name, lease.Holder, trainLeaseFor)
		if err == nil && (!held || now.Epoch != lease.Epoch) {
			cancel(ErrLease)
			return
		}
	}
}

// errBroken is what a training that panics ends with: it is not tried again, and
// the node goes on.
var errBroken = fault.New(fault.Invalid, "training.broken")

func (s *Store) learn(ctx context.Context, scope access.Scope) (t Trained, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = errBroken.Because(fmt.Errorf("panicked: %v\n%s", p, debug.Stack()))
		}
	}()
	examples, err := s.Corpus(ctx, scope)
	if err != nil {
		return t, err
	}
	examples = taught(examples)
	options := nlu.Options{Stop: func() bool { return ctx.Err() != nil }}
	if t.Model, err = nlu.Train(examples, options); err != nil {
		return t, err
	}
	if t.Curve, err = nlu.Curve(examples, options); err != nil {
		return t, err
	}
	t.Intents, t.Examples = len(t.Model.Labels()), len(examples)
	return t, nil
}

// taught leaves out intents with fewer than two texts: nobody can learn from
// one.
func taught(examples []nlu.Example) []nlu.Example {
	texts := map[string]map[string]bool{}
	for _, e := range examples {
		if texts[e.Label] == nil {
			texts[e.Label] = map[string]bool{}
		}
		texts[e.Label][e.Text] = true
	}
	var all []nlu.Example
	for _, e := range examples {
		if len(texts[e.Label]) > 1 {
			all = append(all, e)
		}
	}
	return all
}

// Try asks a model a text.
func (s *Store) Try(ctx context.Context, scope access.Scope, which id.Model, text string) (guesses []training.Guess, rejected bool, err error) {
	m, err := s.load(ctx, scope, which)
	if err != nil {
		return nil, false, err
	}
	reading := m.Read(text)
	for _, g := range reading.Guesses {
		guesses = append(guesses, training.Guess{Label: g.Label, Probability: g.Probability})
	}
	return guesses, reading.Rejected(), nil
}

func (s *Store) load(ctx context.Context, scope access.Scope, which id.Model) (*nlu.Model, error) {
	data, err := s.ModelBytes(ctx, scope, which)
	if err != nil {
		return nil, err
	}
	return nlu.Unmarshal(data)
}
