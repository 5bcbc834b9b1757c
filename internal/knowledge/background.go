package knowledge

import (
	_ "embed"
	"iter"
	"strings"
	"sync"
)

//go:embed background/en.txt
var backgroundEN string

//go:embed background/zh.txt
var backgroundZH string

// background returns the terms of lines that are nobody's articles: weather,
// trivia, other people's trades. Both languages at once, because a Chinese desk
// is asked English trivia too.
var background = sync.OnceValue(func() [][]Term {
	var all [][]Term
	for text := range Ordinary() {
		if terms := Terms(text); len(terms) > 0 {
			all = append(all, terms)
		}
	}
	return all
})

// Ordinary yields the lines of the background, in English and in Chinese: what
// people type anywhere.
func Ordinary() iter.Seq[string] {
	return func(yield func(string) bool) {
		for _, file := range []string{backgroundEN, backgroundZH} {
			for text := range strings.Lines(file) {
				if !strings.HasPrefix(text, "#") && !yield(strings.TrimSpace(text)) {
					return
				}
			}
		}
	}
}
