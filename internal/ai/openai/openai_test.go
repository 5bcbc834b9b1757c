package openai_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"everdesk/internal/ai"
	"everdesk/internal/ai/openai"
	"everdesk/internal/ai/openaitest"
)

const key = "sk-swordfish-swordfish"

func client(t *testing.T, answer string) (*openaitest.Server, *openai.Client) {
	t.Helper()
	server := openaitest.New(func(string) string { return answer })
	t.Cleanup(server.Close)
	return server, openai.New(ai.Settings{URL: server.URL + "/v1/", Model: "talker", EmbeddingModel: "embedder", VisionModel: "seer", Key: key}, server.Client())
}

var question = ai.Request{Messages: []ai.Message{{Role: ai.System, Text: "Answer."}, {Role: ai.User, Text: "多久能到？"}}, JSON: true}

func TestAnAnswerComesInPiecesAndWhole(t *testing.T) {
	for _, mode := range []openaitest.Mode{openaitest.Healthy, openaitest.Unstreamed} {
		server, c := client(t, "一般三到五天送达，偏远地区久一些。")
		server.Be(mode)
		var heard strings.Builder
		reply, err := c.Chat(t.Context(), question, func(piece string) error { heard.WriteString(piece); return nil })
		if err != nil || reply.Text != "一般三到五天送达，偏远地区久一些。" || heard.String() != reply.Text || reply.Usage.Total() != 120 {
			t.Errorf("%s: %+v, heard %q, %v", mode, reply, heard.String(), err)
		}
		if server.Paths()[0] != "/v1/chat/completions" || server.Keys()[0] != "Bearer "+key || !strings.Contains(server.Bodies()[0], `"model":"talker"`) {
			t.Errorf("%s: asked %v with %v", mode, server.Paths(), server.Bodies())
		}
	}
}

func TestAFailingProviderIsToldFromAnAnsweringOne(t *testing.T) {
	for mode, want := range map[openaitest.Mode]error{
		openaitest.Down: ai.ErrUnavailable, openaitest.Slow: ai.ErrUnavailable, openaitest.Garbage: ai.ErrGarbled, openaitest.Half: ai.ErrGarbled,
		openaitest.Dripping: ai.ErrUnavailable, openaitest.Endless: ai.ErrGarbled, openaitest.Forbidden: ai.ErrRefused,
	} {
		t.Run(string(mode), func(t *testing.T) {
			server, c := client(t, strings.Repeat("a long answer ", 20))
			server.Be(mode)
			ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
			defer cancel()
			reply, err := c.Chat(ctx, question, nil)
			if !errors.Is(err, want) || reply.Text != "" {
				t.Errorf("%+v, %v", reply, err)
			}
		})
	}
}

func TestWhoListensMayEndAnAnswer(t *testing.T) {
	_, c := client(t, strings.Repeat("a long answer ", 20))
	enough := errors.New("enough")
	if _, err := c.Chat(t.Context(), question, func(string) error { return enough }); !errors.Is(err, enough) {
		t.Errorf("%v", err)
	}
}

func TestARedirectIsNotFollowed(t *testing.T) {
	other := openaitest.New(func(string) string { return "mine" })
	defer other.Close()
	front := openaitest.New(func(string) string { return "" })
	defer front.Close()
	front.Config.Handler = http.RedirectHandler(other.URL, http.StatusTemporaryRedirect)
	c := openai.New(ai.Settings{URL: front.URL, Model: "m", Key: key}, front.Client())
	if _, err := c.Chat(t.Context(), question, nil); !errors.Is(err, ai.ErrGarbled) || len(other.Bodies()) != 0 {
		t.Errorf("%v; the other got %v", err, other.Bodies())
	}
}

func TestTextsBecomeVectorsInTheirOrder(t *testing.T) {
	_, c := client(t, "")
	texts := make([]string, 200)
	for i := range texts {
		texts[i] = strings.Repeat("x", i+1)
	}
	vectors, spent, err := c.Embed(t.Context(), texts)
	if err != nil || len(vectors) != 200 || vectors[199][0] != 200 || spent.Prompt != 21 {
		t.Errorf("%d vectors, %+v, %v", len(vectors), spent, err)
	}
}

func TestAPictureGoesWithItsQuestion(t *testing.T) {
	server, c := client(t, "a broken cup")
	reply, err := c.See(t.Context(), ai.Image{Type: "image/png", Data: []byte{1, 2, 3}}, "What is this?")
	if err != nil || reply.Text != "a broken cup" || !strings.Contains(server.Bodies()[0], "data:image/png;base64,AQID") || !strings.Contains(server.Bodies()[0], `"model":"seer"`) {
		t.Errorf("%+v, %v: %v", reply, err, server.Bodies())
	}
}

func TestWhatIsNotConfiguredIsNotAsked(t *testing.T) {
	server, _ := client(t, "")
	c := openai.New(ai.Settings{URL: server.URL, Model: "m"}, server.Client())
	if _, _, err := c.Embed(t.Context(), []string{"a"}); !errors.Is(err, ai.ErrNotConfigured) {
		t.Error(err)
	}
	if _, err := c.See(t.Context(), ai.Image{}, ""); !errors.Is(err, ai.ErrNotConfigured) || len(server.Bodies()) != 0 {
		t.Error(err)
	}
}
