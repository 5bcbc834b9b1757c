package ai_test

import (
	"strings"
	"testing"
	"time"

	"everdesk/internal/ai"
	"everdesk/internal/fault"
)

var noon = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

func TestABreakerOpensRestsAndTriesOnce(t *testing.T) {
	b := ai.NewBreaker()
	for i := range 5 {
		if !b.Allow(noon) {
			t.Fatalf("closed to call %d", i)
		}
		b.Done(false, noon.Add(time.Duration(i)*time.Second))
	}
	if b.Allow(noon.Add(10 * time.Second)) {
		t.Error("open, and yet allowed")
	}
	later := noon.Add(35 * time.Second)
	if !b.Allow(later) || b.Allow(later) {
		t.Error("after its rest exactly one call tries")
	}
	b.Done(false, later)
	if b.Allow(later.Add(time.Second)) {
		t.Error("the trial failed, and yet allowed")
	}
	again := later.Add(31 * time.Second)
	if !b.Allow(again) {
		t.Error("no second trial")
	}
	b.Done(true, again)
	if !b.Allow(again) || !b.Allow(again) {
		t.Error("it works again, and is not asked")
	}
}

func TestFailuresFarApartOpenNothing(t *testing.T) {
	b := ai.NewBreaker()
	for i := range 20 {
		at := noon.Add(time.Duration(i) * 20 * time.Second)
		if !b.Allow(at) {
			t.Fatalf("opened at call %d", i)
		}
		b.Done(false, at)
	}
}

func TestSettingsNameWhatIsWrong(t *testing.T) {
	good := ai.Settings{Enabled: true, URL: "https://models.example/v1", Model: "m", Key: "sk-1234", MonthlyTokens: 1000, PerMinute: 10}
	if err := good.Check(); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		field  string
		change func(*ai.Settings)
	}{
		"plain http to elsewhere":    {"body.url", func(s *ai.Settings) { s.URL = "http://models.example" }},
		"a password in the address":  {"body.url", func(s *ai.Settings) { s.URL = "https://a:b@models.example" }},
		"no address":                 {"body.url", func(s *ai.Settings) { s.URL = "" }},
		"a query":                    {"body.url", func(s *ai.Settings) { s.URL = "https://models.example/v1?key=1" }},
		"no model":                   {"body.model", func(s *ai.Settings) { s.Model = "" }},
		"a line break in the key":    {"body.key", func(s *ai.Settings) { s.Key = "a\r\nX-Evil: 1" }},
		"a budget below nothing":     {"body.monthly_tokens", func(s *ai.Settings) { s.MonthlyTokens = -1 }},
		"more calls than there are":  {"body.per_minute", func(s *ai.Settings) { s.PerMinute = ai.MaxPerMinute + 1 }},
		"a model's name of no bound": {"body.vision_model", func(s *ai.Settings) { s.VisionModel = strings.Repeat("m", ai.MaxModel+1) }},
	} {
		s := good
		c.change(&s)
		problem := fault.Of(s.Check())
		if problem == nil || len(problem.Fields) != 1 || problem.Fields[0].Path != c.field {
			t.Errorf("%s: %+v", name, problem)
		}
	}
}
