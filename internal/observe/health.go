package observe

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// checkTime is how long a check may take before it counts as failed.
const checkTime = 2 * time.Second

// Check asks one dependency whether it works.
type Check struct {
	Name string
	Run  func(ctx context.Context) error
	// Spare is set for what the node works without, if less well: its failing is
	// shown and logged, and the node stays ready.
	Spare bool
}

// Health answers whether the node is alive and whether it should be given work.
// Alive means that the process answers; a broken dependency does not make it
// less alive, because restarting would not mend it. Ready means that every
// check that is not spare passes and the node is not leaving.
type Health struct {
	log     *slog.Logger
	checks  []Check
	leaving atomic.Bool

	mu      sync.Mutex
	failing map[string]bool
}

// NewHealth returns the health of a node that depends on what the checks ask.
func NewHealth(log *slog.Logger, checks ...Check) *Health {
	return &Health{log: log, checks: checks, failing: map[string]bool{}}
}

// Leave makes the node not ready for good: load balancers send nothing more.
func (h *Health) Leave() { h.leaving.Store(true) }

// Live answers /healthz.
func (h *Health) Live(w http.ResponseWriter, _ *http.Request) {
	respond(w, http.StatusOK, status{Status: "ok"})
}

// status is the body of both answers. Why a check fails is in the log: the
// answer is public.
type status struct {
	Status string            `json:"status"` // "ok", "degraded", "failing" or "leaving"
	Checks map[string]string `json:"checks,omitempty"`
}

// Ready answers /readyz with 200, or 503 and the names of what fails.
func (h *Health) Ready(w http.ResponseWriter, r *http.Request) {
	state := status{Status: "ok", Checks: map[string]string{}}
	code := http.StatusOK
	for i, err := range h.run(r.Context()) {
		name := h.checks[i].Name
		h.note(r.Context(), name, err)
		state.Checks[name] = "ok"
		switch {
		case err != nil && h.checks[i].Spare:
			if state.Checks[name] = "failing"; code == http.StatusOK {
				state.Status = "degraded"
			}
		case err != nil:
			state.Checks[name], state.Status, code = "failing", "failing", http.StatusServiceUnavailable
		}
	}
	if h.leaving.Load() {
		state.Status, code = "leaving", http.StatusServiceUnavailable
	}
	respond(w, code, state)
}

// run asks all dependencies at once. One that does not answer in time has
// failed, even if it ignores its context.
func (h *Health) run(ctx context.Context) []error {
	ctx, cancel := context.WithTimeout(ctx, checkTime)
	defer cancel()
	answers := make([]chan error, len(h.checks))
	for i, check := range h.checks {
		answers[i] = make(chan error, 1)
		go func() { answers[i] <- check.Run(ctx) }()
	}
	errs := make([]error, len(h.checks))
	for i := range errs {
		select {
		case errs[i] = <-answers[i]:
		case <-ctx.Done():
			select {
			case errs[i] = <-answers[i]: // it answered while another was waited for
			default:
				errs[i] = ctx.Err()
			}
		}
	}
	return errs
}

// note logs when a check begins or ceases to fail, not each time it is asked.
func (h *Health) note(ctx context.Context, name string, err error) {
	h.mu.Lock()
	changed := h.failing[name] != (err != nil)
	h.failing[name] = err != nil
	h.mu.Unlock()
	switch {
	case changed && err != nil:
		h.log.ErrorContext(ctx, "a dependency fails", "check", name, "error", err)
	case changed:
		h.log.InfoContext(ctx, "a dependency works again", "check", name)
	}
}

func respond(w http.ResponseWriter, code int, state status) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(code)
	// The prober may have gone; there is nobody left to tell.
	_ = json.NewEncoder(w).Encode(state)
}
