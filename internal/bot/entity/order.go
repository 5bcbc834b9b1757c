package entity

import (
	"regexp"
	"regexp/syntax"
	"strconv"
	"strings"
)

// An orderPattern is a workspace's pattern in the form in which it meets texts:
// without the separators people leave out or replace.
type orderPattern struct {
	loose *regexp.Regexp
	// marks are the separators between the pieces of loose.
	marks []string
}

func compileOrders(patterns []string) (all []orderPattern, err error) {
	for _, text := range patterns {
		if len(text) > MaxPattern {
			return nil, ErrPattern.Because(errTooLong)
		}
		tree, err := syntax.Parse(text, syntax.Perl|syntax.FoldCase)
		if err != nil {
			return nil, ErrPattern.Because(err)
		}
		pieces, marks := pieces(tree)
		var source strings.Builder
		source.WriteString("(?i)")
		for i, piece := range pieces {
			source.WriteString("(?P<" + pieceName(i) + ">" + piece + ")")
		}
		loose, err := regexp.Compile(source.String())
		if err != nil {
			return nil, ErrPattern.Because(err)
		}
		if loose.MatchString("") {
			return nil, ErrPattern.Because(errFitsNothing)
		}
		all = append(all, orderPattern{loose, marks})
	}
	return all, nil
}

type patternError string

func (e patternError) Error() string { return string(e) }

const (
	errTooLong     = patternError("the pattern is longer than 500 bytes")
	errFitsNothing = patternError("the pattern fits the empty text")
)

// pieces splits a pattern at its literal separators. Anchors are dropped: what
// stands around a number is checked apart.
func pieces(tree *syntax.Regexp) (parts, marks []string) {
	subs := []*syntax.Regexp{tree}
	if tree.Op == syntax.OpConcat {
		subs = tree.Sub
	}
	var current strings.Builder
	flush := func(mark string) {
		if current.Len() == 0 {
			return
		}
		parts, marks = append(parts, current.String()), append(marks, mark)
		current.Reset()
	}
	for _, sub := range subs {
		switch sub.Op {
		case syntax.OpBeginLine, syntax.OpEndLine, syntax.OpBeginText, syntax.OpEndText, syntax.OpWordBoundary:
		case syntax.OpLiteral:
			for _, r := range sub.Rune {
				if strings.ContainsRune(separators, r) {
					flush(string(r))
					continue
				}
				current.WriteString(regexp.QuoteMeta(string(r)))
			}
		default:
			current.WriteString("(?:" + sub.String() + ")")
		}
	}
	flush("")
	if parts == nil {
		return []string{"(?:" + tree.String() + ")"}, []string{""}
	}
	return parts, marks
}

// separators are what people put between the groups of a number.
const separators = "- _./"

// compact is a text without the separators between letters and digits.
type compact struct {
	text string
	// at is the byte of the source each byte of text comes from.
	at []int
}

func (s *source) compact() compact {
	var c compact
	var b strings.Builder
	for i := 0; i < len(s.text); i++ {
		ch := s.text[i]
		if strings.IndexByte(separators, ch) >= 0 && alphanum(s.before(i)) && i+1 < len(s.text) && alphanum(rune(s.text[i+1])) {
			continue
		}
		b.WriteByte(ch)
		c.at = append(c.at, i)
	}
	c.text = b.String()
	return c
}

// edge reports whether nothing alphanumeric touches the span of a match in the
// source, letters apart that only glue to a number when typed without a space.
func edge(s *source, start, end int) bool {
	return !alphanum(s.before(start)) && !alphanum(s.after(end))
}

var (
	// labelled is a number that the customer calls an order number, for
	// workspaces that have no pattern and orders of another shop.
	labelled = regexp.MustCompile(`(?:订单号码?|订单编号|单号|order (?:number|no\.?|num|id)|order #|order)(?: ?(?:是|为|:|#|is|=))*[ ]?([a-z]{0,4}-?[0-9][a-z0-9\-]{4,28})`)
	// endings is the end of an order number, told instead of it.
	endings = regexp.MustCompile(`(?:(?:订单|单号|尾号|单子)(?:的)?(?:尾号|后四位|最后四位|末四位)?(?:是|为|:)? ?|尾号 ?|order (?:number )?(?:ending|ends) (?:in|with) )([0-9]{4})\b`)
)

func (f *Finder) findOrders(s *source) (all []Entity) {
	c := s.compact()
	for _, p := range f.orders {
		all = append(all, p.find(s, c)...)
	}
	if len(all) == 0 && len(f.orders) > 0 {
		all = f.mended(s)
	}
	for _, m := range labelled.FindAllStringSubmatchIndex(s.text, -1) {
		value := strings.ToUpper(strings.Trim(s.text[m[2]:m[3]], "-"))
		if digits(value) < 5 || alphanum(s.after(m[3])) || dateLike.MatchString(value) {
			continue
		}
		all = append(all, Entity{Kind: Order, Start: m[2], End: m[2] + len(value), Value: value, Parts: map[string]string{"form": "labelled"}, Confidence: 0.6})
	}
	for _, m := range endings.FindAllStringSubmatchIndex(s.text, -1) {
		lead := s.leading(m[0], 3)
		if strings.HasSuffix(lead, "手机") || strings.HasSuffix(lead, "电话") || strings.HasSuffix(lead, "卡") || digit(s.before(m[2])) {
			continue
		}
		if !strings.Contains(s.text[m[0]:m[2]], "尾") && !strings.Contains(s.text[m[0]:m[2]], "四位") && !strings.Contains(s.text[m[0]:m[2]], "end") {
			continue
		}
		all = append(all, Entity{Kind: Order, Start: m[2], End: m[3], Value: "*" + s.text[m[2]:m[3]], Parts: map[string]string{"ending": s.text[m[2]:m[3]]}, Confidence: 0.5})
	}
	return all
}

var dateLike = regexp.MustCompile(`^20\d\d-?[01]\d-?[0-3]\d$`)

func (p orderPattern) find(s *source, c compact) (all []Entity) {
	for _, m := range p.loose.FindAllStringSubmatchIndex(c.text, -1) {
		start, end := c.at[m[0]], c.at[m[1]-1]+1
		if !edge(s, start, end) {
			continue
		}
		all = append(all, Entity{Kind: Order, Start: start, End: end, Value: p.value(c.text, m), Confidence: 0.98})
	}
	return all
}

func (p orderPattern) value(text string, m []int) string {
	var b strings.Builder
	for i, mark := range p.marks {
		group := 2 * p.loose.SubexpIndex(pieceName(i))
		b.WriteString(text[m[group]:m[group+1]] + mark)
	}
	return strings.ToUpper(b.String())
}

// pieceName names the groups apart from those of the workspace's own pattern.
func pieceName(i int) string { return "piece" + strconv.Itoa(i) }

// confused are letters that are digits in what was read off a picture.
var confused = strings.NewReplacer("o", "0", "i", "1", "l", "1")

// mended reads tokens that are mostly digits with the letters in them that look
// like digits.
func (f *Finder) mended(s *source) (all []Entity) {
	for _, w := range token.FindAllStringIndex(s.text, -1) {
		text := s.text[w[0]:w[1]]
		if digits(text)*2 < len(text) || !strings.ContainsAny(text, "oil") {
			continue
		}
		for _, p := range f.orders {
			for keep := range min(4, len(text)) {
				fixed := text[:keep] + confused.Replace(text[keep:])
				if m := p.loose.FindStringSubmatchIndex(fixed); m != nil && m[0] == 0 && m[1] == len(fixed) {
					all = append(all, Entity{
						Kind: Order, Start: w[0], End: w[1], Value: p.value(fixed, m),
						Parts: map[string]string{"form": "mended"}, Confidence: 0.6,
					})
					break
				}
			}
		}
	}
	return all
}

var token = regexp.MustCompile(`[a-z0-9]{6,40}`)

func digits(text string) (n int) {
	for _, r := range text {
		if digit(r) {
			n++
		}
	}
	return n
}
