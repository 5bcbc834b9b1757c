package bench

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"sync"
	"time"
)

// BacklogResult is what question a desk with a backlog prints.
type BacklogResult struct {
	Bench         string  `json:"bench"`
	Engine        string  `json:"engine"`
	Conversations int     `json:"conversations"`
	Messages      int     `json:"messages"`
	FillSeconds   float64 `json:"fill_seconds,omitempty"`
	PerSecond     float64 `json:"per_second"`
	// P50 is the median of all requests by one client, P99 the worst of the kinds.
	P50          float64 `json:"p50_ms"`
	P99          float64 `json:"p99_ms"`
	Errors       int     `json:"errors"`
	Acknowledged int     `json:"acknowledged"`
	Lost         int     `json:"lost"`
	Doubled      int     `json:"doubled"`
	RSS          float64 `json:"rss_mib"`
	Kinds        []Asked `json:"kinds"`
}

// Asked is one kind of request.
type Asked struct {
	Name      string  `json:"name"`
	Clients   int     `json:"clients"`
	Requests  int     `json:"requests"`
	PerSecond float64 `json:"per_second"`
	P50       float64 `json:"p50_ms"`
	P99       float64 `json:"p99_ms"`
	// Items is how many rows an answer has.
	Items int `json:"items"`
}

// Failed reports whether the run shows a fault of the desk, not of speed.
func (r BacklogResult) Failed() bool { return r.Lost > 0 || r.Doubled > 0 || r.Errors > 0 }

// Write prints the result as one JSON object.
func (r BacklogResult) Write(w io.Writer) error {
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	return encoder.Encode(r)
}

// question is one kind of request to be measured.
type question struct {
	name    string
	path    string
	headers string
	clients int
}

// answered is as much of a list as is looked at.
type answered struct {
	Items []struct {
		ID           string              `json:"id"`
		Conversation struct{ ID string } `json:"conversation"`
	} `json:"items"`
	Next string `json:"next_cursor"`
}

// key are the headers of the program that sees everything.
func (b *backlog) keyHeaders() string { return "Authorization: Bearer " + b.key + "\r\n" }

// ask measures all kinds, one after another.
func (b *backlog) ask(ctx context.Context, options Backlog, name string, kinds []question) (BacklogResult, error) {
	result := BacklogResult{
		Bench: name, Engine: engineName(options.Options), Conversations: b.Conversations, Messages: b.Messages, FillSeconds: b.filled.Seconds(),
	}
	var took []time.Duration
	from := time.Now()
	for _, kind := range kinds {
		kind.clients = max(kind.clients, 1)
		done, items, err := b.askOne(ctx, kind, options.For)
		if err != nil {
			return result, err
		}
		one := Asked{
			Name: kind.name, Clients: kind.clients, Requests: len(done.took), PerSecond: done.perSecond(),
			P50: done.quantile(.5), P99: done.quantile(.99), Items: items,
		}
		options.say("%-24s %d clients  p50 %7.2f ms  p99 %7.2f ms  %d items", one.Name, one.Clients, one.P50, one.P99, one.Items)
		result.Kinds = append(result.Kinds, one)
		result.Errors += done.failed
		result.Acknowledged += len(done.took)
		if kind.clients == 1 {
			took = append(took, done.took...)
			result.P99 = max(result.P99, one.P99)
		}
	}
	result.PerSecond = float64(result.Acknowledged) / time.Since(from).Seconds()
	slices.Sort(took)
	result.P50 = outcome{took: took}.quantile(.5)
	result.RSS = b.rss()
	return result, nil
}

// askOne asks again and again for a while, after a few times that do not count:
// statements are prepared and pages read once in a server's life.
func (b *backlog) askOne(ctx context.Context, kind question, lasting time.Duration) (outcome, int, error) {
	wires := make(chan *wire, kind.clients)
	for range kind.clients {
		w := &wire{addr: b.addrs()[0]}
		defer w.close()
		wires <- w
	}
	var mu sync.Mutex
	items := 0
	once := func(ctx context.Context, _ int) (string, error) {
		w := <-wires
		defer func() { wires <- w }()
		answer, err := w.do(ctx, http.MethodGet, kind.path, kind.headers, nil)
		if err != nil {
			return "", err
		}
		mu.Lock()
		defer mu.Unlock()
		if items == 0 {
			var list answered
			err = json.Unmarshal(answer, &list)
			items = len(list.Items)
		}
		return "", err
	}
	for range 3 {
		if _, err := once(ctx, 0); err != nil {
			return outcome{}, 0, err
		}
	}
	done := load{clients: kind.clients, until: time.Now().Add(lasting)}.run(ctx, once)
	return done, items, done.firstError
}

// every reads a list to its end and returns how often each conversation came.
func (b *backlog) every(ctx context.Context, path, headers string) (map[string]int, error) {
	w := &wire{addr: b.addrs()[0]}
	defer w.close()
	found := map[string]int{}
	for cursor := ""; ; {
		answer, err := w.do(ctx, http.MethodGet, path+"&cursor="+cursor, headers, nil)
		if err != nil {
			return nil, err
		}
		var list answered
		if err := json.Unmarshal(answer, &list); err != nil {
			return nil, err
		}
		for _, item := range list.Items {
			found[item.ID+item.Conversation.ID]++
		}
		if cursor = list.Next; cursor == "" {
			return found, nil
		}
	}
}

// cursor returns where the page after so many pages begins.
func (b *backlog) cursor(ctx context.Context, path, headers string, pages int) (string, error) {
	w := &wire{addr: b.addrs()[0]}
	defer w.close()
	cursor := ""
	for range pages {
		answer, err := w.do(ctx, http.MethodGet, path+"&cursor="+cursor, headers, nil)
		if err != nil {
			return "", err
		}
		var list answered
		if err := json.Unmarshal(answer, &list); err != nil {
			return "", err
		}
		if list.Next == "" {
			break
		}
		cursor = list.Next
	}
	return cursor, nil
}

// count adds what came other than exactly once to the result.
func (r *BacklogResult) count(found map[string]int, expected int) {
	r.Lost += max(0, expected-len(found))
	for _, times := range found {
		r.Doubled += times - 1
	}
	r.Doubled += max(0, len(found)-expected)
}
