package demo

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io/fs"
)

// pack is the content of packs/ecommerce; its README describes each file.
type pack struct {
	shoppers []shopper
	orders   []order
	talks    []talk
	products []json.RawMessage
	snippets map[string][]snippet
}

type shopper struct {
	Key      string `json:"key"`
	Name     string `json:"name"`
	Locale   string `json:"locale"`
	Country  string `json:"country"`
	City     string `json:"city"`
	TimeZone string `json:"time_zone"`
	Tier     string `json:"tier"`
	Email    string `json:"email"`
	Phone    string `json:"phone"`
}

type order struct {
	Number    string            `json:"number"`
	Customer  string            `json:"customer"`
	Items     []item            `json:"items"`
	Currency  string            `json:"currency"`
	Goods     float64           `json:"goods"`
	Shipping  float64           `json:"shipping"`
	Amount    float64           `json:"amount"`
	Status    string            `json:"status"`
	Placed    int               `json:"placed_day"`
	Delivered *int              `json:"delivered_day"`
	Carrier   map[string]string `json:"carrier"`
	Tracking  *string           `json:"tracking_number"`
	Events    []orderEvent      `json:"events"`
}

// item is kept as it is written: its axes differ from product to product.
type item map[string]any

type orderEvent struct {
	Code string            `json:"code"`
	Day  int               `json:"day"`
	Time string            `json:"time"`
	Text map[string]string `json:"text"`
}

type talk struct {
	Key        string      `json:"key"`
	Day        int         `json:"day"`
	Time       string      `json:"time"`
	MinutesAgo int         `json:"minutes_ago"`
	Customer   string      `json:"customer"`
	Channel    string      `json:"channel"`
	Locale     string      `json:"locale"`
	Topic      string      `json:"topic"`
	Tags       []string    `json:"tags"`
	Subject    string      `json:"subject"`
	Outcome    string      `json:"outcome"`
	Ticket     *talkTicket `json:"ticket"`
	Owner      *talkOwner  `json:"owner"`
	Rating     int64       `json:"rating"`
	Comment    string      `json:"comment"`
	Entries    []said      `json:"entries"`
}

type talkTicket struct {
	Subject  string `json:"subject"`
	Priority string `json:"priority"`
	Assignee string `json:"assignee"`
	Resolved *int   `json:"resolved_minutes"`
}

type talkOwner struct {
	Kind  string `json:"kind"`
	Agent string `json:"agent"`
}

type said struct {
	Author   string `json:"author"`
	Agent    string `json:"agent"`
	Minute   int    `json:"minute"`
	Text     string `json:"text"`
	FAQ      string `json:"faq"`
	Handover bool   `json:"handover"`
	Ticket   bool   `json:"ticket"`
}

type snippet struct {
	Key   string `json:"key"`
	Title string `json:"title"`
	Text  string `json:"text"`
}

// open reports whether the talk is one of those that go on right now.
func (t talk) open() bool { return t.Outcome == "open" }

// readPack reads what the filling and the storefront need.
func readPack(files fs.FS) (p pack, err error) {
	for name, into := range map[string]any{
		"customers.json": &p.shoppers, "orders.json": &p.orders, "products.json": &p.products, "snippets.json": &p.snippets,
	} {
		text, err := fs.ReadFile(files, name)
		if err == nil {
			err = json.Unmarshal(text, into)
		}
		if err != nil {
			return p, fmt.Errorf("reading %s of the pack: %w", name, err)
		}
	}
	p.talks, err = readTalks(files)
	return p, err
}

func readTalks(files fs.FS) (talks []talk, err error) {
	const name = "conversations.jsonl"
	file, err := files.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var one talk
		if err := json.Unmarshal(lines.Bytes(), &one); err != nil {
			return nil, fmt.Errorf("reading %s of the pack: %w", name, err)
		}
		talks = append(talks, one)
	}
	return talks, lines.Err()
}
