package app

import (
	"context"
	"fmt"
	"strings"
	"time"

	"everdesk/internal/access"
	"everdesk/internal/channel"
	"everdesk/internal/channel/channeldb"
	"everdesk/internal/channel/email"
	"everdesk/internal/channel/sms"
	"everdesk/internal/customer"
	"everdesk/internal/httpapi"
	"everdesk/internal/id"
	"everdesk/internal/outbound"
	"everdesk/internal/seal"
	"everdesk/internal/ticket"
)

// senders opens the channels of a workspace, each behind the guard that keeps
// what people set in the console out of the operator's network.
type senders struct {
	channels *channeldb.Store
	guard    *outbound.Guard
	count    func(values ...string)
}

// Sender returns the sender of a channel as it is configured now.
func (s senders) Sender(ctx context.Context, scope access.Scope, kind channel.Kind) (channel.Sender, error) {
	switch kind {
	case channel.Email:
		settings, version, err := s.channels.Email(ctx, scope)
		if err == nil && version == 0 {
			err = channel.ErrNotConfigured
		}
		return counted{s.Mail(settings), kind, s.count}, err
	case channel.SMS:
		settings, version, err := s.channels.SMS(ctx, scope)
		if err == nil && version == 0 {
			err = channel.ErrNotConfigured
		}
		return counted{s.Text(settings), kind, s.count}, err
	}
	return nil, fmt.Errorf("nothing is sent by %q", kind)
}

// Mail returns a sender for mail settings.
func (s senders) Mail(settings channel.EmailSettings) channel.Sender {
	return email.New(settings, email.Options{Dial: s.guard.DialContext, Hello: "everdesk"})
}

// Text returns a sender for SMS settings.
func (s senders) Text(settings channel.SMSSettings) channel.Sender {
	return sms.New(settings, s.guard.Client(15*time.Second))
}

// links makes the signed addresses at which customers see their tickets.
type links struct {
	ring   *seal.Ring
	public string
}

// TicketLink returns the address for a letter of a time.
func (l links) TicketLink(workspace id.Workspace, t id.Ticket, at time.Time) string {
	return l.public + "/t/" + ticket.NewLink(workspace, t, at).Token(l.ring)
}

// Follow exchanges a letter's link for a visitor's token of the ticket's
// customer.
func (v visitors) Follow(ctx context.Context, token string, at time.Time) (httpapi.Followed, error) {
	link, err := ticket.ParseLink(token, v.ring, at)
	if err != nil {
		return httpapi.Followed{}, err
	}
	scope := access.System(link.Workspace)
	t, err := v.tickets.Ticket(ctx, scope, link.Ticket)
	if isNotFound(err) {
		return httpapi.Followed{}, ticket.ErrLink
	}
	if err != nil {
		return httpapi.Followed{}, err
	}
	front, err := v.channels.Widget(ctx, scope)
	if err != nil {
		return httpapi.Followed{}, err
	}
	visit, err := v.customers.Admit(ctx, scope, t.Customer, customer.Arrival{Locale: t.Locale, Channel: front.ID, At: at})
	return httpapi.Followed{Visit: visit, Ticket: t, Key: front.Key}, err
}

// visitors lets people in at a widget.
type visitors struct{ *App }

// Door resolves a widget's public key.
func (v visitors) Door(ctx context.Context, key string) (access.Scope, id.Channel, error) {
	front, err := v.channels.ByKey(ctx, key)
	if err != nil {
		return access.Scope{}, 0, err
	}
	return access.System(front.Workspace), front.ID, nil
}

// Arrive makes a visitor; with a proof of the host, of a known customer.
func (v visitors) Arrive(ctx context.Context, scope access.Scope, arrival customer.Arrival, proof string) (visit customer.Visit, err error) {
	known, err := v.proven(ctx, scope, proof, arrival.At)
	if err != nil {
		return visit, err
	}
	err = v.db.Atomically(ctx, func(ctx context.Context) error {
		if visit, err = v.customers.Arrive(ctx, scope, arrival); err != nil || proof == "" {
			return err
		}
		visit.Customer, err = v.customers.Identify(ctx, access.Visitor(scope.Workspace, visit.Customer.ID), arrival.Channel, known, arrival.At)
		return err
	})
	return visit, err
}

// Identify binds a present visitor to whom the host's proof names.
func (v visitors) Identify(ctx context.Context, scope access.Scope, proof string, at time.Time) (who customer.Customer, err error) {
	known, err := v.proven(ctx, scope, proof, at)
	if err != nil {
		return who, err
	}
	err = v.db.Atomically(ctx, func(ctx context.Context) error {
		account, err := v.customers.Channel(ctx, scope)
		if err != nil {
			return err
		}
		who, err = v.customers.Identify(ctx, scope, account, known, at)
		return err
	})
	return who, err
}

// proven checks a host's proof against the widget's secret.
func (v visitors) proven(ctx context.Context, scope access.Scope, proof string, at time.Time) (customer.Proof, error) {
	if proof == "" {
		return customer.Proof{}, nil
	}
	front, err := v.channels.Widget(ctx, access.System(scope.Workspace))
	if err != nil {
		return customer.Proof{}, err
	}
	if front.Secret == "" {
		return customer.Proof{}, customer.ErrProof
	}
	return customer.VerifyProof(proof, []byte(front.Secret), at)
}

// hosts are the sites that may frame the widget of a key, as CSP sources.
func (v visitors) hosts(ctx context.Context, key string) ([]string, error) {
	front, err := v.channels.ByKey(ctx, key)
	if err != nil {
		return nil, err
	}
	sources := make([]string, len(front.Settings.Hosts))
	for i, host := range front.Settings.Hosts {
		// Without a port, a source means the scheme's usual one only.
		if !strings.Contains(host, ":") {
			host += ":*"
		}
		sources[i] = host
	}
	return sources, nil
}
