package knowledge

import (
	"cmp"
	"slices"
	"strings"
	"unicode"

	"everdesk/internal/id"
)

// Found is what an index says about a question.
type Found struct {
	// Candidates are the articles that may answer it, best first.
	Candidates []Candidate
	// Exact says that the first candidate has the question word for word.
	Exact bool
	// Foreign is how far the question lies on the side of matters that are
	// nobody's articles; negative is ours.
	Foreign float32
	// Learned says that a classifier ranked too; else BM25 alone did.
	Learned bool
	// Words counts words, and letters of scripts without spaces.
	Words int
	// Dense says that most of them are such letters.
	Dense bool
}

// A Candidate is an article that may answer a question, with the evidence.
type Candidate struct {
	Article *Article
	// Line is the title or variant that matched best.
	Line string
	// Score is what candidates are ordered by.
	Score float32
	// Ratio is the BM25 score of the best line against what the question
	// itself would score as a line: 1 is the same words.
	Ratio float32
	// Coverage is the share of the question, by rarity of its terms, that the
	// article has anywhere.
	Coverage float32
	// Reverse is the share of the best line that the question has.
	Reverse float32
	// Margin is how far the question lies on the article's side of the
	// classifier, about -1 to 1; zero without one.
	Margin float32
}

// A question is a text as an index sees it.
type question struct {
	terms []int32 // distinct terms the index knows, sorted
	total float32 // idf of all terms, unknown ones included
	self  float32 // what a line of exactly these terms would score
	words int
	dense int // those of scripts without spaces
}

func (x *Index) question(terms []Term) question {
	var q question
	var length float32
	seen := make(map[Term]bool, len(terms))
	for _, t := range terms {
		length += weight[t.Kind]
		if t.Kind == Word || t.Kind == Function || t.Kind == Rune {
			q.words++
		}
		if t.Kind == Rune {
			q.dense++
		}
		if seen[t] {
			continue
		}
		seen[t] = true
		if n, ok := x.ids[t]; ok {
			q.terms = append(q.terms, n)
			q.total += x.idf[n]
		} else {
			q.total += x.rarity(0, t.Kind)
		}
	}
	slices.Sort(q.terms)
	q.total = max(q.total, 1e-6)
	q.self = q.total * (k1 + 1) / (1 + k1*(1-b+b*length/x.asked))
	return q
}

// scratch is one search's working memory.
type scratch struct {
	score   []float32
	touched []int32
}

// A hit is an article's best line.
type hit struct {
	doc, line int32
	score     float32
}

// rank returns the k articles with the best BM25 line.
func (x *Index) rank(q *question, k int) []hit {
	s := x.scratch.Get().(*scratch)
	defer x.scratch.Put(s)
	for _, t := range q.terms {
		for _, p := range x.postings[t] {
			if s.score[p.line] == 0 {
				s.touched = append(s.touched, p.line)
			}
			s.score[p.line] += p.impact
		}
	}
	top := make([]hit, 0, k+1)
	for _, n := range s.touched {
		score := s.score[n]
		s.score[n] = 0
		if len(top) == k && score <= top[k-1].score {
			continue
		}
		top = place(top, hit{x.lines[n].doc, n, score}, k)
	}
	s.touched = s.touched[:0]
	return top
}

// place puts h into top, which is sorted, holds each article once and has at
// most k.
func place(top []hit, h hit, k int) []hit {
	if i := slices.IndexFunc(top, func(t hit) bool { return t.doc == h.doc }); i >= 0 {
		if top[i].score >= h.score {
			return top
		}
		top = slices.Delete(top, i, i+1)
	}
	at, _ := slices.BinarySearchFunc(top, h, compareHits)
	top = slices.Insert(top, at, h)
	return top[:min(len(top), k)]
}

func compareHits(a, b hit) int {
	return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(a.doc, b.doc))
}

// considered is how many articles BM25 hands to the second look.
const considered = 20

// marginWeight is what a classifier's margin counts against BM25's ratio.
const marginWeight = 0.5

// longestQuestion is how much of a text is searched for, in characters: what
// does not ask its question in that many will not ask it better in more.
const longestQuestion = 500

// Search returns up to k articles that may answer text.
func (x *Index) Search(text string, k int) Found {
	if len(text) > longestQuestion {
		if runes := []rune(text); len(runes) > longestQuestion {
			text = string(runes[:longestQuestion])
		}
	}
	q := x.question(x.mend(text))
	found := Found{Words: q.words, Dense: 2*q.dense > q.words}
	var margins []float32
	if x.classifier != nil {
		margins = make([]float32, x.classifier.classes)
		x.classifier.margins(x.vector(q.terms), margins)
		found.Foreign = margins[len(margins)-1]
		found.Learned = len(margins) > 2
	}
	hits := x.rank(&q, max(k, considered))
	exact, isExact := x.exact[bare(text)]
	isExact = isExact && exact != ambiguous
	for _, h := range hits {
		d, l := &x.docs[h.doc], &x.lines[h.line]
		c := Candidate{
			Article: d.article, Line: l.text, Ratio: h.score / q.self,
			Coverage: x.shared(q.terms, d.terms) / q.total,
			Reverse:  x.shared(q.terms, l.terms) / max(l.mass, 1e-6),
		}
		if l.body {
			c.Line = d.article.Title
		}
		if found.Learned {
			c.Margin = margins[h.doc]
		}
		c.Score = c.Ratio + marginWeight*c.Margin
		if isExact && h.doc == exact {
			c.Score, found.Exact = c.Score+10, true
		}
		found.Candidates = append(found.Candidates, c)
	}
	slices.SortStableFunc(found.Candidates, func(a, b Candidate) int { return cmp.Compare(b.Score, a.Score) })
	found.Candidates = found.Candidates[:min(k, len(found.Candidates))]
	return found
}

// shared is the idf of the terms in both sorted lists.
func (x *Index) shared(a, b []int32) (sum float32) {
	for i, j := 0, 0; i < len(a) && j < len(b); {
		switch {
		case a[i] < b[j]:
			i++
		case a[i] > b[j]:
			j++
		default:
			sum += x.idf[a[i]]
			i, j = i+1, j+1
		}
	}
	return sum
}

// bare is text with nothing but its letters and digits.
func bare(text string) string {
	return strings.Map(func(r rune) rune {
		if letterOrDigit(r) {
			return r
		}
		return -1
	}, Fold(text))
}

func letterOrDigit(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

// Article returns a published article by its id, or nil.
func (x *Index) Article(which id.Article) *Article {
	if n, ok := x.numbers[which]; ok && which != 0 {
		return x.docs[n].article
	}
	return nil
}

// Articles returns what the index holds, in the order it was given.
func (x *Index) Articles() []*Article {
	all := make([]*Article, len(x.docs))
	for i := range x.docs {
		all[i] = x.docs[i].article
	}
	return all
}
