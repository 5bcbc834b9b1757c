package nlu_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"everdesk/internal/bot/nlu"
)

// labelled reads label<TAB>text lines.
func labelled(t testing.TB, path string) (all []nlu.Example) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for l := range strings.Lines(string(data)) {
		label, text, _ := strings.Cut(strings.TrimRight(l, "\n"), "\t")
		all = append(all, nlu.Example{Text: text, Label: label})
	}
	return all
}

func trained(t testing.TB, examples []nlu.Example, options nlu.Options) *nlu.Model {
	t.Helper()
	m, err := nlu.Train(examples, options)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestTheSameExamplesMakeTheSameModelInAnyOrder(t *testing.T) {
	examples := labelled(t, "testdata/intents.train.zh-CN.tsv")[:280]
	first, err := trained(t, examples, nlu.Options{}).Marshal()
	if err != nil {
		t.Fatal(err)
	}
	slices.Reverse(examples)
	again, err := trained(t, append(examples, examples[7]), nlu.Options{}).Marshal()
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(first, again) {
		t.Error("another order made another model")
	}
}

func TestAModelReadsTheSameAfterStorage(t *testing.T) {
	examples := labelled(t, "testdata/intents.train.zh-CN.tsv")[:280]
	m := trained(t, examples, nlu.Options{})
	data, err := m.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	stored, err := nlu.Unmarshal(data)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(m.Report(), stored.Report()); diff != "" {
		t.Error(diff)
	}
	for _, e := range append(labelled(t, "testdata/intents.dev.zh-CN.tsv"), nlu.Example{}, nlu.Example{Text: "where is my parcel 12345?"}) {
		if diff := cmp.Diff(m.Read(e.Text), stored.Read(e.Text)); diff != "" {
			t.Fatalf("%q: %s", e.Text, diff)
		}
	}
}

func TestProbabilitiesAreOfTheLabelsAndAddUp(t *testing.T) {
	m := trained(t, labelled(t, "testdata/intents.train.zh-CN.tsv")[:84], nlu.Options{})
	for _, text := range []string{"查物流", "我要退款", "", "😂", strings.Repeat("查物流", 5000)} {
		sum, before := 0.0, 1.0
		guesses := m.Read(text).Guesses
		for _, g := range guesses {
			if g.Probability > before || !slices.Contains(m.Labels(), g.Label) {
				t.Errorf("%.20q: %v is out of order or no label", text, guesses)
			}
			before = g.Probability
			sum += g.Probability
		}
		if len(guesses) != 3 || sum < 0.999 || sum > 1.001 {
			t.Errorf("%.20q: %v does not add up", text, guesses)
		}
	}
}

func TestTooLittleIsRefused(t *testing.T) {
	for name, examples := range map[string][]nlu.Example{
		"nothing":                     nil,
		"one label":                   {{Text: "a", Label: "x"}, {Text: "b", Label: "x"}},
		"one example of a label":      {{Text: "a", Label: "x"}, {Text: "b", Label: "x"}, {Text: "c", Label: "y"}},
		"the same example once again": {{Text: "a", Label: "x"}, {Text: "b", Label: "x"}, {Text: "c", Label: "y"}, {Text: " C ", Label: "y"}},
	} {
		if _, err := nlu.Train(examples, nlu.Options{}); err == nil {
			t.Errorf("%s made a model", name)
		}
	}
}

func TestStoppingEndsTheTraining(t *testing.T) {
	_, err := nlu.Train(labelled(t, "testdata/intents.train.zh-CN.tsv"), nlu.Options{Stop: func() bool { return true }})
	if err != nlu.ErrStopped { //nolint:errorlint // it is the very one
		t.Errorf("training ended with %v", err)
	}
}

func FuzzUnmarshal(f *testing.F) {
	m := trained(f, []nlu.Example{{Text: "a b", Label: "x"}, {Text: "b c", Label: "x"}, {Text: "c", Label: "y"}, {Text: "d", Label: "y"}}, nlu.Options{})
	data, err := m.Marshal()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Add([]byte("everdesk.nlu/1\n"))
	f.Add(data[:len(data)/2])
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := nlu.Unmarshal(data)
		if err != nil {
			return
		}
		if _, err := m.Marshal(); err != nil {
			t.Error(err)
		}
	})
}

func FuzzRead(f *testing.F) {
	m := trained(f, []nlu.Example{{Text: "where is it", Label: "x"}, {Text: "b c", Label: "x"}, {Text: "查物流", Label: "y"}, {Text: "d", Label: "y"}}, nlu.Options{})
	for _, seed := range []string{"", "where?", "查 物流 123", "Ünïcödé", "مرحبا", "\xff"} {
		f.Add(seed)
	}
	f.Fuzz(func(_ *testing.T, text string) { m.Read(text) })
}
