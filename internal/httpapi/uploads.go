package httpapi

import (
	"context"
	"io"
	"mime"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"everdesk/internal/access"
	"everdesk/internal/fault"
	"everdesk/internal/id"
	"everdesk/internal/inbox"
)

// MaxUpload is the largest upload in bytes.
const MaxUpload = 25 << 20

// Uploads keeps what people attach.
type Uploads interface {
	// Keep sniffs, measures and stores an upload under the name it was given.
	Keep(ctx context.Context, scope access.Scope, name string, content io.ReadSeeker, at time.Time) (inbox.Upload, error)
	// Load opens an upload by a signed address; small asks for its thumbnail.
	Load(ctx context.Context, workspace id.Workspace, file id.File, small bool, until, signature string, at time.Time) (inbox.Upload, io.ReadSeekCloser, error)
}

type uploadInput struct {
	RawBody huma.MultipartFormFiles[struct {
		File huma.FormFile `form:"file" required:"true"`
	}]
}

func (s *Server) registerUploads() {
	keep := func(ctx context.Context, in *uploadInput) (*struct{ Body inbox.File }, error) {
		file := in.RawBody.Data().File
		// The form's temporary files are ours to remove.
		defer func() { _ = in.RawBody.Form.RemoveAll() }()
		upload, err := s.ports.Uploads.Keep(ctx, scopeOf(ctx), file.Filename, file, s.now())
		if err != nil {
			return nil, ofFile(err)
		}
		shown := inbox.File{
			ID: upload.ID, Name: upload.Name, Size: upload.Size, MediaType: upload.MediaType, Width: upload.Width, Height: upload.Height,
			URL: s.ports.Views.Files.Address(scopeOf(ctx).Workspace, upload.ID, upload.Name, s.now()),
		}
		if upload.Thumbnail != "" {
			shown.ThumbnailURL = s.ports.Views.Files.Thumbnail(scopeOf(ctx).Workspace, upload.ID, s.now())
		}
		return &struct{ Body inbox.File }{shown}, nil
	}
	add(s, op{
		id: "upload-file", method: http.MethodPost, path: "/uploads", tag: "Files", door: May(access.ConversationReply),
		summary: "Upload a file to attach, at most 25 MiB", status: http.StatusCreated, body: largestBody,
	}, keep)
	add(s, op{
		id: "client-upload-file", method: http.MethodPost, path: "/client/uploads", tag: "Client", door: VisitorOnly,
		summary: "Upload a file to attach, at most 25 MiB", status: http.StatusCreated, body: largestBody,
	}, func(ctx context.Context, in *uploadInput) (*struct{ Body inbox.File }, error) {
		if err := s.slow(ctx); err != nil {
			return nil, err
		}
		return keep(ctx, in)
	})
	s.mux.HandleFunc("GET /files/{id}/{name}", s.serveFile)
}

// serveFile serves an upload by its signed address, as what it was found to be:
// pictures and recordings inline, all else as a download that runs nothing.
func (s *Server) serveFile(w http.ResponseWriter, r *http.Request) {
	var workspace id.Workspace
	var file id.File
	tenant, number, _ := strings.Cut(r.PathValue("id"), ".")
	if workspace.UnmarshalText([]byte(tenant)) != nil || file.UnmarshalText([]byte(number)) != nil || file == 0 {
		s.problems.write(w, r, fault.ErrNotFound)
		return
	}
	query := r.URL.Query()
	small := query.Has("small")
	upload, content, err := s.ports.Uploads.Load(r.Context(), workspace, file, small, query.Get("until"), query.Get("sig"), s.now())
	if err != nil {
		s.problems.write(w, r, err)
		return
	}
	defer func() {
		if err := content.Close(); err != nil {
			s.log.WarnContext(r.Context(), "closing an upload failed", "file", file.String(), "error", err)
		}
	}()
	head := w.Header()
	head.Set("Content-Type", upload.MediaType)
	if small {
		head.Set("Content-Type", "image/jpeg")
	}
	disposition := "attachment"
	if kind, _, _ := strings.Cut(upload.MediaType, "/"); kind == "image" || kind == "audio" || kind == "video" {
		disposition = "inline"
	}
	head.Set("Content-Disposition", mime.FormatMediaType(disposition, map[string]string{"filename": upload.Name}))
	head.Set("Content-Security-Policy", "default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'; sandbox")
	head.Set("Cross-Origin-Resource-Policy", "same-origin")
	head.Set("Cache-Control", "private, max-age=3600")
	http.ServeContent(w, r, "", upload.CreatedAt, content)
}
