// Package locale speaks the product's languages.
package locale

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// The languages the product itself speaks.
const (
	Chinese = "zh-CN"
	English = "en"
)

// Tags are the product's languages; the first is the default.
var Tags = []string{Chinese, English}

// Match returns the product's language for a BCP 47 tag, or "".
func Match(tag string) string {
	primary, _, _ := strings.Cut(strings.ToLower(strings.TrimSpace(tag)), "-")
	switch primary {
	case "zh":
		return Chinese
	case "en":
		return English
	}
	return ""
}

// Negotiate returns the best of the product's languages for an Accept-Language
// header. Somebody who asks for neither gets English, somebody who asks for
// nothing the default.
func Negotiate(header string) string {
	if strings.TrimSpace(header) == "" {
		return Tags[0]
	}
	type wish struct {
		tag     string
		quality float64
	}
	var wishes []wish
	for part := range strings.SplitSeq(header, ",") {
		tag, parameter, _ := strings.Cut(part, ";")
		quality := 1.0
		if q, ok := strings.CutPrefix(strings.TrimSpace(parameter), "q="); ok {
			if parsed, err := strconv.ParseFloat(q, 64); err == nil {
				quality = parsed
			}
		}
		if matched := Match(tag); matched != "" && quality > 0 {
			wishes = append(wishes, wish{matched, quality})
		}
	}
	if len(wishes) == 0 {
		return English
	}
	slices.SortStableFunc(wishes, func(a, b wish) int { return cmp.Compare(b.quality, a.quality) })
	return wishes[0].tag
}
