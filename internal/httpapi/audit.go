package httpapi

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"everdesk/internal/access"
	"everdesk/internal/audit"
	"everdesk/internal/fault"
	"everdesk/internal/id"
	"everdesk/internal/page"
)

// Record is the audit record of a workspace.
type Record interface {
	List(ctx context.Context, scope access.Scope, filter audit.Filter, request page.Request) (page.Of[audit.Row], error)
	Verify(ctx context.Context, scope access.Scope) (audit.Report, error)
}

// AuditRow is one audited operation.
type AuditRow struct {
	ID      id.Audit        `json:"id"`
	At      time.Time       `json:"at"`
	Actor   Actor           `json:"actor"`
	Action  string          `json:"action" example:"team.changed"`
	Object  Object          `json:"object"`
	Before  json.RawMessage `json:"before,omitempty"`
	After   json.RawMessage `json:"after,omitempty"`
	Route   string          `json:"route,omitempty"`
	Address string          `json:"address,omitempty"`
	Trace   string          `json:"trace,omitempty"`
	Chained bool            `json:"chained" doc:"True once a change to the row would show."`
}

// Actor is who did something.
type Actor struct {
	Kind string `json:"kind" enum:"staff,api_key,customer,bot,system"`
	ID   string `json:"id,omitempty"`
	Name string `json:"name,omitempty"`
}

// Object is what it was done to.
type Object struct {
	Kind string `json:"kind" example:"team"`
	ID   string `json:"id"`
	Name string `json:"name,omitempty"`
}

// Integrity is what a look at the whole record found.
type Integrity struct {
	Chained int64  `json:"chained"`
	Pending int64  `json:"pending" doc:"Rows written in the last minute or so, not chained yet."`
	Intact  bool   `json:"intact"`
	Broken  *Break `json:"broken,omitempty" doc:"The first place where the record was changed."`
}

// Break is a place where the record was changed.
type Break struct {
	Position int64    `json:"position"`
	Row      id.Audit `json:"row,omitempty"`
	Reason   string   `json:"reason" enum:"changed,missing,slipped_in"`
}

type auditInput struct {
	Lists
	Actor  string    `query:"actor" maxLength:"40" doc:"An id, bot or system."`
	Object string    `query:"object" maxLength:"40" doc:"An id."`
	Action string    `query:"action" maxLength:"60" pattern:"^[a-z_]+(\\.[a-z_]+)?$" patternDescription:"a noun or noun.verb" doc:"An action, or only its noun."`
	From   time.Time `query:"from"`
	To     time.Time `query:"to"`
}

func (s *Server) registerAudit() {
	const tag = "Audit"
	add(s, op{id: "list-audit", method: http.MethodGet, path: "/audit", tag: tag, door: May(access.AuditRead), summary: "What was done, newest first"},
		func(ctx context.Context, in *auditInput) (*struct{ Body listed[AuditRow] }, error) {
			request, err := in.page()
			if err != nil {
				return nil, err
			}
			if !in.To.IsZero() && in.To.Before(in.From) {
				return nil, fault.ErrInvalid.At("query.to", "too_small", "before from")
			}
			rows, err := s.ports.Record.List(ctx, scopeOf(ctx), audit.Filter{
				Actor: in.Actor, Object: in.Object, Action: in.Action, From: in.From, To: in.To,
			}, request)
			if err != nil {
				return nil, err
			}
			names, err := s.ports.Members.Names(ctx, scopeOf(ctx), mentioned(rows.Items))
			return &struct{ Body listed[AuditRow] }{list(rows, func(row audit.Row) AuditRow { return shownRow(row, names) })}, err
		})
	add(s, op{id: "verify-audit", method: http.MethodGet, path: "/audit/integrity", tag: tag, door: May(access.AuditRead), summary: "Whether anybody changed the record"},
		func(ctx context.Context, _ *struct{}) (*struct{ Body Integrity }, error) {
			report, err := s.ports.Record.Verify(ctx, scopeOf(ctx))
			body := Integrity{Chained: report.Chained, Pending: report.Pending, Intact: report.Broken == nil}
			if b := report.Broken; b != nil {
				body.Broken = &Break{b.Pos, b.Row, b.Reason}
			}
			return &struct{ Body Integrity }{body}, err
		})
}

// mentioned are the members that rows name.
func mentioned(rows []audit.Row) (members []id.Staff) {
	for _, row := range rows {
		for _, text := range []string{row.Actor, row.Object} {
			var member id.Staff
			if member.UnmarshalText([]byte(text)) == nil && member != 0 {
				members = append(members, member)
			}
		}
	}
	return members
}

func shownRow(row audit.Row, names map[id.Staff]string) AuditRow {
	name := func(text string) string {
		var member id.Staff
		if member.UnmarshalText([]byte(text)) != nil {
			return ""
		}
		return names[member]
	}
	noun, _, _ := strings.Cut(row.Action, ".")
	return AuditRow{
		ID: row.ID, At: row.At, Actor: shownActor(row.Actor, name(row.Actor)), Action: row.Action,
		Object: Object{noun, row.Object, name(row.Object)}, Before: json.RawMessage(row.Before), After: json.RawMessage(row.After),
		Route: row.Origin.Route, Address: row.Origin.Address, Trace: row.Origin.Trace, Chained: row.Pos > 0,
	}
}

func shownActor(actor, name string) Actor {
	prefix, _, found := strings.Cut(actor, "_")
	if !found {
		return Actor{Kind: actor}
	}
	kind := map[string]string{"stf": "staff", "key": "api_key", "cus": "customer"}[prefix]
	return Actor{kind, actor, name}
}
