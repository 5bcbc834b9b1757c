package demo

import (
	"context"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

const (
	// slowBy is how long a slow service takes for everything: less than the desk
	// waits, more than a customer does without being told.
	slowBy = 2500 * time.Millisecond
	// longestRequest is how much of a request is read.
	longestRequest = 64 << 10
)

// answered is what a request comes to.
type answered struct {
	status int
	body   any
}

func refused(status int, code string) answered {
	return answered{status, map[string]string{"error": code}}
}

// Serve answers the desk until ctx ends.
func (b *BackOffice) Serve(ctx context.Context) {
	server := &http.Server{Handler: b.handler(), ReadHeaderTimeout: 5 * time.Second}
	stop := context.AfterFunc(ctx, func() { _ = server.Close() })
	defer stop()
	if err := server.Serve(b.listener); err != nil && !errors.Is(err, http.ErrServerClosed) {
		_ = server.Close()
	}
}

func (b *BackOffice) handler() http.Handler {
	mux := http.NewServeMux()
	for pattern, do := range map[string]func(o *shopItem, body map[string]any) answered{
		"GET /api/orders/{number}":           b.order,
		"GET /api/orders/{number}/contact":   b.contactOf,
		"GET /api/orders/{number}/parcel":    b.parcel,
		"PUT /api/orders/{number}/address":   b.setAddress,
		"POST /api/orders/{number}/cancel":   b.cancel,
		"POST /api/orders/{number}/refunds":  b.refund,
		"POST /api/orders/{number}/invoices": b.invoice,
	} {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) { b.serve(w, r, do) })
	}
	return mux
}

// serve lets in who has the token, fails as the mode wants, and answers a key
// that was seen before with what it was answered then.
func (b *BackOffice) serve(w http.ResponseWriter, r *http.Request, do func(o *shopItem, body map[string]any) answered) {
	token := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
	if subtle.ConstantTimeCompare([]byte(token), []byte(b.books.Token)) != 1 {
		b.write(w, refused(http.StatusUnauthorized, "token"))
		return
	}
	raw, err := io.ReadAll(io.LimitReader(r.Body, longestRequest))
	if err != nil {
		return
	}
	b.mu.Lock()
	b.asked++
	mode, odd := b.mode, b.asked%2 == 1
	b.mu.Unlock()
	switch {
	case mode == Slow:
		wait := time.NewTimer(slowBy)
		defer wait.Stop()
		select {
		case <-wait.C:
		case <-r.Context().Done():
			return
		}
	case mode == Failing, mode == Recovering && odd:
		b.write(w, refused(http.StatusServiceUnavailable, "down"))
		return
	}
	body := map[string]any{}
	if len(raw) > 0 && json.Unmarshal(raw, &body) != nil {
		b.write(w, refused(http.StatusBadRequest, "body"))
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	key, request := r.Header.Get("Idempotency-Key"), digest(r.Method, r.URL.Path, string(raw))
	if before, seen := b.books.Keys[key]; key != "" && seen {
		if before.Request != request {
			b.write(w, refused(http.StatusUnprocessableEntity, "key_reused"))
			return
		}
		w.Header().Set("Idempotent-Replay", "true")
		b.write(w, answered{before.Status, before.Body})
		return
	}
	o := b.books.Orders[strings.ToUpper(r.PathValue("number"))]
	if o == nil {
		b.write(w, refused(http.StatusNotFound, "order"))
		return
	}
	a := do(o, body)
	if r.Method != http.MethodGet {
		if key != "" {
			text, err := json.Marshal(a.body)
			if err == nil {
				b.books.Keys[key] = kept{request, a.status, text}
			}
		}
		if err := b.keep(); err != nil {
			b.write(w, refused(http.StatusInternalServerError, "disk"))
			return
		}
	}
	b.write(w, a)
}

func (b *BackOffice) write(w http.ResponseWriter, a answered) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(a.status)
	// The desk may have gone; there is nobody left to tell.
	_ = json.NewEncoder(w).Encode(a.body)
}

func (b *BackOffice) order(o *shopItem, _ map[string]any) answered {
	refundable := o.Amount - o.Refunded
	if o.Status == "cancelled" {
		refundable = 0
	}
	return answered{http.StatusOK, map[string]any{
		"number": o.Number, "status": o.Status, "refundable": refundable, "currency": o.Currency, "city": o.City, "items": o.Goods,
	}}
}

func (b *BackOffice) contactOf(o *shopItem, _ map[string]any) answered {
	return answered{http.StatusOK, map[string]any{"email": o.Email, "phone": o.Phone}}
}

func (b *BackOffice) parcel(o *shopItem, _ map[string]any) answered {
	if o.Tracking == "" {
		return refused(http.StatusNotFound, "none")
	}
	state := "moving"
	if o.Status == "delivered" || o.Status == "returning" || o.Status == "refunded" {
		state = "delivered"
	}
	return answered{http.StatusOK, map[string]any{
		"state": state, "place": o.Place, "when": o.When, "carrier": o.Carrier, "number": o.Tracking,
	}}
}

func (b *BackOffice) setAddress(o *shopItem, body map[string]any) answered {
	if o.Status != "paid" && o.Status != "packed" {
		return refused(http.StatusConflict, "too_late")
	}
	address, ok := body["address"].(map[string]any)
	text, worded := address["text"].(string)
	if !ok || !worded || strings.TrimSpace(text) == "" {
		return refused(http.StatusBadRequest, "address")
	}
	o.Address = text
	return answered{http.StatusOK, map[string]any{"address": o.Address}}
}

func (b *BackOffice) cancel(o *shopItem, _ map[string]any) answered {
	if o.Status != "paid" && o.Status != "packed" {
		return refused(http.StatusConflict, "too_late")
	}
	o.Status, o.Refunded = "cancelled", o.Amount
	return answered{http.StatusOK, map[string]any{"status": o.Status}}
}

func (b *BackOffice) refund(o *shopItem, body map[string]any) answered {
	amount, ok := body["amount"].(float64)
	if !ok || amount <= 0 || amount > o.Amount-o.Refunded || o.Status == "cancelled" {
		return refused(http.StatusConflict, "not_allowed")
	}
	reason, ok := body["reason"].(string)
	if !ok {
		return refused(http.StatusBadRequest, "reason")
	}
	o.Refunded += amount
	if o.Refunded >= o.Amount {
		o.Status = "refunded"
	}
	r := refund{Number: "R" + strconv.Itoa(1001+len(b.books.Refunds)), Order: o.Number, Amount: amount, Reason: reason, At: b.now()}
	b.books.Refunds = append(b.books.Refunds, r)
	return answered{http.StatusCreated, map[string]any{"number": r.Number, "amount": r.Amount}}
}

func (b *BackOffice) invoice(o *shopItem, body map[string]any) answered {
	email, ok := body["email"].(string)
	if !ok || o.Status == "cancelled" {
		return refused(http.StatusConflict, "not_allowed")
	}
	i := invoice{Number: "I" + strconv.Itoa(5001+len(b.books.Invoices)), Order: o.Number, Email: email, At: b.now()}
	b.books.Invoices = append(b.books.Invoices, i)
	return answered{http.StatusCreated, map[string]any{"number": i.Number}}
}
