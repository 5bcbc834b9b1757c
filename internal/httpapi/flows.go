package httpapi

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"everdesk/internal/access"
	"everdesk/internal/bot"
	"everdesk/internal/commit"
	"everdesk/internal/id"
	"everdesk/internal/page"
)

// Flows is where flows are written, checked, published and tried out.
type Flows interface {
	Flows(ctx context.Context, scope access.Scope, request page.Request) (page.Of[bot.Flow], error)
	Flow(ctx context.Context, scope access.Scope, which id.Flow) (bot.Flow, error)
	MakeFlow(ctx context.Context, scope access.Scope, claim *commit.Claim, document json.RawMessage, at time.Time) (bot.Flow, error)
	SaveFlow(ctx context.Context, scope access.Scope, which id.Flow, version int64, document json.RawMessage, at time.Time) (bot.Flow, error)
	CheckFlow(ctx context.Context, scope access.Scope, document json.RawMessage) ([]bot.FlowProblem, error)
	PublishFlow(ctx context.Context, scope access.Scope, which id.Flow, version int64, note string, at time.Time) (bot.Flow, []bot.FlowProblem, error)
	Withdraw(ctx context.Context, scope access.Scope, which id.Flow, version int64, at time.Time) (bot.Flow, error)
	RollBack(ctx context.Context, scope access.Scope, which id.Flow, number int64, at time.Time) (bot.Flow, error)
	DeleteFlow(ctx context.Context, scope access.Scope, which id.Flow, version int64, at time.Time) error
	Versions(ctx context.Context, scope access.Scope, which id.Flow, request page.Request) (page.Of[bot.FlowVersion], error)
	Version(ctx context.Context, scope access.Scope, which id.Flow, number int64) (bot.FlowVersion, error)
	TryFlow(ctx context.Context, scope access.Scope, trial bot.FlowTrial, at time.Time) (bot.FlowTried, error)
	Outcomes(ctx context.Context, scope access.Scope, since time.Time) (map[string]map[string]int64, error)
}

// Flow is something the bot can do with a customer, without its document.
type Flow struct {
	ID    id.Flow           `json:"id"`
	Key   string            `json:"key"`
	Title map[string]string `json:"title" doc:"By language."`
	// Published is 0 for a flow no customer meets.
	Published int64            `json:"published" doc:"The number of the version customers meet; 0 for none."`
	Changed   bool             `json:"changed" doc:"The draft differs from what is published."`
	Version   int64            `json:"version"`
	CreatedAt time.Time        `json:"created_at"`
	UpdatedAt time.Time        `json:"updated_at"`
	UpdatedBy *Person          `json:"updated_by,omitempty"`
	Outcomes  map[string]int64 `json:"outcomes" doc:"How often it ended how in the last 30 days: done, nothing, cancelled, failed, parked."`
}

// FlowDraft is a flow with its draft.
type FlowDraft struct {
	Flow
	Document map[string]any `json:"document" doc:"docs/schema/flow.json"`
}

// FlowVersion is a published document.
type FlowVersion struct {
	Number      int64          `json:"number"`
	Hash        string         `json:"hash"`
	Note        string         `json:"note,omitempty"`
	PublishedAt time.Time      `json:"published_at"`
	PublishedBy *Person        `json:"published_by,omitempty"`
	Document    map[string]any `json:"document,omitempty" doc:"With one version alone."`
}

// FlowProblem is something a check found.
type FlowProblem struct {
	Code     string   `json:"code" doc:"F01 to F34; never changes its meaning."`
	Severity string   `json:"severity" enum:"error,warning"`
	Node     string   `json:"node,omitempty"`
	Path     string   `json:"path,omitempty" doc:"Leads into the document: nodes.sure.text.en"`
	Trail    []string `json:"trail" doc:"A way through the nodes that shows the problem."`
	Message  string   `json:"message" doc:"In the language asked for."`
}

type flowOutput struct {
	Versioned
	Replay
	Body FlowDraft
}

// flowBody is what an editor sends.
type flowBody struct {
	Document map[string]any `json:"document" doc:"docs/schema/flow.json"`
}

func (b flowBody) raw() (json.RawMessage, error) { return json.Marshal(b.Document) }

// SpokenIn is the language problems are told in.
type SpokenIn struct {
	Language string `query:"language" enum:"zh-CN,en," doc:"The language of messages; English without."`
}

func shownProblems(problems []bot.FlowProblem, tag string) []FlowProblem {
	if tag == "" {
		tag = "en"
	}
	shown := make([]FlowProblem, len(problems))
	for i, p := range problems {
		shown[i] = FlowProblem{p.Code, string(p.Severity), p.Node, p.Path, nonNil(p.Trail), p.Message(tag)}
	}
	return shown
}

// outcomesFor is how far back outcomes are counted.
const outcomesFor = 30 * 24 * time.Hour

func (s *Server) registerFlows() {
	const tag = "Flows"
	kept := s.ports.Flows
	add(s, op{id: "list-flows", method: http.MethodGet, path: "/flows", tag: tag, door: May(access.KnowledgeRead), summary: "Flows, in the order they were made"},
		func(ctx context.Context, in *struct{ Lists }) (*struct{ Body listed[Flow] }, error) {
			request, err := in.page()
			if err != nil {
				return nil, err
			}
			found, err := kept.Flows(ctx, scopeOf(ctx), request)
			if err != nil {
				return nil, err
			}
			names, err := s.writers(ctx, found.Items...)
			if err != nil {
				return nil, err
			}
			outcomes, err := kept.Outcomes(ctx, scopeOf(ctx), s.now().Add(-outcomesFor))
			return &struct{ Body listed[Flow] }{list(found, func(f bot.Flow) Flow { return shownFlow(f, names, outcomes) })}, err
		})
	add(s, op{id: "make-flow", method: http.MethodPost, path: "/flows", tag: tag, door: May(access.KnowledgeWrite), status: http.StatusCreated, summary: "Add a flow with its first draft"},
		func(ctx context.Context, in *struct {
			Creates
			Body flowBody
		},
		) (*flowOutput, error) {
			claim, err := s.claim(ctx, in.Creates, "make-flow", in.Body)
			if err != nil {
				return nil, err
			}
			raw, err := in.Body.raw()
			if err != nil {
				return nil, err
			}
			f, err := kept.MakeFlow(ctx, scopeOf(ctx), claim, raw, s.now())
			return s.flowAnswer(ctx, f, claim, err)
		})
	add(s, op{id: "get-flow", method: http.MethodGet, path: "/flows/{id}", tag: tag, door: May(access.KnowledgeRead), summary: "A flow with its draft"},
		func(ctx context.Context, in *byID[id.Flow]) (*flowOutput, error) {
			f, err := kept.Flow(ctx, scopeOf(ctx), in.ID.ID)
			return s.flowAnswer(ctx, f, nil, err)
		})
	add(s, op{id: "save-flow", method: http.MethodPut, path: "/flows/{id}", tag: tag, door: May(access.KnowledgeWrite), summary: "Save a draft, right or wrong; customers do not meet it yet"},
		func(ctx context.Context, in *struct {
			Updates
			ID   ref[id.Flow] `path:"id"`
			Body flowBody
		},
		) (*flowOutput, error) {
			version, err := in.version()
			if err != nil {
				return nil, err
			}
			raw, err := in.Body.raw()
			if err != nil {
				return nil, err
			}
			f, err := kept.SaveFlow(ctx, scopeOf(ctx), in.ID.ID, version, raw, s.now())
			return s.flowAnswer(ctx, f, nil, err)
		})
	add(s, op{id: "remove-flow", method: http.MethodDelete, path: "/flows/{id}", tag: tag, door: May(access.KnowledgeWrite), status: http.StatusNoContent, summary: "Remove a flow; customers who are in it go on to its end"},
		func(ctx context.Context, in *struct {
			ID      ref[id.Flow] `path:"id"`
			IfMatch string       `header:"If-Match" doc:"If given, the flow must still be this version."`
		},
		) (*struct{}, error) {
			version, err := wanted(in.IfMatch)
			if err != nil {
				return nil, err
			}
			return nil, kept.DeleteFlow(ctx, scopeOf(ctx), in.ID.ID, version, s.now())
		})
	s.registerFlowChecks(tag)
	s.registerFlowVersions(tag)
}

func (s *Server) registerFlowChecks(tag string) {
	kept := s.ports.Flows
	add(s, op{id: "check-flow", method: http.MethodPost, path: "/flows/check", tag: tag, door: May(access.KnowledgeWrite), summary: "What is wrong with a document"},
		func(ctx context.Context, in *struct {
			SpokenIn
			Body flowBody
		},
		) (*struct {
			Body struct {
				Problems    []FlowProblem `json:"problems"`
				Publishable bool          `json:"publishable"`
			}
		}, error,
		) {
			raw, err := in.Body.raw()
			if err != nil {
				return nil, err
			}
			problems, err := kept.CheckFlow(ctx, scopeOf(ctx), raw)
			if err != nil {
				return nil, err
			}
			out := &struct {
				Body struct {
					Problems    []FlowProblem `json:"problems"`
					Publishable bool          `json:"publishable"`
				}
			}{}
			out.Body.Problems, out.Body.Publishable = shownProblems(problems, in.Language), true
			for _, p := range problems {
				out.Body.Publishable = out.Body.Publishable && string(p.Severity) != "error"
			}
			return out, nil
		})
	add(s, op{id: "try-flow", method: http.MethodPost, path: "/flows/try", tag: tag, door: May(access.KnowledgeWrite), summary: "One step of a test chat: nothing is sent, called or kept"},
		s.tryFlow)
}

// FlowTry is one step of a test chat.
type FlowTry struct {
	Document map[string]any `json:"document,omitempty" doc:"Tried in place of the published flow of its key."`
	State    map[string]any `json:"state,omitempty" doc:"The state of the answer before; empty begins a chat."`
	Text     string         `json:"text,omitempty" maxLength:"2000" doc:"What the customer writes; empty lets time pass."`
	Locale   string         `json:"locale,omitempty" maxLength:"35"`
	Minutes  int            `json:"minutes,omitempty" minimum:"0" maximum:"10080" doc:"How long the customer was silent, if there is no text."`
	Results  map[string]any `json:"results,omitempty" doc:"What calls answer, by operation: an object, or a text for an error's code."`
}

// FlowTried is what came of it.
type FlowTried struct {
	State    map[string]any   `json:"state"`
	Said     []map[string]any `json:"said" doc:"The bot's messages, docs/schema/message.json."`
	Calls    []bot.TriedCall  `json:"calls" doc:"Calls that would have been made."`
	Commands []TriedCommand   `json:"commands" doc:"How the words were read."`
	Guesses  []TriedGuess     `json:"guesses" doc:"Which flows they may want, best first."`
	Ended    string           `json:"ended,omitempty" enum:"handover,ticket" doc:"Where the conversation went."`
	Outcomes []string         `json:"outcomes"`
	Troubles []string         `json:"troubles" doc:"What should not have happened."`
	Code     string           `json:"code,omitempty" doc:"The one-time code a customer would have been sent."`
}

// TriedCommand is one thing the words were read as.
type TriedCommand struct {
	Kind  string  `json:"kind"`
	Slot  string  `json:"slot,omitempty"`
	Type  string  `json:"type,omitempty"`
	Flow  string  `json:"flow,omitempty"`
	Value any     `json:"value,omitempty"`
	P     float64 `json:"p,omitempty"`
}

// TriedGuess is a flow the words may want.
type TriedGuess struct {
	Flow string  `json:"flow"`
	P    float64 `json:"p"`
}

func (s *Server) tryFlow(ctx context.Context, in *struct{ Body FlowTry }) (*struct{ Body FlowTried }, error) {
	trial := bot.FlowTrial{Text: in.Body.Text, Locale: in.Body.Locale, Minutes: in.Body.Minutes, Results: in.Body.Results}
	var err error
	if in.Body.Document != nil {
		if trial.Document, err = json.Marshal(in.Body.Document); err != nil {
			return nil, err
		}
	}
	if len(in.Body.State) > 0 {
		if trial.State, err = json.Marshal(in.Body.State); err != nil {
			return nil, err
		}
	}
	tried, err := s.ports.Flows.TryFlow(ctx, scopeOf(ctx), trial, s.now())
	if err != nil {
		return nil, err
	}
	shown := FlowTried{
		Calls: nonNil(tried.Calls), Ended: tried.Ended, Outcomes: nonNil(tried.Outcomes), Troubles: nonNil(tried.Troubles), Code: tried.Code,
		Said: []map[string]any{}, Commands: []TriedCommand{}, Guesses: []TriedGuess{},
	}
	for _, c := range tried.Commands {
		shown.Commands = append(shown.Commands, TriedCommand{string(c.Kind), c.Slot, c.Type, c.Flow, c.Value, c.P})
	}
	for _, g := range tried.Guesses {
		shown.Guesses = append(shown.Guesses, TriedGuess{g.Label, g.P})
	}
	for _, body := range tried.Said {
		raw, err := json.Marshal(body)
		if err != nil {
			return nil, err
		}
		shown.Said = append(shown.Said, object(raw))
	}
	shown.State = object(tried.State)
	return &struct{ Body FlowTried }{shown}, nil
}

// object reads JSON the desk itself has written.
func object(raw json.RawMessage) map[string]any {
	m := map[string]any{}
	if json.Unmarshal(raw, &m) != nil {
		return map[string]any{}
	}
	return m
}

func (s *Server) registerFlowVersions(tag string) {
	kept := s.ports.Flows
	add(s, op{id: "publish-flow", method: http.MethodPost, path: "/flows/{id}/publish", tag: tag, door: May(access.KnowledgeWrite), summary: "Have customers meet the draft; refused with its problems"},
		func(ctx context.Context, in *struct {
			Updates
			ID   ref[id.Flow] `path:"id"`
			Body struct {
				Note string `json:"note,omitempty" maxLength:"500" doc:"What changed."`
			}
		},
		) (*flowOutput, error) {
			version, err := in.version()
			if err != nil {
				return nil, err
			}
			f, _, err := kept.PublishFlow(ctx, scopeOf(ctx), in.ID.ID, version, in.Body.Note, s.now())
			return s.flowAnswer(ctx, f, nil, err)
		})
	add(s, op{id: "withdraw-flow", method: http.MethodPost, path: "/flows/{id}/withdraw", tag: tag, door: May(access.KnowledgeWrite), summary: "Have customers no longer meet a flow"},
		func(ctx context.Context, in *struct {
			Updates
			ID ref[id.Flow] `path:"id"`
		},
		) (*flowOutput, error) {
			version, err := in.version()
			if err != nil {
				return nil, err
			}
			f, err := kept.Withdraw(ctx, scopeOf(ctx), in.ID.ID, version, s.now())
			return s.flowAnswer(ctx, f, nil, err)
		})
	add(s, op{id: "list-flow-versions", method: http.MethodGet, path: "/flows/{id}/versions", tag: tag, door: May(access.KnowledgeRead), summary: "Published versions, the newest first, without their documents"},
		func(ctx context.Context, in *struct {
			Lists
			ID ref[id.Flow] `path:"id"`
		},
		) (*struct{ Body listed[FlowVersion] }, error) {
			request, err := in.page()
			if err != nil {
				return nil, err
			}
			found, err := kept.Versions(ctx, scopeOf(ctx), in.ID.ID, request)
			if err != nil {
				return nil, err
			}
			names, err := s.publishers(ctx, found.Items...)
			return &struct{ Body listed[FlowVersion] }{list(found, func(v bot.FlowVersion) FlowVersion { return shownVersion(v, names, false) })}, err
		})
	add(s, op{id: "get-flow-version", method: http.MethodGet, path: "/flows/{id}/versions/{number}", tag: tag, door: May(access.KnowledgeRead), summary: "A published version with its document"},
		func(ctx context.Context, in *struct {
			ID     ref[id.Flow] `path:"id"`
			Number int64        `path:"number" minimum:"1"`
		},
		) (*struct{ Body FlowVersion }, error) {
			v, err := kept.Version(ctx, scopeOf(ctx), in.ID.ID, in.Number)
			if err != nil {
				return nil, err
			}
			names, err := s.publishers(ctx, v)
			return &struct{ Body FlowVersion }{shownVersion(v, names, true)}, err
		})
	add(s, op{id: "roll-back-flow", method: http.MethodPost, path: "/flows/{id}/versions/{number}/publish", tag: tag, door: May(access.KnowledgeWrite), summary: "Have customers meet an earlier version again"},
		func(ctx context.Context, in *struct {
			ID     ref[id.Flow] `path:"id"`
			Number int64        `path:"number" minimum:"1"`
		},
		) (*flowOutput, error) {
			f, err := kept.RollBack(ctx, scopeOf(ctx), in.ID.ID, in.Number, s.now())
			return s.flowAnswer(ctx, f, nil, err)
		})
}

func (s *Server) flowAnswer(ctx context.Context, f bot.Flow, claim *commit.Claim, err error) (*flowOutput, error) {
	if err != nil {
		return nil, err
	}
	names, err := s.writers(ctx, f)
	return &flowOutput{etag(f.Version), replayed(claim), FlowDraft{shownFlow(f, names, nil), object(f.Draft)}}, err
}

// writers names who saved flows last.
func (s *Server) writers(ctx context.Context, flows ...bot.Flow) (map[id.Staff]string, error) {
	who := make([]id.Staff, 0, len(flows))
	for _, f := range flows {
		if f.UpdatedBy != 0 {
			who = append(who, f.UpdatedBy)
		}
	}
	return s.namesOf(ctx, who)
}

func (s *Server) publishers(ctx context.Context, versions ...bot.FlowVersion) (map[id.Staff]string, error) {
	who := make([]id.Staff, 0, len(versions))
	for _, v := range versions {
		if v.PublishedBy != 0 {
			who = append(who, v.PublishedBy)
		}
	}
	return s.namesOf(ctx, who)
}

func (s *Server) namesOf(ctx context.Context, who []id.Staff) (map[id.Staff]string, error) {
	if len(who) == 0 {
		return nil, nil
	}
	return s.ports.Members.Names(ctx, access.System(scopeOf(ctx).Workspace), who)
}

func personNamed(who id.Staff, names map[id.Staff]string) *Person {
	if name, ok := names[who]; ok {
		return &Person{ID: who.String(), Name: name}
	}
	return nil
}

func shownFlow(f bot.Flow, names map[id.Staff]string, outcomes map[string]map[string]int64) Flow {
	shown := Flow{
		ID: f.ID, Key: f.Key, Title: map[string]string(f.Title), Published: f.Published, Changed: f.Published > 0 && f.PublishedHash != f.DraftHash,
		Version: f.Version, CreatedAt: f.CreatedAt, UpdatedAt: f.UpdatedAt, UpdatedBy: personNamed(f.UpdatedBy, names), Outcomes: outcomes[f.Key],
	}
	if shown.Title == nil {
		shown.Title = map[string]string{}
	}
	if shown.Outcomes == nil {
		shown.Outcomes = map[string]int64{}
	}
	return shown
}

func shownVersion(v bot.FlowVersion, names map[id.Staff]string, whole bool) FlowVersion {
	shown := FlowVersion{Number: v.Number, Hash: v.Hash, Note: v.Note, PublishedAt: v.PublishedAt, PublishedBy: personNamed(v.PublishedBy, names)}
	if whole {
		shown.Document = object(v.Document)
	}
	return shown
}
