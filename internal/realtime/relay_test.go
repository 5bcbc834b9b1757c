package realtime_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"everdesk/internal/realtime"
	"everdesk/internal/redis"
	"everdesk/internal/redis/redistest"
)

// place is a hub and where it answers.
type place struct {
	*realtime.Hub
	gate  *desk
	redis *redis.Client
	url   string
}

func node(t *testing.T, name, url string) place {
	t.Helper()
	log := slog.New(slog.DiscardHandler)
	client, err := redis.Open(url, "test:", log)
	if err != nil {
		t.Fatal(err)
	}
	p := place{gate: &desk{here: make(chan string, 100), gone: make(chan string, 100)}, redis: client}
	if p.Hub, err = realtime.New(p.gate, realtime.Options{Log: log, Redis: client, Node: name}); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(p.Handler("/live"))
	p.url = server.URL
	t.Cleanup(func() {
		if err := p.Close(context.Background()); err != nil {
			t.Error(err)
		}
		client.Close()
		server.Close()
	})
	return p
}

func eventually(t *testing.T, what string, yes func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 15*time.Second)
	defer cancel()
	again := time.NewTicker(5 * time.Millisecond)
	defer again.Stop()
	for !yes() {
		select {
		case <-ctx.Done():
			t.Fatalf("%s did not come to be", what)
		case <-again.C:
		}
	}
}

const hello = `{"id":1,"connect":{"token":"good"}}`

// heard reads frames until one has the text.
func heard(t *testing.T, frames chan map[string]json.RawMessage, text string) {
	t.Helper()
	limit := time.NewTimer(10 * time.Second)
	defer limit.Stop()
	for {
		select {
		case frame, open := <-frames:
			if !open {
				t.Fatalf("the stream ended before %s came", text)
			}
			if strings.Contains(string(frame["push"]), text) {
				return
			}
		case <-limit.C:
			t.Fatalf("%s never came", text)
		}
	}
}

func TestAHintReachesConnectionsOfEveryNodeOnceAndOutlivesRedis(t *testing.T) {
	server := redistest.Start(t)
	a, b := node(t, "a", server.URL), node(t, "b", server.URL)
	eventually(t, "both connections to redis", func() bool { return a.redis.Up() && b.redis.Up() })
	atA, _, stopA := stream(t, a.url, hello, nil)
	defer stopA()
	atB, _, stopB := stream(t, b.url, hello, nil)
	defer stopB()
	<-atA
	<-atB
	a.Publish(t.Context(), "own", map[string]int{"n": 1})
	b.Publish(t.Context(), "own", map[string]int{"n": 2})
	for _, frames := range []chan map[string]json.RawMessage{atA, atB} {
		seen := map[string]int{}
		for range 2 {
			seen[string((<-frames)["push"])]++
		}
		if len(seen) != 2 {
			t.Errorf("heard %v, want each once", seen)
		}
	}

	server.Kill()
	eventually(t, "the loss of redis", func() bool { return !a.redis.Up() && !b.redis.Up() })
	a.Publish(t.Context(), "own", map[string]int{"n": 3})
	heard(t, atA, `{"n":3}`)
	newcomer, _, stopNew := stream(t, b.url, hello, nil)
	defer stopNew()
	if first := <-newcomer; string(first["connect"]) == "" {
		t.Errorf("without redis a newcomer was answered %v", first)
	}

	server.Run()
	eventually(t, "both connections after the restart", func() bool { return a.redis.Up() && b.redis.Up() })
	a.Publish(t.Context(), "own", map[string]int{"n": 4})
	heard(t, atB, `{"n":4}`)
	heard(t, newcomer, `{"n":4}`)
}

func TestEveryNodeKnowsWhoIsOnlineAtAnyOther(t *testing.T) {
	server := redistest.Start(t)
	a, b := node(t, "a", server.URL), node(t, "b", server.URL)
	eventually(t, "both connections to redis", func() bool { return a.redis.Up() && b.redis.Up() })
	_, _, first := stream(t, a.url, hello, nil)
	_, _, second := stream(t, a.url, hello, nil)
	eventually(t, "stf_1 at the other node", func() bool { return b.Online("stf_1") })
	if b.Online("stf_2") {
		t.Error("somebody is online who never came")
	}
	first()
	eventually(t, "the end of one of two connections", func() bool { return a.Connections() == 1 })
	if !b.Online("stf_1") {
		t.Error("the end of one page was taken for the end of all")
	}

	// What is told while Redis is away is made up for afterwards.
	server.Kill()
	eventually(t, "the loss of redis", func() bool { return !a.redis.Up() })
	second()
	eventually(t, "the end of the last connection", func() bool { return !a.Online("stf_1") })
	server.Run()
	eventually(t, "stf_1 gone at the other node too", func() bool { return !b.Online("stf_1") })
	if heard := b.Heard(time.Minute); !heard["a"] || len(heard) != 1 {
		t.Errorf("b hears %v, want a", heard)
	}
}

// A stream's client speaks by POST, which a balancer may hand to another node.
func TestWhatAStreamsClientSaysFindsItsStream(t *testing.T) {
	server := redistest.Start(t)
	a, b := node(t, "a", server.URL), node(t, "b", server.URL)
	eventually(t, "both connections to redis", func() bool { return a.redis.Up() && b.redis.Up() })
	frames, _, stop := stream(t, a.url, hello, nil)
	defer stop()
	var connected struct {
		Session, Node string
	}
	if err := json.Unmarshal((<-frames)["connect"], &connected); err != nil {
		t.Fatal(err)
	}
	command := fmt.Sprintf(`{"session":%q,"node":%q,"data":%q}`, connected.Session, connected.Node, `{"id":2,"subscribe":{"channel":"public"}}`)
	// Hubs hear of each other within three seconds.
	eventually(t, "the way to the other node", func() bool {
		answer, err := http.Post(b.url+"/live/emulation", "application/json", strings.NewReader(command))
		return err == nil && answer.Body.Close() == nil && answer.StatusCode == 204
	})
	if answer := <-frames; string(answer["id"]) != "2" || string(answer["error"]) != "" {
		t.Errorf("the stream answered %v", answer)
	}
}

func TestConnectionsAreToldToLeaveEvenlyAndNewOnesAreRefused(t *testing.T) {
	gate := &desk{here: make(chan string, 100), gone: make(chan string, 100)}
	hub, err := realtime.New(gate, realtime.Options{Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(hub.Handler("/live"))
	t.Cleanup(func() {
		hub.Close(context.Background())
		server.Close()
	})
	const connections = 20
	ends := make(chan time.Time, connections)
	for range connections {
		frames, _, stop := stream(t, server.URL, hello, nil)
		t.Cleanup(stop)
		<-frames
		go func() {
			heard := false
			for frame := range frames {
				heard = heard || strings.Contains(string(frame["push"]), `"code":3011`)
			}
			if !heard {
				t.Error("a connection ended without being told to come back")
			}
			ends <- time.Now()
		}()
	}
	began := time.Now()
	hub.Leave(t.Context(), 500*time.Millisecond)
	var early int
	for range connections {
		if (<-ends).Sub(began) < 250*time.Millisecond {
			early++
		}
	}
	if early < 4 || early > 16 {
		t.Errorf("%d of %d left in the first half", early, connections)
	}
	frames, _, stop := stream(t, server.URL, hello, nil)
	defer stop()
	if frame := <-frames; !strings.Contains(string(frame["push"]), "3001") {
		t.Errorf("a newcomer was answered %v", frame)
	}
}
