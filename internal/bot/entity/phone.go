package entity

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/nyaruka/phonenumbers"
)

var (
	phoneForm = regexp.MustCompile(`(?:\+ ?)?[(]?\d[\d ()\-.]{5,22}\d`)
	extension = regexp.MustCompile(`^(?: ?(?:转|分机|ext\.?|extension|x) ?)(\d{1,6})`)
	// spoken is a number said digit by digit: 幺三八.
	spoken = regexp.MustCompile(`[幺零〇一二三四五六七八九]{7,12}`)
	// american is the form of numbers of North America. Under another default
	// region the same digits may be valid by chance.
	american = regexp.MustCompile(`^\(\d{3}\) ?\d{3}[-. ]\d{4}$|^\d{3}[-.]\d{3}[-.]\d{4}$`)
	// written is what looks like a phone number and is a day.
	written = regexp.MustCompile(`^(?:19|20)\d\d[-./ ](?:0?[1-9]|1[0-2])[-./ ]\d{1,2}(?:-\d{1,2})?$`)
)

func (f *Finder) findPhones(s *source) (all []Entity) {
	for _, m := range phoneForm.FindAllStringIndex(s.text, -1) {
		start, end := m[0], m[1]
		if b := s.before(start); latin(b) || b == '*' || b == '#' || b == '¥' || b == '$' || b == '€' || b == '£' {
			continue
		}
		if a := s.after(end); a == '*' || latin(a) && !extension.MatchString(s.text[end:]) {
			continue
		}
		all = append(all, f.phones(s, start, end)...)
	}
	for _, m := range spoken.FindAllStringIndex(s.text, -1) {
		plain := spell.Replace(s.text[m[0]:m[1]])
		if e, ok := f.phone(plain, m[0], m[1]); ok && len(plain) >= 10 {
			e.Confidence = 0.85
			all = append(all, e)
		}
	}
	return all
}

var spell = strings.NewReplacer("幺", "1", "零", "0", "〇", "0", "一", "1", "二", "2", "三", "3", "四", "4", "五", "5", "六", "6", "七", "7", "八", "8", "九", "9")

// phones reads a stretch of digits as one number, or as several with spaces
// between them.
func (f *Finder) phones(s *source, start, end int) (all []Entity) {
	if e, ok := f.phone(s.text[start:end], start, end); ok {
		return append(all, extended(s, e))
	}
	for _, w := range group.FindAllStringIndex(s.text[start:end], -1) {
		if e, ok := f.phone(s.text[start+w[0]:start+w[1]], start+w[0], start+w[1]); ok {
			all = append(all, extended(s, e))
		}
	}
	return all
}

var group = regexp.MustCompile(`\+?[\d\-.()]{7,}`)

func (f *Finder) phone(text string, start, end int) (Entity, bool) {
	n := digits(text)
	if n < 7 || n > 15 || written.MatchString(text) {
		return Entity{}, false
	}
	international, confidence := strings.HasPrefix(text, "+"), 0.97
	if !international && strings.HasPrefix(text, "00") {
		text, international = "+"+text[2:], true
	}
	parsed, ok := valid(text, f.region)
	if !international && american.MatchString(text) && f.region != "US" && f.region != "CA" {
		if there, fits := valid(text, "US"); fits {
			parsed, ok, confidence = there, true, 0.65
		}
	}
	if !ok {
		return Entity{}, false
	}
	found := phonenumbers.GetRegionCodeForNumber(parsed)
	if !international && n < 9 {
		confidence = 0.6 // a local number that would be valid by itself
	}
	return Entity{
		Kind: Phone, Start: start, End: end, Value: phonenumbers.Format(parsed, phonenumbers.E164), Confidence: confidence,
		Parts: map[string]string{"region": found, "country": strconv.Itoa(int(parsed.GetCountryCode()))},
	}, true
}

func valid(text, region string) (*phonenumbers.PhoneNumber, bool) {
	parsed, err := phonenumbers.Parse(text, region)
	return parsed, err == nil && phonenumbers.IsValidNumber(parsed)
}

func extended(s *source, e Entity) Entity {
	if m := extension.FindStringSubmatchIndex(s.text[e.End:]); m != nil {
		e.Parts["extension"] = s.text[e.End+m[2] : e.End+m[3]]
		e.End += m[1]
	}
	return e
}
