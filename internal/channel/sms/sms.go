// Package sms sends text messages through any gateway that speaks plain signed
// HTTP: POST with a JSON body and the headers
//
//	X-Everdesk-Delivery:  dlv_...             equal when a message is sent again
//	X-Everdesk-Timestamp: 1795225680          seconds since 1970
//	X-Everdesk-Signature: v1=<hex>            HMAC-SHA256 of timestamp "." body
//
// The body is {"id", "to", "from", "text"}. The gateway checks the signature over
// the raw body, refuses old timestamps, and drops an id it has seen. A 2xx means
// that it has taken the message over; it may name it with {"id": "..."}. 429 and
// 5xx are tried again, after Retry-After if there is one; any other status is
// final, and {"reason": "..."} says why.
package sms

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"everdesk/internal/channel"
	"everdesk/internal/fault"
)

// mostAnswer is how much of a gateway's answer is read.
const mostAnswer = 16 << 10

// mostWait is the longest a gateway can have us wait.
const mostWait = time.Hour

// Sender sends by one workspace's gateway.
type Sender struct {
	settings channel.SMSSettings
	client   *http.Client
}

// New returns a sender for checked settings. The client is outbound.Guard's, so
// that nothing inside the operator's network is reached.
func New(settings channel.SMSSettings, client *http.Client) *Sender {
	// A redirect would carry the message to a place nobody has configured.
	own := *client
	own.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &Sender{settings, &own}
}

// Request is the body a gateway gets.
type Request struct {
	ID   string `json:"id"`
	To   string `json:"to"`
	From string `json:"from,omitempty"`
	Text string `json:"text"`
}

// Sign returns the value of X-Everdesk-Signature, for this sender and for
// gateways that check it.
func Sign(secret, timestamp string, body []byte) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(timestamp + "."))
	mac.Write(body)
	return "v1=" + hex.EncodeToString(mac.Sum(nil))
}

// Send gives a message to the gateway.
func (s *Sender) Send(ctx context.Context, message channel.Outbound) channel.Receipt {
	body, err := json.Marshal(Request{ID: message.ID, To: message.To, From: s.settings.From, Text: message.Text})
	if err != nil {
		return channel.Receipt{State: channel.Failed, Reason: channel.MessageRefused, Detail: channel.Short(err.Error())}
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, s.settings.URL, bytes.NewReader(body))
	if err != nil {
		return channel.Receipt{State: channel.Failed, Reason: channel.BadSettings, Detail: channel.Short(err.Error())}
	}
	timestamp := strconv.FormatInt(message.At.Unix(), 10)
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("User-Agent", "Everdesk")
	request.Header.Set("X-Everdesk-Delivery", message.ID)
	request.Header.Set("X-Everdesk-Timestamp", timestamp)
	request.Header.Set("X-Everdesk-Signature", Sign(s.settings.Secret, timestamp, body))
	response, err := s.client.Do(request)
	if err != nil {
		return unreached(err)
	}
	// What is read below decides; a broken end of it changes nothing.
	defer func() { _ = response.Body.Close() }()
	answer, err := io.ReadAll(io.LimitReader(response.Body, mostAnswer))
	if err != nil && response.StatusCode/100 != 2 {
		return channel.Receipt{State: channel.Delayed, Reason: channel.UnclearAnswer, Detail: channel.Short(err.Error())}
	}
	return judge(response, answer, message)
}

// unreached judges a request without an answer.
func unreached(err error) channel.Receipt {
	r := channel.Receipt{State: channel.Delayed, Reason: channel.Unreachable, Detail: channel.Short(err.Error())}
	var certificate *tls.CertificateVerificationError
	switch {
	case fault.Of(err) != nil:
		r.State, r.Reason = channel.Failed, channel.BlockedTarget
	case errors.As(err, &certificate):
		r.Reason = channel.TLSFailed
	}
	return r
}

// judge reads the gateway's answer.
func judge(response *http.Response, answer []byte, message channel.Outbound) channel.Receipt {
	var said struct {
		ID     string `json:"id"`
		Reason string `json:"reason"`
	}
	// A gateway may answer with nothing, or with prose.
	_ = json.Unmarshal(answer, &said)
	switch code := response.StatusCode; {
	case code/100 == 2:
		return channel.Receipt{State: channel.Sent, ExternalID: channel.Short(said.ID)}
	case code == http.StatusTooManyRequests || code/100 == 5:
		return channel.Receipt{
			State: channel.Delayed, Reason: channel.TryLater, RetryAfter: retryAfter(response.Header.Get("Retry-After"), message.At),
			Detail: detail(response, said.Reason, message.To),
		}
	case code == http.StatusUnauthorized || code == http.StatusForbidden:
		return channel.Receipt{State: channel.Delayed, Reason: channel.LoginRefused, Detail: detail(response, said.Reason, message.To)}
	case code/100 == 3:
		return channel.Receipt{State: channel.Failed, Reason: channel.BadSettings, Detail: detail(response, said.Reason, message.To)}
	}
	return channel.Receipt{State: channel.Failed, Reason: channel.MessageRefused, Detail: detail(response, said.Reason, message.To)}
}

// detail is the gateway's words without the customer's number.
func detail(response *http.Response, reason, to string) string {
	return channel.Short(strings.TrimSpace(response.Status + " " + strings.ReplaceAll(reason, to, "…")))
}

// retryAfter reads seconds or a date.
func retryAfter(text string, at time.Time) time.Duration {
	wait := time.Duration(0)
	if seconds, err := strconv.ParseInt(strings.TrimSpace(text), 10, 32); err == nil {
		wait = time.Duration(seconds) * time.Second
	} else if until, err := http.ParseTime(text); err == nil {
		wait = until.Sub(at)
	}
	return min(max(wait, 0), mostWait)
}
