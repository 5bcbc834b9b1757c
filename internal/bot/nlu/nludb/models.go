package nludb

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"everdesk/internal/access"
	"everdesk/internal/bot/nlu"
	"everdesk/internal/commit"
	"everdesk/internal/event"
	"everdesk/internal/id"
	"everdesk/internal/store"
	"everdesk/internal/training"
)

// TrainSignal wakes those who train.
const TrainSignal = "nlu.train"

const modelColumns = `m.id, m.number, m.state, m.intents, m.examples, m.bytes, m.report, m.curve, m.failure, m.created_at, m.trained_at,
	CASE WHEN a.model_id = m.id THEN 1 ELSE 0 END`

const fromModels = ` FROM nlu_models m LEFT JOIN nlu_active a ON a.workspace_id = m.workspace_id`

func scanModel(row store.Row) (m training.Model, err error) {
	var report, curve string
	var active int64
	err = row.Scan(&m.ID, &m.Number, &m.State, &m.Intents, &m.Examples, &m.Bytes, &report, &curve, &m.Failure,
		store.Into(&m.CreatedAt), store.Into(&m.TrainedAt), &active)
	if err == nil {
		m.Active = active == 1
		err = errors.Join(json.Unmarshal([]byte(report), &m.Report), json.Unmarshal([]byte(curve), &m.Curve))
	}
	return m, err
}

// Models returns a workspace's models, the newest first.
func (s *Store) Models(ctx context.Context, scope access.Scope) ([]training.Model, error) {
	rows, err := s.db.Query(ctx, `SELECT `+modelColumns+fromModels+` WHERE m.workspace_id = $1 ORDER BY m.number DESC`, scope.Workspace)
	return store.All(rows, err, scanModel)
}

// Model returns one model.
func (s *Store) Model(ctx context.Context, scope access.Scope, which id.Model) (training.Model, error) {
	rows, err := s.db.Query(ctx, `SELECT `+modelColumns+fromModels+` WHERE m.workspace_id = $1 AND m.id = $2`, scope.Workspace, which)
	found, err := store.All(rows, err, scanModel)
	if err == nil && len(found) == 0 {
		err = training.ErrNoModel
	}
	if err != nil {
		return training.Model{}, err
	}
	return found[0], nil
}

// AskTraining has a model trained of the examples as they are when its turn
// comes, and activated if activate says so. If one waits already, it is that.
func (s *Store) AskTraining(ctx context.Context, scope access.Scope, claim *commit.Claim, activate bool, at time.Time) (training.Model, error) {
	var which id.Model
	err := s.db.Do(ctx, store.Change{Claim: claim, Run: func(ctx context.Context) error {
		tx := store.Current(ctx)
		rows, err := tx.Query(`SELECT id FROM nlu_models WHERE workspace_id = $1 AND state = 'waiting'`, scope.Workspace)
		switch err := store.One(rows, err, &which); {
		case err == nil:
			tx.Remember(which.Int64())
			return nil
		case !errors.Is(err, store.ErrNoRows):
			return err
		}
		which = id.New[id.Model](tx.IDs())
		wanted := int64(0)
		if activate {
			wanted = 1
		}
		_, err = tx.Exec(`INSERT INTO nlu_models(workspace_id, id, number, state, activate, intents, examples, bytes, report, curve, failure, made_by, created_at, trained_at)
			SELECT $1, $2, COALESCE(MAX(number), 0) + 1, 'waiting', $3, 0, 0, 0, '{}', '[]', '', $4, $5, 0 FROM nlu_models WHERE workspace_id = $1`,
			scope.Workspace, which, wanted, scope.Actor(), at)
		if err != nil {
			return err
		}
		tx.Signal(TrainSignal)
		tx.Remember(which.Int64())
		return s.audit.Write(ctx, scope, "model.asked", which.String(), nil, map[string]bool{"activate": activate}, at)
	}})
	if err != nil {
		return training.Model{}, err
	}
	if claim != nil && claim.Replayed {
		which = id.Model(claim.Result)
	}
	return s.Model(ctx, scope, which)
}

// Corpus returns everything there is to learn from: the examples, and the
// intents' titles.
func (s *Store) Corpus(ctx context.Context, scope access.Scope) (examples []nlu.Example, err error) {
	rows, err := s.db.Query(ctx, `SELECT e.body, i.intent_key FROM intent_examples e
		JOIN intents i ON i.workspace_id = e.workspace_id AND i.id = e.intent_id WHERE e.workspace_id = $1`, scope.Workspace)
	examples, err = store.All(rows, err, func(row store.Row) (e nlu.Example, err error) {
		err = row.Scan(&e.Text, &e.Label)
		return e, err
	})
	if err != nil {
		return nil, err
	}
	taught := map[string]bool{}
	for _, e := range examples {
		taught[e.Label] = true
	}
	intents, err := s.Intents(ctx, scope)
	for _, i := range intents {
		for _, title := range i.Titles {
			if taught[i.Key] {
				examples = append(examples, nlu.Example{Text: title, Label: i.Key})
			}
		}
	}
	return examples, err
}

// Trained is what came of a training.
type Trained struct {
	Model             *nlu.Model
	Intents, Examples int
	Curve             []training.CurvePoint
}

// partBytes is how much of a model one transaction writes: a quarter of a
// megabyte, so that nobody waits long for the writer.
const partBytes = 192 << 10

// kept is how many models stay to go back to; older ones keep their figures.
const kept = 10

// Finish stores a trained model and, if that was asked for, has customers
// understood with it from the next message on. It writes nothing once the lease
// is somebody else's.
func (s *Store) Finish(ctx context.Context, scope access.Scope, lease store.Lease, which id.Model, t Trained, at time.Time) error {
	data, err := t.Model.Marshal()
	if err != nil {
		return err
	}
	for part := 0; part*partBytes < len(data); part++ {
		content := base64.StdEncoding.EncodeToString(data[part*partBytes : min((part+1)*partBytes, len(data))])
		err := s.guarded(ctx, lease, func(ctx context.Context) error {
			store.Current(ctx).Queue(`INSERT INTO nlu_model_parts(workspace_id, model_id, part, content) VALUES ($1, $2, $3, $4)
				ON CONFLICT (workspace_id, model_id, part) DO UPDATE SET content = excluded.content`, scope.Workspace, which, int64(part), content)
			return nil
		})
		if err != nil {
			return err
		}
	}
	return s.guarded(ctx, lease, func(ctx context.Context) error {
		tx := store.Current(ctx)
		var activate int64
		err := tx.Returning([]any{&activate}, `UPDATE nlu_models SET state = 'ready', intents = $3, examples = $4, bytes = $5, report = $6, curve = $7, trained_at = $8
			WHERE workspace_id = $1 AND id = $2 AND state = 'waiting' RETURNING activate`,
			scope.Workspace, which, int64(t.Intents), int64(t.Examples), int64(len(data)), store.JSON(t.Model.Report()), store.JSON(t.Curve), at)
		if errors.Is(err, store.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		tx.Queue(`DELETE FROM nlu_model_parts WHERE workspace_id = $1
			AND model_id IN (SELECT id FROM nlu_models WHERE workspace_id = $1 AND number <= (SELECT number FROM nlu_models WHERE workspace_id = $1 AND id = $2) - $3)
			AND model_id NOT IN (SELECT model_id FROM nlu_active WHERE workspace_id = $1)`, scope.Workspace, which, int64(kept))
		tx.Emit(scope.Workspace, at, event.ModelTrained{Model: which})
		if activate == 1 {
			point(tx, scope, which, at)
		}
		return nil
	})
}

// point has customers understood with a model.
func point(tx *store.Tx, scope access.Scope, which id.Model, at time.Time) {
	tx.Queue(`INSERT INTO nlu_active(workspace_id, model_id) VALUES ($1, $2)
		ON CONFLICT (workspace_id) DO UPDATE SET model_id = excluded.model_id`, scope.Workspace, which)
	tx.Emit(scope.Workspace, at, event.ModelActivated{Model: which})
}

// Fail notes that a training came to nothing, and why.
func (s *Store) Fail(ctx context.Context, scope access.Scope, lease store.Lease, which id.Model, code string, at time.Time) error {
	return s.guarded(ctx, lease, func(ctx context.Context) error {
		tx := store.Current(ctx)
		tx.Queue(`UPDATE nlu_models SET state = 'failed', failure = $3, trained_at = $4 WHERE workspace_id = $1 AND id = $2 AND state = 'waiting'`,
			scope.Workspace, which, code, at)
		tx.Emit(scope.Workspace, at, event.ModelTrained{Model: which, Failed: true})
		return nil
	})
}

// ErrLease says that another node trains by now.
var ErrLease = errors.New("nludb: the lease was lost")

func (s *Store) guarded(ctx context.Context, lease store.Lease, fn func(ctx context.Context) error) error {
	return s.db.Atomically(ctx, func(ctx context.Context) error {
		held, err := store.Current(ctx).Holds(lease)
		if err == nil && !held {
			err = ErrLease
		}
		if err != nil {
			return err
		}
		return fn(ctx)
	})
}

// Activate has customers understood with a model that is ready, from the next
// message on: going back to an older one is the same.
func (s *Store) Activate(ctx context.Context, scope access.Scope, which id.Model, at time.Time) (training.Model, error) {
	err := s.db.Do(ctx, store.Change{Subject: which.Int64(), Run: func(ctx context.Context) error {
		m, err := s.Model(ctx, scope, which)
		if err != nil {
			return err
		}
		if m.Active {
			return nil
		}
		if m.State != training.Ready {
			return training.ErrNotReady
		}
		var one int64
		rows, err := store.Current(ctx).Query(`SELECT 1 FROM nlu_model_parts WHERE workspace_id = $1 AND model_id = $2 AND part = 0`, scope.Workspace, which)
		if err := store.One(rows, err, &one); errors.Is(err, store.ErrNoRows) {
			return training.ErrNotReady
		} else if err != nil {
			return err
		}
		point(store.Current(ctx), scope, which, at)
		return s.audit.Write(ctx, scope, "model.activated", which.String(), nil, map[string]int64{"number": m.Number}, at)
	}})
	if err != nil {
		return training.Model{}, err
	}
	return s.Model(ctx, scope, which)
}

// ActiveModel returns the model customers are understood with, and its number;
// zero for none.
func (s *Store) ActiveModel(ctx context.Context, scope access.Scope) (which id.Model, number int64, err error) {
	rows, err := s.db.Query(ctx, `SELECT m.id, m.number FROM nlu_active a JOIN nlu_models m ON m.workspace_id = a.workspace_id AND m.id = a.model_id
		WHERE a.workspace_id = $1`, scope.Workspace)
	err = store.One(rows, err, &which, &number)
	if errors.Is(err, store.ErrNoRows) {
		err = nil
	}
	return which, number, err
}

// ModelBytes returns a model as Marshal wrote it.
func (s *Store) ModelBytes(ctx context.Context, scope access.Scope, which id.Model) ([]byte, error) {
	rows, err := s.db.Query(ctx, `SELECT content FROM nlu_model_parts WHERE workspace_id = $1 AND model_id = $2 ORDER BY part`, scope.Workspace, which)
	parts, err := store.All(rows, err, func(row store.Row) (part string, err error) {
		err = row.Scan(&part)
		return part, err
	})
	if err != nil {
		return nil, err
	}
	if len(parts) == 0 {
		return nil, training.ErrNoModel
	}
	var data []byte
	for _, part := range parts {
		more, err := base64.StdEncoding.DecodeString(strings.TrimSpace(part))
		if err != nil {
			return nil, err
		}
		data = append(data, more...)
	}
	return data, nil
}
