package nlu

import (
	"cmp"
	"errors"
	"hash/fnv"
	"slices"
	"strings"
	"unicode"

	"everdesk/internal/knowledge"
	"everdesk/internal/training"
)

// ErrStopped says that Options.Stop ended the training.
var ErrStopped = errors.New("training was stopped")

// An Example is a text of which is known what it wants.
type Example struct{ Text, Label string }

// Options say how to train. The zero value is what the product uses.
type Options struct {
	// Stop is asked now and then whether to give up; nil never does.
	Stop func() bool
	// Plain leaves the networks out: a third of the time, a little less right.
	Plain bool
	// Accept is the share of texts that belong to an intent which shall be
	// recognised as such; what is less certain than the rest is rejected.
	// Default 0.95.
	Accept float64
}

// Train learns to tell the labels of examples apart. The same examples give the
// same model, in whatever order they come and on however many processors.
// Repeated examples count once. There have to be two labels at least, with two
// examples each.
func Train(examples []Example, options Options) (*Model, error) {
	set, err := newSet(examples)
	if err != nil {
		return nil, err
	}
	options = options.filled()
	held, err := set.heldOut(options)
	if err != nil {
		return nil, err
	}
	m, err := set.fit(set.all(), options)
	if err != nil {
		return nil, err
	}
	m.calibrate(held, options)
	m.report = m.tally(held)
	return m, nil
}

func (o Options) filled() Options {
	if o.Stop == nil {
		o.Stop = func() bool { return false }
	}
	o.Accept = cmp.Or(o.Accept, 0.95)
	return o
}

// A set is examples made ready.
type set struct {
	labels []string
	texts  [][]trait
	ys     []int32
}

// tidy folds the examples, leaves out repeated and empty ones, and puts them in
// an order that depends on nothing but themselves: by label, then mixed.
func tidy(examples []Example) []Example {
	type line struct {
		Example
		order uint64
	}
	lines := make([]line, 0, len(examples))
	for _, e := range examples {
		if folded := knowledge.Fold(e.Text); folded != "" {
			h := fnv.New64a()
			// A hash takes every write.
			_, _ = h.Write([]byte(folded))
			lines = append(lines, line{Example{folded, e.Label}, h.Sum64()})
		}
	}
	slices.SortFunc(lines, func(a, b line) int {
		return cmp.Or(cmp.Compare(a.Label, b.Label), cmp.Compare(a.order, b.order), byText(a.Example, b.Example))
	})
	lines = slices.Compact(lines)
	all := make([]Example, len(lines))
	for i, l := range lines {
		all[i] = l.Example
	}
	return all
}

func byText(a, b Example) int { return cmp.Compare(a.Text, b.Text) }

func newSet(examples []Example) (*set, error) {
	s := &set{}
	count := map[string]int{}
	for _, l := range tidy(examples) {
		if count[l.Label]++; count[l.Label] == 1 {
			s.labels = append(s.labels, l.Label)
		}
		s.texts = append(s.texts, traits(l.Text))
		s.ys = append(s.ys, int32(len(s.labels)-1))
	}
	if len(s.labels) < 2 {
		return nil, training.ErrTooFew
	}
	for _, n := range count {
		if n < 2 {
			return nil, training.ErrTooFewTexts
		}
	}
	return s, nil
}

func (s *set) all() []int {
	all := make([]int, len(s.ys))
	for i := range all {
		all[i] = i
	}
	return all
}

// fit learns from the examples at some places.
func (s *set) fit(places []int, options Options) (*Model, error) {
	texts, ys := make([][]trait, 0, len(places)), make([]int32, 0, len(places))
	for _, at := range places {
		texts, ys = append(texts, s.texts[at]), append(ys, s.ys[at])
	}
	// A label's own words are one more example: "lost_parcel" says something.
	for y, label := range s.labels {
		if words := strings.FieldsFunc(label, func(r rune) bool { return !unicode.IsLetter(r) }); len(words) > 0 {
			texts, ys = append(texts, traits(strings.Join(words, " "))), append(ys, int32(y))
		}
	}
	m := &Model{labels: s.labels, words: learnVocabulary(texts)}
	xs := make([]vector, len(texts))
	for i, text := range texts {
		xs[i], _ = m.words.vector(text)
	}
	m.linear = compress(trainLinear(xs, ys, len(m.words.hashes), len(s.labels), options.Stop))
	if !options.Plain {
		for i, x := range xs {
			xs[i] = m.words.often(x)
		}
		for _, n := range trainNetworks(memberCount(m.words.frequent), xs, ys, m.words.frequent, len(s.labels), options.Stop) {
			m.networks = append(m.networks, pack(n))
		}
	}
	if options.Stop() {
		return nil, ErrStopped
	}
	return m, nil
}

// The networks see only frequent features: rare ones tell them nothing and make
// them large. A small vocabulary has room for more of them.
const (
	hidden      = 32
	fewMembers  = 2
	manyMembers = 4
	roomForMany = 25_000
)

func memberCount(frequent int) int {
	if frequent <= roomForMany {
		return manyMembers
	}
	return fewMembers
}
