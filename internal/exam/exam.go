// Package exam measures on labelled files how well the bot tells intents apart.
package exam

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"everdesk/internal/bot/nlu"
)

// Errors of reading a labelled file.
var (
	ErrNoTab   = errors.New("want label<TAB>text")
	ErrNoLabel = errors.New("the label is empty")
	ErrNoText  = errors.New("the text is empty")
	ErrNotUTF8 = errors.New("not UTF-8")
	ErrEmpty   = errors.New("the file has no line")
)

// Files name what to learn from and what to be asked. Each has lines of
// label<TAB>text.
type Files struct {
	Train []string
	Test  string
	// OOS holds texts that belong to no label; "" for none. Their labels are
	// not looked at.
	OOS string
}

// Result is what an exam prints. Shares are between 0 and 1.
type Result struct {
	// Accuracy and MacroF1 are of the first guesses, whether or not they would
	// have been rejected.
	Accuracy float64 `json:"accuracy"`
	MacroF1  float64 `json:"macro_f1"`
	// OOSRecall is the share of foreign texts rejected, OOSPrecision the share
	// of foreign ones among all rejected; null without an OOS file.
	OOSRecall    *float64 `json:"oos_recall"`
	OOSPrecision *float64 `json:"oos_precision"`
	// AcceptRate is the share of the test that was not rejected.
	AcceptRate   float64 `json:"accept_rate"`
	TrainSeconds float64 `json:"train_seconds"`
	PredictP50   float64 `json:"predict_p50_us"`
	PredictP99   float64 `json:"predict_p99_us"`
	ModelBytes   int     `json:"model_bytes"`
}

// Run trains, stores the model, reads it back, and asks it.
func Run(files Files) (Result, error) {
	var examples []nlu.Example
	for _, name := range files.Train {
		more, err := readFile(name)
		if err != nil {
			return Result{}, err
		}
		examples = append(examples, more...)
	}
	test, err := readFile(files.Test)
	if err != nil {
		return Result{}, err
	}
	var foreign []nlu.Example
	if files.OOS != "" {
		if foreign, err = readFile(files.OOS); err != nil {
			return Result{}, err
		}
	}
	start := time.Now()
	m, err := nlu.Train(examples, nlu.Options{})
	if err != nil {
		return Result{}, fmt.Errorf("training: %w", err)
	}
	r := Result{TrainSeconds: time.Since(start).Seconds()}
	data, err := m.Marshal()
	if err != nil {
		return Result{}, err
	}
	if m, err = nlu.Unmarshal(data); err != nil {
		return Result{}, err
	}
	r.ModelBytes = len(data)
	r.ask(m, test, foreign)
	return r, nil
}

func (r *Result) ask(m *nlu.Model, test, foreign []nlu.Example) {
	report := m.Judge(test)
	r.Accuracy, r.MacroF1 = report.Accuracy(), report.MacroF1()
	rejected := 0
	took := make([]float64, len(test))
	for i, e := range test {
		start := time.Now()
		reading := m.Read(e.Text)
		took[i] = float64(time.Since(start).Nanoseconds()) / 1000
		if reading.Rejected() {
			rejected++
		}
	}
	slices.Sort(took)
	r.PredictP50, r.PredictP99 = took[len(took)/2], took[len(took)*99/100]
	r.AcceptRate = 1 - float64(rejected)/float64(len(test))
	if foreign == nil {
		return
	}
	caught := 0
	for _, e := range foreign {
		if m.Read(e.Text).Rejected() {
			caught++
		}
	}
	recall, precision := float64(caught)/float64(len(foreign)), 0.0
	if caught > 0 {
		precision = float64(caught) / float64(caught+rejected)
	}
	r.OOSRecall, r.OOSPrecision = &recall, &precision
}

// JSON prints the result as one object.
func (r Result) JSON(w io.Writer) error {
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	return encoder.Encode(r)
}

// Text prints the result for people.
func (r Result) Text(w io.Writer) error {
	if _, err := fmt.Fprintf(w, "accuracy       %.2f %%\nmacro F1       %.4f\naccepted       %.2f %%\n", 100*r.Accuracy, r.MacroF1, 100*r.AcceptRate); err != nil {
		return err
	}
	if r.OOSRecall != nil {
		if _, err := fmt.Fprintf(w, "OOS recall     %.2f %%\nOOS precision  %.2f %%\n", 100**r.OOSRecall, 100**r.OOSPrecision); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintf(w, "training       %.2f s\nprediction     p50 %.1f µs, p99 %.1f µs\nmodel          %d bytes\n", r.TrainSeconds, r.PredictP50, r.PredictP99, r.ModelBytes)
	return err
}

func readFile(name string) ([]nlu.Example, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }() // it was only read
	examples, err := Read(file)
	if err != nil {
		return nil, fmt.Errorf("%s%w", name, err)
	}
	return examples, nil
}

// longestLine is how long one line may be, in bytes.
const longestLine = 1 << 20

// Read reads label<TAB>text lines. Empty lines are passed over; what else is
// wrong is told with the number of its line.
func Read(from io.Reader) ([]nlu.Example, error) {
	var all []nlu.Example
	lines := bufio.NewScanner(from)
	lines.Buffer(nil, longestLine)
	number := 0
	for lines.Scan() {
		number++
		line := strings.TrimSuffix(lines.Text(), "\r")
		if number == 1 {
			line = strings.TrimPrefix(line, "\ufeff")
		}
		if strings.TrimSpace(line) == "" {
			continue
		}
		example, err := parse(line)
		if err != nil {
			return nil, fmt.Errorf(":%d: %w", number, err)
		}
		all = append(all, example)
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf(":%d: %w", number+1, err)
	}
	if len(all) == 0 {
		return nil, fmt.Errorf(": %w", ErrEmpty)
	}
	return all, nil
}

func parse(line string) (nlu.Example, error) {
	label, text, found := strings.Cut(line, "\t")
	label, text = strings.TrimSpace(label), strings.TrimSpace(text)
	switch {
	case !utf8.ValidString(line):
		return nlu.Example{}, ErrNotUTF8
	case !found:
		return nlu.Example{}, ErrNoTab
	case label == "":
		return nlu.Example{}, ErrNoLabel
	case text == "":
		return nlu.Example{}, ErrNoText
	}
	return nlu.Example{Text: text, Label: label}, nil
}
