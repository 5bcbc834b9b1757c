package httpapi

import (
	"context"
	"net/http"
	"time"

	"everdesk/internal/access"
	"everdesk/internal/inbox"
	"everdesk/internal/page"
	"everdesk/internal/search"
)

// Search finds what was said.
type Search interface {
	Find(ctx context.Context, scope access.Scope, query search.Query, request page.Request) (page.Of[search.Found], error)
	Progress(ctx context.Context, scope access.Scope) (search.Progress, error)
}

// snippetWidth is how much of a match is shown, in characters.
const snippetWidth = 120

// SearchHit is a conversation with its best match.
type SearchHit struct {
	Conversation Conversation    `json:"conversation"`
	Seq          int64           `json:"seq" doc:"The entry that matched best; 0 where customer, subject, ticket number or a tag did."`
	Kind         inbox.EntryKind `json:"kind,omitempty" enum:"message,note"`
	Author       *Author         `json:"author,omitempty"`
	At           time.Time       `json:"at"`
	Snippet      []search.Piece  `json:"snippet" doc:"The text around the match, on one line; pieces with hit are what was looked for."`
	Matches      int             `json:"matches" doc:"How many texts of the conversation matched, of those ranked together."`
}

// SearchIndex says how complete the answer is.
type SearchIndex struct {
	Complete bool  `json:"complete" doc:"false while conversations from before an upgrade are still being indexed, newest first."`
	Done     int64 `json:"done" doc:"Conversations indexed of those."`
	Total    int64 `json:"total"`
}

type searchBody struct {
	Items      []SearchHit `json:"items"`
	NextCursor string      `json:"next_cursor,omitempty" doc:"Absent on the last page. A conversation may come again on a later one, with an older match."`
	Index      SearchIndex `json:"index"`
}

func (s *Server) registerSearch() {
	add(s, op{
		id: "search", method: http.MethodGet, path: "/search", tag: "Conversations",
		door: May(access.ConversationRead), summary: "Conversations by what was said in them; the newest 2,000 matches are ranked among themselves, further pages go on with older ones",
	}, s.search)
}

func (s *Server) search(ctx context.Context, in *struct {
	Text   string `query:"q" required:"true" minLength:"1" maxLength:"200" doc:"Words that must all be in one message, or in what heads a conversation (customer, subject, ticket number, tags); \"quoted\" ones and Chinese written together stand next to each other; -word excludes."`
	Limit  int    `query:"limit" minimum:"1" maximum:"50" default:"20"`
	Cursor string `query:"cursor" maxLength:"100" doc:"next_cursor of the page before."`
},
) (*struct{ Body searchBody }, error) {
	query, err := search.Parse(in.Text)
	if err != nil {
		return nil, err
	}
	after, err := page.Parse(in.Cursor)
	if err != nil {
		return nil, err
	}
	scope := scopeOf(ctx)
	found, err := s.ports.Search.Find(ctx, scope, query, page.Request{Limit: in.Limit, After: after})
	if err != nil {
		return nil, err
	}
	progress, err := s.ports.Search.Progress(ctx, scope)
	if err != nil {
		return nil, err
	}
	names, err := s.names(ctx)
	if err != nil {
		return nil, err
	}
	hits := list(found, func(f search.Found) SearchHit { return s.searchHit(f, query, names) })
	return &struct{ Body searchBody }{searchBody{hits.Items, hits.NextCursor, SearchIndex{progress.Filled, progress.Done, progress.Total}}}, nil
}

func (s *Server) searchHit(f search.Found, query search.Query, names Names) SearchHit {
	hit := SearchHit{
		Conversation: s.ports.Views.Conversation(f.Conversation, names), Seq: f.Seq, At: f.Conversation.CreatedAt,
		Snippet: query.Snippet(f.Text, snippetWidth), Matches: f.Matches,
	}
	if f.Seq != 0 {
		author := s.ports.Views.author(f.Entry.Author, f.Conversation, names)
		hit.Kind, hit.Author, hit.At = f.Entry.Kind, &author, f.Entry.CreatedAt
	}
	return hit
}
