package archtest

import "go/ast"

// unscoped are the storage functions that take no access.Scope, each with its
// reason. The key is "accessdb.Store.Sign". There are few: what belongs to the
// installation and not to a tenant, and what finds out whose request it is.
var unscoped = map[string]string{
	"channeldb.Store.ByKey":   "finds out whose widget a public key is",
	"ticketdb.Store.Sweep":    "one look finds what is due in every workspace; each ticket is then moved under its own scope",
	"ticketdb.Store.Stranded": "counts for the metrics of the installation",
	"auditdb.Store.ChainAll":  "one leased pass chains the record of every workspace",

	"accessdb.Store.SignIn":          "finds out whose request it is",
	"accessdb.Store.SessionScope":    "finds out whose request it is",
	"accessdb.Store.KeyScope":        "finds out whose request it is",
	"accessdb.Store.Invited":         "the token names the invitation",
	"accessdb.Store.Accept":          "the token names the workspace",
	"accessdb.Store.Forgot":          "accounts belong to the installation",
	"accessdb.Store.Reset":           "accounts belong to the installation",
	"accessdb.Store.Profile":         "the caller's own account",
	"accessdb.Store.ChangeMe":        "the caller's own account",
	"accessdb.Store.ChangePassword":  "the caller's own account",
	"accessdb.Store.Sessions":        "the caller's own account",
	"accessdb.Store.EndSession":      "the caller's own account",
	"accessdb.Store.Switch":          "the caller's own account",
	"accessdb.Store.SetupToken":      "there is no workspace yet",
	"accessdb.Store.SetupNeeded":     "there is no workspace yet",
	"accessdb.Store.Setup":           "there is no workspace yet",
	"accessdb.Store.Found":           "makes the workspace",
	"accessdb.Store.WorkspaceBySlug": "the command line names a workspace by its slug",
	"accessdb.Store.HandleMail":      "the job holds the whole mail",
	"accessdb.Store.Sweep":           "what has expired in every workspace",
	"customerdb.Store.Visitor":       "finds out whose request it is",
	"flowdb.Store.Sweep":             "what has expired in every workspace",
	"knowledgedb.Store.HandleImport": "the job names its workspace",
	"inboxdb.Store.Assign":           "serves every queue of the installation, each within its own workspace",
	"inboxdb.Store.Reconcile":        "one indexed query over the installation; each repair is within its own workspace",
	"inboxdb.Store.Stranded":         "a number of the installation, for the operator",
	"searchdb.Store.Prepare":         "each event names its workspace",
	"searchdb.Store.Refill":          "looks for the workspaces whose index is to be made; each is then filled under its own scope",
	"searchdb.Store.HandleFill":      "the job names its workspace",
	"searchdb.Store.HandleAgain":     "the job names its workspace",
	"nludb.Store.TrainAll":           "trains what waits in any workspace, each under its own scope",
	"inboxdb.Store.FoldCounts":       "adds up rows of every workspace's counts, each within its own",
	"inboxdb.Store.SettleCounts":     "a repair over the installation, grouped by the workspace",
	"inboxdb.Store.Recount":          "a repair over the installation, joined on the workspace",
}

// checkScope reports exported storage functions that could reach a tenant's data
// without being told whose: they take a context, so they do something, and no
// access.Scope.
func checkScope(s source) []Violation {
	if s.test || s.ring != "storage" {
		return nil
	}
	var found []Violation
	for _, declared := range s.file.Decls {
		fn, ok := declared.(*ast.FuncDecl)
		if !ok || !fn.Name.IsExported() || !takes(s, fn, "context", "Context") {
			continue
		}
		name := s.file.Name.Name + "." + receiver(fn) + fn.Name.Name
		if takes(s, fn, Module+"/internal/access", "Scope") || unscoped[name] != "" {
			continue
		}
		found = append(found, s.violationAt(fn.Pos(), "scope", "%s takes no access.Scope: whose data may it touch?", name))
	}
	return found
}

// takes reports whether a function has a parameter of type pkg.name.
func takes(s source, fn *ast.FuncDecl, pkg, name string) bool {
	local := s.name(pkg)
	for _, field := range fn.Type.Params.List {
		selector, ok := field.Type.(*ast.SelectorExpr)
		if !ok || selector.Sel.Name != name {
			continue
		}
		if of, ok := selector.X.(*ast.Ident); ok && local != "" && of.Name == local {
			return true
		}
	}
	return false
}

// receiver returns "Store." for a method of Store or *Store, "" for a function.
func receiver(fn *ast.FuncDecl) string {
	if fn.Recv == nil || len(fn.Recv.List) == 0 {
		return ""
	}
	of := fn.Recv.List[0].Type
	if pointer, ok := of.(*ast.StarExpr); ok {
		of = pointer.X
	}
	if named, ok := of.(*ast.Ident); ok {
		return named.Name + "."
	}
	return ""
}
