package knowledge

import (
	"math"
	"slices"
	"strings"
	"sync"

	"everdesk/internal/id"
)

// BM25's constants as measured on short questions: matching once is nearly all,
// and a long line must earn its length.
const (
	k1 = 0.6
	b  = 0.9
)

// weight of a kind of term in scores.
var weight = [...]float32{Word: 1, Pair: 0.1, Rune: 0.5, Bigram: 0.6, Concept: 1.4, Function: 0.3}

// bodyWeight is what a match in an article's body counts against one in its
// title or a variant.
const bodyWeight = 0.4

// Classifiable is the largest number of articles times lines for which a
// classifier is trained: some 250 articles of eight lines, half a second, ten
// megabytes. Above it BM25 ranks alone.
const Classifiable = 500_000

// An Index finds articles by what they are about. It holds one workspace's
// published articles of one language, never changes once built, and is safe
// for any number of goroutines: a changed article means a new Index, swapped in
// whole.
type Index struct {
	docs     []document
	lines    []line
	ids      map[Term]int32
	idf      []float32
	postings [][]posting
	asked    float32 // mean length of titles and variants, at least 1
	written  float32 // mean length of bodies, at least 1
	count    float64 // titles and variants
	exact    map[string]int32
	numbers  map[id.Article]int32
	scratch  sync.Pool
	// classifier tells articles and, as its last class, the background apart.
	// With too many articles it only knows two classes: ours and background.
	classifier *linear
}

// A document is an article as the index knows it.
type document struct {
	article *Article
	terms   []int32 // all distinct terms, body included, sorted
}

// A line is a title, a variant or a body.
type line struct {
	text   string
	terms  []int32 // distinct, sorted
	mass   float32 // idf of the terms
	length float32
	doc    int32
	body   bool
}

type posting struct {
	line   int32
	impact float32
}

// NewIndex builds the index of articles, which must not change afterwards.
// 100,000 short articles take a few seconds.
func NewIndex(articles []*Article) *Index { return NewIndexWithin(articles, Classifiable) }

// NewIndexWithin is NewIndex with another limit for the classifier.
func NewIndexWithin(articles []*Article, limit int) *Index {
	x := &Index{ids: make(map[Term]int32, 4096), exact: map[string]int32{}, numbers: make(map[id.Article]int32, len(articles))}
	for i, a := range articles {
		first := len(x.lines)
		x.add(int32(i), a.Title, false)
		for _, v := range a.Variants {
			x.add(int32(i), v, false)
		}
		if a.Body != "" {
			x.add(int32(i), a.Body, true)
		}
		d := document{article: a}
		x.numbers[a.ID] = int32(i)
		for _, l := range x.lines[first:] {
			d.terms = append(d.terms, l.terms...)
		}
		slices.Sort(d.terms)
		d.terms = slices.Clone(slices.Compact(d.terms))
		x.docs = append(x.docs, d)
	}
	x.weigh()
	x.scratch.New = func() any { return &scratch{score: make([]float32, len(x.lines))} }
	x.learn(limit)
	return x
}

func (x *Index) add(doc int32, text string, body bool) {
	l := line{doc: doc, body: body, text: text}
	for _, t := range Terms(text) {
		l.terms = append(l.terms, x.intern(t))
		l.length += weight[t.Kind]
	}
	slices.Sort(l.terms)
	l.terms = slices.Clip(slices.Compact(l.terms))
	if !body {
		x.remember(text, doc)
	}
	x.lines = append(x.lines, l)
}

func (x *Index) intern(t Term) int32 {
	n, ok := x.ids[t]
	if !ok {
		n = int32(len(x.ids))
		x.ids[t] = n
	}
	return n
}

// ambiguous marks a wording that two articles claim.
const ambiguous = -1

func (x *Index) remember(text string, doc int32) {
	key := bare(text)
	if key == "" {
		return
	}
	if other, ok := x.exact[key]; ok && other != doc {
		doc = ambiguous
	}
	x.exact[key] = doc
}

// weigh sets idf, mean lengths and the impact of each term in each line.
func (x *Index) weigh() {
	df := make([]int32, len(x.ids))
	var asked, written float32
	for _, l := range x.lines {
		if l.body {
			written += l.length
		} else {
			asked += l.length
			x.count++
		}
		for _, t := range l.terms {
			df[t]++
		}
	}
	x.asked = max(asked/float32(max(x.count, 1)), 1)
	x.written = max(written/float32(max(len(x.docs), 1)), 1)
	x.idf = make([]float32, len(x.ids))
	x.postings = make([][]posting, len(x.ids))
	for t, n := range x.ids {
		x.idf[n] = x.rarity(df[n], t.Kind)
		x.postings[n] = make([]posting, 0, df[n])
	}
	for i := range x.lines {
		l := &x.lines[i]
		for _, t := range l.terms {
			l.mass += x.idf[t]
			x.postings[t] = append(x.postings[t], posting{int32(i), x.idf[t] * x.saturation(l)})
		}
	}
}

// rarity is the weight of a term that df of the lines have.
func (x *Index) rarity(df int32, kind TermKind) float32 {
	n, have := x.count, float64(df)
	return weight[kind] * float32(math.Log(1+(max(n-have, 0)+0.5)/(have+0.5)))
}

func (x *Index) saturation(l *line) float32 {
	if l.body {
		return bodyWeight * (k1 + 1) / (1 + k1*(1-b+b*l.length/x.written))
	}
	return (k1 + 1) / (1 + k1*(1-b+b*l.length/x.asked))
}

// learn trains the classifier on titles and variants against the background.
func (x *Index) learn(limit int) {
	var examples []example
	asked := int(x.count)
	classes := len(x.docs) + 1
	if asked*classes > limit {
		classes = 2
	}
	// A sample is plenty for telling ours from the background.
	every := 1
	if classes == 2 {
		every = max(1, asked/4000)
	}
	for i, l := range x.lines {
		if l.body || i%every != 0 || len(l.terms) == 0 {
			continue
		}
		class := 0
		if classes > 2 {
			class = int(l.doc)
		}
		examples = append(examples, example{x.vector(l.terms), class})
	}
	if classes > 2 {
		examples = append(examples, x.sentences()...)
	}
	if len(examples) == 0 {
		return
	}
	for _, terms := range background() {
		if x.claims(terms) {
			continue
		}
		examples = append(examples, example{x.vector(x.distinct(terms)), classes - 1})
	}
	x.classifier = fit(examples, len(x.ids), classes)
}

// mostSentences keeps a long article from outweighing short answers.
const mostSentences = 20

// sentences are examples too: an answer's words tell what is asked.
func (x *Index) sentences() (all []example) {
	for class, d := range x.docs {
		for n, s := range strings.FieldsFunc(d.article.Body, endsSentence) {
			if n == mostSentences {
				break
			}
			if terms := x.distinct(Terms(s)); len(terms) > 3 {
				all = append(all, example{x.vector(terms), class})
			}
		}
	}
	return all
}

func endsSentence(r rune) bool { return strings.ContainsRune(".;:!?\n。；：！？", r) }

// claims reports whether some article speaks of what a background line does.
func (x *Index) claims(terms []Term) bool {
	q := x.question(terms)
	found := x.rank(&q, 1)
	return len(found) > 0 && found[0].score > claimed*q.self
}

// claimed is the share of its own score from which a background line is taken
// for this workspace's business.
const claimed = 0.55

// distinct interns the terms of a text that is no line, sorted.
func (x *Index) distinct(terms []Term) []int32 {
	all := make([]int32, 0, len(terms))
	for _, t := range terms {
		n := x.intern(t)
		if int(n) == len(x.idf) {
			x.idf = append(x.idf, x.rarity(0, t.Kind))
			x.postings = append(x.postings, nil)
		}
		all = append(all, n)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// vector weighs all terms the same: the classifier finds out by itself which
// ones matter.
func (x *Index) vector(terms []int32) vector {
	v := vector{terms, make([]float32, len(terms))}
	one := float32(1 / math.Sqrt(float64(max(len(terms), 1))))
	for i := range v.values {
		v.values[i] = one
	}
	return v
}

// Len returns how many articles the index holds.
func (x *Index) Len() int { return len(x.docs) }
