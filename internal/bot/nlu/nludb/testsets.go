package nludb

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"everdesk/internal/access"
	"everdesk/internal/commit"
	"everdesk/internal/fault"
	"everdesk/internal/id"
	"everdesk/internal/store"
	"everdesk/internal/training"
)

const testColumns = `id, name, lines, version, updated_at`

func scanTest(row store.Row) (t training.TestSet, err error) {
	var lines string
	err = row.Scan(&t.ID, &t.Name, &lines, &t.Version, store.Into(&t.UpdatedAt))
	if err == nil {
		err = json.Unmarshal([]byte(lines), &t.Lines)
	}
	return t, err
}

// TestSets returns the sets of questions to test with, in the order they were
// made.
func (s *Store) TestSets(ctx context.Context, scope access.Scope) ([]training.TestSet, error) {
	rows, err := s.db.Query(ctx, `SELECT `+testColumns+` FROM nlu_tests WHERE workspace_id = $1 ORDER BY id`, scope.Workspace)
	return store.All(rows, err, scanTest)
}

// TestSet returns one set.
func (s *Store) TestSet(ctx context.Context, scope access.Scope, which id.TestSet) (training.TestSet, error) {
	rows, err := s.db.Query(ctx, `SELECT `+testColumns+` FROM nlu_tests WHERE workspace_id = $1 AND id = $2`, scope.Workspace, which)
	found, err := store.All(rows, err, scanTest)
	if err == nil && len(found) == 0 {
		err = training.ErrNoTestSet
	}
	if err != nil {
		return training.TestSet{}, err
	}
	return found[0], nil
}

// MakeTestSet adds a set.
func (s *Store) MakeTestSet(ctx context.Context, scope access.Scope, claim *commit.Claim, t training.TestSet, at time.Time) (training.TestSet, error) {
	t, err := t.Check()
	if err != nil {
		return t, err
	}
	err = s.db.Do(ctx, store.Change{Claim: claim, Run: func(ctx context.Context) error {
		tx := store.Current(ctx)
		t.ID, t.Version, t.UpdatedAt = id.New[id.TestSet](tx.IDs()), 1, at
		tx.Queue(`INSERT INTO nlu_tests(workspace_id, id, name, lines, version, updated_at) VALUES ($1, $2, $3, $4, 1, $5)`,
			scope.Workspace, t.ID, t.Name, store.JSON(t.Lines), at)
		tx.Remember(t.ID.Int64())
		return s.audit.Write(ctx, scope, "test_set.made", t.ID.String(), nil, map[string]any{"name": t.Name, "lines": len(t.Lines)}, at)
	}})
	if err == nil && claim != nil && claim.Replayed {
		return s.TestSet(ctx, scope, id.TestSet(claim.Result))
	}
	return t, err
}

// ChangeTestSet replaces a set of the version given.
func (s *Store) ChangeTestSet(ctx context.Context, scope access.Scope, version int64, to training.TestSet, at time.Time) (training.TestSet, error) {
	to, err := to.Check()
	if err != nil {
		return to, err
	}
	err = s.db.Do(ctx, store.Change{Subject: to.ID.Int64(), Run: func(ctx context.Context) error {
		if _, err := s.TestSet(ctx, scope, to.ID); err != nil {
			return err
		}
		to.UpdatedAt = at
		err := store.Current(ctx).Returning([]any{&to.Version}, `UPDATE nlu_tests SET name = $4, lines = $5, updated_at = $6, version = version + 1
			WHERE workspace_id = $1 AND id = $2 AND version = $3 RETURNING version`, scope.Workspace, to.ID, version, to.Name, store.JSON(to.Lines), at)
		if errors.Is(err, store.ErrNoRows) {
			return fault.ErrStale
		}
		if err != nil {
			return err
		}
		return s.audit.Write(ctx, scope, "test_set.changed", to.ID.String(), nil, map[string]any{"name": to.Name, "lines": len(to.Lines)}, at)
	}})
	return to, err
}

// RemoveTestSet removes a set.
func (s *Store) RemoveTestSet(ctx context.Context, scope access.Scope, which id.TestSet, at time.Time) error {
	return s.db.Do(ctx, store.Change{Subject: which.Int64(), Run: func(ctx context.Context) error {
		before, err := s.TestSet(ctx, scope, which)
		if err != nil {
			return err
		}
		store.Current(ctx).Queue(`DELETE FROM nlu_tests WHERE workspace_id = $1 AND id = $2`, scope.Workspace, which)
		return s.audit.Write(ctx, scope, "test_set.removed", which.String(), map[string]any{"name": before.Name}, nil, at)
	}})
}

// RunTest asks a model the questions of a set.
func (s *Store) RunTest(ctx context.Context, scope access.Scope, which id.TestSet, with id.Model) (training.Trial, training.TestSet, error) {
	set, err := s.TestSet(ctx, scope, which)
	if err != nil {
		return training.Trial{}, set, err
	}
	trial := training.Trial{}
	if trial.Model, err = s.Model(ctx, scope, with); err != nil {
		return trial, set, err
	}
	m, err := s.load(ctx, scope, with)
	if err != nil {
		return trial, set, err
	}
	trial.Report, trial.Guesses, trial.Rejected = m.Ask(set.Lines)
	return trial, set, nil
}
