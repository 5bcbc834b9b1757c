package sms_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"everdesk/internal/channel"
	"everdesk/internal/channel/sms"
	"everdesk/internal/outbound"
)

const secret = "a secret of the gateway"

var at = time.Date(2026, 11, 21, 1, 48, 0, 0, time.UTC)

func message() channel.Outbound {
	return channel.Outbound{ID: "dlv_1", To: "+8613800004417", Text: "工单 #1042 已有答复。", At: at}
}

// gateway checks requests as the package's documentation says gateways do.
type gateway struct {
	t      *testing.T
	status int
	header map[string]string
	answer string
	got    sms.Request
}

func (g *gateway) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		g.t.Error(err)
	}
	timestamp := r.Header.Get("X-Everdesk-Timestamp")
	seconds, err := strconv.ParseInt(timestamp, 10, 64)
	if err != nil || seconds != at.Unix() {
		g.t.Errorf("timestamp %q", timestamp)
	}
	if signature := r.Header.Get("X-Everdesk-Signature"); signature != sms.Sign(secret, timestamp, body) {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	if err := json.Unmarshal(body, &g.got); err != nil || g.got.ID != r.Header.Get("X-Everdesk-Delivery") {
		g.t.Errorf("body %s: %v", body, err)
	}
	for name, value := range g.header {
		w.Header().Set(name, value)
	}
	w.WriteHeader(g.status)
	if _, err := io.WriteString(w, g.answer); err != nil {
		g.t.Error(err)
	}
}

func TestAnAnswerOfTheGatewayIsAReceipt(t *testing.T) {
	for name, test := range map[string]struct {
		status int
		header map[string]string
		answer string
		secret string
		want   channel.Receipt
	}{
		"taken over":          {status: 200, answer: `{"id":"g-7"}`, want: channel.Receipt{State: channel.Sent, ExternalID: "g-7"}},
		"taken over silently": {status: 204, want: channel.Receipt{State: channel.Sent}},
		"a long pause":        {status: 429, header: map[string]string{"Retry-After": "90"}, want: channel.Receipt{State: channel.Delayed, RetryAfter: 90 * time.Second, Reason: channel.TryLater, Detail: "429 Too Many Requests"}},
		"a pause until a time": {
			status: 503, header: map[string]string{"Retry-After": "Sat, 21 Nov 2026 01:50:00 GMT"},
			want: channel.Receipt{State: channel.Delayed, RetryAfter: 2 * time.Minute, Reason: channel.TryLater, Detail: "503 Service Unavailable"},
		},
		"an endless pause":    {status: 503, header: map[string]string{"Retry-After": "99999999"}, want: channel.Receipt{State: channel.Delayed, RetryAfter: time.Hour, Reason: channel.TryLater, Detail: "503 Service Unavailable"}},
		"a pause in the past": {status: 500, header: map[string]string{"Retry-After": "-5"}, want: channel.Receipt{State: channel.Delayed, Reason: channel.TryLater, Detail: "500 Internal Server Error"}},
		"a number it refuses": {
			status: 422, answer: `{"reason":"+8613800004417 is not in service"}`,
			want: channel.Receipt{State: channel.Failed, Reason: channel.MessageRefused, Detail: "422 Unprocessable Entity … is not in service"},
		},
		"another secret": {status: 200, secret: "another secret, as long", want: channel.Receipt{State: channel.Delayed, Reason: channel.LoginRefused, Detail: "401 Unauthorized"}},
		"a redirect":     {status: 302, header: map[string]string{"Location": "/elsewhere"}, want: channel.Receipt{State: channel.Failed, Reason: channel.BadSettings, Detail: "302 Found"}},
		"prose":          {status: 400, answer: "<html>", want: channel.Receipt{State: channel.Failed, Reason: channel.MessageRefused, Detail: "400 Bad Request"}},
	} {
		t.Run(name, func(t *testing.T) {
			g := &gateway{t: t, status: test.status, header: test.header, answer: test.answer}
			server := httptest.NewServer(g)
			defer server.Close()
			settings := channel.SMSSettings{URL: server.URL + "/send", Secret: secret, From: "Shop"}
			if test.secret != "" {
				settings.Secret = test.secret
			}
			got := sms.New(settings, server.Client()).Send(t.Context(), message())
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("receipt (-want +got):\n%s", diff)
			}
			if got.State == channel.Sent {
				want := sms.Request{ID: "dlv_1", To: "+8613800004417", From: "Shop", Text: message().Text}
				if diff := cmp.Diff(want, g.got); diff != "" {
					t.Errorf("request (-want +got):\n%s", diff)
				}
			}
		})
	}
}

func TestAGatewayInsideTheNetworkIsNotReached(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("it was reached") }))
	defer server.Close()
	guard, err := outbound.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	got := sms.New(channel.SMSSettings{URL: server.URL, Secret: secret}, guard.Client(time.Second)).Send(t.Context(), message())
	if got.State != channel.Failed || got.Reason != channel.BlockedTarget {
		t.Errorf("receipt %+v", got)
	}
}

func TestAGatewayThatIsDownOrForgedIsTriedAgain(t *testing.T) {
	server := httptest.NewTLSServer(http.NotFoundHandler())
	settings := channel.SMSSettings{URL: server.URL, Secret: secret}
	if got := sms.New(settings, &http.Client{}).Send(t.Context(), message()); got.State != channel.Delayed || got.Reason != channel.TLSFailed {
		t.Errorf("with a certificate nobody knows: %+v", got)
	}
	server.Close()
	got := sms.New(settings, &http.Client{}).Send(t.Context(), message())
	if got.State != channel.Delayed || got.Reason != channel.Unreachable || strings.Contains(got.Detail, secret) {
		t.Errorf("down: %+v", got)
	}
}
