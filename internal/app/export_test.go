package app

import (
	"context"
	"encoding/json"
	"net/http"

	"everdesk/internal/access"
	"everdesk/internal/httpapi"
	"everdesk/internal/id"
	"everdesk/internal/locale"
	"everdesk/internal/store"
	"everdesk/internal/training"
)

// Handler is what a node answers with.
func (a *App) Handler() http.Handler { return a.handler }

// Changed answers from the same node with some ports exchanged and with the
// pages given: what a guard has to notice.
func (a *App) Changed(pages httpapi.Pages, change func(*httpapi.Ports)) http.Handler {
	ports := a.ports()
	change(&ports)
	server := httpapi.New(ports, httpapi.Options{Log: a.log, Now: a.now, Version: "test", Title: locale.Text})
	pages.Hosts = visitors{a}.hosts
	server.Pages(pages)
	return server
}

// IndexAll has the index of what was said come up to what has been written.
func (a *App) IndexAll(ctx context.Context) error {
	for _, consumer := range a.consumers() {
		if consumer.Prepare == nil {
			continue
		}
		for part := range store.Parts {
			if err := consumer.CatchUp(ctx, a.db, a.holder, part); err != nil {
				return err
			}
		}
	}
	return nil
}

// TellRows returns what tells lists of rows, over a publisher.
func TellRows(publish func(channel string, frame json.RawMessage)) func(which id.Conversation, row json.RawMessage, channels ...string) {
	return (&rows{publish: publish}).tell
}

// Count counts a message as a sender does.
func (a *App) Count(values ...string) { a.senders.count(values...) }

// KeepSample keeps a text as one that waits for a label.
func (a *App) KeepSample(ctx context.Context, workspace id.Workspace, text string) error {
	return a.training.Note(ctx, access.System(workspace), training.Sample{Text: text, Locale: "en"}, a.now())
}

// Reads is how many queries the node has asked outside transactions.
func (a *App) Reads() uint64 { return a.db.Stats().Reads }
