package httpapi

import (
	"context"
	"net/http"
	"time"

	"everdesk/internal/access"
	"everdesk/internal/commit"
	"everdesk/internal/id"
	"everdesk/internal/training"
)

// Minds keeps the versions of what the bot has learnt.
type Minds interface {
	Models(ctx context.Context, scope access.Scope) ([]training.Model, error)
	Model(ctx context.Context, scope access.Scope, which id.Model) (training.Model, error)
	AskTraining(ctx context.Context, scope access.Scope, claim *commit.Claim, activate bool, at time.Time) (training.Model, error)
	Activate(ctx context.Context, scope access.Scope, which id.Model, at time.Time) (training.Model, error)
	ActiveModel(ctx context.Context, scope access.Scope) (which id.Model, number int64, err error)
	Try(ctx context.Context, scope access.Scope, which id.Model, text string) (guesses []training.Guess, rejected bool, err error)

	TestSets(ctx context.Context, scope access.Scope) ([]training.TestSet, error)
	TestSet(ctx context.Context, scope access.Scope, which id.TestSet) (training.TestSet, error)
	MakeTestSet(ctx context.Context, scope access.Scope, claim *commit.Claim, t training.TestSet, at time.Time) (training.TestSet, error)
	ChangeTestSet(ctx context.Context, scope access.Scope, version int64, to training.TestSet, at time.Time) (training.TestSet, error)
	RemoveTestSet(ctx context.Context, scope access.Scope, which id.TestSet, at time.Time) error
	RunTest(ctx context.Context, scope access.Scope, which id.TestSet, with id.Model) (training.Trial, training.TestSet, error)
}

// Model is one version of what the bot has learnt.
type Model struct {
	ID        id.Model              `json:"id"`
	Number    int64                 `json:"number" doc:"Versions are counted from one."`
	State     training.ModelState   `json:"state" enum:"waiting,ready,failed"`
	Active    bool                  `json:"active" doc:"Customers are understood with it."`
	Intents   int                   `json:"intents"`
	Examples  int                   `json:"examples"`
	Bytes     int                   `json:"bytes"`
	Accuracy  *float64              `json:"accuracy,omitempty" doc:"Cross-validated: the share that was right of examples held out of training, from 0 to 1."`
	MacroF1   *float64              `json:"macro_f1,omitempty"`
	Curve     []training.CurvePoint `json:"curve" doc:"Accuracy with 5, 10, 20 and 50 examples of each intent that has so many."`
	ByIntent  []IntentAccuracy      `json:"by_intent" doc:"Of the examples held out; only where one model is asked for."`
	Confused  []training.Confusion  `json:"confused" doc:"The pairs most often taken for each other, worst first; only where one model is asked for."`
	Failure   string                `json:"failure,omitempty"`
	CreatedAt time.Time             `json:"created_at"`
	TrainedAt *time.Time            `json:"trained_at,omitempty"`
}

// IntentAccuracy is how one intent did.
type IntentAccuracy struct {
	Intent    string  `json:"intent"`
	Asked     int     `json:"asked"`
	Recall    float64 `json:"recall" doc:"The share of its texts that was given it."`
	Precision float64 `json:"precision" doc:"The share of texts given it that were its own."`
}

// UnderstoodText is what a model makes of a text.
type UnderstoodText struct {
	Model    id.Model      `json:"model_id"`
	Rejected bool          `json:"rejected" doc:"The text is about something else."`
	Guesses  []IntentGuess `json:"guesses"`
}

// TestSet is questions with the intents they should be given.
type TestSet struct {
	ID        id.TestSet      `json:"id"`
	Name      string          `json:"name"`
	Lines     []training.Line `json:"lines"`
	Version   int64           `json:"version"`
	UpdatedAt time.Time       `json:"updated_at"`
}

// TestRun is what one model, or two side by side, made of a test set.
type TestRun struct {
	Results []TestResult `json:"results"`
	// Lines hold what any of the models got wrong.
	Lines []TestLine `json:"lines" doc:"The lines that any of the models got wrong, at most 500."`
}

// TestResult is what one model made of a test set.
type TestResult struct {
	Model    id.Model             `json:"model_id"`
	Number   int64                `json:"number"`
	Asked    int                  `json:"asked"`
	Right    int                  `json:"right"`
	Rejected int                  `json:"rejected"`
	Accuracy float64              `json:"accuracy"`
	MacroF1  float64              `json:"macro_f1"`
	ByIntent []IntentAccuracy     `json:"by_intent"`
	Confused []training.Confusion `json:"confused"`
}

// TestLine is a line and the first guess of each model, in their order.
type TestLine struct {
	Text    string        `json:"text"`
	Intent  string        `json:"intent"`
	Guesses []IntentGuess `json:"guesses"`
}

type modelOutput struct {
	Replay
	Body Model
}

type testSetOutput struct {
	Versioned
	Replay
	Body TestSet
}

func (s *Server) registerModels() {
	kept := s.ports.Minds
	add(s, op{id: "list-models", method: http.MethodGet, path: "/training/models", tag: trainingTag, door: May(access.KnowledgeRead), summary: "What was learnt, the newest version first"},
		func(ctx context.Context, _ *struct{}) (*struct {
			Body struct {
				Items []Model `json:"items"`
			}
		}, error,
		) {
			all, err := kept.Models(ctx, scopeOf(ctx))
			out := &struct {
				Body struct {
					Items []Model `json:"items"`
				}
			}{}
			out.Body.Items = each(all, briefModel)
			return out, err
		})
	add(s, op{id: "get-model", method: http.MethodGet, path: "/training/models/{id}", tag: trainingTag, door: May(access.KnowledgeRead), summary: "A version: how it did, by intent, and what it takes for what"},
		func(ctx context.Context, in *byID[id.Model]) (*modelOutput, error) {
			m, err := kept.Model(ctx, scopeOf(ctx), in.ID.ID)
			return &modelOutput{Body: shownModel(m)}, err
		})
	add(s, op{id: "train", method: http.MethodPost, path: "/training/models", tag: trainingTag, door: May(access.KnowledgeWrite), status: http.StatusAccepted, summary: "Learn from the examples as they are, in the background; one that waits already is answered with"},
		func(ctx context.Context, in *struct {
			Creates
			Body struct {
				Activate bool `json:"activate" doc:"Have customers understood with it as soon as it is ready."`
			}
		},
		) (*modelOutput, error) {
			claim, err := s.claim(ctx, in.Creates, "train", in.Body)
			if err != nil {
				return nil, err
			}
			m, err := kept.AskTraining(ctx, scopeOf(ctx), claim, in.Body.Activate, s.now())
			return &modelOutput{replayed(claim), shownModel(m)}, err
		})
	add(s, op{id: "activate-model", method: http.MethodPost, path: "/training/models/{id}/activate", tag: trainingTag, door: May(access.KnowledgeWrite), summary: "Have customers understood with a version from the next message on; going back to an older one is the same"},
		func(ctx context.Context, in *byID[id.Model]) (*modelOutput, error) {
			m, err := kept.Activate(ctx, scopeOf(ctx), in.ID.ID, s.now())
			return &modelOutput{Body: shownModel(m)}, err
		})
	add(s, op{id: "try-training", method: http.MethodPost, path: "/training/try", tag: trainingTag, door: May(access.KnowledgeWrite), summary: "Ask what a text is taken for"}, s.tryTraining)
}

func (s *Server) tryTraining(ctx context.Context, in *struct {
	Body struct {
		Text  string   `json:"text" minLength:"1" maxLength:"2000"`
		Model id.Model `json:"model_id,omitempty" doc:"A version; without it the active one."`
	}
},
) (*struct{ Body UnderstoodText }, error) {
	which, err := s.modelOr(ctx, in.Body.Model)
	if err != nil {
		return nil, err
	}
	guesses, rejected, err := s.ports.Minds.Try(ctx, scopeOf(ctx), which, in.Body.Text)
	return &struct{ Body UnderstoodText }{UnderstoodText{which, rejected, each(guesses, shownGuess)}}, err
}

// modelOr is the model named, or the active one.
func (s *Server) modelOr(ctx context.Context, named id.Model) (id.Model, error) {
	if named != 0 {
		return named, nil
	}
	which, _, err := s.ports.Minds.ActiveModel(ctx, scopeOf(ctx))
	if err == nil && which == 0 {
		err = training.ErrUntrained
	}
	return which, err
}

// testContent is what a trainer writes.
type testContent struct {
	Name  string          `json:"name" minLength:"1" maxLength:"120"`
	Lines []training.Line `json:"lines" minItems:"1" maxItems:"5000"`
}

func (s *Server) registerTestSets() {
	kept := s.ports.Minds
	add(s, op{id: "list-test-sets", method: http.MethodGet, path: "/training/tests", tag: trainingTag, door: May(access.KnowledgeRead), summary: "Sets of questions to test with"},
		func(ctx context.Context, _ *struct{}) (*struct {
			Body struct {
				Items []TestSet `json:"items"`
			}
		}, error,
		) {
			all, err := kept.TestSets(ctx, scopeOf(ctx))
			out := &struct {
				Body struct {
					Items []TestSet `json:"items"`
				}
			}{}
			out.Body.Items = each(all, shownTestSet)
			return out, err
		})
	add(s, op{id: "make-test-set", method: http.MethodPost, path: "/training/tests", tag: trainingTag, door: May(access.KnowledgeWrite), status: http.StatusCreated, body: 4 << 20, summary: "Add a set of questions to test with"},
		func(ctx context.Context, in *struct {
			Creates
			Body testContent
		},
		) (*testSetOutput, error) {
			claim, err := s.claim(ctx, in.Creates, "make-test-set", in.Body)
			if err != nil {
				return nil, err
			}
			t, err := kept.MakeTestSet(ctx, scopeOf(ctx), claim, training.TestSet{Name: in.Body.Name, Lines: in.Body.Lines}, s.now())
			return &testSetOutput{etag(t.Version), replayed(claim), shownTestSet(t)}, err
		})
	add(s, op{id: "get-test-set", method: http.MethodGet, path: "/training/tests/{id}", tag: trainingTag, door: May(access.KnowledgeRead), summary: "A set of questions to test with"},
		func(ctx context.Context, in *byID[id.TestSet]) (*testSetOutput, error) {
			t, err := kept.TestSet(ctx, scopeOf(ctx), in.ID.ID)
			return &testSetOutput{Versioned: etag(t.Version), Body: shownTestSet(t)}, err
		})
	add(s, op{id: "change-test-set", method: http.MethodPut, path: "/training/tests/{id}", tag: trainingTag, door: May(access.KnowledgeWrite), body: 4 << 20, summary: "Write a set of questions anew"},
		func(ctx context.Context, in *struct {
			Updates
			ID   ref[id.TestSet] `path:"id"`
			Body testContent
		},
		) (*testSetOutput, error) {
			version, err := in.version()
			if err != nil {
				return nil, err
			}
			t, err := kept.ChangeTestSet(ctx, scopeOf(ctx), version, training.TestSet{ID: in.ID.ID, Name: in.Body.Name, Lines: in.Body.Lines}, s.now())
			return &testSetOutput{Versioned: etag(t.Version), Body: shownTestSet(t)}, err
		})
	add(s, op{id: "remove-test-set", method: http.MethodDelete, path: "/training/tests/{id}", tag: trainingTag, door: May(access.KnowledgeWrite), status: http.StatusNoContent, summary: "Remove a set of questions"},
		func(ctx context.Context, in *byID[id.TestSet]) (*struct{}, error) {
			return nil, kept.RemoveTestSet(ctx, scopeOf(ctx), in.ID.ID, s.now())
		})
	add(s, op{id: "run-test-set", method: http.MethodPost, path: "/training/tests/{id}/run", tag: trainingTag, door: May(access.KnowledgeWrite), summary: "Ask one version the questions of a set, or two to compare them"}, s.runTest)
}

// mostTestLines is how many wrong lines a run shows.
const mostTestLines = 500

func (s *Server) runTest(ctx context.Context, in *struct {
	ID   ref[id.TestSet] `path:"id"`
	Body struct {
		Models []id.Model `json:"model_ids,omitempty" maxItems:"2" doc:"One version or two; without any the active one."`
	}
},
) (*struct{ Body TestRun }, error) {
	set, err := s.ports.Minds.TestSet(ctx, scopeOf(ctx), in.ID.ID)
	if err != nil {
		return nil, err
	}
	models := in.Body.Models
	if len(models) == 0 {
		active, err := s.modelOr(ctx, 0)
		if err != nil {
			return nil, err
		}
		models = []id.Model{active}
	}
	run := TestRun{Results: []TestResult{}, Lines: []TestLine{}}
	var trials []training.Trial
	for _, which := range models {
		trial, asked, err := s.ports.Minds.RunTest(ctx, scopeOf(ctx), in.ID.ID, which)
		if err != nil {
			return nil, err
		}
		trials, set = append(trials, trial), asked
		run.Results = append(run.Results, TestResult{
			trial.Model.ID, trial.Model.Number, trial.Report.Held, trial.Report.Right, trial.Rejected,
			trial.Report.Accuracy(), trial.Report.MacroF1(), each(trial.Report.Labels, shownAccuracy), nonNil(trial.Report.Confused),
		})
	}
	for n, line := range set.Lines {
		shown, wrong := TestLine{Text: line.Text, Intent: line.Intent}, false
		for _, trial := range trials {
			shown.Guesses = append(shown.Guesses, shownGuess(trial.Guesses[n]))
			wrong = wrong || trial.Guesses[n].Label != line.Intent
		}
		if wrong && len(run.Lines) < mostTestLines {
			run.Lines = append(run.Lines, shown)
		}
	}
	return &struct{ Body TestRun }{run}, nil
}

// briefModel is a model in a list, without what fills pages.
func briefModel(m training.Model) Model {
	shown := shownModel(m)
	shown.ByIntent, shown.Confused = []IntentAccuracy{}, []training.Confusion{}
	return shown
}

func shownModel(m training.Model) Model {
	shown := Model{
		ID: m.ID, Number: m.Number, State: m.State, Active: m.Active, Intents: m.Intents, Examples: m.Examples, Bytes: m.Bytes,
		Curve: nonNil(m.Curve), ByIntent: each(m.Report.Labels, shownAccuracy), Confused: nonNil(m.Report.Confused),
		Failure: m.Failure, CreatedAt: m.CreatedAt, TrainedAt: moment(m.TrainedAt),
	}
	if m.Report.Held > 0 {
		accuracy, f1 := m.Report.Accuracy(), m.Report.MacroF1()
		shown.Accuracy, shown.MacroF1 = &accuracy, &f1
	}
	return shown
}

func shownAccuracy(l training.LabelReport) IntentAccuracy {
	return IntentAccuracy{l.Label, l.Held, float64(l.Right) / float64(max(l.Held, 1)), float64(l.Right) / float64(max(l.Taken, 1))}
}

func shownTestSet(t training.TestSet) TestSet {
	return TestSet{t.ID, t.Name, nonNil(t.Lines), t.Version, t.UpdatedAt}
}
