package search

import (
	"cmp"
	"math"
	"slices"

	"everdesk/internal/id"
)

const (
	// usual is the length in tokens that is neither short nor long.
	usual = 16.0
	// headed is what a match in subject, name, ticket or tags counts against one
	// in a message.
	headed = 2.0
	// often is what each doubling of a conversation's matches adds.
	often = 0.3
	// fresh is what being the newest match adds, and fades is after how many
	// newer ones half of that is left.
	fresh, fades = 1.0, 200.0
)

// Rank orders the conversations of a window of matches, given newest first, the
// best first. What counts: where the match is, how much of a short text it is,
// how many there are in the conversation, and how new it is among the others.
// The same window always ranks the same, however old it gets.
func Rank(matches []Match) []Hit {
	places := make(map[id.Conversation]int, len(matches))
	hits := make([]Hit, 0, len(matches))
	for i, m := range matches {
		score := weight(m) + fresh/(1+float64(i)/fades)
		at, known := places[m.Conversation]
		if !known {
			places[m.Conversation] = len(hits)
			hits = append(hits, Hit{Match: m, Matches: 1, Score: score})
			continue
		}
		hit := &hits[at]
		hit.Matches++
		// A line says more than a heading: it is what people recognise.
		if score > hit.Score && (m.Seq > 0 || hit.Seq == 0) || hit.Seq == 0 && m.Seq > 0 {
			hit.Match = m
		}
		hit.Score = max(hit.Score, score)
	}
	for i := range hits {
		hits[i].Score += often * math.Log2(float64(hits[i].Matches))
	}
	slices.SortFunc(hits, func(a, b Hit) int { return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(b.Doc, a.Doc)) })
	return hits
}

// weight is BM25's for a single occurrence in a text of this length.
func weight(m Match) float64 {
	const k, b = 1.2, 0.6
	w := (k + 1) / (1 + k*(1-b+b*float64(m.Length)/usual))
	if m.Seq == 0 {
		return headed * w
	}
	return w
}
