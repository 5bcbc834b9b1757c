// Package flowdb keeps flows and their versions, the state of dialogues, the
// calls they make, and the connectors these go to.
package flowdb

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"everdesk/internal/access"
	"everdesk/internal/bot/flow"
	"everdesk/internal/commit"
	"everdesk/internal/fault"
	"everdesk/internal/id"
	"everdesk/internal/page"
	"everdesk/internal/store"
)

// Sealer keeps secrets unreadable, and subjects findable without being read.
type Sealer interface {
	Seal(purpose, text string) string
	Open(purpose, sealed string) (string, error)
	Index(purpose, value string) string
}

// Auditor writes an audit row in the transaction of ctx.
type Auditor interface {
	Write(ctx context.Context, scope access.Scope, action, object string, before, after any, at time.Time) error
}

// Store keeps flows, dialogues and connectors.
type Store struct {
	db     *store.DB
	sealer Sealer
	audit  Auditor
}

// New returns the flows of a database.
func New(db *store.DB, sealer Sealer, audit Auditor) *Store { return &Store{db, sealer, audit} }

const columns = `id, flow_key, title, draft, draft_hash, published, published_hash, version, created_at, updated_at, updated_by`

func scan(r store.Row) (f flow.Flow, err error) {
	var title, draft string
	if err = r.Scan(&f.ID, &f.Key, &title, &draft, &f.DraftHash, &f.Published, &f.PublishedHash, &f.Version,
		store.Into(&f.CreatedAt), store.Into(&f.UpdatedAt), &f.UpdatedBy); err != nil {
		return f, err
	}
	f.Draft = json.RawMessage(draft)
	return f, json.Unmarshal([]byte(title), &f.Title)
}

// Flows lists the flows in the order they were made.
func (s *Store) Flows(ctx context.Context, scope access.Scope, request page.Request) (page.Of[flow.Flow], error) {
	rows, err := s.db.Query(ctx, `SELECT `+columns+` FROM flows WHERE workspace_id = $1 AND id > $2 ORDER BY id LIMIT $3`,
		scope.Workspace, request.After.ID, request.Limit+1)
	all, err := store.All(rows, err, scan)
	return page.Cut(all, request, func(f flow.Flow) page.Cursor { return page.Cursor{ID: f.ID.Int64()} }), err
}

// Flow reads one flow.
func (s *Store) Flow(ctx context.Context, scope access.Scope, which id.Flow) (flow.Flow, error) {
	rows, err := s.db.Query(ctx, `SELECT `+columns+` FROM flows WHERE workspace_id = $1 AND id = $2`, scope.Workspace, which)
	found, err := store.All(rows, err, scan)
	if err == nil && len(found) == 0 {
		err = flow.ErrNotFound
	}
	if err != nil {
		return flow.Flow{}, err
	}
	return found[0], nil
}

// FlowByKey reads the flow of a key.
func (s *Store) FlowByKey(ctx context.Context, scope access.Scope, key string) (flow.Flow, error) {
	rows, err := s.db.Query(ctx, `SELECT `+columns+` FROM flows WHERE workspace_id = $1 AND flow_key = $2`, scope.Workspace, key)
	found, err := store.All(rows, err, scan)
	if err == nil && len(found) == 0 {
		err = flow.ErrNotFound
	}
	if err != nil {
		return flow.Flow{}, err
	}
	return found[0], nil
}

// Make adds a flow with its first draft. Its key is its own.
func (s *Store) Make(ctx context.Context, scope access.Scope, claim *commit.Claim, draft flow.Flow, at time.Time) (flow.Flow, error) {
	f := draft
	err := s.db.Do(ctx, store.Change{Claim: claim, Run: func(ctx context.Context) error {
		tx := store.Current(ctx)
		f.ID, f.Version, f.CreatedAt, f.UpdatedAt, f.UpdatedBy = id.New[id.Flow](tx.IDs()), 1, at, at, scope.Staff
		added, err := tx.Exec(`INSERT INTO flows(workspace_id, id, flow_key, title, draft, draft_hash, published, published_hash, starts, version,
				created_at, updated_at, updated_by)
			VALUES ($1, $2, $3, $4, $5, $6, 0, '', '[]', 1, $7, $7, $8) ON CONFLICT (workspace_id, flow_key) DO NOTHING`,
			scope.Workspace, f.ID, f.Key, store.JSON(f.Title), string(f.Draft), f.DraftHash, at, scope.Staff)
		if err != nil {
			return err
		}
		if added == 0 {
			return flow.ErrKeyTaken.With("key", f.Key)
		}
		tx.Remember(f.ID.Int64())
		return s.audit.Write(ctx, scope, "flow.made", f.ID.String(), nil, noted(f), at)
	}})
	if err == nil && claim != nil && claim.Replayed {
		return s.Flow(ctx, scope, id.Flow(claim.Result))
	}
	return f, err
}

// note is what the record of operations keeps of a flow.
type note struct {
	Key       string `json:"key"`
	Draft     string `json:"draft"`
	Published int64  `json:"published"`
}

func noted(f flow.Flow) note { return note{f.Key, f.DraftHash, f.Published} }

// change locks a flow of a version (0 for whichever it has), has fn change it
// and writes it.
func (s *Store) change(ctx context.Context, scope access.Scope, which id.Flow, version int64, action string, at time.Time,
	fn func(ctx context.Context, f *flow.Flow) error,
) (f flow.Flow, err error) {
	err = s.db.Do(ctx, store.Change{Subject: which.Int64(), Run: func(ctx context.Context) error {
		if f, err = s.Flow(ctx, scope, which); err != nil {
			return err
		}
		if version != 0 && f.Version != version {
			return fault.ErrStale
		}
		before := noted(f)
		seen := f.Version
		if err := fn(ctx, &f); err != nil {
			return err
		}
		err := store.Current(ctx).Returning([]any{&f.Version}, `UPDATE flows SET title = $4, draft = $5, draft_hash = $6, published = $7,
				published_hash = $8, version = version + 1, updated_at = $9, updated_by = $10
			WHERE workspace_id = $1 AND id = $2 AND version = $3 RETURNING version`,
			scope.Workspace, which, seen, store.JSON(f.Title), string(f.Draft), f.DraftHash, f.Published, f.PublishedHash, at, scope.Staff)
		if errors.Is(err, store.ErrNoRows) {
			return fault.ErrStale
		}
		f.UpdatedAt, f.UpdatedBy = at, scope.Staff
		if err != nil {
			return err
		}
		return s.audit.Write(ctx, scope, action, which.String(), before, noted(f), at)
	}})
	return f, err
}

// Save keeps a new draft of the version given.
func (s *Store) Save(ctx context.Context, scope access.Scope, which id.Flow, version int64, draft flow.Flow, at time.Time) (flow.Flow, error) {
	return s.change(ctx, scope, which, version, "flow.saved", at, func(_ context.Context, f *flow.Flow) error {
		if draft.Key != f.Key {
			return flow.ErrKeyChanged
		}
		f.Title, f.Draft, f.DraftHash = draft.Title, draft.Draft, draft.DraftHash
		return nil
	})
}

// Publish has customers meet the draft from now on. Publishing what is
// published makes no new version.
func (s *Store) Publish(ctx context.Context, scope access.Scope, which id.Flow, version int64, d flow.Doc, text string, at time.Time) (flow.Flow, error) {
	hash := d.Hash()
	return s.change(ctx, scope, which, version, "flow.published", at, func(ctx context.Context, f *flow.Flow) error {
		if f.DraftHash != hash {
			return fault.ErrStale // somebody saved another draft meanwhile
		}
		if f.PublishedHash == hash {
			return nil
		}
		tx := store.Current(ctx)
		var number int64
		rows, err := tx.Query(`SELECT COALESCE(MAX(number), 0) + 1 FROM flow_versions WHERE workspace_id = $1 AND flow_id = $2`, scope.Workspace, which)
		if err := store.One(rows, err, &number); err != nil {
			return err
		}
		tx.Queue(`INSERT INTO flow_versions(workspace_id, flow_id, number, hash, document, note, published_at, published_by)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`, scope.Workspace, which, number, hash, string(f.Draft), text, at, scope.Staff)
		f.Published, f.PublishedHash = number, hash
		return s.open(ctx, scope, which, d)
	})
}

// open writes how the published version is found, and tells the nodes.
func (s *Store) open(ctx context.Context, scope access.Scope, which id.Flow, d flow.Doc) error {
	tx := store.Current(ctx)
	tx.Queue(`UPDATE flows SET starts = $3 WHERE workspace_id = $1 AND id = $2`, scope.Workspace, which,
		store.JSON(flow.Opening{Key: d.Key, Hash: d.Hash(), Title: d.Title, Starts: d.Starts}))
	tx.Queue(`INSERT INTO flow_revisions(workspace_id, revision) VALUES ($1, 1)
		ON CONFLICT (workspace_id) DO UPDATE SET revision = flow_revisions.revision + 1`, scope.Workspace)
	return nil
}

// RollBack has customers meet an earlier version again.
func (s *Store) RollBack(ctx context.Context, scope access.Scope, which id.Flow, number int64, at time.Time) (flow.Flow, error) {
	return s.change(ctx, scope, which, 0, "flow.rolled_back", at, func(ctx context.Context, f *flow.Flow) error {
		v, err := s.Version(ctx, scope, which, number)
		if err != nil {
			return err
		}
		d, problems := flow.Decode(v.Document)
		if len(problems) > 0 {
			return flow.ErrMalformed
		}
		f.Published, f.PublishedHash = v.Number, v.Hash
		return s.open(ctx, scope, which, d)
	})
}

// Withdraw has customers no longer meet a flow. Who is in it goes on to its
// end.
func (s *Store) Withdraw(ctx context.Context, scope access.Scope, which id.Flow, version int64, at time.Time) (flow.Flow, error) {
	return s.change(ctx, scope, which, version, "flow.withdrawn", at, func(ctx context.Context, f *flow.Flow) error {
		f.Published, f.PublishedHash = 0, ""
		tx := store.Current(ctx)
		tx.Queue(`INSERT INTO flow_revisions(workspace_id, revision) VALUES ($1, 1)
			ON CONFLICT (workspace_id) DO UPDATE SET revision = flow_revisions.revision + 1`, scope.Workspace)
		return nil
	})
}

// Delete removes a flow. Its versions stay for those who are in it.
func (s *Store) Delete(ctx context.Context, scope access.Scope, which id.Flow, version int64, at time.Time) error {
	return s.db.Do(ctx, store.Change{Subject: which.Int64(), Run: func(ctx context.Context) error {
		f, err := s.Flow(ctx, scope, which)
		if err != nil {
			return err
		}
		if version != 0 && f.Version != version {
			return fault.ErrStale
		}
		tx := store.Current(ctx)
		tx.Queue(`DELETE FROM flows WHERE workspace_id = $1 AND id = $2`, scope.Workspace, which)
		tx.Queue(`INSERT INTO flow_revisions(workspace_id, revision) VALUES ($1, 1)
			ON CONFLICT (workspace_id) DO UPDATE SET revision = flow_revisions.revision + 1`, scope.Workspace)
		return s.audit.Write(ctx, scope, "flow.deleted", which.String(), noted(f), nil, at)
	}})
}

const versionColumns = `number, hash, document, note, published_at, published_by`

func scanVersion(r store.Row) (v flow.Version, err error) {
	var document string
	err = r.Scan(&v.Number, &v.Hash, &document, &v.Note, store.Into(&v.PublishedAt), &v.PublishedBy)
	v.Document = json.RawMessage(document)
	return v, err
}

// Versions lists the published versions of a flow, the newest first.
func (s *Store) Versions(ctx context.Context, scope access.Scope, which id.Flow, request page.Request) (page.Of[flow.Version], error) {
	if _, err := s.Flow(ctx, scope, which); err != nil {
		return page.Of[flow.Version]{}, err
	}
	before := request.After.ID
	if before == 0 {
		before = 1 << 60
	}
	rows, err := s.db.Query(ctx, `SELECT `+versionColumns+` FROM flow_versions WHERE workspace_id = $1 AND flow_id = $2 AND number < $3
		ORDER BY number DESC LIMIT $4`, scope.Workspace, which, before, request.Limit+1)
	all, err := store.All(rows, err, scanVersion)
	return page.Cut(all, request, func(v flow.Version) page.Cursor { return page.Cursor{ID: v.Number} }), err
}

// Version reads one published version.
func (s *Store) Version(ctx context.Context, scope access.Scope, which id.Flow, number int64) (flow.Version, error) {
	rows, err := s.db.Query(ctx, `SELECT `+versionColumns+` FROM flow_versions WHERE workspace_id = $1 AND flow_id = $2 AND number = $3`,
		scope.Workspace, which, number)
	found, err := store.All(rows, err, scanVersion)
	if err == nil && len(found) == 0 {
		err = flow.ErrNoVersion
	}
	if err != nil {
		return flow.Version{}, err
	}
	return found[0], nil
}

// Document reads a version by its hash.
func (s *Store) Document(ctx context.Context, scope access.Scope, hash string) (json.RawMessage, error) {
	var document string
	rows, err := s.db.Query(ctx, `SELECT document FROM flow_versions WHERE workspace_id = $1 AND hash = $2 LIMIT 1`, scope.Workspace, hash)
	err = store.One(rows, err, &document)
	if errors.Is(err, store.ErrNoRows) {
		err = flow.ErrNoVersion
	}
	return json.RawMessage(document), err
}

// Revision tells two states of a workspace's published flows and connectors
// apart.
func (s *Store) Revision(ctx context.Context, scope access.Scope) (revision int64, err error) {
	rows, err := s.db.Query(ctx, `SELECT revision FROM flow_revisions WHERE workspace_id = $1`, scope.Workspace)
	err = store.One(rows, err, &revision)
	if errors.Is(err, store.ErrNoRows) {
		return 0, nil
	}
	return revision, err
}

// Openings are all published flows, by how they are found.
func (s *Store) Openings(ctx context.Context, scope access.Scope) ([]flow.Opening, error) {
	rows, err := s.db.Query(ctx, `SELECT starts FROM flows WHERE workspace_id = $1 AND published > 0 ORDER BY flow_key`, scope.Workspace)
	return store.All(rows, err, func(r store.Row) (o flow.Opening, err error) {
		var text string
		if err = r.Scan(&text); err == nil {
			err = json.Unmarshal([]byte(text), &o)
		}
		return o, err
	})
}
