package inboxdb

import (
	"context"
	"strings"
	"time"

	"everdesk/internal/access"
	"everdesk/internal/id"
	"everdesk/internal/inbox"
	"everdesk/internal/page"
	"everdesk/internal/store"
)

// conditions of the views; a view is a fixed set, so its name may stand in SQL.
var viewConditions = map[inbox.View]string{
	inbox.ViewQueue:    ` AND c.owner_kind = 'queue'`,
	inbox.ViewBot:      ` AND c.owner_kind = 'bot'`,
	inbox.ViewTicketed: ` AND c.owner_kind = 'ticket'`,
	inbox.ViewOpen:     ` AND c.state = 'open'`,
	inbox.ViewResolved: ` AND c.state = 'resolved'`,
}

func viewCondition(view inbox.View, scope access.Scope, args *arguments) string {
	if view == inbox.ViewMine {
		return ` AND c.state = 'open' AND c.owner_staff <> 0 AND c.owner_staff = ` + args.add(scope.Staff)
	}
	return viewConditions[view]
}

// queueKey sorts a queue in one number: priority, then waiting time. 2^52
// microseconds reach past the year 2100.
const queueKey = `(c.priority * 4503599627370496 + c.waiting_since)`

// List returns conversations of a view. The newest activity comes first, in a
// queue the one that is next.
func (s *Store) List(ctx context.Context, scope access.Scope, f inbox.Filter, request page.Request) (page.Of[inbox.Conversation], error) {
	var args arguments
	where := "WHERE " + s.sees(scope, &args) + viewCondition(f.View, scope, &args)
	if f.Team != 0 {
		where += ` AND c.team_id = ` + args.add(f.Team)
	}
	if f.Customer != 0 {
		where += ` AND c.customer_id = ` + args.add(f.Customer)
	}
	if f.Tag != "" {
		where += ` AND c.id IN (SELECT conversation_id FROM conversation_tags WHERE workspace_id = c.workspace_id AND tag = ` + args.add(strings.ToLower(f.Tag)) + `)`
	}
	order := ` ORDER BY c.updated_at DESC, c.id DESC`
	key, sign := `c.updated_at`, `<`
	if f.View == inbox.ViewQueue {
		order, key, sign = ` ORDER BY c.priority, c.waiting_since, c.id`, queueKey, `>`
	}
	if !request.After.IsZero() {
		k, n := args.add(request.After.Key), args.add(request.After.ID)
		where += ` AND (` + key + ` ` + sign + ` ` + k + ` OR ` + key + ` = ` + k + ` AND c.id ` + sign + ` ` + n + `)`
	}
	rows, err := s.db.Query(ctx, "SELECT "+columns+from+where+order+` LIMIT `+args.add(int64(request.Limit+1)), args...)
	all, err := store.All(rows, err, scan)
	if err != nil {
		return page.Of[inbox.Conversation]{}, err
	}
	return page.Cut(all, request, func(c inbox.Conversation) page.Cursor {
		if f.View == inbox.ViewQueue {
			return page.Cursor{Key: int64(c.Priority)<<52 + store.Micros(c.WaitingSince), ID: int64(c.ID)}
		}
		return page.Cursor{Key: store.Micros(c.UpdatedAt), ID: int64(c.ID)}
	}), nil
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

// countCap is where counting stops: "999+" is all anybody needs to know.
const countCap = 1000

// Counts counts the views as the scope sees them, each up to 1000. Unread
// counts the member's own conversations with something new.
func (s *Store) Counts(ctx context.Context, scope access.Scope) (inbox.Counts, error) {
	var args arguments
	sees := s.sees(scope, &args)
	me := args.add(scope.Staff)
	count := func(condition string) string {
		return `(SELECT COUNT(*) FROM (SELECT 1 FROM conversations c WHERE ` + sees + condition + ` LIMIT ` + decimal(countCap) + `) n)`
	}
	mine := ` AND c.state = 'open' AND c.owner_staff <> 0 AND c.owner_staff = ` + me
	var n inbox.Counts
	rows, err := s.db.Query(ctx, `SELECT `+count(mine)+`, `+count(viewConditions[inbox.ViewQueue])+`, `+count(viewConditions[inbox.ViewBot])+`, `+
		count(viewConditions[inbox.ViewOpen])+`, `+count(viewConditions[inbox.ViewTicketed])+`, `+count(mine+` AND c.customer_seq > c.staff_read_seq`), args...)
	return n, store.One(rows, err, &n.Mine, &n.Queue, &n.Bot, &n.Open, &n.Ticketed, &n.Unread)
}

// CountOf returns how many conversations a customer has had.
func (s *Store) CountOf(ctx context.Context, scope access.Scope, customer id.Customer) (n int64, err error) {
	var args arguments
	where := s.sees(scope, &args) + ` AND c.customer_id = ` + args.add(customer)
	rows, err := s.db.Query(ctx, `SELECT COUNT(*) FROM conversations c WHERE `+where, args...)
	return n, store.One(rows, err, &n)
}

// recently is how far back waits are looked at for an estimate.
const recently = 30 * time.Minute

// Place says where a queued conversation stands and, if people have been taken
// from this queue lately, how long it is likely to wait.
func (s *Store) Place(ctx context.Context, scope access.Scope, c inbox.Conversation, at time.Time) (inbox.Place, error) {
	var place inbox.Place
	if c.Owner.Kind != inbox.OwnerQueue {
		return place, nil
	}
	rows, err := s.db.Query(ctx, `SELECT COUNT(*) FROM conversations c WHERE c.workspace_id = $1 AND c.team_id = $2 AND c.owner_kind = 'queue'
		AND (`+queueKey+` < $3 OR `+queueKey+` = $3 AND c.id < $4)`,
		scope.Workspace, c.Team, int64(c.Priority)<<52+store.Micros(c.WaitingSince), c.ID)
	var ahead, taken int64
	if err := store.One(rows, err, &ahead); err != nil {
		return place, err
	}
	rows, err = s.db.Query(ctx, `SELECT COUNT(*) FROM transitions WHERE workspace_id = $1 AND team_id = $2 AND happening = 'assigned' AND at > $3`,
		scope.Workspace, c.Team, at.Add(-recently))
	if err := store.One(rows, err, &taken); err != nil {
		return place, err
	}
	return inbox.PlaceOf(int(ahead), int(taken), recently), nil
}
