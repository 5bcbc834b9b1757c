package app

import (
	"context"
	"time"

	"everdesk/internal/bot/nlu/nludb"
)

// trainEvery is how often a node looks whether training waits that no signal
// told it of: another node's, or one left behind by a node that died.
const trainEvery = 5 * time.Second

// train learns what waits to be learnt, on one node of the installation at a
// time, beside everything else the node does.
func (a *App) train(ctx context.Context) {
	every(ctx, a.db.Listen(nludb.TrainSignal), trainEvery, func() {
		trained, err := a.training.TrainAll(ctx, a.holder, a.now)
		if err != nil && ctx.Err() == nil {
			a.log.WarnContext(ctx, "training failed; it will be tried again", "error", err)
		}
		if trained > 0 {
			a.log.InfoContext(ctx, "models were trained", "models", trained)
		}
	})
}
