package searchdb

import (
	"context"
	"time"

	"everdesk/internal/access"
	"everdesk/internal/event"
	"everdesk/internal/id"
	"everdesk/internal/job"
	"everdesk/internal/search"
	"everdesk/internal/store"
)

const (
	// slice is how many texts a transaction writes: about five milliseconds.
	slice = 80
	// atOnce is how many conversations are read at once while filling.
	atOnce = 20
)

// FillKind is the job that indexes what was there before the index.
const FillKind = "search.fill"

type fillTask struct {
	Workspace id.Workspace `json:"workspace"`
}

// Refill enqueues a job for every workspace whose index another version made, or
// nobody: after an upgrade everything becomes searchable, the newest first.
func (s *Store) Refill(ctx context.Context, at time.Time) error {
	if err := s.heal(ctx); err != nil {
		return err
	}
	rows, err := s.db.Query(ctx, `SELECT workspace_id FROM search_workspaces WHERE version <> $1 OR filled = 0`, int64(search.Version))
	all, err := store.All(rows, err, func(row store.Row) (workspace id.Workspace, err error) {
		err = row.Scan(&workspace)
		return workspace, err
	})
	if err != nil {
		return err
	}
	for _, workspace := range all {
		if err := s.begin(ctx, access.System(workspace), at); err != nil {
			return err
		}
	}
	return nil
}

// heal notices an index that did not come along with the rest, as after a backup
// has been restored, and has it made anew.
func (s *Store) heal(ctx context.Context) error {
	var lost int64
	rows, err := s.db.Query(ctx, `SELECT COUNT(*) FROM search_workspaces w WHERE w.version <> 0 AND w.newest - w.oldest > 0
		AND (NOT EXISTS (SELECT 1 FROM search_texts t WHERE t.workspace_id = w.workspace_id)`+s.dialect.wordless+`)`)
	if err := store.One(rows, err, &lost); err != nil || lost == 0 {
		return err
	}
	return s.db.Atomically(ctx, func(ctx context.Context) error {
		tx := store.Current(ctx)
		tx.Queue(`DELETE FROM search_texts WHERE workspace_id IN (SELECT workspace_id FROM search_workspaces)`)
		tx.Queue(`UPDATE search_workspaces SET version = 0`)
		return nil
	})
}

// begin enqueues the filling of one workspace, from the start if the version is
// another one.
func (s *Store) begin(ctx context.Context, scope access.Scope, at time.Time) error {
	return s.db.Atomically(ctx, func(ctx context.Context) error {
		tx := store.Current(ctx)
		tx.Queue(`UPDATE search_workspaces SET version = $2, filled = 0, fill_before = $3, done = 0, since = $4,
				total = (SELECT COUNT(*) FROM conversations WHERE workspace_id = $1)
			WHERE workspace_id = $1 AND version <> $2`, scope.Workspace, int64(search.Version), int64(1<<62), at)
		job.Enqueue(ctx, job.Job{
			Kind: FillKind, Key: FillKind + "/" + scope.Workspace.String(), Workspace: scope.Workspace, At: at, Payload: fillTask{scope.Workspace},
		})
		return nil
	})
}

// HandleFill indexes the next conversations of a workspace and comes again until
// there are no more.
func (s *Store) HandleFill(ctx context.Context, task job.Task) error {
	var what fillTask
	if err := task.Decode(&what); err != nil {
		return job.ErrDrop
	}
	scope := access.System(what.Workspace)
	from := time.Now()
	for time.Since(from) < 5*time.Second {
		began := time.Now()
		more, err := s.Fill(ctx, scope, atOnce)
		if err != nil {
			return err
		}
		if !more {
			return nil
		}
		// Whoever waits for something goes before.
		if err := rest(ctx, time.Since(began)); err != nil {
			return err
		}
	}
	return s.db.Atomically(ctx, func(ctx context.Context) error {
		job.Set(ctx, what.Workspace, event.Timer{Key: FillKind + "/" + what.Workspace.String(), Kind: FillKind, At: task.At, Payload: what})
		return nil
	})
}

func rest(ctx context.Context, duration time.Duration) error {
	timer := time.NewTimer(duration)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// Fill indexes the next few conversations that were there before the index,
// newest first, and reports whether there may be more.
func (s *Store) Fill(ctx context.Context, scope access.Scope, conversations int) (bool, error) {
	var before int64
	rows, err := s.db.Query(ctx, `SELECT fill_before FROM search_workspaces WHERE workspace_id = $1 AND filled = 0`, scope.Workspace)
	if err := store.One(rows, err, &before); err != nil {
		if noRows(err) {
			return false, nil
		}
		return false, err
	}
	rows, err = s.db.Query(ctx, `SELECT id FROM conversations WHERE workspace_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3`,
		scope.Workspace, before, int64(conversations))
	which, err := store.All(rows, err, func(row store.Row) (one id.Conversation, err error) {
		err = row.Scan(&one)
		return one, err
	})
	if err != nil {
		return false, err
	}
	if len(which) == 0 {
		return false, s.db.Atomically(ctx, func(ctx context.Context) error {
			store.Current(ctx).Queue(`UPDATE search_workspaces SET filled = 1 WHERE workspace_id = $1`, scope.Workspace)
			return nil
		})
	}
	return true, s.fill(ctx, scope, which)
}

// fill indexes conversations. The last transaction moves the mark past all of
// them: what is done twice changes nothing.
func (s *Store) fill(ctx context.Context, scope access.Scope, which []id.Conversation) error {
	heads, err := s.heads(ctx, scope.Workspace, which)
	if err != nil {
		return err
	}
	rows, err := s.db.Query(ctx, `SELECT `+lineColumns+` FROM `+s.db.Dialect().List("$2")+` wanted CROSS JOIN entries e
		WHERE e.workspace_id = $1 AND e.conversation_id = wanted.value`+said, scope.Workspace, store.JSON(numbers(which)))
	lines, err := store.All(rows, err, scanLine)
	if err != nil {
		return err
	}
	texts := make([]text, 0, len(lines)+len(heads))
	for _, h := range heads {
		texts = append(texts, h.text())
	}
	for _, l := range lines {
		texts = append(texts, l.text(heads[l.conversation]))
	}
	sortTexts(texts)
	for end := len(texts); end > 0; end -= slice {
		part := texts[max(0, end-slice):end]
		err := s.db.Atomically(ctx, func(ctx context.Context) error {
			if end <= slice {
				store.Current(ctx).Queue(`UPDATE search_workspaces SET fill_before = $2, done = done + $3 WHERE workspace_id = $1`,
					scope.Workspace, which[len(which)-1], int64(len(which)))
			}
			return s.put(ctx, scope.Workspace, part, true)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// Progress says how far the index of a workspace has come.
func (s *Store) Progress(ctx context.Context, scope access.Scope) (search.Progress, error) {
	p := search.Progress{Filled: true}
	var filled int64
	rows, err := s.db.Query(ctx, `SELECT filled, done, total, since FROM search_workspaces WHERE workspace_id = $1`, scope.Workspace)
	if err := store.One(rows, err, &filled, &p.Done, &p.Total, store.Into(&p.Since)); err != nil {
		if noRows(err) {
			return p, nil
		}
		return p, err
	}
	p.Filled = filled == 1
	return p, nil
}
