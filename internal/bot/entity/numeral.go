package entity

import (
	"strconv"
	"strings"
)

// A number is a decimal in ten-thousandths, so that sums of money stay exact.
type number int64

const (
	one number = 10000
	// most keeps sums and products of numbers inside an int64.
	most = one * 1_000_000_000_000
)

func (n number) String() string {
	whole, rest := n/one, n%one
	if rest == 0 {
		return strconv.FormatInt(int64(whole), 10)
	}
	return strconv.FormatInt(int64(whole), 10) + "." + strings.TrimRight(strconv.FormatInt(int64(rest+one), 10)[1:], "0")
}

var (
	chineseDigit = map[rune]number{'零': 0, '〇': 0, '一': 1, '二': 2, '两': 2, '三': 3, '四': 4, '五': 5, '六': 6, '七': 7, '八': 8, '九': 9, '幺': 1}
	chineseUnit  = map[rune]number{'十': 10, '百': 100, '千': 1000}
)

// numeral reads a number in digits ("1,299.00", "1.2万", "3k") or in Chinese
// letters ("一百零五", "三万二", "半").
func numeral(text string) (number, bool) {
	text = strings.ReplaceAll(text, " ", "")
	if text == "" {
		return 0, false
	}
	scale := one
	if digit(rune(text[0])) {
		for suffix, times := range map[string]number{"万": 10000, "亿": 100000000, "千": 1000, "百": 100, "w": 10000, "k": 1000} {
			if rest, ok := strings.CutSuffix(text, suffix); ok {
				text, scale = rest, one*times
				break
			}
		}
		return decimal(text, scale)
	}
	if text == "半" {
		return one / 2, true
	}
	n, ok := chinese(text)
	if !ok || n > most/one {
		return 0, false
	}
	return n * one, true
}

// decimal reads digits with either kind of separators. The last separator is
// the decimal one unless exactly three digits follow it and no other kind does.
func decimal(text string, scale number) (number, bool) {
	point := strings.LastIndexAny(text, ".,")
	if point >= 0 {
		mark, tail := text[point:point+1], len(text)-point-1
		thousands := tail == 3 && (mark == "," || strings.Count(text, ".") > 1)
		if thousands && !strings.ContainsAny(text[:point], otherMark(mark)) || strings.Count(text, mark) > 1 {
			point = -1
		}
	}
	whole, fraction := text, ""
	if point >= 0 {
		whole, fraction = text[:point], text[point+1:]
	}
	whole = strings.NewReplacer(",", "", ".", "").Replace(whole)
	if len(whole) > 12 || len(fraction) > 4 || whole == "" {
		return 0, false
	}
	n, err := strconv.ParseInt(whole, 10, 64)
	if err != nil || number(n) > most/scale {
		return 0, false
	}
	value := number(n) * scale
	for at, unit := 0, scale/10; at < len(fraction); at, unit = at+1, unit/10 {
		if !digit(rune(fraction[at])) {
			return 0, false
		}
		value += number(fraction[at]-'0') * unit
	}
	return value, true
}

func otherMark(mark string) string {
	if mark == "," {
		return "."
	}
	return ","
}

// chinese reads a whole number in Chinese letters. Digits without units are
// read one by one (二零二六), a digit after a unit that skips none is of the
// next smaller unit (一百五 is 150, 三万二 is 32000).
func chinese(text string) (number, bool) {
	runes := []rune(text)
	if len(runes) > 12 {
		return 0, false
	}
	if !strings.ContainsAny(text, "十百千万亿") {
		var n number
		for _, r := range runes {
			d, ok := chineseDigit[r]
			if !ok {
				return 0, false
			}
			n = n*10 + d
		}
		return n, true
	}
	var total, section, current, last number
	pending, zero := false, false
	for _, r := range runes {
		if d, ok := chineseDigit[r]; ok {
			if d == 0 {
				zero = true
				continue
			}
			if pending {
				return 0, false
			}
			current, pending = d, true
			continue
		}
		switch unit := chineseUnit[r]; {
		case unit > 0:
			if !pending {
				current = 1
			}
			section += current * unit
			last = unit
		case r == '万' || r == '亿':
			times := number(10000)
			if r == '亿' {
				times = 100000000
			}
			total = (total + section + current) * times
			section, last = 0, times
		default:
			return 0, false
		}
		current, pending, zero = 0, false, false
	}
	if pending {
		if last > 10 && !zero {
			current *= last / 10
		}
		section += current
	}
	return total + section, true
}

// whole returns a small whole number, or false.
func whole(text string) (int, bool) {
	n, ok := numeral(text)
	if !ok || n%one != 0 || n/one > 100000 {
		return 0, false
	}
	return int(n / one), true
}

// englishNumber are the numbers people write out.
var englishNumber = map[string]int{
	"a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
	"eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16, "seventeen": 17, "eighteen": 18,
	"nineteen": 19, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90,
	"a couple of": 2, "couple of": 2, "a dozen": 12, "half a dozen": 6,
}

// english reads a number in digits or words: "three", "twenty-five", "two
// hundred".
func english(text string) (int, bool) {
	if n, ok := whole(text); ok {
		return n, true
	}
	if n, ok := englishNumber[text]; ok {
		return n, true
	}
	total, current, seen := 0, 0, false
	for w := range strings.FieldsSeq(strings.ReplaceAll(text, "-", " ")) {
		switch n, ok := englishNumber[w]; {
		case ok:
			current += n
		case w == "hundred":
			current = max(current, 1) * 100
		case w == "thousand":
			total, current = total+max(current, 1)*1000, 0
		case w == "and":
			continue
		default:
			return 0, false
		}
		seen = true
	}
	return total + current, seen && total+current < 1_000_000
}
