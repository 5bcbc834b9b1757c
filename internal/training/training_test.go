package training_test

import (
	"strings"
	"testing"

	"everdesk/internal/knowledge"
	"everdesk/internal/training"
	"everdesk/packs"
)

func TestEveryIntentOfThePackHasThirtyExamplesInEachLanguage(t *testing.T) {
	intents, lines, err := training.ReadPack(packs.Ecommerce())
	if err != nil {
		t.Fatal(err)
	}
	count, owner := map[string]int{}, map[string]string{}
	for _, line := range lines {
		folded := strings.Trim(knowledge.Fold(line.Text), "!?.。！？ ")
		if of, twice := owner[folded]; twice {
			t.Errorf("%q is an example of %s and of %s", line.Text, of, line.Intent)
		}
		owner[folded] = line.Intent
		count[line.Intent+" "+line.Locale]++
	}
	for _, intent := range intents {
		for _, tag := range []string{"zh-CN", "en"} {
			if n := count[intent.Key+" "+tag]; n < 30 {
				t.Errorf("%s has %d examples in %s", intent.Key, n, tag)
			}
			if intent.Titles[tag] == "" {
				t.Errorf("%s has no title in %s", intent.Key, tag)
			}
		}
	}
	if len(intents) < 12 {
		t.Errorf("the pack has %d intents", len(intents))
	}
}

func TestAnIntentIsCheckedBeforeItIsKept(t *testing.T) {
	for name, intent := range map[string]training.Intent{
		"no key":            {},
		"a key with spaces": {Key: "a b"},
		"capitals":          {Key: "Refund"},
		"a dot at the end":  {Key: "refund."},
		"a long key":        {Key: strings.Repeat("a", 81)},
		"a long title":      {Key: "a", Titles: map[string]string{"en": strings.Repeat("a", 121)}},
		"a language unseen": {Key: "a", Titles: map[string]string{"tlh": "a"}},
	} {
		if _, err := intent.Check(); err == nil {
			t.Errorf("%s was taken", name)
		}
	}
	got, err := training.Intent{Key: " order.change-address ", Titles: map[string]string{"en": " Address ", "zh-CN": " "}}.Check()
	if err != nil || got.Key != "order.change-address" || len(got.Titles) != 1 || got.Titles["en"] != "Address" {
		t.Errorf("got %+v, %v", got, err)
	}
}
