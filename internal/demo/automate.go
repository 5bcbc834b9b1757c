package demo

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"

	"everdesk/internal/app"
	"everdesk/internal/bot/flow"
	"everdesk/internal/connector"
	"everdesk/packs"
)

// Employ connects the desk with the shop's order system and teaches the bot the
// pack's flows. What is there already stays as people have made it; only the
// order system's address, which is another one each time, is brought up to
// date.
func (s *Shop) Employ(ctx context.Context, b *BackOffice) error {
	if err := b.stock(s); err != nil {
		return err
	}
	s.office = b
	if err := s.deliverTo(ctx, b); err != nil {
		return err
	}
	if err := s.connect(ctx, b); err != nil {
		return fmt.Errorf("connecting the order system: %w", err)
	}
	return s.teach(ctx)
}

func (s *Shop) connect(ctx context.Context, b *BackOffice) error {
	raw, err := fs.ReadFile(packs.Ecommerce(), "connectors.json")
	if err != nil {
		return err
	}
	var all []json.RawMessage
	if err := json.Unmarshal(raw, &all); err != nil {
		return err
	}
	for _, one := range all {
		d, err := connector.Parse(one)
		if err != nil {
			return err
		}
		d.Base = "http://" + b.Address() + "/api"
		secrets := map[string]string{d.Auth.Secret: b.books.Token}
		known, err := s.desk.Flows.ConnectorByKey(ctx, s.scope, d.Key)
		if errors.Is(err, connector.ErrNotFound) {
			_, err = s.desk.Flows.MakeConnector(ctx, s.scope, nil, d, secrets, s.founded)
		} else if err == nil {
			known.Document.Base = d.Base
			_, err = s.desk.Flows.ChangeConnector(ctx, s.scope, known.ID, known.Version, known.Document, secrets, s.desk.Now())
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// teach publishes the pack's flows that the desk does not have yet.
func (s *Shop) teach(ctx context.Context) error {
	raw, err := fs.ReadFile(packs.Ecommerce(), "flows.json")
	if err != nil {
		return err
	}
	var all []json.RawMessage
	if err := json.Unmarshal(raw, &all); err != nil {
		return err
	}
	for _, document := range all {
		made, err := s.desk.Studio.MakeFlow(ctx, s.scope, nil, document, s.founded)
		if errors.Is(err, flow.ErrKeyTaken) {
			continue
		}
		if err != nil {
			return fmt.Errorf("teaching a flow: %w", err)
		}
		if _, problems, err := s.desk.Studio.PublishFlow(ctx, s.scope, made.ID, made.Version, "", s.founded); err != nil {
			return fmt.Errorf("publishing the flow %s: %w (%v)", made.Key, err, problems)
		}
	}
	return nil
}

// mountOffice puts the switch of the order system's health below /demo/.
func (s *Shop) mountOffice(node *app.App) {
	node.Mount("GET /demo/backoffice.json", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { answer(w, s.office.state()) }))
	node.Mount("GET /demo/backoffice", http.HandlerFunc(s.office.page))
	node.Mount("POST /demo/backoffice", http.HandlerFunc(s.office.switchMode))
	node.Mount("PUT /demo/backoffice.json", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var wish struct {
			Mode  Mode   `json:"mode"`
			Order string `json:"order"`
			Email string `json:"email"`
		}
		err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<10)).Decode(&wish)
		if err == nil && wish.Mode != "" {
			err = s.office.SetMode(wish.Mode)
		}
		if err == nil && wish.Order != "" {
			err = s.office.SetContact(wish.Order, wish.Email)
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusUnprocessableEntity)
			return
		}
		answer(w, s.office.state())
	}))
}
