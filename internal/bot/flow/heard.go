package flow

import (
	"slices"

	"everdesk/internal/connector"
)

// heard takes a message in. Whatever order the commands came in, they are done
// in this one, and something always comes of it.
func (s *stepper) heard(e Event) {
	s.d.Cursor = max(s.d.Cursor, e.Seq)
	if e.Locale != "" {
		s.d.Locale = e.Locale
	}
	if e.Customer != nil {
		s.d.Customer = e.Customer
	}
	if e.Conv != nil {
		s.d.Conv = e.Conv
	}
	of := func(kinds ...CommandKind) (found []Command) {
		for _, c := range e.Commands {
			if slices.Contains(kinds, c.Kind) {
				found = append(found, c)
			}
		}
		return found
	}
	if len(of(DoPerson)) > 0 {
		s.handOver("asked_for_person", "", nil)
		return
	}
	if w := s.d.Wait; w != nil && w.Kind == WaitCall {
		s.busy(of)
		return
	}
	done := s.steer(of(DoCancel, DoBack, DoRepeat, DoWhy, DoResend))
	if !done {
		// What is said of slots goes before a yes: "yes, but to the office" is none.
		starts := of(DoStart)
		sets := of(DoSet, DoCorrect)
		done = s.set(sets, len(starts) > 0)
		if !done {
			done = s.answer(of(DoCode, DoAffirm, DoDeny, DoChoose))
		}
		done = s.start(starts, sets) || done
		done = s.inline(of(DoAnswer), done) || done
		if clarify := of(DoClarify); !done && len(clarify) > 0 {
			done = s.clarify(clarify[0])
		}
	}
	if !done {
		s.unknown()
	}
	s.run()
	s.react()
}

// react sees to it that no message is met with silence: something was said, or
// something is under way that will be told of.
func (s *stepper) react() {
	acts := slices.ContainsFunc(s.effects, func(e Effect) bool { return e.Kind == Invoke || e.Kind == SendCode })
	switch {
	case s.spoke || acts:
	case s.d.Wait != nil:
		s.ask()
	default:
		s.say(s.phrase("not_understood", nil))
	}
}

// busy answers while a call is under way.
func (s *stepper) busy(of func(...CommandKind) []Command) {
	op, _ := s.Operations.Operation(s.d.Wait.Op)
	if len(of(DoCancel)) > 0 && op.Effect != connector.Write {
		s.d.Wait = nil
		s.cancel()
		s.run()
		return
	}
	for _, c := range of(DoStart) {
		if p, ok := s.Book.Flow(c.Flow); ok && (s.d.Top() == nil || s.d.Top().Flow != c.Flow) {
			s.later(p, nil)
		}
	}
	for _, c := range of(DoAnswer) {
		s.speak(c.Body)
	}
	s.say(s.phrase("busy", nil))
}

// steer does what customers can say at any time.
func (s *stepper) steer(commands []Command) bool {
	if len(commands) == 0 || !s.d.Active() {
		return false
	}
	w := s.d.Wait
	switch c := commands[0]; c.Kind {
	case DoCancel:
		if w != nil && (w.Kind == WaitSwitch || w.Kind == WaitResume) {
			return s.answer([]Command{{Kind: DoDeny}})
		}
		s.cancel()
	case DoBack:
		s.stepBack()
	case DoRepeat:
		s.ask()
	case DoWhy:
		if _, p := s.top(); p != nil {
			s.say(s.phrase("why", map[string]string{"flow": p.Doc.Title.In(s.d.Locale)}))
		}
		s.ask()
	case DoResend:
		if w == nil || w.Kind != WaitCode {
			return false
		}
		s.resend()
	}
	return true
}

// resend sends another code; the one before is good for nothing then.
func (s *stepper) resend() {
	_, p := s.top()
	if p == nil {
		return
	}
	w := *s.d.Wait
	s.wait(Wait{Kind: WaitCode, Node: w.Node, Level: w.Level, Subject: w.Subject, Tries: w.Tries}, progressAfter)
	s.sendCode(p)
}

// set takes what was told for slots into the frame being walked: an answer to
// the open question, or a correction of something told before. What fits no
// slot of it waits for the flow that is about to start.
func (s *stepper) set(commands []Command, starting bool) bool {
	f, p := s.top()
	if f == nil || len(commands) == 0 {
		return false
	}
	done := false
	var later []Command
	for _, c := range commands {
		name := s.slotFor(f, p, c)
		if name == "" {
			continue
		}
		if w := s.d.Wait; w != nil && w.Kind == WaitSlot && w.Slot == name {
			later = append(later, c) // corrections first, the answer then
			continue
		}
		_, filled := f.Slots[name]
		switch {
		case filled && sameJSON(f.Slots[name].V, s.merged(f, name, c).V):
			if c.Kind == DoCorrect {
				done = true
			}
		case filled && (!starting || c.Kind == DoCorrect):
			if s.correct(f, p, name, s.merged(f, name, c)) {
				s.d.Wait = nil
			}
			done = true
		case !filled && !starting:
			// Told before it was asked.
			v := s.valueOf(c)
			f.set(name, v)
			s.share(p, name, v)
			s.fresh[name] = true
			if w := s.d.Wait; w != nil && w.Kind == WaitKeep && w.Slot == name {
				s.d.Wait = nil
				f.Node = w.Node
			}
			done = true
		}
	}
	for _, c := range later {
		done = s.answered(f, p, c) || done
	}
	return done
}

func (s *stepper) valueOf(c Command) Value {
	return Value{V: c.Value, Raw: c.Raw, Seq: s.seq, Source: firstOf(c.Source, "customer"), At: s.at}
}

// merged is the value a correction makes of what was there: part of an address
// replaces that part.
func (s *stepper) merged(f *Frame, name string, c Command) Value {
	v := s.valueOf(c)
	if c.Type == "address" {
		v.V = mergeAddress(f.Slots[name].V, c.Value)
	}
	return v
}

// slotFor finds the slot a value is for: the one named, the one asked for if
// the type fits, else one of the type, filled before empty.
func (s *stepper) slotFor(f *Frame, p *Program, c Command) string {
	if c.Slot != "" {
		if _, known := p.Doc.Slots[c.Slot]; known {
			return c.Slot
		}
		return ""
	}
	if w := s.d.Wait; w != nil && w.Slot != "" && fits(p.Doc.Slots[w.Slot], c) && c.Kind != DoCorrect {
		return w.Slot
	}
	empty := ""
	for _, name := range sorted(p.Doc.Slots) {
		if !fits(p.Doc.Slots[name], c) {
			continue
		}
		if _, filled := f.Slots[name]; filled {
			return name
		}
		if empty == "" {
			empty = name
		}
	}
	return empty
}

func fits(slot Slot, c Command) bool {
	if partial, ok := c.Value.(map[string]any); ok && partial["partial"] == true && c.Kind != DoCorrect {
		return false
	}
	return slot.Type == c.Type
}

// answered takes the answer to the open question.
func (s *stepper) answered(f *Frame, p *Program, c Command) bool {
	w := s.d.Wait
	if w == nil {
		return false
	}
	n := p.Doc.Nodes[w.Node]
	v := s.valueOf(c)
	if !s.valid(f, p, w.Slot, v) {
		if w.Tries++; w.Tries >= tries(n) {
			s.leave(n.Giveup)
			return true
		}
		if text := s.text(f, p, p.Doc.Slots[w.Slot].Invalid); text != "" {
			s.say(text)
		} else {
			s.say(s.question(f, p, n))
		}
		w.Due = s.at.Add(p.silence())
		return true
	}
	f.set(w.Slot, v)
	s.share(p, w.Slot, v)
	s.fresh[w.Slot] = true
	s.leave(n.Next)
	return true
}

func tries(n *Node) int {
	if n.Tries > 0 {
		return n.Tries
	}
	return usualTry
}

// leave ends the wait and goes on at a node.
func (s *stepper) leave(node string) {
	s.d.Wait, s.d.Misses = nil, 0
	if f := s.d.Top(); f != nil {
		f.Node = node
	}
}

// inline says answers to questions in between, and comes back to what was open.
func (s *stepper) inline(answers []Command, done bool) bool {
	for _, c := range answers {
		s.speak(c.Body)
	}
	if len(answers) > 0 && !done && s.d.Wait != nil {
		s.ask()
	}
	return len(answers) > 0
}

// clarify asks which of a few flows was meant.
func (s *stepper) clarify(c Command) bool {
	var options []Option
	for _, key := range c.Flows {
		if p, ok := s.Book.Flow(key); ok {
			options = append(options, Option{Value: key, Label: p.Doc.Title})
		}
	}
	if len(options) == 0 || s.d.Wait != nil && s.d.Wait.Kind == WaitClarify {
		return false
	}
	under := s.d.Wait
	s.wait(Wait{Kind: WaitClarify, Options: options, Under: under}, usualSilence)
	s.offer(s.phrase("clarify", nil), options)
	return true
}

// unknown is a message of which nothing could be made. It is asked again, a few
// times; then the flow's own way out is taken.
func (s *stepper) unknown() {
	w := s.d.Wait
	s.d.Misses++
	if w == nil {
		return
	}
	w.Tries++
	f, p := s.top()
	if f == nil {
		s.d.Wait = nil
		s.handOver("misunderstood", "", nil)
		return
	}
	n := p.Doc.Nodes[w.Node]
	switch {
	case w.Kind == WaitCode && w.Tries >= CodeTries:
		s.leave(n.Fail)
	case w.Kind == WaitCode:
		s.say(s.phrase("code_wanted", nil))
	case w.Tries < tries(nodeOr(n)):
		if again := p.Doc.Slots[w.Slot].Again; w.Kind == WaitSlot && again != nil {
			s.say(s.text(f, p, again))
		} else {
			s.say(s.phrase("not_understood", nil))
			s.ask()
		}
		w.Due = s.at.Add(p.silence())
	case w.Kind == WaitSlot || w.Kind == WaitChoice || w.Kind == WaitConfirm:
		s.leave(n.Giveup)
	case w.Kind == WaitGuide:
		s.leave(n.Stuck)
	case w.Kind == WaitSurvey:
		s.leave(n.Next)
	default:
		s.handOver("misunderstood", "", nil)
	}
}

func nodeOr(n *Node) *Node {
	if n == nil {
		return &Node{}
	}
	return n
}

// ask says the open question again.
func (s *stepper) ask() {
	w := s.d.Wait
	f, p := s.top()
	if w == nil || f == nil {
		if w != nil && w.Kind == WaitClarify {
			s.offer(s.phrase("clarify", nil), w.Options)
		}
		return
	}
	n := p.Doc.Nodes[w.Node]
	switch w.Kind {
	case WaitSlot:
		s.say(s.question(f, p, n))
	case WaitChoice, WaitConfirm:
		s.offer(s.text(f, p, n.Text), w.Options)
	case WaitCode:
		if w.Hash == "" {
			s.say(s.phrase("code_coming", nil))
		} else {
			s.say(s.phrase("code_wanted", nil))
		}
	case WaitKeep:
		v, _, _ := s.value(f, w.Slot, p.Doc.Slots[w.Slot])
		s.offer(s.phrase("keep", map[string]string{"value": shown(v.V, s.d.Locale)}), w.Options)
	case WaitGuide:
		s.offer(s.phrase("guided", nil), w.Options)
	case WaitSurvey:
		s.offer(s.phrase("rate", nil), w.Options)
	case WaitResume:
		s.offer(s.phrase("resume", map[string]string{"flow": p.Doc.Title.In(s.d.Locale)}), w.Options)
	case WaitSwitch:
		s.offer(s.switchText(p, w.Wish.Flow), w.Options)
	case WaitClarify:
		s.offer(s.phrase("clarify", nil), w.Options)
	case WaitCall:
		s.say(s.phrase("busy", nil))
	}
}

func (s *stepper) switchText(from *Program, to string) string {
	facts := map[string]string{"from": from.Doc.Title.In(s.d.Locale), "to": to}
	if p, ok := s.Book.Flow(to); ok {
		facts["to"] = p.Doc.Title.In(s.d.Locale)
	}
	return s.phrase("switch", facts)
}
