package flow

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"everdesk/internal/connector"
	"everdesk/internal/inbox"
)

// run walks nodes until the dialogue waits, or there is nothing left to walk.
func (s *stepper) run() {
	for s.d.Wait == nil {
		f, p := s.top()
		if f == nil {
			return
		}
		n := p.Doc.Nodes[f.Node]
		s.visits++
		s.again[f.ID+"/"+f.Node]++
		if n == nil || s.visits > maxVisits || s.again[f.ID+"/"+f.Node] > maxAgain {
			s.trouble("loop", f.Node)
			s.handOver("broken", "", nil)
			return
		}
		s.nodes = append(s.nodes, f.Flow+"."+f.Node)
		s.arrive(f, p, n)
		if !s.node(f, p, n) {
			return
		}
	}
}

// arrive notes the visit and what the node looks at.
func (s *stepper) arrive(f *Frame, p *Program, n *Node) {
	if f.Visits == nil {
		f.Visits = map[string]int{}
	}
	f.Visits[f.Node]++
	var reads []string
	if n.Slot != "" {
		reads = append(reads, "slots."+n.Slot)
	}
	for _, one := range n.spots(f.Node) {
		reads = append(reads, p.origin(one.source)...)
	}
	if n.Text != nil {
		paths, _ := p.template(n.Text.In(s.d.Locale)).Reads()
		reads = append(reads, shorten(paths)...)
	}
	slices.Sort(reads)
	f.Trail = append(f.Trail, Visit{Node: f.Node, Reads: slices.Compact(reads)})
	if len(f.Trail) > maxTrail {
		f.Trail = f.Trail[1:]
	}
}

// node does one node. It returns false when the walk is over.
func (s *stepper) node(f *Frame, p *Program, n *Node) bool {
	switch n.Type {
	case Say:
		s.say(s.text(f, p, n.Text))
		f.Node = n.Next
	case AskNode:
		s.askNode(f, p, n)
	case Choose:
		s.chooseNode(f, p, n)
	case Confirm:
		s.confirmNode(f, p, n)
	case Branch:
		f.Node = s.branch(f, p, n)
	case Set:
		s.setNode(f, p, n)
	case Call:
		s.callNode(f, p, n)
	case Verify:
		s.verifyNode(f, p, n)
	case Guide:
		s.guideNode(f, p, n)
	case Survey:
		options := []Option{{Value: 1.0, Label: both("thumbs_up")}, {Value: 0.0, Label: both("thumbs_down")}}
		s.wait(Wait{Kind: WaitSurvey, Node: f.Node, Options: options}, p.silence())
		s.offer(s.phrase("rate", nil), options)
	case Run:
		s.runNode(f, p, n)
	case Ticket:
		s.ticketNode(f, p, n)
		return false
	case Handover:
		s.handOver(n.Reason, s.text(f, p, n.Text), nil)
		return false
	case End:
		s.say(s.text(f, p, n.Text))
		s.end(n.Outcome)
	}
	return true
}

// value is what a slot holds in a frame, or what another flow of the
// conversation was told for it.
func (s *stepper) value(f *Frame, name string, slot Slot) (v Value, keep bool, ok bool) {
	if v, ok = f.Slots[name]; ok {
		return v, false, true
	}
	if slot.Share != "conversation" && slot.Share != "customer" || slot.Prefill == "no" {
		return v, false, false
	}
	shared, ok := s.d.Shared[name+":"+slot.Type]
	if !ok || s.at.Sub(shared.At) > duration(slot.TTL, parkedFor) {
		return v, false, false
	}
	return shared, slot.Prefill == "confirm" || s.at.Sub(shared.At) > shareLasts, true
}

func (s *stepper) askNode(f *Frame, p *Program, n *Node) {
	slot := p.Doc.Slots[n.Slot]
	if n.Always && !s.fresh[n.Slot] {
		delete(f.Slots, n.Slot)
	} else if v, keep, ok := s.value(f, n.Slot, slot); ok {
		if keep {
			s.wait(Wait{Kind: WaitKeep, Node: f.Node, Slot: n.Slot, Options: yesNo()}, p.silence())
			s.offer(s.phrase("keep", map[string]string{"value": shown(v.V, s.d.Locale)}), yesNo())
			return
		}
		if s.valid(f, p, n.Slot, v) {
			f.set(n.Slot, v)
			f.Node = n.Next
			return
		}
		delete(f.Slots, n.Slot)
		s.say(s.text(f, p, slot.Invalid))
	}
	s.wait(Wait{Kind: WaitSlot, Node: f.Node, Slot: n.Slot, Type: slot.Type}, p.silence())
	s.say(s.question(f, p, n))
}

// question is what an ask node asks.
func (s *stepper) question(f *Frame, p *Program, n *Node) string {
	if n.Text != nil {
		return s.text(f, p, n.Text)
	}
	return s.text(f, p, p.Doc.Slots[n.Slot].Ask)
}

func (f *Frame) set(name string, v Value) {
	if f.Slots == nil {
		f.Slots = map[string]Value{}
	}
	f.Slots[name] = v
}

// valid tests a value against the slot's own condition; a condition that cannot
// be computed is not met.
func (s *stepper) valid(f *Frame, p *Program, name string, v Value) bool {
	condition := p.Doc.Slots[name].Valid
	if condition == "" {
		return true
	}
	trial := *f
	trial.Slots = maps.Clone(f.Slots)
	trial.set(name, v)
	e, err := p.Expr(condition)
	if err != nil {
		return false
	}
	ok, err := e.True(s.scene(&trial, p, false))
	return err == nil && ok
}

func (s *stepper) chooseNode(f *Frame, p *Program, n *Node) {
	options := s.options(f, p, n)
	if v, ok := f.Slots[n.Slot]; ok {
		for _, o := range options {
			if sameJSON(o.Value, v.V) {
				f.Node = firstOf(o.Next, n.Next)
				return
			}
		}
		delete(f.Slots, n.Slot)
	}
	if len(options) == 0 {
		f.Node = n.Giveup
		return
	}
	s.wait(Wait{Kind: WaitChoice, Node: f.Node, Slot: n.Slot, Options: options}, p.silence())
	s.offer(s.text(f, p, n.Text), options)
}

// options are those written in the node, or made of a list of data.
func (s *stepper) options(f *Frame, p *Program, n *Node) (options []Option) {
	for _, o := range n.Options {
		options = append(options, Option{Value: o.Value, Label: o.Label, Next: o.Next})
	}
	if n.From == "" {
		return options
	}
	list, err := p.eval(n.From, s.scene(f, p, false))
	if err != nil {
		s.trouble("expression", err.Error())
	}
	items, _ := list.([]any)
	for _, item := range items[:min(len(items), 10)] {
		label := Text{}
		for tag, text := range n.Label {
			scene := s.scene(f, p, true)
			scene["data"].(map[string]any)["item"] = item
			label[tag] = p.template(text).Render(scene, tag)
		}
		if n.Label == nil {
			label["en"] = shown(item, s.d.Locale)
		}
		options = append(options, Option{Value: item, Label: label})
	}
	return options
}

func firstOf(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

func yesNo() []Option {
	return []Option{{Value: true, Label: both("yes")}, {Value: false, Label: both("no")}}
}

func (s *stepper) confirmNode(f *Frame, p *Program, n *Node) {
	f.Yes = nil
	s.wait(Wait{Kind: WaitConfirm, Node: f.Node, Options: yesNo()}, p.silence())
	s.offer(s.text(f, p, n.Text), yesNo())
}

// branch takes the first case that holds. One that cannot be computed does not.
func (s *stepper) branch(f *Frame, p *Program, n *Node) string {
	scene := s.scene(f, p, false)
	for _, c := range n.Cases {
		e, err := p.Expr(c.When)
		if err == nil {
			var ok bool
			if ok, err = e.True(scene); ok {
				return c.Next
			}
		}
		if err != nil {
			s.trouble("expression", err.Error())
		}
	}
	return n.Else
}

func (s *stepper) setNode(f *Frame, p *Program, n *Node) {
	scene := s.scene(f, p, false)
	for _, name := range sorted(n.Slots) {
		v, err := p.eval(n.Slots[name], scene)
		if err != nil {
			s.trouble("expression", err.Error())
			s.handOver("broken", "", nil)
			return
		}
		f.set(name, Value{V: v, Source: "flow", At: s.at, From: p.origin(n.Slots[name])})
	}
	f.Node = n.Next
}

// callNode asks for a call and waits for it. The last guard before a write is
// here, whatever the checks have found: a proof of its subject, and a yes since
// which nothing has changed.
func (s *stepper) callNode(f *Frame, p *Program, n *Node) {
	op, ok := s.Operations.Operation(n.Do)
	if !ok || op.Contact {
		s.trouble("operation", n.Do)
		f.Node = n.Errors["else"]
		return
	}
	args := map[string]any{}
	var from []string
	scene := s.scene(f, p, false)
	for _, name := range sorted(n.With) {
		v, err := p.eval(n.With[name], scene)
		if err != nil {
			s.trouble("expression", err.Error())
			f.Node = n.Errors["else"]
			return
		}
		args[name], from = v, append(from, p.origin(n.With[name])...)
	}
	proof := s.proof(op.Identity, shown(args[op.Subject], "en"))
	if op.Identity != connector.NoIdentity && proof == nil {
		// It may have run out while the customer was thinking: it is made again,
		// and what was agreed to is asked again.
		if node := f.verified(p, n.With[op.Subject]); node != "" {
			f.rewindTo(node)
			return
		}
		s.trouble("unproven", n.Do)
		s.handOver("unproven", "", nil)
		return
	}
	if op.Effect == connector.Write && !f.agreed(from) {
		s.trouble("unconfirmed", n.Do)
		s.handOver("unconfirmed", "", nil)
		return
	}
	key := callKey(s.d.ID, f.ID, f.Node, f.Visits[f.Node], args)
	s.wait(Wait{Kind: WaitCall, Node: f.Node, Key: key, Op: n.Do, Args: args}, progressAfter)
	s.effects = append(s.effects, Effect{Kind: Invoke, Key: key, Op: n.Do, Args: args, Proof: proof, Flow: f.Flow, Hash: f.Hash, Node: f.Node})
}

// verified returns the node that was come to for a proof of a subject.
func (f *Frame) verified(p *Program, subject string) string {
	for _, visit := range f.Trail {
		if n := p.Doc.Nodes[visit.Node]; n != nil && n.Type == Verify && n.Subject == subject {
			return visit.Node
		}
	}
	return ""
}

// agreed reports whether the customer said yes to these values as they are.
func (f *Frame) agreed(paths []string) bool {
	if f.Yes == nil {
		return false
	}
	now := f.holds()
	for _, path := range paths {
		if now[path] != f.Yes.Slots[path] {
			return false
		}
	}
	return true
}

// holds is what a frame holds, as JSON by path.
func (f *Frame) holds() map[string]string {
	all := map[string]string{}
	for name, v := range f.Slots {
		all["slots."+name] = jsonOf(v.V)
	}
	for name, d := range f.Data {
		all["data."+name] = jsonOf(d.V)
	}
	return all
}

func jsonOf(v any) string {
	raw, err := json.Marshal(v)
	if err != nil {
		return "" // values are JSON
	}
	return string(raw)
}

func sameJSON(a, b any) bool { return jsonOf(a) == jsonOf(b) }

// proof finds a living proof of a level for a value.
func (s *stepper) proof(level, value string) *Proof {
	for i := range s.d.Proofs {
		p := &s.d.Proofs[i]
		if level != connector.NoIdentity && atLeast(p.Level, level) && p.Value == value && value != "" && p.Until.After(s.at) {
			return p
		}
	}
	return nil
}

func (s *stepper) verifyNode(f *Frame, p *Program, n *Node) {
	v, err := p.eval(n.Subject, s.scene(f, p, false))
	subject := shown(v, "en")
	if err != nil || subject == "" {
		s.trouble("expression", n.Subject)
		f.Node = n.Fail
		return
	}
	if s.proof(levelOf(n), subject) != nil {
		f.Node = n.Next
		return
	}
	s.wait(Wait{Kind: WaitCode, Node: f.Node, Level: levelOf(n), Subject: subject}, progressAfter)
	s.sendCode(p)
}

// sendCode asks for a code to be sent to whom the subject of the wait belongs.
func (s *stepper) sendCode(p *Program) {
	w := s.d.Wait
	op, ok := s.Operations.Contact(w.Level, p.connectors())
	if !ok {
		s.trouble("contact", w.Level)
	}
	s.effects = append(s.effects, Effect{Kind: SendCode, Wait: w.ID, Level: w.Level, Subject: w.Subject, Op: op})
}

func (s *stepper) guideNode(f *Frame, p *Program, n *Node) {
	guide := &inbox.Steps{Title: p.Doc.Title.In(s.d.Locale)}
	for _, step := range n.Steps {
		guide.Steps = append(guide.Steps, inbox.GuideStep{Text: s.text(f, p, step.Text), ImageURL: step.Image})
	}
	s.speak(inbox.NewBody(inbox.TypeSteps, guide))
	s.wait(Wait{Kind: WaitGuide, Node: f.Node, Options: yesNo()}, p.silence())
	s.offer(s.phrase("guided", nil), yesNo())
}

func (s *stepper) runNode(f *Frame, p *Program, n *Node) {
	target, ok := s.Book.Flow(n.Flow)
	if !ok || len(s.d.Frames) > maxFrames+maxRuns {
		s.trouble("flow", n.Flow)
		s.handOver("broken", "", nil)
		return
	}
	slots := map[string]Value{}
	scene := s.scene(f, p, false)
	for _, name := range sorted(n.With) {
		v, err := p.eval(n.With[name], scene)
		if err != nil {
			s.trouble("expression", err.Error())
			continue
		}
		slots[name] = Value{V: v, Source: "flow", At: s.at}
	}
	caller := f.ID
	s.push(target, slots, caller)
}

// ticketNode has a ticket carry the conversation; nothing can be said after it.
func (s *stepper) ticketNode(f *Frame, p *Program, n *Node) {
	fields := map[string]string{}
	scene := s.scene(f, p, true)
	for _, name := range sorted(n.Fields) {
		v, err := p.eval(n.Fields[name], s.scene(f, p, false))
		if err != nil {
			continue
		}
		fields[name] = shown(v, s.d.Locale)
	}
	// The number and the promise are known when the ticket is.
	scene["ticket"] = map[string]any{"number": "{number}", "promise": "{promise}"}
	text := p.template(n.Text.In(s.d.Locale)).Render(scene, s.d.Locale)
	s.effects = append(s.effects, Effect{
		Kind: MakeTicket, Reason: n.Template, Title: strings.TrimSpace(p.Doc.Title.In(s.d.Locale)), Fields: fields, Text: text,
		Flow: f.Flow, Hash: f.Hash, Node: f.Node,
	})
	s.spoke = true
	outcome := Failed
	if next := p.Doc.Nodes[n.Next]; next != nil && next.Outcome != "" {
		outcome = next.Outcome
	}
	s.effects = append(s.effects, Effect{Kind: Ended, Flow: f.Flow, Hash: f.Hash, Node: n.Next, Outcome: outcome})
	s.d.Frames = s.d.Frames[:len(s.d.Frames)-1]
	s.park()
	s.d.Wait, s.d.Agenda = nil, nil
}
