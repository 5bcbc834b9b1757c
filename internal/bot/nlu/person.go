package nlu

import (
	_ "embed"
	"iter"
	"math"
	"regexp"
	"slices"
	"strings"
	"sync"

	"everdesk/internal/knowledge"
)

// WantsPerson reports whether a customer asks for a person instead of the bot,
// for somebody in charge, or to be called back. Talking about people is not
// asking for one: 人工智能, "human resources", "the agent said". It is learned
// from the patterns and messages in person/, so a wording that was missed is put
// there.
func WantsPerson(text string) bool {
	if margin(text) > 0 {
		return true
	}
	// A request often stands at the end of a story.
	for clause := range strings.FieldsFuncSeq(knowledge.Fold(text), endsClause) {
		if margin(clause) > alone {
			return true
		}
	}
	return false
}

// alone is how sure one clause of a message has to be.
const alone = 0.5

func endsClause(r rune) bool { return strings.ContainsRune(",.;:!?-\n，。；：！？、—…", r) }

// longestRequest is how much of a message is looked at.
const longestRequest = 300

func margin(text string) float64 {
	if runes := []rune(text); len(runes) > longestRequest {
		text = string(runes[:longestRequest])
	}
	m := recogniser().margin(cues(text))
	if !namesSomebody(text) {
		m -= unnamed
	}
	return m
}

// unnamed is how much surer a message has to be that names nobody: it is more
// likely about something else.
const unnamed = 0.7

// namesSomebody reports whether a text mentions a person, a machine or a
// telephone, slips of the finger included.
func namesSomebody(text string) bool {
	plain := plainly(text)
	if somebodyZH.MatchString(plain) {
		return true
	}
	if serviceEN.MatchString(plain) {
		return true
	}
	for w := range strings.FieldsSeq(plain) {
		if somebodyEN[w] || len(w) > 4 && nearSomebody(w) {
			return true
		}
	}
	return false
}

func nearSomebody(w string) bool {
	for known := range somebodyEN {
		if len(known) > 4 && knowledge.OneSlip(w, known) {
			return true
		}
	}
	return false
}

var somebodyZH = regexp.MustCompile(`人|客服|客f|渴服|克服|kefu|rengong|zhenren|服务|经理|主管|领导|老板|店长|店家|掌柜|专员|坐席|同事|小哥|小姐|妹子|美女|机器|自动回复|模板回复|电话|回电|来电|上级|组长|管事|活的|接线|售后|顾问`)

// serviceEN are two words that name somebody together.
var serviceEN = regexp.MustCompile(`\b(customer|customers|custmer|costumer) (service|support|care)|\b(support|service|human|live|real|personal|your|contact|reach|call|to|with|ur|more) (support|service|help|chat)\b|^(support|service|customer)( please| now)?$`)

// somebodyEN are the words of the classes that name somebody, and a few more.
var somebodyEN = func() map[string]bool {
	all := map[string]bool{}
	for w, class := range kin {
		if class == "<who>" || class == "<some>" || class == "<bot>" || class == "<call>" {
			all[w] = true
		}
	}
	for w := range strings.FieldsSeq("team live helpline hotline helpdesk desk office guy guys folks everybody humans adult escalate somebody's who 0 operater automated automatic auto replies speaker brain pulse senior") {
		all[w] = true
	}
	return all
}()

//go:embed person/zh.txt
var patternsZH string

//go:embed person/en.txt
var patternsEN string

//go:embed person/said.zh.txt
var saidZH string

//go:embed person/said.en.txt
var saidEN string

// recogniser is made when it is first asked for; that takes a third of a second.
var recogniser = sync.OnceValue(func() *judge {
	j := &judge{ids: map[string]int32{}}
	var lessons []lesson
	for label, text := range labelled(saidZH, saidEN) {
		for range saidWeight {
			lessons = append(lessons, lesson{j.intern(cues(text)), label == "yes"})
		}
	}
	for label, pattern := range labelled(patternsZH, patternsEN) {
		for _, sentence := range expand(pattern) {
			lessons = append(lessons, lesson{j.intern(cues(sentence)), label == "yes"})
		}
	}
	for line := range knowledge.Ordinary() {
		for range ordinaryWeight {
			lessons = append(lessons, lesson{j.intern(cues(line)), false})
		}
	}
	j.learn(lessons)
	return j
})

// How many times a whole message counts beside the sentences of a pattern, of
// which there are sixty and more.
const (
	saidWeight     = 12
	ordinaryWeight = 6
)

// labelled yields the label and the rest of each line that is no comment.
func labelled(files ...string) iter.Seq2[string, string] {
	return func(yield func(label, rest string) bool) {
		for _, file := range files {
			for line := range strings.Lines(file) {
				label, rest, ok := strings.Cut(strings.TrimSpace(line), " ")
				if ok && !strings.HasPrefix(label, "#") && !yield(label, rest) {
					return
				}
			}
		}
	}
}

// kin are words that mean the same in a request. A cue is made of the class as
// well as of the word, so "pass me to a clerk" is known by its shape.
var kin = classes(map[string]string{
	"<who>": `human humans person persons agent agents representative representatives rep reps operator operators advisor
		advisors adviser advisers employee employees colleague colleagues staff specialist specialists consultant associate
		clerk csr rep's supervisor supervisors manager managers boss teammate superior worker
		人工 真人 活人 客服 坐席 专员 接线员 话务员 工作人员 客服人员 售后人员 经理 主管 领导 负责人 店长 老板 上级 组长 人员 同事 值班经理 管事的`,
	"<some>":  `someone somebody anyone anybody people 个人 有人 来人 人来 换人 找人 叫人 小哥哥 小姐姐 小哥 小姐`,
	"<talk>":  `speak speaking talk talking chat chatting discuss converse 说 说话 讲 聊 聊聊 沟通 谈 谈谈 对话 交流 通话 讲话 交谈`,
	"<pass>":  `connect transfer transferred connected put pass hand switch escalate forward redirect route refer patch 转 转接 接 接通 换 切换 切 转到 接入 转给`,
	"<get>":   `get give find bring send want need require demand prefer like have 要 想要 需要 找 叫 喊 派 安排 请 呼叫 联系 申请 召唤 给我 帮我`,
	"<bot>":   `bot bots robot robots chatbot machine computer automated ai assistant 机器人 机器 自动回复 智能客服`,
	"<not>":   `not no dont doesnt without never isnt wont cant didnt 不 不要 不用 不需要 别 无需 没 不必 不想 先不`,
	"<call>":  `call phone ring callback telephone 电话 回电 回个电话 打给 来电 致电`,
	"<past>":  `yesterday earlier already said told promised spoke talked chatted was gave 昨天 上次 刚才 之前 前天 说了 答应 告诉 承诺 已经`,
	"<hours>": `hours open opening close weekend sunday saturday when 几点 上班 下班 时间 周末 什么时候 晚上`,
})

func classes(lists map[string]string) map[string]string {
	all := map[string]string{}
	for class, list := range lists {
		for w := range strings.FieldsSeq(list) {
			all[w] = class
		}
	}
	return all
}

// mendable are the words worth recognising with a slip of the finger in them, in
// the order of the alphabet.
var mendable = func() []string {
	var all []string
	for w, class := range kin {
		if len(w) > 4 && latin(w) && strings.Contains("<who> <some> <pass> <talk> <bot>", class) {
			all = append(all, w)
		}
	}
	slices.Sort(all)
	return all
}()

// mended returns the first mendable word one slip away from w, or w.
func mended(w string) string {
	if len(w) < 4 || kin[w] != "" || !latin(w) {
		return w
	}
	for _, known := range mendable {
		if knowledge.OneSlip(w, known) {
			return known
		}
	}
	return w
}

const longestKin = 4 // letters, of the dense ones

// cues are the features of a text: words and letters in ones, twos and threes,
// and pairs of classes in their order.
func cues(text string) []string {
	var units, shape []string
	for part := range strings.FieldsSeq(plainly(text)) {
		if denseShare(part) == 0 {
			part = mended(part)
			units = append(units, part)
			if class := kin[part]; class != "" {
				shape = append(shape, class)
			}
			continue
		}
		runes := []rune(part)
		for i := 0; i < len(runes); {
			n := min(longestKin, len(runes)-i)
			for n > 1 && kin[string(runes[i:i+n])] == "" {
				n--
			}
			if class := kin[string(runes[i:i+n])]; class != "" {
				shape = append(shape, class)
			}
			for _, r := range runes[i : i+n] {
				units = append(units, string(r))
			}
			i += n
		}
	}
	var all []string
	padded := append(append([]string{"^"}, units...), "$")
	for n := 1; n <= 3; n++ {
		for i := 0; i+n <= len(padded); i++ {
			all = append(all, strings.Join(padded[i:i+n], " "))
		}
	}
	for _, u := range units {
		// Parts of longer words, against slips of the finger.
		for i := 0; len(u) > 4 && latin(u) && i+4 <= len(u); i++ {
			all = append(all, "~"+u[i:i+4])
		}
	}
	shape = append(append([]string{"^"}, shape...), "$")
	for i := range shape {
		for j := i + 1; j < len(shape) && (i == 0 || j <= i+3); j++ {
			all = append(all, shape[i]+">"+shape[j])
		}
	}
	return all
}

func latin(u string) bool { return strings.Trim(u, "abcdefghijklmnopqrstuvwxyz") == "" }

// plainly folds text and turns all that is no letter or digit into single
// spaces.
func plainly(text string) string {
	return strings.Join(strings.FieldsFunc(knowledge.Fold(text), func(r rune) bool { return !spoken(r) }), " ")
}

// expand returns sentences of a pattern: enough that each alternative of its
// longest choice comes up six times, the other choices drawn in a fixed order.
func expand(pattern string) []string {
	var parts [][]string
	longest := 1
	for pattern != "" {
		before, rest, found := strings.Cut(pattern, "(")
		parts = append(parts, []string{before})
		if !found {
			break
		}
		inside, after, _ := strings.Cut(rest, ")")
		parts = append(parts, strings.Split(inside, "|"))
		longest = max(longest, len(parts[len(parts)-1]))
		pattern = after
	}
	sentences := make([]string, max(60, 6*longest))
	seed := uint64(len(parts))
	for i := range sentences {
		var b strings.Builder
		for _, alternatives := range parts {
			seed = seed*6364136223846793005 + 1442695040888963407
			at := int(seed >> 33)
			if len(alternatives) == longest {
				at = i
			}
			b.WriteString(alternatives[at%len(alternatives)])
		}
		sentences[i] = b.String()
	}
	return sentences
}

// A lesson is a text of which is known whether it asks for a person.
type lesson struct {
	cues []int32
	yes  bool
}

// A judge weighs cues.
type judge struct {
	ids     map[string]int32
	weights []float64
	bias    float64
}

func (j *judge) intern(cues []string) []int32 {
	all := make([]int32, len(cues))
	for i, c := range cues {
		n, ok := j.ids[c]
		if !ok {
			n = int32(len(j.ids))
			j.ids[c] = n
		}
		all[i] = n
	}
	return all
}

// margin is positive for a request.
func (j *judge) margin(cues []string) float64 {
	sum := j.bias
	for _, c := range cues {
		if n, ok := j.ids[c]; ok {
			sum += j.weights[n]
		}
	}
	return sum / math.Sqrt(float64(len(cues)+1))
}

const (
	passes = 6
	rate   = 0.5
	decay  = 3e-3
)

// learn fits a logistic regression by gradient steps, one lesson at a time in a
// fixed order.
func (j *judge) learn(lessons []lesson) {
	j.weights = make([]float64, len(j.ids))
	seed := uint64(1)
	for pass := range passes {
		step := rate / (1 + 0.1*float64(pass))
		for i := range lessons {
			seed = seed*6364136223846793005 + 1442695040888963407
			k := i + int(seed>>33)%(len(lessons)-i)
			lessons[i], lessons[k] = lessons[k], lessons[i]
			j.step(lessons[i], step)
		}
	}
}

func (j *judge) step(l lesson, step float64) {
	sum, root := j.bias, math.Sqrt(float64(len(l.cues)+1))
	for _, c := range l.cues {
		sum += j.weights[c]
	}
	miss := 1 / (1 + math.Exp(-sum/root))
	if l.yes {
		miss--
	}
	j.bias -= step * miss / root
	for _, c := range l.cues {
		j.weights[c] -= step * (5*miss/root + decay*j.weights[c])
	}
}
