package inboxdb

import (
	"context"
	"slices"
	"strings"
	"time"

	"everdesk/internal/access"
	"everdesk/internal/id"
	"everdesk/internal/inbox"
	"everdesk/internal/page"
	"everdesk/internal/store"
)

// Everything that is open has one of these owners; what is resolved has none.
var (
	openOwners = []inbox.OwnerKind{inbox.OwnerBot, inbox.OwnerQueue, inbox.OwnerAgent, inbox.OwnerTicket}
	allOwners  = append([]inbox.OwnerKind{inbox.OwnerNone}, openOwners...)
)

// ownersOf are the owners of a view's conversations.
func ownersOf(view inbox.View) []inbox.OwnerKind {
	switch view {
	case inbox.ViewQueue:
		return []inbox.OwnerKind{inbox.OwnerQueue}
	case inbox.ViewBot:
		return []inbox.OwnerKind{inbox.OwnerBot}
	case inbox.ViewTicketed:
		return []inbox.OwnerKind{inbox.OwnerTicket}
	case inbox.ViewMine:
		return []inbox.OwnerKind{inbox.OwnerAgent}
	case inbox.ViewResolved:
		return []inbox.OwnerKind{inbox.OwnerNone}
	case inbox.ViewOpen:
		return openOwners
	}
	return allOwners
}

// mostWalks is from how many walks on a list is better looked for in fewer and
// longer ones: who has so many teams sees most of the workspace.
const mostWalks = 40

// walks are the conditions under which an index has the conversations of a list
// in the order of the list, so that each is read from its end and no further
// than a page. A conversation may meet several. implied says that whatever meets
// one is within the scope's reach.
func (s *Store) walks(scope access.Scope, f inbox.Filter, args *arguments) (all []string, implied bool) {
	owners := ownersOf(f.View)
	visitor, member := scope.Kind == access.ActorVisitor, scope.Kind == access.ActorStaff
	if visitor && f.Customer == 0 {
		f.Customer = scope.Customer
	}
	if f.Customer != 0 {
		return []string{" AND c.customer_id = " + args.add(f.Customer) + owned(owners)}, false
	}
	mine := func() string {
		return " AND c.owner_staff <> 0 AND c.owner_staff = " + args.add(scope.Staff) + owned(owners)
	}
	switch {
	case f.View == inbox.ViewMine:
		return []string{mine()}, true
	case member && scope.Reach == access.ReachTeam && f.Team == 0:
		return s.teamWalks(scope, owners, mine, args)
	case member && scope.Reach != access.ReachAll && scope.Reach != access.ReachTeam:
		return []string{mine(), " AND c.last_staff <> 0 AND c.last_staff = " + args.add(scope.Staff) + owned(owners)}, true
	}
	for _, owner := range owners {
		walk := " AND c.owner_kind = '" + string(owner) + "'"
		if f.Team != 0 {
			walk += " AND c.team_id = " + args.add(f.Team)
		}
		all = append(all, walk)
	}
	return all, false
}

// teamWalks go through each of a member's teams, and what they have of others'.
func (s *Store) teamWalks(scope access.Scope, owners []inbox.OwnerKind, mine func() string, args *arguments) (all []string, implied bool) {
	teams := append([]id.Team{0}, scope.Teams...)
	if len(teams)*len(owners) > mostWalks {
		for _, owner := range owners {
			all = append(all, " AND c.owner_kind = '"+string(owner)+"'")
		}
		return all, false
	}
	for _, team := range teams {
		in := " AND c.team_id = " + args.add(team)
		for _, owner := range owners {
			all = append(all, in+" AND c.owner_kind = '"+string(owner)+"'")
		}
	}
	if slices.Contains(owners, inbox.OwnerAgent) {
		all = append(all, mine())
	}
	return all, true
}

// owned is the condition for kinds of owner, which are words of this program.
func owned(owners []inbox.OwnerKind) string {
	if len(owners) == len(allOwners) {
		return ""
	}
	words := make([]string, len(owners))
	for i, owner := range owners {
		words[i] = "'" + string(owner) + "'"
	}
	return " AND c.owner_kind IN (" + strings.Join(words, ", ") + ")"
}

// sorting is the order of a list.
type sorting struct {
	columns string // the first ones of the order; the id is the last
	down    bool
	// bounds are the columns' values in a cursor.
	bounds func(page.Cursor) []any
	cursor func(inbox.Conversation) page.Cursor
}

var newestFirst = sorting{
	columns: "updated_at", down: true,
	bounds: func(c page.Cursor) []any { return []any{c.Key} },
	cursor: func(c inbox.Conversation) page.Cursor {
		return page.Cursor{Key: store.Micros(c.UpdatedAt), ID: int64(c.ID)}
	},
}

// sinceBits hold a time in a queue's cursor, below the priority: 2^52
// microseconds reach past the year 2100.
const sinceBits = 52

// nextFirst is the order of a queue: priority, then waiting time.
var nextFirst = sorting{
	columns: "priority, waiting_since",
	bounds:  func(c page.Cursor) []any { return []any{c.Key >> sinceBits, c.Key & (1<<sinceBits - 1)} },
	cursor: func(c inbox.Conversation) page.Cursor {
		return page.Cursor{Key: int64(c.Priority)<<sinceBits + store.Micros(c.WaitingSince), ID: int64(c.ID)}
	},
}

// after is the condition for what follows a cursor.
func (o sorting) after(cursor page.Cursor, args *arguments) string {
	if cursor.IsZero() {
		return ""
	}
	var values []string
	for _, bound := range o.bounds(cursor) {
		values = append(values, args.add(bound))
	}
	sign := ">"
	if o.down {
		sign = "<"
	}
	return " AND (" + o.of("c") + ") " + sign + " (" + strings.Join(append(values, args.add(cursor.ID)), ", ") + ")"
}

// of names the columns of a table.
func (o sorting) of(table string) string {
	return table + "." + strings.ReplaceAll(o.columns, ", ", ", "+table+".") + ", " + table + ".id"
}

func (o sorting) by(table string) string {
	if !o.down {
		return " ORDER BY " + o.of(table)
	}
	return " ORDER BY " + strings.ReplaceAll(o.of(table), ",", " DESC,") + " DESC"
}

// List returns conversations of a view. The newest activity comes first, in a
// queue the one that is next.
func (s *Store) List(ctx context.Context, scope access.Scope, f inbox.Filter, request page.Request) (page.Of[inbox.Conversation], error) {
	order := newestFirst
	if f.View == inbox.ViewQueue {
		order = nextFirst
	}
	var args arguments
	workspace, limit := args.add(scope.Workspace), " LIMIT "+args.add(int64(request.Limit+1))
	walks, implied := s.walks(scope, f, &args)
	where := "WHERE c.workspace_id = " + workspace
	if !implied {
		where = "WHERE " + s.sees(scope, &args)
	}
	if f.Team != 0 {
		where += " AND c.team_id = " + args.add(f.Team)
	}
	if f.Tag != "" {
		where += ` AND c.id IN (SELECT conversation_id FROM conversation_tags WHERE workspace_id = c.workspace_id AND tag = ` + args.add(strings.ToLower(f.Tag)) + `)`
	}
	where += order.after(request.After, &args)
	var parts []string
	for _, walk := range walks {
		parts = append(parts, "SELECT w.* FROM (SELECT "+order.of("c")+" FROM conversations c "+where+walk+order.by("c")+limit+") w")
	}
	// The columns are needed of one page only, however many walks found it.
	rows, err := s.db.Query(ctx, "SELECT "+columns+" FROM (SELECT m.id FROM ("+strings.Join(parts, " UNION ")+") m"+order.by("m")+limit+`) found
		CROSS JOIN conversations c JOIN customers u ON u.workspace_id = c.workspace_id AND u.id = c.customer_id
		WHERE c.workspace_id = `+workspace+` AND c.id = found.id`+order.by("c"), args...)
	all, err := store.All(rows, err, scan)
	if err != nil {
		return page.Of[inbox.Conversation]{}, err
	}
	return page.Cut(all, request, order.cursor), nil
}

// Some returns those of many conversations that the scope may see.
func (s *Store) Some(ctx context.Context, scope access.Scope, which []id.Conversation) (map[id.Conversation]inbox.Conversation, error) {
	bare := make([]int64, len(which))
	for i, one := range which {
		bare[i] = int64(one)
	}
	var args arguments
	where := `WHERE ` + s.sees(scope, &args) + ` AND c.id = wanted.value`
	rows, err := s.db.Query(ctx, `SELECT `+columns+` FROM `+s.db.Dialect().List(args.add(store.JSON(bare)))+` wanted CROSS JOIN conversations c
		JOIN customers u ON u.workspace_id = c.workspace_id AND u.id = c.customer_id `+where, args...)
	all, err := store.All(rows, err, scan)
	found := make(map[id.Conversation]inbox.Conversation, len(all))
	for _, c := range all {
		found[c.ID] = c
	}
	return found, err
}

// recently is how far back waits are looked at for an estimate.
const recently = 30 * time.Minute

// Places says where those of the conversations that are in a queue stand and, if
// people have been taken from it lately, how long they are likely to wait.
func (s *Store) Places(ctx context.Context, scope access.Scope, all []inbox.Conversation, at time.Time) (map[id.Conversation]inbox.Place, error) {
	var queued []int64
	for _, c := range all {
		if c.Owner.Kind == inbox.OwnerQueue {
			queued = append(queued, int64(c.ID))
		}
	}
	if len(queued) == 0 {
		return nil, nil
	}
	rows, err := s.db.Query(ctx, `SELECT c.id,
			(SELECT COUNT(*) FROM conversations a WHERE a.workspace_id = c.workspace_id AND a.team_id = c.team_id AND a.owner_kind = 'queue'
				AND (a.priority, a.waiting_since, a.id) < (c.priority, c.waiting_since, c.id)),
			(SELECT COUNT(*) FROM transitions t WHERE t.workspace_id = c.workspace_id AND t.team_id = c.team_id AND t.happening = 'assigned' AND t.at > $3)
		FROM `+s.db.Dialect().List("$2")+` wanted CROSS JOIN conversations c
		WHERE c.workspace_id = $1 AND c.id = wanted.value AND c.owner_kind = 'queue'`, scope.Workspace, store.JSON(queued), at.Add(-recently))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	places := map[id.Conversation]inbox.Place{}
	for rows.Next() {
		var which id.Conversation
		var ahead, taken int64
		if err := rows.Scan(&which, &ahead, &taken); err != nil {
			return nil, err
		}
		places[which] = inbox.PlaceOf(int(ahead), int(taken), recently)
	}
	return places, rows.Err()
}
