package flow

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"slices"
	"sync"
	"time"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/checker"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"google.golang.org/protobuf/types/known/structpb"
)

// The limits of an expression: what one may cost at run time, what one may be
// estimated to cost at worst, and how long what it looks at is taken to be.
const (
	costLimit      = 10_000
	estimateLimit  = 10_000
	longestText    = 2_000
	longestListing = 200
)

// roots are the names expressions and templates may begin with.
var roots = []string{"slots", "data", "conv", "customer", "verified"}

// env is made when the first expression is compiled: it takes a few
// milliseconds, and a desk without flows needs none.
var env = sync.OnceValues(func() (*cel.Env, error) {
	open := cel.MapType(cel.StringType, cel.DynType)
	options := []cel.EnvOption{cel.Variable("now", cel.TimestampType), cel.CrossTypeNumericComparisons(true)}
	for _, root := range roots {
		options = append(options, cel.Variable(root, open))
	}
	return cel.NewEnv(options...)
})

// Expr is a compiled expression.
type Expr struct {
	source  string
	program cel.Program
	output  *cel.Type
	// Reads are the paths it looks at, "slots.order" or "data.order.status";
	// Guarded are those it asks has() of first.
	Reads, Guarded []string
	// Constant is set if it looks at nothing.
	Constant bool
	// Worst is the most it can cost.
	Worst uint64
}

// Compile compiles an expression.
func Compile(source string) (*Expr, error) {
	shared, err := env()
	if err != nil {
		return nil, err
	}
	tree, issues := shared.Compile(source)
	if issues.Err() != nil {
		return nil, issues.Err()
	}
	program, err := shared.Program(tree, cel.CostLimit(costLimit))
	if err != nil {
		return nil, err
	}
	e := &Expr{source: source, program: program, output: tree.OutputType()}
	if estimate, err := shared.EstimateCost(tree, sizes{}); err == nil {
		e.Worst = estimate.Max
	} else {
		e.Worst = math.MaxUint64
	}
	e.look(tree.NativeRep().Expr())
	slices.Sort(e.Reads)
	e.Reads = slices.Compact(e.Reads)
	e.Constant = len(e.Reads) == 0 && !e.timed(tree.NativeRep().Expr())
	return e, nil
}

// timed reports whether an expression asks for the time.
func (e *Expr) timed(x ast.Expr) (found bool) {
	ast.PostOrderVisit(x, ast.NewExprVisitor(func(x ast.Expr) {
		found = found || x.Kind() == ast.IdentKind && x.AsIdent() == "now"
	}))
	return found
}

// look gathers the paths an expression reads.
func (e *Expr) look(x ast.Expr) {
	inner := map[int64]bool{} // operands of a longer path
	var paths []ast.Expr
	ast.PostOrderVisit(x, ast.NewExprVisitor(func(x ast.Expr) {
		if x.Kind() != ast.SelectKind {
			return
		}
		inner[x.AsSelect().Operand().ID()] = true
		paths = append(paths, x)
	}))
	for _, p := range paths {
		path, ok := pathOf(p)
		if !ok {
			continue
		}
		if p.AsSelect().IsTestOnly() {
			e.Guarded = append(e.Guarded, path)
		} else if !inner[p.ID()] {
			e.Reads = append(e.Reads, path)
		}
	}
}

// pathOf writes a chain of selections: "data.order.status".
func pathOf(x ast.Expr) (string, bool) {
	switch x.Kind() {
	case ast.IdentKind:
		return x.AsIdent(), slices.Contains(roots, x.AsIdent())
	case ast.SelectKind:
		before, ok := pathOf(x.AsSelect().Operand())
		return before + "." + x.AsSelect().FieldName(), ok
	}
	return "", false
}

// sizes are what the estimate takes texts and lists to be at most.
type sizes struct{}

// EstimateSize says how long a value may be.
func (sizes) EstimateSize(node checker.AstNode) *checker.SizeEstimate {
	if node.Type().Kind() == types.StringKind {
		return &checker.SizeEstimate{Max: longestText}
	}
	return &checker.SizeEstimate{Max: longestListing}
}

// EstimateCallCost leaves calls at their usual cost.
func (sizes) EstimateCallCost(string, string, *checker.AstNode, []checker.AstNode) *checker.CallEstimate {
	return nil
}

// Bool reports whether the expression can be a condition, List whether it can
// be a list.
func (e *Expr) Bool() bool {
	return e.output.IsExactType(cel.BoolType) || e.output.IsExactType(cel.DynType)
}

// List reports whether the expression can be a list.
func (e *Expr) List() bool {
	return e.output.Kind() == types.ListKind || e.output.IsExactType(cel.DynType)
}

// Scene is what expressions and templates see.
type Scene map[string]any

// Eval computes the expression. What it names and is not there is an error.
func (e *Expr) Eval(scene Scene) (any, error) {
	out, _, err := e.program.Eval(map[string]any(scene))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", e.source, err)
	}
	return plain(out)
}

// True computes a condition; an error is false.
func (e *Expr) True(scene Scene) (bool, error) {
	v, err := e.Eval(scene)
	if err != nil {
		return false, err
	}
	truth, ok := v.(bool)
	if !ok {
		return false, errors.New(e.source + ": not a condition")
	}
	return truth, nil
}

// plain turns a value of CEL into one of JSON.
func plain(v ref.Val) (any, error) {
	switch of := v.(type) {
	case types.Null:
		return nil, nil
	case types.Bool:
		return bool(of), nil
	case types.String:
		return string(of), nil
	case types.Double:
		return float64(of), nil
	case types.Int:
		return float64(of), nil
	case types.Uint:
		return float64(of), nil
	case types.Timestamp:
		return of.Time.UTC().Format(time.RFC3339), nil
	case types.Duration:
		return of.Duration.String(), nil
	}
	if unknown, ok := v.(*types.Err); ok {
		return nil, unknown
	}
	native, err := v.ConvertToNative(reflect.TypeFor[*structpb.Value]())
	if err != nil {
		return nil, err
	}
	value, ok := native.(*structpb.Value)
	if !ok {
		return nil, fmt.Errorf("no value of JSON: %T", native)
	}
	return value.AsInterface(), nil
}
