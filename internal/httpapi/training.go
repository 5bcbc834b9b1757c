package httpapi

import (
	"context"
	"net/http"
	"time"

	"everdesk/internal/access"
	"everdesk/internal/commit"
	"everdesk/internal/id"
	"everdesk/internal/page"
	"everdesk/internal/training"
)

// Lessons keeps what the bot learns from.
type Lessons interface {
	Intents(ctx context.Context, scope access.Scope) ([]training.Intent, error)
	Intent(ctx context.Context, scope access.Scope, which id.Intent) (training.Intent, error)
	MakeIntent(ctx context.Context, scope access.Scope, claim *commit.Claim, i training.Intent, at time.Time) (training.Intent, error)
	ChangeIntent(ctx context.Context, scope access.Scope, version int64, to training.Intent, at time.Time) (training.Intent, error)
	RemoveIntent(ctx context.Context, scope access.Scope, which id.Intent, at time.Time) error

	Examples(ctx context.Context, scope access.Scope, of id.Intent, request page.Request) (page.Of[training.Example], error)
	AddExample(ctx context.Context, scope access.Scope, claim *commit.Claim, e training.Example, at time.Time) (training.Example, error)
	MoveExample(ctx context.Context, scope access.Scope, which id.Example, to id.Intent, at time.Time) (training.Example, error)
	RemoveExample(ctx context.Context, scope access.Scope, which id.Example, at time.Time) error
	Take(ctx context.Context, scope access.Scope, lines []training.Line, source training.Source, at time.Time) (training.Taken, error)

	Samples(ctx context.Context, scope access.Scope, request page.Request) (page.Of[training.Sample], error)
	Label(ctx context.Context, scope access.Scope, which id.Sample, intent id.Intent, at time.Time) (training.Example, error)
	Dismiss(ctx context.Context, scope access.Scope, which id.Sample, at time.Time) error
}

// Intent is something customers want.
type Intent struct {
	ID        id.Intent         `json:"id"`
	Key       string            `json:"key" doc:"Its name for programs: flows and imports find it by it."`
	Titles    map[string]string `json:"titles" doc:"Its names for people, by locale."`
	Examples  int               `json:"examples"`
	ByLocale  map[string]int    `json:"examples_by_locale"`
	Missing   int               `json:"missing_examples" doc:"How many examples it lacks of the 20 that an intent should have; below that, what is said of it is luck."`
	Version   int64             `json:"version"`
	CreatedAt time.Time         `json:"created_at"`
	UpdatedAt time.Time         `json:"updated_at"`
}

// IntentContent is what a trainer writes.
type IntentContent struct {
	Key    string            `json:"key" maxLength:"80" example:"order.change_address"`
	Titles map[string]string `json:"titles,omitempty"`
}

// IntentExample is a text of which people said what it wants.
type IntentExample struct {
	ID        id.Example      `json:"id"`
	Intent    id.Intent       `json:"intent_id"`
	Text      string          `json:"text"`
	Locale    string          `json:"locale,omitempty"`
	Source    training.Source `json:"source" enum:"written,import,traffic,pack"`
	CreatedAt time.Time       `json:"created_at"`
}

// Sample is a text of real traffic that waits for a label.
type Sample struct {
	ID           id.Sample       `json:"id"`
	Conversation id.Conversation `json:"conversation_id"`
	Seq          int64           `json:"seq"`
	Text         string          `json:"text"`
	Locale       string          `json:"locale,omitempty"`
	Guesses      []IntentGuess   `json:"guesses"`
	Margin       float64         `json:"margin" doc:"How far the first guess is ahead of the second, from 0 to 1."`
	Number       int64           `json:"model_number"`
	SeenAt       time.Time       `json:"seen_at"`
}

// IntentGuess is an intent's key and how likely it is.
type IntentGuess struct {
	Intent      string  `json:"intent"`
	Probability float64 `json:"probability"`
}

type intentOutput struct {
	Versioned
	Replay
	Body Intent
}

type exampleOutput struct {
	Replay
	Body IntentExample
}

const trainingTag = "Training"

func (s *Server) registerTraining() {
	s.registerIntents()
	s.registerExamples()
	s.registerSamples()
	s.registerModels()
	s.registerTestSets()
}

func (s *Server) registerIntents() {
	kept := s.ports.Lessons
	add(s, op{id: "list-intents", method: http.MethodGet, path: "/training/intents", tag: trainingTag, door: May(access.KnowledgeRead), summary: "Intents by their keys, with how many examples each has"},
		func(ctx context.Context, _ *struct{}) (*struct {
			Body struct {
				Items []Intent `json:"items"`
			}
		}, error,
		) {
			all, err := kept.Intents(ctx, scopeOf(ctx))
			out := &struct {
				Body struct {
					Items []Intent `json:"items"`
				}
			}{}
			out.Body.Items = each(all, shownIntent)
			return out, err
		})
	add(s, op{id: "make-intent", method: http.MethodPost, path: "/training/intents", tag: trainingTag, door: May(access.KnowledgeWrite), status: http.StatusCreated, summary: "Add an intent"},
		func(ctx context.Context, in *struct {
			Creates
			Body IntentContent
		},
		) (*intentOutput, error) {
			claim, err := s.claim(ctx, in.Creates, "make-intent", in.Body)
			if err != nil {
				return nil, err
			}
			i, err := kept.MakeIntent(ctx, scopeOf(ctx), claim, training.Intent{Key: in.Body.Key, Titles: in.Body.Titles}, s.now())
			return &intentOutput{etag(i.Version), replayed(claim), shownIntent(i)}, err
		})
	add(s, op{id: "get-intent", method: http.MethodGet, path: "/training/intents/{id}", tag: trainingTag, door: May(access.KnowledgeRead), summary: "An intent"},
		func(ctx context.Context, in *byID[id.Intent]) (*intentOutput, error) {
			i, err := kept.Intent(ctx, scopeOf(ctx), in.ID.ID)
			return &intentOutput{Versioned: etag(i.Version), Body: shownIntent(i)}, err
		})
	add(s, op{id: "change-intent", method: http.MethodPut, path: "/training/intents/{id}", tag: trainingTag, door: May(access.KnowledgeWrite), summary: "Give an intent another key and titles"},
		func(ctx context.Context, in *struct {
			Updates
			ID   ref[id.Intent] `path:"id"`
			Body IntentContent
		},
		) (*intentOutput, error) {
			version, err := in.version()
			if err != nil {
				return nil, err
			}
			i, err := kept.ChangeIntent(ctx, scopeOf(ctx), version, training.Intent{ID: in.ID.ID, Key: in.Body.Key, Titles: in.Body.Titles}, s.now())
			return &intentOutput{Versioned: etag(i.Version), Body: shownIntent(i)}, err
		})
	add(s, op{id: "remove-intent", method: http.MethodDelete, path: "/training/intents/{id}", tag: trainingTag, door: May(access.KnowledgeWrite), status: http.StatusNoContent, summary: "Remove an intent and its examples; models keep knowing it until the next training"},
		func(ctx context.Context, in *byID[id.Intent]) (*struct{}, error) {
			return nil, kept.RemoveIntent(ctx, scopeOf(ctx), in.ID.ID, s.now())
		})
}

func (s *Server) registerExamples() {
	kept := s.ports.Lessons
	add(s, op{id: "list-examples", method: http.MethodGet, path: "/training/intents/{id}/examples", tag: trainingTag, door: May(access.KnowledgeRead), summary: "An intent's examples, in the order they were made"},
		func(ctx context.Context, in *struct {
			Lists
			ID ref[id.Intent] `path:"id"`
		},
		) (*struct{ Body listed[IntentExample] }, error) {
			request, err := in.page()
			if err != nil {
				return nil, err
			}
			found, err := kept.Examples(ctx, scopeOf(ctx), in.ID.ID, request)
			return &struct{ Body listed[IntentExample] }{list(found, shownExample)}, err
		})
	add(s, op{id: "add-example", method: http.MethodPost, path: "/training/intents/{id}/examples", tag: trainingTag, door: May(access.KnowledgeWrite), status: http.StatusCreated, summary: "Add an example to an intent"},
		func(ctx context.Context, in *struct {
			Creates
			ID   ref[id.Intent] `path:"id"`
			Body struct {
				Text   string `json:"text" minLength:"1" maxLength:"1000"`
				Locale string `json:"locale,omitempty" maxLength:"35"`
			}
		},
		) (*exampleOutput, error) {
			claim, err := s.claim(ctx, in.Creates, "add-example/"+in.ID.ID.String(), in.Body)
			if err != nil {
				return nil, err
			}
			e, err := kept.AddExample(ctx, scopeOf(ctx), claim, training.Example{
				Intent: in.ID.ID, Text: in.Body.Text, Locale: in.Body.Locale, Source: training.Written,
			}, s.now())
			return &exampleOutput{replayed(claim), shownExample(e)}, err
		})
	add(s, op{id: "move-example", method: http.MethodPatch, path: "/training/examples/{id}", tag: trainingTag, door: May(access.KnowledgeWrite), summary: "Give an example to another intent"},
		func(ctx context.Context, in *struct {
			ID   ref[id.Example] `path:"id"`
			Body struct {
				Intent id.Intent `json:"intent_id"`
			}
		},
		) (*exampleOutput, error) {
			e, err := kept.MoveExample(ctx, scopeOf(ctx), in.ID.ID, in.Body.Intent, s.now())
			return &exampleOutput{Body: shownExample(e)}, err
		})
	add(s, op{id: "remove-example", method: http.MethodDelete, path: "/training/examples/{id}", tag: trainingTag, door: May(access.KnowledgeWrite), status: http.StatusNoContent, summary: "Remove an example"},
		func(ctx context.Context, in *byID[id.Example]) (*struct{}, error) {
			return nil, kept.RemoveExample(ctx, scopeOf(ctx), in.ID.ID, s.now())
		})
	add(s, op{
		id: "take-examples", method: http.MethodPost, path: "/training/examples", tag: trainingTag, door: May(access.KnowledgeWrite), body: 4 << 20,
		summary: "Take in many examples: intents that do not exist are made, examples that exist are left alone, so sending it twice is harmless",
	}, s.takeExamples)
}

// TakenExamples says what became of many lines.
type TakenExamples struct {
	Intents  int            `json:"intents" doc:"Intents that were made."`
	Examples int            `json:"examples" doc:"Examples that were added."`
	Known    int            `json:"known" doc:"Lines that were examples of the same intent already."`
	Bad      []BadExampleAt `json:"bad"`
}

// BadExampleAt is a line that was not taken.
type BadExampleAt struct {
	Line int    `json:"line" doc:"Counted from one."`
	Code string `json:"code" enum:"bad_key,bad_text,taken" doc:"taken: the text is an example of another intent."`
}

func (s *Server) takeExamples(ctx context.Context, in *struct {
	Body struct {
		Lines []training.Line `json:"lines" minItems:"1" maxItems:"10000"`
	}
},
) (*struct{ Body TakenExamples }, error) {
	taken, err := s.ports.Lessons.Take(ctx, scopeOf(ctx), in.Body.Lines, training.Imported, s.now())
	out := TakenExamples{taken.Intents, taken.Examples, taken.Known, []BadExampleAt{}}
	for _, bad := range taken.Bad {
		out.Bad = append(out.Bad, BadExampleAt{bad.Line, bad.Code})
	}
	return &struct{ Body TakenExamples }{out}, err
}

func (s *Server) registerSamples() {
	kept := s.ports.Lessons
	add(s, op{id: "list-samples", method: http.MethodGet, path: "/training/samples", tag: trainingTag, door: May(access.KnowledgeWrite), summary: "Texts of real traffic that wait for a label, the least certain first"},
		func(ctx context.Context, in *struct{ Lists }) (*struct{ Body listed[Sample] }, error) {
			request, err := in.page()
			if err != nil {
				return nil, err
			}
			found, err := kept.Samples(ctx, scopeOf(ctx), request)
			return &struct{ Body listed[Sample] }{list(found, shownSample)}, err
		})
	add(s, op{id: "label-sample", method: http.MethodPost, path: "/training/samples/{id}/label", tag: trainingTag, door: May(access.KnowledgeWrite), status: http.StatusCreated, summary: "Make a sample an example of an intent"},
		func(ctx context.Context, in *struct {
			ID   ref[id.Sample] `path:"id"`
			Body struct {
				Intent id.Intent `json:"intent_id"`
			}
		},
		) (*exampleOutput, error) {
			e, err := kept.Label(ctx, scopeOf(ctx), in.ID.ID, in.Body.Intent, s.now())
			return &exampleOutput{Body: shownExample(e)}, err
		})
	add(s, op{id: "dismiss-sample", method: http.MethodDelete, path: "/training/samples/{id}", tag: trainingTag, door: May(access.KnowledgeWrite), status: http.StatusNoContent, summary: "Take a sample out of the queue without labelling it"},
		func(ctx context.Context, in *byID[id.Sample]) (*struct{}, error) {
			return nil, kept.Dismiss(ctx, scopeOf(ctx), in.ID.ID, s.now())
		})
}

func shownIntent(i training.Intent) Intent {
	shown := Intent{
		ID: i.ID, Key: i.Key, Titles: i.Titles, Examples: i.Total(), ByLocale: i.Examples, Missing: max(training.Enough-i.Total(), 0),
		Version: i.Version, CreatedAt: i.CreatedAt, UpdatedAt: i.UpdatedAt,
	}
	if shown.ByLocale == nil {
		shown.ByLocale = map[string]int{}
	}
	if shown.Titles == nil {
		shown.Titles = map[string]string{}
	}
	return shown
}

func shownExample(e training.Example) IntentExample {
	return IntentExample{e.ID, e.Intent, e.Text, e.Locale, e.Source, e.CreatedAt}
}

func shownSample(sample training.Sample) Sample {
	return Sample{
		sample.ID, sample.Conversation, sample.Seq, sample.Text, sample.Locale, each(sample.Guesses, shownGuess), sample.Margin, sample.Number, sample.SeenAt,
	}
}

func shownGuess(g training.Guess) IntentGuess { return IntentGuess{g.Label, g.Probability} }

// each shows every item of a list; no item is an empty list.
func each[T, U any](all []T, show func(T) U) []U {
	shown := make([]U, len(all))
	for i, one := range all {
		shown[i] = show(one)
	}
	return shown
}
