package inboxdb

import (
	"context"

	"everdesk/internal/access"
	"everdesk/internal/id"
	"everdesk/internal/inbox"
	"everdesk/internal/store"
)

// AddFile notes an upload that the blob store has taken in.
func (s *Store) AddFile(ctx context.Context, scope access.Scope, f inbox.Upload) error {
	return s.db.Atomically(ctx, func(ctx context.Context) error {
		by := author(scope)
		store.Current(ctx).Queue(`INSERT INTO files(workspace_id, id, name, media_type, size, width, height, thumbnail, uploader_kind, uploader_id, created_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
			scope.Workspace, f.ID, f.Name, f.MediaType, f.Size, f.Width, f.Height, f.Thumbnail, by.Kind, by.Number(), f.CreatedAt)
		return nil
	})
}

// File returns an upload. A visitor finds only their own.
func (s *Store) File(ctx context.Context, scope access.Scope, which id.File) (inbox.Upload, error) {
	condition, args := ``, arguments{scope.Workspace, which}
	if scope.Kind == access.ActorVisitor {
		condition = ` AND uploader_kind = 'customer' AND uploader_id = ` + args.add(scope.Customer)
	}
	rows, err := s.db.Query(ctx, `SELECT `+fileColumns+` FROM files WHERE workspace_id = $1 AND id = $2`+condition, args...)
	return oneFile(store.All(rows, err, scanFile))
}

const fileColumns = `id, name, media_type, size, width, height, thumbnail, created_at`

func scanFile(row store.Row) (f inbox.Upload, err error) {
	err = row.Scan(&f.ID, &f.Name, &f.MediaType, &f.Size, &f.Width, &f.Height, &f.Thumbnail, store.Into(&f.CreatedAt))
	return f, err
}

func oneFile(found []inbox.Upload, err error) (inbox.Upload, error) {
	if err != nil {
		return inbox.Upload{}, err
	}
	if len(found) == 0 {
		return inbox.Upload{}, inbox.ErrFile.At("body.body.file.id", "not_found", "no such upload of yours")
	}
	return found[0], nil
}
