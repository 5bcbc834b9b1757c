package flow

import (
	"slices"
	"strings"

	"everdesk/internal/knowledge"
)

// wording is a text and where it stands.
type wording struct {
	node, path string
	text       Text
}

func (c *checking) wordings() (all []wording) {
	add := func(node, path string, t Text) {
		if t != nil {
			all = append(all, wording{node, path, t})
		}
	}
	add("", "title", c.d.Title)
	for _, name := range sorted(c.d.Slots) {
		s := c.d.Slots[name]
		add("", "slots."+name+".ask", s.Ask)
		add("", "slots."+name+".again", s.Again)
		add("", "slots."+name+".invalid", s.Invalid)
	}
	for _, name := range sorted(c.d.Nodes) {
		n, at := c.d.Nodes[name], "nodes."+name+"."
		add(name, at+"text", n.Text)
		add(name, at+"label", n.Label)
		for i, o := range n.Options {
			add(name, at+"options["+itoa(i)+"].label", o.Label)
		}
		for i, s := range n.Steps {
			add(name, at+"steps["+itoa(i)+"].text", s.Text)
			add(name, at+"steps["+itoa(i)+"].alt", s.Alt)
			if s.Image != "" && s.Alt == nil {
				c.add("F28", Error, name, at+"steps["+itoa(i)+"].alt", nil)
			}
		}
	}
	return all
}

// speaks reports whether a text has words for a language, or for its base.
func (t Text) speaks(tag string) bool {
	base, _, _ := strings.Cut(tag, "-")
	return t[tag] != "" || t[base] != ""
}

// texts checks F14, F15 and F21.
func (c *checking) texts() {
	for _, w := range c.wordings() {
		for _, tag := range c.world.Locales {
			if !w.text.speaks(tag) {
				c.add("F14", Error, w.node, w.path, nil, "language", tag)
			}
		}
		for _, tag := range sorted(w.text) {
			if _, err := ParseTemplate(w.text[tag]); err != nil {
				c.add("F15", Error, w.node, w.path+"."+tag, nil, "why", err.Error())
			}
		}
	}
	for _, name := range sorted(c.d.Nodes) {
		c.options(name, c.d.Nodes[name])
	}
}

// options checks that what is chosen from can be told apart in every language.
func (c *checking) options(name string, n *Node) {
	values := map[string]bool{}
	for i, o := range n.Options {
		path := "nodes." + name + ".options[" + itoa(i) + "]"
		if values[o.Value] {
			c.add("F21", Error, name, path+".value", nil)
		}
		values[o.Value] = true
		for _, tag := range sorted(o.Label) {
			if len([]rune(o.Label[tag])) > 80 {
				c.add("F21", Error, name, path+".label."+tag, nil)
			}
			for _, other := range n.Options[:i] {
				if knowledge.Fold(other.Label[tag]) == knowledge.Fold(o.Label[tag]) {
					c.add("F21", Error, name, path+".label."+tag, nil)
				}
			}
		}
	}
	if slot := c.d.Slots[n.Slot]; n.Type == Choose && slot.Type == "choice" && slot.Options != nil {
		for i, o := range n.Options {
			if !slices.Contains(slot.Options, o.Value) {
				c.add("F21", Error, name, "nodes."+name+".options["+itoa(i)+"].value", nil)
			}
		}
	}
}

// uses are the paths a node looks at, by where: expressions and texts alike,
// without those it asks for first.
func (c *checking) uses(name string) (paths []used) {
	n := c.d.Nodes[name]
	for _, s := range n.spots(name) {
		e, err := c.p.Expr(s.source)
		if err != nil {
			continue
		}
		for _, path := range e.Reads {
			if !slices.ContainsFunc(e.Guarded, func(g string) bool { return path == g || strings.HasPrefix(path, g+".") }) {
				paths = append(paths, used{s.path, path})
			}
		}
	}
	texts := []wording{{name, "nodes." + name + ".text", n.Text}}
	for i, s := range n.Steps {
		texts = append(texts, wording{name, "nodes." + name + ".steps[" + itoa(i) + "].text", s.Text})
	}
	for _, w := range texts {
		for _, tag := range sorted(w.text) {
			t, err := ParseTemplate(w.text[tag])
			if err != nil {
				continue
			}
			reads, _ := t.Reads()
			for _, path := range reads {
				paths = append(paths, used{w.path + "." + tag, path})
			}
		}
	}
	return paths
}

type used struct{ where, path string }
