package flow

import (
	"strings"

	"everdesk/internal/connector"
)

// called takes the end of a call in. What comes for a call nobody waits for any
// more changes nothing.
func (s *stepper) called(e Event) {
	w := s.d.Wait
	if w == nil || w.Kind != WaitCall || w.Key != e.Key {
		return
	}
	f, p := s.top()
	if f == nil {
		return
	}
	n := p.Doc.Nodes[w.Node]
	op, _ := s.Operations.Operation(w.Op)
	args := w.Args
	s.d.Wait = nil
	switch {
	case e.Code == connector.Unknown && op.Effect == connector.Write:
		// Nobody knows whether it was done: a person looks, nothing is repeated.
		s.handOver("outcome_unknown", s.phrase("unknown_outcome", nil), nil)
	case e.Code != "":
		next := n.Errors[e.Code]
		if next == "" {
			next = n.Errors["else"]
		}
		f.Node, f.Yes = next, nil
		s.run()
	default:
		s.took(f, p, n, op, args, e.Data)
		s.run()
	}
}

// took keeps what a call brought.
func (s *stepper) took(f *Frame, p *Program, n *Node, op connector.Operation, args, data map[string]any) {
	var from []string
	for _, name := range sorted(n.With) {
		from = append(from, p.origin(n.With[name])...)
	}
	if n.As != "" {
		if f.Data == nil {
			f.Data = map[string]Datum{}
		}
		f.Data[n.As] = Datum{V: map[string]any(data), At: s.at, From: from, Node: f.Node, Op: n.Do}
	}
	if op.Effect == connector.Write {
		f.Yes, f.Wrote = nil, true
		for _, path := range from {
			if slot, ok := strings.CutPrefix(path, "slots."); ok {
				f.Written = append(f.Written, slot)
			}
		}
		s.outdate(f.ID, op, shown(args[op.Subject], "en"))
	}
	f.Node = n.Next
}

// outdate has the other frames fetch anew what they know of a subject that was
// written to.
func (s *stepper) outdate(by string, op connector.Operation, subject string) {
	key, _, _ := strings.Cut(op.Name, ".")
	for i := range s.d.Frames {
		f := &s.d.Frames[i]
		if f.ID == by {
			continue
		}
		for name, d := range f.Data {
			theirs, _, _ := strings.Cut(d.Op, ".")
			about := false
			for _, path := range d.From {
				if slot, ok := strings.CutPrefix(path, "slots."); ok {
					about = about || shown(f.Slots[slot].V, "en") == subject
				}
			}
			if theirs == key && about {
				d.Stale = true
				f.Data[name] = d
			}
		}
	}
}

// codeSent takes the end of an attempt to send a code in.
func (s *stepper) codeSent(e Event) {
	w := s.d.Wait
	if w == nil || w.Kind != WaitCode || w.ID != e.Wait {
		return
	}
	f, p := s.top()
	if f == nil {
		return
	}
	n := p.Doc.Nodes[w.Node]
	if e.Code != "" {
		code := "code_unavailable"
		if e.Code == "limit" {
			code = "code_limit"
		}
		s.say(s.phrase(code, nil))
		s.leave(n.Fail)
		s.run()
		return
	}
	w.Hash, w.Masked, w.Until, w.Due = e.Hash, e.Masked, s.at.Add(CodeLasts), s.at.Add(p.silence())
	s.offer(s.phrase("code_sent", map[string]string{"contact": e.Masked, "subject": w.Subject}), []Option{{Value: "resend", Label: both("resend")}})
}

// ticked takes a timer in: a call that takes its time, a customer who is
// silent.
func (s *stepper) ticked(e Event) {
	w := s.d.Wait
	if w == nil || w.ID != e.Wait || w.Due.After(s.at) {
		return
	}
	switch {
	case w.Kind == WaitCall || w.Kind == WaitCode && w.Hash == "":
		s.slow(w)
	case !w.Nudged:
		_, p := s.top()
		w.Nudged = true
		w.Due = s.at.Add(usualSilence)
		if p != nil {
			w.Due = s.at.Add(p.silence())
		}
		if w.Kind == WaitSurvey {
			s.giveUpSurvey(w)
			return
		}
		s.say(s.phrase("still_there", nil))
		s.ask()
	default:
		s.silent()
	}
}

func (s *stepper) giveUpSurvey(w *Wait) {
	if f, p := s.top(); f != nil {
		s.leave(p.Doc.Nodes[w.Node].Next)
		s.run()
	}
}

// slow tells the customer once that it takes its time, and gives up in the end.
func (s *stepper) slow(w *Wait) {
	if !w.Nudged {
		w.Nudged = true
		w.Due = w.Since.Add(callLasts)
		s.say(s.phrase("slow", nil))
		return
	}
	if w.Kind == WaitCode {
		s.codeSent(Event{Wait: w.ID, Code: connector.Unavailable})
		return
	}
	op, _ := s.Operations.Operation(w.Op)
	code := connector.Unavailable
	if op.Effect == connector.Write {
		code = connector.Unknown
	}
	s.called(Event{Key: w.Key, Code: code})
}

// silent puts everything aside: the customer has gone.
func (s *stepper) silent() {
	f, p := s.top()
	if f == nil {
		s.d.Wait = nil
		return
	}
	s.say(s.phrase("parked", map[string]string{"flow": p.Doc.Title.In(s.d.Locale)}))
	s.effects = append(s.effects, Effect{Kind: Ended, Flow: f.Flow, Hash: f.Hash, Node: f.Node, Outcome: "parked"})
	s.park()
	s.d.Wait, s.d.Agenda = nil, nil
}
