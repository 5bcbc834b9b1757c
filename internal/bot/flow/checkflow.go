package flow

import (
	"slices"
	"strings"

	"everdesk/internal/connector"
)

// calls checks F13 for operations and F10 for their errors.
func (c *checking) calls() {
	for _, name := range sorted(c.d.Nodes) {
		n := c.d.Nodes[name]
		if n.Type != Call {
			continue
		}
		at := "nodes." + name + "."
		op, ok := c.world.Operations.Operation(n.Do)
		if !ok || op.Contact {
			c.add("F13", Error, name, at+"do", nil, "name", n.Do)
			continue
		}
		for _, input := range sorted(n.With) {
			if _, known := op.Inputs[input]; !known {
				c.add("F13", Error, name, at+"with."+input, nil, "name", input)
			}
		}
		for _, input := range sorted(op.Inputs) {
			if _, given := n.With[input]; !given {
				c.add("F13", Error, name, at+"with", nil, "name", input)
			}
		}
		for _, code := range sorted(n.Errors) {
			if code != "else" && !slices.Contains(op.Errors, code) && code != connector.Unavailable && code != connector.Refused && code != connector.Unknown {
				c.add("F10", Warning, name, at+"errors."+code, nil)
			}
		}
	}
}

// assigned checks F12: what is looked at has been told or fetched on every way
// from the entry. It computes, for each node, what is certainly there.
func (c *checking) assigned() {
	certain := map[string]map[string]bool{c.d.Entry: {}}
	queue := []string{c.d.Entry}
	for len(queue) > 0 {
		name := queue[0]
		queue = queue[1:]
		for _, e := range c.d.Nodes[name].edges() {
			after := clone(certain[name])
			for _, given := range c.gives(name, e) {
				after[given] = true
			}
			before, seen := certain[e.to]
			if !seen {
				certain[e.to] = after
				queue = append(queue, e.to)
				continue
			}
			kept := map[string]bool{}
			for path := range before {
				if after[path] {
					kept[path] = true
				}
			}
			if len(kept) < len(before) {
				certain[e.to] = kept
				queue = append(queue, e.to)
			}
		}
	}
	for _, name := range sorted(c.d.Nodes) {
		known, reached := certain[name]
		if !reached {
			continue
		}
		for _, u := range c.uses(name) {
			for _, short := range shorten([]string{u.path}) {
				if !known[short] {
					c.add("F12", Error, name, u.where, nil, "name", short)
				}
			}
			c.known(name, u)
		}
	}
}

// known checks that what is read of an answer is among what the operation
// gives.
func (c *checking) known(node string, u used) {
	rest, ok := strings.CutPrefix(u.path, "data.")
	if !ok {
		return
	}
	as, field, deep := strings.Cut(rest, ".")
	if !deep {
		return
	}
	field, _, _ = strings.Cut(field, ".")
	for _, name := range sorted(c.d.Nodes) {
		n := c.d.Nodes[name]
		if n.Type != Call || n.As != as {
			continue
		}
		if op, ok := c.world.Operations.Operation(n.Do); ok && slices.Contains(op.Outputs, field) {
			return
		}
	}
	c.add("F13", Error, node, u.where, nil, "name", u.path)
}

func clone(m map[string]bool) map[string]bool {
	c := make(map[string]bool, len(m)+1)
	for k := range m {
		c[k] = true
	}
	return c
}

// gives is what is certainly there after a way out of a node.
func (c *checking) gives(name string, e edge) (paths []string) {
	n := c.d.Nodes[name]
	switch n.Type {
	case AskNode:
		if e.kind == "next" {
			return []string{"slots." + n.Slot}
		}
	case Choose:
		if e.kind == "next" || e.kind == "option" {
			return []string{"slots." + n.Slot}
		}
	case Set:
		for slot := range n.Slots {
			paths = append(paths, "slots."+slot)
		}
	case Call:
		if e.kind == "next" && n.As != "" {
			return []string{"data." + n.As}
		}
	}
	return paths
}

// writes checks F16: without the yes of a question there is no way to a write,
// and the question shows everything that is written.
func (c *checking) writes() {
	for _, name := range c.callsOf(func(op connector.Operation) bool { return op.Effect == connector.Write }) {
		unasked := c.walk(c.d.Entry, func(node string, e edge) bool {
			return c.d.Nodes[node].Type != Confirm || e.kind != "yes"
		})
		if way, ok := unasked[name]; ok {
			c.add("F16", Error, name, "nodes."+name, way)
		}
		for _, asked := range sorted(c.d.Nodes) {
			n := c.d.Nodes[asked]
			if n.Type != Confirm {
				continue
			}
			reach := c.walk(n.Yes, func(node string, e edge) bool {
				return c.d.Nodes[node].Type != Confirm || e.kind != "yes"
			})
			if _, leads := reach[name]; leads {
				c.shows(asked, name)
			}
		}
		// Whoever said yes once has not said yes to a second write.
		for _, before := range c.callsOf(func(op connector.Operation) bool { return op.Effect == connector.Write }) {
			next := c.d.Nodes[before].Next
			again := c.walk(next, func(node string, e edge) bool { return c.d.Nodes[node].Type != Confirm || e.kind != "yes" })
			if way, ok := again[name]; ok {
				c.add("F16", Error, name, "nodes."+name, append([]string{before}, way...))
			}
		}
	}
}

// shows checks that a question names every argument of the write it leads to.
func (c *checking) shows(asked, call string) {
	n := c.d.Nodes[asked]
	for _, input := range sorted(c.d.Nodes[call].With) {
		for _, path := range c.p.origin(c.d.Nodes[call].With[input]) {
			for _, tag := range sorted(n.Text) {
				t, err := ParseTemplate(n.Text[tag])
				if err != nil {
					continue
				}
				reads, _ := t.Reads()
				if !slices.Contains(shorten(reads), path) {
					c.add("F16", Error, asked, "nodes."+asked+".text."+tag, nil, "name", path, "call", call)
				}
			}
		}
	}
}

// proofs checks F17: without the success of a verify of the same subject there
// is no way to what needs a proof, and the subject is not changed in between.
func (c *checking) proofs() {
	for _, name := range c.callsOf(func(op connector.Operation) bool { return op.Identity != connector.NoIdentity }) {
		call := c.d.Nodes[name]
		op, _ := c.world.Operations.Operation(call.Do)
		subject := call.With[op.Subject]
		proves := func(node string, e edge) bool {
			n := c.d.Nodes[node]
			return n.Type == Verify && e.kind == "next" && n.Subject == subject && atLeast(levelOf(n), op.Identity)
		}
		if way, ok := c.walk(c.d.Entry, func(node string, e edge) bool { return !proves(node, e) })[name]; ok {
			c.add("F17", Error, name, "nodes."+name, way, "name", call.Do)
			continue
		}
		// From where the subject is set again, the proof must be made again.
		for _, setter := range sorted(c.d.Nodes) {
			if !c.sets(setter, c.p.origin(subject)) {
				continue
			}
			for _, e := range c.d.Nodes[setter].edges() {
				if e.kind == "giveup" {
					continue
				}
				if way, ok := c.walk(e.to, func(node string, e edge) bool { return !proves(node, e) })[name]; ok {
					c.add("F17", Error, name, "nodes."+name, append([]string{setter}, way...), "name", call.Do)
					break
				}
			}
		}
	}
}

func (c *checking) sets(name string, paths []string) bool {
	n := c.d.Nodes[name]
	for _, path := range paths {
		slot, ok := strings.CutPrefix(path, "slots.")
		if !ok {
			continue
		}
		if _, set := n.Slots[slot]; n.Type == Set && set || (n.Type == AskNode || n.Type == Choose) && n.Slot == slot {
			return true
		}
	}
	return false
}

func levelOf(n *Node) string {
	if n.Level == "" {
		return connector.Order
	}
	return n.Level
}

func atLeast(has, needs string) bool { return has == needs || has == connector.Account }

// callsOf are the nodes that call an operation of a sort.
func (c *checking) callsOf(sort func(connector.Operation) bool) (names []string) {
	for _, name := range sorted(c.d.Nodes) {
		if n := c.d.Nodes[name]; n.Type == Call {
			if op, ok := c.world.Operations.Operation(n.Do); ok && sort(op) {
				names = append(names, name)
			}
		}
	}
	return names
}

// maxRuns is how deep flows may run one another.
const maxRuns = 3

// runs checks F18 and F32.
func (c *checking) runs() {
	for _, name := range sorted(c.d.Nodes) {
		n := c.d.Nodes[name]
		if n.Type != Run {
			continue
		}
		at := "nodes." + name + "."
		target, ok := c.world.Flows[n.Flow]
		if !ok || n.Flow == c.d.Key {
			c.add("F32", Error, name, at+"flow", nil, "name", n.Flow)
			continue
		}
		for _, slot := range sorted(n.With) {
			if _, known := target.Doc.Slots[slot]; !known {
				c.add("F18", Error, name, at+"with."+slot, nil, "name", slot)
			}
		}
		if c.deep(target, 1) {
			c.add("F18", Error, name, at+"flow", nil, "name", n.Flow)
		}
	}
}

// deep reports whether a flow runs others too deep, or the one being checked.
func (c *checking) deep(p *Program, depth int) bool {
	if depth >= maxRuns || p.Doc.Key == c.d.Key {
		return true
	}
	for _, n := range p.Doc.Nodes {
		if n.Type == Run {
			if next, ok := c.world.Flows[n.Flow]; ok && c.deep(next, depth+1) {
				return true
			}
		}
	}
	return false
}

// starts checks F19 and F20, and F24: what is told or fetched and never used.
func (c *checking) starts() {
	if len(c.d.Starts) == 0 {
		run := false
		for _, other := range c.world.Flows {
			for _, n := range other.Doc.Nodes {
				run = run || n.Type == Run && n.Flow == c.d.Key
			}
		}
		if !run {
			c.add("F20", Warning, "", "starts", nil)
		}
	}
	for i, s := range c.d.Starts {
		path := "starts[" + itoa(i) + "]"
		if s.Intent == "" && s.Event == "" && len(s.Examples) == 0 {
			c.add("F20", Error, "", path, nil)
		}
		for _, key := range sorted(c.world.Flows) {
			other := c.world.Flows[key]
			for _, theirs := range other.Doc.Starts {
				if s.Intent != "" && s.Intent == theirs.Intent && s.When == "" && theirs.When == "" && c.d.Guard == "" && other.Doc.Guard == "" {
					c.add("F19", Warning, "", path+".intent", nil, "name", key)
				}
			}
		}
	}
	used := map[string]bool{}
	for _, s := range c.spots() {
		if e, err := c.p.Expr(s.source); err == nil {
			for _, path := range shorten(append(slices.Clone(e.Reads), e.Guarded...)) {
				used[path] = true
			}
		}
	}
	for _, name := range sorted(c.d.Nodes) {
		for _, u := range c.uses(name) {
			for _, path := range shorten([]string{u.path}) {
				used[path] = true
			}
		}
	}
	for _, name := range sorted(c.d.Nodes) {
		n := c.d.Nodes[name]
		if n.Type == Call && n.As != "" && !used["data."+n.As] {
			c.add("F24", Warning, name, "nodes."+name+".as", nil, "name", "data."+n.As)
		}
	}
}
