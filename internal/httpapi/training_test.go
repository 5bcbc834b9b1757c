package httpapi_test

import (
	"strings"
	"testing"

	"everdesk/internal/httpapi"
	"everdesk/internal/id"
	"everdesk/internal/store"
	"everdesk/internal/store/storetest"
)

// lines are two intents, easy to tell apart.
var lines = []map[string]string{
	{"intent": "parcel.track", "text": "where is my parcel", "locale": "en"},
	{"intent": "parcel.track", "text": "track my parcel please", "locale": "en"},
	{"intent": "parcel.track", "text": "我的包裹到哪了", "locale": "zh-CN"},
	{"intent": "refund.request", "text": "I want my money back", "locale": "en"},
	{"intent": "refund.request", "text": "please refund the money", "locale": "en"},
	{"intent": "refund.request", "text": "我要退款", "locale": "zh-CN"},
	{"intent": "Not A Key", "text": "anything"},
}

type items[T any] struct {
	Items []T `json:"items"`
}

func TestATrainerTeachesTriesComparesAndGoesBack(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		d := newTalk(t, db)
		owner := d.open(t, "shop")
		owner.call(t, "POST", "/training/try", map[string]any{"text": "where is it"}).is(t, 409, "model.none_active")
		taken := read[httpapi.TakenExamples](t, owner.call(t, "POST", "/training/examples", map[string]any{"lines": lines}))
		if taken.Intents != 2 || taken.Examples != 6 || len(taken.Bad) != 1 || taken.Bad[0].Line != 7 {
			t.Errorf("taken were %+v", taken)
		}
		intents := read[items[httpapi.Intent]](t, owner.call(t, "GET", "/training/intents", nil)).Items
		if len(intents) != 2 || intents[0].Key != "parcel.track" || intents[0].Examples != 3 || intents[0].Missing != 17 {
			t.Errorf("the intents are %+v", intents)
		}
		train := func() httpapi.Model {
			t.Helper()
			asked := read[httpapi.Model](t, owner.call(t, "POST", "/training/models", map[string]any{"activate": true}))
			_, err := d.training.TrainAll(t.Context(), "test", d.clock)
			must(t, err)
			return read[httpapi.Model](t, owner.call(t, "GET", "/training/models/"+asked.ID.String(), nil))
		}
		first := train()
		if first.State != "ready" || !first.Active || first.Accuracy == nil || len(first.ByIntent) != 2 {
			t.Errorf("the model is %+v", first)
		}
		tried := read[httpapi.UnderstoodText](t, owner.call(t, "POST", "/training/try", map[string]any{"text": "我的包裹呢"}))
		if tried.Model != first.ID || tried.Guesses[0].Intent != "parcel.track" {
			t.Errorf("it is taken for %+v", tried)
		}
		second := train()
		set := read[httpapi.TestSet](t, owner.call(t, "POST", "/training/tests", map[string]any{"name": "smoke", "lines": lines[:2]}))
		run := read[httpapi.TestRun](t, owner.call(t, "POST", "/training/tests/"+set.ID.String()+"/run", map[string]any{"model_ids": []id.Model{first.ID, second.ID}}))
		if len(run.Results) != 2 || run.Results[1].Number != 2 || run.Results[0].Asked != 2 {
			t.Errorf("the run is %+v", run)
		}
		back := read[httpapi.Model](t, owner.call(t, "POST", "/training/models/"+first.ID.String()+"/activate", nil))
		if !back.Active {
			t.Errorf("it did not go back: %+v", back)
		}
	})
}

func TestTrainingRefusesWhatIsWrong(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		d := newTalk(t, db)
		owner, stranger := d.open(t, "shop"), d.open(t, "other")
		made := owner.call(t, "POST", "/training/intents", map[string]any{"key": "a", "titles": map[string]string{"en": "A"}})
		path := "/training/intents/" + read[httpapi.Intent](t, made).ID.String()
		owner.call(t, "POST", path+"/examples", map[string]any{"text": "taken"})
		for name, c := range map[string]struct {
			caller       *caller
			method, path string
			body         any
			status       int
			code         string
		}{
			"a key in capitals":         {owner, "POST", "/training/intents", map[string]any{"key": "A B"}, 422, "request.invalid"},
			"a key that is taken":       {owner, "POST", "/training/intents", map[string]any{"key": "a"}, 409, "intent.key_taken"},
			"a title of a page":         {owner, "POST", "/training/intents", map[string]any{"key": "b", "titles": map[string]string{"en": strings.Repeat("x", 121)}}, 422, "request.invalid"},
			"an example that is one":    {owner, "POST", path + "/examples", map[string]any{"text": " TAKEN "}, 409, "example.taken"},
			"an example without words":  {owner, "POST", path + "/examples", map[string]any{"text": "  "}, 422, "request.invalid"},
			"somebody else's intent":    {stranger, "GET", path, nil, 404, "intent.not_found"},
			"adding to somebody else's": {stranger, "POST", path + "/examples", map[string]any{"text": "x"}, 404, "intent.not_found"},
			"a version that has passed": {owner.with("If-Match", `"99"`), "PUT", path, map[string]any{"key": "c"}, 412, "request.stale_version"},
			"a model that is not there": {owner, "GET", "/training/models/" + id.Model(1<<50).String(), nil, 404, "model.not_found"},
			"no lines":                  {owner, "POST", "/training/examples", map[string]any{"lines": []string{}}, 422, "request.invalid"},
			"nobody at all":             {d.visitor(), "GET", "/training/intents", nil, 401, "access.signed_out"},
		} {
			t.Run(name, func(t *testing.T) {
				c.caller.call(t, c.method, c.path, c.body).is(t, c.status, c.code)
			})
		}
	})
}
