package nlu

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
)

// ErrNoModel says that bytes are no model this version can read.
var ErrNoModel = errors.New("not a model")

// magic opens a model's bytes and names their layout.
const magic = "everdesk.nlu/1\n"

// heading is the part of a model that is small.
type heading struct {
	Labels   []string `json:"labels"`
	Columns  int      `json:"columns"`
	Frequent int      `json:"frequent"`
	Entries  int      `json:"entries"`
	Networks int      `json:"networks"`
	Hidden   int      `json:"hidden"`
	Heat     float32  `json:"heat"`
	Share    float32  `json:"share"`
	Least    float32  `json:"threshold"`
	Scale    float32  `json:"scale"`
	Report   Report   `json:"report"`
}

// The most a model's bytes may claim, against bytes that are none.
const (
	mostLabels  = math.MaxUint16
	mostColumns = 4 << 20
	mostEntries = 64 << 20
	mostMembers = 16
	mostHidden  = 1024
)

// Marshal returns the model in bytes: what Unmarshal makes of them answers
// exactly as the model does.
func (m *Model) Marshal() ([]byte, error) {
	h := heading{
		Labels: m.labels, Columns: len(m.words.hashes), Frequent: m.words.frequent, Entries: len(m.linear.values), Networks: len(m.networks),
		Hidden: hidden, Heat: m.fitted.heat, Share: m.fitted.share, Least: m.fitted.threshold, Scale: m.linear.scale, Report: m.report,
	}
	head, err := json.Marshal(h)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	out.WriteString(magic)
	// The level is one the package knows.
	packer, _ := flate.NewWriter(&out, flate.BestSpeed)
	w := &writer{packer: packer}
	w.uvarint(uint64(len(head)))
	w.bytes(head)
	w.vocabulary(m.words)
	w.linear(m.linear)
	for _, n := range m.networks {
		w.signed(n.enter)
		w.floats(n.scales, n.enterBias, n.leave, n.outputBias)
	}
	if w.err != nil {
		return nil, w.err
	}
	err = packer.Close()
	return out.Bytes(), err
}

// A writer keeps the first error.
type writer struct {
	packer io.Writer
	small  [binary.MaxVarintLen64]byte
	err    error
}

func (w *writer) bytes(b []byte) {
	if w.err == nil {
		_, w.err = w.packer.Write(b)
	}
}

func (w *writer) uvarint(n uint64) { w.bytes(w.small[:binary.PutUvarint(w.small[:], n)]) }

func (w *writer) floats(lists ...[]float32) {
	var all []byte
	for _, list := range lists {
		for _, f := range list {
			all = binary.LittleEndian.AppendUint32(all, math.Float32bits(f))
		}
	}
	w.bytes(all)
}

func (w *writer) signed(values []int8) {
	all := make([]byte, len(values))
	for i, v := range values {
		all[i] = byte(v)
	}
	w.bytes(all)
}

// vocabulary writes the steps between hashes, and the weights.
func (w *writer) vocabulary(v *vocabulary) {
	before := uint32(0)
	for i, h := range v.hashes {
		if i == v.frequent {
			before = 0
		}
		w.uvarint(uint64(h - before))
		before = h
	}
	grades := make([]byte, len(v.weights))
	for i, weight := range v.weights {
		grades[i] = grade(weight)
	}
	w.bytes(grades)
}

// Weights of features lie between one and three: a byte holds them.
const gradeStep = 1.0 / 100

func grade(weight float32) byte {
	return byte(min(max(math.Round(float64(weight-1)/gradeStep), 0), math.MaxUint8))
}

func ungrade(b byte) float32 { return float32(1 + float64(b)*gradeStep) }

// linear writes, for each column, how many entries it has, and the steps between
// their classes; then all values.
func (w *writer) linear(s *sparse) {
	for i := range len(s.starts) - 1 {
		from, to := s.starts[i], s.starts[i+1]
		w.uvarint(uint64(to - from))
		before := uint16(0)
		for _, c := range s.classes[from:to] {
			w.uvarint(uint64(c - before))
			before = c
		}
	}
	w.signed(s.values)
	w.floats(s.bias)
}

// Unmarshal reads a model that Marshal wrote. Bytes of another kind or version
// give ErrNoModel.
func Unmarshal(data []byte) (*Model, error) {
	rest, ok := bytes.CutPrefix(data, []byte(magic))
	if !ok {
		return nil, ErrNoModel
	}
	m, err := readModel(&reader{from: newByteReader(rest)})
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNoModel, err)
	}
	return m, nil
}
