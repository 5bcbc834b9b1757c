package flow

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"time"
)

// callKey is the same for every repetition of a call and differs for every new
// one: the customer who goes through a flow twice makes two.
func callKey(conversation, frame, node string, visit int, args map[string]any) string {
	sum := sha256.Sum256([]byte(conversation + "\n" + frame + "\n" + node + "\n" + itoa(visit) + "\n" + jsonOf(args)))
	return hex.EncodeToString(sum[:16])
}

// push begins a flow on top of what runs.
func (s *stepper) push(p *Program, slots map[string]Value, caller string) {
	if f := s.d.Top(); f != nil && caller == "" {
		f.Wait, f.Left, f.LeftTurn = s.d.Wait, s.at, s.d.Turn
	}
	s.d.Wait = nil
	f := Frame{ID: s.name(), Flow: p.Doc.Key, Hash: p.Hash, Node: p.Doc.Entry, Caller: caller}
	for name, v := range slots {
		if _, known := p.Doc.Slots[name]; known {
			f.set(name, v)
			s.share(p, name, v)
			s.fresh[name] = true
		}
	}
	s.d.Frames = append(s.d.Frames, f)
	s.d.Misses = 0
}

// share keeps a value for the other flows of the conversation.
func (s *stepper) share(p *Program, name string, v Value) {
	slot := p.Doc.Slots[name]
	if slot.Share != "conversation" && slot.Share != "customer" {
		return
	}
	if s.d.Shared == nil {
		s.d.Shared = map[string]Value{}
	}
	s.d.Shared[name+":"+slot.Type] = v
}

// end ends the top frame: its caller goes on, or what it interrupted, or the
// next wish.
func (s *stepper) end(outcome string) {
	f := *s.d.Top()
	s.d.Frames = s.d.Frames[:len(s.d.Frames)-1]
	s.d.Wait = nil
	s.effects = append(s.effects, Effect{Kind: Ended, Flow: f.Flow, Hash: f.Hash, Node: f.Node, Outcome: outcome})
	below, p := s.top()
	switch {
	case below != nil && f.Caller == below.ID:
		n := p.Doc.Nodes[below.Node]
		next := n.Next
		if to := n.Outcomes[outcome]; to != "" {
			next = to
		}
		below.Wrote = below.Wrote || f.Wrote
		below.Node = next
	case below != nil:
		s.back(below, p, f.Wrote)
	default:
		s.nextWish()
	}
}

// back returns to what was interrupted, as its author wants it.
func (s *stepper) back(f *Frame, p *Program, wrote bool) {
	title := map[string]string{"flow": p.Doc.Title.In(s.d.Locale)}
	policy := p.resume()
	long := s.at.Sub(f.Left) > detourLasts || s.d.Turn-f.LeftTurn > 3*detourTurns
	switch {
	case policy == Drop:
		s.effects = append(s.effects, Effect{Kind: Ended, Flow: f.Flow, Hash: f.Hash, Node: f.Node, Outcome: Cancelled})
		s.d.Frames = s.d.Frames[:len(s.d.Frames)-1]
		if below, q := s.top(); below != nil {
			s.back(below, q, wrote)
		} else {
			s.nextWish()
		}
	case policy == Ask || long:
		s.wait(Wait{Kind: WaitResume, Options: yesNo()}, p.silence())
		s.offer(s.phrase("resume", title), yesNo())
	default:
		s.say(s.phrase("back_to", title))
		s.goOn(f, p)
	}
}

// goOn goes on with a frame that was left: from the first thing that is no
// longer true, else with the question that was open.
func (s *stepper) goOn(f *Frame, p *Program) {
	if node := s.stale(f); node != "" {
		f.rewindTo(node)
		f.Wait = nil
		return
	}
	if f.Wait == nil {
		return // run goes on from the node it stands at
	}
	s.d.Wait, f.Wait = f.Wait, nil
	s.d.Wait.Due = s.at.Add(p.silence())
	s.ask()
}

// stale returns the call whose answer is too old to go on with.
func (s *stepper) stale(f *Frame) string {
	for _, visit := range f.Trail {
		for name, d := range f.Data {
			op, ok := s.Operations.Operation(d.Op)
			if d.Node == visit.Node && ok && (d.Stale || op.Fresh > 0 && s.at.Sub(d.At) > op.Fresh) && op.Effect == "read" {
				delete(f.Data, name)
				return visit.Node
			}
		}
	}
	return ""
}

// rewindTo goes back to the first visit of a node and forgets what came after.
func (f *Frame) rewindTo(node string) {
	for i, v := range f.Trail {
		if v.Node == node {
			f.Trail = f.Trail[:i]
			break
		}
	}
	f.Node, f.Yes = node, nil
}

// nextWish begins what the customer wanted besides.
func (s *stepper) nextWish() {
	for len(s.d.Agenda) > 0 {
		wish := s.d.Agenda[0]
		s.d.Agenda = s.d.Agenda[1:]
		p, ok := s.Book.Flow(wish.Flow)
		if !ok {
			continue
		}
		s.say(s.phrase("next", map[string]string{"flow": p.Doc.Title.In(s.d.Locale)}))
		s.push(p, wish.Slots, "")
		return
	}
}

// later puts a wish on the agenda and says so.
func (s *stepper) later(p *Program, slots map[string]Value) {
	known := slices.ContainsFunc(s.d.Agenda, func(w Wish) bool { return w.Flow == p.Doc.Key })
	if !known && len(s.d.Agenda) < maxAgenda {
		s.d.Agenda = append(s.d.Agenda, Wish{Flow: p.Doc.Key, Slots: slots})
	}
}

// correct sets a slot anew and goes back to the first node that looked at it.
// What was computed or fetched with it is forgotten; what has been written with
// it stays written, and the customer is told.
func (s *stepper) correct(f *Frame, p *Program, name string, v Value) bool {
	if slices.Contains(f.Written, name) {
		s.say(s.phrase("written", map[string]string{"flow": p.Doc.Title.In(s.d.Locale)}))
		return false
	}
	f.set(name, v)
	s.share(p, name, v)
	s.fresh[name] = true
	gone := map[string]bool{"slots." + name: true}
	for changed := true; changed; {
		changed = false
		for key, d := range f.Data {
			if touches(d.From, gone) && !gone["data."+key] {
				delete(f.Data, key)
				gone["data."+key], changed = true, true
			}
		}
		for key, w := range f.Slots {
			if key != name && touches(w.From, gone) {
				delete(f.Slots, key)
				gone["slots."+key], changed = true, true
			}
		}
	}
	for _, visit := range f.Trail {
		if slices.Contains(visit.Reads, "slots."+name) {
			f.rewindTo(visit.Node)
			return true
		}
	}
	return true
}

func touches(from []string, gone map[string]bool) bool {
	return slices.ContainsFunc(from, func(path string) bool { return gone[path] })
}

// cancel ends the top frame because the customer wants no more of it.
func (s *stepper) cancel() {
	f, p := s.top()
	if f == nil {
		return
	}
	s.say(s.phrase("cancelled", map[string]string{"flow": p.Doc.Title.In(s.d.Locale)}))
	for f.Caller != "" && len(s.d.Frames) > 1 {
		s.d.Frames = s.d.Frames[:len(s.d.Frames)-1] // what it was run for is no longer wanted either
		f = s.d.Top()
	}
	s.end(Cancelled)
}

// stepBack asks the question before the present one again.
func (s *stepper) stepBack() {
	f, p := s.top()
	if f == nil {
		return
	}
	for i := len(f.Trail) - 2; i >= 0; i-- {
		n := p.Doc.Nodes[f.Trail[i].Node]
		if n == nil || n.Type != AskNode && n.Type != Choose {
			continue
		}
		if slices.Contains(f.Written, n.Slot) {
			break
		}
		delete(f.Slots, n.Slot)
		delete(s.d.Shared, n.Slot+":"+p.Doc.Slots[n.Slot].Type)
		f.Node, f.Yes, f.Trail = f.Trail[i].Node, nil, f.Trail[:i]
		s.d.Wait = nil
		return
	}
	s.say(s.phrase("no_back", nil))
	s.ask()
}

// returned takes the conversation up again after people had it.
func (s *stepper) returned() {
	s.d.Misses = 0
	if len(s.d.Parked) == 0 {
		s.say(s.phrase("returned", nil))
		return
	}
	s.d.Frames = append(s.d.Frames, s.d.Parked[len(s.d.Parked)-1])
	s.d.Parked = s.d.Parked[:len(s.d.Parked)-1]
	f, p := s.top()
	if f == nil {
		return
	}
	f.Caller = ""
	s.wait(Wait{Kind: WaitResume, Options: yesNo()}, p.silence())
	s.offer(s.phrase("returned_with", map[string]string{"flow": p.Doc.Title.In(s.d.Locale)}), yesNo())
}

// unpark takes a frame of a flow that was put aside.
func (s *stepper) unpark(flow string) (Frame, bool) {
	for i, f := range slices.Backward(s.d.Parked) {
		if f.Flow == flow && s.at.Sub(f.Left) < time.Hour {
			s.d.Parked = slices.Delete(s.d.Parked, i, i+1)
			return f, true
		}
	}
	return Frame{}, false
}
