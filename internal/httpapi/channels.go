package httpapi

import (
	"context"
	"net/http"
	"time"

	"everdesk/internal/access"
	"everdesk/internal/channel"
)

// Channels keeps the settings of channels.
type Channels interface {
	Email(ctx context.Context, scope access.Scope) (channel.EmailSettings, int64, error)
	SetEmail(ctx context.Context, scope access.Scope, version int64, settings channel.EmailSettings, at time.Time) (int64, error)
	SMS(ctx context.Context, scope access.Scope) (channel.SMSSettings, int64, error)
	SetSMS(ctx context.Context, scope access.Scope, version int64, settings channel.SMSSettings, at time.Time) (int64, error)
	Widget(ctx context.Context, scope access.Scope) (channel.Front, error)
	SetWidget(ctx context.Context, scope access.Scope, version int64, settings channel.WidgetSettings, at time.Time) (channel.Front, error)
	RenewSecret(ctx context.Context, scope access.Scope, at time.Time) (string, error)
	// ByKey finds the widget of a public key, or returns channel.ErrNotFound.
	ByKey(ctx context.Context, key string) (channel.Front, error)
}

// Trials sends a message to see whether a channel works.
type Trials interface {
	Try(ctx context.Context, scope access.Scope, kind channel.Kind, to, language string, at time.Time) (channel.Receipt, error)
}

// ChannelState is one line of the list of channels.
type ChannelState struct {
	Kind       channel.Kind `json:"kind" enum:"email,sms,widget"`
	Configured bool         `json:"configured"`
	Version    int64        `json:"version"`
}

// EmailChannel is the mail account. The password is never shown.
type EmailChannel struct {
	Host        string           `json:"host" maxLength:"253"`
	Port        int              `json:"port" minimum:"1" maximum:"65535" default:"587"`
	Security    channel.Security `json:"security" enum:"starttls,tls,none" doc:"none only for a server on the same machine."`
	Username    string           `json:"username,omitempty" maxLength:"200"`
	From        string           `json:"from" maxLength:"300" example:"Shop <help@shop.example>"`
	HasPassword bool             `json:"has_password" readOnly:"true"`
	Version     int64            `json:"version" readOnly:"true"`
}

// SMSChannel is the gateway for text messages. The secret is never shown.
type SMSChannel struct {
	URL       string `json:"url" maxLength:"1000"`
	From      string `json:"from,omitempty" maxLength:"50"`
	HasSecret bool   `json:"has_secret" readOnly:"true"`
	Version   int64  `json:"version" readOnly:"true"`
}

type emailOutput struct {
	Versioned
	Body EmailChannel
}

type smsOutput struct {
	Versioned
	Body SMSChannel
}

func (s *Server) registerChannels() {
	const tag = "Channels"
	kept := s.ports.Channels
	add(s, op{id: "list-channels", method: http.MethodGet, path: "/channels", tag: tag, door: May(access.SettingsRead), summary: "The channels and whether they are set up"}, s.listChannels)
	add(s, op{id: "get-email-channel", method: http.MethodGet, path: "/channels/email", tag: tag, door: May(access.ChannelManage), summary: "The mail account; version 0 if there is none"},
		func(ctx context.Context, _ *struct{}) (*emailOutput, error) {
			settings, version, err := kept.Email(ctx, scopeOf(ctx))
			return emailShown(settings, version), err
		})
	add(s, op{id: "put-email-channel", method: http.MethodPut, path: "/channels/email", tag: tag, door: May(access.ChannelManage), summary: "Set the mail account"}, s.putEmail)
	add(s, op{id: "get-sms-channel", method: http.MethodGet, path: "/channels/sms", tag: tag, door: May(access.ChannelManage), summary: "The gateway for text messages; version 0 if there is none"},
		func(ctx context.Context, _ *struct{}) (*smsOutput, error) {
			settings, version, err := kept.SMS(ctx, scopeOf(ctx))
			return smsShown(settings, version), err
		})
	add(s, op{id: "put-sms-channel", method: http.MethodPut, path: "/channels/sms", tag: tag, door: May(access.ChannelManage), summary: "Set the gateway for text messages"}, s.putSMS)
	for _, kind := range []channel.Kind{channel.Email, channel.SMS} {
		add(s, op{id: "test-" + string(kind) + "-channel", method: http.MethodPost, path: "/channels/" + string(kind) + "/test", tag: tag, door: May(access.ChannelManage), summary: "Send a message to see whether it works"},
			func(ctx context.Context, in *tryInput) (*struct{ Body Trial }, error) {
				receipt, err := s.ports.Trials.Try(ctx, scopeOf(ctx), kind, in.Body.To, languageOf(ctx), s.now())
				return &struct{ Body Trial }{Trial{receipt.State, receipt.Reason, receipt.Detail}}, err
			})
	}
	s.registerWidget()
}

type tryInput struct {
	Body struct {
		To string `json:"to" minLength:"1" maxLength:"254" doc:"A mail address, or a phone number."`
	}
}

// Trial is what came of a test message.
type Trial struct {
	State  channel.State  `json:"state" enum:"sent,delayed,failed" doc:"sent: the server has taken it over."`
	Reason channel.Reason `json:"reason,omitempty"`
	Detail string         `json:"detail,omitempty" doc:"The server's own words."`
}

func (s *Server) listChannels(ctx context.Context, _ *struct{}) (*struct{ Body listed[ChannelState] }, error) {
	scope := scopeOf(ctx)
	_, mail, err := s.ports.Channels.Email(ctx, scope)
	if err != nil {
		return nil, err
	}
	_, sms, err := s.ports.Channels.SMS(ctx, scope)
	if err != nil {
		return nil, err
	}
	front, err := s.ports.Channels.Widget(ctx, scope)
	return &struct{ Body listed[ChannelState] }{listed[ChannelState]{Items: []ChannelState{
		{channel.Widget, front.Version > 0, front.Version}, {channel.Email, mail > 0, mail}, {channel.SMS, sms > 0, sms},
	}}}, err
}

func emailShown(settings channel.EmailSettings, version int64) *emailOutput {
	view := EmailChannel{
		Host: settings.Host, Port: settings.Port, Security: settings.Security, Username: settings.Username, From: settings.From,
		HasPassword: settings.Password != "", Version: version,
	}
	if version == 0 {
		view.Port, view.Security = 587, channel.StartTLS
	}
	return &emailOutput{etag(version), view}
}

func (s *Server) putEmail(ctx context.Context, in *struct {
	Updates
	Body struct {
		Host     string           `json:"host" maxLength:"253"`
		Port     int              `json:"port" minimum:"1" maximum:"65535"`
		Security channel.Security `json:"security" enum:"starttls,tls,none"`
		Username string           `json:"username,omitempty" maxLength:"200"`
		Password string           `json:"password,omitempty" maxLength:"500" writeOnly:"true" doc:"Absent: the one there is, if server and user stay."`
		From     string           `json:"from" maxLength:"300"`
	}
},
) (*emailOutput, error) {
	version, err := in.version()
	if err != nil {
		return nil, err
	}
	b := in.Body
	if _, err := s.ports.Channels.SetEmail(ctx, scopeOf(ctx), version, channel.EmailSettings{
		Host: b.Host, Port: b.Port, Security: b.Security, Username: b.Username, Password: b.Password, From: b.From,
	}, s.now()); err != nil {
		return nil, err
	}
	settings, now, err := s.ports.Channels.Email(ctx, scopeOf(ctx))
	return emailShown(settings, now), err
}

func smsShown(settings channel.SMSSettings, version int64) *smsOutput {
	return &smsOutput{etag(version), SMSChannel{settings.URL, settings.From, settings.Secret != "", version}}
}

func (s *Server) putSMS(ctx context.Context, in *struct {
	Updates
	Body struct {
		URL    string `json:"url" maxLength:"1000"`
		Secret string `json:"secret,omitempty" maxLength:"500" writeOnly:"true" doc:"Absent: the one there is, if the address stays."`
		From   string `json:"from,omitempty" maxLength:"50"`
	}
},
) (*smsOutput, error) {
	version, err := in.version()
	if err != nil {
		return nil, err
	}
	if _, err := s.ports.Channels.SetSMS(ctx, scopeOf(ctx), version, channel.SMSSettings{
		URL: in.Body.URL, Secret: in.Body.Secret, From: in.Body.From,
	}, s.now()); err != nil {
		return nil, err
	}
	settings, now, err := s.ports.Channels.SMS(ctx, scopeOf(ctx))
	return smsShown(settings, now), err
}
