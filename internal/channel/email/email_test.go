package email_test

import (
	"context"
	"encoding/base64"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net"
	"net/mail"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"everdesk/internal/channel"
	"everdesk/internal/channel/channeltest"
	"everdesk/internal/channel/email"
	"everdesk/internal/outbound"
	"everdesk/internal/store/storetest"
)

func settings(server *channeltest.Postfix) channel.EmailSettings {
	return channel.EmailSettings{
		Host: "localhost", Port: server.Port, Security: channel.StartTLS, From: "山雀衣物 <help@shop.test>",
	}
}

func options(server *channeltest.Postfix) email.Options {
	dialer := &net.Dialer{Timeout: 5 * time.Second}
	return email.Options{Dial: dialer.DialContext, Roots: server.Roots, Hello: "desk.shop.test"}
}

func reply() channel.Outbound {
	return channel.Outbound{
		ID: "dlv_1", To: "lin@customer.test", Name: "林小满", Thread: "cnv_1", Subject: "回复：包裹未收到 #1042",
		Text: "小满您好，底单已经调取。\n\n" + strings.Repeat("很长的一行。", 300) + "\n", HTML: "<p>小满您好 &amp; <b>底单</b>已经调取。</p>",
		At: time.Date(2026, 11, 21, 1, 48, 0, 0, time.UTC),
	}
}

// part reads a decoded body part of a multipart message.
func parts(t *testing.T, message *mail.Message) map[string]string {
	t.Helper()
	kind, parameters, err := mime.ParseMediaType(message.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/alternative" {
		t.Fatalf("content type %s, %v", kind, err)
	}
	found := map[string]string{}
	reader := multipart.NewReader(message.Body, parameters["boundary"])
	for {
		part, err := reader.NextRawPart()
		if errors.Is(err, io.EOF) {
			return found
		}
		if err != nil {
			t.Fatal(err)
		}
		var body io.Reader = part
		switch part.Header.Get("Content-Transfer-Encoding") {
		case "base64":
			body = base64.NewDecoder(base64.StdEncoding, part)
		case "quoted-printable":
			body = quotedprintable.NewReader(part)
		}
		text, err := io.ReadAll(body)
		if err != nil {
			t.Fatal(err)
		}
		kind, charset, err := mime.ParseMediaType(part.Header.Get("Content-Type"))
		if err != nil || !strings.EqualFold(charset["charset"], "utf-8") {
			t.Errorf("part %s in %s, %v", kind, charset["charset"], err)
		}
		found[kind] = strings.ReplaceAll(string(text), "\r\n", "\n")
	}
}

func TestAMailArrivesAsItWasWritten(t *testing.T) {
	server := channeltest.StartPostfix(t, "lin", "chen")
	receipt := email.New(settings(server), options(server)).Send(t.Context(), reply())
	if receipt.State != channel.Sent || receipt.ExternalID != "<dlv_1@shop.test>" {
		t.Fatalf("receipt %+v", receipt)
	}
	message := server.Mail(t, "lin", 1)[0]
	words := new(mime.WordDecoder)
	header := map[string]string{}
	for _, name := range []string{"Message-Id", "References", "In-Reply-To", "Auto-Submitted", "Subject", "To", "From", "Date", "List-Unsubscribe"} {
		text, err := words.DecodeHeader(message.Header.Get(name))
		if err != nil {
			t.Fatal(err)
		}
		header[name] = text
	}
	want := map[string]string{
		"Message-Id": "<dlv_1@shop.test>", "References": "<cnv_1@shop.test>", "In-Reply-To": "<cnv_1@shop.test>",
		"Auto-Submitted": "", "Subject": "回复：包裹未收到 #1042", "To": `"林小满" <lin@customer.test>`, "List-Unsubscribe": "",
		"From": `"山雀衣物" <help@shop.test>`, "Date": "Sat, 21 Nov 2026 01:48:00 +0000",
	}
	header["To"], header["From"] = named(t, message, "To"), named(t, message, "From")
	if diff := cmp.Diff(want, header); diff != "" {
		t.Errorf("header (-want +got):\n%s", diff)
	}
	bodies := map[string]string{"text/plain": reply().Text, "text/html": reply().HTML}
	if diff := cmp.Diff(bodies, parts(t, message)); diff != "" {
		t.Errorf("bodies (-want +got):\n%s", diff)
	}

	t.Run("a machine's mail says so, and English is quoted-printable", func(t *testing.T) {
		notice := reply()
		notice.To, notice.Automatic, notice.Subject, notice.Text, notice.HTML = "chen@customer.test", true, "Ticket\r\nBcc: x@y.test", "Plain.\n", ""
		if receipt := email.New(settings(server), options(server)).Send(t.Context(), notice); receipt.State != channel.Sent {
			t.Fatalf("receipt %+v", receipt)
		}
		message := server.Mail(t, "chen", 1)[0]
		if message.Header.Get("Auto-Submitted") != "auto-generated" || message.Header.Get("Bcc") != "" || message.Header.Get("Subject") != "Ticket Bcc: x@y.test" {
			t.Errorf("header %v", message.Header)
		}
		if encoding := message.Header.Get("Content-Transfer-Encoding"); encoding != "quoted-printable" {
			t.Errorf("encoded as %s", encoding)
		}
	})
	t.Run("over TLS from the first byte", func(t *testing.T) {
		over := settings(server)
		over.Port, over.Security = server.TLSPort, channel.TLS
		if receipt := email.New(over, options(server)).Send(t.Context(), reply()); receipt.State != channel.Sent {
			t.Errorf("receipt %+v", receipt)
		}
	})
	t.Run("unprotected on the same machine", func(t *testing.T) {
		plain := settings(server)
		plain.Security = channel.None
		if receipt := email.New(plain, options(server)).Send(t.Context(), reply()); receipt.State != channel.Sent {
			t.Errorf("receipt %+v", receipt)
		}
	})
	t.Run("signed in", func(t *testing.T) { signIn(t, server) })
	t.Run("refusals", func(t *testing.T) { refusals(t, server) })
}

func named(t *testing.T, message *mail.Message, header string) string {
	t.Helper()
	all, err := message.Header.AddressList(header)
	if err != nil || len(all) != 1 {
		t.Fatalf("%s: %v, %v", header, all, err)
	}
	return `"` + all[0].Name + `" <` + all[0].Address + ">"
}

func signIn(t *testing.T, server *channeltest.Postfix) {
	if !server.SignsIn {
		storetest.Missing(t, "mail", "no dovecot to check passwords")
	}
	for name, test := range map[string]struct {
		password string
		want     channel.Receipt
	}{
		"with the right password": {channeltest.Password, channel.Receipt{State: channel.Sent}},
		"with a wrong one":        {"wrong", channel.Receipt{State: channel.Delayed, Reason: channel.LoginRefused}},
	} {
		s := settings(server)
		s.Username, s.Password = channeltest.User, test.password
		got := email.New(s, options(server)).Send(t.Context(), reply())
		if got.State != test.want.State || got.Reason != test.want.Reason {
			t.Errorf("%s: %+v", name, got)
		}
		if strings.Contains(got.Detail, test.password) {
			t.Errorf("%s: the password is in %q", name, got.Detail)
		}
	}
}

func refusals(t *testing.T, server *channeltest.Postfix) {
	guard, err := outbound.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		settings func(s *channel.EmailSettings)
		options  func(o *email.Options)
		message  func(m *channel.Outbound)
		state    channel.State
		reason   channel.Reason
	}{
		"nobody by that name":        {message: func(m *channel.Outbound) { m.To = "nobody@customer.test" }, state: channel.Failed, reason: channel.AddressRefused},
		"a domain it does not relay": {message: func(m *channel.Outbound) { m.To = "x@elsewhere.test" }, state: channel.Failed, reason: channel.AddressRefused},
		"no address at all":          {message: func(m *channel.Outbound) { m.To = "lin" }, state: channel.Failed, reason: channel.AddressRefused},
		"a certificate nobody knows": {options: func(o *email.Options) { o.Roots = nil }, state: channel.Delayed, reason: channel.TLSFailed},
		"a name the certificate does not have": {
			settings: func(s *channel.EmailSettings) { s.Host = "127.0.0.1" }, state: channel.Delayed, reason: channel.TLSFailed,
		},
		"nobody listens":            {settings: func(s *channel.EmailSettings) { s.Port = 1 }, state: channel.Delayed, reason: channel.Unreachable},
		"plain where TLS is spoken": {settings: func(s *channel.EmailSettings) { s.Security = channel.TLS }, state: channel.Delayed, reason: channel.TLSFailed},
		"inside the operator's network": {
			options: func(o *email.Options) { o.Dial = guard.DialContext }, state: channel.Failed, reason: channel.BlockedTarget,
		},
	} {
		s, o, m := settings(server), options(server), reply()
		if test.settings != nil {
			test.settings(&s)
		}
		if test.options != nil {
			test.options(&o)
		}
		if test.message != nil {
			test.message(&m)
		}
		got := email.New(s, o).Send(t.Context(), m)
		if got.State != test.state || got.Reason != test.reason {
			t.Errorf("%s: %+v", name, got)
		}
		if strings.Contains(got.Detail, m.To) && m.To != "lin" {
			t.Errorf("%s: the address is in %q", name, got.Detail)
		}
	}
}

// A server that never answers does not hold up what waits behind it.
func TestASilentServerIsLeftInTime(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	dialer := &net.Dialer{}
	sender := email.New(channel.EmailSettings{
		Host: "127.0.0.1", Port: listener.Addr().(*net.TCPAddr).Port, Security: channel.None, From: "a@b.test",
	}, email.Options{Dial: dialer.DialContext})
	if receipt := sender.Send(ctx, reply()); receipt.State != channel.Delayed || receipt.Reason != channel.Unreachable {
		t.Errorf("receipt %+v", receipt)
	}
}
