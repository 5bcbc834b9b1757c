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

const resetPurpose = "reset"

// ChangePassword sets the caller's password, given the present one, and ends
// all other sessions of the account.
func (s *Store) ChangePassword(ctx context.Context, caller access.Caller, present, fresh string, visit access.Visit, at time.Time) error {
	account, stored, err := s.byID(ctx, caller.Account)
	if err != nil {
		return err
	}
	if err := access.CheckPassword("body.password", fresh, account.Mail); err != nil {
		return err
	}
	counts := s.tries("password", account.Mail, visit.Address)
	if err := s.try(ctx, counts, at); err != nil {
		return err
	}
	ok, _, err := s.Passwords.Check(ctx, stored, present)
	if err != nil {
		return err
	}
	if !ok {
		return access.ErrWrongPassword.At("body.current", "wrong", "not the present password")
	}
	hashed, err := s.Passwords.Hash(ctx, fresh)
	if err != nil {
		return err
	}
	return s.db.Atomically(ctx, func(ctx context.Context) error {
		forgive(ctx, counts)
		return s.setPassword(ctx, caller, account, hashed, at)
	})
}

// setPassword keeps a new password, ends every session but the caller's, lets no
// other link work any more and tells the owner of the account by mail.
func (s *Store) setPassword(ctx context.Context, caller access.Caller, account access.Account, hashed string, at time.Time) error {
	tx := store.Current(ctx)
	tx.Queue(`UPDATE accounts SET password = $2, version = version + 1 WHERE id = $1`, account.ID, hashed)
	tx.Queue(`DELETE FROM sessions WHERE account_id = $1 AND id <> $2`, account.ID, caller.Session)
	tx.Queue(`DELETE FROM one_time_links WHERE purpose = $1 AND subject = $2`, resetPurpose, account.ID)
	workspace, err := s.home(ctx, account.ID)
	if err != nil || workspace.ID == 0 {
		return err
	}
	scope := caller.Scope
	if scope.Workspace == 0 {
		scope = access.System(workspace.ID)
	}
	if err := s.Audit.Write(ctx, scope, "account.password_changed", account.ID.String(), nil, nil, at); err != nil {
		return err
	}
	s.queue(ctx, account, workspace.ID, "mail.password_changed", map[string]string{
		"at": moment(account.Locale, at, workspace.TimeZone, at), "link": s.PublicURL + "/forgot",
	}, at)
	return nil
}

// home is the workspace that speaks for an account, or none.
func (s *Store) home(ctx context.Context, account id.Account) (access.Workspace, error) {
	w, err := s.workspace(ctx, `id = (SELECT s.workspace_id FROM staff s JOIN accounts a ON a.id = s.account_id
		WHERE s.account_id = $1 AND s.active = 1
		ORDER BY CASE WHEN s.workspace_id = a.last_workspace THEN 0 ELSE 1 END, s.created_at, s.id LIMIT 1)`, account)
	if errors.Is(err, fault.ErrNotFound) {
		return access.Workspace{}, nil
	}
	return w, err
}

// Forgot mails a link to set a new password, if the address is anybody's; the
// caller cannot tell. Too many for one address are dropped silently.
func (s *Store) Forgot(ctx context.Context, mail string, visit access.Visit, at time.Time) error {
	mail, err := access.CleanMail("body.email", mail)
	if err != nil {
		return err
	}
	name := s.Ring.Index(indexThrottle, "forgot address "+visit.Address)
	if err := s.try(ctx, []count{{name, access.ThrottleAddress}}, at); err != nil {
		return err
	}
	name = s.Ring.Index(indexThrottle, "forgot account "+mail)
	if err := s.try(ctx, []count{{name, access.ThrottleMail}}, at); err != nil {
		if errors.Is(err, access.ErrTooManyTries) {
			return nil
		}
		return err
	}
	token := access.NewToken(access.ResetToken)
	return s.db.Atomically(ctx, func(ctx context.Context) error {
		account, _, err := s.byMail(ctx, mail)
		if errors.Is(err, fault.ErrNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		workspace, err := s.home(ctx, account.ID)
		if err != nil || workspace.ID == 0 {
			return err
		}
		reset := s.keepReset(ctx, account.ID, token, at)
		s.queue(ctx, account, workspace.ID, "mail.reset", map[string]string{
			"link": s.ResetLink(token.Text), "until": moment(account.Locale, reset.ExpiresAt, workspace.TimeZone, at),
		}, at)
		return nil
	})
}

func (s *Store) keepReset(ctx context.Context, account id.Account, token access.Token, at time.Time) access.Reset {
	reset := access.Reset{Token: token.Text, ExpiresAt: at.Add(access.ResetLife)}
	store.Current(ctx).Queue(`INSERT INTO one_time_links(token_hash, purpose, subject, expires_at) VALUES ($1, $2, $3, $4)`,
		token.Hash, resetPurpose, account, reset.ExpiresAt)
	return reset
}

// OfferReset makes a link to set a member's password, for somebody who manages
// staff to pass on. An account that works elsewhere too is refused: its
// password is not this workspace's to give away.
func (s *Store) OfferReset(ctx context.Context, scope access.Scope, member id.Staff, at time.Time) (reset access.Reset, err error) {
	token := access.NewToken(access.ResetToken)
	err = s.db.Atomically(ctx, func(ctx context.Context) error {
		var account id.Account
		var role access.Role
		var elsewhere int64
		rows, err := s.db.Query(ctx, `SELECT m.account_id, m.role, (SELECT COUNT(*) FROM staff o
			WHERE o.account_id = m.account_id AND o.workspace_id <> m.workspace_id)
			FROM staff m WHERE m.workspace_id = $1 AND m.id = $2 AND m.active = 1`, scope.Workspace, member)
		if err := store.One(rows, err, &account, &role, &elsewhere); err != nil {
			return one(err, fault.ErrNotFound)
		}
		if !scope.MayGrant(role) {
			return access.ErrBeyondOwn.With("what", string(role))
		}
		if elsewhere > 0 {
			return access.ErrAccountShared
		}
		reset = s.keepReset(ctx, account, token, at)
		return s.Audit.Write(ctx, scope, "staff.reset_offered", member.String(), nil, nil, at)
	})
	return reset, err
}

// Reset sets a new password with the token of a link, which works once, and
// ends every session of the account.
func (s *Store) Reset(ctx context.Context, token, password string, visit access.Visit, at time.Time) error {
	hash := access.ResetToken.Hash(token)
	// Guessing 256 bits is hopeless; the count keeps hashing from being free.
	name := s.Ring.Index(indexThrottle, "reset address "+visit.Address)
	if err := s.try(ctx, []count{{name, access.ThrottleAddress}}, at); err != nil {
		return err
	}
	account, err := s.resetting(ctx, hash, at)
	if err != nil {
		return err
	}
	if err := access.CheckPassword("body.password", password, account.Mail); err != nil {
		return err
	}
	hashed, err := s.Passwords.Hash(ctx, password)
	if err != nil {
		return err
	}
	return s.db.Atomically(ctx, func(ctx context.Context) error {
		used, err := store.Current(ctx).Exec(`DELETE FROM one_time_links WHERE token_hash = $1 AND expires_at > $2`, hash, at)
		if err != nil {
			return err
		}
		if used == 0 {
			return access.ErrResetEnded
		}
		return s.setPassword(ctx, access.Caller{}, account, hashed, at)
	})
}

func (s *Store) resetting(ctx context.Context, hash string, at time.Time) (access.Account, error) {
	var account id.Account
	rows, err := s.db.Query(ctx, `SELECT subject FROM one_time_links WHERE token_hash = $1 AND purpose = $2 AND expires_at > $3`,
		hash, resetPurpose, at)
	if err := store.One(rows, err, &account); err != nil {
		return access.Account{}, one(err, access.ErrResetEnded)
	}
	found, _, err := s.byID(ctx, account)
	return found, err
}
