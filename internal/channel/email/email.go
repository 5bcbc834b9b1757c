// Package email sends mail by SMTP.
package email

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/mail"
	"net/textproto"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	gomail "github.com/wneessen/go-mail"

	"everdesk/internal/channel"
	"everdesk/internal/fault"
)

// patience is how long one step of the exchange with a mail server may take.
const patience = 30 * time.Second

// Options are what senders share.
type Options struct {
	// Dial connects to mail servers; outbound.Guard's DialContext refuses what
	// lies inside the operator's network.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
	// Roots are the certificate authorities believed; nil means the system's.
	Roots *x509.CertPool
	// Hello is the name this desk greets mail servers with.
	Hello string
}

// Sender sends by one workspace's mail account.
type Sender struct {
	settings channel.EmailSettings
	options  Options
}

// New returns a sender for checked settings.
func New(settings channel.EmailSettings, options Options) *Sender {
	return &Sender{settings, options}
}

// Send gives a message to the mail server. Sent means that the server has taken
// it over, not that it has arrived.
func (s *Sender) Send(ctx context.Context, message channel.Outbound) channel.Receipt {
	composed, err := s.compose(message)
	if err != nil {
		return channel.Receipt{State: channel.Failed, Reason: channel.AddressRefused, Detail: channel.Short(err.Error())}
	}
	ctx, done := context.WithCancel(ctx)
	defer done()
	client, err := s.client(ctx)
	if err != nil {
		return channel.Receipt{State: channel.Failed, Reason: channel.BadSettings, Detail: channel.Short(err.Error())}
	}
	conversation, err := client.DialToSMTPClientWithContext(ctx)
	if err != nil {
		return discreet(beforeMail(err), message.To)
	}
	err = client.SendWithSMTPClient(conversation, composed)
	// The message is the server's now, or is not; how the line is closed changes
	// nothing.
	_ = client.CloseWithSMTPClient(conversation)
	if err != nil {
		return discreet(duringMail(err), message.To)
	}
	return channel.Receipt{State: channel.Sent, ExternalID: composed.GetMessageID()}
}

// Check reaches the mail server and signs in, as before a message, and says
// good-bye. Sent means that a message would have been taken that far.
func (s *Sender) Check(ctx context.Context) channel.Receipt {
	ctx, done := context.WithCancel(ctx)
	defer done()
	client, err := s.client(ctx)
	if err != nil {
		return channel.Receipt{State: channel.Failed, Reason: channel.BadSettings, Detail: channel.Short(err.Error())}
	}
	conversation, err := client.DialToSMTPClientWithContext(ctx)
	if err != nil {
		receipt := beforeMail(err)
		receipt.Detail = channel.Short(receipt.Detail)
		return receipt
	}
	// It was reached; how the line is closed changes nothing.
	_ = client.CloseWithSMTPClient(conversation)
	return channel.Receipt{State: channel.Sent}
}

// client returns a client whose connections end with ctx: the library itself
// minds only its own time-outs.
func (s *Sender) client(ctx context.Context) (*gomail.Client, error) {
	secured := &tls.Config{ServerName: s.settings.Host, MinVersion: tls.VersionTLS12, RootCAs: s.options.Roots}
	reach := func(dialing context.Context, network, address string) (net.Conn, error) {
		conn, err := s.options.Dial(dialing, network, address)
		if err == nil {
			// Closed twice, a connection says so to nobody who minds.
			context.AfterFunc(ctx, func() { _ = conn.Close() })
		}
		return conn, err
	}
	dial := reach
	options := []gomail.Option{
		gomail.WithPort(s.settings.Port), gomail.WithTimeout(patience), gomail.WithTLSConfig(secured), gomail.WithoutNoop(),
	}
	if s.options.Hello != "" {
		options = append(options, gomail.WithHELO(s.options.Hello))
	}
	switch s.settings.Security {
	case channel.TLS:
		options = append(options, gomail.WithTLSPolicy(gomail.NoTLS))
		dial = func(ctx context.Context, network, address string) (net.Conn, error) {
			conn, err := reach(ctx, network, address)
			if err != nil {
				return nil, err
			}
			over := tls.Client(conn, secured)
			if err := over.HandshakeContext(ctx); err != nil {
				return nil, errors.Join(err, conn.Close())
			}
			return over, nil
		}
	case channel.None:
		options = append(options, gomail.WithTLSPolicy(gomail.NoTLS))
	default:
		options = append(options, gomail.WithTLSPolicy(gomail.TLSMandatory))
	}
	options = append(options, gomail.WithDialContextFunc(dial))
	if s.settings.Username != "" {
		// The library cannot see that our own connection is encrypted, or that it
		// does not leave the machine: those are the only cases in which a
		// password is given without STARTTLS.
		options = append(options, gomail.WithUsername(s.settings.Username), gomail.WithPassword(s.settings.Password),
			gomail.WithOpportunisticSMTPAuth(gomail.SMTPAuthSCRAMSHA256, gomail.SMTPAuthSCRAMSHA1,
				gomail.SMTPAuthPlainNoEnc, gomail.SMTPAuthLoginNoEnc))
	}
	return gomail.NewClient(s.settings.Host, options...)
}

// compose writes the message: one text, one HTML alternative, in UTF-8.
func (s *Sender) compose(message channel.Outbound) (*gomail.Msg, error) {
	from, err := mail.ParseAddress(s.settings.From)
	if err != nil {
		return nil, err
	}
	to, err := mail.ParseAddress(message.To)
	if err != nil {
		return nil, err
	}
	to.Name = oneLine(message.Name)
	composed := gomail.NewMsg(gomail.WithNoDefaultUserAgent(), gomail.WithEncoding(encodingFor(message.Text)))
	composed.FromMailAddress(from)
	composed.SetAddrHeaderFromMailAddress(gomail.HeaderTo, to)
	composed.Subject(oneLine(message.Subject))
	composed.SetDateWithValue(message.At)
	_, domain, _ := strings.Cut(from.Address, "@")
	composed.SetMessageIDWithValue(message.ID + "@" + domain)
	if message.Thread != "" {
		// No mail has this id: it only ties the mails of a conversation together.
		root := "<" + message.Thread + "@" + domain + ">"
		composed.SetGenHeader(gomail.HeaderInReplyTo, root)
		composed.SetGenHeader(gomail.HeaderReferences, root)
	}
	if message.Automatic {
		composed.SetGenHeader("Auto-Submitted", "auto-generated")
		composed.SetGenHeader("X-Auto-Response-Suppress", "All")
	}
	composed.SetBodyString(gomail.TypeTextPlain, message.Text)
	if message.HTML != "" {
		composed.AddAlternativeString(gomail.TypeTextHTML, message.HTML)
	}
	return composed, nil
}

// encodingFor picks the shorter transfer encoding.
func encodingFor(text string) gomail.Encoding {
	wide := len(text) - utf8.RuneCountInString(text)
	if wide > len(text)/6 {
		return gomail.EncodingB64
	}
	return gomail.EncodingQP
}

// oneLine keeps a text from ending its header.
func oneLine(text string) string {
	return strings.Join(strings.FieldsFunc(text, func(r rune) bool { return unicode.IsControl(r) || unicode.IsSpace(r) && r != ' ' }), " ")
}

// discreet leaves the customer's address out of what is shown and logged.
func discreet(r channel.Receipt, to string) channel.Receipt {
	detail, _, _ := strings.Cut(r.Detail, ", affected recipient(s)")
	r.Detail = channel.Short(strings.ReplaceAll(detail, to, "…"))
	return r
}

// beforeMail judges a failure to reach the server or to sign in: somebody can
// put that right, so the message waits.
func beforeMail(err error) channel.Receipt {
	r := channel.Receipt{State: channel.Delayed, Reason: channel.Unreachable, Detail: err.Error()}
	var answered *textproto.Error
	var certificate *tls.CertificateVerificationError
	var record tls.RecordHeaderError
	switch {
	case fault.Of(err) != nil:
		r.State, r.Reason = channel.Failed, channel.BlockedTarget
	case errors.As(err, &certificate), errors.As(err, &record), strings.Contains(err.Error(), "STARTTLS"):
		r.Reason = channel.TLSFailed
	case errors.As(err, &answered) && answered.Code >= 530 && answered.Code <= 539, errors.Is(err, gomail.ErrNoSupportedAuthDiscovered),
		strings.Contains(err.Error(), "SMTP AUTH"):
		r.Reason = channel.LoginRefused
	case errors.As(err, &answered):
		r.Reason = channel.TryLater
	}
	return r
}

// duringMail judges an answer to the message itself.
func duringMail(err error) channel.Receipt {
	r := channel.Receipt{State: channel.Delayed, Reason: channel.UnclearAnswer, Detail: err.Error()}
	var refused *gomail.SendError
	if !errors.As(err, &refused) {
		return r
	}
	switch {
	case refused.IsTemp() || refused.ErrorCode() == 0:
		r.Reason = channel.TryLater
		return r
	case refused.Reason == gomail.ErrSMTPMailFrom:
		// The account may not send as this address: the settings are wrong, and
		// every other message waits for the same correction.
		r.Reason = channel.SenderRefused
		return r
	case refused.Reason == gomail.ErrSMTPRcptTo:
		r.Reason = channel.AddressRefused
	default:
		r.Reason = channel.MessageRefused
	}
	r.State = channel.Failed
	return r
}
