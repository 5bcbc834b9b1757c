package nludb

import (
	"context"
	"errors"
	"io/fs"
	"time"

	"everdesk/internal/access"
	"everdesk/internal/training"
)

// InstallPack takes in a pack's intents and examples and has them learnt in the
// background, if there were any new. An intent that exists keeps its titles, and
// a text that is another's example stays so.
func (s *Store) InstallPack(ctx context.Context, scope access.Scope, pack fs.FS, at time.Time) (taken training.Taken, err error) {
	intents, lines, err := training.ReadPack(pack)
	if err != nil {
		return taken, err
	}
	made := 0
	for _, intent := range intents {
		switch _, err := s.MakeIntent(ctx, scope, nil, intent, at); {
		case err == nil:
			made++
		case !errors.Is(err, training.ErrKeyTaken):
			return taken, err
		}
	}
	taken, err = s.Take(ctx, scope, lines, training.Pack, at)
	taken.Intents += made
	if err != nil || taken.Examples == 0 {
		return taken, err
	}
	_, err = s.AskTraining(ctx, scope, nil, true, at)
	return taken, err
}
