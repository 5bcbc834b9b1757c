package flow

import (
	"regexp"
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"

	"everdesk/internal/inbox"
	"everdesk/internal/knowledge"
)

// Guess is a flow or an intent that a message may be about.
type Guess struct {
	// Label is the key of a flow, or an intent some flow starts with.
	Label string
	// P is the probability that it is.
	P float64
}

// Message is what a customer wrote, with what others made of it.
type Message struct {
	// Texts are the customer's words since the last turn, oldest first.
	Texts []string
	// File is a picture or another upload, if one came.
	File map[string]any
	// Guesses guess what a clause wants, best first.
	Guesses func(clause string) []Guess
	// Find finds values; nil is the package's own Find.
	Find Finder
	// Digest hashes the figures of a one-time code.
	Digest func(code string) string
	// Answer is what the knowledge says to the message, with its probability.
	Answer  *inbox.Body
	AnswerP float64
	// Person says that a person is asked for.
	Person bool
}

// The least probabilities at which a flow is started, by what it would
// interrupt: nothing, a closed question, an open one, a confirmation or a code.
// They fall out of what each mistake costs (docs/adr/0020).
const (
	startsIdle    = 0.60
	startsClosed  = 0.83
	startsOpen    = 0.90
	startsConfirm = 0.94
	clarifyFrom   = 0.35
	answersFrom   = 0.74
)

// A Reader turns messages into commands.
type Reader struct{ Machine }

// Read reads a message where the dialogue stands. It decides nothing: Step does
// what the commands say.
func (r Reader) Read(d Dialogue, m Message) []Command {
	if m.Find == nil {
		m.Find = Find
	}
	if m.Person {
		return []Command{{Kind: DoPerson}}
	}
	text := strings.TrimSpace(strings.Join(m.Texts, "\n"))
	folded := knowledge.Fold(text)
	if c, ok := closed(d, text, folded, m); ok {
		return c
	}
	if c, ok := steering(d, folded); ok {
		return c
	}
	var commands []Command
	corrects := correction.MatchString(folded)
	found := m.Find(text)
	for _, f := range found {
		if f.Type == "order" && !r.pattern(d, f.Value) {
			continue
		}
		kind := DoSet
		if corrects {
			kind = DoCorrect
		}
		commands = append(commands, Command{Kind: kind, Type: f.Type, Value: f.Value, Raw: f.Raw, P: f.Confidence})
	}
	if m.File != nil {
		commands = append(commands, Command{Kind: DoSet, Type: "image", Value: m.File})
	}
	commands = append(commands, r.starts(d, text, m, len(found) > 0)...)
	starts := slices.ContainsFunc(commands, func(c Command) bool { return c.Kind == DoStart })
	if w := d.Wait; w != nil && !starts {
		if c, ok := yesNoOf(w, folded); ok {
			commands = append(commands, c)
		} else if c, ok := freeText(w, text, m, commands); ok {
			commands = append(commands, c)
		}
	}
	if m.Answer != nil && !starts && m.AnswerP >= answersFrom && !decided(commands) {
		commands = append(commands, Command{Kind: DoAnswer, Body: *m.Answer, P: m.AnswerP})
	}
	if len(commands) == 0 || !starts && !decided(commands) && !slices.ContainsFunc(commands, func(c Command) bool { return c.Kind == DoAnswer }) {
		if c, ok := r.clarifies(d, text, m); ok {
			commands = append(commands, c)
		}
	}
	return commands
}

// decided reports whether the message says something the open question can use.
func decided(commands []Command) bool {
	return slices.ContainsFunc(commands, func(c Command) bool {
		switch c.Kind {
		case DoAffirm, DoDeny, DoChoose, DoCode, DoCorrect:
			return true
		case DoSet:
			return c.Type != "amount" && c.Type != "url"
		}
		return false
	})
}

// pattern reports whether some slot in play takes an order number.
func (r Reader) pattern(d Dialogue, value any) bool {
	for i := range d.Frames {
		p, ok := r.Book.Version(d.Frames[i].Hash)
		if !ok {
			continue
		}
		for _, slot := range p.Doc.Slots {
			if slot.Type == "order" && slot.matches(value) {
				return true
			}
		}
	}
	return len(d.Frames) == 0
}

var figures = regexp.MustCompile(`^\D{0,12}?(\d[\s-]*\d[\s-]*\d[\s-]*\d[\s-]*\d[\s-]*\d)\D{0,6}$`)

// closed reads an answer to a closed question: a code, one of the options, an
// offer of another flow.
func closed(d Dialogue, text, folded string, m Message) ([]Command, bool) {
	w := d.Wait
	if w == nil {
		return nil, false
	}
	if w.Kind == WaitCode {
		if digits := figures.FindStringSubmatch(norm.NFKC.String(text)); digits != nil && m.Digest != nil {
			code := strings.NewReplacer(" ", "", "-", "").Replace(digits[1])
			return []Command{{Kind: DoCode, Digest: m.Digest(code), Source: "rules"}}, true
		}
		if folded == knowledge.Fold(both("resend").In(d.Locale)) || resend.MatchString(folded) {
			return []Command{{Kind: DoResend}}, true
		}
		return nil, false
	}
	if len(w.Options) == 0 {
		return nil, false
	}
	if o, ok := option(w.Options, folded); ok {
		return []Command{{Kind: DoChoose, Value: o.Value, Raw: text, Source: "rules"}}, true
	}
	return nil, false
}

// option finds the option a text names: by its label, its value, its place, or
// a short text that holds the one label it can mean.
func option(options []Option, folded string) (found Option, ok bool) {
	plain := strings.Trim(folded, " .!?。！？,，~")
	for i, o := range options {
		if plain == itoa(i+1) || slices.Contains(ordinals[min(i, len(ordinals)-1)], plain) && i < len(ordinals) {
			return o, true
		}
		if value, isText := o.Value.(string); isText && plain == knowledge.Fold(value) {
			return o, true
		}
		for _, label := range o.Label {
			if plain == knowledge.Fold(label) {
				return o, true
			}
		}
	}
	hits := 0
	for _, o := range options {
		if _, isText := o.Value.(string); !isText {
			continue
		}
		for _, label := range o.Label {
			label = knowledge.Fold(label)
			if strings.Contains(plain, label) && len([]rune(plain)) <= 3*len([]rune(label)) || len([]rune(plain)) >= 2 && strings.Contains(label, plain) {
				found, hits = o, hits+1
				break
			}
		}
	}
	return found, hits == 1
}

var ordinals = [][]string{
	{"第一个", "第一", "first", "the first", "the first one", "first one"}, {"第二个", "第二", "second", "the second", "the second one", "second one"},
	{"第三个", "第三", "third", "the third", "the third one", "third one"}, {"第四个", "第四", "fourth", "the fourth one"},
}

var (
	yes        = regexp.MustCompile(`^(?:(?:是的?|对的?|好的?|嗯+|可以|没错|没问题|确认|确定|行|要|当然|正确|就这样|ok|okay|yes|yep|yeah|y|sure|correct|right|confirm(?:ed)?|that(?: i)?s right|that is right|go ahead|please do|do it|no problem|of course|fine)[\s,，.。!！~吧呀啊哦的了please]*)+$`)
	no         = regexp.MustCompile(`^(?:(?:不|不是|不对|不要|不用了?|不行|不好|否|错了?|先不|别|算了|no|nope|n|not really|wrong|no thanks|no thank you|dont|do not)[\s,，.。!！~吧呀啊哦的了]*)+$`)
	cancels    = regexp.MustCompile(`^(?:算了|取消|不弄了|不办了|不改了|不退了|不查了|不要了|不用了|停|停止|退出|先这样|没事了|cancel(?: (?:it|this|that))?|never ?mind|forget it|stop|quit|i changed my mind|leave it)[\s.。!！,，吧了]*$`)
	backs      = regexp.MustCompile(`^(?:上一步|返回|退回|回到上一步|back|go back|previous|one step back)[\s.。!！]*$`)
	repeats    = regexp.MustCompile(`^(?:再说一遍|重复一遍|什么|没听清|没看懂|啥|repeat|say (?:that|it) again|pardon|what was the question|come again)[\s.。!！?？]*$`)
	whys       = regexp.MustCompile(`^(?:为什么(?:要|需要)?(?:这个|问这个)?|干嘛要这个|why|why do you need (?:that|this|it)|what for|why do you ask)[\s.。!！?？]*$`)
	resend     = regexp.MustCompile(`(?:没(?:有)?收到|重发|再发|重新发|resend|send (?:it )?again|another code|new code|didnt (?:get|receive)|did not (?:get|receive)|havent (?:got|received))`)
	correction = regexp.MustCompile(`写错|打错|说错|弄错|不是.{0,20}[是,，]|应该是|是.{1,12}不是|改成|换成|改为|更正|\b(?:i meant|i mean|actually|sorry|correction|not .{1,30} but|instead|should be|make that|wrong)\b`)
	questions  = regexp.MustCompile(`[?？]|吗|呢$|怎么|什么|多少|哪|几|为何|\b(?:what|how|when|where|which|who|why|can|could|do|does|is|are)\b`)
)

// steering reads what customers can say at any time.
func steering(d Dialogue, folded string) ([]Command, bool) {
	if !d.Active() {
		return nil, false
	}
	answersNo := d.Wait != nil && (d.Wait.Kind == WaitConfirm || d.Wait.Kind == WaitKeep || d.Wait.Kind == WaitSwitch || d.Wait.Kind == WaitResume)
	for _, one := range []struct {
		form *regexp.Regexp
		kind CommandKind
	}{{cancels, DoCancel}, {backs, DoBack}, {repeats, DoRepeat}, {whys, DoWhy}} {
		if one.form.MatchString(folded) && !(answersNo && one.kind == DoCancel && no.MatchString(folded)) {
			return []Command{{Kind: one.kind}}, true
		}
	}
	return nil, false
}

// yesNoOf reads a plain yes or no where one is waited for. Nothing else is a
// yes.
func yesNoOf(w *Wait, folded string) (Command, bool) {
	switch w.Kind {
	case WaitConfirm, WaitGuide, WaitSwitch, WaitResume, WaitKeep:
	default:
		if w.Type != "yesno" {
			return Command{}, false
		}
	}
	switch {
	case yes.MatchString(folded):
		if w.Type == "yesno" {
			return Command{Kind: DoSet, Slot: w.Slot, Value: true}, true
		}
		return Command{Kind: DoAffirm, Source: "rules"}, true
	case no.MatchString(folded):
		if w.Type == "yesno" {
			return Command{Kind: DoSet, Slot: w.Slot, Value: false}, true
		}
		return Command{Kind: DoDeny, Source: "rules"}, true
	}
	return Command{}, false
}

// freeText takes a message as the text that was asked for, unless it is more
// likely a question.
func freeText(w *Wait, text string, m Message, commands []Command) (Command, bool) {
	if w.Kind != WaitSlot || w.Type != "text" || text == "" {
		return Command{}, false
	}
	if questions.MatchString(knowledge.Fold(text)) && m.Answer != nil && m.AnswerP >= answersFrom {
		return Command{}, false
	}
	return Command{Kind: DoSet, Slot: w.Slot, Type: "text", Value: text, Raw: text}, true
}

var clauses = regexp.MustCompile(`[,，。;；\n]|(?:顺便|然后|再(?:看看|帮|查)|另外|还有|and also|and then|\bthen\b|\balso\b)`)

// starts reads which flows are wanted: of the whole message, or of its parts,
// in their order.
func (r Reader) starts(d Dialogue, text string, m Message, valued bool) (commands []Command) {
	if m.Guesses == nil || text == "" {
		return nil
	}
	least := threshold(d)
	seen := map[string]bool{}
	take := func(clause string, least float64) bool {
		guesses := m.Guesses(clause)
		if len(guesses) == 0 || guesses[0].P < least {
			return false
		}
		p, ok := r.flowFor(guesses[0].Label)
		if !ok || m.Answer != nil && m.AnswerP > guesses[0].P {
			return false
		}
		if !seen[p.Doc.Key] {
			seen[p.Doc.Key] = true
			commands = append(commands, Command{Kind: DoStart, Flow: p.Doc.Key, P: guesses[0].P, Raw: clause})
		}
		return true
	}
	parts := slices.DeleteFunc(clauses.Split(text, 8), func(s string) bool { return len([]rune(strings.TrimSpace(s))) < 2 })
	if len(parts) > 1 {
		for _, part := range parts {
			take(part, max(least, startsIdle+0.1))
		}
	}
	if len(commands) == 0 {
		take(text, least)
	}
	return commands
}

// threshold is how sure a wish must be to come in between.
func threshold(d Dialogue) float64 {
	switch w := d.Wait; {
	case w == nil:
		return startsIdle
	case w.Kind == WaitConfirm, w.Kind == WaitCode:
		return startsConfirm - 0.04
	case w.Kind == WaitSlot && (w.Type == "text" || w.Type == "address"):
		return startsOpen
	case w.Kind == WaitSurvey, w.Kind == WaitClarify:
		return startsIdle
	}
	return startsClosed
}

// flowFor finds the flow of a guess: by its key, or by an intent it starts with.
func (r Reader) flowFor(label string) (*Program, bool) { return r.Book.Flow(label) }

// clarifies offers the flows a vague message may be about.
func (r Reader) clarifies(d Dialogue, text string, m Message) (Command, bool) {
	if d.Active() || m.Guesses == nil || m.Answer != nil && m.AnswerP >= answersFrom {
		return Command{}, false
	}
	var flows []string
	for _, g := range m.Guesses(text) {
		if p, ok := r.flowFor(g.Label); ok && g.P >= clarifyFrom && len(flows) < 3 && !slices.Contains(flows, p.Doc.Key) {
			flows = append(flows, p.Doc.Key)
		}
	}
	return Command{Kind: DoClarify, Flows: flows}, len(flows) > 0
}
