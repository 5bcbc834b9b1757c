package nludb_test

import (
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"everdesk/internal/access"
	"everdesk/internal/audit/auditdb"
	"everdesk/internal/bot"
	"everdesk/internal/bot/nlu/nludb"
	"everdesk/internal/event"
	"everdesk/internal/page"
	"everdesk/internal/seal"
	"everdesk/internal/store"
	"everdesk/internal/store/storetest"
	"everdesk/internal/training"
)

func TestMain(m *testing.M) { storetest.Main(m) }

var (
	start   = time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)
	trainer = access.Scope{Workspace: 1, Kind: access.ActorStaff, Staff: 7, Permissions: access.Trainer.Permissions(), Reach: access.ReachAll}
	other   = access.Scope{Workspace: 2, Kind: access.ActorStaff, Staff: 8, Permissions: access.Trainer.Permissions(), Reach: access.ReachAll}
)

type school struct {
	*nludb.Store
	t  *testing.T
	db *store.DB
}

func each(t *testing.T, fn func(s school)) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ring, err := seal.Load(filepath.Join(t.TempDir(), "keys.json"))
		must(t, err)
		fn(school{nludb.New(db, auditdb.New(db, ring), slog.New(slog.DiscardHandler)), t, db})
	})
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// lessons are two intents, easy to tell apart.
var lessons = []training.Line{
	{Intent: "parcel.track", Text: "where is my parcel", Locale: "en"},
	{Intent: "parcel.track", Text: "track my parcel please", Locale: "en"},
	{Intent: "parcel.track", Text: "我的包裹到哪了", Locale: "zh-CN"},
	{Intent: "refund.request", Text: "I want my money back", Locale: "en"},
	{Intent: "refund.request", Text: "please refund the money", Locale: "en"},
	{Intent: "refund.request", Text: "我要退款", Locale: "zh-CN"},
}

func (s school) teach(lines []training.Line) training.Taken {
	s.t.Helper()
	taken, err := s.Take(s.t.Context(), trainer, lines, training.Imported, start)
	must(s.t, err)
	return taken
}

func (s school) trained(activate bool) training.Model {
	s.t.Helper()
	asked, err := s.AskTraining(s.t.Context(), trainer, nil, activate, start)
	must(s.t, err)
	n, err := s.TrainAll(s.t.Context(), "here", func() time.Time { return start.Add(time.Minute) })
	must(s.t, err)
	if n != 1 {
		s.t.Fatalf("%d models were trained", n)
	}
	m, err := s.Model(s.t.Context(), trainer, asked.ID)
	must(s.t, err)
	return m
}

func TestManyExamplesAreTakenOnceAndBadLinesTold(t *testing.T) {
	each(t, func(s school) {
		lines := append(append([]training.Line{}, lessons...), training.Line{Intent: "No Key!", Text: "x"}, training.Line{Intent: "a", Text: " "},
			training.Line{Intent: "parcel.track", Text: "我要退款！"}, training.Line{Intent: "parcel.track", Text: "我要退款"})
		want := training.Taken{Intents: 2, Examples: 7, Bad: []training.BadLine{{Line: 7, Code: "bad_key"}, {Line: 8, Code: "bad_text"}, {Line: 10, Code: "taken"}}}
		if diff := cmp.Diff(want, s.teach(lines)); diff != "" {
			s.t.Error(diff)
		}
		want = training.Taken{Known: 6}
		if diff := cmp.Diff(want, s.teach(lessons)); diff != "" {
			s.t.Error(diff)
		}
		all, err := s.Intents(s.t.Context(), trainer)
		must(s.t, err)
		if len(all) != 2 || all[0].Key != "parcel.track" || all[0].Total() != 4 || all[0].Examples["en"] != 2 || all[1].Total() != 3 {
			s.t.Errorf("the intents are %+v", all)
		}
		theirs, err := s.Intents(s.t.Context(), other)
		must(s.t, err)
		if len(theirs) != 0 {
			s.t.Errorf("another workspace has %+v", theirs)
		}
	})
}

func TestAnExampleBelongsToOneIntent(t *testing.T) {
	each(t, func(s school) {
		ctx := s.t.Context()
		s.teach(lessons)
		all, err := s.Intents(ctx, trainer)
		must(s.t, err)
		track, refund := all[0].ID, all[1].ID
		_, err = s.AddExample(ctx, trainer, nil, training.Example{Intent: track, Text: "  WHERE is my parcel  "}, start)
		if !errors.Is(err, training.ErrTaken) {
			s.t.Errorf("the same text again gives %v", err)
		}
		_, err = s.AddExample(ctx, other, nil, training.Example{Intent: track, Text: "new"}, start)
		if !errors.Is(err, training.ErrNoIntent) {
			s.t.Errorf("another workspace's intent gives %v", err)
		}
		e, err := s.AddExample(ctx, trainer, nil, training.Example{Intent: track, Text: "new", Locale: "en", Source: training.Written}, start)
		must(s.t, err)
		_, err = s.MoveExample(ctx, trainer, e.ID, refund, start)
		must(s.t, err)
		found, err := s.Examples(ctx, trainer, refund, page.Request{Limit: 50})
		must(s.t, err)
		if len(found.Items) != 4 || found.Items[3].Text != "new" {
			s.t.Errorf("after the move it has %+v", found.Items)
		}
		must(s.t, s.RemoveExample(ctx, trainer, e.ID, start))
		if err := s.RemoveExample(ctx, trainer, e.ID, start); !errors.Is(err, training.ErrNoExample) {
			s.t.Errorf("removing it twice gives %v", err)
		}
		must(s.t, s.RemoveIntent(ctx, trainer, refund, start))
		examples, err := s.Corpus(ctx, trainer)
		must(s.t, err)
		if len(examples) != 3 {
			s.t.Errorf("left are %v", examples)
		}
	})
}

func TestATrainedModelIsUsedEverywhereAndGoneBackFrom(t *testing.T) {
	each(t, func(s school) {
		ctx := s.t.Context()
		intents := bot.NewIntents(s.Store, slog.New(slog.DiscardHandler))
		if guesses, number, err := intents.Guess(ctx, trainer, "where is my parcel", "en"); err != nil || number != 0 || guesses != nil {
			s.t.Errorf("without a model it guesses %v of %d, %v", guesses, number, err)
		}
		s.teach(lessons)
		first := s.trained(true)
		if first.State != training.Ready || !first.Active || first.Number != 1 || first.Intents != 2 || first.Examples != 6 || first.Bytes == 0 || first.Report.Held == 0 {
			s.t.Errorf("the first model is %+v", first)
		}
		best := func() (string, int64) {
			s.t.Helper()
			guesses, number, err := intents.Guess(ctx, trainer, "where is my parcel", "en")
			must(s.t, err)
			return guesses[0].Label, number
		}
		if label, number := best(); label != "parcel.track" || number != 1 {
			s.t.Errorf("it guesses %s of version %d", label, number)
		}
		if guesses, _, err := intents.Guess(ctx, other, "where is my parcel", "en"); err != nil || guesses != nil {
			s.t.Errorf("another workspace is told %v, %v", guesses, err)
		}
		second := s.trained(true)
		if _, number := best(); number != 2 || second.Number != 2 {
			s.t.Errorf("after training again it is version %d", number)
		}
		_, err := s.Activate(ctx, trainer, first.ID, start)
		must(s.t, err)
		if _, number := best(); number != 1 {
			s.t.Errorf("after going back it is version %d", number)
		}
		if _, err := s.Activate(ctx, other, first.ID, start); !errors.Is(err, training.ErrNoModel) {
			s.t.Errorf("another workspace activates it: %v", err)
		}
		if got := s.activations(); got != 3 {
			s.t.Errorf("%d events told of it", got)
		}
	})
}

func (s school) activations() (n int) {
	s.t.Helper()
	records, err := s.db.Events(s.t.Context(), store.PartOf(trainer.Workspace), 0, 100)
	must(s.t, err)
	for _, r := range records {
		if r.Kind == (event.ModelActivated{}).Kind() {
			n++
		}
	}
	return n
}

func TestTrainingOnTooLittleFailsAndSaysWhy(t *testing.T) {
	each(t, func(s school) {
		s.teach(lessons[:3])
		m := s.trained(true)
		if m.State != training.Failed || m.Failure != "training.too_few_intents" || m.Active {
			s.t.Errorf("got %+v", m)
		}
		if _, err := s.Activate(s.t.Context(), trainer, m.ID, start); !errors.Is(err, training.ErrNotReady) {
			s.t.Errorf("activating it gives %v", err)
		}
	})
}

func TestTrainingAskedForTwiceIsDoneOnceAndByWhoHoldsTheLease(t *testing.T) {
	each(t, func(s school) {
		ctx := s.t.Context()
		s.teach(lessons)
		one, err := s.AskTraining(ctx, trainer, nil, false, start)
		must(s.t, err)
		two, err := s.AskTraining(ctx, trainer, nil, false, start)
		must(s.t, err)
		if one.ID != two.ID {
			s.t.Error("a second training was begun")
		}
		lease, held, err := s.db.Acquire(ctx, "nlu.train", "there", time.Minute)
		if err != nil || !held {
			s.t.Fatal(held, err)
		}
		n, err := s.TrainAll(ctx, "here", time.Now)
		must(s.t, err)
		if n != 0 {
			s.t.Error("it trained while another node does")
		}
		must(s.t, s.db.Release(ctx, lease))
		if err := s.Fail(ctx, trainer, store.Lease{Name: "nlu.train", Epoch: lease.Epoch - 1}, one.ID, "x", start); !errors.Is(err, nludb.ErrLease) {
			s.t.Errorf("a lease that has passed gives %v", err)
		}
		n, err = s.TrainAll(ctx, "here", time.Now)
		must(s.t, err)
		m, err := s.Model(ctx, trainer, one.ID)
		must(s.t, err)
		if n != 1 || m.State != training.Ready || m.Active {
			s.t.Errorf("%d trained, %+v", n, m)
		}
	})
}

func TestTheLeastCertainSampleIsLabelledFirst(t *testing.T) {
	each(t, func(s school) {
		ctx := s.t.Context()
		s.teach(lessons)
		for text, margin := range map[string]float64{"sure": 0.9, "unsure": 0.1, "so so": 0.5, "where is my parcel": 0} {
			must(s.t, s.Note(ctx, trainer, training.Sample{Conversation: 5, Seq: 1, Text: text, Locale: "en", Margin: margin}, start))
			must(s.t, s.Note(ctx, trainer, training.Sample{Conversation: 5, Seq: 2, Text: text, Locale: "en", Margin: margin}, start))
		}
		var texts []string
		request := page.Request{Limit: 2}
		for {
			found, err := s.Samples(ctx, trainer, request)
			must(s.t, err)
			for _, sample := range found.Items {
				texts = append(texts, sample.Text)
			}
			if found.Next.IsZero() {
				break
			}
			request.After = found.Next
		}
		if diff := cmp.Diff([]string{"unsure", "so so", "sure"}, texts); diff != "" {
			s.t.Fatal(diff)
		}
		found, err := s.Samples(ctx, trainer, page.Request{Limit: 50})
		must(s.t, err)
		all, err := s.Intents(ctx, trainer)
		must(s.t, err)
		e, err := s.Label(ctx, trainer, found.Items[0].ID, all[0].ID, start)
		must(s.t, err)
		if e.Text != "unsure" || e.Source != training.Traffic {
			s.t.Errorf("the example is %+v", e)
		}
		must(s.t, s.Dismiss(ctx, trainer, found.Items[1].ID, start))
		found, err = s.Samples(ctx, trainer, page.Request{Limit: 50})
		must(s.t, err)
		if len(found.Items) != 1 || found.Items[0].Text != "sure" {
			s.t.Errorf("left are %+v", found.Items)
		}
	})
}

func TestATestSetComparesVersions(t *testing.T) {
	each(t, func(s school) {
		ctx := s.t.Context()
		s.teach(lessons)
		m := s.trained(false)
		set, err := s.MakeTestSet(ctx, trainer, nil, training.TestSet{Name: "first", Lines: []training.Line{
			{Intent: "parcel.track", Text: "where did the parcel go"}, {Intent: "unknown", Text: "我要退款吧"},
		}}, start)
		must(s.t, err)
		trial, _, err := s.RunTest(ctx, trainer, set.ID, m.ID)
		must(s.t, err)
		if trial.Report.Held != 2 || trial.Report.Right != 1 || trial.Guesses[1].Label != "refund.request" {
			s.t.Errorf("the trial is %+v", trial)
		}
		if _, _, err := s.RunTest(ctx, other, set.ID, m.ID); !errors.Is(err, training.ErrNoTestSet) {
			s.t.Errorf("another workspace runs it: %v", err)
		}
		set.Name = "second"
		_, err = s.ChangeTestSet(ctx, trainer, set.Version, set, start)
		must(s.t, err)
		if _, err := s.ChangeTestSet(ctx, trainer, set.Version, set, start); err == nil {
			s.t.Error("a version that has passed was changed")
		}
		must(s.t, s.RemoveTestSet(ctx, trainer, set.ID, start))
	})
}

func TestAnEndedContextLeavesTheTrainingForLater(t *testing.T) {
	each(t, func(s school) {
		s.teach(lessons)
		m, err := s.AskTraining(s.t.Context(), trainer, nil, false, start)
		must(s.t, err)
		ended, end := context.WithCancel(s.t.Context())
		end()
		if _, err := s.TrainAll(ended, "here", time.Now); err == nil {
			s.t.Error("it trained after the end")
		}
		now, err := s.Model(s.t.Context(), trainer, m.ID)
		must(s.t, err)
		if now.State != training.Waiting {
			s.t.Errorf("it is %s", now.State)
		}
	})
}
