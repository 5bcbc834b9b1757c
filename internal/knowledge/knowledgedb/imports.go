package knowledgedb

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"maps"
	"reflect"
	"slices"
	"time"

	"everdesk/internal/access"
	"everdesk/internal/commit"
	"everdesk/internal/event"
	"everdesk/internal/id"
	"everdesk/internal/job"
	"everdesk/internal/knowledge"
	"everdesk/internal/store"
)

// ImportJob is the kind of the job that works an import off.
const ImportJob = "knowledge.import"

// slice is how many rows one transaction takes in: few enough not to hold up
// those who wait to write.
const slice = 100

// slicesPerRun is how many of them one run of the job does before it gives its
// place to others.
const slicesPerRun = 50

type importTask struct {
	Import id.Import `json:"import"`
}

const importColumns = `id, format, locale, state, total, done, created, updated, bad, created_at, finished_at`

func scanImport(row store.Row) (i knowledge.Import, err error) {
	var bad string
	err = row.Scan(&i.ID, &i.Format, &i.Locale, &i.State, &i.Total, &i.Worked, &i.Created, &i.Updated, &bad, store.Into(&i.CreatedAt), store.Into(&i.FinishedAt))
	if err == nil {
		err = json.Unmarshal([]byte(bad), &i.Bad)
	}
	return i, err
}

// StartImport reads a file, keeps it and has its rows worked off by a job. Rows
// that cannot be taken are known at once; a file that cannot be read at all is
// refused. Rows without a language are in locale.
func (s *Store) StartImport(ctx context.Context, scope access.Scope, claim *commit.Claim, format knowledge.Format, locale string, data []byte, at time.Time) (i knowledge.Import, err error) {
	rows, bad, err := knowledge.Read(format, data, locale)
	if err != nil {
		return i, err
	}
	waiting := stored(rows)
	err = s.db.Do(ctx, store.Change{Claim: claim, Run: func(ctx context.Context) error {
		tx := store.Current(ctx)
		i = knowledge.Import{
			ID: id.New[id.Import](tx.IDs()), Format: format, Locale: locale, State: knowledge.Running,
			Total: len(rows) + len(bad), Worked: len(bad), Bad: bad, CreatedAt: at,
		}
		if i.Bad == nil {
			i.Bad = []knowledge.BadRow{}
		}
		tx.Queue(`INSERT INTO knowledge_imports(workspace_id, id, format, locale, state, total, done, created, updated, bad, made_by, created_at, finished_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, 0, 0, $8, $9, $10, 0)`,
			scope.Workspace, i.ID, string(format), locale, string(i.State), int64(i.Total), int64(i.Worked), store.JSON(i.Bad), scope.Actor(), at)
		for part, from := 0, 0; from < len(waiting); part, from = part+1, from+slice {
			tx.Queue(`INSERT INTO knowledge_import_parts(workspace_id, import_id, part, content) VALUES ($1, $2, $3, $4)`,
				scope.Workspace, i.ID, int64(part), store.JSON(waiting[from:min(from+slice, len(waiting))]))
		}
		job.Set(ctx, scope.Workspace, timer(i.ID, at))
		tx.Remember(i.ID.Int64())
		return s.audit.Write(ctx, scope, "import.started", i.ID.String(), nil, map[string]any{"format": format, "rows": i.Total}, at)
	}})
	if err == nil && claim != nil && claim.Replayed {
		return s.Import(ctx, scope, id.Import(claim.Result))
	}
	return i, err
}

// storedRow is a row as it waits to be worked off.
type storedRow struct {
	Article *knowledge.Content `json:"article,omitempty"`
	Status  knowledge.Status   `json:"status,omitempty"`
	Key     string             `json:"key,omitempty"`
	Details *knowledge.Details `json:"details,omitempty"`
}

func stored(rows []knowledge.Row) []storedRow {
	all := make([]storedRow, len(rows))
	for n, r := range rows {
		all[n] = storedRow{r.Article, r.Status, r.Key, r.Details}
	}
	return all
}

// Import returns how far an import has come.
func (s *Store) Import(ctx context.Context, scope access.Scope, which id.Import) (knowledge.Import, error) {
	rows, err := s.db.Query(ctx, `SELECT `+importColumns+` FROM knowledge_imports WHERE workspace_id = $1 AND id = $2`, scope.Workspace, which)
	found, err := store.All(rows, err, scanImport)
	switch {
	case err != nil:
		return knowledge.Import{}, err
	case len(found) == 0:
		return knowledge.Import{}, knowledge.ErrNoImport
	}
	return found[0], nil
}

// timer runs an import's job.
func timer(which id.Import, at time.Time) event.Timer {
	return event.Timer{Key: ImportJob + "/" + which.String(), Kind: ImportJob, At: at, Payload: importTask{which}}
}

// HandleImport is the handler of ImportJob. It works in slices, each with its
// progress in one transaction, so that a run cut short goes on where it
// stopped, and no row is taken in twice.
func (s *Store) HandleImport(ctx context.Context, task job.Task) error {
	var payload importTask
	if err := task.Decode(&payload); err != nil {
		return errors.Join(job.ErrDrop, err)
	}
	scope := access.System(task.Workspace)
	for n := 1; ; n++ {
		finished := false
		err := s.db.Do(ctx, store.Change{Subject: payload.Import.Int64(), Run: func(ctx context.Context) (err error) {
			if finished, err = s.takePart(ctx, scope, payload.Import, task.At); err != nil {
				return err
			}
			if finished {
				return task.Done(ctx)
			}
			if n == slicesPerRun {
				job.Set(ctx, task.Workspace, timer(payload.Import, task.At))
			}
			return nil
		}})
		if err != nil || finished || n == slicesPerRun {
			return err
		}
	}
}

// takePart takes in the next part of an import and notes the progress.
func (s *Store) takePart(ctx context.Context, scope access.Scope, which id.Import, at time.Time) (finished bool, err error) {
	tx := store.Current(ctx)
	var part int64
	var content string
	rows, err := tx.Query(`SELECT part, content FROM knowledge_import_parts WHERE workspace_id = $1 AND import_id = $2
		ORDER BY part LIMIT 1`, scope.Workspace, which)
	err = store.One(rows, err, &part, &content)
	switch {
	case errors.Is(err, store.ErrNoRows):
		tx.Emit(scope.Workspace, at, event.ImportFinished{Import: which})
		tx.Queue(`UPDATE knowledge_imports SET state = 'done', finished_at = $3 WHERE workspace_id = $1 AND id = $2`, scope.Workspace, which, at)
		return true, nil
	case err != nil:
		return false, err
	}
	var waiting []storedRow
	if err := json.Unmarshal([]byte(content), &waiting); err != nil {
		return false, err
	}
	created, updated, err := s.take(ctx, scope, waiting, at)
	if err != nil {
		return false, err
	}
	tx.Queue(`DELETE FROM knowledge_import_parts WHERE workspace_id = $1 AND import_id = $2 AND part = $3`, scope.Workspace, which, part)
	tx.Queue(`UPDATE knowledge_imports SET done = done + $3, created = created + $4, updated = updated + $5 WHERE workspace_id = $1 AND id = $2`,
		scope.Workspace, which, int64(len(waiting)), int64(created), int64(updated))
	return false, nil
}

// Put takes in rows at once, up to a slice's worth in each transaction: for
// packs, which are small. What the rows have by key is changed, the rest made.
func (s *Store) Put(ctx context.Context, scope access.Scope, rows []knowledge.Row, at time.Time) (created, updated int, err error) {
	all := stored(rows)
	for from := 0; from < len(all); from += slice {
		var c, u int
		err := s.db.Atomically(ctx, func(ctx context.Context) (err error) {
			c, u, err = s.take(ctx, scope, all[from:min(from+slice, len(all))], at)
			return err
		})
		if err != nil {
			return created, updated, err
		}
		created, updated = created+c, updated+u
	}
	return created, updated, nil
}

// take upserts rows by their keys, in the transaction of ctx.
func (s *Store) take(ctx context.Context, scope access.Scope, rows []storedRow, at time.Time) (created, updated int, err error) {
	articles, err := s.articlesByKey(ctx, scope, rows)
	if err != nil {
		return 0, 0, err
	}
	products, err := s.productsByKey(ctx, scope, rows)
	if err != nil {
		return 0, 0, err
	}
	tx := store.Current(ctx)
	news := news{}
	for _, r := range rows {
		var made, altered bool
		if r.Article != nil {
			made, altered = putArticle(tx, scope, articles[r.Article.Locale+" "+r.Article.Key], r, news, at)
		} else {
			made, altered = putProduct(tx, scope, products[r.Key], r, news, at)
		}
		if made {
			created++
		} else if altered {
			updated++
		}
	}
	news.tell(tx, scope, at)
	return created, updated, nil
}

// news gathers what changed, so that a slice tells of each shelf once.
type news map[string]*event.KnowledgeChanged

func (n news) of(shelf string) *event.KnowledgeChanged {
	if n[shelf] == nil {
		n[shelf] = &event.KnowledgeChanged{}
		if shelf != knowledge.ProductShelf {
			n[shelf].Locale = shelf
		}
	}
	return n[shelf]
}

func (n news) tell(tx *store.Tx, scope access.Scope, at time.Time) {
	for _, shelf := range slices.Sorted(maps.Keys(n)) {
		changed(tx, scope, shelf, *n[shelf], at)
	}
}

func putArticle(tx *store.Tx, scope access.Scope, before *knowledge.Article, r storedRow, news news, at time.Time) (made, altered bool) {
	after := knowledge.Article{Version: 1, CreatedAt: at}
	if before != nil {
		after = *before
	} else {
		after.ID = id.New[id.Article](tx.IDs())
	}
	set(&after, *r.Article, scope, at)
	after.Status = r.Status
	switch {
	case before == nil:
		insert(tx, scope, &after)
	case after.Status == before.Status && reflect.DeepEqual(normal(before.Content()), normal(after.Content())):
		return false, false
	default:
		tx.Queue(`UPDATE articles SET kind = $3, title = $4, variants = $5, body = $6, topic = $7, status = $8, found = $9,
			updated_at = $10, updated_by = $11, version = version + 1 WHERE workspace_id = $1 AND id = $2`,
			scope.Workspace, after.ID, string(after.Kind), after.Title, store.JSON(orEmpty(after.Variants)), after.Body, after.Topic,
			string(after.Status), foundIn(&after), at, scope.Staff)
	}
	if after.Status == knowledge.Published || before != nil && before.Status == knowledge.Published {
		e := news.of(after.Locale)
		e.Articles = append(e.Articles, after.ID)
	}
	return before == nil, before != nil
}

// normal is content in which no variants and an empty list are the same.
func normal(c knowledge.Content) knowledge.Content {
	c.Variants = orEmpty(c.Variants)
	return c
}

func putProduct(tx *store.Tx, scope access.Scope, before *knowledge.Product, r storedRow, news news, at time.Time) (made, altered bool) {
	names := slices.Sorted(maps.Values(r.Details.Name))
	details, text := store.JSON(r.Details), found(append(names, r.Key)...)
	which := id.New[id.Product](tx.IDs())
	switch {
	case before == nil:
		tx.Queue(`INSERT INTO products(workspace_id, id, product_key, details, found, updated_at) VALUES ($1, $2, $3, $4, $5, $6)`,
			scope.Workspace, which, r.Key, details, text, at)
	case store.JSON(before.Details) == details:
		return false, false
	default:
		which = before.ID
		tx.Queue(`UPDATE products SET details = $3, found = $4, updated_at = $5, version = version + 1 WHERE workspace_id = $1 AND id = $2`,
			scope.Workspace, which, details, text, at)
	}
	e := news.of(knowledge.ProductShelf)
	e.Products = append(e.Products, which)
	return before == nil, before != nil
}

// articlesByKey finds the articles that rows are about, by "locale key".
func (s *Store) articlesByKey(ctx context.Context, scope access.Scope, rows []storedRow) (map[string]*knowledge.Article, error) {
	keys := []string{}
	for _, r := range rows {
		if r.Article != nil {
			keys = append(keys, r.Article.Key)
		}
	}
	byKey := map[string]*knowledge.Article{}
	found, err := s.db.Query(ctx, `SELECT `+columns+` FROM articles WHERE workspace_id = $1 AND article_key <> '' AND `+s.db.Dialect().AmongTexts("article_key", "$2"), scope.Workspace, store.JSON(keys))
	all, err := store.All(found, err, scan)
	for _, a := range all {
		byKey[a.Locale+" "+a.Key] = a
	}
	return byKey, err
}

func (s *Store) productsByKey(ctx context.Context, scope access.Scope, rows []storedRow) (map[string]*knowledge.Product, error) {
	keys := []string{}
	for _, r := range rows {
		if r.Details != nil {
			keys = append(keys, r.Key)
		}
	}
	byKey := map[string]*knowledge.Product{}
	found, err := s.db.Query(ctx, `SELECT id, product_key, details, version, updated_at FROM products WHERE workspace_id = $1 AND `+s.db.Dialect().AmongTexts("product_key", "$2"), scope.Workspace, store.JSON(keys))
	all, err := store.All(found, err, scanProduct)
	for _, p := range all {
		byKey[p.Key] = p
	}
	return byKey, err
}

// InstallPack takes in a pack's questions and products. Installing it again
// changes what the pack changed, and puts back what was edited by hand since.
func (s *Store) InstallPack(ctx context.Context, scope access.Scope, pack fs.FS, at time.Time) (created, updated int, err error) {
	rows, err := knowledge.ReadPack(pack)
	if err != nil {
		return 0, 0, err
	}
	return s.Put(ctx, scope, rows, at)
}
