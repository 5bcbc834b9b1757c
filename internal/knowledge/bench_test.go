package knowledge_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"everdesk/internal/knowledge"
)

// invented returns n articles of words drawn so that a few are common and most
// are rare, half of them Chinese, and questions made of their words.
func invented(n int) (articles []*knowledge.Article, questions []string) {
	random := rand.New(rand.NewPCG(1, uint64(n)))
	words := rand.NewZipf(random, 1.1, 8, 20_000)
	letters := rand.NewZipf(random, 1.1, 20, 3_000)
	sentence := func(chinese bool, length int) string {
		var b strings.Builder
		for range length {
			if chinese {
				b.WriteRune(rune(0x4e00 + letters.Uint64()))
			} else {
				fmt.Fprintf(&b, "w%s ", strings.Map(func(r rune) rune { return r - '0' + 'a' }, fmt.Sprint(words.Uint64())))
			}
		}
		return b.String()
	}
	for i := range n {
		chinese := i%2 == 0
		a := article(fmt.Sprint(i), sentence(chinese, 6+random.IntN(8)), sentence(chinese, 4+random.IntN(8)))
		articles = append(articles, a)
		if len(questions) < 2000 {
			questions = append(questions, a.Title[:len(a.Title)/6*3]+sentence(chinese, 3))
		}
	}
	return articles, questions
}

func BenchmarkSearch(b *testing.B) {
	for _, n := range []int{10_000, 100_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			articles, questions := invented(n)
			x := knowledge.NewIndex(articles)
			took := make([]time.Duration, 0, b.N)
			i := 0
			for b.Loop() {
				started := time.Now()
				x.Search(questions[i%len(questions)], 5)
				took = append(took, time.Since(started))
				i++
			}
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)/2].Microseconds()), "p50-us")
			b.ReportMetric(float64(took[len(took)*99/100].Microseconds()), "p99-us")
		})
	}
}

func BenchmarkBuild(b *testing.B) {
	for _, n := range []int{100, 400, 10_000, 100_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			articles, _ := invented(n)
			for b.Loop() {
				knowledge.NewIndex(articles)
			}
		})
	}
}
