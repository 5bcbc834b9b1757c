// Package openai speaks the OpenAI-compatible interface that most providers of
// language models offer: chat completions as a stream, embeddings, and pictures
// in messages. It is a translation and a client; it decides nothing.
package openai

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"

	"everdesk/internal/ai"
	"everdesk/internal/fault"
)

const (
	// mostAnswer is how much of an answer is read, in bytes, mostText how much
	// text a model may write.
	mostAnswer = 4 << 20
	mostText   = 64 << 10
	// mostTexts is how many texts are embedded in one call.
	mostTexts     = 96
	defaultTokens = 600
)

// Client asks one workspace's provider.
type Client struct {
	settings ai.Settings
	client   *http.Client
}

var _ ai.Provider = (*Client)(nil)

// New returns a client for checked settings. The HTTP client is
// outbound.Guard's, so that nothing inside the operator's network is reached.
func New(settings ai.Settings, client *http.Client) *Client {
	own := *client
	// A redirect would carry the key and the question to a place nobody has
	// configured.
	own.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &Client{settings, &own}
}

type message struct {
	Role    ai.Role `json:"role"`
	Content any     `json:"content"`
}

type part struct {
	Type     string    `json:"type"`
	Text     string    `json:"text,omitempty"`
	ImageURL *imageURL `json:"image_url,omitempty"`
}

type imageURL struct {
	URL string `json:"url"`
}

type completion struct {
	Model          string         `json:"model"`
	Messages       []message      `json:"messages"`
	MaxTokens      int            `json:"max_tokens"`
	Temperature    float64        `json:"temperature"`
	Stream         bool           `json:"stream"`
	StreamOptions  map[string]any `json:"stream_options,omitempty"`
	ResponseFormat map[string]any `json:"response_format,omitempty"`
}

type usage struct {
	PromptTokens     int `json:"prompt_tokens"`
	CompletionTokens int `json:"completion_tokens"`
}

func messages(all []ai.Message) []message {
	var out []message
	for _, m := range all {
		if len(m.Images) == 0 {
			out = append(out, message{m.Role, m.Text})
			continue
		}
		parts := []part{{Type: "text", Text: m.Text}}
		for _, image := range m.Images {
			parts = append(parts, part{Type: "image_url", ImageURL: &imageURL{"data:" + image.Type + ";base64," + base64.StdEncoding.EncodeToString(image.Data)}})
		}
		out = append(out, message{m.Role, parts})
	}
	return out
}

// Chat streams an answer and returns it whole.
func (c *Client) Chat(ctx context.Context, request ai.Request, onText func(string) error) (ai.Reply, error) {
	return c.complete(ctx, c.settings.Model, request, onText)
}

// See asks the vision model about a picture.
func (c *Client) See(ctx context.Context, image ai.Image, prompt string) (ai.Reply, error) {
	if c.settings.VisionModel == "" {
		return ai.Reply{}, ai.ErrNotConfigured
	}
	return c.complete(ctx, c.settings.VisionModel, ai.Request{Messages: []ai.Message{{Role: ai.User, Text: prompt, Images: []ai.Image{image}}}}, nil)
}

func (c *Client) complete(ctx context.Context, model string, request ai.Request, onText func(string) error) (ai.Reply, error) {
	body := completion{
		Model: model, Messages: messages(request.Messages), MaxTokens: request.MostTokens, Stream: true,
		StreamOptions: map[string]any{"include_usage": true},
	}
	if body.MaxTokens <= 0 {
		body.MaxTokens = defaultTokens
	}
	if request.JSON {
		body.ResponseFormat = map[string]any{"type": "json_object"}
	}
	response, err := c.post(ctx, "/chat/completions", body)
	if err != nil {
		return ai.Reply{}, err
	}
	defer response.Body.Close()
	limited := io.LimitReader(response.Body, mostAnswer)
	var reply ai.Reply
	// Some providers answer whole what was asked for as a stream.
	if strings.HasPrefix(response.Header.Get("Content-Type"), "application/json") {
		reply, err = whole(limited, onText)
	} else {
		reply, err = streamed(limited, onText)
	}
	if err == nil && reply.Usage == (ai.Usage{}) {
		reply.Usage = estimate(request, reply.Text)
	}
	return reply, err
}

// estimate counts tokens where the provider does not: about one for three bytes.
func estimate(request ai.Request, answer string) ai.Usage {
	n := 0
	for _, m := range request.Messages {
		n += len(m.Text)
	}
	return ai.Usage{Prompt: n/3 + 1, Completion: len(answer)/3 + 1}
}

func whole(body io.Reader, onText func(string) error) (ai.Reply, error) {
	var answer struct {
		Choices []struct {
			Message struct {
				Content string `json:"content"`
			} `json:"message"`
		} `json:"choices"`
		Usage usage `json:"usage"`
	}
	if err := json.NewDecoder(body).Decode(&answer); err != nil {
		return ai.Reply{}, ai.ErrGarbled.Because(err)
	}
	if len(answer.Choices) == 0 || len(answer.Choices[0].Message.Content) > mostText {
		return ai.Reply{}, ai.ErrGarbled.Because(errors.New("no choices, or too long"))
	}
	text := answer.Choices[0].Message.Content
	if onText != nil {
		if err := onText(text); err != nil {
			return ai.Reply{}, err
		}
	}
	return ai.Reply{Text: text, Usage: ai.Usage{Prompt: answer.Usage.PromptTokens, Completion: answer.Usage.CompletionTokens}}, nil
}

// Embed turns texts into vectors.
func (c *Client) Embed(ctx context.Context, texts []string) (vectors [][]float32, spent ai.Usage, err error) {
	if c.settings.EmbeddingModel == "" {
		return nil, spent, ai.ErrNotConfigured
	}
	for start := 0; start < len(texts); start += mostTexts {
		batch := texts[start:min(len(texts), start+mostTexts)]
		found, cost, err := c.embed(ctx, batch)
		if err != nil {
			return nil, spent, err
		}
		if len(vectors) > 0 && len(found[0]) != len(vectors[0]) {
			return nil, spent, ai.ErrGarbled.Because(errors.New("vectors of different lengths"))
		}
		vectors, spent.Prompt = append(vectors, found...), spent.Prompt+cost
	}
	return vectors, spent, nil
}

func (c *Client) embed(ctx context.Context, texts []string) (vectors [][]float32, cost int, err error) {
	response, err := c.post(ctx, "/embeddings", map[string]any{"model": c.settings.EmbeddingModel, "input": texts, "encoding_format": "float"})
	if err != nil {
		return nil, 0, err
	}
	defer response.Body.Close()
	var answer struct {
		Data []struct {
			Index     int       `json:"index"`
			Embedding []float32 `json:"embedding"`
		} `json:"data"`
		Usage usage `json:"usage"`
	}
	if err := json.NewDecoder(io.LimitReader(response.Body, mostAnswer)).Decode(&answer); err != nil {
		return nil, 0, ai.ErrGarbled.Because(err)
	}
	vectors = make([][]float32, len(texts))
	for _, d := range answer.Data {
		if d.Index < 0 || d.Index >= len(texts) || vectors[d.Index] != nil {
			return nil, 0, ai.ErrGarbled.Because(errors.New("a vector for no text"))
		}
		vectors[d.Index] = d.Embedding
	}
	for _, v := range vectors {
		if len(v) == 0 || len(v) != len(vectors[0]) {
			return nil, 0, ai.ErrGarbled.Because(errors.New("vectors missing, or of different lengths"))
		}
	}
	return vectors, answer.Usage.PromptTokens, nil
}

// post sends a request and returns its answer if it is a good one.
func (c *Client) post(ctx context.Context, path string, body any) (*http.Response, error) {
	raw, err := json.Marshal(body)
	if err != nil {
		return nil, ai.ErrInvalid.Because(err)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, strings.TrimSuffix(c.settings.URL, "/")+path, bytes.NewReader(raw))
	if err != nil {
		return nil, ai.ErrInvalid.Because(err)
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Accept", "text/event-stream, application/json")
	request.Header.Set("User-Agent", "Everdesk")
	if c.settings.Key != "" {
		request.Header.Set("Authorization", "Bearer "+c.settings.Key)
	}
	response, err := c.client.Do(request)
	if err != nil {
		if blocked := fault.Of(err); blocked != nil {
			return nil, blocked
		}
		return nil, ai.ErrUnavailable.Because(err)
	}
	if response.StatusCode >= 200 && response.StatusCode < 300 {
		return response, nil
	}
	// What a provider says of an error may hold the question: it is read for
	// the connection's sake and not kept.
	_, _ = io.Copy(io.Discard, io.LimitReader(response.Body, 64<<10))
	response.Body.Close()
	return nil, refusal(response.StatusCode)
}

func refusal(status int) error {
	because := errors.New("the provider answered " + http.StatusText(status))
	switch {
	case status == http.StatusUnauthorized, status == http.StatusForbidden, status == http.StatusNotFound, status == http.StatusBadRequest:
		return ai.ErrRefused.Because(because)
	case status == http.StatusTooManyRequests, status >= 500:
		return ai.ErrUnavailable.Because(because)
	}
	return ai.ErrGarbled.Because(because)
}
