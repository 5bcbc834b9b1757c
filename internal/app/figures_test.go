package app_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"everdesk/internal/app"
)

// scrape returns the names of the metrics, and all of their text.
func scrape(t *testing.T, a *app.App) (names []string, text string) {
	t.Helper()
	request := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/metrics", http.NoBody)
	request.RemoteAddr = "127.0.0.1:999"
	answer := httptest.NewRecorder()
	a.Handler().ServeHTTP(answer, request)
	for _, found := range regexp.MustCompile(`(?m)^# TYPE (everdesk_\w+)`).FindAllStringSubmatch(answer.Body.String(), -1) {
		names = append(names, found[1])
	}
	return names, answer.Body.String()
}

func TestWhatWaitsIsSeen(t *testing.T) {
	eachNode(t, func(t *testing.T, a *app.App) {
		h := found(t, a, "lanmo")
		h.furnish(t) // nothing works in the background, so jobs and events wait
		_, text := scrape(t, a)
		for name, pattern := range map[string]string{
			"jobs that are due":     `(?m)^everdesk_jobs_due [1-9]`,
			"how late they are":     `(?m)^everdesk_job_lag_seconds [0-9]`,
			"jobs given up":         `(?m)^everdesk_jobs_dead 0`,
			"events not handled":    `(?m)^everdesk_events_behind\{consumer="tickets.follow"\} [1-9]`,
			"how old they are":      `(?m)^everdesk_event_lag_seconds\{consumer="tickets.follow"\} [0-9]`,
			"the disk":              `(?m)^everdesk_disk_free_bytes [1-9]`,
			"requests by route":     `(?m)^everdesk_http_request_seconds_count\{method="POST",route="/api/v1/client/conversations",status="201"\} 1`,
			"commands of the store": `(?m)^everdesk_store_commands_total\{engine="\w+"\} [1-9]`,
		} {
			if !regexp.MustCompile(pattern).MatchString(text) {
				t.Errorf("%s: nothing matches %s", name, pattern)
			}
		}
	})
}

// The operator's guide names every metric there is, and none that there is not;
// the alarms name none that there is not.
func TestTheGuideNamesEveryMetric(t *testing.T) {
	a := node(t, "")
	a.Count("email", "sent", "")
	found(t, a, "lanmo")
	names, _ := scrape(t, a)
	// Those that only some nodes have.
	names = append(names, "everdesk_redis_up", "everdesk_redis_lost_total", "everdesk_certificate_end_seconds")
	guide := mentioned(t, "../../docs/guides/operator.md")
	for _, name := range names {
		if !slices.Contains(guide, name) {
			t.Errorf("the guide does not say what %s is", name)
		}
	}
	for _, file := range []string{"../../docs/guides/operator.md", "../../deploy/prometheus.rules.yml"} {
		for _, name := range mentioned(t, file) {
			for _, suffix := range []string{"_bucket", "_count", "_sum"} {
				if base, cut := strings.CutSuffix(name, suffix); cut && slices.Contains(names, base) {
					name = base
				}
			}
			if !slices.Contains(names, name) {
				t.Errorf("%s names %s, which there is not", file, name)
			}
		}
	}
}

func mentioned(t *testing.T, file string) []string {
	t.Helper()
	text, err := os.ReadFile(file)
	must(t, err)
	return regexp.MustCompile(`\beverdesk_[a-z_]*[a-z]\b`).FindAllString(string(text), -1)
}
