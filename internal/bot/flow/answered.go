package flow

import (
	"slices"

	"everdesk/internal/connector"
)

// answer takes an answer to the open question that is no value of a slot: a
// code, a yes or no, one of the options.
func (s *stepper) answer(commands []Command) bool {
	w := s.d.Wait
	if w == nil {
		return false
	}
	for _, c := range commands {
		if w.Kind == WaitClarify && c.Kind == DoChoose {
			s.clarified(w, c)
			return true
		}
		f, p := s.top()
		if f == nil {
			return false
		}
		if s.answerTo(w, f, p, c) {
			return true
		}
	}
	return false
}

func (s *stepper) answerTo(w *Wait, f *Frame, p *Program, c Command) bool {
	n := p.Doc.Nodes[w.Node]
	yes, no := c.Kind == DoAffirm, c.Kind == DoDeny
	if c.Kind == DoChoose {
		yes, no = c.Value == true, c.Value == false
	}
	switch {
	case w.Kind == WaitCode && c.Kind == DoCode:
		s.tryCode(w, n, c.Digest)
	case w.Kind == WaitConfirm && yes:
		f.Yes = &Yes{Node: w.Node, Slots: f.holds()}
		s.leave(n.Yes)
	case w.Kind == WaitConfirm && no:
		f.Yes = nil
		s.leave(n.No)
	case w.Kind == WaitChoice && c.Kind == DoChoose:
		return s.chosen(w, f, p, n, c)
	case w.Kind == WaitGuide && yes:
		s.leave(n.Next)
	case w.Kind == WaitGuide && no:
		s.leave(n.Stuck)
	case w.Kind == WaitSurvey && c.Kind == DoChoose:
		score, _ := c.Value.(float64)
		s.effects = append(s.effects, Effect{Kind: Rated, Flow: f.Flow, Hash: f.Hash, Node: w.Node, Score: int(score)})
		s.say(s.phrase("thanks", nil))
		s.leave(n.Next)
	case w.Kind == WaitKeep && yes:
		v, _, _ := s.value(f, w.Slot, p.Doc.Slots[w.Slot])
		v.At = s.at
		f.set(w.Slot, v)
		s.share(p, w.Slot, v)
		s.leave(w.Node)
	case w.Kind == WaitKeep && no:
		delete(s.d.Shared, w.Slot+":"+p.Doc.Slots[w.Slot].Type)
		s.leave(w.Node)
	case w.Kind == WaitSwitch && (yes || no):
		s.switched(w, yes)
	case w.Kind == WaitResume && yes:
		s.d.Wait = nil
		s.goOn(f, p)
	case w.Kind == WaitResume && no:
		s.d.Wait = nil
		s.cancel()
	default:
		return false
	}
	return true
}

func (s *stepper) chosen(w *Wait, f *Frame, p *Program, n *Node, c Command) bool {
	for _, o := range w.Options {
		if !sameJSON(o.Value, c.Value) {
			continue
		}
		v := s.valueOf(c)
		v.V, v.Show = o.Value, o.Label
		f.set(w.Slot, v)
		s.fresh[w.Slot] = true
		s.share(p, w.Slot, v)
		s.leave(firstOf(o.Next, n.Next))
		return true
	}
	return false
}

// tryCode compares a code with the one that was sent.
func (s *stepper) tryCode(w *Wait, n *Node, digest string) {
	switch {
	case w.Hash == "":
		s.say(s.phrase("code_coming", nil))
	case !w.Until.After(s.at):
		s.say(s.phrase("code_expired", nil))
		s.resend()
	case digest == w.Hash && digest != "":
		s.d.Proofs = slices.DeleteFunc(s.d.Proofs, func(p Proof) bool { return p.Level == w.Level && p.Value == w.Subject })
		s.d.Proofs = append(s.d.Proofs, Proof{Level: w.Level, Value: w.Subject, Method: "code", At: s.at, Until: s.at.Add(proofLasts)})
		s.leave(n.Next)
	default:
		if w.Tries++; w.Tries >= CodeTries {
			s.say(s.phrase("code_over", nil))
			s.leave(n.Fail)
			return
		}
		s.say(s.phrase("code_wrong", map[string]string{"left": itoa(CodeTries - w.Tries)}))
	}
}

// switched answers "leave this for that?".
func (s *stepper) switched(w *Wait, yes bool) {
	s.d.Wait = w.Under
	if p, ok := s.Book.Flow(w.Wish.Flow); ok && yes {
		s.push(p, w.Wish.Slots, "")
		return
	}
	s.ask()
}

func (s *stepper) clarified(w *Wait, c Command) {
	s.d.Wait = w.Under
	if key, ok := c.Value.(string); ok {
		if p, ok := s.Book.Flow(key); ok {
			s.push(p, nil, "")
		}
	}
}

// start begins flows: the first now, the others later.
func (s *stepper) start(commands, sets []Command) (done bool) {
	for _, c := range commands {
		p, ok := s.Book.Flow(c.Flow)
		if !ok || !s.allowed(p) {
			continue
		}
		slots := s.mentioned(p, sets)
		switch {
		case s.d.Top() == nil && !done:
			s.begin(p, slots)
		case s.running(p, slots):
			continue // it runs already, and for this subject
		case done:
			s.later(p, slots)
		default:
			s.detour(p, slots)
		}
		done = true
	}
	return done
}

// allowed computes a flow's guard.
func (s *stepper) allowed(p *Program) bool {
	if p.Doc.Guard == "" {
		return true
	}
	e, err := p.Expr(p.Doc.Guard)
	if err != nil {
		return false
	}
	ok, err := e.True(s.scene(&Frame{}, p, false))
	return err == nil && ok
}

// mentioned are the values of a message that a flow has slots for.
func (s *stepper) mentioned(p *Program, sets []Command) map[string]Value {
	slots := map[string]Value{}
	f := Frame{Slots: slots}
	for _, c := range sets {
		saved := s.d.Wait
		s.d.Wait = nil
		name := s.slotFor(&f, p, c)
		s.d.Wait = saved
		if _, set := slots[name]; name == "" || set || !s.valid(&f, p, name, s.valueOf(c)) {
			continue
		}
		slots[name] = s.valueOf(c)
	}
	return slots
}

// begin starts a flow where nothing runs, or takes up the one that was put
// aside a while ago.
func (s *stepper) begin(p *Program, slots map[string]Value) {
	f, ok := s.unpark(p.Doc.Key)
	if !ok || f.Caller != "" {
		s.push(p, slots, "")
		return
	}
	for name, v := range slots {
		if had, filled := f.Slots[name]; filled && !sameJSON(had.V, v.V) {
			s.push(p, slots, "")
			return
		}
	}
	s.d.Frames = append(s.d.Frames, f)
	top, program := s.top()
	if top == nil {
		return
	}
	s.d.Wait = nil
	s.say(s.phrase("back_to", map[string]string{"flow": program.Doc.Title.In(s.d.Locale)}))
	// From the beginning, past everything that is known already.
	top.Trail, top.Node, top.Yes, top.Wait = nil, program.Doc.Entry, nil, nil
	top.Data = nil
	for name, v := range slots {
		top.set(name, v)
	}
}

// running reports whether a flow is being walked with these values.
func (s *stepper) running(p *Program, slots map[string]Value) bool {
	for i := range s.d.Frames {
		f := &s.d.Frames[i]
		if f.Flow != p.Doc.Key {
			continue
		}
		for name, v := range slots {
			if had, filled := f.Slots[name]; filled && !sameJSON(had.V, v.V) {
				return false
			}
		}
		return true
	}
	return false
}

// detour begins a flow while another runs, as that one's author allows.
func (s *stepper) detour(p *Program, slots map[string]Value) {
	f, running := s.top()
	if f == nil {
		return
	}
	policy := running.digress()
	if w := s.d.Wait; w != nil && policy == Free && (w.Kind == WaitCode || w.Kind == WaitConfirm && s.leadsToWrite(running, w.Node)) {
		policy = Ask
	}
	title := map[string]string{"flow": p.Doc.Title.In(s.d.Locale)}
	switch w := s.d.Wait; {
	case policy == Hold, len(s.d.Frames) >= maxFrames, w != nil && w.Kind == WaitSwitch:
		s.later(p, slots)
		s.say(s.phrase("later", title))
		if w != nil {
			s.ask()
		}
	case w != nil && (w.Kind == WaitSurvey || w.Kind == WaitResume):
		// A verdict is no reason to keep anybody.
		if w.Kind == WaitSurvey {
			s.leave(running.Doc.Nodes[w.Node].Next)
			s.later(p, slots)
			return
		}
		s.push(p, slots, "")
	case policy == Ask && w != nil:
		s.wait(Wait{Kind: WaitSwitch, Options: yesNo(), Wish: &Wish{Flow: p.Doc.Key, Slots: slots}, Under: w}, running.silence())
		s.offer(s.switchText(running, p.Doc.Key), yesNo())
	default:
		s.push(p, slots, "")
	}
}

// leadsToWrite reports whether a yes at a node is followed by a write.
func (s *stepper) leadsToWrite(p *Program, node string) bool {
	c := &checking{p: p, d: p.Doc}
	for name := range c.walk(p.Doc.Nodes[node].Yes, nil) {
		n := p.Doc.Nodes[name]
		if op, ok := s.Operations.Operation(n.Do); n.Type == Call && ok && op.Effect == connector.Write {
			return true
		}
	}
	return false
}
