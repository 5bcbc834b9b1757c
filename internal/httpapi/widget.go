package httpapi

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"

	"everdesk/internal/access"
	"everdesk/internal/channel"
)

// WidgetSettings say how the widget looks and where it may stand.
type WidgetSettings struct {
	Name         string            `json:"name" maxLength:"60"`
	Locales      []string          `json:"locales" maxItems:"2"`
	BrandColor   string            `json:"brand_color" example:"#1f6f54"`
	OnBrandColor string            `json:"on_brand_color" example:"#ffffff"`
	Greeting     map[string]string `json:"greeting" doc:"By language."`
	BotName      channel.Spoken    `json:"bot_name" doc:"By language, 40 characters at most."`
	Hosts        []string          `json:"hosts" maxItems:"50" doc:"Where it may be embedded: shop.example, *.shop.example, localhost:8080."`
	PreChat      channel.PreChat   `json:"pre_chat"`
	Position     string            `json:"position" enum:"right,left"`
	ShowHelp     bool              `json:"show_help"`
	ShowTickets  bool              `json:"show_tickets"`
	OfflineText  map[string]string `json:"offline_text" doc:"By language; shown while nobody is there."`
	PhoneShown   string            `json:"phone_shown,omitempty" maxLength:"40"`
}

// Widget is the workspace's widget with its public key.
type Widget struct {
	Key string `json:"key" doc:"Public: it stands in the page of the host."`
	WidgetSettings
	Version int64 `json:"version"`
}

type widgetOutput struct {
	Versioned
	Body Widget
}

func widgetShown(f channel.Front, err error) (*widgetOutput, error) {
	return &widgetOutput{etag(f.Version), Widget{f.Key, WidgetSettings(f.Settings), f.Version}}, err
}

func (s *Server) registerWidget() {
	const tag = "Channels"
	kept := s.ports.Channels
	add(s, op{id: "get-widget", method: http.MethodGet, path: "/channels/widget", tag: tag, door: May(access.SettingsRead), summary: "The widget"},
		func(ctx context.Context, _ *struct{}) (*widgetOutput, error) {
			return widgetShown(kept.Widget(ctx, scopeOf(ctx)))
		})
	add(s, op{id: "put-widget", method: http.MethodPut, path: "/channels/widget", tag: tag, door: May(access.ChannelManage), summary: "Change how the widget looks and where it may stand"},
		func(ctx context.Context, in *struct {
			Updates
			Body WidgetSettings
		},
		) (*widgetOutput, error) {
			version, err := in.version()
			if err != nil {
				return nil, err
			}
			return widgetShown(kept.SetWidget(ctx, scopeOf(ctx), version, channel.WidgetSettings(in.Body), s.now()))
		})
	add(s, op{id: "renew-widget-secret", method: http.MethodPost, path: "/channels/widget/secret", tag: tag, door: May(access.ChannelManage), summary: "Make a new secret for the host's proofs and show it once"},
		func(ctx context.Context, _ *struct{}) (*struct{ Body WidgetSecret }, error) {
			secret, err := kept.RenewSecret(ctx, scopeOf(ctx), s.now())
			return &struct{ Body WidgetSecret }{WidgetSecret{secret}}, err
		})
	add(s, op{id: "client-config", method: http.MethodGet, path: "/client/config", tag: "Client", door: Anybody, summary: "What a widget shows before anybody has said anything"},
		s.clientConfig)
}

// WidgetSecret signs HS256 proofs of who a visitor is.
type WidgetSecret struct {
	Secret string `json:"secret"`
}

// ClientHours say when people are there.
type ClientHours struct {
	OpenNow     bool       `json:"open_now"`
	NextOpening *time.Time `json:"next_opening,omitempty"`
	TimeZone    string     `json:"time_zone"`
}

// ClientConfig is what a widget shows and where it listens.
type ClientConfig struct {
	WidgetPublic
	Hours    ClientHours     `json:"hours"`
	LiveURL  string          `json:"live_url"`
	Features map[string]bool `json:"features"`
}

// WidgetPublic is what everybody may know of a widget's settings.
type WidgetPublic struct {
	Name         string            `json:"name"`
	Locales      []string          `json:"locales"`
	BrandColor   string            `json:"brand_color"`
	OnBrandColor string            `json:"on_brand_color"`
	Greeting     map[string]string `json:"greeting"`
	BotName      channel.Spoken    `json:"bot_name" doc:"By language."`
	PreChat      channel.PreChat   `json:"pre_chat"`
	Position     string            `json:"position"`
	ShowHelp     bool              `json:"show_help"`
	ShowTickets  bool              `json:"show_tickets"`
	OfflineText  map[string]string `json:"offline_text"`
	PhoneShown   string            `json:"phone_shown,omitempty"`
}

type configOutput struct {
	CacheControl string `header:"Cache-Control"`
	Vary         string `header:"Vary"`
	AllowOrigin  string `header:"Access-Control-Allow-Origin"`
	Body         ClientConfig
}

// clientConfig answers the pages the widget may stand on. Other sites get the
// same answer without leave to read it, so a cache in between cannot hand it on.
func (s *Server) clientConfig(ctx context.Context, in *struct {
	Key    string `query:"key" required:"true" maxLength:"80"`
	Locale string `query:"locale" maxLength:"35"`
},
) (*configOutput, error) {
	front, err := s.ports.Channels.ByKey(ctx, in.Key)
	if err != nil {
		return nil, err
	}
	hours, err := s.ports.Calendars.Hours(ctx, access.System(front.Workspace), 0, s.now())
	if err != nil {
		return nil, err
	}
	w := front.Settings
	out := &configOutput{CacheControl: "public, max-age=60", Vary: "Origin"}
	out.Body = ClientConfig{
		WidgetPublic: WidgetPublic{
			w.Name, w.Locales, w.BrandColor, w.OnBrandColor, w.Greeting, w.BotName, w.PreChat, w.Position,
			w.ShowHelp, w.ShowTickets, w.OfflineText, w.PhoneShown,
		},
		Hours: ClientHours{TimeZone: hours.Zone().String()}, LiveURL: Base + "/live",
		Features: map[string]bool{"help": w.ShowHelp, "tickets": w.ShowTickets},
	}
	out.Body.Hours.OpenNow, out.Body.Hours.NextOpening = openings(hours, s.now())
	if origin := requestOf(ctx).header.Get("Origin"); origin != "" && mayRead(w, origin, requestOf(ctx).host) {
		out.AllowOrigin = origin
	}
	return out, nil
}

// mayRead reports whether a page of an origin may read the widget's settings:
// the desk's own, and those of the allowed hosts.
func mayRead(w channel.WidgetSettings, origin, own string) bool {
	from, err := url.Parse(origin)
	return err == nil && from.Host != "" && (strings.EqualFold(from.Host, own) || w.Allows(from.Host))
}
