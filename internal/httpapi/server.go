// Package httpapi is the API, for the console, the widget and programs. The
// client API is itself the web and app channel.
//
// Every operation is registered through Server.add with a door: who may come
// in. Nothing else checks permissions, and a test walks all operations.
// Handlers say what they need in small interfaces; app fills Ports with
// implementations. Storage is never imported here.
package httpapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/netip"
	"reflect"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"everdesk/internal/fault"
	"everdesk/internal/inbox"
)

// Base is the path of the API.
const Base = "/api/v1"

// Ports are what the handlers ask; app fills them.
type Ports struct {
	Auth          Authenticator
	Views         Views
	Conversations Conversations
	Entries       Entries
	Receipts      Receipts
	Typing        Typing
	Client        Client
	Visitors      Visitors
	Uploads       Uploads
	Customers     Customers
	Attendance    Attendance
	Sessions      Sessions
	Workspaces    Workspaces
	Members       Members
	Presences     Presences
	Resets        Resets
	Teams         Teams
	Keys          Keys
	Invitations   Invitations
	Record        Record
	Tickets       Tickets
	Requesters    Requesters
	Links         Links
	Calendars     Calendars
	Channels      Channels
	Trials        Trials
	Snippets      Snippets
	Knowledge     Knowledge
	Rehearsals    Rehearsals
	Imports       Imports
	Products      Products
	Shelf         Shelf
	Lessons       Lessons
	Minds         Minds
	Search        Search
	Flows         Flows
	Connectors    Connectors
	Calls         Calls
	Providers     Providers
	// ProviderTrials see whether a provider works.
	ProviderTrials ProviderTrials
}

// Options say how to serve.
type Options struct {
	Log *slog.Logger
	// Now is the business clock.
	Now func() time.Time
	// Title returns the title of a code in a language.
	Title func(tag, code string, facts map[string]string) string
	// Version is the binary's.
	Version string
	// RatePerKey is how many requests a second one API key may make; 0 for no
	// limit.
	RatePerKey float64
	// Rates are shared with other nodes; nil for a node that stands alone.
	Rates Rates
	// TrustedProxies may say in X-Forwarded-For whom they speak for.
	TrustedProxies []netip.Prefix
}

// Server is the API's handler.
type Server struct {
	ports    Ports
	options  Options
	now      func() time.Time
	log      *slog.Logger
	problems problems
	mux      *http.ServeMux
	api      huma.API
	doors    map[string]Door // by operation id
	limits   limits
}

// New returns the API over its ports.
func New(ports Ports, options Options) *Server {
	s := &Server{
		ports: ports, options: options, now: options.Now, log: options.Log,
		problems: problems{options.Log, options.Title},
		mux:      http.NewServeMux(), doors: map[string]Door{},
	}
	s.limits = newLimits(options.Now, options.RatePerKey, options.Rates)
	huma.NewError = func(status int, message string, errs ...error) huma.StatusError {
		return s.problems.fromHuma(nil, status, message, errs...)
	}
	huma.NewErrorWithContext = s.problems.fromHuma
	config := huma.DefaultConfig("Everdesk", options.Version)
	config.Info.Description = "One desk for every channel. Times are RFC 3339, ids are text, errors are problem+json with a stable code."
	config.CreateHooks = nil // no $schema links: they are built from the Host header
	config.DocsPath, config.OpenAPIPath, config.SchemasPath = "", "", ""
	config.Formats = map[string]huma.Format{"application/json": strictJSON, "json": strictJSON}
	config.RejectUnknownQueryParameters = true
	config.Components.SecuritySchemes = securitySchemes
	describeIDs(config.Components.Schemas)
	s.api = humago.New(s.mux, config)
	s.api.OpenAPI().Components.Schemas.RegisterTypeAlias(reflect.TypeFor[inbox.Body](), reflect.TypeFor[message]())
	s.register()
	s.describe()
	return s
}

// register lists the features, one line each.
func (s *Server) register() {
	s.registerMeta()
	s.registerConversations()
	s.registerSearch()
	s.registerEntries()
	s.registerCustomers()
	s.registerPresence()
	s.registerUploads()
	s.registerVisitors()
	s.registerClient()
	s.registerSetup()
	s.registerSession()
	s.registerStaff()
	s.registerTeams()
	s.registerInvitations()
	s.registerKeys()
	s.registerAudit()
	s.registerTickets()
	s.registerClientTickets()
	s.registerCalendars()
	s.registerChannels()
	s.registerSnippets()
	s.registerFlows()
	s.registerConnectors()
	s.registerKnowledge()
	s.registerImports()
	s.registerProducts()
	s.registerTraining()
	s.registerProviders()
	s.registerHelp()
}

// ServeHTTP answers a request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.outer(http.HandlerFunc(s.dispatch)).ServeHTTP(w, r)
}

// dispatch gives unknown paths and methods of the API a problem too.
func (s *Server) dispatch(w http.ResponseWriter, r *http.Request) {
	// The console answers every other path, so it would answer these too.
	if _, pattern := s.mux.Handler(r); strings.Contains(pattern, Base) || !strings.HasPrefix(r.URL.Path, Base+"/") {
		s.mux.ServeHTTP(w, r)
		return
	}
	var allowed []string
	for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete} {
		other := &http.Request{Method: method, URL: r.URL, Host: r.Host}
		if _, pattern := s.mux.Handler(other); strings.HasPrefix(pattern, method+" "+Base) {
			allowed = append(allowed, method)
		}
	}
	if len(allowed) == 0 {
		s.problems.write(w, r, fault.ErrNotFound)
		return
	}
	w.Header().Set("Allow", strings.Join(allowed, ", "))
	s.problems.write(w, r, errMethod)
}

// Mount adds a handler that is not an API operation: files, the socket, pages.
func (s *Server) Mount(pattern string, handler http.Handler) { s.mux.Handle(pattern, handler) }

// MountSite serves a built front end below a prefix such as "/demo/".
func (s *Server) MountSite(prefix string, site *Site) { s.at(prefix, site) }

// OpenAPI returns the document of all operations.
func (s *Server) OpenAPI() *huma.OpenAPI { return s.api.OpenAPI() }

// strictJSON refuses what a database cannot keep or another reader would read
// differently: bytes that are not UTF-8, and the NUL character.
var strictJSON = huma.Format{
	Marshal: func(w io.Writer, v any) error {
		encoder := json.NewEncoder(w)
		encoder.SetEscapeHTML(false)
		return encoder.Encode(v)
	},
	Unmarshal: func(data []byte, v any) error {
		if !utf8.Valid(data) {
			return errors.New("not UTF-8")
		}
		if hasNUL(data) {
			return errors.New("contains U+0000")
		}
		if err := json.Unmarshal(data, v); err != nil {
			return decoding(err)
		}
		return nil
	},
}

// hasNUL reports an escaped NUL; a bare one is no JSON anyway.
func hasNUL(data []byte) bool {
	for rest := data; ; {
		i := bytes.Index(rest, []byte(`\u0000`))
		if i < 0 {
			return false
		}
		slashes := 0
		for j := i - 1; j >= 0 && rest[j] == '\\'; j-- {
			slashes++
		}
		if slashes%2 == 0 {
			return true
		}
		rest = rest[i+6:]
	}
}

func writeJSON(w http.ResponseWriter, status int, contentType string, v any) {
	body, err := json.Marshal(v)
	if err != nil {
		status, body = http.StatusInternalServerError, []byte("{}")
	}
	w.Header().Set("Content-Type", contentType)
	w.WriteHeader(status)
	// The client may have gone; there is nobody left to tell.
	_, _ = w.Write(body)
}
