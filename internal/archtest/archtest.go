// Package archtest keeps the source honest: who may import whom, what decisions
// may not touch, which storage functions must be told their tenant and ask for
// it, how long a file may grow and what a test may not do. Its test runs the rules over the
// repository; docs/adr/0001 argues for them.
//
// The source is read and parsed here, in the process of the test, and not asked
// of the go command: so go test sees every file that was read and never answers
// a changed import from its cache.
package archtest

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"slices"
	"strings"
)

// Module is the module path the rules are written for.
const Module = "everdesk"

// A Violation is one place that breaks a rule.
type Violation struct {
	// File is the place, relative to the root of the repository, with a line
	// where there is one: "internal/ticket/close.go:12".
	File string
	// Rule names the rule: "rings", "purity", "scope", "tenants", "length",
	// "names", "tests".
	Rule string
	// Text says what is wrong.
	Text string
}

// String is how a violation is reported.
func (v Violation) String() string { return v.File + ": " + v.Rule + ": " + v.Text }

// source is one Go file as the rules see it.
type source struct {
	path string // "internal/ticket/close.go"
	dir  string // "internal/ticket"
	ring string
	test bool
	set  *token.FileSet
	file *ast.File
}

func (s source) violation(rule, format string, args ...any) Violation {
	return Violation{s.path, rule, fmt.Sprintf(format, args...)}
}

func (s source) violationAt(pos token.Pos, rule, format string, args ...any) Violation {
	at := fmt.Sprintf("%s:%d", s.path, s.set.Position(pos).Line)
	return Violation{at, rule, fmt.Sprintf(format, args...)}
}

// imports returns the paths the file imports.
func (s source) imports() []*ast.ImportSpec { return s.file.Imports }

func imported(spec *ast.ImportSpec) string { return strings.Trim(spec.Path.Value, `"`) }

// name returns the name under which the file knows an imported package, or "".
func (s source) name(pkg string) string {
	for _, spec := range s.imports() {
		if imported(spec) != pkg {
			continue
		}
		if spec.Name != nil {
			return spec.Name.Name
		}
		return path.Base(pkg)
	}
	return ""
}

// Check applies every rule to the tree at root and returns what breaks one, in
// the order of the files.
func Check(root fs.FS) ([]Violation, error) {
	var found []Violation
	tables, err := tenantTables(root)
	if err != nil {
		return nil, err
	}
	err = fs.WalkDir(root, ".", func(file string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			return enter(root, file, entry)
		}
		if !measured(file) {
			return nil
		}
		text, err := fs.ReadFile(root, file)
		if err != nil {
			return err
		}
		found = append(found, checkLength(file, text)...)
		if !strings.HasSuffix(file, ".go") {
			return nil
		}
		set := token.NewFileSet()
		parsed, err := parser.ParseFile(set, file, text, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		s := source{
			path: file, dir: path.Dir(file), ring: ringOf(path.Dir(file)),
			test: strings.HasSuffix(file, "_test.go"), set: set, file: parsed,
		}
		for _, rule := range []func(source) []Violation{checkRings, checkPurity, checkScope, checkNames, checkTests} {
			found = append(found, rule(s)...)
		}
		found = append(found, checkTenants(s, tables)...)
		return nil
	})
	slices.SortStableFunc(found, func(a, b Violation) int { return strings.Compare(a.File, b.File) })
	return found, err
}

// enter skips what is not source of this module: installed packages, build
// output, hidden folders, test data and nested modules.
func enter(root fs.FS, dir string, entry fs.DirEntry) error {
	if dir == "." {
		return nil
	}
	name := entry.Name()
	if strings.HasPrefix(name, ".") || slices.Contains([]string{"node_modules", "dist", "testdata"}, name) ||
		slices.Contains([]string{"bin", "data"}, dir) {
		return fs.SkipDir
	}
	if _, err := fs.Stat(root, path.Join(dir, "go.mod")); err == nil {
		return fs.SkipDir
	}
	return nil
}
