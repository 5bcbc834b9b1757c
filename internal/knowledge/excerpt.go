package knowledge

import (
	"regexp"
	"strings"
)

// Excerpt returns the part of a long text that speaks most of what is asked: its
// best paragraph with the heading above it, at most limit characters. A text
// that fits is returned whole.
func Excerpt(body, question string, limit int) string {
	if len([]rune(body)) <= limit {
		return body
	}
	want := map[Term]bool{}
	for _, t := range Terms(question) {
		want[t] = true
	}
	best, most, heading := "", float32(-1), ""
	for paragraph := range strings.SplitSeq(body, "\n\n") {
		paragraph = strings.TrimSpace(paragraph)
		if paragraph == "" {
			continue
		}
		if headingLevel(paragraph) > 0 && !strings.Contains(paragraph, "\n") {
			heading = strings.TrimSpace(strings.TrimLeft(paragraph, "#"))
			continue
		}
		score, seen := float32(0), map[Term]bool{}
		for _, t := range Terms(heading + "\n" + paragraph) {
			if want[t] && !seen[t] {
				seen[t] = true
				score += weight[t.Kind]
			}
		}
		if score > most {
			best, most = paragraph, score
			if heading != "" {
				best = "**" + heading + "**\n\n" + paragraph
			}
		}
	}
	return shorten(best, limit)
}

// Snippet is the beginning of a Markdown text as plain words on one line, at
// most limit characters.
func Snippet(body string, limit int) string {
	body = markup.ReplaceAllString(body, "$1$2")
	return shorten(strings.Join(strings.Fields(body), " "), limit)
}

// markup is what Markdown adds to words: emphasis, links, heads of lines.
var markup = regexp.MustCompile("(?m)\\[([^\\]]*)\\]\\([^)]*\\)|[*_`]+|^\\s*(?:#+|[-*+]|\\d+\\.)\\s+()")

// shorten cuts a text at the end of a sentence, or hard with an ellipsis.
func shorten(text string, limit int) string {
	runes := []rune(text)
	if len(runes) <= limit {
		return text
	}
	cut := string(runes[:limit-1])
	if end := strings.LastIndexAny(cut, ".!?。！？\n"); end > len(cut)/2 {
		_, size := decodeAt(cut, end)
		return cut[:end+size]
	}
	return cut + "…"
}

func decodeAt(text string, at int) (rune, int) {
	for _, r := range text[at:] {
		return r, len(string(r))
	}
	return 0, 0
}
