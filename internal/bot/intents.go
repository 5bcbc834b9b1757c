package bot

import (
	"context"
	"log/slog"
	"sync"

	"everdesk/internal/access"
	"everdesk/internal/bot/nlu"
	"everdesk/internal/id"
)

// Models is where intents are learnt.
type Models interface {
	// ActiveModel returns the model customers are understood with and its
	// number; zero for none. It is asked before every message and must be cheap.
	ActiveModel(ctx context.Context, scope access.Scope) (which id.Model, number int64, err error)
	// ModelBytes returns a model as it was stored.
	ModelBytes(ctx context.Context, scope access.Scope, which id.Model) ([]byte, error)
}

// Intents keeps the active models of this node in memory. A model is loaded when
// it is first asked, or when the news comes that it was activated, and swapped
// in whole. It is safe for any number of goroutines.
type Intents struct {
	models Models
	log    *slog.Logger

	mu     sync.Mutex
	loaded map[id.Workspace]*mind
	turn   int64
}

// A mind is a model in memory.
type mind struct {
	loading sync.Mutex // held while loading

	which  id.Model
	number int64
	model  *nlu.Model
	// asked is when, in turns, it was last asked.
	asked int64
}

// mostMinds is how many models a node holds: some megabytes each. Those asked
// longest ago make room.
const mostMinds = 64

// NewIntents returns intents over models.
func NewIntents(models Models, log *slog.Logger) *Intents {
	return &Intents{models: models, log: log, loaded: map[id.Workspace]*mind{}}
}

// Model returns the workspace's active model and its number; nil if it has none.
// For several questions of one turn it is asked once.
func (i *Intents) Model(ctx context.Context, scope access.Scope) (*nlu.Model, int64, error) {
	which, number, err := i.models.ActiveModel(ctx, scope)
	if err != nil || which == 0 {
		return nil, 0, err
	}
	m := i.mind(scope.Workspace)
	m.loading.Lock()
	defer m.loading.Unlock()
	if m.which != which {
		data, err := i.models.ModelBytes(ctx, scope, which)
		if err != nil {
			return nil, 0, err
		}
		model, err := nlu.Unmarshal(data)
		if err != nil {
			return nil, 0, err
		}
		m.which, m.number, m.model = which, number, model
		i.log.InfoContext(ctx, "a model was loaded", "workspace", scope.Workspace, "model", which, "number", number)
	}
	return m.model, m.number, nil
}

// mind is the workspace's place in memory.
func (i *Intents) mind(workspace id.Workspace) *mind {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.turn++
	m := i.loaded[workspace]
	if m == nil {
		if len(i.loaded) >= mostMinds {
			i.forget()
		}
		m = &mind{}
		i.loaded[workspace] = m
	}
	m.asked = i.turn
	return m
}

func (i *Intents) forget() {
	var oldest id.Workspace
	for workspace, m := range i.loaded {
		if oldest == 0 || m.asked < i.loaded[oldest].asked {
			oldest = workspace
		}
	}
	delete(i.loaded, oldest)
}

// Refresh loads a workspace's model anew if this node holds an older one: for
// the news of another, so that no customer waits for it.
func (i *Intents) Refresh(ctx context.Context, workspace id.Workspace) error {
	i.mu.Lock()
	held := i.loaded[workspace] != nil
	i.mu.Unlock()
	if !held {
		return nil
	}
	_, _, err := i.Model(ctx, access.System(workspace))
	return err
}

// Guess returns the likeliest intents of a text, best first, with calibrated
// probabilities, and the number of the model that says so. None means that the
// text is about something else, or, with number 0, that nothing was learnt yet.
// One model reads all of a workspace's languages, so locale only tells them
// apart in the log.
func (i *Intents) Guess(ctx context.Context, scope access.Scope, text, locale string) ([]nlu.Guess, int64, error) {
	model, number, err := i.Model(ctx, scope)
	if err != nil || model == nil {
		return nil, 0, err
	}
	guesses := model.Predict(text)
	i.log.DebugContext(ctx, "a message was read", "workspace", scope.Workspace, "number", number, "locale", locale, "guesses", len(guesses))
	return guesses, number, nil
}
