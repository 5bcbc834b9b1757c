package observe_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"everdesk/internal/observe"
	"everdesk/internal/store"
)

func TestTheLogHidesWhatIsSecret(t *testing.T) {
	for name, attr := range map[string]slog.Attr{
		"by its key":               slog.String("smtp_password", "hunter2"),
		"by its key, any type":     slog.Any("session_token", 12345),
		"a contact":                slog.String("email", "hunter2@example.test"),
		"an API key in a text":     slog.String("text", "used edk_hunter2hunter2 twice"),
		"a bearer header":          slog.String("header", "Bearer hunter2"),
		"a signed token":           slog.String("text", "got eyJhunter2hunter2.eyJhunter2.hunter2"),
		"a password in a URL":      slog.String("text", "dial postgres://desk:hunter2@db:5432/desk"),
		"a password in an error":   slog.Any("error", errors.New("dial postgres://desk:hunter2@db/desk: refused")),
		"inside a group of values": slog.Group("mail", slog.String("secret", "hunter2")),
	} {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			observe.NewLog(&out, slog.LevelInfo, true).Info("a thing happened", attr)
			if strings.Contains(out.String(), "hunter2") || !strings.Contains(out.String(), "[hidden]") {
				t.Errorf("logged %s", out.String())
			}
		})
	}
	var out bytes.Buffer
	observe.NewLog(&out, slog.LevelInfo, true).Info("a thing happened", "conversation", "cnv_abcdefgh", "took", time.Second)
	if !strings.Contains(out.String(), "cnv_abcdefgh") {
		t.Errorf("an id was hidden: %s", out.String())
	}
}

func scrape(t *testing.T, m *observe.Metrics) string {
	t.Helper()
	request := httptest.NewRequest(http.MethodGet, "/metrics", nil)
	request.RemoteAddr = "127.0.0.1:1234"
	recorder := httptest.NewRecorder()
	m.Handler("").ServeHTTP(recorder, request)
	return recorder.Body.String()
}

func TestRequestsAreCountedByRouteNotByPath(t *testing.T) {
	metrics := observe.NewMetrics("1.2.3")
	mux := http.NewServeMux()
	mux.HandleFunc("GET /tickets/{id}", func(w http.ResponseWriter, r *http.Request) {
		if r.PathValue("id") == "9" {
			w.WriteHeader(http.StatusNotFound)
		}
	})
	handler := metrics.Requests(mux, func(r *http.Request) string {
		_, pattern := mux.Handler(r)
		return pattern
	})
	for _, target := range []string{"/tickets/1", "/tickets/2", "/tickets/9", "/nowhere"} {
		handler.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, target, nil))
	}
	handler.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("BREW", "/tickets/1", nil))
	text := scrape(t, metrics)
	for _, want := range []string{
		`everdesk_http_request_seconds_count{method="GET",route="/tickets/{id}",status="200"} 2`,
		`everdesk_http_request_seconds_count{method="GET",route="/tickets/{id}",status="404"} 1`,
		`everdesk_http_request_seconds_count{method="GET",route="none",status="404"} 1`,
		`everdesk_http_request_seconds_count{method="other",route="none",status="405"} 1`,
		`everdesk_http_requests_running 0`,
		`everdesk_build_info{version="1.2.3"} 1`,
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %s in\n%s", want, text)
		}
	}
}

// A stream is measured when it begins, and a socket can still take the
// connection over.
func TestStreamsAndSocketsStillWork(t *testing.T) {
	metrics := observe.NewMetrics("dev")
	leave := make(chan struct{})
	mux := http.NewServeMux()
	mux.HandleFunc("GET /stream", func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, "data: 1\n\n")
		w.(http.Flusher).Flush()
		<-leave
	})
	mux.HandleFunc("GET /socket", func(w http.ResponseWriter, r *http.Request) {
		conn, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		_, _ = io.WriteString(conn, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n")
		conn.Close()
	})
	server := httptest.NewServer(metrics.Requests(mux, func(r *http.Request) string { return r.URL.Path }))
	defer server.Close()
	stream, err := http.Get(server.URL + "/stream")
	if err != nil {
		t.Fatal(err)
	}
	defer stream.Body.Close()
	socket, err := http.Get(server.URL + "/socket")
	if err != nil {
		t.Fatal(err)
	}
	defer socket.Body.Close()
	text := scrape(t, metrics)
	close(leave)
	for _, want := range []string{
		`everdesk_http_request_seconds_count{method="GET",route="/stream",status="200"} 1`,
		`everdesk_http_request_seconds_count{method="GET",route="/socket",status="101"} 1`,
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %s in\n%s", want, text)
		}
	}
}

func TestTheWritersFiguresAreShown(t *testing.T) {
	metrics := observe.NewMetrics("dev")
	metrics.Store("sqlite", func() store.Stats {
		return store.Stats{Batches: 2, Commands: 70, Queued: 5, LongestHold: 250 * time.Millisecond}
	})
	text := scrape(t, metrics)
	for _, want := range []string{
		`everdesk_store_commands_total{engine="sqlite"} 70`, `everdesk_store_queued{engine="sqlite"} 5`,
		`everdesk_store_longest_hold_seconds{engine="sqlite"} 0.25`,
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %s", want)
		}
	}
}

func TestMetricsAreForThisMachineOrTheToken(t *testing.T) {
	for name, c := range map[string]struct {
		from, header, value, token string
		want                       int
	}{
		"from this machine":                     {from: "127.0.0.1:9", want: 200},
		"from this machine over IPv6":           {from: "[::1]:9", want: 200},
		"passed on by a proxy on this machine":  {from: "127.0.0.1:9", header: "X-Forwarded-For", value: "203.0.113.5", want: 404},
		"from elsewhere":                        {from: "203.0.113.5:9", want: 404},
		"from elsewhere with the token":         {from: "203.0.113.5:9", header: "Authorization", value: "Bearer right", token: "right", want: 200},
		"from elsewhere with another token":     {from: "203.0.113.5:9", header: "Authorization", value: "Bearer wrong", token: "right", want: 404},
		"an empty token while there is none":    {from: "203.0.113.5:9", header: "Authorization", value: "Bearer ", want: 404},
		"through a proxy, but it has the token": {from: "127.0.0.1:9", header: "Authorization", value: "Bearer right", token: "right", want: 200},
	} {
		t.Run(name, func(t *testing.T) {
			request := httptest.NewRequest(http.MethodGet, "/metrics", nil)
			request.RemoteAddr = c.from
			if c.header != "" {
				request.Header.Set(c.header, c.value)
			}
			recorder := httptest.NewRecorder()
			observe.NewMetrics("dev").Handler(c.token).ServeHTTP(recorder, request)
			if recorder.Code != c.want {
				t.Errorf("answered %d, want %d", recorder.Code, c.want)
			}
		})
	}
}

func ready(t *testing.T, h *observe.Health) (int, string, map[string]string) {
	t.Helper()
	recorder := httptest.NewRecorder()
	h.Ready(recorder, httptest.NewRequest(http.MethodGet, "/readyz", nil))
	var state struct {
		Status string
		Checks map[string]string
	}
	if err := json.Unmarshal(recorder.Body.Bytes(), &state); err != nil {
		t.Fatal(err)
	}
	return recorder.Code, state.Status, state.Checks
}

func TestReadyMeansEveryDependencyWorksAndTheNodeStays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var broken error
		var out bytes.Buffer
		var hangs atomic.Bool
		health := observe.NewHealth(observe.NewLog(&out, slog.LevelInfo, true),
			observe.Check{Name: "store", Run: func(context.Context) error { return broken }},
			observe.Check{Name: "hub", Run: func(ctx context.Context) error {
				if hangs.Load() {
					<-ctx.Done()
				}
				return ctx.Err()
			}},
		)
		if code, status, checks := ready(t, health); code != 200 || status != "ok" || checks["store"] != "ok" {
			t.Errorf("a working node said %d %s %v", code, status, checks)
		}
		broken = errors.New("dial db: refused")
		for range 3 {
			if code, status, checks := ready(t, health); code != 503 || status != "failing" || checks["store"] != "failing" || checks["hub"] != "ok" {
				t.Errorf("a node without a store said %d %s %v", code, status, checks)
			}
		}
		if n := strings.Count(out.String(), "a dependency fails"); n != 1 {
			t.Errorf("one failure was logged %d times", n)
		}
		broken = nil
		hangs.Store(true)
		if code, _, checks := ready(t, health); code != 503 || checks["hub"] != "failing" || checks["store"] != "ok" {
			t.Errorf("a hanging hub gave %d %v", code, checks)
		}
		hangs.Store(false)
		health.Leave()
		if code, status, _ := ready(t, health); code != 503 || status != "leaving" {
			t.Errorf("a leaving node said %d %s", code, status)
		}
		recorder := httptest.NewRecorder()
		health.Live(recorder, nil)
		if recorder.Code != 200 {
			t.Errorf("a leaving node is still alive, but answered %d", recorder.Code)
		}
	})
}

// A request being answered when the node is told to stop gets its answer, a
// stream is ended, and only then does Serve return.
func TestANodeLeavesWithoutDroppingAnybody(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	began, finish, ends := make(chan struct{}, 2), make(chan struct{}), make(chan struct{})
	mux := http.NewServeMux()
	mux.HandleFunc("/slow", func(w http.ResponseWriter, r *http.Request) {
		began <- struct{}{}
		<-finish
		_, _ = io.WriteString(w, "whole")
	})
	mux.HandleFunc("/stream", func(w http.ResponseWriter, r *http.Request) {
		w.(http.Flusher).Flush()
		began <- struct{}{}
		<-ends
	})
	log := observe.NewLog(io.Discard, slog.LevelInfo, true)
	health := observe.NewHealth(log)
	ctx, stop := context.WithCancel(t.Context())
	served := make(chan error, 1)
	go func() {
		served <- observe.Serve(ctx, &http.Server{Handler: mux}, listener, health, log, observe.Leaving{
			Streams: func() { close(ends); close(finish) },
		})
	}()
	bodies := make(chan string, 2)
	for _, path := range []string{"/slow", "/stream"} {
		go func() {
			response, err := http.Get("http://" + listener.Addr().String() + path)
			if err != nil {
				bodies <- err.Error()
				return
			}
			defer response.Body.Close()
			body, err := io.ReadAll(response.Body)
			if err != nil {
				bodies <- err.Error()
				return
			}
			bodies <- string(body)
		}()
	}
	<-began
	<-began
	stop()
	if err := <-served; err != nil {
		t.Errorf("leaving: %v", err)
	}
	if got := (<-bodies) + (<-bodies); got != "whole" {
		t.Errorf("the requests got %q", got)
	}
	if code, status, _ := ready(t, health); code != 503 || status != "leaving" {
		t.Errorf("after leaving: %d %s", code, status)
	}
}

func TestASpareDependencyIsShownAndNotRequired(t *testing.T) {
	var databaseFails, redisFails error
	health := observe.NewHealth(slog.New(slog.DiscardHandler),
		observe.Check{Name: "database", Run: func(context.Context) error { return databaseFails }},
		observe.Check{Name: "redis", Run: func(context.Context) error { return redisFails }, Spare: true})
	for name, c := range map[string]struct {
		database, redis error
		code            int
		want            string
	}{
		"all works":          {nil, nil, http.StatusOK, `{"status":"ok","checks":{"database":"ok","redis":"ok"}}`},
		"the spare fails":    {nil, errors.New("gone"), http.StatusOK, `{"status":"degraded","checks":{"database":"ok","redis":"failing"}}`},
		"both fail":          {errors.New("gone"), errors.New("gone"), http.StatusServiceUnavailable, `{"status":"failing","checks":{"database":"failing","redis":"failing"}}`},
		"the required fails": {errors.New("gone"), nil, http.StatusServiceUnavailable, `{"status":"failing","checks":{"database":"failing","redis":"ok"}}`},
	} {
		t.Run(name, func(t *testing.T) {
			databaseFails, redisFails = c.database, c.redis
			answer := httptest.NewRecorder()
			health.Ready(answer, httptest.NewRequest(http.MethodGet, "/readyz", nil))
			if got := strings.TrimSpace(answer.Body.String()); answer.Code != c.code || got != c.want {
				t.Errorf("answered %d %s, want %d %s", answer.Code, got, c.code, c.want)
			}
		})
	}
}
