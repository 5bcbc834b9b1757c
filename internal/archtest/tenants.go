package archtest

import (
	"go/ast"
	"go/token"
	"io/fs"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// acrossTenants are the storage functions whose SQL names no workspace although
// it touches a tenant's table, each with its reason. The key is
// "inboxdb.Store.Reconcile". What they read tells them whose it is.
var acrossTenants = map[string]string{
	"accessdb.Store.Accept":      "the token names the invitation",
	"accessdb.Store.setPassword": "a new password ends an account's sessions wherever they are",
	"accessdb.Store.EndSession":  "an account's sessions are its own in every workspace",
	"inboxdb.Store.CountOf":      "its condition begins with what the scope sees",
	"inboxdb.Store.Stranded":     "a number of the installation, for the operator",
	"staffdb.Roster.all":         "its condition is its callers', and begins with the workspace",
	"ticketdb.Store.Stranded":    "a number of the installation, for the operator",
}

// tenantTables reads the migrations and returns the tables that have rows of
// tenants: those with a column workspace_id.
func tenantTables(root fs.FS) ([]string, error) {
	files, err := fs.Glob(root, "internal/store/migrations/*.sql")
	if err != nil {
		return nil, err
	}
	var tables []string
	for _, file := range files {
		text, err := fs.ReadFile(root, file)
		if err != nil {
			return nil, err
		}
		for _, found := range createTable.FindAllStringSubmatch(string(text), -1) {
			if strings.Contains(found[2], "workspace_id") {
				tables = append(tables, found[1])
			}
		}
	}
	return tables, nil
}

var (
	createTable = regexp.MustCompile(`(?s)CREATE TABLE (\w+) \((.*?)\n\);`)
	statement   = regexp.MustCompile(`^\s*(SELECT|UPDATE|DELETE|WITH)\b`)
	mentioned   = regexp.MustCompile(`\b(?:FROM|JOIN|UPDATE|INTO)\s+(\w+)`)
)

// checkTenants reports SQL of storage that touches a tenant's table in a
// function that nowhere asks for the workspace: taking a scope is not enough, it
// has to be used.
func checkTenants(s source, tables []string) []Violation {
	if s.test || s.ring != "storage" {
		return nil
	}
	var found []Violation
	for _, declared := range s.file.Decls {
		fn, ok := declared.(*ast.FuncDecl)
		if !ok || fn.Body == nil {
			continue
		}
		name := s.file.Name.Name + "." + receiver(fn) + fn.Name.Name
		if acrossTenants[name] != "" {
			continue
		}
		texts, asks := sqlOf(fn)
		if asks {
			continue
		}
		for _, text := range texts {
			for _, of := range mentioned.FindAllStringSubmatch(text.value, -1) {
				if slices.Contains(tables, of[1]) {
					found = append(found, s.violationAt(text.at, "tenants", "%s reads or changes %s of any workspace", name, of[1]))
					break
				}
			}
		}
	}
	return found
}

type sqlText struct {
	value string
	at    token.Pos
}

// sqlOf returns the SQL statements written in a function, and whether any of its
// texts names the workspace.
func sqlOf(fn *ast.FuncDecl) (texts []sqlText, asks bool) {
	ast.Inspect(fn.Body, func(node ast.Node) bool {
		literal, ok := node.(*ast.BasicLit)
		if !ok || literal.Kind != token.STRING {
			return true
		}
		// A literal the parser accepted can be unquoted.
		value, err := strconv.Unquote(literal.Value)
		if err != nil {
			return true
		}
		asks = asks || strings.Contains(value, "workspace_id")
		if statement.MatchString(value) {
			texts = append(texts, sqlText{value, literal.Pos()})
		}
		return true
	})
	return texts, asks
}
