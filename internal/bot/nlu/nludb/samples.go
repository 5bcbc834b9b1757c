package nludb

import (
	"context"
	"encoding/json"
	"time"

	"everdesk/internal/access"
	"everdesk/internal/id"
	"everdesk/internal/knowledge"
	"everdesk/internal/page"
	"everdesk/internal/store"
	"everdesk/internal/training"
)

// mostSamples is how many texts of a workspace wait at once: the least certain.
const mostSamples = 5000

// millionths is how margins are kept.
const millionths = 1_000_000

// Note keeps a text for people to label. A text that waits already, or is an
// example, is not kept twice.
func (s *Store) Note(ctx context.Context, scope access.Scope, sample training.Sample, at time.Time) error {
	text, err := training.CheckText(sample.Text, "text")
	if err != nil {
		return err
	}
	folded := knowledge.Fold(text)
	return s.db.Atomically(ctx, func(ctx context.Context) error {
		tx := store.Current(ctx)
		var waiting, known int64
		rows, err := tx.Query(`SELECT (SELECT COUNT(*) FROM nlu_samples WHERE workspace_id = $1),
			(SELECT COUNT(*) FROM intent_examples WHERE workspace_id = $1 AND folded = $2)`, scope.Workspace, folded)
		if err := store.One(rows, err, &waiting, &known); err != nil || known > 0 {
			return err
		}
		if waiting >= mostSamples {
			tx.Queue(`DELETE FROM nlu_samples WHERE workspace_id = $1 AND id IN
				(SELECT id FROM nlu_samples WHERE workspace_id = $1 ORDER BY margin DESC, id LIMIT 1)`, scope.Workspace)
		}
		tx.Queue(`INSERT INTO nlu_samples(workspace_id, id, conversation_id, seq, body, folded, locale, guesses, margin, number, seen_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT (workspace_id, folded) DO NOTHING`,
			scope.Workspace, id.New[id.Sample](tx.IDs()), sample.Conversation, sample.Seq, text, folded, sample.Locale,
			store.JSON(sample.Guesses), int64(sample.Margin*millionths), sample.Number, at)
		return nil
	})
}

const sampleColumns = `id, conversation_id, seq, body, locale, guesses, margin, number, seen_at`

func scanSample(row store.Row) (sample training.Sample, err error) {
	var guesses string
	var margin int64
	err = row.Scan(&sample.ID, &sample.Conversation, &sample.Seq, &sample.Text, &sample.Locale, &guesses, &margin, &sample.Number, store.Into(&sample.SeenAt))
	if err == nil {
		sample.Margin = float64(margin) / millionths
		err = json.Unmarshal([]byte(guesses), &sample.Guesses)
	}
	return sample, err
}

// Samples lists what waits for a label, the least certain first.
func (s *Store) Samples(ctx context.Context, scope access.Scope, request page.Request) (page.Of[training.Sample], error) {
	after := request.After
	if after.IsZero() {
		after = page.Cursor{Key: -1}
	}
	rows, err := s.db.Query(ctx, `SELECT `+sampleColumns+` FROM nlu_samples WHERE workspace_id = $1 AND (margin, id) > ($2, $3)
		ORDER BY margin, id LIMIT $4`, scope.Workspace, after.Key, after.ID, int64(request.Limit)+1)
	all, err := store.All(rows, err, scanSample)
	return page.Cut(all, request, func(sample training.Sample) page.Cursor {
		return page.Cursor{Key: int64(sample.Margin*millionths + 0.5), ID: sample.ID.Int64()}
	}), err
}

// Label makes a sample an example of an intent.
func (s *Store) Label(ctx context.Context, scope access.Scope, which id.Sample, intent id.Intent, at time.Time) (training.Example, error) {
	sample, err := s.sample(ctx, scope, which)
	if err != nil {
		return training.Example{}, err
	}
	return s.AddExample(ctx, scope, nil, training.Example{Intent: intent, Text: sample.Text, Locale: sample.Locale, Source: training.Traffic}, at)
}

func (s *Store) sample(ctx context.Context, scope access.Scope, which id.Sample) (training.Sample, error) {
	rows, err := s.db.Query(ctx, `SELECT `+sampleColumns+` FROM nlu_samples WHERE workspace_id = $1 AND id = $2`, scope.Workspace, which)
	found, err := store.All(rows, err, scanSample)
	if err == nil && len(found) == 0 {
		err = training.ErrNoSample
	}
	if err != nil {
		return training.Sample{}, err
	}
	return found[0], nil
}

// Dismiss takes a sample out of the queue without labelling it.
func (s *Store) Dismiss(ctx context.Context, scope access.Scope, which id.Sample, at time.Time) error {
	return s.db.Do(ctx, store.Change{Subject: which.Int64(), Run: func(ctx context.Context) error {
		n, err := store.Current(ctx).Exec(`DELETE FROM nlu_samples WHERE workspace_id = $1 AND id = $2`, scope.Workspace, which)
		if err == nil && n == 0 {
			err = training.ErrNoSample
		}
		if err != nil {
			return err
		}
		return s.audit.Write(ctx, scope, "sample.dismissed", which.String(), nil, nil, at)
	}})
}
