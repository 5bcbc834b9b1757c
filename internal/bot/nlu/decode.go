package nlu

import (
	"bufio"
	"bytes"
	"compress/flate"
	"encoding/binary"
	"encoding/json"
	"errors"
	"io"
	"math"
)

// longestHeading bounds what is read before anything is known.
const longestHeading = 64 << 20

var errClaims = errors.New("its parts do not fit each other")

func newByteReader(data []byte) *bufio.Reader {
	return bufio.NewReader(flate.NewReader(bytes.NewReader(data)))
}

func readModel(r *reader) (*Model, error) {
	length := r.uvarint(longestHeading)
	var h heading
	if head := r.bytes(length); r.err == nil {
		r.err = json.Unmarshal(head, &h)
	}
	if r.err != nil {
		return nil, r.err
	}
	if !h.sane() {
		return nil, errClaims
	}
	m := &Model{labels: h.Labels, fitted: fitted{h.Heat, h.Share, h.Least}, report: h.Report}
	m.words = r.vocabulary(h)
	m.linear = r.linear(h)
	for range h.Networks {
		m.networks = append(m.networks, &packed{
			hidden: h.Hidden, classes: len(h.Labels), enter: r.signed(h.Frequent * h.Hidden), scales: r.floats(h.Hidden),
			enterBias: r.floats(h.Hidden), leave: r.floats(h.Hidden * len(h.Labels)), outputBias: r.floats(len(h.Labels)),
		})
	}
	return m, r.err
}

func (h heading) sane() bool {
	return len(h.Labels) >= 2 && len(h.Labels) <= mostLabels && h.Columns >= 0 && h.Columns <= mostColumns &&
		h.Frequent >= 0 && h.Frequent <= h.Columns && h.Entries >= 0 && h.Entries <= mostEntries &&
		h.Networks >= 0 && h.Networks <= mostMembers && h.Hidden > 0 && h.Hidden <= mostHidden
}

// A reader keeps the first error and then reads zeros.
type reader struct {
	from *bufio.Reader
	err  error
}

func (r *reader) uvarint(most uint64) int {
	if r.err != nil {
		return 0
	}
	n, err := binary.ReadUvarint(r.from)
	if err == nil && n > most {
		err = errClaims
	}
	if err != nil {
		r.err = err
		return 0
	}
	return int(n)
}

// bytes reads in slices, so that a claim is not believed before it is kept.
func (r *reader) bytes(n int) []byte {
	const slice = 1 << 20
	var all []byte
	for len(all) < n && r.err == nil {
		part := make([]byte, min(slice, n-len(all)))
		if _, r.err = io.ReadFull(r.from, part); r.err == nil {
			all = append(all, part...)
		}
	}
	return all
}

func (r *reader) signed(n int) []int8 {
	raw := r.bytes(n)
	all := make([]int8, len(raw))
	for i, b := range raw {
		all[i] = int8(b)
	}
	return all
}

func (r *reader) floats(n int) []float32 {
	raw := r.bytes(4 * n)
	all := make([]float32, len(raw)/4)
	for i := range all {
		all[i] = math.Float32frombits(binary.LittleEndian.Uint32(raw[4*i:]))
	}
	return all
}

func (r *reader) vocabulary(h heading) *vocabulary {
	v := &vocabulary{frequent: h.Frequent}
	before := uint32(0)
	for i := range h.Columns {
		if i == h.Frequent {
			before = 0
		}
		before += uint32(r.uvarint(math.MaxUint32))
		if r.err != nil {
			return v
		}
		v.hashes = append(v.hashes, before)
	}
	for _, b := range r.bytes(h.Columns) {
		v.weights = append(v.weights, ungrade(b))
	}
	v.index()
	return v
}

func (r *reader) linear(h heading) *sparse {
	s := &sparse{scale: h.Scale, starts: make([]int32, 1, h.Columns+1)}
	for range h.Columns {
		class := 0
		for range r.uvarint(uint64(len(h.Labels))) {
			class += r.uvarint(mostLabels)
			if r.err == nil && class >= len(h.Labels) {
				r.err = errClaims
			}
			if r.err != nil {
				return s
			}
			s.classes = append(s.classes, uint16(class))
		}
		s.starts = append(s.starts, int32(len(s.classes)))
	}
	if len(s.classes) != h.Entries && r.err == nil {
		r.err = errClaims
	}
	s.values, s.bias = r.signed(h.Entries), r.floats(len(h.Labels))
	return s
}
