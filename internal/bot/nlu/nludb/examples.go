package nludb

import (
	"context"
	"time"

	"everdesk/internal/access"
	"everdesk/internal/commit"
	"everdesk/internal/id"
	"everdesk/internal/knowledge"
	"everdesk/internal/locale"
	"everdesk/internal/store"
	"everdesk/internal/training"
)

// AddExample adds an example to an intent. A text that is one already is
// refused; training.ErrTaken names the intent that has it.
func (s *Store) AddExample(ctx context.Context, scope access.Scope, claim *commit.Claim, e training.Example, at time.Time) (training.Example, error) {
	text, err := training.CheckText(e.Text, "body.text")
	if err != nil {
		return e, err
	}
	e.Text, e.Locale, e.CreatedAt = text, locale.Match(e.Locale), at
	err = s.db.Do(ctx, store.Change{Claim: claim, Subject: e.Intent.Int64(), Run: func(ctx context.Context) error {
		if _, err := s.Intent(ctx, scope, e.Intent); err != nil {
			return err
		}
		if err := s.roomFor(ctx, scope, 1); err != nil {
			return err
		}
		e.ID = id.New[id.Example](store.Current(ctx).IDs())
		added, err := insertExample(ctx, scope, e)
		if err != nil {
			return err
		}
		if !added {
			owner, err := s.ownerOf(ctx, scope, e.Text)
			if err != nil {
				return err
			}
			return training.ErrTaken.With("intent", owner)
		}
		store.Current(ctx).Remember(e.ID.Int64())
		return s.audit.Write(ctx, scope, "example.added", e.ID.String(), nil, example(e), at)
	}})
	if err == nil && claim != nil && claim.Replayed {
		return s.Example(ctx, scope, id.Example(claim.Result))
	}
	return e, err
}

// roomFor refuses more examples than a workspace may have.
func (s *Store) roomFor(ctx context.Context, scope access.Scope, more int) error {
	var count int
	rows, err := store.Current(ctx).Query(`SELECT COUNT(*) FROM intent_examples WHERE workspace_id = $1`, scope.Workspace)
	if err := store.One(rows, err, &count); err != nil {
		return err
	}
	if count+more > training.MostExamples {
		return training.ErrTooMany
	}
	return nil
}

// insertExample adds an example unless the text is one. The sample it was, if it
// was one, no longer waits.
func insertExample(ctx context.Context, scope access.Scope, e training.Example) (added bool, err error) {
	tx, folded := store.Current(ctx), knowledge.Fold(e.Text)
	n, err := tx.Exec(`INSERT INTO intent_examples(workspace_id, id, intent_id, body, folded, locale, source, made_by, created_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (workspace_id, folded) DO NOTHING`,
		scope.Workspace, e.ID, e.Intent, e.Text, folded, e.Locale, string(e.Source), scope.Actor(), e.CreatedAt)
	if n > 0 {
		tx.Queue(`DELETE FROM nlu_samples WHERE workspace_id = $1 AND folded = $2`, scope.Workspace, folded)
	}
	return n > 0, err
}

// ownerOf is the key of the intent that has a text as an example.
func (s *Store) ownerOf(ctx context.Context, scope access.Scope, text string) (key string, err error) {
	rows, err := store.Current(ctx).Query(`SELECT i.intent_key FROM intent_examples e
		JOIN intents i ON i.workspace_id = e.workspace_id AND i.id = e.intent_id
		WHERE e.workspace_id = $1 AND e.folded = $2`, scope.Workspace, knowledge.Fold(text))
	err = store.One(rows, err, &key)
	return key, err
}

// MoveExample gives an example to another intent.
func (s *Store) MoveExample(ctx context.Context, scope access.Scope, which id.Example, to id.Intent, at time.Time) (e training.Example, err error) {
	err = s.db.Do(ctx, store.Change{Subject: which.Int64(), Run: func(ctx context.Context) error {
		before, err := s.Example(ctx, scope, which)
		if err != nil {
			return err
		}
		if _, err := s.Intent(ctx, scope, to); err != nil {
			return err
		}
		e = before
		e.Intent = to
		store.Current(ctx).Queue(`UPDATE intent_examples SET intent_id = $3 WHERE workspace_id = $1 AND id = $2`, scope.Workspace, which, to)
		return s.audit.Write(ctx, scope, "example.moved", which.String(), example(before), example(e), at)
	}})
	return e, err
}

// RemoveExample removes an example.
func (s *Store) RemoveExample(ctx context.Context, scope access.Scope, which id.Example, at time.Time) error {
	return s.db.Do(ctx, store.Change{Subject: which.Int64(), Run: func(ctx context.Context) error {
		before, err := s.Example(ctx, scope, which)
		if err != nil {
			return err
		}
		store.Current(ctx).Queue(`DELETE FROM intent_examples WHERE workspace_id = $1 AND id = $2`, scope.Workspace, which)
		return s.audit.Write(ctx, scope, "example.removed", which.String(), example(before), nil, at)
	}})
}

// example is what the audit record keeps of one.
func example(e training.Example) any {
	return map[string]any{"intent": e.Intent, "text": e.Text, "source": e.Source}
}

// slice is how many lines one transaction takes in.
const slice = 200

// Take takes labelled lines in, some in each transaction: an intent that does
// not exist is made, a text that is an example already is left alone. What
// cannot be taken is told by its number. Taking the same lines twice changes
// nothing the second time.
func (s *Store) Take(ctx context.Context, scope access.Scope, lines []training.Line, source training.Source, at time.Time) (training.Taken, error) {
	var taken training.Taken
	for from := 0; from < len(lines); from += slice {
		part := lines[from:min(from+slice, len(lines))]
		var now training.Taken
		err := s.db.Do(ctx, store.Change{Run: func(ctx context.Context) (err error) {
			now, err = s.takeSlice(ctx, scope, part, source, at)
			if err != nil || now.Intents+now.Examples == 0 {
				return err
			}
			return s.audit.Write(ctx, scope, "examples.taken", string(source), nil, map[string]int{"intents": now.Intents, "examples": now.Examples}, at)
		}})
		if err != nil {
			return taken, err
		}
		taken.Intents, taken.Examples, taken.Known = taken.Intents+now.Intents, taken.Examples+now.Examples, taken.Known+now.Known
		for _, bad := range now.Bad {
			taken.Bad = append(taken.Bad, training.BadLine{Line: from + bad.Line, Code: bad.Code})
		}
	}
	return taken, nil
}

func (s *Store) takeSlice(ctx context.Context, scope access.Scope, lines []training.Line, source training.Source, at time.Time) (taken training.Taken, err error) {
	if err := s.roomFor(ctx, scope, len(lines)); err != nil {
		return taken, err
	}
	keys, err := s.keys(ctx, scope)
	if err != nil {
		return taken, err
	}
	for n, line := range lines {
		bad := func(code string) { taken.Bad = append(taken.Bad, training.BadLine{Line: n + 1, Code: code}) }
		text, err := training.CheckText(line.Text, "text")
		if err != nil {
			bad("bad_text")
			continue
		}
		intent, err := training.Intent{Key: line.Intent, CreatedAt: at}.Check()
		if err != nil {
			bad("bad_key")
			continue
		}
		of, known := keys[intent.Key]
		if !known {
			if len(keys) >= training.MostIntents {
				return taken, training.ErrTooMany
			}
			intent.ID = id.New[id.Intent](store.Current(ctx).IDs())
			if _, err := insertIntent(ctx, scope, intent); err != nil {
				return taken, err
			}
			of = intent.ID
			keys[intent.Key] = of
			taken.Intents++
		}
		e := training.Example{
			ID: id.New[id.Example](store.Current(ctx).IDs()), Intent: of, Text: text, Locale: locale.Match(line.Locale), Source: source, CreatedAt: at,
		}
		added, err := insertExample(ctx, scope, e)
		if err != nil {
			return taken, err
		}
		if added {
			taken.Examples++
			continue
		}
		owner, err := s.ownerOf(ctx, scope, text)
		switch {
		case err != nil:
			return taken, err
		case owner == intent.Key:
			taken.Known++
		default:
			bad("taken")
		}
	}
	return taken, nil
}

// keys are the intents' ids by their keys.
func (s *Store) keys(ctx context.Context, scope access.Scope) (map[string]id.Intent, error) {
	rows, err := store.Current(ctx).Query(`SELECT `+intentColumns+` FROM intents WHERE workspace_id = $1`, scope.Workspace)
	all, err := store.All(rows, err, scanIntent)
	byKey := make(map[string]id.Intent, len(all))
	for _, i := range all {
		byKey[i.Key] = i.ID
	}
	return byKey, err
}
