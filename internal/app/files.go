package app

import (
	"bytes"
	"context"
	"errors"
	"io"
	"time"

	"everdesk/internal/access"
	"everdesk/internal/blob"
	"everdesk/internal/fault"
	"everdesk/internal/httpapi"
	"everdesk/internal/id"
	"everdesk/internal/inbox"
	"everdesk/internal/inbox/inboxdb"
)

const (
	// addressLasts is how long the address of an upload holds.
	addressLasts = 4 * time.Hour
	smallSuffix  = ".small"
)

// files keeps uploads: what they are in the database, their bytes beside it.
type files struct {
	blobs blob.Store
	inbox *inboxdb.Store
	links blob.Links
	ids   func() *id.Source
}

// Address is signed and holds for some hours.
func (f *files) Address(workspace id.Workspace, file id.File, name string, at time.Time) string {
	return f.links.To(workspace.String()+"."+file.String(), name, at)
}

// Thumbnail is the same for the small picture.
func (f *files) Thumbnail(workspace id.Workspace, file id.File, at time.Time) string {
	return f.links.To(workspace.String()+"."+file.String(), "thumbnail.jpg", at) + "&small"
}

// Keep stores the bytes first: what the database knows of is there.
func (f *files) Keep(ctx context.Context, scope access.Scope, name string, content io.ReadSeeker, at time.Time) (inbox.Upload, error) {
	head := make([]byte, 512)
	n, err := io.ReadFull(content, head)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		return inbox.Upload{}, fault.ErrInvalid.At("body.file", "required", "the file is empty").Because(err)
	}
	name = blob.CleanName(name)
	kind := blob.Sniff(head[:n], name)
	upload := inbox.Upload{ID: id.New[id.File](f.ids()), Name: name, MediaType: kind.Media, CreatedAt: at}
	if kind.Kind == "image" {
		if err := f.measure(ctx, &upload, content); err != nil {
			return upload, err
		}
	}
	if _, err := content.Seek(0, io.SeekStart); err != nil {
		return upload, err
	}
	if upload.Size, err = f.blobs.Put(ctx, upload.ID.String(), content, httpapi.MaxUpload); err != nil {
		return upload, err
	}
	return upload, f.inbox.AddFile(ctx, scope, upload)
}

func (f *files) measure(ctx context.Context, upload *inbox.Upload, content io.ReadSeeker) error {
	if _, err := content.Seek(0, io.SeekStart); err != nil {
		return err
	}
	picture, err := blob.Measure(content)
	if err != nil {
		return err
	}
	upload.Width, upload.Height = picture.Width, picture.Height
	if picture.Thumbnail == nil {
		return nil
	}
	upload.Thumbnail = "image/jpeg"
	_, err = f.blobs.Put(ctx, upload.ID.String()+smallSuffix, bytes.NewReader(picture.Thumbnail), httpapi.MaxUpload)
	return err
}

// Load opens an upload by its signed address.
func (f *files) Load(ctx context.Context, workspace id.Workspace, file id.File, small bool, until, signature string, at time.Time) (inbox.Upload, io.ReadSeekCloser, error) {
	if !f.links.Check(workspace.String()+"."+file.String(), until, signature, at) {
		return inbox.Upload{}, nil, fault.ErrNotFound
	}
	upload, err := f.inbox.File(ctx, access.System(workspace), file)
	if err != nil {
		return upload, nil, err
	}
	name := file.String()
	if small && upload.Thumbnail != "" {
		name += smallSuffix
	}
	content, err := f.blobs.Open(ctx, name)
	return upload, content, err
}
