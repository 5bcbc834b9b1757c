package nlu

import (
	"cmp"
	"math"
	"slices"
)

// A vector is a text in numbers: columns in rising order and their values.
type vector struct {
	columns []int32
	values  []float32
}

// A vocabulary gives features their columns.
type vocabulary struct {
	column map[uint32]int32
	// hashes and weights are those of the columns: the frequent ones first, then
	// the others, hashes rising in each part.
	hashes   []uint32
	frequent int
	weights  []float32
}

// damping is the power of the inverse document frequency: rare features weigh
// more, but not by as much as in retrieval. Letters of scripts without spaces
// all weigh the same.
const damping = 0.3

// often is how many texts a frequent feature occurs in.
const often = 2

// groupWeight is how much a group says, relative to the others.
var groupWeight = [groups]float64{wordGroup: 1, letterGroup: 1, meaningGroup: 0.5}

// learnVocabulary takes the features of texts.
func learnVocabulary(texts [][]trait) *vocabulary {
	type count struct {
		texts, last int32
		solid       bool
	}
	seen := map[uint32]*count{}
	for i, text := range texts {
		for _, t := range text {
			c := seen[t.hash]
			if c == nil {
				c = &count{solid: t.solid}
				seen[t.hash] = c
			}
			if c.last != int32(i+1) {
				c.last = int32(i + 1)
				c.texts++
			}
		}
	}
	v := &vocabulary{}
	for h := range seen {
		v.hashes = append(v.hashes, h)
	}
	slices.SortFunc(v.hashes, func(a, b uint32) int {
		return cmp.Or(cmp.Compare(min(seen[b].texts, often), min(seen[a].texts, often)), cmp.Compare(a, b))
	})
	v.frequent, _ = slices.BinarySearchFunc(v.hashes, often, func(h uint32, least int32) int {
		if seen[h].texts >= least {
			return -1
		}
		return 1
	})
	v.weights = make([]float32, len(v.hashes))
	for i, h := range v.hashes {
		v.weights[i] = 1
		if c := seen[h]; !c.solid {
			rarity := math.Log(float64(1+len(texts))/float64(1+c.texts)) + 1
			// As it comes back from storage.
			v.weights[i] = ungrade(grade(float32(math.Pow(rarity, damping))))
		}
	}
	v.index()
	return v
}

func (v *vocabulary) index() {
	v.column = make(map[uint32]int32, len(v.hashes))
	for i, h := range v.hashes {
		v.column[h] = int32(i)
	}
}

// vector weighs the features the vocabulary has. known is the share of a text's
// features that it has.
func (v *vocabulary) vector(text []trait) (x vector, known float64) {
	type entry struct {
		column int32
		group  uint8
	}
	entries := make([]entry, 0, len(text))
	for _, t := range text {
		if c, ok := v.column[t.hash]; ok {
			entries = append(entries, entry{c, t.group})
		}
	}
	slices.SortFunc(entries, func(a, b entry) int { return int(a.column - b.column) })
	x = vector{make([]int32, 0, len(entries)), make([]float32, 0, len(entries))}
	belongs := make([]uint8, 0, len(entries))
	var squares [groups]float64
	for i := 0; i < len(entries); {
		j := i + 1
		for j < len(entries) && entries[j].column == entries[i].column {
			j++
		}
		value := float64(v.weights[entries[i].column])
		if j-i > 1 {
			value *= 1 + math.Log(float64(j-i))
		}
		x.columns, x.values = append(x.columns, entries[i].column), append(x.values, float32(value))
		belongs = append(belongs, entries[i].group)
		squares[entries[i].group] += value * value
		i = j
	}
	present := 0.0
	for g, s := range squares {
		if s > 0 {
			present += groupWeight[g] * groupWeight[g]
		}
	}
	for i, g := range belongs {
		x.values[i] *= float32(groupWeight[g] / math.Sqrt(squares[g]*present))
	}
	return x, float64(len(entries)) / float64(max(len(text), 1))
}

// often is the part of a vector in frequent columns.
func (v *vocabulary) often(x vector) vector {
	n, _ := slices.BinarySearch(x.columns, int32(v.frequent))
	return vector{x.columns[:n], x.values[:n]}
}
