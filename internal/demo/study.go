package demo

import (
	"context"

	"everdesk/internal/inbox"
	"everdesk/packs"
)

// study teaches the desk the pack's questions, products and intents.
func (s *Shop) study(ctx context.Context) error {
	created, _, err := s.desk.Knowledge.InstallPack(ctx, s.people["chen"].scope, packs.Ecommerce(), s.founded)
	if err != nil {
		return err
	}
	s.report("%d questions and products", created)
	taken, err := s.desk.Training.InstallPack(ctx, s.people["chen"].scope, packs.Ecommerce(), s.founded)
	if err != nil {
		return err
	}
	s.report("%d intents with %d examples, learnt in the background", taken.Intents, taken.Examples)
	return s.index(ctx)
}

// index learns which article has which key of the pack.
func (s *Shop) index(ctx context.Context) error {
	s.articles = map[string]inbox.Source{}
	for _, locale := range []string{"zh-CN", "en"} {
		published, err := s.desk.Knowledge.Published(ctx, s.scope, locale)
		if err != nil {
			return err
		}
		for _, a := range published {
			s.articles[a.Key+"/"+locale] = inbox.Source{Article: a.ID, Title: a.Title, UpdatedAt: a.UpdatedAt}
		}
	}
	return nil
}
