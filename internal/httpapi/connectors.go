package httpapi

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"everdesk/internal/access"
	"everdesk/internal/commit"
	"everdesk/internal/connector"
	"everdesk/internal/id"
)

// Connectors keeps the systems flows act in.
type Connectors interface {
	Connectors(ctx context.Context, scope access.Scope) ([]connector.Connector, error)
	Connector(ctx context.Context, scope access.Scope, which id.Connector) (connector.Connector, error)
	MakeConnector(ctx context.Context, scope access.Scope, claim *commit.Claim, d connector.Document, secrets map[string]string, at time.Time) (connector.Connector, error)
	ChangeConnector(ctx context.Context, scope access.Scope, which id.Connector, version int64, d connector.Document, secrets map[string]string, at time.Time) (connector.Connector, error)
	DeleteConnector(ctx context.Context, scope access.Scope, which id.Connector, at time.Time) error
}

// Calls try a connector out.
type Calls interface {
	// TryCall calls an operation that only reads.
	TryCall(ctx context.Context, scope access.Scope, which id.Connector, operation string, args map[string]any, at time.Time) (connector.Result, error)
}

// Connector is a system flows act in.
type Connector struct {
	ID         id.Connector           `json:"id"`
	Document   map[string]any         `json:"document" doc:"docs/schema/connector.json"`
	Secrets    []string               `json:"secrets" doc:"The names of those that are set. The secrets themselves are never shown."`
	Operations []OperationDescription `json:"operations"`
	Version    int64                  `json:"version"`
	CreatedAt  time.Time              `json:"created_at"`
	UpdatedAt  time.Time              `json:"updated_at"`
}

// OperationDescription is what a flow can call.
type OperationDescription struct {
	Name     string            `json:"name" example:"shop.order.get"`
	Effect   string            `json:"effect" enum:"read,write"`
	Identity string            `json:"identity,omitempty" enum:"order,account" doc:"The proof it needs of the customer."`
	Subject  string            `json:"subject,omitempty" doc:"The input that says whose it is."`
	Inputs   map[string]string `json:"inputs" doc:"Their types by name."`
	Outputs  []string          `json:"outputs"`
	Errors   []string          `json:"errors"`
	Contact  bool              `json:"contact,omitempty" doc:"For one-time codes alone: no flow may call it."`
}

func shownConnector(c connector.Connector) (Connector, error) {
	raw, err := json.Marshal(c.Document)
	if err != nil {
		return Connector{}, err
	}
	shown := Connector{
		ID: c.ID, Document: object(raw), Secrets: nonNil(c.Secrets), Operations: []OperationDescription{},
		Version: c.Version, CreatedAt: c.CreatedAt, UpdatedAt: c.UpdatedAt,
	}
	for _, o := range c.Document.List() {
		inputs := o.Inputs
		if inputs == nil {
			inputs = map[string]string{}
		}
		shown.Operations = append(shown.Operations, OperationDescription{
			o.Name, string(o.Effect), o.Identity, o.Subject, inputs, nonNil(o.Outputs), nonNil(o.Errors), o.Contact,
		})
	}
	return shown, nil
}

type connectorOutput struct {
	Versioned
	Replay
	Body Connector
}

func connectorAnswer(c connector.Connector, claim *commit.Claim, err error) (*connectorOutput, error) {
	if err != nil {
		return nil, err
	}
	shown, err := shownConnector(c)
	return &connectorOutput{etag(c.Version), replayed(claim), shown}, err
}

// ConnectorBody is what an administrator writes.
type ConnectorBody struct {
	Document map[string]any    `json:"document" doc:"docs/schema/connector.json"`
	Secrets  map[string]string `json:"secrets,omitempty" doc:"By name. What is not given stays; an empty one is removed. They do not follow to another address."`
}

func (b ConnectorBody) document() (connector.Document, error) {
	raw, err := json.Marshal(b.Document)
	if err != nil {
		return connector.Document{}, err
	}
	return connector.Parse(raw)
}

func (s *Server) registerConnectors() {
	const tag = "Connectors"
	kept := s.ports.Connectors
	add(s, op{id: "list-connectors", method: http.MethodGet, path: "/connectors", tag: tag, door: May(access.KnowledgeRead), summary: "The systems flows act in, with their operations"},
		func(ctx context.Context, _ *struct{}) (*struct{ Body listed[Connector] }, error) {
			all, err := kept.Connectors(ctx, scopeOf(ctx))
			if err != nil {
				return nil, err
			}
			out := &struct{ Body listed[Connector] }{listed[Connector]{Items: []Connector{}}}
			for _, c := range all {
				shown, err := shownConnector(c)
				if err != nil {
					return nil, err
				}
				out.Body.Items = append(out.Body.Items, shown)
			}
			return out, nil
		})
	add(s, op{id: "make-connector", method: http.MethodPost, path: "/connectors", tag: tag, door: May(access.ChannelManage), status: http.StatusCreated, summary: "Connect a system"},
		func(ctx context.Context, in *struct {
			Creates
			Body ConnectorBody
		},
		) (*connectorOutput, error) {
			claim, err := s.claim(ctx, in.Creates, "make-connector", in.Body)
			if err != nil {
				return nil, err
			}
			d, err := in.Body.document()
			if err != nil {
				return nil, err
			}
			c, err := kept.MakeConnector(ctx, scopeOf(ctx), claim, d, in.Body.Secrets, s.now())
			return connectorAnswer(c, claim, err)
		})
	add(s, op{id: "get-connector", method: http.MethodGet, path: "/connectors/{id}", tag: tag, door: May(access.KnowledgeRead), summary: "A connected system"},
		func(ctx context.Context, in *byID[id.Connector]) (*connectorOutput, error) {
			c, err := kept.Connector(ctx, scopeOf(ctx), in.ID.ID)
			return connectorAnswer(c, nil, err)
		})
	add(s, op{id: "change-connector", method: http.MethodPut, path: "/connectors/{id}", tag: tag, door: May(access.ChannelManage), summary: "Write a connector anew"},
		func(ctx context.Context, in *struct {
			Updates
			ID   ref[id.Connector] `path:"id"`
			Body ConnectorBody
		},
		) (*connectorOutput, error) {
			version, err := in.version()
			if err != nil {
				return nil, err
			}
			d, err := in.Body.document()
			if err != nil {
				return nil, err
			}
			c, err := kept.ChangeConnector(ctx, scopeOf(ctx), in.ID.ID, version, d, in.Body.Secrets, s.now())
			return connectorAnswer(c, nil, err)
		})
	add(s, op{id: "remove-connector", method: http.MethodDelete, path: "/connectors/{id}", tag: tag, door: May(access.ChannelManage), status: http.StatusNoContent, summary: "Remove a connector with its secrets"},
		func(ctx context.Context, in *byID[id.Connector]) (*struct{}, error) {
			return nil, kept.DeleteConnector(ctx, scopeOf(ctx), in.ID.ID, s.now())
		})
	add(s, op{id: "try-connector", method: http.MethodPost, path: "/connectors/{id}/try", tag: tag, door: May(access.ChannelManage), summary: "Call an operation that reads, to see whether it works"},
		s.tryConnector)
}

// ConnectorTried is what a trial call brought.
type ConnectorTried struct {
	Result map[string]any `json:"result,omitempty"`
	Error  string         `json:"error,omitempty" doc:"One of the operation's errors, unavailable or refused."`
	Detail string         `json:"detail,omitempty"`
	Millis int64          `json:"millis"`
}

func (s *Server) tryConnector(ctx context.Context, in *struct {
	ID   ref[id.Connector] `path:"id"`
	Body struct {
		Operation string         `json:"operation" minLength:"1" maxLength:"120" example:"order.get"`
		Args      map[string]any `json:"args,omitempty"`
	}
},
) (*struct{ Body ConnectorTried }, error) {
	result, err := s.ports.Calls.TryCall(ctx, scopeOf(ctx), in.ID.ID, in.Body.Operation, in.Body.Args, s.now())
	out := &struct{ Body ConnectorTried }{ConnectorTried{Result: result.Data, Millis: result.Took.Milliseconds()}}
	if failure, ok := errors.AsType[*connector.Failure](err); ok {
		out.Body.Error, out.Body.Detail = failure.Code, failure.Detail
		return out, nil
	}
	return out, err
}
