// Package openaitest is a provider of language models to test against, written
// from the published interface: chat completions as a stream or whole,
// embeddings, and the ways in which providers fail.
package openaitest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"time"
	"unicode/utf8"
)

// Mode is how the provider behaves.
type Mode string

// The modes.
const (
	Healthy Mode = "healthy"
	// Down answers 503.
	Down Mode = "down"
	// Slow begins to answer when the caller has gone.
	Slow Mode = "slow"
	// Garbage answers with what is no JSON.
	Garbage Mode = "garbage"
	// Half breaks the stream off in the middle.
	Half Mode = "half"
	// Dripping sends a piece at a time, slower than anybody waits.
	Dripping Mode = "dripping"
	// Unstreamed answers whole, as some providers do.
	Unstreamed Mode = "unstreamed"
	// Endless never stops talking.
	Endless Mode = "endless"
	// Forbidden takes no key.
	Forbidden Mode = "forbidden"
)

// Server is a provider.
type Server struct {
	*httptest.Server

	mu     sync.Mutex
	mode   Mode
	answer func(prompt string) string
	bodies []string
	paths  []string
	keys   []string
}

// New starts a provider that answers with what answer makes of the whole text
// of a prompt.
func New(answer func(prompt string) string) *Server {
	s := &Server{mode: Healthy, answer: answer}
	s.Server = httptest.NewServer(s)
	return s
}

// Be changes how it behaves.
func (s *Server) Be(mode Mode) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mode = mode
}

// Answer changes what it says.
func (s *Server) Answer(answer func(prompt string) string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answer = answer
}

// Bodies are the requests it got, Paths where to, Keys with which authorization.
func (s *Server) Bodies() []string { return s.copy(&s.bodies) }

// Paths are where the requests went.
func (s *Server) Paths() []string { return s.copy(&s.paths) }

// Keys are what the requests were authorized with.
func (s *Server) Keys() []string { return s.copy(&s.keys) }

func (s *Server) copy(of *[]string) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string{}, *of...)
}

type asked struct {
	Model    string `json:"model"`
	Stream   bool   `json:"stream"`
	Messages []struct {
		Role    string          `json:"role"`
		Content json.RawMessage `json:"content"`
	} `json:"messages"`
	Input []string `json:"input"`
}

// ServeHTTP answers a request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var body json.RawMessage
	var question asked
	if json.NewDecoder(r.Body).Decode(&body) != nil || json.Unmarshal(body, &question) != nil {
		http.Error(w, `{"error":{"message":"no JSON"}}`, http.StatusBadRequest)
		return
	}
	s.mu.Lock()
	s.bodies, s.paths, s.keys = append(s.bodies, string(body)), append(s.paths, r.URL.Path), append(s.keys, r.Header.Get("Authorization"))
	mode, answer := s.mode, s.answer
	s.mu.Unlock()
	switch mode {
	case Down:
		http.Error(w, `{"error":{"message":"overloaded"}}`, http.StatusServiceUnavailable)
		return
	case Forbidden:
		http.Error(w, `{"error":{"message":"no such key"}}`, http.StatusUnauthorized)
		return
	case Garbage:
		w.Header().Set("Content-Type", "text/event-stream")
		fmt.Fprint(w, "data: <html>502 Bad Gateway</html>\n\n")
		return
	case Slow:
		<-r.Context().Done()
		return
	}
	if strings.HasSuffix(r.URL.Path, "/embeddings") {
		embed(w, question)
		return
	}
	var prompt strings.Builder
	for _, m := range question.Messages {
		prompt.Write(m.Content)
		prompt.WriteByte('\n')
	}
	text := answer(prompt.String())
	if mode == Unstreamed || !question.Stream {
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(map[string]any{
			"choices": []any{map[string]any{"message": map[string]any{"role": "assistant", "content": text}, "finish_reason": "stop"}},
			"usage":   map[string]any{"prompt_tokens": 90, "completion_tokens": 30},
		})
		return
	}
	stream(w, r, mode, text)
}

func stream(w http.ResponseWriter, r *http.Request, mode Mode, text string) {
	w.Header().Set("Content-Type", "text/event-stream")
	flush := http.NewResponseController(w)
	pieces := cut(text, 12)
	send := func(event any) {
		raw, err := json.Marshal(event)
		if err != nil {
			return
		}
		fmt.Fprintf(w, "data: %s\n\n", raw)
		_ = flush.Flush()
	}
	for i, piece := range pieces {
		if mode == Half && i == (len(pieces)+1)/2 {
			return
		}
		send(map[string]any{"choices": []any{map[string]any{"index": 0, "delta": map[string]any{"content": piece}}}})
		if mode == Dripping {
			select {
			case <-r.Context().Done():
				return
			case <-time.After(5 * time.Second):
			}
		}
	}
	for mode == Endless && r.Context().Err() == nil {
		send(map[string]any{"choices": []any{map[string]any{"index": 0, "delta": map[string]any{"content": strings.Repeat("and on ", 500)}}}})
	}
	if mode == Half {
		return
	}
	send(map[string]any{"choices": []any{map[string]any{"index": 0, "delta": map[string]any{}, "finish_reason": "stop"}}})
	send(map[string]any{"choices": []any{}, "usage": map[string]any{"prompt_tokens": 90, "completion_tokens": 30}})
	fmt.Fprint(w, "data: [DONE]\n\n")
}

// cut splits a text into pieces of about n bytes at the borders of letters.
func cut(text string, n int) (all []string) {
	for len(text) > n {
		end := n
		for end < len(text) && !utf8.RuneStart(text[end]) {
			end++
		}
		all, text = append(all, text[:end]), text[end:]
	}
	return append(all, text)
}

func embed(w http.ResponseWriter, question asked) {
	var data []any
	for i, text := range question.Input {
		data = append(data, map[string]any{"index": i, "embedding": []float32{float32(len(text)), 1, 0}})
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]any{"data": data, "usage": map[string]any{"prompt_tokens": 7}})
}
