package flow

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"everdesk/internal/connector"
	"everdesk/internal/inbox"
	"everdesk/internal/locale"
)

// Machine walks dialogues. It holds nothing of them.
type Machine struct {
	Book       Book
	Operations connector.Registry
}

// stepper is one step under way.
type stepper struct {
	Machine
	d       Dialogue
	at      time.Time
	seq     int64
	effects []Effect
	visits  int
	again   map[string]int
	// fresh are slots set in this step: an "always" question does not ask for
	// them again.
	fresh map[string]bool
	spoke bool
	made  int
	// nodes are the ones walked, for the trace.
	nodes []string
}

// Step takes an event into a dialogue. It depends on nothing but its arguments
// and the documents of the book, and changes none of them.
func (m Machine) Step(d Dialogue, e Event, at time.Time) (Dialogue, []Effect) {
	s := &stepper{Machine: m, d: copyOf(d), at: at, seq: e.Seq, again: map[string]int{}, fresh: map[string]bool{}}
	s.d.Turn++
	s.expire()
	switch e.Kind {
	case Heard:
		s.heard(e)
	case Called:
		s.called(e)
	case CodeSent:
		s.codeSent(e)
	case Ticked:
		s.ticked(e)
	case Taken:
		s.park()
		s.d.Wait, s.d.Agenda = nil, nil
	case Returned:
		s.returned()
	}
	s.arm()
	return copyOf(s.d), s.effects
}

// expire forgets what has had its time.
func (s *stepper) expire() {
	var proofs []Proof
	for _, p := range s.d.Proofs {
		if p.Until.After(s.at) {
			proofs = append(proofs, p)
		}
	}
	s.d.Proofs = proofs
	var parked []Frame
	for _, f := range s.d.Parked {
		if s.at.Sub(f.Left) < parkedFor {
			parked = append(parked, f)
		}
	}
	s.d.Parked = parked
}

// arm sets the timer of what the dialogue waits for.
func (s *stepper) arm() {
	w := s.d.Wait
	if w == nil {
		return
	}
	kind := Silence
	if w.Kind == WaitCall || w.Kind == WaitCode && w.Hash == "" {
		kind = Progress
	}
	s.effects = append(s.effects, Effect{Kind: SetTimer, Wait: w.ID, Timer: kind, At: w.Due})
}

func (s *stepper) name() string {
	s.made++
	return itoa(int(s.d.Turn)) + "." + itoa(s.made)
}

// top is the frame being walked, with its flow. A version that has gone, which
// must not happen, ends the frame at a person.
func (s *stepper) top() (*Frame, *Program) {
	f := s.d.Top()
	if f == nil {
		return nil, nil
	}
	p, ok := s.Book.Version(f.Hash)
	if !ok {
		s.trouble("version", f.Hash)
		s.handOver("broken", "", nil)
		return nil, nil
	}
	return f, p
}

// The dialogue's own words.
func (s *stepper) phrase(code string, facts map[string]string) string {
	tag := cmp.Or(locale.Match(s.d.Locale), locale.Tags[0])
	return locale.Text(tag, "flow."+code, facts)
}

// both is a phrase in every language of the product, for options.
func both(code string) Text {
	t := Text{}
	for _, tag := range locale.Tags {
		t[tag] = locale.Text(tag, "flow."+code, nil)
	}
	return t
}

func (s *stepper) say(text string) {
	if strings.TrimSpace(text) != "" {
		s.speak(inbox.TextBody(text))
	}
}

func (s *stepper) speak(body inbox.Body) {
	s.spoke = true
	s.effects = append(s.effects, Effect{Kind: Speak, Body: body})
}

// offer says something with the options of a wait as buttons.
func (s *stepper) offer(text string, options []Option) {
	if len(options) == 0 {
		s.say(text)
		return
	}
	choices := make([]inbox.Choice, 0, len(options))
	for _, o := range options {
		label := o.Label.In(s.d.Locale)
		choices = append(choices, inbox.Choice{Label: label, Value: ChoicePrefix + label})
	}
	s.speak(inbox.NewBody(inbox.TypeChoices, &inbox.Choices{Text: brief(text), Choices: choices}))
}

// ChoicePrefix begins the value of a flow's choice, which is neither an article
// nor a person.
const ChoicePrefix = "flow:"

// brief fits a text above buttons.
func brief(text string) string {
	if runes := []rune(text); len(runes) > 2000 {
		return string(runes[:1999]) + "…"
	}
	return text
}

func (s *stepper) trouble(what, detail string) {
	e := Effect{Kind: Trouble, Reason: what, Text: detail}
	if f := s.d.Top(); f != nil {
		e.Flow, e.Hash, e.Node = f.Flow, f.Hash, f.Node
	}
	s.effects = append(s.effects, e)
}

// wait makes the dialogue wait, with a time by which it goes on by itself.
func (s *stepper) wait(w Wait, patience time.Duration) {
	w.ID, w.Since, w.Due = s.name(), s.at, s.at.Add(patience)
	s.d.Wait = &w
}

// scene is what the expressions of a frame see. Values are as they are counted
// with; shows is the same as they are said.
func (s *stepper) scene(f *Frame, p *Program, shows bool) Scene {
	slots, data, verified := map[string]any{}, map[string]any{}, map[string]any{}
	for name := range p.Doc.Slots {
		v, ok := f.Slots[name]
		if !ok {
			continue
		}
		slots[name] = v.V
		if shows && v.Show != nil {
			slots[name] = v.Show.In(s.d.Locale)
		}
	}
	for name, d := range f.Data {
		data[name] = d.V
	}
	for _, proof := range s.d.Proofs {
		verified[proof.Level] = proof.Value
	}
	return Scene{
		"slots": slots, "data": data, "verified": verified, "conv": orNone(s.d.Conv), "customer": orNone(s.d.Customer), "now": s.at,
	}
}

func orNone(m map[string]any) map[string]any {
	if m == nil {
		return map[string]any{}
	}
	return m
}

// text words a text of the frame's flow.
func (s *stepper) text(f *Frame, p *Program, t Text) string {
	if t == nil {
		return ""
	}
	return p.render(t, s.scene(f, p, true), s.d.Locale)
}

// park puts every frame aside, to be taken up again within a day.
func (s *stepper) park() {
	for _, f := range slices.Backward(s.d.Frames) {
		s.parkFrame(f)
	}
	s.d.Frames = nil
}

func (s *stepper) parkFrame(f Frame) {
	f.Left, f.LeftTurn, f.Wait = s.at, s.d.Turn, nil
	s.d.Parked = append(s.d.Parked, f)
	if len(s.d.Parked) > maxParked {
		s.d.Parked = s.d.Parked[1:]
	}
}

// handOver passes the conversation to people: what was open is kept for when it
// comes back.
func (s *stepper) handOver(reason, text string, fields map[string]string) {
	if text == "" {
		text = s.phrase("person", nil)
	}
	s.say(text)
	e := Effect{Kind: GiveUp, Reason: reason, Fields: fields}
	if f := s.d.Top(); f != nil {
		e.Flow, e.Hash, e.Node = f.Flow, f.Hash, f.Node
		if p, ok := s.Book.Version(f.Hash); ok {
			e.Title = p.Doc.Title.In(s.d.Locale)
			e.Fields = s.told(f, p)
		}
	}
	s.park()
	s.d.Wait, s.d.Agenda, s.d.Misses = nil, nil, 0
	s.effects = append(s.effects, e)
}

// told is what the next owner should know: the slots by their names, private
// ones masked.
func (s *stepper) told(f *Frame, p *Program) map[string]string {
	known := map[string]string{}
	scene := s.scene(f, p, true)
	for name, slot := range p.Doc.Slots {
		if _, ok := f.Slots[name]; !ok {
			continue
		}
		text := shown(scene.at("slots."+name), s.d.Locale)
		if slot.Private {
			text = mask(text)
		}
		known[name] = text
	}
	return known
}
