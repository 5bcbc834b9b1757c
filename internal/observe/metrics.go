package observe

import (
	"context"
	"crypto/subtle"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"everdesk/internal/store"
)

// Metrics are a node's figures, in a registry of its own. All names begin with
// everdesk_, but for those of the Go runtime and the process.
type Metrics struct {
	registry *prometheus.Registry
	requests *prometheus.HistogramVec
	running  prometheus.Gauge
}

// NewMetrics returns metrics that name the version of the binary.
func NewMetrics(version string) *Metrics {
	m := &Metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "everdesk_http_request_seconds",
			Help:    "Time until the answer to a request began, by route pattern.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10},
		}, []string{"method", "route", "status"}),
		running: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "everdesk_http_requests_running", Help: "Requests being answered now, streams and sockets included.",
		}),
	}
	m.registry.MustRegister(
		m.requests, m.running,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
	)
	m.Gauge("everdesk_build_info", "Always 1; its label is the version.", map[string]string{"version": version}, func() float64 { return 1 })
	return m
}

// Gauge adds a figure that is read whenever somebody looks. Registering a name
// and labels twice is a mistake in the program.
func (m *Metrics) Gauge(name, help string, labels map[string]string, read func() float64) {
	m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help, ConstLabels: labels}, read))
}

// Counter adds a figure that only rises and is read whenever somebody looks.
func (m *Metrics) Counter(name, help string, labels map[string]string, read func() float64) {
	m.registry.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{Name: name, Help: help, ConstLabels: labels}, read))
}

// Figure is one reading of a family.
type Figure struct {
	// Name is without everdesk_; the help of the first reading counts.
	Name, Help string
	// Label and Value tell readings of one family apart; empty for one alone.
	Label, Value string
	Reading      float64
}

// readTime is how long figures that ask the database may take to read.
const readTime = 2 * time.Second

// Figures adds what is asked for together whenever somebody looks: all of one
// moment, with one round of questions. What cannot be read is left out, which
// Prometheus notices.
func (m *Metrics) Figures(read func(context.Context) []Figure) {
	m.registry.MustRegister(figures(read))
}

type figures func(context.Context) []Figure

// Describe says nothing: what there is to read depends on who runs.
func (f figures) Describe(chan<- *prometheus.Desc) {}

// Collect implements prometheus.Collector.
func (f figures) Collect(metrics chan<- prometheus.Metric) {
	ctx, done := context.WithTimeout(context.Background(), readTime)
	defer done()
	for _, figure := range f(ctx) {
		var labels prometheus.Labels
		if figure.Label != "" {
			labels = prometheus.Labels{figure.Label: figure.Value}
		}
		metrics <- prometheus.MustNewConstMetric(
			prometheus.NewDesc("everdesk_"+figure.Name, figure.Help, nil, labels), prometheus.GaugeValue, figure.Reading)
	}
}

// Tally adds a family of counters and returns what counts one up, by the values
// of its labels.
func (m *Metrics) Tally(name, help string, labels ...string) func(values ...string) {
	counters := prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, labels)
	m.registry.MustRegister(counters)
	return func(values ...string) { counters.WithLabelValues(values...).Inc() }
}

// Store adds the figures of a store's writer.
func (m *Metrics) Store(engine string, stats func() store.Stats) {
	m.registry.MustRegister(writer{prometheus.Labels{"engine": engine}, stats})
}

// writer collects all of one snapshot, so that its figures fit together.
type writer struct {
	labels prometheus.Labels
	stats  func() store.Stats
}

// Describe implements prometheus.Collector.
func (w writer) Describe(descriptions chan<- *prometheus.Desc) {
	prometheus.DescribeByCollect(w, descriptions)
}

// Collect implements prometheus.Collector.
func (w writer) Collect(metrics chan<- prometheus.Metric) {
	s := w.stats()
	for _, f := range []struct {
		name, help string
		kind       prometheus.ValueType
		value      float64
	}{
		{"batches_total", "Transactions committed.", prometheus.CounterValue, float64(s.Batches)},
		{"commands_total", "Commands committed.", prometheus.CounterValue, float64(s.Commands)},
		{"refused_total", "Commands refused by a rule.", prometheus.CounterValue, float64(s.Refused)},
		{"isolated_total", "Batches taken apart because a command broke them.", prometheus.CounterValue, float64(s.Isolated)},
		{"retried_total", "Batches run again after a deadlock.", prometheus.CounterValue, float64(s.Retried)},
		{"unknown_total", "Commands whose outcome is unknown.", prometheus.CounterValue, float64(s.Unknown)},
		{"full_total", "Commands refused because there was no room.", prometheus.CounterValue, float64(s.Full)},
		{"slow_total", "Commands that held the writer for more than 20 ms.", prometheus.CounterValue, float64(s.Slow)},
		{"queued", "Commands waiting for the next transaction.", prometheus.GaugeValue, float64(s.Queued)},
		{"longest_hold_seconds", "Longest any command has held the writer.", prometheus.GaugeValue, s.LongestHold.Seconds()},
	} {
		metrics <- prometheus.MustNewConstMetric(prometheus.NewDesc("everdesk_store_"+f.name, f.help, nil, w.labels), f.kind, f.value)
	}
}

// Requests measures rate, errors and duration of what next answers. Pattern
// names the route of a request, so that ids in paths do not become labels; what
// has none is counted together.
func (m *Metrics) Requests(next http.Handler, pattern func(*http.Request) string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		m.running.Inc()
		defer m.running.Dec()
		watched := &answer{ResponseWriter: w}
		started := time.Now()
		watched.began = func(status int) {
			m.requests.WithLabelValues(method(r.Method), route(pattern(r)), strconv.Itoa(status)).Observe(time.Since(started).Seconds())
		}
		next.ServeHTTP(watched, r)
		watched.begin(http.StatusOK)
	})
}

// route cuts the method off a ServeMux pattern, "GET /api/v1/tickets/{id}".
func route(pattern string) string {
	if _, path, found := strings.Cut(pattern, " "); found {
		pattern = path
	}
	if pattern == "" {
		return "none"
	}
	return pattern
}

// method keeps made-up methods from becoming labels.
func method(given string) string {
	switch given {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions:
		return given
	}
	return "other"
}

// Handler shows the metrics to Prometheus: to whoever asks from this machine
// itself, and to whoever has the token. An empty token opens to nobody.
func (m *Metrics) Handler(token string) http.Handler {
	metrics := promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !local(r) && !bears(r, token) {
			http.NotFound(w, r)
			return
		}
		metrics.ServeHTTP(w, r)
	})
}

// local reports whether the request was made on this machine and not passed on
// by a proxy on it.
func local(r *http.Request) bool {
	for _, header := range []string{"X-Forwarded-For", "Forwarded", "Via", "X-Real-Ip"} {
		if r.Header.Get(header) != "" {
			return false
		}
	}
	address, err := netip.ParseAddrPort(r.RemoteAddr)
	return err == nil && address.Addr().Unmap().IsLoopback()
}

func bears(r *http.Request, token string) bool {
	given, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	return ok && token != "" && subtle.ConstantTimeCompare([]byte(given), []byte(token)) == 1
}
