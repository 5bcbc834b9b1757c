package flow

import (
	"regexp"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Found is a value found in what a customer wrote.
type Found struct {
	// Type is one of SlotTypes.
	Type  string
	Value any
	Raw   string
	// Confidence is 0 to 1.
	Confidence float64
}

// Finder finds values in a text.
type Finder func(text string) []Found

// Find is the finder that needs nothing to be set up: order numbers as shops
// write them, addresses of mail and of the web, phones, amounts, street
// addresses.
func Find(text string) []Found {
	text = norm.NFKC.String(text)
	var all []Found
	taken := text
	for _, kind := range plainKinds {
		for _, m := range kind.form.FindAllString(taken, 10) {
			v, ok := kind.value(strings.TrimSpace(m))
			if !ok {
				continue
			}
			all = append(all, Found{Type: kind.name, Value: v, Raw: m, Confidence: kind.confidence})
			taken = strings.Replace(taken, m, strings.Repeat(" ", len(m)), 1)
		}
	}
	return append(all, findAddress(taken)...)
}

type plainKind struct {
	name       string
	form       *regexp.Regexp
	confidence float64
	value      func(string) (any, bool)
}

var plainKinds = []plainKind{
	{"email", regexp.MustCompile(`[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,}`), 1, func(m string) (any, bool) { return strings.ToLower(m), true }},
	{"url", regexp.MustCompile(`https?://[^\s，。；、)）]+`), 1, same},
	{"order", regexp.MustCompile(`(?i)\b[A-Z]{1,4} ?-?\d{6,12}(?:[- ]?\d{3,6})?\b`), 0.95, orderNumber},
	{"phone", regexp.MustCompile(`(?:\+\d{1,3}[- ]?)?(?:1[3-9]\d[- ]?\d{4}[- ]?\d{4}|\(?\d{3}\)?[- ]\d{3}[- ]\d{4})`), 0.9, digitsOf},
	{"amount", regexp.MustCompile(`(?:[¥￥$]\s?\d+(?:,\d{3})*(?:\.\d{1,2})?)|(?:\d+(?:\.\d{1,2})?\s?(?:元|块|yuan|dollars|usd|cny|rmb))`), 0.9, amountOf},
}

func same(m string) (any, bool) { return m, true }

var orderParts = regexp.MustCompile(`(?i)^([A-Z]{1,4}) ?-?(\d{6,12})(?:[- ]?(\d{3,6}))?$`)

// orderNumber brings a number to one spelling: ED20261118-4417.
func orderNumber(m string) (any, bool) {
	parts := orderParts.FindStringSubmatch(m)
	if parts == nil {
		return nil, false
	}
	letters, digits, tail := strings.ToUpper(parts[1]), parts[2], parts[3]
	if tail == "" && len(digits) == 12 {
		digits, tail = digits[:8], digits[8:]
	}
	if tail == "" {
		return letters + digits, true
	}
	return letters + digits + "-" + tail, true
}

func digitsOf(m string) (any, bool) {
	digits := strings.Map(func(r rune) rune {
		if unicode.IsDigit(r) || r == '+' {
			return r
		}
		return -1
	}, m)
	return digits, len(digits) >= 7
}

func amountOf(m string) (any, bool) {
	currency := ""
	switch lower := strings.ToLower(m); {
	case strings.ContainsAny(m, "¥￥元块") || strings.Contains(lower, "yuan") || strings.Contains(lower, "cny") || strings.Contains(lower, "rmb"):
		currency = "CNY"
	case strings.Contains(m, "$") || strings.Contains(lower, "dollar") || strings.Contains(lower, "usd"):
		currency = "USD"
	}
	digits := strings.Map(func(r rune) rune {
		if unicode.IsDigit(r) || r == '.' {
			return r
		}
		return -1
	}, m)
	n, err := strconv.ParseFloat(digits, 64)
	return map[string]any{"amount": n, "currency": currency, "text": strings.TrimSpace(m)}, err == nil
}

var (
	districtZH = regexp.MustCompile(`(?:[\p{Han}]{2,7}?(?:省|自治区))?(?:[\p{Han}]{2,7}?(?:市|州|盟))?(?:[\p{Han}]{1,6}?(?:区|县|旗))`)
	streetZH   = regexp.MustCompile(`[\p{Han}A-Za-z0-9]{1,14}?(?:路|街|道|巷|弄|大道|胡同|村|镇|乡|小区|花园|广场|大厦|公寓|苑|园|城|里)`)
	unitZH     = regexp.MustCompile(`\d+[A-Za-z]?\s*(?:号楼|号院|号|栋|幢|座|单元|室|层|楼|弄)(?:\d{2,5}室?)?`)
	unitKind   = regexp.MustCompile(`^(\d+[A-Za-z]?)\s*(号楼|号院|号|栋|幢|座|单元|室|层|楼|弄)`)
	streetEN   = regexp.MustCompile(`(?i)\b(?:(?:flat|apt|apartment|unit|suite)\s+[\w-]+,?\s+)?\d{1,5}[a-z]?(?:-\d{1,5})?\s+(?:[A-Za-z0-9.']+\s+){1,4}(?:street|st|avenue|ave|road|rd|lane|ln|drive|dr|boulevard|blvd|way|square|sq|place|pl|court|ct|terrace|close|row|quay|mews|crescent|gardens)\b\.?(?:[, ]+[A-Za-z0-9.' -]+)*`)
	postcode   = regexp.MustCompile(`\b(?:\d{5}(?:-\d{4})?|[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}|\d{6})\b`)
	addressEnd = regexp.MustCompile(`[。！？!?\n;；]`)
	leadIn     = regexp.MustCompile(`^(?:.*?(?:地址(?:是|为|改成|改为|换成)?|改成|改到|改为|寄到|送到|寄去|发到|换成|应该是|收货到)[:：]?\s*)`)
	leadInEN   = regexp.MustCompile(`(?i)^.*?\b(?:address is|deliver(?:ed)? to|send it to|ship it to|ship to|send to|change it to|change to|new address:?|to:)\s+`)
)

// findAddress finds one street address, whole or, for a correction, a part.
func findAddress(text string) []Found {
	clause := text
	if loc := addressEnd.FindStringIndex(strings.TrimSpace(text)); loc != nil && loc[0] > 8 {
		clause = strings.TrimSpace(text)[:loc[0]]
	}
	if m := streetEN.FindString(clause); m != "" {
		m = strings.Trim(m, " ,.")
		parts := strings.SplitN(m, ",", 2)
		detail, district := strings.TrimSpace(parts[0]), ""
		if len(parts) == 2 {
			district = strings.TrimSpace(parts[1])
		}
		v := map[string]any{"text": m, "detail": detail}
		if district != "" {
			v["district"] = district
		}
		if code := postcode.FindString(m); code != "" {
			v["postcode"] = code
		}
		return []Found{{Type: "address", Value: v, Raw: m, Confidence: 0.85}}
	}
	clause = strings.TrimSpace(leadIn.ReplaceAllString(clause, ""))
	if leadInEN.MatchString(clause) {
		clause = leadInEN.ReplaceAllString(clause, "")
	}
	district := districtZH.FindString(clause)
	rest := clause[strings.Index(clause, district)+len(district):]
	street, unit := streetZH.FindString(rest), unitZH.FindString(rest)
	switch {
	case district != "" && (street != "" || unit != ""):
		text := district + strings.TrimSpace(strings.Trim(rest, "，,。 "))
		text = strings.TrimRight(strings.Split(text, "，")[0], "吧了哦呢啊，,。 ")
		v := map[string]any{"text": text, "district": district}
		if detail := strings.TrimPrefix(text, district); unit != "" && detail != "" {
			v["detail"] = detail
		}
		return []Found{{Type: "address", Value: v, Raw: clause, Confidence: 0.9}}
	case street != "" && unit != "":
		return []Found{{Type: "address", Value: map[string]any{"text": strings.TrimSpace(rest), "detail": strings.TrimSpace(rest)}, Raw: clause, Confidence: 0.6}}
	case unit != "" && len([]rune(clause)) <= 16:
		return []Found{{Type: "address", Value: map[string]any{"text": unit, "partial": true}, Raw: clause, Confidence: 0.5}}
	}
	return nil
}

// mergeAddress puts the part a customer corrected into the address they gave.
func mergeAddress(before, correction any) any {
	had, ok := before.(map[string]any)
	now, ok2 := correction.(map[string]any)
	if !ok || !ok2 || now["partial"] != true {
		return correction
	}
	text, _ := had["text"].(string)
	piece, _ := now["text"].(string)
	kind := unitKind.FindStringSubmatch(piece)
	if kind == nil {
		return correction
	}
	old := regexp.MustCompile(`\d+[A-Za-z]?\s*` + kind[2])
	if !old.MatchString(text) {
		return before
	}
	merged := map[string]any{}
	for key, v := range had {
		if s, ok := v.(string); ok {
			v = old.ReplaceAllString(s, kind[1]+kind[2])
		}
		merged[key] = v
	}
	return merged
}

// matches reports whether a text is what a slot with a pattern wants.
func (s Slot) matches(value any) bool {
	if s.Pattern == "" {
		return true
	}
	form, err := regexp.Compile(`^(?:` + s.Pattern + `)$`)
	text, ok := value.(string)
	return err == nil && ok && form.MatchString(text)
}
