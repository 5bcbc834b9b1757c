package bot_test

import (
	"encoding/json"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"everdesk/internal/bot"
	"everdesk/internal/bot/answer"
	"everdesk/internal/bot/catalogue"
	"everdesk/internal/id"
	"everdesk/internal/inbox"
	"everdesk/internal/knowledge"
	"everdesk/internal/locale"
)

var noon = time.Date(2026, 11, 20, 4, 0, 0, 0, time.UTC)

// A shop is the e-commerce pack, indexed.
type shop struct {
	indexes   map[string]*knowledge.Index
	catalogue *catalogue.Shop
}

// openShop returns the shop, which nobody changes, built once for all tests.
func openShop(t testing.TB) *shop {
	t.Helper()
	once.Do(func() { opened = buildShop(t) })
	return opened
}

var (
	once   sync.Once
	opened *shop
)

func buildShop(t testing.TB) *shop {
	t.Helper()
	s := &shop{indexes: map[string]*knowledge.Index{}}
	for l, tag := range locale.Tags {
		data, err := os.ReadFile("../../packs/ecommerce/faq." + tag + ".jsonl")
		if err != nil {
			t.Fatal(err)
		}
		rows, bad, err := knowledge.Read(knowledge.JSONL, data, tag)
		if err != nil || len(bad) > 0 {
			t.Fatal(err, bad)
		}
		var articles []*knowledge.Article
		for i, r := range rows {
			articles = append(articles, &knowledge.Article{
				ID: id.Article(1000*l + i + 1), Key: r.Article.Key, Title: r.Article.Title, Variants: r.Article.Variants, Body: r.Article.Body,
				Topic: r.Article.Topic, Kind: knowledge.FAQ, Locale: tag, Status: knowledge.Published, UpdatedAt: noon,
			})
		}
		s.indexes[tag] = knowledge.NewIndex(articles)
	}
	data, err := os.ReadFile("../../packs/ecommerce/products.json")
	if err != nil {
		t.Fatal(err)
	}
	rows, _, err := knowledge.ReadProducts(data, "en")
	if err != nil {
		t.Fatal(err)
	}
	var products []*knowledge.Product
	for _, r := range rows {
		products = append(products, &knowledge.Product{Key: r.Key, Details: *r.Details, UpdatedAt: noon})
	}
	s.catalogue = catalogue.New(knowledge.NewCatalogue(products))
	return s
}

// A talk is a conversation with the bot, entry by entry, without storage.
type talk struct {
	*shop
	t testing.TB
	c inbox.Context
}

func (s *shop) talk(t testing.TB, tag string) *talk {
	return &talk{s, t, inbox.Context{Conversation: inbox.Conversation{
		ID: 7, Workspace: 1, Locale: tag, State: inbox.Open, Owner: inbox.Owner{Kind: inbox.OwnerBot}, OwnerEpoch: 1,
	}}}
}

func (k *talk) add(author inbox.Author, body inbox.Body, replyTo int64) *inbox.Entry {
	k.c.Conversation.LastSeq++
	k.c.Entries = append(k.c.Entries, inbox.Entry{
		Seq: k.c.Conversation.LastSeq, Kind: inbox.KindMessage, Author: author, Body: body, ReplyTo: replyTo, CreatedAt: noon,
	})
	return &k.c.Entries[len(k.c.Entries)-1]
}

func (k *talk) hears(body inbox.Body) int64 {
	seq := k.add(inbox.Asker(9), body, 0).Seq
	k.c.Conversation.CustomerSeq, k.c.Conversation.WaitingSince = seq, noon.Add(-40*time.Second)
	return seq
}

// turn takes the bot's turn for a message and keeps what it says.
func (k *talk) turn(seq int64) bot.Act {
	k.t.Helper()
	thread := bot.Read(k.c, seq)
	u := bot.Understand(thread)
	var f bot.Findings
	if !u.Wordless {
		index := k.indexes[u.Language]
		f.Picked = index.Article(u.Article)
		f.Product = bot.ProductAnswer(k.catalogue, u, thread.Said)
		f.Decision, f.Topic = bot.Consult(index, u)
	}
	act := bot.Turn(thread, u, f, bot.DefaultPolicy, noon)
	if act.Kind == bot.Reply {
		if err := act.Body.Check(); err != nil {
			k.t.Errorf("the reply is no message: %v", err)
		}
		k.add(inbox.Bot, act.Body, seq)
	}
	return act
}

func (k *talk) says(text string) bot.Act {
	k.t.Helper()
	return k.turn(k.hears(inbox.TextBody(text)))
}

// shape names an act: "answer", "choices", "offer" (only a person), "text",
// "handover" or "silence".
func shape(act bot.Act) string {
	switch act.Kind {
	case bot.Silence:
		return "silence"
	case bot.HandOver:
		return "handover"
	}
	if choices, ok := act.Body.Content.(*inbox.Choices); ok && len(choices.Choices) == 1 {
		return "offer"
	}
	return string(act.Body.Type)
}

func TestATurnInEitherLanguage(t *testing.T) {
	s := openShop(t)
	for name, c := range map[string]struct {
		tag, says, shape, contains string
	}{
		"a question":                       {"zh-CN", "退款要多久才能到账呀", "answer", "2 个工作日"},
		"a question in English":            {"en", "how long does it take to get my refund", "answer", "2 working days"},
		"a question in the other language": {"zh-CN", "how do I start a return please", "answer", "Returns"},
		"a vague one":                      {"en", "refund", "choices", ""},
		"nothing the shop knows":           {"en", "how tall is the eiffel tower", "offer", ""},
		"a greeting":                       {"zh-CN", "你好", "text", "您好"},
		"thanks":                           {"en", "thank you!", "text", ""},
		"a person, please":                 {"en", "let me talk to a human", "handover", ""},
		"人工":                               {"zh-CN", "转人工", "handover", ""},
		"a product's price":                {"zh-CN", "远山羊毛开衫多少钱", "answer", "¥429"},
		"a product's material":             {"en", "what is the Yuanshan cardigan made of", "answer", "merino"},
		"the stock of a variant":           {"zh-CN", "远山开衫枫红 XL 有货吗", "answer", "缺货"},
		"a product's own question":         {"en", "will the Yuanshan wool cardigan pill", "answer", "fabric shaver"},
		"a number":                         {"en", "12345", "offer", ""},
		"a very long message":              {"en", strings.Repeat("blah ", 2000), "offer", ""},
	} {
		t.Run(name, func(t *testing.T) {
			act := s.talk(t, c.tag).says(c.says)
			if got := shape(act); got != c.shape {
				t.Fatalf("%q: %s, want %s (%v)", c.says, got, c.shape, act.Body.Plain())
			}
			if act.Kind == bot.Reply && !strings.Contains(act.Body.Plain(), c.contains) {
				t.Errorf("%q: %q does not contain %q", c.says, act.Body.Plain(), c.contains)
			}
		})
	}
}

func TestWhoTalksOfPeopleIsNotHandedOver(t *testing.T) {
	s := openShop(t)
	for text, tag := range map[string]string{
		"人工智能会取代人类吗": "zh-CN", "客服几点上班": "zh-CN", "is the sweater sewn by people or by a machine": "en", "what are your customer service hours": "en",
	} {
		if act := s.talk(t, tag).says(text); act.Kind != bot.Reply {
			t.Errorf("%q: %s", text, shape(act))
		}
	}
}

func TestAnAnswerNamesItsSource(t *testing.T) {
	act := openShop(t).talk(t, "en").says("guest checkout")
	body, ok := act.Body.Content.(*inbox.Answer)
	if !ok || len(body.Sources) != 1 || body.Sources[0].Article != act.Article || body.Sources[0].Title == "" || body.Sources[0].UpdatedAt.IsZero() {
		t.Errorf("%+v", act.Body.Content)
	}
}

func TestTwoMissesCallAPerson(t *testing.T) {
	k := openShop(t).talk(t, "en")
	if got := shape(k.says("who painted the mona lisa")); got != "offer" {
		t.Fatalf("the first miss: %s", got)
	}
	act := k.says("and who wrote hamlet")
	if act.Kind != bot.HandOver || act.Reason.Code != inbox.ReasonBotMissed {
		t.Fatalf("the second miss: %+v", act)
	}
	if s := act.Summary; len(s.Questions) != 2 || s.Questions[1] != "and who wrote hamlet" || s.Turns != 2 || s.WaitingSeconds != 40 || s.Language != "en" {
		t.Errorf("summary %+v", s)
	}
}

func TestAnAnswerBetweenTwoMissesStartsTheCountAnew(t *testing.T) {
	k := openShop(t).talk(t, "en")
	for _, c := range [][2]string{{"who painted the mona lisa", "offer"}, {"guest checkout", "answer"}, {"who wrote hamlet", "offer"}} {
		if got := shape(k.says(c[0])); got != c[1] {
			t.Fatalf("%q: %s, want %s", c[0], got, c[1])
		}
	}
}

func TestAnAnswerJudgedUnhelpfulIsAMiss(t *testing.T) {
	k := openShop(t).talk(t, "en")
	k.says("guest checkout")
	k.c.Entries[len(k.c.Entries)-1].Body.Content.(*inbox.Answer).Feedback = "down"
	thread := bot.Read(k.c, k.c.Conversation.LastSeq)
	if got := shape(bot.AfterFeedback(thread, bot.Understand(thread), bot.DefaultPolicy, noon)); got != "offer" {
		t.Errorf("after the thumb: %s", got)
	}
	act := k.says("who painted the mona lisa")
	if act.Kind != bot.HandOver || len(act.Summary.Refusals) != 1 || len(act.Summary.Shown) != 1 || act.Summary.Topic == "" {
		t.Errorf("%+v %+v", act, act.Summary)
	}
}

func TestAChoiceLeadsToItsArticle(t *testing.T) {
	for name, pick := range map[string]func(inbox.Choice) string{
		"by its label":  func(c inbox.Choice) string { return c.Label },
		"by its value":  func(c inbox.Choice) string { return c.Value },
		"by its number": func(inbox.Choice) string { return "1" },
	} {
		t.Run(name, func(t *testing.T) {
			k := openShop(t).talk(t, "en")
			choices, ok := k.says("refund").Body.Content.(*inbox.Choices)
			if !ok {
				t.Fatal("no choices")
			}
			if last := choices.Choices[len(choices.Choices)-1]; last.Value != "person" {
				t.Errorf("the last choice is %+v", last)
			}
			act := k.says(pick(choices.Choices[0]))
			if act.Article.String() != choices.Choices[0].Value {
				t.Errorf("%+v led to %v", choices.Choices[0], act.Article)
			}
		})
	}
}

func TestChoosingAPersonHandsOver(t *testing.T) {
	k := openShop(t).talk(t, "zh-CN")
	k.says("谁画的蒙娜丽莎")
	if act := k.says("转人工"); act.Kind != bot.HandOver || act.Reason.Code != inbox.ReasonAskedForPerson {
		t.Errorf("%+v", act)
	}
}

func TestAVagueCustomerIsNotAskedForEver(t *testing.T) {
	k := openShop(t).talk(t, "en")
	for turn := 1; turn <= 4; turn++ {
		if act := k.says("refund"); act.Kind == bot.HandOver {
			if turn < 3 {
				t.Errorf("handed over at turn %d", turn)
			}
			return
		}
	}
	t.Error("still asking after four turns")
}

func TestAFollowUpIsAboutTheProductNamedBefore(t *testing.T) {
	k := openShop(t).talk(t, "en")
	k.says("tell me about the Yuanshan cardigan price")
	if act := k.says("and in slate blue M?"); !strings.Contains(act.Body.Plain(), "sold out") {
		t.Errorf("%s: %q", shape(act), act.Body.Plain())
	}
}

func TestAPictureIsNotAnswered(t *testing.T) {
	k := openShop(t).talk(t, "zh-CN")
	picture := inbox.NewBody(inbox.TypeImage, &inbox.Media{File: inbox.File{ID: 3, Name: "img.png"}})
	if act := k.turn(k.hears(picture)); shape(act) != "offer" || !strings.Contains(act.Body.Plain(), "图片") {
		t.Errorf("%s %q", shape(act), act.Body.Plain())
	}
	if act := k.turn(k.hears(picture)); act.Kind != bot.HandOver {
		t.Errorf("the second picture: %s", shape(act))
	}
}

func TestTheBotIsSilentWhereItHasNoSay(t *testing.T) {
	s := openShop(t)
	for name, change := range map[string]func(k *talk) int64{
		"an agent has it": func(k *talk) int64 {
			k.c.Conversation.Owner = inbox.Owner{Kind: inbox.OwnerAgent, Staff: 5}
			return k.hears(inbox.TextBody("guest checkout"))
		},
		"a queue has it": func(k *talk) int64 {
			k.c.Conversation.Owner = inbox.Owner{Kind: inbox.OwnerQueue}
			return k.hears(inbox.TextBody("转人工"))
		},
		"a ticket has it": func(k *talk) int64 {
			k.c.Conversation.Owner = inbox.Owner{Kind: inbox.OwnerTicket}
			return k.hears(inbox.TextBody("guest checkout"))
		},
		"it is resolved": func(k *talk) int64 {
			k.c.Conversation.State = inbox.Resolved
			return k.hears(inbox.TextBody("guest checkout"))
		},
		"the customer has written more": func(k *talk) int64 {
			seq := k.hears(inbox.TextBody("hi"))
			k.hears(inbox.TextBody("guest checkout"))
			return seq
		},
		"it has answered already": func(k *talk) int64 {
			seq := k.hears(inbox.TextBody("guest checkout"))
			k.turn(seq)
			return seq
		},
	} {
		t.Run(name, func(t *testing.T) {
			k := s.talk(t, "en")
			if act := k.turn(change(k)); act.Kind != bot.Silence {
				t.Errorf("%s", shape(act))
			}
		})
	}
}

func TestWhatCameInPiecesIsReadTogether(t *testing.T) {
	k := openShop(t).talk(t, "en")
	k.hears(inbox.TextBody("hello"))
	k.hears(inbox.TextBody("I want to know about refunds"))
	act := k.says("how long do they take?")
	if body, ok := act.Body.Content.(*inbox.Answer); !ok || !strings.Contains(body.Sources[0].Title, "refund") {
		t.Errorf("%s %q", shape(act), act.Body.Plain())
	}
}

func TestASummaryIsNeverEmpty(t *testing.T) {
	s := openShop(t)
	for name, said := range map[string][]string{
		"nothing but the request": {"人工"},
		"only small talk":         {"hi", "thanks"},
		"nothing at all":          nil,
		"two questions":           {"guest checkout", "gift wrap?", "a person please"},
	} {
		t.Run(name, func(t *testing.T) {
			k := s.talk(t, "en")
			for _, text := range said {
				k.says(text)
			}
			summary := bot.Summarise(k.c, inbox.ReasonAskedForPerson, noon)
			if summary.Language == "" || summary.Reason == "" || int(summary.Turns) != len(said) || len(said) > 0 && len(summary.Questions) == 0 {
				t.Errorf("%+v", summary)
			}
			raw, err := json.Marshal(summary)
			if err != nil || strings.Contains(string(raw), "null") {
				t.Errorf("%s %v", raw, err)
			}
		})
	}
}

func TestThePhrasesTakeTurns(t *testing.T) {
	k := openShop(t).talk(t, "en")
	heard := map[string]bool{}
	for range 4 {
		heard[k.says("hello").Body.Plain()] = true
	}
	if len(heard) < 2 {
		t.Errorf("always %v", heard)
	}
}

// The bot's turn costs little beside a commit.
func BenchmarkTurn(b *testing.B) {
	s := openShop(b)
	k := s.talk(b, "en")
	seq := k.hears(inbox.TextBody("my parcel has not moved for a week, where is it"))
	for b.Loop() {
		thread := bot.Read(k.c, seq)
		u := bot.Understand(thread)
		d, _ := bot.Consult(s.indexes["en"], u)
		if d.Kind == answer.Miss {
			b.Fatal("missed")
		}
	}
}
