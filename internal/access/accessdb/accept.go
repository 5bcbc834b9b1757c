package accessdb

import (
	"context"
	"errors"
	"time"

	"everdesk/internal/access"
	"everdesk/internal/fault"
	"everdesk/internal/id"
	"everdesk/internal/locale"
	"everdesk/internal/store"
)

// Invited returns what the holder of an invitation's token may know of it.
func (s *Store) Invited(ctx context.Context, token string, at time.Time) (access.Invited, error) {
	rows, err := s.db.Query(ctx, `SELECT `+invitationColumns+` FROM invitations i WHERE i.token_hash = $1`, access.InvitationToken.Hash(token))
	found, err := store.All(rows, err, s.scanInvitation)
	if err != nil {
		return access.Invited{}, err
	}
	if len(found) == 0 || !found[0].ExpiresAt.After(at) {
		return access.Invited{}, access.ErrInvitationEnded
	}
	invited := access.Invited{Invitation: found[0]}
	workspace, err := s.workspace(ctx, `id = $1`, invited.Workspace)
	if err != nil {
		return access.Invited{}, err
	}
	invited.WorkspaceName = workspace.Name
	_, _, err = s.byMail(ctx, invited.Mail)
	if err != nil && !errors.Is(err, fault.ErrNotFound) {
		return access.Invited{}, err
	}
	invited.HasAccount = err == nil
	return invited, nil
}

// Accept makes whoever holds the token a member and signs them in. An account
// of the invited address joins with its own password; else one is made.
func (s *Store) Accept(ctx context.Context, a access.Acceptance, visit access.Visit, at time.Time) (access.SignedIn, error) {
	invited, err := s.Invited(ctx, a.Token, at)
	if err != nil {
		return access.SignedIn{}, err
	}
	counts := s.tries("accept", invited.Mail, visit.Address)
	if err := s.try(ctx, counts, at); err != nil {
		return access.SignedIn{}, err
	}
	account, hashed, err := s.prove(ctx, invited, a)
	if err != nil {
		return access.SignedIn{}, err
	}
	var signed access.SignedIn
	err = s.db.Atomically(ctx, func(ctx context.Context) error {
		used, err := store.Current(ctx).Exec(`DELETE FROM invitations WHERE token_hash = $1`, access.InvitationToken.Hash(a.Token))
		if err != nil {
			return err
		}
		if used == 0 {
			return access.ErrInvitationEnded
		}
		joining := account
		if joining.ID == 0 {
			if joining, err = s.addAccount(ctx, joining, hashed, at); err != nil {
				return err
			}
		}
		if _, err := s.Members.Join(ctx, access.System(invited.Workspace), joining.ID, joining.Name, invited.Role, invited.Teams, at); err != nil {
			return err
		}
		signed, err = s.begin(ctx, joining.ID, invited.Workspace, visit, counts, at)
		return err
	})
	return signed, err
}

// prove returns the account that joins, checked by its password, or one to be
// made and the stored form of its password.
func (s *Store) prove(ctx context.Context, invited access.Invited, a access.Acceptance) (access.Account, string, error) {
	account, stored, err := s.byMail(ctx, invited.Mail)
	if err == nil {
		ok, _, err := s.Passwords.Check(ctx, stored, a.Password)
		if err == nil && !ok {
			err = access.ErrWrongSignIn
		}
		return account, "", err
	}
	if !errors.Is(err, fault.ErrNotFound) {
		return access.Account{}, "", err
	}
	account = access.Account{Mail: invited.Mail, Locale: a.Locale}
	if account.Name, err = access.CleanName("body.name", a.Name); err != nil {
		return access.Account{}, "", err
	}
	if err := access.CheckPassword("body.password", a.Password, account.Mail); err != nil {
		return access.Account{}, "", err
	}
	hashed, err := s.Passwords.Hash(ctx, a.Password)
	return account, hashed, err
}

// addAccount keeps a new account, in the transaction of ctx.
func (s *Store) addAccount(ctx context.Context, account access.Account, hashed string, at time.Time) (access.Account, error) {
	tx := store.Current(ctx)
	account.ID, account.CreatedAt, account.Theme = id.New[id.Account](tx.IDs()), at, access.Themes[0]
	if account.Locale = locale.Match(account.Locale); account.Locale == "" {
		account.Locale = locale.Tags[0]
	}
	err := tx.Returning([]any{&account.Version}, `INSERT INTO accounts(id, mail, mail_index, name, password, locale, theme, last_workspace, created_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, 0, $8) ON CONFLICT DO NOTHING RETURNING version`,
		account.ID, s.Ring.Seal(access.SealedMail, account.Mail), s.mailIndex(account.Mail), account.Name, hashed,
		account.Locale, account.Theme, at)
	return account, one(err, access.ErrMailTaken)
}
