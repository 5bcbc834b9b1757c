package bench

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"
)

const (
	// talksPerAgent is how many chats an agent of the cast has: their console
	// has all of them open, and a connection listens to 64 feeds at most.
	talksPerAgent = 50
	// conversing is how many visitors have a conversation; the others watch.
	conversing = 1000
	// preparers is how many requests prepare the cast at once.
	preparers = 64
)

// cast is who takes part: visitors with the page open, and agents who have taken
// the conversations of some of them.
type cast struct {
	desk     *desk
	widget   string // its public key
	agents   []*agent
	visitors []visitor
	talks    []*talk
}

type visitor struct {
	token   string
	headers string
}

type agent struct {
	headers string
	// feeds are those of the conversations that are open in the console.
	feeds []string
}

// talk is a conversation of a visitor with an agent.
type talk struct {
	id      string
	visitor *visitor
	agent   *agent
	// posts are what was acknowledged, in the order it was sent. Only one client
	// at a time writes to a talk.
	posts []post
}

// post is a message the desk has acknowledged.
type post struct {
	number int
	seq    int64
}

// assemble prepares the cast through the public API.
func assemble(ctx context.Context, d *desk, visitors, talks int) (*cast, error) {
	c := &cast{desk: d, visitors: make([]visitor, visitors)}
	if err := c.hire(ctx, (talks+talksPerAgent-1)/talksPerAgent); err != nil {
		return nil, fmt.Errorf("preparing agents: %w", err)
	}
	if err := c.invite(ctx); err != nil {
		return nil, fmt.Errorf("preparing visitors: %w", err)
	}
	if err := c.begin(ctx, talks); err != nil {
		return nil, fmt.Errorf("preparing conversations: %w", err)
	}
	return c, nil
}

// addressed makes a request come from the n-th customer's address: the desk
// trusts the bench as it would a proxy, and limits what one address may do.
func addressed(n int) string {
	return fmt.Sprintf("X-Forwarded-For: 10.%d.%d.%d\r\n", n>>16&255, n>>8&255, n&255)
}

// hire invites agents and has them accept.
func (c *cast) hire(ctx context.Context, count int) error {
	var teams struct {
		Items []struct {
			ID string `json:"id"`
		} `json:"items"`
	}
	if err := c.desk.call(ctx, http.MethodGet, "/teams", nil, nil, &teams); err != nil {
		return err
	}
	if len(teams.Items) == 0 {
		return errors.New("the workspace has no team")
	}
	c.agents = make([]*agent, count)
	return inParallel(ctx, 4, count, func(ctx context.Context, _, n int) (err error) {
		c.agents[n], err = c.hireOne(ctx, n, teams.Items[0].ID)
		return err
	})
}

func (c *cast) hireOne(ctx context.Context, n int, team string) (*agent, error) {
	var invited struct {
		URL string `json:"url"`
	}
	if err := c.desk.call(ctx, http.MethodPost, "/invitations", nil, map[string]any{
		"email": fmt.Sprintf("agent%d@example.com", n), "role": "agent", "teams": []string{team},
	}, &invited); err != nil {
		return nil, err
	}
	_, token, _ := strings.Cut(invited.URL, "#")
	raw, err := json.Marshal(map[string]any{
		"token": token, "name": fmt.Sprintf("Agent %d", n), "password": "a long enough pass phrase",
	})
	if err != nil {
		return nil, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, c.desk.url+"/api/v1/invitations/accept", strings.NewReader(string(raw)))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("X-Forwarded-For", fmt.Sprintf("10.255.0.%d", n%250))
	var signed struct {
		Staff struct {
			ID      string `json:"id"`
			Version int    `json:"version"`
		} `json:"staff"`
	}
	cookies, err := c.desk.send(request, &signed)
	if err != nil {
		return nil, err
	}
	if len(cookies) == 0 {
		return nil, errors.New("no cookie for a new member")
	}
	hired := &agent{headers: fmt.Sprintf("Cookie: %s=%s\r\n", cookies[0].Name, cookies[0].Value)}
	return hired, c.desk.call(ctx, http.MethodPatch, "/staff/"+signed.Staff.ID, http.Header{"If-Match": {fmt.Sprintf("%q", fmt.Sprint(signed.Staff.Version))}},
		map[string]any{"capacity": map[string]int{"chat": 100, "async": 1000}}, nil)
}

// invite makes the visitors.
func (c *cast) invite(ctx context.Context) error {
	var widget struct {
		Key string `json:"key"`
	}
	if err := c.desk.call(ctx, http.MethodGet, "/channels/widget", nil, nil, &widget); err != nil {
		return err
	}
	c.widget = widget.Key
	body := fmt.Appendf(nil, `{"key":%q,"locale":"en","time_zone":"Europe/Berlin","page_url":"https://shop.example/orders"}`, widget.Key)
	return c.desk.inParallel(ctx, len(c.visitors), func(ctx context.Context, w *wire, n int) error {
		answer, err := w.do(ctx, http.MethodPost, "/api/v1/client/visitors", addressed(n), body)
		if err != nil {
			return err
		}
		var made struct {
			Token string `json:"token"`
		}
		if err := json.Unmarshal(answer, &made); err != nil {
			return err
		}
		c.visitors[n] = visitor{made.Token, "Authorization: Bearer " + made.Token + "\r\n" + addressed(n)}
		return nil
	})
}

// begin has the first visitors ask something, and agents take it.
func (c *cast) begin(ctx context.Context, talks int) error {
	c.talks = make([]*talk, talks)
	err := c.desk.inParallel(ctx, talks, func(ctx context.Context, w *wire, n int) error {
		from, to := &c.visitors[n], c.agents[n/talksPerAgent]
		answer, err := w.do(ctx, http.MethodPost, "/api/v1/client/conversations", from.headers,
			[]byte(`{"client_id":"start","body":{"type":"text","text":"Where is my parcel?"},"locale":"en"}`))
		if err != nil {
			return err
		}
		var made struct {
			Conversation struct {
				ID string `json:"id"`
			} `json:"conversation"`
		}
		if err := json.Unmarshal(answer, &made); err != nil {
			return err
		}
		c.talks[n] = &talk{id: made.Conversation.ID, visitor: from, agent: to}
		_, err = w.do(ctx, http.MethodPost, "/api/v1/conversations/"+made.Conversation.ID+"/take", to.headers, []byte(`{"owner_epoch":0}`))
		return err
	})
	if err != nil {
		return err
	}
	for _, t := range c.talks {
		t.agent.feeds = append(t.agent.feeds, "conversation:"+t.id)
	}
	return nil
}

// guests are the sockets of the cast: the agents' first, then the visitors'.
func (c *cast) guests(agentHears, visitorHears func([]byte, time.Time)) []guest {
	all := make([]guest, 0, len(c.agents)+len(c.visitors))
	for _, a := range c.agents {
		all = append(all, guest{headers: a.headers, feeds: a.feeds, hear: agentHears})
	}
	for _, v := range c.visitors {
		all = append(all, guest{token: v.token, hear: visitorHears})
	}
	return all
}

// inParallel calls do for 0..count-1 over as many workers, and stops at the
// first error.
func inParallel(ctx context.Context, workers, count int, do func(ctx context.Context, worker, n int) error) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	numbers := make(chan int)
	var group sync.WaitGroup
	for worker := range min(workers, count) {
		group.Go(func() {
			for n := range numbers {
				if ctx.Err() == nil {
					if err := do(ctx, worker, n); err != nil {
						stop(err)
					}
				}
			}
		})
	}
	for n := range count {
		numbers <- n
	}
	close(numbers)
	group.Wait()
	return context.Cause(ctx)
}

// inParallel is inParallel with a connection for each worker.
func (d *desk) inParallel(ctx context.Context, count int, do func(ctx context.Context, w *wire, n int) error) error {
	wires := make([]wire, preparers)
	for i := range wires {
		wires[i].addr = d.addrs()[i%len(d.addrs())]
	}
	defer func() {
		for i := range wires {
			wires[i].close()
		}
	}()
	return inParallel(ctx, preparers, count, func(ctx context.Context, worker, n int) error { return do(ctx, &wires[worker], n) })
}
