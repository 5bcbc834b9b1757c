package entity

import (
	"regexp"
	"strings"
)

var (
	linkForm = regexp.MustCompile(`(?:https?://|www\.)[a-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]+`)
	// Without a scheme only names of well-known tops are links: "3.5" and
	// "e.g." are not.
	bareLink = regexp.MustCompile(`(?:[a-z0-9](?:[a-z0-9\-]{0,61}[a-z0-9])?\.)+(?:com|cn|net|org|io|co|shop|app|dev|info|example|top|xyz|uk|de|fr|jp)(?::\d{2,5})?(?:/[a-z0-9\-._~:/?#@!$&'()*+,;=%]*)?`)

	mailForm = regexp.MustCompile(`[a-z0-9][a-z0-9._%+\-]{0,63}@(?:(?:[a-z0-9](?:[a-z0-9\-]{0,61}[a-z0-9])?\.)+[a-z]{2,24}|\p{Han}{1,20}\.(?:公司|中国|网络|网址|com|cn|net))`)
	// spelledMail is an address as it is said: "lin at example dot com".
	spelledMail = regexp.MustCompile(`([a-z0-9][a-z0-9._\-]{1,40}) (?:at|\(at\)|\[at\]) ([a-z0-9\-]{2,40}(?: dot [a-z0-9\-]{2,40})*) (?:dot|\(dot\)|\[dot\]) (com|net|org|cn|io|edu|co)\b`)
)

func findURLs(s *source) (all []Entity) {
	for _, m := range linkForm.FindAllStringIndex(s.text, -1) {
		if alphanum(s.before(m[0])) || s.before(m[0]) == '@' {
			continue
		}
		end := m[0] + len(closed(s.text[m[0]:m[1]]))
		all = append(all, link(s, m[0], end, 0.98))
	}
	for _, m := range bareLink.FindAllStringIndex(s.text, -1) {
		end := m[0] + len(closed(s.text[m[0]:m[1]]))
		if b := s.before(m[0]); alphanum(b) || b == '@' || b == '.' || b == '-' || b == '/' || b == '_' || b == '+' {
			continue
		}
		if a := s.after(end); alphanum(a) || a == '@' || a == '-' {
			continue
		}
		all = append(all, link(s, m[0], end, 0.85))
	}
	return all
}

// closed drops what ends a sentence, and a bracket that was opened before.
func closed(text string) string {
	for text != "" {
		switch last := text[len(text)-1]; {
		case strings.IndexByte(".,;:!?'*~&=", last) >= 0:
		case last == ')' && strings.Count(text, "(") < strings.Count(text, ")"):
		case last == ']' && strings.Count(text, "[") < strings.Count(text, "]"):
		default:
			return text
		}
		text = text[:len(text)-1]
	}
	return text
}

// link keeps the letters of the path as they were written; scheme and host do
// not tell capitals apart.
func link(s *source, start, end int, confidence float64) Entity {
	folded := s.text[start:end]
	from, to := s.span(start, end)
	value := strings.Map(halfWidth, string(s.raw[from:to]))
	if len(value) != len(folded) {
		value = folded
	}
	scheme, rest, ok := strings.Cut(folded, "://")
	if !ok {
		scheme, rest = "https", folded
	} else {
		value = value[len(scheme)+3:]
	}
	host := rest
	if i := strings.IndexAny(rest, "/?#"); i >= 0 {
		host = rest[:i]
	}
	value = scheme + "://" + host + value[len(host):]
	return Entity{Kind: URL, Start: start, End: end, Value: value, Parts: map[string]string{"host": host}, Confidence: confidence}
}

func halfWidth(r rune) rune {
	if r >= '！' && r <= '～' {
		return r - '！' + '!'
	}
	return r
}

func findEmails(s *source) (all []Entity) {
	for _, m := range mailForm.FindAllStringIndex(s.text, -1) {
		address := s.text[m[0]:m[1]]
		local, domain, _ := strings.Cut(address, "@")
		if strings.Contains(local, "..") || strings.HasSuffix(local, ".") || alphanum(s.after(m[1])) || s.after(m[1]) == '@' {
			continue
		}
		all = append(all, mail(m[0], m[1], local, domain, 0.98))
	}
	for _, m := range spelledMail.FindAllStringSubmatchIndex(s.text, -1) {
		domain := strings.ReplaceAll(s.text[m[4]:m[5]], " dot ", ".") + "." + s.text[m[6]:m[7]]
		all = append(all, mail(m[0], m[1], s.text[m[2]:m[3]], domain, 0.65))
	}
	return all
}

func mail(start, end int, local, domain string, confidence float64) Entity {
	return Entity{
		Kind: Email, Start: start, End: end, Value: local + "@" + domain,
		Parts: map[string]string{"local": local, "domain": domain}, Confidence: confidence,
	}
}
