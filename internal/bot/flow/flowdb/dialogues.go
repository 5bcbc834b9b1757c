package flowdb

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"everdesk/internal/access"
	"everdesk/internal/bot/flow"
	"everdesk/internal/connector"
	"everdesk/internal/fault"
	"everdesk/internal/id"
	"everdesk/internal/store"
)

// Dialogue reads the state of a conversation's dialogue; version 0 for none yet.
func (s *Store) Dialogue(ctx context.Context, scope access.Scope, which id.Conversation) (d flow.Dialogue, version int64, err error) {
	var state string
	rows, err := s.db.Query(ctx, `SELECT state, version FROM dialogues WHERE workspace_id = $1 AND conversation_id = $2`, scope.Workspace, which)
	err = store.One(rows, err, &state, &version)
	if errors.Is(err, store.ErrNoRows) {
		return flow.Dialogue{ID: which.String()}, 0, nil
	}
	if err == nil {
		err = json.Unmarshal([]byte(state), &d)
	}
	return d, version, err
}

// SaveDialogue writes the state after a step, in the transaction of ctx, if the
// dialogue is still of the version the step began with.
func (s *Store) SaveDialogue(ctx context.Context, scope access.Scope, which id.Conversation, d flow.Dialogue, version int64, at time.Time) error {
	return s.db.Do(ctx, store.Change{Subject: which.Int64(), Run: func(ctx context.Context) error {
		tx := store.Current(ctx)
		sql, args := `INSERT INTO dialogues(workspace_id, conversation_id, version, state, updated_at) VALUES ($1, $2, 1, $3, $4)
			ON CONFLICT (workspace_id, conversation_id) DO NOTHING`, []any{scope.Workspace, which, store.JSON(d), at}
		if version > 0 {
			sql = `UPDATE dialogues SET state = $3, updated_at = $4, version = version + 1
				WHERE workspace_id = $1 AND conversation_id = $2 AND version = $5`
			args = append(args, version)
		}
		changed, err := tx.Exec(sql, args...)
		if err == nil && changed == 0 {
			return fault.ErrStale
		}
		return err
	}})
}

// KeepTrace keeps why a turn went as it went.
func (s *Store) KeepTrace(ctx context.Context, scope access.Scope, which id.Conversation, turn int64, trace any, at time.Time) {
	store.Current(ctx).Queue(`INSERT INTO flow_turns(workspace_id, conversation_id, turn, at, trace) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (workspace_id, conversation_id, turn) DO NOTHING`, scope.Workspace, which, turn, at, store.JSON(trace))
}

// Traces are those of a conversation, oldest first.
func (s *Store) Traces(ctx context.Context, scope access.Scope, which id.Conversation) ([]json.RawMessage, error) {
	rows, err := s.db.Query(ctx, `SELECT trace FROM flow_turns WHERE workspace_id = $1 AND conversation_id = $2 ORDER BY turn LIMIT 200`, scope.Workspace, which)
	return store.All(rows, err, func(r store.Row) (json.RawMessage, error) {
		var text string
		err := r.Scan(&text)
		return json.RawMessage(text), err
	})
}

// Ended counts how a flow ended, or what a customer said of it.
func (s *Store) Ended(ctx context.Context, scope access.Scope, which id.Conversation, e flow.Effect, at time.Time) {
	tx := store.Current(ctx)
	outcome, score := e.Outcome, int64(-1)
	if e.Kind == flow.Rated {
		outcome, score = "rated", int64(e.Score)
	}
	tx.Queue(`INSERT INTO flow_runs(workspace_id, id, flow_key, hash, conversation_id, outcome, node, score, at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`, scope.Workspace, tx.IDs().Next(), e.Flow, e.Hash, which, outcome, e.Node, score, at)
}

// Outcomes counts how flows ended since a time, by flow and outcome.
func (s *Store) Outcomes(ctx context.Context, scope access.Scope, since time.Time) (map[string]map[string]int64, error) {
	all := map[string]map[string]int64{}
	rows, err := s.db.Query(ctx, `SELECT flow_key, outcome, COUNT(*) FROM flow_runs WHERE workspace_id = $1 AND at >= $2 GROUP BY flow_key, outcome`,
		scope.Workspace, since)
	_, err = store.All(rows, err, func(r store.Row) (struct{}, error) {
		var key, outcome string
		var n int64
		err := r.Scan(&key, &outcome, &n)
		if all[key] == nil {
			all[key] = map[string]int64{}
		}
		all[key][outcome] = n
		return struct{}{}, err
	})
	return all, err
}

// The states of a call.
const (
	callPending   = "pending"
	callSent      = "sent"
	callDone      = "done"
	callFailed    = "failed"
	callCancelled = "cancelled"
)

// Order keeps a call that is to be made, in the transaction of ctx. The same
// key twice is one call.
func (s *Store) Order(ctx context.Context, scope access.Scope, which id.Conversation, e flow.Effect, at time.Time) {
	var proof any
	if e.Proof != nil {
		proof = connector.Proof{Level: e.Proof.Level, Subject: e.Proof.Value, Method: e.Proof.Method, At: e.Proof.At}
	}
	store.Current(ctx).Queue(`INSERT INTO flow_calls(workspace_id, call_key, conversation_id, operation, args, proof, state, attempts, error, created_at, updated_at)
		VALUES ($1, $2, $3, $4, $5, $6, '`+callPending+`', 0, '', $7, $7) ON CONFLICT (workspace_id, call_key) DO NOTHING`,
		scope.Workspace, e.Key, which, e.Op, store.JSON(e.Args), store.JSON(proof), at)
}

// Sending marks a call as being sent and returns it. It returns false if there
// is nothing to send: it was cancelled, has come back already, or the bot no
// longer has the conversation under the epoch the call was ordered in. again says
// that it was sent before and nobody knows what became of it.
func (s *Store) Sending(ctx context.Context, scope access.Scope, which id.Conversation, epoch int64, key string, at time.Time) (call connector.Call, again, send bool, err error) {
	err = s.db.Atomically(ctx, func(ctx context.Context) error {
		tx := store.Current(ctx)
		var owned int64
		rows, err := tx.Query(`SELECT COUNT(*) FROM conversations WHERE workspace_id = $1 AND id = $2 AND state = 'open' AND owner_kind = 'bot' AND owner_epoch = $3`,
			scope.Workspace, which, epoch)
		if err := store.One(rows, err, &owned); err != nil || owned == 0 {
			return err // people have it: what was not sent is not sent
		}
		var state, args, proof string
		rows, err = tx.Query(`SELECT operation, state, args, proof FROM flow_calls WHERE workspace_id = $1 AND call_key = $2`, scope.Workspace, key)
		err = store.One(rows, err, &call.Operation, &state, &args, &proof)
		if errors.Is(err, store.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		again, send = state == callSent, state == callSent || state == callPending
		if !send {
			return nil
		}
		call.Key = key
		if err := errors.Join(json.Unmarshal([]byte(args), &call.Args), json.Unmarshal([]byte(proof), &call.Proof)); err != nil {
			return err
		}
		changed, err := tx.Exec(`UPDATE flow_calls SET state = '`+callSent+`', attempts = attempts + 1, updated_at = $3
			WHERE workspace_id = $1 AND call_key = $2 AND state IN ('`+callPending+`', '`+callSent+`')`, scope.Workspace, key, at)
		send = send && changed == 1
		return err
	})
	return call, again, send, err
}

// CameBack notes the end of a call, in the transaction of ctx.
func (s *Store) CameBack(ctx context.Context, scope access.Scope, key, code string, at time.Time) {
	state := callDone
	if code != "" {
		state = callFailed
	}
	// The arguments have done their work; what is left is that it happened.
	store.Current(ctx).Queue(`UPDATE flow_calls SET state = $3, error = $4, args = '{}', updated_at = $5 WHERE workspace_id = $1 AND call_key = $2`,
		scope.Workspace, key, state, code, at)
}

// CancelCalls takes back the calls of a conversation that were not sent yet, in
// the transaction of ctx.
func (s *Store) CancelCalls(ctx context.Context, scope access.Scope, which id.Conversation, at time.Time) {
	store.Current(ctx).Queue(`UPDATE flow_calls SET state = '`+callCancelled+`', args = '{}', updated_at = $3
		WHERE workspace_id = $1 AND conversation_id = $2 AND state = '`+callPending+`'`, scope.Workspace, which, at)
}

// The limits of one-time codes: for a subject in an hour, in a conversation in
// an hour, for a customer in a day.
const (
	codesPerSubject      = 3
	codesPerConversation = 5
	codesPerCustomer     = 10
)

// CountCode counts a code that is about to be sent, in the transaction of ctx,
// or reports false if there have been too many. Codes for things that do not
// exist count like others.
func (s *Store) CountCode(ctx context.Context, scope access.Scope, which id.Conversation, who id.Customer, subject string, at time.Time) (bool, error) {
	tx := store.Current(ctx)
	index := s.sealer.Index("flow.subject", subject)
	var ofSubject, ofConversation, ofCustomer int64
	rows, err := tx.Query(`SELECT
			(SELECT COUNT(*) FROM flow_codes WHERE workspace_id = $1 AND subject = $2 AND sent_at > $5),
			(SELECT COUNT(*) FROM flow_codes WHERE workspace_id = $1 AND customer_id = $4 AND conversation_id = $3 AND sent_at > $5),
			(SELECT COUNT(*) FROM flow_codes WHERE workspace_id = $1 AND customer_id = $4 AND sent_at > $6)`,
		scope.Workspace, index, which, who, at.Add(-time.Hour), at.Add(-24*time.Hour))
	if err := store.One(rows, err, &ofSubject, &ofConversation, &ofCustomer); err != nil {
		return false, err
	}
	if ofSubject >= codesPerSubject || ofConversation >= codesPerConversation || ofCustomer >= codesPerCustomer {
		return false, nil
	}
	tx.Queue(`INSERT INTO flow_codes(workspace_id, id, subject, customer_id, conversation_id, sent_at) VALUES ($1, $2, $3, $4, $5, $6)`,
		scope.Workspace, tx.IDs().Next(), index, who, which, at)
	return true, nil
}
