package accessdb

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"math"
	"time"

	"everdesk/internal/access"
	"everdesk/internal/commit"
	"everdesk/internal/fault"
	"everdesk/internal/id"
	"everdesk/internal/page"
	"everdesk/internal/seal"
	"everdesk/internal/store"
)

const invitationColumns = `i.id, i.workspace_id, i.mail, i.role, i.teams, i.created_at, i.expires_at, i.invited_by,
	COALESCE((SELECT m.name FROM staff m WHERE m.workspace_id = i.workspace_id AND m.id = i.invited_by), '')`

func (s *Store) scanInvitation(row store.Row) (i access.Invitation, err error) {
	var teams string
	err = row.Scan(&i.ID, &i.Workspace, &i.Mail, &i.Role, &teams, store.Into(&i.CreatedAt), store.Into(&i.ExpiresAt), &i.InvitedBy, &i.InviterName)
	if err != nil {
		return i, err
	}
	if err := json.Unmarshal([]byte(teams), &i.Teams); err != nil {
		return i, err
	}
	i.Mail, err = s.Ring.Open(access.SealedMail, i.Mail)
	return i, err
}

func newestFirst(request page.Request) page.Cursor {
	if request.After.IsZero() {
		return page.Cursor{Key: math.MaxInt64, ID: math.MaxInt64}
	}
	return request.After
}

// Invitations lists those not accepted yet, newest first, the expired among
// them.
func (s *Store) Invitations(ctx context.Context, scope access.Scope, request page.Request) (page.Of[access.Invitation], error) {
	after := newestFirst(request)
	rows, err := s.db.Query(ctx, `SELECT `+invitationColumns+` FROM invitations i
		WHERE i.workspace_id = $1 AND (i.created_at, i.id) < ($2, $3) ORDER BY i.created_at DESC, i.id DESC LIMIT $4`,
		scope.Workspace, after.Key, after.ID, int64(request.Limit)+1)
	all, err := store.All(rows, err, s.scanInvitation)
	return page.Cut(all, request, func(i access.Invitation) page.Cursor {
		return page.Cursor{Key: store.Micros(i.CreatedAt), ID: i.ID.Int64()}
	}), err
}

// Invite invites a mail address to a role the inviter may grant, and mails the
// link. An address has one invitation at a time: a new one replaces it. The
// token is returned once; a replay of the claim has the invitation without it.
func (s *Store) Invite(ctx context.Context, scope access.Scope, claim *commit.Claim, mail string, role access.Role, teams []id.Team, at time.Time) (made access.Invitation, text string, err error) {
	if mail, err = access.CleanMail("body.email", mail); err != nil {
		return made, "", err
	}
	if !role.Valid() {
		return made, "", fault.ErrInvalid.At("body.role", "not_allowed", "not a role")
	}
	if !scope.MayGrant(role) {
		return made, "", access.ErrBeyondOwn.With("what", string(role))
	}
	token := access.NewToken(access.InvitationToken)
	sealed, index := s.Ring.Seal(access.SealedMail, mail), s.mailIndex(mail)
	err = s.db.Do(ctx, store.Change{Claim: claim, Run: func(ctx context.Context) error {
		tx := store.Current(ctx)
		if err := s.notMember(ctx, scope, index); err != nil {
			return err
		}
		if err := s.checkTeams(ctx, scope, teams); err != nil {
			return err
		}
		made = access.Invitation{ID: id.New[id.Invitation](tx.IDs()), Workspace: scope.Workspace, Mail: mail, Role: role, Teams: teams}
		tx.Queue(`DELETE FROM invitations WHERE workspace_id = $1 AND mail_index = $2`, scope.Workspace, index)
		tx.Queue(`INSERT INTO invitations(workspace_id, id, token_hash, mail, mail_index, role, teams, invited_by, created_at, expires_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`, scope.Workspace, made.ID, token.Hash, sealed, index,
			string(role), store.JSON(made.Teams), scope.Staff, at, at.Add(access.InvitationLife))
		tx.Remember(made.ID.Int64())
		if made, err = s.invitation(ctx, scope, made.ID); err != nil {
			return err
		}
		if err := s.mailInvitation(ctx, made, token.Text, at); err != nil {
			return err
		}
		return s.Audit.Write(ctx, scope, "invitation.made", made.ID.String(), nil, shownInvitation(made), at)
	}})
	if err == nil && claim != nil && claim.Replayed {
		made, err = s.invitation(ctx, scope, id.Invitation(claim.Result))
		return made, "", err
	}
	if err != nil {
		return access.Invitation{}, "", err
	}
	return made, token.Text, nil
}

// Renew gives an invitation a new link and term, and mails it. The link before
// stops working.
func (s *Store) Renew(ctx context.Context, scope access.Scope, invitation id.Invitation, at time.Time) (renewed access.Invitation, text string, err error) {
	token := access.NewToken(access.InvitationToken)
	err = s.db.Atomically(ctx, func(ctx context.Context) error {
		if renewed, err = s.invitation(ctx, scope, invitation); err != nil {
			return err
		}
		if !scope.MayGrant(renewed.Role) {
			return access.ErrBeyondOwn.With("what", string(renewed.Role))
		}
		renewed.ExpiresAt = at.Add(access.InvitationLife)
		store.Current(ctx).Queue(`UPDATE invitations SET token_hash = $3, expires_at = $4 WHERE workspace_id = $1 AND id = $2`,
			scope.Workspace, invitation, token.Hash, renewed.ExpiresAt)
		if err := s.mailInvitation(ctx, renewed, token.Text, at); err != nil {
			return err
		}
		return s.Audit.Write(ctx, scope, "invitation.renewed", invitation.String(), nil, shownInvitation(renewed), at)
	})
	if err != nil {
		return access.Invitation{}, "", err
	}
	return renewed, token.Text, nil
}

// Withdraw ends an invitation.
func (s *Store) Withdraw(ctx context.Context, scope access.Scope, invitation id.Invitation, at time.Time) error {
	return s.db.Atomically(ctx, func(ctx context.Context) error {
		before, err := s.invitation(ctx, scope, invitation)
		if err != nil {
			return err
		}
		store.Current(ctx).Queue(`DELETE FROM invitations WHERE workspace_id = $1 AND id = $2`, scope.Workspace, invitation)
		return s.Audit.Write(ctx, scope, "invitation.withdrawn", invitation.String(), shownInvitation(before), nil, at)
	})
}

func (s *Store) invitation(ctx context.Context, scope access.Scope, invitation id.Invitation) (access.Invitation, error) {
	rows, err := s.db.Query(ctx, `SELECT `+invitationColumns+` FROM invitations i WHERE i.workspace_id = $1 AND i.id = $2`, scope.Workspace, invitation)
	found, err := store.All(rows, err, s.scanInvitation)
	if err != nil {
		return access.Invitation{}, err
	}
	if len(found) == 0 {
		return access.Invitation{}, fault.ErrNotFound
	}
	return found[0], nil
}

func (s *Store) notMember(ctx context.Context, scope access.Scope, index string) error {
	var member int64
	rows, err := s.db.Query(ctx, `SELECT 1 FROM accounts a JOIN staff m ON m.account_id = a.id
		WHERE a.mail_index = $2 AND m.workspace_id = $1 AND m.active = 1`, scope.Workspace, index)
	err = store.One(rows, err, &member)
	if errors.Is(err, store.ErrNoRows) {
		return nil
	}
	if err == nil {
		return access.ErrAlreadyMember
	}
	return err
}

func (s *Store) checkTeams(ctx context.Context, scope access.Scope, teams []id.Team) error {
	for _, team := range teams {
		var one int64
		rows, err := s.db.Query(ctx, `SELECT 1 FROM teams WHERE workspace_id = $1 AND id = $2`, scope.Workspace, team)
		err = store.One(rows, err, &one)
		if errors.Is(err, store.ErrNoRows) {
			return fault.ErrInvalid.At("body.teams", "not_found", "not a team of this workspace")
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) mailInvitation(ctx context.Context, i access.Invitation, token string, at time.Time) error {
	workspace, err := s.workspace(ctx, `id = $1`, i.Workspace)
	if err != nil {
		return err
	}
	s.queue(ctx, access.Account{Mail: i.Mail, Locale: workspace.Locale}, i.Workspace, "mail.invitation", map[string]string{
		"inviter": cmp.Or(i.InviterName, workspace.Name), "workspace": workspace.Name, "link": s.InvitationLink(token),
		"until": moment(workspace.Locale, i.ExpiresAt, workspace.TimeZone, at),
	}, at)
	return nil
}

func shownInvitation(i access.Invitation) map[string]any {
	return map[string]any{"email": seal.MaskMail(i.Mail), "role": i.Role, "teams": i.Teams}
}
