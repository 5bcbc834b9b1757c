package flow

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"everdesk/internal/connector"
)

// World is what a flow is checked against.
type World struct {
	// Operations are those of the workspace's connectors.
	Operations connector.Registry
	// Locales are the languages every text must have.
	Locales []string
	// Flows are the published flows by key, without the one being checked.
	Flows map[string]*Program
}

// Check reads a document and finds everything that is wrong with it: F01 for
// what cannot be read, and only if there is none of those, what would go wrong
// in a conversation.
func Check(raw []byte, world World) (Doc, []Problem) {
	d, problems := Decode(raw)
	if len(problems) > 0 {
		return d, problems
	}
	c := &checking{world: world, p: Load(d), d: d}
	c.all()
	slices.SortStableFunc(c.problems, func(a, b Problem) int {
		if a.Severity != b.Severity {
			return strings.Compare(string(a.Severity), string(b.Severity))
		}
		return strings.Compare(a.Code+a.Node+a.Path, b.Code+b.Node+b.Path)
	})
	return d, c.problems
}

// checking goes through one document.
type checking struct {
	world    World
	p        *Program
	d        Doc
	problems []Problem
}

func (c *checking) add(code string, severity Severity, node, path string, trail []string, facts ...string) {
	p := Problem{Code: code, Severity: severity, Node: node, Path: path, Trail: trail}
	for i := 0; i+1 < len(facts); i += 2 {
		if p.Facts == nil {
			p.Facts = map[string]string{}
		}
		p.Facts[facts[i]] = facts[i+1]
	}
	c.problems = append(c.problems, p)
}

func (c *checking) all() {
	if !c.targets() {
		return // what follows walks the graph
	}
	c.reached()
	c.loops()
	c.ways()
	c.expressions()
	c.texts()
	c.calls()
	c.assigned()
	c.writes()
	c.proofs()
	c.slots()
	c.runs()
	c.starts()
}

// targets checks F02 and F03, and that slots a node names exist.
func (c *checking) targets() bool {
	before := len(c.problems)
	if c.d.Nodes[c.d.Entry] == nil {
		c.add("F02", Error, "", "entry", nil, "name", c.d.Entry)
	}
	for _, name := range sorted(c.d.Nodes) {
		n := c.d.Nodes[name]
		for _, e := range n.edges() {
			if c.d.Nodes[e.to] == nil {
				c.add("F03", Error, name, "nodes."+name+"."+e.path, nil, "name", e.to)
			}
		}
		if _, known := c.d.Slots[n.Slot]; n.Slot != "" && !known {
			c.add("F13", Error, name, "nodes."+name+".slot", nil, "name", n.Slot)
		}
		for _, slot := range sorted(n.Slots) {
			if _, known := c.d.Slots[slot]; n.Type == Set && !known {
				c.add("F13", Error, name, "nodes."+name+".slots."+slot, nil, "name", slot)
			}
		}
	}
	return len(c.problems) == before
}

// walk returns the nodes reachable from some, with the way to each, over edges
// that pass. A cut edge is not taken.
func (c *checking) walk(from string, takes func(node string, e edge) bool) map[string][]string {
	ways := map[string][]string{from: {from}}
	queue := []string{from}
	for len(queue) > 0 {
		name := queue[0]
		queue = queue[1:]
		for _, e := range c.d.Nodes[name].edges() {
			if _, seen := ways[e.to]; seen || takes != nil && !takes(name, e) {
				continue
			}
			ways[e.to] = append(slices.Clone(ways[name]), e.to)
			queue = append(queue, e.to)
		}
	}
	return ways
}

// reached checks F04, F05 and F26.
func (c *checking) reached() {
	ways := c.walk(c.d.Entry, nil)
	person := false
	for _, name := range sorted(c.d.Nodes) {
		way, reachable := ways[name]
		if !reachable {
			c.add("F04", Error, name, "nodes."+name, nil)
			continue
		}
		n := c.d.Nodes[name]
		person = person || n.Type == Handover || n.Type == Ticket
		ends := false
		for other := range c.walk(name, nil) {
			kind := c.d.Nodes[other].Type
			ends = ends || kind == End || kind == Handover
		}
		if !ends {
			c.add("F05", Error, name, "nodes."+name, way)
		}
		if n.Type == Ticket && c.d.Nodes[n.Next].Type != End {
			c.add("F33", Error, name, "nodes."+name+".next", way)
		}
	}
	if !person {
		c.add("F26", Error, "", "nodes", nil)
	}
}

// loops checks F06: a circle in which the customer never speaks; and F07: one
// that asks for ever.
func (c *checking) loops() {
	for _, name := range sorted(c.d.Nodes) {
		if c.d.Nodes[name].waits() {
			continue
		}
		if way := c.circle(name, func(node string, _ edge) bool { return !c.d.Nodes[node].waits() }); way != nil {
			c.add("F06", Error, name, "nodes."+name, way)
			break // the others of the circle tell the same
		}
	}
	// Without the ways out that patience has, a circle must not be left with
	// none: some wait in it gives up to somewhere else.
	for _, name := range sorted(c.d.Nodes) {
		n := c.d.Nodes[name]
		if n.Type != AskNode && n.Type != Choose && n.Type != Confirm {
			continue
		}
		back := c.walk(n.Giveup, nil)
		if _, circles := back[name]; !circles {
			continue
		}
		if way := c.circle(name, func(node string, e edge) bool { return node != name || e.kind == "giveup" }); way != nil {
			onlyGiveups := true
			for i := 0; i+1 < len(way); i++ {
				onlyGiveups = onlyGiveups && c.d.Nodes[way[i]].Giveup == way[i+1]
			}
			if onlyGiveups {
				c.add("F07", Error, name, "nodes."+name+".giveup", way)
			}
		}
	}
}

// circle returns a way from a node back to itself.
func (c *checking) circle(from string, takes func(string, edge) bool) []string {
	for _, e := range c.d.Nodes[from].edges() {
		if !takes(from, e) {
			continue
		}
		if way, ok := c.walk(e.to, takes)[from]; ok {
			return append([]string{from}, way...)
		}
	}
	return nil
}

// ways checks F08 to F10: what must not lead back to itself, and constant
// branches.
func (c *checking) ways() {
	for _, name := range sorted(c.d.Nodes) {
		n := c.d.Nodes[name]
		if n.Giveup == name || n.Stuck == name || n.Fail == name {
			c.add("F09", Error, name, "nodes."+name, nil)
		}
		for i, one := range n.Cases {
			if e, err := c.p.Expr(one.When); err == nil && e.Constant {
				c.add("F08", Warning, name, "nodes."+name+".cases["+itoa(i)+"].when", nil)
			}
		}
		if n.Type != Call {
			continue
		}
		if n.Errors["else"] == "" {
			c.add("F10", Error, name, "nodes."+name+".errors.else", nil)
		}
		for _, code := range sorted(n.Errors) {
			quiet := func(node string, _ edge) bool { return !c.d.Nodes[node].waits() }
			if way, ok := c.walk(n.Errors[code], quiet)[name]; ok {
				c.add("F10", Error, name, "nodes."+name+".errors."+code, append([]string{name}, way...))
			}
		}
	}
}

// spot is an expression and where it stands.
type spot struct {
	node, path, source string
	kind               string // "bool", "list" or ""
}

func (c *checking) spots() (all []spot) {
	if c.d.Guard != "" {
		all = append(all, spot{"", "guard", c.d.Guard, "bool"})
	}
	for i, s := range c.d.Starts {
		if s.When != "" {
			all = append(all, spot{"", "starts[" + itoa(i) + "].when", s.When, "bool"})
		}
	}
	for _, name := range sorted(c.d.Slots) {
		if valid := c.d.Slots[name].Valid; valid != "" {
			all = append(all, spot{"", "slots." + name + ".valid", valid, "bool"})
		}
	}
	for _, name := range sorted(c.d.Nodes) {
		all = append(all, c.d.Nodes[name].spots(name)...)
	}
	return all
}

// spots are a node's expressions.
func (n *Node) spots(name string) (all []spot) {
	at := "nodes." + name + "."
	for i, one := range n.Cases {
		all = append(all, spot{name, at + "cases[" + itoa(i) + "].when", one.When, "bool"})
	}
	if n.From != "" {
		all = append(all, spot{name, at + "from", n.From, "list"})
	}
	if n.Subject != "" {
		all = append(all, spot{name, at + "subject", n.Subject, ""})
	}
	for field, m := range map[string]map[string]string{"slots": n.Slots, "with": n.With, "fields": n.Fields} {
		for _, key := range sorted(m) {
			all = append(all, spot{name, at + field + "." + key, m[key], ""})
		}
	}
	slices.SortFunc(all, func(a, b spot) int { return strings.Compare(a.path, b.path) })
	return all
}

// expressions checks F11.
func (c *checking) expressions() {
	for _, s := range c.spots() {
		e, err := c.p.Expr(s.source)
		if err != nil {
			c.add("F11", Error, s.node, s.path, nil, "why", firstLine(err))
			continue
		}
		switch {
		case s.kind == "bool" && !e.Bool():
			c.add("F11", Error, s.node, s.path, nil, "why", "not true or false")
		case s.kind == "list" && !e.List():
			c.add("F11", Error, s.node, s.path, nil, "why", "not a list")
		case e.Worst > estimateLimit:
			c.add("F11", Error, s.node, s.path, nil, "why", "too much to compute")
		}
		for _, path := range append(slices.Clone(e.Reads), e.Guarded...) {
			if slot, ok := strings.CutPrefix(path, "slots."); ok {
				slot, _, _ = strings.Cut(slot, ".")
				if _, known := c.d.Slots[slot]; !known {
					c.add("F11", Error, s.node, s.path, nil, "why", "no slot "+slot)
				}
			}
		}
	}
}

func firstLine(err error) string {
	line, _, _ := strings.Cut(strings.TrimPrefix(err.Error(), "ERROR: "), "\n")
	return line
}

// slots checks F25 and F27 and the questions of slots.
func (c *checking) slots() {
	for _, name := range sorted(c.d.Slots) {
		s := c.d.Slots[name]
		if s.Pattern != "" {
			if _, err := regexp.Compile(s.Pattern); err != nil {
				c.add("F25", Error, "", "slots."+name+".pattern", nil)
			}
		}
	}
	if t := duration(c.d.Silence, usualSilence); t < time.Minute || t > 24*time.Hour {
		c.add("F27", Error, "", "silence", nil)
	}
	for _, name := range sorted(c.d.Nodes) {
		n := c.d.Nodes[name]
		if n.Type == AskNode && n.Text == nil && c.d.Slots[n.Slot].Ask == nil {
			c.add("F34", Error, name, "nodes."+name+".text", nil, "name", n.Slot)
		}
	}
}
