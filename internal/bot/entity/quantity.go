package entity

import (
	"regexp"
	"strings"
)

// units are measure words and what they count, by the unit's name in values.
var units = []struct{ name, chinese, english string }{
	{"pair", "双|对|副", "pairs?"},
	{"set", "套|组", "sets?"},
	{"box", "盒|箱", "boxes|box|cartons?"},
	{"bottle", "瓶|罐|桶", "bottles?|cans?|jars?"},
	{"pack", "包|袋|板|卷", "packs?|packets?|bags?|rolls?"},
	{"dozen", "打", "dozen"},
	{"cup", "杯", "cups?|mugs?"},
	{"sheet", "张|份|页|本|册", "copies|sheets?"},
	{"kg", "公斤|千克|kg", "kg|kilos?|kilograms?"},
	{"g", "克|g", "g|grams?"},
	{"jin", "斤", ""},
	{"liang", "两", ""},
	{"l", "升", "liters?|litres?|l"},
	{"ml", "毫升|ml", "ml"},
	{"cm", "厘米|公分|cm", "cm"},
	{"m", "米", "meters?|metres?"},
	{"piece", "件|条|只|台|支|枝|把|部|顶|片|枚|颗|粒|辆|款|床|盏|根|块|株|束|串|扇|架|幅|个", "pieces?|pcs?|items?|units?|ones|of them|of these|of those"},
}

var (
	chineseUnits = func() string {
		var all []string
		for _, u := range units {
			all = append(all, u.chinese)
		}
		return strings.Join(all, "|")
	}()
	englishUnits = func() string {
		var all []string
		for _, u := range units {
			if u.english != "" {
				all = append(all, u.english)
			}
		}
		return strings.Join(all, "|")
	}()

	chineseCount = regexp.MustCompile(`(` + latinNumber + `|` + hanNumber + `|半) ?(` + chineseUnits + `)(半)?`)
	bothCount    = regexp.MustCompile(`(俩|仨)`)
	englishCount = regexp.MustCompile(`\b(\d{1,6}(?:\.\d{1,2})?|half a|a couple of|an?|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty|thirty|forty|fifty|hundred) ?(?:more |extra |new |other )?(` + englishUnits + `)\b`)
	dozens       = regexp.MustCompile(`\b(half a dozen|a dozen|two dozen|three dozen)\b`)
	times        = regexp.MustCompile(`(?:[x×*] ?(\d{1,4})|\b(\d{1,4}) ?[x×])(?:\b|$)`)
	// things are counted without a unit: "two shirts", "3 tickets" is not.
	things = regexp.MustCompile(`\b(\d{1,4}|two|three|four|five|six|seven|eight|nine|ten|twelve|twenty) (?:[a-z]+ ){0,2}?(shirts|jackets|socks|hats|beanies|scarves|cardigans|sweaters|trousers|pants|shoes|dresses|coats|lamps|kettles|mugs|glasses|candles|throws|blankets|pans|earbuds|chargers|power banks|humidifiers|orders|parcels|packages|t-shirts|tees|products|articles)\b`)
)

// notCounted are what makes of a measure word something else: 个 is said of
// anything, 一下 and 一直 count nothing.
var notCounted = []string{
	"月", "小时", "星期", "礼拜", "工作日", "钟头", "问题", "疑问", "人", "忙", "多月", "半月", "季度", "地址", "电话", "订单", "快递", "包裹", "字", "位", "事",
	"好", "意思", "东西", "建议", "颜色", "尺码", "码", "号", "客服", "消息", "信息", "评论", "朋友", "同事", "原因", "办法", "理由", "活动", "优惠", "发票", "说法", "答复", "结果", "短信",
	"链接", "验证码", "账号", "时间", "地方", "更", "最", "是", "比", "哪", "单号", "评价", "会员", "积分", "券", "赠品", "部门", "公司", "家", "半小时", "样", "衣服都", "都",
}

func findQuantities(s *source) (all []Entity) {
	for _, m := range chineseCount.FindAllStringSubmatchIndex(s.text, -1) {
		text, unit := s.text[m[2]:m[3]], s.text[m[4]:m[5]]
		n, ok := numeral(text)
		if !ok || !counts(s, m[0], m[1], text, unit) {
			continue
		}
		if m[6] >= 0 {
			n += one / 2
		}
		all = append(all, count(m[0], m[1], n, unit))
	}
	for _, m := range bothCount.FindAllStringIndex(s.text, -1) {
		if strings.HasPrefix(s.text[m[0]:], "俩人") || strings.HasSuffix(s.leading(m[0], 1), "咱") {
			continue
		}
		n := 2 * one
		if s.text[m[0]:m[1]] == "仨" {
			n = 3 * one
		}
		all = append(all, count(m[0], m[1], n, "个"))
	}
	for _, m := range englishCount.FindAllStringSubmatchIndex(s.text, -1) {
		word, unit := s.text[m[2]:m[3]], s.text[m[4]:m[5]]
		n, ok := numeral(word)
		if word == "half a" {
			n, ok = one/2, true
		}
		if !ok {
			whole, fits := english(word)
			n, ok = number(whole)*one, fits
		}
		// "a set" and "an item" count nothing that was meant to be counted.
		if !ok || (word == "a" || word == "an") && unit != "pair" && unit != "dozen" || unit == "ones" && word == "one" {
			continue
		}
		if b := s.before(m[0]); b == '.' || b == '-' || b == '$' || b == '#' || crossing.MatchString(s.text[:m[0]]) {
			continue
		}
		all = append(all, count(m[0], m[1], n, unit))
	}
	for _, m := range dozens.FindAllStringIndex(s.text, -1) {
		n := map[byte]number{'h': 6, 'a': 12}[s.text[m[0]]] * one
		if rest, ok := strings.CutSuffix(s.text[m[0]:m[1]], " dozen"); ok && n == 0 {
			whole, _ := english(rest)
			n = number(whole) * 12 * one
		}
		e := count(m[0], m[1], n, "piece")
		all = append(all, e)
	}
	return append(all, plainCounts(s)...)
}

// plainCounts are counts without a unit: "x3", "two shirts".
func plainCounts(s *source) (all []Entity) {
	for _, m := range times.FindAllStringSubmatchIndex(s.text, -1) {
		at := 2
		if m[2] < 0 {
			at = 4
		}
		if b := s.before(m[0]); latin(b) || digit(b) || b == '*' || b == '#' || strings.HasPrefix(strings.TrimSpace(s.text[m[1]:]), "cm") || sized.MatchString(s.text[m[0]:]) || crossed.MatchString(s.text[:m[0]]) {
			continue
		}
		if n, ok := numeral(s.text[m[at]:m[at+1]]); ok && n > 0 {
			all = append(all, count(m[0], m[1], n, "piece"))
		}
	}
	for _, m := range things.FindAllStringSubmatchIndex(s.text, -1) {
		if n, ok := english(s.text[m[2]:m[3]]); ok && s.before(m[0]) != '$' && s.before(m[0]) != '.' {
			e := count(m[2], m[3], number(n)*one, "piece")
			e.Confidence = 0.8
			all = append(all, e)
		}
	}
	return all
}

// sized, crossed and crossing are measures of length and width, not counts.
var (
	sized    = regexp.MustCompile(`^\d{1,4} ?[x×*] ?\d`)
	crossed  = regexp.MustCompile(`\d ?$`)
	crossing = regexp.MustCompile(`\d ?[x×*] ?$`)
)

// counts reports whether a number before a measure word counts something.
func counts(s *source, start, end int, text, unit string) bool {
	if front, _ := s.lead(start); crossing.MatchString(front) {
		return false
	}
	switch b := s.before(start); {
	case b == '第' || b == '每' || b == '这' || b == '那' || b == '哪' || b == '上' || b == '下' && text == "一" || b == '另' || b == '唯' || b == '.' || b == '-' || alphanum(b) || b == '有' && unit == "份":
		return false
	case b == '¥' || b == '$':
		return false
	}
	rest := s.text[end:]
	if asciiLetter(unit[0]) && alphanum(s.after(end)) {
		return false
	}
	if unit == "g" && strings.HasPrefix(rest, "b") {
		return false
	}
	if text == "一" && (strings.Contains("个份部把款", unit) || unit == "对" || unit == "起") {
		// 一个 is the indefinite article unless something was asked to be counted.
		return strings.HasSuffix(s.leading(start, 1), "要") || strings.HasSuffix(s.leading(start, 1), "买") || strings.HasSuffix(s.leading(start, 1), "退") ||
			strings.HasSuffix(s.leading(start, 1), "换") || strings.HasSuffix(s.leading(start, 2), "只有") || strings.HasSuffix(s.leading(start, 1), "少") || strings.HasSuffix(s.leading(start, 1), "加") || strings.HasSuffix(s.leading(start, 1), "拍")
	}
	if unit == "两" && (text == "一" || text == "半") && rest != "" {
		return false
	}
	if unit == "米" && strings.HasPrefix(rest, "色") || unit == "米" && strings.HasPrefix(rest, "白") || unit == "对" && strings.HasPrefix(rest, "不") {
		return false
	}
	if unit == "块" || unit == "张" && strings.HasPrefix(rest, "三") {
		return false
	}
	if unit == "个" || unit == "位" || unit == "组" || unit == "条" || unit == "款" || unit == "份" || unit == "部" {
		for _, word := range notCounted {
			if strings.HasPrefix(rest, word) {
				return false
			}
		}
	}
	return true
}

func count(start, end int, n number, unit string) Entity {
	name := "piece"
	for _, u := range units {
		if fitsUnit(u.chinese, unit) || u.english != "" && regexpUnit[u.name].MatchString(unit) {
			name = u.name
			break
		}
	}
	switch name {
	case "dozen":
		n, name = n*12, "piece"
	case "jin":
		n, name = n/2, "kg"
	case "liang":
		n, name = n*50, "g"
	}
	return Entity{
		Kind: Quantity, Start: start, End: end, Value: n.String(), Confidence: 0.9,
		Parts: map[string]string{"number": n.String(), "unit": name},
	}
}

func fitsUnit(list, unit string) bool {
	for one := range strings.SplitSeq(list, "|") {
		if one == unit {
			return true
		}
	}
	return false
}

var regexpUnit = func() map[string]*regexp.Regexp {
	all := map[string]*regexp.Regexp{}
	for _, u := range units {
		if u.english != "" {
			all[u.name] = regexp.MustCompile(`^(?:` + u.english + `)$`)
		}
	}
	return all
}()
