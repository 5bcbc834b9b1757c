package assist

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"time"

	"everdesk/internal/bot/entity"
	"everdesk/internal/knowledge"
)

const (
	// longestAnswer is how much a model may say, in runes.
	longestAnswer = 900
	// supported is the share of a sentence's words that one line of its sources
	// must have: close to its own words, or two lines are made into a third that
	// says the opposite.
	supported = 0.78
	// keptAtLeast is the share of the sentences that must stand up, or the
	// whole answer falls: what is left of a mostly wrong one misleads.
	keptAtLeast = 0.5
)

// claims are sentences that say that something was or will be done, and those
// in which the desk speaks of what it does not show. The bot acts by flows, which
// say so themselves; here nothing has been done.
var (
	claims = regexp.MustCompile(`(?i)已(?:经)?(?:为|帮|给)(?:您|你)|已(?:经)?(?:退款|取消|修改|更改|办理|处理|提交|通过|批准|发放|补偿|赔偿|升级|转账|删除|解锁|重置)|我(?:已|会|将|来|马上|立即)|(?:退款|赔偿|补偿)(?:已|将)(?:到账|发放|批准)|` +
		`\b(?:i|we)(?:'ve| have|'ll| will| am| are|'m|'re| just| can)?(?: now| just| already)? (?:refund|cancel|chang|updat|process|approv|issu|credit|delet|transfer|upgrad|reset|unlock|promis|guarantee|confirm|sent|send)\w*|` +
		`\b(?:has|have) been (?:refunded|cancell?ed|changed|updated|processed|approved|issued|credited|deleted|transferred|upgraded|reset|unlocked|confirmed)|` +
		`\b(?:your|the) (?:refund|order|address|password|account) (?:is|was) (?:now )?(?:refunded|cancell?ed|changed|updated|approved|confirmed|reset|unlocked|deleted)`)
	inner  = regexp.MustCompile(`(?i)system prompt|instruction|提示词|系统指令|系统提示|\bapi[ _-]?key\b|密钥|\bsecret\b|\bpassword is\b|密码是|验证码是|\bcode is\b|\btoken\b|ignore (?:all|the|previous)|忽略(?:之前|以上|所有)|developer mode|开发者模式|\bjailbreak|<script|javascript:|data:text|\bbase64\b`)
	markup = regexp.MustCompile(`[<>]|\]\(|!\[|` + "`" + `|\bhttps?\b|://|www\.|(?:[a-z0-9-]+\.)+(?:com|cn|net|org|io|co|shop|app|dev|info|top|xyz|ru|example|test)\b`)
	denial = regexp.MustCompile(`(?i)不|没|无法|未|勿|别|非|\bnot\b|n't\b|\bno\b|\bnever\b|\bcannot\b|\bwithout\b|\bunable\b|\bexcept\b|除`)
	figure = regexp.MustCompile(`\d+(?:[.,:]\d+)*`)
	pieces = regexp.MustCompile(`[^。！？!?；;\n]+(?:[。！？!?；;]+|\n|$)`)
	points = regexp.MustCompile(`\.\s+`)
)

type written struct {
	Answer    string `json:"answer"`
	Citations []int  `json:"citations"`
}

// Verify turns what a model wrote into an answer, or refuses it. It trusts
// nothing of it: every sentence must be supported by a passage it cites, in its
// words, its figures and in whether it affirms or denies; none may claim an act,
// speak of the inside, or carry a link, a mark-up or somebody's data.
func Verify(raw string, q Question, mask *Mask, finder *entity.Finder, at time.Time) (Composed, bool) {
	var w written
	decoder := json.NewDecoder(strings.NewReader(strings.TrimSpace(raw)))
	if err := decoder.Decode(&w); err != nil || decoder.More() {
		return Composed{}, false
	}
	answer := strings.TrimSpace(visible(w.Answer))
	if answer == "" || len([]rune(answer)) > longestAnswer {
		return Composed{}, false
	}
	cited, ok := citations(w.Citations, q.Passages)
	if !ok {
		return Composed{}, false
	}
	c := check{finder: finder, at: at, passages: cited}
	c.learn()
	var kept []string
	all := sentences(answer)
	for _, s := range all {
		if c.stands(s) {
			kept = append(kept, s)
		}
	}
	if len(kept) == 0 || float64(len(kept)) < keptAtLeast*float64(len(all)) {
		return Composed{}, false
	}
	text, ok := mask.Restore(join(kept))
	if !ok {
		return Composed{}, false
	}
	return Composed{Text: text, Sources: cited}, true
}

func citations(numbers []int, passages []Passage) (cited []Passage, ok bool) {
	passages = passages[:min(len(passages), MostPassages)]
	var seen []int
	for _, n := range numbers {
		if n < 1 || n > len(passages) {
			return nil, false
		}
		if !slices.Contains(seen, n) {
			seen = append(seen, n)
			cited = append(cited, passages[n-1])
		}
	}
	return cited, len(cited) > 0
}

func sentences(text string) (all []string) {
	for _, piece := range pieces.FindAllString(text, -1) {
		start := 0
		for _, m := range points.FindAllStringIndex(piece, -1) {
			all = appendSentence(all, piece[start:m[0]+1])
			start = m[1]
		}
		all = appendSentence(all, piece[start:])
	}
	return all
}

func appendSentence(all []string, s string) []string {
	if s = strings.TrimSpace(s); s != "" {
		all = append(all, s)
	}
	return all
}

func join(kept []string) string {
	var b strings.Builder
	for i, s := range kept {
		if i > 0 && !knowledge.CJK([]rune(s)[0]) {
			b.WriteByte(' ')
		}
		b.WriteString(s)
	}
	return b.String()
}

// check holds what the cited passages say.
type check struct {
	finder   *entity.Finder
	at       time.Time
	passages []Passage

	lines   []source
	figures map[string]bool
	values  map[string]bool
	// words and letters are all the passages have.
	words   map[string]bool
	letters map[rune]bool
}

// A source is one sentence of a passage.
type source struct {
	terms  map[string]bool
	denies bool
	// weighs says which of the weighty words it has.
	weighs [len(weighty)]bool
}

// weighty are small words a sentence turns on: who pays, whether it is free,
// whether always.
var weighty = [...]*regexp.Regexp{
	regexp.MustCompile(`(?i)我们|我方|本店|商家|卖家|\b(?:we|us|our|ours)\b`),
	regexp.MustCompile(`(?i)您|你|买家|顾客|\b(?:you|your|yours|customers?|buyers?)\b`),
	regexp.MustCompile(`(?i)免费|免运费|包邮|免收|不收|赠|\b(?:free|gift|complimentary)\b`),
	regexp.MustCompile(`(?i)所有|全部|任何|一律|永远|永久|终身|无条件|随时|无限|\b(?:all|any|every|always|ever|forever|lifetime|unconditional(?:ly)?|whenever|unlimited|anytime)\b`),
	regexp.MustCompile(`(?i)双倍|加倍|三倍|\b(?:double|twice|triple)\b`),
}

func weigh(s string) (found [len(weighty)]bool) {
	for i, form := range weighty {
		found[i] = form.MatchString(s)
	}
	return found
}

func (c *check) learn() {
	c.figures, c.values, c.words, c.letters = map[string]bool{}, map[string]bool{}, map[string]bool{}, map[rune]bool{}
	for _, p := range c.passages {
		for _, s := range sentences(plain(p.Text)) {
			c.lines = append(c.lines, source{terms(p.Title + " " + s), denial.MatchString(s), weigh(s)})
			for _, f := range figure.FindAllString(knowledge.Fold(s), -1) {
				c.figures[f] = true
			}
			for _, t := range knowledge.Terms(p.Title + " " + s) {
				c.words[t.Key] = true
			}
			for _, r := range p.Title + s {
				c.letters[r] = true
			}
			for _, e := range c.finder.Find(s, c.at) {
				c.values[string(e.Kind)+e.Value] = true
			}
		}
	}
}

// terms are the words of a text, or pairs of letters where it has no spaces.
func terms(text string) map[string]bool {
	all := map[string]bool{}
	for _, t := range knowledge.Terms(text) {
		if t.Kind == knowledge.Word || t.Kind == knowledge.Bigram {
			all[t.Key] = true
		}
	}
	return all
}

// stands reports whether a sentence may be said.
func (c *check) stands(s string) bool {
	bare := placeholder.ReplaceAllString(s, " ")
	if claims.MatchString(bare) || inner.MatchString(bare) || markup.MatchString(strings.ToLower(bare)) {
		return false
	}
	for _, f := range figure.FindAllString(knowledge.Fold(bare), -1) {
		if !c.figures[f] {
			return false
		}
	}
	for _, e := range c.finder.Find(bare, c.at) {
		switch e.Kind {
		case entity.URL, entity.Address:
			return false
		case entity.Phone, entity.Email, entity.Order, entity.Amount:
			if !c.values[string(e.Kind)+e.Value] {
				return false
			}
		}
	}
	return c.backed(bare)
}

// backed reports whether one line of the passages says it: it has enough of its
// words and all the weighty ones, and affirms or denies as it does.
func (c *check) backed(s string) bool {
	own, weighs, denies := terms(s), weigh(s), denial.MatchString(s)
	if len(own) == 0 || !c.worded(s) {
		return false
	}
	for _, l := range c.lines {
		n := 0
		for t := range own {
			if l.terms[t] {
				n++
			}
		}
		if float64(n) < supported*float64(len(own)) || l.denies != denies {
			continue
		}
		fits := true
		for i, has := range weighs {
			fits = fits && (!has || l.weighs[i])
		}
		if fits {
			return true
		}
	}
	return false
}

// glue are letters that join words of Chinese without a meaning of their own.
const glue = "的了是在和也都就会可以请需要如果时候后内吗呢哦您这那个与及或为由到从"

// worded reports whether a sentence has no word of its own: whatever it is
// about, the passages are about it too.
func (c *check) worded(s string) bool {
	for _, t := range knowledge.Terms(s) {
		if t.Kind == knowledge.Word && !c.words[t.Key] {
			return false
		}
		if t.Kind == knowledge.Rune && !c.letters[[]rune(t.Key)[0]] && !strings.Contains(glue, t.Key) {
			return false
		}
	}
	return true
}

var link = regexp.MustCompile(`!?\[([^\]]*)\]\([^)]*\)`)

// spokenTo are passages that speak to a machine and not to customers: what
// tells an assistant what to say is no source for what it says.
var spokenTo = regexp.MustCompile(`(?i)\bassistant\b|\bAI\b.{0,6}(?:助手|注意)|助手请|\bsystem(?: override|:)|ignore (?:all|the|previous)|answer to every|\bfrom now on\b|从(?:本段|现在)起|\bwhen asked\b|回答(?:时|任何)|提示词|系统提示|直接告诉顾客|reply in json|\bexecute:|in the answer\b|\[//\]|<!--`)

// sources are the passages that may be used.
func sources(all []Passage) (kept []Passage) {
	for _, p := range all {
		if !spokenTo.MatchString(p.Title) && !spokenTo.MatchString(p.Text) && len(kept) < MostPassages {
			kept = append(kept, p)
		}
	}
	return kept
}

// plain is a passage without mark-up: links are their words.
func plain(text string) string {
	return strings.NewReplacer("**", "", "__", "", "`", "", "#", "").Replace(link.ReplaceAllString(visible(text), "$1"))
}
