package httpapi

import (
	"cmp"
	"context"
	"io"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"everdesk/internal/access"
	"everdesk/internal/commit"
	"everdesk/internal/id"
	"everdesk/internal/knowledge"
	"everdesk/internal/locale"
)

// Imports takes in files.
type Imports interface {
	StartImport(ctx context.Context, scope access.Scope, claim *commit.Claim, format knowledge.Format, locale string, data []byte, at time.Time) (knowledge.Import, error)
	Import(ctx context.Context, scope access.Scope, which id.Import) (knowledge.Import, error)
}

// Import is a file being taken in.
type Import struct {
	ID         id.Import             `json:"id"`
	State      knowledge.ImportState `json:"state" enum:"running,done,failed"`
	Format     knowledge.Format      `json:"format" enum:"csv,jsonl,md,json"`
	Total      int                   `json:"total" doc:"Rows in the file."`
	Done       int                   `json:"done" doc:"Rows worked off, the bad ones among them."`
	Created    int                   `json:"created"`
	Updated    int                   `json:"updated"`
	Bad        []BadRow              `json:"bad" doc:"Rows that were not taken, by number."`
	CreatedAt  time.Time             `json:"created_at"`
	FinishedAt *time.Time            `json:"finished_at,omitempty"`
}

// BadRow is a row that was not taken.
type BadRow struct {
	Row    int    `json:"row"`
	Code   string `json:"code" doc:"Why, for programs: no_title, repeated_key..."`
	Reason string `json:"reason" doc:"The same for people, in the language of Accept-Language."`
}

type importOutput struct {
	Replay
	Body Import
}

type importInput struct {
	Creates
	RawBody huma.MultipartFormFiles[struct {
		File   huma.FormFile `form:"file" required:"true" doc:"CSV, JSONL, Markdown or JSON, told by the end of its name."`
		Locale string        `form:"locale" required:"false" maxLength:"35" doc:"The language of rows that name none; without it the one of Accept-Language."`
	}]
}

func (s *Server) registerImports() {
	add(s, op{
		id: "start-import", method: http.MethodPost, path: "/knowledge/imports", tag: "Knowledge", door: May(access.KnowledgeWrite),
		status: http.StatusCreated, body: knowledge.MaxImportBytes + 1<<16,
		summary: "Take in a file of questions, articles or products, at most 20,000 rows and 4 MiB; what is there by key is changed",
	}, s.startImport)
	add(s, op{
		id: "get-import", method: http.MethodGet, path: "/knowledge/imports/{id}", tag: "Knowledge", door: May(access.KnowledgeWrite),
		summary: "How far an import has come, and which rows were bad",
	}, func(ctx context.Context, in *byID[id.Import]) (*importOutput, error) {
		i, err := s.ports.Imports.Import(ctx, scopeOf(ctx), in.ID.ID)
		return &importOutput{Body: shownImport(ctx, i)}, err
	})
}

func (s *Server) startImport(ctx context.Context, in *importInput) (*importOutput, error) {
	form := in.RawBody.Data()
	// The form's temporary files are ours to remove.
	defer func() { _ = in.RawBody.Form.RemoveAll() }()
	if form.File.Size > knowledge.MaxImportBytes {
		return nil, errTooLarge
	}
	format, err := knowledge.FormatOf(form.File.Filename)
	if err != nil {
		return nil, ofFile(err)
	}
	data, err := io.ReadAll(form.File)
	if err != nil {
		return nil, knowledge.ErrUnreadable.Because(err)
	}
	tag := cmp.Or(locale.Match(form.Locale), form.Locale, languageOf(ctx))
	claim, err := s.claim(ctx, in.Creates, "start-import", []string{form.File.Filename, tag, string(data)})
	if err != nil {
		return nil, err
	}
	i, err := s.ports.Imports.StartImport(ctx, scopeOf(ctx), claim, format, tag, data, s.now())
	return &importOutput{replayed(claim), shownImport(ctx, i)}, err
}

func shownImport(ctx context.Context, i knowledge.Import) Import {
	shown := Import{
		ID: i.ID, State: i.State, Format: i.Format, Total: i.Total, Done: i.Worked, Created: i.Created, Updated: i.Updated,
		Bad: []BadRow{}, CreatedAt: i.CreatedAt, FinishedAt: moment(i.FinishedAt),
	}
	for _, b := range i.Bad {
		shown.Bad = append(shown.Bad, BadRow{b.Row, b.Reason, locale.Text(languageOf(ctx), "import.row."+b.Reason, nil)})
	}
	return shown
}
