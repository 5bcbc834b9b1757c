package bench

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"
)

// Tickets measures making tickets as the API makes them: validated, authorised,
// with number, first entry, event, idempotency key, timers, audit and indexes.
func Tickets(ctx context.Context, options Options) (Result, error) {
	grouped, err := tickets(ctx, options, false)
	if err != nil || !options.Baseline {
		return grouped, err
	}
	single, err := tickets(ctx, options, true)
	if err != nil {
		return grouped, err
	}
	grouped.Baseline = single.PerSecond
	grouped.Ratio = grouped.PerSecond / single.PerSecond
	return grouped, nil
}

func tickets(ctx context.Context, options Options, ungrouped bool) (result Result, err error) {
	d, err := start(ctx, options, ungrouped)
	if err != nil {
		return result, err
	}
	defer func() { err = errors.Join(err, d.stop()) }()
	options.say("%s, ungrouped %v: %d clients for %s", engineName(options), ungrouped, options.Clients, options.For)
	type ticket struct {
		ID     string `json:"id"`
		Number int64  `json:"number"`
	}
	spent := d.cpu()
	done := load{options.Clients, options.N, time.Now().Add(options.For)}.run(ctx, func(ctx context.Context, n int) (string, error) {
		var made ticket
		err := d.call(ctx, http.MethodPost, "/tickets", http.Header{"Idempotency-Key": {fmt.Sprint("bench-", n)}}, map[string]any{
			"subject": fmt.Sprintf("Parcel %d has not arrived", n), "priority": "normal",
			"body":     "The parcel was to arrive on Monday. The tracking page has not moved since, and the carrier does not answer the phone.",
			"customer": map[string]string{"name": fmt.Sprintf("Customer %d", n%5000), "email": fmt.Sprintf("customer%d@example.com", n%5000)},
		}, &made)
		return fmt.Sprintf("%s %d", made.ID, made.Number), err
	})
	if len(done.acknowledged) == 0 {
		return result, fmt.Errorf("no ticket was made: %w", done.firstError)
	}
	spent = d.cpu() - spent
	result = Result{
		CPU: float64(spent.Microseconds()) / float64(len(done.acknowledged)), Bench: "tickets", Engine: engineName(options), Clients: options.Clients, Seconds: done.elapsed.Seconds(),
		PerSecond: done.perSecond(), P50: done.quantile(.5), P99: done.quantile(.99),
		Errors: done.failed, Acknowledged: len(done.acknowledged), RSS: d.rss(),
	}
	if done.failed > 0 {
		options.say("first error: %v", done.firstError)
	}
	options.say("reading back %d tickets", len(done.acknowledged))
	found, err := everyTicket(ctx, d)
	if err != nil {
		return result, err
	}
	for _, acknowledged := range done.acknowledged {
		switch found[acknowledged] {
		case 0:
			result.Lost++
		case 1:
		default:
			result.Doubled++
		}
	}
	// More tickets than requests, or one number twice, is a doubling too.
	if extra := len(found) - len(done.acknowledged) - done.failed; extra > 0 {
		result.Doubled += extra
	}
	return result, nil
}

// everyTicket reads all tickets, page by page.
func everyTicket(ctx context.Context, d *desk) (map[string]int, error) {
	found := map[string]int{}
	numbers := map[int64]string{}
	for cursor := ""; ; {
		var page struct {
			Items []struct {
				ID     string `json:"id"`
				Number int64  `json:"number"`
			} `json:"items"`
			Next string `json:"next_cursor"`
		}
		if err := d.call(ctx, http.MethodGet, "/tickets?view=all&limit=100&cursor="+cursor, nil, nil, &page); err != nil {
			return nil, err
		}
		for _, t := range page.Items {
			found[fmt.Sprintf("%s %d", t.ID, t.Number)]++
			if other, twice := numbers[t.Number]; twice && other != t.ID {
				return nil, fmt.Errorf("number %d was given to %s and to %s", t.Number, other, t.ID)
			}
			numbers[t.Number] = t.ID
		}
		if cursor = page.Next; cursor == "" {
			return found, nil
		}
	}
}

func engineName(options Options) string {
	if options.DB != "" {
		return "postgres"
	}
	return "sqlite"
}
