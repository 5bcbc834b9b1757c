package app

import (
	"strconv"
	"strings"
	"time"

	"everdesk/internal/bot"
	"everdesk/internal/bot/entity"
	"everdesk/internal/bot/flow"
)

// kindsOfSlots are the types of slot that entities of a kind fill. Order numbers
// and street addresses are read by the flows' own finder, which knows how a
// correction of part of one is written.
var kindsOfSlots = map[entity.Kind]string{
	entity.Email: "email", entity.Phone: "phone", entity.URL: "url", entity.Date: "date", entity.Time: "datetime", entity.Range: "range",
	entity.Amount: "amount", entity.Quantity: "quantity", entity.Product: "product", entity.Attribute: "attribute",
}

// surely is how sure a reading must be to be taken for an answer.
const surely = 0.7

// findValues reads what customers tell flows.
func findValues() (bot.FinderAt, error) {
	finder, err := entity.New(entity.Options{})
	if err != nil {
		return nil, err
	}
	return func(text string, at time.Time) (all []flow.Found) {
		var own []string
		for _, f := range flow.Find(text) {
			if f.Type == "order" || f.Type == "address" {
				all = append(all, f)
				own = append(own, f.Raw)
			}
		}
		for _, e := range finder.Find(text, at) {
			kind, known := kindsOfSlots[e.Kind]
			if !known || e.Confidence < surely || strings.Contains(strings.Join(own, "\n"), e.Text) {
				continue
			}
			all = append(all, flow.Found{Type: kind, Value: valueOf(e), Raw: e.Text, Confidence: e.Confidence})
		}
		return all
	}, nil
}

// valueOf is an entity as expressions see it.
func valueOf(e entity.Entity) any {
	switch e.Kind {
	case entity.Amount:
		number, currency, _ := strings.Cut(e.Value, " ")
		amount, err := strconv.ParseFloat(number, 64)
		if err != nil {
			return map[string]any{"text": e.Text}
		}
		return map[string]any{"amount": amount, "currency": currency, "text": e.Text}
	case entity.Quantity:
		if n, err := strconv.ParseFloat(e.Value, 64); err == nil {
			return n
		}
	}
	return e.Value
}
