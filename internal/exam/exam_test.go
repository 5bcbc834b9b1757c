package exam_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"everdesk/internal/bot/nlu"
	"everdesk/internal/exam"
)

func TestLinesAreReadWhateverEndsThem(t *testing.T) {
	got, err := exam.Read(strings.NewReader("\ufeffrefund\tmy money back\r\n\r\ntrack\twhere is it\tnow"))
	if err != nil {
		t.Fatal(err)
	}
	want := []nlu.Example{{Text: "my money back", Label: "refund"}, {Text: "where is it\tnow", Label: "track"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestAMalformedLineIsToldByItsNumber(t *testing.T) {
	for text, want := range map[string]error{
		"a\tb\nno tab here":  exam.ErrNoTab,
		"a\tb\n\ttext":       exam.ErrNoLabel,
		"a\tb\nlabel\t  ":    exam.ErrNoText,
		"a\tb\nlabel\t\xff!": exam.ErrNotUTF8,
	} {
		_, err := exam.Read(strings.NewReader(text))
		if !errors.Is(err, want) || !strings.HasPrefix(err.Error(), ":2: ") {
			t.Errorf("%q gives %v, want line 2 and %v", text, err, want)
		}
	}
	if _, err := exam.Read(strings.NewReader("\n\n")); !errors.Is(err, exam.ErrEmpty) {
		t.Errorf("an empty file gives %v", err)
	}
}

func TestAnExamPrintsExactlyItsFigures(t *testing.T) {
	folder := t.TempDir()
	write := func(name string, lines ...string) string {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, []byte(strings.Join(lines, "\n")), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	files := exam.Files{
		Train: []string{
			write("one.tsv", "refund\tI want my money back", "refund\tplease refund me", "refund\tgive the money back"),
			write("two.tsv", "track\twhere is my parcel", "track\ttrack the parcel", "track\twhere did my package go"),
		},
		Test: write("test.tsv", "refund\tmoney back please", "track\twhere is the parcel"),
		OOS:  write("oos.tsv", "-\tsing me a song"),
	}
	result, err := exam.Run(files)
	if err != nil {
		t.Fatal(err)
	}
	if result.Accuracy != 1 || result.ModelBytes == 0 {
		t.Errorf("got %+v", result)
	}
	var out bytes.Buffer
	if err := result.JSON(&out); err != nil {
		t.Fatal(err)
	}
	var printed map[string]any
	if err := json.Unmarshal(out.Bytes(), &printed); err != nil {
		t.Fatal(err)
	}
	want := []string{
		"accept_rate", "accuracy", "macro_f1", "model_bytes", "oos_precision", "oos_recall", "predict_p50_us", "predict_p99_us", "train_seconds",
	}
	if diff := cmp.Diff(want, slices.Sorted(maps.Keys(printed))); diff != "" {
		t.Error(diff)
	}
	files.Test = filepath.Join(folder, "missing.tsv")
	if _, err := exam.Run(files); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a missing file gives %v", err)
	}
}
