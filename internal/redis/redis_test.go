package redis_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"everdesk/internal/redis"
	"everdesk/internal/redis/redistest"
)

func open(t *testing.T, url string) *redis.Client {
	t.Helper()
	client, err := redis.Open(url, "test:", slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	return client
}

// eventually asks until the answer is yes.
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

func TestWhatIsPublishedIsHeardInOrderByEveryNode(t *testing.T) {
	server := redistest.Start(t)
	here, there := open(t, server.URL), open(t, server.URL)
	heard := make(chan string, 1000)
	there.Hear(t.Context(), "news", func(data []byte) { heard <- string(data) })
	eventually(t, "both connections", func() bool { return here.Up() && there.Up() })
	for i := range 500 {
		here.Publish("news", fmt.Append(nil, i))
		here.Publish("other", []byte("nobody listens"))
	}
	for i := range 500 {
		if got := <-heard; got != fmt.Sprint(i) {
			t.Fatalf("heard %s, want %d", got, i)
		}
	}
	there.Leave(t.Context(), "news")
	here.Publish("news", []byte("too late"))
	here.Publish("end", nil)
	ended := make(chan bool)
	there.Hear(t.Context(), "end", func([]byte) { close(ended) })
	here.Publish("end", nil)
	<-ended
	select {
	case got := <-heard:
		t.Errorf("heard %s after leaving", got)
	default:
	}
}

func TestAClientOutlivesItsRedis(t *testing.T) {
	server := redistest.Start(t)
	client := open(t, server.URL)
	heard := make(chan string, 10)
	client.Hear(t.Context(), "news", func(data []byte) { heard <- string(data) })
	eventually(t, "the connection", client.Up)

	server.Kill()
	eventually(t, "its loss", func() bool { return !client.Up() })
	lost := client.Lost()
	began := time.Now()
	client.Publish("news", []byte("into the void"))
	if _, known := client.Allow(t.Context(), "key", 1, 1); known {
		t.Error("a rate was known without Redis")
	}
	if took := time.Since(began); took > 50*time.Millisecond {
		t.Errorf("a lost Redis held its user up for %v", took)
	}
	if client.Lost() != lost+1 || client.Ping(t.Context()) == nil {
		t.Error("nobody was told that Redis is gone")
	}

	server.Run()
	eventually(t, "the connection after the restart", client.Up)
	client.Publish("news", []byte("back"))
	if got := <-heard; got != "back" {
		t.Errorf("heard %q, want what was said after the restart", got)
	}
}

// A server that hangs ends no connection. It is given up all the same.
func TestARedisThatHangsIsGivenUp(t *testing.T) {
	server := redistest.Start(t)
	client := open(t, server.URL)
	eventually(t, "the connection", client.Up)
	server.Freeze()
	began := time.Now()
	if _, known := client.Allow(t.Context(), "key", 1, 1); known {
		t.Error("a rate was known while Redis hung")
	}
	if took := time.Since(began); took > time.Second {
		t.Errorf("a hanging Redis held a request up for %v", took)
	}
	eventually(t, "its loss", func() bool { return !client.Up() })
	server.Thaw()
	eventually(t, "the connection", client.Up)
}

func TestADeskStartsWithoutItsRedis(t *testing.T) {
	server := redistest.Start(t)
	server.Kill()
	client := open(t, server.URL)
	heard := make(chan string, 10)
	client.Hear(t.Context(), "news", func(data []byte) { heard <- string(data) })
	server.Run()
	eventually(t, "the connection", client.Up)
	client.Publish("news", []byte("hello"))
	if got := <-heard; got != "hello" {
		t.Errorf("heard %q", got)
	}
}

func TestARateIsSharedByAllNodes(t *testing.T) {
	server := redistest.Start(t)
	nodes := []*redis.Client{open(t, server.URL), open(t, server.URL)}
	eventually(t, "both connections", func() bool { return nodes[0].Up() && nodes[1].Up() })
	allowed := 0
	for i := range 40 {
		// Almost nothing is gained while the test runs.
		yes, known := nodes[i%2].Allow(t.Context(), "somebody", 0.001, 10)
		if !known {
			t.Fatal("Redis did not answer")
		}
		if yes {
			allowed++
		}
	}
	if allowed != 10 {
		t.Errorf("%d were let through in all, want the burst of 10", allowed)
	}
	if yes, _ := nodes[1].Allow(t.Context(), "somebody else", 0.001, 10); !yes {
		t.Error("one name's rate is another's")
	}
	eventually(t, "a token at ten a second", func() bool {
		yes, _ := nodes[0].Allow(t.Context(), "quick", 10, 1)
		return yes
	})
	eventually(t, "the next token", func() bool {
		yes, _ := nodes[1].Allow(t.Context(), "quick", 10, 1)
		return yes
	})
}

func TestAnAddressThatCannotBeReadIsNotQuoted(t *testing.T) {
	for _, text := range []string{"secret", "http://user:secret@host", "redis://:secret@host:port:1/x/y"} {
		if _, err := redis.Open(text, "test:", slog.New(slog.DiscardHandler)); !errors.Is(err, redis.ErrURL) {
			t.Errorf("%q gave %v", text, err)
		}
	}
}
