package httpapi_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"

	"everdesk/internal/access"
	"everdesk/internal/bot"
	"everdesk/internal/httpapi"
	"everdesk/internal/id"
	"everdesk/internal/inbox"
	"everdesk/internal/inbox/inboxdb"
	"everdesk/internal/job"
	"everdesk/internal/knowledge/knowledgedb"
	"everdesk/internal/store"
	"everdesk/internal/store/storetest"
	"everdesk/packs"
)

// answering is a talk whose bot knows the shop and takes its turns.
func answering(t *testing.T, fn func(t *testing.T, d *talk, owner *caller)) {
	t.Helper()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		d := newTalk(t, db)
		owner := d.open(t, "shop")
		_, _, err := d.knowledge.InstallPack(t.Context(), access.System(d.workspaces["wk_shop"]), packs.Ecommerce(), d.clock())
		must(t, err)
		d.runner.Handle(knowledgedb.ImportJob, d.knowledge.HandleImport)
		d.runner.Handle(inboxdb.BotTurnKind, func(ctx context.Context, task job.Task) error {
			var turn inboxdb.BotTurn
			if err := task.Decode(&turn); err != nil {
				return err
			}
			scope, q := access.Bot(turn.Workspace), bot.Question{Conversation: turn.Conversation, Seq: turn.Seq, OwnerEpoch: turn.OwnerEpoch}
			act, err := d.bot.Decide(ctx, scope, q, task.At)
			if err != nil {
				return err
			}
			return db.Atomically(ctx, func(ctx context.Context) error {
				if err := d.bot.Perform(ctx, scope, q, act, task.At); err != nil && !errors.Is(err, inbox.ErrMoved) {
					return err
				}
				return task.Done(ctx)
			})
		})
		fn(t, d, owner)
	})
}

// settle runs the jobs that are due.
func (d *talk) settle(t *testing.T) {
	t.Helper()
	_, err := d.runner.Drain(t.Context(), d.clock())
	must(t, err)
}

// upload posts a file as a form.
func (c *caller) upload(t *testing.T, path, name, content string, fields map[string]string) answer {
	t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for field, value := range fields {
		must(t, form.WriteField(field, value))
	}
	file, err := form.CreateFormFile("file", name)
	must(t, err)
	_, err = io.WriteString(file, content)
	must(t, errors.Join(err, form.Close()))
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, c.desk.url+httpapi.Base+path, &body)
	must(t, err)
	request.Header = c.header.Clone()
	request.Header.Set("Content-Type", form.FormDataContentType())
	if c.cookie != nil {
		request.AddCookie(&http.Cookie{Name: c.cookie.Name, Value: c.cookie.Value})
	}
	response, err := http.DefaultClient.Do(request)
	must(t, err)
	raw, err := io.ReadAll(response.Body)
	must(t, errors.Join(err, response.Body.Close()))
	return answer{response.StatusCode, response.Header, raw}
}

func TestAnArticleFromDraftToAnswer(t *testing.T) {
	answering(t, func(t *testing.T, _ *talk, owner *caller) {
		draft := map[string]any{"locale": "en", "title": "Do you sell gift hampers?", "variants": []string{"hamper"}, "body": "Yes, **three** sizes of hamper."}
		answer := owner.with("Idempotency-Key", "k1").call(t, "POST", "/knowledge", draft).is(t, 201, "")
		made := read[httpapi.Article](t, answer)
		if made.Status != "draft" || made.Version != 1 || made.UpdatedBy == nil || answer.header.Get("ETag") != `"1"` {
			t.Errorf("made %+v", made)
		}
		again := owner.with("Idempotency-Key", "k1").call(t, "POST", "/knowledge", draft)
		if read[httpapi.Article](t, again).ID != made.ID || again.header.Get("Idempotent-Replay") != "true" {
			t.Error("a repeated request made another")
		}
		ask := func() httpapi.Rehearsal {
			return read[httpapi.Rehearsal](t, owner.call(t, "POST", "/knowledge/try", map[string]any{"question": "do you sell gift hampers", "locale": "en"}))
		}
		if trial := ask(); trial.Decision == "answer" {
			t.Errorf("a draft answers: %+v", trial)
		}
		path := "/knowledge/" + made.ID.String()
		read[httpapi.Article](t, owner.call(t, "POST", path+"/publish", nil))
		if trial := ask(); trial.Decision != "answer" || !strings.Contains(trial.Answer, "three") || trial.Candidates[0].Article != made.ID {
			t.Errorf("published: %+v", trial)
		}
		draft["body"] = "Yes, five sizes."
		owner.call(t, "PUT", path, draft).is(t, 428, "request.version_required")
		owner.with("If-Match", `"1"`).call(t, "PUT", path, draft).is(t, 412, "request.stale_version")
		if changed := read[httpapi.Article](t, owner.with("If-Match", `"2"`).call(t, "PUT", path, draft)); changed.Version != 3 {
			t.Errorf("changed %+v", changed)
		}
		if trial := ask(); trial.Answer != "Yes, five sizes." {
			t.Errorf("the old words are said: %+v", trial)
		}
		read[httpapi.Article](t, owner.call(t, "POST", path+"/archive", nil))
		if trial := ask(); trial.Decision == "answer" {
			t.Errorf("archived: %+v", trial)
		}
		owner.call(t, "DELETE", path, nil).is(t, 204, "")
		owner.call(t, "GET", path, nil).is(t, 404, "article.not_found")
	})
}

func TestTheBotAnswersOverTheAPI(t *testing.T) {
	answering(t, func(t *testing.T, d *talk, owner *caller) {
		visitor := d.arrives(t, "shop")
		started := visitor.asks(t, "c1", "退款多久到账？")
		d.settle(t)
		path := "/client/conversations/" + started.Conversation.ID.String()
		last := func() httpapi.Entry {
			entries := read[listOf[httpapi.Entry]](t, visitor.call(t, "GET", path+"/entries", nil)).Items
			return entries[len(entries)-1]
		}
		reply := last()
		body, ok := reply.Body.Content.(*inbox.Answer)
		if !ok || !strings.Contains(body.Text, "工作日") || len(body.Sources) != 1 || reply.Author.Kind != inbox.ByBot {
			t.Fatalf("answered %+v", reply)
		}
		source := read[httpapi.Article](t, owner.call(t, "GET", "/knowledge/"+body.Sources[0].Article.String(), nil))
		if source.Answered != 1 || source.Title != body.Sources[0].Title {
			t.Errorf("the source is %+v", source)
		}
		visitor.call(t, "POST", path+"/entries", map[string]any{"client_id": "c2", "body": text("转人工")}).is(t, 201, "")
		d.settle(t)
		handed := read[httpapi.Conversation](t, owner.call(t, "GET", "/conversations/"+started.Conversation.ID.String(), nil))
		if handed.Owner.Kind == inbox.OwnerBot || handed.Summary == nil || len(handed.Summary.Shown) != 1 || handed.Summary.Questions[0] != "退款多久到账？" {
			t.Errorf("handed over as %+v, summary %+v", handed.Owner, handed.Summary)
		}
		before := last()
		visitor.call(t, "POST", path+"/entries", map[string]any{"client_id": "c3", "body": text("怎么退货")}).is(t, 201, "")
		d.settle(t)
		if now := last(); now.Author.Kind == inbox.ByBot && now.Seq > before.Seq {
			t.Errorf("the bot spoke where people own the conversation: %+v", now)
		}
	})
}

func TestAFileIsTakenInWithItsBadRowsNumbered(t *testing.T) {
	answering(t, func(t *testing.T, d *talk, owner *caller) {
		file := "question,answer\nDo you sell kites?,Yes.\n,nothing asked\nDo you sell boats?,No.\n"
		started := owner.with("Accept-Language", "zh-CN").upload(t, "/knowledge/imports", "faq.csv", file, map[string]string{"locale": "en"})
		i := read[httpapi.Import](t, started.is(t, 201, ""))
		if i.State != "running" || i.Total != 3 || len(i.Bad) != 1 || i.Bad[0].Row != 3 || i.Bad[0].Code != "no_title" || !strings.Contains(i.Bad[0].Reason, "问题") {
			t.Errorf("started as %+v", i)
		}
		d.settle(t)
		i = read[httpapi.Import](t, owner.call(t, "GET", "/knowledge/imports/"+i.ID.String(), nil))
		if i.State != "done" || i.Done != 3 || i.Created != 2 || i.FinishedAt == nil {
			t.Errorf("ended as %+v", i)
		}
		found := read[listOf[httpapi.Article]](t, owner.call(t, "GET", "/knowledge?q=kites&status=published&locale=en&kind=faq", nil))
		if len(found.Items) != 1 {
			t.Errorf("found %+v", found.Items)
		}
	})
}

func TestCustomersReadWhatIsPublished(t *testing.T) {
	answering(t, func(t *testing.T, d *talk, owner *caller) {
		somebody := d.visitor()
		all := somebody.call(t, "GET", "/client/help?key=wk_shop&locale=en&limit=100", nil)
		items := read[listOf[httpapi.HelpItem]](t, all).Items
		if len(items) != 72 || items[0].Body == "" || items[0].Snippet == "" || strings.Contains(items[0].Snippet, "**") || all.header.Get("Cache-Control") == "" {
			t.Errorf("%d items, the first %+v", len(items), items[0])
		}
		found := read[listOf[httpapi.HelpItem]](t, somebody.call(t, "GET", "/client/help?key=wk_shop&locale=zh-CN&q=%E9%80%80%E8%B4%A7", nil)).Items
		if len(found) == 0 || !strings.Contains(found[0].Title, "退货") || found[0].Body != "" {
			t.Errorf("found %+v", found)
		}
		one := read[httpapi.HelpItem](t, somebody.call(t, "GET", "/client/help/"+found[0].Article.String()+"?key=wk_shop&locale=en", nil))
		if one.Title != found[0].Title || one.Body == "" {
			t.Errorf("read %+v", one)
		}
		owner.call(t, "POST", "/knowledge/"+one.Article.String()+"/archive", nil).is(t, 200, "")
		somebody.call(t, "GET", "/client/help/"+one.Article.String()+"?key=wk_shop", nil).is(t, 404, "article.not_found")
		somebody.call(t, "GET", "/client/help?key=wk_nobody", nil).is(t, 404, "request.not_found")
	})
}

func TestProductsAreListedInOneLanguage(t *testing.T) {
	answering(t, func(t *testing.T, _ *talk, owner *caller) {
		first := read[listOf[httpapi.Product]](t, owner.call(t, "GET", "/products?locale=zh-CN&limit=15", nil))
		rest := read[listOf[httpapi.Product]](t, owner.call(t, "GET", "/products?limit=15&cursor="+first.Next, nil))
		if len(first.Items) != 15 || len(rest.Items) != 5 || first.Items[0].Name != "远山羊毛开衫" || first.Items[0].Price != "¥429" || len(first.Items[0].Questions) != 3 {
			t.Errorf("%d and %d, the first %+v", len(first.Items), len(rest.Items), first.Items[0])
		}
	})
}

func TestMalformedKnowledgeRequests(t *testing.T) {
	answering(t, func(t *testing.T, d *talk, owner *caller) {
		agent := d.enroll(t, owner, "agent", access.Agent)
		stranger := d.open(t, "rival")
		article := read[listOf[httpapi.Article]](t, owner.call(t, "GET", "/knowledge?limit=1", nil)).Items[0]
		path := "/knowledge/" + article.ID.String()
		good := map[string]any{"locale": "en", "title": "T", "body": "B"}
		but := func(field string, value any) map[string]any {
			changed := map[string]any{"locale": "en", "title": "T", "body": "B"}
			changed[field] = value
			return changed
		}
		for name, c := range map[string]struct {
			caller       *caller
			method, path string
			body         any
			status       int
			code, field  string
		}{
			"no title":                         {owner, "POST", "/knowledge", but("title", "  "), 422, "request.invalid", "body.title"},
			"no body":                          {owner, "POST", "/knowledge", map[string]any{"locale": "en", "title": "T"}, 422, "request.invalid", "body.body"},
			"a language nobody speaks":         {owner, "POST", "/knowledge", but("locale", "Klingon"), 422, "request.invalid", "body.locale"},
			"a kind nobody knows":              {owner, "POST", "/knowledge", but("kind", "poem"), 422, "request.invalid", "body.kind"},
			"a title of a page":                {owner, "POST", "/knowledge", but("title", strings.Repeat("x", 301)), 422, "request.invalid", "body.title"},
			"a variant of a page":              {owner, "POST", "/knowledge", but("variants", []string{"a", strings.Repeat("x", 301)}), 422, "request.invalid", "body.variants[1]"},
			"a key that is taken":              {owner, "POST", "/knowledge", but("key", "shipping-time"), 409, "article.key_taken", "body.key"},
			"an agent writing":                 {agent, "POST", "/knowledge", good, 403, "access.forbidden", ""},
			"an agent importing":               {agent, "GET", "/knowledge/imports/" + id.Import(1<<50).String(), nil, 403, "access.forbidden", ""},
			"somebody else's article":          {stranger, "GET", path, nil, 404, "article.not_found", ""},
			"archiving somebody else's":        {stranger, "POST", path + "/archive", nil, 404, "article.not_found", ""},
			"publishing a version that passed": {owner.with("If-Match", `"99"`), "POST", path + "/archive", nil, 412, "request.stale_version", ""},
			"a status nobody has":              {owner, "GET", "/knowledge?status=secret", nil, 422, "request.invalid", "query.status"},
			"a question without words":         {owner, "POST", "/knowledge/try", map[string]any{"question": ""}, 422, "request.invalid", "body.question"},
			"an import that is not there":      {owner, "GET", "/knowledge/imports/" + id.Import(1<<50).String(), nil, 404, "import.not_found", ""},
			"help without a key":               {d.visitor(), "GET", "/client/help", nil, 422, "request.invalid", "query.key"},
			"nobody at all":                    {d.visitor(), "GET", "/knowledge", nil, 401, "access.signed_out", ""},
		} {
			t.Run(name, func(t *testing.T) {
				answer := c.caller.call(t, c.method, c.path, c.body).is(t, c.status, c.code)
				if c.field != "" {
					answer.names(t, c.field)
				}
			})
		}
		for name, c := range map[string]struct {
			file, content, code string
			status              int
		}{
			"a picture":         {"a.png", "\x89PNG", "import.unknown_format", 422},
			"a table of others": {"a.csv", "x,y\n1,2\n", "import.unreadable", 422},
			"a broken JSON":     {"a.json", "{", "import.unreadable", 422},
			"an empty file":     {"a.jsonl", "", "import.unreadable", 422},
			"a file too large":  {"a.jsonl", strings.Repeat("x", 5<<20), "request.too_large", 413},
		} {
			t.Run(name, func(t *testing.T) {
				owner.upload(t, "/knowledge/imports", c.file, c.content, nil).is(t, c.status, c.code)
			})
		}
		if n := len(read[listOf[httpapi.Article]](t, owner.call(t, "GET", "/knowledge?limit=100&locale=en", nil)).Items); n != 72 {
			t.Errorf("%d articles: something was written", n)
		}
	})
}
