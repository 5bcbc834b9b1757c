package knowledgedb_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"everdesk/internal/access"
	"everdesk/internal/audit"
	"everdesk/internal/audit/auditdb"
	"everdesk/internal/bot"
	"everdesk/internal/commit"
	"everdesk/internal/event"
	"everdesk/internal/fault"
	"everdesk/internal/id"
	"everdesk/internal/job"
	"everdesk/internal/knowledge"
	"everdesk/internal/knowledge/knowledgedb"
	"everdesk/internal/page"
	"everdesk/internal/seal"
	"everdesk/internal/store"
	"everdesk/internal/store/storetest"
	"everdesk/packs"
)

func TestMain(m *testing.M) { storetest.Main(m) }

var (
	start  = time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)
	editor = access.Scope{Workspace: 1, Kind: access.ActorStaff, Staff: 7, Permissions: access.Trainer.Permissions(), Reach: access.ReachAll}
	other  = access.Scope{Workspace: 2, Kind: access.ActorStaff, Staff: 8, Permissions: access.Trainer.Permissions(), Reach: access.ReachAll}
)

type shelf struct {
	*knowledgedb.Store
	t      *testing.T
	db     *store.DB
	record *auditdb.Store
}

func each(t *testing.T, fn func(s shelf)) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ring, err := seal.Load(filepath.Join(t.TempDir(), "keys.json"))
		must(t, err)
		record := auditdb.New(db, ring)
		fn(shelf{knowledgedb.New(db, record), t, db, record})
	})
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func content(title string) knowledge.Content {
	return knowledge.Content{Kind: knowledge.FAQ, Locale: "en", Title: title, Body: "Because.", Variants: []string{"Why, " + title}}
}

func (s shelf) make(title string) *knowledge.Article {
	s.t.Helper()
	a, err := s.Make(s.t.Context(), editor, nil, content(title), start)
	must(s.t, err)
	return a
}

func (s shelf) publish(a *knowledge.Article) *knowledge.Article {
	s.t.Helper()
	now, err := s.SetStatus(s.t.Context(), editor, a.ID, a.Version, knowledge.Published, start)
	must(s.t, err)
	return now
}

func (s shelf) events(kind string) (n int) {
	s.t.Helper()
	records, err := s.db.Events(s.t.Context(), store.PartOf(editor.Workspace), 0, 1000)
	must(s.t, err)
	for _, r := range records {
		if r.Kind == kind {
			n++
		}
	}
	return n
}

func TestAnArticleIsMadeChangedPublishedArchivedAndDeleted(t *testing.T) {
	each(t, func(s shelf) {
		ctx := s.t.Context()
		a := s.make("How does it work?")
		if a.Status != knowledge.Draft || a.Version != 1 || a.UpdatedBy != editor.Staff {
			s.t.Errorf("made %+v", a)
		}
		if published, _ := s.Published(ctx, editor, "en"); len(published) != 0 {
			s.t.Error("a draft is published")
		}
		if n := s.events("knowledge.changed"); n != 0 {
			s.t.Errorf("a draft made %d nodes rebuild", n)
		}
		a = s.publish(a)
		again, err := s.SetStatus(ctx, editor, a.ID, 0, knowledge.Published, start.Add(time.Hour))
		must(s.t, err)
		if again.Version != a.Version {
			s.t.Error("publishing twice is not publishing once")
		}
		next := content("How does it really work?")
		a, err = s.Change(ctx, editor, a.ID, a.Version, next, start.Add(time.Minute))
		must(s.t, err)
		read, err := s.Article(ctx, editor, a.ID)
		must(s.t, err)
		if diff := cmp.Diff(next, read.Content()); diff != "" || read.Version != 3 || !read.UpdatedAt.Equal(start.Add(time.Minute)) {
			s.t.Errorf("read %+v: %s", read, diff)
		}
		if revision, _ := s.Revision(ctx, editor, "en"); revision != 2 || s.events("knowledge.changed") != 2 {
			s.t.Errorf("revision %d", revision)
		}
		a, err = s.SetStatus(ctx, editor, a.ID, a.Version, knowledge.Archived, start)
		must(s.t, err)
		if published, _ := s.Published(ctx, editor, "en"); len(published) != 0 {
			s.t.Error("an archived one is published")
		}
		must(s.t, s.Delete(ctx, editor, a.ID, a.Version, start))
		if _, err := s.Article(ctx, editor, a.ID); !errors.Is(err, knowledge.ErrNoArticle) {
			s.t.Errorf("a deleted article: %v", err)
		}
		rows, err := s.record.List(ctx, editor, audit.Filter{Object: a.ID.String()}, page.Request{Limit: 100})
		must(s.t, err)
		var actions []string
		for _, r := range rows.Items {
			actions = append([]string{r.Action}, actions...)
		}
		if len(actions) != 5 {
			s.t.Errorf("audited %v", actions)
		}
	})
}

func TestWhoseVersionHasPassedIsRefused(t *testing.T) {
	each(t, func(s shelf) {
		a := s.make("A")
		_, err := s.Change(s.t.Context(), editor, a.ID, a.Version, content("B"), start)
		must(s.t, err)
		for name, try := range map[string]func() error{
			"a change": func() error {
				_, err := s.Change(s.t.Context(), editor, a.ID, a.Version, content("C"), start)
				return err
			},
			"a removal": func() error { return s.Delete(s.t.Context(), editor, a.ID, a.Version, start) },
			"a publishing": func() error {
				_, err := s.SetStatus(s.t.Context(), editor, a.ID, a.Version, knowledge.Published, start)
				return err
			},
		} {
			if err := try(); !errors.Is(err, fault.ErrStale) {
				s.t.Errorf("%s: %v", name, err)
			}
		}
	})
}

func TestOneWorkspaceNeverSeesAnothers(t *testing.T) {
	each(t, func(s shelf) {
		ctx := s.t.Context()
		a := s.publish(s.make("A"))
		if _, err := s.Article(ctx, other, a.ID); !errors.Is(err, knowledge.ErrNoArticle) {
			s.t.Errorf("read: %v", err)
		}
		if _, err := s.Change(ctx, other, a.ID, a.Version, content("B"), start); !errors.Is(err, knowledge.ErrNoArticle) {
			s.t.Errorf("changed: %v", err)
		}
		if err := s.Delete(ctx, other, a.ID, 0, start); !errors.Is(err, knowledge.ErrNoArticle) {
			s.t.Errorf("deleted: %v", err)
		}
		must(s.t, s.CountAnswer(ctx, other, a.ID))
		must(s.t, s.CountVerdict(ctx, other, []id.Article{a.ID}, true))
		of, err := s.Articles(ctx, other, knowledge.Filter{}, page.Request{Limit: 10})
		must(s.t, err)
		if published, _ := s.Published(ctx, other, "en"); len(of.Items)+len(published) != 0 {
			s.t.Error("listed")
		}
		if read, _ := s.Article(ctx, editor, a.ID); read.Answered+read.Up != 0 {
			s.t.Errorf("counted %+v", read)
		}
	})
}

func TestArticlesAreFoundByWhatTheySay(t *testing.T) {
	each(t, func(s shelf) {
		ctx := s.t.Context()
		for n, title := range []string{"Ｒｅｆｕｎｄ 100%", "Shipping", "退款多久"} {
			c := content(title)
			c.Topic = fmt.Sprint("topic", n)
			_, err := s.Make(ctx, editor, nil, c, start.Add(time.Duration(n)*time.Second))
			must(s.t, err)
		}
		for text, want := range map[string]int{"refund": 1, "REFUND 100%": 1, "100_": 0, "退款": 1, "why": 3, "": 3, `\`: 0} {
			of, err := s.Articles(ctx, editor, knowledge.Filter{Text: text}, page.Request{Limit: 10})
			must(s.t, err)
			if len(of.Items) != want {
				s.t.Errorf("%q finds %d, want %d", text, len(of.Items), want)
			}
		}
		of, err := s.Articles(ctx, editor, knowledge.Filter{Topic: "topic1", Status: knowledge.Draft, Locale: "en", Kind: knowledge.FAQ}, page.Request{Limit: 10})
		must(s.t, err)
		if len(of.Items) != 1 || of.Items[0].Title != "Shipping" {
			s.t.Errorf("filtered %+v", of.Items)
		}
		topics, err := s.Topics(ctx, editor)
		must(s.t, err)
		if diff := cmp.Diff([]knowledge.Topic{{Name: "topic0", Locale: "en", Articles: 1}, {Name: "topic1", Locale: "en", Articles: 1}, {Name: "topic2", Locale: "en", Articles: 1}}, topics); diff != "" {
			s.t.Errorf("topics:\n%s", diff)
		}
		if none, err := s.Topics(ctx, other); err != nil || len(none) != 0 {
			s.t.Errorf("another workspace has %v, %v", none, err)
		}
		first, err := s.Articles(ctx, editor, knowledge.Filter{}, page.Request{Limit: 2})
		must(s.t, err)
		second, err := s.Articles(ctx, editor, knowledge.Filter{}, page.Request{Limit: 2, After: first.Next})
		must(s.t, err)
		if len(first.Items) != 2 || first.Items[0].Title != "退款多久" || len(second.Items) != 1 || !second.Next.IsZero() {
			s.t.Errorf("pages of %d and %d", len(first.Items), len(second.Items))
		}
	})
}

func TestAKeyIsFreeOrRefused(t *testing.T) {
	each(t, func(s shelf) {
		ctx := s.t.Context()
		keyed := content("A")
		keyed.Key = "return-how"
		_, err := s.Make(ctx, editor, nil, keyed, start)
		must(s.t, err)
		if _, err := s.Make(ctx, editor, nil, keyed, start); !errors.Is(err, knowledge.ErrKeyTaken) {
			s.t.Errorf("the same key: %v", err)
		}
		german := keyed
		german.Locale = "de"
		_, err = s.Make(ctx, editor, nil, german, start)
		must(s.t, err)
		b := s.make("B")
		if _, err := s.Change(ctx, editor, b.ID, b.Version, keyed, start); !errors.Is(err, knowledge.ErrKeyTaken) {
			s.t.Errorf("a key taken by change: %v", err)
		}
	})
}

func TestMakingTwiceWithOneKeyMakesOne(t *testing.T) {
	each(t, func(s shelf) {
		claim := func() *commit.Claim {
			return &commit.Claim{Workspace: 1, Actor: editor.Actor(), Route: "make-article", Key: "k", Request: []byte("{}"), At: start}
		}
		first, err := s.Make(s.t.Context(), editor, claim(), content("A"), start)
		must(s.t, err)
		again := claim()
		second, err := s.Make(s.t.Context(), editor, again, content("A"), start)
		must(s.t, err)
		if first.ID != second.ID || !again.Replayed {
			s.t.Errorf("made %v and %v", first.ID, second.ID)
		}
	})
}

func TestCountsAddUp(t *testing.T) {
	each(t, func(s shelf) {
		ctx := s.t.Context()
		a := s.make("A")
		var wg sync.WaitGroup
		for n := range 30 {
			wg.Go(func() {
				if err := errors.Join(s.CountAnswer(ctx, editor, a.ID), s.CountVerdict(ctx, editor, []id.Article{a.ID}, n%3 == 0)); err != nil {
					s.t.Error(err)
				}
			})
		}
		wg.Wait()
		read, err := s.Article(ctx, editor, a.ID)
		must(s.t, err)
		if read.Answered != 30 || read.Up != 10 || read.Down != 20 || read.Version != a.Version {
			s.t.Errorf("counted %+v", read)
		}
	})
}

// table is n rows of a CSV file, some bad.
func table(n int, answer string) []byte {
	var b strings.Builder
	b.WriteString("key,title,body\n")
	for i := range n {
		if i%50 == 7 {
			fmt.Fprintf(&b, "k%d,,x\n", i)
			continue
		}
		fmt.Fprintf(&b, "k%d,Question %d?,%s %d\n", i, i, answer, i)
	}
	return []byte(b.String())
}

// work runs the import's job until it is done, as the runner would.
func (s shelf) work() {
	s.t.Helper()
	ctx, cancel := context.WithCancel(s.t.Context())
	runner := job.NewRunner(s.db, slog.New(slog.DiscardHandler), 1, func() time.Time { return start.Add(time.Hour) })
	runner.Handle(knowledgedb.ImportJob, s.HandleImport)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		runner.Run(ctx)
	}()
	wake := s.db.Listen(store.EventSignal)
	for s.events("import.finished") == 0 {
		<-wake
	}
	cancel()
	<-ended
}

func TestAnImportTakesInWhatIsGoodAndNumbersWhatIsBad(t *testing.T) {
	each(t, func(s shelf) {
		ctx := s.t.Context()
		i, err := s.StartImport(ctx, editor, nil, knowledge.CSV, "en", table(330, "Answer"), start)
		must(s.t, err)
		if i.State != knowledge.Running || i.Total != 330 || i.Worked != 7 || len(i.Bad) != 7 {
			s.t.Errorf("started as %+v", i)
		}
		s.work()
		i, err = s.Import(ctx, editor, i.ID)
		must(s.t, err)
		if i.State != knowledge.Done || i.Worked != 330 || i.Created != 323 || i.Updated != 0 || i.FinishedAt.IsZero() {
			s.t.Errorf("ended as %+v", i)
		}
		if i.Bad[0] != (knowledge.BadRow{Row: 9, Reason: "no_title"}) {
			s.t.Errorf("bad rows %+v", i.Bad)
		}
		published, err := s.Published(ctx, editor, "en")
		must(s.t, err)
		if len(published) != 323 {
			s.t.Errorf("%d published", len(published))
		}
		if _, err := s.Import(ctx, other, i.ID); !errors.Is(err, knowledge.ErrNoImport) {
			s.t.Errorf("another workspace sees it: %v", err)
		}
	})
}

func TestImportingAgainChangesWhatDiffersAndNothingElse(t *testing.T) {
	each(t, func(s shelf) {
		ctx := s.t.Context()
		rows, _, err := knowledge.Read(knowledge.CSV, table(120, "Answer"), "en")
		must(s.t, err)
		created, updated, err := s.Put(ctx, editor, rows, start)
		must(s.t, err)
		if created != 117 || updated != 0 {
			s.t.Errorf("first: %d made, %d changed", created, updated)
		}
		before, err := s.Published(ctx, editor, "en")
		must(s.t, err)
		rows[5].Article.Body, rows[110].Status = "Another answer", knowledge.Archived
		created, updated, err = s.Put(ctx, editor, rows, start.Add(time.Hour))
		must(s.t, err)
		if created != 0 || updated != 2 {
			s.t.Errorf("again: %d made, %d changed", created, updated)
		}
		after, err := s.Published(ctx, editor, "en")
		must(s.t, err)
		if len(after) != len(before)-1 || after[5].ID != before[5].ID || after[5].Body != "Another answer" || after[5].Version != 2 || after[4].Version != 1 {
			s.t.Errorf("%+v", after[5])
		}
		revision, err := s.Revision(ctx, editor, "en")
		must(s.t, err)
		if _, _, err := s.Put(ctx, editor, rows, start); err != nil {
			s.t.Error(err)
		}
		if now, _ := s.Revision(ctx, editor, "en"); now != revision {
			s.t.Error("importing the same again made the nodes rebuild")
		}
	})
}

func TestProductsAreKeptByTheirOwnNumbers(t *testing.T) {
	each(t, func(s shelf) {
		ctx := s.t.Context()
		raw := `[{"product_id":"P1","name":{"en":"Kettle","zh-CN":"水壶"},"price":{"USD":30},"attributes":{"color":["red","blue"],"stock":4},"faq":[{"q":"Loud?","a":"No."}]}]`
		rows, bad, err := knowledge.Read(knowledge.JSON, []byte(raw), "en")
		must(s.t, err)
		if len(bad) != 0 {
			s.t.Fatal(bad)
		}
		for range 2 {
			_, _, err = s.Put(ctx, editor, rows, start)
			must(s.t, err)
		}
		rows[0].Details.Price["USD"] = 25
		_, updated, err := s.Put(ctx, editor, rows, start)
		must(s.t, err)
		of, err := s.Products(ctx, editor, "水", page.Request{Limit: 10})
		must(s.t, err)
		if updated != 1 || len(of.Items) != 1 {
			s.t.Fatalf("%d changed, %d found", updated, len(of.Items))
		}
		p := of.Items[0]
		if p.Key != "P1" || p.Version != 2 || p.Price["USD"] != 25 || p.Questions[0].Answer != "No." || p.Values("en", "color")[1] != "blue" {
			s.t.Errorf("%+v", p)
		}
		if of, _ := s.Products(ctx, other, "", page.Request{Limit: 10}); len(of.Items) != 0 {
			s.t.Error("another workspace sees it")
		}
	})
}

func TestTheLibraryAnswersWithWhatIsPublishedNow(t *testing.T) {
	each(t, func(s shelf) {
		ctx := s.t.Context()
		library := bot.NewLibrary(s.Store, slog.New(slog.DiscardHandler))
		defer library.Close()
		titles := func() string {
			index, err := library.Index(ctx, editor, "en")
			must(s.t, err)
			var all []string
			for _, c := range index.Search("how do I return a kettle", 5).Candidates {
				all = append(all, c.Article.Title)
			}
			return strings.Join(all, "; ")
		}
		if got := titles(); got != "" {
			s.t.Errorf("an empty shelf has %s", got)
		}
		a := s.make("How do I return it?")
		if got := titles(); got != "" {
			s.t.Errorf("a draft answers: %s", got)
		}
		a = s.publish(a)
		if got := titles(); got != "How do I return it?" {
			s.t.Errorf("found %q", got)
		}
		_, err := s.Change(ctx, editor, a.ID, a.Version, content("How do I send a kettle back?"), start)
		must(s.t, err)
		must(s.t, library.Refresh(ctx, editor.Workspace))
		if got := titles(); got != "How do I send a kettle back?" {
			s.t.Errorf("found %q", got)
		}
		must(s.t, s.Delete(ctx, editor, a.ID, 0, start))
		if got := titles(); got != "" {
			s.t.Errorf("a deleted one answers: %s", got)
		}
	})
}

// While articles change, searches go on and see one state or another.
func TestSearchesGoOnWhileKnowledgeChanges(t *testing.T) {
	each(t, func(s shelf) {
		ctx := s.t.Context()
		library := bot.NewLibrary(s.Store, slog.New(slog.DiscardHandler))
		defer library.Close()
		done := make(chan struct{})
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				for {
					select {
					case <-done:
						return
					default:
					}
					index, err := library.Index(ctx, editor, "en")
					if err != nil {
						s.t.Error(err)
						return
					}
					index.Search("a question", 5)
				}
			})
		}
		for n := range 10 {
			s.publish(s.make(fmt.Sprintf("A question %d?", n)))
		}
		close(done)
		wg.Wait()
		index, err := library.Index(ctx, editor, "en")
		must(s.t, err)
		if index.Len() != 10 {
			s.t.Errorf("%d articles indexed", index.Len())
		}
	})
}

func TestEventsCarryNoWords(t *testing.T) {
	each(t, func(s shelf) {
		s.publish(s.make("A secret plan?"))
		records, err := s.db.Events(s.t.Context(), store.PartOf(editor.Workspace), 0, 10)
		must(s.t, err)
		for _, r := range records {
			if strings.Contains(string(r.Payload), "secret") {
				s.t.Errorf("%s", r.Payload)
			}
		}
		if len(records) != 1 || records[0].Kind != (event.KnowledgeChanged{}).Kind() {
			s.t.Errorf("%+v", records)
		}
	})
}

func TestAPackIsInstalledOnceHoweverOften(t *testing.T) {
	each(t, func(s shelf) {
		ctx := s.t.Context()
		created, _, err := s.InstallPack(ctx, editor, packs.Ecommerce(), start)
		must(s.t, err)
		again, updated, err := s.InstallPack(ctx, editor, packs.Ecommerce(), start.Add(time.Hour))
		must(s.t, err)
		if created != 2*72+20 || again != 0 || updated != 0 {
			s.t.Errorf("made %d, then %d and %d changed", created, again, updated)
		}
		library := bot.NewLibrary(s.Store, slog.New(slog.DiscardHandler))
		defer library.Close()
		must(s.t, library.Warm(ctx, editor.Workspace, []string{"zh-CN", "en"}))
		index, err := library.Index(ctx, editor, "zh-CN")
		must(s.t, err)
		catalogue, err := library.Catalogue(ctx, editor)
		must(s.t, err)
		if index.Len() != 72 || catalogue.Len() != 20 {
			s.t.Errorf("%d articles, %d products", index.Len(), catalogue.Len())
		}
	})
}
