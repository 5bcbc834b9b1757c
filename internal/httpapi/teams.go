package httpapi

import (
	"context"
	"net/http"
	"time"

	"everdesk/internal/access"
	"everdesk/internal/commit"
	"everdesk/internal/id"
	"everdesk/internal/page"
	"everdesk/internal/staff"
)

// Teams keeps the teams of a workspace.
type Teams interface {
	Teams(ctx context.Context, scope access.Scope, request page.Request) (page.Of[staff.Team], error)
	Team(ctx context.Context, scope access.Scope, team id.Team) (staff.Team, error)
	MakeTeam(ctx context.Context, scope access.Scope, claim *commit.Claim, patch staff.TeamPatch, at time.Time) (staff.Team, error)
	ChangeTeam(ctx context.Context, scope access.Scope, team id.Team, version int64, patch staff.TeamPatch, at time.Time) (staff.Team, error)
	RemoveTeam(ctx context.Context, scope access.Scope, team id.Team, at time.Time) error
}

// Team is a group of staff with a queue.
type Team struct {
	ID        id.Team     `json:"id"`
	Name      string      `json:"name"`
	Calendar  id.Calendar `json:"calendar_id,omitempty" doc:"Its business hours; absent: those of the workspace."`
	Members   []id.Staff  `json:"members"`
	Wait      WaitPolicy  `json:"wait_policy"`
	Attention int64       `json:"attention_seconds" doc:"How long a customer waits for an agent's next word before the conversation goes back to the queue."`
	Version   int64       `json:"version"`
}

// WaitPolicy says when waiting becomes a ticket with a promised time.
type WaitPolicy struct {
	MaxWaitSeconds int64 `json:"max_wait_seconds" minimum:"10" maximum:"86400"`
	MaxQueue       int   `json:"max_queue" minimum:"1" maximum:"10000"`
}

// TeamChange is what a team is made or changed with.
type TeamChange struct {
	Name      *string      `json:"name,omitempty" maxLength:"200"`
	Calendar  *id.Calendar `json:"calendar_id,omitempty"`
	Members   *[]id.Staff  `json:"members,omitempty" maxItems:"1000"`
	Wait      *WaitPolicy  `json:"wait_policy,omitempty"`
	Attention *int64       `json:"attention_seconds,omitempty" minimum:"30" maximum:"86400"`
}

func (c TeamChange) patch() staff.TeamPatch {
	patch := staff.TeamPatch{Name: c.Name, Calendar: c.Calendar, Members: c.Members}
	if c.Wait != nil {
		patch.Wait = &staff.WaitPolicy{Wait: time.Duration(c.Wait.MaxWaitSeconds) * time.Second, Queue: c.Wait.MaxQueue}
	}
	if c.Attention != nil {
		attention := time.Duration(*c.Attention) * time.Second
		patch.Attention = &attention
	}
	return patch
}

type makeTeamInput struct {
	Creates
	Body TeamChange
}

type changeTeamInput struct {
	Updates
	ID   ref[id.Team] `path:"id"`
	Body TeamChange
}

type teamOutput struct {
	Versioned
	Replay
	Body Team
}

func (s *Server) registerTeams() {
	const tag = "Teams"
	add(s, op{id: "list-teams", method: http.MethodGet, path: "/teams", tag: tag, door: May(access.StaffRead), summary: "Teams in the order they were made"},
		func(ctx context.Context, in *Lists) (*struct{ Body listed[Team] }, error) {
			request, err := in.page()
			if err != nil {
				return nil, err
			}
			teams, err := s.ports.Teams.Teams(ctx, scopeOf(ctx), request)
			return &struct{ Body listed[Team] }{list(teams, shownTeam)}, err
		})
	add(s, op{id: "make-team", method: http.MethodPost, path: "/teams", tag: tag, door: May(access.TeamManage), status: http.StatusCreated, summary: "Make a team"},
		func(ctx context.Context, in *makeTeamInput) (*teamOutput, error) {
			claim, err := s.claim(ctx, in.Creates, "make-team", in.Body)
			if err != nil {
				return nil, err
			}
			team, err := s.ports.Teams.MakeTeam(ctx, scopeOf(ctx), claim, in.Body.patch(), s.now())
			return &teamOutput{etag(team.Version), replayed(claim), shownTeam(team)}, err
		})
	add(s, op{id: "get-team", method: http.MethodGet, path: "/teams/{id}", tag: tag, door: May(access.StaffRead), summary: "A team"},
		func(ctx context.Context, in *byID[id.Team]) (*teamOutput, error) {
			team, err := s.ports.Teams.Team(ctx, scopeOf(ctx), in.ID.ID)
			return &teamOutput{Versioned: etag(team.Version), Body: shownTeam(team)}, err
		})
	add(s, op{id: "change-team", method: http.MethodPatch, path: "/teams/{id}", tag: tag, door: May(access.TeamManage), summary: "Change a team"},
		func(ctx context.Context, in *changeTeamInput) (*teamOutput, error) {
			version, err := in.version()
			if err != nil {
				return nil, err
			}
			team, err := s.ports.Teams.ChangeTeam(ctx, scopeOf(ctx), in.ID.ID, version, in.Body.patch(), s.now())
			return &teamOutput{Versioned: etag(team.Version), Body: shownTeam(team)}, err
		})
	add(s, op{id: "remove-team", method: http.MethodDelete, path: "/teams/{id}", tag: tag, door: May(access.TeamManage), status: http.StatusNoContent, summary: "Remove a team; what waits in its queue moves"},
		func(ctx context.Context, in *byID[id.Team]) (*struct{}, error) {
			return nil, s.ports.Teams.RemoveTeam(ctx, scopeOf(ctx), in.ID.ID, s.now())
		})
}

func shownTeam(t staff.Team) Team {
	return Team{
		ID: t.ID, Name: t.Name, Calendar: t.Calendar, Members: nonNil(t.Members),
		Wait:      WaitPolicy{int64(t.Wait.Wait / time.Second), t.Wait.Queue},
		Attention: int64(t.Attention / time.Second), Version: t.Version,
	}
}
