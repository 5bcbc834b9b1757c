package accessdb

import (
	"context"
	"errors"
	"time"

	"everdesk/internal/access"
	"everdesk/internal/fault"
	"everdesk/internal/id"
	"everdesk/internal/store"
)

// SignIn checks a mail address and a password and starts a session. It takes
// the same way whether the address is anybody's or not, and answers both with
// access.ErrWrongSignIn; access.ErrTooManyTries says how long to wait.
func (s *Store) SignIn(ctx context.Context, mail, password string, visit access.Visit, at time.Time) (access.SignedIn, error) {
	cleaned, err := access.CleanMail("body.email", mail)
	if err != nil {
		cleaned = mail
	}
	counts := s.tries("sign-in", cleaned, visit.Address)
	if err := s.try(ctx, counts, at); err != nil {
		return access.SignedIn{}, err
	}
	account, stored, err := s.byMail(ctx, cleaned)
	if err != nil && !errors.Is(err, fault.ErrNotFound) {
		return access.SignedIn{}, err
	}
	ok, stale, err := s.Passwords.Check(ctx, stored, password)
	if err != nil {
		return access.SignedIn{}, err
	}
	if !ok {
		return access.SignedIn{}, access.ErrWrongSignIn
	}
	if stale {
		if err := s.rehash(ctx, account.ID, stored, password); err != nil {
			return access.SignedIn{}, err
		}
	}
	return s.begin(ctx, account.ID, 0, visit, counts, at)
}

// rehash keeps the password at today's cost, unless it was changed meanwhile.
func (s *Store) rehash(ctx context.Context, account id.Account, stored, password string) error {
	fresh, err := s.Passwords.Hash(ctx, password)
	if err != nil {
		return err
	}
	return s.db.Atomically(ctx, func(ctx context.Context) error {
		store.Current(ctx).Queue(`UPDATE accounts SET password = $3 WHERE id = $1 AND password = $2`, account, stored, fresh)
		return nil
	})
}

// begin starts a session in the workspace given, or the one last used, or the
// first.
func (s *Store) begin(ctx context.Context, account id.Account, workspace id.Workspace, visit access.Visit, counts []count, at time.Time) (access.SignedIn, error) {
	token := access.NewToken(access.SessionToken)
	signed := access.SignedIn{Token: token.Text}
	sealed := s.Ring.Seal(sealedAddress, visit.Address)
	err := s.db.Atomically(ctx, func(ctx context.Context) error {
		tx := store.Current(ctx)
		session := access.Session{
			ID: id.New[id.Session](tx.IDs()), Account: account, Device: access.Device(visit.Agent),
			Address: visit.Address, CreatedAt: at, SeenAt: at, ExpiresAt: access.SessionEnd(at, at),
		}
		scope := access.Scope{Kind: access.ActorStaff}
		rows, err := tx.Query(`SELECT s.workspace_id, s.id FROM staff s JOIN accounts a ON a.id = s.account_id
			WHERE s.account_id = $1 AND s.active = 1 AND (CAST($2 AS BIGINT) = 0 OR s.workspace_id = $2)
			ORDER BY CASE WHEN s.workspace_id = a.last_workspace THEN 0 ELSE 1 END, s.created_at, s.id LIMIT 1`, account, workspace)
		if err := store.One(rows, err, &scope.Workspace, &scope.Staff); err != nil {
			return one(err, access.ErrNoWorkspace)
		}
		session.Workspace = scope.Workspace
		tx.Queue(`INSERT INTO sessions(token_hash, id, account_id, workspace_id, device, address, created_at, seen_at, expires_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`, token.Hash, session.ID, account, session.Workspace,
			session.Device, sealed, at, at, session.ExpiresAt)
		tx.Queue(`UPDATE accounts SET last_workspace = $2 WHERE id = $1`, account, session.Workspace)
		if len(counts) > 0 {
			forgive(ctx, counts)
		}
		signed.Session = session
		return s.Audit.Write(ctx, scope, "session.started", session.ID.String(), nil, map[string]any{"device": session.Device}, at)
	})
	return signed, err
}

// byMail finds an account and its stored password by a cleaned address.
func (s *Store) byMail(ctx context.Context, mail string) (access.Account, string, error) {
	return s.account(ctx, `mail_index = $1`, s.mailIndex(mail))
}

func (s *Store) byID(ctx context.Context, account id.Account) (access.Account, string, error) {
	return s.account(ctx, `id = $1`, account)
}

func (s *Store) account(ctx context.Context, where string, key any) (a access.Account, stored string, err error) {
	rows, err := s.db.Query(ctx, `SELECT id, mail, name, password, locale, theme, created_at, version FROM accounts WHERE `+where, key)
	err = store.One(rows, err, &a.ID, &a.Mail, &a.Name, &stored, &a.Locale, &a.Theme, store.Into(&a.CreatedAt), &a.Version)
	if err != nil {
		return access.Account{}, "", one(err, fault.ErrNotFound)
	}
	a.Mail, err = s.Ring.Open(access.SealedMail, a.Mail)
	return a, stored, err
}
