package archtest

import (
	"go/ast"
	"slices"
	"strings"
)

// pure are the rings whose code decides: given the same arguments it does the
// same, so the time is one of them.
var pure = []string{"kernel", "contract", "noun", "part", "engine"}

// movesBytes are the packages a decision has no business with.
var movesBytes = map[string]string{
	"net/http":     "transport belongs to httpapi or to an adapter",
	"database/sql": "SQL belongs to the feature's db package",
	"os":           "files and the environment are read by app and config",
	"os/exec":      "a decision starts no program",
	"net":          "a decision opens no connection",
}

// clock are the functions of package time that read or wait for the clock.
var clock = []string{"Now", "Since", "Until", "Sleep", "After", "AfterFunc", "Tick", "NewTimer", "NewTicker"}

// checkPurity holds decisions to their arguments.
func checkPurity(s source) []Violation {
	if s.test || !slices.Contains(pure, s.ring) {
		return nil
	}
	var found []Violation
	for _, spec := range s.imports() {
		if why := movesBytes[imported(spec)]; why != "" {
			found = append(found, s.violationAt(spec.Pos(), "purity", "%s (%s) imports %s: %s", s.dir, s.ring, imported(spec), why))
		}
	}
	for _, call := range selections(s, "time", clock) {
		found = append(found, s.violationAt(call.Pos(), "purity", "%s (%s) uses time.%s: take the time as a parameter", s.dir, s.ring, call.Sel.Name))
	}
	return found
}

// selections returns the uses of pkg.Name for any of the names.
func selections(s source, pkg string, names []string) []*ast.SelectorExpr {
	local := s.name(pkg)
	if local == "" {
		return nil
	}
	var found []*ast.SelectorExpr
	ast.Inspect(s.file, func(node ast.Node) bool {
		selector, ok := node.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		if of, ok := selector.X.(*ast.Ident); ok && of.Name == local && slices.Contains(names, selector.Sel.Name) {
			found = append(found, selector)
		}
		return true
	})
	return found
}

// vague are package names that say where code went when nobody knew what it was.
var vague = []string{"util", "utils", "common", "model", "models", "manager", "service", "services", "helper", "helpers", "types", "misc", "base", "impl"}

// checkNames reports packages with a name that says nothing.
func checkNames(s source) []Violation {
	if name := s.file.Name.Name; slices.Contains(vague, strings.TrimSuffix(name, "_test")) {
		return []Violation{s.violation("names", "package %s says nothing: name it for what it does", name)}
	}
	return nil
}

// checkTests reports tests that sleep or skip. Inside a synctest bubble sleeping
// is instant; a missing counterpart goes through storetest.Missing, which fails
// where it is required.
func checkTests(s source) []Violation {
	if !s.test {
		return nil
	}
	var found []Violation
	if s.name("testing/synctest") == "" {
		for _, call := range selections(s, "time", []string{"Sleep"}) {
			found = append(found, s.violationAt(call.Pos(), "tests", "a test waits for what it needs, it does not sleep"))
		}
	}
	ast.Inspect(s.file, func(node ast.Node) bool {
		call, ok := node.(*ast.CallExpr)
		if !ok {
			return true
		}
		selector, ok := call.Fun.(*ast.SelectorExpr)
		if !ok || !slices.Contains([]string{"Skip", "Skipf", "SkipNow"}, selector.Sel.Name) {
			return true
		}
		if on, ok := selector.X.(*ast.Ident); ok && (on.Name == "t" || on.Name == "tb" || on.Name == "b" || on.Name == "f") {
			found = append(found, s.violationAt(call.Pos(), "tests", "a test does not skip: say what is missing with storetest.Missing"))
		}
		return true
	})
	return found
}
