package realtime_test

import (
	"bufio"
	"context"
	"encoding/json"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"everdesk/internal/realtime"
)

// desk lets in whoever shows the token "good" and lets them hear "public".
type desk struct {
	here chan string
	gone chan string
}

func (d *desk) Connect(_ context.Context, shown realtime.Handshake) (realtime.Guest, error) {
	if shown.Token != "good" {
		return realtime.Guest{}, realtime.ErrRefused
	}
	return realtime.Guest{User: "stf_1", For: time.Hour, Channels: []string{"own"}, Present: true}, nil
}

func (d *desk) MayListen(_ context.Context, _ realtime.Guest, channel string) bool {
	return channel == "public"
}

func (d *desk) Here(_ context.Context, guests []realtime.Guest) {
	for _, guest := range guests {
		d.here <- guest.User
	}
}

func (d *desk) Gone(_ context.Context, guest realtime.Guest) { d.gone <- guest.User }

// stream opens an HTTP stream and returns its frames as they come.
func stream(t *testing.T, url, commands string, header http.Header) (frames chan map[string]json.RawMessage, status int, stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, url+"/live/stream", strings.NewReader(commands))
	if err != nil {
		t.Fatal(err)
	}
	maps.Copy(request.Header, header)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	frames = make(chan map[string]json.RawMessage, 100)
	go func() {
		defer close(frames)
		defer response.Body.Close()
		for lines := bufio.NewScanner(response.Body); lines.Scan(); {
			var frame map[string]json.RawMessage
			if json.Unmarshal(lines.Bytes(), &frame) == nil {
				frames <- frame
			}
		}
	}()
	return frames, response.StatusCode, cancel
}

func TestAGuestHearsTheirOwnAndWhatTheyMay(t *testing.T) {
	gate := &desk{here: make(chan string, 10), gone: make(chan string, 10)}
	hub, err := realtime.New(gate, realtime.Options{Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(hub.Handler("/live"))
	t.Cleanup(func() {
		if err := hub.Close(context.Background()); err != nil {
			t.Error(err)
		}
		server.Close()
	})
	frames, _, stop := stream(t, server.URL, `{"id":1,"connect":{"token":"good"}}`+"\n"+
		`{"id":2,"subscribe":{"channel":"public"}}`+"\n"+`{"id":3,"subscribe":{"channel":"secret"}}`, nil)
	if user := <-gate.here; user != "stf_1" {
		t.Errorf("%s is here", user)
	}
	answered := map[string]string{}
	for range 3 {
		frame := <-frames
		answered[string(frame["id"])] = string(frame["error"])
	}
	if answered["1"] != "" || answered["2"] != "" || !strings.Contains(answered["3"], "permission denied") {
		t.Errorf("answers: %v", answered)
	}
	hub.Publish(t.Context(), "own", map[string]int{"n": 1})
	hub.Publish(t.Context(), "secret", map[string]int{"n": 2})
	hub.Publish(t.Context(), "public", map[string]int{"n": 3})
	for _, want := range []string{`{"n":1}`, `{"n":3}`} {
		if push := string((<-frames)["push"]); !strings.Contains(push, want) {
			t.Errorf("heard %s, want %s", push, want)
		}
	}
	stop()
	if user := <-gate.gone; user != "stf_1" {
		t.Errorf("%s is gone", user)
	}
}

func TestStrangersAndOtherSitesAreRefused(t *testing.T) {
	gate := &desk{here: make(chan string, 10), gone: make(chan string, 10)}
	hub, err := realtime.New(gate, realtime.Options{Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(hub.Handler("/live"))
	t.Cleanup(func() {
		if err := hub.Close(context.Background()); err != nil {
			t.Error(err)
		}
		server.Close()
	})
	frames, _, stop := stream(t, server.URL, `{"id":1,"connect":{"token":"bad"}}`, nil)
	defer stop()
	if frame := <-frames; !strings.Contains(string(frame["push"])+string(frame["disconnect"]), "3500") {
		t.Errorf("a stranger was answered %v", frame)
	}
	for name, header := range map[string]http.Header{
		"a foreign origin":        {"Origin": {"https://evil.example"}},
		"a cross-site navigation": {"Sec-Fetch-Site": {"cross-site"}},
	} {
		t.Run(name, func(t *testing.T) {
			_, status, stop := stream(t, server.URL, `{"id":1,"connect":{"token":"good"}}`, header)
			defer stop()
			if status != http.StatusForbidden {
				t.Errorf("answered %d", status)
			}
		})
	}
}
