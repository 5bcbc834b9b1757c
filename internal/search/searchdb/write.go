package searchdb

import (
	"context"
	"slices"

	"everdesk/internal/id"
	"everdesk/internal/search"
	"everdesk/internal/store"
)

// put writes texts in the transaction of ctx: new ones get numbers in their
// order, upwards, or downwards below all others if they are older than those.
// Texts that have a number keep it.
func (s *Store) put(ctx context.Context, workspace id.Workspace, texts []text, older bool) error {
	if len(texts) == 0 {
		return nil
	}
	tx := store.Current(ctx)
	places := make([]place, len(texts))
	for i, t := range texts {
		places[i] = t.place
	}
	known, err := s.known(tx, workspace, places)
	if err != nil {
		return err
	}
	fresh := slices.DeleteFunc(slices.Clone(texts), func(t text) bool { return known[t.place] != 0 })
	var number int64
	if len(fresh) > 0 {
		if number, err = s.take(tx, workspace, int64(len(fresh)), older); err != nil {
			return err
		}
	}
	for _, t := range texts {
		if at := known[t.place]; at != 0 {
			s.dialect.replace(tx, workspace, at, t)
			continue
		}
		s.dialect.insert(tx, workspace, number, t)
		known[t.place] = number
		number++
	}
	s.dialect.tidy(tx, len(texts))
	return nil
}

// known returns the numbers of texts that have one.
func (s *Store) known(tx *store.Tx, workspace id.Workspace, places []place) (map[place]int64, error) {
	rows, err := tx.Query(`SELECT t.conversation_id, t.seq, t.text FROM `+s.dialect.pairs("$2")+` wanted CROSS JOIN search_texts t
		WHERE t.workspace_id = $1 AND t.conversation_id = wanted.a AND t.seq = wanted.b`, workspace, pairs(places))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	found := map[place]int64{}
	for rows.Next() {
		var p place
		var number int64
		if err := rows.Scan(&p.conversation, &p.seq, &number); err != nil {
			return nil, err
		}
		found[p] = number
	}
	return found, rows.Err()
}

// take returns the first of n new numbers of a workspace, which gets a slot with
// its first text: one that has none was empty until now, and has nothing to be
// filled in.
func (s *Store) take(tx *store.Tx, workspace id.Workspace, n int64, older bool) (int64, error) {
	up, down := n, int64(0)
	if older {
		up, down = 0, n
	}
	var slot, newest, oldest int64
	err := tx.Returning([]any{&slot, &newest, &oldest}, `INSERT INTO search_workspaces(workspace_id, slot, newest, oldest, version, fill_before, filled, done, total, since)
		VALUES ($1, (SELECT COALESCE(MAX(slot), 0) + 1 FROM search_workspaces), $2, 0 - CAST($3 AS BIGINT), $4, 0, 1, 0, 0, 0)
		ON CONFLICT (workspace_id) DO UPDATE SET newest = search_workspaces.newest + $2, oldest = search_workspaces.oldest - CAST($3 AS BIGINT)
		RETURNING slot, newest, oldest`, workspace, up, down, int64(search.Version))
	if older {
		return first(slot) + middle + oldest, err
	}
	return first(slot) + middle + newest - n + 1, err
}
