package accessdb_test

import (
	"context"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"everdesk/internal/access"
	"everdesk/internal/access/accessdb"
	"everdesk/internal/audit/auditdb"
	"everdesk/internal/fault"
	"everdesk/internal/id"
	"everdesk/internal/job"
	"everdesk/internal/seal"
	"everdesk/internal/staff/staffdb"
	"everdesk/internal/store"
	"everdesk/internal/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

var start = time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)

const (
	password = "correct horse battery"
	other    = "eleven blue umbrellas"
)

var (
	here  = access.Visit{Agent: "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0", Address: "192.0.2.7"}
	there = access.Visit{Agent: "curl/8.5.0", Address: "198.51.100.9"}
)

// outbox takes the mails where a mail account would.
type outbox struct {
	drain func(ctx context.Context, at time.Time) (int, error)
	mails []access.Mail
}

func (o *outbox) Send(_ context.Context, mail access.Mail) error {
	o.mails = append(o.mails, mail)
	return nil
}

// token returns the secret of the newest mail's link to a page.
func (o *outbox) token(t *testing.T, page string) string {
	t.Helper()
	mail := o.last(t)
	_, after, found := strings.Cut(mail.Text, "https://desk.example/"+page+"#")
	if !found {
		t.Fatalf("no link to %s in %q", page, mail.Text)
	}
	token, _, _ := strings.Cut(after, "\n")
	return token
}

func (o *outbox) last(t *testing.T) access.Mail {
	t.Helper()
	all := o.all(t)
	if len(all) == 0 {
		t.Fatal("no mail was queued")
	}
	return all[len(all)-1]
}

// all sends what is queued and returns all that was sent.
func (o *outbox) all(t *testing.T) []access.Mail {
	t.Helper()
	_, err := o.drain(t.Context(), start.AddDate(1, 0, 0))
	must(t, err)
	return o.mails
}

type noCalendars struct{}

func (noCalendars) Exists(context.Context, access.Scope, id.Calendar) (bool, error) {
	return false, nil
}

// desk is an installation with one workspace.
type desk struct {
	*accessdb.Store
	db      *store.DB
	ring    *seal.Ring
	staff   *staffdb.Store
	record  *auditdb.Store
	outbox  *outbox
	founded access.Founded
}

func empty(t *testing.T, db *store.DB) *desk {
	t.Helper()
	ring, err := seal.Load(filepath.Join(t.TempDir(), "keys.json"))
	must(t, err)
	d := &desk{db: db, ring: ring, outbox: &outbox{}, record: auditdb.New(db, ring)}
	d.staff = staffdb.New(db, ring, d.record, noCalendars{})
	d.Store = accessdb.New(db, accessdb.Options{
		Ring: ring, Passwords: access.NewPasswords(access.Cost{Memory: 64, Passes: 1}, 4), Members: d.staff, Audit: d.record,
		Mailer: d.outbox, PublicURL: "https://desk.example/", Log: slog.New(slog.NewTextHandler(t.Output(), nil)),
	})
	runner := job.NewRunner(db, d.Log, 1, time.Now)
	runner.Handle(accessdb.MailJob, d.HandleMail)
	d.outbox.drain = runner.Drain
	return d
}

func open(t *testing.T, db *store.DB) *desk {
	t.Helper()
	d := empty(t, db)
	var err error
	d.founded, err = d.Found(t.Context(), access.Founding{
		Name: "Titmouse Clothing", Locale: "en", TimeZone: "Asia/Shanghai", OwnerName: "Gu Wan", Mail: "guwan@tit.example", Password: password,
	}, start)
	must(t, err)
	return d
}

func (d *desk) system() access.Scope { return access.System(d.founded.Workspace.ID) }

// enroll adds a member and signs them in.
func (d *desk) enroll(t *testing.T, name string, role access.Role, at time.Time) access.Caller {
	t.Helper()
	mail := name + "@tit.example"
	_, err := d.Enroll(t.Context(), d.system(), access.Account{Mail: mail, Name: name, Locale: "en"}, password, role, nil, at)
	must(t, err)
	caller, _ := d.signIn(t, mail, at)
	return caller
}

func (d *desk) signIn(t *testing.T, mail string, at time.Time) (access.Caller, access.SignedIn) {
	t.Helper()
	signed, err := d.SignIn(t.Context(), mail, password, here, at)
	must(t, err)
	caller, err := d.SessionScope(t.Context(), signed.Token, at)
	must(t, err)
	return caller, signed
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// refused checks that err is the refusal wanted.
func refused(t *testing.T, err error, want *fault.Error) {
	t.Helper()
	if e := fault.Of(err); e == nil || e.Code != want.Code {
		t.Errorf("got %v, want %v", err, want)
	}
}

// field checks that err refuses the field at path.
func field(t *testing.T, err error, path, code string) {
	t.Helper()
	if e := fault.Of(err); e == nil || len(e.Fields) != 1 || e.Fields[0].Path != path || e.Fields[0].Code != code {
		t.Errorf("got %v, want %s to be %s", err, path, code)
	}
}

func count(t *testing.T, db *store.DB, sql string, args ...any) (n int64) {
	t.Helper()
	rows, err := db.Query(t.Context(), sql, args...)
	must(t, store.One(rows, err, &n))
	return n
}
