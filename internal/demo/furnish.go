package demo

import (
	"context"
	"errors"

	"everdesk/internal/channel"
)

// shopName is what the shop's customers call it.
const shopName = "云雀商店"

// furnish sets up the widget and the quick replies.
func (s *Shop) furnish(ctx context.Context) error {
	if s.widget.Settings.Name != shopName {
		settings := s.widget.Settings
		settings.Name, settings.BotName = shopName, channel.Spoken{"zh-CN": "小雀", "en": "Lark"}
		settings.Greeting = map[string]string{
			"zh-CN": "您好，欢迎来到云雀。订单、物流、尺码、退换，直接问就好。",
			"en":    "Welcome to Skylark. Orders, delivery, sizes, returns: just ask.",
		}
		settings.OfflineText = map[string]string{
			"zh-CN": "人工客服每天 9:00–21:00 在线。现在留言，我们会把答复发到您的邮箱或手机。",
			"en":    "People are here from 9:00 to 21:00 Beijing time. Leave a message and the answer reaches you by mail or text.",
		}
		settings.Hosts = []string{"localhost", "127.0.0.1"}
		var err error
		if s.widget, err = s.desk.Channels.SetWidget(ctx, s.scope, s.widget.Version, settings, s.founded); err != nil {
			return err
		}
	}
	for locale, all := range s.pack.snippets {
		for _, one := range all {
			_, err := s.desk.Channels.AddSnippet(ctx, s.scope, channel.Snippet{Key: one.Key, Title: one.Title, Text: one.Text, Locale: locale}, s.founded, nil)
			if err != nil && !errors.Is(err, channel.ErrShortcutTaken) {
				return err
			}
		}
	}
	return nil
}
