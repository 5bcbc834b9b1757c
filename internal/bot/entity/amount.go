package entity

import (
	"regexp"
	"strings"
)

const (
	// latinNumber is a number in digits, with either kind of separators.
	latinNumber = `\d{1,3}(?:[,.]\d{3})+(?:[.,]\d{1,2})?|\d{1,12}(?:[.,]\d{1,2})?`
	// hanNumber is a number in Chinese letters.
	hanNumber = `[零〇一二两三四五六七八九十百千万亿]{1,12}`
	anyNumber = `(?:` + latinNumber + `) ?[万千百亿wk]?|` + hanNumber
)

// currencies are the words for each; the shortest codes come last.
var currencies = []struct{ code, words string }{
	{"CNY", "块钱|元人民币|人民币|块|元|rmb|cny|yuan"},
	{"USD", "美元|美金|美刀|刀|us dollars?|dollars?|usd|bucks?|us\\$"},
	{"EUR", "欧元|euros?|eur|€"},
	{"GBP", "英镑|pounds?|quid|gbp|£"},
	{"HKD", "港币|港元|港纸|hkd|hk\\$"},
	{"JPY", "日元|日圆|yen|jpy"},
	{"TWD", "新台币|台币|twd|nt\\$"},
	{"KRW", "韩元|krw|won"},
	{"SGD", "新加坡元|新币|sgd"},
	{"AUD", "澳元|澳币|aud"},
	{"CAD", "加元|加币|cad"},
	{"MOP", "澳门元|mop"},
}

var (
	currencyWords = func() string {
		var all []string
		for _, c := range currencies {
			all = append(all, c.words)
		}
		return strings.Join(all, "|")
	}()
	currencyOf = func() (all []struct {
		code string
		form *regexp.Regexp
	},
	) {
		for _, c := range currencies {
			all = append(all, struct {
				code string
				form *regexp.Regexp
			}{c.code, regexp.MustCompile(`^(?:` + c.words + `)$`)})
		}
		return all
	}()

	prefixed = regexp.MustCompile(`(us\$|hk\$|nt\$|[¥$€£]|rmb|cny|usd|eur|gbp|hkd|jpy|人民币) ?((?:` + latinNumber + `)(?: ?万|[wk]\b)?)( ?(?:元|块钱|块|美元|美金|yuan|usd))?`)
	suffixed = regexp.MustCompile(`(` + anyNumber + `|半)(多|几|来)? ?(?:个)? ?(` + currencyWords + `)`)
	// change is what follows the whole units: 12块5, 三块二毛五, 5毛, 20美元50美分.
	change     = regexp.MustCompile(`^(?: ?(` + hanDigit + `)(?: ?(?:毛|角)(?: ?(` + hanDigit + `) ?分?)?)?|(?: and)? ?(\d{1,2}) ?(?:美分|cents?|pence|p\b))`)
	dimes      = regexp.MustCompile(`(` + hanDigit + `|半) ?(?:毛|角)(?:钱)?(?: ?(` + hanDigit + `) ?分?)?`)
	fens       = regexp.MustCompile(`(\d{1,2}|[一二两三四五六七八九]) ?分钱`)
	cents      = regexp.MustCompile(`\b(\d{1,2}) ?(?:cents|美分|pence)`)
	worded     = regexp.MustCompile(`\b((?:(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|a|hundred|thousand|and)[ -])+)(dollars?|bucks?|euros?|pounds?|quid|yuan)\b`)
	rangeStart = regexp.MustCompile(`((?:` + latinNumber + `)|` + hanNumber + `) ?(?:-|~|到|至|to) ?$`)
)

const hanDigit = `\d{1,2}|[一二两三四五六七八九]`

// findAmounts finds sums of money. A "$" is of the workspace's region where
// that has dollars, else of the United States.
func (f *Finder) findAmounts(s *source) (all []Entity) {
	for _, m := range prefixed.FindAllStringSubmatchIndex(s.text, -1) {
		if latin(s.before(m[0])) || digit(s.after(m[1])) {
			continue
		}
		mark := s.text[m[2]:m[3]]
		n, ok := numeral(s.text[m[4]:m[5]])
		if !ok {
			continue
		}
		all = append(all, sum(m[0], m[1], n, f.currency(mark), 0.97))
	}
	all = append(all, f.suffixedAmounts(s)...)
	for _, m := range dimes.FindAllStringSubmatchIndex(s.text, -1) {
		if digit(s.before(m[0])) || strings.HasPrefix(s.text[m[1]:], "度") || strings.HasPrefix(s.text[m[1]:], "衣") || strings.HasPrefix(s.text[m[1]:], "巾") {
			continue
		}
		n, _ := numeral(s.text[m[2]:m[3]])
		n /= 10
		if m[4] >= 0 {
			rest, _ := numeral(s.text[m[4]:m[5]])
			n += rest / 100
		}
		all = append(all, sum(m[0], m[1], n, "CNY", 0.9))
	}
	for _, small := range []struct {
		form     *regexp.Regexp
		currency string
	}{{fens, "CNY"}, {cents, "USD"}} {
		for _, m := range small.form.FindAllStringSubmatchIndex(s.text, -1) {
			n, _ := numeral(s.text[m[2]:m[3]])
			all = append(all, sum(m[0], m[1], n/100, small.currency, 0.9))
		}
	}
	for _, m := range worded.FindAllStringSubmatchIndex(s.text, -1) {
		if n, ok := english(strings.TrimSpace(s.text[m[2]:m[3]])); ok {
			all = append(all, sum(m[0], m[1], number(n)*one, code(s.text[m[4]:m[5]]), 0.9))
		}
	}
	return all
}

func (f *Finder) suffixedAmounts(s *source) (all []Entity) {
	for _, m := range suffixed.FindAllStringSubmatchIndex(s.text, -1) {
		start, end := m[0], m[1]
		text, word := s.text[m[2]:m[3]], s.text[m[6]:m[7]]
		if asciiLetter(word[len(word)-1]) && alphanum(s.after(end)) || digit(s.before(start)) || s.before(start) == '第' || s.before(start) == '.' {
			continue
		}
		n, ok := numeral(text)
		if !ok {
			if low, high, ok := between(text); ok {
				all = append(all, approximate(start, end, low, high, code(word)))
			}
			continue
		}
		// 一块 is "together", 三块 of cake are pieces: only with more around it.
		if word == "块" && !f.money(s, start, end, text) {
			continue
		}
		if word == "元" && strings.HasPrefix(s.text[end:], "旦") || word == "刀" && strings.HasPrefix(s.text[end:], "具") {
			continue
		}
		confidence := 0.95
		if m[4] >= 0 {
			high := n + n/2
			all = append(all, approximate(start, end, n, high, code(word)))
			continue
		}
		if rest := change.FindStringSubmatchIndex(s.text[end:]); rest != nil && changeFits(s, end, rest) {
			n += changed(s.text[end:], rest)
			end += rest[1]
			if strings.HasPrefix(s.text[end:], "钱") {
				end += len("钱")
			}
		}
		front, at := s.lead(start)
		if low := rangeStart.FindStringSubmatchIndex(front); low != nil {
			if from, ok := numeral(front[low[2]:low[3]]); ok && from < n {
				all = append(all, approximate(at+low[0], end, from, n, code(word)))
				continue
			}
		}
		all = append(all, sum(start, end, n, code(word), confidence))
	}
	return all
}

// money reports whether 块 counts money here and not pieces.
func (f *Finder) money(s *source, start, end int, text string) bool {
	next := s.after(end)
	switch {
	case next == '儿' || strings.HasPrefix(s.text[end:], "手表") || strings.HasPrefix(s.text[end:], "布") || strings.HasPrefix(s.text[end:], "蛋糕"):
		return false
	case text != "一" && text != "两":
		return true
	}
	return digit(next) || strings.ContainsRune("二两三四五六七八九半", next) || next == 0 || strings.ContainsRune(",。.!?", next)
}

// changeFits reports whether the digits behind a sum are its small change: one
// digit, or one before 毛 or 角, and no other number.
func changeFits(s *source, at int, m []int) bool {
	next := s.after(at + m[1])
	if m[6] >= 0 {
		return true
	}
	if digit(next) || han(next) && strings.ContainsRune("十百千万个件双条折点月年天号块元%只套瓶盒", next) || next == '%' || next == '.' {
		return false
	}
	return !strings.HasPrefix(s.text[at:], " ")
}

// changed is the value of the small change.
func changed(text string, m []int) number {
	part := func(i int) (number, int) {
		if m[i] < 0 {
			return 0, 0
		}
		n, _ := numeral(text[m[i]:m[i+1]])
		return n, m[i+1] - m[i]
	}
	if n, width := part(6); width > 0 {
		return n / 100
	}
	tens, width := part(2)
	if width == 2 && digit(rune(text[m[2]])) {
		return tens / 100
	}
	single, _ := part(4)
	return tens/10 + single/100
}

// between reads 两三百 and 五六十: two digits in a row before one unit.
func between(text string) (low, high number, ok bool) {
	runes := []rune(text)
	if len(runes) < 3 {
		return 0, 0, false
	}
	a, aOK := chineseDigit[runes[0]]
	b, bOK := chineseDigit[runes[1]]
	if !aOK || !bOK || b != a+1 {
		return 0, 0, false
	}
	rest := string(runes[2:])
	low, lowOK := numeral(string(runes[0]) + rest)
	high, highOK := numeral(string(runes[1]) + rest)
	return low, high, lowOK && highOK
}

func (f *Finder) currency(mark string) string {
	switch mark {
	case "¥":
		if f.region == "JP" {
			return "JPY"
		}
		return "CNY"
	case "$":
		if code, ok := map[string]string{"HK": "HKD", "TW": "TWD", "SG": "SGD", "AU": "AUD", "CA": "CAD", "NZ": "NZD", "MO": "MOP"}[f.region]; ok {
			return code
		}
		return "USD"
	}
	return code(mark)
}

func code(word string) string {
	for _, c := range currencyOf {
		if c.form.MatchString(word) {
			return c.code
		}
	}
	return "CNY"
}

func sum(start, end int, n number, currency string, confidence float64) Entity {
	return Entity{
		Kind: Amount, Start: start, End: end, Value: n.String() + " " + currency, Confidence: confidence,
		Parts: map[string]string{"amount": n.String(), "currency": currency},
	}
}

// approximate is a sum somewhere between two.
func approximate(start, end int, low, high number, currency string) Entity {
	e := sum(start, end, low, currency, 0.6)
	e.Value = low.String() + ".." + high.String() + " " + currency
	e.Parts["upto"] = high.String()
	return e
}
