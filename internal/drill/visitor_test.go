package drill_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"time"
)

// visitor is a customer whose widget does what ours does: it keeps a message in
// its outbox and repeats it with the same client id until it is acknowledged.
type visitor struct {
	client *http.Client
	base   string // of the client API
	token  string
	talk   string // conversation
	// sent are the client ids that were acknowledged, in order.
	sent []string
	// repeats counts tries beyond the first.
	repeats int

	// roads are all bases the desk can be reached at, if there are several; who
	// gets no answer by one takes the next, as a balancer would have them do.
	roads []string
	turn  int
	// cookie and match are a console's.
	cookie, match string
	// book takes down what was answered, in a drill of several nodes.
	book *ledger
}

type entry struct {
	Seq      int64  `json:"seq"`
	Kind     string `json:"kind"`
	ClientID string `json:"client_id"`
	Author   struct {
		Kind string `json:"kind"`
	} `json:"author"`
}

type conversation struct {
	ID    string `json:"id"`
	State string `json:"state"`
	Owner struct {
		Kind string `json:"kind"`
	} `json:"owner"`
	Ticket *struct {
		Number int64 `json:"number"`
	} `json:"ticket"`
	LastSeq int64 `json:"last_seq"`
}

// ask makes one request and reads a success into answer.
func (v *visitor) ask(ctx context.Context, method, path string, body, answer any) error {
	var sending io.Reader
	if body != nil {
		raw, err := json.Marshal(body)
		if err != nil {
			return err
		}
		sending = bytes.NewReader(raw)
	}
	request, err := http.NewRequestWithContext(ctx, method, v.base+path, sending)
	if err != nil {
		return err
	}
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	if v.token != "" {
		request.Header.Set("Authorization", "Bearer "+v.token)
	}
	if v.cookie != "" {
		request.Header.Set("Cookie", v.cookie)
	}
	if v.match != "" {
		request.Header.Set("If-Match", v.match)
	}
	response, err := v.client.Do(request)
	if err != nil {
		return err
	}
	raw, err := io.ReadAll(response.Body)
	if err := errors.Join(err, response.Body.Close()); err != nil {
		return err
	}
	if response.StatusCode >= 300 {
		seconds, err := strconv.Atoi(response.Header.Get("Retry-After"))
		if err != nil {
			seconds = 0
		}
		return refused{response.StatusCode, time.Duration(seconds) * time.Second, string(raw)}
	}
	return json.Unmarshal(raw, answer)
}

// insist repeats a request until it is answered for good.
func (v *visitor) insist(ctx context.Context, method, path string, body, answer any) error {
	for {
		err := v.ask(ctx, method, path, body, answer)
		wait, again := later(err)
		if !again || ctx.Err() != nil {
			return err
		}
		v.repeats++
		v.book.failed(err)
		if len(v.roads) > 0 {
			v.turn++
			v.base = v.roads[v.turn%len(v.roads)]
		}
		pause := time.NewTimer(wait)
		select {
		case <-pause.C:
		case <-ctx.Done():
			pause.Stop()
			return errors.Join(ctx.Err(), err)
		}
	}
}

// arrive gets a token for a new visitor.
func (v *visitor) arrive(ctx context.Context, key, locale string) error {
	var made struct {
		Token string `json:"token"`
	}
	err := v.insist(ctx, http.MethodPost, "/visitors", map[string]any{"key": key, "locale": locale}, &made)
	v.token = made.Token
	return err
}

// say sends a text, the first one to a new conversation.
func (v *visitor) say(ctx context.Context, locale, text string) error {
	id := fmt.Sprintf("drill-%s-%d", v.token[max(0, len(v.token)-12):], len(v.sent))
	message := map[string]any{"client_id": id, "body": map[string]any{"type": "text", "text": text}}
	if v.talk == "" {
		message["locale"] = locale
		var made struct {
			Conversation conversation `json:"conversation"`
		}
		if err := v.insist(ctx, http.MethodPost, "/conversations", message, &made); err != nil {
			return err
		}
		v.talk = made.Conversation.ID
	} else if err := v.insist(ctx, http.MethodPost, "/conversations/"+v.talk+"/entries", message, &entry{}); err != nil {
		return err
	}
	v.sent = append(v.sent, id)
	v.book.acknowledged()
	return nil
}

// read returns all entries of the visitor's conversation.
func (v *visitor) read(ctx context.Context) ([]entry, error) {
	var all []entry
	for {
		var page struct {
			Items   []entry `json:"items"`
			HasMore bool    `json:"has_more"`
		}
		after := int64(0)
		if len(all) > 0 {
			after = all[len(all)-1].Seq
		}
		path := fmt.Sprintf("/conversations/%s/entries?after=%d&limit=100", v.talk, after)
		if err := v.insist(ctx, http.MethodGet, path, nil, &page); err != nil {
			return nil, err
		}
		all = append(all, page.Items...)
		if !page.HasMore || len(page.Items) == 0 {
			return all, nil
		}
	}
}

// attended says who cares for the last question: an answer after it, a person,
// a queue or a ticket. It is "" while nobody does.
func (v *visitor) attended(ctx context.Context) (string, error) {
	var now conversation
	if err := v.insist(ctx, http.MethodGet, "/conversations/"+v.talk, nil, &now); err != nil {
		return "", err
	}
	if now.Ticket != nil || now.Owner.Kind == "ticket" {
		return "ticket", nil
	}
	if now.Owner.Kind == "agent" || now.Owner.Kind == "queue" {
		return now.Owner.Kind, nil
	}
	entries, err := v.read(ctx)
	if err != nil {
		return "", err
	}
	for _, e := range slices.Backward(entries) {
		switch {
		case e.Kind == "message" && e.Author.Kind == "bot":
			return "answer", nil
		case e.Kind == "message" && e.Author.Kind == "customer":
			return "", nil
		}
	}
	return "", nil
}
