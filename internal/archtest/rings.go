package archtest

import (
	"path"
	"slices"
	"strings"
)

// rings says which ring a package belongs to. The first matching pattern wins,
// so the narrow patterns come first. A package in no ring is a violation: a new
// one is placed here by whoever makes it.
var rings = []struct{ ring, patterns string }{
	{"main", "cmd/*"},
	{"assets", "web web/* packs packs/*"},
	{"app", "internal/app"},
	{"config", "internal/config"},
	{"tool", "internal/bench internal/exam internal/demo internal/doctor internal/drill internal/archtest internal/*/*test internal/*test"},
	{"storage", "internal/*/*db internal/*/*/*db"},
	{"transport", "internal/httpapi internal/helpcenter"},
	{"adapter", "internal/channel/* internal/ai/* internal/connector/*"},
	{"platform", "internal/store internal/store/* internal/job internal/realtime internal/backup internal/blob internal/gateway internal/seal internal/observe internal/outbound internal/redis"},
	{"part", "internal/bot/* internal/voice/*"},
	{"engine", "internal/routing internal/bot internal/automation internal/continuity internal/voice internal/notify internal/insight"},
	{"contract", "internal/channel internal/ai internal/connector"},
	{"noun", "internal/customer internal/staff internal/inbox internal/ticket internal/sla internal/calendar internal/knowledge internal/survey internal/access internal/audit internal/search internal/training"},
	{"kernel", "internal/id internal/fault internal/event internal/locale internal/commit internal/page"},
}

// may lists, for each ring, the rings it may import. A ring that is absent from
// its own row may not import its siblings: no engine another engine, no adapter
// another adapter, no storage another feature's storage.
var may = map[string]string{
	"kernel":    "kernel",
	"contract":  "kernel",
	"noun":      "kernel",
	"part":      "kernel contract noun",
	"engine":    "kernel contract noun",
	"adapter":   "kernel",
	"platform":  "kernel platform",
	"storage":   "kernel contract noun engine platform",
	"transport": "kernel contract noun engine",
	"config":    "kernel",
	"assets":    "assets",
	"app":       "kernel contract noun part engine adapter platform storage transport config assets",
	"tool":      "kernel contract noun part engine adapter platform storage transport config assets app tool",
	"main":      "app config tool",
}

// edges are the imports allowed beside the table, each with its reason. A noun
// that knows another noun is here or it is a violation.
var edges = map[[2]string]string{
	{"internal/staff", "internal/access"}:             "a member of staff has a role and a reach",
	{"internal/search", "internal/inbox"}:             "what is found are conversations and their entries",
	{"internal/staff", "internal/access"}:             "a member of staff has a role and a reach",
	{"internal/bot/catalogue", "internal/bot/entity"}: "a question about products names products and values",
	{"internal/bot/assist", "internal/bot/entity"}:    "what is personal in a prompt is found and masked",
}

func ringOf(dir string) string {
	for _, r := range rings {
		for pattern := range strings.FieldsSeq(r.patterns) {
			// The patterns are constants of this file, and well formed.
			if ok, _ := path.Match(pattern, dir); ok {
				return r.ring
			}
		}
	}
	return ""
}

// checkRings reports imports against the table. Tests may import what they
// like: they stand outside the program.
func checkRings(s source) []Violation {
	if s.ring == "" {
		return []Violation{s.violation("rings", "package %s is in no ring: place it in internal/archtest/rings.go", s.dir)}
	}
	if s.test {
		return nil
	}
	var found []Violation
	for _, spec := range s.imports() {
		to, ours := strings.CutPrefix(imported(spec), Module+"/")
		if !ours || allowed(s.dir, s.ring, to, ringOf(to)) {
			continue
		}
		found = append(found, s.violationAt(spec.Pos(), "rings", "%s (%s) may not import %s (%s)", s.dir, s.ring, to, orNone(ringOf(to))))
	}
	return found
}

func allowed(from, fromRing, to, toRing string) bool {
	switch {
	case edges[[2]string{from, to}] != "":
		return true
	case toRing == "part" && path.Dir(to) == from: // an engine and its own parts
		return true
	case fromRing == "adapter" && path.Dir(from) == to: // an adapter and its contract
		return true
	case fromRing == "storage" && path.Dir(from) == to: // what it keeps
		return true
	}
	return slices.Contains(strings.Fields(may[fromRing]), toRing)
}

func orNone(ring string) string {
	if ring == "" {
		return "no ring"
	}
	return ring
}
